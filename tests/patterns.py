"""Patterns by brute force, and the samples of all rows: what the tests of sparsity share."""

import math

import numpy as np
import pytest

from dualad.core.row import name_of
from dualad.testing.samples import SAMPLES
from dualad.transforms.products import record
from dualad.transforms.seeds import sizes, unit_directions
from dualad.transforms.sparsity import pattern_of

RNG = np.random.default_rng(0)
ROWS = [
    pytest.param(sample, id=f"{subject}:{name_of(sample.function)}-{number}")
    for subject, samples in SAMPLES.items()
    for number, sample in enumerate(samples)
]


def dense_of(recording, noise=0.0):
    """Return where the dense Jacobian of a recorded function of real arguments is nonzero.

    What is not larger than `noise` counts as zero.
    """
    count = sum(sizes(recording.inputs))
    columns = recording.push(unit_directions(recording.inputs), (count,))
    flat = [np.reshape(c, (count, math.prod(c.shape[1:]))) for c in columns]
    found = np.concatenate(flat, axis=1).T
    return (found != 0) & ~(np.abs(found) <= noise)


def recorded(fn, args):
    """Return a record of a function, by all of its arguments."""
    return record(fn, args, {}, tuple(range(len(args))))


def everywhere(fn, shapes, points=3):
    """Return where a Jacobian is nonzero at some of several random points, and its pattern."""
    found, rng = False, np.random.default_rng(0)  # its own, whatever ran before
    for _ in range(points):
        recording = recorded(fn, tuple(rng.uniform(0.5, 1.5, shape) for shape in shapes))
        found = found | dense_of(recording)
    return found, pattern_of(recording).toarray()


def check_patterns(fn, args, noise=0.0):
    """Raise if a pattern misses an element that is nonzero here, or a local one exceeds it."""
    recording = recorded(fn, args)
    if not recording.outputs or not sum(map(np.size, args)):
        return
    dense, whole = dense_of(recording, noise), pattern_of(recording).toarray()
    local = pattern_of(recording, is_local=True).toarray()
    assert whole.shape == dense.shape
    assert not np.any(local & ~whole)
    assert not np.any(dense & ~local)
