"""Sums over shards: the same values and derivatives, of all orders, as the sum written out."""

import gc
import importlib.util
import os
import pickle
import sys
import tracemalloc
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partialmethod
from multiprocessing import get_context
from unittest.mock import MagicMock

import numpy as np
import pytest
from scipy.optimize import minimize

import dualad as da
from dualad.errors import (
    ClosureError,
    OutputTypeError,
    RecomputationError,
    StructureError,
    TracedPicklingError,
    WorkerError,
)
from dualad.nn import Parameter
from dualad.transforms import choice, sharding, spreading
from dualad.transforms.products import Recording
from dualad.tree import leaves

rng = np.random.default_rng(3)
SHARDS = [rng.uniform(-1, 1, (2 + i, 3)) for i in range(5)]
W, T = rng.uniform(-1, 1, 3), rng.uniform(-1, 1, 3)
PARAMS = {"w": W, "b": np.float64(0.7)}
TANGENTS = {"w": T, "b": np.float64(-0.4)}


def loss(params, shard):
    """Return one number of a tree."""
    return np.sum(np.sin(shard @ params["w"]) * params["b"] + params["b"] ** 2)


def several(params, shard):
    """Return outputs of several shapes, one of them a number without a derivative."""
    w = params["w"]
    return {"a": np.sin(np.outer(w, w) * np.sum(shard)), "n": len(shard), "m": np.sum(shard @ w)}


def by_array(w, shard):
    return np.sum((shard @ w) ** 4)


def written_out(fn):
    """Return the sum over the shards, as one would write it."""

    def whole(params):
        found = [fn(params, shard) for shard in SHARDS]
        if isinstance(found[0], dict):
            return {key: sum(out[key] for out in found) for key in found[0]}
        return sum(found)

    return whole


def same(found, wanted):
    """Compare trees: structure, types and values."""
    pairs = zip(leaves(found), leaves(wanted), strict=True)
    for (path, x), (other, y) in pairs:
        assert path == other
        assert type(x) is type(y)
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-13)


MODES = ("auto", "forward", "reverse")
TRANSFORMS = {
    "value": lambda f: f(PARAMS),
    **{f"value_and_grad {m}": lambda f, m=m: da.value_and_grad(f, mode=m)(PARAMS) for m in MODES},
    **{f"jacobian {m}": lambda f, m=m: da.jacobian(f, mode=m)(PARAMS) for m in MODES},
    **{f"hessian {m}": lambda f, m=m: da.hessian(f, mode=m)(PARAMS) for m in MODES},
    "hessian in chunks": lambda f: da.hessian(f, chunk_size=2)(PARAMS),
    "jvp": lambda f: da.jvp(f, (PARAMS,), (TANGENTS,)),
    "hvp": lambda f: da.hvp(f, (PARAMS,), (TANGENTS,)),
    "linearize": lambda f: da.linearize(f, PARAMS)[1](TANGENTS),
    "jvp of jvp": lambda f: da.jvp(lambda p: da.jvp(f, (p,), (TANGENTS,)), (PARAMS,), (TANGENTS,)),
    "jet": lambda f: da.jet(lambda w: f({"w": w, "b": 0.7}), (W,), ([T, None, None],)),
    "in a checkpoint": lambda f: da.grad(da.checkpoint(f))(PARAMS),
    "of a scaled point": lambda f: da.grad(
        lambda s: np.sum(da.grad(lambda w: f({"w": s * w, "b": s}))(W) ** 2)
    )(0.9),
}
POOL = ThreadPoolExecutor(2)


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@pytest.mark.parametrize("fn", [loss, several])
@pytest.mark.parametrize("workers", [None, POOL.map], ids=["here", "threads"])
def test_all_transforms(transform, fn, workers):
    same(transform(da.sum_over(fn, SHARDS, workers=workers)), transform(written_out(fn)))


def test_third_derivatives_and_sparse_ones():
    f, whole = da.sum_over(by_array, SHARDS), written_out(by_array)
    same(da.jacobian(da.hessian(f))(W), da.jacobian(da.hessian(whole))(W))
    same(da.hessian(f, sparsity="auto")(W).toarray(), da.hessian(whole)(W))
    same(da.hessian_diagonal(f)(W), da.hessian_diagonal(whole)(W))


def test_the_pullback_serves_any_cotangent():
    y, pull = da.vjp(da.sum_over(by_array, SHARDS), W)
    wanted, other = da.vjp(written_out(by_array), W)
    same((y, pull(1.0), pull(-2.5)), (wanted, other(1.0), other(-2.5)))
    for mode in MODES:
        found, slope = (da.grad(lambda a, p=p: np.sum(p(a)[0]), mode=mode) for p in (pull, other))
        same(found(2.0), slope(2.0))


@pytest.mark.parametrize("mode", MODES)
def test_many_directions_through_one_number(mode):
    f, whole = da.sum_over(by_array, SHARDS), written_out(by_array)
    found, wanted = (
        da.jacobian(lambda w, g=g: g(w) * np.outer(np.arange(4.0), w), mode=mode)(W)
        for g in (f, whole)
    )
    same(found, wanted)
    same(da.jacobian(f, mode=mode)(W), da.grad(whole)(W))


def test_several_arguments_and_keywords():
    f = da.sum_over(lambda x, y, shard, *, power: np.sum(x * shard**power * y), SHARDS)
    g = da.grad(lambda *args: sum(np.sum(args[0] * s**3 * args[1]) for s in SHARDS), (0, 1))
    same(da.grad(f, (0, 1))(W, 2.0, power=3), g(W, 2.0))


@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_dtypes(dtype):
    def fn(x, shard):
        return np.sum(np.abs(x * shard) ** 2)

    x = (W * (1 + 2j)).astype(dtype) if dtype is np.complex128 else W.astype(dtype)
    shards = [s.astype(dtype) for s in SHARDS[:2]]
    for mode in MODES:
        found = da.grad(da.sum_over(fn, shards), mode=mode)(x)
        wanted = da.grad(lambda x: fn(x, shards[0]) + fn(x, shards[1]), mode=mode)(x)
        assert found.dtype == wanted.dtype == dtype
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_shards_whose_outputs_differ_in_dtype():
    def fn(x, shard):
        return np.astype(x * x, np.float32) if shard else x * (2 + 1j)

    f = da.sum_over(fn, [0, 1])
    for mode in MODES:
        found = da.jacobian(f, mode=mode)(W)
        np.testing.assert_allclose(found, np.diag(2 * W + 2 + 1j), rtol=1e-6)


def test_a_cotangent_has_the_dtype_of_its_shard():
    seen = set()

    @da.custom_vjp
    def single(x):
        return np.astype(x, np.float32)

    def bwd(_, ct):
        seen.add(ct.dtype)
        return (np.astype(ct, float),)

    single.defvjp(lambda x: (single(x), None), bwd)
    f = da.sum_over(lambda x, shard: single(x) if shard else x * 1j, [0, 1])
    found = da.jacobian(f, mode="reverse")(W)
    np.testing.assert_allclose(found, np.diag([1 + 1j] * 3))
    assert seen == {np.dtype(np.float32)}


def test_the_order_of_the_sum_is_that_of_the_shards():
    terms = [1e16, 1.0, -1e16, 1.0]  # in another order the sum is another number
    for workers in (None, POOL.map):
        f = da.sum_over(np.multiply, terms, workers=workers)
        assert f(1.0) == da.grad(f, mode="forward")(1.0) == da.grad(f, mode="reverse")(1.0) == 1.0


def counted(fn):
    """Return a function, and the list to which it appends its shards."""
    calls = []

    def wrapped(w, shard):
        calls.append(shard)
        return fn(w, shard)

    return wrapped, calls


@pytest.mark.parametrize("transform", [
    da.value_and_grad, lambda f: da.value_and_grad(f, mode="forward"),
    lambda f: lambda w: da.jvp(f, (w,), (T,)), lambda f: lambda w: da.jacobian(f)(w),
])  # fmt: skip
def test_a_first_derivative_of_one_number_evaluates_each_shard_once(transform):
    fn, calls = counted(by_array)
    transform(da.sum_over(fn, SHARDS))(W)
    assert len(calls) == len(SHARDS)


def test_another_derivative_evaluates_each_shard_once_a_sweep():
    fn, calls = counted(several)
    da.jacobian(da.sum_over(fn, SHARDS))(PARAMS)
    assert len(calls) == 2 * len(SHARDS)


def test_a_hessian_evaluates_each_shard_three_times():
    fn, calls = counted(by_array)
    da.hessian(da.sum_over(fn, SHARDS))(W)
    assert len(calls) == 3 * len(SHARDS)


@pytest.mark.parametrize("transform", [da.hessian, lambda f: da.jacobian(lambda w: f(w) * w)])
def test_a_function_that_returns_something_else_the_next_time(transform):
    draws = np.random.default_rng(1)
    noisy = da.sum_over(lambda w, shard: np.sum(w**2) * draws.normal(), SHARDS)
    slightly = da.sum_over(lambda w, shard: np.sum(w**2) + 1e-9 * draws.normal(), SHARDS)
    if transform is da.hessian:
        with pytest.raises(RecomputationError, match=r"made by dualad\.sum_over"):
            transform(noisy)(W)
    assert np.all(np.isfinite(transform(slightly)(W)))


def test_directions_are_swept_as_they_fit_the_memory(monkeypatch):
    fn, widths = da.sum_over(several, SHARDS), []
    whole = {m: da.jacobian(fn, mode=m)(PARAMS) for m in MODES}

    def watched(self, seeds, lead=(), sweep=None):
        widths.append(lead)
        return sweep(self, seeds, lead)

    monkeypatch.setattr(choice, "BUDGET", 1)
    for name in ("push", "pull"):
        sweep = getattr(Recording, name)
        monkeypatch.setattr(Recording, name, partialmethod(watched, sweep=sweep))
    for mode in MODES:
        same(da.jacobian(fn, mode=mode, chunk_size=4)(PARAMS), whole[mode])
    assert set(widths) >= {(4,), (1,)}  # of the sum, and of its terms


def test_minimize():
    target = rng.uniform(-1, 1, 3)
    data = [(s, s @ target) for s in SHARDS]
    f = da.sum_over(lambda w, shard: np.sum((shard[0] @ w - shard[1]) ** 2), data)
    for method in ("BFGS", "trust-exact"):
        hess = da.hessian(f) if method == "trust-exact" else None
        found = minimize(da.value_and_grad(f), np.zeros(3), jac=True, hess=hess, method=method)
        np.testing.assert_allclose(found.x, target, atol=1e-5)


class Loaded:
    """Shards that are made when they are read, and tell how many of them there are at a time."""

    def __init__(self):
        self.most, self.alive = 0, weakref.WeakSet()

    def __iter__(self):
        for k in range(6):
            shard = type("Shard", (), {"k": k})()
            self.alive.add(shard)
            self.most = max(self.most, len(self.alive))
            yield shard
            del shard


@pytest.mark.parametrize("transform", [lambda f: f, da.grad, da.hessian])
def test_here_one_shard_is_in_memory_at_a_time(transform):
    shards = Loaded()
    gc.disable()
    try:
        found = transform(da.sum_over(lambda x, shard: shard.k * x**3, shards))(1.0)
    finally:
        gc.enable()
    assert found in (15.0, 45.0, 90.0)
    assert shards.most == 1


def test_the_record_of_one_shard_is_in_memory_at_a_time():
    x = np.ones(100_000)

    def peak(shards):
        gradient = da.grad(da.sum_over(lambda x, k: np.sum(np.exp(np.sin(k * x))), shards))
        tracemalloc.start()
        gradient(x)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(range(1, 9)) < peak([1]) + 3 * x.nbytes  # a shard's gradient, and two totals


def test_counts_only():
    f = da.sum_over(lambda w, shard: len(shard), SHARDS)
    assert f(W) == 20
    for mode in MODES:
        same(da.grad(f, mode=mode)(W), np.zeros(3))
    assert da.sum_over(lambda w, shard: bool(len(shard) > 2), SHARDS)(W) == 4
    assert da.sum_over(lambda w, shard: np.any(shard), SHARDS)(W) == 5


def test_it_pickles_and_calls_itself_by_the_name_of_the_function():
    f = da.sum_over(loss, SHARDS)
    assert repr(f) == "<dualad.sum_over of loss>"
    assert not hasattr(f, "__wrapped__")  # it has no parameter for the shard, as `loss` has
    da.grad(f)(PARAMS)
    twin = pickle.loads(pickle.dumps(da.grad(f)))
    same(twin(PARAMS), da.grad(f)(PARAMS))


def test_errors_call_every_sweep_by_the_name_of_the_function(monkeypatch):
    names = []

    def watched(function, tasks, workers, noun, name):
        names.append(name)
        return spreading.spread(function, tasks, workers, noun, name)

    monkeypatch.setattr(sharding, "spread", watched)
    da.hessian(da.sum_over(by_array, SHARDS))(W)
    assert names == ["by_array"] * 3


def test_sums_of_sums():
    inner = da.sum_over(lambda w, k, shard: np.sum(np.sin(k * shard @ w)), SHARDS)
    f = da.sum_over(inner, [1.0, 2.0])

    def whole(w):
        return sum(np.sum(np.sin(k * s @ w)) for k in (1.0, 2.0) for s in SHARDS)

    same(da.value_and_grad(f)(W), da.value_and_grad(whole)(W))
    same(da.hessian(f)(W), da.hessian(whole)(W))


@pytest.mark.parametrize(
    ("shards", "error", "words"),
    [
        ([], ValueError, "shards is empty"),
        (3, TypeError, "of type int"),
        ((s for s in SHARDS), TypeError, "a generator, which can be read once"),
        (map(np.sin, SHARDS), TypeError, "a map, which can be read once"),
    ],
)
def test_shards_that_cannot_be_read_again(shards, error, words):
    with pytest.raises(error, match=words):
        da.sum_over(loss, shards)


def test_shards_that_turn_out_to_be_none():
    class Nothing:
        def __iter__(self):
            return iter(())

    for transform in (lambda f: f, da.grad):
        with pytest.raises(ValueError, match="shards is empty"):
            transform(da.sum_over(by_array, Nothing()))(W)


@pytest.mark.parametrize("transform", [lambda f: f, da.grad])
@pytest.mark.parametrize("workers", [None, POOL.map], ids=["here", "threads"])
def test_outputs_that_do_not_add_up(transform, workers):
    for fn, words in [
        (lambda w, s: s @ w, r"the shape of what .* returns for shard 1 should be \(2,\)"),
        (lambda w, s: [w] * len(s), "what .* returns for shard 1 should be a list"),
    ]:
        with pytest.raises(StructureError, match=words):
            transform(da.sum_over(fn, SHARDS, workers=workers))(W)
    with pytest.raises(StructureError, match=r"returns for shard 1 should be \(\), but is None"):
        transform(da.sum_over(lambda w, s: (w[0], None if s else w[1]), [0, 1], workers=workers))(W)
    for out in ("text", None, ()):
        with pytest.raises(OutputTypeError):
            transform(da.sum_over(lambda w, s, out=out: out, SHARDS, workers=workers))(W)


@pytest.mark.parametrize("transform", [lambda f: f, da.grad, da.hessian, da.jacfwd])
@pytest.mark.parametrize("workers", [None, POOL.map], ids=["here", "threads"])
def test_an_error_tells_the_shard(transform, workers):
    def fn(w, shard):
        if len(shard) == 5:
            raise KeyError("column") from OSError("disk")
        return np.sum(w)

    with pytest.raises(KeyError, match="column") as caught:
        transform(da.sum_over(fn, SHARDS, workers=workers))(W)
    assert isinstance(caught.value.__cause__, OSError)
    assert "This was shard 3, counted from 0." in caught.value.__notes__


@pytest.mark.parametrize("workers", [None, POOL.map], ids=["here", "threads"])
def test_a_traced_value_that_is_no_argument(workers):
    def outer(a):
        return da.sum_over(lambda w, s: a * np.sum(s * w), SHARDS, workers=workers)(a * W)

    for mode in MODES:
        with pytest.raises(ClosureError, match=r"made by dualad\.sum_over"):
            da.grad(outer, mode=mode)(2.0)


def test_a_traced_value_is_not_sent_to_processes():
    with pytest.raises(TracedPicklingError):
        da.grad(lambda a: da.sum_over(np.multiply, [a], workers=2)(1.0))(2.0)


def test_parameters_by_closure():
    w = Parameter(W, name="w")
    here = da.sum_over(lambda s: np.sum(np.sin(s @ w)), SHARDS)
    wanted = da.grad(lambda v: sum(np.sum(np.sin(s @ v)) for s in SHARDS))(W)
    same(da.grad(here, None, weights=w)(), wanted)
    spread = da.sum_over(lambda s: np.sum(np.sin(s @ w)), SHARDS, workers=POOL.map)
    with pytest.raises(WorkerError, match="stands for its plain value"):
        da.grad(spread, None, weights=w)()
    assert np.isfinite(spread())


def test_a_bar_counts_the_shards(monkeypatch):
    shown = MagicMock()
    monkeypatch.setitem(sys.modules, "tqdm", shown)
    da.grad(da.sum_over(by_array, SHARDS, progress=True))(W)
    bar = shown.tqdm.return_value.__enter__.return_value
    assert shown.tqdm.call_args.kwargs == {"total": 5, "unit": "shard"}
    assert [call.args for call in bar.update.call_args_list] == [(1,)] * 5


def test_wrong_workers():
    with pytest.raises(ValueError, match="workers is 0"):
        da.sum_over(loss, SHARDS, workers=0)


class AwkwardError(Exception):
    """An exception that does not pickle."""

    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")


def failing(w, shard):
    if shard == 1:
        raise AwkwardError("this", "that")
    if shard == 2:
        raise KeyError("column")
    return w


def ending(w, shard):
    if os.environ.get("PARENT") != str(os.getpid()) and shard == 2:
        os._exit(1)
    return w * shard


importable = pytest.mark.skipif(
    importlib.util.find_spec(__name__) is None, reason="other processes cannot import this file"
)


@pytest.mark.slow
@importable
def test_processes():
    f, whole = da.sum_over(loss, SHARDS, workers=2), written_out(loss)
    same(da.value_and_grad(f)(PARAMS), da.value_and_grad(whole)(PARAMS))


@pytest.mark.slow
@importable
def test_a_pool_of_processes():
    whole = written_out(loss)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        f = da.sum_over(loss, SHARDS, workers=pool.map)
        same(da.hessian(f)(PARAMS), da.hessian(whole)(PARAMS))
        same(da.hvp(f, (PARAMS,), (TANGENTS,)), da.hvp(whole, (PARAMS,), (TANGENTS,)))
        with pytest.raises(RuntimeError, match=r"AwkwardError: this and that.*shard 1"):
            da.grad(da.sum_over(failing, [0, 1], workers=pool.map))(1.0)
        with pytest.raises(KeyError, match="column") as caught:
            da.grad(da.sum_over(failing, [0, 2], workers=pool.map))(1.0)
    assert "This was shard 1, counted from 0." in caught.value.__notes__


@pytest.mark.slow
@importable
def test_a_process_that_dies(monkeypatch):
    monkeypatch.setenv("PARENT", str(os.getpid()))
    with pytest.raises(WorkerError, match="a worker process died: it ran out of memory, or ending"):
        da.grad(da.sum_over(ending, [0, 1, 2, 3], workers=2))(1.0)


def test_what_does_not_pickle_is_named():
    with pytest.raises(WorkerError, match=r"<lambda>, or an argument of it, does not pickle"):
        da.grad(da.sum_over(lambda w, s: w, [1.0], workers=2))(1.0)
    with pytest.raises(WorkerError, match="shard 0 does not pickle") as caught:
        da.grad(da.sum_over(loss, [lambda: 0], workers=2))(1.0)
    assert caught.value.__cause__ is not None
