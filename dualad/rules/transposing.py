"""The transpose of a linear map that is given as a program: record it, and pull."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.pulling import pull
from dualad.core.record import Record
from dualad.core.recorded import Recorded, record_input
from dualad.core.tracer import shape_of


def transpose_of(linear_map: Callable[[Any], Any], ct: Any, out: Any, inp: Any) -> Any:
    """Return the transpose of a linear map, applied to `ct`.

    Parameters
    ----------
    linear_map : callable
        From something shaped like `inp` to something shaped like `out`: arrays, or tuples of them.
    ct : array or tuple of arrays, shape D + out.shape
        Directions lead.
    out, inp : array or tuple of arrays
        Their shapes and dtypes only are read.

    Returns
    -------
    array or tuple of arrays, shape D + inp.shape
    """
    several = isinstance(inp, tuple)
    spaces = inp if several else (inp,)
    record = Record()
    sources = [record_input(record, np.zeros(x.shape, x.dtype)) for x in spaces]
    images = linear_map(tuple(sources) if several else sources[0])
    several_out = isinstance(ct, tuple)
    pairs = list(zip(images, ct, out, strict=True)) if several_out else [(images, ct, out)]
    lead = shape_of(pairs[0][1])[: len(shape_of(pairs[0][1])) - len(pairs[0][2].shape)]
    seeds = [
        (image.position, part)
        for image, part, _ in pairs
        if isinstance(image, Recorded) and image.origin is record
    ]
    entries = record.entries
    record.close()
    found = pull(entries, seeds, len(spaces), lead)
    shares = tuple(
        np.zeros(lead + x.shape, x.dtype) if share is None else share
        for share, x in zip(found, spaces, strict=True)
    )
    return shares if several else shares[0]
