"""Jacobians and Hessians: all directions in one sweep, or in chunks that fit the memory."""

import logging
import math
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from dualad.core.tracer import is_plain_array, primal_value, shape_of
from dualad.errors import NotHolomorphicError, NotLinearError, SingularDerivativeError
from dualad.transforms.arguments import (
    MODES,
    argument_tuple,
    check_chunk_size,
    check_mode,
    input_leaves,
    positions,
)
from dualad.transforms.choice import choose, chunks, dual_directions_at_once
from dualad.transforms.compressed import Options, Sparse
from dualad.transforms.gradient import grad
from dualad.transforms.mixed import Place, are_finite, check_alone, parts
from dualad.transforms.operators import common_dtype
from dualad.transforms.products import Recording, cast_directions, forward, jvp, record
from dualad.transforms.seeds import (
    along_both,
    dtype_of,
    is_complex,
    sizes,
    split_blocks,
    unit_directions,
)
from dualad.transforms.spreading import check_workers, swept
from dualad.transforms.wrapped import Wrapped
from dualad.tree import rebuild
from dualad.typing import JacobianMode, Tree

log = logging.getLogger("dualad")
HOLOMORPHIC_TOLERANCE = 1e-6  # of the derivative's size: far above rounding, in float32 too


class Jacobian(Wrapped):
    """The function that `jacobian`, `jacfwd`, `jacrev` and `value_and_jacobian` return."""

    def __init__(
        self,
        fn: Callable[..., Any],
        argnums: int | tuple[int, ...],
        mode: str,
        chunk_size: int | None,
        with_value: bool,
        transform: str,
        workers: Any = None,
        progress: bool = False,
    ) -> None:
        super().__init__(fn, transform)
        check_mode(mode, (*MODES, "mixed"))
        check_chunk_size(chunk_size)
        check_workers(workers)
        if mode == "mixed":
            check_alone(workers)
        self.argnums, self.mode = argnums, mode
        self.chunk_size, self.with_value = chunk_size, with_value
        self.workers, self.progress = workers, progress

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the Jacobian, after the value if that was asked for."""
        chosen = positions(self.argnums, args)
        if self.mode == "forward" and self.workers is None and not self.progress:
            out, inputs, outputs, columns = self._dual_columns(args, kwargs, chosen)
            blocks: Any = blocks_by_columns(columns, inputs, outputs)
        else:
            recording = record(self.fn, args, kwargs, chosen)
            out, inputs, outputs = recording.out, recording.inputs, recording.outputs
            blocks = self.blocks((self.fn, args, kwargs, chosen), recording)
        found = rebuild(out, iter([self._by_argument(args, chosen, row) for row in blocks]))
        return (out, found) if self.with_value else found

    def blocks(self, call: Any, recording: Recording) -> Any:
        """Return for each output its blocks by each input, in the mode that is chosen.

        Where that meets what it cannot pass, and the mode was not asked for, the others are tried:
        of equal eigenvalues, forward mode passes some that reverse mode does not.
        """
        choice = choose(recording, self.mode, self.workers is not None)
        ways = [choice.plain]
        if self.mode in ("auto", "mixed"):
            ways.append("forward" if choice.plain == "reverse" else "reverse")
        if choice.place:
            ways.insert(0, "mixed")
        *others, last = ways
        for mode in others:
            with suppress(NotLinearError, SingularDerivativeError):
                found = self.blocks_by(mode, call, recording, choice.place)
                if found is not None:
                    log.debug("%r: %s", self, mode)
                    return found
        log.debug("%r: %s", self, last)
        return self.blocks_by(last, call, recording, choice.place)

    def blocks_by(self, mode: str, call: Any, recording: Recording, place: Any) -> Any:
        """Return the blocks by one mode; None if it is mixed mode, and cannot be."""
        if mode == "mixed":
            return self.mixed(call, recording, place)
        inputs, outputs = recording.inputs, recording.outputs
        if mode == "forward":
            return blocks_by_columns(self.swept(call, recording, True), inputs, outputs)
        return blocks_by_rows(self.swept(call, recording, False), inputs, outputs)

    def swept(self, call: Any, recording: Recording, is_pushed: bool) -> list[Any]:
        """Return what a sweep makes of all unit directions of its ends, in chunks."""
        count = sum(sizes(recording.inputs if is_pushed else recording.outputs))
        return _joined([part for _, part in swept(call, recording, is_pushed, None, count, self)])

    def mixed(self, call: Any, recording: Recording, place: Place) -> list[list[Any]] | None:
        """Return the blocks by both sweeps from a narrow place, or None if that cannot be."""
        halves = parts(recording, place)
        if halves is None:
            return None
        head, tail = halves
        rows, columns = self.swept(call, head, False), self.swept(call, tail, True)
        if not are_finite([*rows, *columns]):
            return None
        return blocks_by_product(columns, rows, recording.inputs, recording.outputs)

    def _dual_columns(self, args: Any, kwargs: Any, chosen: Any) -> Any:
        """Return output, inputs, outputs, and the tangents of unit directions, by dual numbers."""
        inputs = input_leaves(args, chosen)
        size = self.chunk_size or dual_directions_at_once(inputs)
        parts = []
        for first, width in chunks(sum(sizes(inputs)), size):
            seeds = unit_directions(inputs, first, width)
            out, outputs, ts = forward(self.fn, args, kwargs, chosen, seeds)
            parts.append([
                cast_directions(np.zeros((width, *shape_of(y))) if t is None else t, y, (width,))
                for t, y in zip(ts, outputs, strict=True)
            ])  # fmt: skip
        return out, inputs, outputs, _joined(parts)

    def _by_argument(self, args: Any, chosen: Any, row: list[Any]) -> Tree:
        """Return one output's blocks as the caller sees its arguments."""
        values = iter(row)
        parts = tuple([rebuild(args[i], values) for i in chosen])
        return parts if isinstance(self.argnums, (tuple, list)) else parts[0]


def _joined(parts: list[list[Any]]) -> list[Any]:
    """Return the chunks of each sweep's results as one."""
    return [np.concatenate(p) if len(p) > 1 else p[0] for p in zip(*parts, strict=True)]


def blocks_by_columns(columns: list[Any], inputs: list[Any], outputs: list[Any]) -> list[list[Any]]:
    """Return for each output its blocks by each input, given tangents of unit directions.

    Parameters
    ----------
    columns : list of array, shape (K, *S_out)
        One an output; K unit directions of the inputs lead.

    Returns
    -------
    list of list of array, shape S_out + S_in
    """
    found = []
    for column, y in zip(columns, outputs, strict=True):
        axis = len(shape_of(y))
        last = np.moveaxis(column, 0, -1) if axis else column
        blocks = split_blocks(last, inputs, axis)
        found.append([_derivative(block, x, y) for x, block in zip(inputs, blocks, strict=True)])
    return found


def blocks_by_rows(rows: list[Any], inputs: list[Any], outputs: list[Any]) -> list[list[Any]]:
    """Return for each output its blocks by each input, given cotangents of unit directions.

    Parameters
    ----------
    rows : list of array, shape (K, *S_in)
        One an input; K unit directions of the outputs lead.

    Returns
    -------
    list of list of array, shape S_out + S_in
    """
    by_input = [split_blocks(row, outputs, 0) for row in rows]
    return [
        [
            _derivative(blocks[k], x, y, pulled=True)
            for x, blocks in zip(inputs, by_input, strict=True)
        ]
        for k, y in enumerate(outputs)
    ]


def blocks_by_product(
    columns: list[Any], rows: list[Any], inputs: list[Any], outputs: list[Any]
) -> list[list[Any]]:
    """Return for each output its blocks by each input, of functions that meet in some values.

    Parameters
    ----------
    columns : list of array, shape (K, *S_out)
        One an output: tangents of unit directions of the values.
    rows : list of array, shape (K, *S_in)
        One an input: cotangents of the same directions.

    Returns
    -------
    list of list of array, shape S_out + S_in
    """
    lefts = [np.transpose(flat(column, y)) for column, y in zip(columns, outputs, strict=True)]
    rights = [flat(row, x) for row, x in zip(rows, inputs, strict=True)]
    with np.errstate(all="ignore"):
        return [
            [
                _shaped(cast_directions(left @ right, right, ()), x, y)
                for x, right in zip(inputs, rights, strict=True)
            ]
            for y, left in zip(outputs, lefts, strict=True)
        ]


def flat(swept_values: Any, end: Any) -> Any:
    """Return what was swept to one end as a matrix, a row for each direction."""
    return np.reshape(swept_values, (shape_of(swept_values)[0], math.prod(shape_of(end))))


def _derivative(block: tuple[Any, Any], x: Any, y: Any, pulled: bool = False) -> Any:
    """Return the derivative of `y` by `x` from sweeps of unit directions.

    Raises
    ------
    NotHolomorphicError
        If both are complex, and the sweep along the imaginary axis is not i times the real one.
    """
    real, imaginary = block
    swept_to = x if pulled else y
    if imaginary is None or not is_complex(swept_to):
        return _shaped(along_both(block), x, y)
    gap = np.abs(primal_value(imaginary) - 1j * primal_value(real))
    if gap.size and np.max(gap) > HOLOMORPHIC_TOLERANCE * (1 + np.max(np.abs(primal_value(real)))):
        raise NotHolomorphicError()
    return _shaped(real, x, y)


def _shaped(block: Any, x: Any, y: Any) -> Any:
    """Return a block in its shape, a number if that is empty; contiguous, as solvers want it.

    Its precision is the wider one of input and output, whichever way it was computed.
    """
    shape = shape_of(y) + shape_of(x)
    block = np.reshape(block, shape)
    if dtype_of(x) is not dtype_of(y):
        wide = common_dtype([x, y])
        block = block.astype(wide) if block.dtype.kind == wide.kind else block
    if is_plain_array(block):
        return np.ascontiguousarray(block) if shape else block[()]
    return block


def jacobian(
    fn: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    mode: JacobianMode = "auto",
    chunk_size: int | None = None,
    sparsity: Any = None,
    format: str = "csr",  # SciPy's name
    workers: Any = None,
    progress: bool = False,
) -> Callable[..., Any]:
    """Function that returns the Jacobian of `fn`.

    Parameters
    ----------
    fn : callable
        With outputs and arguments of any shapes, in trees.
    argnums : int or tuple of int
        Positions of the arguments to differentiate.
    mode : {"auto", "forward", "reverse", "mixed"}
        "auto" evaluates `fn` once, recording it, and then takes the way that is estimated to be
        the cheapest: to push all inputs' directions, to pull back all outputs', or to do both from
        a place in between where fewer numbers are in use, "mixed". "forward" uses dual numbers and
        records nothing. Where "mixed" finds no such place, or complex numbers, it is as "auto".
    chunk_size : int, optional
        How many directions to sweep at once; by default as many as fit in 256 MB.
    sparsity : "auto", "local", sparse array or array_like, optional
        Return a sparse matrix: "auto" finds where it may be nonzero, "local" where it may be at
        this point, and a given pattern, of shape (m, n), is checked by a random product. See
        `dualad.sparse`.
    format : str
        Of the sparse matrix: "csr", "csc", "coo" and so on, as in SciPy.
    workers : int or callable, optional
        Spread chunks of directions: over that many processes (-1: one a core; `fn` and the
        arguments must pickle), or by a callable like `map`, such as an executor's. Each chunk
        evaluates `fn` once, recording it, with "forward" too.
    progress : bool
        Show a bar over the directions; needs the extra ``progress``. `fn` is recorded.

    Returns
    -------
    callable
        Of the same arguments. For an output of shape ``S_out`` and an argument of shape ``S_in``
        it returns an array of shape ``S_out + S_in``; trees of them, if either is a tree, with
        the outputs outside; a tuple over `argnums` if that is one. With `sparsity`, a sparse
        array of shape (m, n) in its place, output and argument being raveled.

    Raises
    ------
    NotHolomorphicError
        If `fn` maps complex to complex numbers and has no complex derivative.

    Notes
    -----
    For complex outputs of real arguments the Jacobian is complex; for real outputs of a complex
    argument ``x + iy`` it is ``df/dx - i df/dy``, as for `grad`.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda x: np.stack([x[0] * x[1], x[0]]))(np.array([2.0, 3.0]))
    array([[3., 2.],
           [1., 0.]])
    """
    if sparsity is not None:
        options = Options(mode, chunk_size, format, workers, progress)
        return Sparse(fn, argnums, sparsity, options, "jacobian", False)
    return Jacobian(fn, argnums, mode, chunk_size, False, "jacobian", workers, progress)


def value_and_jacobian(
    fn: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    mode: JacobianMode = "auto",
    chunk_size: int | None = None,
    sparsity: Any = None,
    format: str = "csr",  # SciPy's name
    workers: Any = None,
    progress: bool = False,
) -> Callable[..., Any]:
    """Function that returns the pair of `fn`'s output and its Jacobian, from one evaluation.

    Parameters
    ----------
    fn, argnums, mode, chunk_size, sparsity, format, workers, progress
        As for `jacobian`.

    Returns
    -------
    callable
        Of the same arguments; it returns ``(out, jacobian)``.

    Examples
    --------
    >>> import numpy as np
    >>> value, slope = value_and_jacobian(np.square)(np.array([3.0]))
    >>> value, slope
    (array([9.]), array([[6.]]))
    """
    if sparsity is not None:
        options = Options(mode, chunk_size, format, workers, progress)
        return Sparse(fn, argnums, sparsity, options, "value_and_jacobian", True)
    return Jacobian(fn, argnums, mode, chunk_size, True, "value_and_jacobian", workers, progress)


def jacfwd(
    fn: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *, chunk_size: int | None = None
) -> Callable[..., Any]:
    """Function that returns the Jacobian of `fn`, by dual numbers: ``jacobian(mode="forward")``.

    Parameters
    ----------
    fn, argnums, chunk_size
        As for `jacobian`. `fn` is evaluated once a chunk.

    Returns
    -------
    callable
        As that of `jacobian`.

    Examples
    --------
    >>> import numpy as np
    >>> jacfwd(lambda t: np.stack([t, t**2, t**3]))(2.0)
    array([ 1.,  4., 12.])
    """
    return Jacobian(fn, argnums, "forward", chunk_size, False, "jacfwd")


def jacrev(
    fn: Callable[..., Any], argnums: int | tuple[int, ...] = 0, *, chunk_size: int | None = None
) -> Callable[..., Any]:
    """Function that returns the Jacobian of `fn`, by pulling: ``jacobian(mode="reverse")``.

    Parameters
    ----------
    fn, argnums, chunk_size
        As for `jacobian`.

    Returns
    -------
    callable
        As that of `jacobian`.

    Examples
    --------
    >>> import numpy as np
    >>> jacrev(lambda x: np.sum(x**2))(np.array([1.0, 2.0]))
    array([2., 4.])
    """
    return Jacobian(fn, argnums, "reverse", chunk_size, False, "jacrev")


class _Hessian(Wrapped):
    """The function that `hessian` returns: the Jacobian of the gradient."""

    def __init__(
        self, fn: Any, argnums: Any, mode: str, chunk_size: int | None, workers: Any, progress: bool
    ) -> None:
        super().__init__(fn, "hessian")
        gradient = grad(fn, argnums)
        self.argnums = argnums
        self.jacobian = Jacobian(
            gradient, argnums, mode, chunk_size, False, "hessian", workers, progress
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the Hessian."""
        return self.jacobian(*args, **kwargs)


def hessian(
    fn: Callable[..., Any],
    argnums: int | tuple[int, ...] = 0,
    *,
    mode: JacobianMode = "auto",
    chunk_size: int | None = None,
    sparsity: Any = None,
    format: str = "csr",  # SciPy's name
    workers: Any = None,
    progress: bool = False,
) -> Callable[..., Any]:
    """Function that returns the Hessian of `fn`, the Jacobian of its gradient.

    Parameters
    ----------
    fn : callable
        Real-valued; several outputs are summed, as by `grad`.
    argnums : int or tuple of int
        Positions of the arguments to differentiate.
    mode : {"auto", "forward", "reverse", "mixed"}
        Of the outer differentiation; the inner one is `grad`'s.
    chunk_size : int, optional
        How many columns to compute at once; by default as many as fit in 256 MB.
    sparsity, format, workers, progress
        As for `jacobian`; the sparse matrix, of shape (n, n), uses its symmetry.

    Returns
    -------
    callable
        Of the same arguments. For an argument of shape S it returns an array of shape ``S + S``;
        for a tuple `argnums`, or trees, nested structures with block ``[i][j]`` of shape
        ``S_i + S_j``.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: np.sum(x**3))(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    if sparsity is not None:
        options = Options(mode, chunk_size, format, workers, progress)
        return Sparse(fn, argnums, sparsity, options, "hessian", False)
    return _Hessian(fn, argnums, mode, chunk_size, workers, progress)


def hvp(fn: Callable[..., Any], primals: tuple[Any, ...], tangents: Tree) -> Tree:
    """Hessian-vector product of a scalar function, without the Hessian.

    Parameters
    ----------
    fn : callable
        Real-valued; several outputs are summed, as by `grad`.
    primals, tangents : tuple of tree
        Where, and in which direction: equal structure; real leaves of any, equal, shape.

    Returns
    -------
    tuple of tree
        Leaf ``i`` is ``sum_j H_ij t_j``, in units of `fn` over those of leaf ``i`` of `primals`.

    Raises
    ------
    StructureError
        If the two trees differ in structure, or a leaf of them in shape.

    Notes
    -----
    Forward over reverse, in the memory of one pullback (Griewank and Walther, 2008, ch. 5).

    Examples
    --------
    >>> import numpy as np
    >>> hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 0.0]),))
    (array([6., 0.]),)
    """
    primals = argument_tuple(primals, "primals")
    return jvp(grad(fn, tuple(range(len(primals)))), primals, tangents)[1]
