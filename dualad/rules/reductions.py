"""Sums, products and extremes over axes."""

from typing import Any

import numpy as np

from dualad.core.tracer import shape_of
from dualad.rules.directions import lead, trailing
from dualad.rules.kinds import linear


def expanded(ct: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Return `ct` with the reduced axes of `x` kept, of length 1."""
    if keepdims is True:
        return ct
    return np.expand_dims(ct, trailing(axis, x.ndim)) if x.ndim else ct


def _sum_pull(ct: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, out: Any = None,
              keepdims: Any = False, initial: Any = 0, where: Any = True) -> Any:  # fmt: skip
    """Return the cotangent, spread over the axes that were summed."""
    shape = lead(ct, y) + x.shape
    spread = np.broadcast_to(expanded(ct, x, axis, keepdims), shape)
    return spread if where is True else np.where(where, spread, 0)


def _sum_push(t: Any, y: Any, x: Any, axis: Any = None, dtype: Any = None, out: Any = None,
              keepdims: Any = False, initial: Any = 0, where: Any = True) -> Any:  # fmt: skip
    """Return the tangent's sum."""
    where = where if where is True else np.broadcast_to(where, x.shape)
    return np.sum(t, trailing(axis, len(shape_of(x))), dtype, keepdims=keepdims is True, where=where)


ROWS = [linear(np.sum, _sum_pull, push=_sum_push)]
