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


def mixture_by_hand(alphas: Value, means: Value, factors: Value) -> tuple[Value, Value, Value]:
    """Return the gradients of the Gaussian mixture's loss, written by hand."""
    rows, columns = numpy.tril_indices(SIZE, -1)
    diagonals = numpy.exp(factors[:, :SIZE])
    lower = numpy.zeros((len(alphas), SIZE, SIZE))
    lower[:, rows, columns] = factors[:, SIZE:]
    lower[:, range(SIZE), range(SIZE)] = diagonals
    centered = SAMPLE - means[:, None, :]
    whitened = numpy.matmul(centered, numpy.swapaxes(lower, 1, 2))
    log_scale = alphas + numpy.sum(factors[:, :SIZE], axis=1)
    inner = log_scale[:, None] - 0.5 * numpy.sum(whitened**2, axis=2)
    shares = numpy.exp(inner - numpy.max(inner, axis=0))
    shares /= numpy.sum(shares, axis=0)
    weights = numpy.exp(alphas - numpy.max(alphas))
    counts = numpy.sum(shares, axis=1)
    whitened *= shares[:, :, None]
    by_lower = numpy.matmul(numpy.swapaxes(whitened, 1, 2), centered)
    by_means = -numpy.sum(numpy.matmul(whitened, lower), axis=1)
    by_diagonals = numpy.diagonal(by_lower, axis1=1, axis2=2) * diagonals + diagonals**2
    below = by_lower[:, rows, columns] + factors[:, SIZE:]
    by_factors = numpy.concatenate([by_diagonals - counts[:, None], below], axis=1)
    return POINTS * weights / numpy.sum(weights) - counts, by_means, by_factors


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
    Workload(
        "gaussian-mixture", mixture, MIXTURE_ARGS, argnums=(0, 1, 2), required=1.7,
        by_hand=mixture_by_hand,
    ),
    Workload("logistic", logistic, [0.1 * RNG.normal(size=(50, 1)), 0.2], argnums=(0, 1)),
    Workload("gaussian-process", gaussian_process, [numpy.array([0.1, -2.0, -0.5, -0.3])]),
]  # fmt: skip
