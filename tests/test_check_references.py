"""References keep their word: the error that they state bounds the error that they make."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualad.testing.precise import Big, in_longdouble, in_mpmath
from dualad.testing.references import (
    complex_step,
    differences,
    directional_derivative,
    second_derivative,
)

RATE = 0.7
KNOWN = {  # functions, their derivatives, and where they are smooth within a step
    "sin": (np.sin, np.cos, -3, 3),
    "exp": (np.exp, np.exp, -3, 3),
    "log": (np.log, lambda x: 1 / x, 0.3, 3),
    "cube": (lambda x: x**3, lambda x: 3 * x**2, -3, 3),
    "arctan": (np.arctan, lambda x: 1 / (1 + x**2), -3, 3),
    "abs of a square": (lambda x: np.abs(x**2), lambda x: 2 * x, 0.3, 3),
    "wave": (lambda x: np.sin(40 * x), lambda x: 40 * np.cos(40 * x), -3, 3),
}
every_function = pytest.mark.parametrize("name", KNOWN)
points = st.floats(0, 1)


def one(reference):
    (found,) = reference
    return found


@every_function
@given(share=points)
def test_the_stated_error_bounds_the_error_made(name, share):
    fn, derivative, low, high = KNOWN[name]
    x = np.float64(low + share * (high - low))
    exact = derivative(x)
    for source in (differences, directional_derivative):
        found = one(source(lambda x: [fn(x)], [x], [1.0]))
        assert abs(found.value - exact) <= found.error + 4 * np.spacing(abs(exact)), source
        assert found.error <= 1e-5 * found.scale, "the bound is no use"


def test_the_complex_step_is_taken_only_of_analytic_functions():
    x, t = np.array([0.5, -1.2]), np.array([1.0, 2.0])
    assert one(directional_derivative(lambda x: [np.exp(x)], [x], [t])).source == "complex step"
    assert one(directional_derivative(lambda x: [np.abs(x)], [x], [t])).source == "differences"
    found = one(directional_derivative(lambda x: [np.real(x) ** 2], [x], [t]))
    assert found.source == "differences"
    np.testing.assert_allclose(found.value, 2 * x * t, rtol=1e-9)


def test_the_complex_step_needs_real_operands_and_a_function_that_takes_complex_ones():
    assert complex_step(lambda x: [np.floor(x)], [np.array(0.5)], [1.0]) is None
    assert complex_step(lambda x: [x], [np.array(0.5 + 0j)], [1.0]) is None


@pytest.mark.parametrize("grain", [1e-5, 1e-8, 1e-11])
@pytest.mark.parametrize("seed", range(20))
def test_noise_widens_the_stated_error(seed, grain):
    x = np.random.default_rng(seed).uniform(0.3, 3)
    found = one(differences(lambda x: [np.round(np.sin(x) / grain) * grain], [x], [1.0]))
    assert abs(found.value - np.cos(x)) <= found.error


@pytest.mark.parametrize("function", [np.abs, lambda x: np.maximum(x, 3 * x), np.cbrt])
def test_a_kink_at_the_point_is_seen(function):
    found = one(differences(lambda x: [function(x)], [np.float64(0.0)], [1.0]))
    assert found.kink or found.unsettled


def test_a_smooth_point_has_no_kink():
    for fn in (np.sin, np.exp, lambda x: x**2, lambda x: 0 * x, lambda x: 1e3 * x**4 + x):
        assert not one(differences(lambda x, fn=fn: [fn(x)], [np.float64(0.0)], [1.0])).kink


def test_higher_precision_helps_where_values_cancel():
    def fn(x):
        return [(1e9 + np.sin(x)) - 1e9]

    pytest.importorskip("mpmath")
    plain = one(differences(fn, [np.float64(0.5)], [1.0]))
    wide = one(in_longdouble(fn, [np.float64(0.5)], [1.0], differences))
    many = one(in_mpmath(fn, [np.float64(0.5)], [1.0], differences))
    exact = np.cos(0.5)
    assert wide.error < 1e-2 * plain.error or np.finfo(np.longdouble).eps == np.finfo(float).eps
    for found in (plain, wide, many):
        assert abs(found.value - exact) <= found.error
    assert abs(many.value - exact) < 1e-15


def test_functions_that_leave_the_precision_have_no_such_reference():
    x = np.array([0.5])
    assert in_longdouble(lambda x: [x.astype(float)], [x], [x], differences) is None
    assert in_mpmath(lambda x: [np.linalg.inv(x[:, None])], [x], [x], differences) is None


def test_numbers_of_many_digits_do_arithmetic():
    mpmath = pytest.importorskip("mpmath")
    a = Big(mpmath.mpf(3))
    for found, wanted in [
        (a + 1, 4), (1 + a, 4), (a - 1, 2), (1 - a, -2), (a * 2, 6), (2 * a, 6), (a / 2, 1.5),
        (3 / a, 1), (a**2, 9), (2**a, 8), (-a, -3), (abs(-a), 3),
        (np.sqrt(np.array([a * a]))[0], 3),
        (np.sum(np.array([a, a])), 6), (np.arctan(np.array([a]))[0], np.arctan(3)),
    ]:  # fmt: skip
        assert abs(found.value - wanted) < 1e-15
    assert a > 2
    assert a >= 3
    assert a < np.float64(4)
    assert a <= a


@given(st.floats(0.5, 2), st.floats(-1, 1))
def test_second_derivatives_of_values_alone(x, y):
    def fn(p):
        return [p[0] ** 2 * np.sin(p[1])]

    u, v = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    found = one(second_derivative(fn, [np.array([x, y])], [u], [v]))
    assert abs(found.value - 2 * x * np.cos(y)) <= found.error
    assert found.error < 1e-6


def test_the_function_cannot_change_the_point():
    x = np.array([1.0, 2.0])

    def overwriting(x):
        y = x * 2
        x[:] = 0
        return [y]

    directional_derivative(overwriting, [x], [np.ones(2)])
    assert x.tolist() == [1.0, 2.0]
