"""`dualad.debug` finds where the first NaN or infinity arose, and costs nothing elsewhere."""

import sys

import numpy as np
import pytest

import dualad as da
from dualad.errors import NonFiniteError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own, of such values


def logarithm(x):
    y = x * 2.0
    z = np.log(y - 2.0)  # here
    return np.sum(z * 3.0)


def root(x):
    y = x * x - 1.0
    z = np.sqrt(y)  # here
    return np.sum(z * 3.0 + y)


def loop(x):
    total = x[0] * 0.0
    for i in range(5):
        total = total + x[i] / (x[i] - 3.0)  # here
    return total


def product(x):
    y = np.exp(x) @ np.array([1.0, np.inf])  # here
    return y * 2.0


def power(x):
    y = x**0.5  # here
    return y + x


CASES = [  # a function, where, what is found, in what, and the operation
    (logarithm, np.array([2.0, 1.0]), "Inf", "the value", "log"),
    (logarithm, np.array([2.0, 0.0]), "NaN", "the value", "log"),
    (logarithm, 1.0, "Inf", "the value", "log"),
    (root, np.array([3.0, 1.0]), "Inf", None, "sqrt"),
    (root, 1.0, "Inf", None, "sqrt"),
    (loop, np.arange(5.0), "Inf", "the value", "__truediv__"),
    (product, np.zeros(2), "Inf", "the value", "matmul"),
    (power, 0.0, "Inf", None, "__pow__"),
]


def line_of(fn):
    """Return the line of a function that is marked."""
    start = fn.__code__.co_firstlineno
    with open(__file__, encoding="utf-8") as file:
        lines = file.readlines()[start - 1 :]
    return start + next(i for i, line in enumerate(lines) if "# here" in line)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("fn", "point", "found", "what", "operation"), CASES)
def test_it_names_the_operation_its_line_and_its_inputs(fn, point, found, what, operation, mode):
    derivative = "the tangent" if mode == "forward" else "the cotangent of the input"
    with pytest.raises(NonFiniteError) as caught, da.debug():
        da.grad(fn, mode=mode)(point)
    assert caught.value.args[:3] == (found, what or derivative, operation)
    place = f"{__file__}:{line_of(fn)}: "
    assert caught.value.args[3].startswith(place)
    assert caught.value.args[4]
    assert place in str(caught.value)


def test_inputs_are_shown():
    with pytest.raises(NonFiniteError, match=r"of log, of \[ ?0\. -2\.\]"), da.debug():
        da.grad(logarithm, mode="reverse")(np.array([1.0, 0.0]))


@pytest.mark.parametrize("transform", [da.grad, da.jacfwd, da.jacrev, da.hessian])
def test_zero_times_infinity_is_no_finding(transform):
    def fn(x):
        return np.sum(np.where(x > 0, np.sqrt(np.where(x > 0, x, 0.0)), 0.0) ** 2)

    with da.debug():
        found = transform(fn)(np.array([4.0, 0.0]))
    assert np.isfinite(found).all()


def test_second_derivatives_are_looked_at():
    with pytest.raises(NonFiniteError, match="power"), da.debug():
        da.hessian(lambda x: np.sum(np.power(x, 1.5)))(np.zeros(2))


def test_jacobians_and_pullbacks_are_looked_at():
    def fn(x):
        return np.sqrt(x) * 2.0

    for transform in (da.jacobian, da.jacfwd, da.jacrev):
        with pytest.raises(NonFiniteError, match="sqrt"), da.debug():
            transform(fn)(np.array([0.0, 1.0]))
    with da.debug():
        _, pull = da.vjp(fn, np.array([0.0, 1.0]))
        with pytest.raises(NonFiniteError, match="sqrt"):
            pull(np.ones(2))


def test_what_is_looked_for_can_be_chosen():
    with da.debug(inf=False):
        assert da.grad(power)(0.0) == np.inf
    with pytest.raises(NonFiniteError, match="NaN"), da.debug(inf=False):
        da.grad(logarithm)(0.0)
    with da.debug(nan=False):
        assert np.isnan(da.grad(lambda x: x * np.nan)(1.0))


def test_nothing_is_left_behind():
    before = sys.getprofile()
    for fn in (power, logarithm):
        with pytest.raises(NonFiniteError), da.debug():
            da.grad(fn)(0.0)
    assert sys.getprofile() is before
    assert da.grad(power)(0.0) == np.inf


def test_finite_results_are_the_same():
    x = np.array([3.0, 4.0])
    with da.debug():
        found = da.grad(root)(x), da.hessian(root)(x)
    np.testing.assert_array_equal(found[0], da.grad(root)(x))
    np.testing.assert_array_equal(found[1], da.hessian(root)(x))
