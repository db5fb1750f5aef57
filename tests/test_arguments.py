"""What comes into a transform: bad input gets an error of its own; trees come back as they were."""

from collections import OrderedDict, defaultdict, namedtuple
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dualad as da
from dualad.errors import ArgumentNumberError, ArgumentTypeError, OutputTypeError, StructureError
from dualad.tree import leaves, matching_leaves, rebuild, tree_map

X = np.array([1.0, 2.0])
Pair = namedtuple("Pair", "a b")


@dataclass
class Settings:
    """A dataclass as users write it."""

    rate: float
    weights: tuple


@dataclass(frozen=True, slots=True)
class Frozen:
    """One whose fields cannot be assigned."""

    rate: float


# Every transform, applied to a function and its one argument.
RUNS = {
    "grad": lambda fn, x: da.grad(fn)(x),
    "grad forward": lambda fn, x: da.grad(fn, mode="forward")(x),
    "grad reverse": lambda fn, x: da.grad(fn, mode="reverse")(x),
    "value_and_grad": lambda fn, x: da.value_and_grad(fn)(x),
    "derivative": lambda fn, x: da.derivative(fn)(x),
    "jvp": lambda fn, x: da.jvp(fn, (x,), (1.0,)),
    "vjp": lambda fn, x: da.vjp(fn, x),
    "linearize": lambda fn, x: da.linearize(fn, x),
    "jacobian": lambda fn, x: da.jacobian(fn)(x),
    "jacfwd": lambda fn, x: da.jacfwd(fn)(x),
    "jacrev": lambda fn, x: da.jacrev(fn)(x),
    "value_and_jacobian": lambda fn, x: da.value_and_jacobian(fn)(x),
    "hessian": lambda fn, x: da.hessian(fn)(x),
    "hvp": lambda fn, x: da.hvp(fn, (x,), (1.0,)),
    "explain": lambda fn, x: da.explain(fn, x),
}
by_transform = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)

BAD_ARGUMENTS = {
    "bool": (True, "argument 0 is a bool, which has no derivative"),
    "NumPy's bool": (np.True_, "argument 0 is a bool"),
    "string": ("text", "argument 0 is of type str"),
    "bytes": (b"text", "argument 0 is of type bytes"),
    "object": (object(), "argument 0 is of type object"),
    "namespace": (SimpleNamespace(x=1.0), "argument 0 is of type SimpleNamespace"),
    "function": (np.sin, "argument 0 is of type ufunc"),
    "class": (Settings, "argument 0 is of type type"),
    "fraction": (Fraction(1, 2), "argument 0 is of type Fraction"),
    "decimal": (Decimal(1), "argument 0 is of type Decimal"),
    "set": ({1.0}, "argument 0 is of type set"),
    "generator": ((x for x in X), "argument 0 is of type generator"),
    "bool array": (X > 1, "argument 0 is an array of dtype bool"),
    "string array": (np.array(["a"]), "argument 0 is an array of dtype <U1"),
    "date array": (
        np.array(["2020-01-01"], "M8[D]"),
        r"argument 0 is an array of dtype datetime64",
    ),
    "object array": (np.array([None, 1.0]), "argument 0 is an array of dtype object"),
    "bool object array": (
        np.array([True, False], object),
        "argument 0 is an array of dtype object",
    ),
    "structured array": (np.zeros(2, "f8,i4"), r"argument 0 is an array of dtype \["),
    "masked array": (np.ma.masked_array(X, [0, 1]), "argument 0 is a MaskedArray, whose operators"),
}


@by_transform
@pytest.mark.parametrize(("bad", "message"), BAD_ARGUMENTS.values(), ids=BAD_ARGUMENTS)
def test_arguments_without_a_derivative_are_refused(run, bad, message):
    called = []
    with pytest.raises(ArgumentTypeError, match=message):
        run(lambda x: called.append(x) or 1.0, bad)
    assert not called  # checked first of all


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_matrices_are_refused():
    with pytest.raises(ArgumentTypeError, match="argument 0 is a matrix, whose operators"):
        da.grad(np.sum)(np.matrix([[1.0]]))


@pytest.mark.parametrize(
    ("tree", "path"),
    [
        ([1.0, "a"], r"argument 0\[1\] is of type str"),
        ({"key": (1.0, [True])}, r"argument 0\['key'\]\[1\]\[0\] is a bool"),
        (Pair(1.0, {3: None, 4: b""}), r"argument 0\.b\[4\] is of type bytes"),
        (Settings(1.0, (X, X > 1)), r"argument 0\.weights\[1\] is an array of dtype bool"),
    ],
)
def test_the_place_of_a_bad_leaf_is_named(tree, path):
    for transform in (da.grad, da.jacobian, da.hessian):
        with pytest.raises(ArgumentTypeError, match=path):
            transform(lambda t: 1.0)(tree)


def test_other_arguments_may_be_anything():
    def fn(flag, x, name, *, options):
        return x * 2 if flag and name and options else x

    assert da.grad(fn, 1)(True, 1.0, "name", options={"a": object()}) == 2.0
    assert da.derivative(fn, 1)(True, 1.0, "name", options={"a": object()}) == 2.0
    assert da.jacobian(fn, -2)(True, 1.0, "name", options={"a": object()}) == 2.0
    assert da.hessian(fn, 1)(True, 1.0, "name", options={"a": object()}) == 0.0
    assert da.explain(fn, True, 1.0, "name", argnums=1, options=[1]).input_size == 1


BAD_ARGNUMS = {
    "too large": (1, r"argnums=1 does not fit a call with 1 positional argument: there is no"),
    "too small": (-2, r"argnums=-2 does not fit .* there is no argument -2"),
    "one of a tuple": ((0, 5), r"argnums=\(0, 5\) does not fit .* there is no argument 5"),
    "twice": ((0, 0), r"an argument is named twice"),
    "twice, from both ends": ((0, -1), r"an argument is named twice"),
    "a float": (0.0, r"0\.0 is no int"),
    "a bool": (True, r"True is no int"),
    "a name": ("x", r"'x' is no int"),
    "a name in a tuple": ((0, "x"), r"'x' is no int"),
    "an array": (np.array([0]), r"array\(\[0\]\) is no int"),
}


@pytest.mark.parametrize(("argnums", "message"), BAD_ARGNUMS.values(), ids=BAD_ARGNUMS)
def test_argnums_that_do_not_fit_are_refused(argnums, message):
    for transform in (da.grad, da.value_and_grad, da.jacobian, da.jacfwd, da.jacrev, da.hessian):
        with pytest.raises(ArgumentNumberError, match=message):
            transform(lambda x: x, argnums)(1.0)
    with pytest.raises(ArgumentNumberError, match=message):
        da.explain(lambda x: x, 1.0, argnums=argnums)
    if not isinstance(argnums, tuple):
        with pytest.raises(ArgumentNumberError, match=message):
            da.derivative(lambda x: x, argnums)(1.0)


def test_calls_without_positional_arguments_say_so():
    for transform in (da.grad, da.jacobian, da.hessian, da.derivative):
        with pytest.raises(ArgumentNumberError, match="a call with 0 positional arguments: there"):
            transform(lambda x: x)()
        with pytest.raises(ArgumentNumberError, match="keyword arguments are passed through"):
            transform(lambda x: x)(x=1.0)
    with pytest.raises(ArgumentNumberError, match="a derivative is by one argument"):
        da.derivative(lambda x, y: x, (0, 1))(1.0, 2.0)
    with pytest.raises(ArgumentNumberError, match="or None together with weights="):
        da.grad(lambda x: x, None)


def test_what_is_no_function_is_refused():
    for name in ("grad", "value_and_grad", "derivative", "jacobian", "value_and_jacobian", "jacfwd",
                 "jacrev", "hessian"):  # fmt: skip
        with pytest.raises(TypeError, match=rf"dualad\.{name} takes a function, and got a float"):
            getattr(da, name)(3.0)
    for name, args in (("jvp", ((1.0,), (1.0,))), ("vjp", (1.0,)), ("linearize", (1.0,)),
                       ("explain", (1.0,))):  # fmt: skip
        with pytest.raises(TypeError, match=rf"dualad\.{name} takes a function, and got a float"):
            getattr(da, name)(3.0, *args)
    with pytest.raises(TypeError, match=r"takes a function, and got a float"):
        da.hvp(3.0, (1.0,), (1.0,))


@pytest.mark.parametrize("transform", [da.grad, da.value_and_grad, da.jacobian, da.hessian])
@pytest.mark.parametrize("mode", ["fwd", "", None, True])
def test_unknown_modes_are_refused_when_the_function_is_made(transform, mode):
    with pytest.raises(ValueError, match=r'it is one of "auto", "forward"'):
        transform(np.sin, mode=mode)


@pytest.mark.parametrize("transform", [da.jacobian, da.jacfwd, da.jacrev, da.hessian])
@pytest.mark.parametrize("size", [0, -1, 2.0, True, "all"])
def test_chunk_sizes_that_are_no_number_of_directions_are_refused(transform, size):
    with pytest.raises(ValueError, match=r"chunk_size is .*; it is how many directions"):
        transform(np.sin, chunk_size=size)


BAD_OUTPUTS = {
    "None": (None, r"the output of the function is None, .* end the function with a return"),
    "string": ("text", "the output of the function is of type str"),
    "object": ([1.0, object()], r"the output\[1\] of the function is of type object"),
    "nested string": ({"a": (1.0, "b")}, r"the output\['a'\]\[1\] of the function is of type str"),
    "string array": (np.array(["a"]), "the output of the function is an array of dtype <U1"),
    "object array": (np.array([None]), "the output of the function is an array of dtype object"),
    "dates": (np.array(["2020"], "M8[D]"), "the output of the function is an array of dtype datet"),
    "set": ({1.0}, "the output of the function is of type set"),
    "generator": ((x for x in X), "the output of the function is of type generator"),
    "function": (np.sin, "the output of the function is of type ufunc"),
}


@by_transform
@pytest.mark.parametrize(("bad", "message"), BAD_OUTPUTS.values(), ids=BAD_OUTPUTS)
def test_outputs_without_a_derivative_are_refused(run, bad, message):
    with pytest.raises(OutputTypeError, match=message):
        run(lambda x: bad, 1.0)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_complex_outputs_have_no_gradient(mode):
    with pytest.raises(
        OutputTypeError, match=r"complex, .* return np.real, np.imag or np.abs of it"
    ):
        da.grad(lambda x: 1j * x, mode=mode)(1.0)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("out", [1.0, (1.0,), [1.0, 2.0], {"a": 1.0}])
def test_auxiliary_output_needs_a_tuple(mode, out):
    with pytest.raises(OutputTypeError, match="with has_aux=True it is a tuple"):
        da.grad(lambda x: out, has_aux=True, mode=mode)(1.0)
    with pytest.raises(OutputTypeError, match="is None"):
        da.grad(lambda x: None, has_aux=True, mode=mode)(1.0)


def test_weights_that_are_no_parameters_are_refused():
    from dualad.transforms.parameter import Parameter

    w = Parameter(1.0)
    with pytest.raises(TypeError, match=r"weights holds a float; it is a list of dualad.nn.Param"):
        da.grad(np.sin, weights=[1.0])
    with pytest.raises(ValueError, match="weights holds a parameter twice"):
        da.grad(np.sin, weights=[w, w])
    with pytest.raises(StructureError, match=r"new value for parameter 'w' should be \(2,\)"):
        Parameter(X, name="w").value = np.ones(3)
    with pytest.raises(
        TypeError, match="a Parameter holds float or complex numbers, not dtype bool"
    ):
        Parameter(True)


def _overwriting(x):
    """Write into the argument, as NumPy code may do, before and after use."""
    x *= 2.0
    y = x * x
    x[...] = -1.0
    x[0] = y[0]
    x.sort()
    return np.sum(x * x) + np.sum(y)


ARRAY_RUNS = {
    "grad": lambda x: da.grad(_overwriting)(x),
    "grad forward": lambda x: da.grad(_overwriting, mode="forward")(x),
    "value_and_grad": lambda x: da.value_and_grad(_overwriting)(x),
    "jvp": lambda x: da.jvp(_overwriting, (x,), (np.ones(2),)),
    "vjp": lambda x: da.vjp(_overwriting, x)[1](1.0),
    "linearize": lambda x: da.linearize(_overwriting, x)[1](np.ones(2)),
    "jacobian": lambda x: da.jacobian(_overwriting)(x),
    "jacfwd": lambda x: da.jacfwd(_overwriting)(x),
    "hessian": lambda x: da.hessian(_overwriting)(x),
    "hvp": lambda x: da.hvp(_overwriting, (x,), (np.ones(2),)),
    "explain": lambda x: da.explain(_overwriting, x),
    "in a tree": lambda x: da.grad(lambda tree: _overwriting(tree["x"][0]))({"x": (x, 1.0)}),
}


@pytest.mark.parametrize("run", ARRAY_RUNS.values(), ids=ARRAY_RUNS)
def test_arguments_are_never_modified(run):
    x = X.copy()
    run(x)
    np.testing.assert_array_equal(x, X)
    x.flags.writeable = False  # nor is it tried
    run(x)


def test_containers_keep_their_types_and_contents():
    tree = {
        "tuple": (1.0, [X, None]),
        "pair": Pair(X, 2.0),
        "ordered": OrderedDict(b=1.0, a=2.0),
        "default": defaultdict(list, k=3.0),
        "settings": Settings(1.0, (X,)),
        "frozen": Frozen(2.0),
        "empty": ({}, [], ()),
        5: 1.0,
    }

    def fn(t):
        assert type(t["ordered"]) is OrderedDict
        assert t["default"].default_factory is list
        assert type(t["settings"]) is Settings
        assert t["tuple"][1][1] is None
        return sum(np.sum(leaf * leaf) for _, leaf in leaves(t))

    for found in (
        da.grad(fn)(tree),
        da.grad(fn, mode="forward")(tree),
        da.vjp(fn, tree)[1](1.0)[0],
    ):
        assert list(found) == list(tree)
        for (path, g), (same, x) in zip(leaves(found), leaves(tree), strict=True):
            assert path == same
            np.testing.assert_allclose(g, 2 * x)
        assert type(found["ordered"]) is OrderedDict
        assert list(found["ordered"]) == ["b", "a"]
        assert type(found["frozen"]) is Frozen
        assert type(found["pair"]) is Pair


trees = st.recursive(
    st.integers(0, 99) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
        | st.builds(Pair, inner, inner)
        | st.builds(Settings, inner, inner)
    ),
    max_leaves=12,
)


@given(trees)
def test_a_tree_is_rebuilt_from_its_leaves(tree):
    found = [leaf for _, leaf in leaves(tree)]
    assert all(leaf is not None for leaf in found)
    assert rebuild(tree, iter(found)) == tree
    assert rebuild(tree, iter(found)) is tree
    doubled = tree_map(lambda leaf: 2 * leaf, tree)
    assert [leaf for _, leaf in leaves(doubled)] == [2 * leaf for leaf in found]
    assert [path for path, _ in leaves(doubled)] == [path for path, _ in leaves(tree)]
    assert matching_leaves(tree, doubled, "it") == [2 * leaf for leaf in found]
    assert matching_leaves(tree, tree, "it") == found


@given(trees, trees)
def test_trees_that_do_not_match_are_refused(one, other):
    with suppress(StructureError):
        assert len(matching_leaves(one, other, "it")) == len(leaves(one))
