"""What sparse Jacobians and Hessians take, beside dense ones and in evaluations of the function.

Nothing is kept from one call to the next but where "prepared" says so: a call of
``jacobian(fn, sparsity="auto")`` records, finds the pattern, colors it, sweeps and reads.
"""

import importlib
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import numpy

import dualad.numpy
from dualad import jacobian
from dualad.sparse import color, hessian_pattern, jacobian_pattern, prepare
from tests.benchmarks.arrays import rosenbrock
from tests.benchmarks.measure import disagreement, side_by_side
from tests.benchmarks.processes import Cost, run
from tests.benchmarks.workload import Function, Value

SIDE = 40  # of the grid; 3200 unknowns
OVER_AUTOGRAD, OVER_JAX = 150.0, 20.0
EVALUATIONS = {"brusselator": 25.0, "rosenbrock": 60.0}

LARGE = """
import numpy
from dualad import jacobian
from tests.benchmarks.sparsity import brusselator
import time
state = numpy.linspace(0.5, 3.0, 2 * 300**2)
start = time.perf_counter()
found = jacobian(brusselator(numpy, 300), sparsity="auto")(state)
assert found.nnz == 6 * len(state), found.nnz
print(time.perf_counter() - start, memory("VmHWM"))
"""


@dataclass(frozen=True, slots=True)
class Speed:
    """How many times faster than another library, and how many times is asked for."""

    name: str
    ratio: float
    required: float
    fault: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is fast enough, and right."""
        return not self.fault and self.ratio >= self.required

    def __str__(self) -> str:
        verdict = "yes" if self.ok else f"NO  {self.fault}"
        return f"{self.name:20}{self.ratio:12,.1f} x, required {self.required:g}  {verdict}"


def brusselator(np: ModuleType, side: int) -> Function:
    """Right-hand side of the two-dimensional Brusselator on a periodic grid, of a raveled state.

    Hairer and Wanner, 1996, "Solving Ordinary Differential Equations II", section IV.10.
    """
    x, y = numpy.meshgrid(*[numpy.arange(side) / side] * 2, indexing="ij")
    source = 5.0 * ((x - 0.3) ** 2 + (y - 0.6) ** 2 <= 0.01)
    diffusion = 0.1 * side**2

    def spread(w: Value) -> Value:
        near = np.roll(w, 1, 0) + np.roll(w, -1, 0) + np.roll(w, 1, 1) + np.roll(w, -1, 1)
        return diffusion * (near - 4.0 * w)

    def slope(state: Value) -> Value:
        u, v = np.reshape(state, (2, side, side))
        reaction = u**2 * v
        du = 1.0 + reaction - 4.4 * u + spread(u) + source
        dv = 3.4 * u - reaction + spread(v)
        return np.concatenate([np.ravel(du), np.ravel(dv)])

    return slope


def arrow(x: Value) -> Value:
    """Function whose Jacobian has a dense row, a dense column and a diagonal."""
    rest = x[1:] * x[0] + x[1:] ** 2
    return numpy.concatenate([numpy.reshape(numpy.sum(x**2), 1), rest])


def filled(x: Value) -> Value:
    """Products of neighbors, written one by one."""
    out = dualad.numpy.zeros(len(x))
    for i in range(len(x) - 1):
        out[i] = numpy.sin(x[i]) * x[i + 1]
    return out


def sparse_costs(budget: float, with_jax: bool) -> list[Cost | Speed]:
    """All promises about sparse matrices, each measured in a process of its own."""
    parts: list[Callable[[], list[Any]]] = [
        partial(against, "autograd", budget),
        *([partial(against, "jax", budget)] if with_jax else []),
        partial(prepared, "brusselator", budget),
        partial(prepared, "rosenbrock", budget),
        structure,
    ]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as executor:
        found = [cost for part in executor.map(_called, parts) for cost in part]
    _, size, fault = run(LARGE, 1)
    return [*found, Cost("sparse-memory", size / 1e6, 2000.0, "MB", fault)]


def _called(part: Callable[[], list[Any]]) -> list[Any]:
    """What `part` returns: to be called by `map` in another process."""
    return part()


def against(library: str, budget: float) -> list[Speed]:
    """Speed beside the dense Jacobian of autograd, or that of JAX, compiled before."""
    state = numpy.random.default_rng(6).uniform(0.5, 3.0, 2 * SIDE**2)
    ours = partial(jacobian(brusselator(numpy, SIDE), sparsity="auto"), state)
    other = importlib.import_module(library)
    model = brusselator(importlib.import_module(f"{library}.numpy"), SIDE)
    if library == "jax":
        other.config.update("jax_enable_x64", True)
        compiled = other.jit(other.jacrev(model))
        theirs: Callable[[], Any] = lambda: other.block_until_ready(compiled(state))
    else:
        theirs = partial(other.jacobian(model), state)
    fault = disagreement(ours().toarray(), theirs())
    best = side_by_side({"ours": ours, "theirs": theirs}, budget)
    required = OVER_JAX if library == "jax" else OVER_AUTOGRAD
    return [Speed(f"sparse-{library}", best["theirs"] / best["ours"], required, fault)]


def prepared(name: str, budget: float) -> list[Cost]:
    """Evaluations of the function that a prepared Jacobian, or Hessian, takes: its check too."""
    rng = numpy.random.default_rng(7)
    if name == "brusselator":
        fn, x, of = brusselator(numpy, SIDE), rng.uniform(0.5, 3.0, 2 * SIDE**2), "jacobian"
    else:
        fn, x, of = rosenbrock(numpy), rng.normal(size=100_000), "hessian"
    best = side_by_side(
        {"plain": partial(fn, x), "ours": partial(prepare(fn, x, of=of), x)}, budget
    )
    return [
        Cost(f"prepared-{name}", best["ours"] / best["plain"], EVALUATIONS[name], "evaluations")
    ]


def structure() -> list[Cost]:
    """Seconds for the pattern and the coloring of a large Hessian; colors of an arrow; a loop."""
    x = numpy.random.default_rng(8).normal(size=100_000)
    start = time.perf_counter()
    count = color(hessian_pattern(rosenbrock(numpy), x), "symmetric").count
    seconds = time.perf_counter() - start
    fault = "" if count <= 3 else f"{count} colors for three diagonals"
    colors = color(jacobian_pattern(arrow, x[:20_000])).count
    loops = {str(n): partial(jacobian_pattern, filled, x[:n]) for n in (2000, 16_000)}
    best = side_by_side(loops, 4.0)
    return [
        Cost("loop-growth", best["16000"] / best["2000"], 12.0, "times, for 8 times the loop"),
        Cost("sparse-structure", seconds, 2.0, "s", fault),
        Cost("arrow-colors", colors, 4.0, "colors"),
    ]
