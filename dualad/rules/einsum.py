"""Einstein summation: every form of subscripts, as one contraction of labelled axes."""

from collections import Counter
from functools import cache, lru_cache
from typing import Any

import numpy as np

from dualad.core.dispatch import apply
from dualad.core.row import Row
from dualad.errors import InPlaceError
from dualad.rules.contraction import Contraction, Labels, pull_operand, push_operand
from dualad.rules.kinds import composite, constant, linear, multilinear

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _einsum(*operands: Any, out: Any = None, **options: Any) -> Any:
    """Return ``einsum`` by the row for its number of operands."""
    if out is not None:
        raise InPlaceError("numpy.einsum(..., out=...)")
    subscripts, arrays = _as_string(operands)
    parts = _parsed(subscripts, tuple(map(np.shape, arrays)))
    return apply(_row(len(arrays)), (*arrays, parts, subscripts, options), {})


def _as_string(operands: Any) -> tuple[str, tuple[Any, ...]]:
    """Return the subscripts as a string, and the operands; they may have come interleaved."""
    if isinstance(operands[0], str):
        return operands[0], operands[1:]
    pairs = len(operands) // 2
    subscripts = ",".join(_letters(operands[2 * k + 1]) for k in range(pairs))
    if len(operands) % 2:
        subscripts += "->" + _letters(operands[-1])
    return subscripts, operands[: 2 * pairs : 2]


def _letters(labels: Any) -> str:
    """Return the string of a list of integers and ellipses, with NumPy's letters."""
    return "".join("..." if label is Ellipsis else LETTERS[label] for label in labels)


@lru_cache(maxsize=1024)
def _parsed(subscripts: str, shapes: tuple[tuple[int, ...], ...]) -> Contraction | None:
    """Return what subscripts mean for operands of `shapes`; None if NumPy refuses them."""
    sources, arrow, target = subscripts.replace(" ", "").partition("->")
    terms = sources.split(",")
    ranks = [len(s) - len(t.replace("...", "")) for s, t in zip(shapes, terms, strict=False)]
    if len(terms) != len(shapes) or min(ranks, default=0) < 0:
        return None
    inputs = tuple(_labels(term, rank) for term, rank in zip(terms, ranks, strict=True))
    rank = max(rank for rank, term in zip(ranks, terms, strict=True))
    if not arrow:
        counts = Counter(sources.replace("...", "").replace(",", ""))
        target = "..." + "".join(sorted(label for label in counts if counts[label] == 1))
    output = _labels(target, rank)
    if any(len(i) != len(s) for i, s in zip(inputs, shapes, strict=True)):
        return None
    return Contraction(inputs, output, len(output), shapes)


def _labels(term: str, rank: int) -> Labels:
    """Return a term's labels; those of an ellipsis count from its end, so that they broadcast."""
    before, dots, after = term.partition("...")
    return (*before, *(range(-rank, 0) if dots else ()), *after)


@cache
def _row(count: int) -> Row:
    """Return the row of ``einsum`` with `count` operands, subscripts read."""

    def einsum(*args: Any) -> Any:
        arrays, (_, subscripts, options) = args[:count], args[count:]
        return np.einsum(subscripts, *arrays, **options)

    def pull(i: int) -> Any:
        def rule(ct: Any, y: Any, *args: Any) -> Any:
            return pull_operand(i, ct, args[:i] + args[i + 1 : count], args[count])

        return rule

    def push(i: int) -> Any:
        def rule(t: Any, y: Any, *args: Any) -> Any:
            return push_operand(i, t, y, args[:i] + args[i + 1 : count], args[count])

        return rule

    if count == 1:
        return linear(einsum, pull(0), push=push(0))
    pulls = [pull(i) for i in range(count)]
    if count == 2:  # these name what they read, so that no more is kept
        pulls = [
            lambda ct, y, a, b, parts, subscripts, options: pull_operand(0, ct, (b,), parts),
            lambda ct, y, a, b, parts, subscripts, options: pull_operand(1, ct, (a,), parts),
        ]
    return multilinear(einsum, *pulls, pushes=[push(i) for i in range(count)])


ROWS = [composite(np.einsum, _einsum), *constant(np.einsum_path)]
