"""Filters of `scipy.ndimage` that multiply a Fourier transform, by it and by their sizes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage

from dualad.core.tracer import Tracer, as_array, shape_of, strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.kinds import composite
from dualad.rules.likes import gathered
from dualad.rules.standing import named, settled_as

# What a frequency, as a share of the length, is multiplied by.
FACTORS: dict[str, Callable[[Any, Any], Any]] = {
    "fourier_gaussian": lambda size, f: np.exp(-2 * (np.pi * size * f) ** 2),
    "fourier_uniform": lambda size, f: np.sinc(size * f),
    "fourier_shift": lambda size, f: np.exp(-2j * np.pi * size * f),
}


def _factor(function: Any, size: Any, shape: tuple[int, ...], n: int, axis: int) -> Any:
    """Return what a transform is multiplied by, of sizes that are traced."""
    sizes = np.broadcast_to(size, (len(shape),))
    factor: Any = 1.0
    for i, count in enumerate(shape):
        real = n >= 0 and i == axis % len(shape)
        f = np.arange(count) / n if real else np.fft.fftfreq(count)
        line = FACTORS[function.__name__](sizes[i], f)
        factor = factor * np.reshape(line, (count,) + (1,) * (len(shape) - 1 - i))
    return factor


def _filtering(function: Any) -> Any:
    """Return a filter as a program."""

    def body(input: Any, size: Any, n: Any = -1, axis: Any = -1, output: Any = None) -> Any:
        name = f"scipy.ndimage.{function.__name__}"
        size = gathered(size)
        if output is not None:
            raise UnsupportedParameterError(name, "output", "its result")
        x, shape = as_array(input), shape_of(input)
        at = np.asarray(strip(size)).tolist()  # older versions refuse arrays without axes
        plain = function(strip(x), at, n, axis)
        if not isinstance(size, Tracer):
            factor = function(np.ones(shape, complex), at, n, axis)
        elif function.__name__ in FACTORS:
            factor = _factor(function, as_array(size), shape, n, axis)
        else:
            raise UnsupportedParameterError(name, "a traced size", "a plain one")
        found = x * factor
        found = found if plain.dtype.kind == "c" else np.real(found)
        return settled_as(plain, found, name, "these sizes")

    if function is not ndimage.fourier_shift:
        if function is not ndimage.fourier_gaussian:
            return body
        return lambda input, sigma, n=-1, axis=-1, output=None: body(input, sigma, n, axis, output)
    return lambda input, shift, n=-1, axis=-1, output=None: body(input, shift, n, axis, output)


FILTERS = (
    ndimage.fourier_gaussian,
    ndimage.fourier_uniform,
    ndimage.fourier_shift,
    ndimage.fourier_ellipsoid,
)
ROWS = [composite(named(function, "ndimage"), _filtering(function)) for function in FILTERS]
