"""Differences in higher precision: extended floats, and mpmath where it is installed."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

DIGITS = 60  # of a run with mpmath

Function = Callable[..., Sequence[Any]]
Differences = Callable[..., Any]


def in_longdouble(
    fn: Function, operands: Sequence[Any], tangents: Sequence[Any], differences: Differences
) -> Any:
    """Return differences of a run in extended precision, or None if `fn` does not keep it."""
    wide = [_widened(x) for x in operands]
    try:
        outputs = fn(*(x.copy() for x in wide))
        if any(np.asarray(y).dtype.char not in "gG" for y in outputs):
            return None
        found = differences(fn, wide, [_widened(t) for t in tangents])
    except Exception:  # whatever a function does with numbers that it was not made for
        return None
    return [_narrowed(reference, "differences in longdouble") for reference in found]


def in_mpmath(
    fn: Function, operands: Sequence[Any], tangents: Sequence[Any], differences: Differences
) -> Any:
    """Return differences of a run with mpmath, or None if that or `fn` does not admit it."""
    if any(np.iscomplexobj(x) for x in operands):
        return None
    try:
        import mpmath
    except ImportError:
        return None

    def plain(*places: Any) -> list[Any]:
        return [np.asarray(y) for y in fn(*places)]

    with mpmath.workdps(DIGITS):
        step = mpmath.mpf(10) ** (-DIGITS // 3)
        try:
            ahead, behind = (
                plain(*(_big(x, t, sign * step) for x, t in zip(operands, tangents, strict=True)))
                for sign in (1, -1)
            )
            if any(y.dtype != object for y in (*ahead, *behind)):
                return None
            slopes = [(a - b) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
            values = [np.vectorize(_rounded, otypes=[float])(slope) for slope in slopes]
        except Exception:  # whatever a function does with numbers that it was not made for
            return None
    kept = differences(fn, operands, tangents)
    if len(values) != len(kept):
        return None
    return [_settled_by(value, reference) for value, reference in zip(values, kept, strict=True)]


def _settled_by(value: Any, reference: Any) -> Any:
    """Return a reference with a value of many digits, where differences do not contradict it."""
    eps = float(np.finfo(float).eps)
    near = np.abs(value - reference.value) <= reference.error
    error = np.where(near, 16 * eps * (np.abs(value) + reference.scale), reference.error)
    return type(reference)(
        np.where(near, value, reference.value), error, reference.scale, reference.kink, "mpmath"
    )


def _widened(x: Any) -> Any:
    """Return an array or number in extended precision."""
    return np.asarray(x).astype(np.clongdouble if np.iscomplexobj(x) else np.longdouble)[()]


def _narrowed(reference: Any, source: str) -> Any:
    """Return a reference in double precision, with the rounding of that in its error."""
    value = np.asarray(reference.value)
    value = value.astype(complex if np.iscomplexobj(value) else float)[()]
    error = np.asarray(reference.error, float)[()] + 2.0**-52 * np.abs(value)
    return type(reference)(value, error, reference.scale, reference.kink, source)


def _big(x: Any, t: Any, step: Any) -> Any:
    """Return a place on the line through `x`, as an array of numbers of many digits."""
    pairs = zip(np.ravel(x).tolist(), np.ravel(t).tolist(), strict=True)
    places = np.empty(np.size(x), object)
    for i, (start, slope) in enumerate(pairs):
        places[i] = Big(step * slope + start)
    return places.reshape(np.shape(x))[()]


class Big:
    """A number of mpmath with the methods that NumPy's ufuncs ask objects for.

    Parameters
    ----------
    value : mpmath.mpf
        What it stands for.
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __getattr__(self, name: str) -> Any:
        import mpmath

        names = {"arctan": "atan", "arcsin": "asin", "arccos": "acos", "arctanh": "atanh"}
        names |= {"arcsinh": "asinh", "arccosh": "acosh", "log2": "log"}
        function = getattr(mpmath, names.get(name, name), None)
        if name == "log2" or function is None:
            raise AttributeError(name)
        return lambda: Big(function(self.value))

    def __add__(self, other: Any) -> Self:
        return self._made(self.value + _plain(other))

    def __radd__(self, other: Any) -> Self:
        return self._made(_plain(other) + self.value)

    def __sub__(self, other: Any) -> Self:
        return self._made(self.value - _plain(other))

    def __rsub__(self, other: Any) -> Self:
        return self._made(_plain(other) - self.value)

    def __mul__(self, other: Any) -> Self:
        return self._made(self.value * _plain(other))

    def __rmul__(self, other: Any) -> Self:
        return self._made(_plain(other) * self.value)

    def __truediv__(self, other: Any) -> Self:
        return self._made(self.value / _plain(other))

    def __rtruediv__(self, other: Any) -> Self:
        return self._made(_plain(other) / self.value)

    def __pow__(self, other: Any) -> Self:
        return self._made(self.value ** _plain(other))

    def __rpow__(self, other: Any) -> Self:
        return self._made(_plain(other) ** self.value)

    def __neg__(self) -> Self:
        return self._made(-self.value)

    def __abs__(self) -> Self:
        return self._made(abs(self.value))

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < _plain(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.value <= _plain(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > _plain(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.value >= _plain(other))

    def _made(self, value: Any) -> Self:
        """Return a number of this class."""
        return type(self)(value)


def _rounded(number: Any) -> float:
    """Return a number of many digits as a float, which `Big` itself never becomes by accident."""
    return float(_plain(number))


def _plain(other: Any) -> Any:
    """Return an operand as mpmath takes it."""
    return (
        other.value if isinstance(other, Big) else other.item() if hasattr(other, "item") else other
    )
