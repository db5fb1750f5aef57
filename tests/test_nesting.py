"""Nested transforms keep their perturbations apart, in every mixture, against closed forms."""

from contextlib import suppress
from itertools import product

import numpy as np
import pytest

import dualad as da

ROUNDING = 1e-11  # of results of size one to a thousand, after tens of operations


def _ones(x):
    """Return the direction in which an elementwise function gives its derivatives."""
    return np.ones(np.shape(x)) if np.shape(x) else 1.0


def _diagonal(jacobian):
    """Return the derivative of an elementwise function by a Jacobian, which is diagonal."""
    return lambda fn, x: np.sum(jacobian(fn)(x), axis=-1) if np.shape(x) else jacobian(fn)(x)


# What each transform makes of an elementwise function at a number or array: its derivative.
DERIVATIVES = {
    "grad forward": lambda fn, x: da.grad(fn, mode="forward")(x),
    "grad reverse": lambda fn, x: da.grad(fn, mode="reverse")(x),
    "jvp": lambda fn, x: da.jvp(fn, (x,), (_ones(x),))[1],
    "vjp": lambda fn, x: da.vjp(fn, x)[1](_ones(x))[0],
    "linearize": lambda fn, x: da.linearize(fn, x)[1](_ones(x)),
    "value_and_grad": lambda fn, x: da.value_and_grad(fn)(x)[1],
    "jacfwd": _diagonal(da.jacfwd),
    "jacrev": _diagonal(da.jacrev),
    "jacobian": _diagonal(da.jacobian),
}
BASIC = ("grad forward", "grad reverse", "jvp", "vjp")  # inside, at depth 4
SEVERAL = (*BASIC, "linearize", "jacfwd", "jacrev")  # inside, at depth 3
OPERANDS = {"number": 1.25, "array": np.array([1.25, -0.75, 0.5])}

by_transform = pytest.mark.parametrize("outer", DERIVATIVES)
on_numbers_and_arrays = pytest.mark.parametrize("x", OPERANDS.values(), ids=OPERANDS)


def mixtures(outer, depth, inner=SEVERAL):
    """Return all mixtures of `depth` transforms with a given outermost one."""
    return [(outer, *rest) for rest in product(inner, repeat=depth - 1)]


def assert_near(found, expected, mixture):
    np.testing.assert_allclose(found, expected, rtol=ROUNDING, atol=ROUNDING, err_msg=str(mixture))


def iterated(fn, mixture):
    """Return the derivative of a derivative ... of `fn`, by the transforms of a mixture."""
    for name in reversed(mixture):
        fn = lambda x, fn=fn, by=DERIVATIVES[name]: by(fn, x)
    return fn


@by_transform
@on_numbers_and_arrays
def test_repeated_differentiation_gives_higher_derivatives(outer, x):
    for mixture in [*mixtures(outer, 3), *mixtures(outer, 4, BASIC)]:
        order = len(mixture)
        power = np.prod([7.0 - i for i in range(order)]) * x ** (7 - order)
        assert_near(iterated(lambda y: y**7, mixture)(x), power, mixture)
        wave = np.sin(3 * x + order * np.pi / 2) * 3.0**order
        assert_near(iterated(lambda y: np.sin(3 * y), mixture)(x), wave, mixture)


class Monomial:
    """``factor * x_0**powers[0] * x_1**powers[1] * ...``: closed under what the test below does."""

    def __init__(self, factor, powers):
        self.factor, self.powers = factor, powers

    def times(self, i, power):
        """Return it times ``x_i**power``."""
        powers = [*self.powers] + [0] * (i + 1 - len(self.powers))
        powers[i] += power
        return Monomial(self.factor, powers)

    def derivative(self, i):
        """Return its derivative by ``x_i``."""
        powers = [*self.powers]
        powers[i] -= 1
        return Monomial(self.factor * self.powers[i], powers)

    def at_equal(self, i, j):
        """Return it at ``x_i = x_j``."""
        lowered = Monomial(self.factor, [p if k != i else 0 for k, p in enumerate(self.powers)])
        return lowered.times(j, self.powers[i])

    def __call__(self, x):
        """Return its value where all variables are `x`."""
        return self.factor * x ** sum(self.powers)


def expected_tower(depth, i=0):
    """Return what `tower` computes at level `i`, as a monomial of outer variables."""
    if i == depth:
        return Monomial(1.0, [0])
    body = expected_tower(depth, i + 1).times(i, 2)
    body = body.times(i - 1, 1) if i else body
    derivative = body.derivative(i)
    return derivative.at_equal(i, i - 1) if i else derivative


def tower(mixture, x, outer=()):
    """Return the derivative of ``x_i**2 * x_(i-1) * tower(x_i)`` by ``x_i``, at ``x_(i-1)``.

    Every level closes over the variable of the level outside, is differentiated at a value that
    is traced by it, and multiplies the derivative of the level inside.
    """
    if not mixture:
        return 1.0

    def body(y):
        share = y * y * tower(mixture[1:], y, (*outer, y))
        return share * outer[-1] if outer else share

    return DERIVATIVES[mixture[0]](body, x)


@by_transform
@on_numbers_and_arrays
def test_closures_over_outer_variables_are_not_confused(outer, x):
    for mixture in [*mixtures(outer, 3), *mixtures(outer, 4, BASIC)]:
        assert_near(tower(mixture, x), expected_tower(len(mixture))(x), mixture)


@by_transform
@pytest.mark.parametrize("inner", DERIVATIVES)
def test_classical_examples_of_perturbation_confusion(outer, inner):
    d_outer, d_inner = DERIVATIVES[outer], DERIVATIVES[inner]
    # Siskind and Pearlmutter 2005: d/dx (x * d/dy (x + y)) is 1, and 2 if the two are confused
    assert d_outer(lambda x: x * d_inner(lambda y: x + y, 1.0), 1.0) == 1
    # the same with a product: d/dx (x * d/dy (x * y)) is 2 x
    assert d_outer(lambda x: x * d_inner(lambda y: x * y, 2.0), 3.0) == 6
    # the inner function does not depend on its variable at all
    assert d_outer(lambda x: d_inner(lambda y: x * x, 2.0), 3.0) == 0
    assert d_outer(lambda x: x + d_inner(lambda y: x * x, 2.0), 3.0) == 1
    # nor on the outer one
    assert d_outer(lambda x: d_inner(lambda y: y * y, 2.0), 3.0) == 0
    # the inner point is the outer variable: d/dx (2 x) is 2
    assert d_outer(lambda x: d_inner(lambda y: y * y, x), 3.0) == 2
    # both: d/dx (d/dy (x * y**2) at y = x) = d/dx (2 x**2)
    assert d_outer(lambda x: d_inner(lambda y: x * y * y, x), 3.0) == 12


@by_transform
@pytest.mark.parametrize("inner", DERIVATIVES)
def test_a_curried_function_is_differentiated_by_either_variable(outer, inner):
    # Manzyuk et al. 2019: a derivative of a function that returns functions
    def shifted(u):
        return lambda f: lambda x: f(x + u)

    def inner_slope(f):
        return lambda x: DERIVATIVES[inner](f, x)

    def twice(u):
        return shifted(u)(inner_slope(shifted(u)(inner_slope(lambda x: x**5))))(1.0)

    # the innermost derivative is taken at 1 + 2 u, and the next of that: 20 (1 + 2 u)**3
    assert_near(DERIVATIVES[outer](twice, 0.5), 120 * 2.0**2, (outer, inner))


@by_transform
def test_a_direction_may_be_traced_by_the_outer_transform(outer):
    # d/dx of x**3's derivative (3 x**2) in the direction sin(x)
    x = 0.7
    expected = 6 * x * np.sin(x) + 3 * x**2 * np.cos(x)
    for products in (
        lambda y: da.jvp(lambda z: z**3, (y,), (np.sin(y),))[1],
        lambda y: da.vjp(lambda z: z**3, y)[1](np.sin(y))[0],
        lambda y: da.linearize(lambda z: z**3, y)[1](np.sin(y)),
        lambda y: da.hvp(lambda z: z**4 / 4, (y,), (np.sin(y),))[0],
    ):
        assert_near(DERIVATIVES[outer](products, x), expected, outer)


@by_transform
@on_numbers_and_arrays
def test_a_pullback_is_linear_in_its_cotangent_and_differentiable_by_it(outer, x):
    _, pullback = da.vjp(np.sin, x)
    _, pushforward = da.linearize(np.sin, x)
    for linear_map in (lambda ct: pullback(ct)[0], pushforward):
        assert_near(DERIVATIVES[outer](linear_map, 3.0 * x), np.cos(x), outer)
        square = DERIVATIVES[outer](lambda t, fn=linear_map: fn(t) ** 2, 3.0 * x)
        assert_near(square, 6.0 * x * np.cos(x) ** 2, outer)


@by_transform
def test_a_pullback_may_be_made_outside_and_used_within_a_transform(outer):
    def product_of_slopes(x):
        y, pullback = da.vjp(lambda z: x * z**3, x)
        inner = DERIVATIVES[outer](lambda u: pullback(u * u)[0] * x, x)  # 2 u (3 x**3) x
        return y * inner

    x = 1.5
    for name, derivative in DERIVATIVES.items():
        assert_near(derivative(product_of_slopes, x), 54 * x**8, (name, outer))


@pytest.mark.parametrize("outer_mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize("inner_mode", ["auto", "forward", "reverse"])
def test_mixed_second_derivatives_are_symmetric_in_all_modes(outer_mode, inner_mode):
    x = np.array([0.3, -0.4, 1.1])
    A = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.0, -1.0, 1.0]])

    def fn(y):
        return np.sum(y * np.sum(A * y, axis=1)) + np.sin(y[0] * y[2])

    expected = 2 * A
    s, c = np.sin(x[0] * x[2]), np.cos(x[0] * x[2])
    expected[0, 0] -= x[2] ** 2 * s
    expected[2, 2] -= x[0] ** 2 * s
    expected[0, 2] = expected[2, 0] = c - x[0] * x[2] * s
    found = da.jacobian(da.grad(fn, mode=inner_mode), mode=outer_mode)(x)
    assert_near(found, expected, (outer_mode, inner_mode))
    assert_near(da.hessian(fn, mode=outer_mode)(x), expected, outer_mode)


@by_transform
def test_a_gradient_within_a_vectorised_function(outer):
    weights = np.array([2.0, -1.0, 0.5])

    def energy(x, scale):
        return np.sum(weights * (scale * x) ** 3)

    def forces(scale):
        x = np.array([1.0, 2.0, 3.0]) * scale  # 1-d, traced
        return np.sum(da.grad(energy)(x, scale) ** 2)

    # the force is 3 w s**3 x**2 at x = s p: 3 w p**2 s**5
    p = np.array([1.0, 2.0, 3.0])
    scale = 0.9
    expected = np.sum((3 * weights * p**2) ** 2) * 10 * scale**9
    assert_near(DERIVATIVES[outer](forces, scale), expected, outer)


@by_transform
def test_gradients_of_elements_in_a_loop_make_an_array(outer):
    x = np.array([0.5, 1.5, -2.0])

    def fn(y):
        slopes = [da.grad(lambda z, i=i: z**2 * y[i])(y[i]) for i in range(3)]  # 2 y_i**2
        return np.stack(slopes) * 3.0

    assert_near(DERIVATIVES[outer](fn, x), 12 * x, outer)


@by_transform
def test_a_gradient_step_can_be_differentiated(outer):
    # gradient descent on (y - c)**2 from 0: y_n = c (1 - (1 - 2 r)**n)
    def descend(rate, steps=4, target=3.0):
        y = 0.0 * rate
        for _ in range(steps):
            y = y - rate * da.grad(lambda z: (z - target) ** 2)(y)
        return y

    rate = 0.2
    assert_near(descend(rate), 3.0 * (1 - (1 - 2 * rate) ** 4), "value")
    expected = 3.0 * 4 * 2 * (1 - 2 * rate) ** 3
    assert_near(DERIVATIVES[outer](descend, rate), expected, outer)


@by_transform
def test_manual_dual_numbers_stay_below_every_transform(outer):
    derivative = DERIVATIVES[outer](lambda x: x**3, da.Dual(2.0, 1.0))
    assert_near(derivative.primal, 12.0, outer)
    assert_near(derivative.tangent, 12.0, outer)


@by_transform
def test_stop_gradient_stops_all_levels(outer):
    def fn(x):
        return DERIVATIVES[outer](lambda y: y**2 * da.stop_gradient(x * y) * x, x)

    x = 1.5  # inner: 2 x * x**2 * x; the outer sees 2 x * constant * x
    for name, derivative in DERIVATIVES.items():
        assert_near(derivative(fn, x), 4 * x * x**2, (name, outer))


@by_transform
def test_an_exception_inside_leaves_later_transforms_right(outer):
    def failing(x):
        DERIVATIVES[outer](lambda y: x * y, x)
        raise KeyError("of the user's")

    for derivative in DERIVATIVES.values():
        with pytest.raises(KeyError, match="of the user's"):
            derivative(lambda x: x * DERIVATIVES[outer](failing, x), 1.0)
        assert derivative(lambda x: x * DERIVATIVES[outer](lambda y: x + y, 1.0), 1.0) == 1


@by_transform
def test_an_exception_caught_inside_leaves_the_outer_transform_right(outer):
    def fn(x):
        with suppress(IndexError):
            DERIVATIVES[outer](lambda y: y * [][0], x)
        return x * DERIVATIVES[outer](lambda y: x + y, x)

    for derivative in DERIVATIVES.values():
        assert derivative(fn, 3.0) == 1


def test_depth_is_not_limited():
    def nested(depth, x):
        return x * x if depth == 0 else x * da.grad(lambda y: nested(depth - 1, y))(x)

    # a x**2 becomes x * 2 a x: doubled at each level
    assert nested(12, 1.5) == 2.0**12 * 1.5**2


@pytest.mark.parametrize("copied", [
    lambda v: v[::-1].copy(), lambda v: v[1:].copy(), lambda v: np.copy(v[::-1]),
    lambda v: v[::-1] + 0, lambda v: v.reshape(2, 2).T.copy(),
])  # fmt: skip
@pytest.mark.parametrize("transform", [
    lambda fn: lambda x: da.jvp(fn, (x,), (_ones(x),))[1],
    lambda fn: lambda x: da.jet(fn, (x,), ([_ones(x)],))[1][0],
])  # fmt: skip
def test_a_write_into_a_copy_of_a_part_leaves_nested_derivatives_of_the_whole(copied, transform):
    def fn(x):
        whole = x**3
        part = copied(whole)
        part[0] = x[0]  # the tangent of the part was a view of that of the whole
        return whole

    x = np.array([0.5, 1.0, 1.5, 2.0])
    second = transform(transform(fn))
    np.testing.assert_allclose(fn(x), x**3)
    np.testing.assert_allclose(second(x), 6 * x, rtol=ROUNDING)
    np.testing.assert_allclose(transform(second)(x), 6.0, rtol=ROUNDING)
    np.testing.assert_allclose(da.jacobian(transform(fn))(x), np.diag(6 * x), atol=ROUNDING)
