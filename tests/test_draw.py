"""Drawings of computational graphs: their text, their DOT, and what they do without graphviz."""

import re
import shutil
import sys
import types

import numpy as np
import pytest
from scipy.optimize import rosen

import dualad as da
from dualad import nn, sparse
from dualad.errors import ArgumentTypeError, EscapedError, MissingExtraError, SparsityError
from dualad.sparse import Coloring

STRING = r'"(?:[^"\\]|\\.)*"'
STATEMENT = re.compile(
    rf'digraph {STRING} {{|}}|'
    rf"    (?:graph \[ordering=in\]"
    rf"|n\d+ \[label={STRING}, shape=\w+(?:, style=\w+)?(?:, fillcolor=\w+)?\]"
    rf"|n\d+ -> n\d+(?: \[label={STRING}\])?)"
)  # fmt: skip


def function(x, y, w, b):
    z = x @ w + b
    return np.sum(np.sin(z) * y, axis=-1), {"z": z}


def loop(p, n):
    x = p["x"]
    for i in range(n):
        x = x * p["k"][i] - x**2
    return x


ARGS = np.ones(5, np.float32), np.zeros(3), np.ones((5, 3)), np.ones(3)
PARAMETERS = {"x": 0.5, "k": np.array([1.0, 2.0])}
DRAWINGS = {
    "arrays": lambda: da.draw(function, *ARGS),
    "numbers": lambda: da.draw(loop, PARAMETERS, 2),
    "several outputs": lambda: da.draw(np.modf, 3.5),
    "a list of operands": lambda: da.draw(lambda *rows: np.stack(rows, axis=1), *np.ones((2, 3))),
    "odd names": lambda: da.draw(
        lambda x, d: x["\"a\\\n'"] * d["ü"], {"\"a\\\n'": 1.0}, {"ü": np.ones(2)}
    ),
    "nothing traced": lambda: da.draw(lambda: np.ones(2)),
    "a gradient": lambda: da.draw(da.grad(rosen), np.array([1.0, 2.0])),
    "complex": lambda: da.draw(lambda z: (1 + 2j) * z * z[0], np.array([1j, 2.0])),
    "a ufunc": lambda: da.draw(np.arctan2, 1.0, 2.0),
}


def test_the_text_lists_inputs_operations_and_outputs():
    assert str(da.draw(function, *ARGS)) == (
        "function(x, y, w, b)\n"
        "    x                      float32[5]\n"
        "    y                      float64[3]\n"
        "    w                      float64[5, 3]\n"
        "    b                      float64[3]\n"
        "    v1 = matmul(x, w)      float64[3]\n"
        "    v2 = add(v1, b)        float64[3]\n"
        "    v3 = sin(v2)           float64[3]\n"
        "    v4 = multiply(v3, y)   float64[3]\n"
        "    v5 = sum(v4, axis=-1)  float64\n"
        "    output[0] = v5         float64\n"
        "    output[1]['z'] = v2    float64[3]"
    )


def test_the_dot_text_shows_the_same():
    assert da.draw(function, *ARGS).dot == (
        'digraph "function" {\n'
        "    graph [ordering=in]\n"
        '    n0 [label="x\\nfloat32[5]", shape=ellipse, style=filled, fillcolor=lightgray]\n'
        '    n1 [label="y\\nfloat64[3]", shape=ellipse, style=filled, fillcolor=lightgray]\n'
        '    n2 [label="w\\nfloat64[5, 3]", shape=ellipse, style=filled, fillcolor=lightgray]\n'
        '    n3 [label="b\\nfloat64[3]", shape=ellipse, style=filled, fillcolor=lightgray]\n'
        '    n4 [label="matmul\\nfloat64[3]", shape=box]\n'
        '    n5 [label="add\\nfloat64[3]", shape=box]\n'
        '    n6 [label="sin\\nfloat64[3]", shape=box]\n'
        '    n7 [label="multiply\\nfloat64[3]", shape=box]\n'
        '    n8 [label="sum(_, axis=-1)\\nfloat64", shape=box]\n'
        '    n9 [label="output[0]\\nfloat64", shape=ellipse, style=bold]\n'
        "    n10 [label=\"output[1]['z']\\nfloat64[3]\", shape=ellipse, style=bold]\n"
        "    n0 -> n4\n    n2 -> n4\n    n4 -> n5\n    n3 -> n5\n    n5 -> n6\n    n6 -> n7\n"
        "    n1 -> n7\n    n7 -> n8\n    n8 -> n9\n    n5 -> n10\n"
        "}\n"
    )


def test_loops_over_numbers_are_drawn():
    assert str(da.draw(loop, PARAMETERS, 2)) == (
        "loop(p['x'], p['k'])\n"
        "    p['x']                     float64\n"
        "    p['k']                     float64[2]\n"
        "    v1 = p['k'][0]             float64\n"
        "    v2 = multiply(p['x'], v1)  float64\n"
        "    v3 = power(p['x'], 2)      float64\n"
        "    v4 = subtract(v2, v3)      float64\n"
        "    v5 = p['k'][1]             float64\n"
        "    v6 = multiply(v4, v5)      float64\n"
        "    v7 = power(v4, 2)          float64\n"
        "    v8 = subtract(v6, v7)      float64\n"
        "    output = v8                float64"
    )


def test_code_of_others_is_drawn():
    text = str(da.draw(rosen, np.array([1.0, 2.0])))
    for part in ("v1 = x[0]", "power(v1, 2)", "multiply(100, ", "output = v"):
        assert part in text
    assert "scatter(" in str(da.draw(da.grad(rosen), np.array([1.0, 2.0])))


def test_updates_in_place_are_drawn():
    def fn(x):
        y = x * 2
        part = y[:2]
        part[0] = x[2]
        y[1:] += 1.0
        y *= y
        return y, part

    drawing = da.draw(fn, np.arange(3.0))
    text = str(drawing)
    assert "setitem(v1, v" in text
    nodes = {node.name: node for node in drawing.nodes}
    assert nodes["output[0]"].text != nodes["output[1]"].text
    assert re.search(r"v\d+ = v\d+\[:2\]", text)


def test_views_show_updates_while_they_are_drawn():
    def fn(x):
        y = x * 2
        part, other = y[:2], y[::-1]
        y[0] = x[2]
        first = part + 0
        part += x[:2]
        other[0] = 7.0
        np.multiply(y, y, out=y)
        return y, part, other, first

    values = []
    da.draw(lambda x: values.append(da.stop_gradient(fn(x))) or x, np.arange(3.0))
    for found, expected in zip(values[0], fn(np.arange(3.0)), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_drawing_changes_no_argument():
    def fn(x):
        x[0] = 5.0
        return x

    x = np.arange(3.0)
    da.draw(fn, x)
    np.testing.assert_array_equal(x, np.arange(3.0))


def test_values_that_outlive_the_drawing_raise():
    kept = []
    da.draw(lambda x: kept.append(x) or x, np.ones(2))
    with pytest.raises(EscapedError):
        np.sin(kept[0])


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_dot_text_is_valid_and_the_same_each_time(name):
    first, second = DRAWINGS[name](), DRAWINGS[name]()
    assert first.dot == second.dot
    assert str(first) == repr(first) == str(second)
    for line in first.dot.splitlines():
        assert STATEMENT.fullmatch(line), line
    declared = set(re.findall(r"^    (n\d+) \[", first.dot, re.MULTILINE))
    used = set(re.findall(r"n\d+(?= -> )|(?<= -> )n\d+", first.dot))
    assert used <= declared
    assert len(declared) == len(first.nodes)


@pytest.mark.parametrize("name", DRAWINGS)
def test_every_operation_comes_after_its_operands(name):
    for place, node in enumerate(DRAWINGS[name]().nodes):
        assert all(source < place for source, _ in node.sources)


def test_odd_names_are_escaped():
    dot = DRAWINGS["odd names"]().dot
    assert r"""label="x['\"a\\\\\\n\\'']""" in dot
    assert "ü" in dot


def test_constants_and_parameters_are_shown():
    def fn(x):
        y = np.where(x > 0, x, 0.0)
        y = np.reshape(np.power(y, 3.0), (5, 1), order="F")
        return y[1:, ..., 0] @ np.ones((4, 2)) * np.array([1.0, 2.0])

    text = str(da.draw(fn, np.ones(5)))
    for part in ("where(bool[5], x, 0)", "power(v1, 3)", "order='F'", "[1:, ..., 0]", "[1, 2]"):
        assert part in text


def test_several_outputs_are_told_apart():
    drawing = da.draw(lambda x: np.modf(x)[1] * 2 + np.modf(x)[0], np.array([1.5]))
    assert "v2[1]" in str(drawing) or "v1[1]" in str(drawing)
    assert 'label="[1]' in drawing.dot or 'label="[1] ' in drawing.dot
    assert "float64[1], float64[1]" in str(drawing)


def test_arguments_of_floats_are_inputs_unless_argnums_says_otherwise():
    def power(x, n, name):
        return x**n

    assert str(da.draw(power, 2.0, 3, "a")).startswith("power(x)\n")
    assert str(da.draw(power, 2, 3, None)).startswith("power(x, n)\n")  # there are no floats
    assert str(da.draw(power, 2.0, 3, "a", argnums=(0, 1))).startswith("power(x, n)\n")
    assert str(da.draw(power, 2.0, n=3, name="a")).startswith("power(x)\n")
    with pytest.raises(ArgumentTypeError, match="argument 2 is of type str"):
        da.draw(power, 2.0, 3, "a", argnums=2)


def test_parameters_are_constants_or_named_inputs():
    w, b = nn.Parameter(np.ones(3), name="w"), nn.Parameter(2.0)

    def forward(x):
        return np.sum(w * x) + b

    assert "v1 = multiply([1, 1, 1], x)" in str(da.draw(forward, 3.0))
    text = str(da.draw(forward, 3.0, weights=[w, b]))
    assert text.startswith("forward(x, w, weights[1])\n")
    assert "v1 = multiply(w, x)" in text
    assert str(da.draw(forward, 3.0, weights=w)).startswith("forward(x, w)\n")


def test_outputs_that_depend_on_nothing_are_constant():
    text = str(da.draw(lambda x: (x, 3.0, np.argmax(x)), np.ones(2)))
    assert "output[0] = x" in text
    assert "output[1] = constant  float64" in text
    assert "output[2] = constant" in text


def test_drawing_within_a_transform_shows_plain_numbers():
    texts = []

    def fn(x):
        texts.append(str(da.draw(lambda y: y * x, 3.0)))
        return x

    da.grad(fn)(2.0)
    assert "v1 = multiply(y, 2)" in texts[0]


def test_draw_wants_a_function():
    with pytest.raises(TypeError, match=r"dualad\.draw takes a function"):
        da.draw(3.0)


# Rendering


@pytest.fixture
def graphviz(monkeypatch):
    """A stand-in for the package; its program dot is missing while `found` is empty."""
    found = [True]

    class ExecutableNotFound(RuntimeError):  # noqa: N818  # its name in the package
        pass

    class Source:
        def __init__(self, dot):
            self.dot = dot

        def pipe(self, format):
            if not found:
                raise ExecutableNotFound
            return f"<{format}>{self.dot}</{format}>".encode()

    module = types.ModuleType("graphviz")
    module.Source, module.ExecutableNotFound, module.found = Source, ExecutableNotFound, found
    monkeypatch.setitem(sys.modules, "graphviz", module)
    return module


def test_with_graphviz_there_are_images(graphviz, tmp_path):
    drawing = da.draw(function, *ARGS)
    expected = f"<svg>{drawing.dot}</svg>"
    assert drawing.svg() == drawing._repr_svg_() == expected
    drawing.save(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8") == expected
    drawing.save(str(tmp_path / "graph.PNG"))
    assert (tmp_path / "graph.PNG").read_text(encoding="utf-8").startswith("<png>")


@pytest.mark.parametrize("missing", ["package", "program"])
def test_without_graphviz_the_error_names_the_extra(missing, graphviz, monkeypatch, tmp_path):
    if missing == "package":
        monkeypatch.setitem(sys.modules, "graphviz", None)
    graphviz.found.clear()
    drawing = da.draw(function, *ARGS)
    assert drawing._repr_svg_() is None
    for call in (drawing.svg, lambda: drawing.save(tmp_path / "graph.svg")):
        with pytest.raises(MissingExtraError, match=r"pip install 'dualad\[draw\]'") as info:
            call()
        assert ("program dot" in str(info.value)) == (missing == "program")
    assert not (tmp_path / "graph.svg").exists()


def test_dot_files_need_no_graphviz(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "graphviz", None)
    drawing = DRAWINGS["odd names"]()
    for name in ("graph.dot", "graph.gv"):
        drawing.save(tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8") == drawing.dot
    with pytest.raises(ValueError, match="has no suffix"):
        drawing.save(tmp_path / "graph")


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot")
@pytest.mark.parametrize("name", DRAWINGS)
def test_graphviz_takes_the_dot_text(name):
    pytest.importorskip("graphviz")
    drawing = DRAWINGS[name]()
    svg = drawing.svg()
    assert svg.rstrip().endswith("</svg>")
    assert svg.count('class="node"') == len(drawing.nodes)
    assert svg.count('class="edge"') == sum(len(node.sources) for node in drawing.nodes)


# Patterns


def arrow(x):
    return np.concatenate([x[:1] * np.sum(x) * np.ones(1), x[1:] * x[0]])


def test_a_prepared_pattern_is_drawn_with_its_colors():
    lines = str(da.draw(sparse.prepare(arrow, np.arange(1.0, 9.0)))).splitlines()
    assert lines[0] == "8 by 8, 22 elements, 2 pushed and 1 pulled"
    assert lines[1:] == ["    AAAAAAAA"] + [
        "    a" + "." * k + "b" + "." * (6 - k) for k in range(7)
    ]


def test_each_element_has_the_color_that_gives_it():
    pattern = sparse.jacobian_pattern(arrow, np.arange(1.0, 9.0))
    coloring = sparse.color(pattern)
    drawing = da.draw(pattern, coloring)
    assert (drawing.pushed, drawing.pulled) == (coloring.pushed, coloring.pulled)
    for i, j, color in zip(drawing.rows, drawing.columns, drawing.colors, strict=True):
        pulled = color >= coloring.pushed
        assert color == (coloring.pushed + coloring.rows[i] if pulled else coloring.columns[j])
        beside = drawing.columns[drawing.rows == i] if not pulled else []
        assert sum(coloring.columns[k] == color for k in beside) == (0 if pulled else 1)


def test_large_patterns_are_drawn_in_blocks():
    lines = str(da.draw(np.eye(200))).splitlines()
    assert lines[0] == "200 by 200, 200 elements, 5 by 5 a character"
    assert lines[1:] == ["    " + "." * k + "*" + "." * (39 - k) for k in range(40)]


def test_a_symmetric_pattern_has_a_color_everywhere():
    star = Coloring(np.array([0, -1, -1]), np.full(3, -1), 1, 0, is_symmetric=True)
    pattern = np.array([[1, 1, 1], [1, 0, 0], [1, 0, 0]])
    assert str(da.draw(pattern, star)).splitlines()[1:] == ["    aaa", "    a..", "    a.."]


def test_patterns_that_do_not_fit_are_refused():
    with pytest.raises(SparsityError, match="another shape"):
        da.draw(np.eye(3), sparse.color(np.eye(4)))


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_a_pattern_is_saved_as_a_picture(tmp_path, suffix):
    pytest.importorskip("matplotlib")
    path = tmp_path / f"pattern{suffix}"
    drawing = da.draw(sparse.prepare(arrow, np.arange(1.0, 5.0)))
    drawing.save(path)
    assert path.stat().st_size > 1000
    assert drawing._repr_png_().startswith(b"\x89PNG")


def test_pictures_of_patterns_need_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    drawing = da.draw(np.eye(3))
    assert drawing._repr_png_() is None
    with pytest.raises(MissingExtraError, match=r"dualad\[draw\]"):
        drawing.figure()
