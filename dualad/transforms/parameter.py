"""Parameters: arrays that a function reaches by closure, and that `grad` can differentiate."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from dualad.core.array import TracedArray
from dualad.core.dispatch import apply
from dualad.core.row import Row
from dualad.core.tracer import Tracer
from dualad.errors import StructureError, TracedToFloatError

_bound: ContextVar[dict[int, Any] | None] = ContextVar("bound", default=None)


class Parameter(TracedArray):
    """An array with a name, which may be used in NumPy expressions like any array.

    While `grad` or another transform with ``weights=[parameter, ...]`` runs a function, the
    parameter stands for its traced value, in that thread (or asyncio task) only.

    Parameters
    ----------
    value : array_like
        Real or complex; integers are promoted to float64.
    name : str, optional
        By which `get_grad` finds its gradient; a `Cell` gives a name to those that have none.
    trainable : bool
        Whether `Cell.trainable_params` lists it.

    Examples
    --------
    >>> import numpy as np
    >>> w = Parameter(np.array([1.0, 2.0]), name="w")
    >>> float(np.sum(w * w))
    5.0
    """

    __slots__ = ("_value", "name", "trainable")

    level = math.inf  # type: ignore[assignment]  # it answers first, for its value to answer next

    def __init__(self, value: Any, name: str | None = None, *, trainable: bool = True) -> None:
        array = np.array(value.primal if isinstance(value, Parameter) else value)
        if array.dtype.kind not in "fc":
            if array.dtype.kind not in "iu":
                raise TypeError(
                    f"a Parameter holds float or complex numbers, not dtype {array.dtype}: convert "
                    f"its value, np.asarray(value, dtype=float)."
                )
            array = array.astype(float)
        self._value = array
        self.name = name
        self.trainable = trainable

    @property
    def value(self) -> np.ndarray[Any, Any]:
        """The array; assign a new one of the same shape to update the parameter."""
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        array = np.array(value, dtype=self._value.dtype)
        if array.shape != self._value.shape:
            raise StructureError(
                f"the shape of a new value for parameter {self.name!r}",
                str(self._value.shape),
                str(array.shape),
            )
        self._value = array

    @property
    def current(self) -> Any:
        """The traced value while a transform differentiates by the parameter, else its array."""
        return (_bound.get() or {}).get(id(self), self._value)

    @property
    def primal(self) -> Any:  # type: ignore[override]  # other tracers store it
        """The same as `current`."""
        return self.current

    def bind(self, row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output, with current values in place of parameters."""
        operands = [x.current if isinstance(x, Parameter) else x for x in row.operands(args)]
        return apply(row, row.with_operands(args, operands), kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        current = self.current
        if isinstance(current, Tracer):
            raise TracedToFloatError("np.asarray", current.shape)
        return np.array(current, dtype=dtype, copy=copy)

    def __float__(self) -> float:
        return float(self.current)

    def __copy__(self) -> "Parameter":
        return Parameter(self._value, self.name, trainable=self.trainable)

    def __deepcopy__(self, memo: Any) -> "Parameter":
        return self.__copy__()

    def __reduce__(self) -> Any:
        return _restored, (self._value, self.name, self.trainable)

    def __repr__(self) -> str:
        return f"Parameter({self._value!r}, name={self.name!r}, trainable={self.trainable})"


def _restored(value: Any, name: str | None, trainable: bool) -> Parameter:
    """Return a parameter from its parts, for pickle."""
    return Parameter(value, name, trainable=trainable)


@contextmanager
def bound_to(parameters: Sequence[Parameter], values: Sequence[Any]) -> Iterator[None]:
    """Let parameters stand for other values within a ``with`` block, in this thread only."""
    if not parameters:
        yield
        return
    outer = _bound.get() or {}
    inner = {id(p): value for p, value in zip(parameters, values, strict=True)}
    token = _bound.set({**outer, **inner})
    try:
        yield
    finally:
        _bound.reset(token)
