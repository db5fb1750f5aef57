"""Functional differentiation of a small network, in six steps; docs/tutorial/ explains them."""

import numpy as np

import dualad as da
from dualad import nn

state = np.random.RandomState(42)  # the generator that np.random.seed(42) seeds
x, y = np.ones(5, np.float32), np.zeros(3, np.float32)
w, b = state.randn(5, 3).astype(np.float32), state.randn(3).astype(np.float32)


def check(gradients, row=(3.26189250e-01, 1.58914644e-02, 4.21645455e-02)):
    """Show the gradients by w and b, and assert that `row` is db and each row of dw."""
    dw, db = gradients
    print(dw, db, "", sep="\n")
    assert np.allclose(db, row, rtol=1e-5)
    assert np.allclose(dw, [row] * 5, rtol=1e-5)


def function(x, y, w, b):
    """Return the loss."""
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y)


def function_with_logits(x, y, w, b):
    """Return the loss and the logits."""
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y), z


def function_stop_gradient(x, y, w, b):
    """Return the loss, and the logits without their derivative."""
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y), da.stop_gradient(z)


# 1. The function and its computational graph
print(da.draw(function, x, y, w, b), function(x, y, w, b), "", sep="\n")
assert np.isclose(function(x, y, w, b), 1.3423151)
# 2. Its gradient by the arguments at positions 2 and 3
check(da.grad(function, (2, 3))(x, y, w, b))
# 3. All outputs of a function contribute ...
check(da.grad(function_with_logits, (2, 3))(x, y, w, b), (1.32618928, 1.01589143, 1.04216456))
# 4. ... unless a gradient is stopped ...
check(da.grad(function_stop_gradient, (2, 3))(x, y, w, b))
# 5. ... or all but the first output are auxiliary
gradients, (z,) = da.grad(function_with_logits, (2, 3), has_aux=True)(x, y, w, b)
check(gradients)
assert np.allclose(z, [3.8211915, -2.994512, -1.932323])


# 6. The same with the parameters in a cell
class Network(nn.Cell):
    """One layer."""

    def __init__(self):
        self.w, self.b = nn.Parameter(w, name="w"), nn.Parameter(b, name="b")

    def construct(self, x):
        """Return the logits."""
        return x @ self.w + self.b


model, loss_fn = Network(), nn.BCEWithLogitsLoss()
weights = model.trainable_params()
forward = lambda x, y: loss_fn(model(x), y)

loss, gradients = da.value_and_grad(forward, None, weights=weights)(x, y)
assert np.isclose(loss, 1.34232)
check(gradients)
by_name = da.grad(forward, None, weights=weights, return_ids=True)(x, y)
check([da.get_grad(by_name, "w"), da.get_grad(by_name, model.b)])
dx, gradients = da.grad(forward, 0, weights=weights)(x, y)  # by x and the weights together
assert np.allclose(dx, w @ gradients[1])
