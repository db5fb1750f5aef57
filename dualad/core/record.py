"""The record: a straight list of applications, swept backward (pull) or forward (push).

Every recorded value has a position in the list. The entry there tells how it came about:

``None``
    an input, or a further output of the entry before;
``(i, p)`` and ``(i, p, j, q)``
    a scalar, with the positions of its one or two operands and the local partials by them;
``(i, index, shape)``
    the element at `index` of the array at position ``i``, which has that shape;
``(row, links, shapes, y, args, kwargs)``
    an application of a row. `links` has a triple for each traced operand: its place among the
    operands, its position, and a repair ``(shape, real)`` of its share, or None: the share is
    summed to `shape`, and made real if `real`. `shapes` is the output's shape, or a list of
    several outputs' shapes. `y` and the operands in `args` are kept only if the rules read them;
    otherwise a `Spec` stands there.

Nothing in an entry leads back to the traced values, so there are no cycles: what a finished
gradient leaves behind is freed by reference counting.
"""

from collections.abc import Iterable
from operator import mul
from typing import Any

import numpy as np

from dualad.core.level import Trace
from dualad.core.product import align, spread, strong, unbroadcast
from dualad.core.row import Row, Spec
from dualad.core.tracer import primal_value, shape_of

Entry = tuple[Any, ...] | None
Shape = tuple[int, ...]

COPIED_WHOLE = 32_768  # bytes; see `Record.keep`


class Record(Trace):
    """The trace of reverse mode.

    Attributes
    ----------
    entries : list
        One a recorded value, in the order of computation.
    constants : dict
        Copies of the large plain arrays that entries keep, by the identity of the original.
    """

    __slots__ = ("constants", "entries")

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.constants: dict[int, tuple[Any, Any]] = {}

    def close(self) -> None:
        """End the trace; whoever sweeps the entries has taken them before."""
        super().close()
        del self.entries, self.constants

    def append(self, row: Row, links: Any, y: Any, args: Any, kwargs: Any) -> int:
        """Note an application of a row, and return the position of its (first) output."""
        keep_y, kept = row.plan(tuple([link[0] for link in links]))
        operands = row.operands(args)
        traced = {link[0] for link in links}
        lean = [
            (x if i in traced else self.keep(x)) if i in kept else Spec(shape_of(x), _dtype(x))
            for i, x in enumerate(operands)
        ]
        extra = args[1:] if row.arity is None else args[row.arity :]
        if extra or kwargs:
            extra = [self.keep(value) for value in extra]
            kwargs = {name: self.keep(value) for name, value in kwargs.items()}
        args = (lean, *extra) if row.arity is None else (*lean, *extra)
        several = isinstance(y, (tuple, list))
        shapes = [shape_of(part) for part in y] if several else shape_of(y)
        if not keep_y:
            y = [_spec(part) for part in y] if several else _spec(y)
        entries = self.entries
        position = len(entries)
        entries.append((row, links, shapes, y, args, kwargs))
        if several:
            entries.extend([None] * (len(shapes) - 1))
        return position

    def keep(self, value: Any) -> Any:
        """Return a plain array so that the function under way cannot change it any more.

        Code that reuses a work array between two operations would otherwise change what the
        first has kept. Large arrays are copied once, and again only after they have changed.
        """
        if value.__class__ is tuple:
            return tuple([self.keep(item) for item in value])
        if value.__class__ is not np.ndarray or not value.flags.writeable:
            return value
        if value.nbytes <= COPIED_WHOLE:
            return value.copy()
        known = self.constants.get(id(value))
        if known is None or not np.array_equal(known[1], value):
            known = self.constants[id(value)] = (value, value.copy())
        return known[1]


def _dtype(x: Any) -> Any:
    """Return the dtype of an array or number."""
    return getattr(x, "dtype", None) or np.result_type(x)


def _spec(x: Any) -> Spec:
    """Return what stands for `x` once its elements are not needed."""
    return Spec(shape_of(x), _dtype(x))


def pull(
    entries: list[Entry],
    seeds: Iterable[tuple[int, Any]],
    inputs: int,
    directions: Shape = (),
    times: Any = mul,
) -> list[Any]:
    """Return the cotangents of the first `inputs` values, given those of some outputs.

    Parameters
    ----------
    entries : list
        Of a record.
    seeds : iterable of (position, cotangent)
        Cotangents have shape ``directions + S``; several for one position are summed.
    inputs : int
        How many leading entries are inputs.
    directions : tuple of int
        The direction axes that lead in all cotangents.
    times : callable
        Multiplies a partial and a cotangent: `operator.mul`, or `strong`.

    Returns
    -------
    list
        A cotangent for each input; None for one on which the outputs do not depend.
    """
    cts: list[Any] = [None] * len(entries)
    owned: set[int] = set()
    for position, ct in seeds:
        _accumulate(cts, owned, position, ct)
    plain = times is mul
    for position in range(len(entries) - 1, inputs - 1, -1):
        entry = entries[position]
        if entry is None:
            continue
        ct = cts[position]
        length = len(entry)
        if length == 6:
            _pull_row(entry, position, cts, owned, directions, times)
            continue
        if ct is None:
            continue
        cts[position] = None
        if length == 3:
            _pull_element(entry, ct, cts, owned, directions)
            continue
        i = entry[0]
        share = ct * entry[1] if plain else times(entry[1], ct)
        old = cts[i]
        cts[i] = share if old is None else old + share
        if length == 4:
            i = entry[2]
            share = ct * entry[3] if plain else times(entry[3], ct)
            old = cts[i]
            cts[i] = share if old is None else old + share
    return cts[:inputs]


def _pull_row(
    entry: Any, position: int, cts: list[Any], owned: set[int], directions: Shape, times: Any
) -> None:
    """Pull one application of a row: add the shares of its operands to their cotangents."""
    row, links, shapes, y, args, kwargs = entry
    ct = cts[position]
    if shapes.__class__ is list:
        cotangents = cts[position : position + len(shapes)]
        if all(part is None for part in cotangents):
            return
        cts[position : position + len(shapes)] = [None] * len(shapes)
        ct = tuple(
            np.zeros(directions + shape) if part is None else part
            for part, shape in zip(cotangents, shapes, strict=True)
        )
    elif ct is None:
        return
    cts[position] = None
    if row.add_into is not None and ct.__class__ in _PLAIN:
        _, target, repair = links[0]
        buffer = _buffer(cts, owned, target, directions, args[0].shape, ct)
        if buffer is not None:
            row.add_into(buffer, ct, args, len(directions))
            return
    shares = row.pull([link[0] for link in links], ct, y, args, kwargs, times)
    for (_, target, repair), share in zip(links, shares, strict=True):
        if repair is not None:
            shape, real = repair
            share = unbroadcast(share.real if real else share, directions, shape)
        if share.__class__ is np.float64:
            share = float(share)
        _accumulate(cts, owned, target, share)


def _pull_element(
    entry: Any, ct: Any, cts: list[Any], owned: set[int], directions: Shape
) -> None:
    """Add the cotangent of an element to that of its array."""
    source, index, shape = entry
    buffer = _buffer(cts, owned, source, directions, shape, ct) if ct.__class__ in _PLAIN else None
    if buffer is None:
        unit = np.zeros(shape)
        unit[index] = 1.0
        lead = np.reshape(ct, shape_of(ct) + (1,) * len(shape))
        _accumulate(cts, owned, source, lead * unit)
    elif directions:
        buffer[..., index] += ct
    else:
        buffer[index] += ct


_PLAIN = (float, np.ndarray, np.float64)


def _accumulate(cts: list[Any], owned: set[int], position: int, share: Any) -> None:
    """Add `share` to a cotangent; in place, once the sum is an array of our own."""
    old = cts[position]
    if old is None:
        cts[position] = share
    elif position in owned and share.__class__ is np.ndarray:
        old += share
    else:
        new = cts[position] = old + share
        if new.__class__ is np.ndarray:
            owned.add(position)
        else:
            owned.discard(position)


def _buffer(
    cts: list[Any], owned: set[int], position: int, directions: Shape, shape: Shape, ct: Any
) -> Any:
    """Return a cotangent as an array of our own to add into, or None if it is traced."""
    old = cts[position]
    if position in owned:
        return old
    if old is None:
        old = np.zeros(directions + shape, getattr(ct, "dtype", float))
    elif old.__class__ is np.ndarray:
        old = old.copy()
    else:
        return None
    cts[position] = old
    owned.add(position)
    return old


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
    for position in range(len(tangents), len(entries)):
        entry = entries[position]
        if entry is None or last[position] < 0:
            continue
        if len(entry) == 6:
            used = [link[1] for link in entry[1]]
            _push_row(entry, position, ts, directions, times)
        elif len(entry) == 3:
            used = [entry[0]]
            t = ts[entry[0]]
            ts[position] = None if t is None else t[..., entry[1]] if directions else t[entry[1]]
        else:
            used = list(entry[::2])
            shares = [
                times(p, ts[i])
                for i, p in zip(entry[::2], entry[1::2], strict=True)
                if ts[i] is not None
            ]
            if shares:
                ts[position] = shares[0] if len(shares) == 1 else shares[0] + shares[1]
        for i in used:
            if last[i] == position:
                ts[i] = None
    return [ts[position] for position in outputs]


def _push_row(entry: Any, position: int, ts: list[Any], directions: Shape, times: Any) -> None:
    """Push one application of a row: note the tangents of its outputs."""
    row, links, shapes, y, args, kwargs = entry
    pairs = [(i, ts[source]) for i, source, _ in links if ts[source] is not None]
    if not pairs:
        return
    several = shapes.__class__ is list
    if row.broadcasts and directions:
        operand_shapes = {i: repair[0] if repair else shapes for i, _, repair in links}
        lead, ndim = len(directions), len(shapes)
        pairs = [(i, align(t, lead, operand_shapes[i], ndim)) for i, t in pairs]
    t = row.push(pairs, y, args, kwargs, times)
    parts = t if several else (t,)
    for k, (part, shape) in enumerate(zip(parts, shapes if several else [shapes], strict=True)):
        ts[position + k] = spread(part, directions, shape)


def last_uses(entries: list[Entry], outputs: Iterable[int]) -> list[int]:
    """Return for each value the position of its last use toward `outputs`; -1 if it has none.

    The outputs themselves are used at the end: their last use is ``len(entries)``.
    """
    last = [-1] * len(entries)
    for position in outputs:
        last[position] = len(entries)
    for position in range(len(entries) - 1, -1, -1):
        entry = entries[position]
        if entry is None:
            continue
        if len(entry) == 6:
            count = len(entry[2]) if entry[2].__class__ is list else 1
            last[position] = max(last[position : position + count])
            sources: Iterable[int] = [link[1] for link in entry[1]]
        else:
            sources = entry[:1] if len(entry) == 3 else entry[::2]
        if last[position] >= 0:
            for i in sources:
                last[i] = max(last[i], position)
    return last


def pull_finite(entries: list[Entry], seeds: Any, inputs: int, directions: Shape = ()) -> list[Any]:
    """Return what `pull` does, with zero cotangents winning over infinite partials.

    The record is swept a second time only if a NaN shows in the first result.
    """
    with np.errstate(all="ignore"):
        found = pull(entries, seeds, inputs, directions)
        if any(map(_has_nan, found)):
            found = pull(entries, seeds, inputs, directions, strong)
    return found


def push_finite(
    entries: list[Entry], tangents: Any, outputs: list[int], directions: Shape = ()
) -> list[Any]:
    """Return what `push` does, with zero tangents winning over infinite partials."""
    with np.errstate(all="ignore"):
        found = push(entries, tangents, outputs, directions)
        if any(map(_has_nan, found)):
            found = push(entries, tangents, outputs, directions, strong)
    return found


def _has_nan(ct: Any) -> bool:
    """Return whether a cotangent or tangent has a NaN among its elements."""
    ct = primal_value(ct)
    if ct.__class__ is np.ndarray:
        return bool(np.isnan(np.vdot(ct, ct)))
    return ct is not None and bool(ct != ct)
