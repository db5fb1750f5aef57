"""The base of traced values, and how to look through them."""

from typing import Any

import numpy as np


class Tracer:
    """A value that a transform follows: a primal, and what the mode adds to it.

    Subclasses are `dualad.core.dual.Dual` (forward) and `dualad.core.recorded.Recorded` (reverse).

    Attributes
    ----------
    primal : float, numpy scalar, ndarray, or Tracer of a lower level
        The value itself.
    level : int
        Of the trace to which the value belongs; among operands the highest handles an operation.
    shortcuts : dict
        From some ufuncs to the operator, and the reflected one, that do the same more quickly.
    """

    __slots__ = ()

    primal: Any
    level: Any
    shape: Any
    dtype: Any
    copy: Any
    reshape: Any
    tolist: Any
    shortcuts: dict[Any, tuple[Any, Any]] = {}  # noqa: RUF012  # it stays as it is

    @property
    def current(self) -> Any:
        """What the value stands for: itself, unless it is a parameter."""
        return self

    def bind(self, row: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the outcome of applying `row`; this value has the highest level among operands."""
        raise NotImplementedError

    def constant(self, value: Any) -> Any:
        """Return an array, plain or of a lower level, as one that does not depend on anything."""
        raise NotImplementedError

    def receive(self, result: Any) -> Any:
        """Return this array after a result was written over it, as by ``out=``."""
        raise TypeError("return arrays must be of ArrayType")


become = object.__dict__["__class__"].__set__  # the class of a traced value; it shows another


def is_plain_array(x: Any) -> bool:
    """Return whether `x` is an array of NumPy's own: traced ones claim to be of its class."""
    return isinstance(x, np.ndarray) and not isinstance(x, Tracer)


def primal_value(x: Any) -> Any:
    """Return the plain value under all levels of tracing."""
    while isinstance(x, Tracer):
        x = x.primal
    return x


def numpy_value(x: Any) -> Any:
    """Return the plain value under all levels of tracing, a number as NumPy's.

    A float64 is held as a Python float, which to NumPy is weak: beside a float32 it would count as
    one.
    """
    x = primal_value(x)
    return np.float64(x) if type(x) is float else x


def shape_of(x: Any) -> tuple[int, ...]:
    """Return the shape of a number or array; quicker than `np.shape` on traced values."""
    try:
        found: tuple[int, ...] = x.shape
    except AttributeError:
        found = np.shape(x)
    return found


def as_array(x: Any) -> Any:
    """Return a number, traced or not, as an array without axes; an array as it is."""
    if hasattr(x, "__setitem__"):
        return x
    made: Any = np.copy if isinstance(x, Tracer) else np.array
    return made(x)


def strip(tree: Any) -> Any:
    """Return `tree` with every traced value in it, or in its lists and tuples, made plain."""
    if isinstance(tree, Tracer):
        return numpy_value(tree)
    if isinstance(tree, (list, tuple)) and type(tree) in (list, tuple):
        return type(tree)(strip(item) for item in tree)
    if isinstance(tree, dict):
        return {key: strip(item) for key, item in tree.items()}
    if is_plain_array(tree) and tree.dtype == object:
        plain = np.array([strip(item) for item in tree.ravel()])
        return plain.reshape(tree.shape)
    return tree
