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
from dualad.core.scalar import TracedScalar
from dualad.errors import InPlaceError, StructureError

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
        By which `get_grad` finds its gradient. A `Cell` that lists its parameters gives a name to
        those that have none, and puts the path of the sub-cell before the name: ``"layer.w"``.
    trainable : bool
        Whether `Cell.trainable_params` lists it.

    Attributes
    ----------
    own_name : str or None
        The name without the path.
    path_name : str or None
        The name with the path, by the cell that listed the parameter last.

    Notes
    -----
    To update a parameter, write ``w -= rate * gradient``, or assign to `value`, or to elements.

    Examples
    --------
    >>> import numpy as np
    >>> w = Parameter(np.array([1.0, 2.0]), name="w")
    >>> float(np.sum(w * w))
    5.0
    """

    __slots__ = ("_value", "own_name", "path_name", "trainable")

    own_name: str | None
    path_name: str | None
    level = math.inf  # it answers first, for its value to answer next

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
    def name(self) -> str | None:
        """The name, with the path of the sub-cell that holds the parameter, if a cell gave one."""
        return self.path_name or self.own_name

    @name.setter
    def name(self, name: str | None) -> None:
        self.own_name, self.path_name = name, None

    @property
    def value(self) -> Any:
        """The same as `current`; assign an array of the same shape to update the parameter."""
        return self.current

    @value.setter
    def value(self, value: Any) -> None:
        if isinstance(self.current, TracedScalar):
            raise InPlaceError(f"an update of parameter {self.name!r} within its own derivative")
        array = np.array(value)
        if array.shape != self._value.shape:
            raise StructureError(
                f"the shape of a new value for parameter {self.name!r}",
                str(self._value.shape),
                str(array.shape),
            )
        if array.dtype.kind == "c" and self._value.dtype.kind != "c":
            raise TypeError(f"parameter {self.name!r} is real, and its new value complex.")
        self._value = array.astype(self._value.dtype)

    def receive(self, result: Any) -> Any:
        """Return this parameter with a new value, the outcome of ``p += x`` or of ``out=p``."""
        self.value = result
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        changed = self._value.copy()
        changed[index] = value
        self.value = changed

    @property
    def current(self) -> Any:
        """The traced value while a transform differentiates by the parameter, else its array."""
        return (_bound.get() or {}).get(id(self), self._value)

    @property
    def primal(self) -> Any:  # other tracers store it
        """The same as `current`."""
        return self.current

    def bind(self, row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output, with current values in place of parameters."""
        operands = [x.current if isinstance(x, Parameter) else x for x in row.operands(args)]
        return apply(row, row.with_operands(args, operands), kwargs)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(ufunc, method)(*_current(args), **_current(kwargs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return function(*_current(args), **_current(kwargs))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        current = self.current
        if not isinstance(current, TracedScalar):
            return np.array(current, dtype=dtype, copy=copy)
        scalars: np.ndarray[Any, Any] = np.array(current.tolist(), dtype=dtype or np.object_)
        return scalars.reshape(current.shape)

    def __float__(self) -> float:
        return float(self.current)

    def __complex__(self) -> complex:
        return complex(self.current)

    def __copy__(self) -> Any:
        """Return a parameter like it; while it is differentiated by, its traced value."""
        current = self.current
        if isinstance(current, TracedScalar):
            return current.copy()
        return _restored(*self.__reduce__()[1])

    def __deepcopy__(self, memo: Any) -> Any:
        return self.__copy__()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__reduce__()

    def __reduce__(self) -> Any:
        return _restored, (self._value, self.own_name, self.path_name, self.trainable)

    def __repr__(self) -> str:
        return f"Parameter({self._value!r}, name={self.name!r}, trainable={self.trainable})"


def _restored(value: Any, own_name: Any, path_name: Any, trainable: bool) -> Parameter:
    """Return a parameter from its parts, for pickle."""
    parameter = Parameter(value, own_name, trainable=trainable)
    parameter.path_name = path_name
    return parameter


def _current(tree: Any) -> Any:
    """Return `tree` with the current values of the parameters in it, in its lists and tuples."""
    if isinstance(tree, Parameter):
        return tree.current
    if type(tree) is list or type(tree) is tuple:
        return type(tree)([_current(item) for item in tree])
    if type(tree) is dict:
        return {key: _current(item) for key, item in tree.items()}
    return tree


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


def are_bound() -> bool:
    """Return whether any parameter stands for another value here, in this thread."""
    return bool(_bound.get())
