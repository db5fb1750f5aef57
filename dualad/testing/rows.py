"""The check of a row: all properties, on calls that are drawn, the simplest ones first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from dualad.core.row import TABLE, Row, name_of
from dualad.testing.cases import case_of
from dualad.testing.failures import BadInputError, InconclusiveError, WrongDerivativeError
from dualad.testing.properties import PROPERTIES
from dualad.testing.samples.base import Call, Draws, Sample

SINGLE = ("value", "precision")  # properties of any precision; the others compare with differences


def check_row(
    row: Any,
    draw: Callable[[Draws], Any] | None = None,
    *,
    complex: bool = False,
    order: int = 2,
    examples: int = 20,
    seed: int = 0,
) -> None:
    """Assert that a row is right, on calls that are drawn: small ones first.

    Parameters
    ----------
    row : Row or callable
        What a constructor of `dualad.extend` returned, declared or not; or a function that has a
        row.
    draw : callable, optional
        ``draw(d)`` returns the tuple of arguments of a call, or a `dualad.testing.samples.Call`
        if some are given by keyword: ``lambda d: (d.array(domain="positive"), d.integer(1, 3))``.
        Arrays, as `d.array`, `d.matrix` and `d.spd` make them, are the operands. By default as
        many arrays as the row has operands: they broadcast if it is elementwise, and have one
        shape if it is not.
    complex : bool
        Whether the function takes complex operands as well.
    order : int
        1 if second derivatives are not to be checked.
    examples : int
        How many calls are drawn for each property.
    seed : int
        Of the draws.

    Raises
    ------
    WrongDerivativeError
        If a property does not hold. An AssertionError.
    InconclusiveError
        If a reference is too uncertain to tell. An AssertionError.

    Examples
    --------
    >>> import numpy as np
    >>> from dualad import extend
    >>> @extend.dispatching
    ... def cube(x):
    ...     return x * x * x
    >>> check_row(extend.elementwise(cube, lambda y, x: 3 * x * x), complex=True)
    """
    found = TABLE.get(row) if not isinstance(row, Row) else row
    if found is None:
        advice = "Declare one with dualad.extend, or pass what its constructor returned"
        raise BadInputError(name_of(row), "has no row", advice)
    sample = Sample(found.function, _calls(draw or _default(found)), complex=complex, order=order)
    with _declared(found):
        for name in PROPERTIES:
            if name == "second_order" and order < 2:
                continue
            for number in range(examples):
                _check_one(name, found, sample, seed, number, examples)


@contextmanager
def _declared(row: Row) -> Iterator[None]:
    """Put a row into the table for a while: its rules may call its function on traced values."""
    before = TABLE.get(row.function)
    TABLE[row.function] = row
    try:
        yield
    finally:
        if before is None:
            del TABLE[row.function]
        else:
            TABLE[row.function] = before


def _calls(draw: Callable[[Draws], Any]) -> Callable[[Draws], Call]:
    """Return a draw of calls from one that may give tuples of arguments."""

    def call(d: Draws) -> Call:
        drawn = draw(d)
        return Call(*drawn) if isinstance(drawn, tuple) else drawn

    return call


def _check_one(name: str, row: Row, sample: Sample, seed: int, number: int, examples: int) -> None:
    """Check one property on one drawn call, larger ones as the numbers rise."""
    dtypes: list[Any] = [float, complex] if sample.complex else [float]
    if name in SINGLE:
        dtypes += [np.float32, np.complex64] if sample.complex else [np.float32]
    rng = np.random.default_rng([seed, number])
    reach = 1 + number * 4 // max(examples, 1)

    def pick(lo: int, hi: int) -> int:
        return int(rng.integers(lo, min(hi, lo + reach) + 1))

    case = case_of(sample, Draws(pick, dtypes[number % len(dtypes)], rng), row)
    try:
        PROPERTIES[name](case)
    except (WrongDerivativeError, InconclusiveError) as error:
        line = ("reproduce", f"check_row({row.name}, ..., seed={seed}), property {name!r}")
        raise error.with_details((line,)) from None
    except AssertionError as error:
        details = (("property", name), ("call", case.text), ("because", str(error)))
        raise WrongDerivativeError(f"the row of {row.name}", details) from error


def _default(row: Row) -> Callable[[Draws], Call]:
    """Return a draw of arrays for the operands of a row, without parameters."""

    def draw(d: Draws) -> Call:
        if row.arity is None:
            shape = d.shape(min_ndim=1)
            return Call([d.array(shape) for _ in range(d.integer(1, 3))])
        if row.broadcasts:
            return Call(*[d.array(shape) for shape in d.broadcastable(row.arity)])
        shape = d.shape(min_ndim=1, min_side=1)
        return Call(*[d.array(shape) for _ in range(row.arity)])

    return draw
