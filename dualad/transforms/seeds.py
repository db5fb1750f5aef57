"""Seeds: the unit directions of sweeps, and how their results are cut up."""

import math
from typing import Any

import numpy as np

from dualad.core.tracer import is_plain_array, shape_of


def is_complex(x: Any) -> bool:
    """Return whether a number or array is complex."""
    return getattr(x, "dtype", np.dtype(float)).kind == "c" or isinstance(x, complex)


def dtype_of(x: Any) -> np.dtype[Any]:
    """Return the dtype of a number or array."""
    found = getattr(x, "dtype", None)
    return np.result_type(x) if found is None else found


def ones_like(x: Any) -> Any:
    """Return plain ones with the shape and dtype of `x`."""
    if isinstance(x, float):
        return 1.0
    ones = np.ones(shape_of(x), dtype_of(x))
    return ones if ones.ndim or is_plain_array(x) else ones[()]


def sizes(values: list[Any]) -> list[int]:
    """Return how many directions each value spans: two for a complex element."""
    return [math.prod(shape_of(x)) * (2 if is_complex(x) else 1) for x in values]


def unit_directions(values: list[Any], first: int = 0, count: int | None = None) -> list[Any]:
    """Return for each value the unit directions `first` to ``first + count`` of all together.

    Parameters
    ----------
    values : list of number or array
        Together they span ``K = sum(sizes(values))`` directions; a complex element spans two, one
        along the real and one along the imaginary axis, all real ones of a value coming first.

    Returns
    -------
    list of ndarray, shape (count, *S)
    """
    spans = sizes(values)
    count = sum(spans) - first if count is None else count
    found, start = [], -first
    for x, span in zip(values, spans, strict=True):
        size = math.prod(shape_of(x))
        block = np.zeros((count, size), dtype_of(x))
        rows = np.arange(max(start, 0), min(start + span, count))
        places = rows - start
        block[rows, places % max(size, 1)] = np.where(places < size, 1, 1j) if is_complex(x) else 1
        found.append(block.reshape((count, *shape_of(x))))
        start += span
    return found


def split_blocks(swept: Any, values: list[Any], axis: int) -> list[tuple[Any, Any]]:
    """Return the directions along `axis` cut into one block for each value.

    A block is a pair: the directions along the real axis, and those along the imaginary axis,
    which is None for a real value.
    """
    blocks: list[tuple[Any, Any]] = []
    start = 0
    lead = (slice(None),) * axis
    for x, span in zip(values, sizes(values), strict=True):
        half = span // 2 if is_complex(x) else span
        real = swept[(*lead, slice(start, start + half))]
        imaginary = swept[(*lead, slice(start + half, start + span))] if is_complex(x) else None
        blocks.append((real, imaginary))
        start += span
    return blocks


def along_both(block: tuple[Any, Any]) -> Any:
    """Return a block's ``along x - i along y``: the convention of cotangents."""
    real, imaginary = block
    return real if imaginary is None else real - 1j * imaginary
