"""What is true of every right derivative: each property takes a case, and raises if it is broken.

A property never looks at a rule: it compares the modes with NumPy, with references, and with each
other. The suite holds every row to them, and `check_grads` a function of the user's.
"""

from collections.abc import Callable, Iterator, Sequence
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
from dualad.testing.comparing import compare
from dualad.testing.failures import WrongDerivativeError
from dualad.transforms.products import jvp, record, vjp
from dualad.tree import children

ROUNDING = 1e-9  # both sides are exact but for rounding: eps times a condition number up to 1e6
SINGLE = 2e-3  # float32 against float64: eps of 1e-7 times a condition number up to 1e4
LAST_BITS = 1e-13  # a composite may compute the same value by other operations than NumPy
MANY = 32  # single elements that are tried to make a failing direction smaller
SOME = 6  # basis directions in which whole Jacobians are compared

Property = Callable[[Case], None]


def numpy_value(case: Case) -> None:
    """Value, shape, dtype, container, aliasing and errors of a traced call equal NumPy's."""
    plain = _outcome(case.raw, case.operands)
    with unmodified(case):
        for mode, trace in (("forward", _as_duals), ("reverse", _as_recorded)):
            traced = _outcome(case.raw, trace(case.operands))
            if isinstance(plain, Exception) or isinstance(traced, Exception):
                _assert_same_error(plain, traced, mode)
            else:
                _assert_same(plain, traced, case, mode)


def true_jvp(case: Case) -> None:
    """The JVP equals differences of the function, to within their estimated error."""
    ts = case.directions(case.operands)
    with unmodified(case):
        compare_and_blame(case, lambda t: jvp(case.fn, case.operands, tuple(t))[1], ts, "the JVP")


def compare_and_blame(case: Case, push: Callable[[Arrays], Arrays], ts: Arrays, what: str) -> None:
    """Compare a JVP with its reference; if it is wrong, along one element of one operand."""
    try:
        compare(case, case.fn, ts, push(ts), what)
    except WrongDerivativeError:
        for t, unit, name in _single_elements(case, ts):
            compare(case, case.fn, t, push(t), what, unit, name)
        raise


def _single_elements(case: Case, ts: Arrays) -> Iterator[tuple[list[Any], float, str]]:
    """Yield directions that are one element of `ts` and zero else, their lengths and names."""
    places = [(i, j) for i, t in enumerate(ts) for j in range(int(np.size(t)))]
    for i, j in places[:MANY]:
        alone = [np.zeros_like(t) for t in ts]
        flat = np.zeros(np.size(ts[i]), np.result_type(ts[i]))
        flat[j] = np.ravel(ts[i])[j]
        alone[i] = flat.reshape(np.shape(ts[i]))[()]
        place = [int(k) for k in np.unravel_index(j, np.shape(ts[i]))]
        name = f"{case.labels[i] if case.labels else f'operand {i}'}{place or ''}"
        if np.iscomplexobj(flat) or not flat[j]:
            yield alone, 1.0, ""
        else:
            yield alone, float(flat[j]), name


def true_second(case: Case) -> None:
    """The second derivative of forward mode alone equals differences of the JVP."""
    u, v = case.directions(case.operands), case.directions(case.operands)

    def push(*operands: Any) -> Any:
        return jvp(case.fn, operands, v)[1]

    compare(case, push, u, jvp(push, case.operands, u)[1], "the second derivative")


def transposed_vjp(case: Case) -> None:
    """The two products fit together: ``Re(sum(ct * J t)) == Re(sum(J^T ct * t))``."""
    ts, cts = case.directions(case.operands), case.directions(case.outputs())
    with unmodified(case):
        pushed_ts = jvp(case.fn, case.operands, ts)[1]
        pulled_cts = vjp(case.fn, *case.operands)[1](cts)
    _assert_shapes(pushed_ts, cts, "tangent")
    _assert_shapes(pulled_cts, ts, "cotangent")
    (left, size), (right, other) = pairing(cts, pushed_ts), pairing(pulled_cts, ts)
    _assert_near(case, left, right, size + other, "<ct, J t> and <J^T ct, t>")


def equal_directions(case: Case) -> None:
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


def equal_second_orders(case: Case) -> None:
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
        _assert_near(case, first, value, size, f"forward over forward and {mixture}")
    compare(case, push, u, over_push, "the second derivative")


def equal_modes(case: Case) -> None:
    """The Jacobian pushed forward equals the Jacobian pulled back, entry by entry."""
    ins, outs = _basis(case, case.operands), _basis(case, case.outputs())
    lead, back = (len(ins[0]) if ins else 0,), (len(outs[0]) if outs else 0,)
    forward = _matrix(outs, pushed(case, ins, lead))
    reverse = _matrix(pulled(case, outs, back), ins)
    _assert_close(reverse, forward, "the Jacobians of reverse and forward mode")


def kept_precision(case: Case) -> None:
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


PROPERTIES: dict[str, Property] = {
    "value": numpy_value,
    "jvp": true_jvp,
    "vjp": transposed_vjp,
    "directions": equal_directions,
    "second_order": equal_second_orders,
    "modes": equal_modes,
    "precision": kept_precision,
}


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
    arrays = [isinstance(value, np.ndarray) for value in (traced, plain)]
    if isinstance(traced, Tracer) and arrays[0] != arrays[1]:
        raise AssertionError(f"{mode}: a number and an array without axes are mixed up")
    within = 0.0 if case.exact else LAST_BITS * 1e9 ** (plain.dtype.char in "efF")
    _assert_close(found, plain, f"{mode}: the value", within)
    for x in case.operands:
        if np.may_share_memory(x, plain) != np.may_share_memory(x, found):
            raise AssertionError(f"{mode}: a view and a copy are mixed up")


def _assert_near(case: Case, left: float, right: float, size: float, what: str) -> None:
    """Assert that two sums agree, to rounding of terms of total `size`."""
    if left != right and not abs(left - right) <= ROUNDING * (case.size + size):
        values = (("one", repr(left)), ("other", repr(right)))
        raise WrongDerivativeError(f"{case.name}: one of {what}", values)


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
