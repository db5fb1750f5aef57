"""Convolution and correlation of sequences."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from dualad.core.row import Row
from dualad.core.tracer import shape_of
from dualad.rules.directions import each_direction, lead
from dualad.rules.indexing import scatter
from dualad.rules.kinds import multilinear

MODES = {0: "valid", 1: "same", 2: "full"}


def _row(function: Any, default: str, middle: Callable[[int, int], int], flip: Any) -> Row:
    """Return the row of ``convolve(a, flip(v), mode)``.

    Parameters
    ----------
    default : str
        The mode.
    middle : callable
        ``middle(n, m)``: where in the full convolution of sequences that long "same" begins.
    flip : callable
        Its own inverse, and its own transpose for the pairing, which is real.
    """

    def by_a(ct: Any, y: Any, a: Any, v: Any, mode: Any = default) -> Any:
        return _share(ct, y, a, flip(v), mode, middle(_length(a), _length(v)))

    def by_v(ct: Any, y: Any, a: Any, v: Any, mode: Any = default) -> Any:
        return flip(_share(ct, y, v, a, mode, middle(_length(a), _length(v))))

    return multilinear(function, by_a, by_v)


def _share(ct: Any, y: Any, own: Any, other: Any, mode: Any, start: int) -> Any:
    """Return the share of the operand `own` in ``convolve(own, other, mode)``.

    It is the convolution of `ct` with the other reversed; if `mode` is "same", which is a part of
    "full" that begins at `start`, of `ct` among zeros.
    """
    mode = MODES.get(mode, mode)
    n, m = _length(own), _length(other)
    leading = lead(ct, y)
    if mode == "same":
        ct = scatter(ct, slice(start, start + max(n, m)), (n + m - 1,))
    flipped = np.reshape(other, (m,))[::-1]
    dual: Any = "full" if mode == "valid" and n >= m else "valid"
    share = each_direction(lambda part: np.convolve(part, flipped, dual), ct, leading)
    return np.reshape(share, leading + shape_of(own))


def _length(x: Any) -> int:
    """Return the length of a sequence; a number counts as one."""
    return prod(shape_of(x))


def _reversed(x: Any) -> Any:
    """Return the conjugate of a sequence, backward."""
    x = x[..., ::-1]
    return np.conj(x) if x.dtype.kind == "c" else x


ROWS = [
    _row(np.convolve, "full", lambda n, m: (min(n, m) - 1) // 2, lambda v: v),
    _row(np.correlate, "valid", lambda n, m: n // 2 if m > n else (m - 1) // 2, _reversed),
]
