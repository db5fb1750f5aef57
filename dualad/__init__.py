"""dualad: exact derivatives of NumPy code as it stands, forward and reverse."""

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
    if name in ("extend", "nn", "numpy", "scipy", "testing"):
        return importlib.import_module(f"dualad.{name}")
    raise AttributeError(f"module 'dualad' has no attribute {name!r}")
