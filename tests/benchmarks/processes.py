"""Costs that only a fresh process shows: the import of dualad, and the memory of a long record."""

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass

STEPS = 1_000_000

MEMORY = """
def memory(field):
    try:
        with open("/proc/self/status") as lines:
            return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024
    except OSError:  # not Linux: there is only the peak
        import resource, sys
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
"""

IMPORT = """
import time
import numpy, scipy.special
before, start = memory("VmRSS"), time.perf_counter()
import dualad
print(time.perf_counter() - start, memory("VmRSS") - before)
"""

CHAIN = f"""
import time
import dualad
from tests.benchmarks.loops import chain_of
start = time.perf_counter()
slope = dualad.grad(chain_of({STEPS}))(1.5)
assert abs(slope / 0.99999**{STEPS} - 1.0) < 1e-6, slope
print(time.perf_counter() - start, memory("VmHWM"))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """A measured cost and its limit, both in `unit`; or why there is none."""

    name: str
    measured: float
    limit: float
    unit: str
    fault: str = ""

    @property
    def ok(self) -> bool:
        """Whether the cost is known, and within its limit."""
        return not self.fault and self.measured <= self.limit

    def __str__(self) -> str:
        verdict = "yes" if self.ok else f"NO  {self.fault}"
        return f"{self.name:20}{self.measured:12,.1f} {self.unit}, limit {self.limit:g}  {verdict}"


def run(program: str, repeats: int) -> tuple[float, float, str]:
    """Medians of the seconds and bytes that `program` prints in fresh interpreters, and a fault."""
    measured = []
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(1 + repeats):  # the first leaves compiled bytecode behind
        command = [sys.executable, "-c", MEMORY + program]
        finished = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
        if finished.returncode:
            return float("nan"), float("nan"), finished.stderr.strip().rpartition("\n")[2]
        measured.append([float(word) for word in finished.stdout.split()])
    seconds, sizes = zip(*measured[1:], strict=True)
    return statistics.median(seconds), statistics.median(sizes), ""


def import_costs(repeats: int) -> list[Cost]:
    """What ``import dualad`` adds to NumPy and scipy.special: medians of `repeats` processes."""
    seconds, size, fault = run(IMPORT, repeats)
    return [
        Cost("import-time", seconds * 1e3, 60.0, "ms", fault),
        Cost("import-memory", size / 1e6, 15.0, "MB", fault),
    ]


def chain_costs() -> list[Cost]:
    """Peak memory of a process that differentiates a chain of 1,000,000 steps."""
    _, size, fault = run(CHAIN, repeats=1)
    return [Cost("chain-memory", size / 1e6, 500.0, "MB", fault)]
