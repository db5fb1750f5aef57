"""A cluster of Dask as workers: its answers are right, also when it loses a worker on the way."""

import os
import signal
import threading
import time

import numpy as np
import pytest

import dualad as da
from dualad.errors import WorkerError

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow
PATIENCE = 60  # seconds, before a test fails
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)

rng = np.random.default_rng(8)
SHARDS = [rng.uniform(-1, 1, (4, 3)) for _ in range(6)]
W = rng.uniform(-1, 1, 3)


@pytest.fixture(scope="module")
def client():
    """Yield the client of a cluster of two processes."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


# Functions that stand within others are sent by value: a worker need not be able to import this.


def made_loss():
    """Return a function of parameters and a shard."""
    return lambda w, shard: np.sum(np.sin(shard @ w) ** 2)


def made_ring():
    """Return a function of several outputs."""
    return lambda x: np.sin(x) * np.roll(x, 1)


def made_waiting(fn, folder):
    """Return a function like `fn` that notes who works, and waits until it may go on."""
    folder = str(folder)

    def waiting(*args):
        import os
        import time
        import uuid

        path = os.path.join(folder, f"{os.getpid()}-{uuid.uuid4().hex}")
        with open(path, "w", encoding="utf-8"):
            pass
        for _ in range(3000):
            if os.path.exists(os.path.join(folder, "go")):
                return fn(*args)
            time.sleep(0.02)
        raise TimeoutError("nobody said go")

    return waiting


def working(folder, here):
    """Return the processes that have begun to work, but for the one with the number `here`."""
    found = {int(path.name.split("-")[0]) for path in folder.iterdir() if "-" in path.name}
    return found - {here}


def loses_a_worker(compute, folder, client):
    """Return the outcome of ``compute()``, during which a worker is killed; and check that."""
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(compute()), daemon=True)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not working(folder, os.getpid()):
        assert time.monotonic() < deadline, "no worker began"
        time.sleep(0.02)
    victim = min(working(folder, os.getpid()))
    pids = client.run(os.getpid)
    assert victim in pids.values()
    begun = len(list(folder.iterdir()))
    os.kill(victim, KILL)  # it waits in the function, so its part is not done
    while not working(folder, os.getpid()) - set(pids.values()):
        assert time.monotonic() < deadline, "no worker took its place"
        time.sleep(0.02)
    assert not outcome
    assert len(list(folder.iterdir())) > begun
    (folder / "go").touch()
    thread.join(PATIENCE)
    assert outcome, "no result"
    return outcome[0]


def test_jacobian(client):
    x, ring = np.linspace(0.5, 1.5, 12), made_ring()
    wanted = da.jacobian(ring)(x)
    assert np.array_equal(da.jacobian(ring, workers=client, chunk_size=5)(x), wanted)
    mapped = client.get_executor().map
    assert np.array_equal(da.jacobian(ring, workers=mapped, chunk_size=5)(x), wanted)
    with pytest.raises(WorkerError, match="workers returned a Future"):
        da.jacobian(ring, workers=client.map)(x)
    sparse = da.hessian(lambda x: np.sum(ring(x)), workers=client, sparsity="auto")(x)
    assert np.array_equal(sparse.toarray(), da.hessian(lambda x: np.sum(ring(x)))(x))


def test_sum_over_shards(client):
    here, spread = (da.sum_over(made_loss(), SHARDS, workers=w) for w in (None, client))
    for transform in (da.grad, da.hessian, lambda f: lambda w: da.jvp(f, (w,), (W,))[1]):
        assert np.array_equal(transform(spread)(W), transform(here)(W))


def test_shards_that_are_futures_stay_in_the_cluster(client):
    """They arrive in the function as values, and there only."""
    shards = client.map(lambda k: SHARDS[k], range(6), pure=False)
    spread = da.sum_over(made_loss(), shards, workers=client)
    wanted = da.value_and_grad(da.sum_over(made_loss(), SHARDS))(W)
    for found, other in zip(da.value_and_grad(spread)(W), wanted, strict=True):
        assert np.array_equal(found, other)


def test_an_error_tells_the_shard(client):
    def fn(w, shard):
        if shard == 2:
            raise KeyError("column")
        return w * shard

    with pytest.raises(KeyError, match="column") as caught:
        da.grad(da.sum_over(fn, range(4), workers=client))(1.0)
    assert "This was shard 2, counted from 0." in caught.value.__notes__


def test_a_sum_that_loses_a_worker_is_still_right(client, tmp_path):
    spread = da.sum_over(made_waiting(made_loss(), tmp_path), SHARDS, workers=client)
    found = loses_a_worker(lambda: da.value_and_grad(spread)(W), tmp_path, client)
    wanted = da.value_and_grad(da.sum_over(made_loss(), SHARDS))(W)
    assert all(np.array_equal(*pair) for pair in zip(found, wanted, strict=True))


def test_a_worker_that_holds_shards_is_lost(client, tmp_path):
    """Those that were computed there are computed again."""
    shards = client.map(lambda k: SHARDS[k], range(6), pure=False)
    distributed.wait(shards)
    spread = da.sum_over(made_waiting(made_loss(), tmp_path), shards, workers=client)
    found = loses_a_worker(lambda: da.grad(spread)(W), tmp_path, client)
    assert np.array_equal(found, da.grad(da.sum_over(made_loss(), SHARDS))(W))


def test_a_jacobian_that_loses_a_worker_is_still_right(client, tmp_path):
    x, ring = np.linspace(0.5, 1.5, 12), made_ring()
    here = os.getpid()
    waiting = made_waiting(ring, tmp_path)

    def fn(x):
        return ring(x) if os.getpid() == here else waiting(x)  # the first evaluation is here

    spread = da.jacobian(fn, workers=client, chunk_size=3)
    found = loses_a_worker(lambda: spread(x), tmp_path, client)
    assert np.array_equal(found, da.jacobian(ring)(x))
