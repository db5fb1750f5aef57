"""Functions that write into their first argument, such as `put`, `copyto` and ``add.at``."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dualad.core.dispatch import as_operand, dispatching
from dualad.core.level import refusal
from dualad.core.tracer import Tracer, shape_of, strip
from dualad.errors import PlainArrayError
from dualad.rules.directions import lead
from dualad.rules.indexing import gather, scatter
from dualad.rules.kinds import general, update


def _check_target(array: Any, function: str) -> None:
    """Raise if an array cannot hold traced values."""
    if not isinstance(array, Tracer):
        raise refusal(PlainArrayError(function))


def _write_places(array: Any, places: Any, values: Any) -> None:
    """Write values at places, counted in C order."""
    if shape_of(array):
        array[np.unravel_index(places, array.shape)] = values
    elif np.size(places):
        array[()] = np.ravel(values)[-1] if shape_of(values) else values


def _cycled(values: Any, size: int) -> Any:
    """Return the elements of `values`, repeated in turn."""
    values = np.ravel(as_operand(values))
    return values[np.arange(size) % values.size] if values.size else values


def _put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    """Write into flat places, by `numpy.put`."""
    _check_target(a, "numpy.put")
    places = np.take(np.arange(a.size), np.ravel(strip(ind)), mode=mode)
    if np.size(v) and places.size:
        _write_places(a, places, _cycled(v, places.size))


def _copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    """Write an array over another, by `numpy.copyto`."""
    _check_target(dst, "numpy.copyto")
    src = as_operand(src)
    np.copyto(np.empty((), dst.dtype), np.empty((), np.result_type(src)), casting)  # may refuse
    dst[...] = src if where is True else np.where(where, src, dst)


def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Write onto the diagonal, by `numpy.fill_diagonal`."""
    _check_target(a, "numpy.fill_diagonal")
    mask = np.zeros(a.shape, bool)
    np.fill_diagonal(mask, True, wrap)
    places = np.flatnonzero(mask)
    _write_places(a, places, _cycled(val, places.size))


def _place(arr: Any, mask: Any, vals: Any) -> None:
    """Write values in turn where a mask is true, by `numpy.place`."""
    _check_target(arr, "numpy.place")
    places = np.flatnonzero(np.reshape(strip(mask), arr.shape))
    if places.size and not np.size(vals):
        raise ValueError("Cannot insert from an empty array!")
    _write_places(arr, places, _cycled(vals, places.size))


def _putmask(a: Any, mask: Any, values: Any) -> None:
    """Write the values that stand where a mask is true, by `numpy.putmask`."""
    _check_target(a, "numpy.putmask")
    places = np.flatnonzero(np.reshape(strip(mask), a.shape))
    if np.size(values):
        _write_places(a, places, _cycled(values, a.size)[places])


def _put_along_axis(arr: Any, indices: Any, values: Any, axis: Any) -> None:
    """Write along an axis, by `numpy.put_along_axis`."""
    _check_target(arr, "numpy.put_along_axis")
    known = np.arange(arr.size).reshape(arr.shape)
    places = np.take_along_axis(known, strip(indices), axis)
    _write_places(arr, places, np.broadcast_to(as_operand(values), places.shape))


def _at(ufunc: np.ufunc, a: Any, indices: Any, *rest: Any) -> None:
    """Apply a ufunc at places one after the other, by ``ufunc.at``."""
    _check_target(a, f"numpy.{ufunc.__name__}.at")
    indices = strip(indices)
    places = np.arange(a.size).reshape(a.shape)[indices]
    rest = tuple([np.broadcast_to(as_operand(b), places.shape) for b in rest])
    if ufunc in (np.add, np.subtract):
        a[...] = added_at(a, rest[0] if ufunc is np.add else -rest[0], indices)
        return
    flat, rest = places.ravel(), tuple([np.ravel(b) for b in rest])
    turn = _turns(flat)
    for k in range(int(turn.max(initial=-1)) + 1):  # each place once a turn
        chosen = np.flatnonzero(turn == k)
        index = np.unravel_index(flat[chosen], a.shape)
        a[index] = ufunc(a[index], *[b[chosen] for b in rest])


@dispatching
def added_at(a: Any, b: Any, indices: Any) -> Any:
    """Return `a` with the elements of `b` added one after the other at `indices`."""
    a = np.array(a)
    np.add.at(a, indices, b)
    return a


def _turns(places: Any) -> Any:
    """Return for each place how often it came before."""
    order = np.argsort(places, kind="stable")
    sorted_places = places[order]
    starts = np.flatnonzero(np.diff(sorted_places, prepend=-1))
    lengths = np.diff(starts, append=places.size)
    turn = np.empty(places.size, int)
    turn[order] = np.arange(places.size) - np.repeat(starts, lengths)
    return turn


def _at_rows(*ufuncs: np.ufunc) -> list[Any]:
    """Return the rows of the method ``at`` of ufuncs."""
    bodies: list[tuple[Callable[..., Any], Any]] = [(u.at, partial(_at, u)) for u in ufuncs]
    return [update(at, body) for at, body in bodies]


ROWS = [
    general(
        added_at,
        [
            lambda t, y, a, b, indices: t,
            lambda t, y, a, b, indices: scatter(t, indices, np.shape(a)),
        ],
        [
            lambda ct, y, a, b, indices: ct,
            lambda ct, y, a, b, indices: gather(ct, len(lead(ct, y)), indices),
        ],
    ),
    update(np.put, _put),
    update(np.copyto, _copyto),
    update(np.fill_diagonal, _fill_diagonal),
    update(np.place, _place),
    update(np.putmask, _putmask),
    update(np.put_along_axis, _put_along_axis),
    *_at_rows(np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum),
    *_at_rows(np.negative, np.square, np.sqrt, np.exp, np.log, np.absolute),
]
