"""What the rows of `dualad.rules.selecting` are tried on."""

from typing import Any

import numpy as np

from dualad.rules.selecting import clip_between
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.ordering import AT_A_TIE

MODES = ("raise", "wrap", "clip")


def _where(d: Draws) -> Any:
    """Return a condition, which may be of numbers, and two arrays or a number."""
    first, second, third = d.broadcastable(3)
    mask = d.mask(first)
    listed = mask.tolist() if mask.size else mask  # a list of nothing has lost its shape
    condition = d.choice([mask, listed, d.array(first, "nonzero")])
    a, b = d.array(second), d.array(third)
    return d.choice([Call(condition, a, b), Call(condition, a, 0), Call(condition, 1.5, b)])


def _select(d: Draws) -> Any:
    """Return conditions, as many choices, and a default."""
    *shapes, last = d.broadcastable(5)
    masks = [d.mask(shape) for shape in shapes[:2]]
    choices = [d.array(shapes[2]), d.choice([d.array(shapes[3]), 2])]
    return d.choice([Call(masks, choices), Call(masks, choices, d.array(last))])


def _choose(d: Draws) -> Call:
    """Return numbers of choices, which broadcast, and a mode for numbers out of bounds."""
    first, *shapes = d.broadcastable(3)
    mode = d.choice(MODES)
    reach = (0, 2) if mode == "raise" else (-3, 5)
    numbers = d.rng.integers(*reach, first)
    choices = [d.array(shape) for shape in shapes]
    together = d.array((2, *first))
    return Call(
        numbers, d.choice([choices, tuple(choices), together, [choices[0], 1.5]]), mode=mode
    )


def _scaled(x: Any, scale: Any = 1.0, *, shift: Any = 0.0) -> Any:
    """Return a function of `x` with parameters, for `np.piecewise`."""
    return np.sin(x) * scale + shift


def _piecewise(d: Draws) -> Call:
    """Return an array, masks, which may overlap, and as many functions or numbers, or one more."""
    x = d.array()
    masks = [d.mask(x.shape) for _ in range(d.integer(1, 3))]
    count = len(masks) + d.integer(0, 1)
    pieces = [d.choice((np.sin, _scaled, 1.5, np.square, lambda v: 2.0)) for _ in range(count)]
    pieces = [_scaled if d.boolean() else 3.0 for _ in pieces] if d.boolean() else pieces
    if all(piece in (_scaled, 3.0) for piece in pieces):
        return Call(x, np.array(masks), pieces, 2.0, shift=d.array(()))
    if x.ndim == 1 and x.size and d.boolean():
        return Call(x, masks[0], [*pieces, np.cos][:2])
    return Call(x, masks, pieces)


def _bounds(d: Draws) -> tuple[Any, Any, Any]:
    """Return an array, and two bounds that broadcast against it."""
    shapes = d.broadcastable(3)
    a, lower, upper = (d.array(shape, "distinct") for shape in shapes)
    return a, lower, upper


def _clip(d: Draws) -> Any:
    """Return an array and bounds, one of which may be a number, or missing."""
    a, lower, upper = _bounds(d)
    calls = [
        Call(a, lower, upper),
        Call(a, -0.5, upper),
        Call(a, lower, 0.5),
        Call(a, None, upper),
        Call(a, lower, None),
        Call(a, a_min=-1.0, a_max=1),
    ]
    if "min" in CLIP:
        calls += [Call(a, min=lower, max=upper), Call(a, min=0), Call(a, max=upper), Call(a),
                  Call(a, None, None)]  # fmt: skip
    return d.choice(calls)


CLIP = np.clip.__wrapped__.__code__.co_varnames  # type: ignore[attr-defined]


def _clip_tied(d: Draws) -> Any:
    """Return an array of numbers, and bounds on which some of them lie."""
    a = d.array(d.choice([(), (3,), (2, 3)]), "distinct")
    tied = d.mask(a.shape)
    lower, upper = np.where(tied, a, a - 1), np.where(tied, a + 1, a)
    return d.choice([Call(a, lower, upper), Call(a, lower, None), Call(a, None, upper)])


def _not_finite(d: Draws) -> Call:
    """Return an array with elements that are not finite, and what to put in their place."""
    x = np.array(d.array())
    parts = (x.real, x.imag) if x.dtype.kind == "c" else (x,)
    numbers = {"nan": d.choice((0.0, 2.0))}
    for part in parts:
        part[d.rng.random(x.shape) < 0.3] = np.nan
    if d.boolean():
        for part in parts:
            part[d.rng.random(x.shape) < 0.3] = d.choice((np.inf, -np.inf))
        numbers |= {"posinf": 3.0, "neginf": -4.0}
    return Call(d.laid_out(x), **numbers)


def _two(d: Draws) -> Call:
    """Return two arrays that broadcast, or are equal."""
    a, b = (d.array(shape) for shape in d.broadcastable(2))
    return Call(a, d.choice([b, np.array(a)]))


SAMPLES = [
    Sample(np.where, _where, complex=True),
    Sample(np.where, lambda d: Call(d.array(min_ndim=1)), complex=True),
    Sample(np.select, _select, complex=True, fixed=(2,)),
    Sample(np.choose, _choose, complex=True),
    Sample(np.piecewise, _piecewise, complex=True, fixed=("shift",)),
    Sample(np.clip, _clip),
    Sample(np.clip, _clip_tied, order=1, reason=AT_A_TIE),
    Sample(clip_between, lambda d: Call(*_bounds(d))),
    Sample(np.nan_to_num, _not_finite, complex=True),
    Sample(np.nan_to_num, lambda d: Call(d.array(()))),
    Sample(np.nan_to_num, lambda d: Call(d.array(), True, 1.0, None, None), complex=True),
    Sample(np.round, lambda d: Call(d.array(None, "distinct"), d.choice((0, -1))), complex=True),
    Sample(np.around, lambda d: Call(d.array(None, "distinct")), complex=True),
    Sample(np.fix, lambda d: Call(d.array(None, "distinct"))),
    Sample(np.isposinf, lambda d: Call(d.array())),
    Sample(np.isneginf, lambda d: Call(d.array())),
    Sample(np.isclose, lambda d: Call(*_two(d).args, rtol=0.1, equal_nan=True), complex=True),
    Sample(np.allclose, _two, complex=True),
    Sample(np.array_equal, _two, complex=True),
    Sample(np.array_equiv, _two, complex=True),
]
