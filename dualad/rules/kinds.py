"""The kinds of row: each constructor turns a rule of one line into what the engine reads.

Rules know one operand; `y` is the output, `t` a tangent, `ct` a cotangent. Direction axes lead
in `t` and `ct`, so a rule counts axes from the end (`dualad.rules.directions` has helpers).

The pairing between cotangents and tangents is ``Re(sum(ct * t))``, as in JAX and autograd: it has
no conjugate, so a transpose never conjugates either.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import add, mul
from typing import Any

import numpy as np

from dualad.core.row import Row
from dualad.core.tracer import shape_of, strip
from dualad.rules.directions import each_direction, lead
from dualad.rules.infinite import settled
from dualad.rules.transposing import transpose_of

Rule = Any
Pairs = list[tuple[int, Any]]


def elementwise(function: Callable[..., Any], *partials: Rule) -> Row:
    """Return the row of a function that acts element by element on operands that broadcast.

    Parameters
    ----------
    function : callable
        Usually a ufunc.
    *partials : callable, number, or None
        One an operand: ``partial(y, *operands)`` is the derivative by that operand, elementwise
        (the complex derivative of a holomorphic function); a number if it is constant; None if
        it is zero wherever there is one.
    """
    arity = len(partials)

    def push(pairs: Pairs, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        operands = args[:arity]
        return _total([_product(partials[i], t, y, operands, times) for i, t in pairs])

    return Row(
        function,
        "elementwise",
        push,
        arity=arity,
        rules=tuple(None if p is None else (p,) if callable(p) else () for p in partials),
        skip=0,
        broadcasts=True,
        partials=partials,
    )


def _product(partial: Any, t: Any, y: Any, operands: Any, times: Any) -> Any:
    """Return the product of a partial and a tangent or cotangent."""
    if callable(partial):
        return times(partial(y, *operands), t)
    return t if partial == 1 else -t if partial == -1 else partial * t


def linear(
    function: Callable[..., Any],
    transpose: Rule,
    *,
    push: Rule = None,
    directions: Rule = None,
    add_into: Rule = None,
    method: Rule = None,
) -> Row:
    """Return the row of a function that is linear in its first argument, the only operand.

    Parameters
    ----------
    transpose : callable
        ``transpose(ct, y, x, *params)``; `x` and `y` tell their shapes only.
    push : callable, optional
        ``push(t, y, x, *params)``, if the function itself does not serve leading directions.
    directions : callable, optional
        ``directions(function, x, args, kwargs)`` returns the parameters with which the function
        serves leading directions; `axis_from_end` is one. Without either, directions are looped.
    add_into : callable, optional
        ``add_into(buffer, ct, args)`` adds the transpose into `buffer`, in place.
    method : callable, optional
        The method of arrays of the same parameters, which is called sooner than the function.
    """

    def push_one(pairs: Pairs, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        ((_, t),) = pairs
        x, *params = args
        if push is not None:
            return push(t, y, x, *params, **kwargs)
        leading = lead(t, x)
        if leading and directions is not None:
            moved, kwargs = directions(function, x, tuple(params), kwargs)
            return function(t, *moved, **kwargs)
        return each_direction(lambda part: function(part, *params, **kwargs), t, leading)

    def pull(positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> list[Any]:
        return [transpose(ct, y, *args, **kwargs)]

    return Row(function, "linear", push_one, pull, fits=True, add_into=add_into, method=method)


def multilinear(function: Callable[..., Any], *transposes: Rule, pushes: Any = None) -> Row:
    """Return the row of a function that is linear in each of its operands.

    Parameters
    ----------
    *transposes : callable
        One an operand: ``transpose(ct, y, *operands, *params)``.
    pushes : list of callable, optional
        One an operand: ``push(t, y, *operands, *params)``. By default the function itself, with
        that operand replaced by its tangent, direction by direction.
    """
    arity = len(transposes)

    def replacing(i: int) -> Rule:
        if pushes is not None:
            return pushes[i]
        return lambda t, y, *args, **kwargs: each_direction(
            lambda part: function(*args[:i], part, *args[i + 1 :], **kwargs), t, lead(t, args[i])
        )

    def push(pairs: Pairs, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        return _total([share(replacing(i), i, t, y, args, kwargs, times) for i, t in pairs])

    def pull(positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> list[Any]:
        return [share(transposes[i], i, ct, y, args, kwargs, times) for i in positions]

    def share(rule: Rule, i: int, t: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        if times is mul:
            return rule(t, y, *args, **kwargs)

        def of_factors(t: Any, *others: Any) -> Any:
            return rule(t, y, *others[:i], args[i], *others[i:], *args[arity:], **kwargs)

        return settled(of_factors, [t, *args[:i], *args[i + 1 : arity]], times)

    rules = tuple((rule,) for rule in transposes)
    return Row(function, "multilinear", push, pull, arity, rules=rules, spares=True)


def joining(function: Callable[..., Any], split: Rule, *, directions: Rule) -> Row:
    """Return the row of a function that joins operands, which come in a list, its first argument.

    Parameters
    ----------
    split : callable
        ``split(ct, y, arrays, *params)``: the shares of all operands, in order; `arrays` tell
        their shapes only.
    directions : callable
        ``directions(y, *params)``: the keyword parameters that serve leading directions.
    """

    def push(pairs: Pairs, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        arrays, *params = args
        tangents = dict(pairs)
        leading = lead(pairs[0][1], arrays[pairs[0][0]])
        filled = [
            tangents[i] if i in tangents else np.zeros(leading + shape_of(array))
            for i, array in enumerate(arrays)
        ]
        return function(filled, **directions(y, *params, **kwargs))

    def pull(positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> list[Any]:
        shares = split(ct, y, *args, **kwargs)
        return [shares[i] for i in positions]

    return Row(function, "joining", push, pull, None, rules=(), fits=True)


def general(function: Callable[..., Any], jvps: Any = None, vjps: Any = None) -> Row:
    """Return the row of any other differentiable function.

    Parameters
    ----------
    jvps : list of callable or None, optional
        One an operand: ``jvp(t, y, *operands, *params)``; a tuple if the function returns one.
        None for an operand without a derivative.
    vjps : list of callable or None, optional
        One an operand: ``vjp(ct, y, *operands, *params)``; `ct` is a tuple if the function
        returns one. Either list may be left out: it is had by transposing the other.
    """
    given = jvps or vjps
    arity = len(given)

    def along(rules: Any, i: int, y: Any, args: Any, kwargs: Any) -> Rule:
        return lambda direction: rules[i](direction, y, *args, **kwargs)

    def pushing(i: int, y: Any, args: Any, kwargs: Any) -> Rule:
        if jvps is not None:
            return along(jvps, i, y, args, kwargs)
        return lambda t: transpose_of(along(vjps, i, y, args, kwargs), t, args[i], y)

    def pulling(i: int, y: Any, args: Any, kwargs: Any) -> Rule:
        if vjps is not None:
            return along(vjps, i, y, args, kwargs)
        return lambda ct: transpose_of(along(jvps, i, y, args, kwargs), ct, y, args[i])

    def push(pairs: Pairs, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        return _total([settled(pushing(i, y, args, kwargs), [t], times) for i, t in pairs])

    def pull(positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> list[Any]:
        return [settled(pulling(i, y, args, kwargs), [ct], times) for i in positions]

    rules = tuple(
        None if given[i] is None else tuple(r[i] for r in (jvps, vjps) if r) for i in range(arity)
    )
    return Row(function, "general", push, pull, arity, rules=rules)


def composite(function: Callable[..., Any], body: Callable[..., Any]) -> Row:
    """Return the row of a function that `body` writes in terms of other rows."""
    return Row(function, "composite", body=body)


def update(function: Callable[..., Any], body: Callable[..., Any]) -> Row:
    """Return the row of a function that writes into its first argument, as `body` does."""
    return Row(function, "update", body=body)


def constant(*functions: Callable[..., Any]) -> list[Row]:
    """Return the rows of functions whose derivative is zero wherever there is one.

    Their result is plain: traced arguments are replaced by their primals at every level.
    """
    return [Row(f, "constant", body=_on_primals(f)) for f in functions]


def _on_primals(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function` as applied to the plain values of its arguments."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*strip(args), **strip(kwargs))

    return call


def _total(shares: Iterable[Any]) -> Any:
    """Return the sum of shares, which are arrays or tuples of arrays."""
    return reduce(_add, shares)


def _add(a: Any, b: Any) -> Any:
    """Return the sum of two shares."""
    if isinstance(a, tuple):
        return tuple(map(add, a, b))
    return a + b
