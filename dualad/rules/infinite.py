"""Sums of products in which zero meets infinity: their product is zero.

``np.sqrt(x @ x)`` at 0 pulls an infinite cotangent through a product with zeros: each term of the
sum is zero, as it would be element by element.
"""

from collections.abc import Callable
from operator import mul
from typing import Any

import numpy as np

from dualad.core.product import has_nan
from dualad.core.tracer import primal_value, shape_of

GOLDEN = 0.6180339887498949  # its multiples, modulo 1, are distinct


def settled(rule: Callable[..., Any], factors: list[Any], times: Any) -> Any:
    """Return ``rule(*factors)``, in which zero factors win over infinite ones.

    Parameters
    ----------
    rule : callable
        Linear in each of its arguments.
    factors : list of array
        A tangent or cotangent, and operands.
    times : callable
        How partials are multiplied: nothing is done yet where that is `operator.mul`.
    """
    share = rule(*factors)
    if times is mul or isinstance(share, tuple) or isinstance(factors[0], tuple):
        return share
    return _settled(rule, share, factors) if has_nan(share) else share


def _settled(rule: Callable[..., Any], share: Any, factors: list[Any]) -> Any:
    """Return `share`, which has NaN, without those that come of zero times infinity."""
    plain = [np.asarray(primal_value(x)) for x in factors]
    finite = [np.isfinite(x) for x in plain]
    regular = rule(*[np.where(*both, 0) for both in zip(finite, factors, strict=True)])
    some = [_marks(k, x, x != 0) for k, x in enumerate(plain)]
    small = [_marks(k, x, finite[k] & (x != 0)) for k, x in enumerate(plain)]
    large = [_marks(k, x, ~finite[k]) for k, x in enumerate(plain)]
    reached = np.zeros(shape_of(regular), bool)
    for k, marks in enumerate(large):  # terms whose first factor that is not finite is this one
        reached |= np.asarray(rule(*small[:k], marks, *some[k + 1 :])) != 0
    return np.where(reached, share, regular)


def _marks(k: int, x: Any, places: Any) -> Any:
    """Return numbers like factor `x`, zero but at `places`, so unlike that they cancel nowhere.

    Powers are unlike between factors, too: a cross product of equal vectors would be zero.
    """
    weights = (1 + np.reshape(np.arange(x.size) * GOLDEN % 1, x.shape)) ** (k + 1)
    return np.where(places, weights, 0).astype(x.dtype)
