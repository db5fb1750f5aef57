"""Likelihoods: a Gaussian mixture, a logistic regression, a Gaussian process."""

from types import ModuleType

import numpy

from tests.benchmarks.workload import Function, Value, Workload

POINTS, SIZE, COMPONENTS = 1000, 10, 25
RNG = numpy.random.default_rng(3)
SAMPLE = RNG.normal(size=(POINTS, SIZE))
FEATURES = RNG.normal(size=(2000, 50))
OUTCOMES = (RNG.uniform(size=2000) < 0.5).astype(float)
SITES = RNG.uniform(size=(120, 2))
HEIGHTS = numpy.sin(6.0 * SITES[:, 0]) + SITES[:, 1]


def mixture(np: ModuleType) -> Function:
    """Negative log-posterior of a Gaussian mixture, d = 10, K = 25, n = 1000.

    The ADBench problem (Srajer, Kukelova and Fitzgibbon, 2018): weights (K,), means (K, d), and
    inverse covariance factors (K, d + d (d - 1) / 2): log-diagonals, then what is below them.
    """
    below = numpy.tri(SIZE, k=-1)
    place = SIZE + (numpy.cumsum(below).astype(int) - 1).reshape(SIZE, SIZE) * below.astype(int)

    def logsumexp(a: Value, axis: int) -> Value:
        top = np.max(a, axis=axis, keepdims=True)
        return np.squeeze(top, axis) + np.log(np.sum(np.exp(a - top), axis=axis))

    def negative_log_posterior(alphas: Value, means: Value, factors: Value) -> Value:
        log_diagonals = factors[:, :SIZE]
        diagonals = np.exp(log_diagonals)
        lower = factors[:, place] * below + diagonals[:, :, None] * np.eye(SIZE)
        centered = SAMPLE - means[:, None, :]
        whitened = np.matmul(centered, np.swapaxes(lower, 1, 2))
        log_scale = alphas + np.sum(log_diagonals, axis=1)
        inner = log_scale[:, None] - 0.5 * np.sum(whitened**2, axis=2)
        likelihood = np.sum(logsumexp(inner, 0)) - POINTS * logsumexp(alphas, 0)
        prior = 0.5 * (np.sum(diagonals**2) + np.sum(factors[:, SIZE:] ** 2))
        return prior - likelihood

    return negative_log_posterior


def logistic(np: ModuleType) -> Function:
    """Penalized logistic loss of weights (50, 1) and a bias (), 2000 observations."""

    def loss(weights: Value, bias: Value) -> Value:
        logits = (FEATURES @ weights)[:, 0] + bias
        return np.mean(np.logaddexp(0.0, logits) - OUTCOMES * logits) + 0.01 * np.sum(weights**2)

    return loss


def gaussian_process(np: ModuleType) -> Function:
    """Negative log-likelihood of a Gaussian process at 120 sites, of 4 log-parameters."""

    def loss(logs: Value) -> Value:
        amplitude, noise, scales = np.exp(logs[0]), np.exp(logs[1]), np.exp(logs[2:])
        scaled = SITES / scales
        distances = np.sum((scaled[:, None, :] - scaled[None, :, :]) ** 2, axis=-1)
        covariance = amplitude * np.exp(-0.5 * distances) + noise * np.eye(len(SITES))
        factor = np.linalg.cholesky(covariance)
        whitened = np.linalg.solve(factor, HEIGHTS)
        return 0.5 * np.dot(whitened, whitened) + np.sum(np.log(np.diag(factor)))

    return loss


MIXTURE_ARGS = [
    RNG.normal(size=COMPONENTS),
    RNG.normal(size=(COMPONENTS, SIZE)),
    0.3 * RNG.normal(size=(COMPONENTS, SIZE * (SIZE + 1) // 2)),
]

WORKLOADS = [
    Workload("gaussian-mixture", mixture, MIXTURE_ARGS, argnums=(0, 1, 2), required=1.7),
    Workload("logistic", logistic, [0.1 * RNG.normal(size=(50, 1)), 0.2], argnums=(0, 1)),
    Workload("gaussian-process", gaussian_process, [numpy.array([0.1, -2.0, -0.5, -0.3])]),
]
