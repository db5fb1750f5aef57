"""Rotations and rigid transformations by what makes them, and what they are applied to.

SciPy has their formulas twice: compiled, for NumPy's arrays, and in Python, for those of other
libraries. Traced values take the second way; values are those of the first. SciPy has it from 1.17
on; before, what is compiled raises.
"""

import importlib
import warnings
from functools import wraps
from typing import Any

import numpy as np

from dualad.core.blank import unfollowed
from dualad.core.level import refusal
from dualad.core.tracer import as_array, strip
from dualad.errors import SingularDerivativeError, UnsupportedParameterError
from dualad.lifting import lift
from dualad.rules.directions import mT
from dualad.rules.likes import gathered, has_traced
from dualad.rules.standing import orders, settled_as

SMALL = 1e-3  # of an angle: below, a series is as exact
FORMATS = {"from_euler": 1, "from_davenport": 2}  # where traced angles stand among the arguments


def _module(name: str) -> Any:
    """Return a module of SciPy's, or None where its version has none of this name."""
    try:
        return importlib.import_module(f"scipy.spatial.transform.{name}")
    except ImportError:
        return None


def _root(s: Any) -> Any:
    """Return a square root that is not asked for where it is small, and whether it is."""
    small = strip(s) < SMALL**2
    return np.sqrt(np.where(small, 1.0, s)), small


def _from_rotvec(rotvec: Any, degrees: bool = False) -> Any:
    """Return quaternions: by the square of the angle, since the angle has a kink at zero."""
    rotvec = rotvec * (np.pi / 180) if degrees else rotvec
    s = np.sum(rotvec**2, -1, keepdims=True)
    angle, small = _root(s)
    scale = np.where(small, 0.5 - s / 48 + s**2 / 3840, np.sin(angle / 2) / angle)
    real = np.where(small, 1 - s / 8 + s**2 / 384, np.cos(angle / 2))
    return np.concatenate([scale * rotvec, real], -1)


def _as_rotvec(quat: Any, degrees: bool = False) -> Any:
    """Return rotation vectors, by the square of the tangent of half of the angle."""
    quat = np.where(strip(quat)[..., 3:] < 0, -quat, quat)
    vector, real = quat[..., :3], quat[..., 3:]
    s = np.sum(vector**2, -1, keepdims=True)
    size, small = _root(s)
    u = s / np.where(small, real, 1.0) ** 2
    series = 2 / np.where(small, real, 1.0) * (1 - u / 3 + u**2 / 5)
    found = np.where(small, series, 2 * np.arctan2(size, real) / size) * vector
    return found * (180 / np.pi) if degrees else found


def _magnitude(quat: Any) -> Any:
    """Return angles: at zero, where there is a kink, the slope is zero."""
    return 2 * np.arctan2(np.linalg.norm(quat[..., :3], axis=-1), np.abs(quat[..., 3]))


def _polar(matrix: Any) -> Any:
    """Return the nearest orthogonal matrices, by Newton's iteration (Higham 1986)."""
    left, known = orders(matrix), matrix
    for _ in range(64):
        change = mT(np.linalg.inv(known)) - known
        known = known + change / 2
        if np.max(np.abs(strip(change)), initial=0) < 1e-12:
            if left <= 0:
                break
            left -= 1
    return known


class _Bodies:
    """What functions of SciPy's do of traced values."""

    def __init__(self, name: str, plain: Any, written: Any) -> None:
        self.name, self.plain, self.written = name, plain, lift(written)

    def of_matrix(self, matrix: Any, *rest: Any, **named: Any) -> Any:
        """Return quaternions of matrices: SciPy's of the nearest orthogonal ones."""
        valid = rest[0] if rest else named.get("assume_valid", False)
        return self.written(matrix if valid else _polar(matrix), True)

    def of_angles(self, *args: Any, **named: Any) -> Any:
        """Return angles of quaternions: they have no derivatives in a gimbal lock."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            try:
                self.plain(*strip(args), **strip(named))
            except UserWarning:
                locked = f"scipy.spatial.transform.Rotation.{self.name}", "of a gimbal lock"
                raise refusal(SingularDerivativeError(*locked)) from None
        return self.written(*args, **named)

    def refused(self, *_: Any, **__: Any) -> Any:
        """Raise, since it has no rule."""
        name = f"scipy.spatial.transform.Rotation.{self.name}"
        raise refusal(UnsupportedParameterError(name, "traced rotations", "plain ones"))


def _chosen(bodies: _Bodies) -> Any:
    """Return what a function of rotations does of traced values."""
    special: dict[str, Any] = {
        "from_rotvec": _from_rotvec, "as_rotvec": _as_rotvec, "magnitude": _magnitude,
        "from_matrix": bodies.of_matrix, "as_euler": bodies.of_angles,
        "as_davenport": bodies.of_angles, "reduce": bodies.refused,
    }  # fmt: skip
    return special.get(bodies.name, bodies.written)


def _given(x: Any) -> Any:
    """Return an argument: as an array, if it holds traced values."""
    x = unfollowed(x)
    return as_array(gathered(x)) if has_traced(x) else x


def _standing_for(name: str, plain: Any, body: Any) -> Any:
    """Return a function that calls `body` of traced values, and else a compiled one."""

    @wraps(plain)
    def call(*args: Any, **named: Any) -> Any:
        args, named = tuple(map(_given, args)), {key: _given(x) for key, x in named.items()}
        if not has_traced([*args, *named.values()]):
            return plain(*args, **named)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            out = plain(*strip(args), **strip(named))
        return _settled(out, body(*args, **named), f"scipy.spatial.transform.Rotation.{name}")

    return call


def _settled(plain: Any, found: Any, name: str) -> Any:
    """Return SciPy's results, with the derivatives of others."""
    if isinstance(plain, tuple):
        return tuple([_settled(p, f, name) for p, f in zip(plain, found, strict=True)])
    if plain is None or np.asarray(plain).dtype == bool:
        return plain
    return settled_as(np.asarray(plain), found, name, "these rotations")


def _functions() -> dict[str, Any]:
    """Return what stands for compiled functions of rotations and of rigid transformations."""
    found = {}
    for kind in ("rotation", "rigid_transform"):
        compiled, written = _module(f"_{kind}_cy"), _module(f"_{kind}_xp")
        for name in dir(written) if compiled is not None and written is not None else ():
            plain = getattr(compiled, name, None)
            if type(plain).__name__ == "cython_function_or_method":
                rotations = _Bodies(name, plain, getattr(written, name))
                body = _chosen(rotations) if kind == "rotation" else rotations.written
                found[f"{kind}.{name}"] = _standing_for(name, plain, body)
    return found


OWN: dict[str, Any] = _functions()
