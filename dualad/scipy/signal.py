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

from functools import wraps
from typing import Any

import numpy as np
from scipy import signal

from dualad.core.blank import unfollowed
from dualad.core.tracer import as_array
from dualad.rules.likes import gathered, has_traced
from dualad.rules.scipy_signal import ROWS
from dualad.scipy import peaks
from dualad.scipy.following import Names, again

_NAMES = Names(signal, ROWS)
_LFILTIC = again(signal.lfiltic)
_DIVIDES = signal.lfiltic([1.0, 0.0], [2.0, 1.0], [1.0])[0] == -0.5  # newer versions


@wraps(signal.lfiltic)
def lfiltic(b: Any, a: Any, y: Any, x: Any = None) -> Any:
    """Return the state of a filter, whose coefficients are divided by the first of `a` for sure."""
    if not (_DIVIDES and has_traced(a)):
        return _LFILTIC(b, a, y, x)
    b, a = [np.atleast_1d(as_array(unfollowed(gathered(part)))) for part in (b, a)]
    return _LFILTIC(b / a[0], a / a[0], y, x)


OWN: dict[str, Any] = {**peaks.OWN, "lfiltic": lfiltic}
_NAMES.update(OWN)


def __getattr__(name: str) -> Any:
    return _NAMES[name]


def __dir__() -> list[str]:
    return dir(signal)
