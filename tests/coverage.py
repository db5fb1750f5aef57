"""Writes docs/reference/coverage.md: ``python -m tests.coverage``, which needs the extra `bench`.

For each public function of NumPy and of `scipy.special`: what dualad's table says of it, and what
autograd and JAX have. The columns of the peers are theirs at the versions that the page names.
"""

import importlib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dualad.scipy.special as wrapped
from dualad.core.row import row_of
from dualad.rules.outside import OUTSIDE
from dualad.rules.refused import REFUSED
from dualad.rules.special.refused import REFUSED as REFUSED_SPECIAL

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "coverage.md"
NAMESPACES = ("numpy", "numpy.linalg", "numpy.fft", "scipy.special")
PEERS = {"numpy": "jax.numpy", "scipy": "jax.scipy"}


def functions(namespace: str) -> Iterator[tuple[str, Any]]:
    """Yield the public functions of a namespace, by their names."""
    module = importlib.import_module(namespace)
    for name in sorted(module.__all__):
        value = getattr(module, name, None)
        if callable(value) and not isinstance(value, type):
            yield name, value


def ours(namespace: str, name: str, function: Any) -> str:
    """Return what dualad's table has for a function."""
    whole = f"{namespace}.{name}"
    row = row_of(function)
    if row is None and namespace == "scipy.special":
        row = row_of(getattr(wrapped, name, None))
    if row is not None:
        return "constant" if row.kind == "constant" else "derivative"
    if whole in OUTSIDE:
        return "no row needed"
    return "refused" if whole in REFUSED or whole in REFUSED_SPECIAL else "?"


def autograds(namespace: str, name: str) -> str:
    """Return what autograd has for a function."""
    from autograd.core import primitive_jvps, primitive_vjps

    try:
        found = getattr(importlib.import_module(f"autograd.{namespace}"), name, None)
    except ImportError:
        return ""
    if found in primitive_vjps:
        return "both modes" if found in primitive_jvps else "reverse"
    home = getattr(found, "__module__", "") or ""
    return "composite" if home.startswith("autograd.") and not hasattr(found, "fun") else ""


def jaxes(namespace: str, name: str) -> str:
    """Return whether JAX has a function of that name."""
    first, _, rest = namespace.partition(".")
    home = PEERS[first] + (f".{rest}" if rest else "")
    return "yes" if hasattr(importlib.import_module(home), name) else ""


def rows() -> Iterator[tuple[str, str, str]]:
    """Yield namespace, name, and what dualad has, for each function of this NumPy and SciPy."""
    for namespace in NAMESPACES:
        for name, function in functions(namespace):
            yield namespace, name, ours(namespace, name, function)


def written() -> str:
    """Return the page, whose text ahead of the versions stays."""
    named = [f"{name} {version(name)}" for name in ("numpy", "scipy", "autograd", "jax")]
    table = [(*row, autograds(*row[:2]), jaxes(*row[:2])) for row in rows()]
    kinds = ("derivative", "constant", "no row needed", "refused")
    titles = ["Namespace", "functions", *kinds, "autograd", "in both modes", "JAX"]
    lines = [f"Versions: {', '.join(named)}.", "", *_heading(titles)]
    for namespace in NAMESPACES:
        part = [row for row in table if row[0] == namespace]
        count = Counter(row[2] for row in part)
        both = sum(row[3] in ("both modes", "composite") for row in part)
        peers = [sum(row[3] != "" for row in part), both, sum(row[4] != "" for row in part)]
        cells = [len(part), *(count[kind] for kind in kinds), *peers]
        lines.append(f"| `{namespace}` | {' | '.join(map(str, cells))} |")
    for namespace in NAMESPACES:
        lines += ["", f"## `{namespace}`", "", *_heading(["Function", "dualad", "autograd", "JAX"])]
        lines += [
            f"| `{n}` | {o} | {a} | {j} |" for where, n, o, a, j in table if where == namespace
        ]
    return PAGE.read_text("utf-8").partition("Versions: ")[0] + "\n".join(lines) + "\n"


def _heading(titles: list[str]) -> list[str]:
    """Return the two lines that begin a table."""
    return [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles)]


if __name__ == "__main__":
    PAGE.write_text(written(), "utf-8")
