"""What the promise costs that zero times infinity is zero, where no NaN appears: one look at it.

A pull is swept once, and again with strong zeros only if a NaN shows in its results, or, from the
first large array on, in a product. So the common path pays for the look at those, measured here as
a share of the gradient.
"""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np

from dualad import grad
from dualad.core.pulling import pull, pull_finite
from dualad.transforms.products import record
from tests.benchmarks.catalog import WORKLOADS
from tests.benchmarks.measure import side_by_side
from tests.benchmarks.processes import Cost

LIMIT = 5.0  # percent
CHOSEN = ["lorenz", "rosenbrock-10", "rosenbrock-1000000", "gaussian-mixture", "mlp"]


def zero_costs(budget: float) -> list[Cost]:
    """Share of a gradient that the look for NaNs takes, for each of some workloads."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as executor:
        shares = executor.map(partial(share, budget=budget), CHOSEN)
        return [Cost(f"zeros {name}", 100 * s, LIMIT, "%")
                for name, s in zip(CHOSEN, shares, strict=True)]  # fmt: skip


def share(name: str, budget: float) -> float:
    """Time of a sweep with the look less that of one without, over that of the gradient."""
    workload = WORKLOADS[name]
    fn = workload.build(np)
    argnums = workload.argnums if isinstance(workload.argnums, tuple) else (workload.argnums,)
    recording = record(fn, tuple(workload.args), {}, argnums)
    seeds, inputs = [(recording.positions[0], 1.0)], len(recording.inputs)
    quiet = np.errstate(all="ignore")(pull)
    calls: dict[str, Callable[[], Any]] = {  # a final sweep lets go of entries: of copies here
        "looking": lambda: pull_finite([*recording.entries], seeds, inputs, final=True),
        "not looking": lambda: quiet([*recording.entries], seeds, inputs),
        "gradient": partial(grad(fn, workload.argnums), *workload.args),
    }
    best = side_by_side(calls, budget)
    return (best["looking"] - best["not looking"]) / best["gradient"]
