"""`grad`, `value_and_grad`, `get_grad` and `stop_gradient`: what they return, and for what."""

import inspect
import logging
from collections import namedtuple
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dualad as da
from dualad.transforms.parameter import Parameter

Point = namedtuple("Point", "x y")
X = np.array([0.5, -1.5, 2.0])

in_every_mode = pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])


@dataclass(frozen=True)
class Model:
    """A dataclass as users write it."""

    weights: np.ndarray
    bias: float
    layers: list = field(default_factory=list)


def assert_same(found, expected):
    """Assert that two trees have the same containers and nearly the same leaves."""
    assert type(found) is type(expected), (found, expected)
    if isinstance(expected, (tuple, list)):
        assert len(found) == len(expected)
        for pair in zip(found, expected, strict=True):
            assert_same(*pair)
    elif isinstance(expected, dict):
        assert list(found) == list(expected)
        for key, value in expected.items():
            assert_same(found[key], value)
    elif isinstance(expected, Model):
        assert_same(list(vars(found).values()), list(vars(expected).values()))
    elif expected is not None:
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-13)


@in_every_mode
def test_gradient_has_the_shape_type_and_dtype_of_its_argument(mode):
    gradient = da.grad(lambda x: np.sum(x * x), mode=mode)
    for x in (
        1.5,
        np.float64(1.5),
        np.float32(1.5),
        np.longdouble(1.5),
        np.array(1.5),
        np.array([1.5], np.float32),
        np.ones((2, 3)),
        np.ones((0, 3)),
        np.ones((2, 1, 2), np.longdouble),
        np.ones((3, 2), order="F"),
        np.ones(6)[::2],
    ):
        found = gradient(x)
        assert found.shape == np.shape(x)
        assert found.dtype == np.result_type(x)
        assert isinstance(found, np.ndarray) == isinstance(x, np.ndarray)
        np.testing.assert_allclose(found, 2 * x)


@in_every_mode
def test_integers_are_promoted_to_float64(mode):
    for x in (3, np.int32(3), np.array([1, 2]), np.array([1, 2], np.uint8)):
        half = 0.5 if np.ndim(x) == 0 else np.array([0.5, 0.5])
        assert_same(da.grad(lambda y: np.sum(y / 2), mode=mode)(x), np.float64(1) * half)
    found = da.grad(lambda tree: tree[0] / 2 + tree[1] ** -1, mode=mode)([2, np.int8(2)])
    assert_same(found, [np.float64(0.5), np.float64(-0.25)])


@in_every_mode
def test_a_function_of_an_integer_sees_a_float(mode):
    assert da.grad(lambda x: x / 2 + x**-1, mode=mode)(2) == 0.25


@in_every_mode
def test_all_outputs_contribute(mode):
    def fn(x):
        return x**2, {"a": [np.sum(x), 3.0]}, None, 2 * x[0]

    np.testing.assert_allclose(da.grad(fn, mode=mode)(X), 2 * X + 1 + [2, 0, 0])


@in_every_mode
def test_an_output_that_does_not_depend_on_the_input_has_a_zero_gradient(mode):
    for constant in (3.0, 3, True, np.ones(4), np.float32(1), np.array([1, 2]), 1j):
        assert_same(da.grad(lambda x, c=constant: c, mode=mode)(X), np.zeros(3))
        assert_same(da.grad(lambda x, c=constant: c, mode=mode)(1.0), np.float64(0))
    assert_same(da.grad(lambda x: np.argmax(x), mode=mode)(X), np.zeros(3))
    assert_same(da.grad(lambda x: x > 0, mode=mode)(X), np.zeros(3))
    assert_same(da.grad(lambda x: da.stop_gradient(x), mode=mode)(X), np.zeros(3))
    assert_same(da.grad(lambda a, b: a, (0, 1), mode=mode)(X, X), (np.ones(3), np.zeros(3)))


@in_every_mode
def test_arguments_may_be_trees(mode):
    def fn(tree):
        model = tree["model"]
        return np.sum(model.weights * model.layers[0]) * tree["point"].x + model.bias * tree["n"][1]

    tree = {
        "model": Model(X, 2.0, [np.ones(3), None]),
        "point": Point(3.0, np.ones((2, 2))),
        "n": (1, 5, []),
    }
    expected = {
        "model": Model(3.0 * np.ones(3), np.float64(5.0), [3.0 * X, None]),
        "point": Point(np.sum(X), np.zeros((2, 2))),
        "n": (np.float64(0.0), np.float64(2.0), []),
    }
    assert_same(da.grad(fn, mode=mode)(tree), expected)


@in_every_mode
def test_argnums_choose_the_arguments(mode):
    def fn(a, b, c):
        return np.sum(a * b) * c

    def gradient(argnums):
        return da.grad(fn, argnums, mode=mode)(X, 2 * X, 3.0)

    parts = (6 * X, 3 * X, np.sum(2 * X * X))
    assert_same(gradient(0), parts[0])
    assert_same(gradient(-1), parts[2])
    assert_same(gradient(np.int64(1)), parts[1])
    assert_same(gradient((0,)), parts[:1])
    assert_same(gradient((2, 0)), (parts[2], parts[0]))
    assert_same(gradient((0, 1, -1)), parts)
    assert_same(gradient([1, 0]), (parts[1], parts[0]))


@in_every_mode
def test_keyword_arguments_are_passed_through(mode):
    def fn(x, *, power, names=()):
        assert names == ("a", "b")
        return np.sum(x**power)

    assert_same(da.grad(fn, mode=mode)(X, power=3, names=("a", "b")), 3 * X**2)
    value, slope = da.value_and_grad(fn, mode=mode)(X, names=("a", "b"), power=2)
    assert value == np.sum(X**2)
    assert_same(slope, 2 * X)


@in_every_mode
def test_value_and_grad_evaluates_once_and_returns_the_plain_value(mode):
    calls = []

    def fn(x):
        calls.append(0)
        return {"loss": np.sum(x**2), "parts": (x, [x * 2])}

    value, slope = da.value_and_grad(fn, mode=mode)(X)
    assert len(calls) == 1
    assert_same(value, {"loss": np.sum(X**2), "parts": (X, [X * 2])})
    assert_same(slope, 2 * X + 3)


@in_every_mode
def test_auxiliary_output_is_handed_through_as_it_is(mode):
    marker = object()

    def fn(x):
        return np.sum(x**2), "text", marker, {"x": x, "none": None, "set": {1}}, np.array(["a"])

    gradient, aux = da.grad(fn, has_aux=True, mode=mode)(X)
    assert_same(gradient, 2 * X)
    assert aux[0] == "text"
    assert aux[1] is marker
    assert_same(aux[2]["x"], X)
    assert aux[2]["none"] is None
    assert aux[2]["set"] == {1}
    assert aux[3].dtype.kind == "U"
    out, again = da.value_and_grad(fn, has_aux=True, mode=mode)(X)
    assert_same(again, gradient)
    assert out[0] == np.sum(X**2)
    assert out[2] is marker


@in_every_mode
def test_auxiliary_output_does_not_contribute(mode):
    gradient, aux = da.grad(lambda x: (x[0], np.sum(x**2), 1j * x), has_aux=True, mode=mode)(X)
    assert_same(gradient, np.array([1.0, 0.0, 0.0]))
    assert_same(aux, (np.sum(X**2), 1j * X))


@in_every_mode
def test_auxiliary_objects_are_not_copied(mode):
    objects = np.array(["a", None, 3], dtype=object)
    settings = {"path": [1, 2, "three"]}
    _, aux = da.grad(lambda x: (x, objects, settings), has_aux=True, mode=mode)(2.0)
    assert aux[0] is objects
    assert aux[1] is settings


@in_every_mode
def test_ids_identify_gradients(mode):
    w, b = Parameter(np.array([2.0, 3.0]), name="w"), Parameter(1.0, name="b")

    def loss(x, y, z):
        return np.sum(w * w) * x * y + b * z

    pairs = da.grad(loss, (0, 2), weights=[w, b], return_ids=True, mode=mode)(2.0, 3.0, 5.0)
    assert da.get_grad(pairs, 0) == 39.0
    assert da.get_grad(pairs, 2) == 1.0
    assert_same(da.get_grad(pairs, "w"), np.array([24.0, 36.0]))
    assert_same(da.get_grad(pairs, b), np.array(5.0))
    one = da.grad(loss, 1, return_ids=True, mode=mode)(2.0, 3.0, 5.0)
    assert da.get_grad(one, 1) == 26.0
    only = da.grad(loss, None, weights=[w], return_ids=True, mode=mode)(2.0, 3.0, 5.0)
    assert_same(da.get_grad(only, w), np.array([24.0, 36.0]))
    for wrong in (1, "v", Parameter(1.0, name="v")):
        with pytest.raises(KeyError, match=r"no gradient of .* there are those of"):
            da.get_grad(pairs, wrong)


@in_every_mode
def test_weights_come_after_the_arguments(mode):
    w, b = Parameter(X, name="w"), Parameter(1.0, name="b")

    def loss(x, scale=1.0):
        return np.sum((x * w + b) * scale)

    both = da.grad(loss, weights=[w, b], mode=mode)(X, scale=2.0)
    assert_same(both, (2 * X, (2 * X, np.array(6.0))))
    assert_same(da.grad(loss, (0,), weights=w, mode=mode)(X), ((X,), X))
    assert_same(da.grad(loss, None, weights=w, mode=mode)(X), X)
    assert_same(da.grad(loss, None, weights=(w,), mode=mode)(X), (X,))
    value, gradients = da.value_and_grad(loss, None, weights=[b], mode=mode)(X)
    assert value == np.sum(X * X + 1)
    assert_same(gradients, (np.array(3.0),))
    assert_same(da.grad(loss, mode=mode)(X), X)  # and without weights they are constants


@in_every_mode
def test_an_exception_leaves_parameters_unbound(mode):
    w = Parameter(X, name="w")

    def failing():
        assert type(w.current) is not np.ndarray
        raise KeyError("of the user's")

    with pytest.raises(KeyError):
        da.grad(failing, None, weights=w, mode=mode)()
    assert type(w.current) is np.ndarray
    assert_same(da.grad(lambda: np.sum(w * w), None, weights=w, mode=mode)(), 2 * X)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_gradient_by_a_complex_number_is_that_of_its_parts(a, b):
    # f = x**2 y for z = x + iy: df/dx - i df/dy
    def fn(z):
        return np.real(z) ** 2 * np.imag(z)

    expected = 2 * a * b - 1j * a**2
    for z in (complex(a, b), np.complex128(complex(a, b)), np.array([complex(a, b)])):
        for mode in ("auto", "forward", "reverse"):
            found = da.grad(fn, mode=mode)(z)
            assert found.dtype == complex
            np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-300)


@in_every_mode
def test_gradient_of_complex_arithmetic_in_between_is_real(mode):
    # |exp(i x) + 1|**2 = 2 + 2 cos(x)
    def fn(x):
        z = np.exp(1j * x) + 1
        return np.sum(np.real(z * np.conj(z)))

    found = da.grad(fn, mode=mode)(X)
    assert found.dtype == float
    np.testing.assert_allclose(found, -2 * np.sin(X), rtol=1e-12)


@in_every_mode
def test_gradients_may_be_changed_by_the_caller(mode):
    fns = [
        lambda a, b: np.sum(a + b),
        lambda a, b: np.sum(a) + np.sum(b),
        lambda a, b: (a, b),
        lambda a, b: (np.reshape(a, (3, 1)), np.transpose(b)),
        lambda a, b: a[0] + b[0],
        lambda a, b: a - b,
    ]
    for fn in fns:
        a, b = X.copy(), X.copy()
        _, found = da.value_and_grad(fn, (0, 1), mode=mode)(a, b)
        before = found[1].copy()
        found[0][:] = 7.0
        np.testing.assert_array_equal(found[1], before)
        found[1][:] = 8.0
        np.testing.assert_array_equal(a, X)
        np.testing.assert_array_equal(b, X)


@in_every_mode
def test_arguments_are_never_modified(mode):
    a = np.arange(6.0).reshape(2, 3)
    tree = {"a": a, "list": [1.0, 2]}
    da.grad(lambda t: np.sum(t["a"] ** 2) * t["list"][1], mode=mode)(tree)
    assert tree["a"] is a
    assert tree["list"] == [1.0, 2]
    assert type(tree["list"][1]) is int
    np.testing.assert_array_equal(a, np.arange(6.0).reshape(2, 3))


@in_every_mode
def test_read_only_arguments_do(mode):
    x = X.copy()
    x.flags.writeable = False
    assert_same(da.grad(lambda y: np.sum(y * y), mode=mode)(x), 2 * X)


def test_stop_gradient_returns_plain_values_and_keeps_the_tree():
    def fn(x):
        plain = da.stop_gradient({"x": x, "all": (x, [2 * x]), "n": 3, "s": "text"})
        assert type(plain["x"]) is np.ndarray
        assert type(plain["all"][1][0]) is np.ndarray
        assert plain["n"] == 3
        assert plain["s"] == "text"
        return np.sum(plain["x"] * x)

    np.testing.assert_allclose(da.grad(fn)(X), X)
    assert type(da.stop_gradient(2.0)) is float
    assert da.stop_gradient(X) is X
    assert da.grad(lambda x: da.stop_gradient(np.array([x, x]))[0] * x)(3.0) == 3.0


@in_every_mode
def test_what_stop_gradient_returns_may_be_changed(mode):
    def fn(x):
        y = x * x
        plain = da.stop_gradient(x)
        plain[:] = 0.0  # neither the argument, nor what the record has kept
        return np.sum(y)

    x = X.copy()
    np.testing.assert_allclose(da.grad(fn, mode=mode)(x), 2 * X)
    np.testing.assert_array_equal(x, X)


def test_functions_that_transforms_return_look_like_the_function_inside():
    def area(width, height=2.0, *, scale=1.0):
        """Return an area."""
        return width * height * scale

    for transform in (da.grad, da.value_and_grad, da.jacobian, da.jacfwd, da.jacrev, da.hessian,
                      da.derivative, da.value_and_jacobian):  # fmt: skip
        made = transform(area)
        assert made.__name__ == "area"
        assert made.__qualname__ == area.__qualname__
        assert made.__doc__ == "Return an area."
        assert made.__module__ == __name__
        assert made.__wrapped__ is area
        assert inspect.signature(made) == inspect.signature(area)
        assert "area" in repr(made)
        assert transform.__name__ in repr(made)


def test_transforms_serve_as_decorators_of_functions_and_methods():
    @da.grad
    def slope(x):
        return x**3

    class Spring:
        def __init__(self, k):
            self.k = k

        def energy(self, x):
            """Return the energy."""
            return 0.5 * self.k * x**2

        force = da.grad(energy, 1)

        @staticmethod
        @da.grad
        def of_unit(x):
            return x**2

    assert slope(2.0) == 12.0
    spring = Spring(3.0)
    assert spring.force(2.0) == 6.0
    assert da.grad(spring.energy)(2.0) == 6.0
    assert Spring.force(spring, 2.0) == 6.0
    assert spring.of_unit(2.0) == 4.0
    assert spring.force.__doc__ == "Return the energy."
    assert str(inspect.signature(spring.force)) == "(x)"
    assert da.hessian(spring.energy)(2.0) == 3.0


def test_the_decision_is_logged(caplog):
    with caplog.at_level(logging.DEBUG, "dualad"):
        da.grad(np.sum)(X)
        da.grad(np.sin)(1.0)
        da.jacobian(lambda x: np.tile(x, 9))(X)
        da.jacobian(np.sum)(X)
    modes = [record.getMessage() for record in caplog.records]
    assert [next(m for m in ("forward", "reverse") if m in text) for text in modes] == [
        "reverse", "forward", "forward", "reverse",
    ]  # fmt: skip
    assert {record.name for record in caplog.records} == {"dualad"}


def test_a_recursive_function():
    def power(x, n):
        return 1.0 if n == 0 else x * power(x, n - 1)

    assert da.grad(power)(2.0, 5) == 80.0


def test_loops_and_branches():
    def fn(x):
        total = 0.0
        while total < 10:
            total = total + x if x > 0 else total - x
        return total

    assert da.grad(fn)(3.0) == 4.0
    assert da.grad(fn)(-3.0) == -4.0


@pytest.mark.parametrize("names", [("w", "w"), ("w", None)])
def test_return_ids_needs_weights_of_distinct_names(names):
    weights = [Parameter(np.ones(2), name=name) for name in names]
    with pytest.raises(ValueError, match="a name of its own"):
        da.grad(lambda x: x, weights=weights, return_ids=True)


@pytest.mark.parametrize(("shape", "operand"), [
    ((20, 100, 10), (20, 1, 10)), ((300, 40), (40,)), ((300, 40), (1, 40)), ((300, 40), (300, 1)),
    ((20, 100, 10), (10,)), ((20, 100, 10), (100, 10)),
])  # fmt: skip
def test_cotangents_of_large_arrays_are_summed_where_an_operand_was_broadcast(shape, operand):
    weights = np.cos(np.arange(np.prod(shape))).reshape(shape)
    x = np.ones(operand)
    found = da.grad(lambda x: np.sum(np.exp(weights + x)))(x)
    wide = (1,) * (len(shape) - len(operand)) + operand
    axes = tuple(i for i, n in enumerate(wide) if n != shape[i])
    expected = np.sum(np.exp(weights + 1.0), axis=axes, keepdims=True).reshape(operand)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
