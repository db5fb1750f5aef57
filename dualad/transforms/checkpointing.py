"""Memory for time: a function that keeps its arguments only, and is evaluated again in the pull."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.product import telling_sum
from dualad.core.tracer import numpy_value, shape_of
from dualad.errors import RecomputationError
from dualad.transforms.arguments import call
from dualad.transforms.calls import Call, Opaque, is_number, taken_apart, zeros
from dualad.transforms.products import forward, record


class Checkpoint(Opaque):
    """The function that `checkpoint` returns."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        super().__init__(fn, "checkpoint")

    def outputs(self, *operands: Any) -> tuple[Any, ...]:
        """Return the arrays that a call returns, after keeping a sum of each."""
        found = super().outputs(*operands)
        operands[-1].kept = [_sum(y) for y in found]
        return found

    def flat(self, this: Call) -> Callable[..., Any]:
        """Return the function of the call's operands alone, with its outputs in a tuple."""

        def fn(*operands: Any) -> tuple[Any, ...]:
            args, kwargs = this.filled(operands)
            return tuple(taken_apart(call(self.fn, args, kwargs), is_number)[1])

        return fn

    def push(self, pairs: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the tangents of all outputs, by dual numbers."""
        *operands, this = args
        positions, ts = zip(*pairs, strict=True)
        space = this.operands[positions[0]]
        lead = shape_of(ts[0])[: len(shape_of(ts[0])) - space.ndim]
        _, outputs, found = forward(self.flat(this), tuple(operands), {}, positions, list(ts))
        self.check(this, outputs)
        specs = zip(found, this.outputs, strict=True)
        return tuple(zeros(spec, lead) if t is None else t for t, spec in specs)

    def pull(self, positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the shares of the operands at `positions`, from another, recorded evaluation."""
        *operands, this = args
        lead = shape_of(ct[0])[: len(shape_of(ct[0])) - this.outputs[0].ndim]
        recording = record(self.flat(this), tuple(operands), {}, tuple(positions))
        self.check(this, recording.outputs)
        return recording.pull(list(ct), lead)

    def check(self, this: Call, outputs: list[Any]) -> None:
        """Raise if the outputs are not those of the first evaluation."""
        sums = [_sum(y) for y in outputs]
        if len(sums) != len(this.kept) or not np.array_equal(sums, this.kept, equal_nan=True):
            raise RecomputationError(self.__qualname__)


def _sum(y: Any) -> Any:
    """Return a number that tells an output from another."""
    return telling_sum(np.asarray(numpy_value(y)))


def checkpoint(fn: Callable[..., Any]) -> Checkpoint:
    """Function that computes what `fn` does, and keeps only its arguments for a derivative.

    Parameters
    ----------
    fn : callable
        Of arguments, and with outputs, in trees. It depends on traced values through its arguments
        only, and returns the same whenever it is called with the same.

    Returns
    -------
    callable
        Of the same arguments. In reverse mode it is evaluated once more, when the cotangents
        reach it; its record lives only then.

    Raises
    ------
    ClosureError
        When `fn` uses a traced value that is none of its arguments.
    RecomputationError
        When the second evaluation returns other values than the first.

    Notes
    -----
    A chain of ``n`` steps in about ``sqrt(n)`` checkpoints keeps ``sqrt(n)`` arguments and the
    record of ``sqrt(n)`` steps, for the time of one evaluation more (Griewank and Walther, 2008,
    ch. 12). Checkpoints nest.

    Examples
    --------
    >>> import numpy as np
    >>> from dualad import grad
    >>> float(grad(checkpoint(lambda x: np.sin(np.sin(x))))(0.0))
    1.0
    """
    return Checkpoint(fn)
