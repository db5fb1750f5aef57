"""What comes into a transform is checked here, first of all; and so is what the function returns."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.dispatch import stack_objects
from dualad.core.tracer import Tracer, shape_of
from dualad.errors import (
    ArgumentNumberError,
    ArgumentTypeError,
    DualadError,
    OutputTypeError,
    StructureError,
)
from dualad.transforms.parameter import Parameter
from dualad.tree import children, leaves, rebuild

FLOAT = np.dtype(float)
MODES = ("auto", "forward", "reverse")


def check_function(fn: Any, transform: str) -> None:
    """Raise if `fn` cannot be called."""
    if not callable(fn):
        raise TypeError(
            f"dualad.{transform} takes a function, and got a {type(fn).__name__}: write "
            f"dualad.{transform}(fn)(x), not dualad.{transform}(fn(x))."
        )


def check_mode(mode: str) -> None:
    """Raise if `mode` is none of the three."""
    if mode not in MODES:
        raise ValueError(f'mode is {mode!r}; it is one of "auto", "forward" and "reverse".')


def positions(argnums: Any, args: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the positions that `argnums`, an int or a tuple, names in a call with `args`.

    Raises
    ------
    ArgumentNumberError
        If one is not an int, out of range, or given twice.
    """
    count = len(args)
    chosen = argnums if isinstance(argnums, (tuple, list)) else (argnums,)
    for i in chosen:
        if isinstance(i, bool) or not isinstance(i, (int, np.integer)):
            raise ArgumentNumberError(argnums, count, f"{i!r} is no int")
        if not -count <= i < count:
            raise ArgumentNumberError(argnums, count, f"there is no argument {i}")
    found = tuple(int(i) % count for i in chosen)
    if len(set(found)) != len(found):
        raise ArgumentNumberError(argnums, count, "an argument is named twice")
    return found


def as_primal(leaf: Any, path: str) -> Any:
    """Return a leaf of an argument as a value that a trace can start from.

    Integers are promoted to float64.

    Raises
    ------
    ArgumentTypeError
        If the leaf is no real or complex number or array.
    """
    cls = leaf.__class__
    if cls is float or (cls is np.ndarray and leaf.dtype is FLOAT):
        return leaf
    if isinstance(leaf, Tracer):
        return leaf.current if isinstance(leaf, Parameter) else leaf
    if isinstance(leaf, (bool, np.bool_)):
        raise ArgumentTypeError(path, "a bool")
    if isinstance(leaf, (int, np.integer)):
        return float(leaf)
    if isinstance(leaf, (float, complex, np.inexact)):
        return leaf
    if isinstance(leaf, (np.matrix, np.ma.MaskedArray)):
        raise ArgumentTypeError(path, f"a {cls.__name__}, whose operators are not an array's")
    if isinstance(leaf, np.ndarray):
        return _as_inexact(np.asarray(leaf), path)
    raise ArgumentTypeError(path, f"of type {cls.__name__}")


def _as_inexact(array: Any, path: str) -> Any:
    """Return an array in an inexact dtype."""
    if array.dtype.kind in "fc":
        return array
    if array.dtype.kind in "iu":
        return array.astype(float)
    if (
        array.dtype == object
        and array.size
        and all(
            isinstance(item, (Tracer, float, int, complex)) and not isinstance(item, bool)
            for item in array.flat
        )
    ):
        return as_primal(stack_objects(array), path)
    raise ArgumentTypeError(path, f"an array of dtype {array.dtype}")


def input_leaves(args: tuple[Any, ...], chosen: tuple[int, ...]) -> list[Any]:
    """Return the leaves, checked and promoted, of the arguments at the positions `chosen`."""
    found = []
    for i in chosen:
        if children(args[i]) is None:
            found.append(as_primal(args[i], f"argument {i}"))
        else:
            found += [as_primal(leaf, path) for path, leaf in leaves(args[i], f"argument {i}")]
    return found


def replaced(args: tuple[Any, ...], chosen: tuple[int, ...], values: Any) -> list[Any]:
    """Return the arguments with the leaves at positions `chosen` replaced by `values`."""
    values = iter(values)
    new = list(args)
    for i in chosen:
        new[i] = rebuild(args[i], values)
    return new


def output_leaves(out: Any) -> list[tuple[str, Any]]:
    """Return the leaves of what a function returned, object arrays made into one traced array.

    Raises
    ------
    OutputTypeError
        If a leaf is no number or array.
    """
    found = []
    for path, leaf in leaves(out, "the output"):
        if isinstance(leaf, np.ndarray) and leaf.dtype == object:
            found.append((path, stack_objects(leaf)))
        elif isinstance(leaf, Parameter):
            found.append((path, leaf.current))
        elif isinstance(leaf, (Tracer, np.ndarray, np.number, float, int, complex, np.bool_)):
            found.append((path, leaf))
        else:
            raise OutputTypeError(
                path,
                f"of type {type(leaf).__name__}",
                "return numbers and arrays only, in tuples, lists, dicts or dataclasses, or "
                "give the rest as auxiliary output with has_aux=True",
            )
    return found


def check_some_output(out: Any) -> None:
    """Raise if the function returned nothing to differentiate."""
    if out is None:
        raise OutputTypeError(
            "the output", "None", "end the function with a return statement that gives its value"
        )


def as_tangent(t: Any, primal: Any, what: str) -> Any:
    """Return a tangent or cotangent of `primal`, in its dtype.

    Raises
    ------
    StructureError
        If it differs in shape; a plain number does not stand for an array.
    """
    if isinstance(t, Tracer):
        shape = t.shape
    else:
        t = np.asarray(t)
        if t.dtype.kind not in "fciu":
            raise StructureError(what, "a number or an array of numbers", f"of dtype {t.dtype}")
        shape = t.shape
    if shape != shape_of(primal):
        raise StructureError(f"the shape of {what}", str(shape_of(primal)), str(shape))
    return cast(t, primal)


def cast(t: Any, primal: Any) -> Any:
    """Return `t` in the dtype of `primal`, a number where `primal` is one."""
    dtype = getattr(primal, "dtype", FLOAT if primal.__class__ is float else None)
    dtype = np.result_type(primal) if dtype is None else dtype
    if not isinstance(t, Tracer):
        t = np.asarray(t)
        if t.dtype != dtype:
            t = (t.real if dtype.kind != "c" else t).astype(dtype)
        return t if t.ndim or isinstance(primal, np.ndarray) else t[()]
    if t.dtype != dtype:
        t = (t.real if dtype.kind != "c" else t).astype(dtype)
    return t


def call(fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """Return ``fn(*args, **kwargs)``.

    NumPy wraps some errors of traced values in its own ("setting an array element with a
    sequence"): the one that says what to write instead is raised in its place.
    """
    try:
        return fn(*args, **kwargs)
    except (TypeError, ValueError) as error:
        cause = error.__cause__
        if isinstance(cause, DualadError) and not isinstance(error, DualadError):
            raise cause.with_traceback(error.__traceback__) from None
        raise
