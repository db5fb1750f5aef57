"""One workload through all libraries: do they agree, what does each take, is the promise kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks import libraries
from tests.benchmarks.libraries import Call
from tests.benchmarks.measure import disagreement, side_by_side
from tests.benchmarks.workload import Workload

LIBRARIES = {"dualad": libraries.dualad, "autograd": libraries.autograd, "jax": libraries.jax}


@dataclass(frozen=True, slots=True)
class Result:
    """Best times (s) of a workload by library, and what went wrong."""

    workload: Workload
    seconds: dict[str, float]
    faults: list[str]

    @property
    def ratio(self) -> float | None:
        """How many times faster than autograd dualad is; None if either is missing."""
        if {"dualad", "autograd"} <= self.seconds.keys():
            return self.seconds["autograd"] / self.seconds["dualad"]
        return None

    @property
    def ok(self) -> bool:
        """Whether all libraries agree and the required ratio is reached."""
        return not self.faults and self.ratio is not None and self.ratio >= self.required

    @property
    def required(self) -> float:
        """Ratio that is asked for; zero if none is."""
        return self.workload.required or 0.0


def header(names: Sequence[str]) -> str:
    """First line of the table, with a column of times for each of `names`."""
    times = "".join(f"{name + ' us':>14}" for name in ["plain", *names])
    return f"{'workload':20}{times}{'/plain':>8}{'ratio':>8}{'required':>10}  ok"


def line(result: Result, names: Sequence[str]) -> str:
    """Line of the table: times in us, dualad over plain, autograd over dualad, the verdict."""
    seconds = result.seconds
    times = "".join(
        f"{seconds[name] * 1e6:14,.1f}" if name in seconds else f"{'-':>14}"
        for name in ["plain", *names]
    )
    over = f"{seconds['dualad'] / seconds['plain']:.2f}" if "dualad" in seconds else "-"
    ratio = f"{result.ratio:.2f}" if result.ratio else "-"
    required = f"{result.required:g}" if result.required else "-"
    verdict = "yes" if result.ok else "NO"
    faults = "".join(f"\n    {fault}" for fault in result.faults)
    return f"{result.workload.name:20}{times}{over:>8}{ratio:>8}{required:>10}  {verdict}{faults}"


def compare(workload: Workload, names: Sequence[str], budget: float) -> Result:
    """Result of `workload` for the libraries `names`, in about `budget` seconds.

    A library that raises, or disagrees with autograd, is named among the faults.
    """
    calls: dict[str, Call] = {"plain": libraries.plain(workload)}
    values, faults = {}, []
    for name in names:
        if name == "jax" and workload.long_loop:
            continue
        try:
            calls[name] = LIBRARIES[name](workload)
            values[name] = calls[name]()
        except Exception as error:  # any failure of a library is a finding, not the end of the run
            calls.pop(name, None)
            faults.append(f"{name}: {type(error).__name__}: {error}")
    for name, value in values.items():
        if "autograd" in values and (difference := disagreement(value, values["autograd"])):
            faults.append(f"{name} differs from autograd: {difference}")
    return Result(workload, side_by_side(calls, budget), faults)
