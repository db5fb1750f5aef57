"""`scipy.spatial.distance`: distances of all pairs of points. At zero their slope is zero."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial import distance

from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import mT
from dualad.rules.joining import as_array
from dualad.rules.kinds import composite
from dualad.rules.standing import named, settled_as

Metric = Callable[..., Any]  # of points in the last axis, and weights


def _safe(x: Any, zero: Any) -> Any:
    """Return `x`, with ones where a mask holds."""
    return np.where(zero, 1.0, x)


def _root(x: Any, power: Any = 0.5) -> Any:
    """Return a root whose slope at zero is zero."""
    zero = strip(x) <= 0
    return np.where(zero, 0.0, _safe(x, zero) ** power)


def _ratio(a: Any, b: Any) -> Any:
    """Return ``a / b``, and zero where both are zero."""
    zero = (strip(a) == 0) & (strip(b) == 0)
    return np.where(zero, 0.0, a / _safe(b, zero))


def _minkowski(u: Any, v: Any, w: Any, p: Any = 2.0) -> Any:
    """Return the root of the sum of powers."""
    if np.isinf(strip(p)):
        return _chebyshev(u, v, w)
    even = strip(p) % 2 == 0
    powers = (u - v) ** int(strip(p)) if even and p is strip(p) else np.abs(u - v) ** p
    return _root(np.sum(w * powers, -1), 1 / p)


def _chebyshev(u: Any, v: Any, w: Any) -> Any:
    """Return the largest difference among those of some weight."""
    return np.max(np.where(strip(w) > 0, np.abs(u - v), 0.0), -1, initial=0.0)


def _cosine(u: Any, v: Any, w: Any) -> Any:
    """Return one minus the cosine of the angle."""
    sizes = np.sqrt(np.sum(w * u * u, -1)) * np.sqrt(np.sum(w * v * v, -1))
    return 1.0 - np.sum(w * u * v, -1) / sizes


def _correlation(u: Any, v: Any, w: Any) -> Any:
    """Return one minus the correlation."""
    total = np.sum(w + 0.0 * strip(u), -1, keepdims=True)
    means = [np.sum(w * x, -1, keepdims=True) / total for x in (u, v)]
    return _cosine(u - means[0], v - means[1], w)


def _jensenshannon(u: Any, v: Any, w: Any, base: Any = None) -> Any:
    """Return the root of the mean relative entropy to the mean of both."""
    total: Any = 0.0
    u, v = (x / np.sum(x, -1, keepdims=True) for x in (u, v))
    middle = (u + v) / 2
    for x in (u, v):
        zero = strip(x) == 0
        total = total + np.where(zero, 0.0, x * np.log(_safe(x, zero) / _safe(middle, zero)))
    y = np.sum(total, -1) / 2
    return _root(y if base is None else y / np.log(base))


METRICS: dict[str, Metric] = {
    "euclidean": lambda u, v, w: _root(np.sum(w * (u - v) ** 2, -1)),
    "sqeuclidean": lambda u, v, w: np.sum(w * (u - v) ** 2, -1),
    "cityblock": lambda u, v, w: np.sum(w * np.abs(u - v), -1),
    "chebyshev": _chebyshev,
    "minkowski": _minkowski,
    "cosine": _cosine,
    "correlation": _correlation,
    "canberra": lambda u, v, w: np.sum(w * _ratio(np.abs(u - v), np.abs(u) + np.abs(v)), -1),
    "braycurtis": lambda u, v, w: _ratio(
        np.sum(w * np.abs(u - v), -1), np.sum(w * np.abs(u + v), -1)
    ),
    "jensenshannon": _jensenshannon,
    "seuclidean": lambda u, v, w, V: _root(np.sum((u - v) ** 2 / V, -1)),
    "mahalanobis": lambda u, v, w, VI: _root(np.sum(np.matmul(u - v, VI) * (u - v), -1)),
}


def _metric(function: str, metric: Any, points: Any, options: dict[str, Any]) -> Any:
    """Return a metric's name, and the metric as a function of points in the last axis."""
    name = metric if isinstance(metric, str) else getattr(metric, "__name__", "")
    name = name.lower().removeprefix("test_")
    name = ALIASES.get(name, name)
    if name not in METRICS:
        if callable(metric):
            return _one_by_one(metric, options)
        raise UnsupportedParameterError(function, f"metric={metric!r}", "one of real numbers")
    options = {key: value for key, value in options.items() if value is not None}
    w = options.pop("w", 1.0)
    if name == "seuclidean" and "V" not in options:
        options["V"] = np.var(points, 0, ddof=1)
    if name == "mahalanobis" and "VI" not in options:
        options["VI"] = mT(np.linalg.inv(np.cov(mT(points))))
    return lambda u, v: METRICS[name](u, v, w, **options)


ALIASES = {
    short: name
    for name, shorts in {
        "euclidean": "euclid eu e", "sqeuclidean": "sqe sqeuclid", "cityblock": "cblock cb c",
        "chebyshev": "chebychev cheby cheb ch", "minkowski": "mi m pnorm", "cosine": "cos",
        "correlation": "co", "seuclidean": "se s", "mahalanobis": "mahal mah",
        "jensenshannon": "js",
    }.items()
    for short in shorts.split()
}  # fmt: skip


def _one_by_one(metric: Any, options: dict[str, Any]) -> Any:
    """Return a metric of one pair of points as one of many pairs."""

    def of_all(u: Any, v: Any) -> Any:
        shape = np.broadcast_shapes(shape_of(u), shape_of(v))
        u, v = (np.reshape(np.broadcast_to(x, shape), (-1, shape[-1])) for x in (u, v))
        found = [metric(a, b, **options) for a, b in zip(u, v, strict=True)]
        return np.reshape(np.stack(found), shape[:-1]) if found else np.zeros(shape[:-1])

    return of_all


def _doubles(x: Any) -> Any:
    """Return an array in double precision."""
    x = as_array(x)
    return x if strip(x).dtype == float else x.astype(float)


def _options(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return parameters of a metric, plain."""
    return {key: strip(value) for key, value in kwargs.items()}


def _plainly(metric: Any) -> Any:
    """Return a metric whose outcomes are plain."""
    return (lambda *args, **kwargs: strip(metric(*args, **kwargs))) if callable(metric) else metric


def _cdist(XA: Any, XB: Any, metric: Any = "euclidean", *, out: Any = None, **kwargs: Any) -> Any:
    """Return the distances of each of some points to each of others."""
    a, b = as_array(XA), as_array(XB)
    plain = distance.cdist(*strip((a, b)), _plainly(metric), **_options(kwargs))
    a, b = _doubles(a), _doubles(b)
    between = _metric("scipy.spatial.distance.cdist", metric, np.concatenate([a, b]), kwargs)
    found = between(a[:, None, :], b[None, :, :])
    return settled_as(plain, found, "scipy.spatial.distance.cdist", f"metric={metric!r}")


def _pdist(X: Any, metric: Any = "euclidean", *, out: Any = None, **kwargs: Any) -> Any:
    """Return the distances of all pairs of points."""
    x = as_array(X)
    plain = distance.pdist(strip(x), _plainly(metric), **_options(kwargs))
    x = _doubles(x)
    between = _metric("scipy.spatial.distance.pdist", metric, x, kwargs)
    i, j = np.triu_indices(len(x), 1)
    found = between(x[i], x[j])
    return settled_as(plain, found, "scipy.spatial.distance.pdist", f"metric={metric!r}")


def _squareform(X: Any, force: Any = "no", checks: Any = True) -> Any:
    """Return a symmetric matrix of the distances of all pairs, or these of the matrix."""
    x = as_array(X)
    plain = distance.squareform(strip(x), force, checks)
    n = len(plain) if len(plain.shape) == 2 else shape_of(x)[0]
    i, j = np.triu_indices(n, 1)
    if len(plain.shape) == 1:
        return x[i, j] if n else np.zeros(0, plain.dtype)
    places = np.zeros((n, n), int)
    places[i, j] = places[j, i] = np.arange(len(i))
    if not len(i):
        return plain
    return np.where(np.eye(n, dtype=bool), np.zeros((), plain.dtype), x[places])


_BODIES: dict[Any, Callable[..., Any]] = {
    distance.cdist: _cdist,
    distance.pdist: _pdist,
    distance.squareform: _squareform,
}
ROWS = [composite(named(function, "spatial.distance"), body) for function, body in _BODIES.items()]
