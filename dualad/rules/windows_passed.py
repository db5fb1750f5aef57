"""How dependence passes through scans, windows and filters; see `dualad.rules.dependence`."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dualad.core.tracer import shape_of
from dualad.rules.passages import Call, factor, mixed_along, reduced
from dualad.rules.unions import Sets, Unions

Passage = Callable[[Call], Sets]
MOST = 10_000_000  # elements of windows up to which zeros in these are made use of


def up_to(unions: Unions, sets: Sets) -> Sets:
    """Return the unions of all elements up to each, along the last axis.

    Those up to each second one are found from pairs, and so all of `n` by `2 n` unions.
    """
    n = sets.shape[-1]
    if n < 2:
        return sets
    ends = up_to(unions, unions.elementwise(sets[..., : n - n % 2 : 2], sets[..., 1::2]))
    found = np.array(sets)
    found[..., 1::2] = ends
    found[..., 2::2] = unions.elementwise(ends[..., : (n - 1) // 2], sets[..., 2::2])
    return found


def scanned(position: int, default: Any) -> Passage:
    """Return the passage of a function by whose results each one depends on those before it."""

    def passage(call: Call) -> Sets:
        axis = call.parameter(position, "axis", default)
        sets = call.sets[0]
        if axis is None or not sets.ndim:
            axis, sets = -1, np.ravel(sets)
        return np.moveaxis(up_to(call.unions, np.moveaxis(sets, axis, -1)), -1, axis)

    return passage


def along_last(behind: int) -> Passage:
    """Return the passage of a function that mixes along an axis, counted from the last one."""
    return lambda call: mixed_along(call, call.sets[0], {call.sets[0].ndim - 1 - behind})


def splined(call: Call) -> Sets:
    """Coefficients of a spline depend on their line; those of degree 0 and 1 are the elements."""
    _, order, axis, _ = call.args
    sets = call.sets[0]
    return sets if order < 2 else mixed_along(call, sets, {axis % sets.ndim})


def _boxes(unions: Unions, sets: Sets, size: int) -> Sets:
    """Return the union of each window along the last axis, in steps that double."""
    width = 1
    while width < size:
        step = min(width, size - width)
        sets = unions.elementwise(sets[..., : sets.shape[-1] - step], sets[..., step:])
        width += step
    return sets


def windows(unions: Unions, sets: Sets, there: Any) -> Sets:
    """Return the union over each window of the last axes: of what it shows where `there` holds."""
    chosen = range(-there.ndim, 0)
    if sets.size * np.count_nonzero(there) > MOST:
        for axis, size in zip(chosen, there.shape, strict=True):
            sets = np.moveaxis(_boxes(unions, np.moveaxis(sets, axis, -1), size), -1, axis)
        return sets
    views = sliding_window_view(sets, there.shape, tuple(chosen))[..., there]
    shape, size = views.shape[:-1], prod(views.shape[:-1])
    groups = np.broadcast_to(np.arange(size).reshape((*shape, 1)), views.shape)
    return unions.grouped(views, groups, size).reshape(shape)


def slid(call: Call) -> Sets:
    """A sum over a window depends on what the window shows, and on all of its own elements."""
    ndim, shares = call.args[2], []
    extra = len(shape_of(call.args[1])) - ndim
    if 0 in call.sets:
        w = factor(call, 1)
        size = shape_of(call.args[1])[extra:]
        there = np.ones(size, bool) if w is None else np.any(w != 0, tuple(range(extra)))
        shares.append(windows(call.unions, call.sets[0], there))
    if 1 in call.sets:
        axes = range(-ndim, 0)
        own = reduced(call, call.sets[1], *axes)
        batch = len(call.shape) - own.ndim
        shares.append(own.reshape((*own.shape[:extra], *(1,) * (batch + ndim))))
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


def convolved(call: Call) -> Sets:
    """An element of a convolution depends on the pairs whose places add up to its own."""
    mode, shapes = call.parameter(2, "mode", "full"), [shape_of(x) for x in call.args[:2]]
    if not shapes[0] or not all(shapes[0] + shapes[1]):
        return None
    shares = []
    for i, sets in call.sets.items():
        other = factor(call, 1 - i)
        there = np.ones(shapes[1 - i], bool) if other is None else other != 0
        padded = np.pad(sets, [(m - 1, m - 1) for m in there.shape])
        share = windows(call.unions, padded, np.flip(there))
        for axis, sides in enumerate(zip(*shapes, strict=True)):
            n, m = sides
            start = {"full": 0, "same": (m - 1) // 2, "valid": min(n, m) - 1}[mode]
            share = np.take(share, np.arange(start, start + call.shape[axis]), axis)
        shares.append(share)
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


def filtered(call: Call) -> Sets:
    """An element depends on signal and coefficients up to its place; without feedback, on few."""
    n, shares = call.shape[-1], []
    b, a = factor(call, 0), factor(call, 1)
    if 2 in call.sets:
        sets = call.sets[2]
        if np.any(a[1:]) if a is not None else shape_of(call.args[1])[0] > 1:
            shares.append(up_to(call.unions, sets))
        else:
            there = np.ones(shape_of(call.args[0]), bool) if b is None else b != 0
            before = [(0, 0)] * (sets.ndim - 1) + [(len(there) - 1, 0)]
            shares.append(windows(call.unions, np.pad(sets, before), there[::-1]))
    for i in (0, 1):
        if i in call.sets:
            found = up_to(call.unions, call.sets[i])
            shares.append(found[np.minimum(np.arange(n), len(found) - 1)])
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


def resampled(call: Call) -> Sets:
    """An element depends on the taps that meet elements of the signal, and on these."""
    up, down = call.args[2:]
    (taps,), (*lead, n), count = shape_of(call.args[0]), shape_of(call.args[1]), call.shape[-1]
    start = np.arange(count)[:, None] * down
    step = np.arange(-(-taps // up))
    tap, place = start % up + up * step, start // up - step
    there = (tap < taps) & (place >= 0) & (place < n)
    out = np.broadcast_to(np.arange(count)[:, None], there.shape)[there]
    tap, place, shares = tap[there], place[there], []
    h, x = factor(call, 0), factor(call, 1)
    if 0 in call.sets:
        kept = slice(None) if x is None else np.any(x != 0, tuple(range(x.ndim - 1)))[place]
        shares.append(call.unions.grouped(call.sets[0][tap[kept]], out[kept], count))
    if 1 in call.sets:
        kept = slice(None) if h is None else h[tap] != 0
        lines = np.reshape(call.sets[1], (-1, n))[:, place[kept]]
        groups = np.arange(len(lines))[:, None] * count + out[kept]
        found = call.unions.grouped(lines, groups, len(lines) * count)
        shares.append(found.reshape((*lead, count)))
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)
