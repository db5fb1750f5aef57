"""What the rows of `dualad.rules.updates` are tried on: a copy of the first argument is updated."""

import numpy as np

from dualad.rules.updates import added_at
from dualad.testing.samples.base import Call, Draws, Sample


def _put(d: Draws) -> Call:
    """Return an array, flat indices, and values, fewer or more."""
    x = d.array(min_ndim=1, min_side=1)
    count = d.integer(0, 4)
    mode = d.choice(["raise", "wrap", "clip"])
    reach = x.size if mode == "raise" else 2 * x.size
    ind = d.rng.integers(-reach, reach, count)
    return Call(x, ind, d.array((d.integer(1, 4),)), mode=mode)


def _copyto(d: Draws) -> Call:
    """Return two arrays that broadcast, and a mask."""
    x = d.array()
    (y,) = [d.array(x.shape[d.integer(0, x.ndim) :])]
    return Call(x, y, where=d.choice([True, d.mask(x.shape)]))


def _fill_diagonal(d: Draws) -> Call:
    """Return a matrix, or a cube, and one or several values."""
    if d.boolean():
        x = d.array((d.integer(2, 3),) * 3)
    else:
        x = d.array((d.integer(1, 7), d.integer(1, 3)))
    return Call(x, d.choice([d.array(()), d.array((2,))]), wrap=d.boolean())


def _masked(d: Draws) -> Call:
    """Return an array, a mask, and values in turn."""
    x = d.array(min_ndim=1)
    return Call(x, d.mask(x.shape), d.array((d.integer(1, 3),)))


def _along(d: Draws) -> Call:
    """Return an array, indices along an axis without repeats, and values."""
    x = d.array(min_ndim=1, min_side=1, max_ndim=3)
    axis = d.axis(x)
    order = np.argsort(d.rng.random(x.shape), axis=axis)
    count = d.integer(1, x.shape[axis])
    indices = np.take(order, np.arange(count), axis=axis)
    return Call(x, indices, d.array(indices.shape), axis)


def _index(d: Draws, x: np.ndarray) -> object:
    """Return an index of the first axis, with repeats, or a slice."""
    if d.boolean():
        return slice(None, None, -1)
    return d.rng.integers(-x.shape[0], x.shape[0], d.integer(0, 4))


def _at(d: Draws, domain: str = "real") -> Call:
    """Return an array, an index, and an operand."""
    x = d.array(min_ndim=1, min_side=1, max_ndim=2, domain=domain)
    index = _index(d, x)
    shape = x[index].shape
    return Call(x, index, d.array(shape[d.integer(0, len(shape)) :], domain))


def _added_at(d: Draws) -> Call:
    """Return an array, values for places in it, and an index."""
    x = d.array(min_ndim=1, min_side=1, max_ndim=2)
    index = _index(d, x)
    return Call(x, d.array(x[index].shape), index)


def _at_alone(d: Draws, domain: str = "real") -> Call:
    """Return an array and an index."""
    x = d.array(min_ndim=1, min_side=1, max_ndim=2, domain=domain)
    return Call(x, _index(d, x))


SAMPLES = [
    Sample(added_at, _added_at, complex=True),
    Sample(np.put, _put, complex=True),
    Sample(np.put, lambda d: Call(np.array(d.array(())), [0, 0], d.array((2,)))),
    Sample(np.copyto, _copyto, complex=True),
    Sample(np.fill_diagonal, _fill_diagonal, complex=True),
    Sample(np.place, _masked, complex=True),
    Sample(np.putmask, _masked, complex=True),
    Sample(np.put_along_axis, _along, complex=True),
    Sample(np.add.at, _at, complex=True),
    Sample(np.subtract.at, _at, complex=True),
    Sample(np.multiply.at, _at, complex=True),
    Sample(np.divide.at, lambda d: _at(d, "positive"), complex=True),
    Sample(np.power.at, lambda d: _at(d, "positive")),
    Sample(np.maximum.at, lambda d: _at(d, "distinct")),
    Sample(np.minimum.at, lambda d: _at(d, "distinct")),
    Sample(np.negative.at, _at_alone, complex=True),
    Sample(np.square.at, lambda d: _at_alone(d, "unit"), complex=True),
    Sample(np.sqrt.at, lambda d: _at_alone(d, "above_one")),
    Sample(np.exp.at, lambda d: _at_alone(d, "unit"), complex=True),
    Sample(np.log.at, lambda d: Call(d.array(min_ndim=1, min_side=1, domain="positive"), [0])),
    Sample(np.absolute.at, lambda d: _at_alone(d, "nonzero")),
]
