"""Mixed mode: the Jacobian as a product, of two parts that meet where the function is narrow.

A place in a record separates what was computed before it from what is computed from there on. The
values that are made before and used after, say `w` elements, are all that the second part sees of
the first. So the Jacobian is that of the outputs by these values, for which `w` directions are
pushed through the second part, times that of these values by the inputs, for which `w` directions
are pulled back through the first. (Griewank and Walther, 2008, ch. 9 and 10.)
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dualad.core.pushing import push
from dualad.core.tracer import primal_value, shape_of
from dualad.transforms.costs import Costs
from dualad.transforms.products import Recording
from dualad.transforms.seeds import dtype_of, is_complex, sizes

PRODUCT = 1e-4  # us; a multiplication and an addition in the product of the two parts


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is cut in two.

    Attributes
    ----------
    position : int
        Of the first entry after it.
    live : list of int
        Positions of the values that are made before it and used after it.
    width : int
        How many elements these have.
    cost : float
        What the Jacobian takes (us) if the record is cut there; see `Costs`.
    """

    position: int
    live: list[int]
    width: int
    cost: float


def cheapest_place(costs: Costs, inputs: int, outputs: int) -> Place | None:
    """Return where to cut for a Jacobian by so many inputs, or None if nowhere is narrower."""
    widths = costs.widths()
    push, push_each, pull, pull_each = costs.totals
    whole = [entry is not None for entry in costs.entries] + [True]  # not between joint outputs
    places = np.flatnonzero((widths > 0) & (widths < min(inputs, outputs)) & whole)
    places = places[places >= costs.inputs]
    if not len(places):
        return None
    w = widths[places]
    cost = pull[places] + w * pull_each[places]
    cost += push[-1] - push[places] + w * (push_each[-1] - push_each[places])
    cost += push[places] + push_each[places]  # to see what is live: see `parts`
    cost += PRODUCT * inputs * outputs * w
    best = int(np.argmin(cost))
    position = int(places[best])
    return Place(position, costs.live(position), int(w[best]), float(cost[best]))


@dataclass(slots=True)
class Tail(Recording):
    """The second part of a recording: its inputs are the values that are live where it begins.

    Attributes
    ----------
    start : int
        Position of the first entry that belongs to it.
    live : list of int
        Positions of the inputs.
    """

    start: int = 0
    live: list[int] = field(default_factory=list)

    def push(self, tangents: list[Any], directions: tuple[int, ...] = ()) -> list[Any]:
        """Return the output leaves' tangents, given one for each input; None stands for zero."""
        ts: list[Any] = [None] * self.start
        for position, t in zip(self.live, tangents, strict=True):
            ts[position] = t
        return Recording.push(self, ts, directions)


def parts(recording: Recording, place: Place) -> tuple[Recording, Tail] | None:
    """Return the two parts of a recording, cut at a place; None if numbers there are complex.

    A record does not tell the dtypes of all its values. One direction, zero, that is pushed to
    where it is cut does: the tangents there have the shapes and the dtypes of the values.
    """
    if any(map(is_complex, [*recording.inputs, *recording.outputs])):
        return None
    first = recording.entries[: place.position]
    zeros = [np.zeros(shape_of(x), _inexact(x)) for x in recording.inputs]
    with np.errstate(all="ignore"):
        ts = push(first, list(zeros), place.live)
    if any(t is None or is_complex(t) for t in ts):
        return None
    values = [np.zeros(shape_of(t), dtype_of(t)) for t in ts]
    head = Recording(first, recording.inputs, None, list(place.live), values)
    tail = Tail(recording.entries, values, None, recording.positions, recording.outputs,
                start=place.position, live=place.live)  # fmt: skip
    return head, tail


def _inexact(x: Any) -> Any:
    """Return the dtype of a tangent of `x`."""
    dtype = dtype_of(x)
    return dtype if dtype.kind == "f" else np.dtype(float)


def are_finite(arrays: list[Any]) -> bool:
    """Return whether all elements of arrays, traced or not, are finite.

    An infinity in one part may meet a zero in the other. Their product is zero by convention (see
    `dualad.core.product`), and the sweeps of the whole record know it, but a product of matrices
    does not.
    """
    return all(bool(np.all(np.isfinite(primal_value(x)))) for x in arrays)


def span(values: list[Any]) -> int:
    """Return how many directions some values span together."""
    return sum(sizes(values))


def check_alone(workers: Any) -> None:
    """Raise if workers are to share the few directions of mixed mode."""
    if workers is not None:
        raise ValueError(
            'mode is "mixed", and workers are given: it has few directions, which are swept here. '
            'Leave out workers, or use "forward" or "reverse" to spread directions.'
        )
