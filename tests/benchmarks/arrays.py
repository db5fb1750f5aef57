"""Rosenbrock's function vectorized: from call overhead (n = 10) to memory (n = 1,000,000)."""

from types import ModuleType

import numpy

from tests.benchmarks.workload import Function, Value, Workload


def rosenbrock(np: ModuleType) -> Function:
    """Rosenbrock's function of x (n,), in whole-array operations."""

    def rosenbrock(x: Value) -> Value:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)

    return rosenbrock


RNG = numpy.random.default_rng(2)

WORKLOADS = [
    Workload("rosenbrock-10", rosenbrock, [RNG.normal(size=10)], required=3.5),
    Workload("rosenbrock-1000000", rosenbrock, [RNG.normal(size=1_000_000)], required=2.0),
    Workload("hessian", rosenbrock, [RNG.normal(size=200)], "hessian", required=8.0),
]
