"""Matrices at which differences are no reference: singular, of lower rank, with equal values."""

from itertools import permutations

import numpy as np
import pytest
from scipy.sparse import csc_array
from scipy.sparse.linalg import splu

import dualad as da
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from dualad.rules.factorizations import _eigenvectors
from dualad.rules.scipy_data import solution
from dualad.scipy import linalg
from dualad.testing import check_grads

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's own, of such values

MODES = ("forward", "reverse")


def expanded(a):
    """Return the determinant by its definition."""
    n = len(a)
    signs = {p: np.linalg.det(np.eye(n)[list(p)]).round() for p in permutations(range(n))}
    return sum(sign * np.prod(a[range(n), p]) for p, sign in signs.items())


@pytest.mark.parametrize("rank", range(4))
@pytest.mark.parametrize("diagonal", [False, True])
def test_determinant_of_singular_matrices_is_smooth(rank, diagonal, rng):
    a = rng.standard_normal((3, rank)) @ rng.standard_normal((rank, 3))
    a = np.diag((np.arange(3) < rank) * 2.0) if diagonal else a
    for inner in MODES:
        found, wanted = (da.jacobian(f, mode=inner) for f in (np.linalg.det, expanded))
        np.testing.assert_allclose(found(a), wanted(a), atol=1e-12)
        for outer in MODES:
            second = da.jacobian(found, mode=outer)(a)
            np.testing.assert_allclose(second, da.jacobian(wanted)(a), atol=1e-12)
    third, wanted = (da.jacobian(da.hessian(f))(a) for f in (np.linalg.det, expanded))
    np.testing.assert_allclose(third, wanted, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_determinant_of_nearly_singular_matrices_of_any_size(scale):
    a = scale * np.array([[1.0, 2.0, 4.0], [3.0, 1.0, 2.0], [4.0, 3.0, 6.0 + 1e-12]])
    found, wanted = (da.hessian(f)(a) for f in (np.linalg.det, expanded))
    np.testing.assert_allclose(found, wanted, atol=1e-12 * scale)


def test_determinants_of_a_stack_of_different_ranks():
    stack = np.stack([np.diag([1.0, 1.0, 1.0][:k] + [0.0] * (3 - k)) for k in range(4)])
    found = da.hessian(lambda x: np.sum(np.linalg.det(x)))(stack)
    wanted = da.hessian(lambda x: np.sum(np.stack([expanded(a) for a in x])))(stack)
    np.testing.assert_allclose(found, wanted, atol=1e-12)


@pytest.mark.parametrize("imaginary", [0.0, 1j])
@pytest.mark.parametrize("sizes", [(4, 2, 3), (3, 1, 3), (3, 2, 5)])
def test_pseudo_inverse_and_least_squares_of_constant_rank(sizes, imaginary, rng):
    m, rank, n = sizes
    draw = lambda *shape: rng.standard_normal(shape) + imaginary * rng.standard_normal(shape)
    a, b = draw(m, rank), draw(rank, n)
    check_grads(lambda a, b: np.linalg.pinv(a @ b), a, b)
    check_grads(lambda a: np.linalg.pinv(a @ np.conj(a).T, hermitian=True), a)
    for shape in ((m,), (m, 2)):
        check_grads(lambda a, b, c: np.linalg.lstsq(a @ b, c)[:2], a, b, draw(*shape))


def test_pseudo_inverses_of_a_long_stack_drop_what_those_of_one_matrix_do():
    a = np.diag([1.0, 1e-13])
    for pinv in (np.linalg.pinv, linalg.pinv):
        found = da.jvp(pinv, (np.stack([a] * 1000),), (np.zeros((1000, 2, 2)),))[0]
        np.testing.assert_allclose(found[0], pinv(a), rtol=1e-12)


def test_least_squares_with_dropped_values_are_refused():
    with pytest.raises(UnsupportedParameterError, match="drops singular values"):
        da.grad(lambda a: np.sum(np.linalg.lstsq(a, np.ones(2), 0.6)[0]))(np.diag([2.0, 1.0]))


def test_fits_drop_the_values_that_numpy_drops(rng):
    x = 1 + 2e-14 * np.linspace(-1, 1, 100)  # the lesser singular value is 5e-15 of the greater
    y = rng.standard_normal(100)
    with pytest.warns(np.exceptions.RankWarning):
        plain = np.polyfit(x, y, 1)
    with pytest.warns(np.exceptions.RankWarning):
        found = da.jvp(lambda y: np.polyfit(x, y, 1), (y,), (y,))
    np.testing.assert_allclose(found, [plain, plain], rtol=1e-9)


VALUES = {
    "eigvalsh": np.linalg.eigvalsh,
    "eigh": lambda a: np.linalg.eigh(a)[0],
    "eigvals": lambda a: np.real(np.linalg.eigvals(a)),  # NumPy 2.5 makes them complex
    "eig": lambda a: np.real(np.linalg.eig(a)[0]),
    "svdvals": np.linalg.svdvals,
    "svd": lambda a: np.linalg.svd(a)[1],
    "hermitian svd": lambda a: np.linalg.svd(a, hermitian=True)[1],
}


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_functions_of_tied_values_alone_have_derivatives(values):
    one = np.eye(3)
    for mode in MODES:
        np.testing.assert_allclose(da.grad(lambda a: np.sum(values(a)), mode=mode)(one), one)
        np.testing.assert_allclose(da.grad(lambda a: values(a)[0], mode=mode)(one), one / 3)


@pytest.mark.parametrize("values", [VALUES["svdvals"], VALUES["svd"]], ids=["svdvals", "svd"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ties", [1, 2])
def test_singular_values_of_zero_have_no_share(values, mode, ties):
    a = np.diag([3.0, 3.0 if ties == 2 else 1.0, 0.0])
    total = da.grad(lambda a: np.sum(values(a)), mode=mode)(a)
    np.testing.assert_allclose(total, np.diag([1.0, 1.0, 0.0]))
    first = da.grad(lambda a: values(a)[0], mode=mode)(a)
    np.testing.assert_allclose(first, np.diag([1.0, ties - 1.0, 0.0]) / ties)


VECTORS = {
    "eigh": lambda a: np.linalg.eigh(a)[1],
    "eig": lambda a: np.linalg.eig(a)[1],
    "svd": lambda a: np.linalg.svd(a)[0],
    "matrix function": lambda a: np.linalg.eigh(a)[1] * np.exp(np.linalg.eigh(a)[0]),
}


@pytest.mark.parametrize("vectors", VECTORS.values(), ids=VECTORS)
def test_functions_of_tied_vectors_have_none(vectors, rng):
    with pytest.raises(SingularDerivativeError, match="are equal"):
        da.grad(lambda a: np.sum(np.real(vectors(a)) ** 3), mode="reverse")(np.eye(3))
    t = rng.standard_normal((3, 3))
    t = t + t.T
    assert np.all(np.isnan(da.jvp(vectors, (np.eye(3),), (t,))[1]))


@pytest.mark.parametrize("vectors", VECTORS.values(), ids=VECTORS)
@pytest.mark.parametrize(("at", "along"), [(0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0)])
def test_tied_vectors_are_read_if_only_the_slope_of_a_weight_is_not_zero(vectors, at, along):
    weights = np.array([[1.0, 2.0], [3.0, 4.0]])

    def gradient(weight):
        fn = lambda a: np.sum(weight * weights * np.real(vectors(a)))
        return da.grad(fn, mode="reverse")(np.eye(2))

    with pytest.raises(SingularDerivativeError, match="are equal"):
        da.jvp(gradient, (at,), (along,))


@pytest.mark.parametrize("vectors", [VECTORS["eigh"], VECTORS["svd"]], ids=["eigh", "svd"])
def test_second_derivatives_of_tied_vectors_have_nan_and_their_shape(vectors):
    t = np.array([[0.0, 1.0], [1.0, 0.0]])
    slope = lambda a: da.jvp(vectors, (a,), (t,))[1]
    found = da.jacobian(slope, mode="forward")(np.eye(2))
    assert found.shape == (2, 2, 2, 2)
    assert np.any(np.isnan(found))


def test_other_vectors_do_not_mind_a_tie(rng):
    v = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    a = (v * [1.0, 2.0, 2.0, 5.0]) @ v.T
    ground = lambda a: np.sum(np.linalg.eigh(a)[1][:, 0] ** 3)
    reverse = da.grad(ground, mode="reverse")(a)
    np.testing.assert_allclose(da.grad(ground, mode="forward")(a), reverse, atol=1e-12)
    assert np.any(reverse)


def test_defective_matrices_are_refused():
    for values in (VALUES["eigvals"], VALUES["eig"]):
        with pytest.raises(SingularDerivativeError, match="defective"):
            da.grad(lambda a, values=values: np.sum(values(a)))(np.array([[1.0, 1.0], [0.0, 1.0]]))


def test_dependent_columns_have_no_qr():
    with pytest.raises(SingularDerivativeError, match="dependent"):
        da.grad(lambda a: np.sum(np.linalg.qr(a)[0]))(np.ones((3, 2)))
    with pytest.raises(UnsupportedParameterError, match="raw"):
        da.grad(lambda a: np.sum(np.linalg.qr(a, "raw")[0]))(np.eye(2))


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])
def test_norms_of_zero_have_derivative_zero(order):
    for zero in (np.zeros((2, 3)), np.zeros((2, 3), complex)):
        assert not np.any(da.grad(lambda a: np.linalg.norm(a, order))(zero))
    if order not in ("fro", "nuc"):
        assert not np.any(da.grad(lambda a: np.linalg.norm(a, order))(np.zeros(3)))


def test_ties_in_norms_share():
    share = lambda order, x: da.grad(lambda x: np.linalg.norm(x, order))(np.array(x))
    np.testing.assert_allclose(share(np.inf, [2.0, -2.0, 1.0]), [0.5, -0.5, 0.0])
    np.testing.assert_allclose(share(-np.inf, [2.0, -1.0, 1.0]), [0.0, -0.5, 0.5])
    np.testing.assert_allclose(share(1, [[2.0, -3.0], [1.0, 0.0]]), [[0.5, -0.5], [0.5, 0.0]])
    np.testing.assert_allclose(share(2, np.eye(3)), np.eye(3) / 3)
    np.testing.assert_allclose(share("nuc", np.diag([1.0, 0.0])), np.diag([1.0, 0.0]))
    np.testing.assert_allclose(share(-1, [0.0, 1.0, 2.0]), [0.0, 0.0, 0.0])


@pytest.mark.parametrize("order", [2, -2, "nuc"])
@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_spectral_norms_of_tiny_and_huge_matrices(order, scale, rng):
    a = np.diag([3.0, 1.0, 0.0]) if order == "nuc" else rng.standard_normal((3, 3))
    slope = da.grad(lambda a: np.linalg.norm(a, order))
    np.testing.assert_allclose(slope(scale * a), slope(a), atol=1e-12)


def test_norm_of_zero_beside_others():
    found = da.grad(lambda a: np.sum(np.linalg.norm(a, axis=1)))(np.array([[0.0, 0.0], [3.0, 4.0]]))
    np.testing.assert_allclose(found, [[0.0, 0.0], [0.6, 0.8]])


def test_slogdet_of_a_singular_matrix_is_refused_unless_unused():
    stack = np.stack([np.zeros((2, 2)), np.eye(2)])
    chosen = lambda a: np.where([False, True], np.linalg.slogdet(a)[1], 0.0)
    np.testing.assert_allclose(da.grad(lambda a: np.sum(chosen(a)))(stack)[1], np.eye(2))
    for mode in MODES:
        with pytest.raises(SingularDerivativeError, match="singular"):
            da.grad(lambda a: np.sum(np.linalg.slogdet(a)[1]), mode=mode)(stack)


def test_condition_number_of_zero_is_infinite():
    for p in (None, -2, 1):
        zero, one = np.zeros((2, 2)), np.eye(2)
        found = da.jvp(lambda a, p=p: np.linalg.cond(a, p), (zero,), (one,))[0]
        np.testing.assert_array_equal(found, np.linalg.cond(zero, p))


def test_least_condition_number_of_a_singular_matrix_is_zero():
    found = da.jvp(lambda a: np.linalg.cond(a, -2), (np.diag([2.0, 0.0]),), (np.eye(2),))[0]
    np.testing.assert_array_equal(found, 0.0)


def test_condition_number_as_a_guard():
    for p in (None, 1):
        guarded = lambda a, p=p: np.sum(a) if np.linalg.cond(a, p) > 1e12 else np.linalg.cond(a, p)
        np.testing.assert_allclose(da.grad(guarded)(np.diag([1.0, 0.0])), np.ones((2, 2)))


@pytest.mark.parametrize("imaginary", [0.0, 1j])
@pytest.mark.parametrize("shape", [(24, 16), (16, 40), (40, 16), (30, 30)])
def test_bases_of_large_matrices_follow_lapack(shape, imaginary, rng):
    draw = lambda: rng.standard_normal(shape) + imaginary * rng.standard_normal(shape)
    a, t, step = draw(), draw() / 8, 1e-6

    def fn(a):
        u, _, vh = np.linalg.svd(a)
        k = min(shape)
        pairs = np.concatenate([u[:9, :k], vh[:k, :9].T])
        return pairs[:, None] * pairs, u[:, k:], vh[k:], *np.linalg.qr(a, "complete")

    found = da.jvp(fn, (a,), (t,))[1]
    for tangent, ahead, behind in zip(found, fn(a + step * t), fn(a - step * t), strict=True):
        wanted = (ahead - behind) / (2 * step)
        scale = 1 + np.max(np.abs(wanted), initial=0)
        np.testing.assert_allclose(tangent / scale, wanted / scale, atol=1e-5)


def test_basis_where_both_ways_of_lapack_meet_moves_as_its_own_does(rng):
    q = np.linalg.qr(rng.standard_normal((23, 12)))[0]
    a = q @ (np.diag(2 + rng.random(12)) + np.diag(rng.random(11), 1))  # R is bidiagonal
    t, step = rng.standard_normal(a.shape) / 8, 1e-6
    basis = lambda a: np.linalg.svd(a)[0][:, 12:]
    wanted = (basis(a + step * t) - basis(a - step * t)) / (2 * step)
    np.testing.assert_allclose(da.jvp(basis, (a,), (t,))[1], wanted, atol=1e-7)


def test_basis_of_a_null_space_that_jumps_has_no_derivative():
    basis, zero = lambda a: np.linalg.svd(a)[0][:, 2:], np.zeros((4, 2))
    for found, directions in (
        (da.jvp(basis, (zero,), (np.ones((4, 2)),))[1], ()),
        (da.jacobian(basis, mode="forward")(zero), (4, 2)),
    ):
        assert found.shape == (4, 2, *directions)
        assert np.all(np.isnan(found))
    with pytest.raises(SingularDerivativeError, match="null space"):
        da.grad(lambda a: np.sum(basis(a) ** 3), mode="reverse")(zero)


def test_vectors_of_a_value_of_zero_have_free_phases_if_they_are_complex(rng):
    vector = lambda a: np.linalg.svd(a)[0][:, 2]
    for imaginary in (0.0, 1j):
        draw = lambda i=imaginary: rng.standard_normal((3, 3)) + i * rng.standard_normal((3, 3))
        a = draw()
        a[2] = a[0] + a[1]
        assert np.all(np.isnan(da.jvp(vector, (a,), (draw(),))[1])) == (imaginary != 0)


@pytest.mark.parametrize("scale", [1e-100, 1e100])
@pytest.mark.parametrize("mode", MODES)
def test_triangular_factor_of_tiny_and_huge_matrices(scale, mode, rng):
    a = rng.standard_normal((3, 2))
    slope = da.jacobian(lambda a: np.linalg.qr(a)[1], mode=mode)
    np.testing.assert_allclose(slope(scale * a), slope(a), atol=1e-12)


@pytest.mark.parametrize("imaginary", [0.0, 1j])
def test_triangular_factors_of_large_matrices(imaginary, rng):
    draw = lambda: rng.standard_normal((70, 70)) + imaginary * rng.standard_normal((70, 70))
    a, t, ct = draw(), draw(), draw()
    a, t = (x + np.conj(x).T for x in (a @ np.conj(a).T + np.eye(70), t))
    y, moved = da.jvp(np.linalg.cholesky, (a,), (t,))
    product = moved @ np.conj(y).T
    np.testing.assert_allclose(product + np.conj(product).T, t, atol=1e-9)
    (share,) = da.vjp(np.linalg.cholesky, a)[1](ct)
    np.testing.assert_allclose(np.sum(ct * moved).real, np.sum(share * t).real)


def test_eigenvectors_follow_any_order_of_their_values(rng):
    a = np.diag([1.0, 2.0, 3.0, 5.0]) + 0.1 * rng.standard_normal((2, 4, 4))
    w = np.linalg.eigvals(a)
    w = np.stack([w[0, [1, 2, 3, 0]], w[1, [2, 0, 1, 3]]])
    v = _eigenvectors(w, a)
    np.testing.assert_allclose(a @ v, v * w[:, None], atol=1e-12)


def test_eigenvalues_of_large_matrices_keep_their_order(rng):
    a = rng.standard_normal((130, 130)) + 1j * rng.standard_normal((130, 130))
    t = rng.standard_normal(a.shape) / 100
    w, moved = da.jvp(np.linalg.eigvals, (a,), (t,))
    ahead = np.linalg.eigvals(a + 1e-5 * t)
    nearest = ahead[np.argmin(np.abs(w[:, None] - ahead), 1)]
    np.testing.assert_allclose((nearest - w) / 1e-5, moved, atol=1e-3)


@pytest.mark.parametrize(("trans", "turned"), [("N", np.asarray), ("T", np.transpose)])
def test_solutions_of_sparse_systems_are_those_of_dense_ones(trans, turned, rng):
    a, b = rng.standard_normal((3, 3)) + 4 * np.eye(3), rng.standard_normal((2, 3, 2))
    factors = splu(csc_array(a))
    for right in (b, b + 1j * b[::-1]):
        found = solution(right, factors, trans)
        np.testing.assert_allclose(found, np.linalg.solve(turned(a), right), rtol=1e-13)
