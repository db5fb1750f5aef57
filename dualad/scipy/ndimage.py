"""`scipy.ndimage`, with functions that accept traced values.

Every name of `scipy.ndimage` is here. Filters along an axis, correlations and interpolation have
rows; functions that are written with them, such as `gaussian_filter`, are SciPy's, lifted.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> from dualad.scipy import ndimage
>>> da.grad(lambda x: ndimage.uniform_filter1d(x, 3)[1])(np.ones(4)).round(3)
array([0.333, 0.333, 0.333, 0.   ])
"""

from typing import Any

from scipy import ndimage

from dualad.rules import scipy_ndimage, scipy_resampling
from dualad.scipy import windows
from dualad.scipy.following import Names

_NAMES = Names(ndimage, [*scipy_ndimage.ROWS, *scipy_resampling.ROWS])
OWN: dict[str, Any] = windows.OWN
_NAMES.update(OWN)


def __getattr__(name: str) -> Any:
    return _NAMES[name]


def __dir__() -> list[str]:
    return dir(ndimage)
