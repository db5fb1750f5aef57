"""Patterns against brute force: the dependence of single functions, of loops, and at one point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

import dualad as da
import dualad.numpy as dnp
import dualad.scipy.special as dspecial
from dualad import sparse
from dualad.rules import products_passed, unions
from dualad.rules.unions import Unions
from dualad.testing.strategies import programs
from dualad.transforms.products import record
from dualad.transforms.sparsity import _Walk, pattern_of
from tests.patterns import RNG, check_patterns, dense_of, everywhere

BAND = np.tri(6, k=1) - np.tri(6, k=-2)
ROW = np.array([1.0, 0.0, 2.0, 0.0])
HAS_PLANAR = np.lib.NumpyVersion(np.__version__) < "2.5.0"  # vectors without a third component
PLANAR = [[(3, 2), (3, 3)], [(3, 3), (3, 2)], [(4, 2), (4, 2)]] if HAS_PLANAR else []
EXACT = {
    "convolve": [
        (lambda a, v, m=mode: np.convolve(a, v, m), pair)
        for mode in ("full", "same", "valid")
        for pair in (((6,), (3,)), ((3,), (6,)), ((5,), (4,)), ((4,), (4,)), ((1,), (3,)))
    ],
    "correlate": [
        (lambda a, v, m=mode: np.correlate(a, v, m), pair)
        for mode in ("full", "same", "valid")
        for pair in (((6,), (3,)), ((3,), (6,)), ((5,), (4,)), ((4,), (4,)), ((2,), (5,)))
    ],
    "convolve with zeros": [(lambda a: np.convolve(a, ROW), [(5,)])],
    "correlate with zeros": [(lambda v: np.correlate(ROW, v, "same"), [(3,)])],
    "kron": [
        (np.kron, [(2, 3), (3, 2)]),
        (np.kron, [(2,), (2, 2)]),
        (lambda a: np.kron(a, BAND), [(2, 2)]),
    ],
    "outer": [(np.outer, [(2, 2), (3,)]), (lambda b: np.outer(ROW, b), [(3,)])],
    "cross": [
        (np.cross, [(3,), (3,)]),
        (np.cross, [(4, 3), (3,)]),
        *[(np.cross, pair) for pair in PLANAR],
        (lambda a, b: np.cross(a, b, axisa=0, axisb=1, axisc=0), [(3, 4), (4, 3)]),
        (lambda a, b: np.cross(a, b, axis=0), [(3, 4), (3, 4)]),
        (np.linalg.cross, [(2, 3), (2, 3)]),
    ],
    "tensordot": [
        (np.tensordot, [(2, 3, 4), (3, 4, 2)]),
        (lambda a, b: np.tensordot(a, b, 1), [(2, 3), (3, 2)]),
        (lambda a, b: np.tensordot(a, b, 0), [(2,), (3,)]),
        (lambda a, b: np.tensordot(a, b, ([0], [1])), [(3, 2), (2, 3)]),
    ],
    "dot": [
        (np.dot, [(2, 3, 4), (2, 4, 3)]),
        (np.dot, [(), (3, 2)]),
        (np.dot, [(3, 4), (4,)]),
        (np.inner, [(2, 3), (4, 3)]),
    ],
    "matmul": [
        (np.matmul, [(2, 3), (3, 2)]),
        (np.matmul, [(4, 2, 3), (3, 2)]),
        (np.matmul, [(3,), (2, 3, 4)]),
        (np.matmul, [(2, 4, 3), (3,)]),
        (np.linalg.vecdot, [(2, 3), (4, 2, 3)]),
    ],
    "einsum": [
        (lambda a: np.einsum("ii", a), [(3, 3)]),
        (lambda a: np.einsum("ii->i", a), [(3, 3)]),
        (lambda a, b: np.einsum("ij,jk->k", a, b), [(2, 3), (3, 4)]),
        (lambda a, b: np.einsum("ijj,jk->ik", a, b), [(2, 3, 3), (3, 2)]),
        (lambda a, b: np.einsum("...i,...i->...", a, b), [(2, 3), (3,)]),
        (lambda a, b: np.einsum("ij,ij->ij", a, b), [(1, 3), (2, 3)]),
    ],
    "solve": [
        (lambda b: np.linalg.solve(BAND + 5 * np.eye(6), b), [(6, 3)]),
        (np.linalg.solve, [(2, 2, 2), (2, 2, 3)]),
        (np.linalg.solve, [(2, 2), (2,)]),
    ],
    "softmax": [
        (lambda x: dspecial.softmax(x, axis=1), [(3, 4)]),
        (lambda x: dspecial.log_softmax(x, axis=0), [(3, 4)]),
        (lambda x: dspecial.logsumexp(x, axis=-1, keepdims=True), [(3, 4)]),
        (lambda x: dspecial.logsumexp(x, axis=(0, 2)), [(2, 3, 4)]),
        (dspecial.logsumexp, [(2, 3)]),
    ],
    "spread": [
        (lambda x: np.var(x, axis=1), [(3, 4)]),
        (lambda x: np.nanstd(x, axis=0, keepdims=True), [(3, 4)]),
        (lambda x: np.linalg.vector_norm(x, axis=0), [(3, 4)]),
        (lambda x: np.linalg.matrix_norm(x), [(2, 2, 3)]),
        (lambda x: np.add.reduceat(x, [0, 3, 1], axis=1), [(2, 5)]),
        (lambda x: np.vander(x, 4), [(3,)]),
        (lambda x: np.bincount(np.array([0, 2, 0, 3]), x), [(4,)]),
        (special.fresnel, [(4,)]),
        (lambda x: np.modf(x)[0], [(2, 3)]),
    ],
}


@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
@pytest.mark.parametrize("name", EXACT)
def test_patterns_are_exact(name):
    for fn, shapes in EXACT[name]:
        dense, pattern = everywhere(fn, shapes)
        assert np.array_equal(pattern, dense), (name, shapes)


def test_long_sequences_are_mixed_whole(monkeypatch):
    monkeypatch.setattr(products_passed, "MOST", 0)
    found = sparse.jacobian_pattern(lambda a: np.convolve(a, ROW, "same"), np.ones(6))
    assert found.nnz == 36


def test_order_statistics_are_those_of_their_line():
    for fn in (np.median, lambda x, axis: np.quantile(x, [0.2, 0.7], axis=axis)):
        dense, pattern = everywhere(lambda x, f=fn: f(x, axis=1), [(3, 5)], points=60)
        assert np.array_equal(pattern, dense)
    tied = np.array([[2.0, 1.0, 2.0, 0.0]])
    assert sparse.jacobian_pattern(np.sort, tied).nnz == 6


# Loops that write into arrays


@st.composite
def loops(draw):
    """Strategy of functions of a vector of six that read and write parts of an array."""
    steps = draw(st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 5), st.integers(0, 5), st.booleans()),
        min_size=1, max_size=12,
    ))  # fmt: skip

    def fn(x):
        out = dnp.zeros(6) if steps[0][3] else x + 0.0
        seen = []
        for kind, i, j, flag in steps:
            if kind == 0:
                out[i] = x[j] * (out[i] + 1.0)
            elif kind == 1:
                out[i:] = out[i:] * x[: 6 - i]
            elif kind == 2:
                part = out[: j + 1]  # a view, which later writes change, but not what is made of it
                seen.append(part + 1.0 if flag else part)
            elif kind == 3:
                seen.append(out + 1.0 if flag else np.sin(out))
            elif kind == 4:
                out[[i, j]] = np.stack([x[j], out[i]]) if i != j else x[i]
            elif kind == 5:
                out += out[j] if flag else 1.0
            else:
                out[i] = 0.0
        return [out, *seen]

    return fn


@settings(max_examples=300)
@given(loops(), st.booleans())
def test_patterns_of_loops_that_write_hold_all_elements(fn, is_local):
    args = (RNG.uniform(0.5, 1.5, 6),)
    recording = record(fn, args, {}, (0,))
    pattern = pattern_of(recording, is_local).toarray()
    assert not np.any(dense_of(recording) & ~pattern)


def test_a_write_costs_no_copy_unless_the_array_is_read_later():
    n = 50

    def fill(x):
        out = dnp.zeros(n)
        for i in range(n - 1):
            out[i] = x[i] * x[i + 1] + (out[i - 1] if i % 7 else 0.0)
        return out

    recording = record(fill, (np.ones(n),), {}, (0,))
    walk = _Walk(recording, Unions(n), False)
    walk.sets[0] = np.arange(1, n + 1)
    walk.go(1)
    written = [walk.sets[k] for k, entry in enumerate(walk.entries) if entry and len(entry) == 7]
    assert len(written) >= n - 1
    assert len({id(sets) for sets in written}) == 1


# The graph of sets


@st.composite
def graphs(draw):
    """Strategy of a graph of unions, with Python's sets beside it, and some of both."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = draw(st.integers(1, 8))
    graph = Unions(inputs)
    known = [frozenset(), *[frozenset([i]) for i in range(inputs)]]

    def note(number, members):
        if number == len(known):
            known.append(members)
        assert known[number] == members

    for _ in range(draw(st.integers(1, 12))):
        kind = draw(st.integers(0, 2))
        if kind == 0:
            a, b = rng.integers(len(known), size=2)
            note(graph.pair(a, b), known[a] | known[b])
            continue
        count = draw(st.sampled_from([1, 5, 100]))
        recent = max(0, len(known) - 150)
        a, b = rng.integers(recent, len(known), (2, count))
        if kind == 1:
            found = graph.elementwise(a, b)
            wanted = [known[i] | known[j] for i, j in zip(a, b, strict=True)]
        else:
            groups = rng.integers(0, max(1, count // 3), count)
            found = graph.grouped(a, groups, max(1, count // 3))
            wanted = [frozenset().union(*[known[i] for i in a[groups == g]])
                      for g in range(len(found))]  # fmt: skip
        for number, members in sorted(zip(found.tolist(), wanted, strict=True), key=lambda p: p[0]):
            note(number, members)
    wanted = rng.integers(0, len(known), draw(st.sampled_from([1, 30])))
    return graph, wanted, [known[i] for i in wanted]


@settings(max_examples=400)
@given(graphs(), st.sampled_from([0, 1, 8]), st.sampled_from([0, 10_000]))
def test_unions_are_those_of_sets(graph, shared, many):
    graph, wanted, members = graph
    before = unions.SHARED, unions.MANY
    try:
        unions.SHARED, unions.MANY = shared, many
        found = graph.resolved(wanted)
    finally:
        unions.SHARED, unions.MANY = before
    assert found.has_sorted_indices
    for row, inputs in enumerate(members):
        places = found.indices[found.indptr[row] : found.indptr[row + 1]]
        assert places.tolist() == sorted(inputs)


def test_what_many_rows_share_is_expanded_once():
    def fn(x):
        s = x[0]
        for i in range(200):
            s = np.sin(s) * x[i % 3]
        return x * s

    pattern = sparse.jacobian_pattern(fn, np.ones(500)).toarray()
    wanted = np.eye(500, dtype=bool)
    wanted[:, :3] = True
    assert np.array_equal(pattern, wanted)


# At one point


LOCAL = {
    "where": (lambda x: np.where(x > 0, x, x[::-1]), [-1.0, 2.0, 3.0, -4.0], 4),
    "maximum": (lambda x: np.maximum(x, x[::-1]), [1.0, 2.0, 3.0, 4.0], 4),
    "a factor of zero": (lambda x: x[:2] * x[2:], [0.0, 1.0, 2.0, 0.0], 2),
    "a number of zero": (lambda x: x[0] * x[1], [0.0, 1.0], 1),
    "a square at zero": (lambda x: x**2, [0.0, 1.0], 1),
    "relu": (lambda x: np.maximum(x, 0.0), [-1.0, 2.0], 1),
    "a matrix with zeros": (
        lambda x: np.reshape(x[:4], (2, 2)) @ x[4:],
        [1.0, 0.0, 0.0, 2.0, 0.0, 3.0],
        4,
    ),
    "a constant of zero": (lambda x: x * np.array([0.0, 1.0]), [1.0, 1.0], 1),
    "what is infinite": (lambda x: np.where(x > 0, np.sqrt(x), 0.0), [0.0, 1.0], 1),
}


@pytest.mark.parametrize("name", LOCAL)
def test_local_patterns_leave_out_what_vanishes(name):
    fn, x, count = LOCAL[name]
    x = np.array(x)
    pattern = sparse.jacobian_pattern(fn, x, kind="local")
    assert pattern.nnz == count
    assert sparse.jacobian_pattern(fn, x).nnz > count
    dense = da.jacobian(fn)(x)
    assert np.array_equal(pattern.toarray().reshape(dense.shape), dense != 0)
    found = da.jacobian(fn, sparsity="local")(x)
    assert found.nnz == count
    assert np.array_equal(found.toarray().reshape(dense.shape), dense)


def test_local_patterns_of_hessians():
    x = np.array([0.0, 1.0, 2.0])
    assert sparse.hessian_pattern(lambda x: np.sum(x**3), x).nnz == 3
    assert sparse.hessian_pattern(lambda x: np.sum(x**3), x, kind="local").nnz == 2
    found = da.hessian(lambda x: np.sum(x**3), sparsity="local")(x)
    assert np.array_equal(found.toarray(), np.diag(6 * x))
    with pytest.raises(ValueError, match="kind is 'here'"):
        sparse.jacobian_pattern(np.sin, x, kind="here")


@settings(max_examples=300)
@given(programs(depth=8))
def test_local_patterns_of_random_programs_hold_all_elements_there(program):
    with np.errstate(all="ignore"):
        check_patterns(program, program.inputs)
