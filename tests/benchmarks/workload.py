"""A workload: a model, where it is differentiated, and the speed that is asked of dualad."""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

Value = Any  # a number, an array, or a traced one
Function = Callable[..., Value]


@dataclass(frozen=True, slots=True)
class Workload:
    """One line of the table.

    Attributes
    ----------
    name : str
        As given on the command line.
    build : callable
        The model: takes the module it calls ``np``, returns the function to differentiate.
    args : sequence
        Where it is differentiated.
    transform : {"grad", "jacobian", "hessian"}
        The derivative that is measured.
    argnums : int or tuple of int
        By which of `args`.
    required : float or None
        How many times faster than autograd; None for a workload outside the promise.
    long_loop : bool
        Whether a compiler that unrolls Python loops takes minutes: not measured with JAX.
    by_hand : callable, optional
        The derivative as one writes it in NumPy, of the same arguments: what is to be reached.
    """

    name: str
    build: Callable[[ModuleType], Function]
    args: Sequence[Any]
    transform: str = "grad"
    argnums: int | tuple[int, ...] = 0
    required: float | None = None
    long_loop: bool = False
    by_hand: Function | None = None


def special_of(np: ModuleType) -> ModuleType:
    """Module of special functions that belongs to `np`, as ``scipy.special`` does to NumPy."""
    library = np.__name__.partition(".")[0]
    prefix = "scipy" if library == "numpy" else f"{library}.scipy"
    return importlib.import_module(f"{prefix}.special")
