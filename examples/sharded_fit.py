"""A model fitted to data in shards, which two processes differentiate.

The loss is a sum over shards. Each process gets the parameters and the name of a shard, loads the
data, and returns the shard's loss and gradient; these are added up in order.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from scipy.optimize import minimize

import dualad as da

TRUTH = {"rate": 1.5, "weights": np.array([1.0, -2.0, 0.5])}
SHARDS = range(6)  # they could as well be the names of files


def load(shard):
    """Return the inputs and the measured outputs of a shard."""
    rng = np.random.default_rng(shard)
    inputs = rng.normal(size=(500, 3))
    return inputs, model(TRUTH, inputs) + 0.01 * rng.normal(size=500)


def model(params, inputs):
    """Return a curve that saturates."""
    return np.tanh(params["rate"] * np.sin(inputs @ params["weights"]))


def loss(params, shard):
    """Return the sum of squares over one shard."""
    inputs, measured = load(shard)
    return np.sum((model(params, inputs) - measured) ** 2)


def named(x):
    """Return the parameters by name."""
    return {"rate": x[0], "weights": x[1:]}


def flat_loss(x, shard):
    """Return the loss as a function of an array."""
    return loss(named(x), shard)


def main():
    """Fit, and compare with the same fit in one process."""
    start = np.array([1.2, 0.8, -1.8, 0.6])
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        total = da.sum_over(flat_loss, SHARDS, workers=pool.map)
        fit = minimize(da.value_and_grad(total), start, jac=True)
        variance = fit.fun / (500 * len(SHARDS) - fit.x.size)
        errors = np.sqrt(np.diag(2 * variance * np.linalg.inv(da.hessian(total)(fit.x))))
    print("found", named(fit.x.round(4)), "in", fit.nfev, "evaluations")
    print("standard errors", errors.round(5))

    here = minimize(da.value_and_grad(da.sum_over(flat_loss, SHARDS)), start, jac=True)
    assert np.array_equal(fit.x, here.x)  # the sums have one order, whoever did the work
    gradient = da.grad(da.sum_over(loss, SHARDS))(named(fit.x))  # trees are parameters, too
    assert np.allclose(gradient["weights"], 0, atol=1e-3)
    assert np.all(np.abs(fit.x - [TRUTH["rate"], *TRUTH["weights"]]) < 5 * errors)


if __name__ == "__main__":
    main()
