"""One sample, or several, for every row of the table: the subjects are those of `dualad.rules`."""

from dualad.testing.samples import (
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
from dualad.testing.samples.base import Call, Draws, Sample

__all__ = ["SAMPLES", "Call", "Draws", "Sample"]

SUBJECTS = (
    arithmetic, transcendental, complex, indexing, selecting, shapes, joining, splitting, diagonals,
    padding, creation, reductions, scans, statistics, ordering, sets, quantiles, products, tensors,
    einsum, convolution, linalg, leastsquares, factorizations, singular, norms, fft, calculus,
    updates, polynomials, counting, likes,
)  # fmt: skip

SAMPLES: dict[str, list[Sample]] = {
    subject.__name__.rpartition(".")[2]: subject.SAMPLES for subject in SUBJECTS
}
