"""What rows by the shapes of distribution functions are tried on: ufuncs, private ones too."""

from typing import Any

from scipy import special

from dualad.testing.samples.base import Sample
from dualad.testing.samples.special import within

A, B = (0.4, 4), (0.5, 3)  # shapes
LARGE = (21, 40)  # shapes for which there are asymptotic series
P = (0.1, 0.9)
X = (0.3, 4)

SMOOTH: tuple[tuple[Any, ...], ...] = (
    *((f, A, X) for f in (special.gammainc, special.gammaincc, special.chdtr, special.chdtrc)),
    *((f, LARGE, LARGE) for f in (special.gammainc, special.gammaincc)),
    *((f, A, P) for f in (special.gammaincinv, special.gammainccinv, special.chdtri)),
    *((f, LARGE, P) for f in (special.gammaincinv, special.gammainccinv)),
    *((f, A, B, P) for f in (special.betainc, special.betaincc)),
    *((f, LARGE, B, P) for f in (special.betainc, special.betaincc)),
    *((f, A, B, P) for f in (special.betaincinv, special.betainccinv, special.fdtri)),
    *((f, B, LARGE, P) for f in (special.betaincinv, special.betainccinv)),
    *((f, A, B, X) for f in (special.fdtr, special.fdtrc)),
    (special.stdtr, A, (-3, 3)), (special.stdtrit, A, P),
    *((f, A, B, X) for f in (special.gdtr, special.gdtrc)),
    (special.gdtria, P, A, B), (special.gdtrix, A, B, P),
    *((f, limits, X) for f in (special.kv, special.kve) for limits in (B, (-2, -0.3))),
    *((f, limits, X) for f in (special.jv, special.yv, special.iv, special.ive)
      for limits in (B, (-2, -0.3))),
    *((f, B, (26, 40)) for f in (special.jve, special.yve, special.ive)),
    *((f, B, X) for f in (special.hankel1, special.hankel2, special.hankel1e, special.hankel2e)),
    (special.hyp0f1, B, (-4, 3)), (special.hyperu, A, B, X),
    (special.hyp1f1, (0.4, 1), (1.5, 3), (-3, 3)), (special.hyp1f1, (2, 3), (0.5, 1), (0, 3)),
    (special.hyp2f1, (0.4, 1), (0.5, 1.2), (1.5, 3), (-0.8, 0.8)),
    (special.hyp2f1, (2, 3), (0.5, 1.2), (1.5, 1.9), (-3, -0.1)),
    (special.chndtr, X, A, B), (special.chndtrix, P, A, B),
)  # fmt: skip
NONCENTRAL: tuple[tuple[Any, ...], ...] = (
    (special.ncfdtr, A, B, B, X), (special.ncfdtri, A, B, B, P),
    (special.nctdtr, A, (-2, 2), (-3, 3)), (special.nctdtrit, B, (-2, 2), (0.1, 0.9)),
)  # fmt: skip
# Older versions of SciPy sum too few terms of these.
IS_SUMMED = abs(float(special.ncfdtr(3.0, 4.0, 1.0, 1.2)) - 0.479640875067295) < 1e-12
# They solve for a shape; the operands are such that there is one.
SOLVED: tuple[tuple[Any, ...], ...] = (
    ("chdtriv", P, X), ("gdtrib", B, P, X), ("pdtrik", (0.5, 0.9), (0.8, 3)),
    ("stdtridf", (0.78, 0.82), (1, 1.4)), ("fdtridfd", B, (0.5, 0.6), (1.5, 2)),
    ("btdtria", P, B, P), ("btdtrib", A, P, P), ("bdtrik", (0.5, 0.9), (2, 4), (0.4, 0.6)),
    ("bdtrin", (0.5, 3), P, (0.3, 0.8)), ("nbdtrik", (0.6, 0.9), (1, 4), (0.2, 0.5)),
    ("nbdtrin", (0.5, 3), P, (0.2, 0.6)), ("chndtridf", (2, 4), (0.3, 0.6), (0.5, 2)),
    ("chndtrinc", (4, 5), (0.5, 2), (0.1, 0.5)),
)  # fmt: skip
COARSE: tuple[tuple[Any, ...], ...] = (
    ("nctdtridf", (0.3, 0.32), (1, 1.05), (0.68, 0.7)),
    ("nctdtrinc", (2, 4), (0.1, 0.4), (1, 2)),
)

SAMPLES = [
    *(Sample(f, within(*limits)) for f, *limits in SMOOTH),
    *(Sample(f, within(*limits), rounding=0.0 if IS_SUMMED else 1e-3) for f, *limits in NONCENTRAL),
    *(Sample(getattr(special, name), within(*limits), rounding=rounding)  # of SciPy's root finder
      for rounding, samples in ((1e-8, SOLVED), (1e-6, COARSE))
      for name, *limits in samples if hasattr(special, name)),
]  # fmt: skip
