"""`custom_jvp`, `custom_vjp` and `checkpoint`: functions that a trace sees as one operation."""

import gc
import pickle
import threading
import tracemalloc

import numpy as np
import pytest

import dualad as da
from dualad.errors import (
    ClosureError,
    DualadError,
    NotLinearError,
    OutputTypeError,
    RecomputationError,
    StructureError,
    TracedParameterError,
)
from dualad.testing import check_grads

rng = np.random.default_rng(5)
A = rng.uniform(-1, 1, (3, 3))
X = rng.uniform(-1, 1, 3)


def plain(x, A):
    """Return several outputs of several arguments, in a tree."""
    return {"s": np.sin(A @ x), "t": np.sum(x**2)}


def with_jvp():
    f = da.custom_jvp(plain)

    @f.defjvp
    def rule(primals, tangents):
        (x, A), (tx, tA) = primals, tangents
        slope = {"s": np.cos(A @ x) * (tA @ x + A @ tx), "t": 2 * np.sum(x * tx)}
        return f(x, A), slope

    return f


def with_vjp():
    f = da.custom_vjp(plain)

    def bwd(residuals, ct):
        x, A = residuals
        u = ct["s"] * np.cos(A @ x)
        return A.T @ u + 2 * x * ct["t"], np.outer(u, x)

    f.defvjp(lambda x, A: (f(x, A), (x, A)), bwd)
    return f


MADE = {
    "custom_jvp": with_jvp,
    "custom_vjp": with_vjp,
    "checkpoint": lambda: da.checkpoint(plain),
    "nested checkpoint": lambda: da.checkpoint(da.checkpoint(plain)),
    "checkpoint of custom_jvp": lambda: da.checkpoint(with_jvp()),
    "checkpoint of custom_vjp": lambda: da.checkpoint(with_vjp()),
}
made = pytest.mark.parametrize("make", MADE.values(), ids=MADE)


def scalar(f):
    """Return a number that depends on both outputs of `f`, called twice."""
    return lambda x, A: np.sum(f(x, A)["s"] ** 2) * f(2 * x, A)["t"]


def close(found, wanted):
    """Compare trees."""
    if isinstance(wanted, dict):
        wanted, found = list(wanted.values()), [found[key] for key in wanted]
    if isinstance(wanted, (tuple, list)):
        assert len(found) == len(wanted)
        for pair in zip(found, wanted, strict=True):
            close(*pair)
    else:
        assert np.shape(found) == np.shape(wanted)
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


@made
def test_first_derivatives_in_both_modes(make):
    f, both = make(), (0, 1)
    close(f(X, A), plain(X, A))
    close(da.grad(scalar(f), both)(X, A), da.grad(scalar(plain), both)(X, A))
    for jacobian in (da.jacfwd, da.jacrev, da.jacobian):
        close(jacobian(f, both)(X, A), jacobian(plain, both)(X, A))
    close(da.jvp(f, (X, A), (X, A)), da.jvp(plain, (X, A), (X, A)))
    ct = {"s": X, "t": 2.0}
    close(da.vjp(f, X, A)[1](ct), da.vjp(plain, X, A)[1](ct))
    close(da.linearize(f, X, A)[1](X, A), da.linearize(plain, X, A)[1](X, A))
    check_grads(f, X, A)


@made
@pytest.mark.parametrize("outer", [da.jacfwd, da.jacrev])
@pytest.mark.parametrize("inner", [da.jacfwd, da.jacrev])
def test_second_derivatives_in_all_mixtures(make, outer, inner):
    close(outer(inner(scalar(make())))(X, A), da.hessian(scalar(plain))(X, A))


@made
def test_third_derivatives(make):
    wanted = da.jacfwd(da.hessian(scalar(plain)))(X, A)
    close(da.jacfwd(da.hessian(scalar(make())))(X, A), wanted)
    close(da.jacrev(da.jacfwd(da.jacrev(scalar(make()))))(X, A), wanted)


def test_the_rule_is_what_counts():
    wrong = da.custom_jvp(np.sin)
    wrong.defjvp(lambda primals, tangents: (np.sin(primals[0]), 7.0 * tangents[0]))
    assert da.grad(wrong)(0.3) == da.derivative(wrong)(0.3) == 7.0
    wrong = da.custom_vjp(np.sin)
    wrong.defvjp(lambda x: (np.sin(x), None), lambda _, ct: (7.0 * ct,))
    assert da.grad(wrong)(0.3) == da.derivative(wrong)(0.3) == 7.0
    np.testing.assert_array_equal(da.jacobian(wrong)(X), 7.0 * np.eye(3))


def test_opaque_code_inside():
    """What is computed need not be NumPy's: only the rule is differentiated."""
    import math

    f = da.custom_jvp(lambda x: math.erf(float(x)))
    scale = 2 / np.sqrt(np.pi)
    f.defjvp(lambda primals, tangents: (
        f(*primals), scale * np.exp(-primals[0] ** 2) * tangents[0]))  # fmt: skip
    check_grads(f, 0.4)
    assert da.grad(da.grad(f))(0.4) == pytest.approx(-0.8 * scale * np.exp(-0.16))


def test_settings_come_first_and_have_no_derivative():
    power = da.custom_jvp(lambda n, x, m: x**n * m, nondiff_argnums=(0, 2))

    @power.defjvp
    def rule(n, m, primals, tangents):
        (x,), (t,) = primals, tangents
        return power(n, x, m), n * power(n - 1, x, m) * t

    assert da.grad(power, 1)(3, 2.0, 10) == 120.0
    assert da.derivative(da.derivative(power, 1), 1)(3, 2.0, 10) == 120.0
    with pytest.raises(TracedParameterError):
        da.grad(power, 2)(3, 2.0, 10.0)
    scale = da.custom_vjp(lambda k, x: k() * x, nondiff_argnums=0)
    scale.defvjp(lambda k, x: (k() * x, None), lambda k, _, ct: (k() * ct,))
    assert da.grad(scale, 1)(lambda: 4.0, 2.0) == 4.0


def test_keywords_and_defaults_stand_at_their_positions():
    seen = []
    f = da.custom_jvp(lambda x, y=2.0, z=3.0: x * y * z)

    @f.defjvp
    def rule(primals, tangents):
        seen.append(len(primals))
        (x, y, z), (tx, ty, tz) = primals, tangents
        return f(x, y, z), tx * y * z + x * ty * z + x * y * tz

    assert da.grad(f)(5.0) == 6.0
    assert da.grad(lambda a: f(z=a, x=5.0))(1.0) == 10.0
    assert set(seen) == {3}
    assert da.grad(lambda a: da.checkpoint(lambda x, *, k: x * k)(3.0, k=a))(1.0) == 3.0


def test_what_is_constant_has_a_zero_tangent():
    f = da.custom_jvp(lambda x, w, n, name: x * w)

    @f.defjvp
    def rule(primals, tangents):
        x, w, _, name = primals
        assert name == "k"
        assert tangents[3] is None
        assert np.all(tangents[1] == 0)
        assert tangents[2] == 0
        return x * w, tangents[0] * w + x * tangents[1]

    np.testing.assert_array_equal(da.jacobian(f)(X, X, 3, "k"), np.diag(X))


def test_a_missing_cotangent_is_zero():
    f = da.custom_vjp(lambda x, y: x * y)
    f.defvjp(lambda x, y: (x * y, y), lambda y, ct: (ct * y, None))
    assert da.grad(f, (0, 1))(2.0, 3.0) == (3.0, 0.0)


def test_other_arrays_may_change_afterwards():
    f, w = da.checkpoint(lambda x, w: x * w), np.ones(3)
    _, pull = da.vjp(lambda x: f(x, w), X)
    w[:] = 100.0
    np.testing.assert_array_equal(pull(np.ones(3))[0], np.ones(3))


@pytest.mark.parametrize("dtype", ["float32", "longdouble", "complex128"])
def test_keeps_dtype(dtype):
    x = X.astype(dtype)
    for make in MADE.values():
        close(da.jacobian(make())(x, A), da.jacobian(plain)(x, A))
        assert da.jacobian(make())(x, A)["s"].dtype == da.jacobian(plain)(x, A)["s"].dtype


def test_outputs_that_share_memory_with_arguments():
    same = da.checkpoint(lambda x: x)

    def fn(x, f):
        y = f(x)
        y[0] = 5.0 * x[1]
        return np.sum(y * x)

    x = X.copy()
    close(da.grad(fn)(x, same), da.grad(fn)(x, np.copy))
    close(da.jacfwd(fn)(x, same), da.jacfwd(fn)(x, np.copy))
    np.testing.assert_array_equal(x, X)


def test_a_write_into_an_argument_is_refused():
    def fill(x):
        x[0] = 1.0
        return x

    x = X.copy()
    with pytest.raises(ValueError, match="read-only"):
        da.grad(da.checkpoint(fill))(x)
    np.testing.assert_array_equal(x, X)
    close(da.hessian(lambda x: np.sum(da.checkpoint(lambda x: fill(x.copy()) ** 3)(x)))(x),
          np.diag([0.0, *(6 * X[1:])]))  # fmt: skip


def test_a_write_in_a_rule_stays_there():
    """Values of a lower level, too, are passed so that a write does not reach them."""

    def fwd(x):
        x[0] = 0.0
        return np.sum(x**3), x

    f = da.custom_vjp(lambda x: np.sum(x[1:] ** 3))
    f.defvjp(fwd, lambda x, ct: (3 * ct * x**2,))
    found = da.jacfwd(da.grad(lambda x: f(x) + x[0] ** 2))(X)
    close(found, np.diag([2.0, *(6 * X[1:])]))


def test_a_rule_serves_all_directions_at_once():
    calls = []
    f = da.custom_vjp(lambda x: np.sin(x))
    f.defvjp(lambda x: (f(x), x), lambda x, ct: calls.append(0) or (ct * np.cos(x),))
    x = np.linspace(0, 1, 50)
    close(da.jacrev(f)(x), np.diag(np.cos(x)))
    assert len(calls) == 1


# rules that are not linear


def limited():
    """Return the identity, with a limit to its cotangent."""
    f = da.custom_vjp(lambda x: 1.0 * x)
    f.defvjp(lambda x: (1.0 * x, None), lambda _, ct: (np.clip(ct, -1, 1),))
    return f


def test_a_vjp_that_is_not_linear_serves_reverse_mode():
    f, x = limited(), np.array([0.2, 5.0])
    np.testing.assert_array_equal(da.grad(lambda x: f(x) ** 2)(x), [0.4, 1.0])
    wanted = [[0.5, 0.0], [0.0, 1.0]]  # each row by itself, not as its derivative at one place
    scale = np.array([0.5, 7.0])
    np.testing.assert_array_equal(da.jacrev(lambda x: f(x) * scale)(x), wanted)
    assert da.jacrev(lambda x: f(x)[:0])(x).shape == (0, 2)
    for transform in (da.jacfwd, lambda fn: lambda x: da.jvp(fn, (x,), (x,))):
        with pytest.raises(NotLinearError, match="serves one mode only"):
            transform(f)(x)
    with pytest.raises(NotLinearError):
        da.grad(f)(3.0)
    assert da.grad(lambda x: f(x) * 9.0, mode="reverse")(3.0) == 1.0


@pytest.mark.parametrize("bend", [np.tanh, np.square, np.round, lambda t: np.minimum(t, 2.0)])
def test_a_jvp_that_is_not_linear_has_no_reverse_mode(bend):
    f = da.custom_jvp(lambda x: 1.0 * x)
    f.defjvp(lambda primals, tangents: (1.0 * primals[0], bend(tangents[0])))
    np.testing.assert_array_equal(da.jvp(f, (X,), (7 * X,))[1], bend(7 * X))
    np.testing.assert_allclose(da.jacfwd(f)(X), bend(np.eye(3)))
    with pytest.raises(NotLinearError):
        da.jacrev(f)(X)


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_linear_rules_pass_for_linear(dtype):
    """However large their factors differ, and in any precision."""
    scale = np.array([1e-12, 1.0, 1e12]).astype(dtype) * (1 + 1j if dtype[0] == "c" else 1)
    f = da.custom_jvp(lambda x: np.cumsum(scale * x))
    f.defjvp(lambda primals, tangents: (f(*primals), np.cumsum(scale * tangents[0])))
    g = da.custom_vjp(lambda x: np.cumsum(scale * x))
    g.defvjp(lambda x: (g(x), None), lambda _, ct: (scale * np.cumsum(ct[::-1])[::-1],))
    x = X.astype(dtype)
    wanted = np.tril(np.ones((3, 3))) * scale
    for fn in (f, g):
        for jacobian in (da.jacfwd, da.jacrev):
            np.testing.assert_allclose(jacobian(fn)(x), wanted, rtol=1e-6)


# rules that do not fit


def test_a_missing_rule():
    f, g = da.custom_jvp(plain), da.custom_vjp(plain)
    close(f(X, A), plain(X, A))
    for h in (f, g):
        with pytest.raises(TypeError, match="has no rule yet"):
            da.grad(scalar(h))(X, A)


@pytest.mark.parametrize("transform", [da.grad, da.derivative])
@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (lambda p, t: (p[0], np.ones(2)), r"should be \(\), but is \(2,\)"),
        (lambda p, t: (p[0], (t[0],)), "should be a number or an array"),
        (lambda p, t: p[0], "should be a pair"),
    ],
)
def test_a_jvp_of_the_wrong_shape(transform, rule, text):
    f = da.custom_jvp(lambda x: 2 * x)
    f.defjvp(rule)
    with pytest.raises(StructureError, match=text):
        transform(f)(2.0)


@pytest.mark.parametrize("transform", [da.jacrev, da.jacfwd])
@pytest.mark.parametrize(
    ("fwd", "bwd", "text"),
    [
        (lambda x, y: (x, None), lambda _, ct: ct, r"a tuple with \[0\], \[1\]"),
        (lambda x, y: (x, None), lambda _, ct: (ct,), r"a tuple with \[0\], \[1\]"),
        (lambda x, y: (x, None), lambda _, ct: (np.ones(2), None), r"\(3,\), but is \(2,\)"),
        (lambda x, y: x, lambda _, ct: (ct, ct), "should be a pair"),
    ],
)
def test_a_vjp_of_the_wrong_shape(transform, fwd, bwd, text):
    f = da.custom_vjp(lambda x, y: x)
    f.defvjp(fwd, bwd)
    with pytest.raises(StructureError, match=text):
        transform(f)(X, X)


def hidden_in_function(a):
    f = da.custom_jvp(lambda x: x * a)
    f.defjvp(lambda p, t: (p[0], t[0]))
    return f(a)


def hidden_in_jvp(a):
    f = da.custom_jvp(lambda x: x * 2)
    f.defjvp(lambda p, t: (p[0], t[0] * a))
    return f(a)


def hidden_in_fwd(a):
    f = da.custom_vjp(lambda x: x * 2)
    f.defvjp(lambda x: (x * 2, a), lambda r, ct: (ct * r,))
    return f(a)


def hidden_in_bwd(a):
    f = da.custom_vjp(lambda x: x * 2)
    f.defvjp(lambda x: (x * 2, None), lambda r, ct: (ct * a,))
    return f(a)


def hidden_in_checkpoint(a):
    return da.checkpoint(lambda x: x * a)(2 * a)


@pytest.mark.parametrize("fn", [hidden_in_function, hidden_in_jvp, hidden_in_fwd, hidden_in_bwd,
                                hidden_in_checkpoint])  # fmt: skip
@pytest.mark.parametrize("transform", [
    da.grad, da.derivative, lambda fn: da.grad(da.grad(fn)), lambda fn: da.derivative(da.grad(fn)),
    lambda fn: da.grad(lambda b: da.derivative(lambda a: fn(a) * b)(2.0)),
])  # fmt: skip
def test_a_derivative_through_a_closure_is_never_lost(fn, transform):
    with pytest.raises(DualadError):  # of a pull after the trace: an EscapedError
        transform(fn)(2.0)


def test_the_message_of_a_closure():
    with pytest.raises(ClosureError, match=r"made by dualad\.checkpoint, uses a traced value"):
        da.grad(hidden_in_checkpoint)(2.0)


def test_an_output_without_numbers():
    with pytest.raises(OutputTypeError, match="without numbers"):
        da.grad(da.checkpoint(lambda x: "nothing"))(1.0)


def test_a_checkpoint_that_computes_something_else_the_second_time():
    draws = np.random.default_rng(0)
    noisy = da.checkpoint(lambda x: x * draws.normal())
    for transform, x in ((da.grad, np.ones(2)), (da.derivative, 2.0)):
        with pytest.raises(RecomputationError, match="other values"):
            transform(noisy)(x)


# memory, threads, pickles


def step(x):
    for _ in range(20):
        x = np.sin(x) * 1.01 + x * 0.1
    return x


def peak(fn, x):
    """Return the gradient's peak of memory, in arrays."""
    gc.collect()
    tracemalloc.start()
    found = da.grad(fn)(x)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return found, most / x.nbytes


def test_a_checkpoint_saves_memory():
    def chain(step):
        def fn(x):
            for _ in range(10):
                x = step(x)
            return np.sum(x)

        return fn

    x = np.linspace(0, 1, 20_000)
    wanted, whole = peak(chain(step), x)
    found, saved = peak(chain(da.checkpoint(step)), x)
    np.testing.assert_array_equal(found, wanted)
    assert whole > 150
    assert saved < 50


def test_a_vjp_keeps_its_residuals_only():
    f = da.custom_vjp(lambda x: x + 1.0)
    f.defvjp(lambda x: (x + 1.0, None), lambda _, ct: (ct,))

    def fn(x):
        for _ in range(30):
            x = f(x)
        return np.sum(x)

    _, most = peak(fn, np.ones(20_000))
    assert most < 15


def test_leaves_no_cycles():
    gc.collect()
    gc.disable()
    try:
        for make in MADE.values():
            f = scalar(make())
            del f
        gc.collect()
        fs = [scalar(make()) for make in MADE.values()]
        for f in fs:
            da.grad(f)(X, A)
        assert gc.collect() == 0
    finally:
        gc.enable()


@da.checkpoint
def pickled(x):
    return x**2


@da.custom_jvp
def cubed(x):
    return x**3


@cubed.defjvp
def _rule(primals, tangents):
    return cubed(*primals), 3 * primals[0] ** 2 * tangents[0]


def square(x):
    return x**2


def test_pickles():
    for fn, slope in ((pickled, 4.0), (cubed, 12.0), (da.checkpoint(square), 4.0)):
        assert da.grad(fn)(2.0) == slope
        again = pickle.loads(pickle.dumps(fn))
        assert da.grad(again)(2.0) == slope
    assert pickle.loads(pickle.dumps(da.grad(cubed)))(2.0) == 12.0
    assert cubed.__name__ == "cubed"


def test_may_be_called_from_many_threads():
    f, found = with_vjp(), {}

    def run(i):
        for _ in range(20):
            found[i] = da.grad(scalar(f))(X * i, A)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i in range(1, 5):
        close(found[i], da.grad(scalar(plain))(X * i, A))
