"""Jacobians and Hessians against differences, column by column."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualad.testing.cases import Case
from dualad.testing.comparing import arguments_of, bound_of, compare, judged
from dualad.testing.failures import BadInputError, InconclusiveError, WrongDerivativeError
from dualad.testing.references import second_derivative

COLUMNS = 48  # of a Jacobian that are checked one by one; above, random combinations are
PAIRS = 12  # the side of a Hessian whose entries are checked one by one
RANDOM = 4  # combinations that are checked in place of too many columns
SYMMETRIC = 1e-10  # the share of its largest entry by which a Hessian may differ from its transpose


def single_array(x: Any) -> None:
    """Raise unless an argument is one real number or array."""
    kind = np.asarray(x).dtype.kind
    if kind not in "biuf" or isinstance(x, (dict, tuple)):
        advice = "Use check_grads, check_jvp or check_vjp, which take containers and complex arrays"
        raise BadInputError("the argument", f"is a {type(x).__name__}, not a real array", advice)


def dense(matrix: Any, columns: int) -> Any:
    """Return what a user gave as a matrix as an array: sparse, an operator, or nested lists."""
    if hasattr(matrix, "toarray"):
        return matrix.toarray()
    if hasattr(matrix, "matmat"):
        return matrix.matmat(np.eye(columns))
    return np.asarray(matrix)


def compare_jacobian(case: Case, given: Any, what: str) -> None:
    """Compare a Jacobian of a case of one operand and one output with differences."""
    (x,) = case.operands
    outputs = case.outputs()
    if len(outputs) != 1:
        advice = "Return a single number or array, or use check_vjp"
        raise BadInputError(case.name, f"returns {len(outputs)} outputs", advice)
    y, s = np.shape(outputs[0]), np.shape(x)
    jac = _fitted(dense(given, int(np.size(x))), y, s, f"{what} of {case.name}")
    jac = jac.reshape((*y, int(np.size(x))))
    for t, unit, name in directions(case):
        column = jac @ np.ravel(t)
        compare(case, case.fn, [t], [column], what, unit, name)


def _fitted(jac: Any, y: Any, s: Any, what: str) -> Any:
    """Return a Jacobian in its shape; axes of length one are no matter."""
    wanted = (*y, *s)
    if [n for n in jac.shape if n != 1] != [n for n in wanted if n != 1]:
        turned = " (it is that of the transpose)" if jac.shape == (*s, *y) else ""
        raise WrongDerivativeError(
            f"{what}: the shape",
            (("found shape", f"{jac.shape}{turned}"), ("output + argument", str(wanted))),
        )
    return jac.reshape(wanted)


def directions(case: Case) -> Iterator[tuple[Any, float, str]]:
    """Yield directions of the operand, their lengths, and their names in messages."""
    (x,) = case.operands
    assert case.scales is not None
    scale = np.ravel(case.scales[0])
    if np.size(x) <= COLUMNS:
        for i in range(int(np.size(x))):
            t = np.zeros(int(np.size(x)))
            t[i] = scale[i]
            place = [int(k) for k in np.unravel_index(i, np.shape(x))]
            name = f"{(*case.labels, 'x')[0]}{place or ''}"
            yield t.reshape(np.shape(x))[()], float(scale[i]), name
        return
    for k in range(RANDOM):
        yield case.directions(case.operands)[0], 1.0, f"a random direction, number {k}"


def compare_hessian(case: Case, given: Any, gradient: Callable[..., Any] | None) -> None:
    """Compare a Hessian of a case of one operand with differences."""
    (x,) = case.operands
    n, s = int(np.size(x)), np.shape(x)
    what = f"the Hessian of {case.name}"
    hess = _fitted(dense(given, n), s, s, what).reshape(n, n)
    gap = np.abs(hess - hess.T)
    if np.any(gap > SYMMETRIC * np.max(np.abs(hess), initial=0.0)):
        i, j = (int(k) for k in np.unravel_index(np.argmax(gap), gap.shape))
        pair = ((f"entry [{i}, {j}]", repr(hess[i, j].item())),
                (f"entry [{j}, {i}]", repr(hess[j, i].item())))  # fmt: skip
        raise WrongDerivativeError(f"{what}: it is not symmetric, and so it", pair)
    if gradient is not None:

        def slopes(x: Any) -> list[Any]:
            return [np.asarray(gradient(x))]

        for t, unit, name in directions(case):
            row = (hess @ np.ravel(t)).reshape(s)
            compare(case, slopes, [t], [row], "the Hessian", unit, name)
        return
    _compare_entries(case, hess, what)


def _compare_entries(case: Case, hess: Any, what: str) -> None:
    """Compare entries, or random combinations of many, with differences of differences."""
    some = [*directions(case)] if len(hess) <= PAIRS else []
    if not some:
        some = [(case.directions(case.operands)[0], 1.0, f"direction {k}") for k in range(RANDOM)]

    def values(x: Any) -> list[Any]:
        return [np.sum(y) for y in case.fn(x)]

    for i, (u, length, name) in enumerate(some):
        for v, other, second in some[: i + 1]:
            (reference,) = second_derivative(values, case.operands, [u], [v])
            value = float(np.ravel(u) @ hess @ np.ravel(v))
            unit = length * other
            bound = bound_of(case, reference)
            details = (
                *arguments_of(case),
                ("by", f"{name} and {second}"),
                ("found", repr(value / unit)),
                ("reference", f"{float(reference.value) / unit!r} ({reference.source})"),
                ("bound", f"{float(bound) / unit:.2g}"),
            )
            wrong, unsure = judged(np.asarray(value), reference, bound)
            if np.any(wrong):
                raise WrongDerivativeError(what, details)
            if np.any(unsure):
                reason = "differences of differences settle on no value; jac= gives better ones"
                raise InconclusiveError(what, reason, details)
