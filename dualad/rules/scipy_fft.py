"""`scipy.fft`, whose Fourier transforms are those of `numpy.fft`, by the same algorithm."""

from typing import Any

import numpy as np
from scipy import fft

from dualad.core.dispatch import dispatching
from dualad.core.row import Row
from dualad.rules.kinds import composite

OVER_ONE_AXIS = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
OVER_TWO_AXES = ("fft2", "ifft2", "rfft2", "irfft2")
OVER_AXES = ("fftn", "ifftn", "rfftn", "irfftn")


def _row(name: str) -> Row:
    """Return the row of a transform, whose further parameters do not change its value."""
    plain = getattr(np.fft, name)

    def along(x: Any, n: Any = None, axis: Any = -1, norm: Any = None, overwrite_x: Any = False,
              workers: Any = None, *, plan: Any = None) -> Any:  # fmt: skip
        return plain(x, n, axis, norm)

    def over_two(x: Any, s: Any = None, axes: Any = (-2, -1), norm: Any = None, *rest: Any,
                 **named: Any) -> Any:  # fmt: skip
        return plain(x, s, axes, norm)

    def over(x: Any, s: Any = None, axes: Any = None, norm: Any = None, *rest: Any,
             **named: Any) -> Any:  # fmt: skip
        axes = range(-len(s), 0) if s is not None and axes is None else axes
        return plain(x, s, axes, norm)

    own = dispatching(getattr(fft, name))
    own.__module__ = "dualad.scipy.fft"
    body = along if name in OVER_ONE_AXIS else over_two if name in OVER_TWO_AXES else over
    return composite(own, body)


ROWS = [_row(name) for name in (*OVER_ONE_AXIS, *OVER_TWO_AXES, *OVER_AXES)]
