"""Sums of products over labelled axes: what `einsum`, `tensordot`, `dot`, `kron` have in common.

Every axis of every operand has a label. The output's entries are sums, over the labels that it
lacks, of products of the operands' entries. Its transposes and its tangents are sums of products
again, with other labels, and each is computed by as few matrix products as NumPy's BLAS allows.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import combinations
from math import prod
from typing import Any, NamedTuple

import numpy as np

from dualad.core.tracer import shape_of
from dualad.rules.indexing import scatter

Labels = tuple[Any, ...]
Shape = tuple[int, ...]
Term = tuple[Any, Labels]
Rules = tuple[Any, ...]  # by operand: two shares, then two tangents


class Contraction(NamedTuple):
    """A sum of products.

    Attributes
    ----------
    inputs : tuple of tuple
        The labels of each operand's axes; a label that is repeated there selects a diagonal.
    output : tuple
        The labels of the output's axes, all different.
    shapes : tuple of tuple of int
        The operands' shapes. An axis of length 1 broadcasts.
    ndim : int
        How many axes the output has; fewer than labels if adjacent axes are merged, as by `kron`.
    constants : tuple of array
        The last operands, if the function has them within itself.
    """

    inputs: tuple[Labels, ...]
    output: Labels
    shapes: tuple[Shape, ...]
    ndim: int
    constants: tuple[Any, ...] = ()


@lru_cache(maxsize=1024)
def parsed(subscripts: str | tuple[Labels, ...], shapes: tuple[Shape, ...]) -> Contraction | None:
    """Return what the subscripts of an `einsum` mean, or None if NumPy refuses them.

    `subscripts` are a string, or the tuples of labels of an interleaved call, the output's last.
    """
    terms = _split(subscripts) if isinstance(subscripts, str) else subscripts
    dots = [len(shape) - len(term) + 1 for shape, term in zip(shapes, terms, strict=False)]
    if not len(shapes) <= len(terms) <= len(shapes) + 1 or min(dots) < 0:
        return None
    inputs = [_filled(term, n) for term, n in zip(terms, dots, strict=False)]
    if len(terms) > len(shapes):
        target = terms[-1]
    else:  # the labels that occur once, sorted
        counts = Counter(label for term in terms for label in term if label is not Ellipsis)
        target = (Ellipsis, *sorted(label for label in counts if counts[label] == 1))
    widest = max([n for n, term in zip(dots, terms, strict=False) if Ellipsis in term], default=0)
    output = _filled(target, widest)
    return Contraction(tuple(inputs), output, shapes, len(output))


def _split(subscripts: str) -> tuple[Labels, ...]:
    """Return the labels of each term of a string."""
    sources, arrow, target = subscripts.replace(" ", "").partition("->")
    terms = [*sources.split(","), *([target] if arrow else [])]
    parts = [term.partition("...") for term in terms]
    return tuple([(*a, *((Ellipsis,) if dots else ()), *b) for a, dots, b in parts])


def _filled(term: Labels, dots: int) -> Labels:
    """Return labels with `dots` ones for an ellipsis, counted from its end: so they broadcast."""
    if Ellipsis not in term:
        return term
    k = term.index(Ellipsis)
    return (*term[:k], *range(-dots, 0), *term[k + 1 :])


def pull_operand(i: int, ct: Any, others: Any, parts: Contraction) -> Any:
    """Return operand ``i``'s share of the cotangent `ct`; `others` are the other operands."""
    labels, shape = parts.inputs[i], parts.shapes[i]
    leading = shape_of(ct)[: len(shape_of(ct)) - parts.ndim]
    sizes, own = lengths(parts.inputs, parts.shapes), lengths((labels,), (shape,))
    directions = _direction_labels(leading)
    ct = np.reshape(ct, leading + tuple([sizes[label] for label in parts.output]))
    terms = [(ct, directions + parts.output), *_terms(others, parts, i)]
    found = lengths([term[1] for term in terms], [shape_of(term[0]) for term in terms])
    shared = [label for label in own if found.get(label) == own[label]]
    share = sum_of_products(terms, (*directions, *shared))
    if len(shared) < len(own):  # along the others, all entries have the same share
        ones = tuple([own[label] if label in shared else 1 for label in own])
        share = np.broadcast_to(np.reshape(share, leading + ones), leading + tuple(own.values()))
    if len(own) < len(labels):
        return scatter(share, _diagonals(labels, own), shape)
    return share


def push_operand(i: int, t: Any, y: Any, others: Any, parts: Contraction) -> Any:
    """Return the output's tangent, given operand ``i``'s; `others` are the other operands."""
    leading = shape_of(t)[: len(shape_of(t)) - len(parts.shapes[i])]
    directions = _direction_labels(leading)
    terms = [_diagonal(t, parts.inputs[i], directions), *_terms(others, parts, i)]
    return np.reshape(sum_of_products(terms, directions + parts.output), leading + shape_of(y))


def by_labels(meaning: Callable[..., Any], quick: Rules | None = None) -> Rules:
    """Return the rules of a product of two operands.

    Parameters
    ----------
    meaning : callable
        ``meaning(a_shape, b_shape, *params)``: the contraction that a call stands for.
    quick : tuple of callable, optional
        Rules ``rule(ct or t, a, b)`` that return None for the shapes that they do not serve.
    """

    def pull(i: int) -> Any:
        def rule(ct: Any, y: Any, a: Any, b: Any, *params: Any, **options: Any) -> Any:
            share = quick[i](ct, a, b) if quick else None
            if share is None:
                parts = meaning(shape_of(a), shape_of(b), *params, **options)
                share = pull_operand(i, ct, (a if i else b,), parts)
            return share

        return rule

    def push(i: int) -> Any:
        def rule(t: Any, y: Any, a: Any, b: Any, *params: Any, **options: Any) -> Any:
            tangent = quick[2 + i](t, a, b) if quick else None
            if tangent is None:
                parts = meaning(shape_of(a), shape_of(b), *params, **options)
                tangent = push_operand(i, t, y, (a if i else b,), parts)
            return tangent

        return rule

    return pull(0), pull(1), push(0), push(1)


def _terms(others: Any, parts: Contraction, i: int) -> list[Term]:
    """Return the operands other than operand ``i``, with their labels."""
    labels = parts.inputs[:i] + parts.inputs[i + 1 :]
    arrays = (*others, *parts.constants)
    return [_diagonal(x, own, ()) for x, own in zip(arrays, labels, strict=True)]


def _direction_labels(leading: Shape) -> Labels:
    """Return labels for direction axes, unlike any other labels."""
    return tuple([("direction", k) for k in range(len(leading))])


def lengths(labels: Any, shapes: Any) -> dict[Any, int]:
    """Return the length that each label stands for, in the order of their first use."""
    found: dict[Any, int] = {}
    for own, shape in zip(labels, shapes, strict=True):
        for label, n in zip(own, shape, strict=True):
            if n != 1 or label not in found:
                found[label] = n
    return found


def _diagonals(labels: Labels, sizes: dict[Any, int]) -> tuple[Any, ...]:
    """Return the index that selects the diagonals along which labels are repeated."""
    grids = dict(zip(sizes, np.ix_(*map(np.arange, sizes.values())), strict=True))
    return tuple([grids[label] for label in labels])


def _diagonal(x: Any, labels: Labels, directions: Labels) -> Term:
    """Return the diagonals of `x` along which labels are repeated, and labels without repeats."""
    unique = tuple(dict.fromkeys(labels))
    if len(unique) < len(labels):
        sizes = lengths((labels,), (shape_of(x)[len(directions) :],))
        x = x[(slice(None),) * len(directions) + _diagonals(labels, sizes)]
    return x, directions + unique


def sum_of_products(terms: list[Term], wanted: Labels) -> Any:
    """Return the sum of products of labelled arrays, two at a time: the cheapest pair first."""
    terms = list(terms)
    while len(terms) > 1:
        first, second = min(combinations(range(len(terms)), 2), key=lambda p: _cost(terms, *p))
        b, a = terms.pop(second), terms.pop(first)
        kept = wanted
        if terms:
            later = {*wanted, *(label for _, labels in terms for label in labels)}
            kept = tuple([label for label in dict.fromkeys(a[1] + b[1]) if label in later])
        terms.append((_product(a, b, kept), kept))
    return _arranged(*_summed(*terms[0], wanted), wanted)


def _cost(terms: list[Term], first: int, second: int) -> int:
    """Return the number of multiplications that the product of two terms takes."""
    if len(terms) == 2:
        return 0
    (a, la), (b, lb) = terms[first], terms[second]
    return prod(lengths((la, lb), (shape_of(a), shape_of(b))).values())


def _summed(x: Any, labels: Labels, kept: Any) -> Term:
    """Return an array summed over the axes whose labels are not in `kept`, and its labels."""
    axes = tuple([k for k, label in enumerate(labels) if label not in kept])
    if not axes:
        return x, labels
    return np.sum(x, axes), tuple([label for label in labels if label in kept])


def _arranged(x: Any, labels: Labels, wanted: Labels) -> Any:
    """Return an array with its axes in the order of `wanted`, where all its labels are."""
    order = [labels.index(label) for label in wanted if label in labels]
    return x if order == sorted(order) else np.transpose(x, order)


def _product(left: Term, right: Term, wanted: Labels) -> Any:
    """Return the sum of products of two labelled arrays, with the labels `wanted`."""
    (a, la), (b, lb) = _squeezed(left, right), _squeezed(right, left)
    a, la = _summed(a, la, {*wanted, *lb})
    b, lb = _summed(b, lb, {*wanted, *la})
    inner = tuple([label for label in la if label in lb and label not in wanted])
    sizes = lengths((la, lb), (shape_of(a), shape_of(b)))
    if not inner:
        a, b = (
            np.reshape(_arranged(x, own, wanted), [sizes[i] if i in own else 1 for i in wanted])
            for x, own in ((a, la), (b, lb))
        )
        return np.multiply(a, b)
    if wanted and wanted[-1] not in lb:  # the matrix product's last axis comes from its right
        a, la, b, lb = b, lb, a, la
    batch = tuple([label for label in wanted if label in la and label in lb])
    rows = tuple([label for label in wanted if label in la and label not in lb])
    columns = tuple([label for label in wanted if label in lb and label not in la])
    groups = [tuple([sizes[label] for label in group]) for group in (batch, rows, inner, columns)]
    m, n, k = map(prod, groups[1:])
    a = np.reshape(_arranged(a, la, batch + rows + inner), (*groups[0], m, n))
    b = np.reshape(_arranged(b, lb, batch + inner + columns), (*groups[0], n, k))
    y = np.reshape(np.matmul(a, b), groups[0] + groups[1] + groups[3])
    return _arranged(y, batch + rows + columns, wanted)


def _squeezed(term: Term, other: Term) -> Term:
    """Return an array without the axes of length 1 that broadcast against the other's."""
    x, labels = term
    shape = shape_of(x)
    if 1 not in shape:
        return term
    sizes = dict(zip(other[1], shape_of(other[0]), strict=True))
    kept = [k for k, n in enumerate(shape) if n != 1 or sizes.get(labels[k], 1) == 1]
    return np.reshape(x, [shape[k] for k in kept]), tuple([labels[k] for k in kept])
