"""Gradients of the sum of all outputs, by arguments and by parameters."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualad.core.tracer import shape_of
from dualad.errors import ArgumentNumberError, OutputTypeError
from dualad.transforms.arguments import check_mode, positions
from dualad.transforms.choice import chunks, dual_directions_at_once, one_number
from dualad.transforms.parameter import Parameter
from dualad.transforms.products import all_inputs, cast_directions, forward, record
from dualad.transforms.seeds import (
    along_both,
    is_complex,
    ones_like,
    sizes,
    split_blocks,
    unit_directions,
)
from dualad.transforms.wrapped import Wrapped
from dualad.tree import children, rebuild
from dualad.typing import Argnums, Mode, Tree

log = logging.getLogger("dualad")


class Gradient(Wrapped):
    """The function that `grad` and `value_and_grad` return."""

    def __init__(
        self,
        fn: Callable[..., Any],
        argnums: Argnums,
        weights: Any,
        has_aux: bool,
        return_ids: bool,
        mode: str,
        with_value: bool,
    ) -> None:
        super().__init__(fn, "value_and_grad" if with_value else "grad")
        check_mode(mode)
        self.argnums, self.has_aux, self.return_ids = argnums, has_aux, return_ids
        self.mode, self.with_value = mode, with_value
        self.plain = weights is None and not return_ids
        self.one_weight = isinstance(weights, Parameter)
        self.weights = None if weights is None else _as_parameters(weights)
        if return_ids:
            _check_names(self.weights or ())
        if argnums is None and weights is None:
            raise ArgumentNumberError(None, 0, "there is nothing to differentiate")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the gradients, and the value or the auxiliary output if they were asked for."""
        chosen = () if self.argnums is None else positions(self.argnums, args)
        inputs = all_inputs(args, chosen, self.weights or ())
        if self._goes_forward(inputs):
            out, found = self._forward(args, kwargs, chosen, inputs)
        else:
            recording = record(
                self.fn, args, kwargs, chosen, self.weights or (), self.has_aux, inputs=inputs
            )
            out = recording.out
            found = recording.pull(_seeds(recording.outputs, recording.positions), final=True)
        gradients = self._structured(args, chosen, found)
        if self.with_value:
            return out, gradients
        return (gradients, out[1:]) if self.has_aux else gradients

    def _goes_forward(self, inputs: list[Any]) -> bool:
        """Return whether to use dual numbers; in "auto" mode, by the size of the inputs."""
        if self.mode != "auto":
            return self.mode == "forward"
        one = self.weights is None and one_number(inputs)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%r: %s", self, "forward, 1 input" if one else "reverse, several inputs")
        return one

    def _forward(
        self, args: Any, kwargs: Any, chosen: Any, inputs: list[Any]
    ) -> tuple[Tree, list[Any]]:
        """Return the output, and the gradients of the leaves, by dual numbers."""

        def along(tangents: list[Any], lead: tuple[int, ...]) -> tuple[Tree, Any]:
            out, outputs, ts = forward(
                self.fn, args, kwargs, chosen, tangents, self.weights or (), self.has_aux, inputs
            )
            return out, _summed(outputs, ts, lead)

        if one_number(inputs) and not is_complex(inputs[0]):
            x = inputs[0]
            out, total = along([ones_like(x)], ())
            grad = np.reshape(total, shape_of(x)) if shape_of(x) else total
            return out, [cast_directions(grad, x, ())]
        totals = []
        for first, width in chunks(sum(sizes(inputs)), dual_directions_at_once(inputs)):
            out, total = along(unit_directions(inputs, first, width), (width,))
            totals.append(total)
        blocks = split_blocks(np.concatenate(totals), inputs, axis=0)
        grads = [np.reshape(along_both(block), shape_of(x)) if shape_of(x) else along_both(block)[0]
                 for block, x in zip(blocks, inputs, strict=True)]  # fmt: skip
        return out, [cast_directions(*pair, ()) for pair in zip(grads, inputs, strict=True)]

    def _structured(self, args: Any, chosen: Any, found: list[Any]) -> Any:
        """Return the leaves' gradients as the caller sees them."""
        if chosen == (self.argnums,) and self.plain and children(args[chosen[0]]) is None:
            return found[0]
        values = iter(found)
        by_argument: Any = tuple([rebuild(args[i], values) for i in chosen])
        if self.return_ids:
            by_argument = tuple(zip(chosen, by_argument, strict=True))
        if not isinstance(self.argnums, (tuple, list)) and chosen:
            (by_argument,) = by_argument
        if self.weights is None:
            return by_argument
        by_weight: Any = tuple(values)
        if self.return_ids:
            by_weight = tuple((p.name, g) for p, g in zip(self.weights, by_weight, strict=True))
        if self.one_weight:
            (by_weight,) = by_weight
        return by_weight if self.argnums is None else (by_argument, by_weight)


def _summed(outputs: list[Any], ts: list[Any], lead: tuple[int, ...]) -> Any:
    """Return the tangent of the sum of all outputs, given theirs; None stands for zero."""
    total: Any = np.zeros(lead) if lead else 0.0
    for y, t in zip(outputs, ts, strict=True):
        if t is not None:
            _check_real(y)
            axes = tuple(range(len(lead), len(shape_of(t))))
            total = total + (np.sum(t, axis=axes) if axes else t)
    return total


def _seeds(outputs: list[Any], traced: list[int | None]) -> list[Any]:
    """Return the cotangents of the outputs: ones, or None for those that depend on no input."""
    seeds: list[Any] = []
    for y, position in zip(outputs, traced, strict=True):
        if type(y) is np.float64:
            seeds.append(None if position is None else 1.0)
            continue
        if position is not None:
            _check_real(y)
        seeds.append(None if position is None else ones_like(y))
    return seeds


def _check_real(y: Any) -> None:
    """Raise if an output is complex."""
    if is_complex(y):
        raise OutputTypeError(
            "an output",
            "complex",
            "a gradient needs real ones; return np.real, np.imag or np.abs of it, or use "
            "dualad.jacobian for a holomorphic function",
        )


def _as_parameters(weights: Any) -> tuple[Parameter, ...]:
    """Return `weights` as a tuple of parameters, checked."""
    given = (weights,) if isinstance(weights, Parameter) else tuple(weights)
    for weight in given:
        if not isinstance(weight, Parameter):
            raise TypeError(
                f"weights holds a {type(weight).__name__}; it is a list of dualad.nn.Parameter, "
                f"such as model.trainable_params(). Arrays are differentiated by argnums instead."
            )
    if len({id(weight) for weight in given}) != len(given):
        raise ValueError("weights holds a parameter twice: name each once.")
    return given


def _check_names(weights: Sequence[Parameter]) -> None:
    """Raise if `get_grad` could not tell the parameters apart."""
    names = [weight.name for weight in weights]
    if None in names or len(set(names)) != len(names):
        raise ValueError(
            f"return_ids=True pairs the gradients with the weights' names, which are {names}: give "
            f"each parameter a name of its own, Parameter(value, name='w')."
        )


def grad(
    fn: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    weights: Sequence[Parameter] | Parameter | None = None,
    has_aux: bool = False,
    return_ids: bool = False,
    mode: Mode = "auto",
) -> Callable[..., Any]:
    """Function that returns the gradient of `fn`.

    Parameters
    ----------
    fn : callable
        Real-valued. All outputs contribute: the gradient is that of the sum of all elements of all
        outputs (of the first output only, with `has_aux`).
    argnums : int, tuple of int, or None
        Positions of the arguments to differentiate; each may be a tree of numbers and arrays.
        None if only `weights` are.
    weights : Parameter or sequence of Parameter, optional
        Parameters that `fn` reaches by closure.
    has_aux : bool
        `fn` returns a tuple; what comes after its first item is handed through.
    return_ids : bool
        Pair every gradient with its position, or the parameter's name: see `get_grad`.
    mode : {"auto", "forward", "reverse"}
        "auto" goes forward for a single number, and in reverse otherwise.

    Returns
    -------
    callable
        Of the same arguments. It returns the gradient of one argument if `argnums` is an int, or
        a tuple of gradients; the weights' gradients, likewise, if `argnums` is None; the pair
        ``(arguments', weights')`` if both are given; with `has_aux`, a pair of that and the
        tuple of auxiliary outputs. A gradient has the structure, shapes and dtypes of what it
        belongs to (float64 for integers). By a complex ``z = x + iy`` it is
        ``df/dx - i df/dy``, as in JAX and autograd.

    Raises
    ------
    ArgumentTypeError
        If an argument to differentiate is a bool, a string, or another object.
    ArgumentNumberError
        If `argnums` is out of range.
    OutputTypeError
        If an output is complex, or neither number nor array.

    Examples
    --------
    >>> import numpy as np
    >>> grad(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    return Gradient(fn, argnums, weights, has_aux, return_ids, mode, with_value=False)


def value_and_grad(
    fn: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    weights: Sequence[Parameter] | Parameter | None = None,
    has_aux: bool = False,
    return_ids: bool = False,
    mode: Mode = "auto",
) -> Callable[..., Any]:
    """Function that returns the pair of `fn`'s output and its gradient, from one evaluation.

    Parameters
    ----------
    fn, argnums, weights, has_aux, return_ids, mode
        As for `grad`. With `has_aux` the output comes whole, auxiliary parts included.

    Returns
    -------
    callable
        Of the same arguments; it returns ``(out, gradients)``.

    Examples
    --------
    >>> import numpy as np
    >>> value, slope = value_and_grad(np.square)(3.0)
    >>> float(value), float(slope)
    (9.0, 6.0)
    """
    return Gradient(fn, argnums, weights, has_aux, return_ids, mode, with_value=True)


def get_grad(gradients: Any, identifier: int | str | Parameter) -> Any:
    """Gradient with a given position or name, among those of ``return_ids=True``.

    Parameters
    ----------
    gradients : tuple
        What a function made by ``grad(..., return_ids=True)`` returned.
    identifier : int, str or Parameter
        An argument's position, or a parameter or its name.

    Returns
    -------
    tree
        The gradient.

    Raises
    ------
    KeyError
        If there is none of that position or name.

    Examples
    --------
    >>> g = grad(lambda x, y: x * y, (0, 1), return_ids=True)(2.0, 3.0)
    >>> float(get_grad(g, 1))
    2.0
    """
    wanted = identifier.name if isinstance(identifier, Parameter) else identifier
    found = dict(_identified(gradients))
    if wanted not in found:
        raise KeyError(
            f"no gradient of {wanted!r} here; there are those of {list(found)}. Compute the "
            f"gradients with return_ids=True, and by that argument or parameter."
        )
    return found[wanted]


def _identified(gradients: Any) -> list[tuple[int | str, Any]]:
    """Return all pairs of an identifier and a gradient in `gradients`."""
    if not isinstance(gradients, tuple):
        return []
    if len(gradients) == 2 and isinstance(gradients[0], (int, str)):
        return [gradients]
    return [pair for part in gradients for pair in _identified(part)]
