"""Values that a function is drawn with: each application of a row becomes a node of a graph."""

from operator import getitem
from typing import Any, NamedTuple

import numpy as np

from dualad.core.arithmetic import ArrayView
from dualad.core.array import TracedArray
from dualad.core.dual import rebuild
from dualad.core.inplace import View, is_view, put
from dualad.core.level import Trace
from dualad.core.number import TracedNumber
from dualad.core.record import dtype_of
from dualad.core.row import Row
from dualad.core.scalar import TracedScalar
from dualad.core.tracer import is_plain_array, primal_value, shape_of

PLACE = "_"  # stands for an operand that an arrow shows
LONGEST = 24  # characters of a parameter's value
LISTED = 4  # elements of an array that are shown


class Node(NamedTuple):
    """An input, an operation or an output.

    Attributes
    ----------
    kind : {"input", "operation", "output"}
        Which of them.
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


class Place(NamedTuple):
    """Where a value comes from: a node, or one of its several outputs, as in ``"v3[1]"``."""

    node: int
    name: str
    part: str = ""


class Sketch(Trace):
    """The trace of a drawing.

    Attributes
    ----------
    nodes : list of Node
        Inputs first, then operations in the order of computation.
    inputs : int
        How many inputs there are.
    """

    __slots__ = ("inputs", "nodes")

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self.inputs = 0

    def input(self, name: str, value: Any) -> "Drawn":
        """Return `value` as the next input."""
        self.nodes.append(Node("input", name, "", name, type_text(value)))
        self.inputs += 1
        return drawn(self, value, Place(len(self.nodes) - 1, name))

    def operation(self, call: "Call", places: dict[int, Place], kind: str) -> Place:
        """Note an operation whose operands are at some places, and return its own."""
        name = f"v{len(self.nodes) - self.inputs + 1}"
        text = call.text({i: place.name for i, place in places.items()})
        label = call.text(dict.fromkeys(places, PLACE))
        label = label.removesuffix(f"({', '.join([PLACE] * len(places))})")
        sources = tuple((place.node, place.part) for place in places.values())
        self.nodes.append(Node("operation", name, text, label, kind, sources))
        return Place(len(self.nodes) - 1, name)

    def output(self, name: str, value: Any) -> None:
        """Note `value` as the next output."""
        ours = isinstance(value, Drawn) and value.origin is self
        place = value.position if ours else None
        text = place.name if place else "constant"
        sources = ((place.node, place.part),) if place else ()
        self.nodes.append(Node("output", name, text, name, type_text(value), sources))


class Call(NamedTuple):
    """An application of a function, to be told in Python's words."""

    function: Any
    name: str
    operands: list[Any]
    listed: bool
    parameters: list[str]

    def text(self, names: dict[int, str]) -> str:
        """Return the call with `names` for some of the operands."""
        operands = [names.get(i) or value_text(x) for i, x in enumerate(self.operands)]
        if self.function is getitem:
            index = self.parameters[0]
            bare = index[1:-1].rstrip(",") if index.startswith("(") and len(index) > 2 else index
            return f"{operands[0]}[{bare}]"
        given = [f"[{', '.join(operands)}]"] if self.listed else operands
        return f"{self.name}({', '.join(given + self.parameters)})"


def call_of(row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
    """Return an application of a row."""
    extra = args[1:] if row.arity is None else args[row.arity :]
    parameters = [value_text(x) for x in extra]
    parameters += [f"{key}={value_text(x)}" for key, x in kwargs.items()]
    name = row.name.removeprefix("numpy.")
    name = name.rpartition(".")[2] if name.startswith("dualad.") else name
    return Call(row.function, name, list(row.operands(args)), row.arity is None, parameters)


class Drawn(TracedNumber):
    """A number in a drawing; its operators go through rows, which have names."""

    __slots__ = ()

    origin: Sketch
    position: Place
    version: int

    __add__, __radd__ = TracedScalar.__add__, TracedScalar.__radd__
    __sub__, __rsub__ = TracedScalar.__sub__, TracedScalar.__rsub__
    __mul__, __rmul__ = TracedScalar.__mul__, TracedScalar.__rmul__
    __truediv__, __rtruediv__ = TracedScalar.__truediv__, TracedScalar.__rtruediv__
    __pow__, __rpow__ = TracedScalar.__pow__, TracedScalar.__rpow__
    __neg__, __pos__ = TracedScalar.__neg__, TracedScalar.__pos__

    def constant(self, value: Any) -> Any:
        """Return `value` in the drawing of this one, as a constant."""
        call = Call(None, "constant", [], False, [])
        return drawn(self.origin, value, self.origin.operation(call, {}, type_text(value)))

    def bind(self, row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output, after noting its application."""
        trace, given = self.origin, row.operands(args)
        primals, places = [], {}
        for i, operand in enumerate(given):
            if isinstance(operand, Drawn) and operand.origin is trace:
                places[i] = operand.position
                operand = operand.primal
            loose = type(operand) is float or not (row.broadcasts or hasattr(operand, "shape"))
            primals.append(np.asarray(operand)[()] if loose else operand)
        y = row.function(*row.with_operands(args, primals), **kwargs)
        several = isinstance(y, (tuple, list))
        parts = list(y) if several else [y]
        if not any(map(row.differentiable, places)) or all(map(_is_exact, parts)):
            return y
        kind = ", ".join(map(type_text, parts))
        place = trace.operation(call_of(row, args, kwargs), places, kind)
        if several:
            several_places = [Place(place.node, f"{place.name}[{k}]", f"[{k}]")
                              for k in range(len(parts))]  # fmt: skip
            pairs = zip(parts, several_places, strict=True)
            return rebuild(y, [y if _is_exact(y) else drawn(trace, y, at) for y, at in pairs])
        out: Any = drawn(trace, y, place)
        if row.fits and isinstance(given[0], DrawnArray) and is_view(y, primals[0]):
            return out.as_view(given[0], row, args[1:], kwargs)
        return out


class DrawnArray(TracedArray, Drawn):
    """An array in a drawing."""

    __slots__ = ()

    @property
    def view_class(self) -> Any:
        """The class of the views of such arrays."""
        return DrawnView

    def copy(self, order: Any = "C") -> Any:
        """Return a copy, in memory of its own: the same node."""
        return drawn(self.origin, self.primal.copy(order), self.position)

    def as_view(self, parent: Any, row: Row, args: Any, kwargs: Any) -> "DrawnView":
        """Return this array as what `row` shows of `parent`."""
        view: DrawnView = object.__new__(DrawnView)
        view.origin, view.noted, view.held = self.origin, self.position, self.primal
        view.link = View(parent, row, args, kwargs)
        return view

    def write(self, index: tuple[Any, ...], value: Any) -> None:
        """Write a value of this or a lower level at `index`."""
        places = {0: self.position}
        operands, primal = [self, value], value
        if isinstance(value, Drawn) and value.origin is self.origin:
            places[1], primal = value.position, value.primal
        put(self, "primal", index, primal)
        shown = value_text(index[0] if len(index) == 1 else index)
        call = Call(None, "setitem", operands, False, [f"at={shown}"])
        self.position = self.origin.operation(call, places, type_text(self.primal))
        self.version += 1


class DrawnView(ArrayView, DrawnArray):
    """An array in a drawing that was taken of another as a view."""

    __slots__ = ()

    @property
    def position(self) -> Any:  # type: ignore[override]  # others store it
        """The place in the drawing."""
        if self.link.version != self.link.root.version:
            self.take_anew()
        return self.noted


def drawn(trace: Sketch, primal: Any, position: Place) -> Drawn:
    """Return a value of a drawing."""
    trace.level  # noqa: B018  # raises if the trace is closed
    array = isinstance(primal, (np.ndarray, TracedArray))
    self: Drawn = object.__new__(DrawnArray if array else Drawn)
    self.origin, self.primal, self.position, self.version = trace, primal, position, 0
    return self


def _is_exact(y: Any) -> bool:
    """Return whether a value has no derivative, for its dtype."""
    return dtype_of(y).kind not in "fc"


def value_text(x: Any) -> str:
    """Return a constant operand or a parameter in a few characters."""
    x = primal_value(x)
    if is_plain_array(x):
        return value_text(x.tolist()) if x.size <= LISTED else type_text(x)
    if isinstance(x, slice):
        parts = ["" if part is None else value_text(part) for part in (x.start, x.stop, x.step)]
        return ":".join(parts[: 2 if x.step is None else 3])
    if isinstance(x, (tuple, list)):
        inside = ", ".join(map(value_text, x))
        return f"({inside}{',' * (len(x) == 1)})" if isinstance(x, tuple) else f"[{inside}]"
    if isinstance(x, (float, complex, np.inexact)):
        text = f"{x:.6g}"
        return f"({text})" if dtype_of(x).kind == "c" else text
    if x is Ellipsis:
        return "..."
    text = repr(x) if isinstance(x, str) else getattr(x, "__name__", None) or str(x)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def type_text(x: Any) -> str:
    """Return the dtype and shape of an array or number."""
    shape = list(shape_of(x))
    return f"{dtype_of(x)}{shape if shape else ''}"
