"""Integrals of functions that may depend on traced values.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> from dualad.scipy import integrate
>>> def area(rate):
...     return integrate.quad(lambda x: np.exp(-rate * x), 0.0, np.inf)[0]
>>> round(float(da.grad(area)(2.0)), 9)
-0.25
"""

from inspect import signature
from typing import Any

import numpy as np
from scipy import integrate

from dualad.core.level import refusal
from dualad.core.tracer import strip
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from dualad.lifting import lift
from dualad.rules.likes import has_traced
from dualad.scipy.boundary import solve_bvp
from dualad.scipy.following import again
from dualad.scipy.implicit import in_place_of
from dualad.scipy.stepping import SOLVERS, states_along

NODES = 21  # in each part of the interval, as many as QUADPACK takes


def __getattr__(name: str) -> Any:
    if name == "solve_ivp":
        return lift(integrate.solve_ivp)
    return OWN.get(name) or getattr(integrate, name)


def __dir__() -> list[str]:
    return sorted({*dir(integrate), *OWN})


@in_place_of(integrate.quad)
def quad(func: Any, a: Any, b: Any, args: Any = (), full_output: Any = 0, *rest: Any,
         **kwargs: Any) -> Any:  # fmt: skip
    """Return an integral: SciPy's, whose subdivision then gives the derivative."""
    args = args if isinstance(args, tuple) else (args,)
    traced = [has_traced([a, b])]

    def plain(x: float) -> Any:
        y = func(x, *args)
        traced[0] = traced[0] or has_traced(y)
        return strip(y)

    out = integrate.quad(plain, strip(a), strip(b), (), 1, *rest, **kwargs)
    if not traced[0]:
        return out if full_output else out[:2]
    if len(rest) > 4 or kwargs.get("weight") is not None or kwargs.get("complex_func"):
        raise refusal(UnsupportedParameterError("scipy.integrate.quad", *_OTHERS))
    y = _resampled(lambda x: func(x, *args), a, b, out[2])
    if not abs(strip(y) - out[0]) <= 1e-7 * abs(out[0]) + 10 * out[1]:
        raise refusal(SingularDerivativeError("scipy.integrate.quad", _SINGULAR))
    value = y + (out[0] - strip(y))
    return (value, *out[1:]) if full_output else (value, out[1])


_OTHERS = "weight, or complex_func", "func(x) * w(x), or the integrals of its parts"
_SINGULAR = "the integrand is singular, and its integral was extrapolated"


def _resampled(fn: Any, a: Any, b: Any, info: Any) -> Any:
    """Return the integral by Gauss' rule, in each of the parts that QUADPACK chose."""
    count = info["last"]
    low, high = info["alist"][:count], info["blist"][:count]
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = (high - low)[:, None] / 2
    places = ((high + low)[:, None] / 2 + half * nodes).ravel()
    weights = (half * weights).ravel()
    ends = strip(a), strip(b)
    if np.all(np.isfinite(ends)):
        whole = (b - a) / (ends[1] - ends[0])
        shares = places - ends[0]
        return (
            sum(float(w) * fn(a + float(p) * whole) for w, p in zip(weights, shares, strict=True))
            * whole
        )
    return _over_infinite(fn, a, b, places, weights)


def _over_infinite(fn: Any, a: Any, b: Any, places: Any, weights: Any) -> Any:
    """Return the integral over an infinite interval, ``x = bound + sign * (1 - t) / t``."""
    low, high = strip(a), strip(b)
    sign = 1.0 if low < high else -1.0
    low, high = min(low, high), max(low, high)
    shifts, weights = (1 - places) / places, weights / places**2
    total: Any = 0.0
    for w, d in zip(weights.tolist(), shifts.tolist(), strict=True):
        if np.isinf(low) and np.isinf(high):
            total = total + w * (fn(d) + fn(-d))
        elif np.isinf(high):
            total = total + w * fn((a if sign > 0 else b) + d)
        else:
            total = total + w * fn((b if sign > 0 else a) - d)
    return sign * total


@in_place_of(integrate.quad_vec)
def quad_vec(f: Any, a: Any, b: Any, *rest: Any, **kwargs: Any) -> Any:
    """Return an integral of vectors; that between traced bounds, over an interval that is plain."""
    if not has_traced([a, b]):
        return _QUAD_VEC(f, a, b, *rest, **kwargs)
    if kwargs.get("points") is not None or len(rest) > 6:
        raise refusal(UnsupportedParameterError("scipy.integrate.quad_vec", "points", "plain a, b"))
    low, high = strip((a, b))
    plain = integrate.quad_vec(lambda x, *args: strip(f(x, *args)), low, high, *rest, **kwargs)
    if np.isfinite([low, high]).all():
        bounds, fn = (0.0, 1.0), lambda s, *args: f(a + s * (b - a), *args) * (b - a)
    else:
        bound = a if np.isfinite(low) else b
        bounds = low - strip(bound), high - strip(bound)
        fn = lambda s, *args: f(bound + s, *args)
    found = _QUAD_VEC(fn, *bounds, *rest, **kwargs)
    return plain[0] + (found[0] - strip(found[0])), *plain[1:]


_QUAD_VEC = again(integrate.quad_vec)


@in_place_of(integrate.odeint)
def odeint(func: Any, y0: Any, t: Any, args: Any = (), *rest: Any, **kwargs: Any) -> Any:
    """Return the states that SciPy's finds, with derivatives to its tolerances."""
    given = dict(zip(_ODEINT[4:], rest, strict=False)) | kwargs
    args = args if isinstance(args, tuple) else (args,)
    first = given.pop("tfirst", False)
    slope = given.pop("Dfun", None)

    def rate(t: Any, y: Any) -> Any:
        return func(t, y, *args) if first else func(y, t, *args)

    if slope is not None:
        given["Dfun"] = lambda t, y: strip(slope(*((t, y) if first else (y, t)), *args))
    return states_along(rate, y0, t, given)


_ODEINT = list(signature(integrate.odeint).parameters)
OWN: dict[str, Any] = {
    "quad": quad,
    "quad_vec": quad_vec,
    "odeint": odeint,
    "solve_bvp": solve_bvp,
    **SOLVERS,
}
