"""One sample, or several, for every row of the table: the subjects are those of `dualad.rules`."""

from dualad.core.row import declare_late
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
    scipy_data,
    scipy_forms,
    scipy_linalg,
    scipy_matfuncs,
    scipy_ndimage,
    scipy_others,
    scipy_resampling,
    scipy_signal,
    scipy_spatial,
    selecting,
    sets,
    shapes,
    singular,
    sliding,
    special,
    special_functions,
    special_private,
    special_shapes,
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
    updates, polynomials, counting, likes, sliding,
    special, special_functions, special_shapes, special_private,
    scipy_data, scipy_linalg, scipy_forms, scipy_matfuncs, scipy_ndimage, scipy_others,
    scipy_resampling, scipy_signal, scipy_spatial,
)  # fmt: skip

SAMPLES: dict[str, list[Sample]] = {
    subject.__name__.rpartition(".")[2]: subject.SAMPLES for subject in SUBJECTS
}

declare_late()  # the rows of modules that samples import
