"""Sparse Jacobians and Hessians: patterns, colorings, and matrices whose pattern is found once.

`dualad.jacobian` and `dualad.hessian` return sparse matrices with ``sparsity="auto"``; here are the
parts of which that is made.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> from dualad import sparse
>>> pattern = sparse.jacobian_pattern(np.diff, np.zeros(1000))
>>> pattern.nnz, sparse.color(pattern).count
(1998, 2)
"""

from dualad.transforms.coloring import Coloring, color
from dualad.transforms.compressed import Prepared, decompress, prepare
from dualad.transforms.sparsity import hessian_pattern, jacobian_pattern

__all__ = [
    "Coloring",
    "Prepared",
    "color",
    "decompress",
    "hessian_pattern",
    "jacobian_pattern",
    "prepare",
]
