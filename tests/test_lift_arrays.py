"""Lifted code that looks into memory, defines classes of arrays, or uses numbers as keys."""

from collections.abc import Hashable

import numpy as np
import pytest
from numpy import isfinite
from numpy.lib.stride_tricks import as_strided

import dualad as da
from dualad.errors import (
    InPlaceError,
    MissingRowError,
    ReadOnlyError,
    TracedToFloatError,
    UnsupportedParameterError,
)
from dualad.lifting.choices import is_copied
from dualad.scipy import special
from dualad.testing import check_grads
from tests.lifted import check_lifted

X = np.array([0.7, 1.9, 2.6])
MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])
each = pytest.mark.parametrize


# Keys


def _looked_up(x):
    known = {"a": 2.0, 0.75: 3.0}
    key = x[1]
    total = x[0] * known.get(key, 5.0) + (x[2] if key in known else key * x[2])
    return total if x[0] - x[0] == 0.0 else 0.0 * total


def _remembered(x):
    numbers = list(x)
    squares = {number: number**2 for number in numbers}
    return sum(squares[number] for number in numbers) * len(set(numbers))


def _counted(x):
    return sum(i * value for i, value in enumerate(sorted({float(v) for v in x})))


@each("fn", [_looked_up, _remembered, _counted])
def test_numbers_are_keys_of_dicts_and_sets(fn):
    check_lifted(fn, X, order=2)


def _memo(x):
    known = {}

    def square(v):
        if v not in known:
            known[v] = v**2
        return known[v]

    return square(x[0]) + square(x[0] + 0.0 * x[1])


def _memo_or_not(x):
    known = {}

    def square(v):
        try:
            return known[v]
        except KeyError:
            return known.setdefault(v, v**2)
        except TypeError:
            return v**2

    return square(x[0]) + square(x[0] + (x[1] - 1.9))


@MODES
def test_two_numbers_of_one_value_are_not_keys_at_once(mode):
    """The second would get what belongs to the first, with its derivative."""
    with pytest.raises(TypeError, match="unhashable"):
        da.grad(da.lift(_memo), mode=mode)(X)
    found = da.grad(da.lift(_memo_or_not), mode=mode)(X)
    np.testing.assert_allclose(found, [4 * 0.7, 2 * 0.7, 0.0])


MEMO = {0.7: 0.49}


@MODES
def test_plain_numbers_of_the_same_value_are_not_taken_for_them(mode):
    """A value that was stored without a derivative would lose it."""

    def stored(x):
        return MEMO[x[0]] if x[0] in MEMO else x[0] ** 2

    def looked_up(x):
        squares = {x[0]: x[0] ** 2}
        return squares[0.7]

    def guarded(x):
        try:
            return MEMO[x[0]]
        except (KeyError, TypeError):
            return x[0] ** 2

    for fn in (stored, looked_up):
        with pytest.raises(TypeError, match="unhashable"):
            da.grad(da.lift(fn), mode=mode)(X)
    np.testing.assert_allclose(da.grad(da.lift(guarded), mode=mode)(X), [1.4, 0.0, 0.0])
    np.testing.assert_allclose(da.grad(da.lift(stored), mode=mode)(X + 1.0), [3.4, 0.0, 0.0])


@MODES
def test_numbers_of_an_outer_function_are_not_taken_for_those_of_an_inner_one(mode):
    def fn(x):
        known = {x: x**2}
        return da.grad(lambda y: known[y] if y in known else y**3, mode=mode)(x)

    with pytest.raises(TypeError, match="unhashable"):
        da.grad(da.lift(fn), mode=mode)(2.0)


@MODES
def test_numbers_of_a_function_that_lifted_code_differentiates_are_keys(mode):
    def fn(x):
        return da.grad(lambda y: x * {y: y**3}[y], mode=mode)(x)

    np.testing.assert_allclose(da.grad(da.lift(fn), mode=mode)(2.0), 36.0)


@MODES
def test_numbers_of_an_outer_function_and_of_an_inner_one_that_is_lifted(mode):
    known = {}

    def inner(y):
        return known[y] if y in known else y**3

    def fn(x):
        known[x] = x**2
        return da.grad(da.lift(inner), mode=mode)(x)

    with pytest.raises(TypeError, match="unhashable"):
        da.grad(da.lift(fn), mode=mode)(2.0)


def test_arrays_and_numbers_of_code_that_is_not_lifted_have_no_hash():
    with pytest.raises(TypeError, match="unhashable"):
        da.grad(lambda x: x[0] * len({x[1]: 1.0}))(X)
    with pytest.raises(TypeError, match="unhashable"):
        da.grad(da.lift(lambda x: x[0] * len({x: 1.0})))(X)
    found = da.grad(da.lift(lambda x: x[0] * (3.0 if isinstance(x, Hashable) else 2.0)))(X)
    assert found[0] == 2.0


# Texts


def _written(x):
    text = "%.3f, %d, %s, %5.1e" % (x[0], 3, "b", x[1])  # noqa: UP031
    named = "%(a)8.2f|" % {"a": x[2]}  # noqa: UP031
    return len(text) * x[0] + len(named) * x[1] + x[2] % 2.0


@MODES
def test_texts_with_numbers(mode):
    check_lifted(_written, X)

    def read(x):
        return float("%.6f" % x[0]) * x[1]  # noqa: UP031

    with pytest.raises(TracedToFloatError):
        da.grad(da.lift(read), mode=mode)(X)


# Ufuncs of lists


def _of_lists(x):
    finite = isfinite((1.0, x[0])).all() and np.isfinite([x[0], 1.0]).all()
    assert finite
    sines = np.sin([x[0], 0.5]) + np.multiply((x[1], 2.0), 3.0)
    return sines.sum() + np.add.reduce([x[0], x[2]]) + np.multiply.outer(x, x).sum()


def _asks(x):
    import numpy as elsewhere

    same = np.sin is elsewhere.sin and isfinite is np.isfinite and isinstance(np.sin, np.ufunc)
    return x[0] * (2.0 if same else 3.0)


@each("fn", [_of_lists, _asks])
def test_ufuncs_take_lists_and_stay_what_they_are(fn):
    check_lifted(fn, X, order=2)


def test_a_name_that_is_bound_to_another_ufunc():
    namespace = {"np": np, "wave": np.sin, "__name__": "thirdparty"}
    exec("def fn(x): return wave([x[0], 1.0]).sum()", namespace)
    gradient = da.grad(da.lift(namespace["fn"]))
    np.testing.assert_allclose(gradient(X), [np.cos(0.7), 0.0, 0.0])
    namespace["wave"] = np.cos
    np.testing.assert_allclose(gradient(X), [-np.sin(0.7), 0.0, 0.0])


def _implementations(x):
    stacked = np.stack._implementation([x, 2.0 * x])
    assert stacked.dtype == float
    return stacked[1] @ x + np.stack._implementation([X, X]).sum() * x[0]


def test_functions_have_what_they_are_implemented_by():
    check_lifted(_implementations, X)


# Memory


def _windows(x):
    stride = x.strides[-1]
    return as_strided(x, (2, 2), (stride, stride)).prod(1)


def _backward(x):
    square = np.reshape(np.outer(x, x), (3, 3))
    a, b = square.strides
    return as_strided(square[1:], (2, 2, 2), (a, 2 * b, b // 2 * 0))


def _transposed(x):
    square = np.outer(x, x**2).T
    return as_strided(square, (3,), (square.strides[0] + square.strides[1],))


def _repeated(x):
    return as_strided(x[1:2], (3, 2), (0, 0)) * X[:, None]


def _filled(x):
    y = np.zeros(4)
    window = as_strided(y, (3, 2), (8, 8))
    y[:3] = x
    window[2] = x[0] * x[1]
    return y * window.sum()


def _of_number(x):
    return as_strided(x[0], (2,), (0,)) * len((*x[0].strides, 2))


@each("fn", [_windows, _backward, _transposed, _repeated, _filled, _of_number])
def test_strides(fn):
    check_lifted(fn, X, order=2)


def _outside(x):
    return as_strided(x[:2], (3,), x.strides).sum()


def _apart(x):
    return as_strided(x[::2], (2,), x.strides).sum()


def _between(x):
    return as_strided(x, (2,), (4,)).sum()


@MODES
@each("fn", [_outside, _apart, _between])
def test_strides_that_show_something_else_are_refused(fn, mode):
    with pytest.raises(UnsupportedParameterError, match="as_strided"):
        da.grad(da.lift(fn), mode=mode)(X)


@MODES
def test_strides_of_code_that_is_not_lifted_are_refused(mode):
    with pytest.raises(MissingRowError, match="as_strided"):
        da.grad(lambda x: as_strided(x, (2, 2), x.strides * 2).sum(), mode=mode)(X)


def _locked(x):
    y = 2.0 * x
    z = as_strided(2.0 * y, (3,), writeable=False)
    y.setflags(write=False)
    for array in (y, z):
        try:
            array[0] = 1.0
        except ValueError:
            x = x * 3.0
    return x * y * z


def test_arrays_that_are_made_read_only():
    check_lifted(_locked, X)


# Classes of arrays


class Vector(np.ndarray):
    """An array with methods."""

    def __new__(cls, values, label=""):
        """Return one of finite numbers."""
        if not np.isfinite(values).all():
            raise ValueError("not finite")
        self = np.asarray(values).view(cls)
        self.label = label
        return self

    def __array_finalize__(self, other):
        self.label = getattr(other, "label", "")

    def __mul__(self, other):
        return float(np.dot(self, other)) if isinstance(other, Vector) else super().__mul__(other)

    def length(self):
        """Return the norm."""
        return float(np.sqrt(self.dot(self)))

    def unit(self):
        """Return the array of length one."""
        return self / self.length()

    def tolist(self):
        """Refuse, as arrays of quantities do."""
        raise NotImplementedError


class Part(Vector):
    """A subclass of it."""

    def length(self):
        """Return twice the norm."""
        return 2.0 * super().length()


AXIS = Vector([0.0, 3.0, 4.0], "axis")


def _methods(x):
    return Vector(x).unit() * AXIS + Part(x).length()


def _kept(x):
    v = Vector([x[0], 2.0, x[1]], "v")
    parts = [v + v, v[1:], -v, np.sin(v), np.cumsum(v), v + x, 2.0 * v, x * v, np.sort(v), v.copy()]
    parts += [np.array(v, subok=True), np.asanyarray(v), np.array(v, float, subok=True)]
    assert all(isinstance(part, Vector) and part.label == "v" for part in parts)
    parts.append(Vector(v))
    assert all(isinstance(part, Part) for part in (Part(x) + x, np.cumsum(Part(x))))
    assert isinstance(v, np.ndarray)
    assert not isinstance(v.sum(), Vector) or v.sum().ndim == 0
    return sum(part * part if type(part) is Vector else 0.0 for part in parts)


def _plain_again(x):
    v = Vector(x)
    return np.array(v) * np.asarray(v) + np.linalg.norm(v) + np.vstack([v, v]).sum(0)


def _constant(x):
    return AXIS.length() * x + np.asarray(AXIS.unit()) * x[0]


@each("fn", [_methods, _kept, _plain_again, _constant])
def test_classes_of_arrays(fn):
    check_lifted(fn, X, order=2)


@MODES
def test_neither_of_two_arrays_that_show_the_same_is_written_into(mode):
    """One has the numbers as objects of Python's: it would not see what the other gets."""

    def shows(x):
        y = x * 2.0
        v = y.view(Vector)
        y[0] = x[1]
        return v.length()

    def shown(x):
        y = x * 2.0
        y.view(Vector)[0] = x[1]
        return y.sum()

    for fn in (shows, shown):
        with pytest.raises(ValueError, match="read-only"):
            da.grad(da.lift(fn), mode=mode)(X)
    with pytest.raises(ReadOnlyError):
        da.grad(da.lift(shows), mode=mode)(X)
    assert X.flags.writeable
    with pytest.raises(InPlaceError, match="view"):
        da.grad(lambda x: x.view(Vector).length(), mode=mode)(X)


def test_arrays_of_a_package_are_not_written_into():
    def fn(x):
        AXIS[0] = 1.0
        return AXIS.length() * x[0]

    before = AXIS.copy()
    da.grad(da.lift(fn))(X)
    assert np.array_equal(AXIS, before)


class Quantity(np.ndarray):
    """An array that NumPy asks what its ufuncs are to do, as one with a unit."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        inputs = [x.view(np.ndarray) if isinstance(x, Quantity) else x for x in inputs]
        return (1000.0 * getattr(ufunc, method)(*inputs, **kwargs)).view(Quantity)


@MODES
@each("fn", [lambda x, q: x * q, lambda x, q: x[0] + q, lambda x, q: np.arctan2(x, q)])
def test_arrays_with_rules_of_their_own_are_not_taken_for_plain_ones(fn, mode):
    """Else the factor would be lost."""
    quantity = X.view(Quantity)
    with pytest.raises(UnsupportedParameterError, match="Quantity"):
        da.grad(lambda x: np.sum(fn(x, quantity)), mode=mode)(X)

    def lifted(x):
        return np.sum(np.asarray(fn(x, quantity)))

    found = da.grad(da.lift(lifted), mode=mode)(X)
    wanted = da.grad(lambda x: 1000.0 * np.sum(fn(x, X)), mode=mode)(X)
    np.testing.assert_allclose(found, wanted)


class Asked(np.ndarray):
    """An array that NumPy asks what its functions are to do."""

    def __array_function__(self, function, types, args, kwargs):
        return HANDLED[function](*args)


HANDLED = {np.sum: lambda x: 7.0 * x.view(np.ndarray)[0], np.cumsum: lambda x: x.view(np.ndarray)}


def test_arrays_with_functions_of_their_own():
    def fn(x):
        asked = x.view(Asked)
        return np.sum(asked) + np.cumsum(asked)[1] + HANDLED[np.sum](asked)

    check_lifted(fn, X)


def test_which_classes_of_arrays_are_copied():
    """Others would see copies of the things that they compare by identity, such as units."""
    assert is_copied(Vector)
    assert not any(map(is_copied, (Quantity, np.matrix, np.ma.MaskedArray, Pair, Chosen)))


class Choosing(type):
    """A metaclass that decides what a call of a class returns."""

    def __call__(cls, *args):
        """Return an instance."""
        return super().__call__(*args)


class Pair:
    """The base of a class of that metaclass."""


class Chosen(Pair, metaclass=Choosing):
    """A class of it."""


def checked(fn):
    """Decorate a function that has a note at its parameter: a factor."""

    def call(x):
        return fn.__annotations__["x"] * fn(x)

    return call


@checked
def _noted(x: 3.0):
    return x**2


def test_notes_at_parameters():
    check_lifted(_noted, X)


class Unit:
    """What an array is multiplied by, and says what that is."""

    __array_priority__ = 1000

    def __rmul__(self, other):
        return 60.0 * other


@MODES
def test_operands_of_higher_priority_decide(mode):
    np.testing.assert_allclose(da.grad(lambda x: np.sum(x * Unit()), mode=mode)(X), 60.0)
    np.testing.assert_allclose(X * Unit(), 60.0 * X)


# Parameters


def test_where_that_holds_everywhere():
    everywhere = np.ones((2, 3), bool)
    check_grads(lambda x: np.divide(x, 2.0 + x, where=everywhere[0], out=None), X)
    check_grads(lambda x: np.exp(x, where=everywhere, out=None), X)
    assert da.vjp(lambda x: np.exp(x, where=everywhere, out=None), X)[0].shape == (2, 3)
    with pytest.raises(UnsupportedParameterError, match="where"):
        da.grad(lambda x: np.sum(np.exp(x, where=X > 1.0)))(X)


@each("name", ["spherical_jn", "spherical_yn", "spherical_in", "spherical_kn"])
@each("order", [1.7, 2, -0.7, np.array([1.0, 1.7, 2.0])])
@each("slope", [False, True])
def test_orders_of_spherical_bessel_functions_are_cut(name, order, slope):
    check_grads(lambda x: getattr(special, name)(order, x, slope), X)
    if isinstance(order, float):
        check_lifted(lambda n, x: getattr(special, name)(n, x, slope), order, X)


@MODES
def test_interpolation_between_points_without_order_is_refused(mode):
    with pytest.raises(UnsupportedParameterError, match="ascending"):
        da.grad(lambda x: np.interp(0.7, np.array([1.1, 0.6, 0.9]), x), mode=mode)(X)


def _with_axes_in_front(x):
    y = np.zeros((3, 3))
    y[0] = np.reshape(x**2, (1, 1, 3))
    y[1, :2] = np.reshape(x[:2], (1, 2))
    y[[0, 2], 0] = np.reshape(x[1:] ** 3, (1, 1, 2))
    y[2][1:] = np.reshape(x[:2] * x[1:], (1, 2))
    y[X > 5.0, 0] = np.zeros((0, 0)) * x[0]
    return y * x


def test_values_with_axes_of_length_one_in_front_are_written():
    check_lifted(_with_axes_in_front, X, order=2)
    check_grads(da.lift(_with_axes_in_front), X, order=2)
