"""Functional differentiation of a small network, in six steps: docs/tutorial/ walks through it."""

import numpy as np

import dualad as da
from dualad import nn

state = np.random.RandomState(42)  # the generator that np.random.seed(42) seeds
x, y = np.ones(5, np.float32), np.zeros(3, np.float32)
w, b = state.randn(5, 3).astype(np.float32), state.randn(3).astype(np.float32)

ROW = [3.26189250e-01, 1.58914644e-02, 4.21645455e-02]


def check(gradients, row):
    """Show the gradients by w and b, and assert that `row` is db and each row of dw."""
    dw, db = gradients
    print(dw, db, sep="\n")
    assert np.allclose(db, row, rtol=1e-5) and np.allclose(dw, [row] * 5, rtol=1e-5)


# 1. The function and its computational graph
def function(x, y, w, b):
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y)


loss = function(x, y, w, b)
print(da.draw(function, x, y, w, b), loss, sep="\n")
assert np.isclose(loss, 1.3423151)

# 2. Its gradient by the arguments at positions 2 and 3
check(da.grad(function, (2, 3))(x, y, w, b), ROW)


# 3. Of a function that returns more, all outputs contribute
def function_with_logits(x, y, w, b):
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y), z


check(da.grad(function_with_logits, (2, 3))(x, y, w, b), [1.32618928, 1.01589143, 1.04216456])


# 4. ... unless a gradient is stopped
def function_stop_gradient(x, y, w, b):
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y), da.stop_gradient(z)


check(da.grad(function_stop_gradient, (2, 3))(x, y, w, b), ROW)

# 5. ... or what follows the first output is auxiliary
gradients, (z,) = da.grad(function_with_logits, (2, 3), has_aux=True)(x, y, w, b)
check(gradients, ROW)
assert np.allclose(z, [3.8211915, -2.994512, -1.932323])


# 6. The same with the parameters in a cell
class Network(nn.Cell):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(w, name="w")
        self.b = nn.Parameter(b, name="b")

    def construct(self, x):
        return x @ self.w + self.b


model, loss_fn = Network(), nn.BCEWithLogitsLoss()
weights = model.trainable_params()


def forward(x, y):
    return loss_fn(model(x), y)


loss, gradients = da.value_and_grad(forward, None, weights=weights)(x, y)
assert np.isclose(loss, 1.34232)
check(gradients, ROW)

by_name = da.grad(forward, None, weights=weights, return_ids=True)(x, y)
check([da.get_grad(by_name, "w"), da.get_grad(by_name, model.b)], ROW)

dx, gradients = da.grad(forward, 0, weights=weights)(x, y)
assert np.allclose(dx, w @ gradients[1])
check(gradients, ROW)
