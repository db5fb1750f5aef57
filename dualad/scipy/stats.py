"""`scipy.stats`, whose functions are SciPy's, lifted: they accept traced values.

Distributions are objects, and here as SciPy has them: lift the function that uses them.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> from dualad.scipy import stats
>>> da.grad(stats.gmean)(np.array([1.0, 4.0]))
array([1.  , 0.25])
>>> from scipy.stats import gamma
>>> loss = da.lift(lambda a: -np.sum(gamma.logpdf(np.array([1.0, 2.0]), a)))
>>> round(float(da.grad(loss)(1.5)), 6)
-0.620167
"""

from math import pi
from typing import Any

import numpy as np
from scipy import stats
from scipy.stats import _kde

from dualad.core.tracer import Tracer, shape_of
from dualad.rules.directions import mT
from dualad.rules.scipy_linalg import solve_triangular
from dualad.scipy import distributions
from dualad.scipy.following import Names

_NAMES = Names(stats, ())


def __getattr__(name: str) -> Any:
    return _NAMES[name]


def __dir__() -> list[str]:
    return dir(stats)


class _Estimate:
    """A sum of normal densities, or its logarithm, in place of the compiled function of a dtype."""

    def __init__(self, function: Any, logarithm: bool) -> None:
        self.__wrapped__ = function
        self.logarithm = logarithm

    def __getitem__(self, spec: str) -> Any:
        plain = self.__wrapped__[spec]

        def call(points: Any, values: Any, at: Any, factor: Any, *rest: Any) -> Any:
            given = (points, values, at, factor)
            if not any(isinstance(part, Tracer) for part in given):
                return plain(*given, *rest)
            return self.sum(*given)

        return call

    def sum(self, points: Any, values: Any, at: Any, factor: Any) -> Any:
        """Return the sum over points, at some places."""
        scaled = [mT(solve_triangular(factor, mT(x), lower=True)) for x in (points, at)]
        size = np.sum((scaled[1][:, None, :] - scaled[0][None, :, :]) ** 2, -1)
        norm = shape_of(points)[-1] / 2 * np.log(2 * pi) + np.sum(np.log(np.diagonal(factor)))
        if not self.logarithm:
            return np.matmul(np.exp(-size / 2 - norm), values)
        terms = np.log(values)[None] - (size / 2 + norm)[..., None]
        return np.logaddexp.reduce(terms, 1)


OWN: dict[str, Any] = distributions.OWN | {
    name: _Estimate(getattr(_kde, name), name.endswith("log"))
    for name in ("gaussian_kernel_estimate", "gaussian_kernel_estimate_log")
    if hasattr(_kde, name)
}
