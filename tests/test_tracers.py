"""Traced numbers and arrays behave as NumPy's: value, type of result, dtype, shape and errors."""

import contextlib
import copy
import itertools
import math
import numbers
import operator
import statistics
from functools import partial, reduce

import numpy as np
import pytest

import dualad as da
from dualad.core.dual import dual
from dualad.core.level import Trace
from dualad.core.record import Record
from dualad.core.recorded import record_input
from dualad.core.tracer import Tracer
from dualad.errors import MissingRowError, TracedToFloatError

NUMBER = np.float64(1.7)
ARRAY = np.array([1.7, -0.6, 2.5])
MATRIX = np.array([[1.5, -0.5, 2.0], [0.25, 3.0, -1.0]])
VALUES = {
    "number": NUMBER,
    "negative": np.float64(-2.5),
    "zero": np.float64(0.0),
    "float32": np.float32(1.7),
    "longdouble": np.longdouble(1.7),
    "complex": np.complex128(1.5 - 0.5j),
    "0-d": np.array(1.7),
    "array": ARRAY,
    "array of float32": ARRAY.astype(np.float32),
    "complex array": ARRAY + 0.5j,
    "matrix": MATRIX,
    "F matrix": np.asfortranarray(MATRIX),
    "empty": np.zeros((0, 3)),
}


def as_forward(x):
    return dual(Trace(), x, np.ones_like(x))


def as_reverse(x):
    return record_input(Record(), x)


def as_nested(x):
    """Return a value that is traced at two levels."""
    trace = Record()
    return dual(Trace(), record_input(trace, x), np.ones_like(x))


def together(trace, a, b):
    """Return two values on one level; nested, each on an inner one of its own."""
    if trace is as_reverse:
        record = Record()
        return record_input(record, a), record_input(record, b)
    level = Trace()
    inner = as_reverse if trace is as_nested else lambda x: x
    return dual(level, inner(a), np.ones_like(a)), dual(level, inner(b), np.ones_like(b))


TRACE = {"forward": as_forward, "reverse": as_reverse, "nested": as_nested}
in_every_mode = pytest.mark.parametrize("trace", TRACE.values(), ids=TRACE)


def plain(y):
    """Return a result with its traced values replaced by their primals, numbers as NumPy's."""
    if isinstance(y, (tuple, list)):
        return type(y)(plain(part) for part in y)
    if isinstance(y, np.ndarray) and y.dtype == object:
        return plain(np.stack(list(y.ravel()))).reshape(y.shape) if y.size else y
    y = da.stop_gradient(y)
    return np.complex128(y) if type(y) is complex else y


def outcome(call):
    """Return what a call returns, or the exception that it raises."""
    with np.errstate(all="ignore"):
        try:
            return call()
        except Exception as error:  # it is compared with another
            return error


def assert_as_numpy(found, expected, what, ulps=0):
    """Assert that two outcomes are alike: errors by their type, values by all that they show."""
    if isinstance(expected, Exception):
        alike = CONFUSED if isinstance(expected, CONFUSED) else type(expected)
        assert isinstance(found, alike), f"{what}: {found!r}, not {expected!r}"
        return
    assert not isinstance(found, Exception), f"{what}: {found!r}, not {expected!r}"
    found, expected = plain(found), plain(expected)
    assert type(found) is type(expected), f"{what}: {type(found)}, not {type(expected)}"
    if isinstance(expected, (tuple, list)):
        assert len(found) == len(expected), what
        for pair in zip(found, expected, strict=True):
            assert_as_numpy(*pair, what, ulps)
    elif isinstance(expected, (np.ndarray, np.generic)):
        assert found.dtype == expected.dtype, f"{what}: {found.dtype}, not {expected.dtype}"
        assert found.shape == expected.shape, f"{what}: {found.shape}, not {expected.shape}"
        if ulps and expected.dtype.kind in "fc":
            rtol = ulps * np.finfo(expected.dtype).eps
            np.testing.assert_allclose(found, expected, rtol=rtol, atol=0, err_msg=what)
        else:
            np.testing.assert_array_equal(found, expected, err_msg=what)
    else:
        assert found == expected or (found != found and expected != expected), what


# Python asks NumPy's arrays and numbers in different orders, and so their errors differ.
CONFUSED = (TypeError, ValueError)
SCALAR_MATH = 4  # units in the last place: by so much NumPy's numbers differ from its own arrays


def check(fn, x, trace, what, ulps=0):
    """Assert that `fn` gives the same for a traced value as for the plain one."""
    found, expected = outcome(lambda: fn(trace(x))), outcome(lambda: fn(x))
    assert_as_numpy(found, expected, f"{what} of {x!r}", ulps)


NUMBERS = (
    2, -3, 0, True, 2.5, 0.0, float("inf"), float("nan"), 1 + 2j, np.float64(2.5), np.float32(2.5),
    np.int64(3), np.int8(-2), np.bool_(True), np.complex64(1j),
)  # fmt: skip
ARRAYS = (
    np.array(2.5), np.array([0.5, -1.5, 2.0]), np.array([1, 2, 3], np.int8),
    np.array([0.5, 1.5, 2.5], np.float32), np.array([True, False, True]), np.array([[2.0], [3.0]]),
    np.zeros((0, 3)), np.array([1.0, 2.0]), [1.0, 2.0, 3.0], (1, 2, 3), [],
)  # fmt: skip
FOREIGN = (None, "text", {}, object())


def combinations(fn, x):
    """Yield what to combine with `x`, without what NumPy takes or refuses by chance."""
    yield from NUMBERS
    for other in ARRAYS:
        # a list times a number is an error of Python's, which a traced number need not repeat
        if isinstance(other, np.ndarray) or isinstance(x, np.ndarray):
            yield other
    if x.size:  # NumPy asks every element, of which there must be one
        yield from FOREIGN


BINARY = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
    "@": operator.matmul,
    "divmod": divmod,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


# Before version 2.2 NumPy overlooked the dtype of an exponent that is a number; ours does not.
OVERLOOKED = (np.ones(1, "f") ** np.float64(2)).dtype == np.float32


@pytest.mark.filterwarnings("ignore")  # the same as NumPy's own, for the plain value
@pytest.mark.parametrize("fn", BINARY.values(), ids=BINARY)
@in_every_mode
def test_binary_operators(fn, trace):
    ulps = SCALAR_MATH if fn is operator.pow else 0
    for x in VALUES.values():
        for other in combinations(fn, x):
            by_number = OVERLOOKED and fn is operator.pow and not x.ndim
            if by_number:
                pass
            elif type(other) is not complex or fn in (operator.add, operator.mul):
                # Python's complex numbers compare, divide and raise in a way of their own
                check(lambda a, o=other: fn(o, a), x, trace, f"{other!r} {fn.__name__} x", ulps)
            check(lambda a, o=other: fn(a, o), x, trace, f"x {fn.__name__} {other!r}", ulps)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fn", BINARY.values(), ids=BINARY)
@in_every_mode
def test_binary_operators_of_two_traced_values(fn, trace):
    ulps = SCALAR_MATH if fn is operator.pow else 0
    for a, b in itertools.product(VALUES.values(), repeat=2):
        if OVERLOOKED and fn is operator.pow and not b.ndim:
            continue
        one, other = together(trace, a, b)
        found, expected = outcome(partial(fn, one, other)), outcome(partial(fn, a, b))
        assert_as_numpy(found, expected, f"{a!r} {fn.__name__} {b!r}", ulps)


CONVERSIONS = {
    "bool": bool,
    "int": int,
    "len": len,
    "list": list,
    "iter": lambda x: [*x],
    "reversed": lambda x: list(reversed(x)),
    "unpack": lambda x: (lambda a, b, c: (c, a, b))(*x),
    "in": lambda x: 1.7 in x,
    "not in": lambda x: 99.0 in x,
    "-x": operator.neg,
    "+x": operator.pos,
    "abs": abs,
    "round": round,
    "round 0": lambda x: round(x, 0),
    "round 1": lambda x: round(x, 1),
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "isnan": lambda x: np.isnan(x),
    "str": lambda x: "" + str(x),
    "format": lambda x: "" + f"{x}",
    "format .3f": lambda x: "" + f"{x:.3f}",
    "format >10": lambda x: "" + f"{x:>10}",
    "hash": hash,
    "not": operator.not_,
    "~(x > 0)": lambda x: ~(x > 0),
    "(x > 0) + (x > -1)": lambda x: (x > 0) + (x > -1),
    "(x > 0) & True": lambda x: (x > 0) & True,
    "(x > 0).any()": lambda x: (x > 0).any(),
    "index": operator.index,
    "list[x]": lambda x: [1, 2, 3][x],
    "call": lambda x: x(),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "sum": lambda x: sum([x, x, 1.0]),
    "sum of x": lambda x: sum(x),
    "max": lambda x: max(x, 0.5),
    "min": lambda x: min(0.5, x),
    "max of x": max,
    "sorted": sorted,
    "any": any,
    "all": all,
    "enumerate": lambda x: list(enumerate(x)),
    "zip": lambda x: list(zip(x, x, strict=True)),
    "map": lambda x: list(map(abs, x)),
    "reduce": lambda x: reduce(operator.mul, x),
    "accumulate": lambda x: list(itertools.accumulate(x)),
    "pow": lambda x: pow(x, 2),
    "is truth": lambda x: 1 if x else 0,
}
WITHOUT_HASH = {"hash"}  # NumPy's numbers have one; a traced number compares by value alone


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in CONVERSIONS if name not in WITHOUT_HASH])
@in_every_mode
def test_python_takes_them_as_numpys(name, trace):
    for x in VALUES.values():
        if name.startswith("round") and (np.iscomplexobj(x) or isinstance(x, np.ndarray)):
            continue  # NumPy has no such method there
        if name == "+x" and type(x) is np.ndarray and x.ndim == 0:
            continue  # a 0-d array stays one, where NumPy makes a number of it
        check(CONVERSIONS[name], x, trace, name, SCALAR_MATH)


ATTRIBUTES = ("T", "mT", "shape", "ndim", "size", "dtype", "real", "imag", "nbytes", "itemsize")


@pytest.mark.parametrize("name", ATTRIBUTES)
@in_every_mode
def test_attributes(name, trace):
    for x in VALUES.values():
        if name == "mT" and not isinstance(x, np.ndarray):
            continue  # of no use for a number
        check(operator.attrgetter(name), x, trace, name)


@in_every_mode
def test_memory_is_not_shown(trace):
    with pytest.raises(MissingRowError, match="as_strided"):
        np.lib.stride_tricks.as_strided(trace(ARRAY), strides=trace(ARRAY).strides)


@in_every_mode
def test_flags_and_flat(trace):
    for x in (ARRAY, MATRIX, np.asfortranarray(MATRIX)):
        traced = trace(x)
        assert traced.flags.c_contiguous == x.flags.c_contiguous
        assert traced.flags.f_contiguous == x.flags.f_contiguous
        assert plain(list(traced.flat)) == list(x.flat)


@in_every_mode
def test_unknown_attributes_raise(trace):
    for x in (NUMBER, ARRAY):
        with pytest.raises(AttributeError, match="no_such"):
            trace(x).no_such  # noqa: B018
        assert not hasattr(trace(x), "__array__")
        assert not hasattr(trace(x), "__index__")
        assert not hasattr(trace(x), "__array_interface__")


METHODS = {
    "all": lambda x: x.all(),
    "any": lambda x: x.any(),
    "argmax": lambda x: x.argmax(),
    "argmin": lambda x: x.argmin(),
    "argsort": lambda x: x.argsort(),
    "argsort axis": lambda x: x.argsort(0),
    "astype": lambda x: x.astype(np.float32),
    "astype complex": lambda x: x.astype(complex),
    "astype int": lambda x: x.astype(int),
    "astype bool": lambda x: x.astype(bool),
    "astype name": lambda x: x.astype("float64"),
    "astype copy": lambda x: x.astype(np.float64, copy=False),
    "clip": lambda x: x.clip(0.0, 1.0),
    "clip min": lambda x: x.clip(min=0.0),
    "conj": lambda x: x.conj(),
    "conjugate": lambda x: x.conjugate(),
    "copy": lambda x: x.copy(),
    "cumprod": lambda x: x.cumprod(),
    "cumsum": lambda x: x.cumsum(),
    "cumsum axis": lambda x: x.cumsum(axis=-1),
    "diagonal": lambda x: x.diagonal(),
    "dot": lambda x: x.dot(np.array([1.0, 2.0, 3.0])),
    "dot number": lambda x: x.dot(2.0),
    "flatten": lambda x: x.flatten(),
    "flatten F": lambda x: x.flatten("F"),
    "item": lambda x: x.item(),
    "item 1": lambda x: x.item(1),
    "item -1": lambda x: x.item(-1),
    "item 0, 1": lambda x: x.item(0, 1),
    "item tuple": lambda x: x.item((0, 1)),
    "max": lambda x: x.max(),
    "max axis": lambda x: x.max(axis=0),
    "mean": lambda x: x.mean(),
    "mean axis": lambda x: x.mean(0),
    "mean keepdims": lambda x: x.mean(axis=-1, keepdims=True),
    "min": lambda x: x.min(),
    "nonzero": lambda x: x.nonzero(),
    "prod": lambda x: x.prod(),
    "ravel": lambda x: x.ravel(),
    "ravel F": lambda x: x.ravel("F"),
    "repeat": lambda x: x.repeat(2),
    "repeat axis": lambda x: x.repeat(2, axis=0),
    "reshape": lambda x: x.reshape(-1),
    "reshape args": lambda x: x.reshape(3, -1),
    "reshape tuple": lambda x: x.reshape((3, -1)),
    "reshape F": lambda x: x.reshape(3, -1, order="F"),
    "reshape wrong": lambda x: x.reshape(7),
    "round": lambda x: x.round(),
    "round 1": lambda x: x.round(1),
    "searchsorted": lambda x: np.sort(x).searchsorted(1.0) if x.ndim else x.searchsorted(1.0),
    "squeeze": lambda x: x.squeeze(),
    "std": lambda x: x.std(),
    "std ddof": lambda x: x.std(ddof=1),
    "sum": lambda x: x.sum(),
    "sum axis": lambda x: x.sum(axis=0),
    "sum axis 1": lambda x: x.sum(1),
    "sum keepdims": lambda x: x.sum(keepdims=True),
    "sum dtype": lambda x: x.sum(dtype=complex),
    "swapaxes": lambda x: x.swapaxes(0, -1),
    "take": lambda x: x.take([0, 1]),
    "take axis": lambda x: x.take(0, axis=0),
    "tolist": lambda x: x.tolist(),
    "trace": lambda x: x.trace(),
    "transpose": lambda x: x.transpose(),
    "transpose args": lambda x: x.transpose(1, 0),
    "transpose tuple": lambda x: x.transpose((1, 0)),
    "transpose None": lambda x: x.transpose(None),
    "var": lambda x: x.var(),
    "compress": lambda x: x.compress([True]),
    "partition": lambda x: np.partition(x, 1),
}


# NumPy's numbers have no method dot; of a 0-d array, NumPy makes a number here, and not there.
NOT_COMPARED = {
    *(("dot", label) for label, x in VALUES.items() if not isinstance(x, np.ndarray)),
    *((name, "0-d") for name in ("conj", "conjugate", "item")),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", METHODS)
@in_every_mode
def test_methods(name, trace):
    for label, x in VALUES.items():
        if (name.split()[0], label) in NOT_COMPARED:
            continue
        if not name.startswith(("item", "tolist")):
            check(METHODS[name], x, trace, f"{name} of {label}:")
        elif isinstance(x, np.ndarray):  # Python's numbers in NumPy, traced ones here
            expected = outcome(lambda x=x: METHODS[name](x))
            found = outcome(lambda x=x: METHODS[name](trace(x)))
            if isinstance(expected, Exception):
                assert isinstance(found, type(expected)), f"{name} of {label}: {found!r}"
            else:
                np.testing.assert_array_equal(plain(found), expected, err_msg=name)


@in_every_mode
def test_methods_that_copy_share_nothing(trace):
    for name in (
        "flatten",
        "copy",
        "repeat",
        "take",
        "astype copy",
        "astype",
        "cumsum",
        "__copy__",
    ):
        x = trace(ARRAY.copy())
        args = {"repeat": (1,), "take": ([0, 1, 2],), "astype": (float,)}.get(name, ())
        y = x.astype(float, copy=True) if " " in name else getattr(x, name)(*args)
        y[0] = 99.0
        np.testing.assert_array_equal(plain(x), ARRAY, err_msg=name)
        x[1] = 77.0
        assert plain(y)[1] != 77.0, name


@in_every_mode
def test_methods_that_show_the_same_memory_go_on_showing_it(trace):
    for name in ("ravel", "reshape", "transpose", "squeeze", "swapaxes"):
        x = trace(MATRIX.copy())
        args = {"reshape": (-1,), "swapaxes": (0, 1)}.get(name, ())
        y = getattr(x, name)(*args)
        x[0, 0] = 77.0
        assert plain(y).ravel()[0] == 77.0, name
        y[...] = 5.0
        assert np.all(plain(x) == 5.0), name


@in_every_mode
def test_item_and_tolist_keep_the_derivative(trace):
    assert isinstance(trace(NUMBER).item(), Tracer)
    assert isinstance(trace(ARRAY).item(1), Tracer)
    assert all(isinstance(part, Tracer) for part in trace(ARRAY).tolist())
    assert plain(trace(MATRIX).tolist()) == MATRIX.tolist()


INDICES = {
    "0": 0,
    "-1": -1,
    "numpy int": np.int64(1),
    "slice": slice(None, 2),
    "reversed": slice(None, None, -1),
    "ellipsis": ...,
    "None": None,
    "empty tuple": (),
    "list": [0, 1],
    "array": np.array([1, 0, 0]),
    "mask": np.array([True, False, True]),
    "true": True,
    "pair": (0, 1),
    "mixed": (slice(None), 0),
    "too many": (0, 0, 0, 0),
    "out of range": 99,
    "float": 1.0,
    "string": "a",
    "0-d": np.array(1),
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
@in_every_mode
def test_indexing(index, trace):
    for x in VALUES.values():
        check(lambda a: a[index], x, trace, f"[{index!r}]")


@in_every_mode
def test_numbers_are_hashed_by_nobody(trace):
    """A value that compares by its number, and differs in its derivative, is no key."""
    for x in (NUMBER, ARRAY):
        with pytest.raises(TypeError, match="unhashable"):
            hash(trace(x))
        with pytest.raises(TypeError, match="unhashable"):
            {trace(x): 1}


@in_every_mode
def test_numbers_become_no_python_numbers(trace):
    for convert in (float, complex, math.sin, math.sqrt, math.isnan, math.fsum, lambda x: "%f" % x):  # noqa: UP031
        with pytest.raises((TracedToFloatError, TypeError)):
            convert(trace(NUMBER))
    with contextlib.suppress(TypeError):
        assert not isinstance(statistics.fmean([trace(NUMBER)]), float)


@in_every_mode
def test_repr_tells_the_kind_and_the_value(trace):
    assert "1.7" in repr(trace(NUMBER))
    assert "0.6" in repr(trace(ARRAY))
    assert repr(trace(NUMBER)).endswith(")")


@in_every_mode
def test_numpy_takes_elements_into_object_arrays(trace):
    """There is no ``__array__``, which would lose the derivative: objects keep it."""
    x = trace(ARRAY)
    made = {
        "np.array": np.array([x[0] ** 2, x[1], 3.0]),
        "nested": np.array([[x[0], x[1]], [x[2], 1.0]]),
        "np.asarray": np.asarray([x[0], x[1]]),
    }
    for name, found in made.items():
        assert found.dtype == object, name
        assert isinstance(found.ravel()[0], Tracer), name
    np.testing.assert_array_equal(plain(made["np.array"]), [ARRAY[0] ** 2, ARRAY[1], 3.0])


OBJECT_USES = {
    "np.sin": np.sin,
    "np.exp": np.exp,
    "* 2": lambda a: a * 2.0,
    "+ array": lambda a: a + np.ones(3),
    "array *": lambda a: np.ones(3) * a,
    "a * a": lambda a: a * a,
    "** 2": lambda a: a**2,
    "np.sum": np.sum,
    "sum": sum,
    ".sum()": lambda a: a.sum(),
    "np.dot": lambda a: np.dot(a, np.ones(3)),
    "@": lambda a: np.ones((2, 3)) @ a,
    "a @ a": lambda a: a @ a,
    "index": lambda a: a[1],
    "slice": lambda a: a[::-1],
    "reshape": lambda a: a.reshape(3, 1),
    "np.stack": lambda a: np.stack([a, a]),
    "np.concatenate": lambda a: np.concatenate([a, np.ones(2)]),
    "np.where": lambda a: np.where(a > 0, a, 0.0),
    "np.maximum": lambda a: np.maximum(a, 0.0),
    "max": max,
    "abs": abs,
    "np.abs": np.abs,
    "comparison": lambda a: a > 0,
    "np.sqrt": lambda a: np.sqrt(a * a),
    "np.isnan": lambda a: np.isnan(np.sum(a)),
}


MAKERS = {
    "np.array of elements": lambda x: np.array([x[0], x[1], x[2]]),
    "np.asarray": np.asarray,
    "np.array": np.array,
    "filled": lambda x: reduce(_fill, range(3), (np.empty(3, object), x))[0],
}


def _fill(pair, i):
    pair[0][i] = pair[1][i]
    return pair


@pytest.mark.parametrize("use", OBJECT_USES.values(), ids=OBJECT_USES)
@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_object_arrays_of_traced_numbers_go_on_differentiating(use, make, mode):
    """They mix with everything, and the derivative is that of the array in one piece."""

    def by_parts(x):
        return use(make(x))

    def whole(x):
        return use(x)

    found = da.value_and_jacobian(by_parts, mode=mode)(ARRAY)
    expected = da.value_and_jacobian(whole, mode=mode)(ARRAY)
    for pair in zip(found, expected, strict=True):
        np.testing.assert_allclose(*[np.asarray(v, float) for v in pair], rtol=1e-14)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_object_arrays_of_any_shape(mode):
    for shape in ((), (1,), (2, 2), (0,)):
        x = np.ones(shape) * 1.5

        def fn(y):
            return np.asarray(np.asarray(y)) * 2.0

        J = da.jacobian(fn, mode=mode)(x)
        np.testing.assert_array_equal(J, np.reshape(2 * np.eye(x.size), shape * 2))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_functions_vectorised_by_numpy(mode):
    x = np.array([0.5, 1.5])
    fn = np.vectorize(lambda t, u: t * u if t > 1 else np.sin(t))
    np.testing.assert_allclose(da.jacobian(fn, mode=mode)(x, 3.0), np.diag([np.cos(0.5), 3.0]))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_object_arrays_go_in_and_come_out(mode):
    def outer(x):
        parts = np.array([x[0] * x[1], x[1]])  # traced numbers in an object array
        inner = da.grad(lambda p: np.sum(p**3), mode=mode)(parts)  # as an argument
        return np.array([inner[0], 2.0 * inner[1], 1.0])  # as an output

    x = np.array([2.0, 3.0])
    J = da.jacobian(outer, mode=mode)(x)  # of 3 (x0 x1)**2 and 6 x1**2
    np.testing.assert_allclose(J, [[6 * 6 * 3, 6 * 6 * 2], [0, 36], [0, 0]])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_lists_of_traced_numbers_are_operands(mode):
    def fn(x):
        return (
            np.sum(np.sin([x[0], x[1]]) * [2.0, x[2]])
            + np.max([x[0], 0.5])
            + np.dot([x[1]] * 2, 1)[0]
        )

    expected = [2 * np.cos(1.7) + 1, 2.5 * np.cos(-0.6) + 1, np.sin(-0.6)]
    np.testing.assert_allclose(da.grad(fn, mode=mode)(ARRAY), expected)


@in_every_mode
def test_plain_values_on_the_left(trace):
    for x in (NUMBER, ARRAY, MATRIX):
        traced = trace(x)
        for left in (np.float64(2), np.float32(2), np.int64(2), np.array(2.0), np.ones(3), 2, 2.0):
            for fn in (operator.add, operator.mul, operator.sub, operator.truediv, operator.pow):
                found = fn(left, traced)
                assert isinstance(found, Tracer), (left, fn)
                np.testing.assert_array_equal(plain(found), fn(left, x))


@in_every_mode
def test_numbers_of_python_stay_weak(trace):
    """A Python number does not widen float32: as in NumPy."""
    x = trace(np.ones(2, np.float32))
    for found in (x * 2.0, 2 * x, x + 1.5, x / 3, x**2, x**0.5, np.where(x > 0, x, 0.0), x % 0.3):
        assert found.dtype == np.float32
    assert (x * np.float64(2)).dtype == np.float64


@in_every_mode
def test_a_float_does_not_become_weak_by_being_traced(trace):
    """A traced float64 is held as a Python float; to NumPy it must stay a float64."""
    single = np.float32(0.1)
    for x in (np.float64(0.1), 0.1):
        plain_x = np.float64(0.1)
        traced = trace(x)
        for fn in BINARY.values():
            if fn is operator.matmul:
                continue
            check(lambda a, f=fn: f(a, single), plain_x, lambda _, t=traced: t, fn.__name__)
            check(lambda a, f=fn: f(single, a), plain_x, lambda _, t=traced: t, fn.__name__)
        for fn in (np.floor_divide, np.sign, np.floor, np.equal, np.less, np.nextafter, np.spacing):
            args = (single,) if fn.nin == 2 else ()
            check(lambda a, f=fn, r=args: f(a, *r), plain_x, lambda _, t=traced: t, fn.__name__)


@in_every_mode
def test_what_comparisons_return_is_numpys(trace):
    x = trace(NUMBER)
    for found in (
        x > 1,
        x < 1.0,
        x == np.float64(1.7),
        x != x,
        x >= np.array(1),
        np.float64(1) < x,
    ):
        assert isinstance(found, np.bool_)
    assert bool(~(x > 2))  # of a Python bool it would be -1, or -2, and always true


@in_every_mode
def test_in_place_operators_rebind_numbers(trace):
    x = trace(NUMBER)
    y = x
    y += 1
    y *= 2.0
    y -= x
    y /= 4
    y **= 2
    assert plain(x) == NUMBER
    assert plain(y) == ((NUMBER + 1) * 2.0 - NUMBER) / 4 * (((NUMBER + 1) * 2.0 - NUMBER) / 4)


@in_every_mode
def test_isinstance_says_what_is_promised(trace):
    """Traced values are what they stand for, so that code takes the branch that it would take."""
    for x in VALUES.values():
        traced = trace(x)
        for cls in (float, complex, int, str, np.ndarray, np.generic, np.floating, np.float32,
                    numbers.Number, numbers.Real, numbers.Integral):  # fmt: skip
            assert isinstance(traced, cls) == isinstance(x, cls), cls
        assert np.isscalar(traced) == np.isscalar(x)
        assert callable(getattr(traced, "__array_ufunc__", None))
        assert type(traced) not in (float, np.ndarray, np.float64)
    assert isinstance(trace(NUMBER), da.Dual) == (trace is not as_reverse)


@in_every_mode
def test_shape_queries_of_numpy(trace):
    for x in VALUES.values():
        for query in (np.shape, np.ndim, np.size, np.iscomplexobj, np.isrealobj, np.result_type):
            check(query, x, trace, query.__name__)
    assert np.result_type(trace(ARRAY), np.float32) == np.float64
