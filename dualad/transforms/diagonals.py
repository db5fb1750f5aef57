"""Diagonals of Jacobians and Hessians, and their sums, in the memory of a few directions."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dualad.core.tracer import shape_of
from dualad.errors import StructureError
from dualad.transforms.arguments import check_chunk_size, positions
from dualad.transforms.choice import chunks, directions_at_once
from dualad.transforms.gradient import grad
from dualad.transforms.products import record
from dualad.transforms.seeds import is_complex, unit_directions
from dualad.transforms.wrapped import Wrapped
from dualad.tree import matching_leaves, rebuild
from dualad.typing import Tree


class Diagonal(Wrapped):
    """The function that `hessian_diagonal`, `laplacian` and `divergence` return."""

    def __init__(
        self, fn: Any, argnums: Any, chunk_size: int | None, transform: str, summed: bool
    ) -> None:
        super().__init__(fn, transform)
        check_chunk_size(chunk_size)
        self.argnums, self.chunk_size, self.summed = argnums, chunk_size, summed
        self.field = fn if transform == "divergence" else grad(fn, argnums)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the diagonal, or its sum."""
        chosen = positions(self.argnums, args)
        recording = record(self.field, args, kwargs, chosen)
        inputs = recording.inputs
        if any(map(is_complex, (*inputs, *recording.outputs))):
            raise TypeError(
                f"dualad.{self.transform} met complex numbers, and it is defined for real ones: "
                f"give the real and the imaginary part as two arguments."
            )
        several = isinstance(self.argnums, (tuple, list))
        template = tuple(args[i] for i in chosen) if several else args[chosen[0]]
        found = matching_leaves(template, recording.out, "the output")
        for x, y in zip(inputs, found, strict=True):
            if shape_of(x) != shape_of(y):
                raise StructureError("the output's shape", str(shape_of(x)), str(shape_of(y)))
        count = sum(math.prod(shape_of(x)) for x in inputs)
        width = self.chunk_size or directions_at_once(recording, count)
        total: Any = 0.0
        parts: list[list[Any]] = [[] for _ in inputs]
        for first, some in chunks(count, width):
            columns = recording.push(unit_directions(inputs, first, some), (some,))
            for i, rows, places in _crossings(inputs, first, some):
                elements = np.reshape(columns[i], (some, -1))[rows, places]
                if self.summed:
                    total = total + np.sum(elements)
                else:
                    parts[i].append(elements)
        return total if self.summed else self._shaped(template, inputs, parts)

    def _shaped(self, template: Tree, inputs: list[Any], parts: list[list[Any]]) -> Tree:
        """Return the diagonal with the structure and shapes of the arguments."""
        flat = [np.concatenate(part) if part else np.zeros(0) for part in parts]
        leaves = [
            np.reshape(d, shape_of(x)) if shape_of(x) else d[0]
            for d, x in zip(flat, inputs, strict=True)
        ]
        return rebuild(template, iter(leaves))


def _crossings(inputs: list[Any], first: int, count: int) -> Iterator[tuple[int, Any, Any]]:
    """Yield where the diagonal crosses some directions: a leaf, rows, and places in the leaf."""
    start = 0
    for i, x in enumerate(inputs):
        size = math.prod(shape_of(x))
        places = np.arange(max(first - start, 0), min(first + count - start, size))
        if places.size:
            yield i, places + start - first, places
        start += size


def hessian_diagonal(
    fn: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Function that returns the diagonal of the Hessian of `fn`, without the Hessian.

    Parameters
    ----------
    fn : callable
        Real-valued; several outputs are summed, as by `grad`.
    argnums : int or tuple of int
        Positions of the arguments to differentiate; real.
    chunk_size : int, optional
        How many columns to compute at once; by default as many as fit in 256 MB.

    Returns
    -------
    callable
        Of the same arguments; the second derivative by each element, twice, with the structure
        and shapes of the arguments; a tuple over `argnums` if that is one.

    Notes
    -----
    The time is that of the Hessian: a push through the gradient for each element. The memory is
    that of `chunk_size` columns.

    Examples
    --------
    >>> import numpy as np
    >>> hessian_diagonal(lambda x: np.sum(x) * np.sum(x**3))(np.array([1.0, 2.0]))
    array([24., 60.])
    """
    return Diagonal(fn, argnums, chunk_size, "hessian_diagonal", False)


def laplacian(
    fn: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Function that returns the Laplacian of `fn`: the sum of the diagonal of the Hessian.

    Parameters
    ----------
    fn, argnums, chunk_size
        As for `hessian_diagonal`.

    Returns
    -------
    callable
        Of the same arguments; it returns a number.

    Examples
    --------
    >>> import numpy as np
    >>> float(laplacian(lambda x: 1 / np.linalg.norm(x))(np.array([1.0, 2.0, 2.0])).round(12))
    0.0
    """
    return Diagonal(fn, argnums, chunk_size, "laplacian", True)


def divergence(
    fn: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Function that returns the divergence of `fn`: the sum of the diagonal of the Jacobian.

    Parameters
    ----------
    fn : callable
        Its output has the structure and shapes of the argument.
    argnums, chunk_size
        As for `hessian_diagonal`.

    Returns
    -------
    callable
        Of the same arguments; it returns a number.

    Raises
    ------
    StructureError
        If the output differs from the argument in structure, or a leaf in shape.

    Examples
    --------
    >>> import numpy as np
    >>> float(divergence(lambda x: x * np.sum(x))(np.array([1.0, 2.0])))
    9.0
    """
    return Diagonal(fn, argnums, chunk_size, "divergence", True)
