"""Colors of columns, of which no two that share a row are equal, in one order or another.

The orders are those that Gebremedhin, Manne and Pothen (2005), "What color is your Jacobian?",
compare.
"""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np

ORDERS = ("auto", "natural", "largest_first", "smallest_last", "incidence_degree")
ORDERED = 20_000  # conflicts up to which "auto" tries the orders that follow a graph
CYCLED = 32  # length of rows up to which repeating colors are tried
ENOUGH = 3  # times the longest row: so many colors are few


def colored(pattern: Any, order: str, spare: int = 0) -> Any:
    """Return colors of the columns such that no row has two of one color; -1 for empty ones.

    Colors that repeat, which are found quickly, are taken if they are at most `spare` more than
    the least possible number.
    """
    counts = np.diff(pattern.indptr)
    least = int(np.max(counts, initial=0))
    if least == pattern.shape[1]:
        return np.arange(least)
    if order != "auto":
        return _first_fit(pattern.tocsc(), _ordered(pattern, order))
    best = _repeating(pattern, counts, least)
    if best is not None and number(best) <= least + spare:
        return best
    columns = pattern.tocsc()
    tries = ["natural", "largest_first"]
    if np.sum(counts.astype(float) ** 2) <= ORDERED:
        tries += ["smallest_last", "incidence_degree"]
    for name in tries:
        found = _first_fit(columns, _ordered(pattern, name))
        if best is None or number(found) < number(best):
            best = found
        if number(best) <= least:
            break
    return best


def number(colors: Any) -> int:
    """Return how many colors there are."""
    return int(np.max(colors, initial=-1)) + 1


def _repeating(pattern: Any, counts: Any, least: int) -> Any:
    """Return colors ``j % count`` of the columns ``j``, of as few as will do, if these are few.

    They are the best for a band, and good for what has the same neighbors everywhere, as on grids.
    Two columns may not have one color if the distance between them, in a row, is a multiple of
    `count`; so there are as few tests as distances.
    """
    n = pattern.shape[1]
    if not 0 < least <= CYCLED:
        return None
    rows = np.repeat(np.arange(len(counts)), counts)
    places = rows * (2 * n) + pattern.indices
    there = np.zeros(n, bool)
    for lag in range(1, least):
        distances = places[lag:] - places[:-lag]
        there[distances[distances < n]] = True  # those in one row
    for count in range(least, ENOUGH * least + 1):
        if not there[count::count].any():
            used = np.zeros(n, bool)
            used[pattern.indices] = True
            return np.where(used, np.arange(n) % count, -1)
    return None


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
    return ordered_vertices((ones.T @ ones).tocsr(), order)


def ordered_vertices(graph: Any, order: str) -> Iterable[int]:
    """Return the vertices of a graph, given by its neighbors in rows, in one of the orders."""
    degrees = np.diff(graph.indptr)
    if order == "natural":
        return range(len(degrees))
    if order == "largest_first":
        return np.argsort(-degrees, kind="stable").tolist()  # type: ignore[no-any-return]
    starts, near = graph.indptr.tolist(), graph.indices.tolist()
    if order == "smallest_last":
        return _by_degree(starts, near, degrees.tolist())[::-1]
    return _by_degree(starts, near, [0] * len(degrees))


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
