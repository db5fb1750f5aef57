"""Random programs of views and in-place updates: NumPy's values, and right derivatives."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dualad as da
from dualad.core import inplace
from dualad.core.tracer import primal_value
from dualad.errors import InPlaceError, PlainArrayError, ReadOnlyError
from dualad.testing import check_grads

EXACT = 1e-11  # both modes compute the same sums, in another order
STEP = 1e-6
BLUNT = 2e-6  # of differences with that step, for values of order one
START = np.array([0.3137, -0.7219, 1.1483, 0.6071, -0.2393, 0.9041])  # no tie after sums of halves


class Program:
    """A straight-line program on arrays, drawn from a list of numbers.

    It runs on plain and on traced arrays alike, and looks at all arrays after each step.
    """

    def __init__(self, numbers):
        self.numbers = numbers
        self.text = []

    def __call__(self, x):
        """Return the values seen, and a sum that depends on all arrays."""
        self.rest = list(self.numbers)
        self.text = []
        self.x = x
        self.arrays = [x * 1.0, x.reshape(2, 3) * 2.0, x]
        seen = []
        while len(self.rest) >= 4:
            step = STEPS[self.pick(len(STEPS))]
            step(self)
            seen.append([np.array(primal_value(a), copy=True) for a in self.arrays])
        total = 0.0
        for k, a in enumerate(self.arrays):
            weights = np.cos(np.arange(a.size) + k).reshape(a.shape)
            total = total + np.sum(weights * a * a)
        return seen, total

    def pick(self, count):
        """Return the next number below `count`."""
        return self.rest.pop() % count if self.rest else 0

    def array(self):
        """Return one of the arrays."""
        k = self.pick(len(self.arrays))
        self.text.append(f"a{k}")
        return self.arrays[k]

    def add(self, array):
        """Note a new array."""
        if array.ndim and array.size:
            self.arrays.append(array)

    def index(self, a):
        """Return an index of `a`."""
        n = a.shape[0]
        kind = self.pick(9)
        if kind == 0:
            return self.pick(n) - n * self.pick(2)
        if kind == 1:
            return slice(self.pick(n), None)
        if kind == 2:
            return slice(None, None, -1)
        if kind == 3:
            return slice(self.pick(n), None, 2)
        if kind == 4:
            return np.array([self.pick(n), self.pick(n), self.pick(n)])
        if kind == 5:
            return np.arange(a.size).reshape(a.shape) % 3 == self.pick(3)
        if kind == 6:
            return Ellipsis
        if kind == 7 and a.ndim > 1:
            return (slice(None), self.pick(a.shape[1]))
        if kind == 8 and a.ndim > 1:
            return (np.array([0, 0]), slice(None, None, -1))
        return (self.pick(n),)

    def value(self, shape):
        """Return a value that can be written into an array of `shape`."""
        kind = self.pick(5)
        if kind == 0:
            return 0.5
        if kind == 1:
            return self.x[self.pick(6)] * 0.5
        if kind == 2:
            return np.sin(np.arange(np.prod(shape, dtype=int))).reshape(shape)
        source = self.array()
        if source.ndim == 1:  # NumPy's ``x[::2] = x[:3]`` reads elements that it has just written
            source = source.copy()
        if source.shape == shape:
            return source
        if kind == 3 and source.size >= np.prod(shape, dtype=int) and len(shape) == 1:
            return source.reshape(-1)[: shape[0]]
        return np.sum(source) * 0.1


def _take_view(p):
    a = p.array()
    index = p.index(a)
    p.add(a[index])


def _reshape(p):
    a = p.array()
    p.add([a.T, a.reshape(-1), a[::-1], np.swapaxes(a, 0, -1), a[None], np.ravel(a)][p.pick(6)])


def _compute(p):
    a = p.array()
    p.add([np.sin(a), a * 0.5, a + 1.0, -a, a * a, a.copy()][p.pick(6)])


def _assign(p):
    a = p.array()
    index = p.index(a)
    shape = np.empty(a.shape)[index].shape
    a[index] = p.value(shape)


def _add_to_part(p):
    a = p.array()
    index = p.index(a)
    shape = np.empty(a.shape)[index].shape
    a[index] += p.value(shape)


def _scale_part(p):
    a = p.array()
    a[p.index(a)] *= 0.7


def _in_place(p):
    a = p.array()
    v = p.value(a.shape)
    kind = p.pick(4)
    if kind == 0:
        a += v
    elif kind == 1:
        a -= v
    elif kind == 2:
        a *= np.cos(v)
    else:
        a /= 2.0 + np.sin(v)


def _out(p):
    a = p.array()
    v = p.value(a.shape)
    kind = p.pick(4)
    if kind == 0:
        np.multiply(a, 0.9, out=a)
    elif kind == 1:
        np.add(a, v, out=a)
    elif kind == 2:
        np.sin(a, out=a, where=np.arange(a.size).reshape(a.shape) % 2 == 0)
    else:
        np.cumsum(np.ravel(a) * 0.3, out=p.arrays[0]) if a.size == 6 else a.fill(0.25)


def _update(p):
    a = p.array()
    kind = p.pick(6)
    if kind == 0:
        np.add.at(a, np.array([0, 0, -1]), p.x[p.pick(6)])
    elif kind == 1:
        np.put(a, [0, -1, 0], [p.x[0], 0.3, p.x[1]])
    elif kind == 2:
        np.copyto(a, p.value(a.shape), where=np.arange(a.size).reshape(a.shape) % 2 == 0)
    elif kind == 3 and a.ndim == 2:
        np.fill_diagonal(a, p.x[p.pick(6)])
    elif kind == 4:
        a.sort()
    else:
        a.fill(0.1)


STEPS = [
    _take_view,
    _reshape,
    _compute,
    _assign,
    _add_to_part,
    _scale_part,
    _in_place,
    _out,
    _update,
]


def _total(numbers):
    """Return the function whose derivative is checked."""
    return lambda x: Program(numbers)(x)[1]


def _differences(f, x):
    """Return the gradient by central differences, and whether they settle."""
    found = []
    for step in (STEP, 2 * STEP):
        rows = np.eye(x.size) * step
        found.append([(f(x + e) - f(x - e)) / (2 * step) for e in rows])
    return np.array(found[0]), np.allclose(found[0], found[1], BLUNT, BLUNT)


programs = st.lists(st.integers(0, 719), min_size=4, max_size=60)


@given(programs)
def test_values_of_any_program_equal_numpys_in_both_modes(numbers):
    plain, _ = Program(numbers)(START.copy())
    before = START.copy()
    program = Program(numbers)
    for transform in (
        lambda: da.vjp(lambda x: _watched(program, x), START),
        lambda: da.jvp(lambda x: _watched(program, x), (START,), (np.ones(6),)),
    ):
        transform()
        assert len(program.seen) == len(plain)
        for ours, theirs in zip(program.seen, plain, strict=True):
            for a, b in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(START, before)


def _watched(program, x):
    """Return the sum, and leave the values seen with the program."""
    program.seen, total = program(x)
    return total


@given(programs)
def test_derivatives_of_any_program_are_right_in_both_modes(numbers):
    f = _total(numbers)
    reverse, forward = (da.grad(f, mode=mode)(START) for mode in ("reverse", "forward"))
    scale = 1 + np.max(np.abs(forward))
    np.testing.assert_allclose(reverse, forward, 0, EXACT * scale)
    exact, settled = _differences(f, START)
    if settled:
        np.testing.assert_allclose(forward, exact, 0, 10 * BLUNT * scale)


@given(st.lists(st.integers(0, 719), min_size=4, max_size=30))
def test_second_derivatives_of_any_program_agree_in_all_mixtures(numbers):
    f = _total(numbers)
    mixtures = [
        outer(da.grad(f, mode=inner))(START)
        for outer in (da.jacfwd, da.jacrev)
        for inner in ("forward", "reverse")
    ]
    recorded = da.jacobian(da.grad(f), mode="auto")(START)
    scale = 1 + np.max(np.abs(mixtures[0]))
    for hessian in [*mixtures[1:], recorded]:
        np.testing.assert_allclose(hessian, mixtures[0], 0, EXACT * scale)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_value_that_overlaps_its_target_is_read_first(mode):
    def later(x):
        x[1:] = x[:-1]
        x[::-1] = x * 2.0
        x[::2] = x[:3]  # here NumPy itself reads what it has just written
        return np.sum(x * np.arange(6.0))

    expected = np.zeros(6)
    for place, source in zip([0, 2, 4], [4, 3, 2], strict=True):  # of the original, doubled
        expected[source] += 2.0 * place
    for place, source in zip([1, 3, 5], [3, 1, 0], strict=True):
        expected[source] += 2.0 * place
    np.testing.assert_array_equal(da.grad(later, mode=mode)(START), expected)


def _normalized(x):
    y = np.fft.ifft(np.abs(np.fft.fft(x)) ** 2).real
    y /= y[0]
    return y


def _set(x):
    z = x + 2j * x
    z.real, w = x**2, z.imag
    z.imag = x[::-1]
    return np.abs(z) ** 2 * w


def _through_views(x):
    z = (x * (1 + 2j)).reshape(2, 3)
    real, imag = z.real, z.T.imag
    real[1] *= x[0]
    imag[1:, 0] = real[0, 1:] + 3.0
    real.T[::-1][0] = 2.0
    z[0, 0] *= 1j
    return np.concatenate([np.abs(z).ravel(), real.ravel(), imag.ravel()])


@pytest.mark.parametrize("fn", [_normalized, _set, _through_views])
def test_writes_into_real_and_imaginary_parts_reach_the_complex_array(fn):
    value = da.vjp(fn, START)[0]
    np.testing.assert_allclose(value, fn(START.copy()), rtol=1e-14, atol=1e-15)
    check_grads(lambda x: fn(x * 1.0), START)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_part_takes_no_complex_numbers(mode):
    def fn(x):
        z = x * 1j
        z.imag[:] = z
        return np.sum(np.abs(z))

    with pytest.raises(InPlaceError, match="complex numbers"):
        da.grad(fn, mode=mode)(START)


def fill(x):
    """Return an array filled element by element from a recurrence."""
    y = x * 0.0
    for i in range(1, x.size):
        y[i] = y[i - 1] * 0.5 + x[i]
    return y


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_filling_an_array_copies_it_no_more_than_once(mode, monkeypatch):
    copies = []
    is_alone = inplace._is_alone

    def watched(owner, slot):
        alone = is_alone(owner, slot)
        if not alone:
            copies.append(slot)
        return alone

    monkeypatch.setattr(inplace, "_is_alone", watched)
    n = 300
    slope = da.grad(lambda s: np.sum(fill(s[0] + np.zeros(n))), mode=mode)(np.ones(2))
    np.testing.assert_allclose(slope, [2 * n - 4, 0], atol=1e-9)
    assert len(copies) <= 2


def test_arguments_are_never_changed():
    x = START.copy()

    def f(x):
        x[0] = 5.0
        x += 1.0
        x[1:3] *= x[0]
        return np.sum(x)

    for mode in ("forward", "reverse"):
        da.grad(f, mode=mode)(x)
        np.testing.assert_array_equal(x, START)


def test_a_read_only_view_refuses_writes_as_numpy_does():
    def f(x):
        np.broadcast_to(x, (2, 6))[0] = 1.0
        return np.sum(x)

    with pytest.raises(ReadOnlyError, match="read-only"):
        da.grad(f)(START)
    with pytest.raises(ValueError, match="read-only"):
        f(START)


def test_a_plain_array_as_out_is_refused():
    out = np.zeros(6)
    with pytest.raises(PlainArrayError, match="ordinary array"):
        da.grad(lambda x: np.sum(np.multiply(x, x, out=out)))(START)
    np.testing.assert_array_equal(out, 0.0)


def test_shape_and_dtype_errors_are_numpys():
    def wrong_shape(x):
        y = x[:2] * 1.0
        y += x
        return np.sum(y)

    def wrong_dtype(x):
        y = x * 1.0
        y += 1j * x
        return np.sum(y)

    for f, error in ((wrong_shape, ValueError), (wrong_dtype, TypeError)):
        with pytest.raises(error):
            f(START)
        for mode in ("forward", "reverse"):
            with pytest.raises(error):
                da.grad(f, mode=mode)(START)


def test_a_value_of_an_inner_transform_can_be_written_into_an_outer_array():
    def f(x):
        def g(s):
            y = x * 2.0
            y[0] = s * x[1]
            return np.sum(y * y)

        return da.grad(g)(x[0])

    for mode in ("forward", "reverse"):  # d/ds (s x1)^2 at s = x0
        found = da.grad(f, mode=mode)(START)
        np.testing.assert_allclose(found[:2], [2 * START[1] ** 2, 4 * START[0] * START[1]])


def test_records_with_updates_are_freed_by_reference_counting():
    gc.disable()
    try:
        big = np.ones(1000)

        def f(x):
            y = x * big
            y[3] = x[0]
            v = y[1:]
            v *= 2.0
            f.marker = weakref.ref(primal_value(y).base or primal_value(y))
            return np.sum(v)

        da.grad(f)(np.ones(1000))
        assert f.marker() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("inner", ["forward", "reverse"])
@pytest.mark.parametrize("outer", ["forward", "reverse"])
@pytest.mark.parametrize("turned", [lambda v: v[::-1].copy(), lambda v: v[::-1] + 0.0])
def test_a_copy_of_a_view_is_written_to_alone_in_nested_transforms(turned, outer, inner):
    def fn(x):
        s = np.sin(x)
        v = 2.0 * s
        y = turned(v)
        y[:1] = y[-1:] * s[:1]
        return v + y

    def same(x):  # without a write
        s = np.sin(x)
        v = 2.0 * s
        return v + np.concatenate([v[:1] * s[:1], v[-2::-1]])

    x = np.array([0.3, 0.7, 1.1, 0.5])
    wanted = da.jacobian(da.jacobian(same, mode="reverse"), mode="reverse")(x)
    found = da.jacobian(da.jacobian(fn, mode=inner), mode=outer)(x)
    np.testing.assert_allclose(found, wanted, rtol=1e-13, atol=1e-15)
