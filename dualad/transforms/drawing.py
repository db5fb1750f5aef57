"""Drawings of computational graphs: what a record holds, as text, as DOT, and as SVG."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import getitem
from pathlib import Path
from typing import Any

import numpy as np

from dualad.core.row import Spec
from dualad.core.tracer import primal_value, shape_of
from dualad.errors import MissingExtraError
from dualad.transforms.arguments import check_function, positions
from dualad.transforms.parameter import Parameter
from dualad.transforms.products import Recording, record
from dualad.transforms.seeds import dtype_of
from dualad.tree import leaves

PLACE = "_"  # stands for an operand that an arrow shows
LONGEST = 24  # characters of a parameter's value


@dataclass(frozen=True, slots=True)
class Node:
    """An input, an operation or an output.

    Attributes
    ----------
    kind : {"input", "operation", "partials", "output"}
        Which of them; "partials" is an operation of which the record has its partials only.
    name : str
        By which other nodes' texts refer to it: ``"x"``, ``"v3"``.
    text : str
        How it is computed, from other nodes' names; empty for inputs.
    label : str
        What to write into the node: the same, without the operands that arrows show.
    type : str
        Dtype and shape: ``"float64[3, 2]"``, ``"float64"`` for a number.
    sources : tuple of (int, str)
        The places of the nodes that it is computed from, and what to write on their arrows.
    """

    kind: str
    name: str
    text: str
    label: str
    type: str
    sources: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Drawing:
    """A computational graph: print it, read its `dot`, or let a notebook show it.

    Attributes
    ----------
    name : str
        The function's.
    nodes : tuple of Node
        Inputs, operations in the order of computation, outputs.
    """

    name: str
    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        """The operations, one a line."""
        names = ", ".join(node.name for node in self.nodes if node.kind == "input")
        lines = [_assignment(node) for node in self.nodes]
        width = max(map(len, lines), default=0)
        typed = [
            f"    {line:{width}}  {node.type}" for line, node in zip(lines, self.nodes, strict=True)
        ]
        return "\n".join([f"{self.name}({names})", *typed])

    __repr__ = __str__

    @property
    def dot(self) -> str:
        """The graph in DOT, the language of Graphviz."""
        lines = [f"digraph {_quoted(self.name)} {{", "    graph [ordering=in]"]
        for k, node in enumerate(self.nodes):
            label = _quoted(f"{node.label}\n{node.type}")
            lines.append(f"    n{k} [label={label}, {_STYLES[node.kind]}]")
        for k, node in enumerate(self.nodes):
            for source, note in node.sources:
                label = f" [label={_quoted(note)}]" if note else ""
                lines.append(f"    n{source} -> n{k}{label}")
        return "\n".join([*lines, "}\n"])

    def svg(self) -> str:
        """The graph as an SVG image.

        Returns
        -------
        str

        Raises
        ------
        MissingExtraError
            If the package graphviz, or its program dot, is missing: ``pip install dualad[draw]``.
        """
        return self._rendered("svg").decode()

    def save(self, path: str | Path) -> None:
        """Write the graph into a file, in the format that its suffix names.

        Parameters
        ----------
        path : str or Path
            Ending in .dot or .gv, which needs nothing else, or in .svg, .png, .pdf or another
            format of Graphviz.

        Raises
        ------
        MissingExtraError
            If the package graphviz, or its program dot, is needed and missing.
        ValueError
            If `path` has no suffix.
        """
        path = Path(path)
        suffix = path.suffix.removeprefix(".").lower()
        if not suffix:
            raise ValueError(f"{str(path)!r} has no suffix to tell the format: .dot, .svg, .png.")
        text = suffix in ("dot", "gv")
        path.write_bytes(self.dot.encode() if text else self._rendered(suffix))

    def _repr_svg_(self) -> str | None:
        """The image for a notebook; None, for the text to take its place, if it cannot be had."""
        try:
            return self.svg()
        except MissingExtraError:
            return None

    def _rendered(self, suffix: str) -> bytes:
        """Return the graph as Graphviz renders it."""
        feature = f"rendering a drawing as {suffix}"
        try:
            import graphviz
        except ImportError:
            raise MissingExtraError(feature, "graphviz", "draw") from None
        try:
            rendered: bytes = graphviz.Source(self.dot).pipe(format=suffix)
        except graphviz.ExecutableNotFound as error:
            program = "graphviz together with the program dot of graphviz.org"
            raise MissingExtraError(feature, program, "draw") from error
        return rendered


_STYLES = {
    "input": "shape=ellipse, style=filled, fillcolor=lightgray",
    "operation": "shape=box",
    "partials": "shape=box, style=rounded",
    "output": "shape=ellipse, style=bold",
}


def draw(
    fn: Callable[..., Any],
    *args: Any,
    argnums: int | tuple[int, ...] | None = None,
    weights: Sequence[Parameter] | Parameter | None = None,
    **kwargs: Any,
) -> Drawing:
    """Computational graph of a function at a point: the operations that its derivative sees.

    Parameters
    ----------
    fn : callable
        Evaluated once. Functions that are defined by others are drawn as those, and additions of
        a constant to a single number, which change no derivative, are left out.
    *args, **kwargs
        Its arguments.
    argnums : int or tuple of int, optional
        Positions of the arguments that are inputs of the graph; by default all that hold float or
        complex numbers only (or, if none does, integers). The rest is constant.
    weights : Parameter or sequence of Parameter, optional
        Parameters that `fn` reaches by closure: inputs, too.

    Returns
    -------
    Drawing
        It prints as a list of operations. Arithmetic on single numbers is known by its partial
        derivatives only: ``dv2 = 3*dx`` stands for a ``v2`` that changes so with ``x``.

    Examples
    --------
    >>> draw(lambda x, y: np.sum(np.sin(x) * y), np.ones(3), 2.0)
    <lambda>(x, y)
        x                      float64[3]
        y                      float64
        v1 = sin(x)            float64[3]
        v2 = multiply(v1, y)   float64[3]
        v3 = sum(v2)           float64
        output = v3            float64
    """
    check_function(fn, "draw")
    chosen = _float_arguments(args) if argnums is None else positions(argnums, args)
    parameters = (weights,) if isinstance(weights, Parameter) else tuple(weights or ())
    recording = record(fn, args, kwargs, chosen, parameters)
    names = _argument_names(fn, len(args))
    paths = [path for i in chosen for path, _ in leaves(args[i], names[i])]
    paths += [p.name or f"weights[{i}]" for i, p in enumerate(parameters)]
    return Drawing(getattr(fn, "__name__", type(fn).__name__), _nodes(recording, paths))


def _float_arguments(args: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the positions of the arguments that hold inexact numbers only, or else numbers."""
    kinds = [{_kind(leaf) for _, leaf in leaves(arg)} for arg in args]
    inexact = tuple(i for i, found in enumerate(kinds) if found and found <= {"f", "c"})
    return inexact or tuple(i for i, found in enumerate(kinds) if found and found <= set("fciu"))


def _kind(leaf: Any) -> str:
    """Return the kind of a leaf's dtype; "O" of what is no number or array."""
    known = hasattr(leaf, "dtype") or isinstance(leaf, (float, complex, int))
    return dtype_of(leaf).kind if known else "O"


def _argument_names(fn: Callable[..., Any], count: int) -> list[str]:
    """Return what `fn` calls its first `count` arguments."""
    try:
        parameters = list(inspect.signature(fn).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    single = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in parameters if p.kind in single]
    several = [p.name for p in parameters if p.kind is inspect.Parameter.VAR_POSITIONAL]
    rest = several[0] if several else "argument"
    return (names + [f"{rest}[{i}]" for i in range(count - len(names))])[:count]


class _Places:
    """Where the values of a record are among the nodes of a drawing, and what they are called."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.found: dict[int, tuple[int, str, str, Spec]] = {}

    def add(self, node: Node, first: int, outputs: list[Any], several: bool = False) -> None:
        """Add the node of the values at the position `first` and after it."""
        for k, y in enumerate(outputs):
            part = f"[{k}]" if several else ""
            spec = Spec(shape_of(y), dtype_of(y))
            self.found[first + k] = len(self.nodes), node.name + part, part, spec
        self.nodes.append(node)

    def name(self, position: int) -> str:
        """Return the name of the value at `position`."""
        return self.found[position][1]

    def spec(self, position: int) -> Spec:
        """Return the shape and dtype of the value at `position`."""
        return self.found[position][3]

    def source(self, position: int, note: str = "") -> tuple[int, str]:
        """Return the node of the value at `position`, and what to write on the arrow from it."""
        node, _, part, _ = self.found[position]
        return node, f"{part} {note}".strip()


def _nodes(recording: Recording, names: list[str]) -> tuple[Node, ...]:
    """Return the nodes of a recording whose inputs have the given names."""
    places = _Places()
    for position, (name, x) in enumerate(zip(names, recording.inputs, strict=True)):
        places.add(Node("input", name, "", name, _type(x)), position, [x])
    for position, entry in enumerate(recording.entries):
        if entry is not None:  # as it is for inputs, and further outputs of an entry before
            name = f"v{len(places.nodes) - len(names) + 1}"
            _add_operation(entry, position, name, places)
    outputs = [path for path, _ in leaves(recording.out, "output")]
    for name, place, y in zip(outputs, recording.positions, recording.outputs, strict=True):
        text = "constant" if place is None else places.name(place)
        sources = () if place is None else (places.source(place),)
        places.nodes.append(Node("output", name, text, name, _type(y), sources))
    return tuple(places.nodes)


def _add_operation(entry: Any, position: int, name: str, places: _Places) -> None:
    """Add the node of an entry of a record, which is at `position` there."""
    if len(entry) != 6:
        made = _element if len(entry) == 3 else _partials
        node, y = made(entry, name, places)
        places.add(node, position, [y])
        return
    row, links, shapes, y, args, kwargs = entry
    linked = {i: places.name(source) for i, source, _ in links}
    text = _call(row, linked, args, kwargs)
    label = _call(row, dict.fromkeys(linked, PLACE), args, kwargs)
    label = label.removesuffix(f"({', '.join([PLACE] * len(linked))})")
    several = isinstance(shapes, list)
    outputs = list(y) if several else [y]
    sources = tuple(places.source(source) for _, source, _ in links)
    types = ", ".join(map(_type, outputs))
    places.add(Node("operation", name, text, label, types, sources), position, outputs, several)


def _element(entry: Any, name: str, places: _Places) -> tuple[Node, Any]:
    """Return the node of an element of an array, and its shape and dtype."""
    source, index, _ = entry
    place, y = f"[{_value(index)}]", Spec((), places.spec(source).dtype)
    text = places.name(source) + place
    return Node("operation", name, text, PLACE + place, _type(y), (places.source(source),)), y


def _partials(entry: Any, name: str, places: _Places) -> tuple[Node, Any]:
    """Return the node of an operation that is known by its partials, and its shape and dtype."""
    operands, partials = entry[::2], [_number(p) for p in entry[1::2]]
    specs = [places.spec(source) for source in operands]
    shape = np.broadcast_shapes(*[spec.shape for spec in specs])
    y = Spec(shape, np.result_type(*[spec.dtype for spec in specs]))
    factors = [{"1": "", "-1": "-"}.get(p, f"{p}*") for p in partials]
    terms = [f"{factor}d{places.name(i)}" for factor, i in zip(factors, operands, strict=True)]
    text = " + ".join(terms).replace("+ -", "- ")
    sources = tuple(places.source(i, p) for i, p in zip(operands, partials, strict=True))
    return Node("partials", name, text, f"d{name}", _type(y), sources), y


def _call(row: Any, linked: dict[int, str], args: Any, kwargs: Any) -> str:
    """Return the application of a row as Python would write it, with names for traced operands."""
    operands = [linked.get(i) or _value(x) for i, x in enumerate(row.operands(args))]
    rest = [_value(x) for x in (args[1:] if row.arity is None else args[row.arity :])]
    rest += [f"{key}={_value(value)}" for key, value in kwargs.items()]
    if row.function is getitem:
        return f"{operands[0]}[{rest[0].removeprefix('(').removesuffix(')')}]"
    listed = [f"[{', '.join(operands)}]"] if row.arity is None else operands
    name = row.name.removeprefix("numpy.")
    name = name.rpartition(".")[2] if name.startswith("dualad.") else name
    return f"{name}({', '.join(listed + rest)})"


def _value(x: Any) -> str:
    """Return a constant operand or a parameter in a few characters."""
    x = primal_value(x)
    if isinstance(x, (Spec, np.ndarray)):
        return _type(x)
    if isinstance(x, slice):
        parts = ["" if part is None else _value(part) for part in (x.start, x.stop, x.step)]
        return ":".join(parts[: 2 if x.step is None else 3])
    if isinstance(x, (tuple, list)):
        inside = ", ".join(map(_value, x))
        return f"({inside}{',' * (len(x) == 1)})" if isinstance(x, tuple) else f"[{inside}]"
    if isinstance(x, (float, complex, np.inexact)):
        return _number(x)
    if x is Ellipsis:
        return "..."
    text = repr(x) if isinstance(x, str) else getattr(x, "__name__", None) or str(x)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _number(x: Any) -> str:
    """Return a number in a few digits."""
    x = primal_value(x)
    text = _type(x) if shape_of(x) else f"{x:.6g}"
    return f"({text})" if dtype_of(x).kind == "c" else text


def _type(x: Any) -> str:
    """Return the dtype and shape of an array or number."""
    shape = list(shape_of(x))
    return f"{dtype_of(x)}{shape if shape else ''}"


def _assignment(node: Node) -> str:
    """Return a node's line in the list of operations."""
    name = node.label if node.kind == "partials" else node.name
    return f"{name} = {node.text}" if node.text else name


def _quoted(text: str) -> str:
    """Return `text` as a quoted string of DOT."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
