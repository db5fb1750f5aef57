"""Run mutation testing: ``python -m tests.mutants [--count N] [--seed N] [--subject NAME ...]``."""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.mutants.breaking import made, source_of, subjects
from tests.mutants.mutate import Mutant, mutants
from tests.mutants.survivors import EXPLAINED
from tests.mutants.trial import caught_by, caught_by_suite

PROMISE = 0.99  # the share that has to be caught


def outcome(mutant: Mutant, subject: str) -> str | None:
    """Return what catches a mutant: a property, an error, a test; None if nothing does."""
    try:
        found = made(mutant, subjects()[subject])
    except Exception as error:
        return f"error: {type(error).__name__}"
    how = caught_by(found)
    if how or (subject, *mutant.key) in EXPLAINED:
        return how
    return caught_by_suite(mutant, subject)


def main(given: Sequence[str] | None = None) -> int:
    """Try mutants, print a report, and return the exit status: 1 if the promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--count", type=int, help="how many, chosen at random; all by default")
    parser.add_argument("--seed", type=int, default=0, help="of the choice")
    parser.add_argument("--subject", nargs="*", help="files of dualad/rules; all by default")
    parser.add_argument("--keep", type=Path, help="a file of outcomes, to go on from")
    options = parser.parse_args(given)
    wanted = [name for name in subjects() if not options.subject or name in options.subject]
    found = [(name, mutant) for name in wanted for mutant in mutants(source_of(subjects()[name]))]
    chosen = np.random.default_rng(options.seed).permutation(len(found))[: options.count]
    known = _kept(options.keep)
    tally: Counter[tuple[str, str]] = Counter()
    by: Counter[str] = Counter()
    for name, mutant in (found[i] for i in chosen):
        key = (name, *mutant.key)
        text = json.dumps([*key, mutant.line])
        if text not in known:
            known[text] = outcome(mutant, name)
            if options.keep:
                with options.keep.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([text, known[text]]) + "\n")
        how = known[text]
        end = "caught" if how else "harmless" if key in EXPLAINED else "survived"
        tally[mutant.fault, end] += 1
        by[how or "nothing"] += 1
        if end == "survived":
            print(f"survived: {key!r},  # line {mutant.line}", flush=True)
    return report(tally, by)


def _kept(file: Path | None) -> dict[str, str | None]:
    """Return the outcomes that a run before this one wrote down."""
    if file is None or not file.exists():
        return {}
    return dict(json.loads(line) for line in file.read_text("utf-8").splitlines())


def report(tally: Counter[tuple[str, str]], by: Counter[str]) -> int:
    """Print tables of what was caught, by fault and by property; return the exit status."""
    print(f"\n{'fault':<20}{'caught':>8}{'survived':>10}{'harmless':>10}")
    for fault in sorted({fault for fault, _ in tally}):
        row = [tally[fault, end] for end in ("caught", "survived", "harmless")]
        print(f"{fault:<20}{row[0]:>8}{row[1]:>10}{row[2]:>10}")
    print("\ncaught by: " + ", ".join(f"{name} {count}" for name, count in by.most_common()))
    caught, survived, harmless = (
        sum(n for (_, end), n in tally.items() if end == wanted)
        for wanted in ("caught", "survived", "harmless")
    )
    print(f"\nOf {caught + survived + harmless} mutants, {harmless} survive and change nothing.")
    total = caught + survived
    share = caught / max(total, 1)
    print(f"{caught} of the other {total} are caught: {share:.2%}.")
    return 0 if share >= PROMISE else 1


if __name__ == "__main__":
    sys.exit(main())
