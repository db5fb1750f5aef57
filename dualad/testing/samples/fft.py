"""What the rows of `dualad.rules.fft` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample

NORMS = (None, "backward", "ortho", "forward")
POINTS = (None, 1, 2, 3, 4, 5, 6)


def _axis(d: Draws, hermitian: bool = False) -> Call:
    """Return an array, a number of points, longer or shorter than the axis, an axis, a norm."""
    shape = list(d.shape(min_ndim=1, max_ndim=3, max_side=5))
    axis, n = d.integer(-len(shape), len(shape) - 1), d.choice(POINTS)
    if hermitian:  # NumPy reads beyond the end of an axis without elements
        shape[axis] = max(shape[axis], 1)
    if n is None and shape[axis] < 1 + hermitian:
        n = 3
    x, norm = d.array(tuple(shape)), d.choice(NORMS)
    if axis == -1 and n is None:
        return Call(x, norm=norm)
    return Call(x, n, axis, norm) if d.boolean() else Call(x, n=n, axis=axis, norm=norm)


def _axes(d: Draws, ndim: int) -> Any:
    """Return some axes out of `ndim`, in any order."""
    axes = tuple(int(i) - ndim * d.integer(0, 1) for i in d.rng.permutation(ndim))
    return axes[: d.integer(1, ndim)]


def _several(d: Draws, twice: bool = False, min_last: int = 1) -> Call:
    """Return an array, points, and axes: all, or some, of which one may be there twice."""
    ndim = d.integer(1, 3)
    axes: Any = _axes(d, ndim) if twice or d.boolean() else None
    axes = (*axes, axes[0]) if twice else axes
    chosen = range(-ndim, 0) if axes is None else axes
    shape = [d.integer(1, 4) for _ in range(ndim)]
    shape[chosen[-1]] = max(shape[chosen[-1]], min_last)
    if len({i % ndim for i in chosen}) < ndim and d.integer(0, 5) == 5:
        shape[min(set(range(ndim)) - {i % ndim for i in chosen})] = 0
    s = None
    if axes is not None and d.boolean():
        s = tuple(d.choice((-1, 1, 2, 3, 4, 5)) for _ in chosen)
    return Call(d.array(tuple(shape)), s=s, axes=axes, norm=d.choice(NORMS))


def _pair(d: Draws, min_last: int = 1) -> Call:
    """Return an array, points, and a pair of axes."""
    ndim = d.integer(2, 4)
    shape = [d.integer(1, 3) for _ in range(ndim)]
    axes = tuple(int(i) - ndim * d.integer(0, 1) for i in d.rng.permutation(ndim)[:2])
    if d.boolean():
        shape[axes[1]] = max(shape[axes[1]], min_last)
        s = (d.choice((-1, 1, 3, 4)), d.choice((-1, 2, 3, 4))) if d.boolean() else None
        return Call(d.array(tuple(shape)), s, axes, norm=d.choice(NORMS))
    shape[-1] = max(shape[-1], min_last)
    return Call(d.array(tuple(shape)), norm=d.choice(NORMS))


def _shifted(d: Draws) -> Call:
    """Return an array and axes: none, one, or some."""
    x = d.array(min_ndim=1, max_side=5)
    kind = d.integer(0, 2)
    return Call(x) if kind == 0 else Call(x, d.axis(x) if kind == 1 else _axes(d, x.ndim))


SAMPLES = [
    Sample(np.fft.fft, _axis, complex=True),
    Sample(np.fft.fft, lambda d: Call(d.array(min_ndim=1, min_side=1)), complex=True),
    Sample(np.fft.ifft, _axis, complex=True),
    Sample(np.fft.rfft, _axis),
    Sample(np.fft.irfft, lambda d: _axis(d, hermitian=True), complex=True),
    Sample(np.fft.hfft, lambda d: _axis(d, hermitian=True), complex=True),
    Sample(np.fft.ihfft, _axis),
    Sample(np.fft.fftn, _several, complex=True),
    Sample(np.fft.ifftn, _several, complex=True),
    Sample(np.fft.rfftn, _several),
    Sample(np.fft.irfftn, lambda d: _several(d, min_last=2), complex=True),
    *(
        Sample(f, lambda d: _several(d, twice=True), complex=True)
        for f in (np.fft.fftn, np.fft.ifftn)
    ),
    Sample(np.fft.rfftn, lambda d: _several(d, twice=True)),
    Sample(np.fft.irfftn, lambda d: _several(d, twice=True, min_last=2), complex=True),
    Sample(np.fft.fft2, _pair, complex=True),
    Sample(np.fft.ifft2, _pair, complex=True),
    Sample(np.fft.rfft2, _pair),
    Sample(np.fft.irfft2, lambda d: _pair(d, 2), complex=True),
    Sample(np.fft.fftshift, _shifted, complex=True),
    Sample(np.fft.ifftshift, _shifted, complex=True),
]
