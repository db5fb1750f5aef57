"""Functions of `scipy.linalg` in forms that samples rarely draw: structures, drivers, ranks."""

import numpy as np
import pytest
import scipy.linalg

import dualad as da
from dualad.errors import UnsupportedParameterError
from dualad.scipy import linalg
from dualad.testing import check_grads

both = pytest.mark.parametrize("mode", ["forward", "reverse"])


STRUCTURES = ("gen", "sym", "her", "pos", "diagonal", "tridiagonal", "banded", "lower triangular",
              "upper triangular")  # fmt: skip


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("lower", [False, True])
@pytest.mark.parametrize("transposed", [False, True])
def test_systems_of_a_structure_are_read_as_scipy_reads_them(structure, lower, transposed, rng):
    a, b = rng.uniform(0, 0.4, (4, 4)) + 2 * np.eye(4), rng.standard_normal((4, 2))
    options = {"assume_a": structure, "lower": lower, "transposed": transposed}
    try:
        expected = scipy.linalg.solve(a, b, **options)
    except (ValueError, NotImplementedError, scipy.linalg.LinAlgError):
        pytest.skip("this SciPy solves no such systems")
    found = da.jvp(lambda a: linalg.solve(a, b, **options), (a,), (a,))[0]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    check_grads(lambda a, b: linalg.solve(a, b, **options), (a, b), order=1)


@both
def test_pseudo_inverse_of_a_lower_rank(mode, rng):
    """What is zero by rounding is dropped, and a larger share if that is asked for."""
    left, right = (np.linalg.qr(rng.standard_normal((50, 3)))[0] for _ in range(2))
    fn = lambda s: linalg.pinv((left * (np.multiply(s, [1.0, 2.0, 4e-15]))) @ right.T)[0, 0]
    np.testing.assert_allclose(da.value_and_grad(fn, mode=mode)(1.0)[0], fn(1.0), rtol=1e-9)
    assert abs(fn(1.0)) < 1
    check_grads(fn, (1.0,), order=1, modes=(mode,))
    turned = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    fn = lambda a: linalg.pinv(a, rtol=0.1)
    a = turned * [1.0, 1e-3]
    value = da.jvp(fn, (a,), (a,))[0]
    np.testing.assert_allclose(value, scipy.linalg.pinv(a, rtol=0.1), rtol=1e-10, atol=1e-14)


@both
def test_least_squares_by_a_share_of_the_largest_singular_value(mode, rng):
    """It is given on, and refused if it drops what is not zero; residuals are SciPy's own."""
    a, b = np.array([[1.0, 0.0], [0.0, 0.2], [0.0, 0.0]]), rng.standard_normal(3)
    with pytest.raises(UnsupportedParameterError, match="drops singular values"):
        da.grad(lambda b: linalg.lstsq(a, b, cond=0.5)[0][0], mode=mode)(b)
    found = da.grad(lambda b: linalg.lstsq(a, b, cond=0.1)[0][1], mode=mode)(b)
    np.testing.assert_allclose(found, [0.0, 5.0, 0.0], atol=1e-15)
    rest = lambda a: linalg.lstsq(a, b)[1]
    plain = scipy.linalg.lstsq(a, b)[1]
    found = da.value_and_grad(lambda a: np.sum(rest(a)), mode=mode)(a)[0]
    np.testing.assert_allclose(found, plain)
    kinds = []
    da.grad(lambda a: kinds.append(isinstance(rest(a), np.ndarray)) or np.sum(a), mode=mode)(a)
    assert kinds == [isinstance(plain, np.ndarray)]


@pytest.mark.parametrize(
    "vectors",
    [lambda a: linalg.eigh(a + a.T)[1].T, lambda a: linalg.svd(a)[2], lambda a: linalg.svd(a)[0].T],
)
def test_vectors_with_zeros_among_their_elements(vectors):
    """A zero says nothing of the sign that SciPy chose, and has a derivative."""
    a = np.array([[2.0, 0.3, 0.0], [0.1, 1.0, 0.0], [0.0, 0.0, 5.0]])
    check_grads(lambda a: vectors(a)[:, :, None] * vectors(a)[:, None, :], (a,), order=1)


@pytest.mark.parametrize("shape", [(3, 3), (5, 8), (8, 5)])
def test_singular_vectors_of_another_driver_have_its_signs(shape, rng):
    a = rng.standard_normal(shape)
    for part in (0, 2):
        options = {"full_matrices": False, "lapack_driver": "gesvd"}
        fn = lambda a, part=part, options=options: linalg.svd(a, **options)[part]
        found = da.jvp(fn, (a,), (a,))[0]
        np.testing.assert_allclose(found, scipy.linalg.svd(a, **options)[part], rtol=1e-10)
        check_grads(fn, (a,), order=1)
