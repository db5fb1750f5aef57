"""Einstein summation: every form of subscripts, as one contraction of labeled axes."""

from functools import cache
from typing import Any

import numpy as np

from dualad.core.dispatch import apply
from dualad.core.row import Row
from dualad.core.tracer import shape_of
from dualad.rules.contraction import parsed, pull_operand, push_operand
from dualad.rules.kinds import composite, constant, linear, multilinear
from dualad.rules.reductions import in_dtype_of


def _einsum(*operands: Any, out: Any = None, **options: Any) -> Any:
    """Return ``einsum`` by the row for its number of operands."""
    if isinstance(operands[0], str):
        subscripts, *arrays = operands
        form = subscripts
    else:  # operands and lists of labels by turns, and perhaps a list for the output
        arrays = list(operands[: len(operands) // 2 * 2 : 2])
        lists = (*operands[1::2], *(operands[-1:] if len(operands) % 2 else ()))
        form = tuple([tuple(labels) for labels in lists])
    parts = parsed(form, tuple(map(shape_of, arrays)))
    return apply(_row(len(arrays)), (*arrays, parts, form, options), {})


@cache
def _row(count: int) -> Row:
    """Return the row of ``einsum`` with `count` operands, its subscripts understood."""

    def einsum(*args: Any) -> Any:
        arrays, (_, form, options) = args[:count], args[count:]
        if isinstance(form, str):
            return np.einsum(form, *arrays, **options)
        pairs = [part for pair in zip(arrays, form, strict=False) for part in pair]
        return np.einsum(*pairs, *form[count:], **options)

    def pull(i: int) -> Any:
        def rule(ct: Any, y: Any, *args: Any) -> Any:
            share = pull_operand(i, ct, args[:i] + args[i + 1 : count], args[count])
            return in_dtype_of(share, args[i])  # the output may have been given another

        return rule

    def push(i: int) -> Any:
        def rule(t: Any, y: Any, *args: Any) -> Any:
            share = push_operand(i, t, y, args[:i] + args[i + 1 : count], args[count])
            return in_dtype_of(share, y)

        return rule

    if count == 1:  # its output may be a view, and only those of linear rows are followed
        return linear(einsum, _pull_one, push=push(0))
    operands = range(count)
    return multilinear(einsum, *map(pull, operands), pushes=list(map(push, operands)))


def _pull_one(ct: Any, y: Any, x: Any, parts: Any, form: Any, options: Any) -> Any:
    """Return the share of a single operand."""
    return in_dtype_of(pull_operand(0, ct, (), parts), x)


ROWS = [composite(np.einsum, _einsum), *constant(np.einsum_path)]
