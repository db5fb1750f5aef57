"""`scipy.linalg`, with functions that accept traced values.

Every name of `scipy.linalg` is here. Those with a derivative are dualad's, with SciPy's parameters
and values; with the others, a traced value raises `MissingRowError`. In code that is not yours,
`dualad.lift` puts them in place of SciPy's.

Examples
--------
>>> import numpy as np
>>> import dualad as da
>>> from dualad.scipy import linalg
>>> def energy(a):
...     return np.sum(linalg.cho_solve(linalg.cho_factor(a), np.ones(2)))
>>> da.grad(energy)(np.array([[2.0, 0.0], [0.0, 4.0]])) + 0.0
array([[-0.25  , -0.25  ],
       [ 0.    , -0.0625]])
"""

from collections.abc import Callable
from functools import cache, partial, wraps
from typing import Any

import numpy as np
from scipy import linalg

from dualad.core.dispatch import dispatching
from dualad.core.tracer import strip
from dualad.lifting import lift
from dualad.rules import scipy_data, scipy_forms, scipy_linalg, scipy_matfuncs
from dualad.rules.likes import has_traced

_ROWS = (*scipy_linalg.ROWS, *scipy_matfuncs.ROWS, *scipy_forms.ROWS)
_OWN = {row.function.__name__: row.function for row in _ROWS}
WRITTEN = {  # in Python, with functions that have rows
    "block_diag", "companion", "convolution_matrix", "cosm", "coshm", "eigvalsh_tridiagonal",
    "expm_cond", "expm_frechet", "khatri_rao", "leslie", "matmul_toeplitz", "orthogonal_procrustes",
    "polar", "sinhm", "sinm", "solve_circulant", "subspace_angles", "tanhm", "tanm",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _OWN:
        return _OWN[name]
    value = getattr(linalg, name)
    if name in WRITTEN:
        return lift(value)
    return value if isinstance(value, type) or not callable(value) else _refusing(value)


def __dir__() -> list[str]:
    return sorted({*dir(linalg), *_OWN})


@cache
def _refusing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function without a row, which then raises when it meets a traced value."""
    return dispatching(function)


@wraps(linalg.get_lapack_funcs)
def get_lapack_funcs(names: Any, arrays: Any = (), *rest: Any, **kwargs: Any) -> Any:
    """Return functions of LAPACK for arrays, which may be traced."""
    found = linalg.get_lapack_funcs(names, strip(tuple(arrays)), *rest, **kwargs)
    if isinstance(names, str) or not has_traced(tuple(arrays)):
        return found
    return _stood_for(LAPACK, names, found)


@wraps(linalg.get_blas_funcs)
def get_blas_funcs(names: Any, arrays: Any = (), *rest: Any, **kwargs: Any) -> Any:
    """Return functions of BLAS, whose arguments may be traced."""
    found = linalg.get_blas_funcs(names, strip(tuple(arrays)), *rest, **kwargs)
    if isinstance(names, str):
        return _stood_for(BLAS, [names], [found])[0]
    return _stood_for(BLAS, names, found)


def _stood_for(own: dict[str, Callable[..., Any]], names: Any, found: Any) -> list[Any]:
    """Return functions, and where there is one of our own of that name, that in its place."""
    return [partial(own[n], f) if n in own else f for n, f in zip(names, found, strict=True)]


def _trsm(plain: Any, alpha: Any, a: Any, b: Any, side: int = 0, lower: int = 0,
          trans_a: int = 0, diag: int = 0, overwrite_b: int = 0) -> Any:  # fmt: skip
    """Return what solves ``op(a) x = alpha b`` for a triangular `a`, or ``x op(a) = alpha b``."""
    if not has_traced((alpha, a, b)):
        return plain(alpha, a, b, side, lower, trans_a, diag, overwrite_b)
    a = np.conj(a) if trans_a == 2 else a
    transposed = bool(trans_a) != bool(side)
    b = np.transpose(b) if side else b
    x = _OWN["solve_triangular"](a, alpha * b, int(transposed), bool(lower), bool(diag))
    return np.transpose(x) if side else x


LAPACK: dict[str, Callable[..., Any]] = {"gbsv": scipy_data.gbsv}
BLAS: dict[str, Callable[..., Any]] = {"trsm": _trsm}
OWN: dict[str, Any] = {"get_lapack_funcs": get_lapack_funcs, "get_blas_funcs": get_blas_funcs}
