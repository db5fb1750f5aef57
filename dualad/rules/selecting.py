"""Choice among values, element by element: by a condition, an index, or bounds."""

from collections.abc import Callable
from operator import mul
from typing import Any

import numpy as np

from dualad.core.dispatch import deliver, dispatching
from dualad.core.row import Row
from dualad.core.tracer import strip
from dualad.errors import UnsupportedParameterError
from dualad.rules.indexing import scatter
from dualad.rules.joining import as_array, as_arrays, in_dtype
from dualad.rules.kinds import composite, constant, elementwise


def _where_push(pairs: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
    """Return the tangents of the chosen elements."""
    t = dict(pairs)
    return np.where(args[0], t.get(1, 0), t.get(2, 0))


def _where_pull(positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> list[Any]:
    """Return the cotangent where an operand was chosen, zero elsewhere.

    A product is up to six times as fast as `np.where`; where an infinity is not chosen it makes a
    NaN, and then the record is pulled again, with other `times`.
    """
    mask = np.asarray(strip(args[0]), bool)
    masks = [mask if i == 1 else ~mask for i in positions]
    return [ct * chosen if times is mul else np.where(chosen, ct, 0) for chosen in masks]


def _where() -> Row:
    """Return the row of `np.where`, of which a record keeps the condition only."""
    rule = (lambda ct, y, condition, a, b: condition,)
    return Row(np.where, "multilinear", _where_push, _where_pull, 3, (None, rule, rule),
               broadcasts=True)  # fmt: skip


def _of_one_dtype(choices: Any) -> list[Any]:
    """Return choices as arrays of the dtype that they have in common."""
    arrays = as_arrays(*choices)
    dtype = np.result_type(*[array.dtype for array in arrays])
    return [in_dtype(array, dtype) for array in arrays]


def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Return `np.where` of the conditions, the last one innermost."""
    if len(condlist) != len(choicelist):
        raise ValueError("list of cases must be same length as list of conditions")
    if len(condlist) == 0:
        raise ValueError("select with an empty condition list is not possible")
    conditions = [np.asarray(strip(condition)) for condition in condlist]
    for i, condition in enumerate(conditions):
        if condition.dtype != bool:
            raise TypeError(f"invalid entry {i} in condlist: should be boolean ndarray")
    *choices, y = _of_one_dtype([*choicelist, default])
    for condition, choice in zip(conditions[::-1], choices[::-1], strict=True):
        y = np.where(condition, choice, y)
    return y


def _choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    """Return elements of the choices, laid end to end; NumPy chooses among their places."""
    arrays = _of_one_dtype(choices)
    stops = np.cumsum([array.size for array in arrays])
    places = [np.arange(stop - array.size, stop).reshape(array.shape)
              for array, stop in zip(arrays, stops, strict=True)]  # fmt: skip
    index = np.choose(strip(a), places, mode=mode)
    pool = np.concatenate([np.reshape(array, (-1,)) for array in arrays])
    return pool[index]


def _piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Return the pieces, each scattered to where its condition holds; the last that does wins."""
    x = as_array(x)
    y = np.zeros(x.shape, x.dtype)
    for condition, piece in zip(_conditions(x, condlist, len(funclist)), funclist, strict=True):
        if callable(piece):
            part = x[condition]
            if not part.size:
                continue
            piece = piece(part, *args, **kw)
        piece = np.broadcast_to(as_array(piece), (int(np.count_nonzero(condition)),))
        y = np.where(condition, scatter(in_dtype(piece, x.dtype), condition, x.shape), y)
    return y


def _conditions(x: Any, condlist: Any, pieces: int) -> Any:
    """Return one mask a piece: a last piece without a condition gets what all others leave."""
    condlist = strip(condlist)
    if np.isscalar(condlist) or (not isinstance(condlist[0], (list, np.ndarray)) and x.ndim):
        condlist = [condlist]
    masks = np.asarray(condlist, bool)
    if len(masks) == pieces - 1:
        return np.concatenate([masks, ~np.any(masks, axis=0, keepdims=True)])
    if len(masks) != pieces:
        raise ValueError(f"with {len(masks)} condition(s), as many functions or one more are due")
    return masks


@dispatching
def clip_between(a: Any, lower: Any, upper: Any, **kwargs: Any) -> Any:
    """Return `a` with elements beyond two bounds replaced by them."""
    return np.clip(a, lower, upper, **kwargs)


def _share(value: Any, beyond: Any, bound: Any) -> Any:
    """Return the share of a value that a bound replaces where it is beyond; ties share equally."""
    kept, tied = ~beyond(value, bound), np.equal(value, bound)
    return np.where(tied, 0.5, kept).astype(np.result_type(value))[()] if tied.any() else kept


def _rest(share: Any) -> Any:
    """Return what is left of 1, or of True."""
    return ~share if share.dtype == bool else 1 - share


def _shares(a: Any, lower: Any, upper: Any) -> tuple[Any, Any]:
    """Return the share of `a` in ``maximum(a, lower)``, and of that in the clipped value."""
    a, lower, upper = strip((a, lower, upper))
    raised = np.maximum(a, lower)
    return _share(a, np.less, lower), _share(raised, np.greater, upper)


def _by_clipped(y: Any, a: Any, lower: Any, upper: Any) -> Any:
    """Return the partial by `a`; most often no element lies on a bound."""
    if (np.equal(a, lower) | np.equal(a, upper)).any():
        above, below = _shares(a, lower, upper)
        return above * below
    return ~(np.less(a, lower) | np.greater(a, upper))


def _by_lower(y: Any, a: Any, lower: Any, upper: Any) -> Any:
    """Return the partial by the lower bound."""
    above, below = _shares(a, lower, upper)
    return _rest(above) * below


def _by_upper(y: Any, a: Any, lower: Any, upper: Any) -> Any:
    """Return the partial by the upper bound."""
    return _rest(_shares(a, lower, upper)[1])


def _clip(a: Any, a_min: Any = np._NoValue, a_max: Any = np._NoValue, out: Any = None, *,
          min: Any = np._NoValue, max: Any = np._NoValue, **kwargs: Any) -> Any:  # fmt: skip
    """Return `a` between bounds, of which either may be missing."""
    none = np._NoValue
    if a_min is none and a_max is none:
        a_min, a_max = (None if bound is none else bound for bound in (min, max))
    elif a_min is none or a_max is none:
        raise TypeError(f"clip() missing 1 required positional argument: "
                        f"'{'a_min' if a_min is none else 'a_max'}'")  # fmt: skip
    elif min is not none or max is not none:
        raise ValueError("clip() was given both a_min and a_max, and min or max")
    if "where" in kwargs:
        raise UnsupportedParameterError("numpy.clip", "where", "np.where(mask, np.clip(x, ...), x)")
    return _clipped(a, a_min, a_max, kwargs)


def _clipped(a: Any, lower: Any, upper: Any, kwargs: Any) -> Any:
    """Return `a` between bounds, by the function of those that there are."""
    if lower is None and upper is None:
        np.clip((), None, None)  # raises in NumPy 2.0
        return np.positive(a, **kwargs)
    if lower is None:
        return np.minimum(a, upper, **kwargs)
    if upper is None:
        return np.maximum(a, lower, **kwargs)
    return clip_between(a, lower, upper, **kwargs)


def _nan_to_num(
    x: Any, copy: Any = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """Return the finite elements of `x`, and numbers in place of the others."""
    if not copy:
        return deliver(_nan_to_num(x, True, nan, posinf, neginf), x, "numpy.nan_to_num")
    x = as_array(x)
    if x.dtype.kind == "c":
        parts = [_nan_to_num(part, True, nan, posinf, neginf) for part in (x.real, x.imag)]
        return parts[0] + 1j * parts[1]
    y = np.where(np.isfinite(x), x, np.nan_to_num(strip(x), True, nan, posinf, neginf))
    return y if y.ndim else y[()]


def _rounding(function: Callable[..., Any]) -> Row:
    """Return the row of a rounding function: its slope is zero, wherever there is one."""

    def body(a: Any, decimals: Any = 0, out: Any = None) -> Any:
        return function(strip(a), strip(decimals))

    return composite(function, body)


def _constant(function: Callable[..., Any]) -> Row:
    """Return the row of a function without slopes, which may be told where to write."""

    def body(x: Any, out: Any = None) -> Any:
        return function(strip(x))

    return composite(function, body)


ROWS = [
    _where(),
    composite(np.select, _select),
    composite(np.choose, _choose),
    composite(np.piecewise, _piecewise),
    composite(np.clip, _clip),
    elementwise(clip_between, _by_clipped, _by_lower, _by_upper),
    composite(np.nan_to_num, _nan_to_num),
    _rounding(np.round),
    _rounding(np.around),
    _constant(np.fix),
    _constant(np.isposinf),
    _constant(np.isneginf),
    *constant(np.isclose, np.allclose, np.array_equal, np.array_equiv),
]  # fmt: skip
