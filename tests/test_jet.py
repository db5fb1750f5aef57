"""`jet` and derivatives of higher order: against closed forms and nested transforms."""

import gc

import numpy as np
import pytest

import dualad as da
from dualad import extend
from dualad.core.row import name_of
from dualad.errors import EscapedError, NotScalarError, StructureError
from dualad.scipy import optimize
from dualad.testing.cases import random_case
from dualad.testing.samples import SAMPLES

NESTED = 1e-9  # of third derivatives, over their size; nested transforms round as well


def line(order):
    """Return the series of ``x + s`` up to an order."""
    return [1.0] + [None] * (order - 1)


def _every_sample():
    """Return pytest parameters for all samples of the table."""
    return [
        pytest.param(sample, id=f"{subject}:{name_of(sample.function)}-{i}")
        for subject, samples in SAMPLES.items()
        for i, sample in enumerate(samples)
    ]


def along(fn, directions):
    """Return the function that gives the derivative of `fn` along fixed directions."""
    return lambda *x: da.jvp(fn, x, directions)[1]


def nested(fn, x, v, a):
    """Return the derivatives of orders 1 to 3 along ``x + s v + s**2 / 2 a``, by nesting."""
    first, bent = along(fn, v), along(fn, a)
    second = along(first, v)
    third, mixed = along(second, v), along(first, a)
    yield first(*x)
    yield tuple(map(np.add, second(*x), bent(*x)))
    yield tuple(t + 3 * u for t, u in zip(third(*x), mixed(*x), strict=True))


@pytest.mark.parametrize("sample", _every_sample())
@pytest.mark.parametrize("seed", [0, 1])
def test_every_row_agrees_with_nested_dual_numbers(sample, seed):
    case = random_case(sample, seed, complex if sample.complex and seed else float)
    x = case.operands
    v, a = case.directions(x), case.directions(x)
    orders = 3 if sample.order > 1 else 1
    if not case.outputs():
        return
    series = tuple([*pair, None][:orders] for pair in zip(v, a, strict=True))
    _, found = da.jet(case.fn, x, series)
    with np.errstate(all="ignore"):
        for order, (terms, wanted) in enumerate(
            zip(found, nested(case.fn, x, v, a), strict=False), 1
        ):
            for t, reference in zip(terms, wanted, strict=True):
                assert t.shape == np.shape(reference)
                assert t.dtype == np.asarray(reference).dtype
                finite = np.isfinite(reference)
                scale = np.max(np.abs(reference), initial=1.0, where=finite)
                gap = np.abs(np.where(finite, t, 0) - np.where(finite, reference, 0))
                assert np.all(gap <= NESTED * 10**order * scale), order


def test_a_polynomial_ends_where_it_should_at_zero_too():
    _, terms = da.jet(lambda x: x**7 + 3 * x**2, (0.0,), (line(9),))
    assert [float(t) for t in terms] == [0, 6, 0, 0, 0, 0, 5040, 0, 0]


def test_terms_are_derivatives_and_not_divided_by_factorials():
    _, terms = da.jet(lambda x: x, (2.0,), ([3.0, 5.0, 7.0],))
    assert [float(t) for t in terms] == [3, 5, 7]
    _, terms = da.jet(np.square, (2.0,), ([3.0, 5.0, 7.0],))  # (x x)'' = 2 x'^2 + 2 x x''
    assert [float(t) for t in terms] == [12, 38, 118]


def test_several_arguments_and_trees():
    x, b = np.array([[2.0, 1.0], [0.5, 3.0]]), np.array([1.0, -1.0])

    def fn(point, b):
        return {"x": np.linalg.solve(point["A"], b), "twice": (2 * b, 1.0)}

    out, terms = da.jet(fn, ({"A": x}, b), ([{"A": np.eye(2)}, None], [None, b]))
    inverse = np.linalg.inv(x)
    np.testing.assert_allclose(out["x"], inverse @ b)
    np.testing.assert_allclose(terms[0]["x"], -inverse @ inverse @ b)
    np.testing.assert_allclose(terms[1]["x"], inverse @ b + 2 * inverse @ inverse @ inverse @ b)
    np.testing.assert_array_equal(terms[1]["twice"][0], 2 * b)
    assert terms[1]["twice"][1] == 0.0


def third(fn, x, v):
    return da.jet(fn, (x,), ([v, None, None],))[1][2]


def objective(x):
    return np.sum(np.sin(x) * np.exp(x[::-1])) + np.prod(x)


def test_nests_with_every_other_transform():
    rng = np.random.default_rng(1)
    x, v = rng.uniform(-1, 1, (2, 4))
    T = da.jacobian(da.hessian(objective))
    wanted = np.einsum("ijk,i,j,k", T(x), v, v, v)
    close = np.testing.assert_allclose
    close(third(objective, x, v), wanted)
    slope = np.einsum("ijkl,i,j,k->l", da.jacobian(T)(x), v, v, v)
    close(da.grad(lambda x: third(objective, x, v))(x), slope)
    close(da.jacfwd(lambda x: third(objective, x, v))(x), slope)
    close(da.jet(da.grad(objective), (x,), ([v, None],))[1][1], np.einsum("ijk,i,j", T(x), v, v))
    close(da.jet(da.hessian(objective), (x,), ([v],))[1][0], T(x) @ v)
    pushed = da.jet(lambda x: da.jvp(objective, (x,), (v,))[1], (x,), ([v, None],))
    close(pushed[1][1], wanted)
    twice = da.jet(lambda x: da.jet(objective, (x,), ([v],))[1][0], (x,), ([v, None],))
    close(twice[1][1], wanted)


def filled(t):
    """Return an array that is written into, also by way of views."""
    y = np.zeros_like(t * np.ones(4))
    y[0] = t
    part = y[1:3]
    part[...] = t**2
    y += np.sin(t)
    part *= 2
    square = y.reshape(2, 2)
    square[1] = square[0] * t
    np.multiply(y, t, out=y)
    y[[0, 0]] = np.stack([t, t * t])
    return y


def test_follows_updates_in_place():
    wanted = da.derivative(da.derivative(da.derivative(filled)))(0.4)
    np.testing.assert_allclose(da.jet(filled, (0.4,), (line(3),))[1][2], wanted)
    x = np.array([1.0, 2.0])
    da.jet(lambda x: x.__setitem__(0, 3.0) or x, (x,), ([np.ones(2)],))
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_custom_rules_and_checkpoints_have_series():
    f = da.custom_jvp(lambda x: np.sin(x))
    f.defjvp(lambda primals, tangents: (f(*primals), np.cos(primals[0]) * tangents[0]))
    g = da.custom_vjp(lambda x: np.sin(x))
    g.defvjp(lambda x: (g(x), x), lambda x, ct: (ct * np.cos(x),))
    wanted = da.jet(np.sin, (0.4,), (line(5),))[1]
    for fn in (f, g, da.checkpoint(np.sin)):
        np.testing.assert_allclose(da.jet(fn, (0.4,), (line(5),))[1], wanted)


def test_a_zero_slope_is_not_lost_in_an_infinite_partial():
    _, terms = da.jet(lambda x: np.where(x > 0, np.sqrt(x), 0), (np.zeros(2),), ([np.ones(2)],))
    np.testing.assert_array_equal(terms[0], [0.0, 0.0])


def test_a_zero_direction_wins_over_an_infinite_partial():
    x, v = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    _, terms = da.jet(np.sqrt, (x,), ([v, None],))
    np.testing.assert_array_equal(terms, [[0.0, 0.5], [0.0, -0.25]])


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128", "longdouble"])
def test_keeps_dtype(dtype):
    x = np.full(3, 0.5, dtype)
    y, terms = da.jet(lambda x: np.exp(x) * x**3, (x,), ([np.ones(3, dtype), None],))
    assert y.dtype == terms[0].dtype == terms[1].dtype == dtype


def test_terms_are_arrays_of_their_own():
    x, v = np.ones(3), np.ones(3)
    _, terms = da.jet(lambda x: (x, x + 1, np.broadcast_to(np.sum(x), 3)), (x,), ([v, v],))
    for leaf in (*terms[0], *terms[1]):
        leaf[0] = 7.0
    np.testing.assert_array_equal(v, np.ones(3))


def test_order_zero_is_the_value():
    assert da.jet(np.square, (3.0,), ([],)) == (9.0, [])


def test_a_long_loop_needs_no_recursion_and_leaves_no_cycles():
    def loop(t):
        for _ in range(3000):
            t = t + 1e-3 * np.sin(t)
        return t

    gc.collect()
    gc.disable()
    try:
        da.jet(loop, (0.4,), (line(3),))
        da.jet(lambda t: np.exp(np.tanh(t) / t) ** 2.5, (0.4,), (line(8),))
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_number_of_products_is_quadratic_in_the_order(monkeypatch):
    from dualad.transforms import series

    counts = []
    plus = series.plus

    def counted(a, b):
        counts[-1] += 1
        return plus(a, b)

    monkeypatch.setattr(series, "plus", counted)
    for order in (8, 16, 32):
        counts.append(0)
        da.jet(lambda x: np.tanh(np.sin(x) * np.exp(-x) / (1 + x * x)), (0.3,), (line(order),))
    assert counts[1] < 4.5 * counts[0]
    assert counts[2] < 4.5 * counts[1]


def test_functions_whose_derivatives_are_of_their_own_family_cost_no_more():
    """Each of the family is computed once: two beside each would be ``2**30`` in all."""
    from scipy.special import jv, jvp

    calls = []

    @extend.dispatching
    def bessel(n, x):
        calls.append(n)
        return jv(n, x)

    slope = lambda y, n, x: (bessel(n - 1, x) - bessel(n + 1, x)) / 2
    extend.declare(extend.elementwise(bessel, None, slope))
    _, terms = da.jet(lambda x: bessel(2.0, x), (1.3,), (line(30),))
    assert len(calls) < 100
    wanted = [jvp(2, 1.3, k) for k in (1, 5, 12)]
    np.testing.assert_allclose([terms[k - 1] for k in (1, 5, 12)], wanted)


def test_higher_derivatives_by_one_number():
    fn = lambda t: np.stack([np.cos(t), t**4])
    np.testing.assert_array_equal(da.derivative(fn, order=0)(0.5), fn(0.5))
    np.testing.assert_allclose(da.derivative(fn, order=1)(0.5), [-np.sin(0.5), 0.5])
    np.testing.assert_allclose(da.derivative(fn, order=3)(0.5), [np.sin(0.5), 12.0])
    second = da.derivative(lambda a, t, *, b: a * b * t**3, 1, order=2)
    assert second(2.0, 5, b=3.0) == 180.0
    z = da.derivative(np.exp, order=4)(1j)
    np.testing.assert_allclose(z, np.exp(1j))
    with pytest.raises(NotScalarError, match="array of shape"):
        da.derivative(np.sin, order=2)(np.ones(2))


@pytest.mark.parametrize("order", [-1, 1.5, True, None])
def test_an_order_is_a_natural_number(order):
    with pytest.raises(ValueError, match="how many times to differentiate"):
        da.derivative(np.sin, order=order)


@pytest.mark.parametrize(
    ("primals", "series", "text"),
    [
        ((1.0, 2.0), ([1.0],), "one list for each of 2"),
        ((1.0, 2.0), ([1.0], [1.0, 2.0]), "lengths \\[1, 2\\]"),
        ((1.0,), (1.0,), "a list with one item"),
        ((np.ones(2),), ([np.ones(3)],), "order 1"),
        ((np.ones(2),), ([np.ones(2), np.ones(3)],), "order 2"),
        (((1.0, 2.0),), ([(1.0,)],), "order 1"),
        ((1.0,), ([1j],), "real"),
    ],
)
def test_series_that_do_not_fit(primals, series, text):
    with pytest.raises(StructureError, match=text):
        da.jet(lambda *x: x, primals, series)


def test_a_series_that_escapes_raises():
    kept = []
    da.jet(lambda x: kept.append(x) or x, (1.0,), ([1.0],))
    with pytest.raises(EscapedError):
        np.sin(kept[0])


def cube_root(c):
    return optimize.brentq(lambda x: x**3 - c, 0.1, 10.0)


def cube_root_of_a_vector(c):
    return optimize.fsolve(lambda x: np.stack([x[0] ** 3 - c, x[1] - x[0]]), np.ones(2))[1]


@pytest.mark.parametrize("root", [cube_root, cube_root_of_a_vector])
def test_a_root_has_derivatives_of_all_orders(root):
    wanted = 1.0
    for k in range(1, 7):
        wanted *= 1 / 3 - (k - 1)
        found = da.derivative(root, order=k)(5.0)
        assert np.isclose(found, wanted * 5.0 ** (1 / 3 - k), rtol=1e-9), k
