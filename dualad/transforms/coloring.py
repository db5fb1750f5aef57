"""Coloring: which columns, or rows, of a Jacobian share a direction, so that few are needed.

Curtis, Powell and Reid (1974) for columns; Coleman and Verma (1998) for both; Gebremedhin, Manne
and Pothen (2005), "What color is your Jacobian?", for all of them.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dualad.errors import SparsityError
from dualad.transforms.greedy import ORDERS, colored, number
from dualad.transforms.symmetric import acyclic_colors, elimination, star_colors

KINDS = ("auto", "columns", "rows", "both", "symmetric", "star", "acyclic")
PULL_COST = 2  # of a direction pulled, in directions pushed
STARRED = 500_000  # paths of two edges up to which star colorings are tried
COUNTED = 4  # products of a line and a color, to an element, up to which all are counted


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Where the elements of a pattern in rows are read, of products with directions.

    Attributes
    ----------
    is_pulled : ndarray of bool, shape (nnz,)
    color, place : ndarray of int, shape (nnz,)
        Element ``place`` of the result of direction ``color``, pulled or pushed.
    rounds : list of (ndarray, ndarray)
        In this order, elements that are subtracted from others, which were read with them.
    is_read, mirrored : ndarray or None
        Which elements were read; the rest are those at the mirrored place.
    """

    is_pulled: Any
    color: Any
    place: Any
    rounds: Any = ()
    is_read: Any = None
    mirrored: Any = None

    def finished(self, data: Any) -> Any:
        """Return the elements, given what was read for them."""
        if self.mirrored is None:
            return data
        for sources, targets in self.rounds:
            np.subtract.at(data, targets, data[sources])
        return np.where(self.is_read, data, data[self.mirrored])


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
    is_eliminated : bool
        Whether elements are also found as differences, tree by tree.
    """

    columns: Any
    rows: Any
    pushed: int
    pulled: int
    is_symmetric: bool = False
    is_eliminated: bool = False

    @property
    def count(self) -> int:
        """Number of colors."""
        return self.pushed + self.pulled

    def reading(self, pattern: Any, *, check: bool = True) -> Reading:
        """Return where to read the elements of a pattern in rows.

        Without `check` it is taken for granted that colors of columns alone fit.

        Raises
        ------
        SparsityError
            If the coloring does not fit the pattern.
        """
        if (self.rows.shape + self.columns.shape) != pattern.shape:
            raise SparsityError("the coloring", "it is of a matrix of another shape")
        i, j = places_of(pattern)
        if self.is_eliminated:
            found = elimination(i, j, self.columns)
            if found is None:
                raise SparsityError("the coloring", "it has a cycle of two colors")
            is_read, mirrored, rounds = found
            return Reading(np.zeros(len(i), bool), self.columns[j], i, rounds, is_read, mirrored)
        is_plain = not (self.pulled or self.is_symmetric)
        pushed = np.ones(len(i), bool) if is_plain and not check else _alone(i, self.columns[j])
        if pushed.all():
            return Reading(~pushed, self.columns[j], i)
        pulled = ~pushed & _alone(j, self.rows[i])
        color = np.where(pushed, self.columns[j], self.rows[i])
        place = np.where(pushed, i, j)
        if self.is_symmetric:
            turned = ~pushed & _alone(j, self.columns[i])
            color, place = np.where(turned, self.columns[i], color), np.where(turned, j, place)
            pushed = pushed | turned
        if not np.all(pushed | pulled):
            raise SparsityError("the coloring", "it leaves elements of the pattern mixed")
        return Reading(pulled, color, place)


def _alone(lines: Any, colors: Any) -> Any:
    """Return whether each element is the only one of its color, if it has one, in its line."""
    width = int(np.max(colors, initial=-1)) + 2
    keys = lines.astype(np.int64) * width + (colors + 1)
    size = int(np.max(keys, initial=-1)) + 1
    if size <= COUNTED * len(keys):
        return (np.bincount(keys, minlength=size)[keys] == 1) & (colors >= 0)
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return (counts[inverse.ravel()] == 1) & (colors >= 0)


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
    kind : {"auto", "columns", "rows", "both", "symmetric", "star", "acyclic"}
        What to color: columns are pushed and rows are pulled; "both" pulls a few dense rows, or
        pushes a few dense columns, apart from the rest. "auto" takes the cheapest of these three.
        "star" is for symmetric matrices, and "symmetric" takes the best of all for them but for
        "acyclic": that needs fewer directions, but elements are found as differences, along
        trees, and a small one loses its digits beside large ones.
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
    if kind in ("symmetric", "star", "acyclic"):
        m, n = pattern.shape
        if m != n or (pattern != pattern.T).nnz:
            raise SparsityError("the pattern", f"it is not symmetric, and kind is {kind!r}")
    return chosen(pattern, kind, order)


def chosen(pattern: Any, kind: str, order: str = "auto", spare: int = 0) -> Coloring:
    """Return a coloring of a canonical pattern, symmetric where `kind` asks for it.

    If it is found more quickly, it may have `spare` colors more than the least possible number.
    """
    if kind == "symmetric":
        return _symmetric(pattern, order, spare)
    if kind in ("star", "acyclic"):
        return _on_graph(pattern, kind, order)
    found = []
    if kind in ("auto", "columns"):
        found.append(_by_columns(pattern, 0, order, spare))
    sides = np.diff(pattern.indptr), np.bincount(pattern.indices, minlength=pattern.shape[1])
    longest = np.max(sides[1], initial=0)  # rows need as many colors
    if kind == "rows" or (kind == "auto" and found[0].pushed - spare > PULL_COST * longest):
        found.append(_turned(_by_columns(as_pattern(pattern.T), 0, order, spare)))
    if kind in ("auto", "both"):
        for turned, counts in enumerate(sides):
            dense = _dense_lines(counts)
            if dense or kind == "both":
                given = as_pattern(pattern.T) if turned else pattern
                both = _by_columns(given, dense, order, spare)
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


def _dense_lines(counts: Any) -> int:
    """Return how many of the densest lines, of `counts` elements, are better taken one by one."""
    if not counts.size:
        return 0
    counts = np.sort(counts)[::-1]
    estimate = PULL_COST * np.arange(len(counts)) + counts
    best = int(np.argmin(estimate))
    return best if estimate[best] < 0.7 * counts[0] else 0


def _by_columns(pattern: Any, dense: int, order: str, spare: int) -> Coloring:
    """Return a coloring of columns, but for a number of `dense` rows, which are pulled."""
    m, n = pattern.shape
    rows = np.full(m, -1)
    if dense:
        counts = np.diff(pattern.indptr)
        apart = np.argsort(-counts, kind="stable")[:dense]
        rows[apart] = colored(as_pattern(pattern[apart].T), order, spare)
        keep = np.repeat(rows < 0, counts).astype(bool)
        i, j = places_of(pattern)
        pattern = _matrix(i[keep], j[keep], (m, n))
    columns = colored(pattern, order, spare)
    return Coloring(columns, rows, number(columns), number(rows))


def _matrix(i: Any, j: Any, shape: Any) -> Any:
    """Return the pattern with the given places."""
    from scipy import sparse  # heavy

    return as_pattern(sparse.coo_array((np.ones(len(i), bool), (i, j)), shape))


def _symmetric(pattern: Any, order: str, spare: int) -> Coloring:
    """Return a coloring of a symmetric pattern: the one with the fewest colors."""
    n = pattern.shape[1]
    counts = np.diff(pattern.indptr)
    found = [colored(pattern, order, spare)]
    dense = _dense_lines(counts)
    if dense:  # dense columns alone: they give the dense rows as well
        alone = np.zeros(n, bool)
        alone[np.argsort(-counts, kind="stable")[:dense]] = True
        i, j = places_of(pattern)
        rest = _matrix(i[~(alone[i] | alone[j])], j[~(alone[i] | alone[j])], (n, n))
        colors = colored(rest, order, spare)
        colors[alone] = number(colors) + np.arange(dense)
        found.append(colors)
    best = _as_symmetric(min(found, key=number))
    if spare or np.sum(counts.astype(float) ** 2) > STARRED:
        return best
    return min(best, _on_graph(pattern, "star", order), key=lambda c: c.count)


def _on_graph(pattern: Any, kind: str, order: str) -> Coloring:
    """Return a star or an acyclic coloring, the best of some orders if that is "auto"."""
    give = star_colors if kind == "star" else acyclic_colors
    orders = ORDERS[1:] if order == "auto" else (order,)
    colors = min([give(pattern, name) for name in orders], key=number)
    return _as_symmetric(colors, kind == "acyclic")


def _as_symmetric(colors: Any, is_eliminated: bool = False) -> Coloring:
    """Return a coloring of a symmetric matrix from the colors of its columns."""
    return Coloring(colors, np.full(len(colors), -1), number(colors), 0, True, is_eliminated)
