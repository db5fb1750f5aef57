"""Calls that samples rarely draw: large triangles, infinite elements, parameters given as unset."""

import numpy as np
import pytest
from scipy import special

import dualad as da
from dualad.errors import UnsupportedParameterError
from dualad.scipy import signal
from dualad.scipy.special import logsumexp
from dualad.testing import check_grads

MODES = ("forward", "reverse")
both = pytest.mark.parametrize("mode", MODES)


@pytest.mark.parametrize("function", [np.linalg.cholesky, lambda a: np.linalg.qr(a)[1]])
def test_factors_of_large_matrices(function, rng):
    """Triangles are inverted by halves from some size on."""
    b, step, weights = rng.standard_normal((3, 2, 71, 71))
    a, step = b @ b.mT / 71 + np.eye(71), step + step.mT
    check_grads(lambda t: np.sum(weights * function(a + t * step)), (0.01,), order=1)


@both
def test_pseudo_inverse_of_tiny_matrices_drops_what_it_drops_of_large_ones(mode):
    a = np.array([[3.0, 1.0], [1.0, 2.0], [0.5, -1.0]]) @ np.diag([1.0, 1e-4])
    small = lambda a: np.linalg.pinv(a * 1e-14, rcond=1e-2)[0, 0] * 1e-14
    expected = da.grad(lambda a: np.linalg.pinv(a, rcond=1e-2)[0, 0], mode=mode)(a)
    np.testing.assert_allclose(da.grad(small, mode=mode)(a), expected, rtol=1e-9)


@pytest.mark.parametrize("shape", [(2, 4), (4, 2), (3, 3)])
def test_least_squares_of_wide_and_of_tall_matrices(shape, rng):
    a, b = rng.standard_normal(shape), rng.standard_normal((shape[0], 2))
    check_grads(lambda a, b: np.linalg.lstsq(a, b, rcond=None)[0], (a, b), order=1)


@both
def test_sums_of_exponentials_of_which_some_are_infinite(mode):
    x = np.array([[np.inf, 0.0, 1.0], [0.3, 1.0, 2.0], [-np.inf, -np.inf, -np.inf]])
    weights = np.array([[1.0], [10.0], [100.0]])
    found = da.grad(lambda x: weights[:2, 0] @ np.logaddexp.reduce(x, axis=1)[:2], mode=mode)(x)
    softmax = np.exp(x[1]) / np.sum(np.exp(x[1]))
    np.testing.assert_allclose(found, [[1, 0, 0], 10 * softmax, [0, 0, 0]], rtol=1e-13)


@both
def test_products_without_some_elements(mode):
    """What a mask leaves out is no factor, nor where another factor is zero."""
    x, where = np.array([0.0, 5.0, 3.0]), np.array([True, False, True])
    found = da.grad(lambda x: np.prod(x, where=where), mode=mode)(x)
    np.testing.assert_array_equal(found, [3.0, 0.0, 0.0])


@both
@pytest.mark.parametrize("function", [np.max, np.min, np.sum, np.prod])
def test_parameters_that_are_given_as_unset(function, mode):
    """NumPy's own functions pass on such a mark."""
    x = np.array([2.0, 2.0, 3.0, 3.0])
    unset = {"initial": np._NoValue, "keepdims": np._NoValue, "where": np._NoValue}
    found = da.grad(lambda x: function(x, **unset), mode=mode)(x)
    np.testing.assert_array_equal(found, da.grad(function, mode=mode)(x))


@both
@pytest.mark.parametrize("function", [np.maximum, np.add, np.multiply, np.logaddexp, np.hypot])
def test_beginnings_that_are_given_as_unset(function, mode):
    x = np.array([2.0, 2.0, 3.0, 3.0])
    found = da.grad(lambda x: function.reduce(x, initial=np._NoValue), mode=mode)(x)
    np.testing.assert_array_equal(found, da.grad(function.reduce, mode=mode)(x))


@both
def test_angles_in_degrees(mode):
    x = np.array([0.6, -0.3])
    found = da.grad(lambda x: np.angle(x[0] + 1j * x[1], deg=True), mode=mode)(x)
    np.testing.assert_allclose(found, np.array([0.3, 0.6]) / 0.45 * 180 / np.pi, rtol=1e-14)


@pytest.mark.parametrize("function", [np.convolve, np.correlate])
@pytest.mark.parametrize("lengths", [(5, 8), (8, 5), (4, 7), (7, 4), (6, 6)])
@pytest.mark.parametrize("mode", ["same", "valid", "full"])
def test_convolutions_of_all_lengths(function, lengths, mode, rng):
    a, v = (rng.standard_normal(n) for n in lengths)
    check_grads(lambda a, v: function(a, v, mode), (a, v), order=1)


@both
def test_functions_of_no_directions(mode):
    """A rule that goes through directions one by one has none to go through."""
    fn = lambda x: np.convolve(np.concatenate([x, [1.0, 2.0]]), [1.0, 2.0])
    assert da.jacobian(fn, mode=mode)(np.zeros(0)).shape == (3, 0)
    assert da.jacobian(lambda x: fn(x)[:0], mode=mode)(np.ones(4)).shape == (0, 4)


@both
def test_axes_that_are_numbers_of_numpy(mode):
    x = np.arange(6.0).reshape(2, 3)
    for axis in (np.int64(0), np.int8(-1), np.array(1)):
        found = da.jacobian(lambda x, axis=axis: np.cumsum(x * x, axis), mode=mode)(x)
        expected = da.jacobian(lambda x, axis=int(axis): np.cumsum(x * x, axis), mode=mode)(x)
        np.testing.assert_array_equal(found, expected)


@both
def test_copies_that_numpy_refuses(mode):
    """A complex number does not fit into an array of real ones, nor the other way if it is told."""

    def copied(x, values, casting):
        y = x.copy()
        np.copyto(y, values, casting)
        return np.sum(y)

    for values, casting in ((1j, "same_kind"), (np.float32(1), "no")):
        with pytest.raises(TypeError, match="Cannot cast"):
            copied(np.ones(2), values, casting)
        with pytest.raises(TypeError, match="Cannot cast"):
            da.grad(copied, mode=mode)(np.ones(2), values, casting)
    np.testing.assert_array_equal(da.grad(copied, mode=mode)(np.ones(2), 1, "safe"), np.zeros(2))


@both
def test_elements_on_a_bound_share_with_it(mode):
    x = np.array([1.0, 1.5, 2.0])
    shares = [da.grad(lambda *a: np.sum(np.clip(*a)), i, mode=mode)(x, 1.0, 2.0) for i in range(3)]
    np.testing.assert_array_equal(shares[0], [0.5, 1.0, 0.5])
    assert shares[1:] == [0.5, 0.5]
    found = da.grad(lambda x: np.sum(np.clip(x, 1.0, 1.0)), mode=mode)(x)
    np.testing.assert_array_equal(found, [0.25, 0.0, 0.0])


@both
@pytest.mark.parametrize("function", [np.tril, np.triu])
def test_triangles_of_equal_rows(function, mode, rng):
    weights = rng.standard_normal((3, 3))
    found = da.grad(lambda x: np.sum(weights * function(x)), mode=mode)(np.ones(3))
    np.testing.assert_allclose(found, np.sum(function(weights), 0), rtol=1e-15)


POLYNOMIALS = {
    "eval_sh_chebyu": (2, lambda x: 16 * (2 * x - 1)),
    "eval_sh_legendre": (2, lambda x: 12 * x - 6),
    "eval_hermite": (3, lambda x: 24 * x**2 - 12),
    "eval_hermitenorm": (3, lambda x: 3 * x**2 - 3),
    "eval_laguerre": (2, lambda x: x - 2),
    "expn": (3, lambda x: -special.expn(2, x)),
}


@both
@pytest.mark.parametrize("name", POLYNOMIALS)
def test_functions_of_several_degrees_at_once(name, mode):
    """Where one degree is zero, the rule looks apart at the others."""
    function, (n, slope), x = getattr(special, name), POLYNOMIALS[name], 0.3
    constant = -np.exp(-x) * (1 + x) / x**2 if name == "expn" else 0.0
    found = da.grad(lambda x: function(np.array([0, n]), x) @ [10.0, 1.0], mode=mode)(x)
    np.testing.assert_allclose(found, 10 * constant + slope(x), rtol=1e-13)
    np.testing.assert_allclose(
        da.grad(lambda x: function(n, x), mode=mode)(x), slope(x), rtol=1e-13
    )


@both
def test_weights_of_zero_take_part_in_no_sum_of_exponentials(mode):
    """Nor does what would overflow, with them."""
    for a in (np.array([800.0, -800.0]), np.array([1500.0, 800.0])):
        found = da.grad(lambda a: logsumexp(a, b=[0.0, 2.0]), mode=mode)(a)
        np.testing.assert_array_equal(found, [0.0, 1.0])


@both
def test_outputs_of_several_share_a_parameter(mode):
    """The derivative by a number is the sum of those by an array of it."""
    u, m = np.array([0.3, 0.7, 1.1]), np.full(3, 0.4)
    fn = lambda m: np.sum(special.ellipj(u, m)[0])
    total = np.sum(da.grad(fn, mode=mode)(m))
    np.testing.assert_allclose(da.grad(fn, mode=mode)(0.4), total, rtol=1e-14)
    np.testing.assert_allclose(da.grad(fn, mode=mode)(m[:1]), [total], rtol=1e-14)


@both
def test_scaled_airy_functions_are_of_real_numbers(mode):
    with pytest.raises(UnsupportedParameterError, match="a complex argument"):
        da.grad(lambda z: np.real(special.airye(z)[0]), mode=mode)(0.3 + 0.2j)


@pytest.mark.parametrize(("up", "down"), [(1, 7), (2, 9), (3, 1)])
def test_filters_that_leave_out_the_end_of_a_signal(up, down, rng):
    h, x = rng.standard_normal(3), rng.standard_normal(12)
    check_grads(lambda h, x: signal.upfirdn(h, x, up, down), (h, x), order=1)


@both
def test_beginnings_of_filters_in_extended_precision(mode):
    b, a = np.array([1.0, 0.5], np.longdouble), np.array([1.0, -0.3, 0.2], np.longdouble)
    try:
        signal.lfilter_zi(b, a)
    except TypeError:
        pytest.skip("this SciPy has no such filters in extended precision")
    found = da.grad(lambda b: np.sum(signal.lfilter_zi(b, a)), mode=mode)(b)
    assert found.dtype == np.longdouble
    expected = da.grad(lambda b: np.sum(signal.lfilter_zi(b, a.astype(float))), mode=mode)
    np.testing.assert_allclose(found.astype(float), expected(b.astype(float)), rtol=1e-12)
