"""The trial of a mutant: the samples of the rows that it breaks, under all properties."""

import ast
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import types
import warnings
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dualad.core.row import TABLE, Row
from dualad.testing.cases import case_of
from dualad.testing.properties import PROPERTIES
from dualad.testing.samples import SAMPLES, Draws, Sample
from tests.mutants.mutate import Mutant, closure, definitions, rows_of

EXAMPLES = 8  # as many as the CI profile of the suite
SECONDS = 30  # that one mutant may take: an endless loop is caught
DOUBLE, OTHERS = ((float,), (complex,)), ((np.float32, np.longdouble), (np.complex64,))

BY_FUNCTION: dict[Any, list[Sample]] = defaultdict(list)
for _samples in SAMPLES.values():
    for _sample in _samples:
        BY_FUNCTION[_sample.function].append(_sample)

_passes: dict[tuple[int, str, int], bool] = {}


class LateError(Exception):
    """A mutant takes too long."""


@dataclass(frozen=True)
class Broken:
    """What a mutant's file declares.

    Attributes
    ----------
    rows : list of Row
        All rows of the file, made anew.
    broken : list of Row
        Those among them that the mutant breaks.
    samples : list of Sample
        What they are tried on: their own samples, or, if they have none, those of the whole file.
    """

    rows: list[Row]
    broken: list[Row]
    samples: list[Sample]


def made(mutant: Mutant, module: Any) -> Broken:
    """Return the rows of a mutant's file."""
    twin = types.ModuleType(module.__name__)
    twin.__file__ = module.__file__
    exec(compile(mutant.tree, module.__file__, "exec"), twin.__dict__)
    known = definitions(mutant.tree)
    names: set[Any] = set()
    owners = mutant.owners
    for _ in range(2):  # the second time also for the rows that call those of the first
        for i, item in enumerate(rows_of(mutant.tree)):
            if owners & (closure(item, known) | {f"ROWS[{i}]"}):
                expression = ast.Expression(ast.List([item], ast.Load()))
                code = compile(ast.fix_missing_locations(expression), module.__file__, "eval")
                names |= {row.function for row in eval(code, twin.__dict__)}
        owners |= {name for name in known if any(twin.__dict__.get(name) is f for f in names)}
    rows = list(twin.ROWS)
    for row in [*rows]:  # the file's own functions are made anew: the samples know the old ones
        old = getattr(module, getattr(row.function, "__name__", ""), row.function)
        if old is not row.function and old in BY_FUNCTION:
            rows.append(replace(row, function=old))
            names |= {old} if row.function in names else set()
    broken = [row for row in rows if row.function in names]
    samples = [sample for row in broken for sample in BY_FUNCTION.get(row.function, ())]
    if not samples:
        samples = [s for row in rows for s in BY_FUNCTION.get(row.function, ())]
    return Broken(rows, broken, samples)


@contextmanager
def installed(rows: list[Row]) -> Iterator[None]:
    """Put rows in the place of those of the table, for a while."""
    kept = dict(TABLE)
    try:
        TABLE.update({row.function: row for row in rows})
        yield
    finally:
        TABLE.clear()
        TABLE.update(kept)


@contextmanager
def in_time(seconds: int) -> Iterator[None]:
    """Raise `LateError` if what follows takes longer."""

    def late(signum: int, frame: Any) -> None:
        raise LateError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _drawn(sample: Sample, name: str, seed: int, row: Row | None) -> Any:
    """Return the case of a sample that a property is tried on."""
    both = [DOUBLE]
    if name == "precision":
        both = [OTHERS] if sample.float32 else [DOUBLE]
    elif name == "value" and sample.float32:
        both = [DOUBLE, OTHERS]
    dtypes = [d for real, other in both for d in (*real, *(other if sample.complex else ()))]
    rng = np.random.default_rng([seed, list(PROPERTIES).index(name)])
    d = Draws(lambda lo, hi: int(rng.integers(lo, hi + 1)), dtypes[seed % len(dtypes)], rng)
    return case_of(sample, d, row)


def _holds(sample: Sample, name: str, seed: int, row: Row | None) -> bool:
    """Return whether a property holds on one drawn case."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            PROPERTIES[name](_drawn(sample, name, seed, row))
        except LateError:
            raise
        except Exception:
            return False
    return True


def _wanted(sample: Sample) -> Iterator[tuple[str, int]]:
    """Yield the properties, and numbers of draws, that a sample is for."""
    for name in ("jvp", "vjp", "value", "modes", "directions", "second_order", "precision"):
        if name == "second_order" and sample.order < 2:
            continue
        for seed in range(EXAMPLES):
            yield name, seed


def caught_by(found: Broken) -> str | None:
    """Return the property that sees that rows are broken, or None if none does."""
    direct = {row.function: row for row in found.broken if row.kind != "update"}
    for sample in found.samples:
        for name, seed in _wanted(sample):
            with installed(found.rows):
                holds = _holds(sample, name, seed, direct.get(sample.function))
            if not holds and _passes_unbroken(sample, name, seed):
                return name
    return None


def _passes_unbroken(sample: Sample, name: str, seed: int) -> bool:
    """Return whether a property holds on the same case with the table as it is."""
    key = (id(sample), name, seed)
    if key not in _passes:
        _passes[key] = _holds(sample, name, seed, None)
    return _passes[key]


FURTHER = ("test_singular_points.py", "test_singular_matrices.py", "test_completeness.py",
           "test_products.py", "test_inplace.py", "test_numpy.py")  # fmt: skip


def caught_by_suite(mutant: Mutant, subject: str) -> str | None:
    """Return the file of tests that fails with a mutant in place, in a copy, or None."""
    root = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("dualad", "tests", "pyproject.toml"):
            place = Path(folder, name)
            if (root / name).is_dir():
                shutil.copytree(root / name, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(root / name, place)
        Path(folder, "dualad", "rules", f"{subject}.py").write_text(ast.unparse(mutant.tree))
        for name in FURTHER:
            command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider",
                       f"tests/{name}"]  # fmt: skip
            done = subprocess.run(
                command, cwd=folder, env={**os.environ, "PYTHONPATH": folder}, capture_output=True
            )
            if done.returncode == 1:
                return name
    return None
