"""Fits the coefficients of the cost model: ``python -m tests.benchmarks.costs`` prints them.

Small programs, most of them one operation many times over, are recorded; their records are swept
both ways with several numbers of directions and sizes of arrays. What an entry of each kind takes,
and each element of it, is fitted to that: half or double the time is the same error. Set
``OPENBLAS_NUM_THREADS=1``, so that products of matrices do not wait for other programs.
"""

import argparse
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from dualad.core.pulling import pull
from dualad.core.pushing import push
from dualad.transforms.costs import Costs, kind_of
from dualad.transforms.products import Recording, record
from tests.benchmarks.measure import side_by_side

WAYS = ("push", "pull")
TIMES = 12  # that an operation is repeated
SIZES = (4, 100, 1_000, 20_000)
DIRECTIONS = (1, 8, 64, 300)
LONG = 300.0  # us; more than the calls of a record of such a program take
LARGEST = 1_000_000  # elements of the tangents of one array


def repeated(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Function that applies a step to its own result."""

    def fn(x: Any) -> Any:
        for _ in range(TIMES):
            x = step(x)
        return x

    return fn


def gathered(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Function that applies a step to the same array, over and over."""
    return lambda x: [step(x) for _ in range(TIMES)]


def numbers(x: Any) -> Any:
    """Arithmetic of single elements."""
    a = x[0]
    for _ in range(TIMES):
        a = a * 1.01 + a * a
    return a


def written(x: Any) -> Any:
    """Parts of an array, written over others."""
    y = x * 1.0
    for _ in range(TIMES):
        y[1:] = x[1:]
    return y


def square(x: Any) -> Any:
    """Largest square matrix of an array's elements."""
    side = int(np.sqrt(x.size))
    return np.reshape(x[: side * side], (side, side))


def matrix_of(x: Any, rows: int) -> Any:
    """Constant matrix that multiplies an array from the left."""
    return np.ones((rows, x.size)) / x.size


def programs() -> dict[str, tuple[Callable[[Any], Any], int]]:
    """Functions of one array, by name, and the largest size for each."""
    most = SIZES[-1]
    return {
        "numbers": (numbers, 100),
        "parts": (gathered(lambda x: x[1:]), most),
        "elements": (gathered(lambda x: x[1]), 100),
        "neighbors": (gathered(lambda x: (x[1:] - 2.0 * x[:-1]) * x[1:]), most),
        "arithmetic": (repeated(lambda x: x * x), most),
        "scaled": (repeated(lambda x: x * 1.01 + 0.1 * x), most),
        "sine": (repeated(np.sin), most),
        "power": (repeated(lambda x: np.sqrt(np.exp(x))), most),
        "row": (gathered(lambda x: x[:, None] * x), 100),
        "sum": (gathered(np.sum), most),
        "cumsum": (repeated(lambda x: np.cumsum(x)), most),
        "reshape": (gathered(lambda x: np.reshape(x, (2, -1)).T), most),
        "flip": (repeated(lambda x: np.roll(x, 1)), most),
        "product": (repeated(lambda x: matrix_of(x, x.size) @ x), 1_000),
        "narrowing": (gathered(lambda x: matrix_of(x, 5) @ x), most),
        "matrices": (lambda x: repeated(lambda a: a @ a)(square(x)), 1_000),
        "join": (gathered(lambda x: np.concatenate([x, x])), most),
        "stack": (gathered(lambda x: np.stack([x[0], x[1], x[2]])), 100),
        "sort": (repeated(np.sort), most),
        "largest": (gathered(np.max), most),
        "norm": (gathered(np.linalg.norm), most),
        "solve": (lambda x: gathered(
            lambda a: np.linalg.solve(a + np.eye(len(a)), a[0]))(square(x)), 1_000),
        "write": (written, most),
    }  # fmt: skip


def sweeps(recording: Recording, directions: int) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Push and pull of so many directions through a recording."""
    lead = (directions,)
    ts = [np.ones((directions, *np.shape(x))) for x in recording.inputs]
    outputs = [p for p in recording.positions if p is not None]
    cts = [
        (p, np.ones((directions, *np.shape(y))))
        for p, y in zip(recording.positions, recording.outputs, strict=True)
        if p is not None
    ]
    count = len(recording.inputs)
    return (
        lambda: push(recording.entries, list(ts), outputs, lead),
        lambda: pull(recording.entries, cts, count, lead),
    )


def measured(budget: float) -> Iterator[tuple[Any, ...]]:
    """Yield for each case its name, count and work by kind, and both times (us)."""
    for (name, (fn, most)), size, directions in itertools.product(
        programs().items(), SIZES, DIRECTIONS
    ):
        if size > most or size * directions > LARGEST:
            continue
        recording = record(fn, (np.linspace(0.5, 1.0, size),), {}, (0,))
        features: dict[str, list[float]] = {}
        for entry, amount in zip(recording.entries, Costs(recording).works, strict=True):
            if entry:
                pair = features.setdefault(kind_of(entry), [0.0, 0.0])
                pair[0] += 1
                pair[1] += amount * directions
        pushed, pulled = sweeps(recording, directions)
        with np.errstate(all="ignore"):
            seconds = side_by_side({"push": pushed, "pull": pulled}, budget)
        pair = [1e6 * seconds[which] for which in WAYS]
        yield f"{name} {size} x {directions}", features, *pair


def nearest(table: Any, times: Any) -> Any:
    """Positive coefficients whose sums over the rows of a table come nearest to times.

    Of a small record the model is not asked: those that take long weigh more.
    """
    weights = np.where(times > LONG, 3.0, 1.0)

    def gaps(logs: Any) -> Any:
        return weights * (np.log(table @ np.exp(logs)) - np.log(times))

    start = np.log(np.tile([2.0, 3e-4], table.shape[1] // 2))
    lowest, highest = np.tile(np.log([[0.1, 2e-5], [50.0, 1e-2]]), table.shape[1] // 2)
    return np.exp(least_squares(gaps, start, bounds=(lowest, highest), loss="soft_l1").x)


def fitted(budget: float, verbose: bool) -> dict[str, tuple[float, ...]]:
    """Coefficients by kind: a push's, an element's, a pull's, an element's."""
    cases = list(measured(budget))
    kinds = sorted({kind for _, features, *_ in cases for kind in features})
    found = []
    for which in (2, 3):
        times = np.array([case[which] for case in cases])
        table = np.array([
            [part for kind in kinds for part in case[1].get(kind, [0.0, 0.0])] for case in cases
        ])  # fmt: skip
        solution = nearest(table, times)
        found.append(np.reshape(solution, (-1, 2)))
        if verbose:
            for case, guess, time in zip(cases, table @ solution, times, strict=True):
                print(f"{WAYS[which - 2]} {case[0]:28}{time:12.1f} us, "
                      f"model {guess:12.1f}")  # fmt: skip
    both = np.concatenate(found, axis=1)
    return {kind: tuple(map(float, row)) for kind, row in zip(kinds, both, strict=True)}


def main() -> None:
    """Print the table as code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.costs", description=__doc__)
    parser.add_argument("--budget", type=float, default=0.1, help="seconds a case")
    parser.add_argument("--verbose", action="store_true", help="each case, and what the model says")
    options = parser.parse_args()
    for kind, (call, each, back, each_back) in fitted(options.budget, options.verbose).items():
        print(f'    "{kind}": ({call:.2g}, {each:.2g}, {back:.2g}, {each_back:.2g}),')


if __name__ == "__main__":
    main()
