"""A hanging chain, found by Newton's method with the exact Hessian of its energy."""

import numpy as np
from scipy.optimize import minimize

import dualad as da

LINKS, LENGTH, STIFFNESS, WEIGHT = 12, 0.12, 400.0, 0.5
ENDS = np.array([[0.0, 0.0], [1.0, 0.2]])


def chain(free):
    """Return the places of all joints, given those between the two ends as one vector."""
    return np.concatenate([ENDS[:1], np.reshape(free, (-1, 2)), ENDS[1:]])


def energy(free):
    """Return the energy of elastic links and of joints with weight."""
    joints = chain(free)
    dx, dy = joints[1:, 0] - joints[:-1, 0], joints[1:, 1] - joints[:-1, 1]
    stretch = np.hypot(dx, dy) - LENGTH
    return 0.5 * STIFFNESS * np.sum(stretch**2) + WEIGHT * np.sum(joints[:, 1])


share = np.linspace(0.0, 1.0, LINKS + 1)[1:-1, None]
start = (1 - share) * ENDS[0] + share * ENDS[1] - [[0.0, 0.1]]
found = minimize(
    energy, start.ravel(), method="trust-exact", jac=da.grad(energy), hess=da.hessian(energy)
)
print(f"{found.nit} iterations, {found.nhev} Hessians, energy {found.fun:.6f}")
joints = chain(found.x)
print(joints.round(3))

# At rest the forces balance: each link pulls sideways as hard as the next one.
force = np.linalg.norm(da.grad(energy)(found.x))
d = np.diff(joints, axis=0)
length = np.linalg.norm(d, axis=1)
sideways = STIFFNESS * (length - LENGTH) * d[:, 0] / length
print("unbalanced force", force, "sideways pull", sideways[0])
assert found.success
assert force < 1e-4
assert np.allclose(sideways, sideways[0], atol=1e-4)

# The energy is at a minimum: all eigenvalues of its Hessian are positive.
assert np.linalg.eigvalsh(da.hessian(energy)(found.x)).min() > 0
