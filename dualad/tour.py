"""The sections of the guided tour that ``python -m dualad`` takes: real computations, checked."""

import traceback
from collections.abc import Callable
from textwrap import indent
from typing import Any

import numpy as np
from scipy.optimize import minimize, rosen, rosen_der, rosen_hess
from scipy.special import psi
from scipy.stats import gamma

from dualad import nn
from dualad.lifting.lifted import lift
from dualad.testing import check_grads
from dualad.transforms.choice import explain
from dualad.transforms.drawing import draw
from dualad.transforms.gradient import get_grad, grad, value_and_grad
from dualad.transforms.jacobian import hessian, jacfwd, jacobian, jacrev
from dualad.transforms.products import jvp, vjp
from dualad.transforms.stopping import stop_gradient

SINGLE = 2e-6  # float32 rounds to 1e-7, and libraries differ in the order of their sums
DOUBLE = 1e-12  # float64 rounds to 1e-16; the values here come from some hundred operations
MINIMUM = 1e-6  # how near to the minimum trust-exact should stop; it stops by the gradient

LOSS = 1.3423151
Z = [3.8211915, -2.994512, -1.932323]
ROW = [3.26189250e-01, 1.58914644e-02, 4.21645455e-02]
ROW_OF_BOTH = [1.32618928, 1.01589143, 1.04216456]


class Tour:
    """What the sections of the tour report to.

    Parameters
    ----------
    write : callable
        Takes a line of output.

    Attributes
    ----------
    results : list of bool
        Whether each check held.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write = write
        self.results: list[bool] = []

    def section(self, title: str, visit: Callable[["Tour"], None]) -> None:
        """Visit a section; an exception there is a check that failed."""
        self.write(f"\n{title}\n{'=' * len(title)}")
        try:
            visit(self)
        except Exception as error:
            self.show(traceback.format_exc())
            self.check(f"the section comes to its end without {type(error).__name__}", False)

    def say(self, text: str) -> None:
        """Tell what is done next."""
        self.write(f"\n{text}")

    def show(self, *texts: Any, **values: Any) -> None:
        """Show texts, and values after their names."""
        for text in texts:
            self.write(indent(str(text), "    "))
        for name, value in values.items():
            head = f"    {name} = "
            self.write(head + indent(str(value), " " * len(head)).lstrip())

    def check(self, claim: str, held: Any) -> None:
        """Note and tell whether a claim held."""
        self.results.append(bool(held))
        self.write(f"    [{'  ok  ' if held else 'FAILED'}] {claim}")

    def check_near(self, what: str, found: Any, expected: Any, within: float) -> None:
        """Check that values agree, relative to the largest of them."""
        found, expected = np.asarray(found), np.asarray(expected)
        near = found.shape == expected.shape and np.all(
            np.abs(found - expected) <= within * np.max(np.abs(expected), initial=0.0)
        )
        self.check(f"{what}, to {within:g}", near)


def _data() -> tuple[Any, ...]:
    """Return input, label, weights and bias of the small network."""
    state = np.random.RandomState(42)
    x, y = np.ones(5, np.float32), np.zeros(3, np.float32)
    return x, y, state.randn(5, 3).astype(np.float32), state.randn(3).astype(np.float32)


def function(x: Any, y: Any, w: Any, b: Any) -> Any:
    """Return the loss of the small network."""
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y)


def function_with_logits(x: Any, y: Any, w: Any, b: Any) -> Any:
    """Return the loss of the small network, and its logits."""
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y), z


def function_with_stopped_logits(x: Any, y: Any, w: Any, b: Any) -> Any:
    """Return the loss of the small network, and its logits without their derivative."""
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y), stop_gradient(z)


def network(tour: Tour) -> None:
    """Differentiate a small network as a function of its weights."""
    data = _data()
    tour.say("x = ones(5), y = zeros(3), w = randn(5, 3), b = randn(3), in float32, seed 42;\n"
             "loss = binary cross-entropy of z = x @ w + b against y.\n"
             "draw(function, x, y, w, b), the computational graph:")  # fmt: skip
    loss = function(*data)
    tour.show(draw(function, *data), loss=loss)
    tour.check_near(f"the loss is {LOSS}", loss, LOSS, SINGLE)

    tour.say("grad(function, (2, 3)), by w and b:")
    dw, db = grad(function, (2, 3))(*data)
    tour.show(dw=dw, db=db)
    _check_gradients(tour, dw, db, ROW)

    tour.say("grad of a function that returns (loss, z); both outputs contribute:")
    dw, db = grad(function_with_logits, (2, 3))(*data)
    tour.show(db=db)
    _check_gradients(tour, dw, db, ROW_OF_BOTH)

    tour.say("The same with stop_gradient(z); the logits do not contribute:")
    dw, db = grad(function_with_stopped_logits, (2, 3))(*data)
    tour.show(db=db)
    _check_gradients(tour, dw, db, ROW)

    tour.say("The same with has_aux=True; what follows the loss is handed through:")
    (dw, db), (z,) = grad(function_with_logits, (2, 3), has_aux=True)(*data)
    tour.show(db=db, z=z)
    _check_gradients(tour, dw, db, ROW)
    tour.check_near(f"z is {Z}", z, Z, SINGLE)


def _check_gradients(tour: Tour, dw: Any, db: Any, row: list[float]) -> None:
    """Check that `db`, and each of the five rows of `dw`, is `row`, in float32."""
    tour.check_near(f"db is {row}", db, row, SINGLE)
    tour.check_near("dw has that row five times", dw, [row] * 5, SINGLE)
    tour.check("both are float32", dw.dtype == db.dtype == np.float32)


class Network(nn.Cell):
    """The small network as a cell."""

    def __init__(self, w: Any, b: Any) -> None:
        self.w = nn.Parameter(w, name="w")
        self.b = nn.Parameter(b, name="b")

    def construct(self, x: Any) -> Any:
        """Return the logits."""
        return x @ self.w + self.b


def cell(tour: Tour) -> None:
    """Differentiate the same network as a cell, by its parameters."""
    x, y, w, b = _data()
    model, loss_fn = Network(w, b), nn.BCEWithLogitsLoss()

    def forward(x: Any, y: Any) -> Any:
        return loss_fn(model(x), y)

    weights = model.trainable_params()
    tour.say(f"The same network as a dualad.nn.Cell:\n    {model!r}\n"
             "value_and_grad(forward, None, weights=model.trainable_params()):")  # fmt: skip
    loss, (dw, db) = value_and_grad(forward, None, weights=weights)(x, y)
    tour.show(loss=loss, db=db)
    tour.check_near(f"the loss is {LOSS}", loss, LOSS, SINGLE)
    _check_gradients(tour, dw, db, ROW)

    tour.say("return_ids=True pairs each gradient with its parameter's name:")
    gradients = grad(forward, None, weights=weights, return_ids=True)(x, y)
    tour.show(names=[name for name, _ in gradients])
    found = get_grad(gradients, "w"), get_grad(gradients, model.b)
    tour.check("get_grad finds them by name and by parameter",
               all(map(np.array_equal, found, (dw, db))))  # fmt: skip

    tour.say("grad(forward, 0, weights=...), by an argument and by the parameters together:")
    dx, by_weights = grad(forward, 0, weights=weights)(x, y)
    tour.show(dx=dx)
    tour.check_near("dx is w @ db", dx, w @ db, SINGLE)
    tour.check("the others are as before", all(map(np.array_equal, by_weights, (dw, db))))


def rosenbrock(tour: Tour) -> None:
    """Minimize SciPy's own function with SciPy's own solver."""
    start = np.array([1.3, 0.7, 0.8, 1.9, 1.2])
    tour.say(f"start = {start}\n"
             'minimize(rosen, start, method="trust-exact", jac=grad(rosen), hess=hessian(rosen),\n'
             '         options={"gtol": 1e-8}):')  # fmt: skip
    found = minimize(rosen, start, method="trust-exact", jac=grad(rosen), hess=hessian(rosen),
                     options={"gtol": 1e-8})  # fmt: skip
    tour.show(f"{found.nit} iterations, {found.nfev} values, {found.njev} gradients, "
              f"{found.nhev} Hessians; rosen(x) = {found.fun:.1e}", x=found.x)  # fmt: skip
    tour.check("SciPy reports success", found.success)
    tour.check_near("x is the minimum (1, 1, 1, 1, 1)", found.x, np.ones(5), MINIMUM)

    tour.say("The derivatives at the start, against those that SciPy writes out by hand:")
    gradient, curvature = grad(rosen)(start), hessian(rosen)(start)
    tour.show(f"grad(rosen)(start) = {gradient}")
    tour.check_near("the gradient is rosen_der(start)", gradient, rosen_der(start), DOUBLE)
    tour.check_near("the Hessian is rosen_hess(start)", curvature, rosen_hess(start), DOUBLE)


def third_party(tour: Tour) -> None:
    """Differentiate code of SciPy as it is, and a Jacobian that is mostly zero."""
    tour.say("The density of a gamma distribution by its shape, through SciPy's own code:\n"
             "grad(lift(scipy.stats.gamma.logpdf), 1)(x, shape)")  # fmt: skip
    x, shape = 2.5, 1.7
    slope = grad(lift(gamma.logpdf), 1)(x, shape)
    tour.show(slope=slope)
    tour.check_near("the slope is log(x) - digamma(shape)", slope, np.log(x) - psi(shape), DOUBLE)

    def heat(x: Any) -> Any:
        return x[1:-1] + 0.1 * (x[2:] - 2.0 * x[1:-1] + x[:-2]) * x[1:-1]

    tour.say('A Jacobian of 99,998 by 100,000, in three sweeps: jacobian(heat, sparsity="auto")')
    u = np.sin(np.arange(100_000.0))
    sparse = jacobian(heat, sparsity="auto")(u)
    tour.show(f"{sparse.nnz} elements, in {sparse.format} format")
    ones = np.ones_like(u)
    tour.check_near("the sums of its rows are the pushforward of ones", sparse @ ones,
                    jvp(heat, (u,), (ones,))[1], DOUBLE)  # fmt: skip


def modes(tour: Tour) -> None:
    """Show which mode is chosen for functions of several shapes."""
    t = np.linspace(0.0, 1.0, 200)
    cases: list[tuple[str, Callable[[Any], Any], Any]] = [
        ("a curve along one parameter", lambda rate: np.exp(-rate * t), 1.5),
        ("200 residuals of 3 parameters", lambda p: p[0] * np.exp(-p[1] * t) + p[2], np.ones(3)),
        ("3 sums over 200 values", lambda x: np.stack([x.sum(), x @ t, x @ x]), t + 1),
        ("one loss of 200 values", lambda x: np.sum(np.sin(x) ** 2), t),
    ]
    tour.say("Forward mode pushes a direction for each input, reverse mode pulls one for each\n"
             "output. Which is chosen depends on their numbers; explain(fn, x) tells:")  # fmt: skip
    told = [explain(fn, x) for _, fn, x in cases]
    tour.show(f"{'':31}{'inputs':>8}{'outputs':>9}  {'jacobian':9}{'grad':9}why")
    for (name, _, _), row in zip(cases, told, strict=True):
        tour.show(f"{name:31}{row.input_size:8}{row.output_size:9}  {row.mode:9}{row.grad_mode:9}"
                  f"{row.reason}")  # fmt: skip
    chosen = [row.mode for row in told]
    fewer = ["forward" if row.input_size <= row.output_size else "reverse" for row in told]
    tour.check("each Jacobian goes along the fewer directions", chosen == fewer)
    for name, fn, x in cases:
        pulled = jacrev(fn)(x)
        tour.check_near(f"{name}: reverse and forward agree", jacfwd(fn)(x), pulled, DOUBLE)
        tour.check_near(f"{name}: so does the choice", jacobian(fn)(x), pulled, DOUBLE)


def _pendulum(angle: Any) -> Any:
    """Return the angle of a pendulum after 40 steps, each of 0.05 seconds."""
    speed = 0.0
    for _ in range(40):
        speed = speed - 0.05 * 9.81 * np.sin(angle)
        angle = angle + 0.05 * speed
    return angle


def _solution(a: Any, b: Any) -> Any:
    """Return the squared length of a linear system's solution."""
    return np.sum(np.linalg.solve(a, b) ** 2)


def differences(tour: Tour) -> None:
    """Check both modes against finite differences."""
    angle, h = 1.0, 1e-5
    forward, reverse = jvp(_pendulum, (angle,), (1.0,))[1], vjp(_pendulum, angle)[1](1.0)[0]
    central = (_pendulum(angle + h) - _pendulum(angle - h)) / (2 * h)
    tour.say("How a pendulum's angle after 2 seconds depends on the first angle, by three methods:")
    tour.show(f"forward mode        {forward:.15f}", f"reverse mode        {reverse:.15f}",
              f"central difference  {central:.15f}  (step {h:g})")  # fmt: skip
    tour.check_near("forward and reverse agree", forward, reverse, DOUBLE)
    tour.check_near("the difference agrees as far as it can", central, forward, 1e-7)

    tour.say("dualad.testing.check_grads(fn, *args): both modes, at first and second order,\n"
             "against differences and each other:")  # fmt: skip
    a = np.array([[3.0, 1.0], [0.5, 2.0]])
    cases: list[tuple[str, Callable[..., Any], tuple[Any, ...]]] = [
        ("the pendulum", _pendulum, (angle,)),
        ("Rosenbrock's function", rosen, (np.array([1.3, 0.7, 0.8]),)),
        ("a linear system", _solution, (a, np.array([1.0, -2.0]))),
        ("the small network", function, tuple(x.astype(float) for x in _data())),
    ]
    for name, fn, args in cases:
        tour.check(f"check_grads passes for {name}", _passes(fn, *args))
    tour.check("check_grads finds the error in x * stop_gradient(x), whose derivative is half lost",
               not _passes(lambda x: x * stop_gradient(x), 3.0))  # fmt: skip


def _passes(fn: Callable[..., Any], *args: Any) -> bool:
    """Return whether `check_grads` finds the derivatives right."""
    try:
        check_grads(fn, *args)
    except AssertionError:
        return False
    return True


SECTIONS: list[tuple[str, Callable[[Tour], None]]] = [
    ("A small network, differentiated as a function", network),
    ("The same network as a cell with parameters", cell),
    ("Newton's method on SciPy's own function", rosenbrock),
    ("Code that is not yours, and a sparse Jacobian", third_party),
    ("Forward or reverse", modes),
    ("Both modes against finite differences", differences),
]
