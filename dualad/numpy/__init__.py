"""NumPy, with creation functions whose arrays accept traced values.

``import dualad.numpy as np`` in place of ``import numpy as np`` makes code differentiable that
fills arrays which it made itself: ``y = np.zeros(3); y[0] = x[0]``. Every name of NumPy is here.
While no derivative is being computed, all of them return NumPy's own arrays.

The functions in `__all__`, which have the parameters and docstrings of NumPy's, are dualad's:

- creation functions and conversions take traced values, alone or in lists, and return arrays that
  accept traced values;
- functions with rows, those of `dualad.numpy.linalg` and `dualad.numpy.fft` included, also take
  lists with traced numbers in them;
- ``float64(x)`` and the other types of inexact numbers convert traced values, too;
- `vectorize` and `frompyfunc` call a Python function on traced numbers, one by one.

Everything else is NumPy's own.

Examples
--------
>>> import dualad as da
>>> import dualad.numpy as np
>>> def fn(x):
...     y = np.zeros(3)
...     for i in range(3):
...         y[i] = x[i] ** i
...     return np.sum(y)
>>> da.grad(fn)(np.array([2.0, 3.0, 4.0]))
array([0., 1., 8.])
>>> type(np.zeros(3)).__name__
'ndarray'
"""

from typing import Any

import numpy

from dualad.numpy import fft, linalg
from dualad.numpy.creation import OWN
from dualad.numpy.gathering import gathering
from dualad.numpy.joiners import c_, r_
from dualad.numpy.scalars import SCALARS
from dualad.numpy.strides import PLAIN, as_strided
from dualad.numpy.vectorizing import frompyfunc, vectorize

__all__ = ["c_", "fft", "frompyfunc", "linalg", "r_", "vectorize"]


def __getattr__(name: str) -> Any:
    return counterpart(getattr(numpy, name))


def __dir__() -> list[str]:
    return sorted({*dir(numpy), *__all__})


def counterpart(value: Any) -> Any:
    """Return what stands here for something of NumPy's; itself, if there is nothing else."""
    try:
        found = _COUNTERPARTS.get(value)
    except TypeError:  # it has no hash
        return value
    return gathering(value) if found is None else found


_COUNTERPARTS: dict[Any, Any] = {
    **OWN,
    **SCALARS,
    numpy.vectorize: vectorize,
    numpy.frompyfunc: frompyfunc,
    numpy.linalg: linalg,
    numpy.fft: fft,
    PLAIN: as_strided,
    numpy.r_: r_,
    numpy.c_: c_,
}
