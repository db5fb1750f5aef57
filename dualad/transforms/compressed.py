"""Sparse Jacobians and Hessians: compressed directions, swept at once, and read by a pattern."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dualad.core.level import refusal
from dualad.core.record import elements
from dualad.core.tracer import Tracer, shape_of
from dualad.errors import SparsityError, TracedParameterError
from dualad.transforms.arguments import check_chunk_size, check_mode, positions
from dualad.transforms.coloring import Coloring, as_pattern, chosen
from dualad.transforms.gradient import grad
from dualad.transforms.plans import Plan
from dualad.transforms.products import Recording, record
from dualad.transforms.seeds import is_complex
from dualad.transforms.sparsity import pattern_of, symmetric
from dualad.transforms.spreading import check_workers, is_spread
from dualad.transforms.wrapped import Wrapped
from dualad.tree import rebuild
from dualad.typing import Tree

FORMATS = ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")
KIND = {"auto": "auto", "forward": "columns", "reverse": "rows"}
COLORINGS = {
    "jacobian": ("auto", "columns", "rows", "both"),
    "hessian": ("auto", "columns", "star", "acyclic"),
}
COLORING_COST = 100  # of one element of a pattern, in elements that are computed for a direction


@dataclass(slots=True)
class Options:
    """How to sweep: see `jacobian`."""

    mode: str = "auto"
    chunk_size: int | None = None
    format: str = "csr"
    workers: Any = None
    progress: bool = False

    def __post_init__(self) -> None:
        check_mode(self.mode)
        check_chunk_size(self.chunk_size)
        check_workers(self.workers)
        if self.format not in FORMATS:
            raise ValueError(f"format is {self.format!r}; it is one of {', '.join(FORMATS)}.")

    @property
    def is_plain(self) -> bool:
        """Whether the chunks are for us to choose, and to sweep here and unseen."""
        return not (self.chunk_size or self.progress or is_spread(self.workers))


def size_of(recording: Recording) -> tuple[int, int]:
    """Return the numbers of rows and columns of the matrix."""
    m, n = (
        sum(math.prod(shape_of(x)) for x in leaves)
        for leaves in (recording.outputs, recording.inputs)
    )
    return m, n


def checked_pattern(pattern: Any, shape: tuple[int, int]) -> Any:
    """Return a given pattern in rows, checked for its shape."""
    pattern = as_pattern(pattern)
    if pattern.shape != shape:
        raise SparsityError("the pattern", f"it has shape {pattern.shape}, the matrix {shape}")
    return pattern


class Sparse(Wrapped):
    """The function that `jacobian` and `hessian` return with `sparsity`."""

    def __init__(
        self, fn: Any, argnums: Any, sparsity: Any, options: Options, transform: str, value: bool
    ) -> None:
        super().__init__(fn, transform)
        if isinstance(sparsity, (str, bool)) and sparsity not in ("auto", "local"):
            raise ValueError(
                f'sparsity is {sparsity!r}; it is "auto", "local", a pattern, or None.'
            )
        self.field = grad(fn, argnums) if transform == "hessian" else fn
        self.argnums, self.sparsity, self.options = argnums, sparsity, options
        self.with_value = value
        self.kind = "symmetric" if transform == "hessian" else KIND[options.mode]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the sparse matrix."""
        chosen, recording = self.recorded(args, kwargs)
        plan = self.plan(recording, is_quick=True)
        call = (self.field, args, kwargs, chosen)
        is_given = not isinstance(self.sparsity, str)
        matrix = plan.matrix(call, recording, self.options, is_given)
        found = self.formatted(matrix, args, chosen, recording)
        return (recording.out, found) if self.with_value else found

    def recorded(self, args: Any, kwargs: Any) -> tuple[Any, Recording]:
        """Return the positions of the arguments, and a recorded evaluation."""
        chosen = positions(self.argnums, args)
        recording = record(self.field, args, kwargs, chosen)
        leaves = (*recording.inputs, *recording.outputs)
        if any(isinstance(leaf, Tracer) for leaf in leaves):
            raise refusal(TracedParameterError(f"dualad.{self.transform}(sparsity=...)"))
        if any(map(is_complex, leaves)):
            raise TypeError(
                f"dualad.{self.transform} met complex numbers, and sparse matrices are of real "
                f"functions: give the real and the imaginary part as two arguments."
            )
        return chosen, recording

    def plan(self, recording: Recording, is_quick: bool = False) -> Plan:
        """Return a pattern and its coloring; with `is_quick` for one matrix only."""
        weights = list(map(elements, recording.entries))
        is_hessian = self.transform == "hessian"
        if isinstance(self.sparsity, str):
            pattern = pattern_of(recording, self.sparsity == "local")
        else:
            pattern = checked_pattern(self.sparsity, size_of(recording))
        pattern = symmetric(pattern) if is_hessian else pattern
        # more colors cost as many directions, and fewer the time to find them
        spare = int(COLORING_COST * pattern.nnz / max(sum(weights), 1)) if is_quick else 0
        largest = max([*weights, *pattern.shape])
        return Plan(pattern, chosen(pattern, self.kind, spare=spare), largest, not is_quick)

    def formatted(self, matrix: Any, args: Any, chosen: Any, recording: Recording) -> Tree:
        """Return the matrix as the caller sees it: whole, or in blocks if there are trees."""
        inputs, outputs = recording.inputs, recording.outputs
        columns = np.cumsum([0, *[math.prod(shape_of(x)) for x in inputs]])
        rows = np.cumsum([0, *[math.prod(shape_of(y)) for y in outputs]])
        found = []
        for i in range(len(outputs)):
            row = matrix if len(outputs) == 1 else matrix[rows[i] : rows[i + 1]]
            blocks = iter(
                [
                    (row if len(inputs) == 1 else row[:, columns[j] : columns[j + 1]]).asformat(
                        self.options.format
                    )
                    for j in range(len(inputs))
                ]
            )
            parts = tuple([rebuild(args[k], blocks) for k in chosen])
            found.append(parts if isinstance(self.argnums, (tuple, list)) else parts[0])
        return rebuild(recording.out, iter(found))


class Prepared:
    """A sparse Jacobian, or Hessian, whose pattern and coloring serve many points.

    Attributes
    ----------
    pattern : csr_array of bool
    coloring : Coloring
    """

    def __init__(self, transform: Sparse, plan: Plan, refresh: bool, check: bool) -> None:
        self._transform, self._plan = transform, plan
        self._refresh, self._check = refresh, check

    @property
    def pattern(self) -> Any:
        """Where the matrix may be nonzero."""
        return self._plan.pattern

    @property
    def coloring(self) -> Coloring:
        """The directions that are swept."""
        return self._plan.coloring

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the matrix at another point.

        Raises
        ------
        SparsityError
            If the pattern does not hold there.
        """
        transform = self._transform
        chosen, recording = transform.recorded(args, kwargs)
        call = (transform.field, args, kwargs, chosen)
        size = size_of(recording)
        try:
            if size != self.pattern.shape:
                raise SparsityError(
                    "the prepared pattern", f"it has shape {self.pattern.shape}, the matrix {size}"
                )
            matrix = self._plan.matrix(call, recording, transform.options, self._check)
        except SparsityError:
            if not self._refresh:
                raise
            self._plan = transform.plan(recording)
            matrix = self._plan.matrix(call, recording, transform.options, False)
        return transform.formatted(matrix, args, chosen, recording)


def prepare(
    fn: Callable[..., Any],
    *args: Any,
    argnums: int | tuple[int, ...] = 0,
    of: str = "jacobian",
    sparsity: Any = "auto",
    coloring: str = "auto",
    format: str = "csr",  # SciPy's name
    refresh: bool = False,
    check: bool = True,
    **kwargs: Any,
) -> Prepared:
    """Function that returns the sparse matrix at many points, its pattern found once.

    Parameters
    ----------
    fn : callable
    *args, **kwargs
        Its arguments at a first point.
    argnums : int or tuple of int
        Positions of the arguments to differentiate.
    of : {"jacobian", "hessian"}
        Which matrix.
    sparsity : "auto", "local" or sparse array
        As for `jacobian`; a "local" pattern serves points with the same zeros.
    coloring : str
        "auto", or what `color` takes as `kind`: "columns", "rows" or "both" for a Jacobian,
        "columns", "star" or "acyclic" for a Hessian.
    format : str
        Of the result.
    refresh : bool
        Find the pattern anew where it does not hold, in place of an error.
    check : bool
        Compare a product with a random vector at each point: the cost of one more direction.

    Returns
    -------
    Prepared

    Raises
    ------
    SparsityError
        On a call, if the pattern does not hold at that point.

    Examples
    --------
    >>> import numpy as np
    >>> slope = prepare(np.sin, np.zeros(3))
    >>> slope.coloring.count, slope(np.full(3, np.pi)).toarray().diagonal()
    (1, array([-1., -1., -1.]))
    """
    if of not in ("jacobian", "hessian"):
        raise ValueError(f'of is {of!r}; it is "jacobian" or "hessian".')
    if coloring not in COLORINGS[of]:
        raise ValueError(f"coloring is {coloring!r}; of a {of}, it is one of {COLORINGS[of]}.")
    transform = Sparse(fn, argnums, sparsity, Options(format=format), of, False)
    transform.kind = transform.kind if coloring == "auto" else coloring
    _, recording = transform.recorded(args, kwargs)
    return Prepared(transform, transform.plan(recording), refresh, check)


def decompress(swept: Any, pattern: Any, coloring: Coloring) -> Any:
    """Matrix with a pattern, from its products with the seeds of a coloring.

    Parameters
    ----------
    swept : array_like, shape (count, m) or (count, n)
        The product with the columns of each color summed, in a row of its own; of a coloring of
        rows only, the product of the rows' sums from the left.
    pattern : sparse array or array_like, shape (m, n)
    coloring : Coloring
        Of columns only, symmetric or not, or of rows only.

    Returns
    -------
    csr_array

    Examples
    --------
    >>> import numpy as np
    >>> from dualad.transforms.coloring import color
    >>> coloring = color(np.eye(2), "columns")
    >>> decompress(np.array([[3.0, 4.0]]), np.eye(2), coloring).toarray()
    array([[3., 0.],
           [0., 4.]])
    """
    from scipy import sparse  # heavy

    if coloring.pushed and coloring.pulled:
        raise SparsityError("the coloring", "it has both columns and rows: use prepare")
    pattern, swept = as_pattern(pattern), np.asarray(swept)
    reading = coloring.reading(pattern)
    wanted = (coloring.count, pattern.shape[1 if coloring.pulled else 0])
    if swept.shape != wanted and coloring.count:
        raise SparsityError("swept", f"it has shape {swept.shape}, and is of {wanted}")
    data = reading.finished(swept[reading.color, reading.place])
    return sparse.csr_array((data, pattern.indices, pattern.indptr), pattern.shape)
