"""Private ufuncs of discrete distributions that `scipy.stats` calls, as in `private`."""

from typing import Any

import numpy as np
from scipy import special

from dualad.core.row import Row
from dualad.core.tracer import primal_value, shape_of
from dualad.rules.special.gammas import digamma_step
from dualad.rules.special.incomplete import beta_by_first, beta_density, either
from dualad.rules.special.private import by_formula, private_row, unless_zero


def _failures(name: str, sign: float) -> list[Row]:
    """Return the row of the negative binomial distribution, from either end."""
    return private_row(
        name,
        None,  # it counts whole numbers
        lambda y, k, n, p: sign * beta_by_first(n, primal_value(k) + 1.0, p),
        lambda y, k, n, p: sign * beta_density(n, primal_value(k) + 1.0, p),
    )


def _successes(name: str, sign: float) -> list[Row]:
    """Return the row of the binomial distribution, from either end."""
    return private_row(
        name,
        None,
        _binomial_by_size(sign),
        lambda y, k, n, p: -sign * _binomial_density(primal_value(k), n, p),
    )


def _binomial_by_size(sign: float) -> Any:
    """Return the partial of the distribution by `n`, continued between the integers."""

    def partial(y: Any, k: Any, n: Any, p: Any) -> Any:
        k = primal_value(k)
        all_of_them = np.greater_equal(k, primal_value(n))
        found = beta_by_first(np.where(all_of_them, 1.0, n - k), k + 1.0, 1 - p, p)
        return np.where(all_of_them, 0, sign * found)

    return partial


def _choices(n: Any, k: Any) -> tuple[Any, Any]:
    """Return the derivatives of ``log(binom(n, k))``."""
    return digamma_step(n - k + 1.0, k), digamma_step(k + 1.0, n - 2 * k)


def _hypergeometric(y: Any, k: Any, n: Any, drawn: Any, total: Any) -> tuple[Any, Any, Any]:
    """Return the derivatives of the logarithm of the probability of `k`, by the others."""
    k = primal_value(k)
    first, _ = _choices(n, k)
    above, chosen = _choices(total - n, drawn - k)
    by_total, by_drawn = _choices(total, drawn)
    return first - above, chosen - by_drawn, above - by_total


def _hypergeometric_density(i: int) -> Any:
    """Return the partial of the probability by operand `i`; it is zero where the probability is."""

    def partial(y: Any, k: Any, n: Any, drawn: Any, total: Any) -> Any:
        some = primal_value(y) > 0
        slope = lambda y, *rest: y * _hypergeometric(y, *rest)[i - 1]
        return either(some, slope, lambda y, *rest: np.zeros(shape_of(y)), y, k, n, drawn, total)

    return partial


def _hypergeometric_variance(n: Any, drawn: Any, total: Any) -> Any:
    """Return the variance of a hypergeometric distribution."""
    return drawn * (n / total) * (1 - n / total) * (total - drawn) / (total - 1)


def _hypergeometric_skewness(n: Any, drawn: Any, total: Any) -> Any:
    """Return the skewness of a hypergeometric distribution."""
    odd = (total - 2 * n) * (total - 2 * drawn) * np.sqrt(total - 1)
    return odd / (np.sqrt(n * drawn * (total - n) * (total - drawn)) * (total - 2))


def _binomial_density(k: Any, n: Any, p: Any) -> Any:
    """Return the derivative of the tail above `k` by the probability."""
    all_of_them = np.greater_equal(k, n)
    return np.where(all_of_them, 0, beta_density(k + 1.0, np.where(all_of_them, 1.0, n - k), p))


def _binomial_slope(y: Any, k: Any, n: Any, p: Any) -> Any:
    """Return the derivative of the binomial probability of `k` by that of one success."""
    k = primal_value(k)
    log_count = -special.betaln(k + 1.0, n - k + 1.0) - np.log(n + 1.0)
    left = unless_zero(k * 1.0, k - 1.0, p) * unless_zero(1.0, n - k, 1 - p)
    right = unless_zero(1.0, k * 1.0, p) * unless_zero(n - k + 0.0, n - k - 1.0, 1 - p)
    return np.exp(log_count) * (left - right)


ROWS = [
    *(row for name in ("_binom_pmf", "_binom_pdf")
      for row in private_row(
          name,
          None,
          lambda y, k, n, p: special.xlog1py(y, -p) + y * _choices(n, primal_value(k))[0],
          _binomial_slope,
      )),
    *_successes("_binom_cdf", 1.0),
    *_successes("_binom_sf", -1.0),
    *(row for name in ("_nbinom_pmf", "_nbinom_pdf")
      for row in private_row(
          name,
          None,
          lambda y, k, n, p: y * (np.log(p) + digamma_step(n, primal_value(k))),
          lambda y, k, n, p: y * (n / p - primal_value(k) / (1 - p)),
      )),
    *_failures("_nbinom_cdf", 1.0),
    *_failures("_nbinom_sf", -1.0),
    *(row for name in ("_binom", "_nbinom") for end in ("_ppf", "_isf")
      for row in private_row(name + end, None, None, None)),
    *by_formula("_nbinom_mean", lambda n, p: n * (1 - p) / p),
    *by_formula("_nbinom_variance", lambda n, p: n * (1 - p) / (p * p)),
    *by_formula("_nbinom_skewness", lambda n, p: (2 - p) / np.sqrt(n * (1 - p))),
    *by_formula("_nbinom_kurtosis_excess", lambda n, p: (6 + p * p / (1 - p)) / n),
    *private_row("_hypergeom_pmf", None, *map(_hypergeometric_density, (1, 2, 3))),
    *(row for end in ("cdf", "sf")
      for row in private_row(f"_hypergeom_{end}", None, "n", "N", "M")),
    *by_formula("_hypergeom_mean", lambda n, drawn, total: n * drawn / total),
    *by_formula("_hypergeom_variance", _hypergeometric_variance),
    *by_formula("_hypergeom_skewness", _hypergeometric_skewness),
]  # fmt: skip
