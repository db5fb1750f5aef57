"""Runs the workloads and prints what dualad and its peers take, beside what is promised.

Exit status 1 if a required ratio or a limit is missed, or if derivatives disagree. Each workload
has a process of its own, so that none meets the memory that another left, and one thread for
linear algebra, so that another program on the machine does not stall it.
"""

import argparse
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from tests.benchmarks.catalog import WORKLOADS
from tests.benchmarks.compare import compare, header, line
from tests.benchmarks.processes import chain_costs, import_costs
from tests.benchmarks.sparsity import sparse_costs
from tests.benchmarks.zeros import zero_costs

PROCESSES = ["chain-memory", "import", "strong-zeros", "sparse"]
THREADS = ["OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"]


def options() -> argparse.Namespace:
    """Command line, read and checked."""
    names = [*WORKLOADS, *PROCESSES]
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(names))
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, more noise")
    parser.add_argument("--jax", action="store_true", help="measure JAX too (compiled, float64)")
    chosen = parser.parse_args()
    chosen.names = chosen.names or names
    if unknown := [name for name in chosen.names if name not in names]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(names)}")
    return chosen


def compare_all(names: list[str], libraries: list[str], budget: float) -> bool:
    """Whether the workloads `names` keep their promises, as the table that it prints shows."""
    measure = partial(compare, names=libraries, budget=budget)
    spawn = multiprocessing.get_context("spawn")
    kept = True
    print(header(libraries))
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as executor:
        for result in executor.map(measure, names):
            print(line(result, libraries), flush=True)
            kept &= result.ok
    return kept


def main() -> int:
    """Exit status: 0 if every promise that was measured is kept."""
    chosen = options()
    os.environ.update(dict.fromkeys(THREADS, "1"))  # read by the processes as they start
    budget = 0.5 if chosen.quick else 3.0
    libraries = ["dualad", "autograd", *(["jax"] if chosen.jax else [])]
    workloads = [name for name in chosen.names if name in WORKLOADS]
    kept = not workloads or compare_all(workloads, libraries, budget)
    costs = chain_costs() if "chain-memory" in chosen.names else []
    costs += import_costs(3 if chosen.quick else 9) if "import" in chosen.names else []
    costs += zero_costs(budget) if "strong-zeros" in chosen.names else []
    sparse = sparse_costs(budget, chosen.jax) if "sparse" in chosen.names else []
    for cost in [*costs, *sparse]:
        print(cost)
    return 0 if kept and all(cost.ok for cost in [*costs, *sparse]) else 1


if __name__ == "__main__":
    sys.exit(main())
