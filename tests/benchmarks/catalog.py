"""All workloads by name: those of the promise first."""

from tests.benchmarks import arrays, loops, models, networks, statistics

SUBJECTS = [loops, arrays, statistics, networks, models]
WORKLOADS = {
    workload.name: workload
    for workload in sorted(
        (workload for subject in SUBJECTS for workload in subject.WORKLOADS),
        key=lambda workload: workload.required is None,
    )
}
