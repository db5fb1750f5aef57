"""A traced value that outlives its transform raises when it is used."""

import copy
import pickle

import numpy as np
import pytest

import dualad as da
from dualad.errors import EscapedError, TracedPicklingError

RUNS = {
    "grad forward": lambda fn, x: da.grad(fn, mode="forward")(x),
    "grad reverse": lambda fn, x: da.grad(fn, mode="reverse")(x),
    "jvp": lambda fn, x: da.jvp(fn, (x,), (x,)),
    "vjp": lambda fn, x: da.vjp(fn, x),
    "linearize": lambda fn, x: da.linearize(fn, x),
    "jacobian": lambda fn, x: da.jacobian(fn)(x),
    "jacfwd": lambda fn, x: da.jacfwd(fn)(x),
    "hessian": lambda fn, x: da.hessian(fn)(x),
}
NUMBER, ARRAY = 1.5, np.array([1.5, -0.5])
SQUARE = np.array([[1.5, -0.5], [0.5, 2.0]])

by_transform = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
from_numbers_and_arrays = pytest.mark.parametrize("x", [NUMBER, ARRAY], ids=["number", "array"])


def escaped(run, x, inside=lambda y: y):
    """Return a value that got out of a transform through a list."""
    found = []

    def fn(y):
        found.append(inside(y))
        return np.sum(y * y)

    run(fn, x)
    return found[0]


USES = {
    "x + 1": lambda x: x + 1,
    "1 + x": lambda x: 1 + x,
    "x - x": lambda x: x - x,
    "2 * x": lambda x: 2 * x,
    "x * x": lambda x: x * x,
    "x / 3": lambda x: x / 3,
    "3 / x": lambda x: 3 / x,
    "x**2": lambda x: x**2,
    "x**0.3": lambda x: x**0.3,
    "2**x": lambda x: 2**x,
    "-x": lambda x: -x,
    "abs(x)": abs,
    "array + x": lambda x: np.ones(2) + x,
    "x * array": lambda x: x * np.ones(2),
    "np.sin(x)": np.sin,
    "np.multiply(x, 2)": lambda x: np.multiply(x, 2),
    "np.sum(x)": np.sum,
    "x.sum()": lambda x: x.sum(),
    "np.where": lambda x: np.where(True, x, 0.0),
    "np.stack": lambda x: np.stack([x, x]),
    "reshape": lambda x: np.reshape(x, (-1,)),
    "an object array": lambda x: np.sin(np.array([x, x], dtype=object)),
}


@by_transform
@from_numbers_and_arrays
def test_every_use_of_an_escaped_value_raises(run, x):
    value = escaped(run, x)
    for name, use in USES.items():
        with pytest.raises(EscapedError):
            print(name, use(value))  # noqa: T201  # tells which, if none is raised


@by_transform
def test_parts_of_escaped_arrays_raise(run):
    for use in (lambda x: x[0], lambda x: x[:1], lambda x: list(x), lambda x: x @ x, lambda x: x.T):
        with pytest.raises(EscapedError):
            use(escaped(run, SQUARE))


@by_transform
@from_numbers_and_arrays
def test_a_result_that_escaped_raises_as_an_input_does(run, x):
    value = escaped(run, x, lambda y: np.exp(y) * 2)
    with pytest.raises(EscapedError):
        value * 3.0


@by_transform
@from_numbers_and_arrays
@pytest.mark.parametrize("inner", RUNS.values(), ids=RUNS)
def test_an_escaped_value_raises_inside_other_transforms(run, inner, x):
    value = escaped(run, x)
    with pytest.raises(EscapedError):
        inner(lambda y: np.sum(y * value), x)
    with pytest.raises(EscapedError):
        inner(lambda y: value, x)  # returned, but not used
    with pytest.raises(EscapedError):
        inner(lambda y: (np.sum(y), {"all": [value]}), x)
    with pytest.raises(EscapedError):
        inner(lambda y: 1.0, value)  # an argument, but not used


@by_transform
def test_a_value_of_a_finished_inner_transform_raises_in_the_outer_one(run):
    def outer(x):
        return np.sum(x * escaped(run, x))

    for other in (RUNS["grad forward"], RUNS["grad reverse"], RUNS["jvp"]):
        with pytest.raises(EscapedError):
            other(outer, NUMBER)


@by_transform
def test_a_pullback_that_holds_an_outer_value_raises_after_the_outer_transform(run):
    held = []

    def outer(x):
        held.append(da.vjp(lambda y: x * y * y, 3.0)[1])
        held.append(da.linearize(lambda y: x * y * y, 3.0)[1])
        return x * held[0](1.0)[0]

    run(outer, NUMBER)
    for product in held:
        with pytest.raises(EscapedError):
            product(1.0)


@by_transform
@from_numbers_and_arrays
def test_a_value_that_escapes_through_an_exception_raises(run, x):
    def failing(y):
        raise KeyError(y)

    with pytest.raises(KeyError) as caught:
        run(failing, x)
    with pytest.raises(EscapedError):
        caught.value.args[0] * 2.0


def test_an_escaped_tangent_or_cotangent_raises():
    value = escaped(RUNS["jvp"], NUMBER)
    with pytest.raises(EscapedError):
        da.jvp(lambda x: 1.0, (2.0,), (value,))
    with pytest.raises(EscapedError):
        da.vjp(lambda x: 1.0, 2.0)[1](value)
    with pytest.raises(EscapedError):
        da.linearize(lambda x: 1.0, 2.0)[1](value)


@by_transform
@from_numbers_and_arrays
def test_what_loses_no_derivative_does_not_raise(run, x):
    value = escaped(run, x)
    assert value.shape == np.shape(x)
    assert value.dtype == float
    assert str(x) in str(value)
    assert "Traced" in repr(value) or "Dual" in repr(value) or "Recorded" in repr(value)
    np.testing.assert_array_equal(da.stop_gradient(value), x)


@from_numbers_and_arrays
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_auxiliary_output_does_not_escape(mode, x):
    def fn(y):
        return np.sum(y * y), y, {"double": 2 * y}

    found, aux = da.grad(fn, has_aux=True, mode=mode)(x)
    np.testing.assert_array_equal(found, 2 * x)
    np.testing.assert_array_equal(aux[0], x)
    np.testing.assert_array_equal(aux[1]["double"] + 1, 2 * x + 1)


@by_transform
@from_numbers_and_arrays
def test_copies_of_escaped_values_raise(run, x):
    with pytest.raises(EscapedError):
        copy.copy(escaped(run, x)) * 2
    with pytest.raises(EscapedError):
        copy.deepcopy(escaped(run, x)) * 2


@by_transform
@from_numbers_and_arrays
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_traced_value_does_not_pickle(run, x, protocol):
    """A pickled copy has lost its trace: a derivative through another process would be zero."""
    with pytest.raises(TracedPicklingError):
        run(lambda y: np.sum(pickle.loads(pickle.dumps(y, protocol)) ** 2), x)
