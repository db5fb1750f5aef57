"""Rows that users declare: what the message of `MissingRowError` says works, for every kind."""

import inspect
import re

import numpy as np
import pytest
from scipy import special

import dualad as da
from dualad import extend
from dualad.errors import DuplicateRowError, MissingRowError, TracedParameterError, UfuncMethodError
from dualad.testing import check_grads

X = np.array([0.5, 1.5, -2.0])


def quoted(message, pattern):
    """Return the code in a message that matches a pattern."""
    found = re.search(pattern, message)
    assert found, message
    return found.group()


def test_a_ufunc_without_a_row_can_be_given_one():
    log1pmx = special._ufuncs._log1pmx  # log(1 + x) - x, which SciPy keeps to itself
    for x in (0.5, np.abs(X)):
        with pytest.raises(
            MissingRowError, match=r"^_log1pmx met .* declare a row: dualad\.extend"
        ):
            da.grad(lambda y: np.sum(log1pmx(y)))(x)
    extend.declare(extend.elementwise(log1pmx, lambda y, x: -x / (1 + x)))
    check_grads(log1pmx, np.abs(X))
    check_grads(log1pmx, 0.5)


def test_every_name_in_the_messages_exists():
    messages = [
        str(MissingRowError("mine.f", (3,))),
        str(UfuncMethodError("numpy.hypot", "reduce")),
    ]
    for message in messages:
        for name in re.findall(r"dualad\.extend\.(\w+)", message):
            assert name in extend.__all__


def test_the_line_in_the_message_works_as_it_stands():
    """With the function's name and the formula filled in."""

    @extend.dispatching
    def cube(x):
        return np.asarray(x, float) ** 3

    with pytest.raises(MissingRowError) as caught:
        da.grad(cube)(2.0)
    line = quoted(str(caught.value), r"dualad\.extend\.declare\(.*lambda y, x: \.\.\.\)\)")
    name = quoted(line, r"(?<=elementwise\()[^,]+")
    assert name.endswith("cube")
    line = line.replace(name, "cube").replace("...", "3 * x**2")
    exec(line, {"dualad": da, "cube": cube})
    assert da.grad(cube)(2.0) == 12.0
    check_grads(cube, X)


def test_a_plain_call_is_untouched():
    @extend.dispatching
    def f(x, n=1, *, scale=2.0):
        """Return a product."""
        return x * n * scale

    assert f(3.0) == 6.0
    assert f(3.0, n=2, scale=1.0) == 6.0
    assert f.__name__ == "f"
    assert f.__doc__ == "Return a product."
    assert list(inspect.signature(f).parameters) == ["x", "n", "scale"]
    with pytest.raises(TypeError, match="missing 1 required"):
        f()


def blind(fn):
    """Return `fn` so that it fails on traced values, as compiled code does."""

    def call(*args, **kwargs):
        def seen(x):
            if isinstance(x, (list, tuple)):
                return [seen(part) for part in x]
            return np.array(x, dtype=float) if np.ndim(x) else float(x)

        return fn(*map(seen, args), **kwargs)

    return call


def test_elementwise():
    @extend.dispatching
    def hypot(a, b):
        return blind(np.hypot)(a, b)

    extend.declare(extend.elementwise(hypot, lambda y, a, b: a / y, lambda y, a, b: b / y))
    check_grads(hypot, X, 1.3)
    check_grads(lambda a: hypot(a, X), 0.7)
    check_grads(lambda b: hypot(X[:, None], b), X)
    np.testing.assert_allclose(da.hessian(lambda x: hypot(x[0], x[1]))(np.array([3.0, 4.0])),
                               np.array([[16, -12], [-12, 9]]) / 125)  # fmt: skip


def test_elementwise_with_constant_and_absent_partials():
    @extend.dispatching
    def f(a, b, c):
        return blind(lambda a, b, c: 2 * a - b + np.floor(c))(a, b, c)

    extend.declare(extend.elementwise(f, 2, -1, None))
    check_grads(lambda a, b: f(a, b, 0.5), X, X[::-1])
    np.testing.assert_array_equal(da.grad(f, 2)(X, X, X + 0.25), np.zeros(3))


def test_linear_with_and_without_help_for_directions():
    A = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, -1.0]])

    @extend.dispatching
    def looped(x):
        return blind(lambda x: A @ x)(x)

    @extend.dispatching
    def pushed(x, scale=1.0):
        return blind(lambda x: scale * (A @ x))(x)

    extend.declare(
        extend.linear(looped, lambda ct, y, x: ct @ A),
        extend.linear(
            pushed,
            lambda ct, y, x, scale=1.0: scale * ct @ A,
            push=lambda t, y, x, scale=1.0: scale * t @ extend.mT(A),
        ),
    )
    check_grads(looped, X)
    check_grads(lambda x: pushed(x, 3.0) * x[0], X)
    check_grads(lambda x: pushed(x, scale=3.0), X)
    np.testing.assert_allclose(da.jacobian(looped)(X), A)


def test_linear_with_an_axis():
    @extend.dispatching
    def total(x, axis=None):
        return blind(np.sum)(x, axis=axis)

    extend.declare(
        extend.linear(
            total,
            lambda ct, y, x, axis=None: np.broadcast_to(
                np.expand_dims(ct, extend.trailing(axis, x.ndim)),
                extend.lead(ct, y) + x.shape,
            ),
            push=lambda t, y, x, axis=None: np.sum(
                t, extend.trailing(axis, len(extend.shape_of(x)))
            ),
        )
    )
    x = np.arange(6.0).reshape(2, 3)
    for axis in (None, 0, -1, (0, 1)):
        check_grads(lambda z, a=axis: total(z, axis=a) ** 2, x)
        check_grads(lambda z, a=axis: total(z, a) ** 2, x)


def test_multilinear():
    @extend.dispatching
    def bilinear(a, b):
        return blind(lambda a, b: np.sum(a * b) * np.ones(2))(a, b)

    def transpose(ct, other):
        return np.sum(ct, axis=-1, keepdims=True) * other

    extend.declare(
        extend.multilinear(
            bilinear, lambda ct, y, a, b: transpose(ct, b), lambda ct, y, a, b: transpose(ct, a)
        )
    )
    check_grads(bilinear, X, X**2)
    check_grads(lambda x: bilinear(x, x), X)


def test_joining():
    @extend.dispatching
    def thrice(arrays, axis=0):
        return blind(lambda arrays: 3 * np.stack(arrays, axis))(arrays)

    def from_end(y, axis=0):
        return {"axis": extend.trailing(axis, len(extend.shape_of(y)))}

    extend.declare(
        extend.joining(
            thrice,
            lambda ct, y, arrays, axis=0: [
                3 * np.take(ct, i, **from_end(y, axis)) for i in range(len(arrays))
            ],
            directions=from_end,
        )
    )
    np.testing.assert_array_equal(thrice([X, X]), 3 * np.stack([X, X]))
    expected = np.stack([3 * np.eye(3), 0 * np.eye(3), 6 * np.eye(3)])
    for mode in ("forward", "reverse"):
        found = da.jacobian(lambda x: thrice([x, X, 2 * x]), mode=mode)(X)
        np.testing.assert_allclose(found, expected)
        found = da.jacobian(lambda x: thrice([x, X, 2 * x], axis=1), mode=mode)(X)
        np.testing.assert_allclose(found, np.moveaxis(expected, 0, 1))


def test_general_from_a_jvp_a_vjp_or_both():
    def softmax(x):
        e = np.exp(x - np.max(x))
        return e / np.sum(e)

    def product(t, y, x):  # the Jacobian is symmetric
        return y * (t - np.sum(y * t, axis=-1, keepdims=True))

    for rules in ({"jvps": [product]}, {"vjps": [product]}, {"jvps": [product], "vjps": [product]}):
        fn = extend.dispatching(blind(softmax))
        extend.declare(extend.general(fn, **rules))
        check_grads(fn, X)


def test_general_with_several_outputs_and_operands():
    @extend.dispatching
    def polar(a, b):
        return blind(lambda a, b: (np.hypot(a, b), np.arctan2(b, a)))(a, b)

    extend.declare(
        extend.general(
            polar,
            jvps=[
                lambda t, y, a, b: (t * a / y[0], -t * b / y[0] ** 2),
                lambda t, y, a, b: (t * b / y[0], t * a / y[0] ** 2),
            ],
        )
    )
    check_grads(lambda a, b: polar(a, b), 1.3, 0.4)
    check_grads(lambda x: polar(x[0], x[1])[1], np.array([1.3, 0.4]))


def test_composite_and_constant():
    @extend.dispatching
    def half(x):
        return blind(lambda x: x / 2)(x)

    @extend.dispatching
    def count(x):
        return blind(lambda x: np.sum(x > 0))(x)

    extend.declare(extend.composite(half, lambda x: 0.5 * x), *extend.constant(count))
    check_grads(half, X)
    assert da.grad(lambda x: np.sum(x) * count(x))(X).tolist() == [2.0, 2.0, 2.0]
    assert isinstance(da.jvp(count, (X,), (X,))[0], np.integer)


def test_operands_by_keyword_are_found():
    @extend.dispatching
    def ratio(a, b=2.0, *, shift=0.0):
        return blind(lambda a, b: a / b)(a, b) + shift

    extend.declare(extend.elementwise(ratio, lambda y, a, b: 1 / b, lambda y, a, b: -a / b**2))
    check_grads(lambda a: ratio(a=a, b=3.0), X)
    check_grads(lambda b: ratio(2.0, b=b), X)
    check_grads(lambda a, b: ratio(b=b, a=a), X, X)
    with pytest.raises(TracedParameterError, match="ratio got a traced value for a parameter"):
        da.grad(lambda s: ratio(1.0, 2.0, shift=s))(1.0)
    with pytest.raises(TracedParameterError, match="ratio got a traced value for a parameter"):
        da.grad(lambda s: ratio(s, s, shift=s))(1.0)


def test_operands_in_a_list_are_found():
    @extend.dispatching
    def first(arrays):
        return blind(lambda arrays: 2 * arrays[0])(arrays)

    with pytest.raises(MissingRowError):
        da.grad(lambda x: np.sum(first([X, x])))(X)


def test_a_function_of_yours_without_a_row_says_so():
    @extend.dispatching
    def unknown(x):
        return x

    with pytest.raises(MissingRowError, match=r"unknown met a traced array of shape \(3,\)"):
        da.grad(unknown)(X)


def test_a_function_has_one_row():
    @extend.dispatching
    def f(x):
        return x

    extend.declare(extend.elementwise(f, 1))
    with pytest.raises(DuplicateRowError, match="has a row already"):
        extend.declare(extend.elementwise(f, 2))


def test_rows_nest_with_everything_else():
    @extend.dispatching
    def sine(x):
        return blind(np.sin)(x)

    @extend.dispatching
    def cosine(x):
        return blind(np.cos)(x)

    extend.declare(
        extend.elementwise(sine, lambda y, x: cosine(x)),
        extend.elementwise(cosine, lambda y, x: -sine(x)),
    )
    third = da.grad(da.grad(da.grad(sine)))
    np.testing.assert_allclose(third(0.5), -np.cos(0.5))
    np.testing.assert_allclose(da.hessian(lambda x: np.sum(sine(x)) ** 2)(X),
                               da.hessian(lambda x: np.sum(np.sin(x)) ** 2)(X))  # fmt: skip
