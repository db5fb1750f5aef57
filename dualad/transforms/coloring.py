"""Coloring: which columns, or rows, of a Jacobian share a direction, so that few are needed.

Curtis, Powell and Reid (1974) for columns; Coleman and Verma (1998) for both; Gebremedhin, Manne
and Pothen (2005), "What color is your Jacobian?", for all of them and the orders.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

from dualad.errors import SparsityError

ORDERS = ("auto", "natural", "largest_first", "smallest_last", "incidence_degree")
KINDS = ("auto", "columns", "rows", "both", "symmetric")
PULL_COST = 2  # of a direction pulled, in directions pushed
ORDERED = 20_000  # conflicts up to which "auto" tries the orders that follow a graph
STARRED = 500_000  # paths of two edges up to which a star coloring is tried


@dataclass(frozen=True, slots=True, eq=False)
class Coloring:
    """Which directions give all elements of a matrix with a pattern.

    Attributes
    ----------
    columns : ndarray of int, shape (n,)
        The color of each column: columns of one color are pushed together. -1: not pushed.
    rows : ndarray of int, shape (m,)
        The color of each row: rows of one color are pulled together. -1: not pulled.
    pushed, pulled : int
        How many colors there are of either.
    is_symmetric : bool
        Whether an element may be read at its mirrored place.
    """

    columns: Any
    rows: Any
    pushed: int
    pulled: int
    is_symmetric: bool = False

    @property
    def count(self) -> int:
        """Number of colors."""
        return self.pushed + self.pulled

    def reading(self, pattern: Any) -> tuple[Any, Any, Any]:
        """Return where to read the elements of a pattern in rows.

        Returns
        -------
        is_pulled : ndarray of bool, shape (nnz,)
        color, place : ndarray of int, shape (nnz,)
            Element ``place`` of the result of direction ``color``, pulled or pushed.

        Raises
        ------
        SparsityError
            If two elements share their place: the coloring does not fit the pattern.
        """
        i, j = places_of(pattern)
        if (self.rows.shape + self.columns.shape) != pattern.shape:
            raise SparsityError("the coloring", "it is of a matrix of another shape")
        pushed = (self.columns[j] >= 0) & _alone(i, self.columns[j])
        pulled = ~pushed & (self.rows[i] >= 0) & _alone(j, self.rows[i])
        color = np.where(pushed, self.columns[j], self.rows[i])
        place = np.where(pushed, i, j)
        if self.is_symmetric:
            turned = ~pushed & (self.columns[i] >= 0) & _alone(j, self.columns[i])
            color, place = np.where(turned, self.columns[i], color), np.where(turned, j, place)
            pushed = pushed | turned
        if not np.all(pushed | pulled):
            raise SparsityError("the coloring", "it leaves elements of the pattern mixed")
        return pulled, color, place


def _alone(lines: Any, colors: Any) -> Any:
    """Return whether each element is the only one of its color in its line."""
    keys = lines.astype(np.int64) * (np.max(colors, initial=0) + 2) + colors + 1
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return counts[inverse.ravel()] == 1


def places_of(pattern: Any) -> tuple[Any, Any]:
    """Return the rows and columns of the elements of a pattern in rows, in its order."""
    counts = np.diff(pattern.indptr)
    return np.repeat(np.arange(pattern.shape[0]), counts), pattern.indices


def color(pattern: Any, kind: str = "auto", *, order: str = "auto") -> Coloring:
    """Coloring of a pattern: which columns and rows share a direction.

    Parameters
    ----------
    pattern : sparse array or array_like, shape (m, n)
        Its nonzeros are where the matrix may be nonzero.
    kind : {"auto", "columns", "rows", "both", "symmetric"}
        What to color: columns are pushed and rows are pulled; "both" pulls a few dense rows, or
        pushes a few dense columns, apart from the rest; "symmetric" uses that the matrix is.
        "auto" takes the cheapest of the first three.
    order : {"auto", "natural", "largest_first", "smallest_last", "incidence_degree"}
        In which colors are given; "auto" takes the best of some.

    Returns
    -------
    Coloring

    Examples
    --------
    >>> import numpy as np
    >>> color(np.tri(6, k=1) - np.tri(6, k=-2)).count
    3
    """
    if kind not in KINDS or order not in ORDERS:
        raise ValueError(f"kind is one of {KINDS} and order one of {ORDERS}: got {kind}, {order}.")
    pattern = as_pattern(pattern)
    if kind == "symmetric":
        return _symmetric(pattern, order)
    found = []
    if kind in ("auto", "columns"):
        found.append(_by_columns(pattern, 0, order))
    longest = np.max(np.bincount(pattern.indices), initial=0)  # rows need as many colors
    if kind == "rows" or (kind == "auto" and found[0].pushed > PULL_COST * longest):
        found.append(_turned(_by_columns(as_pattern(pattern.T), 0, order)))
    if kind in ("auto", "both"):
        for turned in (False, True):
            given = as_pattern(pattern.T) if turned else pattern
            dense = _dense_rows(given)
            if dense or kind == "both":
                both = _by_columns(given, dense, order)
                found.append(_turned(both) if turned else both)
    return min(found, key=lambda c: c.pushed + PULL_COST * c.pulled)


def as_pattern(pattern: Any) -> Any:
    """Return a pattern, sparse or dense, as a boolean matrix in rows, without stored zeros."""
    from scipy import sparse  # heavy

    if not sparse.issparse(pattern):
        pattern = np.asarray(pattern)
        if pattern.ndim != 2:
            raise SparsityError("the pattern", f"it has {pattern.ndim} axes, where a matrix has 2")
        pattern = pattern != 0
    found = sparse.csr_array(pattern, copy=True)
    found.data = found.data != 0
    found.sum_duplicates()
    found.eliminate_zeros()
    found.sort_indices()
    return found


def _turned(coloring: Coloring) -> Coloring:
    """Return the coloring of a transposed pattern as one of the pattern."""
    return Coloring(coloring.rows, coloring.columns, coloring.pulled, coloring.pushed)


def _dense_rows(pattern: Any) -> int:
    """Return how many of the densest rows are better taken one by one."""
    counts = np.sort(np.diff(pattern.indptr))[::-1]
    if not counts.size:
        return 0
    estimate = PULL_COST * np.arange(len(counts)) + counts
    best = int(np.argmin(estimate))
    return best if estimate[best] < 0.7 * counts[0] else 0


def _by_columns(pattern: Any, dense: int, order: str) -> Coloring:
    """Return a coloring of columns, but for a number of `dense` rows, which are pulled."""
    m, n = pattern.shape
    counts = np.diff(pattern.indptr)
    apart = np.argsort(-counts, kind="stable")[:dense]
    rows = np.full(m, -1)
    if dense:
        rows[apart] = _greedy(as_pattern(pattern[apart].T), order)
        keep = np.repeat(rows < 0, counts).astype(bool)
        i, j = places_of(pattern)
        pattern = _matrix(i[keep], j[keep], (m, n))
    columns = _greedy(pattern, order)
    return Coloring(columns, rows, _colors(columns), _colors(rows))


def _matrix(i: Any, j: Any, shape: Any) -> Any:
    """Return the pattern with the given places."""
    from scipy import sparse  # heavy

    return as_pattern(sparse.coo_array((np.ones(len(i), bool), (i, j)), shape))


def _colors(colors: Any) -> int:
    """Return how many colors there are."""
    return int(np.max(colors, initial=-1)) + 1


def _greedy(pattern: Any, order: str) -> Any:
    """Return colors of the columns such that no row has two of one color; -1 for empty ones."""
    counts = np.diff(pattern.indptr)
    least = int(np.max(counts, initial=0))
    columns = pattern.tocsc()
    if least == pattern.shape[1]:
        return np.arange(least)
    if order != "auto":
        return _first_fit(columns, _ordered(pattern, order))
    tries = ["natural", "largest_first"]
    if np.sum(counts.astype(float) ** 2) <= ORDERED:
        tries += ["smallest_last", "incidence_degree"]
    best: Any = None
    for name in tries:
        found = _first_fit(columns, _ordered(pattern, name))
        if best is None or _colors(found) < _colors(best):
            best = found
        if _colors(best) <= least:
            break
    return best


def _first_fit(columns: Any, order: Iterable[int]) -> Any:
    """Return the least color for each column that none before it has in its rows.

    The colors in a row are the bits of one number: no graph of conflicts is made.
    """
    starts, rows = columns.indptr.tolist(), columns.indices.tolist()
    used = [0] * columns.shape[0]
    colors = [-1] * columns.shape[1]
    for j in order:
        own = rows[starts[j] : starts[j + 1]]
        taken = 0
        for i in own:
            taken |= used[i]
        bit = ~taken & (taken + 1)
        for i in own:
            used[i] |= bit
        if own:
            colors[j] = bit.bit_length() - 1
    return np.array(colors, int)


def _ordered(pattern: Any, order: str) -> Iterable[int]:
    """Return the columns in the order in which they get their colors."""
    if order == "natural":
        return range(pattern.shape[1])
    if order == "largest_first":
        weights = pattern.T.astype(int) @ np.diff(pattern.indptr)
        return np.argsort(-weights, kind="stable").tolist()  # type: ignore[no-any-return]
    ones = pattern.astype(np.int32)
    graph = (ones.T @ ones).tocsr()
    starts, near = graph.indptr.tolist(), graph.indices.tolist()
    if order == "smallest_last":
        return _by_degree(starts, near, np.diff(graph.indptr).tolist())[::-1]
    return _by_degree(starts, near, [0] * pattern.shape[1])


def _by_degree(starts: list[int], near: list[int], degrees: list[int]) -> list[int]:
    """Return vertices, each time one of least degree, which its neighbors' then falls by one."""
    heap = [(degree, j) for j, degree in enumerate(degrees)]
    heapify(heap)
    done = [False] * len(degrees)
    found = []
    while heap:
        degree, j = heappop(heap)
        if done[j] or degree != degrees[j]:
            continue
        done[j] = True
        found.append(j)
        for i in near[starts[j] : starts[j + 1]]:
            if not done[i]:
                degrees[i] -= 1
                heappush(heap, (degrees[i], i))
    return found


def _symmetric(pattern: Any, order: str) -> Coloring:
    """Return a coloring of a symmetric pattern: dense columns alone, or a star coloring."""
    m, n = pattern.shape
    if m != n or (pattern != pattern.T).nnz:
        raise SparsityError("the pattern", "it is not symmetric, and kind is 'symmetric'")
    counts = np.diff(pattern.indptr)
    found = [_by_columns(pattern, 0, order).columns]
    dense = _dense_rows(pattern)
    if dense:
        alone = np.zeros(n, bool)
        alone[np.argsort(-counts, kind="stable")[:dense]] = True
        i, j = places_of(pattern)
        rest = _matrix(i[~(alone[i] | alone[j])], j[~(alone[i] | alone[j])], (n, n))
        colors = _greedy(rest, order)
        colors[alone] = _colors(colors) + np.arange(dense)
        found.append(colors)
    if np.sum(counts.astype(float) ** 2) * np.max(counts, initial=0) <= STARRED:
        found.append(_star(pattern))
    best = min(found, key=_colors)
    return Coloring(best, np.full(m, -1), _colors(best), 0, is_symmetric=True)


def _star(pattern: Any) -> Any:
    """Return a star coloring: neighbors differ, and so do two of any four on a path.

    The diagonal counts as no edge; a vertex without any element has no color.
    """
    starts, indices = pattern.indptr.tolist(), pattern.indices.tolist()
    near = [[j for j in indices[starts[i] : starts[i + 1]] if j != i]
            for i in range(len(starts) - 1)]  # fmt: skip
    colors = [-1] * len(near)
    for v, own in enumerate(near):
        taken = set()
        for w in own:
            if colors[w] >= 0:
                taken.add(colors[w])
            for x in near[w]:
                if x == v or colors[x] < 0:
                    continue
                if colors[w] < 0 or any(y != w and colors[y] == colors[w] for y in near[x]):
                    taken.add(colors[x])
        if starts[v] < starts[v + 1]:
            colors[v] = next(c for c in range(len(taken) + 1) if c not in taken)
    return np.array(colors, int)
