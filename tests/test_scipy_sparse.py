"""Constant sparse matrices of SciPy: what dense ones give, in both modes and at second order."""

import numpy as np
import pytest
from scipy import sparse as sp

import dualad as da
from dualad.scipy import sparse

RNG = np.random.default_rng(0)
DENSE = np.where(RNG.random((5, 5)) < 0.4, RNG.normal(size=(5, 5)), 0.0) + 3 * np.eye(5)
MATRIX = sp.csr_array(DENSE)
COMPLEX = sp.csr_array(DENSE * (1 + 0.5j))
POINTS = [RNG.normal(size=5), RNG.normal(size=(5, 2)), RNG.normal(size=5) + 1j]

PAIRS = {
    "product": (lambda x: sparse.matmul(MATRIX, np.sin(x)), lambda x: DENSE @ np.sin(x)),
    "from the left": (lambda x: sparse.matmul(x.T, MATRIX), lambda x: x.T @ DENSE),
    "solution": (lambda b: sparse.spsolve(MATRIX, b**2), lambda b: np.linalg.solve(DENSE, b**2)),
    "complex": (
        lambda x: sparse.matmul(COMPLEX, x) + sparse.solve(COMPLEX, x),
        lambda x: COMPLEX.toarray() @ x + np.linalg.solve(COMPLEX.toarray(), x),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("x", POINTS, ids=["vector", "matrix", "complex"])
def test_sparse_matrices_do_what_dense_ones_do(name, x):
    fn, wanted = PAIRS[name]
    assert np.allclose(fn(x), wanted(x))
    for mode in ("forward", "reverse"):
        assert np.allclose(da.jacobian(fn, mode=mode)(x), da.jacobian(wanted)(x))

    def square(f):
        return lambda x: np.sum(np.abs(f(x)) ** 2)

    assert np.allclose(da.grad(square(fn))(x), da.grad(square(wanted))(x))
    if np.isrealobj(x):
        assert np.allclose(da.hessian(square(fn))(x), da.hessian(square(wanted))(x))


PLACES = MATRIX.tocoo().coords


def filled(data):
    """Return the dense matrix with some numbers at the places of the sparse one."""
    flat = PLACES[0] * 5 + PLACES[1]
    return np.reshape(np.eye(25)[:, flat] @ data, (5, 5))


WITH_DATA = {
    "product": (
        lambda d, x: sparse.matmul(MATRIX, x, data=d),
        lambda d, x: filled(d) @ x,
    ),
    "from the left": (
        lambda d, x: sparse.matmul(x.T, MATRIX, data=d),
        lambda d, x: x.T @ filled(d),
    ),
    "solution": (
        lambda d, x: sparse.spsolve(MATRIX, x, data=d),
        lambda d, x: np.linalg.solve(filled(d), x),
    ),
}


@pytest.mark.parametrize("name", WITH_DATA)
@pytest.mark.parametrize("x", POINTS, ids=["vector", "matrix", "complex"])
@pytest.mark.parametrize("is_complex", [False, True])
def test_the_numbers_of_a_sparse_matrix_may_be_traced(name, x, is_complex):
    fn, wanted = WITH_DATA[name]
    data = MATRIX.data * (1 + 0.3j if is_complex else 1.0)
    assert np.allclose(fn(data, x), wanted(data, x))

    def total(f):
        return lambda d, x: np.sum(np.abs(f(d**2, x)) ** 2)

    for argnums in (0, 1, (0, 1)):
        for mode in ("forward", "reverse"):
            found = da.grad(total(fn), argnums, mode=mode)(data, x)
            dense = da.grad(total(wanted), argnums)(data, x)
            pairs = zip(found, dense, strict=True) if argnums == (0, 1) else [(found, dense)]
            for a, b in pairs:
                assert a.dtype == b.dtype
                assert np.allclose(a, b)
    if np.isrealobj(x) and not is_complex:
        slopes = (da.jacobian(f, (0, 1))(data, x) for f in (fn, wanted))
        for a, b in zip(*slopes, strict=True):
            assert np.allclose(a, b)
        curved = (da.hessian(total(f), (0, 1))(data, x) for f in (fn, wanted))
        for row, dense in zip(*curved, strict=True):
            for a, b in zip(row, dense, strict=True):
                assert np.allclose(a, b)


def test_data_are_in_the_order_of_the_matrix():
    x = np.arange(1.0, 6.0)
    for form in ("csr", "csc", "coo"):
        matrix = MATRIX.asformat(form)
        found = da.jacobian(lambda d, m=matrix: sparse.matmul(m, x, data=d))(matrix.data)
        assert np.allclose(found @ matrix.data, DENSE @ x)
        assert np.allclose(sparse.spsolve(matrix, x, data=matrix.data), np.linalg.solve(DENSE, x))
    with pytest.raises(ValueError, match="format 'dia'"):
        sparse.spsolve(MATRIX.asformat("dia"), x, data=x)
    with pytest.raises(ValueError, match=r"data has shape \(5,\)"):
        sparse.matmul(MATRIX, x, data=x)


def test_patterns_are_those_of_the_matrix():
    x = np.ones(5)
    found = da.jacobian(lambda x: sparse.matmul(MATRIX, x), sparsity="auto")(x)
    assert np.array_equal(found.toarray(), DENSE)
    assert found.nnz == MATRIX.nnz
    by_columns = da.jacobian(lambda x: sparse.solve(MATRIX, x), sparsity="auto")(np.ones((5, 2)))
    assert by_columns.nnz == 2 * 25


def test_a_matrix_that_changes_later_does_not_change_the_derivative():
    matrix = MATRIX.copy()

    def fn(x):
        y = sparse.matmul(matrix, x)
        matrix.data[:] = 0
        return y

    assert np.allclose(da.jacobian(fn)(np.ones(5)), DENSE)


def test_bad_input():
    x = np.ones(5)
    with pytest.raises(TypeError, match="one sparse matrix and one array"):
        sparse.matmul(MATRIX, MATRIX)
    with pytest.raises(TypeError, match="one sparse matrix and one array"):
        sparse.matmul(x, x)
    with pytest.raises(ValueError, match=r"shape \(5, 5\) does not go with an array of shape \(4,"):
        sparse.matmul(MATRIX, np.ones(4))
    with pytest.raises(TypeError, match="constant sparse matrix"):
        sparse.solve(DENSE, x)
    with pytest.raises(ValueError, match="square"):
        sparse.solve(sp.csr_array(np.ones((2, 5))), x)
    with pytest.raises(RuntimeError, match="singular"):
        sparse.solve(sp.csr_array((5, 5)), x)


def test_the_operator_names_what_to_write_instead():
    with pytest.raises(ValueError, match="unsupported data types") as caught:
        da.jacobian(lambda x: MATRIX @ x)(np.ones(5))
    assert "dualad.scipy.sparse.matmul(A, x)" in caught.value.__notes__[0]
