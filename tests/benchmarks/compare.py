"""One workload through all libraries: do they agree, what does each take, is the promise kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tests.benchmarks import libraries
from tests.benchmarks.catalog import WORKLOADS
from tests.benchmarks.libraries import Call
from tests.benchmarks.measure import disagreement, side_by_side

LIBRARIES = {"dualad": libraries.dualad, "autograd": libraries.autograd, "jax": libraries.jax}


@dataclass(frozen=True, slots=True)
class Result:
    """Best times (s) of a workload by library, and what went wrong."""

    name: str
    required: float | None
    seconds: dict[str, float]
    faults: list[str]

    def over(self, numerator: str, denominator: str) -> float:
        """Time of one library over that of another; nan if either is missing."""
        missing = float("nan")
        return self.seconds.get(numerator, missing) / self.seconds.get(denominator, missing)

    @property
    def ok(self) -> bool:
        """Whether all libraries agree, and dualad is as much faster than autograd as required."""
        return not self.faults and self.over("autograd", "dualad") >= (self.required or 0.0)


def header(names: Sequence[str]) -> str:
    """First line of the table: times, dualad over plain, autograd over dualad, the verdict."""
    times = "".join(f"{name + ' us':>14}" for name in ["plain", "by hand", *names])
    return f"{'workload':20}{times}{'/plain':>8}{'ratio':>8}{'required':>10}  ok"


def line(result: Result, names: Sequence[str]) -> str:
    """Line of the table below `header`, and the faults below it."""
    seconds = [result.seconds.get(name, float("nan")) for name in ["plain", "by hand", *names]]
    times = "".join(f"{second * 1e6:14,.1f}" for second in seconds)
    ratios = f"{result.over('dualad', 'plain'):8.2f}{result.over('autograd', 'dualad'):8.2f}"
    faults = "".join(f"\n    {fault}" for fault in result.faults)
    verdict = "yes" if result.ok else "NO"
    numbers = f"{times}{ratios}{result.required or '-':>10}".replace("nan", "  -")
    return f"{result.name:20}{numbers}  {verdict}{faults}"


def compare(name: str, names: Sequence[str], budget: float) -> Result:
    """Result of the workload `name` for the libraries `names`, in about `budget` seconds.

    A library that raises, or disagrees with autograd, is named among the faults.
    """
    workload = WORKLOADS[name]
    calls: dict[str, Call] = {"plain": libraries.plain(workload)}
    values, faults = {}, []
    if workload.by_hand is not None:
        calls["by hand"] = partial(workload.by_hand, *workload.args)
        values["by hand"] = calls["by hand"]()
    for library in names:
        if library == "jax" and workload.long_loop:
            continue
        try:
            call = LIBRARIES[library](workload)
            values[library] = call()
            calls[library] = call
        except Exception as error:  # a library's failure is a finding, not the end of the run
            faults.append(f"{library}: {type(error).__name__}: {error}")
    for library, value in values.items():
        if "autograd" in values and (difference := disagreement(value, values["autograd"])):
            faults.append(f"{library} differs from autograd: {difference}")
    return Result(workload.name, workload.required, side_by_side(calls, budget), faults)
