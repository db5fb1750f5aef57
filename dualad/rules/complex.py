"""Real-linear functions of complex numbers: no complex derivative, but a real one.

Cotangents follow JAX and autograd: the pairing is ``Re(sum(ct * t))``. So the gradient of a real
function of ``z = x + iy`` is ``df/dx - i df/dy``.
"""

from typing import Any

import numpy as np

from dualad.core.dispatch import dispatching
from dualad.core.tracer import strip
from dualad.rules.arithmetic import unit
from dualad.rules.kinds import composite, constant, elementwise, general, linear


def _is_complex(x: Any) -> bool:
    """Return whether an operand, a number, an array or a `Spec`, is complex."""
    return bool(x.dtype.kind == "c")


def _complexified(ct: Any, x: Any) -> Any:
    """Return a real cotangent as that of a complex operand, if `x` is complex."""
    return ct + 0j if _is_complex(x) else ct


@dispatching
def magnitude(x: Any, **ufunc: Any) -> Any:
    """Return the absolute value of a real number."""
    return np.absolute(x, **ufunc)


@dispatching
def modulus(z: Any, **ufunc: Any) -> Any:
    """Return the absolute value of a complex number."""
    return np.absolute(z, **ufunc)


@dispatching
def direction(z: Any, **ufunc: Any) -> Any:
    """Return ``z / abs(z)`` of a complex number, and 0 at 0."""
    return np.sign(z, **ufunc)


def _absolute(x: Any, **ufunc: Any) -> Any:
    """Return the absolute value, by the row for numbers such as `x`."""
    return modulus(x, **ufunc) if _is_complex(x) else magnitude(x, **ufunc)


def _sign(x: Any, **ufunc: Any) -> Any:
    """Return the sign: plain for real numbers, where its derivative is zero."""
    return direction(x, **ufunc) if _is_complex(x) else np.sign(strip(x), **ufunc)


def _conjugated_direction(y: Any, x: Any) -> Any:
    """Return ``conj(x) / abs(x)``, and 0 at 0: the convention of a norm's derivative."""
    return unit(np.conj(x), y)


def _direction_jvp(t: Any, y: Any, x: Any, **ufunc: Any) -> Any:
    """Return the part of the tangent across the direction `y`, over the absolute value."""
    across = 1j * np.imag(np.conj(y) * t)
    return y * unit(across, np.absolute(x))


def _direction_vjp(ct: Any, y: Any, x: Any, **ufunc: Any) -> Any:
    """Return the transpose of `_direction_jvp`."""
    return np.conj(y) * unit(np.real(1j * ct * y), np.absolute(x)) * -1j


def _angle_partial(x: Any, deg: bool) -> Any:
    """Return the factor by which ``Im`` of ``factor * t`` is the tangent of the angle."""
    radius = np.absolute(x)  # its square might overflow
    return np.conj(x) / radius / (radius * (np.pi / 180) if deg else radius)


def _angle_jvp(t: Any, y: Any, x: Any, deg: bool = False) -> Any:
    """Return the part of the tangent across the radius, over the radius; 0 for real numbers."""
    return np.imag(_angle_partial(x, deg) * t) if _is_complex(x) else 0 * t


def _angle_vjp(ct: Any, y: Any, x: Any, deg: bool = False) -> Any:
    """Return the transpose of `_angle_jvp`."""
    return -1j * ct * _angle_partial(x, deg) if _is_complex(x) else 0 * ct


def _lost_imaginary(y: Any, x: Any) -> bool:
    """Return whether `np.real_if_close` dropped the imaginary part."""
    return _is_complex(x) and not _is_complex(y)


ROWS = [
    composite(np.absolute, _absolute),
    elementwise(magnitude, lambda y, x: np.sign(x)),
    general(
        modulus,
        [lambda t, y, x, **ufunc: np.real(_conjugated_direction(y, x) * t)],
        [lambda ct, y, x, **ufunc: ct * _conjugated_direction(y, x)],
    ),
    composite(np.sign, _sign),
    general(direction, [_direction_jvp], [_direction_vjp]),
    linear(np.real, lambda ct, y, val: _complexified(ct, val), push=lambda t, y, val: np.real(t)),
    linear(
        np.imag,
        lambda ct, y, val: -1j * ct if _is_complex(val) else 0 * ct,
        push=lambda t, y, val: np.imag(t),
    ),
    linear(
        np.conjugate,
        lambda ct, y, x, **ufunc: np.conj(ct) if _is_complex(x) else ct,
        push=lambda t, y, x, **ufunc: np.conj(t),
    ),
    general(np.angle, [_angle_jvp], [_angle_vjp]),
    linear(
        np.real_if_close,
        lambda ct, y, a, tol=100: _complexified(ct, a) if _lost_imaginary(y, a) else ct,
        push=lambda t, y, a, tol=100: np.real(t) if _lost_imaginary(y, a) else t,
    ),
    *constant(np.iscomplex, np.isreal, np.iscomplexobj, np.isrealobj),
]
