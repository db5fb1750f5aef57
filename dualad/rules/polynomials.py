"""Polynomials as arrays of coefficients, the highest power first."""

import warnings
from typing import Any

import numpy as np

from dualad.core.tracer import shape_of, strip
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from dualad.rules.directions import mT
from dualad.rules.joining import as_array, in_dtype
from dualad.rules.kinds import composite, general


def _given(p: Any, name: str) -> Any:
    """Return coefficients as an array; a `poly1d` cannot hold traced ones."""
    if isinstance(p, np.poly1d):
        raise UnsupportedParameterError(f"numpy.{name}", "a poly1d", "its coefficients, p.coef,")
    return as_array(p)


def _coefficients(p: Any, name: str) -> Any:
    """Return coefficients as an array of one axis or more: a number is a constant."""
    return np.atleast_1d(_given(p, name))


def _powers(x: Any, count: int) -> Any:
    """Return ``x**(count - 1), ..., x, 1`` along a new first axis."""
    found = [np.ones(shape_of(x), x.dtype)]
    for _ in range(count - 1):
        found.append(found[-1] * x)
    return np.stack(found[::-1])


def _polyval(p: Any, x: Any) -> Any:
    """Return the polynomial's values, by Horner's scheme."""
    if isinstance(x, np.poly1d):
        raise UnsupportedParameterError("numpy.polyval", "a poly1d", "np.polyval(p, q.coef)")
    p, x = as_array(p), as_array(x)
    plain = strip(x)
    y = np.zeros_like(plain)
    for i in range(len(p)):
        y = y * (x if i else plain) + p[i]
    return y


def _padded(p: Any, length: int) -> Any:
    """Return coefficients with zeros in front."""
    missing = length - len(p)
    return np.concatenate([np.zeros(missing, p.dtype), p]) if missing > 0 else p


def _polyadd(a1: Any, a2: Any) -> Any:
    """Return the sum of two polynomials."""
    a1, a2 = _coefficients(a1, "polyadd"), _coefficients(a2, "polyadd")
    return _padded(a1, len(a2)) + _padded(a2, len(a1))


def _polysub(a1: Any, a2: Any) -> Any:
    """Return the difference of two polynomials."""
    a1, a2 = _coefficients(a1, "polysub"), _coefficients(a2, "polysub")
    return _padded(a1, len(a2)) - _padded(a2, len(a1))


def _leading_zeros(p: Any) -> int:
    """Return how many leading coefficients are zero; the last one does not count."""
    if p.ndim > 1:
        raise ValueError("Polynomial must be 1d only.")
    return int(np.argmax(np.append(strip(p)[:-1] != 0, True)))


def _polymul(a1: Any, a2: Any) -> Any:
    """Return the product of two polynomials, without leading zeros of the factors.

    They take part in the convolution, for the sake of their derivatives.
    """
    a1, a2 = (_coefficients(p, "polymul") for p in (a1, a2))
    a1, a2 = (p if p.size else np.zeros(1, p.dtype) for p in (a1, a2))
    zeros = _leading_zeros(a1) + _leading_zeros(a2)
    return np.convolve(a1, a2)[zeros:]


def _polydiv(u: Any, v: Any) -> Any:
    """Return quotient and remainder, by long division."""
    u, v = _coefficients(u, "polydiv") + 0.0, _coefficients(v, "polydiv") + 0.0
    kept = len(np.polydiv(*strip((u, v)))[1])  # rounding decides how much of the remainder is zero
    dtype = np.result_type(u.dtype, v.dtype)
    scale = 1.0 / v[0]
    r, v = in_dtype(u, dtype), in_dtype(v, dtype)
    digits = []
    for k in range(len(u) - len(v) + 1):
        digits.append(scale * r[k])
        stop = k + len(v)
        r = np.concatenate([r[:k], r[k:stop] - digits[-1] * v, r[stop:]])
    q = np.stack(digits) if digits else np.zeros(1, dtype)
    return q, r[len(r) - kept :]


def _polyder(p: Any, m: int = 1) -> Any:
    """Return the derivative of order `m`."""
    if int(m) < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    p = _given(p, "polyder")
    p = in_dtype(p, np.result_type(p.dtype, int)) if m else p
    for _ in range(int(m)):
        powers = np.arange(len(p) - 1, 0, -1)
        p = p[:-1] * powers
    return p


def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """Return the integral of order `m`, with integration constants `k`, the first one first."""
    m = int(m)
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    k = np.zeros(m) if k is None else _coefficients(k, "polyint")
    if len(k) == 1 and m > 1:
        k = k[0] * np.ones(m)
    if len(k) < m:
        raise ValueError("k must be a scalar or a rank-1 array of length 1 or >m.")
    p = _given(p, "polyint")
    dtype = np.result_type(p.dtype, k.dtype, float)
    p, k = (in_dtype(p, dtype), in_dtype(k, dtype)) if m else (p, k)
    for i in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), k[i : i + 1]])
    return p


def _check_fit(x: Any, y: Any, deg: Any, w: Any) -> None:
    """Raise what `polyfit` raises for arguments that do not fit together."""
    if deg < 0:
        raise ValueError("expected deg >= 0")
    if x.ndim != 1:
        raise TypeError("expected 1D vector for x")
    if x.size == 0:
        raise TypeError("expected non-empty vector for x")
    if y.ndim < 1 or y.ndim > 2:
        raise TypeError("expected 1D or 2D array for y")
    if len(x) != len(y):
        raise TypeError("expected x and y to have same length")
    if w is not None and w.ndim != 1:
        raise TypeError("expected a 1-d array for weights")
    if w is not None and len(w) != len(y):
        raise TypeError("expected w and y to have the same length")


def _polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None,
             cov: Any = False) -> Any:  # fmt: skip
    """Return the least-squares polynomial, by `lstsq` with columns scaled to length 1."""
    order = int(deg) + 1
    x, y = as_array(x) + 0.0, as_array(y) + 0.0
    w = None if w is None else as_array(w) + 0.0
    _check_fit(x, y, deg, w)
    if rcond is None:
        rcond = len(x) * np.finfo(x.dtype).eps
    lhs = np.vander(x, order)
    rhs = y if w is None else in_dtype(y * (w if y.ndim == 1 else w[:, None]), y.dtype)
    lhs = lhs if w is None else in_dtype(lhs * in_dtype(w[:, None], lhs.dtype), lhs.dtype)
    rhs = in_dtype(rhs, np.result_type(lhs.dtype, rhs.dtype))
    scale = np.sqrt(np.sum(lhs * lhs, axis=0))
    lhs = lhs / scale
    c, resids, rank, s = np.linalg.lstsq(lhs, rhs, rcond)
    c = np.transpose(np.transpose(c) / scale)
    if full:
        return c, resids, rank, s, rcond
    if rank != order:
        warnings.warn("Polyfit may be poorly conditioned", np.exceptions.RankWarning, stacklevel=4)
    return (c, _covariance(lhs, scale, resids, y, cov)) if cov else c


def _covariance(lhs: Any, scale: Any, resids: Any, y: Any, cov: Any) -> Any:
    """Return the covariance of fitted coefficients, scaled by the residuals unless "unscaled"."""
    base = np.linalg.inv(mT(lhs) @ lhs) / (scale[:, None] * scale)
    count, order = lhs.shape
    if cov != "unscaled" and count <= order:
        raise ValueError("the number of data points must exceed order to scale the covariance "
                         "matrix")  # fmt: skip
    factor = 1 if cov == "unscaled" else resids / (count - order)
    return (base if y.ndim == 1 else base[:, :, None]) * factor


def _poly(seq_of_zeros: Any) -> Any:
    """Return the polynomial with given roots, or the characteristic one of a matrix."""
    roots = _coefficients(seq_of_zeros, "poly")
    if roots.ndim == 2 and roots.shape[0] == roots.shape[1] != 0:
        roots = np.linalg.eigvals(roots)
    elif roots.ndim != 1:
        raise ValueError("input must be 1d or non-empty square 2d array.")
    if not len(roots):
        return 1.0
    a, zero = np.ones(1, roots.dtype), np.zeros(1, roots.dtype)
    for i in range(len(roots)):
        a = np.concatenate([a, zero]) - roots[i] * np.concatenate([zero, a])
    plain = strip(roots)
    if plain.dtype.kind == "c" and np.array_equal(np.sort(plain), np.sort(plain.conj())):
        return a.real
    return a


def _slopes(y: Any, p: Any, powers: Any) -> Any:
    """Return the slopes of a polynomial at its roots."""
    slopes = (p[:-1] * np.arange(len(p) - 1, 0, -1, dtype=p.dtype)) @ powers[1:]
    if np.any(strip(slopes) == 0):
        reason = "it moves a multiple root by a power below one of the coefficients' change"
        raise SingularDerivativeError("numpy.roots", reason)
    return slopes


def _roots_jvp(t: Any, y: Any, p: Any) -> Any:
    """Return how roots move, by the implicit function theorem: this holds of zero roots, too."""
    powers = _powers(y, len(p))
    return -(t @ powers) / _slopes(y, p, powers)


def _roots_vjp(ct: Any, y: Any, p: Any) -> Any:
    """Return the transpose of `_roots_jvp`."""
    powers = _powers(y, len(p))
    return -(ct / _slopes(y, p, powers)) @ mT(powers)


ROWS = [
    composite(np.polyval, _polyval),
    composite(np.polyadd, _polyadd),
    composite(np.polysub, _polysub),
    composite(np.polymul, _polymul),
    composite(np.polydiv, _polydiv),
    composite(np.polyder, _polyder),
    composite(np.polyint, _polyint),
    composite(np.polyfit, _polyfit),
    composite(np.poly, _poly),
    general(np.roots, [_roots_jvp], [_roots_vjp]),
]
