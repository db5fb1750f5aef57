"""Arrays joined from several."""

from typing import Any

import numpy as np

from dualad.core.tracer import shape_of
from dualad.rules.directions import lead, trailing
from dualad.rules.kinds import joining


def _stack_split(ct: Any, y: Any, arrays: Any, axis: int = 0, **kwargs: Any) -> list[Any]:
    """Return the slices along the new axis."""
    ct = np.moveaxis(ct, trailing(axis, y.ndim), 0)
    return [ct[i] for i in range(len(arrays))]


def _stack_directions(y: Any, axis: int = 0, **kwargs: Any) -> dict[str, Any]:
    """Return the parameters with which `stack` serves leading directions."""
    return {"axis": trailing(axis, len(shape_of(y)))}


def _concatenate_split(ct: Any, y: Any, arrays: Any, axis: Any = 0, **kwargs: Any) -> list[Any]:
    """Return the parts along the axis, each in its operand's shape."""
    leading = lead(ct, y)
    if axis is None:
        sizes = [x.size for x in arrays]
    else:
        sizes = [x.shape[axis] for x in arrays]
    where = -1 if axis is None else trailing(axis, y.ndim)
    stops = np.cumsum(sizes)
    parts = [
        ct[(..., slice(stop - size, stop), *(slice(None),) * (-1 - where))]
        for size, stop in zip(sizes, stops, strict=True)
    ]
    return [np.reshape(part, leading + x.shape) for part, x in zip(parts, arrays, strict=True)]


ROWS = [joining(np.stack, _stack_split, directions=_stack_directions)]
