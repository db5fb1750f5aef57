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
    sliding,
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
    updates, polynomials, counting, likes, sliding,
)  # fmt: skip

for subject in SUBJECTS:
    declare(*subject.ROWS)

LATE["scipy.special"] = "dualad.rules.special"
LATE["scipy.stats"] = "dualad.rules.special.private"
LATE["scipy.stats._continuous_distns"] = "dualad.rules.special.compiled"
LATE["scipy.stats._discrete_distns"] = "dualad.rules.special.counts"  # scipy.stats imports it
LATE["scipy.linalg"] = "dualad.rules.scipy_linalg"
LATE["scipy.fft"] = "dualad.rules.scipy_fft"
LATE["scipy.interpolate"] = "dualad.rules.scipy_interpolate"
LATE["scipy.signal"] = "dualad.rules.scipy_signal"
LATE["scipy.spatial.distance"] = "dualad.rules.scipy_spatial"
LATE["scipy.linalg.lapack"] = "dualad.rules.scipy_matfuncs"  # scipy.linalg imports it
LATE["scipy.linalg.blas"] = "dualad.rules.scipy_forms"
LATE["scipy.ndimage"] = "dualad.rules.scipy_ndimage"
LATE["scipy.ndimage._interpolation"] = "dualad.rules.scipy_resampling"
LATE["scipy.interpolate._fitpack_py"] = "dualad.rules.scipy_data"
