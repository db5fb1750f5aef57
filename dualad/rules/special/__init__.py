"""The mathematics of `scipy.special`: declared when that module is imported and first needed."""

from dualad.rules.special import (
    bessel,
    distributions,
    elementary,
    elliptic,
    errorfunctions,
    exponentials,
    gammas,
    hypergeometric,
    incomplete,
    noncentral,
    polynomials,
    solved,
    waves,
)

SUBJECTS = (
    elementary, exponentials, errorfunctions, gammas, incomplete, distributions, solved, noncentral,
    bessel, hypergeometric, waves, elliptic, polynomials,
)  # fmt: skip
ROWS = [row for subject in SUBJECTS for row in subject.ROWS]
