"""Sparse Jacobians and Hessians: no element is ever missing, and few directions are swept."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse as sp

import dualad as da
from dualad import sparse
from dualad.errors import SparsityError
from dualad.rules import dependence
from dualad.testing.strategies import programs
from dualad.transforms import greedy, plans
from tests.patterns import dense_of, recorded

ROUNDING = 1e-9  # of values of order one
KINDS = ("columns", "rows", "both", "auto")
SYMMETRIC = ("star", "acyclic", "symmetric")
ORDERS = ("natural", "largest_first", "smallest_last", "incidence_degree", "auto")


def chain(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def reaction(z):
    u, v = np.reshape(z, (2, 6, 6))

    def spread(w):
        shifted = np.roll(w, 1, 0) + np.roll(w, -1, 0) + np.roll(w, 1, 1) + np.roll(w, -1, 1)
        return shifted - 4 * w

    return np.ravel(np.stack([u * u * v - 4.4 * u + spread(u), 3.4 * u - u * u * v + spread(v)]))


def arrow(x):
    return np.concatenate([np.reshape(np.sum(x**2), 1), x[1:] * x[0] + x[1:] ** 2])


def loop(x):
    y = np.zeros_like(x)
    for i in range(1, len(x) - 1):
        y[i] = x[i - 1] * x[i + 1] + np.sin(x[i])
    return y


def smoothed(x):
    """Return an elementwise function of shares: all outputs depend on all inputs."""
    e = np.exp(x - np.max(x))
    return e / np.sum(e)


POINT = np.linspace(0.5, 1.5, 72)
FUNCTIONS = (reaction, arrow, loop, smoothed, np.diff, np.cumsum, np.sin)
every_function = pytest.mark.parametrize("fn", FUNCTIONS)


@settings(max_examples=300)
@given(programs(depth=8), st.integers(0, 2**32 - 1))
def test_the_pattern_of_random_programs_holds_at_other_points(program, seed):
    rng = np.random.default_rng(seed)
    args = program.inputs
    everything = tuple(range(len(args)))
    pattern = sparse.jacobian_pattern(program, *args, argnums=everything).toarray()
    with np.errstate(all="ignore"):
        for _ in range(3):
            point = tuple(x + 1e-3 * rng.normal(size=np.shape(x)) for x in args)
            assert not np.any(dense_of(recorded(program, point)) & ~pattern)


@settings(max_examples=100)
@given(programs(inputs=1))
def test_the_hessian_of_random_programs_is_the_dense_one(program):
    def total(x):
        return np.sum(program(x))

    (x,) = program.inputs
    n = np.size(x)
    dense = np.reshape(da.hessian(total)(x), (n, n))
    found = da.hessian(total, sparsity="auto")(x).toarray()
    scale = 1 + np.max(np.abs(dense), initial=0)
    assert np.allclose(found, dense, 0, ROUNDING * scale, equal_nan=True)


@every_function
@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_sparse_jacobians_equal_dense_ones(fn, mode):
    found = da.jacobian(fn, sparsity="auto", mode=mode)(POINT)
    assert isinstance(found, sp.csr_array)
    assert np.allclose(found.toarray(), da.jacobian(fn)(POINT), 0, ROUNDING)


@pytest.mark.parametrize("fn", [chain, lambda x: np.sum(x[1:] * x[0] ** 2), lambda x: np.sum(x)])
def test_sparse_hessians_equal_dense_ones(fn):
    found = da.hessian(fn, sparsity="auto")(POINT).toarray()
    assert np.allclose(found, da.hessian(fn)(POINT), 0, 1e3 * ROUNDING)


PATTERNS = {
    "diagonal": np.eye(9),
    "tridiagonal": np.tri(9, k=1) - np.tri(9, k=-2),
    "dense": np.ones((5, 7)),
    "empty": np.zeros((4, 3)),
    "nothing": np.zeros((0, 3)),
    "arrow": np.eye(40) + np.eye(40)[:, :1] + np.eye(40)[:1],
}


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ORDERS)
def test_what_a_coloring_reads_is_alone(name, kind, order):
    check_coloring(PATTERNS[name] != 0, sparse.color(PATTERNS[name], kind, order=order))


@settings(max_examples=200)
@given(st.data())
def test_colorings_of_random_patterns_give_the_matrix_back(data):
    m, n = data.draw(st.integers(1, 12)), data.draw(st.integers(1, 12))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    pattern = rng.random((m, n)) < data.draw(st.sampled_from([0.1, 0.3, 0.6]))
    kind, order = data.draw(st.sampled_from(KINDS)), data.draw(st.sampled_from(ORDERS))
    check_coloring(pattern, sparse.color(pattern, kind, order=order))
    square = np.zeros((n, n), bool)
    square[: min(m, n)] = pattern[: min(m, n)]
    kind = data.draw(st.sampled_from(SYMMETRIC))
    check_coloring(square | square.T, sparse.color(square | square.T, kind, order=order))


def check_coloring(pattern, coloring):
    """Raise if the products with a coloring's seeds do not give a random matrix back."""
    values = np.random.default_rng(0).normal(size=pattern.shape) * pattern
    if coloring.is_symmetric:
        values = values + values.T
    pushed = [values @ (coloring.columns == c) for c in range(coloring.pushed)]
    pulled = [(coloring.rows == c) @ values for c in range(coloring.pulled)]
    stored = sp.csr_array(pattern)
    read = coloring.reading(stored)
    found = read.finished(
        np.array([
            (pulled if is_pulled else pushed)[color][place]
            for is_pulled, color, place in zip(read.is_pulled, read.color, read.place, strict=True)
        ])
    )  # fmt: skip
    assert found == pytest.approx(values[np.nonzero(pattern)], abs=1e-12)
    if not (coloring.pushed and coloring.pulled) and coloring.count:
        swept = np.array(pulled or pushed)
        assert np.allclose(sparse.decompress(swept, pattern, coloring).toarray(), values)


def test_colors_are_as_few_as_known():
    n = 50
    band = np.tri(n, k=2) - np.tri(n, k=-3)
    assert sparse.color(band).count == 5
    assert sparse.color(np.eye(n)).count == 1
    assert sparse.color(np.eye(n), "symmetric").count == 1
    assert sparse.color(PATTERNS["arrow"], "both").count <= 4
    assert sparse.color(PATTERNS["arrow"]).count <= 4
    assert sparse.color(PATTERNS["arrow"], "symmetric").count == 2
    assert sparse.color(PATTERNS["arrow"], "columns").count == 40
    grid = sparse.jacobian_pattern(reaction, POINT)
    assert sparse.color(grid).count <= 2 * np.max(np.diff(grid.indptr))


def grid(side):
    """Return the pattern of a five-point stencil on a square grid, without periodicity."""
    line = np.eye(side, k=1) + np.eye(side, k=-1)
    return np.kron(line, np.eye(side)) + np.kron(np.eye(side), line) + np.eye(side**2)


def test_symmetric_colorings_have_as_few_colors_as_known():
    n = 40
    path = np.eye(n) + np.eye(n, k=1) + np.eye(n, k=-1)
    tree = np.eye(n)
    for child in range(1, n):
        tree[child, (child - 1) // 2] = tree[(child - 1) // 2, child] = 1
    cycle = np.array(path)
    cycle[0, -1] = cycle[-1, 0] = 1
    assert sparse.color(path, "star").count == 3
    assert sparse.color(path, "acyclic").count == 2
    assert sparse.color(tree, "acyclic").count == 2
    assert sparse.color(tree, "star").count == 3
    assert sparse.color(cycle, "acyclic").count == 3
    assert sparse.color(np.ones((5, 5)), "acyclic").count == 5
    assert sparse.color(np.zeros((5, 5)), "acyclic").count == 0
    for order in ORDERS[:-1]:  # an acyclic one asks for less than a star, and that for less again
        counts = [
            sparse.color(grid(8), kind, order=order).count
            for kind in ("acyclic", "star", "columns")
        ]
        assert counts[0] < counts[1] < counts[2]


def test_elimination_is_for_those_who_ask():
    assert not sparse.color(grid(4), "symmetric").is_eliminated
    assert sparse.color(grid(8), "symmetric").count > sparse.color(grid(8), "acyclic").count

    def energy(x):
        u = np.reshape(x, (8, 9))
        return np.sum(np.sin(u[1:] - u[:-1])) + np.sum(u[:, 1:] * u[:, :-1] ** 2)

    eliminated = sparse.prepare(energy, POINT, of="hessian", coloring="acyclic")
    starred = sparse.prepare(energy, POINT, of="hessian", coloring="star")
    assert eliminated.coloring.count < starred.coloring.count
    for x in (POINT, -POINT):
        dense = da.hessian(energy)(x)
        assert np.allclose(eliminated(x).toarray(), dense, 0, ROUNDING)
        assert np.allclose(starred(x).toarray(), dense, 0, ROUNDING)


def test_the_coloring_of_a_prepared_matrix_may_be_chosen():
    counts = {
        kind: sparse.prepare(arrow, POINT, coloring=kind).coloring.count
        for kind in ("columns", "rows", "both", "auto")
    }
    assert counts["columns"] == counts["rows"] == len(POINT)
    assert counts["both"] == counts["auto"] == 3
    with pytest.raises(ValueError, match="coloring is 'star'; of a jacobian"):
        sparse.prepare(arrow, POINT, coloring="star")


def test_a_coloring_with_a_cycle_is_refused():
    cycle = np.eye(4) + np.eye(4, k=1) + np.eye(4, k=-1)
    cycle[0, -1] = cycle[-1, 0] = 1
    columns = np.array([0, 1, 0, 1])
    bad = sparse.Coloring(columns, np.full(4, -1), 2, 0, True, True)
    with pytest.raises(SparsityError, match="cycle of two colors"):
        bad.reading(sp.csr_array(cycle != 0))
    same = sparse.Coloring(np.zeros(4, int), np.full(4, -1), 1, 0, True, True)
    with pytest.raises(SparsityError, match="cycle of two colors"):
        same.reading(sp.csr_array(cycle != 0))


def test_colors_that_repeat_are_found_for_bands_and_grids():
    n = 3000
    band = sp.diags_array([1.0] * 5, offsets=range(-2, 3), shape=(n, n))
    assert np.array_equal(sparse.color(band).columns, np.arange(n) % 5)
    pattern = sparse.jacobian_pattern(reaction, POINT)
    columns = greedy.colored(pattern, "auto", spare=100)
    check_coloring(pattern.toarray(), sparse.Coloring(columns, np.full(72, -1), 100, 0))
    assert len(set(columns.tolist())) == np.max(columns) + 1


def test_accidental_zeros_are_in_the_pattern():
    x = np.zeros(5)
    assert sparse.jacobian_pattern(lambda x: x[1:] * x[:-1], x).nnz == 8
    assert sparse.jacobian_pattern(lambda x: np.where(x > 0, x, x[::-1]), x).nnz == 9
    assert sparse.jacobian_pattern(np.max, x).nnz == 5
    assert sparse.hessian_pattern(lambda x: np.sum(x**4), x).nnz == 5
    assert sparse.hessian_pattern(lambda x: np.sum(3 * x), x).nnz == 0


def test_patterns_are_tight():
    x = np.ones((4, 6))
    blocks = np.kron(np.eye(4), np.ones((6, 6)))
    rows = {
        "sum": lambda x: np.sum(x, axis=1),
        "max": lambda x: np.max(x, axis=-1),
        "product": lambda x: x @ np.ones((6, 2)),
    }
    for fn in rows.values():
        pattern = sparse.jacobian_pattern(fn, x).toarray()
        assert np.sum(pattern) == 24 * (pattern.shape[0] // 4)
    both = (lambda x: np.fft.irfft(np.fft.rfft(x), 6), lambda x: np.einsum("ij,ik->ij", x, x))
    for fn in both:
        assert np.array_equal(sparse.jacobian_pattern(fn, x).toarray(), blocks != 0)
    a = np.tri(6, k=1) - np.tri(6, k=-2)
    assert np.array_equal(sparse.jacobian_pattern(lambda v: a @ v, np.ones(6)).toarray(), a != 0)
    assert np.array_equal(sparse.jacobian_pattern(lambda v: v @ a, np.ones(6)).toarray(), a.T != 0)
    stack = np.ones((3, 2, 2)) + np.eye(2)
    assert sparse.jacobian_pattern(np.linalg.inv, stack).nnz == 3 * 16


def test_what_no_passage_knows_depends_on_everything(monkeypatch):
    monkeypatch.setattr(dependence, "PASSAGES", {})
    assert sparse.jacobian_pattern(np.flip, np.ones(4)).nnz == 16


def test_trees_have_blocks_and_formats_are_those_of_scipy():
    def fn(pair, t):
        a, b = pair
        return {"p": a * t, "q": np.sum(a) * b}

    pair, t = (np.arange(1.0, 4.0), np.array([2.0, 3.0])), 2.0
    found = da.jacobian(fn, (0, 1), sparsity="auto", format="csc")(pair, t)
    dense = da.jacobian(fn, (0, 1))(pair, t)
    for key in ("p", "q"):
        for k in range(2):
            assert found[key][0][k].format == "csc"
            assert np.allclose(found[key][0][k].toarray(), dense[key][0][k])
        assert np.allclose(found[key][1].toarray().ravel(), dense[key][1])


def test_value_and_jacobian_may_be_sparse():
    value, slope = da.value_and_jacobian(arrow, sparsity="auto")(POINT)
    assert np.array_equal(value, arrow(POINT))
    assert np.allclose(slope.toarray(), da.jacobian(arrow)(POINT))


def test_a_given_pattern_is_checked():
    right = sparse.jacobian_pattern(reaction, POINT)
    dense = da.jacobian(reaction)(POINT)
    for given_pattern in (right, right.toarray(), sp.coo_array(right), np.ones((72, 72))):
        found = da.jacobian(reaction, sparsity=given_pattern)(POINT)
        assert np.allclose(found.toarray(), dense)
    wrong = right.toarray()
    wrong[5, np.flatnonzero(wrong[5])[0]] = False
    column = int(np.flatnonzero(right.toarray()[5])[0])
    with pytest.raises(SparsityError, match=f"element in row 5 and column {column}\\."):
        da.jacobian(reaction, sparsity=wrong)(POINT)
    with pytest.raises(SparsityError, match=r"shape \(3, 3\), the matrix \(72, 72\)"):
        da.jacobian(reaction, sparsity=np.eye(3))(POINT)
    with pytest.raises(SparsityError, match="1 axes"):
        da.jacobian(reaction, sparsity=np.ones(72))(POINT)


def test_a_given_pattern_is_not_modified():
    data, indices, starts = np.array([1.0, 0.0, 2.0]), np.array([1, 0, 1]), np.array([0, 2, 3])
    pattern = sp.csr_array((data, indices, starts), (2, 2))
    sparse.color(pattern)
    assert pattern.nnz == 3
    assert np.array_equal(pattern.indices, [1, 0, 1])


def branching(x):
    return x * x[::-1] if x[0] > 0 else x**2


def test_a_prepared_matrix_serves_other_points_and_notices_branches():
    x = np.linspace(1.0, 2.0, 6)
    prepared = sparse.prepare(branching, x)
    assert np.allclose(prepared(x + 1).toarray(), da.jacobian(branching)(x + 1))
    narrow = sparse.prepare(branching, -x)
    assert narrow.coloring.count == 1
    with pytest.raises(SparsityError, match="misses"):
        narrow(x)
    with pytest.raises(SparsityError, match="shape"):
        narrow(np.ones(3))
    fresh = sparse.prepare(branching, -x, refresh=True)
    assert np.allclose(fresh(x).toarray(), da.jacobian(branching)(x))
    assert fresh.pattern.nnz == 12


def test_a_prepared_hessian():
    prepared = sparse.prepare(chain, POINT, of="hessian")
    assert prepared.coloring.count <= 3
    assert np.allclose(prepared(-POINT).toarray(), da.hessian(chain)(-POINT))


def test_results_share_nothing():
    prepared = sparse.prepare(np.sin, POINT)
    first, second = prepared(POINT), prepared(POINT)
    first.data[:] = 0
    first.indices[:] = 0
    assert np.allclose(second.toarray(), np.diag(np.cos(POINT)))
    assert np.allclose(prepared(POINT).toarray(), np.diag(np.cos(POINT)))


def test_chunks_give_the_same_matrix():
    whole = da.jacobian(reaction, sparsity="auto")(POINT)
    cut = da.jacobian(reaction, sparsity="auto", chunk_size=2)(POINT)
    assert np.array_equal(whole.toarray(), cut.toarray())


@pytest.mark.parametrize(("name", "value"), [("CACHED", 8), ("SPACIOUS", 0), ("KEPT", 0)])
@pytest.mark.parametrize(
    "fn", [reaction, arrow, np.sin, np.diff, lambda x: np.stack([np.sum(x), np.prod(x)])]
)
def test_however_directions_are_swept_the_matrix_is_the_same(monkeypatch, fn, name, value):
    dense = da.jacobian(fn)(POINT)
    monkeypatch.setattr(plans, name, value)
    if name == "SPACIOUS":
        monkeypatch.setattr(plans, "CACHED", 8)
    prepared = sparse.prepare(fn, POINT)
    for found in (prepared(POINT), prepared(POINT), da.jacobian(fn, sparsity="auto")(POINT)):
        assert np.allclose(found.toarray(), dense)


def test_a_prepared_matrix_is_checked_however_it_is_swept():
    for fn in (branching, lambda x: np.sum(branching(x))):  # pushed, and pulled
        prepared = sparse.prepare(fn, -np.ones(6))
        unchecked = sparse.prepare(fn, -np.ones(6), check=False)
        x = np.arange(1.0, 7.0)
        if np.shape(fn(x)):
            with pytest.raises(SparsityError, match="in row 0 and column 5"):
                prepared(x)
            unchecked(x)
        assert np.allclose(prepared(-x).toarray(), da.jacobian(fn)(-x))


def test_sparse_functions_pickle():
    again = pickle.loads(pickle.dumps(da.jacobian(arrow, sparsity="auto")))
    assert np.allclose(again(POINT).toarray(), da.jacobian(arrow)(POINT))


def test_nonfinite_points_give_what_the_dense_one_does():
    x = np.array([1.0, np.nan, np.inf, 2.0])
    with np.errstate(all="ignore"):
        found = da.jacobian(lambda x: x[1:] * x[:-1], sparsity="auto")(x).toarray()
        dense = da.jacobian(lambda x: x[1:] * x[:-1])(x)
    assert np.array_equal(found[dense != 0], dense[dense != 0], equal_nan=True)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_pattern_that_misses_an_element_is_found_where_nothing_is_finite(value):
    def ring(x):
        return x * np.roll(x, 1)

    x, right = np.full(5, value), np.eye(5) + np.roll(np.eye(5), 1, 0)
    assert np.array_equal(da.jacobian(ring, sparsity=right)(x).toarray() != 0, right != 0)
    with pytest.raises(SparsityError, match="in row 0 and column 4"):
        da.jacobian(ring, sparsity=np.eye(5))(x)
    prepared = sparse.prepare(branching, np.full(5, -1.0))
    assert prepared(np.full(5, np.nan)).nnz == 5  # takes the same branch
    with pytest.raises(SparsityError, match="in row 0 and column 1"):
        da.hessian(lambda x: np.sum(ring(x)) ** 3, sparsity=np.eye(5))(x)


def test_bad_input():
    with pytest.raises(ValueError, match="sparsity is 'some'"):
        da.jacobian(np.sin, sparsity="some")
    with pytest.raises(ValueError, match="sparsity is True"):
        da.jacobian(np.sin, sparsity=True)
    with pytest.raises(ValueError, match="format is 'dense'"):
        da.jacobian(np.sin, sparsity="auto", format="dense")
    with pytest.raises(ValueError, match="kind is one of"):
        sparse.color(np.eye(2), "diagonal")
    with pytest.raises(ValueError, match='of is "x"'.replace('"', "'")):
        sparse.prepare(np.sin, 1.0, of="x")
    with pytest.raises(SparsityError, match="not symmetric"):
        sparse.color(np.tri(3), "symmetric")
    with pytest.raises(TypeError, match="complex"):
        da.jacobian(np.sin, sparsity="auto")(np.ones(2) + 1j)
    with pytest.raises(TypeError, match="traced"):
        da.grad(lambda x: da.jacobian(np.sin, sparsity="auto")(x).sum())(POINT)
    coloring = sparse.color(np.eye(3))
    with pytest.raises(SparsityError, match="mixed"):
        sparse.decompress(np.ones((1, 3)), np.ones((3, 3)), coloring)
    with pytest.raises(SparsityError, match=r"swept .*shape \(2, 3\), and is of \(1, 3\)"):
        sparse.decompress(np.ones((2, 3)), np.eye(3), coloring)
    with pytest.raises(SparsityError, match="another shape"):
        sparse.decompress(np.ones((1, 3)), np.ones((2, 2)), coloring)


def test_a_large_pattern_takes_no_dense_matrix():
    n = 100_000
    found = da.jacobian(lambda x: x[2:] - 2 * x[1:-1] ** 2 + x[:-2], sparsity="auto")(np.ones(n))
    assert found.nnz == 3 * (n - 2)
    assert found[7, 8] == -4
    product = da.hessian(lambda x: np.sum(x[1:] * x[:-1]), sparsity="auto")(np.ones(n))
    assert product.nnz == 2 * (n - 1)


def test_what_is_mixed_and_summed_again_takes_no_dense_matrix():
    found = da.jacobian(lambda x: np.sum(smoothed(x) ** 2), sparsity="auto")(np.ones(300))
    assert found.shape == (1, 300)
