"""A derivative against its reference: the verdict, and what a failure tells."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dualad.testing.cases import Case
from dualad.testing.failures import Details, InconclusiveError, WrongDerivativeError
from dualad.testing.references import Function, Reference, directional_derivative
from dualad.testing.trouble import diagnosis

ROUNDINGS = 2.0**12  # of a derivative itself: a chain of operations, of which each rounds
SHOWN = 24  # elements of an argument that a message shows
CONDITION = 1e-9  # the share of its size that a row may lose: eps times a condition up to 1e6


def compare(
    case: Case,
    fn: Function,
    tangents: Sequence[Any],
    found: Sequence[Any],
    what: str,
    unit: float = 1.0,
    name: str = "",
) -> None:
    """Assert that derivatives along a direction equal those that values of `fn` give.

    Parameters
    ----------
    case : Case
        Whose operands are the point.
    fn : callable
        From operands to a sequence of arrays.
    tangents : sequence of array
        The direction.
    found : sequence of array
        The derivatives of the outputs.
    what : str
        Names the derivative in messages.
    unit : float
        The length of the direction, by which messages divide.
    name : str
        Names the direction in messages, which else show it.

    Raises
    ------
    WrongDerivativeError
        If one differs by more than the error of its reference.
    InconclusiveError
        If a reference is too uncertain to tell.
    """
    what = f"{what} of {case.name}"
    references = directional_derivative(fn, case.operands, tangents, case.size)
    for i, (given, reference) in enumerate(zip(found, references, strict=True)):
        value, exact = np.asarray(given), np.asarray(reference.value)
        if value.shape != exact.shape:
            shapes = (("found shape", str(value.shape)), ("shape of output", str(exact.shape)))
            raise WrongDerivativeError(f"{what}: the shape", shapes)
        bound = np.broadcast_to(bound_of(case, reference), exact.shape)
        wrong, unsure = judged(value, reference, bound, case.scales is None)
        for mask in (wrong, unsure):
            if not np.any(mask):
                continue
            place = _first(mask)
            details = (
                *arguments_of(case),
                ("element", _element(i, len(found), place)),
                ("found", repr(value[place].item() / unit)),
                ("reference", f"{exact[place].item() / unit!r} ({reference.source})"),
                ("bound", f"{float(bound[place]) / abs(unit):.2g}"),
                ("by" if name else "direction", name or written(tuple(tangents))),
            )
            if mask is wrong:
                raise WrongDerivativeError(what, details)
            element = int(np.ravel_multi_index(place, exact.shape)) if place else 0
            reason = diagnosis(fn, case.operands, tangents, i, element)
            raise InconclusiveError(what, reason, details)


def judged(
    value: Any, reference: Reference, bound: Any, conventions: bool = False
) -> tuple[Any, Any]:
    """Return where a derivative is wrong, and where its reference cannot tell.

    Rows have conventions at kinks, which are the mean of the slopes on both sides, as that of
    central differences; with `conventions` kinks are no reason for doubt.
    """
    exact = np.asarray(reference.value)
    counts = ~(np.isnan(value) & np.isnan(exact))
    doubt = reference.unsettled if conventions else reference.unsettled | reference.kink
    unsure = np.broadcast_to(doubt, exact.shape) & counts
    wrong = ~(np.abs(value - exact) <= bound) & counts & ~unsure
    return wrong, unsure


def bound_of(case: Case, reference: Reference) -> Any:
    """Return by how much a right derivative may differ from its reference, through rounding."""
    exact = np.abs(reference.value)
    own = ROUNDINGS * np.finfo(float).eps * (exact + reference.scale)
    if case.scales is None:  # a row: of its operands little is known but that they are of size one
        own = (CONDITION + case.rounding) * (1 + exact)
    return reference.error + own


def _first(mask: Any) -> tuple[int, ...]:
    """Return the first place at which a mask holds."""
    return tuple(int(i[0]) for i in np.nonzero(mask)) if mask.ndim else ()


def _element(output: int, count: int, place: tuple[int, ...]) -> str:
    """Return a place in the outputs, as a user writes it."""
    name = f"output {output}" if count > 1 else "the output"
    return f"{name}{list(place)}" if place else name


def arguments_of(case: Case) -> Details:
    """Return the operands, or the whole call, as labels and texts."""
    if case.text:
        return (("call", case.text),)
    return tuple((label, written(x)) for label, x in zip(case.labels, case.operands, strict=False))


def written(x: Any) -> str:
    """Return an array, or a tuple of them, as code that makes it, or the start of a large one."""
    if isinstance(x, (tuple, list)):
        return f"({', '.join(map(written, x))}{',' * (len(x) == 1)})"
    array = np.asarray(x)
    dtype = "" if array.dtype in (np.dtype(float), np.dtype(complex)) else f", np.{array.dtype}"
    if array.size > SHOWN:
        start = ", ".join(map(repr, np.ravel(array)[:4].tolist()))
        return f"<{array.dtype} array of shape {array.shape}: {start}, ...>"
    if not array.ndim and not dtype:
        return repr(array.item())
    if array.size == 0:
        return f"np.zeros({array.shape}{dtype})"
    return f"np.array({array.tolist()!r}{dtype})"
