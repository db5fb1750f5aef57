"""Patterns of all rows: what the table says of dependence, and that no element is ever missing."""

import warnings
from unittest import mock

import numpy as np
import pytest
import scipy.fft
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.stats
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from scipy import sparse as sp

import dualad as da
import dualad.scipy.fft as dfft
import dualad.scipy.linalg as dlinalg
import dualad.scipy.ndimage as dndimage
import dualad.scipy.signal as dsignal
import dualad.scipy.sparse as dsparse
from dualad import sparse
from dualad.core.row import TABLE, declare_late, name_of, row_of
from dualad.errors import UnsupportedParameterError
from dualad.rules import dependence, windows_passed
from dualad.testing.strategies import REAL, cases
from dualad.transforms.sparsity import pattern_of
from tests.patterns import RNG, ROWS, check_patterns, dense_of, everywhere, recorded

assert all((scipy.fft, scipy.interpolate, scipy.linalg, scipy.ndimage, scipy.signal, scipy.stats))
declare_late()

NOISE = {dsignal.convolve: 1e-12}  # by fft, which rounds what is zero
WRITTEN = ("composite", "update", "constant")  # with other rows, or without a derivative


def is_whole(row):
    """Return whether a row mixes all elements, in each matrix of a stack perhaps."""
    mixing = {*dependence.STACKS, *dependence.WHOLE}
    return row.function in mixing or row.name in mixing


def check_together(call):
    """Raise if what a row says of dependence does not serve a call."""
    is_small = max(map(np.size, call.sets.values())) <= 1 or any(0 in s for s in call.shapes)
    assert is_small or is_whole(call.row), f"{call.row.name}: how does dependence pass here?"
    return mock.DEFAULT


def test_each_row_says_how_dependence_passes():
    names = {name_of(function) for function in TABLE}
    for row in TABLE.values():
        if row.kind in WRITTEN:
            continue
        says = dependence.passage_of(row) is not None
        assert says != is_whole(row), f"{row.name}: how does dependence pass through it?"
    own = {"dualad.rules.scipy_interpolate._spline", "dualad.rules.scipy_interpolate.b_splines",
           "dualad.rules.creation._samples"}  # fmt: skip
    strings = {name for name in dependence.STACKS if isinstance(name, str)}
    assert {*dependence.NAMED, *dependence.WHOLE, *strings} <= names | own
    assert all(len(reason) > 20 for reason in dependence.WHOLE.values())


@pytest.mark.parametrize("sample", ROWS)
@settings(max_examples=5)
@given(data=st.data())
def test_the_patterns_of_every_row_hold_all_elements(sample, data):
    case = data.draw(cases(sample, REAL[:1], ()))
    if any(np.iscomplexobj(x) for x in case.operands):
        return
    spied = mock.patch.object(dependence, "_together", wraps=dependence._together)
    with np.errstate(all="ignore"), warnings.catch_warnings(), spied as together:
        warnings.simplefilter("ignore")
        together.side_effect = check_together
        try:
            check_patterns(case.fn, case.operands, NOISE.get(sample.function, 0.0))
            row = row_of(sample.function)
            if row is not None and row.kind in ("linear", "multilinear", "joining"):
                zeros = tuple(np.zeros_like(x) for x in case.operands)
                found = [pattern_of(recorded(case.fn, x)) for x in (case.operands, zeros)]
                assert (found[0] != found[1]).nnz == 0  # values do not matter
        except (UnsupportedParameterError, np.linalg.LinAlgError):
            reject()  # the function has no derivative, or no value, there


def test_a_passage_that_misses_an_element_is_found(monkeypatch):
    check_patterns(np.flip, (np.ones(3),))
    monkeypatch.setitem(dependence.PASSAGES, np.flip, dependence.PASSAGES[np.real])
    with pytest.raises(AssertionError):
        check_patterns(np.flip, (np.ones(3),))


KERNEL = np.array([1.0, -2.0, 0.0])
PLANE = np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 2.5]])
LOWER = np.tri(4) + 3 * np.eye(4)
BLOCKS = np.kron(np.eye(3), np.array([[3.0, 1.0], [1.0, 2.0]]))
SPARSE = sp.csr_array(BLOCKS)
DIAGONAL = SPARSE.tocoo().coords[0] == SPARSE.tocoo().coords[1]
MODES = ("reflect", "mirror", "nearest", "constant", "wrap")

EXACT = {
    "scans": [
        (np.cumsum, [(7,)]),
        (lambda x: np.cumsum(x, 1), [(3, 4)]),
        (lambda x: np.cumsum(x), [(2, 3)]),
        (lambda x: np.cumprod(x, axis=0), [(5, 2)]),
        (lambda x: np.maximum.accumulate(x), [(4,)]),
        (lambda x: np.logaddexp.accumulate(x, 1), [(2, 5)]),
        (lambda x: np.nancumsum(x)[:3], [(8,)]),
    ],
    "transforms along an axis": [
        (lambda x: dfft.dct(x, axis=0), [(4, 3)]),
        (lambda x: dfft.idst(x, 3), [(2, 5)]),
        (lambda x: dfft.dctn(x, axes=1), [(3, 4)]),
        (lambda x: dfft.fht(x, 0.1, 0.5), [(2, 6)]),
    ],
    "filters": [
        (lambda x: dsignal.lfilter([1.0, 0.5], [1.0, -0.3], x), [(2, 6)]),
        (lambda x: dsignal.lfilter(KERNEL, [2.0], x, 0), [(6, 2)]),
        (lambda b: dsignal.lfilter(b, [1.0], np.arange(1.0, 6.0)), [(3,)]),
        (lambda a: dsignal.lfilter([1.0], a, np.arange(1.0, 6.0)), [(3,)]),
        (lambda x: dsignal.upfirdn([1.0, 2.0, 0.0, 1.0], x, 3, 2), [(2, 5)]),
        (lambda h: dsignal.upfirdn(h, np.arange(1.0, 6.0), 2, 3), [(7,)]),
        (lambda h, x: dsignal.upfirdn(h, x, 2, 1), [(3,), (4,)]),
        *[
            (lambda x, w, m=mode: dsignal.convolve(x, w, m, "direct"), pair)
            for mode in ("full", "same", "valid")
            for pair in ([(6,), (3,)], [(2,), (5,)], [(4, 5), (3, 2)], [(2, 2), (3, 4)])
        ],
        (lambda x: dsignal.convolve2d(x, PLANE, "same", "wrap"), [(4, 5)]),
        (lambda x: dsignal.correlate(x, KERNEL, "same"), [(6,)]),
    ],
    "windows": [
        *[
            (lambda x, m=mode: dndimage.correlate1d(x, KERNEL, 0, mode=m), [(5, 2)])
            for mode in MODES
        ],
        *[(lambda x, m=mode: dndimage.convolve(x, PLANE, mode=m), [(4, 5)]) for mode in MODES],
        (lambda x: dndimage.uniform_filter1d(x, 4), [(2, 7)]),
        (lambda x: dndimage.correlate1d(x, np.zeros(3)), [(5,)]),
        (lambda w: dndimage.correlate1d(np.arange(1.0, 6.0), w), [(3,)]),
        (lambda x: np.lib.stride_tricks.sliding_window_view(x, 3).sum(-1), [(6,)]),
    ],
    "splines": [
        (lambda x: dndimage.spline_filter1d(x, 3, 0), [(5, 2)]),
        (lambda x: dndimage.spline_filter1d(x, 1), [(2, 4)]),
    ],
    "systems": [
        (lambda b: np.linalg.solve(BLOCKS, b), [(6,)]),
        (lambda b: np.linalg.solve(BLOCKS, b), [(6, 2)]),
        (lambda b: dlinalg.solve_triangular(LOWER, b, lower=True), [(4, 2)]),
        (lambda b: dlinalg.solve_triangular(LOWER.T, b), [(4,)]),
        (lambda b: dlinalg.solve_triangular(LOWER, b, 1, True), [(4,)]),
        (lambda a: dlinalg.solve_triangular(a, np.arange(1.0, 4.0)), [(3, 3)]),
        (lambda a: dlinalg.solve_triangular(a, np.arange(1.0, 4.0), "T"), [(3, 3)]),
        (lambda a: dlinalg.solve_triangular(a, np.arange(1.0, 4.0), 0, True, True), [(3, 3)]),
        (lambda b: dlinalg.solveh_banded(np.array([[0, 1.0, 1.0], [4.0] * 3]), b), [(3, 2)]),
        (lambda b: dsparse.solve(SPARSE, b), [(6, 2)]),
        (lambda d: dsparse.solve(SPARSE, np.ones(6), data=d + 5 * DIAGONAL), [(12,)]),
        (lambda d, b: dsparse.solve(SPARSE, b, data=d + 5 * DIAGONAL), [(12,), (6, 2)]),
        (lambda b: np.linalg.lstsq(BLOCKS[:, :2] + 1.0, b, None)[0], [(6, 2)]),
    ],
    "samples": [
        (lambda a, b: np.linspace(a, b, 4), [(2,), (2,)]),
        (lambda a, b: np.linspace(a, b, 4, endpoint=False, axis=-1), [(2,), ()]),
        (lambda a, b: np.geomspace(a, b, 3), [(), ()]),
    ],
    "complex numbers": [(lambda x: np.abs(x + 1j * x[::-1]), [(4,)])],
}


@pytest.mark.parametrize("name", EXACT)
def test_patterns_are_exact(name):
    for fn, shapes in EXACT[name]:
        dense, pattern = everywhere(fn, shapes, points=20)
        assert np.array_equal(pattern, dense), (name, shapes)


def test_windows_of_many_elements_are_boxes(monkeypatch):
    monkeypatch.setattr(windows_passed, "MOST", 0)
    dense, pattern = everywhere(lambda x: dndimage.uniform_filter1d(x, 5), [(9,)])
    assert np.array_equal(pattern, dense)
    pattern = sparse.jacobian_pattern(lambda x: dndimage.convolve(x, PLANE), np.ones((5, 5)))
    assert pattern.toarray()[12].reshape(5, 5)[1:4, 1:4].all()
    assert pattern[[12]].nnz == 9


def test_dependence_passes_through_checkpoints():
    step = da.checkpoint(lambda u, k: u + k * (np.roll(u, 1) - 2 * u + np.roll(u, -1)))
    dense, pattern = everywhere(lambda u: step(step(u, 0.1), 0.2), [(9,)])
    assert np.array_equal(pattern, dense)
    relu = da.checkpoint(lambda u: np.where(u > 0, u, u[::-1]))
    x = np.array([-1.0, 2.0, 3.0])
    assert sparse.jacobian_pattern(relu, x, kind="local").nnz == 3


CHAINED = (
    *[lambda x, axis=axis: np.cumsum(np.tanh(x), axis) / 3 for axis in (0, 1)],
    lambda x: np.tanh(np.maximum.accumulate(x, 1)),
    lambda x: np.cumprod(np.tanh(x), 0),
    lambda x: dfft.dct(x, axis=0, norm="ortho"),
    lambda x: dsignal.lfilter([1.0, 0.2], [1.0, -0.3], x),
    lambda x: dsignal.lfilter(KERNEL / 2, [1.0], x, 0),
    lambda x: dsignal.convolve(x, PLANE / 4, "same"),
    lambda x: dsignal.convolve(x, np.tanh(x[:2, :3]), "same") / 3,
    lambda x: dsignal.upfirdn(np.tanh(x[0]), x)[:, 2:8] / 3,
    lambda x: dsignal.sosfilt(np.array([[1.0, 0.3, 0.1, 1.0, -0.2, 0.1]]), x),
    *[lambda x, m=mode: dndimage.correlate1d(x, KERNEL / 3, mode=m) for mode in MODES],
    lambda x: dndimage.convolve(x, np.tanh(x[:3, :3]), mode="wrap") / 4,
    lambda x: dndimage.uniform_filter1d(x, 3, 0),
    lambda x: dndimage.spline_filter1d(x, 3, 1),
    lambda x: np.linalg.solve(LOWER, x),
    lambda x: np.linalg.solve(BLOCKS, x.T).T,
    lambda x: np.linalg.solve(5 * np.eye(4) + np.tanh(x[:, :4]), x),
    lambda x: dlinalg.solve_triangular(4 * np.eye(4) + np.tanh(x[:, :4]), x, lower=True),
    lambda x: dsparse.solve(SPARSE, x.T).T,
    lambda x: dlinalg.expm(np.tanh(x[:, :4]) / 4) @ x,
    lambda x: np.linspace(x[0], x[-1], 4),
    lambda x: np.add.reduceat(np.tanh(x), [0, 2, 3, 1], 0) / 2,
    lambda x: x * np.roll(x, 1, 0) / 2,
    lambda x: np.tanh(x) + x[::-1],
    lambda x: np.pad(x, 1, mode="reflect")[:4, :6],
    lambda x: np.pad(x, ((1, 1), (0, 0)), mode="wrap")[2:],
    lambda x: np.gradient(x, axis=1),
    lambda x: np.where(x > 0, x, x[:, ::-1]),
    lambda x: x[:, :1] * np.exp(-(x**2)),
    lambda x: np.sin(x) @ np.diag(KERNEL.repeat(2)),
)


def interpolated(x):
    """Return values between those of the first row, which are chosen by values."""
    return np.interp(np.tanh(x), np.linspace(-1, 1, 6), x[0])


@settings(max_examples=150)
@given(
    st.lists(st.sampled_from((*CHAINED, interpolated)), min_size=1, max_size=4),
    st.integers(0, 2**32 - 1),
)
def test_the_pattern_of_random_chains_holds_at_other_points(steps, seed):
    def fn(x):
        for step in steps:
            x = step(x)
        return x

    point = np.random.default_rng(seed).normal(size=(4, 6))
    pattern = pattern_of(recorded(fn, (point,))).toarray()
    for size in (0.0, 1e-6):
        near = point + size * RNG.normal(size=(4, 6))
        assert not np.any(dense_of(recorded(fn, (near,))) & ~pattern)
    if interpolated not in steps:
        assert np.array_equal(pattern_of(recorded(fn, (0 * point,))).toarray(), pattern)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(CHAINED), min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_the_hessians_of_random_chains_are_the_dense_ones(steps, seed):
    def fn(x):
        for step in steps:
            x = step(x)
        return np.sum(np.sin(x) * x[::-1])

    point = np.random.default_rng(seed).normal(size=(4, 6))
    dense = np.reshape(da.hessian(fn)(point), (24, 24))
    found = da.hessian(fn, sparsity="auto")(point).toarray()
    assert np.allclose(found, dense, 1e-7, 1e-8 * (1 + np.max(np.abs(dense))))


def test_values_are_scattered_into_lines():
    def fn(x):
        return np.sum(np.sin(np.add.reduceat(x, [0, 3, 1], axis=1)))

    x = np.linspace(0.5, 1.5, 10).reshape(2, 5)
    pattern, dense = sparse.hessian_pattern(fn, x), da.hessian(fn)(x).reshape(10, 10)
    assert np.array_equal(pattern.toarray(), dense != 0)
