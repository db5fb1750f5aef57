"""Parts of arrays: splits, what deletion leaves, and vectors that a function is applied to."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dualad.core.row import Row
from dualad.core.tracer import shape_of, strip
from dualad.rules.directions import lead, trailing
from dualad.rules.joining import as_array
from dualad.rules.kinds import composite, linear


def _array_split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> list[Any]:
    """Return slices along an axis: between some places, or so many of about one length."""
    size = ary.shape[axis]
    try:
        places = [0, *indices_or_sections, size]
    except TypeError:
        count = int(indices_or_sections)
        if count <= 0:
            raise ValueError("numpy.array_split takes a positive number of sections.") from None
        least, longer = divmod(size, count)
        places = [i * least + min(i, longer) for i in range(count + 1)]
    before = (slice(None),) * range(len(ary.shape))[axis]
    return [ary[(*before, slice(*ends))] for ends in pairwise(places)]


def _split(ary: Any, indices_or_sections: Any, axis: Any = 0) -> list[Any]:
    """Return slices along an axis, if these are so many, of one length."""
    if not hasattr(indices_or_sections, "__len__") and ary.shape[axis] % indices_or_sections:
        raise ValueError("numpy.split does not divide the axis equally: see numpy.array_split.")
    return _array_split(ary, indices_or_sections, axis)


def _splitting_along(function: Any, least: int, axis: int) -> Any:
    """Return `hsplit`, `vsplit` or `dsplit`, which takes arrays of at least so many axes."""

    def body(ary: Any, indices_or_sections: Any) -> Any:
        ndim = len(shape_of(ary))
        if ndim < least:
            return function(strip(ary), indices_or_sections)  # NumPy raises
        return np.split(ary, indices_or_sections, min(axis, ndim - 1))

    return body


def _delete_push(t: Any, y: Any, arr: Any, obj: Any, axis: Any = None) -> Any:
    """Return what is left of each direction."""
    if axis is None:
        return np.delete(np.reshape(t, (*lead(t, arr), arr.size)), obj, -1)
    return np.delete(t, obj, trailing(axis, len(shape_of(arr))))


def _delete_pull(ct: Any, y: Any, arr: Any, obj: Any, axis: Any = None) -> Any:
    """Return each direction with zeros where something was deleted."""
    size, place = (arr.size, -1) if axis is None else (arr.shape[axis], trailing(axis, arr.ndim))
    gone = np.ones(size, bool)
    gone[np.delete(np.arange(size), obj)] = False
    places = np.flatnonzero(gone)
    ct = np.insert(ct, places - np.arange(places.size), 0, place)
    return np.reshape(ct, lead(ct, y) + arr.shape)


def _trim_zeros(filt: Any, trim: Any = "fb", *axis: Any, **named: Any) -> Any:
    """Return the part between the outermost elements that are not zero.

    NumPy trims marks in place of the elements, which tell their place.
    """
    shape = shape_of(filt)
    places = np.reshape(np.arange(1, filt.size + 1), shape)
    found = np.trim_zeros(np.where(strip(filt) == 0, 0, places), trim, *axis, **named)
    first: Any = (0,) * len(shape)
    if np.any(found):
        mark = np.unravel_index(np.argmax(found != 0), found.shape)
        first = np.subtract(np.unravel_index(found[mark] - 1, shape), mark)
    return filt[tuple(slice(int(i), int(i) + n) for i, n in zip(first, found.shape, strict=True))]


def _apply_along_axis(func1d: Any, axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Return the results of a function of vectors, in place of the vectors along an axis."""
    ndim = len(shape_of(arr))
    axis = normalize_axis_index(axis, ndim)
    rest = np.moveaxis(arr, axis, -1)
    shape = rest.shape[:-1]
    if 0 in shape:
        raise ValueError("numpy.apply_along_axis has no vector to apply the function to.")
    vectors = np.reshape(rest, (math.prod(shape), rest.shape[-1]))
    found = [as_array(func1d(vector, *args, **kwargs)) for vector in vectors]
    joined = np.stack(found, dtype=found[0].dtype, casting="unsafe")
    inner = joined.ndim - 1
    joined = np.reshape(joined, shape + joined.shape[1:])
    return np.moveaxis(joined, range(ndim - 1, ndim - 1 + inner), range(axis, axis + inner))


def _apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    """Return the outcome of a function along one axis after the other, which keep their places."""
    value = a
    for axis in np.ravel(axes).tolist():
        axis = axis + a.ndim if axis < 0 else axis
        found = func(value, axis)
        value = found if found.ndim == value.ndim else np.expand_dims(found, axis)
        if value.ndim != a.ndim:
            raise ValueError("numpy.apply_over_axes takes functions that drop one axis at most.")
    return value


def _unstack(x: Any, /, *, axis: Any = 0) -> tuple[Any, ...]:
    """Return the slices along an axis."""
    if not shape_of(x):
        raise ValueError("numpy.unstack takes arrays of at least one axis.")
    return tuple(np.moveaxis(x, axis, 0))


ROWS: list[Row] = [
    composite(np.split, _split),
    composite(np.array_split, _array_split),
    composite(np.hsplit, _splitting_along(np.hsplit, 1, 1)),
    composite(np.vsplit, _splitting_along(np.vsplit, 2, 0)),
    composite(np.dsplit, _splitting_along(np.dsplit, 3, 2)),
    linear(np.delete, _delete_pull, push=_delete_push),
    composite(np.trim_zeros, _trim_zeros),
    composite(np.apply_along_axis, _apply_along_axis),
    composite(np.apply_over_axes, _apply_over_axes),
]
if hasattr(np, "unstack"):  # since NumPy 2.1
    ROWS.append(composite(np.unstack, _unstack))
