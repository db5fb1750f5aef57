"""A case: one call of a function, with some of its operands to be traced, and its derivatives."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualad.core.dispatch import apply, stack_objects
from dualad.core.row import TABLE, Row, name_of
from dualad.core.tracer import Tracer, shape_of
from dualad.testing.precise import Big
from dualad.testing.samples.base import Draws, Sample
from dualad.transforms.products import forward, record
from dualad.tree import leaves

Shape = tuple[int, ...]
Arrays = Sequence[Any]


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """One call of a function.

    Attributes
    ----------
    name : str
        Of the function, for messages.
    raw : callable
        From the traced operands to what the function returns.
    operands : tuple of array
        Those to be traced.
    rng : numpy.random.Generator
        Source of tangents and cotangents.
    text : str
        The call, for messages.
    exact : bool
        Whether the traced value equals the plain one to the last bit.
    observe : callable or None
        Applied to the output before derivatives are looked at.
    scales : tuple of array or None
        By how much each operand may change; by about one where there is None.
    size : float
        Of the outputs: rounding is a share of it.
    rounding : float
        Relative error of the function's own values, if that is more than the dtype's.
    labels : tuple of str
        What a message calls the operands; the call itself, `text`, where there is none.
    """

    name: str
    raw: Callable[..., Any]
    operands: tuple[Any, ...]
    rng: np.random.Generator
    text: str = ""
    exact: bool = True
    observe: Callable[[Any], Any] | None = None
    scales: tuple[Any, ...] | None = None
    size: float = 1.0
    labels: tuple[str, ...] = ()
    rounding: float = 0.0

    def __repr__(self) -> str:
        kinds = ", ".join(f"{x.dtype}{list(x.shape)}" for x in self.operands)
        return f"<{self.name} traced by {kinds or 'nothing'}; {self.text}>"

    def fn(self, *operands: Any) -> tuple[Any, ...]:
        """Return the outputs that have a derivative."""
        out = self.raw(*operands)
        if self.observe is not None:
            out = self.observe(out)
        found = [_stacked(leaf) for _, leaf in leaves(out)]
        return tuple(leaf for leaf in found if _has_derivative(leaf))

    def outputs(self) -> tuple[Any, ...]:
        """Return the outputs that have a derivative, by a plain call."""
        return self.fn(*self.operands)

    def directions(self, arrays: Arrays, lead: Shape = ()) -> tuple[Any, ...]:
        """Return random, read-only tangents or cotangents of `arrays`, of size about one.

        Those of the operands are as large as the operands may change.
        """
        found = tuple(_direction(self.rng, x, lead) for x in arrays)
        if self.scales is not None and arrays is self.operands:
            found = tuple(_scaled(*pair) for pair in zip(found, self.scales, strict=True))
        return found


def _stacked(leaf: Any) -> Any:
    """Return an object array with traced scalars in it as a traced array."""
    if isinstance(leaf, np.ndarray) and leaf.dtype == object:
        return stack_objects(leaf) if any(isinstance(x, Tracer) for x in leaf.flat) else leaf
    return leaf


def _has_derivative(leaf: Any) -> bool:
    """Return whether `leaf` is of a floating or complex dtype, or a number of many digits."""
    if isinstance(leaf, (float, complex, Big)):
        return True
    if isinstance(leaf, np.ndarray) and leaf.dtype == object and leaf.size:
        return isinstance(leaf.flat[0], Big)
    return getattr(getattr(leaf, "dtype", None), "kind", "") in ("f", "c")


def _direction(rng: np.random.Generator, x: Any, lead: Shape) -> Any:
    """Return a random array of shape ``lead + x.shape`` and the dtype of `x`."""
    dtype = np.result_type(x)
    shape = lead + shape_of(x)
    t = rng.uniform(-1, 1, shape)
    if dtype.kind == "c":
        t = t + 1j * rng.uniform(-1, 1, shape)
    t = np.asarray(t, dtype)
    t.flags.writeable = False
    return t if t.ndim else t[()]


def _scaled(t: Any, scale: Any) -> Any:
    """Return a read-only direction in another size."""
    t = np.asarray(t * scale, np.result_type(t))
    t.flags.writeable = False
    return t if t.ndim else t[()]


def case_of(sample: Sample, d: Draws, row: Row | None = None) -> Case:
    """Return a drawn call of a sample, with some of its operands to be traced.

    If a row is given, it answers traced calls, whether it is in the table or not.
    """
    call = sample.draw(d)
    operands = call.operands(sample.fixed)
    count = len(operands)
    left_out = d.integer(0, 2**count - 2) if count > 1 else 0  # bits: those that are not traced
    kind = (row or TABLE[sample.function]).kind
    if kind == "update":  # it writes into the first one, which so is an array
        operands[0] = np.asarray(operands[0])
    chosen = [i for i in range(count) if not left_out >> i & 1 or (i == 0 and kind == "update")]

    def raw(*traced: Any) -> Any:
        values = list(operands)
        for i, value in zip(chosen, traced, strict=True):
            values[i] = value
        new = call.replaced(values, sample.fixed)
        if kind == "update":
            target = new.args[0]
            updated = target.copy() if isinstance(target, Tracer) else np.array(target)
            sample.function(updated, *new.args[1:], **new.kwargs)
            return updated
        if row is not None and any(isinstance(value, Tracer) for value in traced):
            return apply(row, new.args, new.kwargs)
        return sample.function(*new.args, **new.kwargs)

    return Case(
        name_of(sample.function),
        raw,
        tuple(operands[i] for i in chosen),
        d.rng,
        repr(call),
        kind not in ("composite", "update"),
        sample.observe,
        rounding=sample.rounding,
    )


def random_case(sample: Sample, seed: int, dtype: Any = float) -> Case:
    """Return a case drawn by NumPy's generator alone."""
    rng = np.random.default_rng(seed)
    return case_of(sample, Draws(lambda lo, hi: int(rng.integers(lo, hi + 1)), dtype, rng))


@contextmanager
def unmodified(case: Case) -> Iterator[None]:
    """Assert at the end that no operand of `case` was modified in between."""
    before = [np.array(x) for x in case.operands]
    yield
    for i, (old, new) in enumerate(zip(before, case.operands, strict=True)):
        if not np.array_equal(old, new, equal_nan=True):
            raise AssertionError(f"operand {i} was modified")


def pushed(case: Case, tangents: Arrays, lead: Shape = ()) -> list[Any]:
    """Return the outputs' tangents, by dual numbers, as the engine makes them."""
    chosen = tuple(range(len(case.operands)))
    _, outputs, found = forward(case.fn, case.operands, {}, chosen, list(tangents))
    return [_or_zeros(t, y, lead) for t, y in zip(found, outputs, strict=True)]


def pushed_on_record(case: Case, tangents: Arrays, lead: Shape = ()) -> list[Any]:
    """Return the outputs' tangents, pushed through a record."""
    recording = record(case.fn, case.operands, {}, tuple(range(len(case.operands))))
    return recording.push(list(tangents), lead)


def pulled(case: Case, cotangents: Arrays, lead: Shape = ()) -> list[Any]:
    """Return the operands' cotangents, pulled through a record."""
    recording = record(case.fn, case.operands, {}, tuple(range(len(case.operands))))
    return recording.pull(list(cotangents), lead)


def _or_zeros(t: Any, y: Any, lead: Shape) -> Any:
    """Return a tangent, zeros in place of None."""
    return np.zeros(lead + shape_of(y), np.result_type(y)) if t is None else t


def pairing(cts: Arrays, ts: Arrays) -> tuple[float, float]:
    """Return ``Re(sum(ct * t))`` over all arrays, and the sum of the sizes of its terms."""
    total = size = 0.0
    for ct, t in zip(cts, ts, strict=True):
        terms = np.asarray(ct) * np.asarray(t)
        total += float(np.sum(terms.real))
        size += float(np.sum(np.abs(terms)))
    return total, size
