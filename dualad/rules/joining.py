"""Arrays joined from several."""

from itertools import accumulate
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from dualad.core.dispatch import apply, stack_objects
from dualad.core.tracer import Tracer, shape_of, strip
from dualad.rules.directions import trailing
from dualad.rules.kinds import composite, joining


def as_array(x: Any) -> Any:
    """Return `x` as an array, a traced one if it has traced elements."""
    if isinstance(x, Tracer):
        return x
    x = np.asarray(x)
    return stack_objects(x) if x.dtype == object else x


def as_arrays(*values: Any) -> list[Any]:
    """Return numbers and arrays as arrays: Python's numbers in the dtype they have among them."""
    found = [x if type(x) in (int, float, complex) else as_array(x) for x in values]
    dtype = np.result_type(*[getattr(x, "dtype", x) for x in found])
    return [x if hasattr(x, "dtype") else np.asarray(x, dtype) for x in found]


def in_dtype(x: Any, dtype: Any) -> Any:
    """Return a number or array in an inexact dtype; its real part if that is real."""
    x = x if hasattr(x, "dtype") else np.float64(x)
    if x.dtype == dtype:
        return x
    return (x.real if x.dtype.kind == "c" and dtype.kind == "f" else x).astype(dtype)


def _listed(arrays: Any, dtype: Any, casting: Any) -> list[Any]:
    """Return the operands in a list; an array stands for its rows, and `dtype` is seen to."""
    len(arrays)  # a generator has none, and raises NumPy's TypeError
    if dtype is None:
        return list(arrays)
    return [_cast(as_array(x), np.dtype(dtype), casting) for x in arrays]


def _cast(x: Any, dtype: Any, casting: Any) -> Any:
    """Return `x` in another dtype, if `casting` allows it."""
    if x.dtype == dtype:
        return x
    np.concatenate([np.empty(0, x.dtype)], dtype=dtype, casting=casting)  # raises if it does not
    return x.astype(dtype)


def _stack(
    arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    """Return the operands along a new axis."""
    arrays = _listed(arrays, dtype, casting)
    numbers = arrays and axis == 0 and shape_of(arrays[0]) == ()
    return apply(_NUMBERS, (arrays,), {}) if numbers else apply(_STACK, (arrays, axis), {})


def numbers_joined(arrays: Any, dtype: Any = None) -> Any:
    """Return numbers, or their directions, along a last axis; `np.array` is quicker."""
    if shape_of(arrays[0]) or any(isinstance(x, Tracer) for x in arrays):
        return np.stack(arrays, -1, dtype=dtype)
    return np.array(arrays, dtype)


def _numbers_split(ct: Any, y: Any, arrays: Any) -> Any:
    """Return the elements."""
    if type(ct) is np.ndarray and ct.ndim == 1 and ct.dtype == float:
        return ct.tolist()
    return [ct[..., i] for i in range(len(arrays))]


def _stack_split(ct: Any, y: Any, arrays: Any, axis: int) -> list[Any]:
    """Return the slices along the new axis."""
    ct = np.moveaxis(ct, trailing(axis, y.ndim), 0)
    return [ct[i] for i in range(len(arrays))]


def _concatenate(
    arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    """Return the operands along an axis; flattened, if there is none."""
    arrays = _listed(arrays, dtype, casting)
    if axis is None:
        arrays, axis = [np.ravel(x) for x in as_arrays(*arrays)], 0
    return apply(_CONCATENATE, (arrays, axis), {})


def _concatenate_split(ct: Any, y: Any, arrays: Any, axis: int) -> list[Any]:
    """Return the parts along the axis."""
    axis = trailing(axis, y.ndim)
    rest = (slice(None),) * (-1 - axis)
    stops = accumulate([x.shape[axis] for x in arrays])
    return [
        ct[(..., slice(stop - x.shape[axis], stop), *rest)]
        for x, stop in zip(arrays, stops, strict=True)
    ]


def in_dtypes(split: Any) -> Any:
    """Return the rule `split` of a joining row, with shares in the dtypes of their operands."""

    def shares(ct: Any, y: Any, arrays: Any, *params: Any, **named: Any) -> Any:
        found = split(ct, y, arrays, *params, **named)
        if all(x.dtype == y.dtype for x in arrays):
            return found
        return [
            in_dtype(share, x.dtype) if x.dtype.kind in "fc" else share
            for share, x in zip(found, arrays, strict=True)
        ]

    return shares


def _directions(y: Any, axis: int) -> dict[str, Any]:
    """Return the parameters that serve leading directions, and keep the dtype."""
    return {"axis": trailing(axis, len(shape_of(y))), "dtype": y.dtype}


_NUMBERS = joining(
    numbers_joined, in_dtypes(_numbers_split), directions=lambda y: {"dtype": y.dtype}
)
_STACK = joining(np.stack, in_dtypes(_stack_split), directions=_directions)
_CONCATENATE = joining(np.concatenate, in_dtypes(_concatenate_split), directions=_directions)


def _vstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Return the operands, rows at least, below each other."""
    return np.concatenate(
        [np.atleast_2d(as_array(x)) for x in tup], 0, dtype=dtype, casting=casting
    )


def _hstack(tup: Any, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """Return the operands along the second axis; the first, if the first operand has one only."""
    arrays = [np.atleast_1d(as_array(x)) for x in tup]
    axis = 0 if arrays and arrays[0].ndim == 1 else 1
    return np.concatenate(arrays, axis, dtype=dtype, casting=casting)


def _column_stack(tup: Any) -> Any:
    """Return the operands, vectors as columns, beside each other."""
    arrays = map(as_array, tup)
    return np.concatenate([x if x.ndim > 1 else np.atleast_2d(x).T for x in arrays], 1)


def _block(arrays: Any) -> Any:
    """Return nested lists of blocks as one array: the innermost lists along the last axis."""
    depth, ndim = _nesting(arrays)
    return _joined(arrays, depth, max(depth, ndim)) if depth else np.copy(arrays)


def _nesting(arrays: Any) -> tuple[int, int]:
    """Return the depth of nested lists, which must be the same throughout, and the most axes."""
    if isinstance(arrays, tuple):
        raise TypeError("numpy.block takes nested lists of arrays; there is a tuple among them.")
    if not isinstance(arrays, list):
        return 0, len(shape_of(arrays))
    below = [_nesting(part) for part in arrays]
    if len({depth for depth, _ in below}) != 1:
        raise ValueError("numpy.block takes lists, none empty, that are all nested equally deep.")
    return below[0][0] + 1, max(ndim for _, ndim in below)


def _joined(arrays: Any, depth: int, ndim: int) -> Any:
    """Return nested lists of a depth, joined from the inside out."""
    if depth:
        return np.concatenate([_joined(part, depth - 1, ndim) for part in arrays], -depth)
    shape = shape_of(arrays)
    return arrays if len(shape) == ndim else np.reshape(arrays, (1,) * (ndim - len(shape)) + shape)


def _append(arr: Any, values: Any, axis: Any = None) -> Any:
    """Return `arr` with `values` behind it; both flattened, if there is no axis."""
    arr, values = as_array(arr), as_array(values)
    if axis is None:
        arr, values, axis = np.ravel(arr), np.ravel(values), 0
    return np.concatenate([arr, values], axis)


def _insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    """Return `arr` with `values` inserted before the places along an axis that `obj` names."""
    arr, obj, values = as_array(arr), strip(obj), as_array(values)
    if axis is None:
        arr, axis = np.ravel(arr), 0
    axis = normalize_axis_index(axis, arr.ndim)
    size, before = arr.shape[axis], (slice(None),) * axis
    values = values if values.dtype == arr.dtype else values.astype(arr.dtype)
    places = np.insert(np.full(size, -1), obj, 0) == 0  # NumPy reads, and checks, `obj`
    count = len(places) - size
    if count == 1:  # several values may go to one place
        values = np.reshape(values, (1,) * (arr.ndim - values.ndim) + values.shape)
        if np.ndim(obj) == 0 and not isinstance(obj, slice):
            values = np.moveaxis(values, 0, axis)
        count = values.shape[axis]
    values = np.broadcast_to(values, (*arr.shape[:axis], count, *arr.shape[axis + 1 :]))
    if len(places) - size == 1:
        place = int(np.argmax(places))
        ends = arr[(*before, slice(place))], arr[(*before, slice(place, None))]
        return np.concatenate([ends[0], values, ends[1]], axis)
    order = np.insert(np.arange(size), obj, np.arange(size, size + count))
    return np.concatenate([arr, values], axis)[(*before, order)]


ROWS = [
    composite(np.stack, _stack),
    composite(np.concatenate, _concatenate),
    composite(np.vstack, _vstack),
    composite(np.hstack, _hstack),
    composite(np.dstack, lambda tup: np.concatenate([np.atleast_3d(as_array(x)) for x in tup], 2)),
    composite(np.column_stack, _column_stack),
    composite(np.block, _block),
    composite(np.append, _append),
    composite(np.insert, _insert),
]
