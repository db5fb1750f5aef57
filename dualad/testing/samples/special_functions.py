"""What the rows of `dualad.rules.special` are tried on: Python functions of SciPy."""

from dataclasses import replace
from typing import Any

from dualad.rules.special import bessel, elliptic, exponentials, gammas, polynomials
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.special import WIDENED, after, uniform, within


def _reduced(d: Draws) -> Call:
    """Return an array with an axis, and the parameters of a sum."""
    a = d.array(min_side=1)
    return Call(a, d.axes(a), keepdims=d.boolean() and a.ndim > 0)  # SciPy's versions differ there


def _weighted(d: Draws) -> Call:
    """Return an array and positive weights that broadcast against it."""
    shape = d.shape(1, min_side=1)
    a = d.array(shape)
    b = d.array(shape[d.integer(0, len(shape)) :], "positive")
    return Call(a, d.axes(a), b, d.boolean())


def _signed(d: Draws) -> Call:
    """Return an array and weights whose sums are negative, to be returned with their sign."""
    shape = d.shape(1, min_side=1)
    a, b = d.array(shape), d.array(shape, "positive")
    return Call(a, d.axes(a), -b, return_sign=True)


def _along(d: Draws) -> Call:
    """Return an array and its axes."""
    a = d.array(min_side=1)
    return Call(a, d.axes(a))


def _choices(d: Draws) -> Call:
    """Return numbers of things, and of those that are chosen."""
    n, k = d.broadcastable(2)
    n, k = uniform(d, n, (3, 5)), uniform(d, k, (0.5, 2))
    return Call(n, k, repetition=True) if d.boolean() else Call(n, k)


def _carlson(d: Draws) -> Call:
    """Return four operands and their exponents."""
    operands = within((0.5, 3), (0.5, 3), (0.5, 3), (0.5, 3))(d).args
    return Call(*operands, *d.choice(((0.5, 0.5, 1.5, 0.0), (0.5, 0.5, 0.5, 1.0))))


def _named(rows: Any, name: str) -> Any:
    """Return the function of a row, by its name."""
    return next(row.function for row in rows if row.function.__name__ == name)


SPHERICAL = ("spherical_jn", "spherical_yn", "spherical_in", "spherical_kn")
REPEATED = ("jvp", "yvp", "ivp", "kvp", "h1vp", "h2vp")

# Beside integers, or in any case, SciPy returns their results in double precision.
DOUBLE: list[Sample] = [
    Sample(exponentials.diric, lambda d: Call(*within((-4, 4))(d).args, d.choice((1, 2, 5)))),
    Sample(exponentials.assoc_laguerre,
           lambda d: Call(*within((0.3, 3))(d).args, d.choice((0, 1, 3)), d.choice((0.0, 1.5)))),
    Sample(gammas.polygamma, after((0, 1, 3), (0.5, 3))),
    Sample(gammas.zeta, after((2, 3.5), (0.5, 3))),
    Sample(gammas.zeta, within((1.5, 4), (0.5, 3))),
    Sample(gammas.zeta, within((1.5, 4))),
    Sample(gammas.multigammaln, lambda d: Call(*within((2, 5))(d).args, d.choice((1, 2, 4)))),
    Sample(gammas.factorial_, within((0.3, 3))),
    Sample(polynomials.lambertw, within((0.3, 3)), complex=True),
    Sample(polynomials.lambertw, lambda d: Call(*within((0.3, 3))(d).args, 1), complex=True),
    *(Sample(_named(bessel.ROWS, f"{name}_value"), after((0, 1, 3), (0.5, 4)), complex=True)
      for name in SPHERICAL),
    *(Sample(_named(bessel.ROWS, name),
             lambda d: Call(*after((0, 1, 3), (0.5, 4))(d).args, d.boolean()), complex=True)
      for name in SPHERICAL),
    *(Sample(_named(bessel.ROWS, name),
             lambda d: Call(*after((0, 1.5), (0.5, 4))(d).args, d.choice((1, 0, 2))), complex=True)
      for name in REPEATED),
]  # fmt: skip

SAMPLES = [
    Sample(exponentials.logsumexp, _reduced),
    Sample(exponentials.logsumexp, _weighted, complex=True),
    Sample(exponentials.logsumexp, _signed),
    Sample(exponentials.plain_logsumexp, _reduced),
    Sample(exponentials.softmax, _along),
    Sample(exponentials.log_softmax, _along),
    *(Sample(row.function, within((-3, 3)))
      for row in exponentials.ROWS if row.function.__name__ == "softplus"),
    Sample(gammas.comb, _choices),
    Sample(gammas.perm, within((3, 5), (0.5, 2))),
    Sample(elliptic.carlson, _carlson, float32=False, reason="a sum over many nodes"),
    *(Sample(row.function, within((1.5, 4), (0.5, 3)))
      for row in gammas.ROWS if row.function.__name__ == "_zeta"),
    *(Sample(row.function, lambda d: Call(*within((0.3, 3))(d).args, d.choice((0, 1)), 1e-8),
             complex=True, float32=False, reason=WIDENED)
      for row in polynomials.ROWS if row.function.__name__ == "_lambertw"),
    *(replace(sample, float32=False, reason=WIDENED) for sample in DOUBLE),
]  # fmt: skip
