"""Derivatives of any order along a direction, by Taylor series."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.tracer import shape_of
from dualad.errors import ArgumentNumberError, NotScalarError, StructureError
from dualad.transforms.arguments import (
    argument_tuple,
    as_primal,
    as_tangent,
    call,
    check_function,
    input_leaves,
    output_leaves,
    positions,
    replaced,
)
from dualad.transforms.jacobian import jacobian
from dualad.transforms.products import cast_directions, jvp
from dualad.transforms.seeds import is_complex
from dualad.transforms.series import Expansion, Series, Terms, nothing, series
from dualad.transforms.wrapped import Wrapped
from dualad.tree import children, matching_leaves, rebuild
from dualad.typing import Tree


def jet(
    fn: Callable[..., Any], primals: tuple[Any, ...], series: tuple[Any, ...]
) -> tuple[Tree, list[Tree]]:
    """Value of a function and its derivatives along a curve, up to any order, by Taylor series.

    Parameters
    ----------
    fn : callable
        Of one or more arguments.
    primals : tuple of tree
        The arguments at ``s = 0``.
    series : tuple of list of tree
        For each argument the derivatives of the curve by ``s`` at 0, of orders 1 to K: these are
        derivatives, as in JAX, and not divided by factorials. Each is shaped like the argument;
        None stands for zero. The line ``x + s v`` has ``[v, None, None, ...]``.

    Returns
    -------
    out : tree
        ``fn(*primals)``.
    terms : list of tree
        The derivatives of ``fn`` along the curve, of orders 1 to K, each shaped like `out`.

    Raises
    ------
    StructureError
        If the lists differ in length, or an item from its argument in structure or shape.

    Notes
    -----
    One evaluation. An operation on arrays costs a number of products that is quadratic in K for
    arithmetic, matrix products and the elementary functions, and linear for linear functions. A few
    functions, those whose derivatives are no simpler than themselves, cost more, but rarely
    exponentially much, as nested transforms do (Griewank and Walther, 2008, ch. 13).

    Examples
    --------
    >>> import numpy as np
    >>> y, terms = jet(np.exp, (0.0,), ([1.0, None, None],))
    >>> float(y), [float(t) for t in terms]
    (1.0, [1.0, 1.0, 1.0])
    """
    check_function(fn, "jet")
    primals, series = argument_tuple(primals, "primals"), argument_tuple(series, "series")
    if len(series) != len(primals):
        raise StructureError("series", f"one list for each of {len(primals)} arguments",
                             f"{len(series)} of them")  # fmt: skip
    for i, part in enumerate(series):
        if not isinstance(part, (list, tuple)):
            raise StructureError(f"series[{i}]", "a list with one item for each order",
                                 f"a {type(part).__name__}")  # fmt: skip
    orders = {len(part) for part in series}
    if len(orders) > 1:
        raise StructureError("series", "lists of one length", f"of lengths {sorted(orders)}")
    order = orders.pop() if orders else 0
    inputs = input_leaves(primals, tuple(range(len(primals))))
    terms = _coefficients(primals, series, inputs, order)
    out, outputs, found = expanded(fn, primals, inputs, terms, order)
    levels = [_derivatives(outputs, found, k) for k in range(1, order + 1)]
    return out, [rebuild(out, iter(level)) for level in levels]


def _coefficients(primals: Any, given: Any, inputs: list[Any], order: int) -> list[list[Any]]:
    """Return for each input leaf its Taylor coefficients from order 1 on, checked."""
    terms: list[list[Any]] = [[] for _ in inputs]
    for k in range(1, order + 1):
        level = tuple(part[k - 1] for part in given)
        what = f"the derivative of order {k} in series"
        leaves = [leaf for x, t in zip(primals, level, strict=True)
                  for leaf in _leaves(x, t, what)]  # fmt: skip
        for own, x, t in zip(terms, inputs, leaves, strict=True):
            own.append(None if t is None else as_tangent(t, x, what) / math.factorial(k))
    return terms


def _leaves(x: Tree, t: Tree, what: str) -> list[Any]:
    """Return the leaves of a derivative of an argument; None in place of a tree is zero."""
    if t is None:
        t = rebuild(x, iter(lambda: None, 0)) if children(x) is not None else None
    return matching_leaves(x, t, what)


def expanded(
    fn: Callable[..., Any], args: Any, inputs: list[Any], terms: list[list[Any]], order: int
) -> tuple[Tree, list[Any], list[list[Any]]]:
    """Return the output of `fn`, its leaves, and their Taylor coefficients from order 1 on."""
    trace = Expansion(order)
    pairs = zip(inputs, terms, strict=True)
    traced = [series(trace, x, Terms(nothing, list(own))) for x, own in pairs]
    try:
        out = call(fn, replaced(args, tuple(range(len(args))), traced), {})
        leaves = [leaf for leaf, _ in output_leaves(out)]
        found = [
            [leaf.tangent[k] if _is_own(leaf, trace) else None for k in range(1, order + 1)]
            for leaf in leaves
        ]
    finally:
        trace.close()
    primals = [leaf.primal if _is_own(leaf, trace) else leaf for leaf in leaves]
    return rebuild(out, iter(primals)), primals, found


def _is_own(leaf: Any, trace: Expansion) -> bool:
    """Return whether a value is a series of a trace."""
    return isinstance(leaf, Series) and leaf.origin is trace


def _derivatives(outputs: list[Any], terms: list[list[Any]], k: int) -> list[Any]:
    """Return the derivatives of order `k` of all output leaves."""
    found = []
    for y, own in zip(outputs, terms, strict=True):
        c = own[k - 1]
        t = np.zeros(shape_of(y)) if c is None else c * math.factorial(k)
        found.append(cast_directions(t, y, ()))
    return found


class _Derivative(Wrapped):
    """The function that `derivative` returns."""

    def __init__(self, fn: Any, argnum: int, order: int) -> None:
        super().__init__(fn, "derivative")
        self.argnum, self.order = argnum, order

    def __call__(self, *args: Any, **kwargs: Any) -> Tree:
        """Return the derivative."""
        if isinstance(self.argnum, (tuple, list)):
            raise ArgumentNumberError(self.argnum, len(args), "a derivative is by one argument")
        (i,) = positions(self.argnum, args)
        if children(args[i]) is not None:
            raise NotScalarError(i, f"a {type(args[i]).__name__}")
        x = as_primal(args[i], f"argument {i}")
        if shape_of(x):
            raise NotScalarError(i, f"an array of shape {shape_of(x)}")

        def along(value: Any) -> Any:
            return self.fn(*args[:i], value, *args[i + 1 :], **kwargs)

        if self.order == 0:
            return along(x)
        if self.order == 1 and is_complex(x):
            return jacobian(along, mode="forward")(x)
        if self.order == 1:
            return jvp(along, (x,), (1.0,))[1]
        return jet(along, (x,), ([1.0] + [None] * (self.order - 1),))[1][-1]


def derivative(fn: Callable[..., Any], argnum: int = 0, *, order: int = 1) -> Callable[..., Any]:
    """Function that returns the derivative of `fn` by one number, of any order.

    Parameters
    ----------
    fn : callable
        Its outputs may be arrays of any shape, in trees.
    argnum : int
        Position of the number; other arguments may be anything.
    order : int
        At least 0; 0 gives the value. The first derivative is by a dual number, others by `jet`.

    Returns
    -------
    callable
        Of the same arguments; it returns derivatives with the structure and shapes of the output.
        By a complex number the first is the complex derivative; of a real output, what `grad`
        returns. Others are along the real axis: that `fn` is holomorphic is not checked for them.

    Raises
    ------
    NotScalarError
        If the argument is not a single number.
    NotHolomorphicError
        If that is complex, and `fn` not holomorphic there.

    Examples
    --------
    >>> import numpy as np
    >>> derivative(lambda t: np.stack([np.cos(t), np.sin(t)]))(0.0)
    array([-0.,  1.])
    >>> float(derivative(lambda t: t**5, order=3)(2.0))
    240.0
    """
    if isinstance(order, bool) or not isinstance(order, (int, np.integer)) or order < 0:
        raise ValueError(
            f"order is {order!r}; it is how many times to differentiate, an int of at least 0."
        )
    return _Derivative(fn, argnum, order)
