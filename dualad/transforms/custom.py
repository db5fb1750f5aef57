"""Functions with derivative rules of the caller's own, by the names that JAX gives them."""

from collections.abc import Callable
from typing import Any

from dualad.core.level import refusal
from dualad.core.tracer import Tracer, shape_of
from dualad.errors import StructureError, TracedParameterError
from dualad.transforms.arguments import check_function
from dualad.transforms.calls import (
    Call,
    Opaque,
    Place,
    is_number,
    levels_of,
    matched,
    placed,
    positional,
    pushed,
    transposed,
    zeros,
)
from dualad.tree import leaves, rebuild
from dualad.typing import Tree


class Custom(Opaque):
    """What `custom_jvp` and `custom_vjp` share: arguments by position, some of them settings."""

    def __init__(self, fn: Callable[..., Any], nondiff_argnums: Any, transform: str) -> None:
        super().__init__(fn, transform)
        given = (nondiff_argnums,) if isinstance(nondiff_argnums, int) else nondiff_argnums
        self.nondiff_argnums = tuple(given)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the function returns."""
        args, kwargs = positional(self.fn, args, kwargs)
        for i in self.nondiff_argnums:
            if any(isinstance(leaf, Tracer) for _, leaf in leaves(args[i])):
                raise refusal(TracedParameterError(self.__qualname__))
        return super().__call__(*args, **kwargs)

    def settings(self, args: tuple[Any, ...]) -> list[Any]:
        """Return the arguments without a derivative, in the order of `nondiff_argnums`."""
        return [args[i] for i in self.nondiff_argnums]

    def differentiated(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the other arguments."""
        hidden = {i % len(args) for i in self.nondiff_argnums}
        return tuple(arg for i, arg in enumerate(args) if i not in hidden)

    def given(self, rule: Callable[..., Any] | None, method: str) -> Callable[..., Any]:
        """Return a rule, or raise if there is none yet."""
        if rule is None:
            raise TypeError(
                f"{self.__qualname__} was made by dualad.{self.transform} and has no rule yet: "
                f"its derivative would be unknown. Set one: {self.__qualname__}.{method}."
            )
        return rule

    def pair(self, value: Any, rule: str, expected: str) -> tuple[Any, Any]:
        """Return what a rule returned, if it is a pair."""
        if not isinstance(value, (tuple, list)) or len(value) != 2:
            what = f"what the {rule} of {self.__qualname__} returns"
            raise StructureError(what, f"a pair {expected}", f"a {type(value).__name__}")
        return value[0], value[1]


class CustomJVP(Custom):
    """The function that `custom_jvp` returns."""

    def __init__(self, fn: Callable[..., Any], nondiff_argnums: Any) -> None:
        super().__init__(fn, nondiff_argnums, "custom_jvp")
        self.jvp: Callable[..., Any] | None = None

    def defjvp(self, jvp: Callable[..., Any]) -> Callable[..., Any]:
        """Set the rule ``jvp(primals, tangents) -> (out, tangent)``, and return it.

        Settings come before `primals`, one by one. The tangent of an argument that does not vary
        is zero; that of one that has no derivative, such as a string, is None.
        """
        check_function(jvp, "custom_jvp(fn).defjvp")
        self.jvp = jvp
        return jvp

    def evaluated(self, this: Call, operands: list[Any]) -> Tree:
        """Return the value of a call."""
        self.given(self.jvp, "defjvp(jvp)")
        return super().evaluated(this, operands)

    def tangents(self, this: Call, operands: Any, varied: dict[int, Any]) -> tuple[Any, ...]:
        """Return the outputs' tangents, given those of some operands."""
        ts = [varied.get(i, zero) for i, zero in enumerate(map(zeros, this.operands))]
        args, _ = this.filled(operands)
        primals = self.differentiated(args)
        tangents = _tangents(self.differentiated(this.arguments[0]), ts)
        jvp = self.given(self.jvp, "defjvp(jvp)")
        value = jvp(*self.settings(args), primals, tangents)
        _, t = self.pair(value, "rule", "(out, tangent)")
        what = f"the tangent that the rule of {self.__qualname__} returns"
        found = matched(this.out, t, this.outputs, what)
        self.check_closure(found.values(), (*operands, *ts))
        return tuple(found[i] for i in range(len(found)))

    def push(self, pairs: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the tangents of all outputs."""
        *operands, this = args
        positions, ts = zip(*pairs, strict=True)
        spaces = [this.operands[i] for i in positions]
        lead = shape_of(ts[0])[: len(shape_of(ts[0])) - spaces[0].ndim]

        def along(directions: Any) -> Any:
            varied = dict(zip(positions, directions, strict=True))
            return self.tangents(this, operands, varied)

        return pushed(along, ts, spaces, this.outputs, lead)

    def pull(self, positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the shares of the operands at `positions`."""
        *operands, this = args

        def along(directions: Any) -> Any:
            varied = dict(zip(positions, directions, strict=True))
            return self.tangents(this, operands, varied)

        spaces = [this.operands[i] for i in positions]
        return transposed(along, ct, this.outputs, spaces, self.__qualname__)


def _tangents(template: Tree, ts: list[Any]) -> Any:
    """Return arguments' tangents: of arrays, zero of other numbers, and None of anything else."""
    found = [
        ts[leaf.number] if isinstance(leaf, Place)
        else 0.0 if is_number(leaf) or isinstance(leaf, int) else None
        for _, leaf in leaves(template)
    ]  # fmt: skip
    return rebuild(template, iter(found))


class CustomVJP(Custom):
    """The function that `custom_vjp` returns."""

    reads_operands = False

    def __init__(self, fn: Callable[..., Any], nondiff_argnums: Any) -> None:
        super().__init__(fn, nondiff_argnums, "custom_vjp")
        self.fwd: Callable[..., Any] | None = None
        self.bwd: Callable[..., Any] | None = None

    def defvjp(self, fwd: Callable[..., Any], bwd: Callable[..., Any]) -> None:
        """Set the rule: ``fwd(*args) -> (out, residuals)`` and ``bwd(residuals, ct) -> cts``.

        `bwd` gets the settings first, one by one, and returns a tuple with a cotangent for each
        other argument; None stands for zero.
        """
        check_function(fwd, "custom_vjp(fn).defvjp")
        check_function(bwd, "custom_vjp(fn).defvjp")
        self.fwd, self.bwd = fwd, bwd

    def evaluated(self, this: Call, operands: list[Any]) -> Tree:
        """Return the value of a call, after keeping what `bwd` needs."""
        fwd = self.given(self.fwd, "defvjp(fwd, bwd)")
        args, kwargs = this.filled(operands)
        out, residuals = self.pair(fwd(*args, **kwargs), "forward rule", "(out, residuals)")
        self.check_closure([leaf for _, leaf in leaves(residuals)], operands)
        this.kept = residuals, self.settings(args)
        return out

    def cotangents(self, this: Call, cts: Any) -> dict[int, Any]:
        """Return the operands' cotangents, given the outputs'."""
        residuals, settings = this.kept
        bwd = self.given(self.bwd, "defvjp(fwd, bwd)")
        found = bwd(*settings, residuals, placed(this.out, cts))
        template = self.differentiated(this.arguments[0])
        what = f"the cotangents that the rule of {self.__qualname__} returns"
        shares = matched(template, found, this.operands, what)
        self.check_closure(shares.values(), [leaf for _, leaf in leaves((residuals, cts))])
        return shares

    def push(self, pairs: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the tangents of all outputs: the transpose of `pull`."""
        *operands, this = args
        if not levels_of(operands) <= this.levels:  # series, of which the residuals know the value
            this = Call(this.arguments)
            self.outputs(*operands, this)
        positions, ts = zip(*pairs, strict=True)

        def back(cts: Any) -> Any:
            shares = self.cotangents(this, cts)
            return tuple(shares[i] for i in positions)

        spaces = [this.operands[i] for i in positions]
        return tuple(transposed(back, ts, spaces, this.outputs, self.__qualname__))

    def pull(self, positions: Any, ct: Any, y: Any, args: Any, kwargs: Any, times: Any) -> Any:
        """Return the shares of the operands at `positions`."""
        this = args[-1]
        lead = shape_of(ct[0])[: len(shape_of(ct[0])) - this.outputs[0].ndim]

        def back(cts: Any) -> Any:
            shares = self.cotangents(this, cts)
            return tuple(shares[i] for i in positions)

        spaces = [this.operands[i] for i in positions]
        return pushed(back, ct, this.outputs, spaces, lead)


def custom_jvp(fn: Callable[..., Any], *, nondiff_argnums: int | tuple[int, ...] = ()) -> CustomJVP:
    """Function that computes what `fn` does, with a derivative that its caller states, forward.

    Parameters
    ----------
    fn : callable
        Of arguments, and with outputs, in trees.
    nondiff_argnums : int or tuple of int
        Positions of settings: arguments without a derivative, which the rule gets first.

    Returns
    -------
    callable
        Set its rule with the decorator ``@f.defjvp``: ``jvp(primals, tangents)`` returns the pair
        of the output and its tangent. It serves both modes: in reverse it is transposed, and so
        must be written with functions that are linear in the tangents and have rows.

    Raises
    ------
    StructureError
        When the rule returns a tangent that differs from the output in structure or shape.
    NotLinearError
        In reverse mode, when the rule is not linear in the tangents.
    ClosureError
        When `fn`, or its rule, uses a traced value that is none of its arguments.

    See Also
    --------
    dualad.extend : rows, which are quicker and take all directions at once.

    Examples
    --------
    >>> import numpy as np
    >>> from dualad import grad
    >>> @custom_jvp
    ... def log1pexp(x):
    ...     return np.log(1 + np.exp(x))
    >>> @log1pexp.defjvp
    ... def rule(primals, tangents):
    ...     (x,), (t,) = primals, tangents
    ...     return log1pexp(x), t * (1 - 1 / (1 + np.exp(x)))
    >>> float(grad(log1pexp)(0.0)), float(grad(grad(log1pexp))(0.0))
    (0.5, 0.25)
    """
    return CustomJVP(fn, nondiff_argnums)


def custom_vjp(fn: Callable[..., Any], *, nondiff_argnums: int | tuple[int, ...] = ()) -> CustomVJP:
    """Function that computes what `fn` does, with a derivative that its caller states, in reverse.

    Parameters
    ----------
    fn, nondiff_argnums
        As for `custom_jvp`.

    Returns
    -------
    callable
        Set its rule with ``f.defvjp(fwd, bwd)``: ``fwd(*args)`` returns the output and whatever
        ``bwd(residuals, ct)`` needs to return a tuple with a cotangent for each argument. It
        serves both modes: forward it is transposed, and so `bwd` must be written with functions
        that are linear in the cotangent and have rows. One that is not, such as a limit to the
        cotangent, serves reverse mode only.

    Raises
    ------
    StructureError
        When `bwd` returns cotangents that differ from the arguments in structure or shape.
    NotLinearError
        In forward mode, when `bwd` is not linear in the cotangent.
    ClosureError
        When a rule uses a traced value that is none of the arguments.

    Examples
    --------
    A cotangent that is clipped on its way:

    >>> import numpy as np
    >>> from dualad import grad
    >>> @custom_vjp
    ... def clipped(x):
    ...     return x
    >>> clipped.defvjp(lambda x: (x, None), lambda residuals, ct: (np.clip(ct, -1, 1),))
    >>> float(grad(lambda x: clipped(x) ** 2, mode="reverse")(5.0))
    1.0
    """
    return CustomVJP(fn, nondiff_argnums)
