"""Trees of points: which are nearest is constant, and distances to these have derivatives."""

from typing import Any

import numpy as np
from scipy import spatial

from dualad.core.blank import unfollowed
from dualad.core.level import refusal
from dualad.core.tracer import Tracer, as_array, strip
from dualad.errors import MissingRowError
from dualad.rules.likes import gathered, has_traced
from dualad.rules.standing import settled_as


def _array(x: Any) -> Any:
    """Return what may hold traced values as an array, and anything else as it is."""
    x = unfollowed(x)
    return as_array(gathered(x)) if has_traced(x) else x


def _refuse(cls: Any, name: str) -> Any:
    """Raise, since a method has no rule."""
    instead = "Use the places that query or query_ball_point finds, and the points there."
    raise refusal(MissingRowError(f"scipy.spatial.{cls.__wrapped__.__name__}.{name}", (), instead))


def _nearest(tree: Any, query: Any, x: Any, k: Any = 1, eps: Any = 0.0, p: Any = 2.0,
             *rest: Any, **named: Any) -> Any:  # fmt: skip
    """Return what a tree's own query does, with derivatives of the distances."""
    x, points = _array(x), getattr(tree, "points", None)
    found = query(strip(x), k, eps, p, *rest, **named)
    if not isinstance(x, Tracer) and points is None:
        return found
    plain, places = found
    points = tree.data if points is None else points
    none = np.asarray(places) == len(tree.data)  # as many as are asked for are not there
    at = as_array(x)
    at = at if np.ndim(places) == at.ndim - 1 else at[..., None, :]
    apart = at - points[np.where(none, 0, places)]
    y = np.where(none, np.inf, np.linalg.norm(apart, p, -1))
    return settled_as(np.asarray(plain), y, "scipy.spatial.KDTree.query", "eps, or boxsize"), places


class _Before:
    """What stands for a tree that was there before: its points are plain."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    def query(self, x: Any, *rest: Any, **named: Any) -> Any:
        """Return the distances to the nearest points, and which these are."""
        return _nearest(self.tree, self.tree.query, x, *rest, **named)

    def query_ball_point(self, x: Any, r: Any, *rest: Any, **named: Any) -> Any:
        """Return which points are in a ball."""
        return self.tree.query_ball_point(*strip((_array(x), _array(r))), *rest, **named)

    def __getattr__(self, name: str) -> Any:
        """Return what the tree has beside."""
        return getattr(self.tree, name)


class _Tree:
    """What the classes of trees share."""

    __wrapped__: Any
    standing_for = _Before
    points: Any = None  # where one is traced

    def __init__(self, data: Any, *rest: Any, **named: Any) -> None:
        data = _array(data)
        super().__init__(strip(data), *strip(rest), **strip(named))  # type: ignore[call-arg]
        if isinstance(data, Tracer):
            self.points = data

    def query(self, x: Any, *rest: Any, **named: Any) -> Any:
        """Return the distances to the nearest points, and which these are."""
        return _nearest(self, super().query, x, *rest, **named)  # type: ignore[misc]

    def sparse_distance_matrix(self, other: Any, *rest: Any, **named: Any) -> Any:
        """Return distances between plain points."""
        if self.points is not None or getattr(other, "points", None) is not None:
            _refuse(self, "sparse_distance_matrix")
        other = other.tree if isinstance(other, _Before) else other
        return super().sparse_distance_matrix(other, *rest, **named)  # type: ignore[misc]

    def query_ball_point(self, x: Any, r: Any, *rest: Any, **named: Any) -> Any:
        """Return which points are in a ball."""
        return super().query_ball_point(*strip((_array(x), _array(r))), *rest, **named)  # type: ignore[misc]

    def count_neighbors(self, other: Any, r: Any, *rest: Any, **named: Any) -> Any:
        """Return how many pairs of points are near."""
        other = other.tree if isinstance(other, _Before) else other
        return super().count_neighbors(other, strip(_array(r)), *rest, **named)  # type: ignore[misc]


OWN: dict[str, Any] = {
    cls.__name__: type(cls.__name__, (_Tree, cls), {"__wrapped__": cls, "__doc__": cls.__doc__})
    for cls in (spatial.KDTree, spatial.cKDTree)
}
