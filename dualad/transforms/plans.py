"""Plans: which directions give a sparse matrix, and where its elements are read and checked."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from dualad.errors import SparsityError
from dualad.transforms.choice import chunks, directions_at_once
from dualad.transforms.coloring import Coloring
from dualad.transforms.operators import common_dtype, cut
from dualad.transforms.products import Recording
from dualad.transforms.sparsity import pattern_of
from dualad.transforms.spreading import swept

CACHED = 2**20  # bytes of an array up to which it is not fetched from afar each time it is used
SPACIOUS = 4  # products to an element of the pattern up to which all are held at once
KEPT = 2**21  # elements of directions that a plan keeps
PULLED = 10  # rows that are not finite, and are looked at one by one
PROBE = 12345  # the seed of the random direction that checks a pattern

Chunks = Iterable[tuple[int, Any]]  # the first direction of each, and the results in one row


class Directions:
    """The sums of all columns, or rows, of one color each; and behind them a random direction.

    Attributes
    ----------
    lines : ndarray of int
        The color of each column, or row.
    count : int
        Of colors.
    kept : dict or None
        Those that were asked for already, if they are to be kept.
    places : ndarray of int or None
        Where the elements of the matrix are read of all products together, once that is known.
    """

    __slots__ = ("count", "kept", "lines", "places")

    def __init__(self, lines: Any, count: int, is_kept: bool) -> None:
        self.lines, self.count = lines, count
        fits = is_kept and len(lines) * (count + 1) <= KEPT
        self.kept: dict[tuple[int, int], Any] | None = {} if fits else None
        self.places: Any = None

    def some(self, first: int, width: int) -> Any:
        """Return `width` directions, in rows."""
        if self.kept is not None and (first, width) in self.kept:
            return self.kept[first, width]
        rows = np.zeros((width, len(self.lines)))
        places = np.flatnonzero((self.lines >= first) & (self.lines < first + width))
        rows[self.lines[places] - first, places] = 1
        if first + width > self.count:
            rows[-1] = np.random.default_rng(PROBE).uniform(0.5, 1.5, len(self.lines))
        if self.kept is not None:
            self.kept[first, width] = rows
        return rows


class Plan:
    """A pattern and its coloring, and where the elements are read.

    Attributes
    ----------
    pattern : csr_array of bool
    coloring : Coloring
    reading : Reading
    pushed, pulled : Directions
    width : int
        How many directions to sweep at once: so many that each array of theirs stays in the cache.
    """

    __slots__ = ("coloring", "pattern", "pulled", "pushed", "reading", "width")

    def __init__(self, pattern: Any, coloring: Coloring, largest: int, is_kept: bool) -> None:
        self.pattern, self.coloring = pattern, coloring
        self.reading = coloring.reading(pattern, check=False)
        self.pushed = Directions(coloring.columns, coloring.pushed, is_kept)
        self.pulled = Directions(coloring.rows, coloring.pulled, is_kept)
        self.width = max(1, CACHED // (8 * max(largest, 1)))

    def matrix(self, call: Any, recording: Recording, options: Any, is_probed: bool) -> Any:
        """Return the matrix, in rows, of a function that was recorded.

        Raises
        ------
        SparsityError
            If `is_probed`, and the pattern misses an element of the Jacobian.
        """
        from scipy import sparse  # heavy

        pattern, pushed, pulled = self.pattern, self.pushed, self.pulled
        dtype = common_dtype([*recording.inputs, *recording.outputs])
        data, probe = np.zeros(pattern.nnz, dtype), None
        if is_probed and not (options.is_plain and pushed.count):  # else it goes with the rest
            probe = self._probe(recording)
        for directions in (pushed, pulled):
            if directions.count:
                if options.is_plain:
                    extra = int(is_probed and directions is pushed)
                    found = self._sweep(recording, directions, extra)
                else:
                    extra, found = 0, self._spread(call, recording, directions, options)
                data, last = self._read(data, found, directions)
                probe = last if extra else probe
        parts = (self.reading.finished(data), pattern.indices.copy(), pattern.indptr.copy())
        matrix = sparse.csr_array(parts, pattern.shape)
        if is_probed:
            compare(matrix, pushed.some(pushed.count, 1)[0], probe, recording)
        return matrix

    def _probe(self, recording: Recording) -> Any:
        """Return the product with the random direction."""
        direction = self.pushed.some(self.pushed.count, 1)
        return _row(recording.push(cut(direction, recording.inputs), (1,)))[0]

    def _sweep(self, recording: Recording, directions: Directions, extra: int) -> Chunks:
        """Yield chunks of all directions, and `extra` ones."""
        is_pushed = directions is self.pushed
        ends = recording.inputs if is_pushed else recording.outputs
        sweep = recording.push if is_pushed else recording.pull
        count = directions.count + extra
        width = min(self.width, directions_at_once(recording, count))
        for first, some in chunks(count, width):
            yield first, _row(sweep(cut(directions.some(first, some), ends), (some,)))

    def _spread(
        self, call: Any, recording: Recording, directions: Directions, options: Any
    ) -> Chunks:
        """Yield chunks of all directions as the user wants them to be swept."""
        is_pushed, lines, count = directions is self.pushed, directions.lines, directions.count
        for first, results in swept(call, recording, is_pushed, lines, count, options):
            yield first, _row(results)

    def _read(self, data: Any, found: Chunks, directions: Directions) -> tuple[Any, Any]:
        """Return the elements, with those that are pushed or pulled, and the last direction."""
        read, count, is_pushed = self.reading, directions.count, directions is self.pushed
        size = self.pattern.shape[0 if is_pushed else 1]
        is_all = not (self.pushed.count and self.pulled.count)
        chosen: Any = slice(None) if is_all else np.flatnonzero(read.is_pulled != is_pushed)
        color, place = read.color, read.place
        whole: Any = None
        rows: Any = None
        for first, rows in found:
            if first == 0 and len(rows) >= count:
                whole = rows
            elif count * size <= SPACIOUS * max(len(data), CACHED):  # one look-up for all chunks
                whole = np.empty((count, size), data.dtype) if whole is None else whole
                whole[first : first + len(rows)] = rows[: count - first]
            else:
                here = (color >= first) & (color < first + len(rows))
                here = np.flatnonzero(here & (read.is_pulled != is_pushed))
                data[here] = rows[color[here] - first, place[here]]
        if whole is not None and len(color):
            places = directions.places
            if places is None:
                places = color[chosen] * np.int64(size) + place[chosen]
                if directions.kept is not None:
                    directions.places = places
            taken = whole.ravel().take(places)
            if is_all:
                data = taken.astype(data.dtype, copy=False)
            else:
                data[chosen] = taken
        return data, rows[-1]


def _row(results: list[Any]) -> Any:
    """Return directions of all results together, in rows."""
    rows = [np.reshape(result, (len(result), -1)) for result in results]
    return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)


def compare(matrix: Any, direction: Any, wanted: Any, recording: Recording) -> None:
    """Raise if the product of a matrix with a direction is not that with the Jacobian.

    Raises
    ------
    SparsityError
        The pattern misses an element of the Jacobian.
    """
    tolerance = float(np.finfo(matrix.dtype).eps) ** 0.5
    with np.errstate(all="ignore"):
        found = matrix @ direction
        gap = np.abs(found - wanted)
        wrong = np.flatnonzero(gap > tolerance * np.abs(found))
        if len(wrong):  # or the sum is small beside its terms
            terms = abs(matrix[wrong]) @ direction + np.abs(wanted[wrong])
            wrong = wrong[gap[wrong] > tolerance * terms]
    seen = np.isfinite(found)
    bad = [*wrong.tolist(), *np.flatnonzero(seen & ~np.isfinite(wanted)).tolist()]
    if not bad and not seen.all():
        bad = _unseen(np.flatnonzero(~seen), matrix, recording)
    if bad:
        raise SparsityError("the pattern", _missed(bad[0], matrix, recording))


def _unseen(rows: Any, matrix: Any, recording: Recording) -> list[int]:
    """Return a row of which the pattern misses an element, among those that are not finite.

    No product tells, but dependence does: a row that depends on more is pulled.
    """
    given = matrix[rows]
    given.data = np.ones(given.nnz, bool)
    more = pattern_of(recording, is_local=True)[rows] > given
    suspects = rows[np.diff(more.indptr) > 0][:PULLED].tolist()
    return [row for row in suspects if len(_outside(row, matrix, recording))]


def _outside(row: int, matrix: Any, recording: Recording) -> Any:
    """Return the columns of a row's nonzero elements outside of the pattern."""
    unit = np.zeros((1, matrix.shape[0]))
    unit[0, row] = 1
    pulled = _row(recording.pull(cut(unit, recording.outputs), (1,)))[0]
    pulled[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]] = 0
    return np.flatnonzero(pulled)


def _missed(row: int, matrix: Any, recording: Recording) -> str:
    """Return which element of a row a pattern misses."""
    columns = _outside(row, matrix, recording)
    if not len(columns):
        return f"it misses a nonzero element of row {row}"
    return f"it misses the nonzero element in row {row} and column {int(columns[0])}"
