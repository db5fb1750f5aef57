"""What the rows of `dualad.rules.linalg` are tried on."""

from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample, Shape


def batch(d: Draws) -> Shape:
    """Return the shape of a stack of matrices, usually none."""
    return d.shape(0, d.choice([0, 1, 2]), 0, 2)


def square(d: Draws) -> Call:
    """Return well-conditioned matrices."""
    return Call(d.matrix(d.integer(0, 4), batch(d)))


def product_of_rank(d: Draws, m: int, n: int, rank: int) -> Any:
    """Return matrices whose nonzero singular values are between 1 and 4."""
    size, stack = max(m, n), batch(d)
    kept = (np.arange(size) < rank).astype(d.dtype)
    a = (d.matrix(size, stack) * kept) @ d.matrix(size, stack)
    return d.laid_out(d.matrix(size, stack)[..., :m, :] @ a[..., :n] if rank else a[..., :m, :n])


def _singular(d: Draws) -> Call:
    """Return matrices whose rank is less than their size."""
    n = d.integer(1, 4)
    return Call(product_of_rank(d, n, n, d.integer(0, n - 1)))


def _system(d: Draws) -> Call:
    """Return matrices and right sides that are matrices; their batches broadcast."""
    n, stack = d.integer(0, 3), batch(d)
    first, second = d.choice([(stack, stack), (stack, ()), ((), stack), (stack, (1, *stack[1:]))])
    return Call(d.matrix(n, first), d.array((*second, n, d.integer(0, 3))))


def _vector_system(d: Draws) -> Call:
    """Return matrices and one right side that is a vector."""
    n = d.integer(0, 3)
    return Call(d.matrix(n, batch(d)), d.array((n,)))


def _tensor(d: Draws) -> Call:
    """Return a tensor that has an inverse, and after which axis it is split."""
    shape, ind = d.choice([((2, 3, 6), 2), ((6, 3, 2), 1), ((2, 2), 1), ((1, 2, 2, 1), 2)])
    return Call(d.matrix(int(np.prod(shape[:ind]))).reshape(shape), ind=ind)


def _tensor_equation(d: Draws) -> Call:
    """Return a tensor equation."""
    shape, b, axes = d.choice([
        ((2, 3, 6), (2, 3), None),
        ((6, 3, 2), (6,), None),
        ((2, 2, 4), (4,), (0, 1)),
        ((4, 2, 2), (2, 2), (0,)),
    ])  # fmt: skip
    return Call(d.matrix(int(np.prod(b))).reshape(shape), d.array(b), axes=axes)


SAMPLES = [
    Sample(np.linalg.solve, _system, complex=True),
    Sample(np.linalg.solve, _vector_system, complex=True),
    Sample(np.linalg.inv, square, complex=True),
    Sample(np.linalg.det, square, complex=True),
    Sample(np.linalg.det, _singular, complex=True),
    Sample(np.linalg.slogdet, square, complex=True),
    Sample(np.linalg.tensorinv, _tensor, complex=True),
    Sample(np.linalg.tensorsolve, _tensor_equation, complex=True),
    Sample(np.linalg.matrix_rank, _singular, complex=True),
    Sample(np.linalg.matrix_rank, lambda d: Call(d.array(), tol=0.5)),
]
