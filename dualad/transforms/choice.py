"""The choice of the mode, and of how many directions go at once; `explain` tells the reasons."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dualad.core.pushing import last_uses
from dualad.core.record import elements
from dualad.core.tracer import shape_of
from dualad.transforms.arguments import check_function, positions
from dualad.transforms.products import Recording, record
from dualad.transforms.seeds import sizes

BUDGET = 256 * 2**20  # bytes that a sweep's tangents or cotangents may take
TEMPORARIES = 3  # arrays that a rule makes on the way to its result, about


def goes_forward(recording: Recording) -> bool:
    """Return whether a Jacobian is pushed rather than pulled: when inputs are no more."""
    return sum(sizes(recording.inputs)) <= sum(sizes(recording.outputs))


def one_number(inputs: list[Any]) -> bool:
    """Return whether a gradient is by dual numbers rather than pulled: by one number."""
    return len(inputs) == 1 and math.prod(shape_of(inputs[0])) == 1


def live_elements(recording: Recording) -> int:
    """Return the most elements that are in use at any one time of a push through a recording."""
    entries = recording.entries
    outputs = [position for position in recording.positions if position is not None]
    last = last_uses(entries, outputs)
    leaving: dict[int, list[int]] = {}
    weights = [math.prod(shape_of(x)) for x in recording.inputs]
    weights += [elements(entry) for entry in entries[len(weights) :]]
    for position, end in enumerate(last):
        if 0 <= end < len(entries):
            leaving.setdefault(end, []).append(position)
    live = most = sum(weights[: len(recording.inputs)])
    for position in range(len(recording.inputs), len(entries)):
        live += weights[position] if last[position] >= 0 else 0
        most = max(most, live)
        live -= sum(weights[i] for i in leaving.get(position, ()))
    return most


def directions_at_once(recording: Recording, count: int) -> int:
    """Return how many of `count` directions to sweep at once, within the memory budget."""
    total = sum(map(elements, recording.entries)) + sum(sizes(recording.inputs))
    if total * count * 8 <= BUDGET:  # they fit even if nothing were let go
        return max(count, 1)
    fitting = BUDGET // (8 * TEMPORARIES * max(live_elements(recording), 1))
    return int(max(1, min(count, fitting)))


def dual_directions_at_once(inputs: list[Any]) -> int:
    """Return how many directions to give dual numbers, of which only the inputs are known."""
    size = sum(math.prod(shape_of(x)) for x in inputs)
    return max(1, BUDGET // (8 * TEMPORARIES * max(size, 1)))


def chunks(count: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield the first direction and the number of directions of each sweep; one at the least."""
    for first in range(0, max(count, 1), size):
        yield first, min(size, count - first)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `explain` found out about a function at a point.

    Attributes
    ----------
    input_size, output_size : int
        Numbers of real elements.
    operations : int
        Applications recorded.
    elements : int
        Elements that they computed: the cost of one direction, in elements, up to a factor.
    forward_cost, reverse_cost : float
        Estimated cost of the whole Jacobian in each mode, in evaluations of the function.
    mode : str
        What ``jacobian(fn, mode="auto")`` does here.
    grad_mode : str
        What ``grad(fn, mode="auto")`` does here.
    reason : str
        In words.
    """

    input_size: int
    output_size: int
    operations: int
    elements: int
    forward_cost: float
    reverse_cost: float
    mode: str
    grad_mode: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{counted(self.input_size, 'input')}, {counted(self.output_size, 'output')}, "
            f"{counted(self.operations, 'operation')} on {counted(self.elements, 'element')}\n"
            f"jacobian: {self.mode} ({self.reason}); estimated cost {self.forward_cost:.0f} "
            f"evaluations forward, {self.reverse_cost:.0f} in reverse\n"
            f"grad: {self.grad_mode}"
        )


def counted(count: int, noun: str) -> str:
    """Return a number and a noun, in the plural unless it is one."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


FORWARD_COST = 1.0  # of a direction pushed, in evaluations: one product an operation, about
REVERSE_COST = 2.0  # of a direction pulled: a product and a sum for each operand, about


def explain(
    fn: Callable[..., Any], *args: Any, argnums: int | tuple[int, ...] = 0, **kwargs: Any
) -> Explanation:
    """Sizes, operations and costs of a function's derivatives at a point, and the mode chosen.

    Parameters
    ----------
    fn : callable
        Evaluated once.
    *args, **kwargs
        Its arguments.
    argnums : int or tuple of int
        Positions of the arguments to differentiate.

    Returns
    -------
    Explanation
        Print it, or read its attributes.

    Examples
    --------
    >>> import numpy as np
    >>> explain(lambda x: np.sum(x**2), np.ones(5)).mode
    'reverse'
    """
    check_function(fn, "explain")
    recording = record(fn, args, kwargs, positions(argnums, args))
    n, m = sum(sizes(recording.inputs)), sum(sizes(recording.outputs))
    pushed = goes_forward(recording)
    return Explanation(
        input_size=n,
        output_size=m,
        operations=sum(map(bool, recording.entries)),
        elements=sum(map(elements, recording.entries)),
        forward_cost=1 + n * FORWARD_COST,
        reverse_cost=1 + m * REVERSE_COST,
        mode="forward" if pushed else "reverse",
        grad_mode="forward" if one_number(recording.inputs) else "reverse",
        reason=f"{counted(n, 'direction')} to push, {m} to pull",
    )
