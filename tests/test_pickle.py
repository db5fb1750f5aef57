"""What transforms return pickles when the function does, and works on in other processes."""

import copy
import functools
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

import dualad as da
from dualad.transforms.parameter import Parameter

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
NEW_PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)  # the older ones know no __slots__
X = np.array([0.5, -1.5, 2.0])

in_every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS)


def loss(x, scale=1.0):
    """Return a number."""
    return np.sum(np.sin(x) * x[0]) * scale


def curve(x):
    return np.sin(x) * x[0]


def with_aux(x):
    return np.sum(x * x), "text"


def power(x, exponent):
    return x**exponent


@da.grad
def decorated(x):
    """Return a gradient."""
    return np.sum(x**3)


@da.jacobian
def decorated_twice(x):
    return decorated(x) * x[0]


class Spring:
    """A class with methods of all kinds."""

    def __init__(self, k):
        self.k = k

    def energy(self, x):
        """Return a number."""
        return 0.5 * self.k * np.sum(x * x) + x[0] ** 3

    force = da.grad(energy, 1)
    stiffness = da.hessian(energy, 1)

    @staticmethod
    @da.grad
    def cubed(x):
        """Return a gradient."""
        return np.sum(x**3)

    @classmethod
    def total(cls, x):
        """Return a number."""
        return np.sum(x) ** 2

    def __call__(self, x):
        """Return the energy."""
        return self.energy(x)


MADE = {
    "grad": (da.grad(loss), (X,)),
    "grad of all options": (da.grad(loss, (0,), return_ids=True, mode="forward"), (X, 2.0)),
    "grad with aux": (da.grad(with_aux, has_aux=True), (X,)),
    "value_and_grad": (da.value_and_grad(loss), (X, 3.0)),
    "jacobian": (da.jacobian(curve), (X,)),
    "jacobian in chunks": (da.jacobian(curve, mode="forward", chunk_size=2), (X,)),
    "value_and_jacobian": (da.value_and_jacobian(curve), (X,)),
    "jacfwd": (da.jacfwd(curve), (X,)),
    "jacrev": (da.jacrev(curve), (X,)),
    "hessian": (da.hessian(loss), (X,)),
    "derivative": (da.derivative(power), (1.5, 3)),
    "nested": (da.jacobian(da.grad(loss)), (X,)),
    "of a ufunc": (da.grad(np.sin), (0.5,)),
    "of a NumPy function": (da.jacobian(np.cumsum), (X,)),
    "of a partial": (da.derivative(functools.partial(power, exponent=3)), (1.5,)),
    "of a bound method": (da.grad(Spring(3.0).energy), (X,)),
    "of a class method": (da.grad(Spring.total), (X,)),
    "of an instance": (da.grad(Spring(3.0)), (X,)),
    "a method": (Spring(3.0).force, (X,)),
    "another method": (Spring(3.0).stiffness, (X,)),
    "an unbound method": (Spring.force, (Spring(3.0), X)),
    "a static method": (Spring.cubed, (X,)),
    "decorated": (decorated, (X,)),
    "decorated twice": (decorated_twice, (X,)),
    "of what is decorated": (da.jacobian(decorated), (X,)),
}
every_function = pytest.mark.parametrize(("made", "args"), MADE.values(), ids=MADE)


def flat(result):
    """Return the numbers in a result."""
    if isinstance(result, (tuple, list)):
        return [number for part in result for number in flat(part)]
    return [result] if isinstance(result, str) else list(np.ravel(result))


@every_function
@in_every_protocol
def test_functions_that_transforms_return_pickle(made, args, protocol):
    twin = pickle.loads(pickle.dumps(made, protocol))
    assert flat(twin(*args)) == flat(made(*args))
    assert (twin.__name__, twin.__doc__, repr(twin)) == (made.__name__, made.__doc__, repr(made))
    again = pickle.loads(pickle.dumps(twin, protocol))
    assert flat(again(*args)) == flat(made(*args))


@every_function
def test_functions_that_transforms_return_copy(made, args):
    for twin in (copy.copy(made), copy.deepcopy(made)):
        assert flat(twin(*args)) == flat(made(*args))


@in_every_protocol
def test_what_a_decorator_made_pickles_by_name(protocol):
    assert pickle.loads(pickle.dumps(decorated, protocol)) is decorated


def test_a_function_that_does_not_pickle_raises_pickles_own_error():
    local = da.grad(lambda x: x)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(local)


PRODUCTS = {
    "curve": curve,
    "loop": lambda x: x[0] * x[1] / (x[2] + x[0] * 2.0) - x[1],
    "tree": lambda x: {"a": x * 2, "b": [np.sum(x), None, 3.0]},
}


@pytest.mark.parametrize("fn", PRODUCTS.values(), ids=PRODUCTS)
@pytest.mark.parametrize("protocol", NEW_PROTOCOLS)
def test_pullbacks_and_pushforwards_pickle(fn, protocol):
    """Even where the function does not: they hold its record, not the function."""
    out, pullback = da.vjp(fn, X)
    ct = {"a": X, "b": [1.0, None, 2.0]} if isinstance(out, dict) else np.ones(np.shape(out))
    twin = pickle.loads(pickle.dumps(pullback, protocol))
    np.testing.assert_array_equal(twin(ct)[0], pullback(ct)[0])
    _, pushforward = da.linearize(fn, X)
    twin = pickle.loads(pickle.dumps(pushforward, protocol))
    found, expected = twin(X), pushforward(X)
    if isinstance(out, dict):
        np.testing.assert_array_equal(found["a"], expected["a"])
        assert found["b"] == expected["b"]
    else:
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("protocol", NEW_PROTOCOLS)
def test_other_values_pickle(protocol):
    explained = da.explain(curve, X)
    assert pickle.loads(pickle.dumps(explained, protocol)) == explained
    parameter = pickle.loads(pickle.dumps(Parameter(X, name="w"), protocol))
    np.testing.assert_array_equal(parameter.value, X)
    assert parameter.name == "w"


@pytest.mark.parametrize("protocol", NEW_PROTOCOLS)
def test_dual_numbers_made_by_hand_pickle_and_still_mix(protocol):
    for primal, tangent in (
        (2.0, 1.0),
        (X, np.ones(3)),
        (X, np.ones((2, 3))),
        (np.float32(2), 1.0),
    ):
        number = da.Dual(primal, tangent)
        twin = pickle.loads(pickle.dumps(number, protocol))
        np.testing.assert_array_equal(twin.primal, number.primal)
        np.testing.assert_array_equal(twin.tangent, number.tangent)
        mixed, expected = twin * number, number * number  # they are on one level
        np.testing.assert_array_equal(mixed.tangent, expected.tangent)


def test_other_processes_compute_the_same():
    """Spawned, they have nothing of this one's memory: what they need must come by pickle."""
    context = multiprocessing.get_context("spawn")
    made = [da.grad(np.prod), da.hessian(np.prod), da.jacobian(np.cumsum), da.derivative(np.sin)]
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        for fn in made:
            x = 0.5 if fn is made[-1] else X
            np.testing.assert_array_equal(pool.submit(fn, x).result(), fn(x))


def test_other_processes_can_use_a_pullback():
    context = multiprocessing.get_context("spawn")
    _, pullback = da.vjp(np.prod, X)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        np.testing.assert_array_equal(pool.submit(pullback, 1.0).result()[0], pullback(1.0)[0])
