"""Forward and reverse mode give the same derivatives, of operators and of whole programs."""

import operator
from collections import deque
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dualad as da
from dualad.testing import check_grads
from dualad.transforms import choice
from dualad.tree import leaves

NUMBERS = (0.7, np.float64(0.7), 2, np.int64(2), True)
ARRAYS = (np.array([0.6, 1.7]), np.array(1.3), np.array([[1.0], [2.0]]), np.array([1, 2]))
SINGLE = (np.float32(0.7), np.array(0.7, np.float32), np.array([0.6, 1.7], np.float32))
LISTS = ([1.5, 2.5], (0.5, 1.5))
TRACED = (0.83, np.float64(0.83), np.array(0.83), np.array([0.83, 1.37]))

BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "divmod": lambda a, b: divmod(a, b)[1],
    "max": max,
    "min": min,
}
UNARY = {
    "-": operator.neg,
    "+": operator.pos,
    "abs": abs,
    "**2": lambda x: x**2,
    "**3": lambda x: x**3,
    "**-1": lambda x: x**-1,
    "**0.5": lambda x: x**0.5,
    "**0": lambda x: x**0,
    "**1": lambda x: x**1,
    "0**": lambda x: 0.0**x,
    "round": lambda x: x * np.round(x),
    "x*x*x": lambda x: x * x * x,
    "x/x": lambda x: x / x,
    "x-x": lambda x: x - x,
    "x+x": lambda x: x + x,
    "x**x": lambda x: x**x,
    "1-x": lambda x: 1 - x,
    "1/x": lambda x: 1 / x,
}

every_traced = pytest.mark.parametrize("x", TRACED, ids=["float", "float64", "0-d", "1-d"])


@pytest.mark.parametrize("fn", BINARY.values(), ids=BINARY)
@every_traced
def test_binary_operators_with_everything_on_either_side(fn, x):
    for other in (*NUMBERS, *ARRAYS, *LISTS):
        if fn in (max, min) and (np.ndim(x) or np.ndim(other)):
            continue
        if isinstance(other, (list, tuple)) and np.ndim(x) == 0:
            continue  # a list times a number is an error of Python's
        if isinstance(other, (bool, np.bool_)) and fn is operator.sub:
            continue  # NumPy refuses it for booleans
        check_grads(lambda a, o=other: fn(a, o), x, order=1)
        check_grads(lambda a, o=other: fn(o, a), x, order=1)


@pytest.mark.parametrize("fn", list(BINARY.values())[:7], ids=list(BINARY)[:7])
@every_traced
def test_operands_of_single_precision_do_not_blunt_the_derivative(fn, x):
    """NumPy computes in the wider dtype of the two, and so must the partials."""
    for other in SINGLE:
        wide = np.asarray(other, float)
        for narrow, exact in (
            (lambda a, o=other: fn(a, o), lambda a, o=wide: fn(a, o)),
            (lambda a, o=other: fn(o, a), lambda a, o=wide: fn(o, a)),
        ):
            for mode in ("forward", "reverse"):
                found = da.value_and_grad(narrow, mode=mode)(np.asarray(x))
                expected = da.value_and_grad(exact, mode=mode)(np.asarray(x))
                for pair in zip(found, expected, strict=True):
                    assert np.result_type(pair[0]) == np.float64
                    np.testing.assert_allclose(*pair, rtol=1e-14)


@pytest.mark.parametrize("fn", BINARY.values(), ids=BINARY)
def test_binary_operators_of_two_traced_values(fn):
    for a, b in product(TRACED, (1.21, np.array([1.21, 0.57]), np.array([[0.45], [2.21]]))):
        if fn in (max, min) and (np.ndim(a) or np.ndim(b)):
            continue
        check_grads(fn, a, b)


@pytest.mark.parametrize("fn", UNARY.values(), ids=UNARY)
@every_traced
def test_unary_operators_and_repeated_operands(fn, x):
    check_grads(fn, x)


@pytest.mark.parametrize(
    "fn",
    [
        operator.matmul,
        lambda a, b: b @ a,
        lambda a, b: a @ np.arange(4.0).reshape(2, 2) @ b,
        lambda a, b: np.arange(6.0).reshape(3, 2) @ (a * b),
        lambda a, b: a @ [1.0, 2.0] + b,
        lambda a, b: [1.0, 2.0] @ a + b,
    ],
)
def test_matrix_products(fn):
    check_grads(fn, np.array([0.5, 1.5]), np.array([1.0, -2.0]))


def test_augmented_assignment_of_numbers():
    def fn(x, y):
        z = x
        z += y
        z *= x
        z -= 2
        z /= y
        z **= 2
        z %= 100.0
        return z + x

    check_grads(fn, 1.3, 0.7)
    check_grads(lambda x: fn(x, 2.0), 1.3)


@pytest.mark.parametrize(
    ("base", "exponent", "slope"),
    [
        (0.0, 2, 0.0),
        (0.0, 1, 1.0),
        (0.0, 0, 0.0),
        (-2.0, 3, 12.0),
        (-2.0, 2.0, -4.0),
        (2.0, -1, -0.25),
    ],
)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_powers_at_the_edges(base, exponent, slope, mode):
    for x in (base, np.float64(base), np.array([base])):
        assert da.grad(lambda y: y**exponent, mode=mode)(x) == slope
        assert da.grad(lambda y: np.power(y, exponent), mode=mode)(x) == slope


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_division_by_zero_gives_what_numpy_gives(mode):
    with np.errstate(all="ignore"):
        for fn in (lambda x: 1 / x, lambda x: x / 0.0, lambda x: x / x, lambda x: x**-2, np.log):
            for x in (0.0, np.float64(0.0), np.array([0.0])):
                value, _ = da.value_and_grad(fn, mode=mode)(x)
                np.testing.assert_array_equal(value, fn(np.asarray(x)))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_warnings_are_those_of_the_function_itself(mode):
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        da.grad(lambda x: 1 / x, mode=mode)(np.array([0.0]))
    # pytest turns any other warning, from the sweeps, into an error
    da.grad(lambda x: np.where(x > 0, np.sqrt(np.maximum(x, 0)), 0), mode=mode)(
        np.array([0.0, 1.0])
    )


def newton(a):
    """Return the square root of `a`, by a loop whose length depends on values."""
    y = a
    while abs(y * y - a) > 1e-12:
        y = 0.5 * (y + a / y)
    return y


def horner(x):
    y = 0.0
    for c in (3.0, -1.0, 2.0, 0.5):
        y = y * x + c
    return y


def leapfrog(state):
    """Return a pendulum's state after some steps, through Python containers."""
    q, p = state[0], state[1]
    trace = deque(maxlen=3)
    for _ in range(10):
        p = p - 0.05 * np.sin(q)
        q = q + 0.1 * p
        p = p - 0.05 * np.sin(q)
        trace.append(q)
    return np.stack([q, p, *trace])


def geometric(x):
    return sum(x**k for k in range(5)) / max(1.0, x)


def branching(x):
    if x[0] > 0 and not x[1] > 5:
        return x[0] * x[1] if x[1] != 0 else x[0]
    return -x[1]


def sorting(x):
    """Return a weighted sum of Python's own ordering of traced numbers."""
    return sum((i + 1) * v for i, v in enumerate(sorted([x[2], x[0], x[1]])))


PROGRAMS = {
    "newton": (newton, 2.0),
    "horner": (horner, 1.5),
    "leapfrog": (leapfrog, np.array([0.5, 0.1])),
    "geometric": (geometric, 1.5),
    "branching": (branching, np.array([2.0, 3.0])),
    "sorting": (sorting, np.array([0.3, 2.0, -1.0])),
    "lists": (lambda x: [x[0] * 2, (x[1], {"k": x[0] * x[1]})], np.array([1.5, 2.5])),
    "object array": (
        lambda x: np.sum(np.array([x[0] ** 2, x[1] * x[0]]) * 3.0),
        np.array([1.5, 2.5]),
    ),
    "rows": (lambda A: sum(i * row @ row for i, row in enumerate(A)), np.eye(3) + 0.5),
    "elementwise": (lambda x: np.sin(x) * x[::-1] - x[0], np.array([1.5, 2.5, -1.0])),
    "complex": (lambda z: z * z + 1 / z, np.array([1.0 + 0.5j, -2.0j])),
}


@pytest.mark.parametrize(("fn", "x"), PROGRAMS.values(), ids=PROGRAMS)
def test_whole_programs(fn, x):
    check_grads(fn, x)


EXPRESSIONS = st.recursive(
    st.sampled_from(["x", "y", "0.5", "2", "x", "y"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("np.sin({})".format, inner),
        st.builds("({} / (2 + {} ** 2))".format, inner, inner),
    ),
    max_leaves=12,
)


@given(EXPRESSIONS, st.booleans())
def test_drawn_programs(text, on_arrays):
    fn = eval(f"lambda x, y: {text} + 0 * x + 0 * y", {"np": np})
    x, y = (np.array([0.3, -0.8]), np.array([1.2])) if on_arrays else (0.3, -0.8)
    check_grads(fn, x, y)
    plain = fn(np.asarray(x), np.asarray(y))
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(da.value_and_grad(fn, mode=mode)(x, y)[0], plain)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_values_equal_those_without_a_transform_to_the_last_bit(mode):
    for name, (fn, x) in PROGRAMS.items():
        if name in ("complex", "lists"):
            continue
        value, _ = da.value_and_grad(fn, mode=mode)(x)
        np.testing.assert_array_equal(value, np.asarray(fn(x), float), err_msg=name)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("mode", ["auto", "reverse", "mixed"])
def test_jacobians_of_whole_programs(name, mode, monkeypatch):
    monkeypatch.setattr(choice, "WORTH", 0)  # auto mode looks at every record
    fn, x = PROGRAMS[name]
    expected = da.jacobian(fn, mode="forward")(x)
    found = da.jacobian(fn, mode=mode)(x)
    for (path, a), (_, b) in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12, err_msg=path)
