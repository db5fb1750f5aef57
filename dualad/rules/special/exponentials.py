"""``logsumexp``, ``softmax`` and others that SciPy writes in Python: they do not dispatch."""

from typing import Any

import numpy as np
from scipy import special

from dualad.core.dispatch import dispatching
from dualad.core.row import Row
from dualad.core.tracer import Tracer, primal_value
from dualad.rules.dependence import PASSAGES, along
from dualad.rules.directions import lead, trailing
from dualad.rules.kinds import composite, general
from dualad.rules.reductions import kept, reduced_axes
from dualad.rules.special.helpers import elementwise, without_formula
from dualad.rules.special.naming import named
from dualad.rules.statistics import array_of

logsumexp = named(dispatching(special.logsumexp))
softmax = named(dispatching(special.softmax))
log_softmax = named(dispatching(special.log_softmax))
diric = named(dispatching(special.diric))
assoc_laguerre = named(dispatching(special.assoc_laguerre))


@named
@dispatching
def plain_logsumexp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return `scipy.special.logsumexp` of real numbers without weights."""
    return special.logsumexp(a, axis=axis, keepdims=keepdims)


def _shares(y: Any, a: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """Return the partials of `plain_logsumexp`, and the axes that were summed.

    The elements that make the sum infinite share it equally.
    """
    axes = reduced_axes(axis, a.ndim)
    y = kept(y, y, a, axes)
    infinite = np.isinf(primal_value(y))
    if not infinite.any():
        return np.exp(a - y), axes
    makers = np.equal(primal_value(a), primal_value(y))
    count = np.maximum(np.sum(makers, axes, keepdims=True), 1)
    finite = np.exp(a - np.where(infinite, 0, y))
    return np.where(infinite, (makers / count).astype(a.dtype), finite), axes


def _logsumexp_push(t: Any, y: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the weighted sum of the tangent."""
    shares, axes = _shares(y, a, axis)
    return np.reshape(np.sum(shares * t, axes), lead(t, a) + y.shape)


def _logsumexp_pull(ct: Any, y: Any, a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the cotangent, spread by the shares."""
    shares, axes = _shares(y, a, axis)
    return kept(ct, y, a, axes) * shares


def _shifted(a: Any, b: Any, axis: Any) -> tuple[Any, Any]:
    """Return `a` less its largest element that has a weight, and that element.

    Where there is no weight the exponential could overflow, and is not wanted.
    """
    plain, weights = np.broadcast_arrays(np.real(primal_value(a)), primal_value(b))
    weighted = np.not_equal(weights, 0)
    shift = np.max(plain, axis, keepdims=True, initial=-np.inf, where=weighted)
    shift = np.where(np.isfinite(shift), shift, 0).astype(plain.dtype)
    huge = ~weighted & (plain - shift > np.log(np.finfo(plain.dtype).max))
    if huge.any() and not isinstance(b, Tracer):  # else an infinite derivative would be lost
        a = np.where(huge, shift, a)
    return a - shift, shift


def _logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False,
               return_sign: bool = False) -> Any:  # fmt: skip
    """Return the logarithm of a sum of exponentials, weighted by `b`."""
    a = array_of(a)
    if b is None and not return_sign and a.dtype.kind != "c":
        return plain_logsumexp(a if a.dtype.kind == "f" else a.astype(float), axis, keepdims)
    b = np.ones(()) if b is None else array_of(b)
    a, shift = _shifted(a, b, axis)
    total = np.sum(b * np.exp(a), axis, keepdims=True)
    sign = np.sign(primal_value(total)) if return_sign else None
    with np.errstate(divide="ignore"):
        found = np.log(np.absolute(total) if return_sign else total) + shift
    if not keepdims:
        found = np.squeeze(found, axis)
        found = found if found.ndim else found[()]
        sign = None if sign is None else np.squeeze(sign, axis)[()]
    return (found, sign) if return_sign else found


def _softmax_push(t: Any, y: Any, x: Any, axis: Any = None) -> Any:
    """Return the tangent or cotangent times the Jacobian, which is symmetric."""
    axes = trailing(axis, y.ndim)
    return y * (t - np.sum(y * t, axes, keepdims=True))


def _log_softmax_push(t: Any, y: Any, x: Any, axis: Any = None) -> Any:
    """Return the tangent less its weighted mean."""
    return t - np.sum(np.exp(y) * t, trailing(axis, y.ndim), keepdims=True)


def _log_softmax_pull(ct: Any, y: Any, x: Any, axis: Any = None) -> Any:
    """Return the cotangent less its weighted sum."""
    return ct - np.exp(y) * np.sum(ct, trailing(axis, y.ndim), keepdims=True)


def _diric_slope(y: Any, x: Any, n: Any) -> Any:
    """Return the derivative of Dirichlet's kernel, a Chebyshev polynomial of a cosine."""
    valid = ~np.isnan(primal_value(y))
    whole = np.where(valid, n, 1).astype(int)
    cosine = np.cos(0.5 * x)
    if cosine.dtype == np.longdouble:  # which SciPy's polynomials do not take
        cosine = cosine.astype(float)
    slope = -np.sin(0.5 * x) / whole * special.eval_gegenbauer(whole - 2, 2, cosine)
    return np.where(valid, slope, np.nan)


def _assoc_laguerre(x: Any, n: Any, k: Any = 0.0) -> Any:
    """Return the generalized Laguerre polynomial."""
    return special.eval_genlaguerre(n, k, x)


def _newer() -> list[Row]:
    """Return the rows of functions that only newer versions of SciPy have."""
    if not hasattr(special, "softplus"):
        return []
    softplus = named(dispatching(special.softplus))
    return [composite(softplus, lambda x, **kwargs: np.logaddexp(0, x, **kwargs))]


ROWS = [
    composite(logsumexp, _logsumexp),
    general(plain_logsumexp, [_logsumexp_push], [_logsumexp_pull]),
    general(softmax, [_softmax_push], [_softmax_push]),
    general(log_softmax, [_log_softmax_push], [_log_softmax_pull]),
    elementwise(diric, _diric_slope, without_formula(diric, "n")),
    composite(assoc_laguerre, _assoc_laguerre),
    *_newer(),
]

PASSAGES.update(dict.fromkeys((plain_logsumexp, softmax, log_softmax), along(1, None)))
