"""Pushforwards and pullbacks: the two products from which all other transforms are made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualad.core.dual import Dual, dual
from dualad.core.level import Trace
from dualad.core.pulling import pull_finite
from dualad.core.pushing import push_finite
from dualad.core.record import Entry, Record, elements
from dualad.core.recorded import Recorded, record_input
from dualad.core.tracer import shape_of
from dualad.transforms.arguments import (
    argument_tuple,
    as_tangent,
    call,
    cast,
    check_function,
    input_leaves,
    output_leaves,
    replaced,
)
from dualad.transforms.parameter import bound_to
from dualad.tree import matching_leaves, rebuild, skeleton
from dualad.typing import Tree

FLOAT = np.dtype(float)


@dataclass(slots=True)
class Recording:
    """One evaluation of a function, recorded.

    Attributes
    ----------
    entries : list
        Of the record.
    inputs : list
        The primals of the leaves that are differentiated.
    out : tree
        What the function returned, plain at this level.
    positions : list of int or None
        One a leaf that counts as output: where in the record it is, or None if it depends on no
        input.
    outputs : list
        The primals of those leaves.
    counts : list of int, or None
        What `made` returns, once it was asked.
    """

    entries: list[Entry]
    inputs: list[Any]
    out: Tree
    positions: list[int | None]
    outputs: list[Any]
    counts: list[int] | None = None

    def made(self) -> list[int]:
        """Return for each entry how many elements its value has; 0 for inputs and constants."""
        if self.counts is None:
            self.counts = list(map(elements, self.entries))
        return self.counts

    def pull(
        self, cotangents: list[Any], directions: tuple[int, ...] = (), final: bool = False
    ) -> list[Any]:
        """Return the inputs' cotangents, given one for each output leaf; None stands for zero.

        After a `final` pull the recording is of no more use.
        """
        seeds = []
        for position, ct in zip(self.positions, cotangents, strict=True):
            if position is not None and ct is not None:
                seeds.append((position, ct))
        found = pull_finite(self.entries, seeds, len(self.inputs), directions, final)
        for i, x in enumerate(self.inputs):
            found[i] = _or_zeros(found[i], x, directions)
        return unshared(found, cotangents)

    def push(self, tangents: list[Any], directions: tuple[int, ...] = ()) -> list[Any]:
        """Return the output leaves' tangents, given one for each input; None stands for zero."""
        traced = [position for position in self.positions if position is not None]
        pushed = iter(push_finite(self.entries, list(tangents), traced, directions))
        found = [None if position is None else next(pushed) for position in self.positions]
        ts = [_or_zeros(*pair, directions) for pair in zip(found, self.outputs, strict=True)]
        return unshared(ts, tangents)


def unshared(results: list[Any], given: list[Any]) -> list[Any]:
    """Return `results`, of which the caller may change one: no array is another, or a given one.

    Rules pass cotangents on, broadcast or in another shape, where that is all they do.
    """
    if len(results) == len(given) == 1 and type(given[0]) is float:  # a plain gradient
        x = results[0]
        if type(x) is np.ndarray and x.base is None and x.flags.writeable:
            return results
    taken = set()
    for x in given:
        if type(x) is np.ndarray:
            taken.add(id(_base(x)))
    for i, x in enumerate(results):
        if type(x) is np.ndarray:
            if not x.flags.writeable or id(_base(x)) in taken:
                results[i] = x = x.copy()
            taken.add(id(_base(x)))
    return results


def _base(array: Any) -> Any:
    """Return the array that owns the memory of `array`."""
    while type(array.base) is np.ndarray:
        array = array.base
    return array


def _or_zeros(t: Any, primal: Any, directions: tuple[int, ...]) -> Any:
    """Return a tangent or cotangent of `primal` in its dtype, zeros in place of None."""
    if t is None:
        return cast_directions(np.zeros(directions + shape_of(primal)), primal, directions)
    return cast_directions(t, primal, directions)


def cast_directions(t: Any, primal: Any, directions: tuple[int, ...]) -> Any:
    """Return `t`, with directions, in the dtype of `primal` or, of an integer, in float64."""
    if type(t) is type(primal) is np.ndarray and t.dtype is primal.dtype:
        return t
    if getattr(primal, "dtype", np.dtype(float)).kind not in "fc" or isinstance(primal, int):
        primal = np.zeros(shape_of(primal)) if shape_of(primal) else 0.0
    return cast(t, primal)


def all_inputs(
    args: tuple[Any, ...], chosen: tuple[int, ...], parameters: tuple[Any, ...]
) -> list[Any]:
    """Return the leaves to differentiate, checked: those of arguments, and then the parameters."""
    return input_leaves(args, chosen) + [parameter.current for parameter in parameters]


def record(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    chosen: tuple[int, ...],
    parameters: tuple[Any, ...] = (),
    has_aux: bool = False,
    keep: bool = False,
    inputs: list[Any] | None = None,
) -> Recording:
    """Return one recorded evaluation of `fn`, by its arguments at `chosen` and its parameters.

    With `has_aux` the first item of its output counts, and the rest is handed through. With
    `keep` the recording outlives the call, and so owns copies of the inputs and outputs. `inputs`
    are what `all_inputs` returns, if the caller has them.
    """
    inputs = all_inputs(args, chosen, parameters) if inputs is None else inputs
    if keep:
        inputs = [_copied(x) for x in inputs]
    trace = Record()
    traced = [record_input(trace, value) for value in inputs]
    try:
        out, found = _call(fn, args, kwargs, chosen, parameters, traced, has_aux)
        entries = trace.entries
    finally:
        trace.close()
    where: list[int | None] = []
    primals = []
    for leaf, counts in found:
        own = isinstance(leaf, Recorded) and leaf.origin is trace
        primals.append(_as_numpy(leaf.primal) if own else leaf)
        if counts:
            where.append(leaf.position if own else None)
    out = rebuild(out, iter([_copied(x) for x in primals] if keep else primals))
    return Recording(entries, inputs, out, where, primals[: len(where)])


def forward(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    chosen: tuple[int, ...],
    tangents: list[Any],
    parameters: tuple[Any, ...] = (),
    has_aux: bool = False,
    inputs: list[Any] | None = None,
) -> tuple[Tree, list[Any], list[Any]]:
    """Return an evaluation of `fn` on dual numbers: its output, and its leaves and their tangents.

    `tangents` has one for each input leaf, directions leading. The tangent of an output leaf that
    depends on no input is None. With `has_aux` the leaves are those of the output's first item.
    `inputs` are what `all_inputs` returns, if the caller has them.
    """
    inputs = all_inputs(args, chosen, parameters) if inputs is None else inputs
    trace = Trace()
    traced = [dual(trace, *pair) for pair in zip(inputs, tangents, strict=True)]
    try:
        out, found = _call(fn, args, kwargs, chosen, parameters, traced, has_aux)
    finally:
        trace.close()
    ours = [isinstance(leaf, Dual) and leaf.origin is trace for leaf, _ in found]
    primals = [
        _as_numpy(leaf.primal) if own else leaf for own, (leaf, _) in zip(ours, found, strict=True)
    ]
    ts = [
        leaf.tangent if own else None
        for own, (leaf, counts) in zip(ours, found, strict=True)
        if counts
    ]
    return rebuild(out, iter(primals)), primals[: len(ts)], ts


def _call(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    chosen: tuple[int, ...],
    parameters: tuple[Any, ...],
    traced: list[Any],
    has_aux: bool,
) -> tuple[Any, list[tuple[Any, bool]]]:
    """Return what `fn` returns for traced arguments and parameters, and the leaves of that."""
    if not parameters:
        out = call(fn, replaced(args, chosen, traced), kwargs)
        if type(out) is Recorded and not has_aux and out.level:  # raises if it escaped
            return out, [(out, True)]
        return out, output_leaves(out, has_aux)
    count = len(traced) - len(parameters)
    with bound_to(parameters, traced[count:]):
        out = call(fn, replaced(args, chosen, traced[:count]), kwargs)
        return out, output_leaves(out, has_aux)


def _copied(x: Any) -> Any:
    """Return a copy of an array, in its layout; anything else as it is."""
    return np.array(x) if type(x) is np.ndarray else x


def _as_numpy(primal: Any) -> Any:
    """Return a Python float as NumPy's scalar, which is one too."""
    return np.float64(primal) if type(primal) is float else primal


def _tangents(primals: Tree, inputs: list[Any], tangents: Tree, what: str) -> list[Any]:
    """Return the leaves of `tangents`, checked against the inputs."""
    given = matching_leaves(primals, tangents, what)
    return [
        as_tangent(np.zeros(shape_of(x)) if t is None else t, x, f"{what} leaf {i}")
        for i, (t, x) in enumerate(zip(given, inputs, strict=True))
    ]


def jvp(fn: Callable[..., Any], primals: tuple[Any, ...], tangents: Tree) -> tuple[Tree, Tree]:
    """Value of a function and its Jacobian-vector product, by dual numbers.

    Parameters
    ----------
    fn : callable
        Of one or more arguments.
    primals : tuple of tree
        The arguments: all of them are differentiated.
    tangents : tuple of tree
        The direction: equal structure and shapes.

    Returns
    -------
    out : tree
        ``fn(*primals)``.
    tangent : tree
        ``J t``, with the structure and shapes of `out`.

    Raises
    ------
    StructureError
        If `tangents` differs from `primals` in structure, or a leaf in shape.

    Examples
    --------
    >>> import numpy as np
    >>> y, t = jvp(np.sin, (0.0,), (2.0,))
    >>> float(y), float(t)
    (0.0, 2.0)
    """
    check_function(fn, "jvp")
    primals, tangents = argument_tuple(primals, "primals"), argument_tuple(tangents, "tangents")
    chosen = tuple(range(len(primals)))
    inputs = input_leaves(primals, chosen)
    ts = _tangents(primals, inputs, tangents, "tangents")
    out, outputs, pushed = forward(fn, primals, {}, chosen, ts, inputs=inputs)
    found = [_or_zeros(*pair, ()) for pair in zip(pushed, outputs, strict=True)]
    return out, rebuild(out, iter(unshared(found, ts)))


@dataclass(slots=True)
class Pullback:
    """The map ``ct -> J^T ct`` of one evaluation; the pairing is ``Re(sum(ct * t))``."""

    primals: tuple[Any, ...]
    out: Tree
    recording: Recording

    def __call__(self, cotangent: Tree) -> tuple[Tree, ...]:
        """Return a cotangent for each argument, given one shaped like the output."""
        recording = self.recording
        cts = _tangents(self.out, recording.outputs, cotangent, "cotangent")
        found: tuple[Tree, ...] = rebuild(self.primals, iter(recording.pull(cts)))
        return found


@dataclass(slots=True)
class Pushforward:
    """The map ``t -> J t`` of one evaluation."""

    primals: tuple[Any, ...]
    out: Tree
    recording: Recording

    def __call__(self, *tangents: Tree) -> Tree:
        """Return the output's tangent, given one for each argument."""
        recording = self.recording
        ts = _tangents(self.primals, recording.inputs, tangents, "tangents")
        return rebuild(self.out, iter(recording.push(ts)))


def _kept(
    fn: Callable[..., Any], primals: tuple[Any, ...], transform: str
) -> tuple[Tree, tuple[tuple[Any, ...], Tree, Recording]]:
    """Return the value of a function, and the parts of its pullback or pushforward."""
    check_function(fn, transform)
    recording = record(fn, primals, {}, tuple(range(len(primals))), keep=True)
    out, recording.out = recording.out, None
    return out, (skeleton(primals), skeleton(out), recording)


def vjp(fn: Callable[..., Any], *primals: Tree) -> tuple[Tree, Pullback]:
    """Value of a function and its pullback, from one recorded evaluation.

    Parameters
    ----------
    fn : callable
        Of one or more arguments.
    *primals : tree
        The arguments: all of them are differentiated.

    Returns
    -------
    out : tree
        ``fn(*primals)``.
    pullback : callable
        From a cotangent shaped like `out` to a tuple with ``J^T ct`` for each argument. It may be
        called any number of times.

    Examples
    --------
    >>> import numpy as np
    >>> y, pullback = vjp(np.multiply, 3.0, 4.0)
    >>> [float(ct) for ct in pullback(1.0)]
    [4.0, 3.0]
    """
    out, parts = _kept(fn, primals, "vjp")
    return out, Pullback(*parts)


def linearize(fn: Callable[..., Any], *primals: Tree) -> tuple[Tree, Pushforward]:
    """Value of a function and its pushforward, from one recorded evaluation.

    Parameters
    ----------
    fn : callable
        Of one or more arguments.
    *primals : tree
        The arguments: all of them are differentiated.

    Returns
    -------
    out : tree
        ``fn(*primals)``.
    pushforward : callable
        From a tangent for each argument to ``J t``, without another evaluation of `fn`.

    Examples
    --------
    >>> import numpy as np
    >>> y, push = linearize(np.square, 3.0)
    >>> float(push(1.0)), float(push(0.5))
    (6.0, 3.0)
    """
    out, parts = _kept(fn, primals, "linearize")
    return out, Pushforward(*parts)
