"""The table: the mathematics of NumPy's functions, one row each."""

from dualad.core.row import LATE, declare
from dualad.rules import (
    arithmetic,
    calculus,
    complex,
    convolution,
    counting,
    creation,
    diagonals,
    einsum,
    factorizations,
    fft,
    indexing,
    joining,
    leastsquares,
    likes,
    linalg,
    norms,
    ordering,
    padding,
    polynomials,
    products,
    quantiles,
    reductions,
    scans,
    selecting,
    sets,
    shapes,
    singular,
    splitting,
    statistics,
    tensors,
    transcendental,
    updates,
)

SUBJECTS = (
    arithmetic, transcendental, complex, indexing, selecting, shapes, joining, splitting, diagonals,
    padding, creation, reductions, scans, statistics, ordering, sets, quantiles, products, tensors,
    einsum, convolution, linalg, leastsquares, factorizations, singular, norms, fft, calculus,
    updates, polynomials, counting, likes,
)  # fmt: skip

for subject in SUBJECTS:
    declare(*subject.ROWS)

LATE["scipy.special"] = "dualad.rules.special"
LATE["scipy.linalg"] = "dualad.rules.scipy_linalg"
LATE["scipy.fft"] = "dualad.rules.scipy_fft"
LATE["scipy.interpolate"] = "dualad.rules.scipy_interpolate"
