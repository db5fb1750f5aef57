"""`scipy.linalg`: the factors of an indefinite matrix, and functions of a matrix by eigenvalues."""

from typing import Any

import numpy as np
from scipy import linalg

from dualad.core.dispatch import dispatching
from dualad.core.tracer import as_array, shape_of, strip
from dualad.rules.joining import in_dtype
from dualad.rules.kinds import composite, general
from dualad.rules.matrices import adjoint, hermitian, is_complex
from dualad.rules.scipy_structured import checked, named, refuse
from dualad.rules.standing import settled_as


@dispatching
def ldl_form(a: Any, lower: bool) -> tuple[Any, Any]:
    """Return the triangle, its rows in the order of the matrix, and the diagonal of blocks."""
    return linalg.ldl(a, lower)[:2]  # type: ignore[no-any-return]


def _off_blocks(d: Any, lower: bool) -> Any:
    """Return where a triangle may move: beside the blocks, of one or two rows."""
    second = np.abs(np.diagonal(d, -1)) != 0
    block = np.concatenate([[0], np.cumsum(~second)])
    return block[:, None] > block if lower else block[:, None] < block


def _ldl_jvp(t: Any, y: Any, a: Any, lower: bool) -> Any:
    """Return the tangents of both factors: ``L D L^H`` moves by ``L (X D + dD + D X^H) L^H``."""
    left, d = y
    t = hermitian(t, lower)
    inverse = np.linalg.inv(left)
    moved = np.matmul(np.matmul(inverse, t), adjoint(inverse))
    off = _off_blocks(strip(d), lower)
    turn = np.where(off, np.matmul(moved, np.linalg.inv(d)), 0)
    within = np.where(off | off.T, 0, moved)
    return in_dtype(np.matmul(left, turn), left.dtype), in_dtype(within, d.dtype)


def _ldl(A: Any, lower: Any = True, hermitian: Any = True, overwrite_a: Any = False,
         check_finite: Any = True) -> Any:  # fmt: skip
    """Return the factors of a symmetric matrix, of which a triangle is read."""
    checked(A, check_finite=check_finite)
    if len(shape_of(A)) != 2 or (is_complex(A) and not hermitian):
        refuse("ldl", "hermitian=False of complex numbers, or several matrices", "a loop")
    order = linalg.ldl(strip(A), lower)[2]
    return *ldl_form(as_array(A), bool(lower)), order


def _funm(A: Any, func: Any, disp: Any = True) -> Any:
    """Return a function of a matrix whose eigenvalues differ."""
    out = linalg.funm(strip(A), lambda w: strip(func(w)), False)
    w, v = np.linalg.eig(A)
    found = np.matmul(v * func(w.astype(complex)), np.linalg.inv(v))
    found = found if np.iscomplexobj(out[0]) else np.real(found)
    y = settled_as(out[0], found, "scipy.linalg.funm", "equal eigenvalues")
    return y if disp else (y, out[1])


ROWS = [
    general(ldl_form, [_ldl_jvp]),
    composite(named(linalg.ldl), _ldl),
    composite(named(linalg.funm), _funm),
]
