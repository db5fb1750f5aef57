"""Work spread over workers: processes, a map, or the client of a cluster; and the bar over it."""

import math
import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from dualad.core.level import refusal
from dualad.errors import DualadError, MissingExtraError, WorkerError
from dualad.transforms.choice import chunks, directions_at_once
from dualad.transforms.operators import cut
from dualad.transforms.parameter import are_bound
from dualad.transforms.products import Recording, record
from dualad.transforms.seeds import unit_directions

SHARES = 8  # chunks into which the directions are cut for workers of which no number is known
AHEAD = 2  # tasks that are sent to each process before the results of the first are fetched


class Chunk(NamedTuple):
    """Some directions to sweep.

    Attributes
    ----------
    is_pushed : bool
        Whether to push directions of the inputs, or to pull those of the outputs.
    colors : ndarray of int, or None
        The direction to which each element belongs; each is one of its own if None.
    first, width : int
        Which directions.
    """

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


def sweep_chunk(call: Any, chunk: Chunk) -> list[Any]:
    """Return the results of a chunk, recorded anew: what a worker does."""
    return chunk.swept(record(*call))


def swept(
    call: Any, recording: Recording, is_pushed: bool, colors: Any, count: int, options: Any
) -> Iterator[tuple[int, list[Any]]]:
    """Yield the first direction, and the results, of each chunk of `count` directions.

    `call` is the function, its positional and keyword arguments, and which of them count.
    `options` has the attributes `chunk_size`, `workers` and `progress` of `jacobian`.
    """
    size = directions_at_once(recording, count)
    workers, spreads = options.workers, is_spread(options.workers)
    if spreads:
        shares = processes(workers) if isinstance(workers, int) else SHARES
        size = min(size, max(1, math.ceil(count / shares)))
    parts = [Chunk(is_pushed, colors, *p) for p in chunks(count, options.chunk_size or size)]
    results: Iterable[Any] = (part.swept(recording) for part in parts)
    if spreads:
        name = getattr(call[0], "__qualname__", type(call[0]).__qualname__)
        results = spread(partial(sweep_chunk, call), parts, workers, "chunk", name)
    if options.progress:
        results = shown(results, [part.width for part in parts], "direction")
    yield from zip([part.first for part in parts], results, strict=True)


class Job(NamedTuple):
    """What a worker does: a function of one of several tasks."""

    function: Callable[[Any], Any]
    number: int
    task: Any
    noun: str


def run(job: Job) -> tuple[int, Any]:
    """Return the number of a job and its result."""
    return run_apart(job.number, job.task, job.function, job.noun)


def run_apart(number: int, task: Any, function: Callable[[Any], Any], noun: str) -> tuple[int, Any]:
    """Return the number of a job, given in parts, and its result; an error says which job."""
    try:
        return number, function(task)
    except Exception as error:
        error.add_note(f"This was {noun} {number}, counted from 0.")
        if not _arrives(error):
            raise RuntimeError(f"{type(error).__name__}: {error}", *error.__notes__) from None
        raise


def _arrives(error: Exception) -> bool:
    """Return whether an error is raised here or, if this is a process, pickles there and back.

    One that does not would take all processes with it.
    """
    from multiprocessing import parent_process

    if parent_process() is None:
        return True
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True


def is_spread(workers: Any) -> bool:
    """Return whether there is anyone but this thread to work."""
    return workers is not None and not (isinstance(workers, int) and workers == 1)


def spread(
    function: Callable[[Any], Any], tasks: Iterable[Any], workers: Any, noun: str, name: str
) -> Iterator[Any]:
    """Yield the results of a function for all tasks, in order, by `workers`.

    Here, each task is let go before the next is fetched. Errors call a task by `noun`, and the
    user's function by `name`.
    """
    sent = 0

    def jobs() -> Iterator[Job]:
        nonlocal sent
        for task in tasks:
            sent += 1
            yield Job(function, sent - 1, task, noun)
            del task  # while the next is fetched

    if is_spread(workers) and are_bound():
        raise refusal(WorkerError(
            "workers were to differentiate by the parameters given as weights",
            "there a parameter stands for its plain value, and the derivative would be lost",
            "Pass the parameters' values as arguments instead, or leave workers out",
        ))  # fmt: skip
    number = 0
    for found in _mapped(workers, jobs(), name):
        if type(found) is not tuple or found[0] != number:
            what = f"{noun} {found[0]}" if type(found) is tuple else f"a {type(found).__name__}"
            raise _lost(f"{noun} {number}", what)
        yield found[1]
        number += 1
    if number != sent:
        raise _lost(f"{noun} {number}", "nothing")


def _lost(wanted: str, found: str) -> WorkerError:
    """Return the error of workers that are not like map."""
    return WorkerError(
        f"workers returned {found} where the result of {wanted} was due",
        "a callable given as workers yields all results, in order, as map does",
        "Give an executor's method map; of Dask, give the client itself",
    )


def _mapped(workers: Any, jobs: Iterator[Job], name: str) -> Iterable[Any]:
    """Return what `run` makes of all jobs, in order."""
    if not is_spread(workers):
        return map(run, jobs)
    if isinstance(workers, int):
        return _over_processes(jobs, processes(workers), name)
    if is_client(workers):
        return _over_cluster(jobs, workers)
    results: Iterable[Any] = workers(run, list(jobs))  # some want to know how many there are
    return results


def _over_cluster(jobs: Iterator[Job], client: Any) -> Iterator[Any]:
    """Yield the results of all jobs, which a cluster does, and repeats if a worker is lost."""
    given = list(jobs)
    if not given:
        return
    function, _, _, noun = given[0]
    numbers, tasks = [job.number for job in given], [job.task for job in given]
    # Tasks go as operands of their own, so that those that are futures arrive as values.
    futures = deque(client.map(run_apart, numbers, tasks, function=function, noun=noun, pure=False))
    while futures:
        yield client.gather(futures.popleft())  # and the cluster lets it go


def _over_processes(jobs: Iterator[Job], count: int, name: str) -> Iterator[Any]:
    """Yield the results of all jobs, which some new processes do."""
    from concurrent.futures import ProcessPoolExecutor  # takes 50 ms to import
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    function = b""
    waiting: deque[Any] = deque()
    with ProcessPoolExecutor(count, get_context("spawn")) as pool:
        try:
            for job in jobs:
                function = function or _pickled(job.function, f"{name}, or an argument of it,")
                task = _pickled(job.task, f"{job.noun} {job.number}")
                waiting.append(pool.submit(_run_pickled, function, job.number, task, job.noun))
                del job, task
                if len(waiting) > AHEAD * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise WorkerError(
                "a worker process died",
                f"it ran out of memory, or {name} ended it, or the script starts processes when it "
                f"is imported",
                "Give a smaller chunk_size, smaller shards or fewer workers, and start from under "
                "if __name__ == '__main__'",
            ) from error
        finally:
            pool.shutdown(cancel_futures=True)


def _pickled(value: Any, what: str) -> bytes:
    """Return a value as bytes for another process."""
    from multiprocessing.reduction import ForkingPickler

    try:
        return bytes(ForkingPickler.dumps(value))
    except DualadError:
        raise
    except Exception as error:
        raise WorkerError(
            f"{what} does not pickle",
            f"other processes cannot have it ({error})",
            "Define functions in a module, by def at its top level, or spread over threads: "
            "workers=pool.map, of a ThreadPoolExecutor",
        ) from error


def _run_pickled(function: bytes, number: int, task: bytes, noun: str) -> tuple[int, Any]:
    """Return the number of a job and its result, of parts that are pickled."""
    try:
        job = Job(pickle.loads(function), number, pickle.loads(task), noun)
    except Exception as error:
        raise WorkerError(
            "a worker process did not find what it was sent",
            f"{type(error).__name__}: {error}",
            "Define functions and classes in a module that it can import, not in a session",
        ) from None
    return run(job)


def is_client(workers: Any) -> bool:
    """Return whether `workers` is the client of a cluster, as of Dask."""
    return callable(getattr(workers, "map", None)) and callable(getattr(workers, "gather", None))


def check_workers(workers: Any) -> None:
    """Raise if `workers` is no number of processes, no map and no client."""
    if is_client(workers) and getattr(workers, "asynchronous", False):
        raise ValueError(
            "workers is an asynchronous client, which cannot be waited for here: make it with "
            "asynchronous=False."
        )
    if workers is None or callable(workers) or is_client(workers):
        return
    if isinstance(workers, bool) or not isinstance(workers, int) or (workers < 1 != workers != -1):
        raise ValueError(
            f"workers is {workers!r}; it is a number of processes, -1 for as many as there are "
            f"cores, a callable like map, such as an executor's method map, or a client of Dask."
        )


def processes(workers: int) -> int:
    """Return a number of processes; -1 stands for the number of cores."""
    return workers if workers > 0 else os.cpu_count() or 1


def shown(results: Iterable[Any], widths: list[int] | None, unit: str) -> Iterator[Any]:
    """Return results, with a bar that grows by the width of each, or by one if not known."""
    try:
        from tqdm import tqdm  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise MissingExtraError("progress=True", "tqdm", "progress") from None
    return _shown(results, widths, tqdm(total=None if widths is None else sum(widths), unit=unit))


def _shown(results: Iterable[Any], widths: list[int] | None, bar: Any) -> Iterator[Any]:
    """Yield results, while a bar grows."""
    with bar as open_bar:
        for i, result in enumerate(results):
            open_bar.update(1 if widths is None else widths[i])
            yield result
