"""What a mutant breaks: its file made anew, and the rows of all files that read what is broken."""

import ast
import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from dualad import rules
from dualad.core.row import Row
from tests.mutants.mutate import Mutant, definitions, names_in, rows_of

NO_RULES = {"dependence", "passages", "products_passed", "solves_passed", "windows_passed",
            "unions",  # these are of sparsity
            "outside", "refused", "special.refused", "special.naming"}  # fmt: skip

Name = tuple[str, str]  # a module and a name at its top level


@dataclass
class Broken:
    """What a mutant's file declares.

    Attributes
    ----------
    rows : list of Row
        All rows of the files that read what is broken, made anew.
    broken, others : list of Row
        Those among them that the mutant breaks: of its own file, and of other files.
    codes : list of tuple
        Functions that other files import, and their broken code.
    """

    rows: list[Row] = field(default_factory=list)
    broken: list[Row] = field(default_factory=list)
    others: list[Row] = field(default_factory=list)
    codes: list[tuple[Any, types.CodeType]] = field(default_factory=list)

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """Give functions their broken code, for a while."""
        kept = [(function, function.__code__) for function, _ in self.codes]
        try:
            for function, code in self.codes:
                function.__code__ = code
            _forget(self.codes)
            yield
        finally:
            for function, code in kept:
                function.__code__ = code
            _forget(self.codes)


def _forget(codes: list[Any]) -> None:
    """Clear what functions of the rules have remembered, if there is code to swap."""
    for module in subjects().values() if codes else ():
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


@cache
def subjects() -> dict[str, Any]:
    """Return the files of rules, and of what they share, by the name after ``dualad.rules.``."""
    prefix = f"{rules.__name__}."
    names = [found.name for found in pkgutil.walk_packages(rules.__path__, prefix)]
    short = [name.removeprefix(prefix) for name in names]
    kept = [name for name in short if name not in NO_RULES]
    modules = {name: importlib.import_module(prefix + name) for name in kept}
    return {name: module for name, module in modules.items() if not hasattr(module, "__path__")}


def source_of(module: Any) -> str:
    """Return the text of a file."""
    return Path(inspect.getsourcefile(module) or "").read_text("utf-8")


@cache
def _tree(module: Any) -> ast.Module:
    return ast.parse(source_of(module))


@cache
def _reads(module: Any) -> tuple[dict[Name, set[Name]], list[set[Name]]]:
    """Return what each name of a file reads, of its own file and of others; and each row."""
    tree = _tree(module)
    known: dict[str, Name] = {name: (module.__name__, name) for name in definitions(tree)}
    for top in ast.walk(tree):
        if isinstance(top, ast.ImportFrom) and top.module:
            for part in top.names:
                known[part.asname or part.name] = (top.module, part.name)

    def read(node: ast.AST) -> set[Name]:
        return {known[name] for name in names_in(node) & known.keys()}

    by_name = {(module.__name__, name): read(node) for name, node in definitions(tree).items()}
    return by_name, [read(item) for item in rows_of(tree)]


def _reached(start: set[Name]) -> set[Name]:
    """Return the names, of all files, that read some names, directly or through others."""
    found, before = set(start), -1
    while len(found) != before:
        before = len(found)
        for module in subjects().values():
            found |= {name for name, reads in _reads(module)[0].items() if reads & found}
    return found


def _twin(tree: ast.Module, module: Any) -> Any:
    """Return a file that is run anew."""
    twin = types.ModuleType(module.__name__)
    twin.__file__ = module.__file__
    exec(compile(tree, module.__file__, "exec"), twin.__dict__)
    return twin


def _codes(twin: Any, module: Any, owner: str) -> list[tuple[Any, types.CodeType]]:
    """Return the functions of that name, or of the class of that name, with their new code."""
    old, new = getattr(module, owner, None), getattr(twin, owner, None)
    if isinstance(old, type):
        pairs = [(vars(old)[name], vars(new)[name]) for name in vars(old) if name in vars(new)]
    else:
        pairs = [(old, new)]
    plain = [(inspect.unwrap(a), inspect.unwrap(b)) for a, b in pairs if callable(a)]
    return [
        (a, b.__code__)
        for a, b in plain
        if isinstance(a, types.FunctionType) and not a.__code__.co_freevars
    ]


def made(mutant: Mutant, module: Any) -> Broken:
    """Return the rows of a mutant's file, and of those that read what it breaks."""
    found = Broken()
    twin = _twin(mutant.tree, module)
    for owner in mutant.owners:
        found.codes += _codes(twin, module, owner)
    items = {int(name[5:-1]) for name in mutant.owners if name.startswith("ROWS[")}
    reached = {(module.__name__, name) for name in mutant.owners}
    with found.swapped():
        for _ in range(2):  # the second time also for the rows that call those of the first
            reached = _reached(reached)
            found.rows, found.broken, found.others = [], [], []
            for part in subjects().values():
                own = part is module
                new = twin if own else None
                reads = _reads(part)[1]
                chosen = {i for i, names in enumerate(reads) if names & reached}
                chosen |= items if own else set()
                if not chosen or not hasattr(part, "ROWS"):
                    continue
                new = new or _twin(_tree(part), part)
                pairs = _paired(part, new)
                found.rows += [row for both in pairs for row in both]
                places = _places(new, _tree(part) if not own else mutant.tree, chosen)
                rows = [pairs[i][0] for i in sorted(places)]
                (found.broken if own else found.others).extend(rows)
                functions = [row.function for row in rows]
                reached |= {
                    (part.__name__, name)
                    for name in definitions(_tree(part))
                    if any(part.__dict__.get(name) is f for f in functions)
                }
    return found


def _paired(module: Any, twin: Any) -> list[tuple[Row, Row]]:
    """Return the rows of a file made anew: for the functions that there were, and for its own."""
    pairs = zip(module.ROWS, twin.ROWS, strict=True)
    return [(replace(new, function=old.function), new) for old, new in pairs]


def _places(twin: Any, tree: ast.Module, items: set[int]) -> set[int]:
    """Return the places, in the list of rows, of some of its items: one may stand for several."""
    found: set[int] = set()
    begin = 0
    for i, item in enumerate(rows_of(tree)):
        count = 1
        if isinstance(item, ast.Starred):
            expression = ast.Expression(ast.List([item], ast.Load()))
            code = compile(ast.fix_missing_locations(expression), "<rows>", "eval")
            count = len(eval(code, twin.__dict__))
        found |= set(range(begin, begin + count)) if i in items else set()
        begin += count
    return found
