"""One program, differentiated by several libraries."""

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy
import jax
import jax.numpy
import numpy as np

import dualad as da
from dualad.testing.programs import Program

jax.config.update("jax_enable_x64", True)

AGREE = 1e-8  # of the largest derivative: programs are smooth, and their values below 30


class DisagreementError(AssertionError):
    """Two libraries find different gradients of one program."""


def weighted(program: Program, xp: Any) -> Callable[..., Any]:
    """Return a program as a function to one number: a sum with uneven weights."""

    def fn(*inputs: Any) -> Any:
        y = xp.ravel(program(*inputs, xp=xp))
        return xp.sum(y * np.linspace(0.5, 1.5, y.shape[0]))

    return fn


def gradients(program: Program) -> dict[str, Any]:
    """Return the gradients by each library; an exception where one does not support a program."""
    places = tuple(range(len(program.inputs)))
    plain = weighted(program, np)
    ways: dict[str, Callable[[], Any]] = {
        "dualad forward": lambda: da.grad(plain, places, mode="forward")(*program.inputs),
        "dualad reverse": lambda: da.grad(plain, places, mode="reverse")(*program.inputs),
        "autograd": lambda: autograd.grad(weighted(program, autograd.numpy), places)(
            *program.inputs
        ),
        "jax": lambda: jax.grad(weighted(program, jax.numpy), places)(*program.inputs),
    }
    found: dict[str, Any] = {}
    for name, way in ways.items():
        try:
            found[name] = [np.asarray(g) for g in way()]
        except Exception as error:
            if name.startswith("dualad"):
                raise
            found[name] = error
    return found


def differ(one: Any, other: Any) -> bool:
    """Return whether two gradients differ by more than rounding."""
    size = 1 + max(float(np.max(np.abs(g), initial=0)) for g in one)
    return any(
        a.shape != b.shape or not np.all(np.abs(a - b) <= AGREE * size)
        for a, b in zip(one, other, strict=True)
    )


def disagreements(found: dict[str, Any]) -> list[str]:
    """Return the names of the libraries that differ from dualad's reverse mode."""
    ours = found["dualad reverse"]
    return [
        name
        for name, other in found.items()
        if not isinstance(other, Exception) and differ(ours, other)
    ]
