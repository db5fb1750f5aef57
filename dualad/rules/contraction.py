"""Sums of products over labelled axes: what `einsum`, `tensordot`, `dot`, `kron` ... have in common.

Every axis of every operand has a label. The output's entries are sums, over the labels that it
lacks, of products of the operands' entries. Its transposes and its tangents are sums of products
again, with other labels, and each is computed by as few matrix products as NumPy's BLAS allows.
"""

from itertools import combinations
from math import prod
from typing import Any, NamedTuple

import numpy as np

from dualad.rules.indexing import scatter

Labels = tuple[Any, ...]
Term = tuple[Any, Labels]


class Contraction(NamedTuple):
    """A sum of products.

    Attributes
    ----------
    inputs : tuple of tuple
        The labels of each operand's axes; a label that is repeated there selects a diagonal.
    output : tuple
        The labels of the output's axes, all different.
    ndim : int
        How many axes the output has once adjacent ones are merged, as by `kron` and `outer`.
    shapes : tuple of tuple of int
        The operands' shapes. An axis of length 1 broadcasts.
    """

    inputs: tuple[Labels, ...]
    output: Labels
    ndim: int
    shapes: tuple[tuple[int, ...], ...]


def pull_operand(i: int, ct: Any, others: Any, parts: Contraction) -> Any:
    """Return operand ``i``'s share of the cotangent `ct`; `others` are the other operands."""
    leading = np.shape(ct)[: np.ndim(ct) - parts.ndim]
    sizes = _sizes(parts.inputs, parts.shapes)
    ct = np.reshape(ct, leading + tuple([sizes[label] for label in parts.output]))
    directions = _direction_labels(leading)
    terms = [(ct, directions + parts.output), *_terms(others, parts, i)]
    own = _sizes(parts.inputs[i : i + 1], parts.shapes[i : i + 1])
    present = {label for _, labels in terms for label in labels}
    wanted = [label for label in own if label in present and own[label] == sizes[label]]
    share = sum_of_products(terms, (*directions, *wanted))
    if len(wanted) < len(own):
        ones = tuple([own[label] if label in wanted else 1 for label in own])
        share = np.broadcast_to(np.reshape(share, leading + ones), leading + tuple(own.values()))
    if len(own) == len(parts.inputs[i]):
        return share
    return scatter(share, _diagonal_index(parts.inputs[i], parts.shapes[i]), parts.shapes[i])


def push_operand(i: int, t: Any, y: Any, others: Any, parts: Contraction) -> Any:
    """Return the output's tangent, given operand ``i``'s; `others` are the other operands."""
    leading = np.shape(t)[: np.ndim(t) - len(parts.shapes[i])]
    directions = _direction_labels(leading)
    terms = [_without_repeats(t, parts.inputs[i], directions), *_terms(others, parts, i)]
    return np.reshape(sum_of_products(terms, directions + parts.output), leading + np.shape(y))


def _terms(others: Any, parts: Contraction, i: int) -> list[Term]:
    """Return the operands other than operand ``i``, with their labels."""
    labels = parts.inputs[:i] + parts.inputs[i + 1 :]
    return [_without_repeats(x, own, ()) for x, own in zip(others, labels, strict=True)]


def _direction_labels(leading: tuple[int, ...]) -> Labels:
    """Return labels for direction axes, unlike any other labels."""
    return tuple([("direction", k) for k in range(len(leading))])


def _sizes(inputs: tuple[Labels, ...], shapes: tuple[tuple[int, ...], ...]) -> dict[Any, int]:
    """Return the length that each label stands for, in the order of their first use."""
    sizes: dict[Any, int] = {}
    for labels, shape in zip(inputs, shapes, strict=True):
        for label, n in zip(labels, shape, strict=True):
            if sizes.get(label, 1) == 1:
                sizes[label] = n
    return sizes


def _diagonal_index(labels: Labels, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Return the index that selects the diagonals along which labels are repeated."""
    sizes = _sizes((labels,), (shape,))
    grids = dict(zip(sizes, np.ix_(*map(np.arange, sizes.values())), strict=True))
    return tuple([grids[label] % max(n, 1) for label, n in zip(labels, shape, strict=True)])


def _without_repeats(x: Any, labels: Labels, directions: Labels) -> Term:
    """Return the diagonals of `x` along which labels are repeated, and labels without repeats."""
    unique = tuple(dict.fromkeys(labels))
    if len(unique) < len(labels):
        index = _diagonal_index(labels, np.shape(x)[len(directions) :])
        x = x[(slice(None),) * len(directions) + index]
    return x, directions + unique


def sum_of_products(terms: list[Term], wanted: Labels) -> Any:
    """Return the sum of products of labelled arrays, two at a time: the smallest results first."""
    terms = list(terms)
    while len(terms) > 1:
        first, second = min(combinations(range(len(terms)), 2), key=lambda p: _cost(terms, *p))
        b, a = terms.pop(second), terms.pop(first)
        later = {*wanted, *(label for _, labels in terms for label in labels)}
        kept = tuple([label for label in dict.fromkeys(a[1] + b[1]) if label in later])
        kept = kept if terms else wanted
        terms.append((_product(a, b, kept), kept))
    ((x, labels),) = terms
    return _arranged(*_summed(x, labels, wanted), wanted)


def _cost(terms: list[Term], first: int, second: int) -> int:
    """Return the number of products that two of the terms, multiplied with each other, take."""
    if len(terms) == 2:
        return 0
    (a, la), (b, lb) = terms[first], terms[second]
    return prod(_sizes((la, lb), (np.shape(a), np.shape(b))).values())


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


def _expanded(x: Any, labels: Labels, wanted: Labels) -> Any:
    """Return an array with its axes in the order of `wanted`, of length 1 where it has none."""
    sizes = dict(zip(labels, np.shape(x), strict=True))
    return np.reshape(_arranged(x, labels, wanted), tuple([sizes.get(label, 1) for label in wanted]))


def _product(left: Term, right: Term, wanted: Labels) -> Any:
    """Return the sum of products of two labelled arrays, with the labels `wanted`."""
    a, la = _squeezed(*left, right)
    b, lb = _squeezed(*right, left)
    a, la = _summed(a, la, {*wanted, *lb})
    b, lb = _summed(b, lb, {*wanted, *la})
    if not any(label in lb and label not in wanted for label in la):
        return np.multiply(_expanded(a, la, wanted), _expanded(b, lb, wanted))
    if wanted and wanted[-1] not in lb:  # the matrix product's last axis comes from its right
        a, la, b, lb = b, lb, a, la
    inner = tuple([label for label in la if label in lb and label not in wanted])
    batch = tuple([label for label in wanted if label in la and label in lb])
    rows = tuple([label for label in wanted if label in la and label not in lb])
    columns = tuple([label for label in wanted if label in lb and label not in la])
    sizes = _sizes((la, lb), (np.shape(a), np.shape(b)))
    lengths = [tuple([sizes[label] for label in group]) for group in (batch, rows, inner, columns)]
    m, n, k = map(prod, lengths[1:])
    a = np.reshape(_arranged(a, la, batch + rows + inner), (*lengths[0], m, n))
    b = np.reshape(_arranged(b, lb, batch + inner + columns), (*lengths[0], n, k))
    y = np.reshape(np.matmul(a, b), lengths[0] + lengths[1] + lengths[3])
    return _arranged(y, batch + rows + columns, wanted)


def _squeezed(x: Any, labels: Labels, other: Term) -> Term:
    """Return an array without the axes of length 1 that broadcast against the other's."""
    lengths = dict(zip(other[1], np.shape(other[0]), strict=True))
    shape = np.shape(x)
    kept = [k for k, n in enumerate(shape) if n != 1 or lengths.get(labels[k], 1) == 1]
    if len(kept) == len(shape):
        return x, labels
    shape = tuple([shape[k] for k in kept])
    return np.reshape(x, shape), tuple([labels[k] for k in kept])
