"""Models from the sciences: a camera, an option book, an ecosystem."""

from types import ModuleType

import numpy

from tests.benchmarks.workload import Function, Value, Workload, special_of

RNG = numpy.random.default_rng(5)
CORNERS = RNG.uniform(-1.0, 1.0, size=(2000, 3)) + numpy.array([0.0, 0.0, 6.0])
OBSERVED = RNG.normal(size=(2000, 2))
STRIKES = RNG.uniform(80.0, 120.0, size=5000)
EXPIRIES = RNG.uniform(0.1, 2.0, size=5000)


def bundle(np: ModuleType) -> Function:
    """Reprojection residuals (4000,) of 2000 points, of 11 camera parameters.

    Rotation vector (3), center (3), focal length (1), principal point (2), radial distortion (2).
    """

    def residuals(camera: Value) -> Value:
        vector, center, focal = camera[:3], camera[3:6], camera[6]
        principal, distortion = camera[7:9], camera[9:11]
        angle = np.sqrt(np.sum(vector**2))
        x, y, z = vector / angle
        skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        rotation = np.eye(3) + np.sin(angle) * skew + (1.0 - np.cos(angle)) * (skew @ skew)
        seen = (CORNERS - center) @ rotation.T
        projected = seen[:, :2] / seen[:, 2:]
        squared = np.sum(projected**2, axis=1, keepdims=True)
        stretch = 1.0 + distortion[0] * squared + distortion[1] * squared**2
        return np.ravel(OBSERVED - (principal + focal * stretch * projected))

    return residuals


def black_scholes(np: ModuleType) -> Function:
    """Value of a book of 5000 European calls, of spot, rate and volatility."""
    special = special_of(np)

    def cumulative(x: Value) -> Value:
        return 0.5 * (1.0 + special.erf(x / np.sqrt(2.0)))

    def value(spot: Value, rate: Value, volatility: Value) -> Value:
        spread = volatility * np.sqrt(EXPIRIES)
        d1 = (np.log(spot / STRIKES) + (rate + 0.5 * volatility**2) * EXPIRIES) / spread
        discounted = STRIKES * np.exp(-rate * EXPIRIES)
        return np.sum(spot * cumulative(d1) - discounted * cumulative(d1 - spread))

    return value


def predators(np: ModuleType) -> Function:
    """Populations (2,) after 100 Runge-Kutta steps of Lotka and Volterra's, of 4 rates."""

    def slope(state: Value, rates: Value) -> Value:
        prey, hunters = state
        births, kills, meals, deaths = rates
        return np.array(
            [births * prey - kills * prey * hunters, meals * prey * hunters - deaths * hunters]
        )

    def final_state(rates: Value) -> Value:
        state = np.array([1.0, 0.5])
        step = 0.05
        for _ in range(100):
            k1 = slope(state, rates)
            k2 = slope(state + 0.5 * step * k1, rates)
            k3 = slope(state + 0.5 * step * k2, rates)
            k4 = slope(state + step * k3, rates)
            state = state + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
        return state

    return final_state


CAMERA = numpy.array([0.1, -0.2, 0.3, 0.2, 0.1, -0.4, 1.5, 0.1, -0.1, 0.02, -0.003])
RATES = numpy.array([1.1, 0.4, 0.3, 0.5])

WORKLOADS = [
    Workload("bundle-adjustment", bundle, [CAMERA], "jacobian", required=500.0),
    Workload("black-scholes", black_scholes, [100.0, 0.03, 0.25], argnums=(0, 1, 2)),
    Workload("predators", predators, [RATES], "jacobian", long_loop=True),
]
