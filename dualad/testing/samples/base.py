"""What a sample is: a function of the table, and how to draw a call of it.

A sample is one line: ``Sample(np.hypot, lambda d: Call(d.array(), d.array()))``. The lambda draws
one call from `d`, a `Draws`: arrays in the dtype and in a memory layout that the harness wants to
see, and parameters. Every array of a floating or complex dtype in the call, positional, by keyword
or in a list, is an operand that may be traced; Python numbers are parameters.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Shape = tuple[int, ...]

LAYOUTS = ("C", "F", "strided", "reversed", "read-only", "scalar")
SPACING = 0.5  # of "distinct" values: several finite-difference steps, even if both move
JITTER = 0.05  # of "distinct" values: keeps them 0.2 away from integers and half-integers
ONE_IN = 6  # shapes: how rarely sides of length zero are allowed


class Call:
    """The arguments of one call.

    Parameters
    ----------
    *args, **kwargs
        As the user would write them.
    """

    __slots__ = ("args", "kwargs")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs

    def __repr__(self) -> str:
        parts = [repr(value) for value in self.args]
        parts += [f"{name}={value!r}" for name, value in self.kwargs.items()]
        return f"Call({', '.join(parts)})"

    def operands(self, fixed: Sequence[int | str] = ()) -> list[Any]:
        """Return the inexact arrays among the arguments, in order, but for those at `fixed`."""
        return [leaf for _, value in self._open(fixed) for leaf in _inexact_leaves(value)]

    def replaced(self, values: Sequence[Any], fixed: Sequence[int | str] = ()) -> "Call":
        """Return the call with other operands."""
        rest = iter(values)
        new: dict[int | str, Any] = dict(enumerate(self.args)) | self.kwargs
        for key, value in self._open(fixed):
            new[key] = _refilled(value, rest)
        count = len(self.args)
        return Call(*[new[i] for i in range(count)], **{name: new[name] for name in self.kwargs})

    def _open(self, fixed: Sequence[int | str]) -> list[tuple[int | str, Any]]:
        """Return the arguments that may hold operands, with their position or name."""
        found: list[tuple[int | str, Any]] = [*enumerate(self.args), *self.kwargs.items()]
        return [(key, value) for key, value in found if key not in fixed]


def is_inexact(x: Any) -> bool:
    """Return whether `x` is a NumPy array or scalar of a floating or complex dtype."""
    return isinstance(x, (np.ndarray, np.generic)) and x.dtype.kind in "fc"


def _inexact_leaves(value: Any) -> Iterator[Any]:
    """Yield the inexact arrays in `value`, or in its lists and tuples."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _inexact_leaves(item)
    elif is_inexact(value):
        yield value


def _refilled(value: Any, rest: Iterator[Any]) -> Any:
    """Return `value` with its inexact arrays replaced, in order, by those in `rest`."""
    if type(value) in (list, tuple):
        return type(value)(_refilled(item, rest) for item in value)
    return next(rest) if is_inexact(value) else value


@dataclass(frozen=True, slots=True)
class Sample:
    """One function of the table, and how to draw calls of it.

    Attributes
    ----------
    function : callable
        As it stands in the table.
    draw : callable
        ``draw(d)`` returns a `Call`; `d` is a `Draws`.
    complex : bool
        Whether the function takes complex operands as well.
    order : int
        1 if second derivatives are not to be checked; then `reason` says why.
    reason : str
        Why an option restricts what is checked.
    float32 : bool
        Whether single and extended precision are checked too.
    fixed : tuple of int or str
        Positions and names of arguments that have floating arrays and are no operands.
    observe : callable, optional
        Applied to the output before derivatives are looked at: for outputs that NumPy determines
        up to a sign or a phase only. It is differentiated through.
    rounding : float
        Relative error of the function's values, where it stops an iteration sooner than at the
        last digit: differences have it, and derivatives have not.
    """

    function: Callable[..., Any]
    draw: Callable[["Draws"], Call]
    complex: bool = False
    order: int = 2
    reason: str = ""
    float32: bool = True
    fixed: tuple[int | str, ...] = ()
    observe: Callable[[Any], Any] | None = None
    rounding: float = 0.0


class Draws:
    """Draws the arguments of a call.

    Structure (shapes, layouts, parameters) comes from `pick`, values from a seeded Generator: so
    a failing example shrinks in its structure, and drawing is cheap.

    Parameters
    ----------
    pick : callable
        ``pick(lo, hi)`` returns an integer between `lo` and `hi`, both included; `lo` is the
        simplest.
    dtype : dtype
        Of the arrays.
    rng : numpy.random.Generator
        Source of values.
    """

    def __init__(
        self, pick: Callable[[int, int], int], dtype: Any, rng: np.random.Generator
    ) -> None:
        self.pick = pick
        self.dtype = np.dtype(dtype)
        self.rng = rng
        self._taken: set[int] = set()

    # Structure

    def integer(self, lo: int, hi: int) -> int:
        """Return an integer between `lo` and `hi`, both included."""
        return self.pick(lo, hi)

    def boolean(self) -> bool:
        """Return False or True."""
        return bool(self.pick(0, 1))

    def choice(self, options: Sequence[Any]) -> Any:
        """Return one of `options`, of which the first is the simplest."""
        return options[self.pick(0, len(options) - 1)]

    def shape(
        self, min_ndim: int = 0, max_ndim: int = 4, min_side: int = 0, max_side: int = 3
    ) -> Shape:
        """Return a shape; sides of length zero are rare."""
        ndim = self.pick(min_ndim, max_ndim)
        if min_side == 0 and max_side > 0 and ndim and self.pick(0, ONE_IN - 1) != ONE_IN - 1:
            min_side = 1
        return tuple(self.pick(min_side, max_side) for _ in range(ndim))

    def broadcastable(self, n: int) -> tuple[Shape, ...]:
        """Return `n` shapes that broadcast with each other."""
        full = self.shape()
        shapes = []
        for _ in range(n):
            kind = self.pick(0, 3)  # the same shape; ones in it; leading axes cut off; both
            shape = full[self.pick(0, len(full)) :] if kind >= 2 else full
            ones = self.pick(0, 2 ** len(shape) - 1) if kind % 2 else 0
            shapes.append(tuple(1 if ones >> i & 1 else side for i, side in enumerate(shape)))
        return tuple(shapes)

    def axis(self, x: Any) -> int:
        """Return an axis of `x`, which has one; it may be negative."""
        ndim = np.ndim(x)
        axis = self.pick(0, 2 * ndim - 1)
        return axis if axis < ndim else axis - 2 * ndim

    def axes(self, x: Any) -> Any:
        """Return None, an axis, or a tuple of distinct axes of `x`."""
        ndim = np.ndim(x)
        kind = self.pick(0, 2)
        if kind == 0:
            return None
        if kind == 1 and ndim:
            return self.axis(x)
        chosen = self.rng.permutation(ndim)[: self.pick(0, ndim)]
        return tuple(int(i) - ndim * self.pick(0, 1) for i in chosen)

    # Values

    def array(
        self,
        shape: Shape | None = None,
        domain: str = "real",
        min_ndim: int = 0,
        max_ndim: int = 4,
        min_side: int = 0,
        max_side: int = 3,
    ) -> Any:
        """Return an array of values in a domain, in some memory layout.

        Parameters
        ----------
        shape : tuple of int, optional
            Drawn within the limits that the other parameters give, by default.
        domain : str
            "real"; "positive", "nonneg" (0.3 to 3); "unit" (-0.8 to 0.8); "nonzero" (0.3 to 2 in
            size); "above_one" (1.3 to 4); "distinct": at least 0.4 from each other and 0.2 from
            integers and half-integers. Complex values have real parts in the domain, but "unit",
            "nonzero" and "above_one" hold for the absolute value.
        """
        if shape is None:
            shape = self.shape(min_ndim, max_ndim, min_side, max_side)
        values = self.values(shape, domain)
        if self.dtype.kind == "c":
            values = self._complex(values, domain)
        return self.laid_out(np.asarray(values, self.dtype))

    def values(self, shape: Shape, domain: str) -> Any:
        """Return float64 values in a domain."""
        rng = self.rng
        if domain == "real":
            return np.clip(rng.standard_normal(shape), -2.5, 2.5)
        if domain in ("positive", "nonneg"):
            return rng.uniform(0.3, 3.0, shape)
        if domain == "unit":
            return rng.uniform(-0.8, 0.8, shape)
        if domain == "nonzero":
            return rng.uniform(0.3, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
        if domain == "above_one":
            return rng.uniform(1.3, 4.0, shape)
        if domain == "distinct":
            return self._distinct(shape)
        raise ValueError(f"no domain is called {domain!r}")

    def _distinct(self, shape: Shape) -> Any:
        """Return values on a jittered lattice, each point of which is taken once a call."""
        size = int(np.prod(shape))
        reach = len(self._taken) + size
        free = [i for i in range(-reach, reach) if i not in self._taken]
        points = self.rng.permutation(free)[:size]
        self._taken.update(points.tolist())
        jitter = self.rng.uniform(-JITTER, JITTER, size)
        return np.reshape(SPACING * (points + 0.5) + jitter, shape)

    def _complex(self, values: Any, domain: str) -> Any:
        """Return `values` as complex numbers in the domain."""
        if domain in ("unit", "nonzero", "above_one"):  # of that absolute value, off the axes
            return values * np.exp(1j * self.rng.uniform(0.2, 1.3, values.shape))
        if domain == "distinct":
            return values + 1j * self.rng.uniform(0.1, 0.3, values.shape)
        return values + 1j * np.clip(self.rng.standard_normal(values.shape), -2.5, 2.5)

    def laid_out(self, values: Any) -> Any:
        """Return `values` in some memory layout: contiguous, strided, reversed, read-only."""
        values = np.asarray(values)
        layout = LAYOUTS[self.pick(0, len(LAYOUTS) - 1)]
        if layout == "scalar" and not values.ndim:
            return values[()]
        if layout == "F":
            return np.asarray(values, order="F")
        if layout == "strided" and values.ndim:
            wide = np.zeros((*values.shape[:-1], 2 * values.shape[-1]), values.dtype)
            wide[..., ::2] = values
            return wide[..., ::2]
        if layout == "reversed" and values.ndim:
            return values[::-1].copy()[::-1]
        if layout == "read-only":
            values = values.copy()
            values.flags.writeable = False
        return values

    def mask(self, shape: Shape) -> Any:
        """Return a boolean array."""
        return self.rng.random(shape) < 0.6

    def matrix(self, n: int, batch: Shape = ()) -> Any:
        """Return well-conditioned ``n`` by ``n`` matrices: singular values from 1 to 2."""
        u, v = self._unitary(n, batch), self._unitary(n, batch)
        return self.laid_out(((u * np.linspace(1, 2, n)) @ v).astype(self.dtype))

    def spd(self, n: int, batch: Shape = ()) -> Any:
        """Return Hermitian positive definite matrices: eigenvalues from 1 to 3."""
        return self._with_spectrum(np.linspace(1, 3, n), batch)

    def hermitian(self, n: int, batch: Shape = ()) -> Any:
        """Return Hermitian matrices whose eigenvalues are 1 or more apart, and not opposite."""
        return self._with_spectrum(np.arange(n) * 1.2 - n // 2 + 0.3, batch)

    def _with_spectrum(self, spectrum: Any, batch: Shape) -> Any:
        """Return Hermitian matrices with these eigenvalues."""
        u = self._unitary(len(spectrum), batch)
        a = (u * spectrum) @ np.swapaxes(u, -1, -2).conj()
        a = (a + np.swapaxes(a, -1, -2).conj()) / 2
        return self.laid_out(a.astype(self.dtype))

    def _unitary(self, n: int, batch: Shape) -> Any:
        """Return orthogonal matrices, unitary ones for a complex dtype."""
        a = self.rng.standard_normal((*batch, n, n))
        if self.dtype.kind == "c":
            a = a + 1j * self.rng.standard_normal((*batch, n, n))
        return np.linalg.qr(a)[0]
