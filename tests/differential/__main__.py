"""Compare gradients of random programs: ``python -m tests.differential [--count N] [--seed N]``.

Needs the extra ``bench``. Programs are drawn by Hypothesis, so that what fails comes out small.
"""

import argparse
import sys
import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from dualad.testing.programs import Program
from dualad.testing.strategies import programs
from tests.differential.compare import DisagreementError, disagreements, gradients


def main(given_options: Sequence[str] | None = None) -> int:
    """Try programs, print a summary, and return the exit status: 1 if dualad disagrees."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many programs")
    parser.add_argument("--depth", type=int, default=8, help="how many lines at most")
    parser.add_argument("--seed", type=int, default=0, help="of the programs")
    options = parser.parse_args(given_options)
    tally: Counter[str] = Counter()
    used: Counter[str] = Counter()
    smallest: dict[str, Program] = {}

    @seed(options.seed)
    @settings(
        max_examples=options.count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(depth=options.depth))  # fmt: skip
    def agree(program: Program) -> None:
        found = gradients(program)
        tally["programs"] += 1
        used.update(step.op.name for step in program.steps)
        for name, result in found.items():
            tally[f"{name}: {'refused' if isinstance(result, Exception) else 'compared'}"] += 1
        wrong = disagreements(found)
        others = {name for name in ("autograd", "jax") if not isinstance(found[name], Exception)}
        alone = others & set(wrong)
        if len(alone) < len(others) and len(wrong) == len(alone):  # another one agrees with dualad
            for name in alone:
                tally[f"{name}: differs, alone"] += 1
                if name not in smallest or len(repr(program)) < len(repr(smallest[name])):
                    smallest[name] = program
        elif wrong:
            told = "\n".join(f"{name}: {result}" for name, result in found.items())
            raise DisagreementError(f"{', '.join(wrong)} differ from dualad on\n{program}\n{told}")

    status = 0
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            agree()
        except DisagreementError as error:
            print(error)
            status = 1
    for name, program in smallest.items():
        print(f"{name} differs from all others on, for one:\n{program}\n")
    for name, count in tally.items():
        print(f"{name:<26}{count:>8}")
    print(f"lines of code{sum(used.values()):>21}, of {len(used)} functions")
    print("dualad agrees" if status == 0 else "dualad disagrees: see above")
    return status


if __name__ == "__main__":
    sys.exit(main())
