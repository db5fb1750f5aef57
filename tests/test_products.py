"""`jvp`, `vjp` and `linearize`: two products, and the pairing that ties them."""

from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dualad as da
from dualad.errors import StructureError
from dualad.testing.strategies import COMPLEX, REAL, arrays

Point = namedtuple("Point", "x y")
ROUNDING = 1e-12  # of results of size one


def program(x, y):
    """Return several outputs, one of which does not depend on the inputs."""
    z = np.sin(x) * y + x / (2 + y * y)
    return {"z": z, "sum": np.sum(z * z), "constant": np.ones(2), "x": x}


def directions(rng, tree):
    """Return random tangents or cotangents of a dict, list or tuple of arrays."""
    if isinstance(tree, dict):
        return {key: directions(rng, value) for key, value in tree.items()}
    if isinstance(tree, (tuple, list)):
        return type(tree)(directions(rng, value) for value in tree)
    t = rng.uniform(-1, 1, np.shape(tree))
    if np.iscomplexobj(tree):
        t = t + 1j * rng.uniform(-1, 1, np.shape(tree))
    return t


def pairing(ct, t):
    """Return ``Re(sum(ct * t))`` over the leaves of two trees."""
    if isinstance(ct, dict):
        return sum(pairing(ct[key], t[key]) for key in ct)
    if isinstance(ct, (tuple, list)):
        return sum(pairing(*pair) for pair in zip(ct, t, strict=True))
    return np.sum(np.real(ct * t))


@given(data=st.data(), x=arrays(dtypes=(float, complex), max_ndim=2), seed=st.integers(0, 99))
def test_the_pairing_ties_the_three_products(data, x, seed):
    rng = np.random.default_rng(seed)
    y = rng.uniform(0.5, 1, np.shape(x))
    ts = directions(rng, (x, y))
    out, pushed = da.jvp(program, (x, y), ts)
    cts = directions(rng, out)
    same, pullback = da.vjp(program, x, y)
    again, pushforward = da.linearize(program, x, y)
    for key, value in program(x, y).items():
        np.testing.assert_allclose(out[key], value, rtol=1e-15)
        np.testing.assert_array_equal(same[key], out[key])
        np.testing.assert_array_equal(again[key], out[key])
    left, right = pairing(cts, pushed), pairing(pullback(cts), ts)
    np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-9)
    linear = pushforward(*ts)
    for key in pushed:
        np.testing.assert_allclose(linear[key], pushed[key], rtol=ROUNDING, atol=ROUNDING)


def test_products_evaluate_once():
    calls = []

    def fn(x):
        calls.append(0)
        return x * x

    x = np.ones(3)
    da.jvp(fn, (x,), (x,))
    assert len(calls) == 1
    _, pullback = da.vjp(fn, x)
    _, pushforward = da.linearize(fn, x)
    for _ in range(5):
        pullback(x)
        pushforward(x)
    assert len(calls) == 3


def test_products_can_be_used_any_number_of_times():
    x = np.array([0.5, 1.0, 2.0])
    _, pullback = da.vjp(lambda y: np.exp(y) * np.sum(y), x)
    _, pushforward = da.linearize(lambda y: np.exp(y) * np.sum(y), x)
    first = [(pullback(e)[0], pushforward(e)) for e in np.eye(3)]
    second = [(pullback(e)[0], pushforward(e)) for e in np.eye(3)]
    for (a, b), (c, d) in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, d)
    np.testing.assert_allclose(np.array([a for a, _ in first]), np.array([b for _, b in first]).T)


def test_products_do_not_see_later_changes():
    """Neither of the arguments, nor of the value that was returned, nor of their containers."""
    x = np.array([1.0, 2.0])

    def fn(tree):
        y = np.exp(tree["x"])
        return [y, y * tree["list"][0]]

    argument = {"x": x, "list": [2.0]}
    value, pullback = da.vjp(fn, argument)
    _, pushforward = da.linearize(fn, argument)
    x[:] = 0.0
    argument["list"].append(3.0)
    value[0][:] = 0.0
    value.append("more")
    (ct,) = pullback([np.ones(2), np.zeros(2)])
    np.testing.assert_allclose(ct["x"], np.exp([1.0, 2.0]))
    assert ct["list"] == [0.0]
    t = pushforward({"x": np.zeros(2), "list": [1.0]})
    np.testing.assert_allclose(t[1], np.exp([1.0, 2.0]))


def test_products_do_not_share_memory_with_what_they_are_given():
    x, t = np.ones((2, 2)), np.full((2, 2), 3.0)
    fns = [
        lambda y: y,
        lambda y: np.transpose(y),
        lambda y: np.reshape(y, (4,)),
        lambda y: [y, y],
        lambda y: y + 1,
        np.sum,
    ]
    for fn in fns:
        out, pullback = da.vjp(fn, x)
        same, pushforward = da.linearize(fn, x)
        pushed = [da.jvp(fn, (x,), (t,))[1], pushforward(t)]
        ct = directions(np.random.default_rng(0), out)
        pulled = pullback(ct)[0]
        for found in [*pushed, pulled]:
            leaves = found if isinstance(found, list) else [found]
            for leaf in leaves:
                if isinstance(leaf, np.ndarray):
                    before = [np.copy(other) for other in leaves if other is not leaf]
                    leaf[...] = 7.0
                    rest = [other for other in leaves if other is not leaf]
                    for pair in zip(rest, before, strict=True):
                        np.testing.assert_array_equal(*pair)
        np.testing.assert_array_equal(t, 3.0)
        np.testing.assert_array_equal(x, 1.0)
        for value in (out, same):
            for leaf in value if isinstance(value, list) else [value]:
                assert not np.shares_memory(leaf, x)


@given(x=arrays(dtypes=REAL + COMPLEX, max_ndim=2))
def test_dtypes_and_shapes_are_kept(x):
    for t in (np.ones(np.shape(x), np.result_type(x)), np.ones(np.shape(x), int)):
        y, pushed = da.jvp(lambda z: z * z, (x,), (t,))
        _, pullback = da.vjp(lambda z: z * z, x)
        _, pushforward = da.linearize(lambda z: z * z, x)
        plain = x * x  # a number, if x is a 0-d array
        for found, like in ((y, plain), (pushed, plain), (pushforward(t), plain),
                            (pullback(t)[0], x)):  # fmt: skip
            assert found.dtype == x.dtype
            assert found.shape == x.shape
            assert isinstance(found, np.ndarray) == isinstance(like, np.ndarray)


def test_trees_go_in_and_come_out():
    def fn(point, numbers):
        return Point(point.x * numbers[0], {"y": point.y + numbers[1], "none": None})

    point, numbers = Point(np.ones(2), 3.0), [2.0, 5]
    _, pushed = da.jvp(fn, (point, numbers), (Point(np.ones(2), 1.0), [1.0, 10.0]))
    assert isinstance(pushed, Point)
    np.testing.assert_allclose(pushed.x, [3.0, 3.0])
    assert pushed.y == {"y": 11.0, "none": None}
    _, pullback = da.vjp(fn, point, numbers)
    by_point, by_numbers = pullback(Point(np.ones(2), {"y": 1.0, "none": None}))
    np.testing.assert_allclose(by_point.x, [2.0, 2.0])
    assert by_point.y == 1.0
    assert by_numbers == [2.0, 1.0]


def test_none_stands_for_a_zero_tangent_or_cotangent():
    def fn(a, b):
        return a * b, a + b

    a, b = np.array([2.0, np.inf]), np.array([3.0, 4.0])
    _, pushed = da.jvp(fn, (a, b), (np.ones(2), None))
    np.testing.assert_array_equal(pushed[0], b)
    _, pushforward = da.linearize(fn, a, b)
    np.testing.assert_array_equal(pushforward(None, np.ones(2))[1], [1.0, 1.0])
    _, pullback = da.vjp(fn, a, b)
    np.testing.assert_array_equal(pullback((None, np.ones(2)))[0], [1.0, 1.0])


def test_dict_tangents_match_by_key():
    def fn(tree):
        return tree["a"] ** 2 * tree["b"]

    tree, tangent = {"a": 2.0, "b": 3.0}, {"b": 1.0, "a": 10.0}
    assert da.jvp(fn, (tree,), (tangent,))[1] == 124.0
    _, pullback = da.vjp(lambda x: {"a": x, "b": 2 * x}, 1.0)
    assert pullback({"b": 10.0, "a": 1.0}) == (21.0,)


def test_functions_of_no_argument_and_of_many():
    assert da.vjp(lambda: 3.0)[1](1.0) == ()
    assert da.jvp(lambda: 3.0, (), ()) == (3.0, 0.0)
    _, pullback = da.vjp(lambda *xs: sum(xs), *range(50))
    assert pullback(2.0) == (2.0,) * 50


BAD_TANGENTS = {
    "a shape": ((np.ones(3),), (np.ones(2),), r"the shape of tangents leaf 0 should be \(3,\)"),
    "a broadcast shape": ((np.ones(3),), (np.ones((1, 3)),), r"but is \(1, 3\)"),
    "a number for an array": ((np.ones(3),), (1.0,), r"should be \(3,\), but is \(\)"),
    "too few": ((1.0, 2.0), (1.0,), r"tangents should be a tuple with \[0\], \[1\], but is a"),
    "too many": ((1.0,), (1.0, 2.0), r"but is a tuple with \[0\], \[1\]"),
    "a list for a tuple's item": (((1.0, 2.0),), (3.0,), r"tangents\[0\] should be a tuple"),
    "a tuple for a number": ((1.0,), ((1.0,),), r"tangents\[0\] should be a number or an array"),
    "another key": (({"a": 1.0},), ({"b": 1.0},), r"should be a dict with \['a'\], but is a dict"),
    "a string": ((1.0,), ("text",), r"leaf 0 should be a number or an array of numbers, but"),
    "an object": ((1.0,), (object(),), r"but is of dtype object"),
    "a bool": ((1.0,), (True,), r"but is of dtype bool"),
    "complex for real": ((1.0,), (1j,), r"should be real, as what it belongs to, but is complex"),
}


def _first(*xs):
    """Return the first number or array in some arguments."""
    x = xs[0]
    while isinstance(x, (tuple, dict)):
        x = next(iter(x.values() if isinstance(x, dict) else x))
    return x


@pytest.mark.parametrize(
    ("primals", "tangents", "message"), BAD_TANGENTS.values(), ids=BAD_TANGENTS
)
def test_tangents_that_do_not_fit_are_refused(primals, tangents, message):
    for product in (
        lambda: da.jvp(_first, primals, tangents),
        lambda: da.linearize(_first, *primals)[1](*tangents),
        lambda: da.hvp(_first, primals, tangents),
    ):
        with pytest.raises(StructureError, match=message):
            product()


@pytest.mark.parametrize(
    ("fn", "cotangent", "message"),
    [
        (lambda x: x * np.ones(3), np.ones(2), r"the shape of cotangent leaf 0 should be \(3,\)"),
        (lambda x: x, np.ones(1), r"should be \(\), but is \(1,\)"),
        (lambda x: (x, x), 1.0, r"cotangent should be a tuple with \[0\], \[1\], but is a float"),
        (lambda x: (x, x), (1.0,), r"but is a tuple with \[0\]"),
        (lambda x: {"a": x}, {"b": 1.0}, r"should be a dict with \['a'\]"),
        (lambda x: {"a": x}, {"a": "text"}, r"cotangent leaf 0 should be a number or an array"),
        (lambda x: x, 1j, r"should be real, as what it belongs to, but is complex"),
    ],
)
def test_cotangents_that_do_not_fit_are_refused(fn, cotangent, message):
    with pytest.raises(StructureError, match=message):
        da.vjp(fn, 2.0)[1](cotangent)


@pytest.mark.parametrize("product", [da.jvp, da.hvp])
@pytest.mark.parametrize("wrong", [1.0, np.ones(2), {"x": 1.0}, None])
def test_arguments_that_are_no_tuple_are_refused(product, wrong):
    with pytest.raises(TypeError, match=r"primals is a .*: write \(x,\) for a single one"):
        product(np.sin, wrong, (1.0,))
    with pytest.raises(TypeError, match=r"tangents is a .*: write \(x,\) for a single one"):
        product(np.sin, (1.0,), wrong)


def test_an_output_that_does_not_depend_on_the_input_has_zero_products():
    x = np.ones(3)
    _, t = da.jvp(lambda z: (np.ones(2, np.float32), 3), (x,), (x,))
    np.testing.assert_array_equal(t[0], np.zeros(2, np.float32))
    assert t[0].dtype == np.float32
    assert t[1] == 0.0
    np.testing.assert_array_equal(da.vjp(lambda z: np.ones(2), x)[1](np.ones(2))[0], np.zeros(3))
    np.testing.assert_array_equal(da.linearize(lambda z: np.ones(2), x)[1](x), np.zeros(2))


def test_a_zero_direction_wins_over_an_infinite_partial():
    def fn(x):
        return np.where(x > 0, np.sqrt(x), 0.0)

    x = np.array([0.0, 4.0])
    np.testing.assert_array_equal(da.vjp(fn, x)[1](np.ones(2))[0], [0.0, 0.25])
    np.testing.assert_array_equal(da.jvp(np.sqrt, (x,), (np.array([0.0, 1.0]),))[1], [0.0, 0.25])
    push = da.linearize(np.sqrt, x)[1]
    np.testing.assert_array_equal(push(np.array([0.0, 1.0])), [0.0, 0.25])
