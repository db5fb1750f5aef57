"""Chunks of directions: swept here one by one, or spread over workers."""

import math
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from dualad.errors import MissingExtraError
from dualad.transforms.choice import chunks, directions_at_once
from dualad.transforms.operators import cut
from dualad.transforms.products import Recording, record
from dualad.transforms.seeds import unit_directions

SHARES = 8  # chunks into which the directions are cut for a map of which no size is known


class Chunk(NamedTuple):
    """Some directions to sweep: all that a worker needs.

    Attributes
    ----------
    call : tuple
        The function, its arguments, and the positions of those to differentiate.
    is_pushed : bool
        Whether to push directions of the inputs, or to pull those of the outputs.
    colors : ndarray of int, or None
        The direction to which each element belongs; each is one of its own if None.
    first, width : int
        Which directions.
    """

    call: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any], tuple[int, ...]]
    is_pushed: bool
    colors: Any
    first: int
    width: int

    def swept(self, recording: Recording) -> list[Any]:
        """Return the results of the sweep, directions leading."""
        ends = recording.inputs if self.is_pushed else recording.outputs
        sweep = recording.push if self.is_pushed else recording.pull
        if self.colors is None:
            seeds = unit_directions(ends, self.first, self.width)
        else:
            rows = np.zeros((self.width, len(self.colors)))
            color = self.colors - self.first
            places = np.flatnonzero((color >= 0) & (color < self.width))
            rows[color[places], places] = 1
            seeds = cut(rows, ends)
        return sweep(seeds, (self.width,))


def sweep_chunk(chunk: Chunk) -> list[Any]:
    """Return the results of a chunk, recorded anew: what a worker does."""
    return chunk.swept(record(*chunk.call))


def swept(
    call: Any, recording: Recording, is_pushed: bool, colors: Any, count: int, options: Any
) -> Iterator[tuple[int, list[Any]]]:
    """Yield the first direction, and the results, of each chunk of `count` directions.

    `options` has the attributes `chunk_size`, `workers` and `progress` of `jacobian`.
    """
    size = directions_at_once(recording, count)
    workers = options.workers
    if workers in (None, 1):
        parts = [Chunk(call, is_pushed, colors, *pair)
                 for pair in chunks(count, options.chunk_size or size)]  # fmt: skip
        results = (part.swept(recording) for part in parts)
        yield from zip([p.first for p in parts], _watched(results, parts, options), strict=True)
        return
    shares = SHARES if callable(workers) else processes(workers)
    size = options.chunk_size or min(size, max(1, math.ceil(count / shares)))
    parts = [Chunk(call, is_pushed, colors, *pair) for pair in chunks(count, size)]
    if callable(workers):
        mapped = _watched(workers(sweep_chunk, parts), parts, options)
        yield from zip([p.first for p in parts], mapped, strict=True)
        return
    mapped = _watched(_over_processes(parts, shares), parts, options)
    yield from zip([p.first for p in parts], mapped, strict=True)


def _over_processes(parts: list[Chunk], count: int) -> Iterator[list[Any]]:
    """Yield the results of all chunks, which some new processes sweep."""
    from concurrent.futures import ProcessPoolExecutor  # takes 50 ms to import
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        try:
            yield from pool.map(sweep_chunk, parts)
        except BrokenProcessPool as error:
            raise RuntimeError(
                "a worker process died, and its part of the matrix is lost: it may have run out "
                "of memory, or could not import fn, or fn ended it. Give a smaller chunk_size or "
                "fewer workers, and define fn in a module."
            ) from error


def check_workers(workers: Any) -> None:
    """Raise if `workers` is neither a number of processes nor a map."""
    if workers is None or callable(workers):
        return
    if isinstance(workers, bool) or not isinstance(workers, int) or (workers < 1 != workers != -1):
        raise ValueError(
            f"workers is {workers!r}; it is a number of processes, -1 for as many as there are "
            f"cores, or a callable like map, such as an executor's method map."
        )


def processes(workers: int) -> int:
    """Return a number of processes; -1 stands for the number of cores."""
    return workers if workers > 0 else os.cpu_count() or 1


def _watched(results: Iterable[Any], parts: list[Chunk], options: Any) -> Iterable[Any]:
    """Return `results`, with a bar that shows how many directions are done, if asked for."""
    if not options.progress:
        return results
    try:
        from tqdm import tqdm  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise MissingExtraError("progress=True", "tqdm", "progress") from None
    return _shown(results, parts, tqdm)


def _shown(results: Iterable[Any], parts: list[Chunk], bar: Any) -> Iterator[Any]:
    """Yield results, while a bar grows by the directions of each."""
    with bar(total=sum(part.width for part in parts), unit="direction") as shown:
        for part, result in zip(parts, results, strict=True):
            shown.update(part.width)
            yield result
