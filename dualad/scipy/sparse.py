"""Products and solutions with constant sparse matrices of SciPy, for traced vectors.

SciPy's own ``A @ x`` asks NumPy for the numbers of `x`, which a traced array does not give: write
``matmul(A, x)`` in its place, and ``matmul(x, A)`` for ``x @ A``. `solve` and its alias `spsolve`
solve ``A x = b`` with one factorization, of which the derivatives make use. Where the numbers of
the matrix are traced, give them apart, in the order of ``A.data``: ``spsolve(A, b, data=data)``.

Examples
--------
>>> import numpy as np
>>> from scipy import sparse as sp
>>> import dualad as da
>>> from dualad.scipy import sparse
>>> A = sp.csr_array([[2.0, 0.0], [1.0, 4.0]])
>>> da.jacobian(lambda x: sparse.matmul(A, np.sin(x)))(np.zeros(2))
array([[2., 0.],
       [1., 4.]])
>>> da.jacobian(lambda b: sparse.spsolve(A, b))(np.ones(2))
array([[ 0.5  ,  0.   ],
       [-0.125,  0.25 ]])
"""

from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from dualad.core.dispatch import apply
from dualad.core.tracer import Tracer, shape_of, strip
from dualad.rules.dependence import PASSAGES
from dualad.rules.indexing import scatter
from dualad.rules.joining import as_array
from dualad.rules.kinds import general, linear
from dualad.rules.passages import Call, components, mixed_within, through_matrix

__all__ = ["matmul", "solve", "spsolve"]


class _Factors:
    """A sparse square matrix and, once it is asked for, its factorization."""

    def __init__(self, matrix: Any) -> None:
        self.matrix = sparse.csc_array(matrix, dtype=np.result_type(matrix.dtype, float))
        self.lu = splu(self.matrix)
        self.dtype = self.lu.L.dtype

    def solved(self, columns: Any, trans: str) -> Any:
        """Return the solutions for columns, which may be complex where the matrix is real."""
        if columns.dtype.kind == "c" and self.dtype.kind != "c":
            return self.solved(columns.real, trans) + 1j * self.solved(columns.imag, trans)
        return self.lu.solve(np.asarray(columns, self.dtype), trans)


def _columns(x: Any, ndim: int, function: Any, *params: Any) -> Any:
    """Return ``function(columns, *params)`` of all vectors, directions of them leading.

    `x` has shape ``D + (n,)`` or ``D + (n, k)``, by `ndim`.
    """
    shape = x.shape
    axis = len(shape) - ndim
    moved = np.moveaxis(x, axis, 0)
    found = function(np.reshape(moved, (shape[axis], -1)), *params)
    return np.moveaxis(np.reshape(found, (len(found), *moved.shape[1:])), 0, axis)


def _product(x: Any, matrix: Any, ndim: int) -> Any:
    """Return ``matrix @ x``, for each direction."""
    if isinstance(x, Tracer):
        return apply(_PRODUCT, (x, matrix, ndim), {})
    return _columns(x, ndim, lambda columns: matrix @ columns)


def _solution(b: Any, factors: Any, trans: str, ndim: int) -> Any:
    """Return the solution of a factored system, or of its transpose, for each direction."""
    if isinstance(b, Tracer):
        return apply(_SOLUTION, (b, factors, trans, ndim), {})
    return _columns(b, ndim, factors.solved, trans)


_TURNED = {"N": "T", "T": "N"}


def _as_real(share: Any, x: Any) -> Any:
    """Return the share of a real operand as real: the matrix may be complex."""
    return np.real(share) if x.dtype.kind != "c" else share


_PRODUCT = linear(
    _product,
    lambda ct, y, x, matrix, ndim: _as_real(_product(ct, matrix.T, ndim), x),
    push=lambda t, y, x, matrix, ndim: _product(t, matrix, ndim),
)
_SOLUTION = linear(
    _solution,
    lambda ct, y, b, factors, trans, ndim: _as_real(
        _solution(ct, factors, _TURNED[trans], ndim), b
    ),
    push=lambda t, y, b, factors, trans, ndim: _solution(t, factors, trans, ndim),
)


def _through(call: Call) -> Any:
    """Each element depends on those where its row of the matrix is nonzero."""
    sets, matrix = call.sets[0], call.args[1]
    columns = sets[:, None] if sets.ndim == 1 else sets
    return through_matrix(call.unions, matrix, columns).reshape(call.shape)


def _within_blocks(call: Call) -> Any:
    """A column of a solution depends, in each block of the matrix, on the block's right side."""
    blocks = components(call.args[1].matrix)
    sets = call.sets[0]
    return mixed_within(call.unions, blocks, sets.reshape((len(sets), -1))).reshape(sets.shape)


PASSAGES[_product] = _through
PASSAGES[_solution] = _within_blocks


class _System:
    """A square matrix with given places, and its factorization once it is asked for.

    Attributes
    ----------
    rows, columns : ndarray of int, shape (nnz,)
        The places of its numbers.
    """

    def __init__(self, rows: Any, columns: Any, data: Any, shape: Any) -> None:
        self.rows, self.columns = rows, columns
        self.factors = _Factors(sparse.coo_array((data, (rows, columns)), shape))


def _solved(data: Any, b: Any, system: Any, trans: str, ndim: int) -> Any:
    """Return the solution of a system whose matrix has the numbers `data`, or of its transpose."""
    if isinstance(data, Tracer) or isinstance(b, Tracer):
        return apply(_SYSTEM, (data, b, system, trans, ndim), {})
    return _columns(b, ndim, system.factors.solved, trans)


def _push_data(t: Any, y: Any, data: Any, b: Any, system: Any, trans: str, ndim: int) -> Any:
    """Return the tangent of the solution by the matrix: ``-solve(A, dA y)``."""
    rows, columns = _places(system, trans)
    change = scatter((t[..., None] if ndim == 2 else t) * y[columns], rows, b.shape)
    return -_solved(data, change, system, trans, ndim)


def _pull_data(ct: Any, y: Any, data: Any, b: Any, system: Any, trans: str, ndim: int) -> Any:
    """Return the share of the numbers of the matrix."""
    rows, columns = _places(system, trans)
    share = _solved(data, ct, system, _TURNED[trans], ndim)
    if ndim == 2:
        return -np.sum(share[..., rows, :] * y[columns], -1)
    return -share[..., rows] * y[columns]


def _places(system: Any, trans: str) -> tuple[Any, Any]:
    """Return the rows and the columns of the numbers of a system's matrix, or of its transpose."""
    places = system.rows, system.columns
    return places if trans == "N" else places[::-1]


_SYSTEM = general(
    _solved,
    [
        _push_data,
        lambda t, y, data, b, system, trans, ndim: _solved(data, t, system, trans, ndim),
    ],
    [
        _pull_data,
        lambda ct, y, data, b, system, trans, ndim: _solved(data, ct, system, _TURNED[trans], ndim),
    ],
)


def _by_numbers(call: Call) -> Any:
    """A block of a column depends on the block's numbers and on its right side."""
    system, shares = call.args[2], []
    blocks = components(system.factors.matrix)
    if 0 in call.sets:
        count = int(np.max(blocks, initial=-1)) + 1
        found = call.unions.grouped(call.sets[0], blocks[system.rows], count)[blocks]
        shares.append(found if len(call.shape) == 1 else found[:, None])
    if 1 in call.sets:
        sets = call.sets[1]
        columns = sets.reshape((len(sets), -1))
        shares.append(mixed_within(call.unions, blocks, columns).reshape(sets.shape))
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


PASSAGES[_solved] = _by_numbers


def _numbers(A: Any, data: Any) -> tuple[Any, Any, Any]:
    """Return the rows and columns of the numbers of a sparse matrix, and their values, checked."""
    if A.format not in ("csr", "csc", "coo"):
        raise ValueError(f"A is in the format {A.format!r}: give it as csr, csc or coo with data.")
    data = as_array(data)
    if shape_of(data) != A.data.shape:
        raise ValueError(f"data has shape {shape_of(data)}, and A.data {A.data.shape}.")
    places = A.tocoo()
    return places.coords[0], places.coords[1], data


def matmul(a: Any, b: Any, *, data: Any = None) -> Any:
    """Product of a sparse matrix and a vector or matrix, which may be traced.

    Parameters
    ----------
    a, b : sparse array and array_like, in either order
        The sparse one has shape (m, n); the other one (n,) or (n, k) behind it, and (m,) or
        (k, m) ahead of it.
    data : array_like, shape (nnz,), optional
        Numbers, which may be traced, in place of those of the sparse matrix, in their order there.

    Returns
    -------
    ndarray
        ``a @ b``.

    Raises
    ------
    TypeError
        If not exactly one of them is sparse.
    ValueError
        If their shapes do not go together.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse as sp
    >>> matmul(sp.csr_array([[2.0, 0.0], [1.0, 4.0]]), np.ones(2))
    array([2., 5.])
    """
    if sparse.issparse(a) == sparse.issparse(b):
        raise TypeError(
            "dualad.scipy.sparse.matmul takes one sparse matrix and one array: a product of two "
            "sparse ones is a constant, A @ B, and that of two arrays np.matmul(a, b)."
        )
    if sparse.issparse(b):
        a = as_array(a)
        found = matmul(b.T, np.swapaxes(a, -1, -2) if len(shape_of(a)) > 1 else a, data=data)
        return np.swapaxes(found, -1, -2) if len(shape_of(a)) > 1 else found
    b = as_array(b)
    _check(a, b)
    if data is None:
        return _product(b, a.copy(), len(shape_of(b)))
    rows, columns, data = _numbers(a, data)
    terms = (data if len(shape_of(b)) == 1 else data[:, None]) * b[columns]
    return scatter(terms, rows, (a.shape[0], *shape_of(b)[1:]))


def solve(A: Any, b: Any, *, data: Any = None) -> Any:
    """Solution of a linear system with a sparse matrix and a traced right-hand side.

    Parameters
    ----------
    A : sparse array, shape (n, n)
        Constant.
    b : array_like, shape (n,) or (n, k)
    data : array_like, shape (nnz,), optional
        Numbers, which may be traced, in place of those of `A`, in the order of ``A.data``; `A` is
        in the format csr, csc or coo.

    Returns
    -------
    ndarray, shape of `b`
        As `scipy.sparse.linalg.spsolve` returns it; several columns come as a dense array.

    Raises
    ------
    RuntimeError
        If `A` is singular, where `spsolve` warns.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import sparse as sp
    >>> solve(sp.csr_array([[2.0, 0.0], [1.0, 4.0]]), np.ones(2))
    array([0.5  , 0.125])
    >>> import dualad as da
    >>> A = sp.csr_array([[2.0, 0.0], [1.0, 4.0]])
    >>> da.grad(lambda data: solve(A, np.ones(2), data=data)[1])(A.data)
    array([ 0.0625 , -0.125  , -0.03125])
    """
    if isinstance(A, Tracer) or not sparse.issparse(A):
        raise TypeError(
            "dualad.scipy.sparse.solve takes a constant sparse matrix: a dense or a traced one "
            "is for np.linalg.solve."
        )
    b = as_array(b)
    _check(A, b)
    if A.shape[0] != A.shape[1]:
        raise ValueError(f"A has shape {A.shape}, and a system with one solution is square.")
    if data is None:
        return _solution(b, _Factors(A), "N", len(shape_of(b)))
    rows, columns, data = _numbers(A, data)
    return _solved(data, b, _System(rows, columns, strip(data), A.shape), "N", len(shape_of(b)))


spsolve = solve


def _check(matrix: Any, x: Any) -> None:
    """Raise if a matrix cannot be multiplied with an array."""
    shape = shape_of(x)
    if len(shape) not in (1, 2) or matrix.ndim != 2 or matrix.shape[1] != shape[0]:
        raise ValueError(
            f"a matrix of shape {matrix.shape} does not go with an array of shape {shape}: the "
            f"array has shape (n,) or (n, k), and n is the number of columns of the matrix."
        )
