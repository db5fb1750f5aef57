"""Python's own numbers: ``float``, ``isinstance``, `math` and `cmath` for traced values, too.

Each function here does what the one of the same name does, and keeps the derivative.
"""

import cmath
import math
from collections.abc import Callable
from functools import partial, wraps
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from dualad.core.array import TracedArray
from dualad.core.blank import unfollowed
from dualad.core.scalar import TracedScalar
from dualad.core.tracer import Tracer, strip
from dualad.rules.likes import held

NAMES = {  # in `math`, where NumPy's differ
    "acos": "arccos", "acosh": "arccosh", "asin": "arcsin", "asinh": "arcsinh", "atan": "arctan",
    "atan2": "arctan2", "atanh": "arctanh", "pow": "power", "fsum": "sum", "phase": "angle",
}  # fmt: skip
SPECIAL = {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln"}
ORIGINAL = "__lifted_from__"  # the attribute by which a copy of a class knows the original
PLAIN_NUMBERS = {float, int, bool, np.float64}
SEQUENCES = {"fsum", "prod", "dist", "sumprod"}  # their arguments are sequences of numbers
PLAIN = {  # piecewise constant, or of integers
    "ceil", "floor", "trunc", "comb", "factorial", "gcd", "isclose", "isfinite", "isinf", "isnan",
    "isqrt", "lcm", "perm",
}  # fmt: skip


def number(x: Any, target: type = float) -> Any:
    """Return a traced number, or array of one element, as a number of another type."""
    x = unfollowed(held(x))
    if not isinstance(x, TracedScalar):
        return target(x)
    if x.size != 1:
        raise TypeError("only length-1 arrays can be converted to Python scalars")
    if x.dtype.kind == "c" and target is float:
        raise TypeError("float() argument must be a string or a real number, not 'complex'")
    x = x.item()
    dtype = np.dtype(target)
    return x if x.dtype == dtype else x.astype(dtype)


def as_float(x: Any = 0.0, /) -> Any:
    """Return ``float(x)``."""
    x = _by_method(x, "__float__")
    return number(x) if isinstance(x, Tracer) else float(x)


def _by_method(x: Any, name: str) -> Any:
    """Return the traced number that a method, written in Python, makes of an object, or `x`."""
    x = held(x)
    if isinstance(x, Tracer):
        return x
    method = getattr(type(x), name, None)
    found = method(x) if isinstance(method, FunctionType) else x
    return found if isinstance(found, Tracer) else x


def as_complex(real: Any = 0.0, imag: Any = None) -> Any:
    """Return ``complex(real, imag)``."""
    real = _by_method(real, "__complex__")
    if not isinstance(real, Tracer) and not isinstance(imag, Tracer):
        return complex(real) if imag is None else complex(real, imag)
    found = number(real, complex)
    return found if imag is None else found + 1j * number(imag, complex)


def type_of(*args: Any, **kwargs: Any) -> Any:
    """Return the type of an object, of traced values that of the plain ones."""
    if len(args) == 1 and isinstance(args[0], Tracer):
        return _plain_type(args[0])
    return type(*args, **kwargs)


def _plain_type(x: Tracer) -> type:
    """Return the type that a traced value would have, were it plain."""
    if isinstance(x, TracedArray):
        return np.ndarray
    return float if x.dtype == np.dtype(float) else x.dtype.type


def numpy_type_of(*args: Any, **kwargs: Any) -> Any:
    """Return the type of an object, of traced values NumPy's."""
    if len(args) == 1 and isinstance(args[0], TracedScalar):
        return np.ndarray if isinstance(args[0], TracedArray) else args[0].dtype.type
    return type(*args, **kwargs)


def has_attribute(x: Any, name: str, /) -> bool:
    """Return whether ``hasattr(x, name)``, of traced values whether the plain ones have it."""
    if isinstance(x, Tracer):
        plain = np.ndarray if isinstance(x, TracedArray) else x.dtype.type
        return any(name in vars(cls) for cls in plain.__mro__)
    return hasattr(x, name)


def is_instance(x: Any, cls: Any) -> bool:
    """Return whether ``isinstance(x, cls)``, of traced values whether the plain ones are."""
    if isinstance(x, cls):
        return True
    if isinstance(x, Tracer):
        own = np.ndarray if isinstance(x, TracedArray) else x.dtype.type  # float64 is a float
    else:
        own = original_of(type(x))
    return issubclass(own, _originals(cls))


def is_subclass(cls: Any, base: Any) -> bool:
    """Return whether ``issubclass(cls, base)``; copies of classes count as the originals."""
    return issubclass(cls, base) or issubclass(original_of(cls), _originals(base))


def original_of(cls: Any) -> Any:
    """Return the class of which a class is a copy, or itself."""
    return vars(cls).get(ORIGINAL, cls) if isinstance(cls, type) else cls


def _originals(cls: Any) -> Any:
    """Return classes, in tuples perhaps, with originals in place of copies."""
    return tuple(map(_originals, cls)) if isinstance(cls, tuple) else original_of(cls)


def mapped(function: Any, *iterables: Any) -> Any:
    """Return ``map(function, *iterables)``."""
    return map(CALLS.get(function, function) if isinstance(function, type) else function,
               *iterables)  # fmt: skip


CALLS: dict[Any, Callable[..., Any]] = {float: as_float, complex: as_complex, type: type_of}


def _traced_or(plain: Callable[..., Any], traced: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is `plain`, and `traced` of traced values.

    The plain function is called in any case, for its errors.
    """
    convert = _items_of if plain.__name__ in SEQUENCES else _number_of

    @wraps(plain)
    def call(*args: Any, **kwargs: Any) -> Any:
        if convert is _items_of or not all(type(x) in PLAIN_NUMBERS for x in args):
            args = tuple([convert(x) for x in args])
            y = plain(*strip(args), **strip(kwargs))
            return traced(*args, **kwargs) if any(map(_is_traced, args)) else y
        return plain(*args, **kwargs)

    return call


def _number_of(x: Any) -> Any:
    """Return a traced array of one element as a number."""
    x = _by_method(x, "__float__")
    if isinstance(x, TracedArray):
        return number(x, complex if x.dtype.kind == "c" else float)
    return list(x) if isinstance(x, (list, tuple)) else x


def _items_of(x: Any) -> Any:
    """Return a sequence, or what an iterator yields, as a list."""
    return [held(item) for item in x] if getattr(x, "__iter__", None) is not None else x


def _is_traced(x: Any) -> bool:
    """Return whether `x` is traced, or a list with traced numbers."""
    return any(map(_is_traced, x)) if isinstance(x, list) else isinstance(x, Tracer)


def _special(name: str, x: Any) -> Any:
    """Return a special function of `x`."""
    import scipy.special

    return getattr(scipy.special, name)(x)


def _log(x: Any, base: Any = None) -> Any:
    """Return the logarithm."""
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _modf(x: Any) -> tuple[Any, Any]:
    """Return the parts behind and before the decimal point."""
    whole = float(np.trunc(strip(x)))
    return x - whole, whole


OTHER: dict[str, Callable[..., Any]] = {
    "log": _log,
    "modf": _modf,
    "frexp": lambda x: (x / 2.0 ** math.frexp(strip(x))[1], math.frexp(strip(x))[1]),
    "ldexp": lambda x, i: x * 2.0**i,
    "hypot": lambda *xs: np.sqrt(sum(x * x for x in xs)) if len(xs) != 2 else np.hypot(*xs),
    "dist": lambda p, q: np.sqrt(sum((a - b) * (a - b) for a, b in zip(p, q, strict=True))),
    "prod": lambda xs, start=1: math.prod([*xs], start=start),
    "sumprod": lambda p, q: sum(a * b for a, b in zip(p, q, strict=True)),
    "fsum": sum,
    "fma": lambda x, y, z: x * y + z,
    "remainder": lambda x, y: x - y * round(strip(x) / strip(y)),
    "polar": lambda x: (np.abs(x), np.angle(x)),
    "rect": lambda r, phi: r * np.exp(1j * phi),
}


def _counterpart(module: ModuleType, name: str) -> Callable[..., Any]:
    """Return what stands for a function of `math` or `cmath`."""
    plain = getattr(module, name)
    if name in PLAIN:
        return wraps(plain)(lambda *a, **named: plain(*strip([*map(held, a)]), **strip(named)))
    traced = OTHER.get(name)
    if traced is None and name in SPECIAL:
        traced = partial(_special, SPECIAL[name])
    if traced is None:
        traced = getattr(np, NAMES.get(name, name), None)
        if module is cmath and traced is not None:
            traced = _of_complex(traced)
    return plain if traced is None else _traced_or(plain, traced)


def _of_complex(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of a complex number, whose argument may be real."""
    return lambda x, *rest: function(x + 0j, *rest)


def _counterparts(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """Return what stands for the functions of a module, by name."""
    names = [name for name in dir(module) if callable(getattr(module, name)) and name[0] != "_"]
    return {name: _counterpart(module, name) for name in names}


MODULES: dict[ModuleType, dict[str, Callable[..., Any]]] = {
    module: _counterparts(module) for module in (math, cmath)
}
FUNCTIONS: dict[Any, Any] = {
    getattr(module, name): function
    for module, functions in MODULES.items()
    for name, function in functions.items()
}
