"""What the rows of `dualad.rules.einsum` are tried on."""

from string import ascii_letters
from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample

ONE = ("i", "ii->i", "ii", "ij->ji", "ij->", "ba", "iji->j", "iij->ij", "...i->...", "...", "")
TWO = (
    "ij,jk->ik", "i,i", "ij,jk", "ij,j", " i j , i j -> i ", "i,j->ij", "ij,kl->k",
    "...ij,...jk->...ik", "i...,i...->...", "...,...", "ii,jj->ij", "iij,j->i", "i,->i", ",",
    "...i,ij", "ijk,jk->i", "zA,Az",
)  # fmt: skip
THREE = (
    "i,ij,j", "ij,jk,kl->il", "i,i,i->i", "a,ab,abc->c", "ii,ij,...j->...i",
    "...i,...,i...->...", ",,i",
)  # fmt: skip
FOUR = ("i,j,k,l->li", "ij,jk,kl,lm->im", "i,i,j,j->i", "ij,i,j,")


def _arrays(d: Draws, subscripts: str) -> list[Any]:
    """Return operands for subscripts, some with axes that broadcast."""
    sides: dict[str, int] = {}
    dots = d.shape(0, 2, 1)
    found = []
    for term in subscripts.replace(" ", "").partition("->")[0].split(","):
        before, ellipsis, after = term.partition("...")
        for label in before + after:
            sides.setdefault(label, d.integer(0 if d.integer(0, 9) == 9 else 1, 3))
        ones = {label for label in before + after if d.integer(0, 5) == 5}
        shape = [1 if label in ones else sides[label] for label in before]
        if ellipsis:
            own = dots[d.integer(0, len(dots)) :]
            shape += [1 if d.integer(0, 5) == 5 else n for n in own]
        shape += [1 if label in ones else sides[label] for label in after]
        found.append(d.array(tuple(shape)))
    return found


def _string(d: Draws, forms: tuple[str, ...], **options: Any) -> Call:
    """Return a call with subscripts in a string."""
    subscripts = d.choice(forms)
    return Call(subscripts, *_arrays(d, subscripts), **options)


def _lists(d: Draws, forms: tuple[str, ...]) -> Call:
    """Return a call with operands and lists of labels by turns."""
    subscripts = d.choice(forms)
    sources, arrow, target = subscripts.replace(" ", "").partition("->")
    terms = [*sources.split(","), *([target] if arrow else [])]
    labels = [_labels(term) for term in terms]
    arrays = _arrays(d, subscripts)
    turns = [part for pair in zip(arrays, labels, strict=False) for part in pair]
    return Call(*turns, *labels[len(arrays) :])


def _labels(term: str) -> list[Any]:
    """Return labels as integers, of which NumPy takes those under 52."""
    before, ellipsis, after = term.partition("...")
    first, last = (list(map(ascii_letters.index, part)) for part in (before, after))
    return [*first, *([Ellipsis] if ellipsis else []), *last]


SAMPLES = [
    Sample(np.einsum, lambda d: _string(d, ONE), complex=True),
    Sample(np.einsum, lambda d: _string(d, TWO), complex=True),
    Sample(np.einsum, lambda d: _string(d, THREE), complex=True),
    Sample(np.einsum, lambda d: _string(d, FOUR), complex=True),
    Sample(np.einsum, lambda d: _lists(d, ONE + TWO + THREE), complex=True),
    Sample(
        np.einsum,
        lambda d: _string(d, TWO + THREE, optimize=d.choice((True, False, "greedy", "optimal"))),
        complex=True,
    ),
    Sample(
        np.einsum,
        lambda d: _string(d, ONE + TWO, dtype=np.clongdouble, order="F", casting="safe"),
        complex=True,
        float32=False,
        reason="the output has a dtype of its own",
    ),
    Sample(np.einsum_path, lambda d: _string(d, TWO + THREE, optimize="optimal"), complex=True),
]
