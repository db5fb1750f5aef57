"""`scipy.signal`: linear filters, convolutions, and medians.

Other functions of `scipy.signal` are written with these, and differentiate when they are lifted.
"""

import inspect
from typing import Any

import numpy as np
from scipy import signal

from dualad.core.dispatch import dispatching
from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import each_direction, lead
from dualad.rules.joining import as_array, in_dtype
from dualad.rules.kinds import composite, general, multilinear
from dualad.rules.matrices import is_complex
from dualad.rules.sliding import continued, sliding
from dualad.rules.standing import by_programs, named, settled_as

# Recursive filters


@dispatching
def filtered(b: Any, a: Any, x: Any) -> Any:
    """Return signals filtered along the last axis, as by `scipy.signal.lfilter`."""
    if not x.size:
        return np.zeros(x.shape, np.result_type(b, a, x))
    return signal.lfilter(b, a, x)


def _taps(ct: Any, y: Any, b: Any, signals: Any) -> Any:
    """Return ``sum_n ct[n] signals[n - k]`` for all k of a filter's coefficients."""
    count, sides = shape_of(b)[0], len(shape_of(signals))
    found = sliding(continued(signals, -1, count - 1, 0, "constant"), ct, sides)
    return in_dtype(np.reshape(found, (*lead(ct, y), count))[..., ::-1], found.dtype)


def _without_numerator(a: Any, x: Any) -> Any:
    """Return signals filtered by the denominator alone."""
    return filtered(np.ones(1, strip(a).dtype), a, x)


_FILTERED = general(
    filtered,
    [
        lambda t, y, b, a, x: each_direction(lambda part: filtered(part, a, x), t, lead(t, b)),
        lambda t, y, b, a, x: -each_direction(lambda part: filtered(part, a, y), t, lead(t, a)),
        lambda t, y, b, a, x: filtered(b, a, t),
    ],
    [
        lambda ct, y, b, a, x: _taps(ct, y, b, _without_numerator(a, x)),
        lambda ct, y, b, a, x: -_taps(ct, y, a, _without_numerator(a, y)),
        lambda ct, y, b, a, x: filtered(b, a, ct[..., ::-1])[..., ::-1],
    ],
)


def _with_state(b: Any, a: Any, x: Any, state: Any) -> tuple[Any, Any]:
    """Return signals filtered along the last axis, and the state of the filter at the end.

    A filter answers a state with the state's numbers, filtered by the denominator; so the
    state at the end follows from the answer to zeros thereafter.
    """
    order = shape_of(state)[-1]
    y = filtered(b, a, continued(x, -1, 0, order, "constant"))
    a = a / a[0]
    y = y + _without_numerator(a, continued(state, -1, 0, shape_of(x)[-1], "constant"))
    length = shape_of(x)[-1]
    rest = filtered(a, np.ones(1, strip(a).dtype), y[..., length:])
    return y[..., :length], rest


def _arrays(*values: Any) -> list[Any]:
    """Return values as arrays, of one axis at least."""
    return [np.atleast_1d(as_array(value)) for value in values]


def _lfilter(b: Any, a: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
    """Return signals filtered along an axis."""
    b, a, x = _arrays(b, a, x)
    if zi is None:
        signal.lfilter(*strip((b, a)), np.zeros(shape_of(x), strip(x).dtype), axis)  # raises
        return np.moveaxis(filtered(b, a, np.moveaxis(x, axis, -1)), -1, axis)
    plain = signal.lfilter(*strip((b, a, x, axis, zi)))
    order = max(shape_of(a)[0], shape_of(b)[0]) - 1
    x = np.moveaxis(x, axis, -1)
    state = np.moveaxis(as_array(zi), axis, -1)
    found = _with_state(b, a, x, np.broadcast_to(state, (*shape_of(x)[:-1], order)))
    found = tuple(np.moveaxis(part, -1, axis) for part in found)
    return settled_as(plain, found, "scipy.signal.lfilter", "an unstable filter")


def _lfilter_zi(b: Any, a: Any) -> Any:
    """Return the state of a filter whose answer to ones is steady."""
    b, a = _arrays(b, a)
    plain = signal.lfilter_zi(*strip((b, a)))
    a = a[int(np.flatnonzero(strip(a))[0]) :]
    order = len(plain)
    b, a = (
        continued(part / a[0], -1, 0, order + 1 - shape_of(part)[0], "constant") for part in (b, a)
    )
    system = np.eye(order, dtype=plain.dtype) - np.eye(order, k=1, dtype=plain.dtype)
    system = system + a[1:, None] * (np.arange(order) == 0)
    right = b[1:] - a[1:] * b[0]
    if plain.dtype.char in "gG":  # LAPACK has no extended precision
        narrow = float if plain.dtype.char == "g" else complex
        system, right = system.astype(narrow), right.astype(narrow)
    found = np.linalg.solve(system, right)
    return settled_as(plain, found, "scipy.signal.lfilter_zi", "these coefficients")


def _sosfilt(sos: Any, x: Any, axis: Any = -1, zi: Any = None) -> Any:
    """Return signals filtered by one section after the other."""
    sos, x = as_array(sos), as_array(x)
    plain = signal.sosfilt(*strip((sos, x, axis, zi)))
    y, states = np.moveaxis(x, axis, -1), []
    for i, section in enumerate(sos):
        if zi is None:
            y = filtered(section[:3], section[3:], y)
        else:
            y, state = _with_state(
                section[:3], section[3:], y, np.moveaxis(as_array(zi)[i], axis, -1)
            )
            states.append(np.moveaxis(state, -1, axis))
    y = np.moveaxis(y, -1, axis)
    found = y if zi is None else (y, np.stack(states))
    return settled_as(plain, found, "scipy.signal.sosfilt", "an unstable filter")


# Convolutions


convolve = named(signal.convolve, "signal")


def _share(ct: Any, y: Any, own: Any, other: Any, mode: Any, method: Any, first: bool) -> Any:
    """Return the share of one operand of a convolution, which is a convolution."""
    sizes, others = shape_of(own), shape_of(other)
    leading, backward = lead(ct, y), other[(slice(None, None, -1),) * len(others)]
    if not sizes:
        return ct * other
    inputs = sizes if first else others
    kernels = others if first else sizes
    for axis, (n, m) in enumerate(zip(inputs, kernels, strict=True), -len(sizes)):
        before = 0 if mode == "full" else (m - 1) // 2 if mode == "same" else min(n, m) - 1
        ct = continued(ct, axis, before, n + m - 1 - before - shape_of(ct)[axis], "constant")
    return each_direction(lambda part: convolve(part, backward, "valid", method), ct, leading)


_CONVOLVE = multilinear(
    convolve,
    lambda ct, y, in1, in2, mode="full", method="auto": _share(ct, y, in1, in2, mode, method, True),
    lambda ct, y, in1, in2, mode="full", method="auto": _share(
        ct, y, in2, in1, mode, method, False
    ),
)


def _flipped(x: Any) -> Any:
    """Return the conjugate of an array, backward along all axes."""
    x = x[(slice(None, None, -1),) * len(shape_of(x))]
    return np.conj(x) if is_complex(x) else x


def _correlate(in1: Any, in2: Any, mode: Any = "full", method: Any = "auto") -> Any:
    """Return a correlation."""
    in1, in2 = as_array(in1), as_array(in2)
    plain = signal.correlate(*strip((in1, in2)), mode, method)
    found = convolve(in1, _flipped(in2), mode, method)
    return settled_as(plain, found, "scipy.signal.correlate", f"mode={mode!r} of these shapes")


PADDING = {"fill": "constant", "pad": "constant", "wrap": "wrap", "circular": "wrap",
           "symm": "symmetric", "symmetric": "symmetric"}  # fmt: skip


def _in_plane(x: Any, w: Any, flip: bool, mode: Any, boundary: Any, fill: Any) -> Any:
    """Return the convolution, or correlation, over the last two axes; `x` is the larger one."""
    for axis, m in ((-2, shape_of(w)[-2]), (-1, shape_of(w)[-1])):
        half = m // 2 if flip else (m - 1) // 2
        before, both = {"full": (m - 1, 2 * m - 2), "same": (half, m - 1), "valid": (0, 0)}[mode]
        x = continued(x, axis, before, both - before, PADDING[boundary], fill)
    return sliding(x, w[..., ::-1, ::-1] if flip else w, 2)


@dispatching
def planes(x: Any, w: Any, flip: bool, mode: Any, boundary: Any, fill: Any) -> Any:
    """Return a convolution, or correlation, of planes, of which the first is the larger one."""
    if flip:
        return signal.convolve2d(x, w, mode, boundary, fill)
    return signal.correlate2d(x, np.conj(w), mode, boundary, fill)


_PLANES = by_programs(
    planes,
    _in_plane,
    lambda t, w, flip, mode, boundary, fill: _in_plane(t, w, flip, mode, boundary, 0),
)


def _of_planes(function: Any, flip: bool) -> Any:
    """Return a convolution, or correlation, of two axes."""

    def body(in1: Any, in2: Any, mode: Any = "full", boundary: Any = "fill",
             fillvalue: Any = 0) -> Any:  # fmt: skip
        in1, in2 = as_array(in1), as_array(in2)
        kinds = [np.zeros(shape_of(x), strip(x).dtype) for x in (in1, in2)]
        function(*kinds, mode, boundary, fillvalue)  # raises
        pairs = zip(shape_of(in1), shape_of(in2), strict=True)
        swapped = mode == "valid" and any(m > n for n, m in pairs)
        x, w = (in2, in1) if swapped else (in1, in2)
        y = planes(
            x, np.conj(w) if not flip and is_complex(w) else w, flip, mode, boundary, fillvalue
        )
        return y[::-1, ::-1] if swapped and not flip else y

    return body


# Changes of the rate


@dispatching
def at_rates(h: Any, x: Any, up: int, down: int) -> Any:
    """Return `scipy.signal.upfirdn`, along the last axis."""
    return signal.upfirdn(h, x, up, down)


def _apart(x: Any, step: int) -> Any:
    """Return elements with zeros between them."""
    shape = shape_of(x)
    wide = np.concatenate([x[..., None], np.zeros((*shape, step - 1), strip(x).dtype)], -1)
    return np.reshape(wide, (*shape[:-1], shape[-1] * step))[..., : (shape[-1] - 1) * step + 1]


def _by_taps(ct: Any, y: Any, h: Any, x: Any, up: int, down: int) -> Any:
    """Return the share of the taps: a correlation of both signals at the common rate."""
    count, x, window = shape_of(h)[0], _apart(x, up), _apart(ct, down)
    short = shape_of(window)[-1] - shape_of(x)[-1]
    x = continued(x, -1, count - 1, max(short, 0), "constant")
    window = continued(window, -1, 0, max(-short, 0), "constant")
    found = sliding(x, window, len(shape_of(x)))
    found = np.reshape(found, (*lead(ct, y), shape_of(found)[-1]))
    return found[..., :count][..., ::-1]


def _by_signal(ct: Any, y: Any, h: Any, x: Any, up: int, down: int) -> Any:
    """Return the share of the signal: the same with the rates exchanged, and the taps backward."""
    count, length = shape_of(h)[0], shape_of(x)[-1]
    first = -(-(count - 1) // up)
    h = continued(h[::-1], -1, first * up - count + 1, 0, "constant")
    found = at_rates(h, ct, down, up)[..., first : first + length]
    return continued(found, -1, 0, length - shape_of(found)[-1], "constant")


_AT_RATES = general(
    at_rates,
    [
        lambda t, y, h, x, up, down: each_direction(
            lambda part: at_rates(part, x, up, down), t, lead(t, h)
        ),
        lambda t, y, h, x, up, down: at_rates(h, t, up, down),
    ],
    [_by_taps, _by_signal],
)


def _upfirdn(h: Any, x: Any, up: Any = 1, down: Any = 1, axis: Any = -1, mode: Any = "constant",
             cval: Any = 0) -> Any:  # fmt: skip
    """Return signals with zeros put between elements, filtered, and thinned out."""
    if mode not in ("constant", None) or cval:
        raise UnsupportedParameterError("scipy.signal.upfirdn", f"mode={mode!r}", "np.pad before")
    h, x = as_array(h), as_array(x)
    signal.upfirdn(np.zeros(shape_of(h)), np.zeros(shape_of(x)), up, down, axis)  # raises
    y = at_rates(h, np.moveaxis(x, axis, -1), int(up), int(down))
    return np.moveaxis(y, -1, axis)


def _medians(input: Any, kernel_size: Any = 3) -> Any:
    """Return the median of the window around each element of a plane, zeros around it."""
    plain = signal.medfilt2d(strip(input), kernel_size)
    sides = [int(n) for n in np.broadcast_to(3 if kernel_size is None else kernel_size, (2,))]
    x = input
    for axis, n in zip((-2, -1), sides, strict=True):
        x = continued(x, axis, n // 2, n // 2, "constant")
    views = np.lib.stride_tricks.sliding_window_view(x, tuple(sides))
    found = np.median(np.reshape(views, (*shape_of(input), -1)), -1)
    return settled_as(plain, found, "scipy.signal.medfilt2d", "kernel_size")


_BODIES: dict[Any, Any] = {
    signal.lfilter: _lfilter,
    signal.lfilter_zi: _lfilter_zi,
    signal.sosfilt: _sosfilt,
    signal.correlate: _correlate,
    signal.convolve2d: _of_planes(signal.convolve2d, True),
    signal.correlate2d: _of_planes(signal.correlate2d, False),
    signal.upfirdn: _upfirdn,
    signal.medfilt2d: _medians,
}
ROWS = [
    _FILTERED, _CONVOLVE, _PLANES, _AT_RATES,
    *[composite(named(inspect.unwrap(f), "signal"), body) for f, body in _BODIES.items()],
]  # fmt: skip
