"""Real-linear functions of complex numbers: no complex derivative, but a real one.

Cotangents follow JAX and autograd: the pairing is ``Re(sum(ct * t))``. So the gradient of a real
function of ``z = x + iy`` is ``df/dx - i df/dy``.
"""

from typing import Any

import numpy as np

from dualad.rules.kinds import constant, general, linear


def _is_complex(x: Any) -> bool:
    """Return whether `x`, an array, a number or its `Spec`, is complex."""
    return bool(x.dtype.kind == "c")


def _phase(x: Any, y: Any) -> Any:
    """Return ``conj(x) / abs(x)``, and 0 at 0: the convention of a norm's derivative."""
    if not _is_complex(x):
        return np.sign(x)
    return np.conj(x) / np.where(np.equal(y, 0), 1, y)


def _complexified(ct: Any, x: Any) -> Any:
    """Return a real cotangent as that of a complex operand, if `x` is complex."""
    return ct + 0j if _is_complex(x) else ct


def _angle_partial(x: Any, deg: bool) -> Any:
    """Return the factor by which ``Im`` of ``factor * t`` is the tangent of the angle."""
    scale = 180 / np.pi if deg else 1.0
    return scale * np.conj(x) / np.square(np.absolute(x))


def _angle_jvp(t: Any, y: Any, x: Any, deg: bool = False) -> Any:
    return np.imag(_angle_partial(x, deg) * t) if _is_complex(x) else 0 * t


def _angle_vjp(ct: Any, y: Any, x: Any, deg: bool = False) -> Any:
    return -1j * ct * _angle_partial(x, deg) if _is_complex(x) else 0 * ct


def _real_if_close(y: Any, x: Any) -> bool:
    """Return whether `np.real_if_close` dropped the imaginary part."""
    return _is_complex(x) and not _is_complex(y)


ROWS = [
    general(
        np.absolute,
        [lambda t, y, x: np.real(_phase(x, y) * t)],
        [lambda ct, y, x: ct * _phase(x, y)],
    ),
    linear(np.real, lambda ct, y, x: _complexified(ct, x), push=lambda t, y, x: np.real(t)),
    linear(
        np.imag,
        lambda ct, y, x: -1j * ct if _is_complex(x) else 0 * ct,
        push=lambda t, y, x: np.imag(t),
    ),
    linear(np.conjugate, lambda ct, y, x: np.conj(ct), push=lambda t, y, x: np.conj(t)),
    general(np.angle, [_angle_jvp], [_angle_vjp]),
    linear(
        np.real_if_close,
        lambda ct, y, x, tol=100: _complexified(ct, x) if _real_if_close(y, x) else ct,
        push=lambda t, y, x, tol=100: np.real(t) if _real_if_close(y, x) else t,
    ),
    *constant(np.iscomplex, np.isreal, np.iscomplexobj, np.isrealobj),
]
