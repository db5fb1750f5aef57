"""Lifted code that defines subclasses of ``float`` or ``property``, or methods that C calls."""

import copy
import math
import struct
from array import array

import numpy as np
import pytest
from scipy import fftpack, linalg

import dualad as da
from dualad.errors import TracedToFloatError
from tests.lifted import check_lifted

MODES = pytest.mark.parametrize("mode", ["forward", "reverse"])
each = pytest.mark.parametrize


class Named:
    """A second base, which has no number."""

    name = "unnamed"

    def __new__(cls, kind, value, name):
        """Return an instance of another kind, with a name."""
        self = kind.__new__(cls, value)
        self.name = name
        return self


class Degrees(float, Named):
    """A number with a name; it passes ``float`` itself on."""

    def __new__(cls, value, name="d"):
        """Return the number, named."""
        assert isinstance(value, float)
        return Named.__new__(cls, float, value, name)

    def __add__(self, other):
        return Degrees(float.__add__(self, other), self.name)

    def __repr__(self):
        return f"{float.__repr__(self)} degrees"

    def to_radians(self):
        """Return the number in another unit."""
        return Radians(math.radians(self))


class Radians(float):
    """A number without attributes."""

    __slots__ = ()

    def __new__(cls, value):
        """Return the number."""
        return super().__new__(cls, value)

    def sine(self):
        """Return the sine."""
        return math.sin(self)


class Bare(float):
    """A number with a method."""

    def doubled(self):
        """Return twice the number."""
        return 2.0 * self


RIGHT = Degrees(90.0, "right")


def _units(x):
    angle = Degrees(x, "a")
    turned = RIGHT + angle
    assert type(angle) is Degrees
    assert isinstance(angle, float)
    assert isinstance(angle, (Degrees, int))
    assert issubclass(type(angle), float)
    assert (angle.name, turned.name) == ("a", "right")
    return turned.to_radians().sine() + angle * angle.to_radians()


def _operators(x):
    a, b = Bare(x), Bare(2.0)
    up = a + 1 + (1 - a) * a / b + 2 / a + a**b + b**a + a % b + 7.5 % a + a // b
    assert (a < b) == (x < b)
    assert a == x
    assert bool(a)
    assert isinstance(x * a, float)
    assert isinstance(a * x, float)
    assert array("d", [b])[0] == 2.0
    assert int(a) == math.floor(a) == math.trunc(a) == math.ceil(a) - 1
    return up + abs(-a) + (+a) * a.doubled() + sum(divmod(a, 0.4)) + sum(divmod(2.0, a)) + a.real


def _arrays(x):
    a, b = Bare(x), Radians(3.0)
    row = np.array([a, b, 1.0])
    out = np.zeros(3)
    out[0], out[1:] = a, a * row[1:]
    assert row.dtype == out.dtype == float
    assert np.isscalar(a)
    return [row, out, np.array(a), np.stack([a, b]), np.ones(2) * a, a * np.arange(3.0), row - b]


def _functions(x):
    a, b = Bare(x), Radians(3.0)
    found = [np.sin(a), np.add(row := np.ones(2), a), np.hypot(row, b) * a, np.maximum(a, 0.1)]
    found += [np.linalg.norm([a, b]), np.sum(a), np.float64(a), float(a), complex(a).real]
    found += [math.exp(a), math.hypot(a, b), math.fsum([a, b, a]), math.dist([a], [b]), x * a]
    return [*found, row @ (a * row), max(a, b) + min(a, b), sum([a, b]) * x, math.floor(a) * x]


def _texts(x):
    a = Degrees(x)
    assert "%.3f|%s" % (a, 1) == f"{float(a):.3f}|1"  # noqa: UP031
    assert f"{a:.2f} {a}".startswith(f"{x:.2f}")
    assert repr(a).endswith(" degrees")
    return a * (1.0 if a.is_integer() else 2.0)


def _keys(x):
    known = {Bare(0.5): 3.0}
    assert hash(Bare(0.5)) == hash(0.5)
    return known[Bare(0.5)] * x + copy.copy(Degrees(x, "c")) + copy.deepcopy(Degrees(x)) * 2.0


def _unbound(x):
    return [float.__mul__(Bare(x), 2.0), float.__new__(float, x) + float.fromhex("0x1p1") * x]


@each("fn", [_units, _operators, _arrays, _functions, _texts, _keys, _unbound])
def test_subclasses_of_float(fn):
    check_lifted(fn, 0.7, order=2)


def test_numbers_that_are_returned_are_of_no_such_class():
    def fn(x):
        return Degrees(x), [Degrees(2.0 * x), 1.0], {"a": (Radians(x), RIGHT)}

    first, (second, _), named = da.jacobian(da.lift(fn))(0.7)
    assert [first, second, *named["a"]] == [1.0, 2.0, 1.0, 0.0]


READERS = [
    lambda x: array("d", [x])[0], lambda x: struct.pack("d", x),
    lambda x: x.hex(), lambda x: x.as_integer_ratio(),
]  # fmt: skip


@MODES
@each("read", READERS)
def test_compiled_code_does_not_read_past_the_derivative(read, mode):
    def fn(x):
        return read(Bare(x)) and x

    with pytest.raises((TracedToFloatError, struct.error)):
        da.grad(da.lift(fn), mode=mode)(0.7)
    assert da.grad(da.lift(lambda x: read(Bare(0.7)) and x), mode=mode)(0.7) == 1.0


@MODES
def test_an_operand_that_knows_such_numbers_is_asked(mode):
    def fn(x):
        return (Bare(x) * Asking()) + (Asking() * Bare(x))

    class Asking:
        def __rmul__(self, other):
            return float(other) * (3.0 if isinstance(other, Bare) else 0.0)

        def __mul__(self, other):
            return self.__rmul__(other)

    assert da.grad(da.lift(fn), mode=mode)(0.7) == 6.0
    with pytest.raises(TypeError):
        da.grad(da.lift(lambda x: Bare(x) + "text"), mode=mode)(0.7)


class managed(property):  # noqa: N801
    """A property that keeps what it found, and counts."""

    calls = 0

    def __get__(self, owner, cls=None):
        if owner is None:
            return self
        self.calls += 1
        known = vars(owner)
        if "found" not in known:
            known["found"] = self.fget(owner)
        return known["found"]


class Lens:
    """An object with such properties."""

    def __init__(self, x):
        self.x = x

    @managed
    def power(self):
        """The power."""
        return math.sqrt(self.x)

    @property
    def plain(self):
        """Return another number."""
        return math.exp(self.x)


def _managed(x):
    lens = Lens(x)
    assert Lens.power.__doc__ == "The power."
    return lens.power + lens.power * lens.plain


def test_subclasses_of_property():
    before = Lens.power.calls
    da.grad(da.lift(_managed))(0.7)
    assert Lens.power.calls == before  # what it counts is gone after the call
    check_lifted(_managed, 0.7)


class Parameter:
    """A number that NumPy makes an array of, and Python a truth value."""

    def __init__(self, x):
        self.x = x

    def __array__(self, dtype=None, copy=None):
        return np.array([self.x, 2.0], dtype=float)

    def __bool__(self):
        return self.x != 0.0


def _of_parameters(x):
    a, b = Parameter(float(x)), Parameter(2.0)
    assert np.size(a) == np.size(b) == 2
    assert np.shape(a) == (2,)
    assert a
    return [np.asarray(a) * x, np.sin(np.asarray(b)) * x, np.array([1.0, x]) + np.array(a)]


def test_methods_that_c_calls():
    check_lifted(_of_parameters, 0.7)


OLDER = {
    "fft": lambda x: fftpack.fft(x, 6, overwrite_x=True),
    "fft of a list": lambda x: fftpack.fft([x[0], 1.0, x[1] * x[2]]),
    "ifft2": lambda x: fftpack.ifft2(np.reshape(x, (2, 2)), shape=(2, 3)),
    "fftn": lambda x: fftpack.fftn(np.reshape(x, (2, 2)), axes=(0,)),
    "dct": lambda x: fftpack.dct(x, 1),
    "idst": lambda x: fftpack.idst(x, norm="ortho"),
    "dctn": lambda x: fftpack.dctn(np.reshape(x, (2, 2)), shape=(3, 2)),
    "plain": lambda x: x[0] * fftpack.fft(np.arange(4.0)),
}


@each("name", OLDER)
def test_the_older_transforms(name):
    def fn(x):
        y = OLDER[name](x)
        return [y.real, y.imag]

    check_lifted(fn, np.array([0.7, 1.3, 0.4, 2.0]))


@each(("side", "lower", "trans_a", "diag"), [
    (0, 0, 0, 0), (0, 1, 1, 1), (0, 1, 2, 0), (1, 1, 0, 0), (1, 0, 1, 1), (1, 0, 2, 0),
])  # fmt: skip
def test_triangular_solutions_by_blas(side, lower, trans_a, diag):
    def fn(x):
        a = np.reshape(x[:4], (2, 2)) * (1.0 + 0.5j) + np.eye(2)
        trsm = linalg.get_blas_funcs("trsm", (np.ones(2, complex),))
        (same,) = linalg.get_blas_funcs(("trsm",), (a,))
        b = np.reshape(x[2:], (2, 2)) * (1.0 - 2.0j)
        options = {"lower": lower, "trans_a": trans_a, "diag": diag}
        y = trsm(x[0], a, b, side, **options) + 2.0 * same(1.0, a, b, side=side, **options)
        return [y.real, y.imag]

    check_lifted(fn, np.array([0.7, 1.3, 0.4, 2.0, -0.3, 0.9]))


def test_functions_of_blas_are_the_same_on_plain_arrays():
    def fn(x):
        trsm, gemm = linalg.get_blas_funcs(("trsm", "gemm"), (np.eye(2),))
        assert linalg.get_blas_funcs("gemm") is gemm
        return x * np.sum(gemm(1.0, trsm(2.0, np.eye(2), np.ones((2, 2))), np.eye(2)))

    assert da.grad(da.lift(fn))(0.7) == 8.0
