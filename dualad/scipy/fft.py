"""`scipy.fft`, with functions that accept traced values in place of those that do not dispatch.

Every name of `scipy.fft` is here.
"""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

from scipy import fft, fftpack

from dualad.core.blank import unfollowed
from dualad.core.tracer import Tracer
from dualad.rules.likes import gathered
from dualad.rules.scipy_fft import ROWS

_OWN = {row.function.__name__: row.function for row in ROWS}


def _older(name: str) -> Callable[..., Any]:
    """Return what stands for a function of `scipy.fftpack` in lifted code: that of `scipy.fft`."""
    plain, newer = getattr(fftpack, name), _OWN[name]
    parameters = signature(plain)

    @wraps(plain)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = dict(parameters.bind(*args, **kwargs).arguments)
        x = unfollowed(gathered(given.pop("x")))
        if not isinstance(x, Tracer):
            return plain(x, **given)
        given.pop("overwrite_x", None)
        if "shape" in given:
            given["s"] = given.pop("shape")
        return newer(x, **given)

    return call


# Of functions without a row; the real transforms of `fftpack` put their parts in another order.
OWN = {
    f"fftpack.{name}": _older(name)
    for name in ("fft", "ifft", "fft2", "ifft2", "fftn", "ifftn", "dct", "idct", "dst", "idst",
                 "dctn", "idctn", "dstn", "idstn")
}  # fmt: skip


def __getattr__(name: str) -> Any:
    return _OWN.get(name) or getattr(fft, name)


def __dir__() -> list[str]:
    return sorted({*dir(fft), *_OWN})
