"""The reverse sweep: cotangents flow through a record from its outputs to its inputs."""

from contextvars import ContextVar
from operator import mul
from typing import Any

import numpy as np

from dualad.core.product import behind, checked, has_nan, strong, telling_product, unbroadcast
from dualad.core.record import Entry, Shape
from dualad.core.tracer import Tracer, as_array, shape_of

SMALL = 1000  # elements: a new array of that size is no slower than one that is there


LARGE = 8192  # elements: from that size on it pays to let go of a record as the sweep passes
whole_records = ContextVar("whole_records", default=False)  # if they are looked at afterwards


@np.errstate(all="ignore")
def pull_finite(
    entries: list[Entry], seeds: Any, inputs: int, directions: Shape = (), final: bool = False
) -> list[Any]:
    """Return what `pull` does, with zeros winning over infinity.

    The record is swept a second time only if a NaN shows in the first result. A `final` sweep may
    let go of the entries behind it: where large arrays come by, each product is checked at once.
    """
    sweep = Pull(len(entries), seeds, directions, mul)
    found = sweep.through(entries, inputs, final and not whole_records.get())
    if sweep.times is mul and any(map(has_nan, found)):
        found = pull(entries, seeds, inputs, directions, strong)
    return found


def pull(
    entries: list[Entry], seeds: Any, inputs: int, directions: Shape = (), times: Any = mul
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
        Multiplies a partial and a cotangent: `operator.mul`, `strong` or `checked`.

    Returns
    -------
    list
        A cotangent for each input; None for one on which the outputs do not depend.
    """
    return Pull(len(entries), seeds, directions, times).through(entries, inputs)


class Pull:
    """One reverse sweep.

    Attributes
    ----------
    cts : list
        The cotangents so far, by position; let go as the sweep passes them.
    owned : set of int
        The positions whose cotangent is an array of our own, to add into in place.
    """

    __slots__ = ("cts", "directions", "owned", "times")

    def __init__(self, length: int, seeds: Any, directions: Shape, times: Any) -> None:
        self.cts: list[Any] = [None] * length
        self.owned: set[int] = set()
        self.directions = directions
        self.times = times
        for position, ct in seeds:
            self.add(position, ct)

    def through(self, entries: list[Entry], inputs: int, final: bool = False) -> list[Any]:
        """Return the inputs' cotangents."""
        cts, times = self.cts, self.times
        plain, passing = times is mul, False
        for position in range(len(entries) - 1, inputs - 1, -1):
            entry = entries[position]
            if not entry:
                continue
            length = len(entry)
            if final and length == 6 and self.checks_from(cts[position]):
                final, passing, plain, times = False, True, False, checked
                del entries[position + 1 :]
            if passing:
                del entries[position]
            if length == 6:
                self.row(entry, position)
                continue
            ct = cts[position]
            if ct is None:
                continue
            if length == 4 or length == 2:  # numbers: loops over them are long, so all is inline
                cts[position] = None
                i = entry[0]
                share = ct * entry[1] if plain else times(entry[1], ct)
                old = cts[i]
                cts[i] = share if old is None else old + share
                if length == 4:
                    i = entry[2]
                    share = ct * entry[3] if plain else times(entry[3], ct)
                    old = cts[i]
                    cts[i] = share if old is None else old + share
            elif length == 5:
                self.arithmetic(entry, position)
            elif length == 3:
                cts[position] = None
                self.part(entry, ct)
            else:
                self.written(entry, position)
        return cts[:inputs]

    def checks_from(self, ct: Any) -> bool:
        """Return whether each product is checked from a large cotangent on: if none is NaN yet."""
        if type(ct) is not np.ndarray or ct.size < LARGE:
            return False
        if not any(map(has_nan, [ct for ct in self.cts if ct is not None])):
            self.times = checked
        return self.times is checked

    def add(self, position: int, share: Any, fresh: bool = False) -> None:
        """Add `share` to a cotangent, in place if that is our own; a `fresh` share becomes ours."""
        old = self.cts[position]
        if old is None:
            self.cts[position] = share
            if fresh:
                self.owned.add(position)
            return
        both = position in self.owned and type(old) is type(share) is np.ndarray
        if both and old.dtype == share.dtype:
            old += share
            return
        self.cts[position] = old + share
        self.owned.add(position)

    def buffer(self, position: int, shape: Shape, ct: Any) -> Any:
        """Return the cotangent at `position`, zero so far or not, as an array of our own.

        It can hold parts of `ct`: it is traced if that is, and complex if that is.
        """
        old = self.cts[position]
        if old is None:
            old = np.zeros(self.directions + shape, getattr(ct, "dtype", float))
        elif position not in self.owned or not shape_of(old):
            old = as_array(old).copy()
        if isinstance(ct, Tracer) and not isinstance(old, Tracer):
            old = ct.constant(old)
        elif type(ct) is np.ndarray and ct.dtype.kind == "c" and old.dtype.kind != "c":
            old = old.astype(ct.dtype)
        self.cts[position] = old
        self.owned.add(position)
        return old

    def arithmetic(self, entry: Any, position: int) -> None:
        """Pull an array with local partials by operands of its shape."""
        i, p, j, q, _ = entry
        cts, times = self.cts, self.times
        ct, mine = cts[position], position in self.owned
        cts[position] = None
        small = type(ct) is not np.ndarray or ct.size <= SMALL
        last = times if small or not mine else self.into  # for the last use of `ct`
        if j < 0:
            share = -ct if small and type(p) is float and p == -1 else last(p, ct)
            if q is not None:
                share = share + share if small and q == 2 else self.product(q, share, True)
            if cts[i] is None:
                cts[i] = share
                self.owned.add(i)
            else:
                self.add(i, share, True)
            return
        if p is None:
            i, p, j, q = j, q, i, p
        share = ct if p is None else -ct if type(p) is float and p == -1 else times(p, ct)
        self.add(i, share, p is not None)
        if q is None:
            self.add(j, ct, mine and p is not None)
        else:
            self.add(j, last(q, ct), True)

    def product(self, p: Any, ct: Any, mine: bool) -> Any:
        """Return a partial times a cotangent, in the memory of that if it is our own."""
        small = type(ct) is not np.ndarray or ct.size <= SMALL
        return self.times(p, ct) if small or not mine else self.into(p, ct)

    def into(self, p: Any, ct: Any) -> Any:
        """Return a partial times a large cotangent, in the memory of that: no new pages."""
        alike = type(p) is np.ndarray and p.dtype is ct.dtype and p.shape == ct.shape
        if self.times is mul:
            fits = alike or type(p) is float
        elif alike:  # a product with a NaN is made again, and then needs the cotangent
            fits = self.times is checked and np.isfinite(telling_product(p, ct))
        else:
            fits = type(p) is float and p != 0 and p - p == 0
        return np.multiply(p, ct, out=ct) if fits else self.times(p, ct)

    def elementwise(self, entry: Any, position: int) -> None:
        """Pull a function that acts element by element, given its partials."""
        row, links, _, y, operands, _ = entry
        ct, mine = self.cts[position], position in self.owned
        self.cts[position] = None
        if type(ct) is float:  # NumPy would round it to the precision of a float32 partial
            ct = np.float64(ct)
        passed = mine and [i for i, _, fix in links if fix is None and row.partials[i] == 1]
        for i, target, repair in links:
            partial = row.partials[i]
            p = partial(y, *operands) if callable(partial) else partial
            if p is partial:  # a number: the sum over broadcast axes comes first, and is smaller
                share, fresh = ct, passed == [i]
            else:
                spare = mine and not passed and i == links[-1][0]
                share, fresh = self.product(p, ct, spare), True
            if repair is not None:
                shape, real = repair
                share = unbroadcast(share.real if real else share, self.directions, shape)
            if p is partial and p != 1:
                share, fresh = -share if p == -1 else p * share, True
            if type(share) is np.float64:
                share = float(share)
            self.add(target, share, fresh)

    def part(self, entry: Any, ct: Any) -> None:
        """Add the cotangent of a part to that of its array."""
        source, index, shape = entry
        is_first = self.cts[source] is None
        buffer = self.buffer(source, shape, ct)
        if self.directions:
            index = index if type(index) is tuple else (index,)
            index = (slice(None),) * len(self.directions) + index
        if is_first:  # all zero so far
            buffer[index] = ct
        else:
            buffer[index] += ct

    def row(self, entry: Any, position: int) -> None:
        """Pull an application of a row: add the shares of its operands to their cotangents."""
        row, links, shapes, y, args, kwargs = entry
        cts = self.cts
        ct = cts[position]
        if type(shapes) is list:
            cotangents = cts[position : position + len(shapes)]
            if all(part is None for part in cotangents):
                return
            cts[position : position + len(shapes)] = [None] * len(shapes)
            ct = tuple(
                self._zeros(part) if ct is None else ct
                for ct, part in zip(cotangents, y, strict=True)
            )
        elif ct is None:
            return
        elif row.partials:
            self.elementwise(entry, position)
            return
        cts[position] = None
        if type(ct) is float:  # NumPy would round it to the precision of a float32 partial
            ct = np.float64(ct)
        if row.add_into is not None and not isinstance(ct, Tracer):
            target = links[0][1]
            if not isinstance(cts[target], Tracer):
                buffer = self.buffer(target, args[0].shape, ct)
                row.add_into(buffer, ct, args, len(self.directions))
                return
        shares = row.pull([link[0] for link in links], ct, y, args, kwargs, self.times)
        for (_, target, repair), share in zip(links, shares, strict=True):
            if repair is not None:
                shape, real = repair
                share = unbroadcast(share.real if real else share, self.directions, shape)
            if type(share) is np.float64:
                share = float(share)
            fresh = row.spares and type(share) is np.ndarray and share.base is None
            self.add(target, share, fresh)

    def written(self, entry: Any, position: int) -> None:
        """Pull a write: the value's share is cut out of the cotangent, and the rest goes on."""
        source, value, index, shape, real, last, whole = entry
        ct = self.buffer(position, whole, self.cts[position])
        self.cts[position] = None
        self.owned.discard(position)
        index = behind(index, len(self.directions), whole)
        if value >= 0:
            share = ct[index]
            share = share if type(share) is float else share.copy()  # not a view of it
            share = share if last is None else self.times(last, share)
            share = unbroadcast(share.real if real else share, self.directions, shape)
            self.add(value, share)
        ct[index] = 0.0
        self.add(source, ct, True)

    def _zeros(self, y: Any) -> Any:
        """Return a zero cotangent of `y`, one of several outputs."""
        dtype = y.dtype if y.dtype.kind in "fc" else float
        return np.zeros(self.directions + shape_of(y), dtype)
