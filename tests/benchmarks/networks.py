"""Small neural networks: matrix products between element-wise functions."""

from itertools import pairwise
from types import ModuleType

import numpy

from tests.benchmarks.workload import Function, Value, Workload

BATCH = 256
RNG = numpy.random.default_rng(4)
INPUTS = RNG.normal(size=(BATCH, 64))
LABELS = (RNG.uniform(size=(BATCH, 1)) < 0.5).astype(float)
CLASSES = RNG.integers(10, size=BATCH)


def weights_of(*sizes: int) -> list[numpy.ndarray]:
    """Weights (a, b) and biases (b,) of a network whose layers have these sizes, in turn."""
    weights = []
    for inputs, outputs in pairwise(sizes):
        weights.append(RNG.normal(size=(inputs, outputs)) / numpy.sqrt(inputs))
        weights.append(0.1 * RNG.normal(size=outputs))
    return weights


def perceptron(np: ModuleType) -> Function:
    """Binary cross-entropy of a 64-128-128-1 network over a batch of 256, of all its weights."""

    def loss(weights: Value) -> Value:
        w1, b1, w2, b2, w3, b3 = weights
        hidden = np.tanh(INPUTS @ w1 + b1)
        hidden = np.tanh(hidden @ w2 + b2)
        logits = hidden @ w3 + b3
        return np.mean(np.logaddexp(0.0, logits) - LABELS * logits)

    return loss


def perceptron_by_hand(weights: Value) -> list[Value]:
    """Return the gradient of the network's loss, written by hand."""
    w1, b1, w2, b2, w3, b3 = weights
    first = numpy.tanh(INPUTS @ w1 + b1)
    second = numpy.tanh(first @ w2 + b2)
    by_logits = (1.0 / (1.0 + numpy.exp(-(second @ w3 + b3))) - LABELS) / BATCH
    by_second = by_logits * w3.T * (1.0 - second * second)
    by_first = by_second @ w2.T * (1.0 - first * first)
    return [
        INPUTS.T @ by_first, by_first.sum(0), first.T @ by_second, by_second.sum(0),
        second.T @ by_logits, by_logits.sum(0),
    ]  # fmt: skip


def softmax(np: ModuleType) -> Function:
    """Cross-entropy of a rectified 64-32-10 classifier over a batch of 256, of all its weights."""

    def loss(weights: Value) -> Value:
        w1, b1, w2, b2 = weights
        scores = np.maximum(INPUTS @ w1 + b1, 0.0) @ w2 + b2
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        log_probabilities = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        return -np.mean(log_probabilities[np.arange(BATCH), CLASSES])

    return loss


WORKLOADS = [
    Workload("mlp", perceptron, [weights_of(64, 128, 128, 1)], required=1.7,
             by_hand=perceptron_by_hand),
    Workload("softmax", softmax, [weights_of(64, 32, 10)]),
]  # fmt: skip
