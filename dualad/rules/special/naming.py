"""The names of functions of `dualad.scipy.special` that stand for SciPy's."""

from collections.abc import Callable
from typing import Any


def named(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that dispatches, under the name by which a user finds it."""
    function.__module__ = "dualad.scipy.special"
    function.__qualname__ = function.__name__
    return function
