"""Python functions of numbers, applied to the elements of arrays that may be traced."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.tracer import Tracer, as_array
from dualad.rules.likes import array, has_traced


class vectorize(np.vectorize):  # noqa: N801  # the name is NumPy's
    """A function of arrays that calls a Python function on their elements.

    As `numpy.vectorize`, whose parameters it takes; the elements may be traced.

    Parameters
    ----------
    *args, **kwargs
        Those of `numpy.vectorize`.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the outputs for all elements."""
        if not has_traced([*args, *kwargs.values()]):
            return super().__call__(*args, **kwargs)
        left_out = self.excluded
        chosen = [i for i in range(len(args)) if i not in left_out]
        names = [name for name in kwargs if name not in left_out]
        firsts: list[Any] = []

        def fn(*elements: Any) -> Any:
            given, named = list(args), dict(kwargs)
            for i, element in zip(chosen, elements, strict=False):
                given[i] = element
            named.update(zip(names, elements[len(chosen) :], strict=True))
            y = self.pyfunc(*given, **named)
            if not firsts:
                firsts.append(y)
            return y

        arrays = [args[i] for i in chosen] + [kwargs[name] for name in names]
        otypes = getattr(self, "otypes", None)
        found = _mapped(fn, arrays, self.signature, otypes)
        if not otypes:  # NumPy takes the dtypes of the first outputs for all
            parts = firsts[0] if isinstance(firsts[0], tuple) else firsts
            otypes = [array(part, copy=None).dtype.char for part in parts]
        return _in_dtypes(found, otypes)


def frompyfunc(func: Callable[..., Any], /, nin: int, nout: int, **kwargs: Any) -> Any:
    """Return a function of arrays that calls a Python function on their elements.

    Parameters
    ----------
    func : callable
        Of `nin` numbers; it returns `nout`.
    nin, nout : int
        How many.
    **kwargs
        Those of `numpy.frompyfunc`.

    Returns
    -------
    callable
        It does what `numpy.frompyfunc` returns, on traced arrays, too.

    Examples
    --------
    >>> import dualad as da
    >>> square = frompyfunc(lambda x: x * x, 1, 1)
    >>> float(da.grad(square)(3.0))
    6.0
    """
    plain = np.frompyfunc(func, nin, nout, **kwargs)

    def call(*arrays: Any) -> Any:
        return _mapped(func, arrays, None) if has_traced(arrays) else plain(*arrays)

    return call


def _mapped(fn: Callable[..., Any], arrays: Any, signature: Any, otypes: Any = None) -> Any:
    """Return the outputs of `fn` for all elements, or parts, of arrays that broadcast."""
    ends = [0] * len(arrays)
    if signature is not None:
        ends = [len(re.findall(r"\w+", part)) for part in re.findall(r"\(([^()]*)\)", signature)]
    arrays = [_as_elements(x) for x in arrays]
    fronts = [x.shape[: x.ndim - end] for x, end in zip(arrays, ends, strict=False)]
    shape = np.broadcast_shapes(*fronts)
    arrays = [
        x if front == shape else np.broadcast_to(x, shape + x.shape[len(front) :])
        for x, front in zip(arrays, fronts, strict=True)
    ]
    found = [fn(*[x[index] for x in arrays]) for index in np.ndindex(shape)]
    if not found and otypes and signature is None:
        empty = [np.zeros(shape, dtype) for dtype in otypes]
        return tuple(empty) if len(empty) > 1 else empty[0]
    if not found:
        raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
    if isinstance(found[0], tuple):
        return tuple(_stacked(parts, shape) for parts in zip(*found, strict=True))
    return _stacked(found, shape)


def _as_elements(x: Any) -> Any:
    """Return an array whose elements are traced numbers, or Python's."""
    if has_traced(x):
        return as_array(array(x, copy=None))
    x = np.asarray(x)
    return x.astype(object)


def _stacked(parts: Any, shape: tuple[int, ...]) -> Any:
    """Return outputs as one array, whose leading axes are of a shape."""
    y = array(list(parts))
    return np.reshape(y, shape + y.shape[1:])


def _in_dtypes(found: Any, otypes: Any) -> Any:
    """Return outputs in dtypes, of which there is one for each."""
    if isinstance(found, tuple):
        return tuple(_in_dtype(*pair) for pair in zip(found, otypes, strict=True))
    return _in_dtype(found, otypes[0])


def _in_dtype(found: Any, dtype: Any) -> Any:
    """Return an array in a dtype; a traced one stays what it is where Python objects are meant."""
    dtype = np.dtype(dtype)
    wanted = dtype.kind in "fciub" or not isinstance(found, Tracer)
    return found.astype(dtype) if wanted and found.dtype != dtype else found
