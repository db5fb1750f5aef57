"""`scipy.signal`, with functions that accept traced values.

Every name of `scipy.signal` is here. Filters and convolutions have rows; functions that are
written with them, such as `filtfilt`, `savgol_filter` and `welch`, are SciPy's, lifted.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> from dualad.scipy import signal
>>> da.grad(lambda x: signal.lfilter([0.5], [1.0, -0.5], x)[-1])(np.ones(3))
array([0.125, 0.25 , 0.5  ])
"""

from typing import Any

from scipy import signal

from dualad.rules.scipy_signal import ROWS
from dualad.scipy.following import Names

_NAMES = Names(signal, ROWS)


def __getattr__(name: str) -> Any:
    return _NAMES[name]


def __dir__() -> list[str]:
    return dir(signal)
