"""What NumPy's functions give beside their derivatives: values to the last bit, and errors."""

import numpy as np
import pytest

import dualad as da


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g"])
@pytest.mark.parametrize(
    "ends", [0.1, (0.1, 0.7), ((0.1, 0.3), (1 / 3, 0.7)), np.float64(1 / 3), np.array([1 / 3, 0.1])]
)
def test_ramps_are_rounded_as_numpy_rounds_them(ends, dtype):
    x = np.random.default_rng(0).random((2, 3)).astype(dtype)
    value = da.vjp(lambda x: np.pad(x, 3, "linear_ramp", end_values=ends), x)[0]
    np.testing.assert_array_equal(value, np.pad(x, 3, "linear_ramp", end_values=ends), strict=True)


def test_weights_that_do_not_fit_raise_numpys_errors():
    a = np.ones((3, 4))
    for axis, weights in ((None, np.ones(3)), (1, np.ones(3)), ((0, 1), np.ones(4))):
        with pytest.raises((TypeError, ValueError)) as raised:
            np.average(a, axis, weights)
        with pytest.raises(raised.type, match=str(raised.value).replace(".", r"\.")):
            da.grad(lambda x, axis=axis, w=weights: np.sum(np.average(x, axis, w)))(a)


@pytest.mark.parametrize("mode", ["reflect", "symmetric"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_odd_reflections_over_many_lengths_are_numpys(size, mode):
    x = np.random.default_rng(size).random(size)
    for widths in ((1, 1), (20, 1), (1, 20), (7, 5), (0, 13), (30, 30), (9, 2)):
        fn = lambda x, widths=widths: np.pad(x, widths, mode, reflect_type="odd")
        value, slope = da.jvp(fn, (x,), (x,))
        np.testing.assert_array_equal(value, fn(x), strict=True)
        np.testing.assert_allclose(slope, fn(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_repeated_elements_sum_their_cotangents_along_every_axis(axis):
    a = np.arange(24.0).reshape(2, 3, 4)
    repeats = np.arange(1, a.shape[axis] + 1)
    slope = da.grad(lambda a: np.sum(np.repeat(a, repeats, axis)))(a)
    shape = [1, 1, 1]
    shape[axis] = -1
    np.testing.assert_array_equal(slope, np.broadcast_to(repeats.reshape(shape), a.shape))


def test_constants_of_another_dtype_fill_the_sides():
    for dtype in ("f4", "f8", "c8"):
        x = np.ones(3, dtype)
        fn = lambda x, c: np.pad(x, 2, constant_values=c)
        value, slope = da.jvp(fn, (x, np.array(0.3)), (x, np.array(1.0)))
        np.testing.assert_array_equal(value, fn(x, 0.3), strict=True)
        np.testing.assert_array_equal(slope, np.ones(7, dtype), strict=True)


@pytest.mark.parametrize("mode", ["mean", "maximum", "minimum", "median"])
def test_statistics_of_the_last_elements_fill_the_sides(mode):
    x = np.array([0.3, 2.0, -1.0, 0.7, 5.0])
    for lengths in ((1, 2), (3, 1), (2, 4), (5, 3)):
        fn = lambda x, lengths=lengths: np.pad(x, 2, mode, stat_length=lengths)
        value, slope = da.jvp(fn, (x,), (x,))
        np.testing.assert_array_equal(value, fn(x))
        np.testing.assert_allclose(slope, fn(x), rtol=1e-14)  # all grow as their elements do
