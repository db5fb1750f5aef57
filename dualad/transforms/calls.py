"""Calls that traces see as one operation: what custom rules and checkpoints have in common.

Such a call is a row with one operand for each array among its arguments, in whatever trees these
come, and one output for each array that the function returns.
"""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.dispatch import apply, as_operand
from dualad.core.level import refusal
from dualad.core.pulling import pull
from dualad.core.pushing import push
from dualad.core.record import Record, dtype_of
from dualad.core.recorded import Recorded, record_input
from dualad.core.row import Row, Spec
from dualad.core.tracer import Tracer, is_plain_array, primal_value, shape_of
from dualad.errors import ClosureError, NotLinearError, OutputTypeError, StructureError
from dualad.transforms.arguments import call
from dualad.transforms.wrapped import Wrapped
from dualad.tree import leaves, matching_leaves, rebuild
from dualad.typing import Tree


class Call:
    """One call of an `Opaque` function.

    Attributes
    ----------
    arguments : tree
        Positional and keyword arguments, with a `Place` for each operand.
    out : tree
        What the function returned, with a `Place` for each output.
    operands, outputs : list of Spec
        Their shapes and dtypes.
    levels : set of int
        Those of the operands that the function was evaluated with.
    kept : object
        What the function stored for the pull.
    """

    __slots__ = ("arguments", "kept", "levels", "operands", "out", "outputs")

    levels: set[int]
    operands: list[Spec]
    outputs: list[Spec]
    kept: Any

    def __init__(self, arguments: Tree) -> None:
        self.arguments = arguments
        self.out = self.kept = None

    def filled(self, operands: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the positional and the keyword arguments."""
        args, kwargs = placed(self.arguments, operands)
        return args, kwargs


class Place:
    """Stands for an array that is passed apart, by its number."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


def placed(template: Tree, values: Any) -> Tree:
    """Return a template with `values` at its places."""
    parts = [leaf for _, leaf in leaves(template)]
    filled = [values[leaf.number] if isinstance(leaf, Place) else leaf for leaf in parts]
    return rebuild(template, iter(filled))


def taken_apart(tree: Tree, wanted: Callable[[Any], bool]) -> tuple[Tree, list[Any]]:
    """Return `tree` with places for those leaves that are `wanted`, and these."""
    found: list[Any] = []
    parts = []
    for _, leaf in leaves(tree):
        leaf = as_operand(leaf) if is_plain_array(leaf) else leaf
        leaf = leaf.current if isinstance(leaf, Tracer) else leaf
        parts.append(Place(len(found)) if wanted(leaf) else leaf)
        if wanted(leaf):
            found.append(leaf)
    return rebuild(tree, iter(parts)), found


def is_array(leaf: Any) -> bool:
    """Return whether a leaf is traced, or an array of numbers."""
    return isinstance(leaf, Tracer) or (is_plain_array(leaf) and leaf.dtype.kind in "fciub")


def is_number(leaf: Any) -> bool:
    """Return whether a leaf is traced, a number, or an array of numbers."""
    return is_array(leaf) or isinstance(leaf, (float, complex, np.number))


class Opaque(Wrapped):
    """A function whose calls on traced values are one operation each.

    Subclasses say in `push` and `pull` what its derivative is, and in `evaluated` what its value.
    """

    reads_operands = True

    def __init__(self, fn: Callable[..., Any], transform: str) -> None:
        super().__init__(fn, transform)
        self.rows: dict[int, Row] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "rows": {}}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the function returns."""
        template, operands = taken_apart((args, kwargs), is_array)
        if not any(isinstance(x, Tracer) for x in operands):
            return self.fn(*args, **kwargs)
        return self.applied(Call(template), operands)

    def applied(self, this: Call, operands: Any) -> Tree:
        """Return the output of a call, traced."""
        outputs = apply(self.row(len(operands)), (*operands, this), {})
        return placed(this.out, outputs)

    def row(self, arity: int) -> Row:
        """Return the row of calls with so many operands."""
        found = self.rows.get(arity)
        if found is None:
            rule: Any = _reads_all if self.reads_operands else _reads_shapes
            found = self.rows[arity] = Row(
                self.outputs, "opaque", self.push, self.pull, arity, ((rule,),) * arity
            )
        return found

    def outputs(self, *operands: Any) -> tuple[Any, ...]:
        """Return the arrays that a call returns; its last operand is the `Call` itself."""
        *arrays, this = operands
        this.operands, this.levels = [spec_of(x) for x in arrays], levels_of(arrays)
        out = self.evaluated(this, [guarded(x) for x in arrays])
        this.out, found = taken_apart(out, is_number)
        if not found:
            raise OutputTypeError("the output", "without numbers", "return at least one")
        self.check_closure(found, arrays)
        found = [_own(y, arrays) for y in found]
        this.outputs = [spec_of(y) for y in found]
        return tuple(found)

    def check_closure(self, values: Any, given: Any) -> None:
        """Raise if a value depends on more than what was given."""
        if not levels_of(values) <= levels_of(given):
            raise refusal(ClosureError(self.__qualname__, self.transform))

    def evaluated(self, this: Call, operands: list[Any]) -> Tree:
        """Return the value of a call, of plain arrays or of values of a lower level."""
        if any(isinstance(x, Tracer) for x in operands):
            return self.applied(this, operands)
        args, kwargs = this.filled(operands)
        return call(self.fn, args, kwargs)

    def push(self, pairs: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the tangents of all outputs; see `Row`."""
        raise NotImplementedError

    def pull(self, positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the shares of some operands in the outputs' cotangents; see `Row`."""
        raise NotImplementedError


def levels_of(values: Any) -> set[int]:
    """Return all levels, also those further down, of the traced values among some."""
    found = set()
    for value in values:
        while isinstance(value, Tracer):
            found.add(value.level)
            value = value.primal
    return found


def _reads_all(t: Any, y: Any, *operands: Any) -> None:
    """Stand for a rule that reads all operands, so that a record keeps them."""


def _reads_shapes(t: Any, y: Any) -> None:
    """Stand for a rule that reads no operand."""


def guarded(x: Any) -> Any:
    """Return an operand so that the function cannot write into the memory of a traced value."""
    if isinstance(x, Tracer):
        return x.copy() if shape_of(x) else x
    if is_plain_array(x):
        x = x.view()
        x.flags.writeable = False
    return x


def _own(y: Any, operands: list[Any]) -> Any:
    """Return an output as NumPy's, in memory of its own."""
    if isinstance(y, Tracer):
        return y
    if not is_plain_array(y):
        return np.float64(y) if type(y) is float else np.asarray(y)[()]
    plain = [x for x in operands if is_plain_array(x)]
    return y.copy() if any(np.may_share_memory(y, x) for x in plain) else y


def matched(template: Tree, tree: Tree, like: list[Spec], what: str) -> dict[int, Any]:
    """Return the tangents or cotangents in `tree` by their places in `template`; zero for None.

    Raises
    ------
    StructureError
        If the trees differ in structure, or a leaf in shape from its counterpart in `like`.
    """
    given = matching_leaves(template, tree, what)
    marks = [leaf for _, leaf in leaves(template)]
    found = {}
    for mark, t in zip(marks, given, strict=True):
        if isinstance(mark, Place):
            y = like[mark.number]
            t = as_operand(t if isinstance(t, Tracer) or t is None else np.asarray(t))
            if t is not None and shape_of(t) != y.shape:
                raise StructureError(f"the shape of {what}", str(y.shape), str(shape_of(t)))
            found[mark.number] = zeros(y) if t is None else t
    return found


def spec_of(x: Any) -> Spec:
    """Return the shape and dtype of an array or number."""
    return Spec(shape_of(x), dtype_of(x))


def zeros(spec: Spec, directions: tuple[int, ...] = ()) -> Any:
    """Return the zero tangent or cotangent of what has a shape and dtype."""
    return np.zeros(directions + spec.shape, spec.dtype if spec.dtype.kind in "fc" else float)


class Linear:
    """A linear map of tuples that is given as a program, recorded once.

    It is recorded far from zero, where a program that is not linear shows it: its value there
    is not what its derivative makes of that point.

    Parameters
    ----------
    program : callable
        From a tuple shaped like `spaces` to one shaped like `outputs`.
    spaces, outputs : list of Spec
    """

    def __init__(self, program: Any, spaces: list[Spec], outputs: list[Spec]) -> None:
        self.program, self.outputs = program, outputs
        numbers = np.random.default_rng(0)
        self.point = [_far(numbers, x) for x in spaces]
        record = Record()
        with np.errstate(all="ignore"):
            images = program(tuple(record_input(record, x) for x in self.point))
        ours = [isinstance(t, Recorded) and t.origin is record for t in images]
        self.traced = [t.position if own else None for t, own in zip(images, ours, strict=True)]
        self.values = [t.primal if own else t for t, own in zip(images, ours, strict=True)]
        self.entries = record.entries
        record.close()

    def push(self, ts: Any, lead: tuple[int, ...]) -> tuple[Any, ...]:
        """Return the images of tangents with direction axes `lead`, all directions at once."""
        positions = [position for position in self.traced if position is not None]
        found = iter(push(self.entries, list(ts), positions, lead))
        images = [None if position is None else next(found) for position in self.traced]
        pairs = zip(images, self.outputs, strict=True)
        return tuple(zeros(y, lead) if t is None else t for t, y in pairs)

    def pull(self, cts: Any, lead: tuple[int, ...]) -> list[Any]:
        """Return the transpose of the map, applied to cotangents."""
        pairs = zip(self.traced, cts, strict=True)
        seeds = [(position, ct) for position, ct in pairs if position is not None]
        found = pull(self.entries, seeds, len(self.point), lead)
        shares = zip(found, self.point, strict=True)
        return [np.zeros(lead + x.shape, x.dtype) if ct is None else ct for ct, x in shares]

    def at_once(self, ts: Any, lead: tuple[int, ...]) -> tuple[Any, ...]:
        """Return the images of tangents; one by one if the program is not linear after all."""
        if all(map(_near, self.push(self.point, ()), self.values)):
            return self.push(ts, lead)
        directions = math.prod(lead)
        flat = [np.reshape(t, (directions, *x.shape)) for t, x in zip(ts, self.point, strict=True)]
        images = [self.program(tuple(t[k] for t in flat)) for k in range(directions)]
        if not images:
            return tuple(zeros(y, lead) for y in self.outputs)
        stacked = [np.stack(parts) for parts in zip(*images, strict=True)]
        pairs = zip(stacked, self.outputs, strict=True)
        return tuple(np.reshape(t, lead + y.shape) for t, y in pairs)

    def is_transposed(self, cts: Any, shares: Any) -> bool:
        """Return whether the pairing of shares and the point is that of cotangents and values."""
        left = [_pairing(*pair) for pair in zip(shares, self.point, strict=True)]
        right = [_pairing(*pair) for pair in zip(cts, self.values, strict=True)]
        gap = np.abs(sum(a for a, _ in left) - sum(a for a, _ in right))
        scale = sum(b for _, b in (*left, *right))
        return not np.any(gap > _tolerance((*shares, *cts)) * scale)


FAR = 1e8  # beyond the limits to which cotangents are clipped


def _far(numbers: np.random.Generator, spec: Spec) -> Any:
    """Return a random array of the shape and dtype of `spec`, far from zero."""
    x = FAR * numbers.uniform(0.5, 1.5, spec.shape)
    if spec.dtype.kind == "c":
        x = x + 1j * FAR * numbers.uniform(0.5, 1.5, spec.shape)
    return np.asarray(x, spec.dtype if spec.dtype.kind in "fc" else float)


def _tolerance(values: Any) -> float:
    """Return how far two results may lie apart, over their size, that differ by rounding."""
    dtypes = [np.result_type(primal_value(x)) for x in values]
    inexact = [dtype for dtype in dtypes if dtype.kind in "fc"]
    return float(max((np.sqrt(np.finfo(dtype).eps) for dtype in inexact), default=0.0))


def _pairing(ct: Any, t: Any) -> tuple[Any, Any]:
    """Return ``Re(sum(ct * t))`` and ``sum(abs(ct * t))`` for each direction of `ct`."""
    ct, t = np.asarray(primal_value(ct)), np.asarray(primal_value(t))
    axes = tuple(range(ct.ndim - t.ndim, ct.ndim))
    with np.errstate(all="ignore"):
        products = ct * t
        return np.sum(products, axes).real, np.sum(np.abs(products), axes)


def _near(found: Any, wanted: Any) -> bool:
    """Return whether two results agree to rounding; so they do if they are not finite."""
    found, wanted = np.asarray(primal_value(found)), np.asarray(primal_value(wanted))
    with np.errstate(all="ignore"):
        gap = np.abs(found - wanted)
        scale = np.max(np.abs(wanted), initial=0.0) + np.max(np.abs(found), initial=0.0)
    return not np.any(gap > _tolerance((found, wanted)) * scale)


def pushed(program: Any, ts: Any, spaces: Any, outputs: Any, lead: tuple[int, ...]) -> Any:
    """Return the images of tangents with direction axes `lead`, under a linear map of tuples."""
    return Linear(program, spaces, outputs).at_once(ts, lead) if lead else program(tuple(ts))


def transposed(program: Any, cts: Any, outputs: Any, spaces: Any, name: str) -> list[Any]:
    """Return the transpose of a linear map of tuples, applied to cotangents with directions.

    Raises
    ------
    NotLinearError
        If the program, a rule of the function `name`, is not linear.
    """
    lead = shape_of(cts[0])[: len(shape_of(cts[0])) - outputs[0].ndim]
    linear = Linear(program, spaces, outputs)
    shares = linear.pull(cts, lead)
    if not linear.is_transposed(cts, shares):
        raise NotLinearError(name)
    return shares


def positional(fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the arguments, those that have a position at it, whether named or left out."""
    try:
        bound = inspect.signature(fn).bind(*args, **kwargs)
    except (TypeError, ValueError):
        return args, kwargs
    named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    arguments: dict[str, Any] = {}
    for parameter in bound.signature.parameters.values():
        if parameter.name in bound.arguments:
            arguments[parameter.name] = bound.arguments[parameter.name]
        elif parameter.kind in named and not isinstance(fn, np.ufunc):
            arguments[parameter.name] = parameter.default
    bound.arguments = arguments
    return bound.args, bound.kwargs
