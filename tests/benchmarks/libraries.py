"""The libraries that are compared, each as one function: workload to callable."""

import importlib
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy

from tests.benchmarks.workload import Workload

Call = Callable[[], Any]


def plain(workload: Workload) -> Call:
    """Call of the undifferentiated function, in NumPy."""
    return partial(workload.build(numpy), *workload.args)


def dualad(workload: Workload) -> Call:
    """Call of dualad's derivative, of the same NumPy code."""
    transform = getattr(importlib.import_module("dualad"), workload.transform)
    return partial(transform(workload.build(numpy), argnums=workload.argnums), *workload.args)


def autograd(workload: Workload) -> Call:
    """Call of autograd's derivative."""
    transform = getattr(importlib.import_module("autograd"), workload.transform)
    model = workload.build(importlib.import_module("autograd.numpy"))
    return partial(transform(model, workload.argnums), *workload.args)


def jax(workload: Workload) -> Call:
    """Call of JAX's compiled derivative, in float64; compilation happens in the first call."""
    library: ModuleType = importlib.import_module("jax")
    library.config.update("jax_enable_x64", True)
    name = {"jacobian": "jacfwd"}.get(workload.transform, workload.transform)
    model = workload.build(importlib.import_module("jax.numpy"))
    compiled = library.jit(getattr(library, name)(model, workload.argnums))
    return lambda: library.block_until_ready(compiled(*workload.args))
