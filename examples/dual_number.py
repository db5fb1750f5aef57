"""A dual number by hand: a value that carries its derivative through any NumPy code."""

import numpy as np

import dualad as da

# A dual number is a value and its change; NumPy's functions compute both.
x = da.Dual(2.0, 1.0)
y = np.sin(x) * x**2
print("value", y.primal, "derivative", y.tangent)
assert y.primal == np.sin(2.0) * 4
assert np.isclose(y.tangent, np.cos(2.0) * 4 + np.sin(2.0) * 4)


# With one, Newton's method needs only the function: here for the x with cos(x) = x.
def gap(x):
    """Return how far x is from its cosine."""
    return np.cos(x) - x


root = 1.0
for _ in range(5):
    step = gap(da.Dual(root, 1.0))
    root = root - step.primal / step.tangent
    print("root", root)
assert abs(gap(root)) < 1e-15

# An array carries a change too, or several: their directions lead in the tangent's shape.
t = da.Dual(np.array([1.0, 2.0]), np.eye(2))
product = np.prod(np.stack([t[0], t[0], t[1]]))  # a * a * b
print("gradient", product.tangent)
assert np.allclose(product.tangent, [2 * 1 * 2, 1 * 1])
