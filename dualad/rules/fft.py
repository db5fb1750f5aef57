"""Discrete Fourier transforms.

The matrix of a transform is symmetric, so a transform along an axis is its own transpose, but for
lengths: where the input was cropped or padded with zeros, the cotangent is padded or cropped.
The transforms from and to real sequences are each other's transpose, up to the weights of the
frequencies: one in the middle stands for its mirror image as well.
"""

from typing import Any

import numpy as np

from dualad.core.row import Row
from dualad.core.tracer import shape_of
from dualad.rules.directions import axis_from_end, trailing
from dualad.rules.kinds import composite, linear

Steps = list[tuple[int, int]]  # of a transform over several axes: axis from the end, points

OPPOSITE: dict[Any, Any] = {
    None: "forward",
    "backward": "forward",
    "ortho": "ortho",
    "forward": "backward",
}


def _resized(ct: Any, length: int, axis: int) -> Any:
    """Return `ct` cropped, or padded with zeros, to a length along an axis from the end."""
    shape = shape_of(ct)
    if shape[axis] >= length:
        rest = (slice(None),) * (-1 - axis)
        return ct if shape[axis] == length else ct[(..., slice(length), *rest)]
    missing = list(shape)
    missing[axis] = length - shape[axis]
    return np.concatenate([ct, np.zeros(missing, ct.dtype)], axis)


def _weighted(spectrum: Any, weight: float, n: int, axis: int) -> Any:
    """Return the spectrum of `n` real numbers, with its middle frequencies weighted."""
    weights = np.full(n // 2 + 1, weight, spectrum.real.dtype)
    weights[0] = 1
    if n % 2 == 0:
        weights[-1] = 1
    return spectrum * np.reshape(weights, (-1,) + (1,) * (-1 - axis))


def _complex_pull(ct: Any, shape: Any, steps: Steps, transform: Any, norm: Any) -> Any:
    """Return the transpose of steps of `fft` or `ifft`, applied in order to an array of `shape`."""
    lengths, undo = dict(enumerate(shape, -len(shape))), []
    for axis, n in steps:  # an axis may be transformed more than once
        undo.append((axis, lengths[axis]))
        lengths[axis] = n
    for axis, length in reversed(undo):
        ct = _resized(transform(ct, None, axis, norm), length, axis)
    return ct


def _real_pull(ct: Any, length: int, n: int, axis: int, norm: Any) -> Any:
    """Return the transpose of `rfft` to `n` points along an axis of some length."""
    spectrum = _weighted(np.conj(ct), 0.5, n, axis)
    return _resized(np.fft.irfft(spectrum, n, axis, OPPOSITE[norm]), length, axis)


def _hermitian_pull(ct: Any, length: int, axis: int, norm: Any) -> Any:
    """Return the transpose of `irfft` along an axis of some length."""
    spectrum = np.conj(np.fft.rfft(ct, None, axis, OPPOSITE[norm]))
    return _resized(_weighted(spectrum, 2, shape_of(ct)[axis], axis), length, axis)


def _as_operand(share: Any, a: Any) -> Any:
    """Return a share, real if the operand `a` is."""
    return share if a.dtype.kind == "c" else np.real(share)


def _one_axis(transform: Any) -> Row:
    """Return the row of `fft` or `ifft`."""

    def pull(ct: Any, y: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None,
             out: Any = None) -> Any:  # fmt: skip
        axis = trailing(axis, a.ndim)
        return _as_operand(_resized(transform(ct, None, axis, norm), a.shape[axis], axis), a)

    return linear(transform, pull, directions=axis_from_end)


def _rfft_pull(ct: Any, y: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None,
               out: Any = None) -> Any:  # fmt: skip
    """Return the transpose of `rfft`."""
    axis = trailing(axis, a.ndim)
    length = a.shape[axis]
    return _real_pull(ct, length, length if n is None else n, axis, norm)


def _irfft_pull(ct: Any, y: Any, a: Any, n: Any = None, axis: Any = -1, norm: Any = None,
                out: Any = None) -> Any:  # fmt: skip
    """Return the transpose of `irfft`."""
    axis = trailing(axis, a.ndim)
    return _as_operand(_hermitian_pull(ct, a.shape[axis], axis, norm), a)


def _axes(ndim: int, s: Any, axes: Any) -> tuple[int, ...]:
    """Return the axes of a transform over several, from the end: by default the last of all."""
    if axes is None:
        axes = range(-(ndim if s is None else len(s)), 0)
    return tuple(int(axis) % ndim - ndim for axis in axes)


def _steps(shape: Any, s: Any, axes: Any) -> Steps:
    """Return the axes and points of a transform over several axes, as NumPy understands them."""
    axes = _axes(len(shape), s, axes)
    points = [-1] * len(axes) if s is None else s
    return [(axis, shape[axis] if n is None or n == -1 else int(n))
            for axis, n in zip(axes, points, strict=True)]  # fmt: skip


def _several_axes(transform: Any, pull: Any) -> Row:
    """Return the row of a transform over several axes; ``pull(ct, a, s, axes, norm)``."""

    def push(t: Any, y: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None,
             out: Any = None) -> Any:  # fmt: skip
        return transform(t, s, _axes(len(shape_of(a)), s, axes), norm)

    def transpose(ct: Any, y: Any, a: Any, s: Any = None, axes: Any = None, norm: Any = None,
                  out: Any = None) -> Any:  # fmt: skip
        return pull(ct, a, s, axes, norm)

    return linear(transform, transpose, push=push)


def _fftn_pull(transform: Any) -> Any:
    """Return the transpose of `fftn` or `ifftn`, which go from the last axis to the first."""
    return lambda ct, a, s, axes, norm: _as_operand(
        _complex_pull(ct, a.shape, _steps(a.shape, s, axes)[::-1], transform, norm), a
    )


def _rfftn_pull(ct: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """Return the transpose of `rfftn`, which starts with the last axis by `rfft`."""
    *others, (axis, n) = _steps(a.shape, s, axes)
    between = list(a.shape)
    between[axis] = n // 2 + 1
    ct = _complex_pull(ct, between, others[::-1], np.fft.fft, norm)
    return _real_pull(ct, a.shape[axis], n, axis, norm)


def _irfftn_pull(ct: Any, a: Any, s: Any, axes: Any, norm: Any) -> Any:
    """Return the transpose of `irfftn`, which goes from the first axis to the last, by `irfft`."""
    *others, (axis, _) = _steps(a.shape, s, axes)
    ct = _hermitian_pull(ct, dict(others).get(axis, a.shape[axis]), axis, norm)
    return _as_operand(_complex_pull(ct, a.shape, others, np.fft.ifft, norm), a)


def _two_axes(transform: Any) -> Any:
    """Return a transform over two axes, as one over several."""

    def body(a: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, out: Any = None) -> Any:
        return transform(a, s, axes, norm, out=out)

    return body


def _hfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None, out: Any = None) -> Any:
    """Return the transform of a Hermitian sequence."""
    return np.fft.irfft(np.conj(a), n, axis, OPPOSITE.get(norm, norm), out=out)


def _ihfft(a: Any, n: Any = None, axis: Any = -1, norm: Any = None, out: Any = None) -> Any:
    """Return the inverse of `hfft`."""
    return np.conj(np.fft.rfft(a, n, axis, OPPOSITE.get(norm, norm), out=out))


def _shift(function: Any, inverse: Any) -> Row:
    """Return the row of a shift of the zero frequency."""
    return linear(
        function,
        lambda ct, y, x, axes=None: inverse(ct, trailing(axes, x.ndim)),
        push=lambda t, y, x, axes=None: function(t, trailing(axes, len(shape_of(x)))),
    )


ROWS = [
    _one_axis(np.fft.fft),
    _one_axis(np.fft.ifft),
    linear(np.fft.rfft, _rfft_pull, directions=axis_from_end),
    linear(np.fft.irfft, _irfft_pull, directions=axis_from_end),
    composite(np.fft.hfft, _hfft),
    composite(np.fft.ihfft, _ihfft),
    _several_axes(np.fft.fftn, _fftn_pull(np.fft.fft)),
    _several_axes(np.fft.ifftn, _fftn_pull(np.fft.ifft)),
    _several_axes(np.fft.rfftn, _rfftn_pull),
    _several_axes(np.fft.irfftn, _irfftn_pull),
    composite(np.fft.fft2, _two_axes(np.fft.fftn)),
    composite(np.fft.ifft2, _two_axes(np.fft.ifftn)),
    composite(np.fft.rfft2, _two_axes(np.fft.rfftn)),
    composite(np.fft.irfft2, _two_axes(np.fft.irfftn)),
    _shift(np.fft.fftshift, np.fft.ifftshift),
    _shift(np.fft.ifftshift, np.fft.fftshift),
]
