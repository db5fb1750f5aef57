"""How dependence passes through rows: on which inputs each element of an output depends.

A passage is ``passage(call)``: it returns, for each element of the output, the set of inputs on
which it depends, given those of the operands' elements. Elementwise rows need none, and where
another has none, every element of the output depends on all elements of its traced operands.
A set may be too large, but never too small, wherever the function takes the same branches.
"""

from collections.abc import Callable
from math import prod
from operator import getitem
from typing import Any

import numpy as np

from dualad.core.row import Row, name_of
from dualad.core.tracer import shape_of, strip
from dualad.rules.counting import weighted_counts
from dualad.rules.creation import converted
from dualad.rules.directions import trailing
from dualad.rules.indexing import scatter
from dualad.rules.joining import numbers_joined
from dualad.rules.ordering import shared
from dualad.rules.padding import overlapped
from dualad.rules.passages import PROGRAMS, Call, mixed_along, passing, programmed, reduced
from dualad.rules.products_passed import PRODUCTS, einsum
from dualad.rules.quantiles import averaged
from dualad.rules.solves_passed import SOLVES, columns, least_squares, triangular
from dualad.rules.unions import Sets
from dualad.rules.updates import added_at
from dualad.rules.windows_passed import (
    Passage,
    along_last,
    convolved,
    filtered,
    resampled,
    scanned,
    slid,
    splined,
)


def passed(call: Call) -> list[Sets]:
    """Return the sets of all outputs of an application of a row."""
    passage = passage_of(call.row)
    found = None if passage is None else passage(call)
    if found is None:
        return _together(call)
    found = [np.asarray(part) for part in (found if isinstance(found, list) else [found])]
    if [part.shape for part in found] != call.shapes:  # a form that the passage does not know
        return _together(call)
    return found


def passage_of(row: Row) -> Passage | None:
    """Return how dependence passes through a row; None: it mixes all, or it is not known."""
    function = row.function
    passage = PASSAGES.get(function) or PASSAGES.get(getattr(function, "__wrapped__", None))
    if passage is not None:
        return passage
    if row.broadcasts:
        return _elementwise
    if isinstance(function, np.ufunc) and function.signature is None:  # of several outputs
        return lambda call: [_elementwise(call)] * len(call.shapes)
    if function in PROGRAMS:
        return programmed
    if getattr(function, "__name__", "") == "einsum":
        return einsum
    return NAMED.get(name_of(function))


def _together(call: Call) -> list[Sets]:
    """Every element of the outputs depends on all operands, in each matrix of a stack."""
    operands = list(call.sets.values())
    in_stacks = call.row.function in STACKS or call.row.name in STACKS
    batch = operands[0].shape[:-2] if in_stacks else ()
    parts = [(sets.shape, batch) for sets in operands] + [(shape, batch) for shape in call.shapes]
    if any(shape[: len(batch)] != batch for shape, _ in parts) or any(
        sets.ndim != len(batch) + 2 for sets in operands
    ):
        batch = ()
    count = prod(batch)
    rows = [np.reshape(sets, (count, -1)) if sets.size else np.zeros((count, 0), int)
            for sets in operands]  # fmt: skip
    flat = np.concatenate(rows, axis=1)
    groups = np.broadcast_to(np.arange(count)[:, None], flat.shape)
    found = np.reshape(call.unions.grouped(flat, groups, count), batch)
    outputs = []
    for shape in call.shapes:
        behind = (1,) * (len(shape) - len(batch))
        outputs.append(np.broadcast_to(np.reshape(found, batch + behind), shape))
    return outputs


def _elementwise(call: Call) -> Sets:
    """Each element depends on those of the operands at its place."""
    shares = call.sets
    if call.is_local:
        shares = {i: passing(sets, _is_there(call, i)) for i, sets in shares.items()}
    return np.broadcast_to(call.unions.elementwise(*shares.values()), call.shape)


def _is_there(call: Call, i: int) -> Any:
    """Return whether the partial derivatives by an operand are other than zero here."""
    row = call.row
    if row.function is np.where:
        chosen = np.asarray(strip(call.args[0])).astype(bool)
        return chosen if i == 1 else ~chosen
    if not row.partials:
        return True
    partial = row.partials[i]
    if callable(partial):
        partial = partial(strip(call.y), *strip(tuple(call.args[: row.arity])))
    return np.asarray(partial) != 0  # NaN is


def _joined(call: Call) -> Sets:
    """What joins values joins sets."""
    arrays = call.args[0]
    sets = [call.sets.get(i, np.zeros(shape_of(x), int)) for i, x in enumerate(arrays)]
    kwargs = {k: v for k, v in call.kwargs.items() if k not in ("dtype", "casting")}
    return call.row.function(sets, *call.args[1:2], **kwargs)


def _moved(call: Call) -> Sets:
    """What moves, repeats or leaves out values does so with sets; zeros are empty sets."""
    return call.row.function(call.sets[0], *call.args[1:], **call.kwargs)


def _same(call: Call) -> Sets:
    """Each element depends on that at its place."""
    return np.broadcast_to(call.sets[0], call.shape)


def _compared(call: Call) -> Sets:
    """Elements that are equal share theirs."""
    groups = call.args[1]
    return call.unions.grouped(call.sets[0], groups, groups.size)[groups]


def _counted(call: Call) -> Sets:
    """A count depends on the weights of its number."""
    return call.unions.grouped(call.sets[0], call.args[1], call.shape[0])


def _added(call: Call) -> Sets:
    """An array depends on what was there, and on what was added to each place."""
    shares = [call.sets[0]] if 0 in call.sets else []
    if 1 in call.sets:
        places = np.arange(prod(call.shape)).reshape(call.shape)[call.args[2]]
        sets = np.broadcast_to(call.sets[1], np.shape(places))
        found = call.unions.grouped(sets, places, prod(call.shape))
        shares.append(found.reshape(call.shape))
    return call.unions.elementwise(*shares)


def _quantiles(call: Call) -> Sets:
    """A median, or each of several quantiles, which lead, depends on its line."""
    _, _, axis, keepdims, *_ = call.args
    sets = call.sets[0]
    axes = range(sets.ndim) if axis is None else np.atleast_1d(axis).tolist()
    found = reduced(call, sets, *axes)
    return np.broadcast_to(found if keepdims else np.squeeze(found, tuple(axes)), call.shape)


def _overlapped(call: Call) -> Sets:
    """An element depends on the elements of all windows that cover it."""
    axis = call.parameter(1, "axis", None)
    windows = np.moveaxis(call.sets[0], axis, -2)
    *lead, count, width = windows.shape
    length = count + width - 1
    lines = np.arange(prod(lead)).reshape((*lead, 1, 1)) * length
    groups = lines + np.arange(count)[:, None] + np.arange(width)
    found = call.unions.grouped(windows, groups, prod(lead) * length)
    return np.moveaxis(found.reshape((*lead, length)), -1, axis + 1)


def _powers(call: Call) -> Sets:
    """A row of powers depends on one element; the zeroth power on none."""
    found = np.array(np.broadcast_to(call.sets[0][:, None], call.shape))
    if found.size:
        found[:, 0 if call.parameter(2, "increasing", False) else -1] = 0
    return found


def _between(call: Call) -> Sets:
    """A part of `reduceat` depends on the elements up to the next part."""
    indices = np.asarray(call.parameter(1, "indices", None))
    axis = call.parameter(2, "axis", 0)
    lines = np.moveaxis(call.sets[0], axis, 0)
    ends = np.append(indices[1:], len(lines))
    sizes = np.where(ends > indices, ends - indices, 1)
    places = np.repeat(indices - np.cumsum(sizes) + sizes, sizes) + np.arange(sum(sizes))
    rest = lines.shape[1:]
    groups = np.repeat(np.arange(len(indices)), sizes).reshape((-1, *[1] * len(rest)))
    groups = groups * prod(rest) + np.arange(prod(rest)).reshape(rest)
    found = call.unions.grouped(lines[places], groups, len(indices) * prod(rest))
    return np.moveaxis(found.reshape((len(indices), *rest)), 0, axis)


def _spaced(endpoint: int, axis: int) -> Passage:
    """Return the passage of samples between two ends, of which the outer ones are the ends."""

    def passage(call: Call) -> Sets:
        if not call.shape or 0 in call.shape:
            return None
        sides = call.args[0] if call.row.arity is None else call.args[:2]
        shape = np.broadcast_shapes(*map(shape_of, sides))
        first, last = (np.broadcast_to(call.sets.get(i, 0), shape) for i in (0, 1))
        lead = call.parameter(axis, "axis", 0)
        both = np.expand_dims(call.unions.elementwise(first, last), lead)
        found = np.moveaxis(np.array(np.broadcast_to(both, call.shape)), lead, 0)
        if len(found) > 1 and call.parameter(endpoint, "endpoint", True):
            found[-1] = last
        found[0] = first
        return np.moveaxis(found, 0, lead)

    return passage


def _matrix_norm(call: Call) -> Sets:
    """A norm depends on its matrix."""
    sets = call.sets[0]
    return mixed_along(call, sets, {sets.ndim - 2, sets.ndim - 1})


def _padded(call: Call) -> Sets:
    """What is added depends on nothing."""
    return np.pad(call.sets[0], call.args[1])


def _scattered(call: Call) -> Sets:
    """Sets go where values are added, in each of some leading lines."""
    index, shape = call.parameter(1, "index", None), call.parameter(2, "shape", None)
    places = np.arange(prod(shape)).reshape(shape)[index]
    count = prod(call.shape[: len(call.shape) - len(shape)])
    lines = np.arange(count).reshape((count, *[1] * places.ndim)) * prod(shape)
    sets = np.reshape(call.sets[0], (count, *places.shape))
    found = call.unions.grouped(sets, lines + places, count * prod(shape))
    return found.reshape(call.shape)


def along(position: int, default: Any, name: str = "axis") -> Callable[[Call], Sets]:
    """Return the passage of a function that mixes what lies along some axes."""

    def passage(call: Call) -> Sets:
        axes = call.parameter(position, name, default)
        sets = call.sets[0]
        axes = trailing(axes, sets.ndim) if sets.ndim else ()
        axes = {axis % sets.ndim for axis in (axes if isinstance(axes, tuple) else (axes,))}
        return mixed_along(call, sets, axes)

    return passage


_REDUCTIONS = (
    np.sum, np.mean, np.prod, np.max, np.amax, np.min, np.amin, np.nanmax, np.nanmin, np.nanmean,
    np.var, np.std, np.nanvar, np.nanstd, np.cumsum, np.cumprod,
)  # fmt: skip
_UFUNCS = (
    np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.subtract, np.divide,
    np.logaddexp, np.logaddexp2, np.hypot,
)  # fmt: skip
_MOVING = (
    np.take, np.take_along_axis, np.transpose, np.swapaxes, np.matrix_transpose, np.reshape,
    np.ravel, np.linalg.matrix_transpose, np.squeeze, np.expand_dims, np.broadcast_to, np.flip,
    np.flipud, np.fliplr, np.rot90, np.delete, np.diag, np.diagonal, np.tril, np.triu, np.tile,
    np.repeat, np.roll, np.lib.stride_tricks.sliding_window_view, np.fft.fftshift,
    np.fft.ifftshift,
)  # fmt: skip
_KEEPING = (
    np.real,
    np.imag,
    np.conjugate,
    np.real_if_close,
    np.ldexp,
    np.angle,
    np.copy,
    np.unwrap,
    converted,
)
_FOURIER = (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft)
_FOURIER_ND = (np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)
STACKS = {
    np.linalg.inv, np.linalg.det, np.linalg.cholesky, np.linalg.eigh,
    np.linalg.eigvalsh, np.linalg.eig, np.linalg.eigvals, np.linalg.svd, np.linalg.svdvals,
    np.linalg.slogdet, np.linalg.pinv, np.linalg.qr,
    *[f"dualad.scipy.linalg.{name}" for name in
      ("expm", "logm", "sqrtm", "signm", "fractional_matrix_power")],
}  # fmt: skip


PASSAGES: dict[Any, Passage] = {
    **PRODUCTS,
    **SOLVES,
    getitem: _moved,
    scatter: _scattered,
    np.pad: _padded,
    np.concatenate: _joined,
    np.stack: _joined,
    numbers_joined: _joined,
    np.linalg.norm: along(2, None),
    np.linalg.vector_norm: along(1, None),
    np.linalg.matrix_norm: _matrix_norm,
    shared: _compared,
    weighted_counts: _counted,
    added_at: _added,
    averaged: _quantiles,
    overlapped: _overlapped,
    np.vander: _powers,
    **dict.fromkeys(_MOVING, _moved),
    **dict.fromkeys(_KEEPING, _same),
    **dict.fromkeys(_REDUCTIONS, along(1, None)),
    **{ufunc.reduce: along(1, 0) for ufunc in _UFUNCS},
    **{ufunc.reduceat: _between for ufunc in _UFUNCS},
    **{ufunc.accumulate: scanned(1, 0) for ufunc in _UFUNCS},
    **dict.fromkeys((np.cumsum, np.cumprod), scanned(1, None)),
    **dict.fromkeys(_FOURIER, along(2, -1)),
    **dict.fromkeys(_FOURIER_ND, along(2, None, "axes")),
}

NAMED: dict[str, Passage] = {  # of modules that take long to import
    **dict.fromkeys(
        ("dualad.rules.complex.direction", "dualad.rules.complex.modulus",
         "dualad.rules.scipy_interpolate._spline"),
        _same,
    ),
    "dualad.rules.scipy_interpolate.b_splines": lambda call: np.broadcast_to(
        call.sets[0][..., None], call.shape
    ),
    **{f"dualad.rules.scipy_fft.{name}_last": along_last(0)
       for name in ("dct", "idct", "dst", "idst")},
    **dict.fromkeys(("dualad.scipy.fft.fht", "dualad.scipy.fft.ifht"), along_last(0)),
    "dualad.rules.scipy_data.solution": along_last(1),
    "dualad.rules.scipy_resampling.coefficients": splined,
    "dualad.rules.scipy_signal.filtered": filtered,
    "dualad.rules.scipy_signal.at_rates": resampled,
    "dualad.scipy.signal.convolve": convolved,
    "dualad.rules.sliding.sliding": slid,
    "dualad.scipy.linalg.solve_triangular": triangular,
    "dualad.scipy.linalg.solveh_banded": columns,
    "numpy.linalg.lstsq": least_squares,
    "numpy.geomspace": _spaced(3, 5),
    "dualad.rules.creation._samples": _spaced(2, 3),
}  # fmt: skip

WHOLE = {
    "numpy.roots": "each root depends on all coefficients",
    "dualad.scipy.linalg.solve_sylvester": "it is a system for all elements at once",
    "dualad.scipy.linalg.lu_factor": "the order of rows is a choice among all",
    "dualad.rules.scipy_symmetric.ldl_form": "the order of rows is a choice among all",
    "dualad.rules.scipy_forms.schur_form": "a change of basis, found from the whole matrix",
    "dualad.rules.scipy_forms.hessenberg_form": "a change of basis, found from the whole matrix",
}
