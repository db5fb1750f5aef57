"""What `scipy.signal` tells of peaks: where they are is constant, how high they are is not."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
from scipy.signal import _peak_finding

from dualad.core.blank import unfollowed
from dualad.core.tracer import as_array, strip
from dualad.rules.likes import gathered, has_traced
from dualad.rules.standing import settled_as


def _prominences(x: Any, peaks: Any, plain: Any) -> Any:
    """Return by how much peaks stand above the higher one of their bases."""
    _, left, right = plain
    found = x[peaks] - np.maximum(x[left], x[right])
    return np.where(plain[0] == 0, 0, found), left, right


def _widths(x: Any, peaks: Any, share: Any, prominences: Any, plain: Any) -> Any:
    """Return how wide peaks are at some height, that height, and where it is reached."""
    _, _, *ends = plain
    height = x[peaks] - prominences * share
    found = []
    for at, way in ((ends[0], 1), (ends[1], -1)):
        low = (np.floor(at) if way > 0 else np.ceil(at)).astype(int)
        between = strip(x)[low] < strip(height)
        beside = np.clip(low + way, 0, len(strip(x)) - 1)
        rise = np.where(between, x[beside] - x[low], 1)
        found.append(low + way * np.where(between, (height - x[low]) / rise, 0))
    return found[1] - found[0], height, *found


def _standing_for(function: Callable[..., Any], body: Callable[..., Any]) -> Any:
    """Return a function that does what a compiled one does, with derivatives."""

    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        args = (*args, *named.values())  # SciPy names the last one
        given = [as_array(gathered(x)) if has_traced(x) else x for x in map(unfollowed, args)]
        out = function(*strip(tuple(given)))
        if not has_traced(given):
            return out
        plain = tuple([np.asarray(part) for part in out])
        name = "scipy.signal.find_peaks"
        found = tuple(body(*given, plain))
        return tuple(
            [settled_as(p, f, name, "flat tops") if p.dtype.kind == "f" else p
             for p, f in zip(plain, found, strict=True)]
        )  # fmt: skip

    return call


def _by_prominence(x: Any, peaks: Any, wlen: Any, plain: Any) -> Any:
    """Return prominences and their bases, as SciPy's function takes its arguments."""
    return _prominences(x, peaks, plain)


def _by_width(x: Any, peaks: Any, share: Any, prominences: Any, left: Any, right: Any,
              plain: Any) -> Any:  # fmt: skip
    """Return widths, as SciPy's function takes its arguments."""
    return _widths(x, peaks, share, prominences, plain)


def _plainly(function: Callable[..., Any]) -> Any:
    """Return a function that finds places, for plain numbers."""

    @wraps(function)
    def call(*args: Any) -> Any:
        return function(*[strip(unfollowed(gathered(x))) for x in args])

    return call


OWN: dict[str, Any] = {
    "_peak_prominences": _standing_for(_peak_finding._peak_prominences, _by_prominence),
    "_peak_widths": _standing_for(_peak_finding._peak_widths, _by_width),
    **{
        name: _plainly(getattr(_peak_finding, name))
        for name in ("_local_maxima_1d", "_select_by_peak_distance")
    },
}
