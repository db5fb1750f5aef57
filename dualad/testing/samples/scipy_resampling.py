"""What the rows of `dualad.rules.scipy_resampling` are tried on."""

from typing import Any

import numpy as np

from dualad.rules.scipy_ndimage import PADDING
from dualad.rules.scipy_resampling import ROWS
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.scipy_linalg import own

MODES = tuple(PADDING)
DOUBLE: Any = {"float32": False, "reason": "SciPy computes in double precision"}
ORDERS = (3, 1, 0, 2, 4, 5)


def _output(d: Draws) -> Any:
    """Return the dtype of coefficients: SciPy warns if it is real, and the array is not."""
    return np.complex128 if d.dtype.kind == "c" else np.float64


def _along(d: Draws) -> Call:
    """Return an array, an order, an axis and a mode."""
    x = d.array(d.shape(1, 3, 1, 5))
    return Call(x, d.integer(0, 5), d.axis(x), _output(d), d.choice(MODES))


def _along_all(d: Draws) -> Call:
    """Return an image, an order and a mode."""
    return Call(_image(d), d.integer(2, 5), _output(d), d.choice(MODES))


def _along_from_end(d: Draws) -> Call:
    """Return the same with an axis from the end; some axes are long."""
    shape = (60,) if d.boolean() else d.shape(1, 2, 1, 5)
    return Call(d.array(shape), d.integer(2, 5), -1, d.choice(MODES))


def _how(d: Draws) -> dict[str, Any]:
    """Return an order, what is beyond the border, and whether coefficients are to be made."""
    return {
        "order": d.choice(ORDERS), "mode": d.choice(MODES), "cval": d.choice((0.0, 0.7)),
        "prefilter": d.choice((True, True, False)),
    }  # fmt: skip


def _image(d: Draws) -> Any:
    """Return an image of one or two axes."""
    return d.array(d.shape(1, 2, 2, 4))


def _places(d: Draws) -> Call:
    """Return an image, and places off those where polynomials meet, inside and outside."""
    x = _image(d)
    shape = (x.ndim, *d.shape(1, 2, 1, 3))
    places = d.rng.integers(-3, 5, shape) + d.rng.choice([0.2, 0.3, 0.7, 0.8], shape)
    return Call(x, d.laid_out(places), **_how(d))


def _affine(d: Draws) -> Call:
    """Return an image, and a map of its places."""
    x = _image(d)
    n = x.ndim
    matrix = np.eye(n) + d.rng.uniform(-0.3, 0.3, (n, n))
    offset = d.rng.uniform(0.2, 0.4, n)
    shape = {"output_shape": tuple(d.integer(1, 4) for _ in x.shape)} if d.boolean() else {}
    if d.boolean():
        return Call(x, np.column_stack([matrix, offset]), **shape, **_how(d))
    return Call(x, np.diag(matrix).copy() if d.boolean() else matrix, offset, **shape, **_how(d))


def _shifted(d: Draws) -> Call:
    """Return an image, and by how much it is to be moved."""
    x = _image(d)
    by = d.rng.choice([-1.3, 0.4, 2.2], x.ndim)
    return Call(x, by if d.boolean() else float(by[0]), **_how(d))


def _zoomed(d: Draws) -> Call:
    """Return an image, and a factor; SciPy warns of some modes if elements have a width."""
    how = _how(d)
    wide = how["mode"] not in ("constant", "wrap") and d.boolean()
    return Call(_image(d), d.choice((1.5, 0.7, 2, 1)), **how, grid_mode=wide)


def _transform(d: Draws) -> Call:
    """Return a transform, sizes, and what is known of a real one."""
    x = _image(d)
    size = d.laid_out(d.rng.uniform(0.3, 2.0, x.ndim))
    return Call(x, size if d.boolean() else 0.7, 2 * x.shape[-1] - 1 if d.boolean() else -1)


SAMPLES = [
    *[
        Sample(own(ROWS, f"fourier_{name}"), _transform, complex=True, fixed=fixed, **DOUBLE)
        for name, fixed in (("gaussian", ()), ("uniform", ()), ("shift", ()), ("ellipsoid", (1,)))
    ],
    Sample(own(ROWS, "coefficients"), _along_from_end, complex=True, **DOUBLE),
    Sample(own(ROWS, "spline_filter1d"), _along, complex=True, **DOUBLE),
    Sample(
        own(ROWS, "spline_filter"),
        _along_all,
        complex=True,
        **DOUBLE,
    ),
    Sample(own(ROWS, "map_coordinates"), _places, **DOUBLE),
    Sample(own(ROWS, "map_coordinates"), _places, complex=True, fixed=(1,), **DOUBLE),
    Sample(own(ROWS, "affine_transform"), _affine, fixed=(1, 2), **DOUBLE),
    Sample(own(ROWS, "shift"), _shifted, fixed=(1,), **DOUBLE),
    Sample(own(ROWS, "zoom"), _zoomed, complex=True, **DOUBLE),
]
