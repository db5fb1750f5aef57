"""What the rows of `dualad.rules.calculus` are tried on."""

from typing import Any

import numpy as np

from dualad.rules.calculus import i1
from dualad.testing.samples.base import Call, Draws, Sample, Shape


def _layer(d: Draws, shape: Shape, axis: int) -> Any:
    """Return what may be put beside an array of some shape: a number, or layers along an axis."""
    layers = list(shape)
    layers[axis] = d.integer(0, 2)
    return d.choice([1.5, d.array(()), d.array(tuple(layers))])


def _diff(d: Draws) -> Any:
    """Return an array, an order, an axis, and what is put before and behind."""
    x = d.array(min_ndim=1)
    axis = d.axis(x)
    n = d.integer(0, 3)
    edges = {name: _layer(d, x.shape, axis) for name in ("prepend", "append") if d.boolean()}
    return d.choice([Call(x), Call(x, n, axis, **edges), Call(x, n=1, axis=axis, **edges)])


def _ediff1d(d: Draws) -> Any:
    """Return an array, and what is put behind and before its differences."""
    x = d.array()
    end, begin = (d.choice([None, 1.5, d.array(max_ndim=2)]) for _ in range(2))
    return d.choice([Call(x), Call(x, end, begin), Call(x, to_begin=begin)])


def _coordinates(d: Draws, n: int) -> Any:
    """Return `n` coordinates, rising, well apart."""
    return d.laid_out(np.cumsum(d.rng.uniform(0.5, 1.5, n)).astype(d.dtype))


def _spacing(d: Draws, n: int) -> Any:
    """Return a step, or coordinates; plain ones may be evenly spaced."""
    even = np.arange(n) * 2 if d.dtype == float else np.arange(n, dtype=d.dtype)
    return d.choice([0.5, d.array((), "positive"), _coordinates(d, n), 2, even])


def _gradient(d: Draws) -> Call:
    """Return an array, spacings, axes, and the order at the edges."""
    order = d.integer(1, 2)
    f = d.array(None, min_ndim=1, max_ndim=3, min_side=order + 1, max_side=4)
    axes = d.choice([None, d.axis(f), tuple(range(f.ndim))[:: d.choice((1, -1))], (d.axis(f),)])
    chosen = range(f.ndim) if axes is None else np.atleast_1d(axes)
    spacings = [_spacing(d, f.shape[axis]) for axis in chosen]
    some = d.choice([(), (d.array((), "positive"),), spacings])
    return Call(f, *some, axis=axes, edge_order=order)


def _even(d: Draws) -> Call:
    """Return an array and coordinates with even steps, whose derivatives differ all the same."""
    f = d.array(min_ndim=1, max_ndim=2, min_side=3, max_side=4)
    return Call(f, np.arange(f.shape[0], dtype=d.dtype) / 2, axis=0, edge_order=d.integer(1, 2))


def _trapezoid(d: Draws) -> Any:
    """Return values, and coordinates, of one axis or of all, or a step."""
    y = d.array(min_ndim=1)
    axis = d.axis(y)
    calls = [
        Call(y),
        Call(y, None, 0.5, axis),
        Call(y, d.array((y.shape[axis],)), axis=axis),
        Call(y, d.array(y.shape), axis=axis),
        Call(y, dx=d.array(()), axis=axis),
    ]
    return d.choice(calls)


def _between(d: Draws, xp: Any) -> Any:
    """Return values at least 0.2 from knots that are 1 apart, some of them beyond all."""
    pieces = d.rng.integers(-1, len(xp), d.shape())
    return d.laid_out(np.asarray(xp[0] + pieces + d.rng.uniform(0.3, 0.7, pieces.shape), d.dtype))


def _knots(d: Draws) -> Any:
    """Return knots about 1 apart."""
    n = d.integer(1, 5)
    return np.asarray(np.arange(n) + d.rng.uniform(-0.05, 0.05, n) - 1, d.dtype)


def _interp(d: Draws) -> Any:
    """Return where to interpolate, knots, values there, and values beyond."""
    xp = _knots(d)
    x, fp = _between(d, xp), d.array(xp.shape)
    calls = [
        Call(x, xp, fp),
        Call(x, d.laid_out(xp), fp, 1.5, None),
        Call(x, xp, fp, left=None, right=d.array(())),
        Call(x, xp, fp, d.array(()), -2),
    ]
    return d.choice(calls)


def _interp_complex(d: Draws) -> Call:
    """Return where to interpolate complex values."""
    xp = _knots(d)
    fp = d.array(xp.shape)
    return Call(_between(d, xp), xp, fp + 1j * d.array(xp.shape), *d.choice([(), (1j, 2.0)]))


def _interp_periodic(d: Draws) -> Call:
    """Return where to interpolate a periodic function."""
    xp = _knots(d)
    x = d.laid_out(np.asarray(_between(d, xp) + d.rng.integers(-2, 3) * (len(xp) + 1), d.dtype))
    order = d.rng.permutation(len(xp))
    return Call(x, xp[order], d.array(xp.shape), period=d.choice([1.0, -1.0]) * (len(xp) + 1))


def _unwrap(d: Draws) -> Call:
    """Return angles, at neighbors not half a period apart, and from which step on they jump."""
    shape = d.shape(min_ndim=1, max_side=4)
    axis = d.integer(-len(shape), len(shape) - 1)
    period = d.choice((2 * np.pi, 3.0))
    steps = d.rng.integers(-3, 4, shape) + d.rng.uniform(-0.35, 0.35, shape)
    p = d.laid_out(np.cumsum(period * steps, axis).astype(d.dtype))
    return Call(p, d.choice([None, 1.5 * period]), axis, period=period)


SAMPLES = [
    Sample(np.diff, _diff, complex=True),
    Sample(np.ediff1d, _ediff1d, complex=True),
    Sample(np.gradient, _gradient),
    Sample(np.gradient, _even),
    Sample(np.gradient, lambda d: Call(d.array((3, 4)), 0.5, axis=d.integer(0, 1)), complex=True),
    Sample(np.trapezoid, _trapezoid, complex=True),
    Sample(np.interp, _interp, fixed=(3, 4, "right")),
    Sample(np.interp, _interp_complex),
    Sample(np.interp, _interp_periodic),
    Sample(np.unwrap, _unwrap),
    Sample(np.i0, lambda d: Call(d.array())),
    Sample(i1, lambda d: Call(d.array())),
]
