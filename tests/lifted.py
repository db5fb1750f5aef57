"""What tests of lifted functions share."""

import numpy as np

import dualad as da
from dualad.testing import check_grads


def parts(out):
    """Return results as a flat list of arrays."""
    if isinstance(out, (list, tuple)):
        return [part for each in out for part in parts(each)]
    return [np.asarray(out)]


def flat(fn):
    """Return a function that returns its results as a tuple of arrays."""

    def call(*args):
        def gather(out):
            if isinstance(out, (list, tuple)):
                return tuple(part for each in out for part in gather(each))
            return (out,)

        return gather(fn(*args))

    return call


def check_lifted(fn, *args, order=1, near=1e-12):
    """Assert that a lifted function has its values, and right derivatives in both modes."""
    lifted = da.lift(flat(fn))
    found = da.vjp(lifted, *args)[0]
    for value, plain in zip(parts(found), parts(fn(*args)), strict=True):
        assert value.dtype == plain.dtype
        np.testing.assert_allclose(value, plain, rtol=near, atol=near)
    check_grads(lifted, *args, order=order)
