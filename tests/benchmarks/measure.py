"""Timing several calls side by side, and comparing what they return."""

import gc
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

SHORTEST = 0.002  # s; a sample shorter than this repeats its call, against the clock's grain
RELATIVE = 1e-8  # derivatives in float64 lose at most half their digits to rounding


def sample(call: Callable[[], Any], repeats: int = 1) -> float:
    """Seconds that one call takes, the mean of `repeats` in a row."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def side_by_side(calls: Mapping[str, Callable[[], Any]], budget: float) -> dict[str, float]:
    """Best time (s) of each call, sampled in turn so that all meet the same noise.

    Every call is warmed up, then sampled until its equal share of `budget` (s) is spent, at least
    once. Each round has an order of its own: a call meets the memory that the one before it left.
    Garbage collection stays on, as it does for users, and starts each round clean.
    """
    order = np.random.default_rng(0)
    best = {name: sample(call) for name, call in calls.items()}
    spent = dict.fromkeys(calls, 0.0)
    while waiting := [name for name in calls if spent[name] < budget / len(calls)]:
        gc.collect()
        for name in order.permutation(waiting):
            repeats = max(1, int(SHORTEST / best[name]))
            seconds = sample(calls[name], repeats)
            best[name] = min(best[name], seconds)
            spent[name] += seconds * repeats
    return best


def leaves(tree: Any) -> list[np.ndarray]:
    """Arrays of a nested tuple or list, in order."""
    if isinstance(tree, tuple | list):
        return [leaf for branch in tree for leaf in leaves(branch)]
    return [np.asarray(tree)]


def disagreement(actual: Any, expected: Any) -> str:
    """How two derivatives differ beyond rounding; empty if they agree."""
    ours, theirs = leaves(actual), leaves(expected)
    if len(ours) != len(theirs):
        return f"{len(ours)} arrays instead of {len(theirs)}"
    for a, b in zip(ours, theirs, strict=True):
        if a.shape != b.shape:
            return f"shape {a.shape} instead of {b.shape}"
        error = float(np.max(np.abs(a - b), initial=0.0))
        if not error <= RELATIVE * float(np.max(np.abs(b), initial=1.0)):
            return f"largest difference {error:.3g}"
    return ""
