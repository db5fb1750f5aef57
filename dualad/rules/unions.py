"""Sets of inputs on which elements depend, as a graph of unions that is resolved only at the end.

Every element of every array has the number of a set: 0 is the empty set, 1 to `inputs` are the
single inputs, and the rest are unions of earlier sets. So to select, join and reshape arrays is to
do so with arrays of numbers, and an operation that mixes all elements makes one set.
"""

from typing import Any

import numpy as np

Sets = Any  # an array of set numbers, or one of them

FEW = 64  # members up to which a block is noted as single sets, in a run with others
MANY = 10_000  # pairs from which on a product of matrices unites them more quickly than sorting
SHARED = 8  # users up to which a set is written into each of them


class Unions:
    """A growing graph of sets.

    Attributes
    ----------
    inputs : int
        How many inputs there are.
    count : int
        How many sets there are, the empty one among them.
    blocks : list of (int, array or None, array or list)
        The first set that was made at once with others, and for all of them the sets that they
        unite: set ``first + i`` those at ``starts[i]`` to ``starts[i + 1]`` of `members`. If there
        are no starts, it is a run: `members` is a list with a tuple for each set, of which one
        may unite earlier ones.
    """

    __slots__ = ("blocks", "count", "inputs", "run")

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.count = inputs + 1
        self.blocks: list[tuple[int, Any, Any]] = []
        self.run: list[tuple[int, ...]] | None = None  # the last block, if that is a run

    def _new(self, starts: Any, members: Any) -> int:
        """Note unions, and return the number of the first."""
        first = self.count
        if len(members) <= FEW:
            members = members.tolist()
            for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
                self._one(tuple(members[start:end]))
            return first
        self.blocks.append((first, starts, members))
        self.count += len(starts) - 1
        self.run = None
        return first

    def _one(self, members: tuple[int, ...]) -> int:
        """Note one union, and return its number."""
        if self.run is None:
            self.run = []
            self.blocks.append((self.count, None, self.run))
        self.run.append(members)
        self.count += 1
        return self.count - 1

    def pair(self, a: Any, b: Any) -> int:
        """Return the union of two sets: the short way of numbers."""
        if a == b or not b:
            return int(a)
        return self._one((int(a), int(b))) if a else int(b)

    def elementwise(self, *operands: Sets) -> Any:
        """Return the unions of arrays of sets, which broadcast."""
        total = np.asarray(operands[0])
        for sets in operands[1:]:
            a, b = total, np.asarray(sets)
            if a is b:
                continue
            if a.shape != b.shape:
                a, b = np.broadcast_arrays(a, b)
            mixed = (a != b) & (a != 0) & (b != 0)
            count = int(np.count_nonzero(mixed))
            whole = count == a.size
            total = np.empty(a.shape, int) if whole else np.asarray(np.maximum(a, b))
            if not count:
                continue  # one is empty, or both are the same
            members = np.empty((count, 2), int)
            members[:, 0] = a.ravel() if whole else a[mixed]
            members[:, 1] = b.ravel() if whole else b[mixed]
            first = self._new(np.arange(0, 2 * count + 1, 2), members.ravel())
            total[... if whole else mixed] = np.arange(first, first + count).reshape(
                a.shape if whole else -1
            )
        return total

    def grouped(self, sets: Sets, groups: Any, count: int) -> Any:
        """Return the union of the sets of each of `count` groups.

        `groups` has the shape of `sets`, and tells the group of each.
        """
        sets, groups = np.ravel(sets), np.ravel(groups)
        groups, members = distinct(groups[sets != 0], sets[sets != 0], self.count)
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


def distinct(lines: Any, places: Any, width: int) -> tuple[Any, Any]:
    """Return pairs of numbers, of which the second is below `width`, sorted, and each once."""
    shift = int(width).bit_length()
    keys = (np.asarray(lines, np.int64) << shift) | places
    keys.sort(kind="stable")  # many are in rising runs, of which it makes use
    if len(keys):
        first = np.ones(len(keys), bool)
        np.not_equal(keys[1:], keys[:-1], out=first[1:])
        keys = keys if first.all() else keys[first]
    return keys >> shift, keys & ((1 << shift) - 1)


class _Resolver:
    """Which inputs some wanted sets come to.

    It goes backward through the graph, with pairs of an owner, at first a wanted set, and a
    member. A member that is a union gives way to its own members. Only if many owners have it, it
    becomes an owner of its own, a hub, and stays a member of theirs. So each union is expanded a
    few times at the most. In the end hubs are filled in, in the order in which they were computed.

    Attributes
    ----------
    pending : list of list of (array, array)
        Pairs whose members are in a block; those with inputs come first.
    links : list of (array, array)
        Pairs of an owner and a hub.
    owners : int
        How many there are. The last hub comes first in the order of computation.
    groups : list of (int, int)
        The first and the last hub, and one, of those that do not depend on each other.
    """

    def __init__(self, unions: Unions, wanted: Any) -> None:
        self.unions, self.rows = unions, len(wanted)
        self.owners = self.rows
        self.pending: list[list[tuple[Any, Any]]] = [[] for _ in range(len(unions.blocks) + 1)]
        self.links: list[tuple[Any, Any]] = []
        self.groups: list[tuple[int, int]] = []
        firsts = [block[0] for block in unions.blocks]
        sizes = np.diff([0, unions.inputs + 1, *firsts[1:], unions.count][: len(firsts) + 2])
        self.home = np.repeat(np.arange(len(sizes)), sizes)  # the place in `pending` of each set
        there = np.flatnonzero(wanted)
        self._note(there, wanted[there])

    def matrix(self) -> Any:
        """Return the matrix of the wanted sets, boolean and in rows."""
        from scipy import sparse  # heavy

        for k in range(len(self.unions.blocks), 0, -1):
            parts, self.pending[k] = self.pending[k], []
            if parts:
                owners, members = _joined(parts)
                first, starts, block = self.unions.blocks[k - 1]
                if starts is None:
                    self._through_run(owners, members, first, block)
                else:
                    self._through_block(owners, members, first, starts, block)
        lines, places = self._filled()
        width = self.unions.inputs
        small = max(len(places), width) < np.iinfo(np.int32).max  # as SciPy chooses
        starts = np.zeros(self.rows + 1, np.int32 if small else np.int64)
        np.cumsum(np.bincount(lines, minlength=self.rows), out=starts[1:])
        made = (np.ones(len(places), bool), places.astype(starts.dtype), starts)
        found = sparse.csr_array(made, (self.rows, width))
        found.has_canonical_format = True
        return found

    def _note(self, owners: Any, members: Any) -> None:
        """Note pairs of owners and members, where they are looked at later."""
        if not len(members):
            return
        low, high = self.home[members.min()], self.home[members.max()]
        if low == high:
            self.pending[low].append((owners, members))
            return
        homes = self.home[members]
        order = np.argsort(homes, kind="stable")
        ends = np.flatnonzero(np.diff(homes[order])) + 1
        for part in np.split(order, ends):
            self.pending[homes[part[0]]].append((owners[part], members[part]))

    def _through_block(
        self, owners: Any, members: Any, first: int, starts: Any, block: Any
    ) -> None:
        """Put the members of a block's sets in the place of these sets."""
        local = members - first
        if np.bincount(local).max() > SHARED:
            owners, local = distinct(owners, local, len(starts))
            uses = np.bincount(local)
            is_hub = uses > SHARED
            if is_hub.any():
                hubs = np.flatnonzero(is_hub)
                numbers = np.cumsum(is_hub) - 1 + self.owners
                shared = is_hub[local]
                self.links.append((owners[shared], numbers[local[shared]]))
                owners = np.concatenate([owners[~shared], numbers[hubs]])
                local = np.concatenate([local[~shared], hubs])
                self.groups.append((self.owners, self.owners + len(hubs)))
                self.owners += len(hubs)
        if 2 * (len(starts) - 1) == len(block):  # pairs
            for half in (block[::2], block[1::2]):
                self._note(owners, half[local])
            return
        sizes = np.diff(starts)[local]
        self._note(np.repeat(owners, sizes), block[_ranges(starts[local], sizes)])

    def _through_run(self, owners: Any, members: Any, first: int, run: Any) -> None:
        """Put the members of single sets in the place of these sets, the last one first."""
        users: dict[int, set[int]] = {}
        for owner, member in zip(owners.tolist(), members.tolist(), strict=True):
            users.setdefault(member, set()).add(owner)
        given: list[int] = []
        got: list[int] = []
        for number in range(max(users), first - 1, -1):
            own = users.pop(number, None)
            if own is None:
                continue
            if len(own) > SHARED:
                hub = self.owners
                self.links.append((np.array(list(own)), np.full(len(own), hub)))
                self.groups.append((hub, hub + 1))
                self.owners += 1
                own = {hub}
            for member in run[number - first]:
                if member >= first:
                    users.setdefault(member, set()).update(own)
                else:
                    given += own
                    got += [member] * len(own)
        self._note(np.array(given), np.array(got))

    def _filled(self) -> tuple[Any, Any]:
        """Return the rows and the inputs of the elements of the matrix."""
        width = self.unions.inputs
        owners, members = _joined(self.pending[0])
        if not self.groups:
            return distinct(owners, members - 1, width)
        owners, members = distinct(owners, members - 1, width)
        base = np.searchsorted(owners, np.arange(self.owners + 1))
        users, hubs = distinct(*_joined(self.links), self.owners)
        ends = np.searchsorted(users, np.arange(self.owners + 1))
        pool = _Pool(self.owners, width)
        for first, end in [*reversed(self.groups), (0, self.rows)]:
            some, more = slice(base[first], base[end]), slice(ends[first], ends[end])
            linked, inputs = pool.inside(users[more], hubs[more])
            lines = np.concatenate([owners[some], linked])
            lines, inputs = distinct(lines, np.concatenate([members[some], inputs]), width)
            if end > self.rows:
                pool.add(first, end, lines, inputs)
        return lines, inputs


class _Pool:
    """The inputs of hubs, one after the other, in memory that doubles."""

    def __init__(self, owners: int, width: int) -> None:
        self.starts, self.sizes = np.zeros(owners, int), np.zeros(owners, int)
        self.home = np.zeros(owners, int)  # the first hub of the group of each
        self.inputs, self.used, self.width = np.zeros(1024, int), 0, width

    def add(self, first: int, end: int, lines: Any, inputs: Any) -> None:
        """Keep the inputs of a group of hubs, sorted by these."""
        sizes = np.bincount(lines - first, minlength=end - first)
        self.sizes[first:end] = sizes
        self.starts[first:end] = self.used + np.cumsum(sizes) - sizes
        self.home[first:end] = first
        if self.used + len(inputs) > len(self.inputs):
            more = np.zeros(self.used + 2 * len(inputs), int)
            self.inputs = np.concatenate([self.inputs[: self.used], more])
        self.inputs[self.used : self.used + len(inputs)] = inputs
        self.used += len(inputs)

    def inside(self, users: Any, hubs: Any) -> tuple[Any, Any]:
        """Return pairs of a user and an input for pairs of a user and a hub; some perhaps twice."""
        sizes = self.sizes[hubs]
        if np.sum(sizes) <= MANY:
            return np.repeat(users, sizes), self.inputs[_ranges(self.starts[hubs], sizes)]
        homes = self.home[hubs]
        order = np.argsort(homes, kind="stable")
        ends = np.flatnonzero(np.diff(homes[order])) + 1
        parts = np.split(order, ends)
        return _joined([self._united(users[part], hubs[part]) for part in parts])

    def _united(self, users: Any, hubs: Any) -> tuple[Any, Any]:
        """Return pairs as `inside` does, each once, for hubs of one group."""
        from scipy import sparse  # heavy

        own, rows = np.unique(users, return_inverse=True)
        near, columns = np.unique(hubs, return_inverse=True)
        ones = np.ones(len(users), bool)
        links = sparse.csr_array((ones, (rows.ravel(), columns.ravel())), (len(own), len(near)))
        sizes = self.sizes[near]
        inputs = self.inputs[_ranges(self.starts[near], sizes)]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        parts = (np.ones(len(inputs), bool), inputs, starts)
        found = links @ sparse.csr_array(parts, (len(near), self.width))
        found.sort_indices()
        return np.repeat(own, np.diff(found.indptr)), found.indices


def _ranges(starts: Any, sizes: Any) -> Any:
    """Return the numbers from each start on, as many as its size, one range after the other."""
    ends = np.cumsum(sizes)
    return np.repeat(starts - ends + sizes, sizes) + np.arange(ends[-1] if len(ends) else 0)


def _joined(parts: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """Return pairs of arrays as one pair."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return np.zeros(0, int), np.zeros(0, int)
    return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts])
