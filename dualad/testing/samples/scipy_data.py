"""What the rows of `dualad.rules.scipy_data` are tried on."""

from typing import Any

import numpy as np
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu

from dualad.rules.scipy_data import ROWS
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.scipy_linalg import own

DOUBLE: Any = {"float32": False, "reason": "SciPy computes in double precision"}


def _system(d: Draws) -> Call:
    """Return right sides, factors of a matrix, and whether it is transposed."""
    n = d.integer(1, 4)
    factors = splu(csc_array(np.eye(n) * 3 + d.rng.uniform(-1, 1, (n, n))))
    return Call(d.array((*d.shape(0, 1), n, d.integer(1, 2))), factors, d.choice(("N", "T")))


def _data(d: Draws) -> Call:
    """Return data at some places, and what spline is wanted."""
    n, k = d.integer(6, 8), d.choice((3, 1, 2, 5))
    x = np.cumsum(d.rng.uniform(0.5, 1.0, n))
    if d.boolean():
        return Call(x, d.array((n,)), None, k=k, s=0)
    return Call(x, d.array((n,)), np.linspace(1, 2, n), k=1, t=[(x[2] + x[3]) / 2])


SAMPLES = [
    Sample(own(ROWS, "solution"), _system, complex=True, **DOUBLE),
    Sample(own(ROWS, "splrep"), _data, fixed=("t",), **DOUBLE),
]
