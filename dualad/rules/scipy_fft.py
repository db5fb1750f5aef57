"""`scipy.fft`: Fourier transforms, which are those of `numpy.fft`, cosines, sines, and Hankel's."""

from typing import Any

import numpy as np
from scipy import fft

from dualad.core.dispatch import dispatching
from dualad.core.row import Row
from dualad.core.tracer import shape_of, strip
from dualad.rules.directions import trailing
from dualad.rules.joining import as_array
from dualad.rules.kinds import composite, linear
from dualad.rules.matrices import is_complex
from dualad.rules.sliding import continued
from dualad.rules.standing import named, settled_as

OVER_ONE_AXIS = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
OVER_TWO_AXES = ("fft2", "ifft2", "rfft2", "irfft2")
OVER_AXES = ("fftn", "ifftn", "rfftn", "irfftn")


def _row(name: str) -> Row:
    """Return the row of a transform, whose further parameters do not change its value."""
    plain = getattr(np.fft, name)

    def along(x: Any, n: Any = None, axis: Any = -1, norm: Any = None, overwrite_x: Any = False,
              workers: Any = None, *, plan: Any = None) -> Any:  # fmt: skip
        return plain(x, n, axis, norm)

    def over_two(x: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, *rest: Any,
                 **named: Any) -> Any:  # fmt: skip
        return plain(x, s, axes, norm)

    def over(x: Any, s: Any = None, axes: Any = None, norm: Any = None, *rest: Any,
             **named: Any) -> Any:  # fmt: skip
        axes = range(-len(s), 0) if s is not None and axes is None else axes
        return plain(x, s, axes, norm)

    own = dispatching(getattr(fft, name))
    own.__module__ = "dualad.scipy.fft"
    body = along if name in OVER_ONE_AXIS else over_two if name in OVER_TWO_AXES else over
    return composite(own, body)


def _hermitian(function: Any, inverse: bool) -> Row:
    """Return the row of a transform of a signal that is Hermitian along the last of its axes."""
    default = (-2, -1) if function.__name__.endswith("2") else None

    def body(x: Any, s: Any = None, axes: Any = default, norm: Any = None, *rest: Any,
             **named: Any) -> Any:  # fmt: skip
        x = as_array(x)
        plain = function(strip(x), s, axes, norm)
        ndim = len(shape_of(x))
        axes = range(-len(s), 0) if s is not None and axes is None else axes
        *others, last = trailing(axes, ndim)
        sizes = [None] * (len(others) + 1) if s is None else list(np.atleast_1d(s))
        y = np.fft.ihfft(x, sizes[-1], last, norm) if inverse else x
        for axis, size in zip(others, sizes[:-1], strict=True):
            y = (np.fft.ifft if inverse else np.fft.fft)(y, size, axis, norm)
        y = y if inverse else np.fft.hfft(y, sizes[-1], last, norm)
        return settled_as(plain, y, f"scipy.fft.{function.__name__}", "these parameters")

    return composite(_named(function), body)


def _named(function: Any) -> Any:
    """Return a function of `scipy.fft` that dispatches."""
    return named(function, "fft")


# Cosines and sines

SWAPPED = {1: 1, 2: 3, 3: 2, 4: 4}


def _scaled(x: Any, factor: float, first: bool, last: bool) -> Any:
    """Return `x` with the first, the last, or both elements of the last axis times a factor."""
    factors = np.ones(shape_of(x)[-1], x.dtype)
    factors[[0] * first + [-1] * last] = factor
    return x * factors


def _last(name: str) -> Row:
    """Return the row of a cosine or sine transform along the last axis.

    The cosines of the types II and III are each other's transpose, but for the factor of the
    constant: see the definitions in SciPy's reference, where it may be absent. So are the sines.
    """
    function, cosine, inverse = getattr(fft, name), "c" in name, name[0] == "i"

    def last(x: Any, type: int, norm: Any, orthogonalize: Any) -> Any:
        if not x.size:
            return np.zeros(x.shape, np.result_type(x, np.float32))
        return function(x, type, None, -1, norm, orthogonalize=orthogonalize)

    own = dispatching(last)
    own.__name__ = own.__qualname__ = f"{name}_last"
    own.__doc__ = f"Return `scipy.fft.{name}` along the last axis."

    def transpose(ct: Any, y: Any, x: Any, type: int, norm: Any, orthogonalize: Any) -> Any:
        kind, ortho = SWAPPED[type] if inverse else type, norm == "ortho"
        if kind == 4 or (ortho if orthogonalize is None or is_complex(ct) else orthogonalize):
            return own(ct, SWAPPED[type], norm, orthogonalize)
        ends = {1: (cosine, cosine)}.get(kind, (cosine, not cosine))
        ct = _scaled(ct, 2.0, *ends) if kind < 3 else ct
        ct = own(ct, SWAPPED[type], norm, orthogonalize)
        return _scaled(ct, 0.5, *ends) if kind in (1, 3) else ct

    return linear(own, transpose, push=lambda t, y, x, *params: own(t, *params))


def _trigonometric(name: str) -> list[Row]:
    """Return the rows of a cosine or sine transform: of the last axis, of any, and of several."""
    function, several, row = getattr(fft, name), getattr(fft, name + "n"), _last(name)

    def along(x: Any, type: int, n: Any, axis: Any, norm: Any, orthogonalize: Any) -> Any:
        x = np.moveaxis(x, axis, -1)
        if n is not None:
            x = continued(x[..., :n], -1, 0, n - shape_of(x)[-1], "constant")
        return np.moveaxis(row.function(x, type, norm, orthogonalize), -1, axis)

    def one(x: Any, type: Any = 2, n: Any = None, axis: Any = -1, norm: Any = None,
            overwrite_x: Any = False, workers: Any = None,
            orthogonalize: Any = None) -> Any:  # fmt: skip
        x = as_array(x)
        function(np.zeros(shape_of(x)), type, n, axis, norm)  # raises
        return along(x, type, n, axis, norm, orthogonalize)

    def all_of(x: Any, type: Any = 2, s: Any = None, axes: Any = None, norm: Any = None,
               overwrite_x: Any = False, workers: Any = None, *,
               orthogonalize: Any = None) -> Any:  # fmt: skip
        y = x = as_array(x)
        plain = several(strip(x), type, s, axes, norm, orthogonalize=orthogonalize)
        axes = range(-np.size(s), 0) if s is not None and axes is None else axes
        axes = np.atleast_1d(trailing(axes, len(shape_of(x)))).tolist()
        sizes = [None] * len(axes) if s is None else np.atleast_1d(s).tolist()
        for axis, n in zip(axes, sizes, strict=True):
            y = along(y, type, n, axis, norm, orthogonalize)
        return settled_as(plain, y, f"scipy.fft.{name}n", "these parameters")

    return [row, composite(_named(function), one), composite(_named(several), all_of)]


def _hankel(function: Any) -> Row:
    """Return the row of a fast Hankel transform, whose matrix is symmetric.

    Between equal biases it is a convolution on a circle, and then backward.
    """
    own = _named(function)
    return linear(
        own,
        lambda ct, y, a, *params, **named: own(ct, *params, **named),
        push=lambda t, y, a, *params, **named: own(t, *params, **named),
    )


ROWS = [
    *[_row(name) for name in (*OVER_ONE_AXIS, *OVER_TWO_AXES, *OVER_AXES)],
    *[
        _hermitian(getattr(fft, name), name[0] == "i")
        for name in ("hfft2", "hfftn", "ihfft2", "ihfftn")
    ],
    *[row for name in ("dct", "idct", "dst", "idst") for row in _trigonometric(name)],
    _hankel(fft.fht),
    _hankel(fft.ifht),
]
