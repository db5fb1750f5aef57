"""Interpolation of scattered data, by their values, their points, and where it is evaluated.

The cells, and which points are nearest, are SciPy's.
"""

from typing import Any

import numpy as np
from scipy import interpolate

from dualad.core.level import refusal
from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import mT
from dualad.rules.likes import has_traced
from dualad.rules.standing import settled_as
from dualad.scipy.implicit import array_of


def _joined(args: Any) -> Any:
    """Return the places of a call, coordinates along the last axis."""
    given = args[0] if len(args) == 1 and isinstance(args[0], tuple) else args
    if len(given) == 1:
        return array_of(given[0])
    parts = [array_of(part) for part in given]
    shape = np.broadcast_shapes(*map(shape_of, parts))
    return np.stack([np.broadcast_to(part, shape) for part in parts], -1)


def _barycentric(corners: Any, at: Any) -> Any:
    """Return by which shares of its corners places lie in simplices."""
    last = corners[..., -1, :]
    edges = mT(corners[..., :-1, :] - last[..., None, :])
    shares = np.linalg.solve(edges, (at - last)[..., None])[..., 0]
    return np.concatenate([shares, 1 - np.sum(shares, -1, keepdims=True)], -1)


class _Interpolator:
    """What the classes share: plain data for SciPy's, traced ones beside it."""

    __wrapped__: Any
    NAMES: tuple[str, ...] = ()

    def __init__(self, points: Any, values: Any, *rest: Any, **named: Any) -> None:
        points, values = [array_of(given) for given in (points, values)]
        self.rest = dict(zip(self.NAMES, rest, strict=False)) | named
        self.points, self.values = points, values
        self.plain = self.__wrapped__(strip(points), strip(values), **strip(self.rest))

    @classmethod
    def standing_for(cls, plain: Any) -> Any:
        """Return what stands for an interpolator of plain data that was there before."""
        made: Any = object.__new__(cls)
        scale = getattr(plain, "scale", None)
        made.plain, made.points = plain, np.asarray(plain.points)
        if scale is not None:
            made.points = made.points * scale + plain.offset
        shape = getattr(plain, "values_shape", np.shape(plain.values)[1:])
        made.values = np.reshape(plain.values, (len(made.points), *shape))
        made.rest = {"rescale": scale is not None}
        if hasattr(plain, "fill_value"):
            made.rest["fill_value"] = plain.fill_value
        return made

    def of(self, values: Any) -> Any:
        """Return SciPy's interpolator of other values at the same points."""
        fill = {"fill_value": np.nan} if "fill_value" in self.rest else {}
        return self.__wrapped__(strip(self.points), values, **strip(self.rest) | fill)

    def cells(self, at: Any) -> Any:
        """Return in which simplices plain places lie, and their corners."""
        if self.rest.get("rescale"):
            at = (at - self.plain.offset) / self.plain.scale
        inside = self.plain.tri.find_simplex(at)
        return inside, self.plain.tri.simplices[inside]

    def filled(self, found: Any, inside: Any) -> Any:
        """Return interpolated values, and others outside of all simplices."""
        outside = np.reshape(inside < 0, inside.shape + (1,) * (len(shape_of(found)) - inside.ndim))
        return np.where(outside, self.rest.get("fill_value", np.nan), found)


class LinearNDInterpolator(_Interpolator):
    """What stands for SciPy's class of this name: values at corners, in the shares of a place."""

    __wrapped__ = interpolate.LinearNDInterpolator
    NAMES = ("fill_value", "rescale")

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return the interpolated values at places."""
        plain, at = self.plain(*strip(args), **named), _joined(args)
        if not has_traced([at, self.points, self.values, self.rest.get("fill_value")]):
            return plain
        inside, corners = self.cells(strip(at))
        shares, values = _barycentric(self.points[corners], at), self.values[corners]
        extra = len(shape_of(values)) - len(shape_of(shares))
        shares = np.reshape(shares, shape_of(shares) + (1,) * extra)
        found = self.filled(np.sum(shares * values, inside.ndim), inside)
        return settled_as(plain, found, "scipy.interpolate.LinearNDInterpolator", "these places")


class NearestNDInterpolator(_Interpolator):
    """What stands for SciPy's class of this name: constant, but for the values."""

    __wrapped__ = interpolate.NearestNDInterpolator
    NAMES = ("rescale", "tree_options")

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return the value at the nearest point."""
        plain = self.plain(*strip(args), **named)
        if not has_traced(self.values):
            return plain
        nearest = self.of(np.arange(shape_of(self.values)[0]) * 1.0)(*strip(args), **named)
        none = np.isnan(nearest)
        found = self.values[np.where(none, 0, nearest).astype(int)]
        none = np.reshape(none, none.shape + (1,) * (len(shape_of(found)) - none.ndim))
        found = np.where(none, np.nan, found)
        return settled_as(plain, found, "scipy.interpolate.NearestNDInterpolator", "these places")


_SHARES = np.array([(i, j, 3 - i - j) for i in range(4) for j in range(4 - i)]) / 3.0
_LATTICE = 0.1 + 0.7 * _SHARES  # within a triangle, apart from its sides


def _cubics(shares: Any) -> Any:
    """Return the ten products of three shares."""
    return np.stack(
        [shares[..., 0] ** i * shares[..., 1] ** j * shares[..., 2] ** (3 - i - j)
         for i in range(4) for j in range(4 - i)],
        -1,
    )  # fmt: skip


_INVERSE = np.linalg.inv(_cubics(_LATTICE))


class CloughTocher2DInterpolator(_Interpolator):
    """What stands for SciPy's class of this name.

    In each third of a triangle it is a cubic polynomial, and linear in the values. So its values at
    ten places there, for each unit vector of values, tell what it is.
    """

    __wrapped__ = interpolate.CloughTocher2DInterpolator
    NAMES = ("fill_value", "tol", "maxiter", "rescale")

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Return the interpolated values at places."""
        plain, at = self.plain(*strip(args), **named), _joined(args)
        if has_traced(self.points):
            name = "scipy.interpolate.CloughTocher2DInterpolator"
            raise refusal(UnsupportedParameterError(name, "traced points", "traced values alone"))
        if not has_traced([at, self.values, self.rest.get("fill_value")]):
            return plain
        inside, corners = self.cells(strip(at))
        points = strip(self.points)[corners]
        least = np.argmin(_barycentric(points, strip(at)), -1)
        center = np.mean(points, -2)
        third = np.where(np.arange(3)[:, None] == least[..., None, None], center[..., None, :],
                         points)  # fmt: skip
        places = np.matmul(_LATTICE, third)
        weights = np.matmul(_cubics(_barycentric(third, at))[..., None, :], _INVERSE)[..., 0, :]
        if has_traced(self.values):
            units = self.of(np.eye(shape_of(self.values)[0]))(places)
            values = np.tensordot(np.where(np.isnan(units), 0, units), self.values, 1)
        else:
            values = self.plain(places)
            values = np.where(np.isnan(values), 0, values)
        extra = len(shape_of(values)) - len(shape_of(weights))
        weights = np.reshape(weights, shape_of(weights) + (1,) * extra)
        found = self.filled(np.sum(weights * values, inside.ndim), inside)
        finite = np.isfinite(plain)
        found = np.where(finite, found, 0)
        return plain + (found - strip(found))  # SciPy iterates for its slopes


OWN = {
    cls.__name__: cls
    for cls in (LinearNDInterpolator, NearestNDInterpolator, CloughTocher2DInterpolator)
}
