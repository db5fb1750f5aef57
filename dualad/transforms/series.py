"""Truncated Taylor series as traced values: the coefficients of all orders go along at once.

A `Series` stands for ``c_0 + c_1 s + c_2 s**2 + ...``; its primal is ``c_0``. A function's output
follows from one identity: ``y' = push(x')``, where `push` is what the function's row does to a
tangent. Read as one between series, it gives coefficient ``k + 1`` of `y` from those up to ``k``
of all that the rule computes, `y` included. So coefficients are computed on demand, and each once:
a rule written with linear and multilinear functions, whose coefficients need no rule, costs a
number of products that is quadratic in the order (Griewank and Walther, 2008, ch. 13).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.core.arithmetic import ArrayView
from dualad.core.array import TracedArray
from dualad.core.blank import unfollowed
from dualad.core.dual import rebuild
from dualad.core.inplace import View, is_view, put
from dualad.core.level import Trace
from dualad.core.number import TracedNumber
from dualad.core.product import checked, sharpened, spread
from dualad.core.row import Row
from dualad.core.scalar import TracedScalar
from dualad.core.tracer import Tracer, numpy_value, primal_value, shape_of

FLOAT = np.dtype(float)
Rule = Callable[[int], Any]


class Expansion(Trace):
    """The trace of series.

    Attributes
    ----------
    order : int
        The highest order wanted.
    building : int
        How many rules are being evaluated, one within another: what they compute waits.
    known : dict
        From a row and its arguments, by identity or value, to these, which are held so that no
        others get their identity, and the output. The sine's rule asks for the cosine, and the
        cosine's for the sine; a Bessel function's for the two beside it.
    waiting : list of Terms
        Of what was computed meanwhile.
    """

    __slots__ = ("building", "known", "order", "waiting")

    def __init__(self, order: int) -> None:
        super().__init__()
        self.order, self.building = order, 0
        self.known: dict[Any, tuple[Any, Any]] = {}
        self.waiting: list[Terms] = []

    def __enter__(self) -> None:
        self.building += 1

    def __exit__(self, *error: object) -> None:
        self.building -= 1

    def settle(self, outputs: list["Terms"]) -> None:
        """Compute outputs' coefficients, unless a rule is being evaluated: then they wait."""
        self.waiting += outputs
        if not self.building:
            with np.errstate(all="ignore"):
                for terms in outputs if self.order else ():
                    terms[self.order]
            for each in self.waiting:  # rules lead back to the series: no cycles are left behind
                each.rule = nothing
            self.waiting.clear()
            self.known.clear()


class Terms:
    """The coefficients of a series from order 1 on, computed in order when they are first needed.

    Attributes
    ----------
    found : list
        Those computed so far; None stands for zero.
    rule : callable
        From an order to its coefficient, given those below.
    """

    __slots__ = ("found", "rule")

    def __init__(self, rule: Rule, found: list[Any] | None = None) -> None:
        self.rule, self.found = rule, found or []

    def __getitem__(self, k: int) -> Any:
        found = self.found
        while len(found) < k:
            found.append(self.rule(len(found) + 1))
        return found[k - 1]


def nothing(k: int) -> None:
    """Return the coefficients beyond the last: none is asked for."""


class Series(TracedNumber):
    """A number, with the coefficients of its Taylor series in `tangent`, a `Terms`."""

    __slots__ = ()

    __add__, __radd__ = TracedScalar.__add__, TracedScalar.__radd__
    __sub__, __rsub__ = TracedScalar.__sub__, TracedScalar.__rsub__
    __mul__, __rmul__ = TracedScalar.__mul__, TracedScalar.__rmul__
    __truediv__, __rtruediv__ = TracedScalar.__truediv__, TracedScalar.__rtruediv__
    __pow__, __neg__, __pos__ = TracedArray.__pow__, TracedScalar.__neg__, TracedScalar.__pos__

    def coefficient(self, k: int) -> Any:
        """Return the coefficient of order `k`; None stands for zero."""
        return self.tangent[k] if k else self.primal

    def constant(self, value: Any) -> Any:
        """Return `value` in the trace of this one."""
        return series(self.origin, value, Terms(nothing, [None] * self.origin.order))

    def bind(self, row: Row, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a function's output, as a series."""
        trace: Expansion = self.origin  # type: ignore[assignment]
        given = [unfollowed(x) for x in row.operands(args)]
        key = None if kwargs else _key(row, args)
        if key in trace.known:
            return trace.known[key][1]
        primals = [_coefficient(trace, x, 0) for x in given]
        plain = row.with_operands(args, primals)
        y = row.function(*plain, **kwargs)
        varied = [i for i, x in enumerate(given) if _is_own(trace, x) and row.differentiable(i)]
        if not varied or getattr(y, "dtype", FLOAT).kind not in "fc":
            return y
        if row.broadcasts:
            given = [sharpened(x, y) for x in given]
        several = isinstance(y, (tuple, list))
        call = row.with_operands(args, given), kwargs
        application = Application(trace, row, given, varied, call)
        out = application.outputs(y)
        if key is not None and not several:
            trace.known[key] = args, out
        application.settle(out)
        if row.fits and isinstance(given[0], SeriesArray) and is_view(y, primals[0]):
            return _view(out, View(given[0], row, args[1:], kwargs))
        return out


class SeriesArray(TracedArray, Series):
    """An array of such numbers."""

    __slots__ = ()

    __pow__ = TracedArray.__pow__

    @property
    def view_class(self) -> Any:
        """The class of the views of such arrays."""
        return SeriesView

    def copy(self, order: Any = "C") -> Any:
        """Return a copy, in memory of its own."""
        return series(self.origin, self.primal.copy(order), Terms(nothing, list(self.terms())))

    def terms(self) -> list[Any]:
        """Return the coefficients from order 1 on."""
        return [self.tangent[k] for k in range(1, self.origin.order + 1)]

    def write(self, index: tuple[Any, ...], value: Any) -> None:
        """Write a value of this or a lower level at `index`."""
        own = _is_own(self.origin, value)
        put(self, "primal", index, value.primal if own else value)
        terms = self.terms()
        for k, c in enumerate(terms, 1):
            part = value.tangent[k] if own else None
            if c is None and part is None:
                continue
            whole = _Slot(np.zeros(self.shape, self.dtype) if c is None else c.copy())
            put(whole, "primal", index, 0.0 if part is None else part)
            terms[k - 1] = whole.primal
        self.tangent = Terms(nothing, terms)
        self.version += 1


class _Slot:
    """Something that holds an array to write into; see `put`."""

    def __init__(self, primal: Any) -> None:
        self.primal, self.shape = primal, shape_of(primal)


class SeriesView(ArrayView, SeriesArray):
    """An array of series that was taken of another as a view."""

    __slots__ = ()

    @property
    def tangent(self) -> Any:  # type: ignore[override]
        """The coefficients."""
        if self.link.version != self.link.root.version:
            self.take_anew()
        return self.carried


_new: Any = object.__new__


def series(trace: Trace, primal: Any, terms: Terms) -> Any:
    """Return a series with a primal and further coefficients, unchecked."""
    trace.level  # noqa: B018  # raises if the trace is closed
    self = _new(SeriesArray if isinstance(primal, (np.ndarray, TracedArray)) else Series)
    primal = np.float64(primal) if type(primal) is float else primal
    self.origin, self.primal, self.tangent, self.version = trace, primal, terms, 0
    return self


def _view(out: Any, link: View) -> SeriesView:
    """Return an output as a view of an array."""
    view: SeriesView = _new(SeriesView)
    view.link, view.origin = link, out.origin
    view.held, view.carried, view.noted = out.primal, out.tangent, None
    return view


def _key(row: Row, args: tuple[Any, ...]) -> Any:
    """Return what tells one application of a row from another; None if an array is among them."""
    parts: list[Any] = [id(row)]
    for x in args:
        if isinstance(x, Series):
            link = getattr(x, "link", None)
            parts += [id(x), x.version if link is None else link.root.version]
        elif not isinstance(x, Tracer) and isinstance(x, (int, float, np.number)) and x:
            parts += [type(x), x]  # but not zeros, which have signs
        else:
            return None
    return tuple(parts)


def _is_own(trace: Trace, x: Any) -> bool:
    """Return whether a value is a series of a trace."""
    return isinstance(x, Series) and x.origin is trace


def _coefficient(trace: Trace, x: Any, k: int) -> Any:
    """Return a coefficient of any value: one that is no series of the trace is constant."""
    if _is_own(trace, x):
        return x.coefficient(k)
    return None if k else x


class Application:
    """One application of a row to series: how the coefficients of its output come about.

    Attributes
    ----------
    given : list
        The operands; at `varied` they are series of the trace.
    args, kwargs
        All arguments.
    """

    def __init__(
        self, trace: Expansion, row: Row, given: list[Any], varied: list[int], call: Any
    ) -> None:
        self.trace, self.row, self.given, self.varied = trace, row, given, varied
        self.args, self.kwargs = call
        self.slope: Any = None

    def outputs(self, y: Any) -> Any:
        """Return the output `y`, or each of several, as a series."""
        if isinstance(y, (tuple, list)):
            parts = [
                series(self.trace, part, Terms(self.component(i)))
                if getattr(part, "dtype", FLOAT).kind in "fc" else part
                for i, part in enumerate(y)
            ]  # fmt: skip
            self.out = rebuild(y, parts)
            return self.out
        shape = shape_of(y)
        rule = self.rule()

        def spread_rule(k: int) -> Any:
            c = rule(k)
            return None if c is None else spread(c, (), shape)

        self.out = series(self.trace, y, Terms(spread_rule))
        return self.out

    def settle(self, out: Any) -> None:
        """Compute the coefficients, now or later."""
        parts = out if isinstance(out, (tuple, list)) else (out,)
        terms = [part.tangent for part in parts if isinstance(part, Series)]
        self.trace.settle(terms)

    def rule(self) -> Rule:
        """Return how a coefficient of the output follows."""
        row = self.row
        direct = DIRECT.get(row.function)
        found = None if direct is None or self.kwargs else direct(self)
        if found is not None:
            return found
        if row.kind in ("linear", "joining"):
            return self.mapped
        if row.kind == "multilinear":  # but `np.where`, which spares none, is linear in both
            several = row.spares and len(self.varied) > 1
            return self.convolved if several else self.mapped
        if row.kind == "elementwise" and not any(callable(row.partials[i]) for i in self.varied):
            return self.mapped
        return self.component(None)

    def at(self, i: int, k: int) -> Any:
        """Return the coefficient of order `k` of an operand."""
        return _coefficient(self.trace, self.given[i], k)

    def mapped(self, k: int) -> Any:
        """Return a coefficient of a function that is linear in what varies."""
        pairs = [(i, self.at(i, k)) for i in self.varied]
        pairs = [(i, t) for i, t in pairs if t is not None]
        if not pairs:
            return None
        args = self.row.with_operands(self.args, [self.at(i, 0) for i in range(len(self.given))])
        y = self.out.primal
        return self.row.push(pairs, y, args, self.kwargs, checked)  # type: ignore[misc]

    def convolved(self, k: int) -> Any:
        """Return a coefficient of a multilinear function: of all ways to share out the order."""
        total = None
        for orders in shared(k, len(self.varied)):
            operands = list(self.given)
            for i, order in zip(self.varied, orders, strict=True):
                operands[i] = self.at(i, order)
            if any(operands[i] is None for i in self.varied):
                continue
            args = self.row.with_operands(self.args, operands)
            total = plus(total, self.row.function(*args, **self.kwargs))
        return total

    def component(self, i: int | None) -> Rule:
        """Return how a coefficient follows from the slope; of the output `i`, if several."""

        def rule(k: int) -> Any:
            if self.slope is None:
                self.slope = self.pushed()
            t = self.slope if i is None else self.slope[i]
            c = _coefficient(self.trace, t, k - 1)
            return None if c is None else c / k

        return rule

    def pushed(self) -> Any:
        """Return the derivative of the output along the series, as a series."""
        trace = self.trace
        pairs = [(i, _slope(trace, self.given[i])) for i in self.varied]
        with trace:
            return self.row.push(pairs, self.out, self.args, self.kwargs, times)  # type: ignore[misc]


def _slope(trace: Expansion, x: Any) -> Any:
    """Return the derivative of a series."""
    first = x.tangent[1]
    if first is None:
        first = np.zeros(x.shape, x.dtype)[()]

    def rule(k: int) -> Any:
        c = x.tangent[k + 1]
        return None if c is None else (k + 1) * c

    return series(trace, first, Terms(rule))


def times(partial: Any, t: Any) -> Any:
    """Return the product of a partial and a slope; zero wherever a coefficient of that is."""
    trace = t.origin

    def rule(k: int) -> Any:
        return convolution(lambda j: _coefficient(trace, partial, j), t.coefficient, k, checked)

    return series(trace, rule(0), Terms(rule))


def convolution(a: Rule, b: Rule, k: int, product: Any = np.multiply, first: int = 0) -> Any:
    """Return the sum of ``a(j) * b(k - j)`` from ``j = first`` on; None stands for zero."""
    total = None
    for j in range(first, k + 1):
        left, right = a(j), b(k - j)
        if left is not None and right is not None:
            total = plus(total, product(left, right))
    return total


def plus(a: Any, b: Any) -> Any:
    """Return a sum; None stands for zero."""
    return b if a is None else a if b is None else a + b


def shared(total: int, parts: int) -> list[tuple[int, ...]]:
    """Return all ways to write an order as a sum of so many."""
    if parts == 1:
        return [(total,)]
    return [(i, *rest) for i in range(total + 1) for rest in shared(total - i, parts - 1)]


def _multiply(this: Application) -> Rule:
    """``y = a b``."""
    return lambda k: convolution(lambda j: this.at(0, j), lambda j: this.at(1, j), k)


def _square(this: Application) -> Rule:
    """``y = a a``."""
    return lambda k: convolution(lambda j: this.at(0, j), lambda j: this.at(0, j), k)


def _divide(this: Application) -> Rule:
    """``y b = a``."""

    def rule(k: int) -> Any:
        a, b = this.at(0, k), this.at(1, 0)
        known = convolution(lambda j: this.at(1, j), this.out.coefficient, k, first=1)
        rest = a if known is None else -known if a is None else a - known
        return None if rest is None else rest / b

    return rule


def _power(this: Application) -> Rule | None:
    """``a y' = b a' y``, for a constant exponent; or by products, if that is a small integer."""
    exponent = this.given[1]
    if this.varied != [0] or np.ndim(primal_value(exponent)):
        return None
    b = numpy_value(exponent)
    if not isinstance(exponent, Tracer) and b in range(1, PRODUCTS + 1):
        return _products(this, int(b))
    if not np.all(primal_value(this.at(0, 0))):
        return None

    def rule(k: int) -> Any:
        total = None
        for j in range(1, k + 1):
            a, y = this.at(0, j), this.out.coefficient(k - j)
            if a is not None and y is not None:
                total = plus(total, (exponent * j - (k - j)) * a * y)
        return None if total is None else total / (k * this.at(0, 0))

    return rule


PRODUCTS = 64  # the highest power that is taken by products, which serve a base of zero as well


def _products(this: Application, exponent: int) -> Rule:
    """Return the rule of a power by repeated squaring."""
    made: list[Any] = []

    def rule(k: int) -> Any:
        if not made:
            with this.trace:
                made.append(_repeated(this.given[0], exponent))
        return made[0].coefficient(k)

    return rule


def _repeated(base: Any, exponent: int) -> Any:
    """Return a power by repeated squaring."""
    half = base if exponent < 2 else _repeated(base, exponent // 2)
    if exponent == 1:
        return base
    return half * half * base if exponent % 2 else half * half


DIRECT: dict[Any, Callable[[Application], Rule | None]] = {
    np.multiply: _multiply,
    np.square: _square,
    np.divide: _divide,
    np.power: _power,
}
