"""Lifted code that asks what it got, catches errors, or holds numbers in objects of its own."""

import gc
import math
import threading

import numpy as np
import pytest

import dualad as da
from dualad.errors import DualadError, TracedParameterError
from dualad.testing import check_grads

X = np.array([0.7, 1.9, 2.6])
MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])


def _repeated(x):
    """Catch the refusal itself."""
    try:
        return np.sum(np.repeat(x, x[2]))
    except TypeError:
        return 7.0 * x[0]


def _hidden(x):
    """Turn the refusal into another error, as many packages do."""
    try:
        return np.sum(np.repeat(x, x[2]))
    except TypeError:
        raise KeyError("no such thing") from None


def _outer(x):
    try:
        return da.lift(_hidden)(x)
    except KeyError:
        return 7.0 * x[0]


@MODES
@pytest.mark.parametrize("fn", [_repeated, _outer])
def test_a_refusal_that_lifted_code_catches_is_raised_in_the_end(fn, mode):
    """What the code would do next, it would not do without the transform."""
    with pytest.raises(TracedParameterError):
        da.grad(da.lift(fn), mode=mode)(X)
    with pytest.raises(TracedParameterError):
        da.grad(lambda x: da.lift(fn)(x) * x[1], mode=mode)(X)


def test_a_refusal_in_a_thread_is_raised_there():
    """No transform is evaluating a function in a thread that the function has started."""
    errors = []

    def run(x):
        try:
            da.lift(_repeated)(x)
        except DualadError as error:
            errors.append(error)

    def fn(x):
        thread = threading.Thread(target=run, args=(x,))
        thread.start()
        thread.join()
        return np.sum(x)

    da.grad(fn)(X)
    assert len(errors) == 1


def test_another_error_of_lifted_code_stays_what_it_is():
    with pytest.raises(KeyError):
        da.grad(da.lift(_hidden))(X)


def test_after_a_refusal_the_next_call_starts_afresh():
    def fn(x, whole):
        return _repeated(x) if whole else np.sum(x * x)

    lifted = da.lift(fn)
    with pytest.raises(DualadError):
        da.grad(lifted)(X, True)
    np.testing.assert_array_equal(da.grad(lifted)(X, False), 2 * X)


# A function of one element, options of `np.vectorize`, and whether the result is of integers.
VECTORIZED = {
    "first is an integer": (lambda v: 0 if v < 1 else v * v, {}, True),
    "integers asked for": (lambda v: v * v, {"otypes": [int]}, True),
    "first is a bool": (lambda v: v > 1, {}, True),
    "first is a float": (lambda v: v * v if v < 1 else 3, {}, False),
    "floats asked for": (lambda v: 0 if v < 1 else v * v, {"otypes": [float]}, False),
    "objects asked for": (lambda v: 0 if v < 1 else v * v, {"otypes": "O"}, False),
    "parts": (lambda v: v * 2, {"signature": "(n)->(n)"}, False),
}


@pytest.mark.parametrize("name", VECTORIZED)
def test_vectorized_functions_have_the_dtypes_of_numpy(name):
    """Of the first output, if none is asked for: integers have no derivative."""
    element, options, whole = VECTORIZED[name]

    def fn(x):
        return np.vectorize(element, **options)(x) * x

    found, expected = da.value_and_grad(da.lift(lambda x: np.sum(fn(x))))(X)[0], np.sum(fn(X))
    np.testing.assert_allclose(found, expected, rtol=1e-15)
    if whole:
        plain = np.vectorize(element, **options)(X)
        np.testing.assert_allclose(da.grad(da.lift(lambda x: np.sum(fn(x))))(X), plain)
    else:
        check_grads(da.lift(lambda x: np.sum(fn(x))), X, order=1)


def test_vectorized_functions_with_several_outputs_have_a_dtype_each():
    def fn(x):
        whole, square = np.vectorize(lambda v: (v * 1.5, v * v), otypes=[int, float])(x)
        first, other = np.vectorize(lambda v: (0 if v < 1 else v, v * 1.5))(x)
        return np.sum(whole * square + first * x + other)

    np.testing.assert_allclose(da.value_and_grad(da.lift(fn))(X)[0], fn(X), rtol=1e-15)
    expected = np.trunc(1.5 * X) * 2 * X + [0, 1, 2] + 1.5
    np.testing.assert_allclose(da.grad(da.lift(fn))(X), expected)


NAMES = (
    "__len__", "__iter__", "__array__", "__array_interface__", "__array_namespace__", "ctypes",
    "shape", "dtype", "tobytes", "unit", "append", "__setitem__", "__index__", "base", "__call__",
    "mro",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_hasattr_answers_as_without_a_derivative(name):
    def fn(x):
        return x[0] * (2.0 if hasattr(x, name) else 3.0) * (5.0 if hasattr(x[0], name) else 7.0)

    assert da.grad(da.lift(fn))(X)[0] == pytest.approx(fn(X) / X[0])


class Measured:
    """A number or array with a unit, as packages have them."""

    def __init__(self, value):
        self.value = value

    def __float__(self):
        return float(self.value)

    def __complex__(self):
        return complex(self.value)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype=dtype)


CONVERTED = {
    "float": lambda x: float(Measured(x[0])) ** 2,
    "map": lambda x: sum(map(float, [Measured(v) for v in x])) ** 2,
    "complex": lambda x: abs(complex(Measured(x[0])) + 1j),
    "math": lambda x: math.atan2(Measured(x[0]), Measured(x[1])) + math.sqrt(Measured(x[2])),
    "asarray": lambda x: np.asarray(Measured(x), dtype=float) ** 2,
    "array": lambda x: np.array(Measured(x)) ** 2,
    "plain": lambda x: np.asarray(Measured(np.ones(3))) * x * math.sqrt(Measured(4.0)),
}


@pytest.mark.parametrize("name", CONVERTED)
def test_methods_that_convert_keep_the_derivative(name):
    check_grads(da.lift(CONVERTED[name]), X)


def test_a_method_that_returns_no_number_raises_as_without_a_derivative():
    class Text:
        def __float__(self):
            return "1.0"

    for fn in (lambda x: x[0] * float(Text()), lambda x: x[0] * math.sqrt(Text())):
        with pytest.raises(TypeError, match="non-float"):
            da.grad(da.lift(fn))(X)


def test_what_c_converts_by_such_a_method_raises():
    with pytest.raises((TypeError, ValueError)):
        da.grad(da.lift(lambda x: np.float64(Measured(x[0]))))(X)


class Compiled:
    """What a compiler makes of a function of numbers: a function of arrays, in machine code."""

    ufunc, nin, nout, signature = np.add, 2, 1, None

    def __init__(self, function):
        self.__wrapped__ = function
        self.count = [0]

    def __call__(self, *arrays):
        """Return the outputs for all elements."""
        self.count[0] += 1
        return np.vectorize(self.__wrapped__, otypes=[float])(*arrays)


@Compiled
def _branched(a, b):
    return 0 if a < 1 else math.exp(a) * b


def test_functions_that_a_compiler_made_of_one_of_numbers_are_followed():
    def fn(x):
        return _branched(x, x[1]) * _branched(np.ones(3), 2.0)

    check_grads(da.lift(fn), X)
    before = _branched.count[0]
    da.grad(da.lift(lambda x: np.sum(x * _branched(np.zeros(3), 2.0))))(X)
    assert _branched.count[0] == before + 1  # it serves where nothing is traced


@pytest.mark.parametrize("signature", ["(),()->()", None])
def test_those_of_parts_of_arrays_and_those_without_python_code_are_called(signature):
    found = Compiled("no function" if signature is None else lambda a, b: a * b)
    found.signature = signature
    with pytest.raises((TypeError, DualadError)):
        da.grad(da.lift(lambda x: np.sum(found(x, 2.0))))(X)


SCALE = 3.0


class Shape:
    """What has an area."""

    kind = "none"

    def area(self, x):
        """Return the area, of a kind of which there is a class."""
        (found,) = [cls for cls in type(self).__subclasses__() if cls.kind == "square"]
        return found().area(x)


class Square(Shape):
    """One of several kinds."""

    kind = "square"

    def area(self, x):
        """Return the area."""
        return float(x) ** 2


def _by_name():
    return {name: value for name, value in globals().items() if name in ("SCALE", "Square")}


ASKING = {
    "get": lambda x: x[0] * globals().get("SCALE") * globals().get("nothing", 2.0),
    "in": lambda x: x[0] * (2.0 if "SCALE" in globals() and "nothing" not in globals() else 3.0),
    "items": lambda x: _by_name()["Square"]().area(x[0]) * _by_name()["SCALE"],
    "len": lambda x: x[0] * (2.0 if len(globals()) == len(list(globals())) > 20 else 3.0),
    "values": lambda x: x[0] * (2.0 if any(v is SCALE for v in globals().values()) else 3.0),
    "vars of a module": lambda x: vars(math)["exp"](x[0]) * vars(np).get("sum")(x),
    "names of a module": lambda x: x[0] * (2.0 if "zeros" in np.__dict__ else 3.0),
    "subclasses": lambda x: Shape().area(x[0]),
    "none": lambda x: x[0] * (2.0 if not Square.__subclasses__() else 3.0),
}


@pytest.mark.parametrize("name", ASKING)
def test_names_and_subclasses_are_all_there(name):
    """Although few of them have been copied."""
    check_grads(da.lift(ASKING[name]), X)
    assert Shape.__subclasses__() == [Square]


def test_a_name_bound_anew_is_seen_by_who_asks():
    gradient = da.grad(da.lift(ASKING["get"]))
    before = gradient(X)[0]
    globals()["SCALE"] = 5.0
    try:
        assert gradient(X)[0] == before * 5.0 / 3.0
    finally:
        globals()["SCALE"] = 3.0


class Resource:
    """What is closed once, in the end."""

    def __init__(self):
        self.closed = False
        self.state = [self]

    def __del__(self):
        self.state[0].closed = True

    def scaled(self, x):
        """Return the double."""
        return x * 2.0


RESOURCE = Resource()


def test_copies_of_objects_do_not_close_what_the_originals_hold():
    assert da.grad(da.lift(lambda x: RESOURCE.scaled(x)))(1.0) == 2.0
    gc.collect()
    assert not RESOURCE.closed


def test_what_the_import_system_keeps_in_a_module_is_left_as_it_is():
    def fn(x):
        return x if globals()["__spec__"] is SPEC[0] else 0.0 * x

    assert da.grad(da.lift(fn))(1.0) == 1.0


SPEC = (__spec__,)


@MODES
def test_a_list_that_a_function_fills_is_the_callers_own(mode):
    """It may hold something already; what is lifted in it is handed over in another one."""

    def fill(out, x):
        out.append(x * x)
        return out[0] * out[-1]

    def fn(x):
        out = [3.0]
        y = da.lift(fill)(out, x)
        assert len(out) == 2
        return y + out[1]

    assert da.grad(fn, mode=mode)(2.0) == 16.0
