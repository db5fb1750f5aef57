"""Colorings of symmetric matrices, of which an element may be read at its mirrored place.

The matrix is a graph: vertices are columns, edges the elements beside the diagonal. In a star
coloring any two colors make stars, whose elements stand alone somewhere. In an acyclic coloring
they make trees, whose elements are found by elimination from the leaves on: it needs fewer colors.
Gebremedhin, Manne and Pothen (2005); acyclic ones by joining trees as in Gebremedhin, Tarafdar,
Manne and Pothen (2007), "New acyclic and star coloring algorithms".
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from dualad.transforms.greedy import ordered_vertices


def neighbors(pattern: Any) -> list[list[int]]:
    """Return the neighbors of each vertex of a symmetric pattern."""
    starts, indices = pattern.indptr.tolist(), pattern.indices.tolist()
    return [
        [j for j in indices[starts[i] : starts[i + 1]] if j != i] for i in range(len(starts) - 1)
    ]


def star_colors(pattern: Any, order: str) -> Any:
    """Return a star coloring: neighbors differ, and so do two of any four on a path.

    A vertex without any element has no color.
    """
    near = neighbors(pattern)
    colors = [-1] * len(near)
    counts: list[dict[int, int]] = [{} for _ in near]  # of the neighbors of each vertex, by color
    for v in _in_order(pattern, order):
        taken = set(counts[v])
        for w in near[v]:
            color = colors[w]
            for x in near[w]:
                if colors[x] >= 0 and (color < 0 or counts[x][color] > 1):
                    taken.add(colors[x])
        _give(v, taken, colors, counts, near)
    return np.array(colors, int)


def acyclic_colors(pattern: Any, order: str) -> Any:
    """Return an acyclic coloring: neighbors differ, and no cycle has two colors only.

    Vertex ``v`` is in one tree for each color ``c`` of its neighbors: that of its color and ``c``.
    """
    near = neighbors(pattern)
    colors = [-1] * len(near)
    counts: list[dict[int, int]] = [{} for _ in near]
    trees: dict[tuple[int, int], tuple[int, int]] = {}  # the parents of a union-find
    for v in _in_order(pattern, order):
        taken = set(counts[v])
        seen: dict[Any, int] = {}
        for w in near[v]:
            if colors[w] >= 0 and counts[v][colors[w]] > 1:
                for color in counts[w]:
                    if seen.setdefault(_root(trees, (w, color)), w) != w:
                        taken.add(color)  # it would close a cycle through both neighbors
        _give(v, taken, colors, counts, near)
        for w in near[v]:
            if colors[w] >= 0:
                own, other = _root(trees, (v, colors[w])), _root(trees, (w, colors[v]))
                if own != other:
                    trees[own] = other
    return np.array(colors, int)


def _in_order(pattern: Any, order: str) -> Iterable[int]:
    """Return the vertices that have an element, in an order."""
    counts = np.diff(pattern.indptr)
    return (v for v in ordered_vertices(pattern, order) if counts[v])


def _give(v: int, taken: set[int], colors: list[int], counts: Any, near: list[list[int]]) -> None:
    """Give a vertex the least color that is not taken."""
    color = 0
    while color in taken:
        color += 1
    colors[v] = color
    for w in near[v]:
        counts[w][color] = counts[w].get(color, 0) + 1


def _root(trees: dict[Any, Any], key: Any) -> Any:
    """Return the root of a tree, and shorten the way to it."""
    while (parent := trees.setdefault(key, key)) != key:
        trees[key] = trees[parent]
        key = parent
    return key


def elimination(i: Any, j: Any, colors: Any) -> tuple[Any, Any, list[tuple[Any, Any]]] | None:
    """Return how the elements of a symmetric matrix follow from an acyclic coloring.

    Parameters
    ----------
    i, j : ndarray of int, shape (nnz,)
        The places of the elements.
    colors : ndarray of int, shape (n,)

    Returns
    -------
    is_read : ndarray of bool, shape (nnz,)
        Whether an element is found from the product in its own row; otherwise it is that at the
        mirrored place.
    mirrored : ndarray of int, shape (nnz,)
        Where in the list the element at the mirrored place is.
    rounds : list of (ndarray, ndarray)
        In this order, take elements from what was read for others.

    None if the coloring is not acyclic.
    """
    order = np.lexsort((i, j))  # the transposed matrix, in rows
    mirrored = np.empty(len(i), int)
    mirrored[order] = np.arange(len(i))
    if not (np.array_equal(i[order], j) and np.array_equal(j[order], i)):
        return None
    _, groups = np.unique(i * (np.max(colors, initial=0) + 2) + colors[j], return_inverse=True)
    groups = groups.ravel()  # elements that are mixed in one product
    is_diagonal = i == j
    is_read = is_diagonal.copy()
    left = np.bincount(groups[~is_diagonal], minlength=len(i))
    if (left[groups[is_diagonal]] > 0).any():
        return None  # neighbors of one color
    open_ = ~is_diagonal
    rounds = []
    while open_.any():
        alone = np.flatnonzero(open_ & (left[groups] == 1))
        if not len(alone):
            return None  # a cycle
        other = mirrored[alone]
        both = left[groups[other]] == 1  # the last edge of a tree: read at one end
        alone = alone[~both | (alone < other)]
        other = mirrored[alone]
        is_read[alone] = True
        open_[alone] = open_[other] = False
        left[groups[alone]] -= 1
        np.subtract.at(left, groups[other], 1)
        rounds.append((alone, groups[other]))
    return is_read, mirrored, _targets(rounds, groups, is_read & ~is_diagonal)


def _targets(rounds: Any, groups: Any, is_read: Any) -> list[tuple[Any, Any]]:
    """Return for each round the elements that were found, and those from which they are taken."""
    reader = np.full(len(groups), -1)
    reader[groups[is_read]] = np.flatnonzero(is_read)  # the element that a group is read for
    found = []
    for sources, mixed in rounds:
        target = reader[mixed]
        keep = target >= 0
        if keep.any():
            found.append((sources[keep], target[keep]))
    return found
