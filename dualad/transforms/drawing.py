"""Drawings of computational graphs: as text, as DOT, and as SVG."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualad.core.record import dtype_of
from dualad.errors import MissingExtraError
from dualad.transforms.arguments import (
    call,
    check_function,
    input_leaves,
    output_leaves,
    positions,
    replaced,
)
from dualad.transforms.compressed import Prepared
from dualad.transforms.parameter import Parameter, bound_to
from dualad.transforms.patterns import drawn
from dualad.transforms.sketch import Node, Sketch
from dualad.tree import leaves


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
    "output": "shape=ellipse, style=bold",
}


def draw(
    fn: Callable[..., Any],
    *args: Any,
    argnums: int | tuple[int, ...] | None = None,
    weights: Sequence[Parameter] | Parameter | None = None,
    **kwargs: Any,
) -> Any:
    """Computational graph of a function at a point: the operations that its derivative sees.

    Or a sparsity pattern, with the colors of the directions that give its elements.

    Parameters
    ----------
    fn : callable
        Evaluated once. NumPy functions that are defined by others are drawn as those. To draw a
        pattern, give what `dualad.sparse.prepare` returned, or a matrix, dense or sparse, and a
        `dualad.sparse.Coloring` if there is one.
    *args, **kwargs
        Its arguments.
    argnums : int or tuple of int, optional
        Positions of the arguments that are inputs of the graph; by default all that hold float or
        complex numbers only (or, if none does, integers). The rest is constant.
    weights : Parameter or sequence of Parameter, optional
        Parameters that `fn` reaches by closure: inputs, too.

    Returns
    -------
    Drawing or PatternDrawing
        A graph prints as a list of operations; `dot`, `svg` and `save` give the picture. A pattern
        prints as letters; `figure` (of Matplotlib) and `save` give the picture.

    Examples
    --------
    >>> import numpy as np
    >>> draw(lambda x, y: np.sum(np.sin(x) * y), np.ones(3), 2.0)
    <lambda>(x, y)
        x                      float64[3]
        y                      float64
        v1 = sin(x)            float64[3]
        v2 = multiply(v1, y)   float64[3]
        v3 = sum(v2)           float64
        output = v3            float64
    >>> from dualad import sparse
    >>> draw(sparse.prepare(lambda x: x[1:] * x[:-1], np.ones(6)))
    5 by 6, 10 elements, 2 pushed and 0 pulled
        ab....
        .ba...
        ..ab..
        ...ba.
        ....ab
    """
    if isinstance(fn, Prepared):
        return drawn(fn.pattern, fn.coloring)
    if getattr(fn, "ndim", 0) == 2:
        return drawn(fn, *args)
    check_function(fn, "draw")
    chosen = _float_arguments(args) if argnums is None else positions(argnums, args)
    parameters = (weights,) if isinstance(weights, Parameter) else tuple(weights or ())
    names = _argument_names(fn, len(args))
    paths = [path for i in chosen for path, _ in leaves(args[i], names[i])]
    paths += [p.name or f"weights[{i}]" for i, p in enumerate(parameters)]
    values = input_leaves(args, chosen) + [parameter.current for parameter in parameters]
    sketch = Sketch()
    inputs = [sketch.input(*pair) for pair in zip(paths, values, strict=True)]
    count = len(inputs) - len(parameters)
    try:
        with bound_to(parameters, inputs[count:]):
            out = call(fn, replaced(args, chosen, inputs[:count]), kwargs)
            found = [leaf for leaf, _ in output_leaves(out)]
        for (path, _), leaf in zip(leaves(out, "output"), found, strict=True):
            sketch.output(path, leaf)
        nodes = tuple(sketch.nodes)
    finally:
        sketch.close()
    return Drawing(getattr(fn, "__name__", type(fn).__name__), nodes)


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


def _assignment(node: Node) -> str:
    """Return a node's line in the list of operations."""
    return f"{node.name} = {node.text}" if node.text else node.name


def _quoted(text: str) -> str:
    """Return `text` as a quoted string of DOT."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
