"""Whole-array operations: from call overhead (n = 10) to memory (n = 1,000,000); a bottleneck."""

from types import ModuleType

import numpy

from tests.benchmarks.workload import Function, Value, Workload


def rosenbrock(np: ModuleType) -> Function:
    """Rosenbrock's function of x (n,), in whole-array operations."""

    def rosenbrock(x: Value) -> Value:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    return rosenbrock


def chain(np: ModuleType, x: Value, steps: int) -> Value:
    """Array after elementwise steps."""
    for _ in range(steps):
        x = np.tanh(x) * 1.1 + 0.1 * x * x
    return x


def bottleneck(np: ModuleType) -> Function:
    """Function from 500 to 500 numbers through 5, with work on arrays of 200 kB on both sides."""

    def through(x: Value) -> Value:
        state = INNER @ chain(np, np.ravel(WEIGHTS * x), 3)
        field = chain(np, OUTER @ state, 3)
        return np.sum(np.reshape(field, (50, 500)), axis=0)

    return through


RNG = numpy.random.default_rng(2)
WEIGHTS = RNG.normal(size=(50, 1))
INNER, OUTER = RNG.normal(size=(5, 25_000)) / 150.0, RNG.normal(size=(25_000, 5))

WORKLOADS = [
    Workload("rosenbrock-10", rosenbrock, [RNG.normal(size=10)], required=3.5),
    Workload("rosenbrock-1000000", rosenbrock, [RNG.normal(size=1_000_000)], required=2.0),
    Workload("bottleneck", bottleneck, [RNG.uniform(0.3, 1.0, 500)], "jacobian", required=20.0),
    Workload("hessian", rosenbrock, [RNG.normal(size=200)], "hessian", required=8.0),
]
