"""Sets of inputs on which elements depend, as a graph of unions that is resolved only at the end.

Every element of every array has the number of a set: 0 is the empty set, 1 to `inputs` are the
single inputs, and the rest are unions of earlier sets. So to select, join and reshape arrays is to
do so with arrays of numbers, and an operation that mixes all elements makes one set.
"""

from itertools import pairwise
from typing import Any

import numpy as np

Sets = Any  # an array of set numbers, or one of them


class Unions:
    """A growing graph of sets.

    Attributes
    ----------
    inputs : int
        How many inputs there are.
    count : int
        How many sets there are, the empty one among them.
    blocks : list of (int, array, array)
        The first set that was made at once with others, and for all of them the sets that they
        unite: set ``first + i`` those at ``starts[i]`` to ``starts[i + 1]``.
    """

    __slots__ = ("blocks", "count", "inputs")

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.count = inputs + 1
        self.blocks: list[tuple[int, Any, Any]] = []

    def _new(self, starts: Any, members: Any) -> int:
        """Note unions, and return the number of the first."""
        first = self.count
        self.blocks.append((first, starts, members))
        self.count += len(starts) - 1
        return first

    def pair(self, a: Any, b: Any) -> int:
        """Return the union of two sets: the short way of numbers."""
        if a == b or not b:
            return int(a)
        return self._new((0, 2), (int(a), int(b))) if a else int(b)

    def elementwise(self, *operands: Sets) -> Any:
        """Return the unions of arrays of sets, which broadcast."""
        total = np.asarray(operands[0])
        for sets in operands[1:]:
            a, b = np.broadcast_arrays(total, sets)
            total = np.asarray(np.maximum(a, b))  # where one is empty, or both are the same
            mixed = (a != b) & (a != 0) & (b != 0)
            members = np.stack([a[mixed], b[mixed]], axis=-1).ravel()
            if members.size:
                starts = np.arange(0, len(members) + 1, 2)
                total[mixed] = self._new(starts, members) + np.arange(len(starts) - 1)
        return total

    def grouped(self, sets: Sets, groups: Any, count: int) -> Any:
        """Return the union of the sets of each of `count` groups.

        `groups` has the shape of `sets`, and tells the group of each.
        """
        sets, groups = np.ravel(sets), np.ravel(groups)
        keys = np.unique(groups[sets != 0] * self.count + sets[sets != 0])
        groups, members = keys // self.count, keys % self.count
        sizes = np.bincount(groups, minlength=count)
        found = np.zeros(count, int)
        found[groups] = members  # right for those with a single member
        several = sizes > 1
        if several.any():
            starts = np.concatenate([[0], np.cumsum(sizes[several])])
            first = self._new(starts, members[several[groups]])
            found[several] = first + np.arange(len(starts) - 1)
        return found

    def resolved(self, sets: Sets) -> Any:
        """Return which inputs are in each of some sets: a matrix with a row for each set."""
        return _Resolver(self, np.ravel(sets)).matrix()


class _Resolver:
    """What sets come to, in numbers of inputs; only those that are needed are looked at.

    Small blocks, as loops over numbers make them, are united as Python's sets; large ones by a
    product of sparse matrices.
    """

    SMALL = 8

    def __init__(self, unions: Unions, wanted: Any) -> None:
        self.unions, self.wanted = unions, wanted
        self.needed = np.zeros(unions.count, bool)
        self.needed[wanted] = True
        self.small: dict[int, frozenset[int]] = {}
        self.large: list[tuple[int, int, Any, Any]] = []  # first, end, row of each, matrix
        for first, starts, members in reversed(unions.blocks):
            for i in range(len(starts) - 1) if len(starts) <= self.SMALL else ():
                if self.needed[first + i]:
                    self.needed[list(members[starts[i] : starts[i + 1]])] = True
            if len(starts) > self.SMALL:
                kept = np.repeat(self.needed[first : first + len(starts) - 1], np.diff(starts))
                self.needed[members[kept]] = True

    def matrix(self) -> Any:
        """Return the matrix of the wanted sets, boolean and in rows."""
        for first, starts, members in self.unions.blocks:
            if len(starts) <= self.SMALL:
                self._unite(first, starts, members)
            else:
                self._multiply(first, starts, members)
        found = self._rows(*np.unique(self.wanted, return_inverse=True))
        found.sort_indices()
        return found

    def _unite(self, first: int, starts: Any, members: Any) -> None:
        """Resolve a small block."""
        for i, (start, end) in enumerate(pairwise(starts)):
            if self.needed[first + i]:
                parts = [self._one(int(j)) for j in members[start:end]]
                self.small[first + i] = parts[0].union(*parts[1:])

    def _one(self, number: int) -> frozenset[int]:
        """Return one resolved set."""
        if number <= self.unions.inputs:
            return frozenset((number - 1,))
        if number in self.small:
            return self.small[number]
        for first, end, rows, matrix in self.large:
            if first <= number < end:
                row = rows[number - first]
                places = slice(matrix.indptr[row], matrix.indptr[row + 1])
                found = self.small[number] = frozenset(matrix.indices[places].tolist())
                return found
        raise KeyError(number)

    def _multiply(self, first: int, starts: Any, members: Any) -> None:
        """Resolve a large block."""
        from scipy import sparse  # heavy

        count = len(starts) - 1
        needed = self.needed[first : first + count]
        if not needed.any():
            return
        sizes = np.diff(starts)
        members = np.asarray(members)[np.repeat(needed, sizes)]
        parts, inverse = np.unique(members, return_inverse=True)
        starts = np.concatenate([[0], np.cumsum(sizes[needed])])
        ones = np.ones(len(members), bool)
        shape = (len(starts) - 1, len(parts))
        united = sparse.csr_array((ones, inverse.ravel(), starts), shape)
        rows = np.cumsum(needed) - 1
        matrix = united @ self._rows(parts, np.arange(len(parts)))
        self.large.append((first, first + count, rows, matrix))

    def _rows(self, numbers: Any, order: Any) -> Any:
        """Return the matrix whose rows are the sets `numbers`, which rise, in a given order."""
        from scipy import sparse  # heavy

        n = self.unions.inputs
        ends = np.searchsorted(numbers, [0, 1, n + 1])
        single = numbers[ends[1] : ends[2]]
        starts = np.concatenate([np.zeros(ends[1], int), np.arange(len(single) + 1)])
        parts = [_matrix(starts, single - 1, n)]
        place = ends[2]
        for first, end, rows, matrix in [*self.large, (self.unions.count, 0, None, None)]:
            stop = np.searchsorted(numbers, first)
            if stop > place:
                sets = [sorted(self.small[i]) for i in numbers[place:stop].tolist()]
                starts = np.cumsum([0, *map(len, sets)])
                parts.append(_matrix(starts, np.concatenate(sets), n))
            place = np.searchsorted(numbers, end)
            if place > stop:
                parts.append(matrix[rows[numbers[stop:place] - first]])
        found = parts[0] if len(parts) == 1 else sparse.vstack(parts, format="csr")
        return sparse.csr_array(found[order.ravel()])


def _matrix(starts: Any, places: Any, width: int) -> Any:
    """Return a boolean matrix in rows."""
    from scipy import sparse  # heavy

    return sparse.csr_array((np.ones(len(places), bool), places, starts), (len(starts) - 1, width))
