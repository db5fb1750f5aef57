"""The functions of `numpy.fft`, which also take lists with traced numbers in them."""

from typing import Any

import numpy

from dualad.numpy.gathering import gathering


def __getattr__(name: str) -> Any:
    return gathering(getattr(numpy.fft, name))


def __dir__() -> list[str]:
    return dir(numpy.fft)
