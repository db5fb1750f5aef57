"""A pendulum integrated by Taylor series of order 20, whose terms `jet` computes.

From ``y' = f(y)`` the next derivative of y is that of ``f(y(t))`` of one order less: with each call
of `jet` one more term is known.
"""

import math

import numpy as np
from scipy.integrate import solve_ivp

import dualad as da

ORDER, STEP, STEPS = 20, 0.4, 25


def motion(state):
    """Return the rate of change of angle and angular velocity, in units of the small swing."""
    angle, velocity = state
    return np.stack([velocity, -np.sin(angle)])


def derivatives(state):
    """Return the derivatives of the motion at `state`, by time, of orders 1 to `ORDER`."""
    found = [motion(state)]
    while len(found) < ORDER:
        _, terms = da.jet(motion, (state,), (found,))
        found.append(terms[-1])
    return found


def step(state):
    """Return the state after one step."""
    terms = derivatives(state)
    return state + sum(t * STEP**k / math.factorial(k) for k, t in enumerate(terms, 1))


def energy(state):
    """Return the sum of kinetic and potential energy."""
    return state[1] ** 2 / 2 - np.cos(state[0])


def main():
    """Swing for a while; compare with a solver, and look at the energy."""
    start = np.array([2.0, 0.0])
    state = start
    for _ in range(STEPS):
        state = step(state)
    solved = solve_ivp(
        lambda t, y: motion(y), (0, STEP * STEPS), start, "DOP853", rtol=1e-13, atol=1e-13
    )
    drift = abs(energy(state) - energy(start))
    error = np.max(np.abs(state - solved.y[:, -1]))
    print(f"{STEPS} steps against {solved.t.size - 1} of DOP853: difference {error:.0e}")
    print(f"energy drifts by {drift:.0e}")
    assert error < 1e-10
    assert drift < 1e-12


if __name__ == "__main__":
    main()
