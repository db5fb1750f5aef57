"""What the rows of `dualad.rules.likes` are tried on."""

import os
from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.creation import Together


def _shaped(d: Draws) -> Call:
    """Return a shape and a dtype."""
    return Call(d.choice([3, (2, 0), ()]), d.choice([float, int, d.dtype]), like=d.array((2,)))


def _full(d: Draws) -> Call:
    """Return a shape and a value, traced, that fills it."""
    shape, part = d.choice([(2, 3), (3,), 4]), d.choice([0, slice(1)])
    return Together(lambda x: Call(shape, x[part], like=x), d.array((3,)))


def _square(d: Draws) -> Call:
    """Return the size of a matrix."""
    return Call(d.integer(0, 3), like=d.array((2,)))


def _array(d: Draws) -> Call:
    """Return an array, or lists of arrays, of one shape, or of numbers."""
    build = d.choice([
        lambda x: x,
        lambda x: [x, x * 2],
        lambda x: [[x[0], 1.0], (x[1], x[2])],
        lambda x: [x[0], x[1] * x[2], 3],
        lambda x: x[0],
    ])  # fmt: skip
    named: dict[str, Any] = d.choice([{}, {"dtype": np.result_type(d.dtype, np.float64)}])
    return Together(lambda x: Call(build(x), like=x, **named), d.array((3,)))


def _whole(d: Draws) -> Call:
    """Return an array, or a number, with axes ahead, as a copy or not."""
    named = {"ndmin": d.integer(0, 3), "copy": d.choice([True, None])}
    part = d.choice([slice(None), 0])
    return Together(lambda x: Call(x[part], like=x, **named), d.array((3,)))


def _arange(d: Draws) -> Call:
    """Return the ends of a range and a step, each of which may be traced."""
    build = d.choice([
        lambda x: (x[0] + 3.0,),
        lambda x: (x[0], 6.5),
        lambda x: (x[0], 7 + x[1], 1.5),
        lambda x: (1, 8.4, x[2] + 2.0),
    ])  # fmt: skip
    near = np.clip(np.asarray(d.array((3,))), -1, 1) * 0.05 + 0.25  # where the count is the same
    return Together(lambda x: Call(*build(x), like=x), near)


SAMPLES = [
    *[Sample(f, _shaped, complex=True) for f in (np.zeros, np.ones)],
    Sample(np.empty, lambda d: Call((2, 0), like=d.array((2,)))),
    *[Sample(f, _square, complex=True) for f in (np.eye, np.identity, np.tri)],
    Sample(np.full, _full, complex=True),
    Sample(np.arange, _arange, float32=False, reason="NumPy counts in another dtype"),
    *[Sample(f, _array, complex=True) for f in (np.array, np.asarray, np.asanyarray)],
    Sample(np.array, _whole, complex=True),
    *[Sample(f, _array, complex=True) for f in (np.ascontiguousarray, np.asfortranarray)],
    Sample(np.require, _array, complex=True),
    Sample(np.fromiter, lambda d: Together(lambda x: Call([x[0], 1, x[1] * x[0]], x.dtype, like=x),
                                           d.array((2,)))),
    Sample(np.fromiter, lambda d: Call([1.0, 2.0], float, like=d.array((2,)))),
    Sample(np.frombuffer, lambda d: Call(b"12345678", like=d.array((2,)))),
    Sample(np.fromstring, lambda d: Call("1 2", sep=" ", like=d.array((2,)))),
    Sample(np.fromfile, lambda d: Call(os.devnull, like=d.array((2,)))),
    Sample(np.loadtxt, lambda d: Call(["1 2"], like=d.array((2,)))),
    Sample(np.genfromtxt, lambda d: Call(["1 2"], like=d.array((2,)))),
]  # fmt: skip
