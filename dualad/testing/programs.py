"""Random programs: straight-line NumPy code, drawn so that it is smooth where it is evaluated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualad.testing.samples.base import Draws

LARGE = 30.0  # values that a program may reach; above, differences lose digits
APART = 0.1  # from kinks and poles, of every value that passes one
TRIES = 8  # of a step, before the program ends a step earlier

Domain = Callable[..., bool]


@dataclass(frozen=True, slots=True)
class Op:
    """A function that programs are made of.

    Attributes
    ----------
    name : str
        Of NumPy's function, without ``np.``; also ``"linalg.inv"``.
    arity : int
        How many operands there are.
    domain : callable
        Whether the function is smooth at operands, and far enough from where it is not.
    options : callable, optional
        ``options(d, *operands)`` draws keyword parameters.
    sign : str
        Of the operator that stands for it, if one does.
    """

    name: str
    arity: int
    domain: Domain
    options: Callable[..., dict[str, Any]] | None = None
    sign: str = ""


def anywhere(*operands: Any) -> bool:
    """Return that a function is smooth everywhere."""
    return True


def positive(x: Any) -> bool:
    """Return whether values are clear of zero, above it."""
    return bool(np.all(x > APART))


def nonzero(x: Any) -> bool:
    """Return whether values are clear of zero."""
    return bool(np.all(np.abs(x) > APART))


def unit(x: Any) -> bool:
    """Return whether values are clear of one, in size below it."""
    return bool(np.all(np.abs(x) < 1 - APART))


def _small(x: Any) -> bool:
    """Return whether values are small enough for exponentials."""
    return bool(np.all(np.abs(x) < 3))


def _divisor(a: Any, b: Any) -> bool:
    """Return whether the second operand may divide."""
    return nonzero(b)


def _apart(a: Any, b: Any) -> bool:
    """Return whether operands are clear of each other."""
    return bool(np.all(np.abs(np.subtract(a, b)) > APART))


def _power(a: Any, b: Any) -> bool:
    """Return whether a power is smooth and of moderate size."""
    return positive(a) and _small(b)


def _of_angle(a: Any, b: Any) -> bool:
    """Return whether a point is clear of the origin and of the branch cut."""
    return bool(np.all(np.hypot(a, b) > 3 * APART) and np.all((b > APART) | (np.abs(a) > APART)))


def _has_axes(x: Any) -> bool:
    """Return whether there is something to reduce."""
    return np.ndim(x) > 0 and np.size(x) > 0


def _distinct(x: Any) -> bool:
    """Return whether values are clear of each other."""
    gaps = np.diff(np.sort(np.ravel(x)))
    return _has_axes(x) and bool(np.all(gaps > APART))


def _matrices(a: Any, b: Any) -> bool:
    """Return whether operands are matrices that fit."""
    return np.ndim(a) == 2 and np.ndim(b) == 2 and np.shape(a)[1] == np.shape(b)[0]


def _regular(a: Any) -> bool:
    """Return whether a matrix is square and well-conditioned."""
    square = np.ndim(a) == 2 and np.shape(a)[0] == np.shape(a)[1] > 0
    return square and bool(np.linalg.cond(a) < 30)


def _axis(d: Draws, x: Any) -> dict[str, Any]:
    """Return an axis of an operand, or none."""
    return {"axis": d.axis(x)} if d.boolean() else {}


OPS = (
    Op("add", 2, anywhere, sign="+"), Op("subtract", 2, anywhere, sign="-"),
    Op("multiply", 2, anywhere, sign="*"), Op("divide", 2, _divisor, sign="/"),
    Op("negative", 1, anywhere), Op("sin", 1, anywhere), Op("cos", 1, anywhere),
    Op("exp", 1, _small), Op("tanh", 1, anywhere), Op("log", 1, positive), Op("sqrt", 1, positive),
    Op("square", 1, anywhere), Op("reciprocal", 1, nonzero), Op("abs", 1, nonzero),
    Op("arctan", 1, anywhere), Op("arcsin", 1, unit), Op("arcsinh", 1, anywhere),
    Op("sinh", 1, _small), Op("cosh", 1, _small), Op("log1p", 1, positive), Op("expm1", 1, _small),
    Op("maximum", 2, _apart), Op("minimum", 2, _apart), Op("power", 2, _power, sign="**"),
    Op("arctan2", 2, _of_angle), Op("logaddexp", 2, anywhere), Op("hypot", 2, _of_angle),
    Op("sum", 1, _has_axes, _axis), Op("mean", 1, _has_axes, _axis), Op("cumsum", 1, _has_axes),
    Op("prod", 1, _has_axes, _axis),
    Op("max", 1, _distinct, _axis), Op("min", 1, _distinct, _axis), Op("sort", 1, _distinct),
    Op("transpose", 1, anywhere), Op("ravel", 1, anywhere),
    Op("matmul", 2, _matrices, sign="@"), Op("outer", 2, anywhere), Op("linalg.inv", 1, _regular),
    Op("linalg.det", 1, _regular), Op("diag", 1, lambda x: np.ndim(x) == 2),
    Op("flipud", 1, _has_axes),
)  # fmt: skip
BY_NAME = {op.name: op for op in OPS}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a program: a function of values before it, which are numbered.

    Attributes
    ----------
    op : Op
        The function.
    operands : tuple of int
        Numbers of the inputs and of the results of earlier lines, in order.
    options : dict
        Keyword parameters.
    """

    op: Op
    operands: tuple[int, ...]
    options: dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Program:
    """A random function, with inputs at which it is smooth.

    Call it with arrays, and with ``xp=jax.numpy`` or another library's NumPy to run it there. Its
    text is the NumPy code that it stands for.

    Attributes
    ----------
    inputs : tuple of array
        Where to evaluate it.
    steps : tuple of Step
        Its lines.
    """

    inputs: tuple[Any, ...]
    steps: tuple[Step, ...]

    def __call__(self, *inputs: Any, xp: Any = np) -> Any:
        """Return the program's value in the library `xp`."""
        values = list(inputs)
        for step in self.steps:
            values.append(_run(step, [values[i] for i in step.operands], xp))
        return values[-1]

    def __repr__(self) -> str:
        """Return the program as NumPy code, with its inputs."""
        count = len(self.inputs)
        names = [f"x{i}" for i in range(count)] + [f"v{i}" for i in range(len(self.steps))]
        lines = [f"def program({', '.join(names[:count])}):"]
        for i, step in enumerate(self.steps):
            code = _code(step, [names[k] for k in step.operands])
            last = i == len(self.steps) - 1
            lines.append(f"    return {code}" if last else f"    {names[count + i]} = {code}")
        if not self.steps:
            lines.append(f"    return {names[-1]}")
        lines += ["", *(f"{name} = np.array({np.asarray(x).tolist()!r})"
                        for name, x in zip(names[:count], self.inputs, strict=True))]  # fmt: skip
        return "\n".join(lines)


def _run(step: Step, operands: list[Any], xp: Any) -> Any:
    """Return the value of a line in a library."""
    function = xp
    for part in step.op.name.split("."):
        function = getattr(function, part)
    return function(*operands, **step.options)


def _code(step: Step, names: list[str]) -> str:
    """Return a line as code."""
    if step.op.sign:
        return f" {step.op.sign} ".join(names)
    options = [f"{name}={value!r}" for name, value in step.options.items()]
    return f"np.{step.op.name}({', '.join([*names, *options])})"


def op_of(op: Any) -> Op:
    """Return an op given by name, or by a function of NumPy, which is taken for smooth."""
    if isinstance(op, Op):
        return op
    if isinstance(op, str) and op in BY_NAME:
        return BY_NAME[op]
    name = op if isinstance(op, str) else op.__name__
    return BY_NAME.get(name) or Op(name, getattr(op, "nin", 1), anywhere)


def draw_program(d: Draws, ops: Sequence[Any], depth: int, inputs: int) -> Program:
    """Return a program of at most `depth` lines, every one of which counts."""
    table = [op_of(op) for op in ops]
    shapes = d.broadcastable(d.integer(1, inputs))
    values = [np.asarray(d.array(shape, "distinct", max_ndim=2), float) for shape in shapes]
    count = len(values)
    steps: list[Step] = []
    for _ in range(d.integer(1, depth)):
        step = next(filter(None, (_drawn(d, table, values, steps) for _ in range(TRIES))), None)
        if step is None:
            break
        values.append(np.asarray(_run(step, [values[i] for i in step.operands], np)))
        steps.append(step)
    return _pruned(values[:count], steps)


def _drawn(d: Draws, table: list[Op], values: list[Any], steps: list[Step]) -> Step | None:
    """Return a line that is smooth at the values so far, or None if the first try is not."""
    op = d.choice(table)
    latest = len(values) - 1
    operands = (latest, *(d.integer(0, latest) for _ in range(op.arity - 1)))
    if op.arity == 2 and d.boolean():
        operands = operands[::-1]
    chosen = [values[i] for i in operands]
    with np.errstate(all="ignore"):
        try:
            if not op.domain(*chosen):
                return None
            step = Step(op, operands, op.options(d, *chosen) if op.options else {})
            result = _run(step, chosen, np)
        except ValueError:  # shapes that do not broadcast
            return None
    fits = np.size(result) <= 64 and np.ndim(result) <= 4 and np.size(result) > 0
    return step if fits and np.all(np.abs(result) < LARGE) else None


def _pruned(inputs: list[Any], steps: list[Step]) -> Program:
    """Return the program without inputs and lines that do not reach its result."""
    count = len(inputs)
    needed = {count + len(steps) - 1}
    for i in range(len(steps) - 1, -1, -1):
        if count + i in needed:
            needed.update(steps[i].operands)
    kept = sorted(needed)
    number = {old: new for new, old in enumerate(kept)}
    lines = [Step(steps[k - count].op, tuple(number[i] for i in steps[k - count].operands),
                  steps[k - count].options) for k in kept if k >= count]  # fmt: skip
    return Program(tuple(inputs[k] for k in kept if k < count), tuple(lines))
