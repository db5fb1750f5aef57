"""Directions spread over workers, and the bar that shows how far they are."""

import importlib.util
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from unittest.mock import MagicMock

import numpy as np
import pytest

import dualad as da
from dualad.errors import MissingExtraError, WorkerError

X = np.linspace(0.5, 1.5, 12)


def ring(x):
    return np.sin(x) * np.roll(x, 1)


def total(x):
    return np.sum(ring(x) ** 2)


def deadly(x):
    if os.environ.get("PARENT") != str(os.getpid()):
        os._exit(1)
    return np.sin(x)


def refusing(x):
    raise ValueError("no value here")


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize("sparsity", [None, "auto"])
def test_a_map_spreads_the_directions(mode, sparsity):
    seen = []

    def spread(function, chunks):
        seen.extend(chunk.task.width for chunk in chunks)
        return map(function, chunks)

    found = da.jacobian(ring, mode=mode, sparsity=sparsity, workers=spread)(X)
    found = found.toarray() if sparsity else found
    assert np.array_equal(found, da.jacobian(ring, mode=mode)(X))
    assert len(seen) > 1


def test_threads():
    with ThreadPoolExecutor(3) as pool:
        found = da.jacobian(ring, workers=pool.map, chunk_size=1)(X)
        hessian = da.hessian(total, workers=pool.map)(X)
        sparse = da.hessian(total, workers=pool.map, sparsity="auto")(X)
    assert np.array_equal(found, da.jacobian(ring)(X))
    assert np.allclose(hessian, da.hessian(total)(X))
    assert np.allclose(sparse.toarray(), da.hessian(total)(X))


def test_a_value_is_computed_once():
    calls = []

    def fn(x):
        calls.append(1)
        return np.sin(x)

    value, slope = da.value_and_jacobian(fn, workers=map, chunk_size=6)(X)
    assert len(calls) == 1 + 2  # and once a chunk
    assert np.array_equal(value, np.sin(X))
    assert np.allclose(slope, np.diag(np.cos(X)))


def test_complex_and_several_arguments():
    found = da.jacobian(np.multiply, (0, 1), workers=map, chunk_size=5)(X, X + 1j)
    wanted = da.jacobian(np.multiply, (0, 1))(X, X + 1j)
    assert all(np.array_equal(*pair) for pair in zip(found, wanted, strict=True))


@pytest.mark.slow
def test_processes(monkeypatch):
    assert np.array_equal(da.jacobian(np.sin, workers=2)(X), da.jacobian(np.sin)(X))
    monkeypatch.setenv("PARENT", str(os.getpid()))
    if importlib.util.find_spec(__name__) is None:
        pytest.skip("other processes cannot import this file")
    with pytest.raises(WorkerError, match=r"a worker process died: .* or deadly ended it"):
        da.jacobian(deadly, workers=2)(X)


def test_a_function_that_does_not_pickle_is_named():
    with pytest.raises(WorkerError, match=r"<lambda>, or an argument of it, does not pickle"):
        da.jacobian(lambda x: np.sin(x), workers=2)(X)


def test_an_error_in_a_worker_is_raised():
    with (
        ThreadPoolExecutor(2) as pool,
        pytest.raises(ValueError, match="no value here"),
    ):
        da.jacobian(refusing, workers=pool.map)(X)


class Client:
    """What is needed of Dask's client."""

    asynchronous = False

    def map(self, func, *iterables, pure, **kwargs):
        """Return futures."""
        assert not pure
        return [(func, task, kwargs) for task in zip(*iterables, strict=True)]

    def gather(self, future):
        """Return a result."""
        function, task, kwargs = future
        return function(*task, **kwargs)


def test_a_client():
    found = da.jacobian(ring, workers=Client(), chunk_size=5)(X)
    assert np.array_equal(found, da.jacobian(ring)(X))
    Client.asynchronous = True
    with pytest.raises(ValueError, match="asynchronous client"):
        da.jacobian(ring, workers=Client())


@pytest.mark.parametrize("workers", [0, -2, 1.5, True, "two"])
@pytest.mark.parametrize("sparsity", [None, "auto"])
def test_workers_are_a_number_or_a_map(workers, sparsity):
    with pytest.raises(ValueError, match="workers is"):
        da.jacobian(ring, workers=workers, sparsity=sparsity)


BAD_MAPS = {
    "chunk 1 where the result of chunk 0 was due": lambda f, jobs: map(f, jobs[1:]),
    "nothing where the result of chunk 11 was due": lambda f, jobs: map(f, jobs[:-1]),
    "chunk 11 where the result of chunk 0": lambda f, jobs: map(f, reversed(jobs)),
    "a Future where the result of chunk 0": lambda f, jobs: (Future() for _ in jobs),
}


@pytest.mark.parametrize("words", BAD_MAPS)
def test_a_map_that_is_none_is_noticed(words):
    with pytest.raises(WorkerError, match=f"workers returned {words}"):
        da.jacobian(ring, workers=BAD_MAPS[words], chunk_size=1)(X)


@pytest.mark.parametrize("sparsity", [None, "auto"])
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_a_bar_counts_the_directions(monkeypatch, mode, sparsity):
    shown = MagicMock()
    monkeypatch.setitem(sys.modules, "tqdm", shown)
    da.jacobian(ring, mode=mode, chunk_size=2, progress=True, sparsity=sparsity)(X)
    bar = shown.tqdm.return_value.__enter__.return_value
    done = sum(call.args[0] for call in bar.update.call_args_list)
    assert shown.tqdm.call_count == 1
    assert done == shown.tqdm.call_args.kwargs["total"] == (2 if sparsity else 12)


def test_a_bar_needs_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(MissingExtraError, match=r"dualad\[progress\]"):
        da.jacobian(ring, progress=True)(X)
