"""Linear operators, diagonals and their sums: products with matrices that are never made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse.linalg import LinearOperator, eigsh, gmres, lsmr, svds

import dualad as da
from dualad.errors import NotHolomorphicError, StructureError, TracedParameterError
from dualad.transforms import choice
from dualad.transforms.products import Recording

ROUNDING = 1e-12  # of products of size about one
SOLVED = 1e-7  # what iterative solvers are asked for, and a little more

rng = np.random.default_rng(3)
A = rng.uniform(-1, 1, (5, 3))
X = rng.uniform(-1, 1, 3)


def field(x):
    """Return more numbers than it takes."""
    return np.sin(A @ x) + np.sum(x**2)


def energy(x):
    """Return a number, with a Hessian that is not diagonal."""
    return np.sum(field(x) ** 2) + np.sum(x**4)


def close(found, wanted):
    np.testing.assert_allclose(found, wanted, rtol=ROUNDING, atol=ROUNDING)


def check_products(operator, matrix):
    """Hold all products of an operator against those of its matrix."""
    m, n = matrix.shape
    assert isinstance(operator, LinearOperator)
    assert operator.shape == (m, n)
    assert operator.dtype == matrix.dtype
    for factor in (1.0, 1.0 + 0.5j):
        v, V = factor * rng.uniform(-1, 1, n), factor * rng.uniform(-1, 1, (n, 4))
        w, W = factor * rng.uniform(-1, 1, m), factor * rng.uniform(-1, 1, (m, 4))
        close(operator.matvec(v), matrix @ v)
        close(operator.matmat(V), matrix @ V)
        close(operator.rmatvec(w), matrix.conj().T @ w)
        close(operator.rmatmat(W), matrix.conj().T @ W)
        close(operator.H @ W, matrix.conj().T @ W)
        close(operator.T @ W, matrix.T @ W)
        close(operator.adjoint() @ w, matrix.conj().T @ w)
        close((2 * operator) @ v, 2 * matrix @ v)
    assert (operator @ np.zeros((n, 0))).shape == (m, 0)


def test_products_with_a_jacobian():
    operator = da.jacobian_operator(field, X)
    check_products(operator, da.jacobian(field)(X))
    close(operator.value, field(X))


def test_products_with_a_complex_jacobian():
    holomorphic = lambda z: np.exp(z) * z[::-1]
    z = X + 0.3j
    check_products(da.jacobian_operator(holomorphic, z), da.jacobian(holomorphic)(z))
    phases = lambda x: np.exp(1j * (A @ x))
    check_products(da.jacobian_operator(phases, X), da.jacobian(phases)(X))


@pytest.mark.parametrize("fn", [np.conj, np.abs, lambda z: z * np.real(z)])
def test_a_function_without_one_complex_derivative_is_refused(fn):
    with pytest.raises(NotHolomorphicError):
        da.jacobian_operator(fn, X + 0.3j)


def test_products_with_a_hessian():
    operator = da.hessian_operator(energy, X)
    check_products(operator, da.hessian(energy)(X))
    close(operator.value, da.grad(energy)(X))


def test_elements_of_trees_and_of_arrays_of_any_shape_are_in_order():
    point = {"a": np.arange(6.0).reshape(2, 3), "b": 2.0}
    operator = da.jacobian_operator(lambda p: (p["a"].T * p["b"], np.sum(p["a"])), point)
    flat = lambda x: np.concatenate([np.ravel(np.reshape(x[:6], (2, 3)).T * x[6]), [np.sum(x[:6])]])
    check_products(operator, da.jacobian(flat)(np.append(point["a"], 2.0)))


def test_evaluates_once_and_is_not_disturbed_by_later_changes():
    calls = []
    x = X.copy()
    operator = da.jacobian_operator(lambda x: calls.append(0) or field(x), x)
    wanted = da.jacobian(field)(X)
    x[:] = 0.0
    operator.value[:] = 0.0
    for _ in range(3):
        close(operator @ np.eye(3), wanted)
        close(operator.H @ np.eye(5), wanted.T)
    assert len(calls) == 1


def watched_pushes(monkeypatch):
    """Return a list that grows by the width of each push through a recording."""
    widths = []
    push = Recording.push

    def watched(self, tangents, directions=()):
        widths.extend(directions)
        return push(self, tangents, directions)

    monkeypatch.setattr(Recording, "push", watched)
    return widths


@pytest.mark.parametrize("budget", [1, 400])
def test_columns_go_in_chunks_that_fit_the_memory(monkeypatch, budget):
    wanted = da.jacobian(field)(X)
    operator = da.jacobian_operator(field, X)
    monkeypatch.setattr(choice, "BUDGET", budget)
    widths = watched_pushes(monkeypatch)
    close(operator @ np.eye(3), wanted)
    close(operator.H @ np.eye(5), wanted.T)
    assert len(widths) > 1


def test_keeps_single_precision():
    operator = da.jacobian_operator(np.sin, X.astype(np.float32))
    assert operator.dtype == (operator @ np.ones(3)).dtype == np.float32
    assert da.hessian_operator(lambda x: np.sum(x**3), X.astype(np.float32)).dtype == np.float32


def test_an_output_that_does_not_depend_on_the_input():
    operator = da.jacobian_operator(lambda x: np.ones(2), X)
    np.testing.assert_array_equal(operator @ np.ones(3), np.zeros(2))
    np.testing.assert_array_equal(operator.H @ np.ones(2), np.zeros(3))


@pytest.mark.parametrize("make", [da.jacobian_operator, da.hessian_operator])
def test_an_operator_within_a_transform_is_refused(make):
    fn = lambda x: np.sum(make(lambda x: np.sum(x**3), x) @ np.ones(3))
    with pytest.raises(TracedParameterError, match="_operator got a traced value"):
        da.grad(fn)(X)
    scaled = lambda c: np.sum(make(lambda x: c * np.sum(x**3), X) @ np.ones(3))
    with pytest.raises(TracedParameterError):
        da.grad(scaled)(2.0)


def test_lsmr_solves_least_squares():
    operator = da.jacobian_operator(field, X)
    b = rng.uniform(-1, 1, 5)
    wanted = np.linalg.lstsq(da.jacobian(field)(X), b)[0]
    np.testing.assert_allclose(lsmr(operator, b, atol=1e-14, btol=1e-14)[0], wanted, rtol=SOLVED)


def test_gmres_takes_a_newton_step():
    fn = lambda x: x**3 + np.roll(x, 1) - 1.0
    x = np.linspace(0.5, 1.5, 40)
    step, info = gmres(da.jacobian_operator(fn, x), -fn(x), rtol=1e-12)
    assert info == 0
    wanted = np.linalg.solve(da.jacobian(fn)(x), -fn(x))
    np.testing.assert_allclose(step, wanted, rtol=SOLVED, atol=SOLVED)


def chain(x):
    """Return the energy of coupled oscillators."""
    return np.sum(x**4) + np.sum((x[1:] - x[:-1]) ** 2) * 0.5


def test_eigsh_finds_curvatures():
    x = np.linspace(0.1, 1.0, 30)
    found = eigsh(da.hessian_operator(chain, x), k=3, return_eigenvectors=False, v0=np.ones(30))
    wanted = np.linalg.eigvalsh(da.hessian(chain)(x))[-3:]
    np.testing.assert_allclose(np.sort(found), wanted, rtol=SOLVED)


def test_svds_finds_singular_values():
    x = np.linspace(0.1, 1.0, 30)
    fn = lambda x: np.cumsum(np.sin(x))[::2]
    operator = da.jacobian_operator(fn, x)
    found = svds(operator, k=3, return_singular_vectors=False, v0=np.ones(15))
    wanted = np.linalg.svd(da.jacobian(fn)(x), compute_uv=False)[:3]
    np.testing.assert_allclose(np.sort(found)[::-1], wanted, rtol=SOLVED)


# diagonals


@given(seed=st.integers(0, 2**32 - 1), chunk=st.sampled_from([None, 1, 2, 5]))
def test_diagonals_are_those_of_the_matrices(seed, chunk):
    numbers = np.random.default_rng(seed)
    B, x = numbers.uniform(-1, 1, (4, 4)), numbers.uniform(-1, 1, 4)
    fn = lambda x: np.sum(np.sin(B @ x) * np.exp(x))
    H = da.hessian(fn)(x)
    close(da.hessian_diagonal(fn, chunk_size=chunk)(x), np.diag(H))
    close(da.laplacian(fn, chunk_size=chunk)(x), np.trace(H))
    flow = lambda x: np.sin(B @ x) * x
    close(da.divergence(flow, chunk_size=chunk)(x), np.trace(da.jacobian(flow)(x)))


def test_several_arguments_and_trees():
    fn = lambda a, c, k: np.sum(a["u"] ** 2) * c**3 * k
    args = {"u": np.array([[1.0, 2.0]])}, 2.0, 5
    tree, number = da.hessian_diagonal(fn, (0, 1), chunk_size=2)(*args)
    close(tree["u"], np.full((1, 2), 80.0))
    close(number, 300.0)
    assert da.laplacian(fn, (0, 1))(*args) == 460.0
    flow = lambda p: {"u": p["u"] ** 2, "v": p["v"] * np.sum(p["u"])}
    assert da.divergence(flow)({"u": np.array([1.0, 2.0]), "v": 7.0}) == 9.0


def test_one_number_and_none():
    assert da.hessian_diagonal(lambda t: t**3)(2.0) == da.laplacian(lambda t: t**3)(2.0) == 12.0
    assert da.divergence(np.square)(3.0) == 6.0
    assert da.laplacian(lambda x: np.sum(x))(np.zeros(0)) == 0.0
    assert da.hessian_diagonal(lambda x: np.sum(x))(np.zeros((0, 2))).shape == (0, 2)


def test_a_sum_of_diagonals_is_differentiable():
    third = da.jacobian(da.hessian(energy))(X)
    wanted = np.einsum("iij->j", third)
    close(da.grad(da.laplacian(energy))(X), wanted)
    close(da.jacfwd(da.laplacian(energy))(X), wanted)
    close(da.jacobian(da.hessian_diagonal(energy, chunk_size=2))(X), np.einsum("iij->ij", third))
    close(da.grad(da.divergence(da.grad(energy), chunk_size=1))(X), wanted)


def test_memory_is_that_of_a_few_columns(monkeypatch):
    widths = watched_pushes(monkeypatch)
    monkeypatch.setattr(choice, "BUDGET", 64 * 2**10)
    da.laplacian(chain)(np.linspace(0, 1, 200))
    assert len(widths) > 5
    assert sum(widths) == 200


def test_what_has_no_such_diagonal_is_refused():
    with pytest.raises(StructureError, match=r"\(3,\), but is \(5,\)"):
        da.divergence(field)(X)
    with pytest.raises(StructureError, match="the output"):
        da.divergence(lambda x: (x, x))(X)
    with pytest.raises(TypeError, match="defined for real"):
        da.divergence(np.exp)(X + 0j)
    with pytest.raises(TypeError, match="defined for real"):
        da.laplacian(lambda z: np.sum(np.abs(z)))(X + 1j)
    with pytest.raises(ValueError, match="chunk_size"):
        da.laplacian(energy, chunk_size=0)
