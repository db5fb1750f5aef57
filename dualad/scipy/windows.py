"""Functions of `scipy.ndimage` that call a function for each window, line or place of an array.

SciPy's own, applied to the numbers of the places, tells which elements these are.
"""

from inspect import signature
from typing import Any

import numpy as np
from scipy import ndimage

from dualad.core.blank import as_blank, unfollowed
from dualad.core.level import refusal
from dualad.core.tracer import shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules import scipy_resampling
from dualad.rules.likes import gathered, has_traced
from dualad.scipy.implicit import array_of, in_place_of


def _bound(function: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """Return the arguments of a call, by name."""
    given = signature(function).bind(*args, **kwargs)
    given.apply_defaults()
    if given.arguments.get("output") is not None:
        name = f"scipy.ndimage.{function.__name__}"
        raise refusal(UnsupportedParameterError(name, "output", "its result"))
    return dict(given.arguments)


def _seen(function: Any, given: dict[str, Any], name: str) -> list[Any]:
    """Return the numbers of the places that a function sees, call by call; outside, -1."""
    seen: list[Any] = []

    def look(part: Any, *_: Any) -> float:
        seen.append(np.array(part))
        return 0.0

    places = np.arange(strip(given["input"]).size, dtype=float)
    told = {"input": places.reshape(shape_of(given["input"])), name: look, "cval": -1.0}
    rest = {"extra_arguments": (), "extra_keywords": None}
    function(**{key: strip(value) for key, value in given.items()} | told | rest)
    return [part.astype(int) for part in seen]


def _taken(given: dict[str, Any], places: Any) -> Any:
    """Return the elements at places, and the constant outside."""
    found = np.reshape(given["input"], -1)[np.maximum(places, 0)]
    return np.where(places < 0, given["cval"], found)


@in_place_of(ndimage.generic_filter)
def generic_filter(*args: Any, **kwargs: Any) -> Any:
    """Return what a function makes of each window."""
    given = _bound(ndimage.generic_filter, args, kwargs)
    given["input"], function = array_of(given["input"]), given["function"]
    rest, named = given["extra_arguments"], given["extra_keywords"] or {}
    if not callable(function):
        return ndimage.generic_filter(*args, **kwargs)
    windows = _seen(ndimage.generic_filter, given, "function")
    out = [function(_taken(given, window), *rest, **named) for window in windows]
    dtype = strip(given["input"]).dtype
    y = np.stack(out) if has_traced(out) else np.asarray(out, float)
    return np.reshape(y, shape_of(given["input"])).astype(dtype)


@in_place_of(ndimage.generic_filter1d)
def generic_filter1d(*args: Any, **kwargs: Any) -> Any:
    """Return what a function writes for each line."""
    given = _bound(ndimage.generic_filter1d, args, kwargs)
    given["input"], function = array_of(given["input"]), given["function"]
    rest, named = given["extra_arguments"], given["extra_keywords"] or {}
    if not callable(function):
        return ndimage.generic_filter1d(*args, **kwargs)
    shape, axis = shape_of(given["input"]), given["axis"]
    lines = []
    for places in _seen(ndimage.generic_filter1d, given, "function"):
        line = as_blank(np.zeros(shape[axis]))
        function(_taken(given, places), line, *rest, **named)
        lines.append(unfollowed(line))
    outer = [size for i, size in enumerate(shape) if i != axis % len(shape)]
    y = np.reshape(np.stack(lines), (*outer, shape[axis]))
    return np.moveaxis(y, -1, axis).astype(strip(given["input"]).dtype)


@in_place_of(ndimage.geometric_transform)
def geometric_transform(*args: Any, **kwargs: Any) -> Any:
    """Return an array at the places to which a function maps those of the output."""
    given = _bound(ndimage.geometric_transform, args, kwargs)
    array, mapping = array_of(given["input"]), given["mapping"]
    if not callable(mapping):
        return ndimage.geometric_transform(*args, **kwargs)
    shape = shape_of(array) if given["output_shape"] is None else tuple(given["output_shape"])
    rest, named = given["extra_arguments"], given["extra_keywords"] or {}
    places = [array_of(gathered(list(mapping(at, *rest, **named)))) for at in np.ndindex(*shape)]
    at = np.reshape(np.stack(places, -1), (len(shape_of(array)), *shape))
    told = {key: given[key] for key in ("order", "mode", "cval", "prefilter")}
    return _AT(array, at, **told)


(_AT,) = [
    row.function for row in scipy_resampling.ROWS if row.function.__name__ == "map_coordinates"
]


OWN: dict[str, Any] = {
    function.__name__: function
    for function in (generic_filter, generic_filter1d, geometric_transform)
}
