"""The function objects that transforms return: they pickle, and look like the function inside."""

import sys
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

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the transform makes of the function at these arguments."""
        raise NotImplementedError

    def __reduce__(self) -> Any:
        """Pickle by name what a decorator put in the function's place, and else by its parts."""
        found: Any = sys.modules.get(self.__module__)
        for part in self.__qualname__.split("."):
            found = getattr(found, part, None)
        return self.__qualname__ if found is self else super().__reduce__()

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else Bound(self, instance)

    def __repr__(self) -> str:
        return f"<dualad.{self.transform} of {self.__qualname__}>"


class Bound(Wrapped):
    """A `Wrapped` method of an instance.

    Python's own bound methods pickle by the function's name, which here names the method inside.
    """

    def __init__(self, fn: Wrapped, instance: Any) -> None:
        super().__init__(fn, fn.transform)
        self.__self__ = instance
        self.__wrapped__ = MethodType(fn.fn, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the transform makes of the method at these arguments."""
        return self.fn(self.__self__, *args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self
