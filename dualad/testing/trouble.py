"""Why differences settle on no value: a kink, a jump, an edge of the domain, a pole, or noise."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from dualad.testing.references import Function, at_point, moved

STEPS = 2.0 ** -np.arange(4, 31)  # from those of the reference to where rounding takes over
SAME = 0.2  # a share within which slopes, or gaps, at shrinking steps count as one
SMALL = slice(4, 12)  # steps from 2**-8 to 2**-15: where slopes show whether they settle
TINY = slice(19, 24)  # from 2**-23 to 2**-27: where those of a smooth function have settled


def diagnosis(
    fn: Function, operands: Sequence[Any], tangents: Sequence[Any], output: int, element: int
) -> str:
    """Return in words what is near the point, seen from one element of one output.

    Parameters
    ----------
    fn : callable
        From operands to a sequence of arrays.
    operands, tangents : sequence of array
        Where, and in which direction.
    output, element : int
        Which output, and which of its elements, flattened.
    """

    def at(step: float) -> float:
        return complex(np.ravel(moved(fn, operands, tangents, step)[output])[element]).real

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        here = complex(np.ravel(at_point(fn, operands)[output])[element]).real
        ahead = np.array([at(step) for step in STEPS]) - here
        behind = np.array([at(-step) for step in STEPS]) - here
    for side, name in ((ahead, "beyond"), (behind, "behind")):
        if not np.all(np.isfinite(side)):
            step = np.min(STEPS[~np.isfinite(side)])
            away = f", {step:.1g} of the direction away" if step > STEPS[-1] else ""
            return (
                f"{name} the point{away}, the function is not finite: an edge of its domain is near"
            )
    for side, name in ((ahead, "beyond"), (behind, "behind")):
        if _is_jump(side, here):
            return f"the function jumps by {side[-1]:.3g} {name} the point: it is not continuous"
    return _of_slopes(ahead / STEPS, behind / -STEPS, here)


def _is_jump(side: Any, here: float) -> bool:
    """Return whether a change stays the same as the step vanishes."""
    last, middle = side[-4:], side[-14]
    steady = np.ptp(last) <= SAME * np.abs(np.mean(last))
    grown = np.abs(np.mean(last)) > SAME * np.abs(middle)
    return bool(steady and grown and np.abs(np.mean(last)) > 1e-7 * np.abs(here))


def _of_slopes(ahead: Any, behind: Any, here: float) -> str:
    """Return what the slopes on both sides, at shrinking steps, tell."""
    right, left = ahead[SMALL], behind[SMALL]
    size = max(np.max(np.abs(right)), np.max(np.abs(left)))
    turns = np.sum(np.diff(np.sign(np.diff(right))) != 0) + np.sum(
        np.diff(np.sign(np.diff(left))) != 0
    )
    settled = [np.abs(s[-1] - s[-3]) <= 0.01 * size for s in (right, left)]
    if all(settled) and np.abs(right[-1] - left[-1]) > 0.02 * size:
        before, after = (f"{slope + 0.0:.3g}" for slope in (left[-1], right[-1]))
        return f"a kink is at the point, where the slope turns from {before} to {after}"
    tiny = ahead[TINY] + behind[TINY]
    if not all(settled) and np.ptp(tiny) <= 0.02 * np.max(np.abs(tiny)):
        return "the function changes too fast for the steps: its slope settles at tiny ones only"
    growth = np.abs(right[-1] / right[0]) if right[0] else 1.0
    other = np.abs(left[-1] / left[0]) if left[0] else 1.0
    if max(growth, other) > 4 and turns <= 4:
        return "the slope grows without bound toward the point: the derivative is infinite there"
    if all(settled) and turns <= 4:
        return "a kink, a pole or a jump is near the point: large and small steps disagree"
    scatter = float(np.median(np.abs(np.diff(ahead[-6:] * STEPS[-6:]))))
    share = f", {scatter / abs(here):.1g} of its value" if here else ""
    return f"the values scatter by about {scatter:.1g}{share}: noise hides the derivative"
