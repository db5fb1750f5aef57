"""Arrays made after the likeness of others, in other dtypes, and grids between given ends."""

from typing import Any

import numpy as np

from dualad.core.blank import as_blank
from dualad.core.dispatch import apply
from dualad.core.tracer import Tracer, primal_value, shape_of, strip
from dualad.rules.directions import lead, trailing
from dualad.rules.joining import as_array, as_arrays, in_dtype, in_dtypes
from dualad.rules.kinds import composite, constant, general, joining, linear


def _astype(x: Any, dtype: Any, /, *, copy: bool = True, **rest: Any) -> Any:
    """Return a traced value in another dtype."""
    if rest:
        np.astype(np.empty(0), float, **rest)  # raises if there is no such device
    if np.dtype(dtype).kind not in "fc":
        return x.astype(dtype)
    return x if x.dtype == dtype and not copy else apply(_ASTYPE, (x, dtype), {})


def converted(x: Any, dtype: Any) -> Any:
    """Return an array or NumPy scalar in another dtype: `np.astype` takes no scalars before 2.1."""
    return x.astype(dtype)


_ASTYPE = linear(
    converted,
    lambda ct, y, x, dtype: in_dtype(ct, x.dtype),
    push=lambda t, y, x, dtype: in_dtype(t, y.dtype),
)


def _like(function: Any) -> Any:
    """Return a function that makes an array like another, which accepts traced values."""

    def make(*args: Any, **kwargs: Any) -> Any:
        return as_blank(function(*strip(args), **strip(kwargs)))

    return make


def _full_like(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: Any = True,
               shape: Any = None, *, device: Any = None) -> Any:  # fmt: skip
    """Return an array like `a`, filled with a value that may be traced."""
    like = np.empty_like(primal_value(a), dtype, order, subok, shape, device=device)
    value = as_array(fill_value)
    if not _is_traced(value):
        return as_blank(np.full_like(like, value))
    filled = np.broadcast_to(value, like.shape)
    return np.copy(filled) if filled.dtype == like.dtype else filled.astype(like.dtype)


def _is_traced(x: Any) -> bool:
    """Return whether `x` is traced."""
    return isinstance(x, Tracer)


def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: Any = "xy") -> Any:
    """Return the coordinates of a grid, an array for each axis."""
    lengths = [np.empty(np.size(x)) for x in xi]
    like = np.meshgrid(*lengths, copy=False, sparse=True, indexing=indexing)
    grids: Any = [np.reshape(as_array(x), grid.shape) for x, grid in zip(xi, like, strict=True)]
    if sparse:
        return tuple(map(np.copy, grids)) if copy else type(like)(grids)
    grids = np.broadcast_arrays(*grids)
    return tuple(map(np.copy, grids)) if copy else grids


def _ix(*args: Any) -> tuple[Any, ...]:
    """Return an open mesh of indices, or of other values, which may be traced."""
    plain = np.ix_(*strip(args))
    return tuple(
        np.reshape(x, found.shape) if _is_traced(x) and found.size else found
        for x, found in zip(args, plain, strict=True)
    )


def _linspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False,
              dtype: Any = None, axis: Any = 0, *, device: Any = None) -> Any:  # fmt: skip
    """Return evenly spaced samples and, if `retstep`, their distance."""
    ends = as_arrays(start, stop)
    if dtype is not None and np.dtype(dtype).kind not in "fcO":
        start, stop = strip(ends)
        samples = np.linspace(start, stop, num, endpoint, False, dtype, axis, device=device)
    else:
        ends = list(np.broadcast_arrays(*ends))
        samples = apply(_SAMPLES, (ends, num, endpoint, axis), {"device": device})
        samples = samples if dtype in (None, samples.dtype) else samples.astype(dtype)
    if not retstep:
        return samples
    parts = num - bool(endpoint)
    return samples, (ends[1] - ends[0]) / parts if parts > 0 else np.nan


def _samples(ends: Any, num: Any, endpoint: Any, axis: Any, **named: Any) -> Any:
    """Return `np.linspace` of two ends of one shape, which come in a list."""
    return np.linspace(ends[0], ends[1], num, endpoint, axis=axis, **named)


def _samples_split(
    ct: Any, y: Any, ends: Any, num: Any, endpoint: Any, axis: Any, **named: Any
) -> list[Any]:
    """Return the sums of the samples' cotangents, each by the share that an end has in it."""
    shares = [_share(i, y, endpoint, axis) for i in (0, 1)]
    axis = trailing(axis, y.ndim)
    return [np.sum(share * ct, axis) for share in shares]


def _samples_directions(y: Any, num: Any, endpoint: Any, axis: Any, **named: Any) -> dict[str, Any]:
    """Return the parameters that serve leading directions, and keep the dtype."""
    axis = trailing(axis, len(shape_of(y)))
    return {"num": num, "endpoint": endpoint, "axis": axis, "dtype": y.dtype}


_SAMPLES = joining(_samples, in_dtypes(_samples_split), directions=_samples_directions)


def _share(end: int, y: Any, endpoint: Any, axis: Any) -> Any:
    """Return how much of the first end (0) or the last (1) is in each of evenly spaced samples."""
    axis = trailing(axis, y.ndim)
    count = y.shape[axis]
    steps = np.arange(count).astype(np.finfo(y.dtype).dtype)
    last = np.reshape(steps / max(count - bool(endpoint), 1), (count,) + (1,) * (-1 - axis))
    return last if end else 1 - last


def _logspace(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0,
              dtype: Any = None, axis: Any = 0) -> Any:  # fmt: skip
    """Return `base` to the power of evenly spaced samples."""
    if shape_of(base):
        ends = as_array(start), as_array(stop)
        ndim = max(len(shape_of(x)) for x in (*ends, base))
        start, stop, base = (_grown(x, ndim) for x in (*ends, base))
        base = np.expand_dims(base, axis)
    y = np.power(base, np.linspace(start, stop, num, endpoint, axis=axis))
    return y if dtype in (None, y.dtype) else y.astype(dtype)


def _grown(x: Any, ndim: int) -> Any:
    """Return `x` with leading axes of length one, `ndim` in all."""
    shape = shape_of(x)
    return np.reshape(x, (1,) * (ndim - len(shape)) + shape)


def _geomspace_slope(end: int, y: Any, x: Any, endpoint: Any, axis: Any) -> Any:
    """Return the derivatives of samples ``a**(1 - s) * b**s`` by the end `x`, which is a or b."""
    axis = trailing(axis, y.ndim)
    return _share(end, y, endpoint, axis) * (y / np.expand_dims(_grown(x, y.ndim - 1), axis))


def _geomspace_jvp(end: int) -> Any:
    """Return the JVP of `np.geomspace` by an end."""

    def jvp(t: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True,
            dtype: Any = None, axis: Any = 0) -> Any:  # fmt: skip
        x = stop if end else start
        leading, shape = lead(t, x), shape_of(x)
        t = np.reshape(t, leading + (1,) * (y.ndim - 1 - len(shape)) + shape)
        t = np.expand_dims(t, trailing(axis, y.ndim))
        return in_dtype(_geomspace_slope(end, y, x, endpoint, axis) * t, y.dtype)

    return jvp


def _geomspace_vjp(end: int) -> Any:
    """Return the VJP of `np.geomspace` by an end; the engine sums over what was broadcast."""

    def vjp(ct: Any, y: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True,
            dtype: Any = None, axis: Any = 0) -> Any:  # fmt: skip
        x = stop if end else start
        slope = _geomspace_slope(end, y, x, endpoint, axis)
        return in_dtype(np.sum(slope * ct, trailing(axis, y.ndim)), x.dtype)

    return vjp


def _vander_slope(y: Any, increasing: bool) -> Any:
    """Return the derivatives of the powers in the columns of `y`."""
    powers = np.arange(1, y.shape[-1]).astype(np.finfo(y.dtype).dtype)
    zeros = np.zeros((*y.shape[:-1], min(y.shape[-1], 1)), y.dtype)
    if increasing:
        return np.concatenate([zeros, powers * y[..., :-1]], -1)
    return np.concatenate([powers[::-1] * y[..., 1:], zeros], -1)


def _dtype_of(x: Any) -> Any:
    """Return the dtype of a traced value, whose primal may be a Python number; else `x`."""
    return x.dtype if _is_traced(x) else x


def _printed(function: Any) -> Any:
    """Return a function that prints arrays and NumPy's scalars, for traced values."""

    def plain(x: Any) -> Any:
        value = primal_value(x)
        return np.float64(value) if _is_traced(x) and type(value) is float else value

    def body(*args: Any, **kwargs: Any) -> Any:
        named = {name: plain(value) for name, value in kwargs.items()}
        return function(*map(plain, args), **named)

    return body


ROWS = [
    linear(np.copy, lambda ct, y, a, *params, **named: ct, push=lambda t, *params, **named: t),
    composite(np.astype, _astype),
    *[composite(f, _like(f)) for f in (np.zeros_like, np.ones_like, np.empty_like)],
    composite(np.full_like, _full_like),
    composite(np.meshgrid, _meshgrid),
    composite(np.ix_, _ix),
    composite(np.linspace, _linspace),
    composite(np.logspace, _logspace),
    general(
        np.geomspace,
        jvps=[_geomspace_jvp(0), _geomspace_jvp(1)],
        vjps=[_geomspace_vjp(0), _geomspace_vjp(1)],
    ),
    general(
        np.vander,
        jvps=[
            lambda t, y, x, N=None, increasing=False: (
                np.expand_dims(t, -1) * _vander_slope(y, increasing)
            )
        ],
        vjps=[
            lambda ct, y, x, N=None, increasing=False: in_dtype(
                np.sum(ct * _vander_slope(y, increasing), -1), x.dtype
            )
        ],
    ),
    composite(np.result_type, lambda *args: np.result_type(*map(_dtype_of, args))),
    composite(
        np.can_cast, lambda from_, to, casting="safe": np.can_cast(_dtype_of(from_), to, casting)
    ),
    composite(
        np.common_type,
        lambda *arrays: np.common_type(
            *[np.empty(0, x.dtype) if _is_traced(x) else x for x in arrays]
        ),
    ),
    *constant(np.min_scalar_type),
    *[composite(f, _printed(f)) for f in (np.array_repr, np.array_str, np.array2string)],
]
