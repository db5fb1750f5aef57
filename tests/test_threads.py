"""Threads never meet: no state is shared between transforms that run at the same time."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

import dualad as da
from dualad.transforms.parameter import Parameter

THREADS = 16
ROUNDING = 1e-12  # of results of size one to a hundred


@pytest.fixture(autouse=True)
def _frequent_switches():
    """Let the interpreter change threads at almost every chance."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def at_once(fn, count=THREADS):
    """Return ``fn(k, wait)`` of each k, in threads that start together; `wait` aligns them."""
    barrier = Barrier(count, timeout=60)

    def run(k):
        barrier.wait()
        return fn(k, barrier.wait)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


NESTED = {
    "grad of grad": lambda fn, x: da.grad(da.grad(fn))(x),
    "grad of jvp": lambda fn, x: da.grad(lambda y: da.jvp(fn, (y,), (1.0,))[1])(x),
    "jvp of grad": lambda fn, x: da.jvp(da.grad(fn, mode="reverse"), (x,), (1.0,))[1],
    "reverse of reverse": lambda fn, x: da.grad(da.grad(fn, mode="reverse"), mode="reverse")(x),
    "hessian": lambda fn, x: da.hessian(fn)(x),
    "linearize of vjp": lambda fn, x: da.linearize(lambda y: da.vjp(fn, y)[1](1.0)[0], x)[1](1.0),
}


@pytest.mark.parametrize("second", NESTED.values(), ids=NESTED)
def test_nested_transforms_in_many_threads(second):
    def fn(x, k):
        for _ in range(20):
            x = x + k - k
        return x**3 * k

    def run(k, wait):
        return [second(lambda x: fn(x, k), 1.0 + i) for i in range(10)]

    expected = [[6.0 * k * (1.0 + i) for i in range(10)] for k in range(THREADS)]
    np.testing.assert_allclose(at_once(run), expected, rtol=ROUNDING, atol=ROUNDING)


def test_threads_that_wait_for_each_other_in_the_middle_of_transforms():
    def run(k, wait):
        def fn(x):
            wait()
            slope = da.grad(lambda y: (wait(), x * y * k)[1])(x)
            wait()
            return x * slope  # k x**2

        return da.grad(fn)(3.0)

    np.testing.assert_allclose(at_once(run), [6.0 * k for k in range(THREADS)])


def test_one_function_object_serves_many_threads():
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (THREADS, 5))
    gradient = da.grad(lambda x, scale=1.0: np.sum(x**3) * scale)
    jacobian = da.jacobian(lambda x: x * x[0])
    hessian = da.hessian(lambda x: np.sum(x**3))

    def run(k, wait):
        x = points[k]
        return gradient(x, scale=k), jacobian(x), hessian(x)

    for x, k, (g, J, H) in zip(points, range(THREADS), at_once(run), strict=True):
        np.testing.assert_allclose(g, 3 * k * x**2, rtol=ROUNDING)
        expected = np.diag(np.full(5, x[0]))
        expected[:, 0] += x
        np.testing.assert_allclose(J, expected, rtol=ROUNDING)
        np.testing.assert_allclose(H, np.diag(6 * x), rtol=ROUNDING)


def test_one_pullback_serves_many_threads():
    x = np.array([1.0, 2.0, 3.0])
    _, pullback = da.vjp(lambda y: y[0] * np.sin(y) * np.sum(y), x)
    _, pushforward = da.linearize(lambda y: y[0] * np.sin(y) * np.sum(y), x)
    single = [pullback(np.eye(3)[k % 3])[0] for k in range(THREADS)]
    pushed = [pushforward(np.eye(3)[k % 3]) for k in range(THREADS)]

    def run(k, wait):
        return [(pullback(np.eye(3)[k % 3])[0], pushforward(np.eye(3)[k % 3])) for _ in range(20)]

    for k, results in enumerate(at_once(run)):
        for ct, t in results:
            np.testing.assert_array_equal(ct, single[k])
            np.testing.assert_array_equal(t, pushed[k])


def test_an_exception_in_one_thread_does_not_disturb_the_others():
    def run(k, wait):
        def fn(x):
            inner = da.grad(lambda y: x * y)(x)
            wait()
            if k % 2:
                raise KeyError(k)
            return inner * x

        try:
            return da.grad(fn)(2.0)
        except KeyError as error:
            return error.args[0]

    assert at_once(run) == [k if k % 2 else 4.0 for k in range(THREADS)]


def test_parameters_are_bound_in_one_thread_only():
    w = Parameter(np.array([1.0, 2.0]), name="w")

    def run(k, wait):
        if k % 2:  # these use the parameter while the others differentiate by it
            wait()
            value = np.sum(w * k)
            wait()
            return value

        def loss():
            wait()
            y = np.sum(w * w) * k
            wait()
            return y

        return da.grad(loss, None, weights=[w])()[0]

    for k, found in enumerate(at_once(run)):
        np.testing.assert_allclose(found, 3.0 * k if k % 2 else 2.0 * k * w.value)


def test_asyncio_tasks_do_not_meet():
    async def task(k):
        def half(x):
            return x * da.grad(lambda y: x * y * k)(x)

        y, pullback = da.vjp(half, 2.0)
        await asyncio.sleep(0)
        (ct,) = pullback(1.0)
        await asyncio.sleep(0)
        return y, ct, da.grad(half)(3.0)

    async def main():
        return await asyncio.gather(*[task(k) for k in range(20)])

    for k, found in enumerate(asyncio.run(main())):
        np.testing.assert_allclose(found, (4.0 * k, 4.0 * k, 6.0 * k))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_function_may_spread_its_work_over_threads(mode):
    """The threads then write into one record: each application must keep its place."""
    n = 8

    def part(x):
        y = x
        for _ in range(500):
            y = y * 1.01 + x * 0.01
        return np.sin(y)

    def fn(x):
        with ThreadPoolExecutor(n) as pool:
            return np.sum(np.stack(list(pool.map(part, [x[i] for i in range(n)]))))

    x = np.linspace(0.1, 0.8, n)
    factor = part(da.Dual(1e-9, 1.0)).tangent  # sin is the identity there, and the rest linear
    expected = np.cos(factor * x) * factor
    for _ in range(3):
        np.testing.assert_allclose(da.grad(fn, mode=mode)(x), expected, rtol=1e-9)
