"""Small networks: cells that hold parameters, and losses.

A `Cell` is a function with parameters: subclass it, make its parameters in ``__init__``, and write
`Cell.construct` in NumPy. `dualad.grad` differentiates by the parameters when it is given them:
``grad(forward, None, weights=model.trainable_params())``.
"""

from collections.abc import Iterable, Iterator
from types import MemberDescriptorType
from typing import Any, Literal

import numpy as np

from dualad.core.dispatch import stack_objects
from dualad.core.tracer import Tracer, shape_of
from dualad.errors import StructureError
from dualad.transforms.parameter import Parameter
from dualad.transforms.stopping import stop_gradient
from dualad.typing import ArrayLike

__all__ = [
    "BCEWithLogitsLoss",
    "Cell",
    "CrossEntropyLoss",
    "MSELoss",
    "Parameter",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "mse_loss",
]

Reduction = Literal["mean", "sum", "none"]


class Cell:
    """A function with parameters.

    Calling a cell calls its `construct`. Parameters and sub-cells are found wherever they are
    attributes, or items of lists, tuples and dicts that are; there is nothing to register, and
    ``super().__init__()`` need not be called.

    Examples
    --------
    >>> class Line(Cell):
    ...     def __init__(self):
    ...         self.slope, self.offset = Parameter(2.0), Parameter(1.0)
    ...
    ...     def construct(self, x):
    ...         return self.slope * x + self.offset
    >>> line = Line()
    >>> float(line(3.0))
    7.0
    >>> [parameter.name for parameter in line.trainable_params()]
    ['slope', 'offset']
    """

    def construct(self, *args: Any, **kwargs: Any) -> Any:
        """Return the outputs; every subclass says how.

        Raises
        ------
        NotImplementedError
            If it does not.
        """
        cls = type(self).__name__
        raise NotImplementedError(
            f"{cls} has no construct: calling a cell calls it. Define in class {cls}, say, "
            f"def construct(self, x): ..."
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what `construct` returns."""
        return self.construct(*args, **kwargs)

    def parameters_dict(self) -> dict[str, Parameter]:
        """All parameters of the cell and its sub-cells, by name.

        The names are given here: that of a parameter is its own or, if it has none, that of its
        attribute; the path of the sub-cell it is in comes before, as in ``"layers.0.w"``.

        Returns
        -------
        dict of str to Parameter
            In the order of the attributes. A parameter that is shared comes once, by its first
            name.

        Raises
        ------
        ValueError
            If two parameters have the same name.
        """
        found: dict[str, Parameter] = {}
        for name, parameter in _named(self, "", "", set()):
            if name in found:
                raise ValueError(
                    f"two parameters of {type(self).__name__} are named {name!r}, so their "
                    f"gradients could not be told apart: give them different names, or none."
                )
            found[name] = parameter
        for name, parameter in found.items():
            parameter.path_name = name
        return found

    def get_parameters(self) -> list[Parameter]:
        """All parameters of the cell and its sub-cells, as `parameters_dict` orders them.

        Returns
        -------
        list of Parameter
        """
        return list(self.parameters_dict().values())

    def trainable_params(self) -> list[Parameter]:
        """The parameters that are `Parameter.trainable`.

        Returns
        -------
        list of Parameter
            As ``weights`` of `dualad.grad` and `dualad.value_and_grad` take them.
        """
        return [parameter for parameter in self.get_parameters() if parameter.trainable]

    def __setattr__(self, name: str, value: Any) -> None:
        held = vars(self).get(name)
        if isinstance(held, Parameter) and not (value is None or isinstance(value, Parameter)):
            raise TypeError(
                f"{type(self).__name__}.{name} is a Parameter, and a {type(value).__name__} would "
                f"take its place: it would not be trained any more. To update it, write "
                f"cell.{name}.value = ...; to replace it, del cell.{name} first."
            )
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        parts = [f"{name}: {p.dtype}{p.shape}" for name, p in _named(self, "", "", set())]
        return f"{type(self).__name__}({', '.join(parts)})"


def _named(value: Any, cell: str, path: str, seen: set[int]) -> Iterator[tuple[str, Parameter]]:
    """Yield the parameters in `value`, each with its name.

    `value` is found at `path` from a cell, whose own path, with a dot behind, is `cell`.
    """
    if id(value) in seen:
        return
    parts: Iterable[tuple[Any, Any]]
    if isinstance(value, Parameter):
        seen.add(id(value))
        yield cell + (value.own_name or path), value
        return
    if isinstance(value, Cell):
        cell, path = f"{cell}{path}." if path else cell, ""
        parts = _attributes(value)
    elif isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, (list, tuple)):
        parts = enumerate(value)
    else:
        return
    seen.add(id(value))
    for key, part in parts:
        yield from _named(part, cell, f"{path}.{key}" if path else str(key), seen)


def _attributes(cell: Cell) -> Iterator[tuple[str, Any]]:
    """Yield the attributes of a cell: those of its classes, of its slots, and its own."""
    found: dict[str, Any] = {}
    for cls in reversed(type(cell).__mro__):
        found |= vars(cls)
    for name, value in (found | vars(cell)).items():
        slot = isinstance(value, MemberDescriptorType)
        yield name, getattr(cell, name, None) if slot else value


def binary_cross_entropy_with_logits(
    logits: ArrayLike,
    label: ArrayLike,
    weight: ArrayLike | None = None,
    pos_weight: ArrayLike | None = None,
    reduction: Reduction = "mean",
) -> ArrayLike:
    """Cross-entropy of labels between 0 and 1 against probabilities ``1 / (1 + exp(-logits))``.

    Parameters
    ----------
    logits : array_like, shape S
        Of any finite size: values and derivatives stay finite.
    label : array_like, shape S
        The probabilities wanted, usually 0 or 1.
    weight : array_like, optional
        A factor of each element's loss; it broadcasts to S.
    pos_weight : array_like, optional
        A factor of the part of the loss that belongs to label 1; it broadcasts to S.
    reduction : {"mean", "sum", "none"}
        Of the elements' losses. The mean divides by their number, whatever their weights.

    Returns
    -------
    array_like
        A number, or an array of shape S if `reduction` is "none"; float32 if all operands are.

    Raises
    ------
    StructureError
        If the shape of `label` is not S, or a weight does not broadcast to S.

    Notes
    -----
    An element's loss is ``weight * (pos_weight * y * softplus(-z) + (1 - y) * softplus(z))``,
    where ``softplus(z) = log(1 + exp(z))`` is ``np.logaddexp(0, z)``.

    Examples
    --------
    >>> float(binary_cross_entropy_with_logits(np.array([0.0, 800.0]), np.array([1.0, 0.0])))
    400.34657359027995
    """
    z = _inexact(logits)
    y = _operand(label, z, "label")
    positive, negative = y * np.logaddexp(0, -z), (1 - y) * np.logaddexp(0, z)
    if pos_weight is not None:
        positive = _operand(pos_weight, z, "pos_weight", broadcasts=True) * positive
    loss = positive + negative
    if weight is not None:
        loss = _operand(weight, z, "weight", broadcasts=True) * loss
    return _reduced(loss, reduction)


def mse_loss(logits: ArrayLike, label: ArrayLike, reduction: Reduction = "mean") -> ArrayLike:
    """Squared differences of predictions and labels.

    Parameters
    ----------
    logits, label : array_like, shape S
        Predictions, and what they should be.
    reduction : {"mean", "sum", "none"}
        Of the elements' losses.

    Returns
    -------
    array_like
        A number, or an array of shape S if `reduction` is "none".

    Raises
    ------
    StructureError
        If the shapes differ.

    Examples
    --------
    >>> float(mse_loss([1.0, 2.0], [1.0, 4.0]))
    2.0
    """
    z = _inexact(logits)
    return _reduced(np.square(z - _operand(label, z, "label")), reduction)


def cross_entropy(logits: ArrayLike, label: ArrayLike, reduction: Reduction = "mean") -> ArrayLike:
    """Cross-entropy of class numbers against probabilities ``softmax(logits)``.

    Parameters
    ----------
    logits : array_like, shape S + (C,)
        One a class, along the last axis.
    label : array_like of int, shape S
        The right classes, from 0 to ``C - 1``.
    reduction : {"mean", "sum", "none"}
        Of the examples' losses.

    Returns
    -------
    array_like
        A number, or an array of shape S if `reduction` is "none".

    Raises
    ------
    StructureError
        If the shape of `label` is not S.
    TypeError
        If `label` does not hold integers.
    IndexError
        If it names a class that there is not.

    Examples
    --------
    >>> round(float(cross_entropy([[0.0, 0.0], [0.0, 800.0]], [1, 1])), 6)
    0.346574
    """
    z = _inexact(logits)
    classes = np.asarray(label)
    if classes.dtype.kind not in "iu":
        raise TypeError(
            f"label holds class numbers, that is integers, and not dtype {classes.dtype}: for "
            f"probabilities of the single classes use binary_cross_entropy_with_logits."
        )
    if classes.shape != shape_of(z)[:-1]:
        raise StructureError("the shape of label", str(shape_of(z)[:-1]), str(classes.shape))
    if classes.size and not 0 <= np.min(classes) <= np.max(classes) < shape_of(z)[-1]:
        raise IndexError(
            f"label names classes from {np.min(classes)} to {np.max(classes)}, and the last axis "
            f"of logits has length {shape_of(z)[-1]}: classes are counted from 0."
        )
    z = z - stop_gradient(np.max(z, axis=-1, keepdims=True))
    right = z[(*np.indices(classes.shape, sparse=True), classes)]
    return _reduced(np.log(np.sum(np.exp(z), axis=-1)) - right, reduction)


class BCEWithLogitsLoss(Cell):
    """The loss `binary_cross_entropy_with_logits` as a cell.

    Parameters
    ----------
    reduction, weight, pos_weight
        As for that function.

    Examples
    --------
    >>> float(BCEWithLogitsLoss(reduction="sum")(np.array([0.0, 800.0]), np.array([1.0, 1.0])))
    0.6931471805599453
    """

    def __init__(
        self,
        reduction: Reduction = "mean",
        weight: ArrayLike | None = None,
        pos_weight: ArrayLike | None = None,
    ) -> None:
        self.reduction = _checked(reduction)
        self.weight, self.pos_weight = weight, pos_weight

    def construct(self, logits: ArrayLike, label: ArrayLike) -> ArrayLike:
        """Return the loss of `logits` against `label`."""
        return binary_cross_entropy_with_logits(
            logits, label, self.weight, self.pos_weight, self.reduction
        )


class MSELoss(Cell):
    """The loss `mse_loss` as a cell.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Of the elements' losses.
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        self.reduction = _checked(reduction)

    def construct(self, logits: ArrayLike, label: ArrayLike) -> ArrayLike:
        """Return the loss of `logits` against `label`."""
        return mse_loss(logits, label, self.reduction)


class CrossEntropyLoss(Cell):
    """The loss `cross_entropy` as a cell.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}
        Of the examples' losses.
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        self.reduction = _checked(reduction)

    def construct(self, logits: ArrayLike, label: ArrayLike) -> ArrayLike:
        """Return the loss of `logits` against `label`."""
        return cross_entropy(logits, label, self.reduction)


def _inexact(x: ArrayLike) -> Any:
    """Return `x` as an array, traced or not, of floats."""
    if not isinstance(x, Tracer):
        x = np.asarray(x)
        x = stack_objects(x) if x.dtype == object else x
    return x if x.dtype.kind in "fc" else x.astype(float)


def _operand(x: ArrayLike, z: Any, what: str, broadcasts: bool = False) -> Any:
    """Return what goes with the logits `z`: in their dtype if it is no inexact one, and checked."""
    exact = not isinstance(x, Tracer) and np.asarray(x).dtype.kind in "biu"
    x = np.asarray(x, z.dtype) if exact else _inexact(x)
    own, shape = shape_of(x), shape_of(z)
    if not (own == shape or (broadcasts and _broadcasts(own, shape))):
        expected = f"one that broadcasts to {shape}" if broadcasts else str(shape)
        raise StructureError(f"the shape of {what}", expected, str(own))
    return x


def _broadcasts(own: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Return whether an array of shape `own` broadcasts to `shape`."""
    paired = zip(own[::-1], shape[::-1], strict=False)
    return len(own) <= len(shape) and all(n in (1, m) for n, m in paired)


def _checked(reduction: Reduction) -> Reduction:
    """Return `reduction`, or raise if it is none of the three."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction is {reduction!r}; it is one of "mean", "sum" and "none".')
    return reduction


def _reduced(loss: Any, reduction: Reduction) -> Any:
    """Return the mean or the sum of `loss`, or `loss` itself."""
    if _checked(reduction) == "none":
        return loss
    return np.mean(loss) if reduction == "mean" else np.sum(loss)
