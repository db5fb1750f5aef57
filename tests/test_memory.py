"""What a transform keeps, for how long, and that nothing of it needs the garbage collector."""

import gc
import subprocess
import sys
import tracemalloc
import weakref
from textwrap import dedent

import numpy as np
import pytest

import dualad as da
from dualad.core.tracer import primal_value

MB = 2**20


@pytest.fixture
def _no_collector():
    """Switch the garbage collector off, so that only reference counting frees anything."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def traced_memory():
    tracemalloc.start()
    yield tracemalloc
    tracemalloc.stop()


RUNS = {
    "grad": lambda fn, x: da.grad(fn)(x),
    "grad forward": lambda fn, x: da.grad(lambda y: np.sum(fn(y)), mode="forward")(x[:1]),
    "value_and_grad": lambda fn, x: da.value_and_grad(fn)(x),
    "jvp": lambda fn, x: da.jvp(fn, (x,), (x,)),
    "vjp": lambda fn, x: da.vjp(fn, x)[1](1.0),
    "linearize": lambda fn, x: da.linearize(fn, x)[1](x),
    "jacobian": lambda fn, x: da.jacobian(fn)(x),
    "jacobian forward": lambda fn, x: da.jacobian(fn, mode="forward")(x[:2]),
    "hessian": lambda fn, x: da.hessian(fn)(x[:2]),
    "hvp": lambda fn, x: da.hvp(fn, (x,), (x,)),
    "grad of grad": lambda fn, x: da.grad(lambda y: np.sum(da.grad(fn)(y)))(x),
}
by_transform = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


@by_transform
@pytest.mark.usefixtures("_no_collector")
def test_everything_is_freed_by_reference_counting_when_a_transform_is_done(run):
    watched = []

    def fn(x):
        # fresh arrays that the record keeps: operands, parameters, and an output
        factor, index = np.linspace(1.0, 2.0, x.shape[0]), np.arange(x.shape[0])
        mask = np.ones(x.shape[0], bool)
        for array in (factor, index, mask):
            array.flags.writeable = False  # a record copies those that may change
        y = np.exp(x * factor)
        watched.extend(weakref.ref(array) for array in (factor, index, mask, primal_value(y)))
        y = np.where(mask, y * x, 0.0)[index]
        return np.sum(y * np.sin(y)) + x[0] * x[0]

    run(fn, np.linspace(0.1, 0.9, 50))
    assert watched
    assert not [ref for ref in watched if ref() is not None]


@by_transform
@pytest.mark.usefixtures("_no_collector")
def test_a_transform_leaves_no_garbage_behind(run):
    def fn(x):
        return np.sum(np.sin(x) * x) + x[0] * x[-1] / (1 + x[0])

    x = np.linspace(0.1, 0.9, 50)
    run(fn, x)  # memos of rows are made once
    gc.collect()
    run(fn, x)
    assert gc.collect() == 0


@by_transform
@pytest.mark.usefixtures("_no_collector")
def test_a_transform_that_raises_frees_all_once_the_exception_is_gone(run):
    watched = []

    def fn(x):
        y = np.exp(x)
        watched.append(weakref.ref(primal_value(y)))
        return y[1000]

    def attempt():
        with pytest.raises(IndexError):
            run(fn, np.linspace(0.1, 0.9, 50))

    attempt()
    assert watched
    gc.collect()  # pytest's record of the exception is in a cycle of its own
    assert not [ref for ref in watched if ref() is not None]


@pytest.mark.usefixtures("_no_collector")
def test_a_pullback_frees_its_record_when_it_goes():
    watched = []

    def fn(x):
        y = np.exp(x)
        watched.append(weakref.ref(primal_value(y)))
        return y * y

    _, pullback = da.vjp(fn, np.ones(50))
    pullback(np.ones(50))
    pullback(np.ones(50))
    assert watched[0]() is not None
    del pullback
    assert watched[0]() is None


def test_a_record_keeps_only_what_its_rules_read(traced_memory):
    n = 250_000  # 2 MB an array

    def fn(x):
        for _ in range(20):
            x = x + 1.0  # nothing
            x = x[::-1]  # the index
            x = np.reshape(x, (500, -1))  # the shape
            x = np.reshape(x, (-1,))
        return np.sum(x)

    x = np.ones(n)
    da.grad(fn)(np.ones(10_000))
    traced_memory.reset_peak()
    before = traced_memory.get_traced_memory()[0]
    da.grad(fn)(x)
    assert traced_memory.get_traced_memory()[1] - before < 5 * x.nbytes


def test_forward_mode_keeps_nothing(traced_memory):
    x = np.ones(100_000)

    def fn(y):
        for _ in range(40):
            y = np.sin(y) * y
        return y

    traced_memory.reset_peak()
    before = traced_memory.get_traced_memory()[0]
    da.jvp(fn, (x,), (x,))
    assert traced_memory.get_traced_memory()[1] - before < 9 * x.nbytes


def test_a_pull_lets_cotangents_go_as_it_passes(traced_memory):
    x = np.ones(250_000)

    def fn(y):
        for _ in range(40):
            y = -y
        return np.sum(y)

    traced_memory.reset_peak()
    before = traced_memory.get_traced_memory()[0]
    da.grad(fn)(x)
    assert traced_memory.get_traced_memory()[1] - before < 6 * x.nbytes


def test_a_gradient_lets_the_record_go_as_it_passes_and_a_pullback_keeps_it():
    kept, alive = [], []

    @da.custom_vjp
    def double(x):
        return 2 * x

    def look(_, ct):  # last of all in the sweep
        alive.append(kept[-1]() is not None)
        return (2 * ct,)

    double.defvjp(lambda x: (2 * x, None), look)

    def fn(x):
        y = np.exp(double(x))  # its rule reads it
        kept.append(weakref.ref(primal_value(y)))
        return np.sum(np.sin(y))

    x = np.linspace(0.0, 1.0, 20_000)
    expected = 2 * np.exp(2 * x) * np.cos(np.exp(2 * x))
    np.testing.assert_allclose(da.grad(fn)(x), expected, rtol=1e-13)
    _, pullback = da.vjp(fn, x)
    for _ in range(2):
        np.testing.assert_allclose(pullback(1.0)[0], expected, rtol=1e-13)
    da.grad(fn)(x[:10])  # of no use for small ones, which are swept sooner
    assert alive == [False, True, True, True]


def test_jacobian_sweeps_stay_within_the_budget(traced_memory, monkeypatch):
    from dualad.transforms import choice

    monkeypatch.setattr(choice, "BUDGET", 2 * MB)
    n = 400  # the Jacobian itself takes 1.2 MB, and all directions of 30 values 37 MB

    def fn(x):
        for _ in range(30):
            x = np.sin(x) * x
        return x

    x = np.linspace(0, 1, n)
    da.jacobian(fn)(x[:5])
    for transform in (da.jacobian, da.jacfwd, da.jacrev):
        traced_memory.reset_peak()
        before = traced_memory.get_traced_memory()[0]
        J = transform(fn)(x)
        peak = traced_memory.get_traced_memory()[1] - before
        assert peak < 2 * MB + 5 * J.nbytes, transform


def test_a_large_constant_is_copied_once(traced_memory):
    """Each of many products with one plain array must not copy it again."""
    A = np.ones(250_000)

    def fn(x):
        for _ in range(30):
            x = x * 0.5
            x = x + A * x[0]
        return np.sum(x)

    traced_memory.reset_peak()
    before = traced_memory.get_traced_memory()[0]
    da.grad(fn)(np.ones(250_000))
    assert traced_memory.get_traced_memory()[1] - before < 12 * A.nbytes


@pytest.mark.parametrize("n", [3, 100_000])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_work_array_that_is_reused_does_not_change_what_was_computed(n, mode):
    """Code that fills one buffer again and again is common in simulations."""
    work = np.empty(n)

    def fn(x):
        total = 0.0
        for k in (1.0, 2.0, 3.0):
            work[:] = k
            total = total + np.sum(x * work * x)
        work[:] = -1.0
        return total

    x = np.linspace(0.5, 1.5, n)
    if mode == "forward":
        np.testing.assert_allclose(da.jvp(fn, (x,), (x,))[1], 12 * np.sum(x * x))
    else:
        np.testing.assert_allclose(da.grad(fn)(x), 12 * x)


def test_an_index_that_is_reused_does_not_change_what_was_computed():
    index = np.array([0, 1])

    def fn(x):
        first = x[index]
        index[:] = 2
        second = x[index]
        index[:] = 0
        return np.sum(first * second)

    x = np.array([1.0, 2.0, 3.0])
    index[:] = [0, 1]
    np.testing.assert_allclose(da.grad(fn)(x), [3.0, 3.0, 3.0])


CHAIN = """
    import resource
    import numpy as np
    import dualad as da

    def chain(x):
        y = x
        for _ in range({steps}):
            y = {step}
        return y

    found = da.grad(chain, mode="{mode}")({start})
    assert np.all(np.isfinite(found)) and np.any(found != 0), found
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MB")
"""


def _run(**facts):
    """Return the peak memory, in MB, of a chain of operations in a process of its own."""
    source = dedent(CHAIN).format(**facts)
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[0])


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    ("step", "operations"),
    [("y * 1.0000001", 1), ("y * y / y + 1e-9", 3), ("np.sqrt(y) * np.sqrt(y)", 3)],
)
def test_a_million_operations_on_a_number(mode, step, operations):
    steps = 1_000_000 // operations
    assert _run(steps=steps, step=step, mode=mode, start="1.5") < 500


@pytest.mark.slow
def test_a_million_operations_on_a_small_array():
    assert _run(steps=1_000_000, step="-y", mode="reverse", start="np.ones(2)") < 500


def test_a_long_chain_needs_no_recursion():
    def chain(x):
        y = x
        for _ in range(20_000):
            y = y * 1.0001
        return y

    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(200)
        for run in (da.grad(chain, mode="reverse"), da.grad(chain), da.jacrev(chain)):
            np.testing.assert_allclose(run(1.0), 1.0001**20_000)
        _, pullback = da.vjp(chain, np.ones(2))
        np.testing.assert_allclose(pullback(np.ones(2))[0], 1.0001**20_000)
        del pullback
    finally:
        sys.setrecursionlimit(limit)
