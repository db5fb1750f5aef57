"""Runs the workloads and prints what dualad and its peers take, beside what is promised.

Exit status 1 if a required ratio or a limit is missed, or if derivatives disagree.
"""

import argparse
import sys

from tests.benchmarks import arrays, loops, models, networks, statistics
from tests.benchmarks.compare import compare, header, line
from tests.benchmarks.processes import chain_costs, import_costs

SUBJECTS = [loops, arrays, statistics, networks, models]
WORKLOADS = {w.name: w for subject in SUBJECTS for w in subject.WORKLOADS}
PROCESSES = ["chain-memory", "import"]


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


def main() -> int:
    """Exit status: 0 if every promise that was measured is kept."""
    chosen = options()
    libraries = ["dualad", "autograd", *(["jax"] if chosen.jax else [])]
    workloads = [WORKLOADS[name] for name in chosen.names if name in WORKLOADS]
    kept = True
    if workloads:
        print(header(libraries))
    for workload in sorted(workloads, key=lambda workload: workload.required is None):
        result = compare(workload, libraries, budget=0.5 if chosen.quick else 3.0)
        print(line(result, libraries), flush=True)
        kept &= result.ok
    costs = chain_costs() if "chain-memory" in chosen.names else []
    costs += import_costs(3 if chosen.quick else 9) if "import" in chosen.names else []
    for cost in costs:
        print(cost)
        kept &= cost.ok
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
