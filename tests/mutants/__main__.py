"""Run mutation testing: ``python -m tests.mutants [--count N] [--seed N] [--subject NAME ...]``."""

import argparse
import inspect
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dualad import rules
from tests.mutants.mutate import Mutant, mutants
from tests.mutants.survivors import EXPLAINED
from tests.mutants.trial import SECONDS, LateError, caught_by, caught_by_suite, in_time, made

PROMISE = 0.99  # the share that has to be caught


def outcome(mutant: Mutant, subject: str, module: object) -> str | None:
    """Return what catches a mutant: a property, an error, a test; None if nothing does."""
    try:
        with in_time(SECONDS):
            how = caught_by(made(mutant, module))
        return how or caught_by_suite(mutant, subject)
    except LateError:
        return "time"
    except Exception as error:
        return f"error: {type(error).__name__}"


def main(given: Sequence[str] | None = None) -> int:
    """Try mutants, print a report, and return the exit status: 1 if the promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--count", type=int, help="how many, chosen at random; all by default")
    parser.add_argument("--seed", type=int, default=0, help="of the choice")
    parser.add_argument("--subject", nargs="*", help="files of dualad/rules; all by default")
    options = parser.parse_args(given)
    found = []
    for subject in rules.SUBJECTS:
        name = subject.__name__.rpartition(".")[2]
        if options.subject and name not in options.subject:
            continue
        source = Path(inspect.getsourcefile(subject) or "").read_text("utf-8")
        found += [(name, subject, mutant) for mutant in mutants(source)]
    if options.count and options.count < len(found):
        chosen = np.random.default_rng(options.seed).permutation(len(found))[: options.count]
        found = [found[i] for i in sorted(chosen)]
    tally: Counter[tuple[str, str]] = Counter()
    by: Counter[str] = Counter()
    for name, subject, mutant in found:
        key = (name, *mutant.key)
        if key in EXPLAINED:
            tally[mutant.fault, "harmless"] += 1
            continue
        how = outcome(mutant, name, subject)
        tally[mutant.fault, "caught" if how else "survived"] += 1
        by[how or "nothing"] += 1
        if how is None:
            print(f"survived: {key!r},  # line {mutant.line}", flush=True)
    return report(tally, by)


def report(tally: Counter[tuple[str, str]], by: Counter[str]) -> int:
    """Print tables of what was caught, by fault and by property; return the exit status."""
    print(f"\n{'fault':<20}{'caught':>8}{'survived':>10}{'harmless':>10}")
    for fault in sorted({fault for fault, _ in tally}):
        row = [tally[fault, end] for end in ("caught", "survived", "harmless")]
        print(f"{fault:<20}{row[0]:>8}{row[1]:>10}{row[2]:>10}")
    print("\ncaught by: " + ", ".join(f"{name} {count}" for name, count in by.most_common()))
    caught, total = (
        sum(n for (_, end), n in tally.items() if end in ends)
        for ends in (("caught",), ("caught", "survived"))
    )
    share = caught / max(total, 1)
    print(f"\n{caught} of {total} mutants that change what a row computes: {share:.2%} caught.")
    return 0 if share >= PROMISE else 1


if __name__ == "__main__":
    sys.exit(main())
