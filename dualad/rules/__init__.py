"""The table: the mathematics of NumPy's functions, one row each."""

from dualad.core.row import declare
from dualad.rules import (
    arithmetic,
    calculus,
    complex,
    creation,
    einsum,
    factorizations,
    fft,
    indexing,
    joining,
    linalg,
    norms,
    ordering,
    padding,
    products,
    quantiles,
    reductions,
    scans,
    selecting,
    shapes,
    splitting,
    statistics,
    transcendental,
)

SUBJECTS = (
    arithmetic, transcendental, complex, indexing, selecting, shapes, joining, splitting, padding,
    creation, reductions, scans, statistics, ordering, quantiles, products, einsum, linalg,
    factorizations, norms, fft, calculus,
)  # fmt: skip

for subject in SUBJECTS:
    declare(*subject.ROWS)
