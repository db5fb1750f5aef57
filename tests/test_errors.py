"""Every message of `dualad.errors`, whole, raised by the code that a user would write.

Each message says what happened, why, and what to write instead.
"""

import copy
import functools
import inspect
import math
import operator
import pickle

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
import scipy.signal
import scipy.special

import dualad as da
from dualad import errors
from dualad.core.row import declare
from dualad.rules.kinds import elementwise

ARRAY = np.array([1.0, 2.0, 3.0])


def _filled(x):
    """Fill a plain array with traced values."""
    plain = np.zeros(3)
    plain[0] = x[0]
    return plain


def _written_into_broadcast(x):
    """Write into an array whose places repeat."""
    wide = np.broadcast_to(x, (2, 3))
    wide[0] = 1.0
    return np.sum(wide)


def _leaked():
    """Return a traced value that has escaped."""
    found = []
    da.grad(lambda x: found.append(x) or x * x)(1.0)
    return found[0]


def _scaled_inside(a):
    """Use a traced value within a checkpoint that does not get it."""
    return da.checkpoint(lambda x: x * a)(2.0 * a)


@da.custom_vjp
def _limited(x):
    """Return `x`, and limit its cotangent."""
    return x


_limited.defvjp(lambda x: (x, None), lambda _, ct: (np.clip(ct, -1, 1),))


def _noisy(x, draws=np.random.default_rng(0)):  # noqa: B008  # it is to differ from call to call
    """Return another value each time."""
    return x * draws.normal()


# For each class: its message, and the calls that raise it with exactly that message.
CASES = {
    errors.MissingRowError: (
        "numpy.busday_count met a traced array of shape (3,) and has no row in dualad's table: its "
        "derivative would be lost. Use functions that have rows, or declare a row: "
        "dualad.extend.declare(dualad.extend.elementwise(numpy.busday_count, lambda y, x: ...)), "
        "or another kind that dualad.extend lists.",
        [lambda: da.grad(lambda x: np.busday_count(x, x))(ARRAY)],
    ),
    errors.UnsupportedParameterError: (
        "numpy.sin was called on a traced value with where, for which its row has no rule: the "
        "derivative would be lost. Write np.where(mask, f, g) instead.",
        [lambda: da.grad(lambda x: np.sin(x, where=x > 1))(ARRAY)],
    ),
    errors.UfuncMethodError: (
        "numpy.arctan2.reduce met a traced value and has no row: its derivative would be lost. "
        "Write it with functions that have rows, such as numpy.sum, numpy.cumsum, or a loop, or "
        "declare a row for numpy.arctan2.reduce with dualad.extend.",
        [lambda: da.grad(lambda x: np.arctan2.reduce(x))(ARRAY)],
    ),
    errors.TracedParameterError: (
        "numpy.sum got a traced value for a parameter by which its row does not "
        "differentiate: the derivative would be lost. If it does not matter, pass "
        "dualad.stop_gradient(value); otherwise write the function out with others.",
        [
            lambda: da.grad(lambda x: np.sum(ARRAY * x, x))(0.0),
            lambda: da.grad(lambda x: np.sum(ARRAY * x, axis=x))(0.0),
            lambda: da.grad(lambda x: (ARRAY * x).sum(axis=x), mode="reverse")(0.0),
        ],
    ),
    errors.TracedToFloatError: (
        "float(x) of a traced value of shape (): a Python number cannot carry a derivative, which "
        "would be lost. This also happens in math.sin(x): write np.sin(x); and in plain[i] = x and "
        "np.asarray(x, dtype=float): make the array with np.zeros_like(x), np.zeros(n, like=x), "
        "np.asarray(x, dtype=float, like=x), or import dualad.numpy as np. Code that is not yours "
        "differentiates as it is with dualad.grad(dualad.lift(fn)); if it is lifted, compiled code "
        "asked for the number: give that a rule with dualad.custom_jvp. If no derivative is "
        "wanted, write float(dualad.stop_gradient(x)).",
        [
            lambda: da.grad(float)(1.0),
            lambda: da.grad(float, mode="reverse")(1.0),
            lambda: da.grad(math.sin)(1.0),
            lambda: da.grad(lambda x: "%.3f" % x)(1.0),  # noqa: UP031
            lambda: da.grad(_filled)(ARRAY),
            lambda: da.jacobian(_filled)(ARRAY),
            lambda: da.jvp(_filled, (ARRAY,), (ARRAY,)),
            lambda: da.grad(lambda x: np.array([x[0], x[1]], dtype=float))(ARRAY),
        ],
    ),
    errors.TracedKeyError: (
        "unhashable type: a traced number of value 1.0 was used as a key of a dict, in a set or a "
        "cache: another number of that value would get what is stored with this one, and its "
        "derivative. Take a name or an index as key, or dualad.stop_gradient(x) if what is stored "
        "does not depend on x; keep functools.lru_cache from functions of x. In code that is not "
        "yours, dualad.lift lets one number of each value be a key.",
        [
            lambda: da.grad(lambda x: x * len({x}))(1.0),
            lambda: da.grad(lambda x: {1.0: x}[x], mode="reverse")(1.0),
            lambda: da.grad(functools.lru_cache(lambda x: x * x))(1.0),
            lambda: da.grad(da.lift(lambda x: {x: x, 1.0 * x: 2 * x}[x]))(1.0),
            lambda: da.grad(da.lift(lambda x: {1.0: x}[x]))(1.0),
        ],
    ),
    errors.InPlaceError: (
        "x.resize would update a traced array in place in a way that dualad does not follow: the "
        "derivative would be lost. Make a new array instead: x = x + y, np.where(mask, v, x), "
        "np.stack([...]) or np.concatenate([...]).",
        [
            lambda: da.grad(lambda x: x.resize((4,)))(ARRAY),
            lambda: da.grad(lambda x: x.resize(4), mode="forward")(ARRAY),
        ],
    ),
    errors.ReadOnlyError: (
        "assignment destination is read-only: the array is one, or shows places several times, as "
        "what np.broadcast_to returns. Write into a copy: x = x.copy().",
        [lambda: da.grad(_written_into_broadcast)(ARRAY)],
    ),
    errors.PlainArrayError: (
        "numpy.sin(..., out=array) would write a traced value into an ordinary array, as array += "
        "x does; it cannot hold a derivative, which would be lost. Make the array with "
        "np.zeros_like(x) or np.zeros(n, like=x), where x is traced, or import dualad.numpy as np. "
        "Code that is not yours differentiates as it is with dualad.grad(dualad.lift(fn)).",
        [lambda: da.grad(lambda x: np.sin(x, out=np.zeros(3)))(ARRAY)],
    ),
    errors.EscapedError: (
        "a traced value was used after the transform that made it had returned: its trace is "
        "closed, and the derivative would be lost. Return the value from the function that is "
        "differentiated (has_aux=True for extra results), or store dualad.stop_gradient(x).",
        [lambda: _leaked() * 2, lambda: da.grad(lambda x: x)(_leaked())],
    ),
    errors.TracedPicklingError: (
        "a traced value of shape (3,) was pickled, perhaps to be sent to another process, where "
        "its trace is not: the derivative would be lost. Differentiate within the process that "
        "computes: send dualad.grad(fn), which pickles if fn does; or send "
        "dualad.stop_gradient(x), if no derivative is wanted.",
        [lambda: da.grad(pickle.dumps)(ARRAY), lambda: da.jacfwd(pickle.dumps)(ARRAY)],
    ),
    errors.ArgumentTypeError: (
        "argument 0['b'][1] is a bool, which has no derivative: only float and complex numbers "
        "and arrays do (integers are promoted to float64). Choose other arguments with argnums, "
        "or convert it: np.asarray(value, dtype=float).",
        [
            lambda: da.grad(lambda d: d["b"][0])({"a": 1.0, "b": [1.0, True]}),
            lambda: da.jacobian(lambda d: d["b"][0])({"a": 1.0, "b": [1.0, True]}),
            lambda: da.vjp(lambda d: d["b"][0], {"a": 1.0, "b": [1.0, np.True_]}),
        ],
    ),
    errors.NotScalarError: (
        "argument 1 is an array of shape (3,), and dualad.derivative is by a single number. Write "
        "dualad.grad(fn), which gives the derivatives at all elements of an array if fn acts "
        "element by element, or dualad.jacobian(fn), which serves any function.",
        [lambda: da.derivative(lambda a, x: x, 1)(1.0, ARRAY)],
    ),
    errors.ArgumentNumberError: (
        "argnums=2 does not fit a call with 1 positional argument: there is no argument 2. "
        "argnums is an int or a tuple of distinct ints below that count (keyword arguments are "
        "passed through, not differentiated), or None together with weights=.",
        [
            lambda: da.grad(lambda x: x, 2)(1.0),
            lambda: da.jacobian(lambda x: x, 2)(1.0),
            lambda: da.derivative(lambda x: x, 2)(1.0),
            lambda: da.explain(lambda x: x, 1.0, argnums=2),
        ],
    ),
    errors.OutputTypeError: (
        "the output[1] of the function is of type str, which has no derivative here: return "
        "numbers and arrays only, in tuples, lists, dicts or dataclasses, or give the rest as "
        "auxiliary output with has_aux=True.",
        [
            lambda: da.grad(lambda x: (x, "text"))(1.0),
            lambda: da.jacobian(lambda x: (x, "text"))(ARRAY),
            lambda: da.vjp(lambda x: (x, "text"), ARRAY),
            lambda: da.jvp(lambda x: (x, "text"), (ARRAY,), (ARRAY,)),
        ],
    ),
    errors.StructureError: (
        "the shape of tangents leaf 0 should be (3,), but is (). Give it that structure and shape.",
        [
            lambda: da.jvp(np.sin, (ARRAY,), (1.0,)),
            lambda: da.linearize(np.sin, ARRAY)[1](1.0),
            lambda: da.hvp(np.sin, (ARRAY,), (1.0,)),
        ],
    ),
    errors.NotHolomorphicError: (
        "the function maps complex numbers to complex numbers and is not holomorphic here, so no "
        "one complex Jacobian exists. Differentiate its real and imaginary parts as functions of "
        "two real arguments, or use dualad.jvp and dualad.vjp.",
        [
            lambda: da.jacobian(np.conj, mode="forward")(1 + 1j),
            lambda: da.jacobian(np.conj, mode="reverse")(1 + 1j),
        ],
    ),
    errors.SingularDerivativeError: (
        "the derivative of numpy.linalg.eigh does not exist at this point: two eigenvalues are "
        "equal.",
        [],
    ),
    errors.ClosureError: (
        "_scaled_inside.<locals>.<lambda>, made by dualad.checkpoint, uses a traced value that is "
        "none of its arguments: its derivative would be lost. Pass it as an argument, or use "
        "dualad.stop_gradient(value) if no derivative is wanted.",
        [lambda: da.grad(_scaled_inside)(2.0), lambda: da.derivative(_scaled_inside)(2.0)],
    ),
    errors.NotLinearError: (
        "the rule of _limited is not linear in the tangent or cotangent, so it has no transpose, "
        "and serves one mode only: a custom_jvp forward mode, a custom_vjp reverse mode. Choose "
        "that with mode=, since the gradient by one number goes forward by default, or write the "
        "rule with linear functions.",
        [lambda: da.grad(_limited)(2.0), lambda: da.jacfwd(_limited)(ARRAY)],
    ),
    errors.RecomputationError: (
        "_noisy, made by dualad.checkpoint, returned other values when it was evaluated again: the "
        "derivative would be that of another function. Pass as arguments what changes from call to "
        "call, random numbers too.",
        [lambda: da.grad(da.checkpoint(_noisy))(2.0)],
    ),
    errors.WorkerError: (
        "workers returned nothing where the result of shard 0 was due: a callable given as workers "
        "yields all results, in order, as map does. Give an executor's method map; of Dask, give "
        "the client itself.",
        [lambda: da.sum_over(np.multiply, [1.0], workers=lambda run, jobs: [])(2.0)],
    ),
    errors.SparsityError: (
        "the pattern does not fit: it misses the nonzero element in row 1 and column 0. The matrix "
        'would be wrong. Leave it to sparsity="auto", or see dualad.sparse.jacobian_pattern and '
        "dualad.sparse.color.",
        [lambda: da.jacobian(np.cumsum, sparsity=np.eye(2))(ARRAY[:2])],
    ),
    errors.NonFiniteError: (
        "Inf arose in the value of log, of 0.0, at a line. NumPy and dualad go on with it, and all "
        "that depends on it is lost. Keep the inputs off such points: np.where(ok, x, 1) ahead of "
        "the operation, np.where(ok, y, 0) behind it.",
        [],
    ),
    errors.MissingExtraError: (
        "dualad.draw needs the package graphviz, which is not installed: it is optional. Install "
        "it with: pip install 'dualad[draw]'.",
        [],
    ),
    errors.DuplicateRowError: (
        "numpy.sin has a row already: two rules for one function would drift apart. Use the row "
        "that is there, or declare one for a function of your own.",
        [lambda: declare(elementwise(np.sin, lambda y, x: np.cos(x)))],
    ),
}

# What the code does not yet raise, or raises only at places that other tests look at.
MADE = {
    errors.SingularDerivativeError: errors.SingularDerivativeError(
        "numpy.linalg.eigh", "two eigenvalues are equal"
    ),
    errors.NonFiniteError: errors.NonFiniteError("Inf", "the value", "log", "a line", "0.0"),
    errors.MissingExtraError: errors.MissingExtraError("dualad.draw", "graphviz", "draw"),
}


def _classes():
    """Return all exceptions of the module."""
    return [
        cls
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, errors.DualadError) and cls is not errors.DualadError
    ]


def _raised(call):
    with pytest.raises(errors.DualadError) as caught:
        call()
    return caught.value


every_class = pytest.mark.parametrize("cls", CASES, ids=lambda cls: cls.__name__)


def test_every_exception_has_its_message_here():
    assert set(CASES) == set(_classes())


def test_the_tree_in_the_docstring_is_that_of_the_code():
    drawn = [
        line.strip("│├└─ ").split(")")[0].split(" (")
        for line in errors.__doc__.splitlines()
        if "── " in line
    ]
    assert all(len(pair) == 2 for pair in drawn)
    bases = {cls.__name__: [base.__name__ for base in cls.__bases__[1:]] for cls in _classes()}
    assert {name: [base] for name, base in drawn} == bases


@every_class
def test_the_message_is_whole(cls):
    message, calls = CASES[cls]
    raised = [_raised(call) for call in calls] or [MADE[cls]]
    for error in raised:
        assert type(error) is cls
        assert str(error) == message


@every_class
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_exception_pickles_and_copies(cls, protocol):
    _, calls = CASES[cls]
    error = _raised(calls[0]) if calls else MADE[cls]
    for twin in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error)):
        assert type(twin) is cls
        assert str(twin) == str(error)
        assert twin.args == error.args


@every_class
def test_a_message_has_no_loose_ends(cls):
    message, _ = CASES[cls]
    assert message.endswith(".")
    assert "  " not in message
    assert not set(message) & set("\n\t{}")


@pytest.mark.parametrize(
    ("fn", "args"),
    [
        (lambda x: x[0] + "text", (ARRAY,)),
        (lambda x: x + None, (1.0,)),
        (lambda x: x @ x, (1.0,)),
        (lambda x: len(x), (1.0,)),
        (lambda x: list(x), (1.0,)),
        (lambda x: x[5], (ARRAY,)),
        (lambda x: x["a"], (ARRAY,)),
        (lambda x: x + np.ones(2), (ARRAY,)),
        (lambda x: np.reshape(x, (2, 2)), (ARRAY,)),
        (lambda x: x.no_such_method(), (ARRAY,)),
        (lambda x: x.no_such_method(), (1.0,)),
        (lambda x: range(x), (3.0,)),
        (lambda x: [1, 2, 3][x], (1.0,)),
        (lambda x: operator.index(x), (1.0,)),
        (lambda x: bool(x), (ARRAY,)),
        (lambda x: x if x > 1 else -x, (ARRAY,)),
        (lambda x: {x: 1}, (ARRAY,)),
        (lambda x: x(), (ARRAY,)),
        (lambda x: 1 // 0, (ARRAY,)),
    ],
)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_errors_of_the_functions_own_are_those_without_a_transform(fn, args, mode):
    plain = [np.float64(x) if isinstance(x, float) else x for x in args]
    with pytest.raises(Exception) as expected:  # noqa: PT011  # whatever NumPy raises
        fn(*plain)
    with pytest.raises(Exception) as found:  # noqa: PT011
        da.grad(fn, mode=mode)(*args)
    assert not isinstance(found.value, errors.DualadError)
    assert isinstance(expected.value, type(found.value))  # NumPy's own class may be narrower
    assert type(found.value) is not Exception


def test_a_solver_without_a_rule_names_one_that_has():
    def fn(a):
        return scipy.optimize.differential_evolution(lambda x: np.sum((x - a) ** 2), [(0, 3)]).x

    with pytest.raises(errors.MissingRowError) as caught:
        da.grad(da.lift(fn))(1.0)
    assert "dualad.scipy.optimize.minimize" in str(caught.value)
    assert "dualad.extend" not in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_the_traceback_leads_to_the_line_at_fault(mode):
    with pytest.raises(errors.TracedToFloatError) as caught:
        da.grad(_filled, mode=mode)(ARRAY)
    assert "_filled" in [entry.name for entry in caught.traceback]


@pytest.mark.parametrize("fn", [
    lambda x: np.linalg.cholesky(np.array([[x[0], 0.0], [0.0, x[1]]], dtype=object)),
    lambda x: scipy.special.logsumexp(x),
    lambda x: scipy.linalg.solve(np.eye(3), x),
])  # fmt: skip
def test_errors_of_compiled_code_about_objects_name_lift(fn):
    with pytest.raises((TypeError, ValueError, NotImplementedError)) as caught:
        da.grad(fn)(np.array([2.0, 3.0, 4.0]))
    assert "dualad.lift(fn)" in str(getattr(caught.value, "__notes__", caught.value))
