"""Does ``mode="auto"`` take the fastest way? ``python -m tests.benchmarks.choices`` measures it.

Of functions of different shape, the record is pushed and pulled, and, where it narrows, swept both
ways from there. Beside the times stand what the numbers of directions alone would choose, and what
dualad chooses. Exit status 1 if it chooses worse than the numbers alone, or if mixed mode is less
than 20 times faster than both others at the bottleneck.

With threads in BLAS the products of matrices are timed, and little else: set
``OPENBLAS_NUM_THREADS=1``.
"""

import argparse
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from dualad.transforms.choice import choose
from dualad.transforms.costs import Costs
from dualad.transforms.jacobian import Jacobian, blocks_by_columns, blocks_by_rows
from dualad.transforms.mixed import cheapest_place
from dualad.transforms.products import record
from tests.benchmarks.arrays import bottleneck, chain
from tests.benchmarks.measure import side_by_side

RNG = np.random.default_rng(7)
MODES = ("forward", "reverse", "mixed")
CLOSE = 1.1  # two times nearer than that count as equal
REQUIRED = 20.0  # times that mixed mode is faster at the bottleneck


def matrix(m: int, n: int) -> Any:
    """Random matrix, of a size that keeps products about as large as what they are of."""
    return RNG.normal(size=(m, n)) / np.sqrt(n)


def layers(*sizes: int) -> Callable[[Any], Any]:
    """Network of dense layers, of the sizes."""
    weights = [matrix(m, n) for n, m in pairwise(sizes)]

    def fn(x: Any) -> Any:
        for W in weights:
            x = np.tanh(W @ x)
        return x

    return fn


def stencil(x: Any) -> Any:
    """Differences of neighbors, many times."""
    for _ in range(6):
        x = x[1:-1] + 0.1 * (x[2:] - 2 * x[1:-1] + x[:-2]) * x[1:-1]
    return x


def pairs(x: Any) -> Any:
    """Forces between points on a line, of each on all others."""
    gap = x[:, None] - x
    return np.sum(gap / (1.0 + gap * gap), axis=1)


def sums(x: Any) -> Any:
    """Sums over blocks of a large array made from a small one."""
    big = np.ravel(np.sin(x[:, None] * np.linspace(1, 2, 300)))
    return np.sum(np.reshape(big, (-1, 60)), axis=1)


def scan(x: Any) -> Any:
    """Running sums and orders."""
    return np.cumsum(np.sort(np.exp(-np.cumsum(x) / x.size)))


def solved(x: Any) -> Any:
    """Solution of a linear system whose diagonal and right side vary."""
    A = np.diag(2.0 + x * x) + 0.1 * FIXED[: x.size, : x.size]
    return np.linalg.solve(A, np.sin(x))


def joined(x: Any) -> Any:
    """Parts, joined again."""
    half = x.size // 2
    a, b = x[:half], x[half:]
    for _ in range(4):
        a, b = np.sin(a) * b, np.cos(b) + a
    return np.concatenate([a, b, a * b])


def numbers(x: Any) -> Any:
    """Loop over single numbers."""
    y = [x[i] for i in range(x.size)]
    for _ in range(3):
        y = [a * b + 0.1 * a for a, b in zip(y, y[1:] + y[:1], strict=True)]
    return np.stack(y)


FIXED = matrix(200, 200)
CASES: dict[str, tuple[Callable[[Any], Any], int]] = {
    "wide to narrow layers": (layers(300, 300, 100), 300),
    "narrow to wide layers": (layers(100, 300, 300), 100),
    "equal layers": (layers(200, 200, 200, 200), 200),
    "shrinking a little": (layers(240, 220, 200), 240),
    "growing a little": (layers(200, 220, 240), 200),
    "bulge in the middle": (layers(150, 1500, 130), 150),
    "chain of elements": (lambda x: chain(np, x, 6), 400),
    "chain, then half": (lambda x: chain(np, x, 6)[::2], 400),
    "half, then chain": (lambda x: chain(np, x[::2], 6), 400),
    "stencil": (stencil, 400),
    "pairs": (pairs, 60),
    "sums of blocks": (sums, 40),
    "scan": (scan, 300),
    "solved": (solved, 60),
    "joined parts": (joined, 300),
    "numbers": (numbers, 120),
    "bottleneck": (bottleneck(np), 500),
    "mild bottleneck": (layers(200, 200, 40, 200, 200), 200),
}


def ways(fn: Callable[[Any], Any], x: Any) -> tuple[dict[str, Callable[[], Any]], str, str]:
    """Ways to sweep one recording; what the numbers choose; and what dualad chooses."""
    recording = record(fn, (x,), {}, (0,))
    inputs, outputs = recording.inputs, recording.outputs
    jacobian = Jacobian(fn, 0, "auto", None, False, "jacobian")
    place = cheapest_place(Costs(recording), x.size, np.size(outputs[0]))
    found: dict[str, Callable[[], Any]] = {
        "forward": lambda: blocks_by_columns(
            jacobian.swept(None, recording, True), inputs, outputs
        ),
        "reverse": lambda: blocks_by_rows(jacobian.swept(None, recording, False), inputs, outputs),
    }
    if place is not None:
        found["mixed"] = lambda: jacobian.mixed(None, recording, place)
    simple = "forward" if x.size <= np.size(outputs[0]) else "reverse"
    return found, simple, choose(recording).mode


def main() -> int:
    """Exit status: 0 if no choice is worse than by numbers, and mixed mode keeps its promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.choices", description=__doc__)
    parser.add_argument("--budget", type=float, default=1.0, help="seconds a function")
    budget = parser.parse_args().budget
    lost = {"numbers": 0.0, "dualad": 0.0}
    right = {"numbers": 0, "dualad": 0}
    heads = [f"{mode + ' ms':>12}" for mode in MODES]
    print(f"{'function':24}{''.join(heads)}  {'by numbers':12}dualad")
    for name, (fn, size) in CASES.items():
        calls, simple, chosen = ways(fn, RNG.uniform(0.3, 1.0, size))
        seconds = side_by_side(calls, budget)
        best = min(seconds.values())
        marks = []
        for who, mode in (("numbers", simple), ("dualad", chosen)):
            good = seconds[mode] <= CLOSE * best
            right[who] += good
            lost[who] += np.log(seconds[mode] / best)
            marks.append(mode + (" " if good else "!"))
        times = [f"{1e3 * seconds[mode]:12.2f}" if mode in seconds else f"{'-':>12}"
                 for mode in MODES]  # fmt: skip
        print(f"{name:24}{''.join(times)}  {marks[0]:12}{marks[1]}", flush=True)
        if name == "bottleneck":
            ratio = min(seconds["forward"], seconds["reverse"]) / seconds["mixed"]
    for who in right:
        factor = np.exp(lost[who] / len(CASES))
        print(f"by {who}: the fastest for {right[who]} of {len(CASES)}; {factor:.2f} times the "
              f"fastest on average")  # fmt: skip
    print(f"bottleneck: mixed mode is {ratio:.0f} times faster than the better of the others; "
          f"{REQUIRED:.0f} are promised")  # fmt: skip
    return 0 if lost["dualad"] <= lost["numbers"] and ratio >= REQUIRED else 1


if __name__ == "__main__":
    sys.exit(main())
