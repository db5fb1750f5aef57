"""Python loops over scalars: long records of tiny operations."""

from types import ModuleType

import numpy

from tests.benchmarks.workload import Function, Value, Workload

LINKS = 30


def lorenz(np: ModuleType) -> Function:
    """State summed after 200 Euler steps of the Lorenz system, of its 3 parameters."""
    del np  # arithmetic alone

    def final_state(parameters: Value) -> Value:
        sigma, rho, beta = parameters
        x, y, z = 1.0, 1.0, 1.0
        step = 0.01
        for _ in range(200):
            dx = sigma * (y - x)
            dy = x * (rho - z) - y
            dz = x * y - beta * z
            x, y, z = x + step * dx, y + step * dy, z + step * dz
        return x + y + z

    return final_state


def rosenbrock_loop(np: ModuleType) -> Function:
    """Rosenbrock's function of x (n,), element by element."""
    del np  # arithmetic alone

    def rosenbrock(x: Value) -> Value:
        total = 0.0
        for i in range(len(x) - 1):
            total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
        return total

    return rosenbrock


def arm(np: ModuleType) -> Function:
    """Joint positions (60,) of a planar arm of 30 links, of its angles (30,)."""
    lengths = [1.0 / (1.0 + 0.1 * link) for link in range(LINKS)]

    def positions(angles: Value) -> Value:
        angle = x = y = 0.0
        joints = []
        for link in range(LINKS):
            angle = angle + angles[link]
            x = x + lengths[link] * np.cos(angle)
            y = y + lengths[link] * np.sin(angle)
            joints += [x, y]
        return np.array(joints)

    return positions


def chain_of(steps: int) -> Function:
    """Affine map ``x * a + b`` applied `steps` times, to a scalar."""

    def chain(x: Value) -> Value:
        for _ in range(steps):
            x = x * 0.99999 + 0.00002
        return x

    return chain


def chain(np: ModuleType) -> Function:
    """The chain of 100,000 steps."""
    del np  # arithmetic alone
    return chain_of(100_000)


RNG = numpy.random.default_rng(1)
START = numpy.array([10.0, 28.0, 8.0 / 3.0])

WORKLOADS = [
    Workload("lorenz", lorenz, [START], required=20.0, long_loop=True),
    Workload("rosenbrock-loop", rosenbrock_loop, [RNG.normal(size=100)], required=8.0),
    Workload("kinematics", arm, [RNG.normal(size=LINKS)], "jacobian", required=50.0),
    Workload("chain", chain, [1.5], required=20.0, long_loop=True),
]
