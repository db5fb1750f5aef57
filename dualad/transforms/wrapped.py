"""The function objects that transforms return: they pickle, and look like the function inside."""

from collections.abc import Callable
from types import MethodType
from typing import Any

from dualad.transforms.arguments import check_function


class Wrapped:
    """A function made from another.

    It keeps that function's name, docstring and module, pickles if that does, binds as a method,
    and holds no state: many threads may call it at once.

    Parameters
    ----------
    fn : callable
        The function inside.
    transform : str
        The transform's name.
    """

    def __init__(self, fn: Callable[..., Any], transform: str) -> None:
        check_function(fn, transform)
        self.fn = fn
        self.transform = transform
        name = getattr(fn, "__name__", type(fn).__name__)
        self.__name__ = name
        self.__qualname__ = getattr(fn, "__qualname__", name)
        self.__doc__ = getattr(fn, "__doc__", None)
        self.__module__ = getattr(fn, "__module__", type(self).__module__)
        self.__wrapped__ = fn

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<dualad.{self.transform} of {self.__qualname__}>"
