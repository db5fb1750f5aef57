"""Hypothesis strategies: shapes, dtypes, layouts, programs, whole cases. Needs hypothesis."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualad.errors import MissingExtraError
from dualad.testing.cases import Case, case_of
from dualad.testing.programs import OPS, Program, draw_program
from dualad.testing.samples.base import Draws, Sample

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise MissingExtraError("dualad.testing.strategies", "hypothesis", "test") from error

__all__ = [
    "arrays",
    "broadcastable",
    "floats",
    "index_expressions",
    "matrices",
    "programs",
    "trees",
]

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


@st.composite
def floats(draw: Callable[..., Any], domain: str = "real") -> float:
    """Strategy of numbers in a domain, away from its kinks and poles.

    Parameters
    ----------
    domain : str
        As for `arrays`.

    Returns
    -------
    strategy
        Of floats of order one.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from dualad.testing import check_grads
    >>> @settings(max_examples=5, deadline=None, database=None)
    ... @given(floats("positive"))
    ... def test_log(x):
    ...     check_grads(np.log, x)
    >>> test_log()
    """
    return float(draw(draws()).values((), domain))


@st.composite
def matrices(
    draw: Callable[..., Any],
    kind: str = "well_conditioned",
    dtypes: Sequence[Any] = REAL[:1],
    min_side: int = 1,
    max_side: int = 4,
    batch: tuple[int, ...] = (),
) -> Any:
    """Strategy of square matrices that linear algebra is smooth at, in any memory layout.

    Parameters
    ----------
    kind : str
        "well_conditioned": singular values from 1 to 2; "positive_definite": Hermitian, with
        eigenvalues from 1 to 3; "separated": Hermitian, with eigenvalues 1 or more apart.
    dtypes : sequence of dtype
        Of which each matrix has one; float64 by default.
    min_side, max_side : int
        How many rows there are.
    batch : tuple of int
        The shape of a stack of matrices.

    Returns
    -------
    strategy
        Of arrays of shape ``batch + (n, n)``.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from dualad.testing import check_grads
    >>> @settings(max_examples=5, deadline=None, database=None)
    ... @given(matrices())
    ... def test_inverse(a):
    ...     check_grads(np.linalg.inv, a)
    >>> test_inverse()
    """
    d = draw(draws(dtypes))
    makers = {"well_conditioned": d.matrix, "positive_definite": d.spd, "separated": d.hermitian}
    if kind not in makers:
        raise ValueError(f"no kind is called {kind!r}: there are {', '.join(makers)}")
    return makers[kind](d.integer(min_side, max_side), batch)


@st.composite
def trees(
    draw: Callable[..., Any], domain: str = "real", max_depth: int = 2, max_items: int = 3
) -> Any:
    """Strategy of nested containers of arrays: tuples, lists and dicts.

    Parameters
    ----------
    domain : str
        Of the arrays, as for `arrays`.
    max_depth : int
        How deep containers nest.
    max_items : int
        How many items one has; at least one.

    Returns
    -------
    strategy
        Of trees, as functions that are differentiated take them.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from dualad.testing import check_grads
    >>> from dualad.tree import leaves
    >>> @settings(max_examples=5, deadline=None, database=None)
    ... @given(trees())
    ... def test_sum_of_squares(tree):
    ...     check_grads(lambda t: sum(np.sum(x * x) for _, x in leaves(t)), (tree,))
    >>> test_sum_of_squares()
    """
    d = draw(draws())

    def grown(depth: int) -> Any:
        kind = d.integer(0, 3) if depth else 0
        if kind == 0:
            return d.array(None, domain, max_ndim=2)
        items = [grown(depth - 1) for _ in range(d.integer(1, max_items))]
        if kind == 3:
            return {f"k{i}": item for i, item in enumerate(items)}
        return items if kind == 1 else tuple(items)

    return grown(max_depth)


@st.composite
def index_expressions(draw: Callable[..., Any], shape: tuple[int, ...]) -> Any:
    """Strategy of what may stand in the brackets behind an array of a shape.

    Parameters
    ----------
    shape : tuple of int
        Of the array; axes have a length of one or more.

    Returns
    -------
    strategy
        Of tuples of integers, slices with steps of either sign, None, an Ellipsis, lists of
        integers, or one boolean mask.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from dualad.testing import check_grads
    >>> x = np.arange(6.0).reshape(2, 3)
    >>> @settings(max_examples=5, deadline=None, database=None)
    ... @given(index_expressions(x.shape))
    ... def test_getitem(index):
    ...     check_grads(lambda x: np.square(x[index]), x)
    >>> test_getitem()
    """
    d = draw(draws())
    if d.integer(0, 5) == 5:
        return d.mask(shape)
    parts: list[Any] = []
    for side in shape[: d.integer(0, len(shape))]:
        kind = d.integer(0, 3)
        if kind == 0:
            step = d.choice((1, 2, -1))
            parts.append(slice(None, None, step) if d.boolean() else slice(d.integer(0, side - 1)))
        elif kind == 1:
            parts.append(d.integer(0, 2 * side - 1) - side)
        elif kind == 2:
            parts.append([d.integer(0, side - 1) for _ in range(2)])
        else:
            parts += [None, slice(None)]
    return (*parts, Ellipsis) if d.boolean() else tuple(parts)


@st.composite
def programs(
    draw: Callable[..., Any],
    ops: Sequence[Any] | None = None,
    depth: int = 6,
    inputs: int = 2,
) -> Program:
    """Strategy of random programs with inputs at which they are smooth.

    Parameters
    ----------
    ops : sequence of str or callable, optional
        Functions of NumPy, by name ("sin", "linalg.inv") or themselves; some forty by default.
        Of those that are not among these it is assumed that they are smooth everywhere.
    depth : int
        How many lines there are at most.
    inputs : int
        How many arguments there are at most.

    Returns
    -------
    strategy
        Of programs: call one with its `inputs`, and with ``xp=`` to run it in another library. Its
        text is NumPy code. Examples shrink to few lines and small arrays.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from dualad.testing import check_grads
    >>> @settings(max_examples=5, deadline=None, database=None)
    ... @given(programs(ops=["sin", "multiply", "sum"], depth=3))
    ... def test_program(program):
    ...     check_grads(program, program.inputs)
    >>> test_program()
    """
    return draw_program(draw(draws()), OPS if ops is None else ops, depth, inputs)
