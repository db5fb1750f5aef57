"""Object arrays of traced scalars, and what Python itself does with traced numbers."""

import math
import operator
from collections import UserList, deque
from fractions import Fraction

import numpy as np
import pytest

import dualad as da
from dualad.errors import DualadError, TracedToFloatError, UnsupportedParameterError
from dualad.testing import check_grads

X = np.array([0.7, 1.9, 2.6])
WEIGHTS = np.array([1.0, -2.0, 0.5])

ARRAYS = {
    "array": lambda x: np.array([x[0] ** 2, x[1]]),
    "nested": lambda x: np.array([[x[0], 1.0], [2.0, x[1]]]),
    "asarray": lambda x: np.asarray(x),
    "arrays": lambda x: np.array([x, x * 2]),
    "meets a row": lambda x: np.array([x[0], x[1], 1.0]) @ x,
    "meets an array": lambda x: np.asarray(x) * x + WEIGHTS * np.asarray(x),
    "linalg": lambda x: np.linalg.norm(np.array([x[0], x[1] ** 2])),
    "unary": lambda x: np.sqrt(np.asarray(x)) + np.exp(np.asarray(x)),
    "binary": lambda x: np.arctan2(np.asarray(x), 2.0) + np.hypot(np.asarray(x), x[0]),
    "arithmetic": lambda x: (np.asarray(x) ** 2 - 1.0) / np.asarray(x) + 2.0 ** np.asarray(x),
    "sum": lambda x: np.sum([x[0], x[1] * x[2]]) + np.prod([x[0], x[1]]),
    "mean": lambda x: np.asarray(x).sum() / 3 + np.dot(np.asarray(x), WEIGHTS),
    "max": lambda x: np.max(np.asarray(x)) * np.min([x[0], x[1]]),
    "mask": lambda x: np.where(np.asarray(x) > 1.0, np.asarray(x), 0.0),
    "index": lambda x: np.asarray(x)[::-1] * np.asarray(x)[[0, 0, 2]],
    "vectorize": lambda x: np.vectorize(lambda a: a**2 if a > 1 else 3 * a)(x),
    "in place": lambda x: operator.iadd(np.array([x[0], x[1]]), 1.0) * 2.0,
    "0-d": lambda x: np.asarray(x[0]) * 2.0 + np.asarray(x[0] * x[1]),
    "object dtype": lambda x: [*(np.array([x[0], x[1]], dtype=object) * 3 + x[:2].astype(object))],
    "output list": lambda x: [x[0] * 2, np.array([x[1], x[2]])],
    "output tuple": lambda x: (np.asarray(x), {"a": np.array([x[0]])}),
}

PYTHON = {
    "float64 left": lambda x: np.float64(2) * x[0] - np.float64(1) / x[1] + np.float32(3) * x[2],
    "sum": lambda x: sum([x[0], x[1] ** 2, 3]) + sum(x),
    "max": lambda x: max(x[0], x[1]) * max(x) + max(x[0], 5.0) * x[1],
    "min": lambda x: min(x[0], x[1], 0.9) * min(x),
    "abs": lambda x: abs(x[0] - 3) + abs(-x),
    "divmod": lambda x: divmod(x[1], x[0])[1] * divmod(x[2], 1.0)[0],
    "floordiv": lambda x: (x[1] // x[0]) * x[0],
    "mod": lambda x: x[1] % x[0] + 5.0 % x[1] + x % 0.45,
    "pow": lambda x: pow(x[0], x[1]) + pow(x[0], 3) + 2 ** x[0],
    "round": lambda x: round(x[1]) * x[0] + x[0],
    "int": lambda x: (
        int(x[2]) * x[0] + math.floor(x[1]) * x[1] + math.ceil(x[1]) + math.trunc(x[2])
    ),
    "bool": lambda x: x[0] if x[0] and not x[1] < 0 else x[1],
    "chained": lambda x: x[0] if 0 < x[0] < x[1] <= x[2] != 3 else x[1],
    "unpacking": lambda x: (lambda a, b, c: a * b + c)(*x),
    "sorted": lambda x: sorted([x[2], x[0], x[1]])[1] ** 2,
    "in": lambda x: x[0] * (2.0 in list(x)) + x[1] * (x[1] in [x[1]]),
    "iteration": lambda x: [a * i for i, a in enumerate(x)],
    "reduce": lambda x: math.prod(list(x)),
    "item": lambda x: x.item(0) * x[1].item() + x.tolist()[2],
    "is_integer": lambda x: x[0] if x[0].is_integer() else x[0] ** 2,
    "flat": lambda x: sum(a * a for a in x.reshape(3, 1).flat) + x.flat[1],
}


@pytest.mark.parametrize("fn", ARRAYS.values(), ids=ARRAYS)
def test_object_arrays_are_stacked_when_they_meet_a_row_or_leave(fn):
    check_grads(fn, X)


@pytest.mark.parametrize("fn", PYTHON.values(), ids=PYTHON)
def test_pythons_own_functions(fn):
    check_grads(fn, X)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_object_arrays_as_arguments(mode):
    def outer(x):
        inner = np.array([x[0] ** 2, x[1]])
        assert inner.dtype == object
        return da.grad(lambda y: np.sum(y**3), mode=mode)(inner)

    np.testing.assert_allclose(da.jacobian(outer, mode=mode)(X[:2]),
                               [[12 * X[0] ** 3, 0], [0, 6 * X[1]]])  # fmt: skip


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_formatting_and_printing(mode):
    seen = []

    def fn(x):
        seen.append((f"{x[0]:.3f}", format(x[1], "g"), str(x[0]), f"{x}"))
        repr(x), repr(x[0]), str(np.asarray(x))
        return x

    da.grad(fn, mode=mode)(X)
    assert seen == [(f"{X[0]:.3f}", format(X[1], "g"), str(X[0]), f"{X}")]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("convert", [float, complex, math.sin, lambda a: np.asarray(a, float)])
def test_numbers_that_cannot_carry_a_derivative_raise_and_name_the_way_out(convert, mode):
    with pytest.raises(TracedToFloatError, match=r"dualad\.lift\(fn\)"):
        da.grad(lambda x: convert(x[0]), mode=mode)(X)


def test_flat_writes_into_the_array():
    def fn(x):
        y = x.reshape(1, 3).T.copy()
        y.flat[0] = y.flat[1] ** 2
        y.T.flat[2] *= 3.0
        z = y.reshape(3, 1)
        z.flat = z.flat[:] * 2
        return y

    check_grads(fn, X)


def test_numbers_from_arrays_without_axes_are_numbers():
    """As in NumPy: the outcome of arithmetic on them, which is then copied by np.asarray."""

    def fn(x):
        like = x if hasattr(x, "__array_function__") else None
        y = np.asarray(x, like=like)
        assert y.shape == ()
        product = y * 2.0 + y
        assert not hasattr(product, "__setitem__")
        z = np.array(product, like=like)
        z[z > 0] += y
        return z

    check_grads(fn, np.array(0.7))
    check_grads(fn, 0.7)


def swallowing(x):
    """Return another value where an error occurs."""
    try:
        return math.exp(x)
    except Exception:
        return 1e308


@pytest.mark.parametrize("transform", [
    lambda fn: da.grad(fn)(1.0),
    lambda fn: da.grad(fn, mode="reverse")(1.0),
    lambda fn: da.jvp(fn, (1.0,), (1.0,)),
    lambda fn: da.vjp(fn, 1.0),
    lambda fn: da.hessian(fn)(1.0),
])  # fmt: skip
def test_an_error_that_the_function_caught_is_raised(transform):
    """It would return another value than without the transform."""
    with pytest.raises(TracedToFloatError):
        transform(swallowing)


def test_errors_that_lose_no_derivative_may_be_caught():
    def fn(x):
        for bad in (lambda: x[7], lambda: x @ np.ones(5), lambda: 1 / 0, lambda: x.nonsense):
            with pytest.raises((IndexError, ValueError, ZeroDivisionError, AttributeError)) as info:
                bad()
            assert not isinstance(info.value, DualadError)
        return x

    assert da.grad(fn)(X).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("x", [np.array(0.7), np.array([0.7])])
def test_views_of_arrays_without_axes_are_written_through(x):
    def fn(x):
        y = x.reshape(()).copy()
        v = y.reshape(1, 1)
        v[v > 100] = 3.0
        v *= 2
        v[0] = v[0] ** 2
        v[[False]] = 7.0
        v[:] = [[v[0, 0] * 3]]
        y.view()[...] += 1.0
        y.flat[:] = y.flat[:] * 2
        return y

    check_grads(fn, x)
    assert float(da.value_and_grad(fn)(x)[0]) == float(fn(x))


class Twice:
    """A number of another package's, which NumPy knows only as an object."""

    def __rmul__(self, other):
        return 2 * other


@pytest.mark.parametrize("container", [deque, UserList, np.ma.array])
def test_containers_of_traced_numbers_are_operands(container):
    check_grads(lambda x: np.asarray(x * container([x[0], x[1], 2.0])), X, order=1)
    check_grads(lambda x: np.where(x > 1.0, container([*x]), x), X, order=1)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_fractions_are_numbers_and_arrays_of_objects_are_refused(mode):
    half = Fraction(1, 2)
    for fn in (lambda x: x * half, lambda x: half / x, lambda x: x**half, lambda x: half - x):
        assert da.value_and_grad(fn, mode=mode)(1.7)[0] == fn(1.7)
        check_grads(fn, 1.7, modes=(mode,))
    check_grads(lambda x: half * x[0] - x[1] / half, X, modes=(mode,))
    assert (X * Twice()).tolist() == (2 * X).tolist()
    for odd in (Twice(), half):
        with pytest.raises(UnsupportedParameterError, match="objects"):
            da.grad(lambda x, odd=odd: np.sum(x * odd), mode=mode)(X)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_text_is_not_read_as_a_number_again(mode):
    for write in (str, "{:.3f}".format, "%s".__mod__, lambda x: f"{x}"):
        with pytest.raises(TracedToFloatError):
            da.grad(lambda x, write=write: float(write(x[0])) * x[1], mode=mode)(X)
    lines = []

    def logged(x):
        lines.append(f"x = {x[0]:.2f}, {x}")
        return x[0] ** 2

    assert da.grad(logged, mode=mode)(X)[0] == 1.4
    assert lines == ["x = 0.70, [0.7 1.9 2.6]"]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_refusals_are_of_the_evaluation_they_occur_in(mode):
    """An error in a function inside, which the function outside handles, is that function's own."""

    def outer(x):
        with pytest.raises(TracedToFloatError):
            da.grad(float, mode=mode)(1.0)
        return x * 2

    assert da.grad(outer, mode=mode)(1.0) == 2.0
