"""What can be checked about the code itself: layers, budgets, public names, docstrings, imports."""

import ast
import importlib
import inspect
import io
import pkgutil
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import numpy as np
import pytest

import dualad
from dualad import errors
from dualad.core.row import TABLE

ROOT = Path(dualad.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MODULES = {
    path: ".".join(("dualad", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(
        ".__init__"
    )
    for path in FILES
}
every_file = pytest.mark.parametrize("path", FILES, ids=MODULES.values())

LINES_OF_FILE = 300
LINES_OF_FUNCTION = 40
LINES_OF_CORE = 2_090
LINES_OF_LAMBDA = 3

# Imports point down only. A module may import those of its own line.
LAYERS = (
    ("dualad.errors", "dualad.typing", "dualad.tree"),
    ("dualad.core",),
    ("dualad.rules",),
    ("dualad.transforms",),
    (
        "dualad.program",
        "dualad.scipy",
        "dualad.sparse",
        "dualad.numpy",
        "dualad.lifting",
        "dualad.testing",
        "dualad.extend",
    ),
    ("dualad.nn",),
    ("dualad.tour",),
    ("dualad.__main__",),
)
CORE = (
    "level", "row", "tracer", "product", "record", "pulling", "pushing", "dispatch", "inplace",
    "scalar", "array", "number", "arithmetic", "blank", "dual", "recorded",
)  # fmt: skip
HEAVY = {  # imported where they are used: optional, or slow to import
    "concurrent", "dask", "graphviz", "hypothesis", "matplotlib", "mpmath", "multiprocessing",
    "numba", "scipy", "tqdm",
}  # fmt: skip


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path):
    """Return the names of all modules that a file imports, wherever in it."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = set(MODULES.values())
            found += [name if name in modules else node.module for name in names]
    return found


def layer(module):
    """Return how high a module is; the package itself, which lists names, is above all."""
    for height, line in enumerate(LAYERS):
        if any(module == name or module.startswith(name + ".") for name in line):
            return height
    return len(LAYERS) if module == "dualad" else None


def code_lines(source):
    """Return the numbers of the lines that hold code: no blanks, comments or docstrings."""
    lines = set()
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped and token.string.strip():
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        value = getattr(node.value, "value", None) if isinstance(node, ast.Expr) else None
        if isinstance(value, str):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return lines


@every_file
def test_imports_point_down(path):
    module = MODULES[path]
    height = layer(module)
    assert height is not None, f"{module} has no place in LAYERS"
    for name in imported(path):
        if name.split(".")[0] != "dualad" or (name == module):
            continue
        assert layer(name) is not None, f"{name} has no place in LAYERS"
        assert layer(name) <= height, f"{module} imports {name}, which is above it"


@pytest.mark.parametrize("path", sorted((ROOT / "core").glob("[!_]*.py")), ids=lambda p: p.stem)
def test_imports_within_the_core_point_down(path):
    assert path.stem in CORE, f"{path.stem} has no place in CORE"
    for name in imported(path):
        if name.startswith("dualad.core."):
            other = name.split(".")[2]
            assert CORE.index(other) < CORE.index(path.stem), f"{path.stem} imports {other}"


@every_file
def test_files_and_functions_keep_their_budgets(path):
    source = path.read_text(encoding="utf-8")
    lines = code_lines(source)
    assert len(lines) <= LINES_OF_FILE, f"{len(lines)} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            own = lines & set(range(node.lineno, node.end_lineno + 1))
            assert len(own) <= LINES_OF_FUNCTION, f"{node.name}: {len(own)} lines"


def test_the_core_keeps_its_budget():
    sizes = {
        path.stem: len(code_lines(path.read_text(encoding="utf-8")))
        for path in (ROOT / "core").glob("*.py")
    }
    assert sum(sizes.values()) <= LINES_OF_CORE, sizes


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("[!_]*.py")), ids=lambda p: p.stem)
def test_rules_keep_their_budget(path):
    for node in ast.walk(tree_of(path)):
        named = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "ROWS"
        for part in ast.walk(node) if named else ():
            if isinstance(part, ast.Lambda):
                lines = part.end_lineno - part.lineno + 1
                assert lines <= LINES_OF_LAMBDA, f"line {part.lineno}: {lines} lines; name it"


@every_file
def test_imports_are_plain(path):
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ImportFrom):
            assert all(alias.name != "*" for alias in node.names), "wildcard import"
            assert node.level == 0, "relative import"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("globals", "exec", "eval"), node.func.id
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            for inner in ast.walk(node):
                if isinstance(inner, (ast.Import, ast.ImportFrom)):
                    names = [a.name for a in inner.names] if isinstance(inner, ast.Import) else []
                    for name in names or [inner.module]:
                        assert name.split(".")[0] in HEAVY, f"{name} is imported in a function"


@every_file
def test_nothing_depends_on_a_machine(path):
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"/(?:home|tmp|work|usr|root)/|[A-Z]:\\\\", text)
    assert not re.findall(r"\bTODO\b|\bFIXME\b|\bXXX\b", text)


def modules_with_public_names():
    found = []
    for info in pkgutil.walk_packages(dualad.__path__, "dualad."):
        if info.name.endswith("__main__"):
            continue
        if re.search(r"^__all__", Path(MODULE_FILES[info.name]).read_text("utf-8"), re.MULTILINE):
            found.append(info.name)
    return ["dualad", *found]


MODULE_FILES = {name: path for path, name in MODULES.items()}
public_modules = pytest.mark.parametrize("name", modules_with_public_names())


@public_modules
def test_public_names_are_sorted_and_there(name):
    module = importlib.import_module(name)
    listed = list(module.__all__)
    assert listed == sorted(listed, key=lambda each: (not each.isupper(), each[0].islower(), each))
    assert len(set(listed)) == len(listed)
    for each in listed:
        assert hasattr(module, each), each
        assert not each.startswith("_"), each


def public_objects():
    """Return all public functions and classes, under the first name that they have."""
    found = {}
    for name in modules_with_public_names():
        module = importlib.import_module(name)
        if name == "dualad.extend":
            continue  # its own docstring is the reference of what it lists
        for each in module.__all__:
            made = getattr(module, each)
            if (inspect.isfunction(made) or inspect.isclass(made)) and (
                (getattr(made, "__module__", None) or "").startswith("dualad")
            ):
                found.setdefault(id(made), (f"{name}.{each}", made))
    return [pytest.param(made, id=name) for name, made in found.values()]


def sections(text):
    """Return the headings of a numpydoc docstring."""
    return re.findall(r"^(\w[\w ]*)\n-{3,}$", inspect.cleandoc(text), re.MULTILINE)


@pytest.mark.parametrize("made", public_objects())
def test_public_docstrings_are_complete(made):
    text = made.__doc__
    assert text, "no docstring"
    first = text.strip().splitlines()[0]
    assert first.endswith("."), first
    found = sections(text)
    order = ["Parameters", "Returns", "Yields", "Attributes", "Raises", "Warns", "Notes",
             "References", "Examples"]  # fmt: skip
    known = [heading for heading in found if heading in order]
    assert set(found) <= {*order, "See Also"}
    assert known == sorted(known, key=order.index) or "Attributes" in known, known
    signature = inspect.signature(made)
    if [name for name in signature.parameters if name not in ("self", "args", "kwargs")]:
        # the fields of a dataclass are its parameters
        assert {"Parameters", "Attributes"} & set(found), "its parameters are not described"
    if inspect.isfunction(made):
        returns = signature.return_annotation not in (None, "None", inspect.Signature.empty)
        assert not returns or {"Returns", "Yields"} & set(found), "no Returns"
        assert "Examples" in found, "no Examples"


def test_the_reference_of_extend_has_all_its_names():
    from dualad import extend

    listed = re.findall(r"^`(\w+)` ", inspect.cleandoc(extend.__doc__), re.MULTILINE)
    assert sorted(listed) == sorted(extend.__all__)


@every_file
def test_every_function_and_class_has_a_docstring(path):
    """But for operators, which mean what Python's data model says, and functions in functions."""
    tree = tree_of(path)
    assert ast.get_docstring(tree), "no docstring of the module"

    def look(node, where):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                special = child.name.startswith("__") and child.name.endswith("__")
                setter = any(
                    isinstance(d, ast.Attribute) and d.attr in ("setter", "deleter")
                    for d in child.decorator_list
                )
                assert special or setter or ast.get_docstring(child), f"{where}{child.name}"
                if isinstance(child, ast.ClassDef):
                    look(child, f"{child.name}.")
            elif not isinstance(child, ast.expr):
                look(child, where)

    look(tree, "")


def _of_numpy(row):
    """Return the parameters of the function of a row, or None if it does not tell."""
    if isinstance(row.function, np.ufunc):
        return None
    try:
        parameters = inspect.signature(row.function).parameters.values()
    except (TypeError, ValueError):
        return None
    kinds = {p.kind for p in parameters}
    variable = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    return None if kinds & variable else list(parameters)


def rows(*kinds):
    """Yield the rows of some kinds whose functions tell their parameters."""
    for row in TABLE.values():
        if row.kind in kinds and row.name.startswith("numpy") and _of_numpy(row) is not None:
            yield row


def _misfits(row):
    """Yield where the body of a composite row does not take what its function takes."""
    body = list(inspect.signature(row.body).parameters.values())
    if any(p.kind is p.VAR_POSITIONAL for p in body):
        return
    names = {p.name: p for p in body}
    rest = any(p.kind is p.VAR_KEYWORD for p in body)
    for place, wanted in enumerate(_of_numpy(row)):
        found = names.get(wanted.name)
        if wanted.kind is wanted.POSITIONAL_ONLY:
            continue
        if found is None:
            if not rest:
                yield f"{row.name}: no {wanted.name}"
            continue
        if wanted.kind is not wanted.KEYWORD_ONLY and body[place].name != wanted.name:
            yield f"{row.name}: {wanted.name} is in another place"
        given = wanted.default is wanted.empty or "no value" in repr(wanted.default)
        if not given and wanted.name != "like" and repr(found.default) != repr(wanted.default):
            yield f"{row.name}: {wanted.name}={found.default!r}, not {wanted.default!r}"


def test_composites_take_the_parameters_of_the_function():
    """By position and by keyword, with the same defaults."""
    assert [misfit for row in rows("composite") for misfit in _misfits(row)] == []


def test_rules_take_the_parameters_of_the_function():
    wrong = []
    for row in rows("linear", "multilinear", "joining", "general"):
        arity = row.arity or 1
        wanted = [p.name for p in _of_numpy(row)][arity:]
        for rule in [rule for rules in row.rules for rule in rules or ()]:
            parameters = list(inspect.signature(rule).parameters.values())
            if any(p.kind is p.VAR_KEYWORD or p.kind is p.VAR_POSITIONAL for p in parameters):
                continue
            found = [p.name for p in parameters][row.skip + 1 + arity :]
            if found[: len(wanted)] != wanted:  # a ufunc's reduce, which shares it, has more
                wrong.append((row.name, found, wanted))
    assert wrong == []


def test_every_exception_is_raised_somewhere():
    text = "".join(path.read_text("utf-8") for path in FILES if path.name != "errors.py")
    for name, cls in inspect.getmembers(errors, inspect.isclass):
        if issubclass(cls, errors.DualadError) and cls is not errors.DualadError:
            assert f"{name}(" in text, f"{name} is never raised"


def test_importing_dualad_is_light():
    """It imports neither SciPy's special functions nor anything optional."""
    import subprocess
    import sys

    source = "import sys, dualad; print(*sorted({n.split('.')[0] for n in sys.modules}), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "dualad" in loaded
    assert not loaded & (HEAVY | {"pytest", "jax", "autograd"}), loaded & HEAVY


@pytest.mark.parametrize(
    "name", ["extend", "nn", "numpy", "scipy", "scipy.signal", "scipy.stats", "sparse", "testing"]
)
def test_public_submodules_need_no_import_of_their_own(name):
    program = f"import dualad as da; print(da.{name}.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == f"dualad.{name}"
