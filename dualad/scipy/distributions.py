"""What stands for methods of `scipy.stats`' distributions that integrate, sample, or factor."""

from functools import wraps
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import special, stats
from scipy.stats import _qmvnt, rv_continuous
from scipy.stats._multivariate import _PSD

from dualad.core.level import refusal
from dualad.core.tracer import Tracer, strip
from dualad.errors import UnsupportedParameterError
from dualad.numpy.vectorizing import vectorize
from dualad.rules.directions import mT
from dualad.rules.scipy_linalg import solve_triangular
from dualad.scipy.integrate import quad

# Of integrals over probabilities ``expit(u)``: the step of the trapezoidal rule, and its ends
STEP, END = 0.25, 60.0
LOOSE = 1e-7  # of SciPy's own integral


def _is_traced(*values: Any) -> bool:
    """Return whether a value is traced; arrays that only could hold traced values are not."""
    return any(isinstance(x, Tracer) and x.level >= 0 for x in values)


def _over_quantiles(value: Any, of_quantile: Any, self: Any, args: Any) -> Any:
    """Return a mean over a distribution, whose value SciPy has, with its derivatives.

    The quantiles move with the shapes, and the ends of the support with them. Return None where
    they have no formula, or where the rule does not find the value.
    """
    owner = next(cls for cls in type(self).__mro__ if "_ppf" in vars(cls))
    if owner.__name__ == rv_continuous.__name__:
        return None
    u = STEP * np.arange(1, int(END / STEP))
    small = 1 / (1 + np.exp(u))
    weights = STEP * small * (1 - small)
    with np.errstate(all="ignore"):  # far in the tails, where nothing is seen of it
        found = 0.25 * STEP * of_quantile(self._ppf(np.array([0.5]), *args))[0]
        for quantiles in (self._ppf(small, *args), self._isf(small, *args)):
            known = np.isfinite(strip(quantiles))  # SciPy may look them up at ``1 - small``
            found = found + np.sum(weights[known] * of_quantile(quantiles[known]))
    if not abs(strip(found) - value) <= LOOSE * (1 + abs(value)):
        return None
    return value + (found - strip(found))


@wraps(rv_continuous._mom1_sc)
def _moment(self: Any, m: Any, *args: Any) -> Any:
    """Return a moment about zero."""
    value = rv_continuous._mom1_sc(self, m, *strip(args))
    if not _is_traced(*args):
        return value
    found = _over_quantiles(value, lambda x: x**m, self, args)
    return quad(self._mom_integ1, 0, 1, args=(m, *args))[0] if found is None else found


@wraps(rv_continuous._entropy)
def _entropy(self: Any, *args: Any) -> Any:
    """Return the entropy."""
    value = rv_continuous._entropy(self, *strip(args))
    if not _is_traced(*args):
        return value
    found = _over_quantiles(value, lambda x: -self._logpdf(x, *args), self, args)
    if found is not None:
        return found
    with np.errstate(over="ignore"):
        return quad(lambda x: special.entr(self._pdf(x, *args)), *self._get_support(*args))[0]


def _integral_of_density(one: Any, name: str, ends: Any) -> Any:
    """Return a distribution function whose value SciPy has by an integral, compiled.

    ``ends(x, *shapes)`` are those of the parts of the integral.
    """

    @wraps(getattr(type(one), name))
    def call(self: Any, x: Any, *shapes: Any) -> Any:
        value = getattr(one, name)(*strip((x, *shapes)))
        if not _is_traced(x, *shapes):
            return value

        def single(x: Any, *shapes: Any) -> Any:
            density = lambda t: self._pdf(t, *shapes)
            parts = pairwise(ends(x, *shapes))
            return sum(quad(density, low, high, epsabs=0, epsrel=1e-10)[0] for low, high in parts)

        found = vectorize(single, otypes=[float])(x, *shapes)
        return value + (found - strip(found))

    return call


def _around_mean(left: Any, right: Any, *shapes: Any) -> tuple[Any, ...]:
    """Return the ends of an integral of the generalized hyperbolic density, with its mean."""
    p, a, b = strip(shapes)
    delta = np.sqrt((a + b) * (a - b))
    mean = b / delta * special.kv(p + 1, delta) / special.kv(p, delta)
    return (left, mean, right) if strip(left) < mean < strip(right) else (left, right)


def _sampled(function: Any, name: str) -> Any:
    """Return an integral by sampling, which raises for traced values."""

    @wraps(function)
    def call(count: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_traced(*args):
            raise refusal(
                UnsupportedParameterError(f"scipy.stats.{name}.cdf", "a traced value", _DENSITY)
            )
        return function(count, *args, **kwargs)

    return call


_DENSITY = "pdf, or the cdf of a normal distribution in two dimensions,"


@wraps(_PSD.__init__)
def _factored(self: Any, M: Any, *args: Any, **kwargs: Any) -> None:
    """Set what a covariance matrix has: with a factor, as equal eigenvalues have no derivative."""
    _PSD.__init__(self, strip(M), *args, **kwargs)
    if not _is_traced(M):
        return
    self._M = M
    if self.rank == len(self.U):
        factor = np.linalg.cholesky(M)
        self.U = mT(solve_triangular(factor, np.eye(self.rank), lower=True))
        self.log_pdet = 2 * np.sum(np.log(np.diagonal(factor)))
        return
    values, vectors = np.linalg.eigh(M)
    kept = strip(values) > self.eps / 1e3  # as SciPy tells them from zero
    self.U = vectors[:, kept] / np.sqrt(values[kept])
    self.log_pdet = np.sum(np.log(values[kept]))


def _power_moment(self: Any, n: Any, beta: Any) -> Any:
    """Return a moment of the generalized normal distribution, as SciPy, but without a list."""
    if n % 2:
        return 0.0
    return np.exp(special.gammaln((n + 1.0) / beta) - special.gammaln(1.0 / beta))


def _power_statistics(self: Any, beta: Any) -> tuple[Any, Any, Any, Any]:
    """Return the mean, variance, skewness and excess kurtosis of that distribution."""
    c1, c3, c5 = (special.gammaln(k / beta) for k in (1.0, 3.0, 5.0))
    return 0.0, np.exp(c3 - c1), 0.0, np.exp(c5 + c1 - 2.0 * c3) - 3.0


def _off_zero(one: Any) -> Any:
    """Return what checks the shapes of a distribution that has another formula for shapes of zero.

    That formula has the value, and not the slope by the shape: a traced one would get zero.
    """

    @wraps(vars(type(one))["_argcheck"])
    def call(self: Any, *shapes: Any) -> Any:
        if any(_is_traced(shape) and np.any(strip(shape) == 0) for shape in shapes):
            raise refusal(UnsupportedParameterError(f"scipy.stats.{one.name}", *_ZERO))
        return one._argcheck(*strip(shapes))

    return call


_ZERO = "a traced shape of zero", "a shape beside it, such as 1e-3,"
_SPECIAL_AT_ZERO = (stats.genextreme, stats.genpareto, stats.kappa4, stats.pearson3, stats.skewnorm)
_INTEGRALS = (
    (stats.geninvgauss, "_cdf", lambda x, *shapes: (0.0, x)),
    (stats.genhyperbolic, "_cdf", lambda x, *shapes: _around_mean(-np.inf, x, *shapes)),
    (stats.genhyperbolic, "_sf", lambda x, *shapes: _around_mean(x, np.inf, *shapes)),
)
OWN: dict[str, Any] = {
    "_mom1_sc": _moment,
    "_entropy": _entropy,
    "_PSD": _factored,
    **{
        f"{one.name}._argcheck": _off_zero(one)
        for one in _SPECIAL_AT_ZERO
        if "_argcheck" in vars(type(one))
    },
    **{
        f"gennorm.{name}": wraps(vars(type(stats.gennorm))[name])(function)
        for name, function in (("_munp", _power_moment), ("_stats", _power_statistics))
        if name in vars(type(stats.gennorm))  # and not of all distributions
    },
    **{
        f"{one.name}.{name}": _integral_of_density(one, name, ends)
        for one, name, ends in _INTEGRALS
        if name in vars(type(one))
    },
    **{
        f"{name}.cdf": _sampled(getattr(_qmvnt, inner), name)
        for inner, name in (("_qmvn", "multivariate_normal"), ("_qmvt", "multivariate_t"))
        if hasattr(_qmvnt, inner)
    },
}
