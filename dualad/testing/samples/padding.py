"""What the rows of `dualad.rules.padding` are tried on."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dualad.rules.padding import overlapped
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.creation import Together

DICTS = np.lib.NumpyVersion(np.__version__) >= "2.4.0.dev0"  # as a form of the widths


def _widths(d: Draws, ndim: int, most: int = 3) -> Any:
    """Return widths for all axes, in one of the forms that `np.pad` takes."""
    each = [(d.integer(0, most), d.integer(0, most)) for _ in range(ndim)]
    forms = [d.integer(0, most), (d.integer(0, most),), (d.integer(0, 2), d.integer(0, most)),
             [[1, d.integer(0, most)]], np.array(d.integer(0, most))]  # fmt: skip
    if ndim:
        forms += [each, np.array(each)]
    if ndim and DICTS:
        forms += [{-1: d.integer(0, most)}, {0: each[0]}]
    return d.choice(forms)


def _pad(d: Draws) -> Any:
    """Return an array to be padded with constants, or with nothing in particular."""
    x = d.array(max_ndim=3)
    widths = _widths(d, x.ndim)
    values = d.choice([2, 0.5, (1, 2), [[1.5, 2.5]]])
    return d.choice([Call(x, widths), Call(x, widths, "constant", constant_values=values),
                     Call(x, pad_width=widths, mode="constant")])  # fmt: skip


def _pad_traced(d: Draws) -> Call:
    """Return an array to be padded with, or toward, values of which some are traced, too."""
    mode, option = d.choice([("constant", "constant_values"), ("linear_ramp", "end_values")])
    widths, kind = _widths(d, 2), d.integer(0, 3)

    def call(x: Any) -> Call:
        values = [x[2], x[0, 0], [x[2, 0], 1.0], x[1:]][kind]
        return Call(x[:2], widths, mode, **{option: values})

    return Together(call, d.array((3, 2)))


def _pad_itself(d: Draws) -> Call:
    """Return an array to be padded with its own elements."""
    x = d.array(max_ndim=3, min_side=1)
    mode = d.choice(["edge", "wrap", "reflect", "symmetric"])
    widths = _widths(d, x.ndim, 7 if x.ndim < 2 else 3)
    if mode in ("edge", "wrap") or d.boolean():
        return Call(x, widths, mode)
    return Call(x, widths, mode, reflect_type=d.choice(["odd", "even"]))


def _pad_ramps(d: Draws) -> Any:
    """Return an array to be padded with ramps."""
    x = d.array(max_ndim=3, min_side=1)
    widths = _widths(d, x.ndim)
    values = d.choice([2, (0.5, -1), [[1, 2]]])
    return d.choice(
        [Call(x, widths, "linear_ramp"), Call(x, widths, "linear_ramp", end_values=values)]
    )


def _pad_statistics(d: Draws) -> Any:
    """Return an array to be padded with statistics of it."""
    x = d.array(None, "distinct", max_ndim=3, min_side=1)
    mode = d.choice(["mean", "maximum", "minimum", "median"])
    widths = _widths(d, x.ndim, 2)
    lengths = d.choice([None, 1, 2, (1, 3), [[2, 1]]])
    return d.choice([Call(x, widths, mode), Call(x, widths, mode, stat_length=lengths)])


def _tile(d: Draws) -> Call:
    """Return an array, and how often it is repeated along each axis."""
    x = d.array(max_ndim=3)
    reps = [d.integer(0, 2) + (i == 0) for i in range(d.integer(0, 4))]
    return Call(x, d.choice([tuple(reps), reps, d.integer(0, 3), np.array(reps, int)]))


def _repeat(d: Draws) -> Any:
    """Return an array, how often each of its elements is repeated, and along which axis."""
    x = d.array()
    axis = d.axis(x) if x.ndim and d.boolean() else None
    size = x.size if axis is None else x.shape[axis]
    each = [d.integer(0, 3) for _ in range(size)]
    repeats = d.choice([d.integer(0, 3), [d.integer(0, 2)], each, np.array(each, int)])
    return d.choice([Call(x, repeats, axis), Call(x, repeats=repeats, axis=axis)])


def _resize(d: Draws) -> Call:
    """Return an array, and a shape of any size."""
    x, shape = d.array(max_ndim=3), d.shape(max_ndim=3)
    return Call(x, d.choice([shape, list(shape), d.integer(0, 20)]))


def _roll(d: Draws) -> Any:
    """Return an array, how far its elements are shifted, and along which axes."""
    x = d.array()
    shift = d.integer(-4, 4)
    if not x.ndim or d.boolean():
        return d.choice([Call(x, shift), Call(x, (1, shift)), Call(x, shift, axis=None)])
    axes = [d.axis(x), d.axis(x)]
    return d.choice([Call(x, shift, axes[0]), Call(x, (shift, 1), tuple(axes)),
                     Call(x, shift, axis=axes), Call(x, [shift, 2], axes[0])])  # fmt: skip


def _windows(d: Draws) -> Call:
    """Return an array, and the lengths of windows that slide over it, along some axes."""
    x = d.array(max_ndim=3, max_side=4)
    if not x.ndim or d.boolean():
        return Call(x, tuple(d.integer(0, side) for side in x.shape))
    axis = d.axis(x)
    length = d.integer(0, x.shape[axis])
    if length == 0 or d.boolean():
        return Call(x, length, axis=axis)
    return Call(x, (length, d.integer(1, x.shape[axis] - length + 1)), (axis, axis))


def _overlapped(d: Draws) -> Call:
    """Return windows, and along which axis they are to be summed."""
    windows = d.array(min_ndim=2, min_side=1, max_side=4)
    return Call(windows, -d.integer(2, windows.ndim))


SAMPLES = [
    Sample(np.pad, _pad, complex=True),
    Sample(np.pad, _pad_traced, complex=True),
    Sample(np.pad, _pad_itself, complex=True),
    Sample(np.pad, _pad_ramps, complex=True),
    Sample(np.pad, _pad_statistics),
    Sample(np.pad, lambda d: Call(d.array((2,)), 0, "empty"), complex=True),
    Sample(np.tile, _tile, complex=True),
    Sample(np.repeat, _repeat, complex=True),
    Sample(np.resize, _resize, complex=True),
    Sample(np.resize, lambda d: Call(d.array((0, 2)), d.choice([(2, 3), 0])), complex=True),
    Sample(np.roll, _roll, complex=True),
    Sample(sliding_window_view, _windows, complex=True),
    Sample(overlapped, _overlapped, complex=True),
]
