"""Sums over shards of data: the terms are evaluated, and differentiated, one by one or by workers.

The derivative of such a sum is one, too: of the terms' JVPs, or of their VJPs. So it is of all
orders, and each of them is spread over the workers.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dualad.core.dual import Dual
from dualad.core.product import telling_sum
from dualad.core.recorded import Recorded
from dualad.core.tracer import Tracer, numpy_value, shape_of
from dualad.errors import OutputTypeError, RecomputationError, StructureError
from dualad.transforms.arguments import output_leaves
from dualad.transforms.calls import (
    Call,
    Opaque,
    Place,
    is_array,
    is_number,
    levels_of,
    placed,
    spec_of,
    taken_apart,
    zeros,
)
from dualad.transforms.choice import chunks, directions_at_once
from dualad.transforms.products import Recording, cast_directions, forward, record
from dualad.transforms.seeds import ones_like, sizes
from dualad.transforms.spreading import check_workers, shown, spread
from dualad.tree import leaves, matching_leaves, rebuild, skeleton, tree_map
from dualad.typing import Tree

REPEATED = 1e-5  # of its size: how far a value may be off that is computed anew, in float32 too


@dataclass(frozen=True, slots=True)
class Term:
    """What is summed: a function of arguments and a shard.

    Attributes
    ----------
    fn : callable
        The user's.
    arguments : tree
        Positional and keyword arguments, with a `Place` for each operand.
    positions : tuple of int
        The operands by which it is differentiated.
    lead : tuple of int
        The direction axes of tangents and cotangents.
    """

    fn: Callable[..., Any]
    arguments: Tree
    positions: tuple[int, ...]
    lead: tuple[int, ...]

    def at(self, shard: Any) -> Callable[..., Any]:
        """Return the function of the operands alone."""

        def program(*operands: Any) -> Any:
            args, kwargs = placed(self.arguments, operands)
            return self.fn(*args, shard, **kwargs)

        return program

    def valued(self, operands: list[Any], shard: Any) -> tuple[Tree, None, float]:
        """Return the output, nothing else, and a number that tells it from another."""
        out = checked(self.at(shard)(*operands))
        return out, None, _telling([leaf for _, leaf in leaves(out)])

    def pushed(self, operands: list[Any], ts: list[Any], shard: Any) -> tuple[Tree, Any, float]:
        """Return the output, the outputs' tangents, and a number that tells the output."""
        program = self.at(shard)
        out, outputs, found = forward(program, tuple(operands), {}, self.positions, list(ts))
        pairs = zip(found, outputs, strict=True)
        tangents = [zeros(spec_of(y), self.lead) if t is None else t for t, y in pairs]
        return out, tangents, _telling(outputs)

    def pulled(self, operands: list[Any], shard: Any) -> tuple[Tree, list[Any] | None, float]:
        """Return the output, its gradients if it is one real number, and a number that tells it."""
        recording = record(self.at(shard), tuple(operands), {}, self.positions)
        outputs, gradients = recording.outputs, None
        if sizes(outputs) == [1]:
            gradients = recording.pull([ones_like(outputs[0])])
        return recording.out, gradients, _telling(outputs)

    def tangents(self, operands: list[Any], ts: list[Any], shard: Any) -> tuple[Any, float]:
        """Return the outputs' tangents, and a number that tells the output."""
        if not self.lead:
            return self.pushed(operands, ts, shard)[1:]
        recording = record(self.at(shard), tuple(operands), {}, self.positions)
        return self.swept(recording, recording.push, list(ts)), _telling(recording.outputs)

    def cotangents(self, operands: list[Any], cts: list[Any], shard: Any) -> tuple[Any, float]:
        """Return the operands' shares in cotangents, None being zero, and what tells the output."""
        recording = record(self.at(shard), tuple(operands), {}, self.positions)
        pairs = zip(cts, recording.outputs, strict=True)
        seeds = [None if ct is None else cast_directions(ct, y, self.lead) for ct, y in pairs]
        return self.swept(recording, recording.pull, seeds), _telling(recording.outputs)

    def swept(self, recording: Recording, sweep: Any, seeds: list[Any]) -> list[Any]:
        """Return the results of a sweep, of as many directions at a time as fit the memory."""
        count = math.prod(self.lead)
        width = directions_at_once(recording, count) if len(self.lead) == 1 else count
        if width >= count:
            found: list[Any] = sweep(seeds, self.lead)
            return found
        parts = [
            sweep([None if t is None else t[first : first + size] for t in seeds], (size,))
            for first, size in chunks(count, width)
        ]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]


def _telling(outputs: list[Any]) -> float:
    """Return a number that tells outputs from others."""
    with np.errstate(all="ignore"):
        return float(sum(abs(telling_sum(np.asarray(numpy_value(y)))) for y in outputs))


def checked(out: Tree) -> Tree:
    """Return an output, of which each leaf is a number or an array of numbers."""
    found = output_leaves(out)
    if not found:
        raise OutputTypeError("the output", "without numbers", "return at least one")
    return rebuild(out, iter([leaf for leaf, _ in found]))


@dataclass(slots=True)
class Kept:
    """What a call keeps for its rules.

    Attributes
    ----------
    term : Term or None
        Of the derivative that is computed with the value, if it is known which will be wanted.
    ts : list of array, or None
        The operands' tangents, going forward; None in reverse.
    found : list of array, or None
        The outputs' tangents, or the gradients.
    telling : float
        Tells the value from another.
    """

    term: Term | None = None
    ts: list[Any] | None = None
    found: list[Any] | None = None
    telling: float = math.nan

    def serves(self, positions: Any, is_pushed: bool) -> bool:
        """Return whether a rule is asked for what was found.

        Dual numbers are pushed once, and so along these tangents; a record may be both.
        """
        if self.found is None or self.term is None:
            return False
        return is_pushed == (self.ts is not None) and tuple(positions) == self.term.positions


def _beside(ct: Any, lead: int, gradient: Any) -> Any:
    """Return the cotangents of one number, of `lead` direction axes, to multiply a gradient by."""
    directions = shape_of(ct)[:lead]
    shape = directions + (1,) * len(shape_of(gradient))
    return np.reshape(ct, shape) if shape != shape_of(ct) else ct


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of a shard: one of arguments and a shard, and these arguments."""

    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __call__(self, shard: Any) -> tuple[Tree]:
        """Return the output, and nothing else."""
        return (checked(self.fn(*self.args, shard, **self.kwargs)),)


class SumOver(Opaque):
    """The function that `sum_over` returns."""

    def __init__(
        self, fn: Callable[..., Any], shards: Iterable[Any], workers: Any, progress: bool
    ) -> None:
        super().__init__(fn, "sum_over")
        del self.__wrapped__  # its last parameter, the shard, is not one of the sum
        check_workers(workers)
        _check_shards(shards)
        self.shards, self.workers, self.progress = shards, workers, progress

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the sum of what the function returns for all shards."""
        template, operands = taken_apart((args, kwargs), is_array)
        levels = levels_of(operands)
        if not levels:
            return self.total(Applied(self.fn, args, kwargs))[0]
        this = Call(template)
        this.kept = self.planned(this, operands) if len(levels) == 1 else Kept()
        return self.applied(this, operands)

    def planned(self, this: Call, operands: list[Any]) -> Kept:
        """Return what the rules will be asked for, by plain operands but for one level."""
        positions = [i for i, x in enumerate(operands) if isinstance(x, Tracer)]
        traced = [operands[i] for i in positions]
        if all(isinstance(x, Recorded) for x in traced):
            return Kept(self.term(this, positions, ()))
        if not all(isinstance(x, Dual) for x in traced):
            return Kept()
        ts = [x.tangent for x in traced]
        lead = shape_of(ts[0])[: len(shape_of(ts[0])) - len(shape_of(traced[0]))]
        return Kept(self.term(this, positions, lead), ts)

    def term(self, this: Call, positions: Any, lead: tuple[int, ...]) -> Term:
        """Return the term of a call."""
        return Term(self.fn, this.arguments, tuple(positions), lead)

    def again(self, this: Call, fn: Callable[..., Any], *args: Any) -> list[Any]:
        """Return the sum of a derivative over the same shards, if these give the same value."""
        found: list[Any]
        over = SumOver(fn, self.shards, self.workers, self.progress)
        over.__qualname__ = self.__qualname__  # by which errors call it
        found, telling = over(*args)
        gap, wanted = abs(numpy_value(telling) - this.kept.telling), abs(this.kept.telling)
        if gap > REPEATED * wanted:  # of other machines the rounding may be another
            raise RecomputationError(self.__qualname__, self.transform)
        return found

    def evaluated(self, this: Call, operands: list[Any]) -> Tree:
        """Return the value of a call, and keep the derivative if it was planned."""
        if any(isinstance(x, Tracer) for x in operands):
            return self.applied(this, operands)
        kept = this.kept
        if kept.term is None:
            function = partial(self.term(this, (), ()).valued, operands)
        elif kept.ts is None:
            function = partial(kept.term.pulled, operands)
        else:
            function = partial(kept.term.pushed, operands, kept.ts)
        out, kept.found, kept.telling = self.total(function)
        if any(is_number(leaf) for _, leaf in leaves(out)):
            return out
        return tree_map(lambda y: np.asarray(y)[()], out)  # counts only, of Python's

    def push(self, pairs: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the tangents of all outputs."""
        *operands, this = args
        positions, ts = zip(*pairs, strict=True)
        if this.kept.serves(positions, is_pushed=True):
            found = this.kept.found
        else:
            space = this.operands[positions[0]]
            lead = shape_of(ts[0])[: len(shape_of(ts[0])) - space.ndim]
            found = self.again(this, self.term(this, positions, lead).tangents, operands, list(ts))
        marks = [leaf for _, leaf in leaves(this.out)]
        return tuple(t for t, mark in zip(found, marks, strict=True) if isinstance(mark, Place))

    def pull(self, positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the shares of the operands at `positions`."""
        *operands, this = args
        lead = shape_of(ct[0])[: len(shape_of(ct[0])) - this.outputs[0].ndim]
        if this.kept.serves(positions, is_pushed=False):
            return [times(g, _beside(ct[0], len(lead), g)) for g in this.kept.found]
        marks = [leaf for _, leaf in leaves(this.out)]
        cts = [ct[mark.number] if isinstance(mark, Place) else None for mark in marks]
        return self.again(this, self.term(this, positions, lead).cotangents, operands, cts)

    def total(self, function: Callable[[Any], tuple[Tree, ...]]) -> tuple[Tree, ...]:
        """Return the sums over all shards, in their order, of all that a function returns."""
        shards, name = self.shards, self.__qualname__
        results = spread(function, shards, self.workers, "shard", name)
        if self.progress:
            widths = [1] * len(shards) if isinstance(shards, Sized) else None
            results = shown(results, widths, "shard")
        templates: list[Tree] = []
        totals: list[list[Any]] = []
        for number, parts in enumerate(results):
            if not totals:
                templates = [skeleton(part) for part in parts]
                totals = [[0 + leaf for _, leaf in leaves(part)] for part in parts]
                continue
            what = f"what {name} returns for shard {number}"
            for template, total, part in zip(templates, totals, parts, strict=True):
                _add(total, matching_leaves(template, part, what), what)
        if not totals:
            raise ValueError(EMPTY)
        pairs = zip(templates, totals, strict=True)
        return tuple([rebuild(template, iter(total)) for template, total in pairs])


def _add(totals: list[Any], values: list[Any], what: str) -> None:
    """Add values to totals of the same shapes, in their list."""
    for i, y in enumerate(values):
        wanted, shape = shape_of(totals[i]), None if y is None else shape_of(y)
        if shape != wanted:
            raise StructureError(f"the shape of {what}", str(wanted), str(shape))
        totals[i] = totals[i] + y


EMPTY = (
    "shards is empty, so there is nothing to sum, not even a zero of some shape. Give at least one "
    "shard."
)


def _check_shards(shards: Any) -> None:
    """Raise if there are no shards, or they can be read only once."""
    if not isinstance(shards, Iterable):
        raise TypeError(
            f"shards is of type {type(shards).__name__}, which holds no shards: give a list, or "
            f"another object over which a loop can go again and again."
        )
    if isinstance(shards, Iterator):
        raise TypeError(
            f"shards is a {type(shards).__name__}, which can be read once, and each derivative "
            f"reads it again: give a list, or an object whose __iter__ starts anew."
        )
    if isinstance(shards, Sized) and not len(shards):
        raise ValueError(EMPTY)


def sum_over(
    fn: Callable[..., Any], shards: Iterable[Any], *, workers: Any = None, progress: bool = False
) -> Callable[..., Any]:
    """Function that returns the sum of `fn` over shards of data, which all transforms accept.

    Parameters
    ----------
    fn : callable
        It gets a shard as its last positional argument: ``fn(params, shard)``. Its outputs, in a
        tree, have the same structure and shapes for all shards.
    shards : iterable
        Of any objects: arrays, or what tells `fn` where its data are, such as file names. It is
        read anew in each evaluation, so a list or an object with ``__iter__``, no generator.
    workers : int, callable or client, optional
        Spread the shards: over that many processes (-1: one a core; `fn`, arguments and shards must
        pickle), by a callable like `map`, such as an executor's, or by a client of Dask, whose
        futures may be shards. By default they are evaluated here, one after the other.
    progress : bool
        Show a bar over the shards; needs the extra ``progress``.

    Returns
    -------
    callable
        Of the arguments of `fn` but the last. It is differentiated as any function is; what it
        adds up, values and derivatives, it adds in the order of the shards, whoever did the work.

    Raises
    ------
    ValueError
        If there are no shards.
    TypeError
        If `shards` can be read only once.
    WorkerError
        If a process of an int `workers` dies, or if something for it does not pickle.
    StructureError
        If `fn` returns another structure, or other shapes, for another shard.
    ClosureError
        If `fn` uses a traced value that is none of its arguments.
    RecomputationError
        If `fn` returns something else when it is evaluated again.

    Notes
    -----
    A gradient of one number takes one evaluation of `fn` for each shard, and keeps the record of
    one shard at a time. A derivative of another kind evaluates the shards once more for each
    sweep. What `fn` raises comes through, with a note that tells the shard.

    Examples
    --------
    >>> import numpy as np
    >>> from dualad import grad
    >>> loss = sum_over(lambda w, shard: np.sum((w - shard) ** 2), [np.ones(2), np.zeros(3)])
    >>> float(loss(2.0)), float(grad(loss)(2.0))
    (14.0, 16.0)
    """
    return SumOver(fn, shards, workers, progress)
