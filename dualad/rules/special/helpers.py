"""What rules of `scipy.special` share: operands without a formula, several outputs, branches."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.special import _ufuncs

from dualad.core.level import refusal
from dualad.core.product import align, checked, unbroadcast
from dualad.core.row import Row, name_of
from dualad.core.tracer import primal_value, shape_of
from dualad.errors import UnsupportedParameterError
from dualad.rules import kinds
from dualad.rules.directions import lead
from dualad.rules.kinds import general

Rule = Callable[..., Any]


class Fitted:
    """A partial in the precision of the output: SciPy widens single precision beside an integer.

    Attributes
    ----------
    partial : callable
        As it is written in the row.
    __code__ : code
        That of the partial, which tells a record what to keep.
    """

    __slots__ = ("__code__", "partial")

    def __init__(self, partial: Any) -> None:
        self.partial = partial
        self.__code__ = partial.__code__

    def __call__(self, y: Any, *operands: Any) -> Any:
        """Return the partial of an output."""
        value = self.partial(y, *operands)
        if y is not None and getattr(y, "dtype", None) in WIDE:
            return value if getattr(value, "dtype", None) not in NARROW else value.astype(y.dtype)
        if getattr(value, "dtype", None) in WIDE:  # a record may not have kept the output
            known = operands if y is None else (y,)
            dtypes = {x.dtype for x in known if hasattr(x, "dtype")}  # Python numbers have none
            if dtypes and dtypes <= NARROW:
                return value.astype(np.complex64 if value.dtype.kind == "c" else np.float32)
        return value


WIDE = {np.dtype(float), np.dtype(complex)}
NARROW = {np.dtype(np.float32), np.dtype(np.complex64)}


def elementwise(function: Rule, *partials: Any) -> Row:
    """Return an elementwise row, as `dualad.rules.kinds.elementwise`; partials keep precision."""
    return kinds.elementwise(function, *(Fitted(p) if callable(p) else p for p in partials))


def without_formula(function: Rule, operand: str) -> Rule:
    """Return the partial by an operand for which there is no formula: it raises."""
    instead = f"dualad.stop_gradient({operand}), if it is a constant,"

    def partial(*values: Any) -> Any:
        raise refusal(UnsupportedParameterError(name_of(function), f"a traced {operand}", instead))

    return partial


def by_last(function: Rule, names: str, *partials: Any) -> Row:
    """Return an elementwise row that has no formula by its first operands, called `names`."""
    return elementwise(function, *(without_formula(function, n) for n in names.split()), *partials)


def of_private(name: str, *partials: Any) -> list[Row]:
    """Return the row of a ufunc that a Python function of SciPy hands its arguments to as they are.

    So that function takes traced values, too, as long as SciPy is written like this.
    """
    function = getattr(_ufuncs, name, None)
    return [] if function is None else [elementwise(function, *partials)]


def several(function: Rule, *partials: Rule) -> Row:
    """Return the row of a ufunc with several outputs.

    For each operand, ``partial(y, *operands)`` gives the local partials of all outputs.
    """

    def jvp(partial: Rule, i: int) -> Rule:
        def push(t: Any, y: Any, *operands: Any, **ufunc: Any) -> Any:
            directions = len(lead(t, operands[i]))
            t = align(t, directions, shape_of(operands[i]), len(shape_of(y[0])))
            return tuple(
                [checked(_fitted(p, e), t) for p, e in zip(partial(y, *operands), y, strict=True)]
            )

        return push

    def vjp(partial: Rule, i: int) -> Rule:
        def pull(ct: Any, y: Any, *operands: Any, **ufunc: Any) -> Any:
            parts = zip(partial(y, *operands), ct, y, strict=True)
            found = sum(checked(_fitted(p, e), part) for p, part, e in parts)
            return unbroadcast(found, lead(ct[0], y[0]), shape_of(operands[i]))

        return pull

    return general(
        function,
        [jvp(partial, i) for i, partial in enumerate(partials)],
        [vjp(partial, i) for i, partial in enumerate(partials)],
    )


def _fitted(value: Any, y: Any) -> Any:
    """Return a partial in the precision of the output `y`."""
    return Fitted(lambda y: value)(y)


def at(places: Any, rule: Any, elsewhere: Any, operands: Any, safe: Any) -> Any:
    """Return ``rule(*operands)`` at some places, and what `elsewhere` returns at the others.

    Neither is evaluated where the other is wanted: there it gets its numbers of `safe`.
    """
    if np.all(places):
        return rule(*operands)
    if not np.any(places):
        return elsewhere(*operands)
    inner = [np.where(places, x, number) for x, number in zip(operands, safe[0], strict=True)]
    outer = [np.where(places, number, x) for x, number in zip(operands, safe[1], strict=True)]
    return np.where(places, rule(*inner), elsewhere(*outer))


def branches(
    near: Any, x: Any, inner: Rule, outer: Rule, safe: tuple[float, float] = (0.0, 1.0)
) -> Any:
    """Return what `at` does, for rules of one operand."""
    return at(near, inner, outer, (x,), tuple((number,) for number in safe))


def power_series(x: Any, coefficients: Sequence[float]) -> Any:
    """Return the sum of ``coefficients[k] * x**k``."""
    total: Any = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total


def size_of(x: Any) -> Any:
    """Return the plain absolute value."""
    return np.absolute(primal_value(x))


def only_real(function: Rule, x: Any) -> None:
    """Raise if `x` is complex: the function is not holomorphic."""
    if np.iscomplexobj(primal_value(x)):
        instead = "the function without its real scale factor"
        raise refusal(UnsupportedParameterError(name_of(function), "a complex argument", instead))


def lower(function: Rule, n: Any, *rest: Any) -> Any:
    """Return ``function(n - 1, *rest)``, and 0 for ``n = 0``: of polynomials, the one before."""
    first = np.equal(n, 0)
    if not np.any(first):
        return function(n - 1, *rest)
    return np.where(first, 0, function(np.where(first, n, n - 1), *rest))
