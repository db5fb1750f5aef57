"""Jacobians, Hessians and derivatives: shapes, trees, modes, chunks, and the number of calls."""

from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dualad as da
from dualad.errors import NotHolomorphicError
from dualad.testing.strategies import arrays
from dualad.transforms import choice

Point = namedtuple("Point", "x y")
ROUNDING = 1e-12  # of results of size one
MODES = ("auto", "forward", "reverse")

in_every_mode = pytest.mark.parametrize("mode", MODES)
shapes = st.lists(st.integers(0, 3), max_size=3).map(tuple)


def linear_map(rng, out, inp, dtype=float):
    """Return a random matrix, and the function that applies it, from one shape to another."""
    size_out, size_in = int(np.prod(out)), int(np.prod(inp))
    A = rng.standard_normal((size_out, size_in)).astype(dtype)
    if np.dtype(dtype).kind == "c":
        A = A + 1j * rng.standard_normal(A.shape)

    def fn(x):
        terms = A * np.reshape(x, (1, size_in))
        return np.reshape(np.sum(terms, axis=1), out)

    return np.reshape(A, out + inp), fn


@in_every_mode
@given(out=shapes, inp=shapes, seed=st.integers(0, 99))
def test_shape_is_that_of_the_output_and_then_the_argument(mode, out, inp, seed):
    rng = np.random.default_rng(seed)
    A, fn = linear_map(rng, out, inp)
    x = rng.standard_normal(inp)
    J = da.jacobian(fn, mode=mode)(x)
    assert np.shape(J) == out + inp
    np.testing.assert_allclose(J, A, rtol=ROUNDING, atol=ROUNDING)


@in_every_mode
@given(out=shapes, inp=shapes, chunk=st.integers(1, 30), seed=st.integers(0, 99))
def test_chunks_do_not_change_the_result(mode, out, inp, chunk, seed):
    rng = np.random.default_rng(seed)
    _, fn = linear_map(rng, out, inp)
    x = rng.standard_normal(inp)
    whole = da.jacobian(lambda y: np.sin(fn(y)), mode=mode)(x)
    parts = da.jacobian(lambda y: np.sin(fn(y)), mode=mode, chunk_size=chunk)(x)
    np.testing.assert_allclose(parts, whole, rtol=ROUNDING, atol=ROUNDING)


@given(x=arrays(max_ndim=2))
def test_all_modes_agree(x):
    def fn(y):
        return np.sin(y) * np.sum(y), {"square": np.sum(y * y)}

    J, squares = da.jacobian(fn, mode="forward")(x)
    for other in (da.jacobian(fn), da.jacobian(fn, mode="reverse"), da.jacfwd(fn), da.jacrev(fn)):
        K, others = other(x)
        np.testing.assert_allclose(K, J, rtol=ROUNDING, atol=ROUNDING)
        np.testing.assert_allclose(
            others["square"], squares["square"], rtol=ROUNDING, atol=ROUNDING
        )


@in_every_mode
def test_numbers_give_numbers(mode):
    J = da.jacobian(np.sin, mode=mode)(0.5)
    assert isinstance(J, np.float64)
    assert np.cos(0.5) == J
    H = da.hessian(np.sin, mode=mode)(0.5)
    assert isinstance(H, np.float64)
    assert -np.sin(0.5) == H


@in_every_mode
def test_dtype_is_that_of_the_argument(mode):
    for dtype in (np.float32, np.longdouble, np.complex64):
        x = np.ones(2, dtype)
        assert da.jacobian(lambda y: y * y, mode=mode)(x).dtype == dtype
    assert da.jacobian(lambda y: y * y, mode=mode)(np.array([1, 2])).dtype == float


@in_every_mode
def test_trees_of_outputs_are_outside_trees_of_arguments(mode):
    def fn(point, scale):
        return {"a": point.x * scale[0], "b": [np.sum(point.y) * point.x, scale[1]]}

    point, scale = Point(np.array([1.0, 2.0]), np.ones((2, 2))), (3.0, 4)
    J = da.jacobian(fn, (0, 1), mode=mode)(point, scale)
    assert list(J) == ["a", "b"]
    by_point, by_scale = J["a"]
    assert isinstance(by_point, Point)
    np.testing.assert_allclose(by_point.x, 3 * np.eye(2))
    np.testing.assert_allclose(by_point.y, np.zeros((2, 2, 2)))
    np.testing.assert_allclose(by_scale[0], point.x)
    np.testing.assert_allclose(by_scale[1], np.zeros(2))
    by_point, by_scale = J["b"][0]
    np.testing.assert_allclose(by_point.x, 4 * np.eye(2))
    np.testing.assert_allclose(by_point.y, np.array([1.0, 2.0])[:, None, None] * np.ones((2, 2)))
    by_point, by_scale = J["b"][1]
    np.testing.assert_allclose(by_point.x, np.zeros(2))
    assert by_scale == (0.0, 1.0)


@in_every_mode
def test_argnums_and_keywords(mode):
    def fn(a, b, *, power):
        return a * b**power

    a, b = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    np.testing.assert_allclose(da.jacobian(fn, 1, mode=mode)(a, b, power=2), np.diag(2 * a * b))
    both = da.jacobian(fn, (1, 0), mode=mode)(a, b, power=2)
    np.testing.assert_allclose(both[1], np.diag(b**2))
    value, J = da.value_and_jacobian(fn, -1, mode=mode)(a, b, power=1)
    np.testing.assert_allclose(value, a * b)
    np.testing.assert_allclose(J, np.diag(a))


@in_every_mode
@pytest.mark.parametrize("chunk_size", [None, 2])
@pytest.mark.parametrize("outputs", [1, 3, 7])
def test_the_function_is_evaluated_once_unless_forward_in_chunks(mode, chunk_size, outputs):
    calls = []

    def fn(x):
        calls.append(x)
        return np.stack([x[i % 3] * x[0] for i in range(outputs)])

    for transform in (da.jacobian, da.value_and_jacobian):
        calls.clear()
        transform(fn, mode=mode, chunk_size=chunk_size)(np.ones(3))
        assert len(calls) == (2 if mode == "forward" and chunk_size else 1)


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (3, 3), (2, 9), (5, 2), (1, 0), (0, 1)])
def test_auto_mode_sweeps_fewer_directions(inputs, outputs, monkeypatch):
    from dualad.transforms.products import Recording

    swept = []
    for name in ("push", "pull"):
        original = getattr(Recording, name)

        def spy(self, directions, lead=(), name=name, original=original):
            swept.append((name, lead))
            return original(self, directions, lead)

        monkeypatch.setattr(Recording, name, spy)
    _, fn = linear_map(np.random.default_rng(0), (outputs,), (inputs,))
    da.jacobian(fn)(np.ones(inputs))
    expected = ("push", (inputs,)) if inputs < outputs else ("pull", (outputs,))
    assert swept == [expected]
    explained = da.explain(fn, np.ones(inputs))
    assert explained.mode == {"push": "forward", "pull": "reverse"}[expected[0]]
    assert (explained.input_size, explained.output_size) == (inputs, outputs)


@in_every_mode
def test_sweeps_fit_the_memory_budget(mode, monkeypatch):
    monkeypatch.setattr(choice, "BUDGET", 20_000)
    widths = []
    n = 60

    def fn(x):
        return np.sin(x) * np.cos(x)

    from dualad.transforms import jacobian as module
    from dualad.transforms import spreading

    original = module.unit_directions

    def spy(values, first=0, count=None):
        found = original(values, first, count)
        widths.append(len(found[0]))
        return found

    monkeypatch.setattr(module, "unit_directions", spy)
    monkeypatch.setattr(spreading, "unit_directions", spy)
    J = da.jacobian(fn, mode=mode)(np.linspace(0, 1, n))
    np.testing.assert_allclose(J, np.diag(np.cos(2 * np.linspace(0, 1, n))), atol=ROUNDING)
    assert sum(widths) == n
    assert max(widths) * n * 8 <= 20_000
    assert max(widths) > 1
    widths.clear()
    da.jacobian(fn, mode=mode, chunk_size=n)(np.linspace(0, 1, n))
    assert widths == [n]


@in_every_mode
def test_gradients_in_forward_mode_fit_the_budget_too(mode, monkeypatch):
    monkeypatch.setattr(choice, "BUDGET", 20_000)
    x = np.linspace(0, 1, 60)
    np.testing.assert_allclose(da.grad(lambda y: np.sum(y**3), mode=mode)(x), 3 * x**2)


@in_every_mode
@given(a=arrays(dtypes=(complex,), max_ndim=1), seed=st.integers(0, 9))
def test_holomorphic_functions_have_a_complex_jacobian(mode, a, seed):
    A, fn = linear_map(np.random.default_rng(seed), (2,), a.shape, complex)
    J = da.jacobian(lambda z: fn(z * z), mode=mode)(a)
    np.testing.assert_allclose(J, 2 * A * a, rtol=ROUNDING, atol=ROUNDING)


@in_every_mode
@given(a=arrays(max_ndim=1), seed=st.integers(0, 9))
def test_complex_outputs_of_real_arguments_have_a_complex_jacobian(mode, a, seed):
    A, fn = linear_map(np.random.default_rng(seed), (2,), a.shape, complex)
    J = da.jacobian(fn, mode=mode)(a)
    np.testing.assert_allclose(J, A, rtol=ROUNDING, atol=ROUNDING)


@in_every_mode
def test_real_outputs_of_complex_arguments_follow_the_convention_of_grad(mode):
    def fn(z):
        return np.stack([np.real(z) ** 2, np.imag(z) * np.real(z)])

    x, y = 0.7, -1.2
    J = da.jacobian(fn, mode=mode)(complex(x, y))
    np.testing.assert_allclose(J, [2 * x, y - 1j * x], rtol=ROUNDING)
    gradient = da.grad(lambda z: fn(z)[1], mode=mode)(complex(x, y))
    np.testing.assert_allclose(J[1], gradient, rtol=ROUNDING)


@in_every_mode
def test_mixed_trees_of_real_and_complex(mode):
    def fn(tree):
        return {"z": tree["r"] * tree["z"] ** 2, "r": np.imag(tree["z"]) * tree["r"]}

    r, z = 2.0, 0.5 + 1.5j
    J = da.jacobian(fn, mode=mode)({"r": r, "z": z})
    np.testing.assert_allclose(J["z"]["r"], z**2)
    np.testing.assert_allclose(J["z"]["z"], 2 * r * z)
    np.testing.assert_allclose(J["r"]["r"], z.imag)
    np.testing.assert_allclose(J["r"]["z"], -1j * r)


@in_every_mode
def test_a_function_that_is_not_holomorphic_is_refused(mode):
    for fn in (np.conj, lambda z: z * np.conj(z), lambda z: np.real(z) + 0j):
        with pytest.raises(NotHolomorphicError):
            da.jacobian(fn, mode=mode)(1 + 2j)


@in_every_mode
@given(x=arrays(max_ndim=2), seed=st.integers(0, 9))
def test_hessian_is_symmetric_and_that_of_a_closed_form(mode, x, seed):
    # f = prod-free: sum(x)**3 / 6 + sum(x**4) / 12
    H = da.hessian(lambda y: np.sum(y) ** 3 / 6 + np.sum(y**4) / 12, mode=mode)(x)
    assert H.shape == x.shape * 2
    flat = np.reshape(H, (x.size, x.size))
    np.testing.assert_allclose(flat, np.diag(x.ravel() ** 2) + np.sum(x), atol=1e-10)
    np.testing.assert_allclose(flat, flat.T, atol=1e-12)


@in_every_mode
def test_hessian_of_trees_is_a_tree_of_trees(mode):
    def fn(tree, w):
        return np.sum(tree["a"] ** 2) * tree["b"] * w

    a, b, w = np.array([1.0, 2.0]), 3.0, 0.5
    H = da.hessian(fn, (0, 1), mode=mode)({"a": a, "b": b}, w)
    np.testing.assert_allclose(H[0]["a"][0]["a"], 2 * b * w * np.eye(2))
    np.testing.assert_allclose(H[0]["a"][0]["b"], 2 * a * w)
    np.testing.assert_allclose(H[0]["b"][0]["a"], 2 * a * w)
    np.testing.assert_allclose(H[0]["b"][1], np.sum(a**2))
    np.testing.assert_allclose(H[1][0]["a"], 2 * a * b)
    np.testing.assert_allclose(H[1][1], 0.0)


@given(x=arrays(max_ndim=2), seed=st.integers(0, 9))
def test_hvp_is_the_product_with_the_hessian(x, seed):
    def fn(y):
        return np.sum(np.sin(y) * np.sum(y**2))

    v = np.random.default_rng(seed).standard_normal(x.shape)
    H = da.hessian(fn)(x)
    (found,) = da.hvp(fn, (x,), (v,))
    expected = np.reshape(np.reshape(H, (x.size, x.size)) @ v.ravel(), x.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def test_hvp_of_several_trees_in_one_evaluation():
    calls = []

    def fn(tree, w):
        calls.append(0)
        return np.sum(tree["a"] ** 2) * tree["b"] * w

    a = np.array([1.0, 2.0])
    found = da.hvp(fn, ({"a": a, "b": 3.0}, 0.5), ({"a": np.ones(2), "b": None}, 2.0))
    assert len(calls) == 1
    np.testing.assert_allclose(found[0]["a"], 2 * 3.0 * 0.5 * np.ones(2) + 2 * a * 3.0 * 2.0)
    np.testing.assert_allclose(found[0]["b"], np.sum(2 * a) * 0.5 + np.sum(a**2) * 2.0)
    np.testing.assert_allclose(found[1], np.sum(2 * a) * 3.0)


def test_derivative_is_by_one_number_of_outputs_of_any_shape():
    def fn(a, t, power=1):
        return {"curve": np.stack([np.cos(t), np.sin(t)]) * a, "t": t**power}

    found = da.derivative(fn, 1)(2.0, 0.5, power=3)
    np.testing.assert_allclose(found["curve"], [-2 * np.sin(0.5), 2 * np.cos(0.5)])
    assert found["t"] == 0.75
    assert da.derivative(np.sin)(np.array(0.0)) == 1.0
    assert da.derivative(np.sin)(0) == 1.0
    assert da.derivative(lambda x: x**2)(1 + 1j) == 2 + 2j
    assert da.derivative(lambda x: x**2)(np.float32(1.5)).dtype == np.float32
    assert da.derivative(da.derivative(np.sin))(0.5) == -np.sin(0.5)


def test_derivative_evaluates_once():
    calls = []
    assert da.derivative(lambda x: calls.append(0) or x * x)(3.0) == 6.0
    assert len(calls) == 1


@in_every_mode
def test_an_output_that_does_not_depend_on_the_input_has_a_zero_block(mode):
    J = da.jacobian(lambda x: (x, np.ones((2, 2)), 3), mode=mode)(np.ones(3))
    np.testing.assert_array_equal(J[0], np.eye(3))
    np.testing.assert_array_equal(J[1], np.zeros((2, 2, 3)))
    np.testing.assert_array_equal(J[2], np.zeros(3))
    np.testing.assert_array_equal(
        da.hessian(lambda x: 1.0, mode=mode)(np.ones(2)), np.zeros((2, 2))
    )
    np.testing.assert_array_equal(
        da.hessian(lambda x: np.sum(x), mode=mode)(np.ones(2)), np.zeros((2, 2))
    )


@in_every_mode
def test_results_are_contiguous_and_may_be_changed(mode):
    x = np.array([1.0, 2.0])
    for fn in (
        lambda y: y,
        np.sum,
        lambda y: np.reshape(y, (2, 1)),
        lambda y: y[:1],
        lambda y: 2 * y,
    ):
        J = da.jacobian(fn, mode=mode)(x)
        assert J.flags.c_contiguous
        J[...] = 5.0
    J, K = da.jacobian(lambda y: (y, y), mode=mode)(x)
    J[...] = 5.0
    np.testing.assert_array_equal(K, np.eye(2))
    np.testing.assert_array_equal(x, [1.0, 2.0])
    da.jacobian(np.sum, mode=mode)(np.ones(1))[0] = 3.0


@in_every_mode
def test_a_jacobian_can_be_differentiated(mode):
    # tr J of (x * x0) is 3 x0 + x0: its gradient is 4 e_0
    def trace(x):
        J = da.jacobian(lambda y: y * y[0], mode=mode)(x)
        return J[0, 0] + J[1, 1] + J[2, 2]

    for outer in MODES:
        np.testing.assert_allclose(da.grad(trace, mode=outer)(np.ones(3)), [4.0, 0.0, 0.0])


def test_explain_tells_sizes_operations_costs_and_modes():
    calls = []

    def fn(x, scale=1.0):
        calls.append(0)
        return np.sum(np.sin(x) * x) * scale

    found = da.explain(fn, np.ones(100), scale=2.0)
    assert len(calls) == 1
    assert (found.input_size, found.output_size) == (100, 1)
    assert found.operations == 4
    assert found.elements == 202
    assert found.mode == found.grad_mode == "reverse"
    assert found.reverse_cost < found.forward_cost
    text = str(found)
    for part in ("100 inputs", "1 output,", "4 operations", "jacobian: reverse", "grad: reverse"):
        assert part in text
    assert da.explain(lambda x: np.stack([x, x]), 1.0).grad_mode == "forward"
    assert da.explain(lambda a, b: a * b, 1.0, np.ones(3), argnums=1).input_size == 3
    assert da.explain(lambda z: z, 1j).input_size == 2


@pytest.mark.parametrize("x", [1.0, 1j, np.ones(1), np.ones((1, 1)), np.ones(2), [1.0], (1.0, 2.0)])
def test_explain_tells_what_grad_does(x, monkeypatch):
    from dualad.transforms import gradient

    used = []
    for name in ("record", "forward"):
        original = getattr(gradient, name)
        monkeypatch.setattr(
            gradient, name, lambda *a, n=name, o=original, **k: used.append(n) or o(*a, **k)
        )

    def fn(tree):
        parts = tree if isinstance(tree, (list, tuple)) else [tree]
        return sum(np.sum(np.real(part)) for part in parts)

    da.grad(fn)(x)
    assert da.explain(fn, x).grad_mode == {"record": "reverse", "forward": "forward"}[used[0]]


PRECISIONS = [
    (np.float32, np.float64), (np.float64, np.float32), (np.float32, np.longdouble),
    (np.complex64, np.complex128), (np.int64, np.float32),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), PRECISIONS)
@pytest.mark.parametrize("mode", ["auto", "forward", "reverse", "mixed"])
def test_the_precision_is_the_wider_one_of_both_ends(before, after, mode):
    x = np.arange(1, 4).astype(before)
    wide = np.result_type(x if before is not np.int64 else float, after)
    for fn in (lambda x: (x * x).astype(after), lambda x: np.sum(x * x).astype(after)):
        assert da.jacobian(fn, mode=mode)(x).dtype == wide
