"""``as_strided`` of traced arrays: which element each place shows follows from the strides."""

import math
from functools import wraps
from typing import Any

import numpy as np

from dualad.core.dispatch import apply
from dualad.core.tracer import Tracer, numpy_value, shape_of
from dualad.errors import UnsupportedParameterError
from dualad.rules.directions import lead
from dualad.rules.indexing import scatter
from dualad.rules.kinds import linear

PLAIN = np.lib.stride_tricks.as_strided


@wraps(PLAIN)
def as_strided(x: Any, shape: Any = None, strides: Any = None, subok: Any = False,
               writeable: Any = True, **rest: Any) -> Any:  # fmt: skip
    """Return a view of a traced array, or what NumPy returns."""
    if not isinstance(x, Tracer):
        return PLAIN(x, shape, strides, subok, writeable, **rest)
    plain = np.asarray(numpy_value(x))
    shape = tuple(x.shape if shape is None else shape)
    strides = tuple(plain.strides if strides is None else strides)
    if plain.flags.f_contiguous and not plain.flags.c_contiguous:
        x, plain = np.transpose(x), plain.T  # type: ignore[call-overload]
    steps = [divmod(stride, plain.itemsize) for stride in strides]
    ends = [(n - 1) * step for n, (step, _) in zip(shape, steps, strict=True)]
    low, high = sum(min(end, 0) for end in ends), sum(max(end, 0) for end in ends)
    inside = 0 in shape or 0 <= low <= high < plain.size
    if not (plain.flags.c_contiguous and inside) or any(part for _, part in steps) or rest:
        raise UnsupportedParameterError(
            "numpy.lib.stride_tricks.as_strided",
            "strides that leave the array, or one whose elements are not side by side",
            "an index of integers, or numpy.lib.stride_tricks.sliding_window_view",
        )
    y = _strided(x, shape, tuple([step for step, _ in steps]))
    if not writeable:
        y.setflags(write=False)
    return y


def _strided(x: Any, shape: Any, steps: Any) -> Any:
    """Return a view of an array; `steps` are strides in elements of its C order."""
    if isinstance(x, Tracer):
        return apply(_STRIDED, (x, shape, steps), {})
    x = np.ascontiguousarray(x)
    return PLAIN(x, shape, [step * x.itemsize for step in steps])


def _places(x: Any, shape: Any, steps: Any) -> Any:
    """Return which elements of `x`, counted in C order, the view shows."""
    return _strided(np.arange(math.prod(shape_of(x))), shape, steps)


def _push(t: Any, y: Any, x: Any, shape: Any, steps: Any) -> Any:
    """Return what the view shows of each direction."""
    flat = np.reshape(t, (*lead(t, x), math.prod(shape_of(x))))
    return flat[..., _places(x, shape, steps)]


def _pull(ct: Any, y: Any, x: Any, shape: Any, steps: Any) -> Any:
    """Return each direction scattered to where it was shown."""
    places = _places(x, shape, steps)
    flat = scatter(ct, places, (math.prod(x.shape),))
    return np.reshape(flat, (*shape_of(flat)[:-1], *x.shape))


_STRIDED = linear(_strided, _pull, push=_push)
