"""`scipy.ndimage`: spline coefficients, and images at other places, by the image and by the places.

A spline is a sum of coefficients times polynomials in where a place lies between its neighbors.
SciPy's values are kept, and what this program finds is compared with them.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from scipy import ndimage

from dualad.core.dispatch import dispatching
from dualad.core.tracer import shape_of, strip
from dualad.rules import scipy_fourier
from dualad.rules.joining import as_array, in_dtype
from dualad.rules.kinds import composite, linear
from dualad.rules.matrices import is_complex
from dualad.rules.scipy_ndimage import into, is_array
from dualad.rules.standing import named, settled_as

SHORT = 48  # elements of an axis, from which on its ends do not feel each other
PADDED: dict[str, Any] = {"nearest": "edge", "grid-constant": "constant"}
WIDTH = 12  # of that padding
ROUNDED = (
    "reflect",
    "grid-mirror",
    "nearest",
)  # modes in which the filter starts with a sum cut off
SYMMETRIC = (
    *ROUNDED,
    "grid-wrap",
)  # the others mirror about the first and last elements themselves


@dispatching
def coefficients(x: Any, order: int, axis: int, mode: str) -> Any:
    """Return `scipy.ndimage.spline_filter1d`, in double precision."""
    return ndimage.spline_filter1d(x, order, axis, np.result_type(x, float), mode)


def _transposed(ct: Any, y: Any, x: Any, order: int, axis: int, mode: str) -> Any:
    """Return the transpose: the filter itself, if the elements at the ends count half.

    That is so where the spline mirrors about these. In short axes SciPy's filter is not quite what
    it stands for, and its matrix is transposed.
    """
    n = shape_of(x)[axis]
    if order < 2 or n < 2:
        return in_dtype(ct, x.dtype)
    if mode in ROUNDED and n < SHORT:
        matrix = ndimage.spline_filter1d(np.eye(n), order, 0, mode=mode)
        return np.moveaxis(np.matmul(np.moveaxis(ct, axis, -1), matrix), -1, axis)
    if mode in SYMMETRIC:
        return coefficients(ct, order, axis, mode)
    halves = np.ones(n)
    halves[[0, -1]] = 0.5
    halves = np.reshape(halves, (-1, *(1,) * (-axis - 1)))
    return coefficients(ct / halves, order, axis, mode) * halves


def _spline_filter1d(input: Any, order: Any = 3, axis: Any = -1, output: Any = np.float64,
                     mode: Any = "mirror") -> Any:  # fmt: skip
    """Return the coefficients of splines along an axis."""
    x = as_array(input)
    ndimage.spline_filter1d(np.zeros(shape_of(x), strip(x).dtype), order, axis, _kind(output), mode)
    y = coefficients(x, int(order), axis % len(shape_of(x)) - len(shape_of(x)), mode)
    return into(y, None if output is np.float64 else output)


def _spline_filter(
    input: Any, order: Any = 3, output: Any = np.float64, mode: Any = "mirror"
) -> Any:
    """Return the coefficients of splines along all axes."""
    x = as_array(input)
    ndimage.spline_filter(np.zeros(shape_of(x), strip(x).dtype), order, _kind(output), mode)
    return into(_filtered(x, int(order), mode), None if output is np.float64 else output)


def _filtered(x: Any, order: int, mode: str) -> Any:
    """Return the coefficients of splines along all axes."""
    for axis in range(-len(shape_of(x)), 0):
        x = coefficients(x, order, axis, mode)
    return x


# A spline at places


def _weights(t: Any, order: int) -> list[Any]:
    """Return the B-splines that are not zero, by the recursion of de Boor, Cox and Mansfield."""
    found = [t * 0 + 1.0]
    for k in range(1, order + 1):
        rising = [((t + (k - j)) / k) * found[j - 1] if j else 0.0 for j in range(k + 1)]
        falling = [((j + 1 - t) / k) * found[j] if j < k else 0.0 for j in range(k + 1)]
        found = [a + b for a, b in zip(rising, falling, strict=True)]
    return found


def _mirrored(k: Any, n: int, mode: str) -> Any:
    """Return the places of coefficients, where `k` may lie outside."""
    if n == 1:
        return np.zeros_like(k)
    if mode in ("reflect", "grid-mirror"):
        k = k % (2 * n)
        return np.where(k < n, k, 2 * n - 1 - k)
    if mode == "grid-wrap":
        return k % n
    if mode in PADDED:
        return np.clip(k, 0, n - 1)
    k = k % (2 * n - 2)
    return np.where(k < n, k, 2 * n - 2 - k)


def _side(places: Any, n: int, order: int, mode: str) -> tuple[list[Any], list[Any], Any]:
    """Return the neighbors of places along an axis, their weights, and which places are outside."""
    plain = strip(places)
    outside = np.zeros(plain.shape, bool)
    if mode == "constant":
        outside = (plain < 0) | (plain > n - 1)
    elif mode == "wrap":
        turns = np.where(plain < 0, np.floor(plain / max(n - 1, 1)), 0)
        turns = np.where(plain > n - 1, np.ceil(plain / max(n - 1, 1)) - 1, turns)
        places = places - turns * (n - 1)
    plain = strip(places)
    base = np.floor(plain if order % 2 else plain + 0.5)
    weights = _weights(places - base + (0.0 if order % 2 else 0.5), order)
    first = base.astype(int) - order // 2
    neighbors = [first + j for j in range(order + 1)]
    if mode == "grid-constant":
        beyond = [(k < 0) | (k >= n) for k in neighbors]
        weights = [np.where(b, 0.0, w) for b, w in zip(beyond, weights, strict=True)]
    return [_mirrored(k, n, mode) for k in neighbors], weights, outside


def _at(x: Any, places: list[Any], order: int, mode: str, cval: Any, prefilter: bool) -> Any:
    """Return a spline, made of an image or of coefficients, at places along each axis.

    The places along the axes broadcast, and so may be given along one axis each.
    """
    lost: Any = 0.0
    filtering = prefilter and order > 1
    if mode == "grid-constant":
        x, lost = x - cval, cval  # which leaves zeros beyond the border
    if filtering and mode in PADDED:
        x = np.pad(x, WIDTH, mode=PADDED[mode])
        places = [p + WIDTH for p in places]
    c = _filtered(x, order, mode) if filtering else x
    sides = [_side(p, n, order, mode) for p, n in zip(places, shape_of(c), strict=True)]
    ndim, taps = len(sides), order + 1
    index: Any = 0
    weight: Any = 1.0
    outside: Any = np.zeros((), bool)
    steps = [prod(shape_of(c)[i + 1 :]) for i in range(ndim)]
    for i, (neighbors, weights, out) in enumerate(sides):
        own = (1,) * i + (taps,) + (1,) * (ndim - 1 - i)
        index = index + np.reshape(np.stack(neighbors), own + neighbors[0].shape) * steps[i]
        weight = weight * np.reshape(np.stack(weights), own + neighbors[0].shape)
        outside = outside | out
    y = np.sum(np.take(np.ravel(c), index) * weight, tuple(range(ndim))) + lost
    return np.where(outside, cval, y) if outside.any() else y


def _image_at(function: Any, plain: Any, x: Any, places: list[Any], order: Any, mode: Any,
              cval: Any, prefilter: Any, output: Any) -> Any:  # fmt: skip
    """Return an image at places, with SciPy's values."""
    doubles = x.astype(np.result_type(strip(x).dtype, float))
    found = _at(doubles, places, int(order), mode, cval, prefilter)
    what = f"mode={mode!r} at these places"
    y = settled_as(plain, found, f"scipy.ndimage.{function.__name__}", what)
    return into(y, output) if is_array(output) else y


def _kind(output: Any) -> Any:
    """Return the dtype that is asked for, or None."""
    return output.dtype if is_array(output) else output


def _map_coordinates(input: Any, coordinates: Any, output: Any = None, order: Any = 3,
                     mode: Any = "constant", cval: Any = 0.0,
                     prefilter: Any = True) -> Any:  # fmt: skip
    """Return an image at places."""
    x, places = as_array(input), as_array(coordinates)
    plain = ndimage.map_coordinates(
        *strip((x, places)), _kind(output), order, mode, cval, prefilter
    )
    parts = [places[i] for i in range(len(shape_of(x)))]
    return _image_at(ndimage.map_coordinates, plain, x, parts, order, mode, cval, prefilter, output)


def _grid(shape: Any) -> list[Any]:
    """Return the places of the elements of an array, along one axis each."""
    return [np.asarray(part, float) for part in np.indices(shape, sparse=True)]


def _affine_transform(input: Any, matrix: Any, offset: Any = 0.0, output_shape: Any = None,
                      output: Any = None, order: Any = 3, mode: Any = "constant",
                      cval: Any = 0.0, prefilter: Any = True) -> Any:  # fmt: skip
    """Return an image at the places that a matrix and an offset make of those of the output."""
    x, matrix = as_array(input), as_array(matrix)
    if output_shape is None and is_array(output):
        output_shape = shape_of(output)
    plain = ndimage.affine_transform(
        *strip((x, matrix, offset)), output_shape, _kind(output), order, mode, cval, prefilter
    )
    ndim, grid = len(shape_of(x)), _grid(plain.shape)
    shifts = as_array(offset)
    if len(shape_of(matrix)) == 2 and shape_of(matrix)[1] == ndim + 1:
        shifts, matrix = matrix[:ndim, ndim], matrix[:ndim, :ndim]
    shifts = [shifts[i] if shape_of(shifts) else shifts for i in range(ndim)]
    if len(shape_of(matrix)) == 1:
        places = [(g + s / m) * m for g, s, m in zip(grid, shifts, matrix, strict=True)]
    else:
        places = [
            sum((g * matrix[i, j] for j, g in enumerate(grid)), shifts[i]) for i in range(ndim)
        ]
    return _image_at(
        ndimage.affine_transform, plain, x, places, order, mode, cval, prefilter, output
    )


def _shift(input: Any, shift: Any, output: Any = None, order: Any = 3, mode: Any = "constant",
           cval: Any = 0.0, prefilter: Any = True) -> Any:  # fmt: skip
    """Return an image that is moved."""
    x = as_array(input)
    plain = ndimage.shift(*strip((x, shift)), _kind(output), order, mode, cval, prefilter)
    by = (
        [shift] * len(shape_of(x)) if not isinstance(shift, list) and not shape_of(shift) else shift
    )
    places = [g - s for g, s in zip(_grid(plain.shape), by, strict=True)]
    return _image_at(ndimage.shift, plain, x, places, order, mode, cval, prefilter, output)


def _zoom(input: Any, zoom: Any, output: Any = None, order: Any = 3, mode: Any = "constant",
          cval: Any = 0.0, prefilter: Any = True, *, grid_mode: Any = False) -> Any:  # fmt: skip
    """Return an image with more, or fewer, elements; how many is all that the factor decides."""
    x = as_array(input)
    given = strip((x, zoom))
    plain = ndimage.zoom(*given, _kind(output), order, mode, cval, prefilter, grid_mode=grid_mode)
    places, grid_mode = [], grid_mode and not is_complex(x)  # of complex images SciPy forgets it
    for g, n, m in zip(_grid(plain.shape), shape_of(x), plain.shape, strict=True):
        few = 0 if grid_mode else 1
        ratio = (n - few) / (m - few) if m != few else 1.0
        places.append((g + 0.5) * ratio - 0.5 if grid_mode else g * ratio)
    if np.array_equal(plain, given[0]):  # by 1, newer versions of SciPy do not interpolate
        return into(settled_as(plain, x, "scipy.ndimage.zoom", "a factor of 1"), output)
    return _image_at(ndimage.zoom, plain, x, places, order, mode, cval, prefilter, output)


_BODIES: dict[Any, Callable[..., Any]] = {
    ndimage.spline_filter1d: _spline_filter1d,
    ndimage.spline_filter: _spline_filter,
    ndimage.map_coordinates: _map_coordinates,
    ndimage.affine_transform: _affine_transform,
    ndimage.shift: _shift,
    ndimage.zoom: _zoom,
}
ROWS = [
    *scipy_fourier.ROWS,
    linear(
        coefficients,
        _transposed,
        push=lambda t, y, x, order, axis, mode: coefficients(t, order, axis, mode),
    ),
    *[composite(named(function, "ndimage"), body) for function, body in _BODIES.items()],
]
