"""What the rows of `dualad.rules.scipy_spatial` are tried on."""

from typing import Any

import numpy as np

from dualad.rules.scipy_spatial import ROWS
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.scipy_linalg import own

WEIGHTED = ("euclidean", "sqeuclidean", "cityblock", "minkowski", "canberra", "braycurtis",
            "cosine", "correlation")  # fmt: skip
OTHERS = ("jensenshannon", "seuclidean", "chebyshev", "mahalanobis", "js", "E", "cheb", "se")
DOUBLE: Any = {"float32": False, "reason": "SciPy computes in double precision"}


def _points(d: Draws, count: int, ndim: int) -> Any:
    """Return points whose coordinates, and the differences of these, are off zero."""
    return (
        d.array((count, ndim), "positive") if ndim == 1 else d.array((count, ndim), "distinct") ** 2
    )


def _pairs(d: Draws) -> Call:
    """Return two sets of points, and a metric."""
    ndim = d.integer(2, 3)
    a, b = _points(d, d.integer(1, 3), ndim), _points(d, d.integer(4, 5), ndim)
    return Call(a, b, d.choice(WEIGHTED + OTHERS))


def _weighted(d: Draws) -> dict[str, Any]:
    """Return a metric, its weights, and its power."""
    metric = d.choice(WEIGHTED)
    power = {"p": d.choice((1, 2, 3.5, 2.0))} if metric == "minkowski" else {}
    return {"metric": metric, "w": d.array((3,), "positive"), **power}


def _shaped(d: Draws) -> dict[str, Any]:
    """Return a metric with a matrix, or with variances."""
    if d.boolean():
        return {"metric": "mahalanobis", "VI": d.spd(3)}
    return {"metric": "seuclidean", "V": d.array((3,), "positive")}


def _vector(d: Draws) -> Call:
    """Return the distances of all pairs, or their matrix."""
    n = d.integer(1, 4)
    if d.boolean():
        return Call(d.array((n * (n - 1) // 2,)), d.choice(("no", "tomatrix")))
    a = d.array((n, n))
    return Call(a + a.T - 2 * np.diag(np.diag(a)), d.choice(("no", "tovector")), checks=False)


def _cubes(u: Any, v: Any) -> Any:
    """Return a distance that is none of SciPy's, and not the same both ways."""
    return np.sum((u - v) ** 3 + u * v * v)


SAMPLES = [
    Sample(
        own(ROWS, "cdist"), lambda d: Call(_points(d, 2, 3), _points(d, 2, 3), _cubes), **DOUBLE
    ),
    Sample(own(ROWS, "pdist"), lambda d: Call(_points(d, 3, 3), _cubes), **DOUBLE),
    Sample(own(ROWS, "cdist"), _pairs, **DOUBLE),
    Sample(
        own(ROWS, "cdist"),
        lambda d: Call(_points(d, 2, 3), _points(d, 2, 3), **_weighted(d)),
        **DOUBLE,
    ),
    Sample(
        own(ROWS, "cdist"),
        lambda d: Call(_points(d, 2, 3), _points(d, 2, 3), **_shaped(d)),
        **DOUBLE,
    ),
    Sample(own(ROWS, "pdist"), lambda d: Call(*_pairs(d).args[1:]), **DOUBLE),
    Sample(own(ROWS, "pdist"), lambda d: Call(_points(d, 3, 3), **_weighted(d)), **DOUBLE),
    Sample(own(ROWS, "pdist"), lambda d: Call(_points(d, 3, 3), **_shaped(d)), **DOUBLE),
    Sample(own(ROWS, "squareform"), _vector, complex=True),
]
