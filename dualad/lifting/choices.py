"""What a lifter copies, and what stands for functions that it does not copy."""

import importlib
import sys
from collections.abc import Iterator
from enum import Enum
from functools import cache, lru_cache
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np

from dualad.core.dispatch import overrides
from dualad.core.row import TABLE, declare_late
from dualad.lifting.numbers import FUNCTIONS
from dualad.numpy import counterpart
from dualad.numpy.gathering import DISPATCHER
from dualad.transforms.wrapped import Wrapped

KEPT = frozenset({"dualad", "pandas", *sys.stdlib_module_names})  # their code stays as it is
# What stands for functions without a row: they take functions, or are compiled and private.
WITHOUT_ROWS = {
    "scipy.cluster", "scipy.fftpack", "scipy.integrate", "scipy.interpolate", "scipy.linalg",
    "scipy.ndimage", "scipy.optimize", "scipy.signal", "scipy.spatial", "scipy.stats",
}  # fmt: skip
WRITTEN_IN_NUMPY = ("numpy.polynomial", "numpy.lib", "numpy.ma")
CLOSED = (
    BaseException, Enum, ModuleType, np.ma.MaskedArray, np.matrix, np.recarray, np.memmap,
    np.generic, np.ufunc, type, Wrapped,
)  # fmt: skip
COMPILED = (MethodDescriptorType, WrapperDescriptorType, ClassMethodDescriptorType)
LASTING = (FunctionType, ModuleType, BuiltinFunctionType, DISPATCHER)
# The names of the types that compilers give to functions.
FOREIGN = {"cython_function_or_method", "fused_cython_function", "fortran"}


def counterpart_of(value: Any) -> Any:
    """Return what stands for something of NumPy's or `math`'s, or for what does not dispatch."""
    try:
        found = FUNCTIONS.get(value)
    except TypeError:  # it has no hash
        return value
    found = _of_scipy(value) if found is None else found
    return counterpart(value) if found is None else found


def _of_scipy(value: Any) -> Any:
    """Return what stands for one of SciPy's functions in `dualad.scipy`, or None."""
    found = dispatching().get(value)
    module = getattr(value, "__module__", None) or ""
    if found is None and module.startswith("scipy."):
        found = _without_rows(".".join(module.split(".")[:2])).get(value)
    return found


def dispatching() -> dict[Any, Any]:
    """Return the functions that dispatch in place of others."""
    declare_late()
    return _wrapping(len(TABLE), next(reversed(TABLE)))


@lru_cache(maxsize=1)
def _wrapping(size: int, last: Any) -> dict[Any, Any]:
    """Return the functions with rows that wrap others, by these; the table has only grown."""
    plain = [function for function in list(TABLE) if type(function) is FunctionType]
    return {wrapped_by(f): f for f in plain if hasattr(f, "__wrapped__")}


def wrapped_by(function: Any) -> Any:
    """Return the function of another package that one of dualad's wraps, more than once perhaps."""
    while getattr(function, "__globals__", {}).get("__name__", "").startswith("dualad."):
        if not hasattr(function, "__wrapped__"):
            break
        function = function.__wrapped__
    return function


@cache
def _without_rows(package: str) -> dict[Any, Any]:
    """Return what stands for functions without a row, of a package of SciPy's."""
    if package not in WITHOUT_ROWS:
        return {}
    place = "scipy.fft" if package == "scipy.fftpack" else package
    module = importlib.import_module(f"dualad.{place}")
    return {own.__wrapped__: own for own in module.OWN.values()}


def is_followed(module: str) -> bool:
    """Return whether the Python functions of a module are copied."""
    root = module.partition(".")[0]
    return module.startswith(WRITTEN_IN_NUMPY) if root == "numpy" else root not in KEPT


def is_copied(cls: type) -> bool:
    """Return whether a class is copied."""
    if not is_followed(cls.__module__) or issubclass(cls, CLOSED):
        return False
    if hasattr(cls, "_fields") or not all(map(_is_made_by_calls, _family(cls))):
        return False
    if issubclass(cls, np.ndarray) and overrides(cls):  # type: ignore[arg-type]
        return False
    if isinstance(vars(cls).get("__new__"), BuiltinFunctionType):  # it is not of a class statement
        return False
    return not any(isinstance(value, COMPILED) for value in vars(cls).values())


def _is_made_by_calls(cls: type) -> bool:
    """Return whether a call of a class makes an instance, and its metaclass has no say in it."""
    return type(cls).__call__ is type.__call__


def _family(cls: type) -> Iterator[type]:
    """Yield a class and its subclasses: those that stay would not go with copies of the others."""
    yield cls
    found: list[type] = type.__subclasses__(cls)
    for subclass in found:
        yield from _family(subclass)


def is_lasting(value: Any) -> bool:
    """Return whether a copy of `value` serves for good; those of objects serve for one call."""
    return type(value) in LASTING or isinstance(value, type) or type(value).__name__ in FOREIGN


def slots(cls: type) -> list[str]:
    """Return the names of the slots that a class has of its own."""
    found = vars(cls).get("__slots__", ())
    names = [found] if isinstance(found, str) else list(found)
    private = f"_{cls.__name__.lstrip('_')}"
    return [
        private + name if name.startswith("__") and not name.endswith("__") else name
        for name in names
        if name not in ("__dict__", "__weakref__")
    ]


# Names of classes that copies do not have; a finalizer would close what the original still uses.
NOT_COPIED = {"__dict__", "__weakref__", "__init_subclass__", "_abc_impl", "__del__"}


def is_own(name: str, value: Any) -> bool:
    """Return whether a name of a class belongs into its copy."""
    made = isinstance(value, (MemberDescriptorType, GetSetDescriptorType))
    return not made and name not in NOT_COPIED
