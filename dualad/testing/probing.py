"""Functions unfit to be checked: each fault has its name before any derivative is looked at."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.testing.failures import BadInputError
from dualad.testing.references import Function
from dualad.tree import leaves, tree_map

ELSEWHERE = "Check it at a point inside its domain"


def probe(fn: Callable[..., Any], args: tuple[Any, ...], real: bool = False) -> list[Any]:
    """Return the outputs of a plain call that have a derivative.

    Parameters
    ----------
    fn : callable
        The user's function.
    args : tuple of tree
        Where it is to be checked.
    real : bool
        Whether complex outputs are at fault, too.

    Raises
    ------
    BadInputError
        If the function changes its argument, gives another output the second time, gives NaN or
        infinity, or gives no number.
    """
    name = name_of(fn)
    given, kept = copied(args), copied(args)
    first = copied(fn(*given))
    for (path, before), (_, after) in zip(leaves(kept), leaves(given), strict=True):
        if not same(before, after):
            where = f"argument {path.removeprefix('[').replace(']', '', 1)}"
            raise BadInputError(name, f"changes {where}", "Let it work on a copy: x = x.copy()")
    second = fn(*copied(args))
    for (path, one), (_, other) in zip(leaves(first), leaves(second), strict=False):
        if not same(one, other):
            raise BadInputError(
                name,
                f"is not deterministic: {_place(path)} is {one!r} and then {other!r} at one point",
                "Fix its random seed, and keep no state between calls",
            )
    found = [np.asarray(leaf) for _, leaf in leaves(first) if kind_of(leaf) in "fc"]
    if not any(kind_of(leaf) in "fciub" for _, leaf in leaves(first)):  # integers are constant
        kinds = ", ".join(sorted({type(leaf).__name__ for _, leaf in leaves(first)})) or "nothing"
        advice = "Return real numbers or arrays of floats"
        raise BadInputError(name, f"is not real-valued: it returns {kinds}", advice)
    for path, leaf in leaves(first):
        _check_numbers(name, path, leaf, real)
    return found


def _check_numbers(name: str, path: str, leaf: Any, real: bool) -> None:
    """Raise if an output is not finite, or complex where a real one is needed."""
    array = np.asarray(leaf)
    if kind_of(leaf) not in "fc":
        return
    if not np.all(np.isfinite(array)):
        bad = np.argwhere(~np.isfinite(array))[0].tolist()
        value = array[tuple(bad)]
        where = f"{_place(path)}{bad if bad else ''}"
        raise BadInputError(name, f"returns {value} at the point, in {where}", ELSEWHERE)
    if real and array.dtype.kind == "c":
        advice = "Check its real and imaginary parts apart"
        raise BadInputError(name, f"is not real-valued: it returns {array.dtype}", advice)


def kind_of(leaf: Any) -> str:
    """Return the kind of dtype of a leaf: "f", "c", or another letter."""
    if isinstance(leaf, (float, complex)) or hasattr(leaf, "dtype"):
        return np.asarray(leaf).dtype.kind
    return "i" if isinstance(leaf, int) else "O"


def same(a: Any, b: Any) -> bool:
    """Return whether two leaves are equal to the last bit; NaN equals itself."""
    if kind_of(a) in "fc" and kind_of(b) in "fc":
        return np.array_equal(a, b, equal_nan=True)
    if kind_of(a) == "O" or kind_of(b) == "O":
        return True  # objects may compare in any way
    return np.array_equal(a, b)


def copied(tree: Any) -> Any:
    """Return a tree whose arrays are new, in their layout."""
    return tree_map(lambda leaf: leaf.copy(order="K") if isinstance(leaf, np.ndarray) else leaf,
                    tree)  # fmt: skip


def name_of(fn: Any) -> str:
    """Return what a message calls a function."""
    return str(getattr(fn, "__name__", None) or type(fn).__name__)


def guarded(fn: Function) -> Function:
    """Return `fn` that is given copies of arrays, so that nothing outside can be changed."""
    return lambda *operands: fn(*copied(operands))


def _place(path: str) -> str:
    """Return an output's path in words."""
    return f"output{path}" if path else "the output"
