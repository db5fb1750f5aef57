"""Reference derivatives along a direction, from the function alone, with estimates of their error.

Central differences serve any function. Where it is analytic and takes complex numbers, the complex
step is exact but for rounding. A run in higher precision helps where differences are too noisy.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dualad.testing.precise import in_longdouble, in_mpmath

FIRST_STEP = 2.0**-4  # along a tangent of size one: samples keep this far from kinks and poles
RATIO = 1.9  # of steps: values on a grid do not agree by chance, as they may where steps halve
LEVELS = 6  # steps; the last is about 2**-9, with rounding of 1e-13
DEEPER = 20  # steps where these do not settle: a kink or a pole is near, or the scale is small
COLUMNS = 6  # extrapolations of one step; more amplify rounding
SAFETY = 10.0  # an error estimated from the last differences of a table is right to such a factor
NOISE = 16  # roundings of one evaluation
FINE = 1e-7  # an error below this share of the scale needs no better reference
BLUNT = 1e-4  # an error above this share of the scale is no reference
COMPLEX_STEP = 2.0**-100  # a power of two rounds nothing; its square vanishes beside one
COARSE_STEP = 2.0**-9  # of values whose scatter about a smooth function is noise
FINE_STEP = 2.0**-16  # of those where a kink may be near
ULPS = 4  # by which the point is moved to see how rounding of the argument acts

Function = Callable[..., Sequence[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """The derivative of one output along a direction.

    Attributes
    ----------
    value : array
        The derivative.
    error : array
        A bound on the difference from the exact derivative, element by element.
    scale : float
        The size that errors are compared with: of the derivative, or of the output.
    kink : array of bool
        Where the slopes on both sides of the point differ.
    source : str
        Where the value is from.
    """

    value: Any
    error: Any
    scale: float
    kink: Any
    source: str

    @property
    def unsettled(self) -> Any:
        """Where the value is too uncertain to be a reference."""
        return ~(self.error <= BLUNT * np.maximum(np.abs(self.value), self.scale))


def directional_derivative(
    fn: Function, operands: Sequence[Any], tangents: Sequence[Any], size: float = 0.0
) -> list[Reference]:
    """Derivative of a function along a direction, from the best source that it admits.

    Parameters
    ----------
    fn : callable
        From operands to a sequence of arrays.
    operands, tangents : sequence of array
        Where, and in which direction, of the size by which the operands may change. The step is
        real, so the direction of a complex operand may be any complex array: the derivative is
        the real-linear one.
    size : float
        Of what the outputs are made of, if they may cancel: errors are small beside that.

    Returns
    -------
    list of Reference
        One for each output.

    Notes
    -----
    Ridders (1982): central differences at shrinking steps, extrapolated by Neville's
    algorithm in the square of the step. Each element takes the entry of the table that differs
    least from the two it was made of. The complex step (Squire and Trapp, 1998) replaces it where
    it agrees with it: only an analytic function's does.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = differences(fn, operands, tangents, size)
        stepped = complex_step(fn, operands, tangents)
        if stepped is not None:
            found = [_better(*pair) for pair in zip(found, stepped, strict=True)]
        for precise in (in_longdouble, in_mpmath):
            if all(np.all(_settled(r)) for r in found):
                break
            finer = precise(fn, operands, tangents, partial(differences, size=size))
            if finer is not None:
                found = [_finer(*pair) for pair in zip(found, finer, strict=True)]
    return found


def _settled(reference: Reference) -> Any:
    """Return where a reference needs no better one."""
    return (reference.error <= FINE * reference.scale) | reference.kink


def _better(old: Reference, new: tuple[Any, Any]) -> Reference:
    """Return differences, replaced by the complex step where both agree."""
    value, error = new
    take = (np.abs(value - old.value) <= old.error + error) & (error < old.error)
    if np.all(take) and np.size(take):
        return Reference(value, error, old.scale, old.kink, "complex step")
    mixed = "complex step and differences" if np.any(take) else old.source
    return Reference(
        np.where(take, value, old.value), np.where(take, error, old.error), old.scale, old.kink,
        mixed,
    )  # fmt: skip


def _finer(old: Reference, new: Reference) -> Reference:
    """Return differences, replaced by those in higher precision if these are closer."""
    take = new.error < old.error
    return Reference(
        np.where(take, new.value, old.value), np.where(take, new.error, old.error), old.scale,
        old.kink | new.kink, new.source if np.any(take) else old.source,
    )  # fmt: skip


def differences(
    fn: Function,
    operands: Sequence[Any],
    tangents: Sequence[Any],
    size: float = 0.0,
    eps: float | None = None,
) -> list[Reference]:
    """Return central differences, extrapolated: more steps where the first do not settle."""
    here = at_point(fn, operands)
    eps = _eps([*operands, *here]) if eps is None else eps
    ends: list[tuple[Any, Any]] = []
    tables: list[list[Any]] = [[] for _ in here]
    found: list[Reference] = []
    for level in range(DEEPER):
        step = FIRST_STEP / RATIO**level
        ends.append(_ends(fn, operands, tangents, step))
        for table, a, b in zip(tables, *ends[-1], strict=True):
            rounding = NOISE * eps * (np.abs(a) + np.abs(b)) / step
            table.append((_row(table, (a - b) / (2 * step)), rounding, step))
        if level == LEVELS - 1:
            scatter = _scatter(here, _ring(fn, operands, tangents, COARSE_STEP))
        elif level == LEVELS:
            fine = _ring(fn, operands, tangents, FINE_STEP)
            scatter = [
                np.where(_stuck(fine, i), np.inf, noise)  # small steps see nothing of such values
                for i, noise in enumerate(_scatter(here, fine))
            ]
        if level >= LEVELS - 1:
            for table, noise in zip(tables, scatter, strict=True):
                start = 0 if level == LEVELS - 1 else level
                for k in range(start, level + 1):
                    table[k] = (table[k][0], table[k][1] + 4 * noise / table[k][2], table[k][2])
            kinks = [_kinks(y, ends, i) for i, y in enumerate(here)]
            sizes = [
                max(size, _largest(y), *map(_largest, pair))
                for y, *pair in zip(here, *ends[0], strict=True)
            ]
            found = [_reference(*parts) for parts in zip(tables, kinks, sizes, strict=True)]
            if all(np.all(_settled(reference)) for reference in found):
                break
    return found


def _stuck(ends: Sequence[Any], output: int) -> Any:
    """Return where values do not change at all over some fine step: they are rounded coarsely."""
    return np.any([pair[0][output] == pair[1][output] for pair in ends], axis=0)


def _ends(fn: Function, operands: Sequence[Any], tangents: Sequence[Any], step: float) -> Any:
    """Return the outputs at both ends of a step."""
    return tuple(moved(fn, operands, tangents, sign * step) for sign in (1, -1))


def _ring(fn: Function, operands: Sequence[Any], tangents: Sequence[Any], step: float) -> Any:
    """Return the outputs at both ends of one to four steps."""
    return [_ends(fn, operands, tangents, k * step) for k in (1, 2, 3, 4)]


def _scatter(here: Sequence[Any], ends: Sequence[Any]) -> list[Any]:
    """Return how much the values of each output scatter about a smooth function.

    Central differences of order 7 of equally spaced values are noise alone (Hamming, 1962; More
    and Wild, 2011): those of a smooth function vanish with the seventh power of the step. A kink
    at the point itself does not show in them; one beside it does. They are divided by the root of
    the sum of the squares of their coefficients.
    """
    found = []
    for i in range(len(here)):
        one, two, three, four = (ahead[i] - behind[i] for ahead, behind in ends)
        seventh = np.abs(four - 6 * three + 14 * two - 14 * one) / np.sqrt(858.0)
        fifth = np.abs(three - 4 * two + 5 * one) / np.sqrt(84.0)
        found.append(np.where(seventh == 0, fifth, seventh))  # a grid may make one of them zero
    return found


def second_derivative(
    fn: Function, operands: Sequence[Any], u: Sequence[Any], v: Sequence[Any]
) -> list[Reference]:
    """Return the second derivative along two directions: differences of references."""

    def slopes(*places: Any) -> list[Any]:
        return [r.value for r in directional_derivative(fn, places, v)]

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        inner = directional_derivative(fn, operands, v)
        eps = max(float(np.max(r.error, initial=0.0)) / (r.scale or 1.0) for r in inner)
        return differences(slopes, operands, u, eps=max(eps / SAFETY, _eps(operands)))


def at_point(fn: Function, operands: Sequence[Any]) -> Sequence[Any]:
    """Return the outputs of `fn` at the point, which it cannot change: it gets copies."""
    return fn(*(x.copy(order="K") if isinstance(x, np.ndarray) else x for x in operands))


def moved(fn: Function, operands: Sequence[Any], tangents: Sequence[Any], step: float) -> Any:
    """Return the outputs of `fn` at a step along the direction, in the operands' memory layout."""
    places = []
    for x, t in zip(operands, tangents, strict=True):
        place = x + np.multiply(step, t, out=np.empty_like(x))
        places.append(np.asarray(place) if isinstance(x, np.ndarray) else place)
    return fn(*places)


def complex_step(
    fn: Function, operands: Sequence[Any], tangents: Sequence[Any]
) -> list[tuple[Any, Any]] | None:
    """Return derivatives and errors by the complex step, or None if `fn` does not admit it."""
    if any(np.asarray(x).dtype != float for x in operands):
        return None
    rng = np.random.default_rng(0)
    try:
        here = at_point(fn, operands)
        stepped = _stepped(fn, operands, tangents)
        near = [x + ULPS * np.spacing(x) * rng.choice([-1.0, 1.0], np.shape(x)) for x in operands]
        nearby = _stepped(fn, near, tangents)
    except Exception:  # whatever a function does with numbers that it was not made for
        return None
    found = []
    for y, value, other in zip(here, stepped, nearby, strict=True):
        if np.shape(y) != np.shape(value) or np.iscomplexobj(y):
            return None
        size = np.abs(value) + np.max(np.abs(value), initial=0.0) + np.max(np.abs(y), initial=0.0)
        found.append((value, SAFETY * np.abs(other - value) + NOISE * np.finfo(float).eps * size))
    return found


def _stepped(fn: Function, operands: Sequence[Any], tangents: Sequence[Any]) -> list[Any]:
    """Return the imaginary parts of the outputs at a complex step, over the step."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a complex number that is made real, above all
        pairs = zip(operands, tangents, strict=True)
        outputs = fn(*(x + 1j * (COMPLEX_STEP * t) for x, t in pairs))
    return [np.imag(y) / COMPLEX_STEP for y in outputs]


def _eps(operands: Sequence[Any]) -> float:
    """Return the precision of the coarsest operand."""
    return max((float(np.finfo(np.asarray(x).dtype).eps) for x in operands), default=0.0)


def _row(table: list[Any], difference: Any) -> list[Any]:
    """Return the next row of a table: the difference and its extrapolations."""
    row = [difference]
    for j, above in enumerate(table[-1][0][: COLUMNS - 1] if table else []):
        row.append(row[j] + (row[j] - above) / (RATIO ** (2 * j + 2) - 1))
    return row


def _reference(table: list[Any], kink: Any, size: float) -> Reference:
    """Return the most settled entry of a table for each element, and its error."""
    value, error = table[-1][0][0], np.full(np.shape(table[-1][0][0]), np.inf)
    scatter = np.zeros(np.shape(value))
    deep = len(table) > LEVELS
    for i in range(len(table) - 1, LEVELS // 2 - 1, -1):
        (row, noise, step), above = table[i], table[i - 1][0]
        noise = noise + 4 * scatter / step
        for j in range(1, min(len(row), i + 1) if i < len(table) - 2 * deep else 0):
            change = np.maximum(np.abs(row[j] - row[j - 1]), np.abs(row[j] - above[j - 1]))
            if j < len(above):  # two entries may agree by chance, three hardly do
                change = np.maximum(change, np.abs(row[j] - above[j]) / RATIO ** (2 * j))
            better = SAFETY * change + noise < error
            value = np.where(better, row[j], value)
            error = np.where(better, SAFETY * change + noise, error)
        if deep:  # smaller steps tell how the values scatter, and so what chance may do
            scatter = np.fmax(scatter, np.abs(row[2] - above[2]) * step)
    known = np.where(np.isfinite(error), np.abs(value), 0.0)
    scale = float(np.max(known, initial=0.0)) + size
    return Reference(value, error, scale, kink, "differences")


def _largest(y: Any) -> float:
    """Return the size of the largest finite element."""
    return float(np.max(np.abs(y), initial=0.0, where=np.isfinite(y)))


def _kinks(y: Any, ends: Sequence[Any], output: int) -> Any:
    """Return where the slopes on both sides keep their difference, as the steps shrink.

    Of a smooth function the difference is proportional to the step.
    """
    bends, slopes = [], []
    for level in range(len(ends) - 3, len(ends)):
        a, b = (side[output] - y for side in ends[level])
        bends.append(np.abs(a + b) / (FIRST_STEP / RATIO**level))
        slopes.append((np.abs(a) + np.abs(b)) / (FIRST_STEP / RATIO**level))
    first, before, last = bends
    clear = (last > 0.9 * before) & (before > 0.9 * first) & (last < 1.1 * before)
    return clear & (last > 0.01 * slopes[-1]) & np.isfinite(last)
