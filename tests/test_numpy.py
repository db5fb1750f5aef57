"""`dualad.numpy`: arrays that accept traced values while a derivative is being computed."""

import numpy
import pytest

import dualad as da
import dualad.numpy as np
from dualad.core.blank import Blank
from dualad.core.row import TABLE
from dualad.errors import TracedToFloatError
from dualad.numpy import OWN
from dualad.numpy.scalars import SCALARS
from dualad.testing import check_grads

X = numpy.array([0.7, 1.9, 2.6])


def elements(x):
    y = np.zeros(3)
    for i in range(3):
        y[i] = x[i] ** (i + 1)
    return np.sum(y)


def slices_and_masks(x):
    y = np.empty((2, 3))
    y[0, :2] = x[:2] ** 2
    y[0, 2] = y[0, 0] * x[2]
    y[1] = x
    y[y > 2.0] *= 0.5
    return y


def views(x):
    y = np.zeros((3, 3))
    np.fill_diagonal(y, x)
    row = y[1]
    row[0] = x[2]
    y.T[2] += x
    return y @ x


def augmented(x):
    y = np.ones(3)
    y += x
    y *= y
    y -= [x[0], 1.0, 2.0]
    return y


def out(x):
    y = np.empty(3)
    np.sin(x, out=y)
    np.multiply(y, x, y)
    return np.add.accumulate(y, out=y)


def partly(x):
    y = np.linspace(0.0, 1.0, 4)
    y[1:3] = x[:2] * y[3]
    return y


def copies(x):
    a = np.array([1.0, 2.0, 3.0])
    b = a.copy()
    b[1] = x[0]
    c = np.copy(a)
    c[0] = x[1] * b[1]
    return b * c + a


def lists(x):
    solved = np.linalg.solve([[x[0], 1.0], [2.0, x[1] * 7]], [1.0, x[2]])
    return (
        np.sum([x[0], x[1] ** 2]) + np.linalg.norm([x[0], x[1]]) + solved + np.dot([x[0], 1], x[1:])
    )


def arrays(x):
    a = np.array([[x[0], 1.0], [2.0, x[1]]]) @ np.asarray([x[2], 3], dtype=float)
    b = np.array([x, x * 2, [1, 2, 3]])
    return (
        np.linalg.det(b + np.eye(3) * 5) * a + np.array(x[0]) + np.float64(x[1]) * np.asarray(x)[:2]
    )


def joined(x):
    return np.concatenate([[x[0]], [1.0, x[2]], x]) * np.r_[x[0], x, 0:2] + np.c_[x, x * x].ravel()


def filled(x):
    return np.full((2, 3), x[0]) * np.full(3, x) + np.full_like(np.zeros(3), x[1]) * np.ones_like(x)


def elementwise(x):
    fn = np.vectorize(lambda a, b: a**b if a > 1.0 else 3 * a, otypes=[float], excluded=["b"])
    both = np.vectorize(lambda a: (a, a * a))(x)
    return (
        fn(x, b=2.0)
        + both[0] * both[1]
        + np.frompyfunc(lambda a, b: a * b, 2, 1)(x, 2.0).astype(float)
    )


def with_signature(x):
    return np.vectorize(lambda a, b: a * np.sum(b), signature="(),(n)->()")(x, x[:2])


def ranges(x):
    return np.arange(x[0], 5.0, x[1] / 3)[:5] * np.arange(5.0) + np.linspace(x[0], x[2], 5)


def scalars(x):
    return [dtype(x[0]) * 2.0 for dtype in (np.float64, np.double)] + [np.float64([x[0], 1.0])]


def nothing(x):
    return np.zeros(3) * 2 + np.eye(3)[0] + x * 0


FUNCTIONS = [
    elements, slices_and_masks, views, augmented, out, partly, copies, lists, arrays, joined,
    filled, elementwise, with_signature, ranges, scalars, nothing,
]  # fmt: skip


@pytest.mark.parametrize("fn", FUNCTIONS, ids=lambda fn: fn.__name__)
def test_functions_differentiate_in_both_modes_and_nested(fn):
    check_grads(fn, X)


@pytest.mark.parametrize("fn", FUNCTIONS, ids=lambda fn: fn.__name__)
def test_values_are_plain_and_the_same_while_a_derivative_is_computed(fn):
    def leaves(value):
        return value if isinstance(value, (list, tuple)) else [value]

    for found, expected in zip(leaves(da.value_and_grad(fn)(X)[0]), leaves(fn(X)), strict=True):
        assert type(found) in (numpy.ndarray, numpy.float64)
        assert type(expected) in (numpy.ndarray, numpy.float64)
        numpy.testing.assert_array_equal(found, expected)


def test_every_name_of_numpy_is_there():
    for name in numpy.__all__:
        assert hasattr(np, name), name
    assert set(numpy.__all__) <= set(dir(np))
    assert np.pi == numpy.pi
    assert np.sin is numpy.sin
    for name in ("linalg", "fft"):
        for inner in getattr(numpy, name).__all__:
            assert callable(getattr(getattr(np, name), inner)) or inner == "LinAlgError"


def test_arrays_are_numpys_own_without_a_derivative():
    for made in (np.zeros(3), np.array([1.0]), np.linspace(0, 1, 3), np.eye(2), np.copy(X)):
        assert type(made) is numpy.ndarray
    da.grad(lambda x: x)(1.0)
    assert type(np.zeros(3)) is numpy.ndarray
    with pytest.raises(ZeroDivisionError):
        da.grad(lambda x: 1 / 0)(1.0)
    assert type(np.zeros(3)) is numpy.ndarray


def test_arrays_that_exist_stay_themselves():
    plain = numpy.ones(3)

    def fn(x):
        assert np.asarray(plain) is plain
        assert np.asarray(x) is x
        assert np.array(x) is not x
        same = np.zeros(2)
        assert np.asarray(same) is same
        return x

    da.grad(fn)(X)


def test_only_inexact_arrays_accept_traced_values():
    def fn(x):
        assert type(np.zeros(2)) is Blank
        assert type(np.zeros(2, int)) is numpy.ndarray
        assert type(np.zeros(2, bool)) is numpy.ndarray
        counts = np.zeros(2, int)
        counts[0] = x  # truncates, as in NumPy; its derivative is zero
        return x * counts[0]

    assert da.grad(fn)(2.5) == 2.0


def test_plain_arrays_refuse_and_name_the_ways_out():
    def fn(x):
        y = numpy.zeros(3)
        y[0] = x[0]
        return y

    with pytest.raises(TracedToFloatError, match=r"zeros_like.*like=x.*dualad.numpy.*dualad.lift"):
        da.grad(fn)(X)


def test_blank_arrays_behave_as_plain_ones():
    def fn(x):
        y = np.array([[3.0, 1.0], [2.0, 5.0]])
        plain = numpy.array([[3.0, 1.0], [2.0, 5.0]])
        for found, expected in [
            (y.tobytes(), plain.tobytes()),
            (repr(y + y), f"Blank({plain + plain!r})"),
            (float(y[0, 0]), 3.0),
            (numpy.asarray(y).tolist(), plain.tolist()),
            (y.tolist(), plain.tolist()),
            ([*map(list, y)], plain.tolist()),
            (numpy.linalg.inv(y).tolist(), numpy.linalg.inv(plain).tolist()),
            (numpy.histogram([1.0, 2.5], numpy.sort(y.ravel()))[0].tolist(), [1, 1, 0]),
            ((y > 2).tolist(), (plain > 2).tolist()),
        ]:
            assert found == expected
        target = numpy.zeros((2, 2))
        target[...] = y
        numpy.add(y, 1.0, out=target)
        return x * target.sum()

    assert da.grad(fn)(1.0) == 15.0


@pytest.mark.parametrize("own", SCALARS, ids=lambda own: own.__name__)
def test_number_types_stand_for_numpys(own):
    twin = SCALARS[own]
    others = [numpy.dtype("f8"), numpy.dtype("c8"), numpy.dtype("i4"), numpy.float64, numpy.number,
              numpy.complex64, float, "f8", None, own]  # fmt: skip
    for other in others:
        assert (twin == other) is (own == other) or other is own
        assert (other == twin) is (other == own) or other is own
        assert (other in (twin,)) is (other in (own,))
        if isinstance(other, type):
            assert issubclass(twin, other) is issubclass(own, other)
            assert issubclass(other, twin) is issubclass(other, own)
    assert numpy.zeros(1, twin).dtype == own
    assert type(twin(1.5)) is own
    assert isinstance(own(1.5), twin)
    assert {own: 1}[twin] == 1


def test_each_creation_function_that_numpy_has_accepts_traced_values():
    assert {numpy.zeros, numpy.ones, numpy.empty, numpy.full, numpy.eye, numpy.identity,
            numpy.array, numpy.asarray, numpy.arange, numpy.full_like} <= set(OWN)  # fmt: skip
    assert all(callable(function) for function in OWN.values())


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_like_makes_arrays_that_accept_traced_values(mode):
    def fn(x):
        a = numpy.zeros(3, like=x)
        a[:2] = x[:2] ** 2
        b = numpy.asarray([x[0], 2.0], dtype=float, like=x)
        c = numpy.empty_like(x)
        c[...] = 1.0
        c[0] = x[1] * b[0]
        d = numpy.full(3, x[2], like=x) + numpy.ones_like(x)
        return numpy.sum(a) + numpy.sum(b) + numpy.sum(c * d)

    numpy.testing.assert_allclose(
        da.grad(fn, mode=mode)(X),
        [2 * X[0] + 1 + X[1] * (X[2] + 1), 2 * X[1] + X[0] * (X[2] + 1), 2 + X[0] * X[1]],
    )


def test_rows_are_called_with_traced_lists_by_keyword():
    assert da.grad(lambda x: np.sum(a=[x, x * x]))(3.0) == 7.0
    assert numpy.sum in TABLE
