"""Sums of products over labeled axes: what `einsum`, `tensordot`, `dot`, `kron` have in common.

Every axis of every operand has a label. The output's entries are sums, over the labels that it
lacks, of products of the operands' entries. Its transposes and its tangents are sums of products
again, with other labels. How they are computed, by as few matrix products as NumPy's BLAS allows,
depends on labels and shapes only: it is planned once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from math import prod
from typing import Any, NamedTuple

import numpy as np

from dualad.core.tracer import shape_of
from dualad.rules.indexing import scatter

Labels = tuple[Any, ...]
Shape = tuple[int, ...]
Term = tuple[Labels, Shape]
Rules = tuple[Any, ...]  # of a product of two operands: two shares, then two tangents


@dataclass(frozen=True, slots=True, eq=False)
class Contraction:
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
    plans : dict
        Memo of the plans.
    """

    inputs: tuple[Labels, ...]
    output: Labels
    shapes: tuple[Shape, ...]
    ndim: int
    constants: tuple[Any, ...] = ()
    plans: dict[Any, "Plan"] = field(default_factory=dict, init=False)


@lru_cache(maxsize=1024)
def parsed(subscripts: str | tuple[Labels, ...], shapes: tuple[Shape, ...]) -> Contraction:
    """Return what the subscripts of an `einsum` mean; nothing in particular if NumPy refuses them.

    `subscripts` are a string, or the tuples of labels of an interleaved call, the output's last.
    """
    terms = _split(subscripts) if isinstance(subscripts, str) else subscripts
    dots = [len(shape) - len(term) + 1 for shape, term in zip(shapes, terms, strict=False)]
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


def by_labels(meaning: Callable[..., Contraction], quick: Rules | None = None) -> Rules:
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


def pull_operand(i: int, ct: Any, others: Iterable[Any], parts: Contraction) -> Any:
    """Return operand ``i``'s share of the cotangent `ct`; `others` are the other operands."""
    key = i, shape_of(ct)
    plan = parts.plans.get(key)
    if plan is None:
        plan = parts.plans[key] = _plan_of_pull(*key, parts)
    return plan.carried_out([ct, *others, *parts.constants])


def push_operand(i: int, t: Any, y: Any, others: Iterable[Any], parts: Contraction) -> Any:
    """Return the output's tangent, given operand ``i``'s; `others` are the other operands."""
    key = i, shape_of(t), shape_of(y)
    plan = parts.plans.get(key)
    if plan is None:
        plan = parts.plans[key] = _plan_of_push(*key, parts)
    return plan.carried_out([t, *others, *parts.constants])


class Making(NamedTuple):
    """How to make one array of another: these steps in turn, each of them None if needless."""

    index: Any = None
    opened: Shape | None = None  # a shape
    summed: Labels | None = None  # axes
    order: Labels | None = None  # of axes
    shape: Shape | None = None

    def __call__(self, x: Any) -> Any:
        """Return what is made of `x`."""
        index, opened, summed, order, shape = self
        if index is not None:
            x = x[index]
        if opened is not None:
            x = x.reshape(opened)
        if summed is not None:
            x = x.sum(summed)
        if order is not None:
            x = x.transpose(order)
        return x if shape is None else x.reshape(shape)


AS_IT_IS = Making()


class Step(NamedTuple):
    """The product of two of the terms, which takes their place, as the last one."""

    i: int
    j: int
    left: Making
    right: Making
    product: Callable[[Any, Any], Any]
    after: Making


@dataclass(frozen=True, slots=True)
class Plan:
    """How to compute a share or a tangent.

    Attributes
    ----------
    begin : list of Making
        Of each term.
    steps : list of Step
        Products of two terms, until one is left.
    end : Making
        Of that one.
    full : tuple of int, optional
        The shape to which the result broadcasts.
    scattered : tuple, optional
        An index and a shape: where in zeros the result stands.
    """

    begin: list[Making]
    steps: list[Step]
    end: Making
    full: Shape | None = None
    scattered: tuple[Any, Shape] | None = None

    def carried_out(self, terms: list[Any]) -> Any:
        """Return the result for the arrays in `terms`."""
        terms = [
            make(x if hasattr(x, "shape") else np.asarray(x))
            for make, x in zip(self.begin, terms, strict=True)
        ]
        for i, j, left, right, product, after in self.steps:
            y = after(product(left(terms[i]), right(terms[j])))
            del terms[max(i, j)], terms[min(i, j)]
            terms.append(y)
        y = self.end(terms[0])
        if self.full is not None:
            y = np.broadcast_to(y, self.full)
        return y if self.scattered is None else scatter(y, *self.scattered)


def _plan_of_pull(i: int, given: Shape, parts: Contraction) -> Plan:
    """Return how to compute operand ``i``'s share of a cotangent of shape `given`."""
    leading = given[: len(given) - parts.ndim]
    sizes = _lengths(parts.inputs, parts.shapes)
    labels, shape = parts.inputs[i], parts.shapes[i]
    own, directions = _lengths([labels], [shape]), _directions(leading)
    opened = leading + tuple([sizes[label] for label in parts.output])
    begin = [Making(shape=opened) if opened != given else AS_IT_IS]
    terms = [(directions + parts.output, opened)]
    _add_others(i, parts, begin, terms)
    found = _lengths(*zip(*terms, strict=True))
    shared = [label for label in own if found.get(label) == own[label]]
    ones = leading + tuple([own[label] if label in shared else 1 for label in own])
    full = leading + tuple(own.values())  # along what is not shared, all entries are the same
    steps, end = _steps(terms, (*directions, *shared), ones)
    scattered = (_diagonals(labels, own), shape) if len(own) < len(labels) else None
    return Plan(begin, steps, end, full if full != ones else None, scattered)


def _plan_of_push(i: int, given: Shape, shape: Shape, parts: Contraction) -> Plan:
    """Return how to compute the tangent, of `shape`, from operand ``i``'s, which is `given`."""
    leading = given[: len(given) - len(parts.shapes[i])]
    directions = _directions(leading)
    make, term = _diagonal(parts.inputs[i], parts.shapes[i], directions, leading)
    begin, terms = [make], [term]
    _add_others(i, parts, begin, terms)
    steps, end = _steps(terms, directions + parts.output, leading + shape)
    return Plan(begin, steps, end)


def _add_others(i: int, parts: Contraction, begin: list[Making], terms: list[Term]) -> None:
    """Add the operands other than operand ``i`` to the terms of a plan."""
    for k, (labels, shape) in enumerate(zip(parts.inputs, parts.shapes, strict=True)):
        if k != i:
            make, term = _diagonal(labels, shape, (), ())
            begin.append(make)
            terms.append(term)


def _directions(leading: Shape) -> Labels:
    """Return labels for direction axes, unlike any other labels."""
    return tuple([("direction", k) for k in range(len(leading))])


def _lengths(labels: Sequence[Labels], shapes: Sequence[Shape]) -> dict[Any, int]:
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


def _diagonal(labels: Labels, shape: Shape, directions: Labels, leading: Shape) -> Any:
    """Return how to make diagonals where labels are repeated; the labels and shape after that."""
    sizes = _lengths([labels], [shape])
    index = None
    if len(sizes) < len(labels):
        index = (slice(None),) * len(leading) + _diagonals(labels, sizes)
    return Making(index), ((*directions, *sizes), (*leading, *sizes.values()))


def _steps(terms: list[Term], wanted: Labels, shape: Shape) -> tuple[list[Step], Making]:
    """Return products of two of the terms, the cheapest first, and how to make `shape` of one."""
    steps = []
    while len(terms) > 1:
        i, j = min(combinations(range(len(terms)), 2), key=lambda pair: _cost(terms, *pair))
        right, left = terms.pop(j), terms.pop(i)
        kept = wanted
        if terms:
            later = {*wanted, *(label for labels, _ in terms for label in labels)}
            kept = tuple([label for label in dict.fromkeys(left[0] + right[0]) if label in later])
        steps.append(_step((i, j), left, right, kept))
        sizes = _lengths(*zip(left, right, strict=True))
        terms.append((kept, tuple([sizes[label] for label in kept])))
    return steps, _making(terms[0], terms[0], wanted, shape)


def _cost(terms: list[Term], i: int, j: int) -> int:
    """Return the number of multiplications that the product of two terms takes."""
    return prod(_lengths(*zip(terms[i], terms[j], strict=True)).values())


def _step(places: tuple[int, int], left: Term, right: Term, wanted: Labels) -> Step:
    """Return the product of two terms, with the labels `wanted`."""
    a, b = _squeezed(left, right), _squeezed(right, left)
    sizes = _lengths(*zip(a, b, strict=True))
    inner = [label for label in a[0] if label in b[0] and label not in wanted]
    if not inner:
        one, other = (
            _making(term, own, [label for label in wanted if label in own[0]],
                    tuple([sizes[label] if label in own[0] else 1 for label in wanted]))
            for term, own in ((left, a), (right, b))
        )  # fmt: skip
        return Step(*places, one, other, np.multiply, AS_IT_IS)
    if wanted and wanted[-1] not in b[0]:  # the matrix product's last axis comes from its right
        places, left, a, right, b = places[::-1], right, b, left, a
    batch = [label for label in wanted if label in a[0] and label in b[0]]
    rows = [label for label in wanted if label in a[0] and label not in b[0]]
    columns = [label for label in wanted if label in b[0] and label not in a[0]]
    groups = [tuple([sizes[label] for label in group]) for group in (batch, rows, inner, columns)]
    m, n, k = map(prod, groups[1:])
    above, below = (m,) * bool(batch or rows), (k,) * bool(batch or columns)
    found, opened = groups[0] + above + below, groups[0] + groups[1] + groups[3]
    return Step(
        *places,
        _making(left, a, batch + rows + inner, (*groups[0], *above, n)),
        _making(right, b, batch + inner + columns, (*groups[0], n, *below)),
        np.matmul if batch else np.dot,  # which is quicker, if it can
        Making(
            opened=opened if opened != found else None,
            order=_order(batch + rows + columns, wanted),
        ),
    )


def _squeezed(term: Term, other: Term) -> Term:
    """Return a term without the axes of length 1 that broadcast against the other's."""
    sizes = dict(zip(*other, strict=True))
    kept = [
        (label, n) for label, n in zip(*term, strict=True) if n != 1 or sizes.get(label, 1) == 1
    ]
    return tuple([label for label, _ in kept]), tuple([n for _, n in kept])


def _making(term: Term, squeezed: Term, order: Sequence[Any], shape: Shape) -> Making:
    """Return how to sum a term over the labels not in `order`, and to put it in that order."""
    labels, found = squeezed
    sizes = dict(zip(labels, found, strict=True))
    summed = tuple([k for k, label in enumerate(labels) if label not in order])
    return Making(
        opened=found if len(found) < len(term[1]) else None,
        summed=summed or None,
        order=_order([label for label in labels if label in order], order),
        shape=shape if tuple([sizes[label] for label in order]) != shape else None,
    )


def _order(labels: Sequence[Any], wanted: Sequence[Any]) -> Labels | None:
    """Return the order of axes that makes `labels` `wanted`; None if they are that already."""
    order = tuple([labels.index(label) for label in wanted])
    return None if order == tuple(range(len(order))) else order
