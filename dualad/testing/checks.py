"""What is true of every row: each check takes a case and raises an AssertionError if it fails.

A check never looks at a rule: it compares the modes with NumPy, with differences, and with each
other. `check_grads` applies them to a function of the user's.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualad.core.dual import dual
from dualad.core.level import Trace
from dualad.core.pulling import pull_finite
from dualad.core.record import Record
from dualad.core.recorded import record_input
from dualad.core.tracer import Tracer, primal_value, shape_of
from dualad.testing.cases import (
    Arrays,
    Case,
    Shape,
    pairing,
    pulled,
    pushed,
    pushed_on_record,
    unmodified,
)
from dualad.testing.references import directional_derivative
from dualad.transforms.products import jvp, record, vjp
from dualad.tree import children, leaves, rebuild

ROUNDING = 1e-9  # both sides are exact but for rounding: eps times a condition number up to 1e6
BLUNT = 1e-4  # an error above this share of the derivative is no reference: a kink or pole is near
SINGLE = 2e-3  # float32 against float64: eps of 1e-7 times a condition number up to 1e4
LAST_BITS = 1e-13  # a composite may compute the same value by other operations than NumPy
SOME = 6  # basis directions in which whole Jacobians are compared

Check = Callable[[Case], None]


def check_value(case: Case) -> None:
    """Value, shape, dtype, container, aliasing and errors of a traced call equal NumPy's."""
    plain = _outcome(case.raw, case.operands)
    with unmodified(case):
        for mode, trace in (("forward", _as_duals), ("reverse", _as_recorded)):
            traced = _outcome(case.raw, trace(case.operands))
            if isinstance(plain, Exception) or isinstance(traced, Exception):
                _assert_same_error(plain, traced, mode)
            else:
                _assert_same(plain, traced, case, mode)


def check_jvp(case: Case) -> None:
    """The JVP equals differences of the function, to within their estimated error."""
    ts = case.directions(case.operands)
    with unmodified(case):
        found = jvp(case.fn, case.operands, ts)[1]
    reference = directional_derivative(case.fn, case.operands, ts)
    _assert_true(found, reference, "the JVP")


def check_vjp(case: Case) -> None:
    """The two products fit together: ``Re(sum(ct * J t)) == Re(sum(J^T ct * t))``."""
    ts, cts = case.directions(case.operands), case.directions(case.outputs())
    with unmodified(case):
        pushed_ts = jvp(case.fn, case.operands, ts)[1]
        pulled_cts = vjp(case.fn, *case.operands)[1](cts)
    _assert_shapes(pushed_ts, cts, "tangent")
    _assert_shapes(pulled_cts, ts, "cotangent")
    (left, size), (right, other) = pairing(cts, pushed_ts), pairing(pulled_cts, ts)
    _assert_near(left, right, size + other, "<ct, J t> and <J^T ct, t>")


def check_directions(case: Case) -> None:
    """Several directions at once equal single ones, and a product is linear in its direction."""
    y = case.outputs()
    for sweep, ins, outs in (
        (pushed, case.operands, y),
        (pushed_on_record, case.operands, y),
        (pulled, y, case.operands),
    ):
        first, second = (case.directions(ins) for _ in range(2))
        both = [2 * a - b for a, b in zip(first, second, strict=True)]
        rows = [sweep(case, part) for part in (first, second, both)]
        for lead in ((1,), (3,), (2, 2), (0,)):
            chosen = [0, 1, 2, 0][: int(np.prod(lead))]
            stacked = [_stacked([(first, second, both)[k][i] for k in chosen], lead, x)
                       for i, x in enumerate(ins)]  # fmt: skip
            found = sweep(case, stacked, lead)
            for i, x in enumerate(outs):
                single = _stacked([rows[k][i] for k in chosen], lead, x)
                _assert_close(found[i], single, f"{sweep.__name__} with directions {lead}")
        for i in range(len(outs)):
            combined = 2 * rows[0][i] - rows[1][i]
            _assert_close(rows[2][i], combined, f"{sweep.__name__} of a combination")


def check_second_order(case: Case) -> None:
    """All four mixtures of the modes agree, and they agree with differences of the JVP."""
    fn, x = case.fn, case.operands
    u, v, ct = case.directions(x), case.directions(x), case.directions(case.outputs())

    def push(*operands: Any) -> Any:
        return jvp(fn, operands, v)[1]

    def pull(*operands: Any) -> Any:
        return vjp(fn, *operands)[1](ct)

    over_push = jvp(push, x, u)[1]
    found = {
        "forward over forward": pairing(ct, over_push),
        "reverse over forward": pairing(vjp(push, *x)[1](ct), u),
        "forward over reverse": pairing(jvp(pull, x, u)[1], v),
        "reverse over reverse": pairing(vjp(pull, *x)[1](v), u),
    }
    size = max(terms for _, terms in found.values())
    first = found["forward over forward"][0]
    for mixture, (value, _) in found.items():
        _assert_near(first, value, size, f"forward over forward and {mixture}")
    _assert_true(over_push, directional_derivative(push, x, u), "the second derivative")


def check_modes(case: Case) -> None:
    """The Jacobian pushed forward equals the Jacobian pulled back, entry by entry."""
    ins, outs = _basis(case, case.operands), _basis(case, case.outputs())
    lead, back = (len(ins[0]) if ins else 0,), (len(outs[0]) if outs else 0,)
    forward = _matrix(outs, pushed(case, ins, lead))
    reverse = _matrix(pulled(case, outs, back), ins)
    _assert_close(reverse, forward, "the Jacobians of reverse and forward mode")


def check_precision(case: Case) -> None:
    """Tangents and cotangents have the dtype of what they belong to, and its accuracy."""
    y = _outcome(case.fn, case.operands)
    if isinstance(y, Exception):  # NumPy does not take this dtype
        return
    ts, cts = case.directions(case.operands), case.directions(y)
    found = [*pushed(case, ts), *_pulled_raw(case, cts)]
    for value, x in zip(found, [*y, *case.operands], strict=True):
        if value is not None and np.result_type(value) != np.result_type(x):
            raise AssertionError(f"a {np.result_type(x)} has a {np.result_type(value)} derivative")
    wide = [x.astype(np.result_type(x, float)) for x in (*case.operands, *ts)]
    xs, wide_ts = wide[: len(ts)], wide[len(ts) :]
    reference = jvp(case.fn, tuple(xs), tuple(wide_ts))[1]
    for value, exact in zip(found, reference, strict=False):
        _assert_close(value, exact, "the JVP in another precision", SINGLE)


CHECKS: dict[str, Check] = {
    "value": check_value,
    "jvp": check_jvp,
    "vjp": check_vjp,
    "directions": check_directions,
    "second_order": check_second_order,
    "modes": check_modes,
    "precision": check_precision,
}


def check_grads(fn: Callable[..., Any], *args: Any, order: int = 2, seed: int = 0) -> None:
    """Assert that the derivatives of a function are right, in both modes.

    Parameters
    ----------
    fn : callable
        Of one or more arguments.
    *args : tree
        Where: nested containers of real or complex numbers and arrays. The function should be
        smooth within a distance of about 0.1.
    order : int
        1 for first derivatives only; 2 for second derivatives too.
    seed : int
        Of the random directions.

    Raises
    ------
    AssertionError
        If a JVP differs from central differences, forward from reverse mode, several directions
        at once from single ones, or second derivatives from each other.

    Examples
    --------
    >>> import numpy as np
    >>> check_grads(lambda x: np.sum(np.sin(x) * x), np.array([0.5, 1.0]))
    """
    operands = tuple(_as_inexact(leaf) for _, leaf in leaves(args))
    case = Case(
        getattr(fn, "__name__", repr(fn)),
        lambda *values: fn(*rebuild(args, iter(values))),
        operands,
        np.random.default_rng(seed),
    )
    for check in (check_jvp, check_vjp, check_directions, check_modes):
        check(case)
    if order > 1:
        check_second_order(case)


def _as_inexact(leaf: Any) -> Any:
    """Return a leaf as an array or NumPy scalar of an inexact dtype."""
    array = np.asarray(leaf)
    array = array if array.dtype.kind in "fc" else array.astype(float)
    return array if isinstance(leaf, np.ndarray) else array[()]


def _as_duals(operands: Arrays) -> list[Any]:
    """Return operands as dual numbers of a new level."""
    trace = Trace()
    return [dual(trace, x, np.ones_like(x)) for x in operands]


def _as_recorded(operands: Arrays) -> list[Any]:
    """Return operands as the inputs of a new record."""
    trace = Record()
    return [record_input(trace, x) for x in operands]


def _outcome(fn: Callable[..., Any], args: Sequence[Any]) -> Any:
    """Return what `fn` returns, or what it raises."""
    try:
        return fn(*args)
    except Exception as error:
        return error


def _assert_same_error(plain: Any, traced: Any, mode: str) -> None:
    """Assert that a traced call raises what the plain one does."""
    if type(plain) is not type(traced):
        message = f"{mode}: {_told(traced)} where NumPy {_told(plain)}"
        raise AssertionError(message) from (traced if isinstance(traced, Exception) else plain)


def _told(outcome: Any) -> str:
    """Return an outcome in words."""
    if isinstance(outcome, Exception):
        return f"raises {type(outcome).__name__}: {outcome}"
    return f"returns {outcome!r}"


def _assert_same(plain: Any, traced: Any, case: Case, mode: str) -> None:
    """Assert that a traced output has the plain one's containers, shapes, dtypes and values."""
    below = children(plain)
    if below is not None and plain is not None:
        if type(traced) is not type(plain) or len(children(traced) or []) != len(below):
            raise AssertionError(f"{mode}: {type(traced).__name__} for {type(plain).__name__}")
        for (_, part), (_, other) in zip(below, children(traced) or [], strict=True):
            _assert_same(part, other, case, mode)
        return
    found = primal_value(traced)
    if not isinstance(plain, (np.ndarray, np.generic)):
        if not (found is plain or found == plain):
            raise AssertionError(f"{mode}: {found!r} where NumPy returns {plain!r}")
        return
    dtype = traced.dtype if isinstance(traced, Tracer) else np.asarray(found).dtype
    if (np.shape(found), dtype) != (plain.shape, plain.dtype):
        message = f"{dtype}{np.shape(found)} where NumPy returns {plain.dtype}{plain.shape}"
        raise AssertionError(f"{mode}: {message}")
    within = 0.0 if case.exact else LAST_BITS * 1e9 ** (plain.dtype.char in "efF")
    _assert_close(found, plain, f"{mode}: the value", within)
    for x in case.operands:
        if np.may_share_memory(x, plain) != np.may_share_memory(x, found):
            raise AssertionError(f"{mode}: a view and a copy are mixed up")


def _assert_true(found: Arrays, reference: list[tuple[Any, Any]], what: str) -> None:
    """Assert that derivatives agree with differences."""
    for value, (exact, error) in zip(found, reference, strict=True):
        scale = 1 + np.abs(exact)
        if not np.all((error <= BLUNT * scale) | np.isnan(exact)):
            raise AssertionError(f"differences settle nowhere: a kink or a pole is near {what}")
        wrong = ~(np.abs(value - exact) <= error + ROUNDING * scale)
        wrong &= ~(np.isnan(value) & np.isnan(exact))
        if np.any(wrong):
            raise AssertionError(f"{what} is {value!r}, but differences give {exact!r}")


def _assert_near(left: float, right: float, size: float, what: str) -> None:
    """Assert that two sums agree, to rounding of terms of total `size`."""
    if not abs(left - right) <= ROUNDING * (1 + size):
        raise AssertionError(f"{what} differ: {left!r} and {right!r}")


def _assert_close(found: Any, expected: Any, what: str, within: float = ROUNDING) -> None:
    """Assert that arrays agree in shape and, to the share `within` of the largest, in value."""
    if shape_of(found) != shape_of(expected):
        raise AssertionError(f"{what}: shape {shape_of(found)}, not {shape_of(expected)}")
    if np.array_equal(found, expected, equal_nan=np.asarray(expected).dtype.kind in "fc"):
        return
    finite = np.abs(expected)[np.isfinite(expected)]
    if not np.allclose(found, expected, 0, within * (1 + np.max(finite, initial=0)), True):
        raise AssertionError(f"{what}: {found!r}, not {expected!r}")


def _assert_shapes(found: Arrays, expected: Arrays, what: str) -> None:
    """Assert that derivatives have the shapes and dtypes of what they belong to."""
    for value, x in zip(found, expected, strict=True):
        if (np.shape(value), np.result_type(value)) != (np.shape(x), np.result_type(x)):
            message = f"{np.result_type(value)}{np.shape(value)}"
            raise AssertionError(f"a {what} is {message}, not {np.result_type(x)}{np.shape(x)}")


def _stacked(parts: list[Any], lead: Shape, x: Any) -> Any:
    """Return single directions as one array with direction axes `lead`."""
    return np.reshape(np.array(parts, np.result_type(x)), lead + shape_of(x))


def _basis(case: Case, arrays: Arrays) -> list[Any]:
    """Return some directions of the standard basis of `arrays`, each real or imaginary."""
    if not arrays:
        return []
    sizes = [int(np.size(x)) * (2 if np.iscomplexobj(x) else 1) for x in arrays]
    total = sum(sizes)
    places = case.rng.permutation(total)[:SOME]
    eye = (np.arange(total) == places[:, None]).astype(float)
    found = []
    for x, part in zip(arrays, np.split(eye, np.cumsum(sizes)[:-1], axis=1), strict=True):
        if np.iscomplexobj(x):
            real, imaginary = np.split(part, 2, axis=1)
            part = real + 1j * imaginary
        found.append(part.astype(np.result_type(x)).reshape((len(places), *shape_of(x))))
    return found


def _matrix(cts: Arrays, ts: Arrays) -> Any:
    """Return the pairings of all cotangents with all tangents, as a matrix."""
    parts = [np.reshape(ct, (len(ct), np.size(ct[0]))) @ np.reshape(t, (len(t), np.size(t[0]))).T
             for ct, t in zip(cts, ts, strict=True) if len(ct) and len(t)]  # fmt: skip
    return sum(part.real for part in parts) if parts else np.zeros((0, 0))


def _pulled_raw(case: Case, cts: Arrays) -> list[Any]:
    """Return the operands' cotangents as the engine makes them, not cast to a dtype."""
    recording = record(case.fn, case.operands, {}, tuple(range(len(case.operands))))
    seeds = [(p, ct) for p, ct in zip(recording.positions, cts, strict=True) if p is not None]
    return pull_finite(recording.entries, seeds, len(case.operands))
