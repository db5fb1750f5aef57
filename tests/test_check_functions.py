"""Each check passes what is right, and says what is wrong, where, and how to see it again."""

import pickle
import re
import warnings
from functools import partial

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der, rosen_hess
from scipy.sparse import csr_array
from scipy.sparse.linalg import aslinearoperator

import dualad as da
from dualad import extend
from dualad.testing import (
    BadInputError,
    InconclusiveError,
    InconclusiveWarning,
    WrongDerivativeError,
    check_custom_rule,
    check_grads,
    check_hessian,
    check_jacobian,
    check_jvp,
    check_row,
    check_vjp,
)

X = np.array([1.3, 0.7, 0.8, 1.9])


def model(p, t):
    return p[0] * np.exp(-p[1] * t)


def halved(x):
    return x * da.stop_gradient(x)


def wrong_der(x):
    found = rosen_der(x)
    found[2] *= 1 + 1e-6
    return found


def wrong_hess(x):
    found = rosen_hess(x)
    found[1, 1] *= 1 + 1e-6
    return found


def test_right_derivatives_pass():
    check_grads(model, X[:2], X)
    check_grads(model, (X[:2], X))
    check_grads(model, (X[:2], X), order=1, modes=("reverse",))
    check_grads(model, (X[:2], X), order=2, modes=("forward",))
    check_grads(lambda z: np.exp(z) * np.conj(z), 0.3 + 0.5j)
    check_grads(lambda tree: tree["a"] * tree["b"][0], {"a": X, "b": [2.0]})
    check_jvp(np.sin, partial(da.jvp, np.sin), X)
    check_vjp(np.sin, partial(da.vjp, np.sin), X)
    check_vjp(model, partial(da.vjp, model), X[:2], X)
    check_jacobian(rosen, rosen_der, X)
    check_jacobian(rosen, da.grad(rosen), X)
    check_jacobian(model, da.jacobian(model, 1), X[:2], X, argnum=1)
    check_hessian(rosen, rosen_hess, X)
    check_hessian(rosen, rosen_hess, X, jac=rosen_der)
    check_hessian(rosen, rosen_hess, np.linspace(0.5, 1.5, 20))


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8])
def test_the_size_of_arguments_does_not_matter(scale):
    check_grads(lambda x: np.sum(np.sin(x / scale) * x), X * scale)
    check_jacobian(lambda x: rosen(x / scale), lambda x: rosen_der(x / scale) / scale, X * scale)
    with pytest.raises(WrongDerivativeError):
        check_jacobian(
            lambda x: rosen(x / scale), lambda x: wrong_der(x / scale) / scale, X * scale
        )


def test_jacobians_come_in_the_forms_that_solvers_take():
    A = np.array([[1.0, 2.0, 0.0], [0.0, 3.0, 4.0]])
    for given in (A, csr_array(A), aslinearoperator(A), A.tolist()):
        check_jacobian(lambda x: A @ x, lambda x, given=given: given, X[:3])
    check_jacobian(lambda x: np.sum(x**2), lambda x: (2 * x)[None], X)
    check_jacobian(lambda x: (rosen(x), rosen_der(x)), True, X)
    with pytest.raises(WrongDerivativeError, match="the transpose"):
        check_jacobian(lambda x: A @ x, lambda x: A.T, X[:3])
    with pytest.raises(WrongDerivativeError, match=r"by +argument 0\[2\]"):
        check_jacobian(lambda x: (rosen(x), wrong_der(x)), True, X)


WRONG = {
    "a stopped derivative": partial(check_grads, halved, X),
    "a stopped derivative, forward": partial(check_grads, halved, X, modes=("forward",)),
    "a stopped derivative, reverse": partial(check_grads, halved, X, modes=("reverse",)),
    "a JVP": partial(check_jvp, np.sin, lambda x, t: (0, np.sin(x[0]) * t[0]), X),
    "a VJP": partial(check_vjp, np.sin, lambda x: (x, lambda ct: (np.sin(x) * ct,)), X),
    "a gradient": partial(check_jacobian, rosen, wrong_der, X),
    "a gradient of many": partial(check_jacobian, rosen, wrong_der, np.linspace(1, 2, 100)),
    "a Hessian": partial(check_hessian, rosen, wrong_hess, X),
    "a Hessian by its gradient": partial(check_hessian, rosen, wrong_hess, X, jac=rosen_der),
    "the gradient of a Hessian": partial(check_hessian, rosen, rosen_hess, X, jac=wrong_der),
    "a Hessian that is not symmetric": partial(
        check_hessian, rosen, lambda x: np.triu(rosen_hess(x)), X
    ),
    "a shape": partial(check_jacobian, rosen, lambda x: rosen_der(x)[:2], X),
    "a JVP's shape": partial(check_jvp, np.sin, lambda x, t: (0, t[0][:2]), X),
    "a VJP's shape": partial(check_vjp, np.sin, lambda x: (x, lambda ct: (ct[:2],)), X),
}


@pytest.mark.parametrize("check", WRONG.values(), ids=WRONG)
def test_wrong_derivatives_do_not_pass(check):
    with pytest.raises(WrongDerivativeError, match=r"reproduce +check_") as caught:
        check()
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert isinstance(again, AssertionError)


def test_a_failure_tells_all_that_is_needed():
    with pytest.raises(WrongDerivativeError) as caught:
        check_jacobian(rosen, wrong_der, X)
    lines = str(caught.value).splitlines()
    labels = [line.split()[0] for line in lines[1:]]
    assert lines[0] == "the Jacobian of rosen is wrong:"
    assert labels == ["argument", "element", "found", "reference", "bound", "by", "reproduce"]
    line = lines[-1].partition("reproduce")[2].strip()
    with pytest.raises(WrongDerivativeError):
        eval(line, {"np": np, "check_jacobian": check_jacobian, "rosen": rosen,
                    "wrong_der": wrong_der})  # fmt: skip


def test_a_failing_direction_is_made_a_single_element():
    def fn(x):
        return np.stack([x[0], x[1] * da.stop_gradient(x[1]), x[2]])

    with pytest.raises(WrongDerivativeError, match=r"by +argument 0\[1\]") as caught:
        check_grads(fn, X[:3])
    found = re.search(r"found +(\S+)", str(caught.value))[1]
    assert float(found) == pytest.approx(X[1])


UNSURE = {
    "a kink is at the point": (np.abs, 0.0),
    "a kink is at the point, where the slope turns from 0 to": (lambda x: np.maximum(x, 0.0), 0.0),
    "the function jumps": (lambda x: x + np.floor(x), 2.0),
    "an edge of its domain": (np.sqrt, 0.0),
    "the slope grows without bound": (lambda x: np.cbrt(x), 0.0),
    "changes too fast for the steps": (lambda x: np.sin(3e5 * x), 0.5),
    "noise hides": (lambda x: x + 1e-3 * np.round(1e9 * np.sin(1e7 * x)) / 1e9, 0.5),
}


@pytest.mark.parametrize(("reason", "where"), UNSURE.items(), ids=UNSURE)
def test_points_that_tell_nothing_are_told_apart(reason, where):
    fn, x = where
    with pytest.raises(InconclusiveError, match=reason) as caught:
        check_jacobian(fn, lambda x: np.float64(0.123), x)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    with pytest.warns(InconclusiveWarning, match=reason):
        check_jacobian(fn, lambda x: np.float64(0.123), x, inconclusive="warn")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_jacobian(fn, lambda x: np.float64(0.123), x, inconclusive="ignore")


def test_being_inconclusive_does_not_hide_what_is_wrong():
    with pytest.raises(WrongDerivativeError):
        check_jacobian(rosen, wrong_der, X, inconclusive="ignore")
    with pytest.raises(ValueError, match="inconclusive"):
        check_jacobian(rosen, rosen_der, X, inconclusive="maybe")
    with pytest.raises(ValueError, match="modes"):
        check_grads(rosen, X, modes=("sideways",))
    with pytest.raises(ValueError, match="argnum"):
        check_jacobian(rosen, rosen_der, X, argnum=1)


def changing(x):
    x[0] = 5.0
    return np.sum(x)


def erratic(x, state=np.random.default_rng(0)):  # noqa: B008  # shared on purpose
    return np.sum(x) + state.random()


BAD = {
    "changes argument 0": changing,
    "is not deterministic": erratic,
    "returns nan at the point": lambda x: np.sum(x) * np.nan,
    r"returns inf at the point, in the output\[1\]": lambda x: x + np.array([0, np.inf, 0, 0]),
    "is not real-valued: it returns str": lambda x: "four",
    "is not real-valued: it returns type": lambda x: np.str_,
    "is not real-valued: it returns complex128": lambda x: x + 1j,
}


@pytest.mark.parametrize(("fault", "fn"), BAD.items(), ids=BAD)
def test_functions_unfit_to_be_checked_are_named(fault, fn):
    with pytest.raises(BadInputError, match=fault) as caught:
        check_jacobian(fn, lambda x: x, X)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    if "complex" not in fault:
        with pytest.raises(BadInputError, match=fault):
            check_grads(fn, X)


def test_arguments_unfit_to_be_checked_are_named():
    with pytest.raises(BadInputError, match="str"):
        check_grads(lambda x, y: x, X, "fast")
    with pytest.raises(BadInputError, match="not a real array"):
        check_jacobian(lambda d: d["a"], lambda d: 1.0, {"a": 1.0})
    with pytest.raises(BadInputError, match="more than one number"):
        check_hessian(np.sin, np.diag, X)
    with pytest.raises(BadInputError, match="2 outputs"):
        check_jacobian(lambda x: (x, x), lambda x: np.eye(4), X)


def test_the_users_arrays_stay_as_they_are():
    x = X.copy()
    check_grads(lambda x: np.sum(x**2), x)
    with pytest.raises(BadInputError):
        check_grads(changing, x)
    assert x.tolist() == X.tolist()


# Rows


@extend.dispatching
def cube(x):
    return x * x * x


def test_a_row_is_checked_before_it_is_declared():
    check_row(extend.elementwise(cube, lambda y, x: 3 * x * x), complex=True)
    check_row(np.sin, complex=True)
    check_row(np.matmul, lambda d: (d.matrix(2), d.matrix(2)))
    check_row(np.concatenate, lambda d: ([d.array((2, 3)), d.array((1, 3))], 0))
    with pytest.raises(BadInputError, match="no row"):
        check_row(cube)


@pytest.mark.parametrize(
    ("row", "property_name"),
    [
        (extend.elementwise(cube, lambda y, x: 2 * x * x), "jvp"),
        (extend.general(cube, [lambda t, y, x: 3 * x * x * t], [lambda ct, y, x: x * ct]), "vjp"),
        (extend.elementwise(cube, lambda y, x: 3 * extend.strip(x) ** 2), "second_order"),
        (extend.composite(cube, lambda x: x**3 + 1), "value"),
        (extend.elementwise(cube, lambda y, x: 3 * x * x * np.longdouble(1)), "precision"),
    ],
    ids=["jvp", "vjp", "second order", "value", "precision"],
)
def test_a_broken_row_is_caught(row, property_name):
    with pytest.raises(WrongDerivativeError) as caught:
        check_row(row)
    assert property_name in str(caught.value)


def test_small_calls_come_first():
    with pytest.raises(WrongDerivativeError) as caught:
        check_row(extend.elementwise(cube, lambda y, x: 2 * x * x))
    assert str(caught.value).count(",") < 20


def test_a_custom_rule_is_transparent():
    extend.declare(extend.composite(cube, lambda x: x**3))
    check_custom_rule(cube, X)


def test_a_custom_rule_that_is_not_transparent_is_caught():
    extend.declare(extend.composite(cube, lambda x: x**3 * (1 + 1e-6)))
    with pytest.raises(WrongDerivativeError, match="the value"):
        check_custom_rule(cube, X)


def softplus_by_custom(transform, sign, off):
    """Return softplus with a rule, by `custom_jvp` or `custom_vjp`, with two possible faults."""
    softplus = transform(lambda x: np.log1p(np.exp(x)))

    def slope(x):
        return sign / (1 + np.exp(-x))

    if transform is da.custom_jvp:
        softplus.defjvp(lambda primals, ts: (softplus(*primals), slope(*primals) * ts[0]))
    else:
        softplus.defvjp(lambda x: (softplus(x) + off, x), lambda x, ct: (slope(x) * ct,))
    return softplus


@pytest.mark.parametrize("transform", [da.custom_jvp, da.custom_vjp])
def test_custom_derivatives_pass_as_custom_rules(transform):
    check_custom_rule(softplus_by_custom(transform, 1, 0), X)


@pytest.mark.parametrize("transform", [da.custom_jvp, da.custom_vjp])
def test_wrong_custom_derivatives_are_caught(transform):
    with pytest.raises(WrongDerivativeError, match="JVP"):
        check_custom_rule(softplus_by_custom(transform, -1, 0), X)


def test_a_custom_vjp_whose_forward_pass_differs_is_caught():
    with pytest.raises(WrongDerivativeError, match="the value"):
        check_custom_rule(softplus_by_custom(da.custom_vjp, 1, 1e-3), X)
