"""What comes into a transform is checked here, first of all, and so is what comes out of fn."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.blank import unfollowed
from dualad.core.dispatch import stack_objects
from dualad.core.level import following
from dualad.core.tracer import Tracer, is_plain_array, shape_of
from dualad.errors import (
    ArgumentNumberError,
    ArgumentTypeError,
    DualadError,
    OutputTypeError,
    StructureError,
)
from dualad.transforms.seeds import is_complex
from dualad.tree import children, leaves, rebuild

FLOAT = np.dtype(float)
MODES = ("auto", "forward", "reverse")
OBJECTS = (
    "dtype('O')", "dtype object", "object array", "dtype=object", "numpy.object_", "'object'",
    "not supported for the input types", "loop of ufunc does not support",
)  # fmt: skip
HINT = (
    "Compiled code met traced values in an array of objects. dualad.lift(fn) differentiates much "
    "code as it is; functions of SciPy that are written in Python are in dualad.scipy."
)
SPARSE_HINT = (
    "A product with a sparse matrix of SciPy does not take traced values: write "
    "dualad.scipy.sparse.matmul(A, x) in place of A @ x."
)
NUMBERS = (Tracer, float, int, complex, np.number, np.bool_)


def check_function(fn: Any, transform: str) -> None:
    """Raise if `fn` cannot be called."""
    if not callable(fn):
        raise TypeError(
            f"dualad.{transform} takes a function, and got a {type(fn).__name__}: write "
            f"dualad.{transform}(fn)(x), not dualad.{transform}(fn(x))."
        )


def check_mode(mode: str, modes: tuple[str, ...] = MODES) -> None:
    """Raise if `mode` is none of those that there are."""
    if mode not in modes:
        *names, last = [f'"{name}"' for name in modes]
        raise ValueError(f"mode is {mode!r}; it is one of {', '.join(names)} and {last}.")


def check_chunk_size(size: int | None) -> None:
    """Raise if `size` is no number of directions."""
    if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 1):
        raise ValueError(
            f"chunk_size is {size!r}; it is how many directions to sweep at once, an int of at "
            f"least 1, or None to fit the memory."
        )


def argument_tuple(values: Any, what: str) -> tuple[Any, ...]:
    """Return a list or tuple of arguments as a tuple, and refuse anything else."""
    if not isinstance(values, (tuple, list)):
        raise TypeError(
            f"{what} is a {type(values).__name__}; it is a tuple with one item for each argument "
            f"of the function: write (x,) for a single one."
        )
    return tuple(values)


def positions(argnums: Any, args: tuple[Any, ...]) -> tuple[int, ...]:
    """Return the positions that `argnums`, an int or a tuple, names in a call with `args`.

    Raises
    ------
    ArgumentNumberError
        If one is not an int, out of range, or given twice.
    """
    count = len(args)
    if type(argnums) is int and 0 <= argnums < count:
        return (argnums,)
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
    EscapedError
        If it is a traced value that outlived its transform.
    """
    cls = type(leaf)
    if cls is float or (cls is np.ndarray and leaf.dtype is FLOAT):
        return leaf
    if isinstance(leaf, Tracer):
        return _open(leaf.current)
    if isinstance(leaf, (bool, np.bool_)):
        raise ArgumentTypeError(path, "a bool")
    if isinstance(leaf, (int, np.integer)):
        return float(leaf)
    if isinstance(leaf, (float, np.inexact)):
        return leaf
    if isinstance(leaf, complex):
        return np.complex128(leaf)
    if isinstance(leaf, (np.matrix, np.ma.MaskedArray)):
        raise ArgumentTypeError(path, f"a {cls.__name__}, whose operators are not an array's")
    if is_plain_array(leaf):
        return _as_inexact(np.asarray(leaf), path)
    raise ArgumentTypeError(path, f"of type {cls.__name__}")


def _as_inexact(array: Any, path: str) -> Any:
    """Return an array in an inexact dtype."""
    if array.dtype.kind in "fc":
        return array
    if array.dtype.kind in "iu":
        return array.astype(float)
    stacked = _stacked(array)
    if stacked is None or stacked.dtype.kind == "b":
        raise ArgumentTypeError(path, f"an array of dtype {array.dtype}")
    return as_primal(stacked, path)


def _stacked(array: Any) -> Any:
    """Return an object array of numbers, traced or not, as one array; None if it is none."""
    if array.dtype == object and all(isinstance(item, NUMBERS) for item in array.flat):
        return stack_objects(array)
    return None


def _open(value: Any) -> Any:
    """Return `value`, a blank array as a plain one; raise if it is traced and its trace closed."""
    if isinstance(value, Tracer):
        value.level  # noqa: B018  # raises
    return unfollowed(value)


def input_leaves(args: tuple[Any, ...], chosen: tuple[int, ...]) -> list[Any]:
    """Return the leaves, checked and promoted, of the arguments at the positions `chosen`."""
    found = []
    for i in chosen:
        if children(args[i]) is None:
            found.append(as_primal(args[i], f"argument {i}"))
        else:
            found += [as_primal(leaf, path) for path, leaf in leaves(args[i], f"argument {i}")]
    return found


def replaced(args: tuple[Any, ...], chosen: tuple[int, ...], values: list[Any]) -> list[Any]:
    """Return the arguments with the leaves at positions `chosen` replaced by `values`."""
    new = list(args)
    if len(chosen) == len(values) == 1 and children(args[chosen[0]]) is None:
        new[chosen[0]] = values[0]
        return new
    rest = iter(values)
    for i in chosen:
        new[i] = rebuild(args[i], rest)
    return new


def output_leaves(out: Any, has_aux: bool = False) -> list[tuple[Any, bool]]:
    """Return the leaves of what a function returned, and whether each counts as an output.

    Object arrays of numbers are made into one array, traced if they are. With `has_aux` the first
    item of a tuple counts, and the rest may be anything.

    Raises
    ------
    OutputTypeError
        If a leaf that counts is no number or array of numbers, or there is nothing at all.
    EscapedError
        If a leaf is a traced value that outlived its transform.
    """
    if out is None:
        raise OutputTypeError(
            "the output", "None", "end the function with a return statement that gives its value"
        )
    if not has_aux:
        return [(_output(leaf, path), True) for path, leaf in leaves(out, "the output")]
    if not isinstance(out, tuple) or len(out) < 2:
        found = f"a tuple of {len(out)}" if isinstance(out, tuple) else f"a {type(out).__name__}"
        raise OutputTypeError(
            "the output", found, "with has_aux=True it is a tuple: what to differentiate, the rest"
        )
    counted = [(_output(leaf, path), True) for path, leaf in leaves(out[0], "the output[0]")]
    return counted + [(_auxiliary(leaf), False) for part in out[1:] for _, leaf in leaves(part)]


def _output(leaf: Any, path: str) -> Any:
    """Return a leaf of an output, checked."""
    if isinstance(leaf, Tracer):
        return _open(leaf.current)
    if is_plain_array(leaf):
        if leaf.dtype.kind in "fciub":
            return leaf
        stacked = _stacked(leaf)
        if stacked is not None:
            return stacked
        found = f"an array of dtype {leaf.dtype}"
    elif isinstance(leaf, NUMBERS):
        return leaf
    else:
        found = f"of type {type(leaf).__name__}"
    raise OutputTypeError(
        path,
        found,
        "return numbers and arrays only, in tuples, lists, dicts or dataclasses, or give the rest "
        "as auxiliary output with has_aux=True",
    )


def _auxiliary(leaf: Any) -> Any:
    """Return a leaf of an auxiliary output, as it is; traced values in an object array as one."""
    if not is_plain_array(leaf) or leaf.dtype != object:
        return _open(leaf)
    traced = any(isinstance(item, Tracer) for item in leaf.flat)
    stacked = _stacked(leaf) if traced else None
    return leaf if stacked is None else stacked


def as_tangent(t: Any, primal: Any, what: str) -> Any:
    """Return a tangent or cotangent of `primal`, in its dtype.

    Raises
    ------
    StructureError
        If it differs in shape (a plain number does not stand for an array), or is complex where
        `primal` is real.
    """
    if isinstance(t, Tracer):
        t = _open(t.current)
    else:
        t = np.asarray(t)
        stacked = _stacked(t)
        t = t if stacked is None else stacked
        if t.dtype.kind not in "fciu":
            raise StructureError(what, "a number or an array of numbers", f"of dtype {t.dtype}")
    if t.shape != shape_of(primal):
        raise StructureError(f"the shape of {what}", str(shape_of(primal)), str(t.shape))
    if t.dtype.kind == "c" and not is_complex(primal):
        raise StructureError(what, "real, as what it belongs to", "complex")
    return cast(t, primal)


def cast(t: Any, primal: Any) -> Any:
    """Return `t` in the dtype of `primal`, a number where `primal` is one."""
    dtype = getattr(primal, "dtype", FLOAT if type(primal) is float else None)
    dtype = np.result_type(primal) if dtype is None else dtype
    traced = isinstance(t, Tracer)
    t = t if traced else np.asarray(t)
    if t.dtype != dtype:
        t = (t.real if dtype.kind != "c" else t).astype(dtype)
    return t if traced or t.ndim or is_plain_array(primal) else t[()]


def call(fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """Return ``fn(*args, **kwargs)``.

    NumPy wraps some errors of traced values in its own ("setting an array element with a
    sequence"): the one that says what to write instead is raised in its place. One that the
    function caught is raised again: what it did then, it would not do without the transform.
    """
    try:
        with following() as evaluation:
            out = fn(*args, **kwargs)
    except (TypeError, ValueError, NotImplementedError) as error:
        cause = error.__cause__ or evaluation.refusal
        if isinstance(cause, DualadError) and not isinstance(error, DualadError):
            raise cause.with_traceback(error.__traceback__) from None
        if not isinstance(error, DualadError) and any(word in str(error) for word in OBJECTS):
            error.add_note(HINT)
        if "unsupported data types in input" in str(error):  # SciPy's, of a sparse matrix
            error.add_note(SPARSE_HINT)
        raise
    if evaluation.refusal is not None:
        raise evaluation.refusal
    return out
