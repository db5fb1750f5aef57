"""The types of inexact numbers: called, they convert traced values, too.

Everywhere else they stand for NumPy's: as a dtype, in `isinstance`, in comparisons of types.
"""

from typing import Any

import numpy as np

from dualad.core.scalar import TracedScalar
from dualad.rules.likes import array, has_traced


class NumberType(type):
    """The type of a type that stands for one of NumPy's, its base."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Return a number, or an array, of this type."""
        own = cls.__base__
        if not (args and has_traced(args[0])):
            return own(*args, **kwargs)  # type: ignore[misc]
        (x,) = args
        x = x if isinstance(x, TracedScalar) else array(x)
        return x if x.dtype == own else x.astype(own)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.__base__)  # type: ignore[arg-type]

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.__base__)  # type: ignore[arg-type]

    def __eq__(cls, other: object) -> bool:
        return True if other is cls or other is cls.__base__ else NotImplemented  # a dtype knows

    def __hash__(cls) -> int:
        return hash(cls.__base__)


def _standing_for(own: Any) -> NumberType:
    """Return the type that stands for one of NumPy's."""
    names = {"__doc__": own.__doc__, "__module__": own.__module__, "__slots__": ()}
    return NumberType(own.__name__, (own,), names)


SCALARS: dict[Any, Any] = {
    own: _standing_for(own)
    for own in dict.fromkeys([np.float16, np.float32, np.float64, np.longdouble,
                              np.complex64, np.complex128, np.clongdouble])
}  # fmt: skip
