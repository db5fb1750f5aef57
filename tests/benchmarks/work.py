"""What transforms take beside the function itself: the table of docs/explanation/comparison.md.

``OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.work`` prints its rows.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import dualad as da
from tests.benchmarks.measure import side_by_side

BUDGET = 8.0  # s, of each function
MATRIX = np.random.default_rng(0).normal(size=(400, 400)) / 20
RIGHT = np.random.default_rng(1).normal(size=(400, 100))
NUMBERS = np.linspace(0.1, 1.0, 8000)
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "products of matrices, 400 by 400 with 400 by 100": (
        lambda p: np.sum((MATRIX @ (MATRIX @ (MATRIX @ p))) ** 2), RIGHT,
    ),
    "sines and exponentials of 8000 numbers": (
        lambda p: np.sum(np.exp(np.sin(p)) * np.sin(np.exp(p))), NUMBERS,
    ),
    "sums and squares of 8000 numbers": (lambda p: np.sum((p * p + p) ** 2 + p), NUMBERS),
    "`np.sum(np.sin(p) * p**2)` of 10 numbers": (lambda p: np.sum(np.sin(p) * p**2), NUMBERS[:10]),
}  # fmt: skip


def main() -> None:
    """Print a row for each function."""
    for name, (fn, p) in FUNCTIONS.items():
        calls: dict[str, Callable[[], Any]] = {
            "fn": partial(fn, p),
            "grad": partial(da.grad(fn), p),
            "jvp": partial(da.jvp, fn, (p,), (p,)),
            "pull": partial(da.vjp(fn, p)[1], 1.0),
            "push": partial(da.linearize(fn, p)[1], p),
            "hvp": partial(da.hvp, fn, (p,), (p,)),
        }
        best = side_by_side(calls, BUDGET)
        own = best.pop("fn")
        cells = [f"{seconds / own:.2g}" for seconds in best.values()]
        print(f"| {name}, {1e6 * own:.2g} microseconds | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
