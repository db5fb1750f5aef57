"""Splines of `scipy.interpolate`, by the places where they are evaluated."""

from typing import Any

import numpy as np
from scipy import interpolate

from dualad.core.dispatch import dispatching
from dualad.core.row import Row
from dualad.core.tracer import Tracer, as_array, shape_of
from dualad.errors import UnsupportedParameterError
from dualad.rules.kinds import composite, general

SPLEV, BISPLEV = "scipy.interpolate.splev", "scipy.interpolate.bisplev"


def _named(function: Any) -> Any:
    """Return a function of SciPy's that dispatches, under the name by which a user finds it."""
    own = dispatching(function)
    own.__module__ = "dualad.scipy.interpolate"
    return own


splev = _named(interpolate.splev)
bisplev = _named(interpolate.bisplev)


def _evaluated(x: Any, tck: Any, der: Any, ext: Any) -> Any:
    """Return `scipy.interpolate.splev` of an array."""
    return interpolate.splev(x, tck, der, ext)


def _slope(y: Any, x: Any, tck: Any, der: Any, ext: Any) -> Any:
    """Return the next derivative of a spline; where its value is constant outside, zero."""
    degree = tck[2]
    if der >= degree:
        return np.zeros(shape_of(x))
    return _spline(x, tck, der + 1, 1 if ext == 3 else ext)


def _spline(x: Any, tck: Any, der: Any, ext: Any) -> Any:
    """Return a spline, or a derivative of it, at the elements of an array."""
    return x.bind(_ROW, (x, tck, der, ext), {}) if isinstance(x, Tracer) else _evaluated(
        x, tck, der, ext
    )  # fmt: skip


_ROW = general(
    _evaluated,
    [lambda t, y, x, tck, der, ext: _slope(y, x, tck, der, ext) * t],
    [lambda ct, y, x, tck, der, ext: _slope(y, x, tck, der, ext) * ct],
)


def _plain(tck: Any, function: str) -> None:
    """Raise if a spline itself is traced."""
    if any(isinstance(part, Tracer) for part in tck):
        raise UnsupportedParameterError(function, "a traced spline", "a plain one")


def _splev(x: Any, tck: Any, der: Any = 0, ext: Any = 0) -> Any:
    """Return a spline at places that may be traced."""
    tck = tuple(getattr(tck, "tck", tck))
    _plain(tck, SPLEV)
    return _spline(as_array(x), tck, der, ext)


def _surface(x: Any, y: Any, tck: Any, dx: int, dy: int) -> Any:
    """Return a spline of two variables on the grid of two arrays of one axis."""
    found = interpolate.bisplev(x, y, tck, dx, dy)
    return np.reshape(found, (x.size, y.size))


def _slope_of_surface(x: Any, y: Any, tck: Any, dx: int, dy: int) -> Any:
    """Return a further derivative of a spline of two variables."""
    if dx >= tck[3] or dy >= tck[4]:
        return np.zeros((x.size, y.size))
    traced = [v for v in (x, y) if isinstance(v, Tracer)]
    if not traced:
        return _surface(x, y, tck, dx, dy)
    return max(traced, key=lambda v: v.level).bind(_SURFACE, (x, y, tck, dx, dy), {})


def _of_x(z: Any, x: Any, y: Any, tck: Any, dx: Any, dy: Any) -> Any:
    """Return the derivative by the rows' places."""
    return _slope_of_surface(x, y, tck, dx + 1, dy)


def _of_y(z: Any, x: Any, y: Any, tck: Any, dx: Any, dy: Any) -> Any:
    """Return the derivative by the columns' places."""
    return _slope_of_surface(x, y, tck, dx, dy + 1)


_SURFACE = general(
    _surface,
    [
        lambda t, z, x, y, tck, dx, dy: _of_x(z, x, y, tck, dx, dy) * t[..., :, None],
        lambda t, z, x, y, tck, dx, dy: _of_y(z, x, y, tck, dx, dy) * t[..., None, :],
    ],
    [
        lambda ct, z, x, y, tck, dx, dy: np.sum(_of_x(z, x, y, tck, dx, dy) * ct, -1),
        lambda ct, z, x, y, tck, dx, dy: np.sum(_of_y(z, x, y, tck, dx, dy) * ct, -2),
    ],
)


def _bisplev(x: Any, y: Any, tck: Any, dx: Any = 0, dy: Any = 0) -> Any:
    """Return a spline of two variables on a grid whose places may be traced."""
    _plain(tck, BISPLEV)
    x, y = np.atleast_1d(x), np.atleast_1d(y)
    traced = [v for v in (x, y) if isinstance(v, Tracer)]
    z = max(traced, key=lambda v: v.level).bind(_SURFACE, (x, y, tuple(tck), dx, dy), {})
    shape = shape_of(z)
    if shape == (1, 1):
        return z[0, 0]
    return z[0] if shape[0] == 1 else z[:, 0] if shape[1] == 1 else z


ROWS: list[Row] = [composite(splev, _splev), composite(bisplev, _bisplev)]
