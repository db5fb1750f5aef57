"""`scipy.spatial.distance`, with functions that accept traced values.

Every name of `scipy.spatial.distance` is here. `cdist`, `pdist` and `squareform` have rows; the
functions of two vectors are SciPy's, lifted.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> from dualad.scipy.spatial import distance
>>> da.grad(lambda x: distance.pdist(x))(np.array([[0.0, 0.0], [3.0, 4.0]]))
array([[-0.6, -0.8],
       [ 0.6,  0.8]])
"""

from typing import Any

from scipy.spatial import distance

from dualad.rules.scipy_spatial import ROWS
from dualad.scipy.following import Names

_NAMES = Names(distance, ROWS)


def __getattr__(name: str) -> Any:
    return _NAMES[name]


def __dir__() -> list[str]:
    return dir(distance)
