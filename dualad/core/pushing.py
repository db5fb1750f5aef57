"""The forward sweep: tangents flow through a record from its inputs to its outputs."""

from collections.abc import Iterable
from operator import mul
from typing import Any

import numpy as np

from dualad.core.product import align, behind, has_nan, spread, strong
from dualad.core.record import Entry, Shape
from dualad.core.tracer import Tracer, as_array, shape_of


@np.errstate(all="ignore")
def push_finite(
    entries: list[Entry], tangents: Any, outputs: list[int], directions: Shape = ()
) -> list[Any]:
    """Return what `push` does, with zeros winning over infinity.

    The record is swept a second time only if a NaN shows in the first result.
    """
    found = push(entries, tangents, outputs, directions)
    if any(map(has_nan, found)):
        found = push(entries, tangents, outputs, directions, strong)
    return found


def push(
    entries: list[Entry],
    tangents: list[Any],
    outputs: list[int],
    directions: Shape = (),
    times: Any = mul,
) -> list[Any]:
    """Return the tangents of the values at `outputs`, given those of the inputs.

    Parameters
    ----------
    entries : list
        Of a record.
    tangents : list
        One for each input, of shape ``directions + S``; None stands for zero.
    outputs : list of int
        Positions.
    directions : tuple of int
        The direction axes that lead in all tangents.
    times : callable
        Multiplies a partial and a tangent: `operator.mul`, or `strong`.

    Returns
    -------
    list
        A tangent for each output; None for one that does not depend on the inputs.

    Notes
    -----
    Entries on which no output depends are skipped, and each tangent is let go after its last use.
    """
    last = last_uses(entries, outputs)
    ts: list[Any] = tangents + [None] * (len(entries) - len(tangents))
    owned: set[int] = set()  # positions whose tangent shares memory with no other
    lead = (slice(None),) * len(directions)
    for position in range(len(tangents), len(entries)):
        entry = entries[position]
        if not entry or last[position] < 0:
            continue
        length = len(entry)
        if length == 3:
            t, index = ts[entry[0]], entry[1]
            if t is not None:
                t = t[lead + (index if type(index) is tuple else (index,))]
                ts[position] = t.copy() if entry[0] in owned and hasattr(t, "copy") else t
        elif length == 7:
            movable = entry[0] in owned and last[entry[0]] == position
            ts[position] = _written(entry, ts, directions, movable)
            owned.add(position)
        else:
            if owned:
                owned.difference_update(sources(entry))  # the outcome may share their memory
            if length == 6:
                _push_row(entry, position, ts, directions, times)
            else:
                ts[position] = _combined(entry, ts, times)
        for i in sources(entry):
            if last[i] == position:
                ts[i] = None
    return [ts[position] for position in outputs]


def _combined(entry: Any, ts: list[Any], times: Any) -> Any:
    """Return the tangent of a number, or array, that has local partials."""
    total = None
    if len(entry) == 5 and entry[2] < 0:
        t = ts[entry[0]]
        share = None if t is None else times(entry[1], t)
        return share if t is None or entry[3] is None else times(entry[3], share)
    for i, p in zip(entry[0:4:2], entry[1:4:2], strict=True):
        if i >= 0 and ts[i] is not None:
            share = ts[i] if p is None else times(p, ts[i])
            total = share if total is None else total + share
    return total


def _push_row(entry: Any, position: int, ts: list[Any], directions: Shape, times: Any) -> None:
    """Push one application of a row: note the tangents of its outputs."""
    row, links, shapes, y, args, kwargs = entry
    pairs = [(i, _strong(ts[source])) for i, source, _ in links if ts[source] is not None]
    if not pairs:
        return
    several = type(shapes) is list
    if row.broadcasts and directions:
        operand_shapes = {i: repair[0] if repair else shapes for i, _, repair in links}
        lead, ndim = len(directions), len(shapes)
        pairs = [(i, align(t, lead, operand_shapes[i], ndim)) for i, t in pairs]
    t = row.push(pairs, y, args, kwargs, times)
    parts = t if several else (t,)
    for k, (part, shape) in enumerate(zip(parts, shapes if several else [shapes], strict=True)):
        ts[position + k] = spread(part, directions, shape)


def _strong(t: Any) -> Any:
    """Return a float as NumPy's, which is not rounded to the precision of a float32 partial."""
    return np.float64(t) if type(t) is float else t


def _written(entry: Any, ts: list[Any], directions: Shape, movable: bool) -> Any:
    """Return an array's tangent, with that of a value written into it; in place if `movable`."""
    source, value, index, shape, _, _, whole = entry
    t, part = ts[source], ts[value] if value >= 0 else None
    if t is None and part is None:
        return None
    if t is None:
        t = np.zeros(directions + whole, getattr(part, "dtype", float))
    elif not movable:
        t = as_array(t).copy()
    if isinstance(part, Tracer) and not isinstance(t, Tracer):
        t = part.constant(t)
    lead = len(directions)
    place = behind(index, lead, whole)
    if part is not None and lead:
        part = align(part, lead, shape, len(shape_of(t[place])) - lead)
    t[place] = 0.0 if part is None else part
    return t


def sources(entry: Any) -> Iterable[int]:
    """Return the positions of the values that an entry was computed from."""
    length = len(entry)
    if length == 6:
        return [link[1] for link in entry[1]]
    if length == 3 or length == 2:
        return entry[:1]  # type: ignore[no-any-return]
    if length == 7:
        return entry[:1] if entry[1] < 0 else entry[:2]  # type: ignore[no-any-return]
    return [i for i in entry[0:4:2] if i >= 0]


def last_uses(entries: list[Entry], outputs: Iterable[int]) -> list[int]:
    """Return for each value the position of its last use toward `outputs`; -1 if it has none.

    The outputs themselves are used at the end: their last use is ``len(entries)``.
    """
    last = [-1] * len(entries)
    for position in outputs:
        last[position] = len(entries)
    for position in range(len(entries) - 1, -1, -1):
        entry = entries[position]
        if not entry:
            continue
        if len(entry) == 6:
            count = len(entry[2]) if type(entry[2]) is list else 1
            last[position] = max(last[position : position + count])
        if last[position] >= 0:
            for i in sources(entry):
                if last[i] < position:
                    last[i] = position
    return last
