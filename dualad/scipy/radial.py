"""Sums of radial functions, by data, points, smoothing and width, and by where they are used."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.blank import unfollowed
from dualad.core.tracer import shape_of, strip
from dualad.rules.directions import mT
from dualad.rules.standing import settled_as

# By the square of the scaled distance, in which the smooth ones are smooth at zero, too.
KERNELS: dict[str, Callable[[Any], Any]] = {
    "linear": lambda s: -np.sqrt(s),
    "thin_plate_spline": lambda s: 0.5 * s * np.log(np.where(s == 0, 1, s)),
    "cubic": lambda s: s**1.5,
    "quintic": lambda s: -(s**2.5),
    "multiquadric": lambda s: -np.sqrt(1 + s),
    "inverse_multiquadric": lambda s: 1 / np.sqrt(1 + s),
    "inverse_quadratic": lambda s: 1 / (1 + s),
    "gaussian": lambda s: np.exp(-s),
}


def _radial(x: Any, y: Any, kernel: str, epsilon: Any) -> Any:
    """Return the radial function of all pairs of places."""
    return KERNELS[kernel](np.sum(((x[:, None] - y[None]) * epsilon) ** 2, -1))


def _monomials(x: Any, powers: Any) -> Any:
    """Return products of powers of the coordinates of places."""
    return np.prod(x[:, None, :] ** powers[None], -1)


def evaluated(function: Any, x: Any, y: Any, kernel: Any, epsilon: Any, powers: Any, shift: Any,
              scale: Any, *rest: Any) -> Any:  # fmt: skip
    """Return by what coefficients are multiplied at some places, as SciPy's function does."""
    x, y, epsilon = map(unfollowed, (x, y, epsilon))
    scaled = (x - shift) / scale
    return np.concatenate([_radial(x, y, kernel, epsilon), _monomials(scaled, powers)], 1)


def solved(function: Any, y: Any, d: Any, smoothing: Any, kernel: Any, epsilon: Any, powers: Any,
           *rest: Any) -> Any:  # fmt: skip
    """Return shift, scale and coefficients, as SciPy's function does."""
    y, d, smoothing, epsilon = map(unfollowed, (y, d, smoothing, epsilon))
    given = [strip(part) for part in (y, d, smoothing)]
    shift, scale, plain = function(*given, kernel, strip(epsilon), powers, *rest)
    monomials = _monomials((y - shift) / scale, powers)
    count, more = shape_of(monomials)
    matrix = _radial(y, y, kernel, epsilon) + np.eye(count) * smoothing
    below = np.concatenate([mT(monomials), np.zeros((more, more))], 1)
    left = np.concatenate([np.concatenate([matrix, monomials], 1), below])
    right = np.concatenate([d, np.zeros((more, shape_of(d)[1]))])
    found = np.linalg.solve(left, right)
    return shift, scale, settled_as(plain, found, "scipy.interpolate.RBFInterpolator", kernel)
