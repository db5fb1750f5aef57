"""What the rows of `dualad.rules.tensors` are tried on."""

import warnings

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample


def _tensordot(d: Draws) -> Call:
    """Return a call of `tensordot` with each form of axes."""
    a, b = d.shape(0, 3), list(d.shape(0, 3))
    count = d.integer(0, min(len(a), len(b)))
    if d.boolean():
        b[:count] = a[len(a) - count :]
        return Call(d.array(a), d.array(tuple(b)), axes=count)
    ours, theirs = (d.rng.permutation(len(s))[:count].tolist() for s in (a, b))
    for i, j in zip(ours, theirs, strict=True):
        b[j] = a[i]
    if d.boolean():
        ours, theirs = [i - len(a) for i in ours], tuple(j - len(b) for j in theirs)
    axes = (ours[0], theirs[0]) if count == 1 and d.boolean() else (ours, theirs)
    return Call(d.array(a), d.array(tuple(b)), axes=axes)


def _cross(d: Draws) -> Call:
    """Return a call of `cross` on stacks of vectors, along some axes."""
    shapes = [list(d.choice(((), (2,), (4, 2), (4, 1)))), list(d.choice(((), (2,), (1, 2))))]
    axes = [d.integer(-1 - len(shape), len(shape)) for shape in shapes]
    for shape, axis in zip(shapes, axes, strict=True):
        shape.insert(axis % (len(shape) + 1), 3)
    ndim = max(map(len, shapes))
    a, b = (d.array(tuple(shape)) for shape in shapes)
    return Call(a, b, axisa=axes[0], axisb=axes[1], axisc=d.integer(-ndim, ndim - 1))


def _planar(d: Draws) -> Call:
    """Return a call of `cross` with vectors of two components, which NumPy 2.5 refuses."""
    warnings.filterwarnings("ignore", "Arrays of 2-dimensional vectors", DeprecationWarning)
    sides = d.choice(((2, 2), (2, 3), (3, 2)))
    return Call(*[d.array((*d.choice(((), (4,), (1,))), n)) for n in sides])


def _same_axis(d: Draws) -> Call:
    """Return a call of `cross` along the same axis of both operands."""
    shape = d.shape(1, 3)
    axis = d.integer(-len(shape), len(shape) - 1)
    shape = tuple(3 if k == axis % len(shape) else n for k, n in enumerate(shape))
    return Call(d.array(shape), d.array(shape), axis=axis)


SAMPLES = [
    Sample(np.tensordot, _tensordot, complex=True),
    Sample(np.linalg.tensordot, _tensordot, complex=True),
    Sample(np.outer, lambda d: Call(d.array(max_ndim=2), d.array(max_ndim=2)), complex=True),
    Sample(
        np.linalg.outer,
        lambda d: Call(d.array(d.shape(1, 1)), d.array(d.shape(1, 1))),
        complex=True,
    ),
    Sample(np.kron, lambda d: Call(d.array(max_ndim=3), d.array(max_ndim=2)), complex=True),
    Sample(np.kron, lambda d: Call(d.array(max_ndim=1), d.array(max_ndim=3)), complex=True),
    Sample(np.cross, _cross, complex=True),
    Sample(np.cross, _same_axis, complex=True),
    Sample(np.linalg.cross, _same_axis, complex=True),
]

if np.lib.NumpyVersion(np.__version__) < "2.5.0":
    SAMPLES.append(Sample(np.cross, _planar, complex=True))
