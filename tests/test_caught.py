"""The checks have teeth: rows that are broken on purpose, each in its own way, are caught.

The broken rows never enter the table: each case applies its row itself, as the dispatcher does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from dualad.core.dispatch import apply
from dualad.core.row import TABLE, Row
from dualad.core.tracer import Tracer, primal_value
from dualad.rules.directions import axis_from_end, lead, trailing
from dualad.rules.kinds import composite, elementwise, general, linear, multilinear
from dualad.testing.cases import Case
from dualad.testing.properties import PROPERTIES
from dualad.testing.samples import Call, Draws

SEEDS = range(6)  # a fault in one branch of a rule must still be met
IN_ANY_PRECISION = ("value", "precision")  # the other checks compare with differences


@dataclass(frozen=True)
class Fault:
    """A broken row, how to draw calls of it, and which check is to see it."""

    name: str
    row: Row
    draw: Callable[[Draws], Call]
    check: str
    complex: bool = False


def _one(d: Draws) -> Call:
    return Call(d.array(domain="nonzero"))


def _pair(d: Draws) -> Call:
    a, b = d.broadcastable(2)
    return Call(d.array(a, "nonzero"), d.array(b, "nonzero"))


def _square(d: Draws) -> Call:
    return Call(d.array((3, 3)))


def _along_first_axis(d: Draws) -> Call:
    return Call(d.array((3, 3)), axis=0)


def _matrices(d: Draws) -> Call:
    return Call(d.array((3, 3)), d.array((3, 3)))


def _spread(d: Draws) -> Call:
    return Call(d.array((3,)), (3, 3))


def _spread_push(t: Any, y: Any, x: Any, shape: Any) -> Any:
    return np.broadcast_to(t[..., None, :], lead(t, x) + tuple(shape))


FAULTS = [
    Fault("a sign flipped in both modes", elementwise(np.cos, lambda y, x: np.sin(x)), _one, "jvp"),
    Fault("a factor lost in both modes", elementwise(np.square, lambda y, x: x), _one, "jvp"),
    Fault(
        "operands swapped",
        elementwise(np.divide, lambda y, a, b: -y / b, lambda y, a, b: 1 / b),
        _pair,
        "jvp",
    ),
    Fault(
        "a conjugate dropped in reverse",
        linear(np.conjugate, lambda ct, y, x: ct, push=lambda t, y, x: np.conj(t)),
        _one,
        "vjp",
        complex=True,
    ),
    Fault(
        "a conjugate too many in reverse",
        linear(np.fft.fft, lambda ct, y, a: np.conj(np.fft.fft(ct)), directions=axis_from_end),
        _square,
        "modes",
        complex=True,
    ),
    Fault(
        "a factor lost in reverse only",
        general(np.square, [lambda t, y, x: 2 * x * t], [lambda ct, y, x: x * ct]),
        _one,
        "vjp",
    ),
    Fault(
        "a transpose off by one axis",
        linear(np.fft.fft, lambda ct, y, a: np.fft.fft(ct, axis=-2), directions=axis_from_end),
        _square,
        "vjp",
        complex=True,
    ),
    Fault(
        "a matrix not transposed",
        multilinear(
            np.matmul,
            lambda ct, y, a, b: ct @ b,
            lambda ct, y, a, b: np.swapaxes(a, -1, -2) @ ct,
        ),
        _matrices,
        "modes",
    ),
    Fault(
        "a broadcast axis not summed but picked",
        linear(np.broadcast_to, lambda ct, y, x, shape: ct[..., 0, :], push=_spread_push),
        _spread,
        "vjp",
    ),
    Fault(
        "a broadcast axis summed in place of another",
        linear(np.broadcast_to, lambda ct, y, x, shape: np.sum(ct, axis=-1), push=_spread_push),
        _spread,
        "vjp",
    ),
    Fault(
        "directions taken for the axis of the call",
        linear(
            np.fft.fft,
            lambda ct, y, a, axis: np.fft.fft(ct, axis=trailing(axis, a.ndim)),
            push=lambda t, y, a, axis: np.fft.fft(t, axis=axis),
        ),
        _along_first_axis,
        "directions",
    ),
    Fault(
        "a product that is not linear in its direction",
        general(np.sin, [lambda t, y, x: np.cos(x) * t + np.square(t)]),
        _one,
        "directions",
    ),
    Fault(
        "a rule that cannot be differentiated",
        elementwise(np.sin, lambda y, x: np.cos(primal_value(x))),
        _one,
        "second_order",
    ),
    Fault(
        "a tangent wider than its value",
        elementwise(np.exp2, lambda y, x: y * np.log(np.float64(2))),
        _one,
        "precision",
    ),
    Fault("another value than NumPy's", composite(np.square, lambda x: x * x + 0.5), _one, "value"),
]


def _case(row: Row, fault: Fault, seed: int, dtype: Any) -> Case:
    """Return a call that `row` answers if an operand is traced, and NumPy if none is."""
    rng = np.random.default_rng(seed)
    call = fault.draw(Draws(lambda lo, hi: int(rng.integers(lo, hi + 1)), dtype, rng))
    operands = call.operands()

    def raw(*values: Any) -> Any:
        new = call.replaced(values)
        traced = any(isinstance(value, Tracer) for value in values)
        return apply(row, new.args, new.kwargs) if traced else row.function(*new.args, **new.kwargs)

    return Case(row.name, raw, tuple(operands), rng, repr(call))


def _failed_checks(row: Row, fault: Fault) -> set[str]:
    """Return the names of the checks that `row` does not pass."""
    double = [float, complex] if fault.complex else [float]
    single = [np.float32, np.complex64] if fault.complex else [np.float32]
    failed = set()
    for name, check in PROPERTIES.items():
        for dtype in double + single if name in IN_ANY_PRECISION else double:
            for seed in SEEDS:
                try:
                    check(_case(row, fault, seed, dtype))
                except AssertionError:
                    failed.add(name)
    return failed


every_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


@every_fault
def test_a_broken_row_is_caught_by_the_check_that_is_there_for_it(fault):
    assert fault.check in _failed_checks(fault.row, fault)


@every_fault
def test_the_unbroken_row_passes_on_the_same_calls(fault):
    assert _failed_checks(TABLE[fault.row.function], fault) == set()


def test_every_check_is_there_for_some_fault():
    assert {fault.check for fault in FAULTS} == set(PROPERTIES)


def test_the_table_keeps_its_own_rows():
    assert not {fault.row for fault in FAULTS} & set(TABLE.values())
