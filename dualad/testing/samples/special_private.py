"""What rows of private ufuncs of `scipy.stats` are tried on, as far as this SciPy has them."""

from typing import Any

import scipy.stats  # noqa: F401  # the rows are declared with it

from dualad.rules.special import compiled
from dualad.rules.special.private import private
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.special import within

A, B = (0.5, 4), (0.5, 3)  # shapes
P = (0.1, 0.9)
X = (0.3, 4)
PLACE, SCALE = (-1, 1), (0.5, 2)

OPERANDS: tuple[tuple[Any, ...], ...] = (
    ("_beta_pdf _beta_cdf _beta_sf _beta_ppf", P, A, B),
    ("_cauchy_ppf _cauchy_isf", P, PLACE, SCALE), ("_cosine_cdf", (-3, 3)), ("_cosine_invcdf", P),
    ("_log1mexp", (-3, -0.1)), ("_invgauss_ppf _invgauss_isf", P, SCALE, SCALE),
    ("_skewnorm_cdf", (-2, 2), PLACE, SCALE, (-2, 2)),
    ("_skewnorm_ppf _skewnorm_isf", P, PLACE, SCALE, (-2, 2)),
    ("_kolmogc", (0.5, 2)), ("_kolmogp", (1.1, 2)), ("_kolmogci", P), ("_scaled_exp1", (0.3, 60)),
    ("_ncx2_pdf _ncx2_cdf _ncx2_sf", X, A, B), ("_ncx2_ppf _ncx2_isf", P, A, B),
    ("_ncf_pdf _ncf_cdf _ncf_sf", X, A, B, B), ("_ncf_ppf _ncf_isf", P, A, B, B),
    ("_nct_pdf _nct_cdf _nct_sf", (-3, 3), A, PLACE), ("_nct_ppf _nct_isf", P, A, PLACE),
    ("_ncf_mean _ncf_variance _ncf_skewness _ncf_kurtosis_excess", B, (9, 12), B),
    ("_nct_mean _nct_variance _nct_skewness _nct_kurtosis_excess", (5, 9), PLACE),
    ("_nbinom_mean _nbinom_variance _nbinom_skewness _nbinom_kurtosis_excess", A, P),
)  # fmt: skip


def _central(d: Draws) -> Call:
    """Return an operand and a shape, with the other shape zero."""
    return Call(*within((0.5, 4), A)(d).args, d.dtype.type(0))


def _counts(d: Draws) -> Call:
    """Return a whole number, a size, and the chance of success."""
    return Call(d.dtype.type(d.choice((1, 0, 2))), *within((3.1, 4), (0.2, 0.7))(d).args)


def _drawn(d: Draws) -> Call:
    """Return a whole number and sizes of a hypergeometric distribution: it takes integers only."""
    return Call(*map(d.dtype.type, (d.choice((1, 0, 2)), 3, 4, 9)))


def _within_a_step(d: Draws) -> Call:
    """Return a probability, a size and a chance of success off the jumps of the quantile."""
    p, chance = within((0.3, 0.34), (0.8, 0.82))(d).args
    return Call(p, d.dtype.type(4), chance)


def _samples(names: str, draw: Any, **options: Any) -> list[Sample]:
    """Return a sample of each of those functions that there are."""
    functions = [private(name) for name in names.split()]
    return [Sample(f, draw, **options) for f in functions if f is not None]


# Compiled functions of numbers, in double precision.
NUMBERS: dict[str, tuple[Any, ...]] = {
    "geninvgauss_logpdf": (X, PLACE, SCALE), "genhyperbolic_pdf": ((-2, 2), PLACE, (1.5, 3), PLACE),
    "genhyperbolic_logpdf": ((-2, 2), PLACE, (1.5, 3), PLACE),
    "_bvnu": ((-2, 2), (-2, 2), (-0.8, 0.8)),
}  # fmt: skip


def _numbers(limits: Any) -> Any:
    """Return what draws numbers, each between two limits."""
    return lambda d: Call(*[d.dtype.type(d.rng.uniform(*pair)) for pair in limits])


def _compiled() -> list[Sample]:
    """Return the samples of compiled functions that this SciPy has."""
    found = {row.function.__name__: row.function for row in compiled.ROWS}
    return [
        Sample(found["von_mises_cdf"], within((0.5, 9), (-4, 4)), float32=False, reason=DOUBLE),
        *(Sample(found[name], _numbers(limits), float32=False, reason=DOUBLE)
          for name, limits in NUMBERS.items() if name in found),
    ]  # fmt: skip


DOUBLE = "it is computed in double precision"


SAMPLES = [
    *_compiled(),
    *(sample for names, *limits in OPERANDS for sample in _samples(names, within(*limits))),
    *_samples("_ncx2_pdf _ncx2_cdf _ncx2_sf", _central, fixed=(2,)),
    *_samples("_hypergeom_pmf _hypergeom_cdf _hypergeom_sf", _drawn, fixed=(0, 1, 2, 3)),
    *_samples("_hypergeom_mean _hypergeom_variance _hypergeom_skewness",
              lambda d: Call(*_drawn(d).args[1:]), fixed=(0, 1, 2)),
    *_samples("_binom_pmf _binom_pdf _binom_cdf _binom_sf "
              "_nbinom_pmf _nbinom_pdf _nbinom_cdf _nbinom_sf", _counts, fixed=(0,)),
    *_samples("_binom_ppf _binom_isf _nbinom_ppf _nbinom_isf", _within_a_step, fixed=(1,)),
]  # fmt: skip
