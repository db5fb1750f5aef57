"""How a rule serves any number of directions: they lead, so axes are counted from the end."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from dualad.core.tracer import shape_of

Axis = int | tuple[int, ...] | None


def lead(t: Any, x: Any) -> tuple[int, ...]:
    """Return the direction axes of `t`, a tangent or cotangent of something shaped like `x`."""
    shape: tuple[int, ...] = shape_of(t)
    return shape[: len(shape) - len(shape_of(x))]


def trailing(axis: Axis, ndim: int) -> Any:
    """Return `axis` of an array with `ndim` axes counted from the end; None stands for them all.

    Raises nothing: NumPy has checked the axis when it computed the primal.
    """
    if axis is None:
        return tuple(range(-ndim, 0))
    if type(axis) is int:
        return axis % ndim - ndim
    if type(axis) is tuple or np.ndim(axis):
        return tuple([int(i) % ndim - ndim for i in axis])  # type: ignore[union-attr]
    return int(axis) % ndim - ndim  # type: ignore[arg-type]


def mT(a: Any) -> Any:  # noqa: N802  # as the attribute of arrays
    """Return `a` with its last two axes exchanged."""
    return np.swapaxes(a, -1, -2)


def axis_from_end(
    function: Callable[..., Any], x: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the parameters that make `function` act on trailing axes: `axis` from the end.

    `args` and `kwargs` are those of the call without its operand `x`.
    """
    position, default = _axis_parameter(function)
    ndim = len(shape_of(x))
    if "axis" in kwargs:
        return args, {**kwargs, "axis": trailing(kwargs["axis"], ndim)}
    if len(args) > position:
        axis = trailing(args[position], ndim)
        return (*args[:position], axis, *args[position + 1 :]), kwargs
    return args, {**kwargs, "axis": trailing(default, ndim)}


@cache
def _axis_parameter(function: Callable[..., Any]) -> tuple[int, Axis]:
    """Return the position of `axis` among the parameters after the operand, and its default."""
    parameters = list(inspect.signature(function).parameters.values())
    (position,) = (i for i, p in enumerate(parameters) if p.name == "axis")
    return position - 1, parameters[position].default


def each_direction(function: Callable[..., Any], t: Any, directions: tuple[int, ...]) -> Any:
    """Return `function` of every direction of `t`, one by one: always right, and slow."""
    if not directions:
        return function(t)
    if 0 in directions:
        found = function(np.zeros(shape_of(t)[len(directions) :], t.dtype))
        return np.zeros(directions + shape_of(found), found.dtype)
    return np.stack([each_direction(function, part, directions[1:]) for part in t])
