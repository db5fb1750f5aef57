"""dualad: exact derivatives of NumPy code as it stands, forward and reverse.

A function of numbers and arrays goes in, and a function that returns derivatives comes out:
``da.grad(fn)(x)``. What to use when:

Gradients
    `grad` and `value_and_grad`, of a loss; `derivative`, by one number; `sum_over`, over shards of
    data.
Matrices
    `jacobian`, `value_and_jacobian` and `hessian`, sparse ones with ``sparsity="auto"``; `jacfwd`
    and `jacrev`, by one mode.
Products and parts, without the matrix
    `jvp`, `vjp`, `linearize` and `hvp`; `jacobian_operator` and `hessian_operator` for SciPy's
    solvers; `hessian_diagonal`, `laplacian` and `divergence`.
High orders
    `jet`, and `derivative` with ``order=``.
Code that raises, or is not yours
    `lift` first; `stop_gradient`, for constants; `custom_jvp`, `custom_vjp` and `checkpoint`, for
    rules and memory.
Insight
    `explain`, the mode and its cost; `debug`, where a NaN began; `draw`, the operations; `Dual`, a
    dual number made by hand.

Submodules: `dualad.numpy` is NumPy with arrays that accept traced values, `dualad.scipy` has what
of SciPy does not accept them by itself, `dualad.sparse` patterns and colorings, `dualad.nn` cells
and losses, `dualad.testing` checks of derivatives, `dualad.extend` rules of your own, and
`dualad.errors` the exceptions.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> da.grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
array([2., 4.])
"""

import importlib
from typing import Any

import dualad.rules  # noqa: F401  # fills the table
from dualad.core.dual import Dual
from dualad.lifting.lifted import lift
from dualad.transforms.checkpointing import checkpoint
from dualad.transforms.choice import explain
from dualad.transforms.custom import custom_jvp, custom_vjp
from dualad.transforms.debugging import debug
from dualad.transforms.diagonals import divergence, hessian_diagonal, laplacian
from dualad.transforms.drawing import draw
from dualad.transforms.gradient import get_grad, grad, value_and_grad
from dualad.transforms.jacobian import (
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    value_and_jacobian,
)
from dualad.transforms.operators import hessian_operator, jacobian_operator
from dualad.transforms.products import jvp, linearize, vjp
from dualad.transforms.sharding import sum_over
from dualad.transforms.stopping import stop_gradient
from dualad.transforms.taylor import derivative, jet

__all__ = [
    "Dual",
    "checkpoint",
    "custom_jvp",
    "custom_vjp",
    "debug",
    "derivative",
    "divergence",
    "draw",
    "explain",
    "get_grad",
    "grad",
    "hessian",
    "hessian_diagonal",
    "hessian_operator",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacobian_operator",
    "jacrev",
    "jet",
    "jvp",
    "laplacian",
    "lift",
    "linearize",
    "stop_gradient",
    "sum_over",
    "value_and_grad",
    "value_and_jacobian",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """Return a submodule of the public face, imported when it is first asked for."""
    if name in ("extend", "nn", "numpy", "scipy", "sparse", "testing"):
        return importlib.import_module(f"dualad.{name}")
    raise AttributeError(f"module 'dualad' has no attribute {name!r}")
