"""Reference derivatives: central differences of high order, with an estimate of their error."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

FIRST_STEP = 2.0**-4  # along a tangent of size one: samples keep this far from kinks and poles
LEVELS = 6  # steps, each half of the one before; the last is 2**-9, with rounding of 1e-13
SAFETY = 10.0  # an error estimated from the last differences of a table is right to such a factor
NOISE = 16 * float(np.finfo(float).eps)  # of one evaluation of a function of order-one values

Function = Callable[..., Sequence[Any]]


def directional_derivative(
    fn: Function, operands: Sequence[Any], tangents: Sequence[Any]
) -> list[tuple[Any, Any]]:
    """Derivative of a function along a direction, by Richardson extrapolation.

    Parameters
    ----------
    fn : callable
        From operands to a sequence of arrays.
    operands, tangents : sequence of array
        Where, and in which direction, of size about one. The step is real, so the direction of a
        complex operand may be any complex array: the derivative is the real-linear one.

    Returns
    -------
    list of (derivative, error)
        One for each output; the error bounds the difference from the exact derivative, element by
        element, with a margin of `SAFETY`.

    Notes
    -----
    Ridders (1982): central differences at steps that are halved, extrapolated by Neville's
    algorithm in the square of the step. Each element takes the entry of the table that differs
    least from the two it was made of.
    """
    table: list[list[list[Any]]] = []
    sizes: list[Any] = []
    for level in range(LEVELS):
        step = FIRST_STEP / 2**level
        ahead, behind = (_moved(fn, operands, tangents, sign * step) for sign in (1, -1))
        table.append([_row(table, i, (a - b) / (2 * step)) for i, (a, b) in _pairs(ahead, behind)])
        sizes = [np.abs(a) + np.abs(b) for a, b in zip(ahead, behind, strict=True)]
    return [
        _best([row[i] for row in table], NOISE * size * 2**LEVELS / FIRST_STEP)
        for i, size in enumerate(sizes)
    ]


def _pairs(ahead: Sequence[Any], behind: Sequence[Any]) -> Any:
    """Return the numbered pairs of outputs."""
    return enumerate(zip(ahead, behind, strict=True))


def _moved(fn: Function, operands: Sequence[Any], tangents: Sequence[Any], step: float) -> Any:
    """Return the outputs of `fn` at a step along the direction, in the operands' memory layout."""
    moved = []
    for x, t in zip(operands, tangents, strict=True):
        place = x + np.multiply(step, t, out=np.empty_like(x))
        moved.append(np.asarray(place) if isinstance(x, np.ndarray) else place)
    return fn(*moved)


def _row(table: list[list[list[Any]]], i: int, difference: Any) -> list[Any]:
    """Return the next row of output `i`'s table: the difference and its extrapolations."""
    row = [difference]
    for j, above in enumerate(table[-1][i] if table else []):
        row.append(row[j] + (row[j] - above) / (4.0 ** (j + 1) - 1))
    return row


def _best(rows: list[list[Any]], noise: Any) -> tuple[Any, Any]:
    """Return the most settled entry of a table for each element, and its error."""
    best, error = rows[-1][0], np.full(np.shape(rows[-1][0]), np.inf)
    for i in range(LEVELS // 2, LEVELS):
        for j in range(1, i + 1):
            entry = rows[i][j]
            change = np.maximum(np.abs(entry - rows[i][j - 1]), np.abs(entry - rows[i - 1][j - 1]))
            better = change < error
            best, error = np.where(better, entry, best), np.where(better, change, error)
    return best, SAFETY * error + noise
