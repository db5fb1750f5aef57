"""What rows of private ufuncs of `scipy.stats` are tried on, as far as this SciPy has them."""

from typing import Any

import scipy.stats  # noqa: F401  # the rows are declared with it

from dualad.rules.special.private import private
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.special import Range, within

A, B = (0.5, 4), (0.5, 3)  # shapes
P = (0.1, 0.9)
X = (0.3, 4)
PLACE, SCALE = (-1, 1), (0.5, 2)

OPERANDS: tuple[tuple[Any, ...], ...] = (
    ("_beta_pdf _beta_cdf _beta_sf _beta_ppf _beta_isf", P, A, B),
    ("_cauchy_ppf _cauchy_isf", P, PLACE, SCALE), ("_cosine_cdf", (-3, 3)), ("_cosine_invcdf", P),
    ("_log1mexp", (-3, -0.1)), ("_invgauss_ppf _invgauss_isf", P, SCALE, SCALE),
    ("_skewnorm_cdf", (-2, 2), PLACE, SCALE, (-2, 2)),
    ("_skewnorm_ppf _skewnorm_isf", P, PLACE, SCALE, (-2, 2)),
    ("_kolmogc", (0.5, 2)), ("_kolmogci", P),
)  # fmt: skip


def _between(first: Range, last: Range) -> Any:
    """Return what draws two operands, with a shape between them that is none."""

    def draw(d: Draws) -> Call:
        x, nc = within(first, last)(d).args
        return Call(x, d.dtype.type(3), nc)

    return draw


def _central(d: Draws) -> Call:
    """Return an operand, with shapes that are none: the last is zero."""
    return Call(*within((0.5, 4))(d).args, d.dtype.type(3), d.dtype.type(0))


def _counts(d: Draws, fixed_n: bool) -> Call:
    """Return a whole number, a size, and the chance of success."""
    n, p = within((2, 4), (0.2, 0.7))(d).args
    return Call(d.dtype.type(d.choice((1, 0, 2))), d.dtype.type(4) if fixed_n else n, p)


def _within_a_step(d: Draws) -> Call:
    """Return a probability, a size and a chance of success off the jumps of the quantile."""
    p, chance = within((0.3, 0.34), (0.8, 0.82))(d).args
    return Call(p, d.dtype.type(4), chance)


def _samples(names: str, draw: Any, **options: Any) -> list[Sample]:
    """Return a sample of each of those functions that there are."""
    functions = [private(name) for name in names.split()]
    return [Sample(f, draw, **options) for f in functions if f is not None]


SAMPLES = [
    *(sample for names, *limits in OPERANDS for sample in _samples(names, within(*limits))),
    *_samples("_ncx2_pdf _ncx2_cdf _ncx2_sf", _between((0.5, 4), (0.3, 3)), fixed=(1,)),
    *_samples("_ncx2_pdf _ncx2_cdf _ncx2_sf", _central, fixed=(1, 2)),
    *_samples("_ncx2_ppf _ncx2_isf", _between(P, (0.3, 3)), fixed=(1,)),
    *_samples("_binom_pmf _binom_pdf _binom_cdf _binom_sf", lambda d: _counts(d, True),
              fixed=(0, 1)),
    *_samples("_nbinom_pmf _nbinom_pdf _nbinom_cdf _nbinom_sf", lambda d: _counts(d, False),
              fixed=(0,)),
    *_samples("_binom_ppf _binom_isf _nbinom_ppf _nbinom_isf", _within_a_step, fixed=(1,)),
]  # fmt: skip
