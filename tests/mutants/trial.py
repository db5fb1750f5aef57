"""The trial of a mutant: the samples of the rows that it breaks, under all properties."""

import ast
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dualad.core.row import TABLE, Row
from dualad.testing.cases import case_of
from dualad.testing.properties import PROPERTIES
from dualad.testing.samples import SAMPLES, Draws, Sample
from tests.mutants.breaking import Broken
from tests.mutants.mutate import Mutant

EXAMPLES = 8  # as many as the CI profile of the suite
SECONDS = 30  # that one property may take on one call: an endless loop is caught
MOST = 40  # samples of other files that a helper of one file is tried on
DOUBLE, OTHERS = ((float,), (complex,)), ((np.float32, np.longdouble), (np.complex64,))

BY_FUNCTION: dict[Any, list[Sample]] = defaultdict(list)
for _samples in SAMPLES.values():
    for _sample in _samples:
        BY_FUNCTION[_sample.function].append(_sample)

_passes: dict[tuple[int, str, int], bool] = {}


class LateError(Exception):
    """A mutant takes too long."""


@contextmanager
def installed(found: Broken) -> Iterator[None]:
    """Put rows in the place of those of the table, and code in the place of code, for a while."""
    kept = dict(TABLE)
    try:
        TABLE.update({row.function: row for row in found.rows})
        with found.swapped():
            yield
    finally:
        TABLE.clear()
        TABLE.update(kept)


@contextmanager
def in_time(seconds: int) -> Iterator[None]:
    """Raise `LateError` if what follows takes more of the processor's time."""

    def late(signum: int, frame: Any) -> None:
        raise LateError

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _drawn(sample: Sample, name: str, seed: int, row: Row | None) -> Any:
    """Return the case of a sample that a property is tried on."""
    both: list[Any] = [DOUBLE]
    if name == "precision":
        both = [OTHERS] if sample.float32 else [DOUBLE]
    elif name == "value" and sample.float32:
        both = [DOUBLE, OTHERS]
    dtypes = [d for real, other in both for d in (*real, *(other if sample.complex else ()))]
    rng = np.random.default_rng([seed, list(PROPERTIES).index(name)])
    d = Draws(lambda lo, hi: int(rng.integers(lo, hi + 1)), dtypes[seed % len(dtypes)], rng)
    return case_of(sample, d, row)


def _holds(sample: Sample, name: str, seed: int, row: Row | None) -> bool:
    """Return whether a property holds on one drawn case, in time."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            with in_time(SECONDS):
                PROPERTIES[name](_drawn(sample, name, seed, row))
        except Exception:
            return False
    return True


def _wanted(samples: list[Sample]) -> Iterator[tuple[Sample, str, int]]:
    """Yield samples, properties and numbers of draws: first one draw of each, then the others."""
    for seeds in ((0,), range(1, EXAMPLES)):
        for sample in samples:
            for name in ("jvp", "vjp", "value", "modes", "directions", "second_order", "precision"):
                if name == "second_order" and sample.order < 2:
                    continue
                for seed in seeds:
                    yield sample, name, seed


def samples_of(found: Broken) -> list[Sample]:
    """Return the samples of what is broken: of the file's rows, and of some of other files."""
    own = [s for row in found.broken for s in BY_FUNCTION.get(row.function, ())]
    others = [s for row in found.others for s in BY_FUNCTION.get(row.function, ())]
    own = own or (
        [] if others else [s for r in found.rows for s in BY_FUNCTION.get(r.function, ())]
    )
    return own + others[:: max(1, -(-len(others) // MOST))]


def caught_by(found: Broken) -> str | None:
    """Return the property that sees that rows are broken, or None if none does."""
    direct = {row.function: row for row in found.broken + found.others if _is_direct(row)}
    for sample, name, seed in _wanted(samples_of(found)):
        with installed(found):
            holds = _holds(sample, name, seed, direct.get(sample.function))
        if not holds and _passes_unbroken(sample, name, seed):
            return name
    return None


def _is_direct(row: Row) -> bool:
    """Return whether a row takes arguments as users write them: a ufunc's methods are arranged."""
    return row.kind != "update" and not isinstance(
        getattr(row.function, "__self__", None), np.ufunc
    )


def _passes_unbroken(sample: Sample, name: str, seed: int) -> bool:
    """Return whether a property holds on the same case with the table as it is."""
    key = (id(sample), name, seed)
    if key not in _passes:
        _passes[key] = _holds(sample, name, seed, None)
    return _passes[key]


SINGULAR = ("test_singular_points.py", "test_singular_matrices.py")
FURTHER = (*SINGULAR, "test_completeness.py", "test_products.py", "test_inplace.py",
           "test_numpy.py", "test_numpy_values.py", "test_rare_calls.py")  # fmt: skip
OF_SPECIAL = ("test_special_values.py", "test_special_parameters.py", "test_special_shapes.py",
              "test_special.py", "test_special_ranges.py", "test_special_reference.py",
              "test_special_regions.py", "test_special_distributions.py",
              "test_rare_calls.py", "test_singular_points.py", "test_completeness.py")  # fmt: skip
OF_SCIPY = ("test_scipy_functions.py", "test_scipy_interpolation.py", "test_scipy_programs.py",
            "test_scipy_matrices.py", "test_rare_calls.py", *SINGULAR,
            "test_completeness.py")  # fmt: skip
OF_ALL = ("standing", "kinds", "directions", "transposing", "matrices")  # that SciPy's rows read


def caught_by_suite(mutant: Mutant, subject: str) -> str | None:
    """Return the file of tests that fails with a mutant in place, in a copy, or None."""
    names: tuple[str, ...] = OF_SPECIAL if subject.startswith("special.") else FURTHER
    names = OF_SCIPY if subject.startswith("scipy_") else names
    wanted = [*dict.fromkeys(names + (OF_SCIPY if subject in OF_ALL else ()))]
    while wanted:
        failed = _first_failing(tuple(wanted), subject, ast.unparse(mutant.tree))
        if failed is None or not _fails_unbroken(failed):
            return failed
        wanted.remove(failed)
    return None


@cache
def _fails_unbroken(name: str) -> bool:
    """Return whether a file of tests fails as it is: then it tells nothing."""
    return _first_failing((name,), "", "") is not None


def _first_failing(names: tuple[str, ...], subject: str, source: str) -> str | None:
    """Return the file of tests that fails first in a copy where a file of rules has another text.

    It is the first of all if none of them can be imported.
    """
    root = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory() as folder:
        for part in ("dualad", "tests", "pyproject.toml"):
            place = Path(folder, part)
            if (root / part).is_dir():
                shutil.copytree(root / part, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(root / part, place)
        if subject:
            Path(folder, "dualad", "rules", *subject.split(".")).with_suffix(".py").write_text(
                source
            )
        command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider",
                   *(f"tests/{name}" for name in names)]  # fmt: skip
        env = {**os.environ, "PYTHONPATH": folder}
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True,
                              check=False)  # fmt: skip
    told = re.search(r"^(?:FAILED|ERROR) tests/(\w+\.py)", done.stdout, re.MULTILINE)
    failed = done.returncode in (1, 2, 4)  # 2, 4: something cannot be imported
    return (told[1] if told else names[0]) if failed else None
