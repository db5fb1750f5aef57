"""The choice of the mode, and of how many directions go at once; `explain` tells the reasons."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dualad.core.pushing import last_uses
from dualad.core.tracer import shape_of
from dualad.transforms.arguments import check_function, positions
from dualad.transforms.costs import Costs
from dualad.transforms.mixed import Place, cheapest_place, parts, span
from dualad.transforms.products import Recording, record
from dualad.transforms.seeds import sizes

BUDGET = 256 * 2**20  # bytes that a sweep's tangents or cotangents may take
TEMPORARIES = 3  # arrays that a rule makes on the way to its result, about
NEAR = 4  # up to this ratio of the numbers of directions, costs decide between the modes
CALL = 2000  # elements an entry: so much longer, 2 us, does it take to push one than to pull it
NARROWEST = 4  # directions at least that all would have to span for a place to be narrower
WORTH = 20_000  # elements an entry, over all directions: 20 us of sweeping, and 2 us of looking
CLEARLY = 1.5  # times that mixed mode is to be cheaper, by a model that is not exact
TURNING = 3e-3  # us; to put an element of what was pushed in its place: the columns come first


@dataclass(frozen=True, slots=True)
class Choice:
    """How a Jacobian is swept.

    Attributes
    ----------
    plain : {"forward", "reverse"}
        The better one of these.
    place : Place or None
        Where the record is cut, in mixed mode.
    """

    plain: str
    place: Place | None = None

    @property
    def mode(self) -> str:
        """The mode."""
        return "mixed" if self.place else self.plain


def choose(recording: Recording, mode: str = "auto", whole: bool = False) -> Choice:
    """Return how to sweep for a Jacobian: as `mode` says, or the cheapest way.

    Each entry is looked at only if so much is computed that this takes no time beside it. With
    `whole`, the record is not cut.
    """
    if mode in ("forward", "reverse"):
        return Choice(mode)
    n, m = span(recording.inputs), span(recording.outputs)
    plain = "forward" if seems_forward(recording, n, m) else "reverse"
    if mode == "auto" and not is_worth_a_look(recording, n, m):
        return Choice(plain)
    costs = Costs(recording)
    forward, reverse = sweep_costs(costs, n, m)
    if costs.known and max(n, m) <= NEAR * min(n, m):
        plain = "forward" if forward < reverse else "reverse"
    if whole or (mode == "auto" and not costs.known):
        return Choice(plain)
    place = cheapest_place(costs, n, m)
    if place is None or (mode == "auto" and place.cost * CLEARLY > min(forward, reverse)):
        return Choice(plain)
    return Choice(plain, place)


def seems_forward(recording: Recording, n: int, m: int) -> bool:
    """Return whether pushing seems cheaper, by the numbers of directions, entries and elements."""
    if n >= m or m > NEAR * n:
        return n < m
    return (m - n) * sum(recording.made()) > CALL * len(recording.entries)


def is_worth_a_look(recording: Recording, n: int, m: int) -> bool:
    """Return whether the sweeps of a Jacobian take so long that looking at each entry does not."""
    few, many = min(n, m), max(n, m)
    if few < NARROWEST and many > NEAR * few:
        return False
    return few * sum(recording.made()) > WORTH * len(recording.entries)


def sweep_costs(costs: Costs, n: int, m: int) -> tuple[float, float]:
    """Return what it takes (us) to push all unit directions of the inputs, and to pull back."""
    return costs.pushed(n) + TURNING * n * m, costs.pulled(m)


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
    weights += recording.made()[len(weights) :]
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
    total = sum(recording.made()) + sum(sizes(recording.inputs))
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
    mixed_cost : float or None
        Likewise of mixed mode; None if nowhere in between is narrower than both ends.
    narrow_size, narrow_after : int or None
        Where the record is cheapest to cut: how many elements are live there, and how many
        operations come before.
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
    mixed_cost: float | None
    narrow_size: int | None
    narrow_after: int | None
    mode: str
    grad_mode: str
    reason: str

    def __str__(self) -> str:
        mixed = narrow = ""
        if self.mixed_cost is not None:
            mixed = f", {self.mixed_cost:.0f} mixed"
            narrow = (
                f"\nnarrow place: {counted(self.narrow_size or 0, 'element')} "
                f"after {counted(self.narrow_after or 0, 'operation')}"
            )
        return (
            f"{counted(self.input_size, 'input')}, {counted(self.output_size, 'output')}, "
            f"{counted(self.operations, 'operation')} on {counted(self.elements, 'element')}\n"
            f"jacobian: {self.mode} ({self.reason}); estimated cost {self.forward_cost:.0f} "
            f"evaluations forward, {self.reverse_cost:.0f} in reverse{mixed}{narrow}\n"
            f"grad: {self.grad_mode}"
        )


def counted(count: int, noun: str) -> str:
    """Return a number and a noun, in the plural unless it is one."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


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
    n, m = span(recording.inputs), span(recording.outputs)
    costs = Costs(recording)
    choice = choose(recording)
    place = cheapest_place(costs, n, m)
    if place and not parts(recording, place):
        choice, place = Choice(choice.plain), None
    reason = f"{counted(n, 'direction')} to push, {m} to pull"
    one = costs.pushed(1) or 1.0  # about an evaluation
    forward, reverse = [1 + cost / one for cost in sweep_costs(costs, n, m)]
    return Explanation(
        input_size=n,
        output_size=m,
        operations=sum(map(bool, recording.entries)),
        elements=sum(recording.made()),
        forward_cost=forward,
        reverse_cost=reverse,
        mixed_cost=1 + place.cost / one if place else None,
        narrow_size=place.width if place else None,
        narrow_after=sum(map(bool, recording.entries[: place.position])) if place else None,
        mode=choice.mode,
        grad_mode="forward" if one_number(recording.inputs) else "reverse",
        reason=reason if choice.place is None else f"{choice.place.width} in between, {reason}",
    )
