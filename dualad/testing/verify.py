"""The checks for users: of a function's derivatives, of a Jacobian written by hand, of a rule."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from dualad.testing import properties
from dualad.testing.cases import Case, pairing
from dualad.testing.comparing import compare, written
from dualad.testing.failures import (
    BadInputError,
    InconclusiveError,
    InconclusiveWarning,
    WrongDerivativeError,
)
from dualad.testing.matrices import compare_hessian, compare_jacobian, single_array
from dualad.testing.probing import name_of, probe
from dualad.transforms.products import vjp as pullback_of
from dualad.tree import leaves, matching_leaves, rebuild
from dualad.typing import Tree

Verdict = Literal["raise", "warn", "ignore"]
FORWARD, REVERSE = "forward", "reverse"


def check_grads(
    fn: Callable[..., Any],
    *args: Tree,
    order: int = 2,
    modes: Sequence[str] = (FORWARD, REVERSE),
    seed: int = 0,
    inconclusive: Verdict = "raise",
) -> None:
    """Assert that the derivatives that dualad finds of a function are right.

    Parameters
    ----------
    fn : callable
        Of one or more arguments.
    *args : tree
        Where: nested containers of real or complex numbers and arrays. A single tuple is taken
        for all arguments: ``check_grads(fn, (a, b))`` is ``check_grads(fn, a, b)``.
    order : int
        1 for first derivatives only; 2 for second derivatives too.
    modes : sequence of str
        "forward", "reverse", or both, which are then also compared with each other.
    seed : int
        Of the random directions.
    inconclusive : str
        What to do where the reference is too uncertain to tell: "raise", "warn" or "ignore".

    Raises
    ------
    WrongDerivativeError
        If a derivative differs from its reference, forward from reverse mode, several directions
        at once from single ones, or second derivatives from each other. An AssertionError.
    InconclusiveError
        If a kink, an edge, a jump or noise leaves the reference uncertain. An AssertionError.
    BadInputError
        If the function is not deterministic, changes its argument, or returns no finite numbers.

    Examples
    --------
    >>> import numpy as np
    >>> check_grads(lambda x: np.sum(np.sin(x) * x), np.array([0.5, 1.0]))
    """
    args = as_arguments(args)
    unknown = set(modes) - {FORWARD, REVERSE}
    if unknown or not modes:
        raise ValueError(f"modes={modes!r}: give 'forward', 'reverse', or both")
    options = {"order": order, "modes": tuple(modes), "seed": seed}
    defaults = {"order": 2, "modes": (FORWARD, REVERSE), "seed": None}
    given = {key: value for key, value in options.items() if value != defaults[key]}
    with verdict("check_grads", (fn,), args, given, inconclusive):
        case = case_of_user(fn, args, seed)
        for check in _wanted(order, modes):
            check(case)


def _wanted(order: int, modes: Sequence[str]) -> list[Callable[[Case], None]]:
    """Return the properties of a function's derivatives in some modes."""
    if FORWARD not in modes:
        return [_reverse_alone, *[properties.equal_second_orders] * (order > 1)]
    wanted: list[Callable[[Case], None]] = [properties.true_jvp]
    if REVERSE in modes:
        wanted += [properties.transposed_vjp, properties.equal_directions, properties.equal_modes]
    if order > 1:
        wanted += [properties.equal_second_orders if REVERSE in modes else properties.true_second]
    return wanted


def _reverse_alone(case: Case) -> None:
    """Check the VJP of dualad against values of the function."""
    compare_vjp(case, lambda cts: pullback_of(case.fn, *case.operands)[1](cts), "the VJP")


def check_jvp(
    fn: Callable[..., Any],
    jvp: Callable[..., Any],
    *args: Tree,
    seed: int = 0,
    inconclusive: Verdict = "raise",
) -> None:
    """Assert that a Jacobian-vector product, by whatever library, is that of a function.

    Parameters
    ----------
    fn : callable
        Of one or more arguments.
    jvp : callable
        ``jvp(primals, tangents)`` with a tuple of each returns the output and its tangent: so do
        ``partial(dualad.jvp, fn)`` and JAX's.
    *args : tree
        Where, as for `check_grads`.
    seed : int
        Of the random direction.
    inconclusive : str
        As for `check_grads`.

    Raises
    ------
    WrongDerivativeError, InconclusiveError, BadInputError
        As `check_grads`.

    Examples
    --------
    >>> import numpy as np
    >>> check_jvp(np.sin, lambda x, t: (np.sin(x[0]), np.cos(x[0]) * t[0]), 0.5)
    """
    args = as_arguments(args)
    with verdict("check_jvp", (fn, jvp), args, {"seed": seed}, inconclusive):
        case = case_of_user(fn, args, seed)

        def push(ts: Sequence[Any]) -> list[Any]:
            tangents = rebuild(args, iter(ts))
            out = jvp(rebuild(args, iter(case.operands)), tangents)
            return [leaf for _, leaf in leaves(out[1])]

        ts = case.directions(case.operands)
        properties.compare_and_blame(case, push, ts, "the JVP")


def check_vjp(
    fn: Callable[..., Any],
    vjp: Callable[..., Any],
    *args: Tree,
    seed: int = 0,
    inconclusive: Verdict = "raise",
) -> None:
    """Assert that a vector-Jacobian product, by whatever library, is that of a function.

    Parameters
    ----------
    fn : callable
        Of one or more arguments.
    vjp : callable
        ``vjp(*args)`` returns the output and a function from a cotangent, shaped like the output,
        to the tuple of the arguments' cotangents: so do ``partial(dualad.vjp, fn)`` and JAX's.
        Complex cotangents are paired without a conjugate.
    *args : tree
        Where, as for `check_grads`.
    seed : int
        Of the random cotangent and direction.
    inconclusive : str
        As for `check_grads`.

    Raises
    ------
    WrongDerivativeError, InconclusiveError, BadInputError
        As `check_grads`.

    Examples
    --------
    >>> import numpy as np
    >>> check_vjp(np.sin, lambda x: (np.sin(x), lambda ct: (np.cos(x) * ct,)), 0.5)
    """
    args = as_arguments(args)
    with verdict("check_vjp", (fn, vjp), args, {"seed": seed}, inconclusive):
        case = case_of_user(fn, args, seed)

        def pull(cts: Sequence[Any]) -> list[Any]:
            given = rebuild(args, iter(case.operands))
            out, back = vjp(*given)
            return matching_leaves(args, tuple(back(rebuild(out, iter(cts)))), "the cotangents")

        compare_vjp(case, pull, "the VJP")


def compare_vjp(case: Case, pull: Callable[..., Any], what: str) -> None:
    """Compare ``J^T ct`` with the derivative of ``sum(ct * fn)``, operand by operand."""
    cts = case.directions(case.outputs())
    found = pull(cts)
    names = case.labels or [str(i) for i in range(len(found))]
    for x, ct, label in zip(case.operands, found, names, strict=True):
        if np.shape(ct) != np.shape(x):
            shapes = (("found shape", str(np.shape(ct))), ("shape of it", str(np.shape(x))))
            raise WrongDerivativeError(f"{what} of {case.name} by {label}", shapes)
    ts = case.directions(case.operands)

    def paired(*operands: Any) -> list[Any]:
        terms = [np.sum(ct * y) for ct, y in zip(cts, case.fn(*operands), strict=True)]
        total = sum(terms[1:], start=terms[0])
        return [np.real(total) if any(map(np.iscomplexobj, cts)) else total]

    for i in range(len(ts)):  # each operand by itself: a message then names the one
        alone = [t if j == i else np.zeros_like(t) for j, t in enumerate(ts)]
        compare(case, paired, alone, [pairing([found[i]], [ts[i]])[0]], f"{what} by {names[i]}")


def check_jacobian(
    fn: Callable[..., Any],
    jac: Callable[..., Any] | Literal[True],
    *args: Tree,
    argnum: int = 0,
    seed: int = 0,
    inconclusive: Verdict = "raise",
) -> None:
    """Assert that a Jacobian, or a gradient, written by hand is that of a function.

    Parameters
    ----------
    fn : callable
        Returns a real number or array, of shape ``T``.
    jac : callable or True
        ``jac(*args)`` returns the derivatives by one argument, of shape ``S``, as an array of
        shape ``T + S``, or as a sparse matrix: what SciPy's solvers take as ``jac=``. True says
        that `fn` returns a pair of value and derivatives.
    *args : tree
        Where, as for `check_grads`.
    argnum : int
        Which argument `jac` differentiates by.
    seed : int
        Of the random directions that are tried if there are too many elements for one each.
    inconclusive : str
        As for `check_grads`.

    Raises
    ------
    WrongDerivativeError, InconclusiveError, BadInputError
        As `check_grads`.

    Examples
    --------
    >>> import numpy as np
    >>> check_jacobian(lambda x: np.sum(x**2), lambda x: 2 * x, np.array([1.0, 2.0]))
    """
    args = as_arguments(args)
    checked = (fn,) if jac is True else (fn, jac)
    value, jacobian = _apart(fn) if jac is True else (fn, jac)
    options = {"argnum": argnum, "seed": seed}
    given = {key: number for key, number in options.items() if number}
    with verdict("check_jacobian", checked, args, given, inconclusive):
        case = case_of_user(bound(value, args, argnum), (args[argnum],), seed, real=True, at=argnum)
        compare_jacobian(case, jacobian(*args), "the Jacobian")


def _apart(fn: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return the two functions of one that returns a pair of value and derivatives."""

    def value(*args: Any) -> Any:
        return fn(*args)[0]

    value.__name__ = name_of(fn)
    return value, lambda *args: fn(*args)[1]


def check_hessian(
    fn: Callable[..., Any],
    hess: Callable[..., Any],
    *args: Tree,
    jac: Callable[..., Any] | None = None,
    argnum: int = 0,
    seed: int = 0,
    inconclusive: Verdict = "raise",
) -> None:
    """Assert that a Hessian written by hand is that of a function.

    Parameters
    ----------
    fn : callable
        Returns a real number.
    hess : callable
        ``hess(*args)`` returns the second derivatives by one argument, of shape ``S``, as an array
        of shape ``S + S``, a sparse matrix, or a linear operator: what SciPy takes as ``hess=``.
    *args : tree
        Where, as for `check_grads`.
    jac : callable, optional
        The gradient: it is checked first, and then serves as the reference, of more accuracy than
        two differences of `fn`.
    argnum : int
        Which argument `hess` differentiates by.
    seed : int
        Of the random directions that are tried if there are too many elements for one each.
    inconclusive : str
        As for `check_grads`.

    Raises
    ------
    WrongDerivativeError, InconclusiveError, BadInputError
        As `check_grads`.

    Examples
    --------
    >>> import numpy as np
    >>> check_hessian(lambda x: np.sum(x**3), lambda x: np.diag(6 * x), np.array([1.0, 2.0]))
    """
    args = as_arguments(args)
    if jac is not None:
        check_jacobian(fn, jac, *_packed(args), argnum=argnum, seed=seed, inconclusive=inconclusive)
    options = {"argnum": argnum, "seed": seed}
    given = {key: number for key, number in options.items() if number}
    with verdict("check_hessian", (fn, hess), args, given, inconclusive):
        case = case_of_user(bound(fn, args, argnum), (args[argnum],), seed, real=True, at=argnum)
        if sum(np.size(y) for y in case.outputs()) != 1:
            advice = "Give a function of one number, such as the sum of its outputs"
            raise BadInputError(name_of(fn), "returns more than one number", advice)
        gradient = None if jac is None else bound(jac, args, argnum)
        compare_hessian(case, hess(*args), gradient)


def check_custom_rule(
    fn: Callable[..., Any],
    *args: Tree,
    order: int = 2,
    seed: int = 0,
    inconclusive: Verdict = "raise",
) -> None:
    """Assert that a function with a rule of its own is transparent, and that the rule is right.

    Beside what `check_grads` asserts, the traced value equals the plain one in value, shape and
    dtype, and derivatives keep their dtype.

    Parameters
    ----------
    fn : callable
        Declared with `dualad.extend`, or given a custom rule in another way.
    *args : tree
        Where, as for `check_grads`.
    order : int
        1 for a rule that is not itself differentiable; else 2.
    seed : int
        Of the random directions.
    inconclusive : str
        As for `check_grads`.

    Raises
    ------
    WrongDerivativeError, InconclusiveError, BadInputError
        As `check_grads`.

    Examples
    --------
    >>> import numpy as np
    >>> from dualad import extend
    >>> @extend.dispatching
    ... def softplus(x):
    ...     return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)
    >>> extend.declare(extend.elementwise(softplus, lambda y, x: 1 / (1 + np.exp(-x))))
    >>> check_custom_rule(softplus, np.array([0.5, -2.0]))
    """
    args = as_arguments(args)
    with verdict("check_custom_rule", (fn,), args, {"seed": seed}, inconclusive):
        case = replace(case_of_user(fn, args, seed), exact=False)
        properties.numpy_value(case)
        for check in _wanted(order, (FORWARD, REVERSE)):
            check(case)
        properties.kept_precision(case)


# What the checks share


def as_arguments(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the arguments of a call: a single tuple holds them all."""
    if len(args) == 1 and type(args[0]) is tuple:
        return args[0]
    return args


def _packed(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return arguments so that `as_arguments` gives them back."""
    return (args,)


def bound(fn: Callable[..., Any], args: tuple[Any, ...], argnum: int) -> Callable[..., Any]:
    """Return a function of one argument, with the others as they are."""
    if not -len(args) <= argnum < len(args):
        raise ValueError(f"argnum={argnum}, and there are {len(args)} arguments")
    single_array(args[argnum])

    def of_one(x: Any) -> Any:
        given = list(args)
        given[argnum] = x
        return fn(*given)

    of_one.__name__ = name_of(fn)
    return of_one


def case_of_user(
    fn: Callable[..., Any], args: tuple[Any, ...], seed: int, real: bool = False, at: int = 0
) -> Case:
    """Return a user's function at a point as a case, if it is fit to be checked."""
    found = leaves(args)
    for path, leaf in found:
        if np.asarray(leaf).dtype.kind not in "biufc":
            kind = f"argument {path} is {type(leaf).__name__}, no number or array"
            raise BadInputError(name_of(fn), f"takes what has no derivative: {kind}",
                                "Bind it: check_grads(lambda x: fn(x, option), x)")  # fmt: skip
    operands = tuple(_as_inexact(leaf) for _, leaf in found)
    outputs = probe(fn, rebuild(args, iter(operands)), real)
    size = max((float(np.max(np.abs(y), initial=0.0)) for y in outputs), default=0.0)
    return Case(
        name_of(fn),
        lambda *values: fn(*rebuild(args, iter(values))),
        operands,
        np.random.default_rng(seed),
        scales=tuple(_scale(x) for x in operands),
        size=size,
        labels=tuple(_label(path, at) for path, _ in found),
    )


def _label(path: str, at: int) -> str:
    """Return an argument's path in words."""
    number, _, rest = path.removeprefix("[").partition("]")
    return f"argument {int(number) + at}{rest}"


def _as_inexact(leaf: Any) -> Any:
    """Return a leaf as an array or NumPy scalar of an inexact dtype."""
    array = np.asarray(leaf)
    array = array if array.dtype.kind in "fc" else array.astype(float)
    return array if isinstance(leaf, np.ndarray) else array[()]


def _scale(x: Any) -> Any:
    """Return by how much each element of an operand may change: its size, or that of others."""
    sizes = np.abs(np.asarray(x))
    finite = sizes[np.isfinite(sizes) & (sizes > 0)]
    typical = float(np.median(finite)) if finite.size else 1.0
    return np.maximum(sizes, min(typical, 1.0))


@contextmanager
def verdict(
    check: str,
    functions: tuple[Any, ...],
    args: tuple[Any, ...],
    options: dict[str, Any],
    inconclusive: Verdict,
) -> Iterator[None]:
    """Add the line that reproduces a failure, and let an inconclusive one be no error."""
    if inconclusive not in ("raise", "warn", "ignore"):
        raise ValueError(f'inconclusive={inconclusive!r}: give "raise", "warn" or "ignore"')
    parts = [*map(name_of, functions), written(args)]
    parts += [f"{key}={value!r}" for key, value in options.items()]
    line = ("reproduce", f"{check}({', '.join(parts)})")
    try:
        yield
    except WrongDerivativeError as error:
        raise error.with_details((line,)) from None
    except InconclusiveError as error:
        told = error.with_details((line,))
        if inconclusive == "raise":
            raise told from None
        if inconclusive == "warn":
            warnings.warn(str(told), InconclusiveWarning, stacklevel=4)
    except AssertionError as error:
        function = name_of(functions[0])
        found = (("because", str(error)), line)
        raise WrongDerivativeError(f"a derivative of {function}", found) from error
