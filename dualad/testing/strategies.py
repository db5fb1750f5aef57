"""Hypothesis strategies: shapes, dtypes, memory layouts, and whole cases. Needs hypothesis."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dualad.testing.cases import Case, case_of
from dualad.testing.samples.base import Draws, Sample

__all__ = ["arrays", "broadcastable"]

REAL = (np.float64, np.float32, np.longdouble)
COMPLEX = (np.complex128, np.complex64, np.clongdouble)
SEEDS = 2**16


@st.composite
def draws(draw: Callable[..., Any], dtypes: Sequence[Any] = REAL[:1]) -> Draws:
    """Return a `Draws` whose structure hypothesis chooses, and shrinks."""

    def pick(lo: int, hi: int) -> int:
        return int(draw(st.integers(lo, hi))) if lo < hi else lo

    dtype = dtypes[pick(0, len(dtypes) - 1)]
    return Draws(pick, dtype, np.random.default_rng(pick(0, SEEDS)))


@st.composite
def cases(
    draw: Callable[..., Any], sample: Sample, real: Sequence[Any], complex: Sequence[Any]
) -> Case:
    """Return a case of a sample in one of some dtypes: complex ones only if it takes them."""
    dtypes = (*real, *complex) if sample.complex else real
    return case_of(sample, draw(draws(dtypes)))


@st.composite
def arrays(
    draw: Callable[..., Any],
    domain: str = "real",
    dtypes: Sequence[Any] = REAL[:1],
    min_ndim: int = 0,
    max_ndim: int = 4,
    min_side: int = 0,
    max_side: int = 3,
) -> Any:
    """Strategy of arrays of values in a domain, in any memory layout.

    Parameters
    ----------
    domain : str
        "real", "positive", "unit", "nonzero", "above_one" or "distinct".
    dtypes : sequence of dtype
        Of which each array has one; float64 by default.
    min_ndim, max_ndim : int
        How many axes there are.
    min_side, max_side : int
        How long an axis is; those of length zero are rare.

    Returns
    -------
    strategy
        Of arrays with values of order one. Without an axis it may be a NumPy scalar.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from dualad.testing import check_grads
    >>> @settings(max_examples=5, deadline=None, database=None)
    ... @given(arrays(domain="positive", max_ndim=2))
    ... def test_log(x):
    ...     check_grads(np.log, x)
    >>> test_log()
    """
    d = draw(draws(dtypes))
    return d.array(None, domain, min_ndim, max_ndim, min_side, max_side)


@st.composite
def broadcastable(
    draw: Callable[..., Any], n: int = 2, domain: str = "real", dtypes: Sequence[Any] = REAL[:1]
) -> tuple[Any, ...]:
    """Strategy of tuples of arrays that broadcast with each other.

    Parameters
    ----------
    n : int
        How many.
    domain : str
        As for `arrays`.
    dtypes : sequence of dtype
        Of which all arrays of a tuple have one; float64 by default.

    Returns
    -------
    strategy
        Of tuples of arrays with values of order one.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from dualad.testing import check_grads
    >>> @settings(max_examples=5, deadline=None, database=None)
    ... @given(broadcastable(2))
    ... def test_product(pair):
    ...     check_grads(np.multiply, *pair)
    >>> test_product()
    """
    d = draw(draws(dtypes))
    return tuple(d.array(shape, domain) for shape in d.broadcastable(n))
