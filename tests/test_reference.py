"""The pages of docs/reference say what the code has: every name, signature, exception and row."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

from dualad import errors
from tests import coverage, reference

DOCS = Path(__file__).parents[1] / "docs"
API = (DOCS / "reference" / "api.md").read_text("utf-8")
PUBLIC = [
    "dualad", "dualad.extend", "dualad.nn", "dualad.numpy", "dualad.testing",
    "dualad.testing.strategies",
]  # fmt: skip

every_module = pytest.mark.parametrize("name", PUBLIC)


def section(name):
    """Return what the page says of a module: what stands under its heading."""
    _, found, rest = API.partition(f"\n## `{name}`")
    assert found, f"docs/reference/api.md has no heading for {name}"
    return rest.partition("\n## ")[0]


def documented(name):
    """Return the names in the first column of a module's tables, and what stands behind each."""
    calls = re.findall(r"^\| `(\w+)([^`]*)` \|", section(name), re.M)
    assert len(dict(calls)) == len(calls), "a name stands twice"
    return dict(calls)


@every_module
def test_public_names_are_the_documented_ones(name):
    module = importlib.import_module(name)
    assert sorted(documented(name)) == sorted(module.__all__)


def plain(made):
    """Return the signature of a function or class without types."""
    signature = inspect.signature(made)
    empty = inspect.Parameter.empty
    parameters = [p.replace(annotation=empty) for p in signature.parameters.values()]
    text = str(signature.replace(parameters=parameters, return_annotation=empty))
    text = re.sub(r"<class '([\w.]+)'>", r"\1", text)  # a default that is a class
    return text.replace("'", '"')


@every_module
def test_signatures_are_those_of_the_code(name):
    module = importlib.import_module(name)
    for each, signature in documented(name).items():
        made = getattr(module, each)
        bare = inspect.isclass(made) or name == "dualad.numpy"  # its signatures are NumPy's
        if signature or not bare:
            assert signature == plain(made), each


def exceptions():
    """Return the names of all exceptions."""
    found = inspect.getmembers(
        errors, lambda x: inspect.isclass(x) and x.__module__ == errors.__name__
    )
    return dict(found)


def test_the_tree_of_exceptions_is_the_documented_one():
    text = (DOCS / "reference" / "errors.md").read_text("utf-8")
    tree = re.findall(r"^(?:[│├└─ ]+)?(\w+Error)(?: \((\w+)\))?", text.split("```")[1], re.M)
    assert dict(tree).keys() == exceptions().keys()
    for name, base in tree:
        bases = [cls.__name__ for cls in exceptions()[name].__bases__]
        assert (base or "Exception") == bases[-1], name


def test_every_exception_has_a_section_that_says_what_to_write():
    text = (DOCS / "how-to" / "error-messages.md").read_text("utf-8")
    headings = re.findall(r"^## (\w+)$", text, re.M)
    assert sorted(headings) == sorted(exceptions().keys() - {"DualadError"})


def test_the_page_of_coverage_says_what_the_table_has():
    """Its other columns need the peers; functions of other versions stay."""
    text = coverage.PAGE.read_text("utf-8")
    on_page = {}
    for part in text.split("\n## ")[1:]:
        namespace = part.partition("`")[2].partition("`")[0]
        found = re.findall(r"^\| `(\w+)` \| ([\w ]+) \|", part, re.M)
        on_page |= {f"{namespace}.{name}": kind for name, kind in found}
    ours = {f"{namespace}.{name}": kind for namespace, name, kind in coverage.rows()}
    assert "?" not in ours.values()
    assert len(ours.keys() & on_page.keys()) > 0.95 * len(on_page)
    assert {name: kind for name, kind in ours.items() if on_page.get(name, kind) != kind} == {}


def test_the_page_of_rows_is_that_of_the_table():
    stale = "docs/reference/rows.md is stale: python -m tests.reference writes it"
    text = reference.PAGE.read_text("utf-8")
    on_page, found = reference.parsed(text), reference.entries()
    assert found <= on_page, f"{stale}; it lacks {sorted(found - on_page)}"
    gone = {entry for entry in on_page - found if reference.is_here(entry)}
    assert not gone, f"{stale}; these are not in the table: {sorted(gone)}"
    assert text == reference.written(text, on_page), stale
