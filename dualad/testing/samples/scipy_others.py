"""What the rows of `dualad.rules.scipy_fft` and `scipy_interpolate` are tried on."""

from typing import Any

import numpy as np
from scipy import interpolate

from dualad.rules import scipy_fft, scipy_interpolate
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.scipy_linalg import own

NORMS = (None, "ortho", "forward", "backward")


def _along(d: Draws) -> Call:
    """Return an array with an axis to transform, and parameters."""
    x = d.array(d.shape(1, 3, 2, 3))
    return Call(x, d.choice((None, 2, 4)), d.axis(x), d.choice(NORMS))


def _over(d: Draws) -> Call:
    """Return an array with axes to transform, and parameters."""
    x = d.array(d.shape(2, 3, 2, 3))
    return Call(x, d.choice((None, (2, 3))), d.choice((None, (-2, -1))), d.choice(NORMS))


def _over_two(d: Draws) -> Call:
    """Return an array with two axes to transform, and parameters."""
    x = d.array(d.shape(2, 3, 2, 3))
    return Call(x, d.choice((None, (2, 3))), (-2, -1), d.choice(NORMS))


def _transforms() -> list[Sample]:
    """Return the samples of the Fourier transforms; some take real arrays only."""
    kinds = ((scipy_fft.OVER_ONE_AXIS, _along), (scipy_fft.OVER_TWO_AXES, _over_two),
             (scipy_fft.OVER_AXES, _over))  # fmt: skip
    return [
        Sample(own(scipy_fft.ROWS, name), draw, complex=name[0] != "r" and name != "ihfft")
        for names, draw in kinds
        for name in names
    ]


def _trigonometric(d: Draws) -> Call:
    """Return an array with an axis to transform, and all parameters."""
    x = d.array(d.shape(1, 3, 2, 3))
    type_, n, axis = d.integer(1, 4), d.choice((None, 2, 4)), d.axis(x)
    return Call(x, type_, n, axis, d.choice(NORMS), orthogonalize=d.choice((None, True, False)))


def _trigonometric_over(d: Draws) -> Call:
    """Return an array with axes to transform, and all parameters."""
    x = d.array(d.shape(2, 3, 2, 3))
    sizes, axes = d.choice(
        ((None, None), ((2, 3), None), ((3, 2), (-1, 0)), (None, (1,)), (None, 0))
    )
    norm, ortho = d.choice(NORMS), d.choice((None, True, False))
    return Call(x, d.integer(1, 4), sizes, axes, norm, orthogonalize=ortho)


def _along_last(d: Draws) -> Call:
    """Return an array whose last axis is to be transformed."""
    x = d.array(d.shape(1, 3, 2, 4))
    return Call(x, d.integer(1, 4), d.choice(NORMS), d.choice((None, True, False)))


def _hankel(d: Draws) -> Call:
    """Return an array, and the parameters of a Hankel transform."""
    x = d.array(d.shape(1, 2, 2, 5))
    return Call(
        x, 0.1, d.choice((0.5, 1.3)), offset=d.choice((0.0, 0.2)), bias=d.choice((0.0, 0.1))
    )


def _others_of_fft() -> list[Sample]:
    """Return the samples of the other transforms."""
    found = [Sample(own(scipy_fft.ROWS, name), _over, complex=name[0] == "h", **SINGLE)
             for name in ("hfft2", "hfftn", "ihfft2", "ihfftn")]  # fmt: skip
    for name in ("dct", "idct", "dst", "idst"):
        found += [
            Sample(own(scipy_fft.ROWS, name), _trigonometric, complex=True),
            Sample(own(scipy_fft.ROWS, name + "n"), _trigonometric_over, complex=True),
            Sample(own(scipy_fft.ROWS, name + "_last"), _along_last, complex=True),
        ]
    return found + [
        Sample(own(scipy_fft.ROWS, name), _hankel, **SINGLE) for name in ("fht", "ifht")
    ]


SINGLE: Any = {"float32": False, "reason": "SciPy computes in double precision"}
KNOTS = np.linspace(0.0, 3.0, 9)
SPLINE = interpolate.splrep(KNOTS, np.sin(KNOTS))
LINES = interpolate.splrep(KNOTS, np.sin(KNOTS), k=1)
SURFACE = (SPLINE[0], LINES[0], np.cos(np.arange(81.0)), 3, 1)  # 9 by 9 coefficients


def _inside(d: Draws, shape: tuple[int, ...]) -> Any:
    """Return places between the knots, away from them."""
    return d.laid_out((d.rng.integers(0, 8, shape) + d.rng.uniform(0.3, 0.7, shape)) * 0.375)


def _rising(d: Draws) -> Any:
    """Return such places, no two between the same knots, in order."""
    count = d.integer(1, 3)
    chosen = np.sort(d.rng.choice(8, count, replace=False))
    return d.laid_out((chosen + d.rng.uniform(0.3, 0.7, count)) * 0.375)


def _spline(d: Draws) -> Call:
    """Return places, a spline, an order of derivatives and what is to be done outside."""
    return Call(_inside(d, d.shape(0, 2)), SPLINE, d.integer(0, 1), d.choice((0, 1, 3)))


def _surface(d: Draws) -> Call:
    """Return places of a grid, and a spline of two variables."""
    return Call(_rising(d), _rising(d), SURFACE, d.integer(0, 1), 0)


DOUBLE: Any = {"float32": False, "reason": "FITPACK computes in double precision"}

SAMPLES = [
    *_transforms(),
    *_others_of_fft(),
    Sample(own(scipy_interpolate.ROWS, "splev"), _spline, fixed=(1,), **DOUBLE),
    Sample(own(scipy_interpolate.ROWS, "bisplev"), _surface, fixed=(2,), **DOUBLE),
]
