"""The same elements in another shape or order of axes, and questions about shapes."""

from typing import Any

import numpy as np

from dualad.core.dispatch import apply
from dualad.core.product import unbroadcast
from dualad.core.tracer import Tracer, primal_value, shape_of
from dualad.rules.directions import lead, mT, trailing
from dualad.rules.kinds import composite, constant, linear


def _like_output(t: Any, y: Any, x: Any, *params: Any, **named: Any) -> Any:
    """Return each direction, in C order, in the shape of the output."""
    return np.reshape(t, lead(t, x) + shape_of(y))


def _like_input(ct: Any, y: Any, x: Any, *params: Any, **named: Any) -> Any:
    """Return each direction, in C order, in the shape of the input."""
    return np.reshape(ct, lead(ct, y) + x.shape)


def _reshape(a: Any, shape: Any = None, order: Any = "C", **rest: Any) -> Any:
    """Return the elements in another shape; `rest` is what some versions of NumPy know only."""
    if order != "C":
        rest["order"] = _layout(a, order)
    return apply(_RESHAPE, (a,) if shape is None else (a, shape), rest)


def _layout(a: Any, order: Any) -> Any:
    """Return `order`, and for "A" the order that it means, which rules cannot ask of `a` later."""
    if not isinstance(order, str):  # None means "C"; NumPy refuses anything else
        return order or "C"
    order = order.upper()
    return order if order != "A" else "F" if np.asarray(primal_value(a)).flags.fnc else "C"


def _reshape_push(t: Any, y: Any, x: Any, shape: Any = None, order: str = "C", **rest: Any) -> Any:
    """Return each direction reshaped."""
    return _reshaped(t, lead(t, x), shape_of(x), shape_of(y), order)


def _reshape_pull(ct: Any, y: Any, x: Any, shape: Any = None, order: str = "C", **rest: Any) -> Any:
    """Return each direction reshaped back."""
    return _reshaped(ct, lead(ct, y), y.shape, x.shape, order)


def _reshaped(t: Any, leading: Any, old: Any, new: Any, order: Any) -> Any:
    """Return `t`, of shape ``leading + old``, in the shape ``leading + new``."""
    if order == "C":
        return np.reshape(t, leading + new)
    if not leading:
        return np.reshape(t, new, order=order)
    t = np.transpose(t, _behind(leading, range(len(old))[::-1]))
    t = np.reshape(t, leading + new[::-1])
    return np.transpose(t, _behind(leading, range(len(new))[::-1]))


def _behind(leading: Any, axes: Any) -> list[int]:
    """Return a permutation of axes behind the direction axes `leading`."""
    n = len(leading)
    return [*range(n), *[n + axis for axis in axes]]


def _ravel(a: Any, order: Any = "C") -> Any:
    """Return the elements on one axis; "K" is the order of memory, that of falling strides."""
    order = _layout(a, order)
    if order != "K":
        return apply(_RAVEL, (a, order), {})
    strides = np.asarray(primal_value(a)).strides
    axes = sorted(range(len(strides)), key=lambda axis: -abs(strides[axis]))
    return np.ravel(np.transpose(a, axes))


_RESHAPE = linear(np.reshape, _reshape_pull, push=_reshape_push)
_RAVEL = linear(
    np.ravel,
    lambda ct, y, x, order: _reshaped(ct, lead(ct, y), y.shape, x.shape, order),
    push=lambda t, y, x, order: _reshaped(t, lead(t, x), shape_of(x), shape_of(y), order),
)


def _transpose_push(t: Any, y: Any, x: Any, axes: Any = None) -> Any:
    """Return each direction transposed."""
    leading = lead(t, x)
    if not leading:
        return np.transpose(t, axes)
    ndim = len(shape_of(x))
    axes = range(ndim)[::-1] if axes is None else [int(axis) % ndim for axis in axes]
    return np.transpose(t, _behind(leading, axes))


def _transpose_pull(ct: Any, y: Any, x: Any, axes: Any = None) -> Any:
    """Return each direction transposed back."""
    if axes is None:
        return _transpose_push(ct, x, y)
    places = [int(axis) % x.ndim for axis in axes]
    return np.transpose(ct, _behind(lead(ct, y), sorted(range(x.ndim), key=places.__getitem__)))


def _permuting(function: Any) -> Any:
    """Return a function that moves axes, as the transpose that it is.

    What it does to an array with sides 0, 1, 2, ... tells its permutation.
    """

    def body(a: Any, *args: Any, **kwargs: Any) -> Any:
        sides = np.empty(tuple(range(len(shape_of(a)))))
        return np.transpose(a, function(sides, *args, **kwargs).shape)

    return body


def _broadcast_push(t: Any, y: Any, x: Any, shape: Any, subok: bool = False) -> Any:
    """Return each direction broadcast to the shape of the output."""
    leading, old, new = lead(t, x), shape_of(x), shape_of(y)
    if leading and len(old) < len(new):
        t = np.reshape(t, leading + (1,) * (len(new) - len(old)) + old)
    return np.broadcast_to(t, leading + new)


def _broadcast_arrays(*args: Any, subok: bool = False) -> tuple[Any, ...]:
    """Return the arguments broadcast against each other."""
    shape = np.broadcast_shapes(*map(shape_of, args))
    return tuple(
        a if isinstance(a, (np.ndarray, Tracer)) and shape_of(a) == shape
        else np.broadcast_to(a, shape, subok=subok)
        for a in args
    )  # fmt: skip


def _atleast(grown: Any) -> Any:
    """Return a function that adds axes, where `grown` tells the new shape from the old."""

    def one(a: Any) -> Any:
        old = shape_of(a)
        new = grown(old)
        return a if new == old and isinstance(a, (np.ndarray, Tracer)) else np.reshape(a, new)

    def body(*arys: Any) -> Any:
        return one(arys[0]) if len(arys) == 1 else tuple(map(one, arys))

    return body


ROWS = [
    composite(np.reshape, _reshape),
    composite(np.ravel, _ravel),
    linear(np.transpose, _transpose_pull, push=_transpose_push),
    linear(
        np.swapaxes,
        lambda ct, y, x, axis1, axis2: np.swapaxes(
            ct, trailing(axis1, x.ndim), trailing(axis2, x.ndim)
        ),
        push=lambda t, y, x, axis1, axis2: np.swapaxes(
            t, trailing(axis1, y.ndim), trailing(axis2, y.ndim)
        ),
    ),
    *[
        linear(function, lambda ct, y, x: mT(ct), push=lambda t, y, x: mT(t))
        for function in (np.matrix_transpose, np.linalg.matrix_transpose)
    ],
    composite(np.moveaxis, _permuting(np.moveaxis)),
    composite(np.rollaxis, _permuting(np.rollaxis)),
    linear(np.squeeze, _like_input, push=_like_output),
    linear(np.expand_dims, _like_input, push=_like_output),
    linear(
        np.broadcast_to,
        lambda ct, y, x, shape, subok=False: unbroadcast(ct, lead(ct, y), x.shape),
        push=_broadcast_push,
    ),
    composite(np.broadcast_arrays, _broadcast_arrays),
    composite(np.atleast_1d, _atleast(lambda old: old or (1,))),
    composite(np.atleast_2d, _atleast(lambda old: (1,) * (2 - len(old)) + old)),
    composite(
        np.atleast_3d,
        _atleast(lambda old: old if len(old) > 2 else ((1,) * (len(old) < 2) + old + (1, 1))[:3]),
    ),
    linear(
        np.flip,
        lambda ct, y, m, axis=None: np.flip(ct, trailing(axis, m.ndim)),
        push=lambda t, y, m, axis=None: np.flip(t, trailing(axis, y.ndim)),
    ),
    linear(
        np.flipud,
        lambda ct, y, m: np.flip(ct, -m.ndim),
        push=lambda t, y, m: np.flip(t, -y.ndim),
    ),
    linear(
        np.fliplr,
        lambda ct, y, m: np.flip(ct, 1 - m.ndim),
        push=lambda t, y, m: np.flip(t, 1 - y.ndim),
    ),
    linear(
        np.rot90,
        lambda ct, y, m, k=1, axes=(0, 1): np.rot90(ct, -k, trailing(axes, m.ndim)),
        push=lambda t, y, m, k=1, axes=(0, 1): np.rot90(t, k, trailing(axes, y.ndim)),
    ),
    composite(np.shape, lambda a: shape_of(a)),
    composite(np.ndim, lambda a: len(shape_of(a))),
    *constant(
        np.size, np.may_share_memory, np.shares_memory, np.tril_indices_from, np.triu_indices_from,
        np.diag_indices_from, np.unravel_index, np.ravel_multi_index,
    ),
]  # fmt: skip
