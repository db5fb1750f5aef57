"""Jacobians and Hessians as linear operators of SciPy: products with them, never the matrix."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dualad.core.level import refusal
from dualad.core.tracer import Tracer, shape_of
from dualad.errors import NotHolomorphicError, TracedParameterError
from dualad.transforms.arguments import check_function
from dualad.transforms.choice import chunks, directions_at_once
from dualad.transforms.gradient import grad
from dualad.transforms.products import Recording, record
from dualad.transforms.seeds import dtype_of, is_complex
from dualad.typing import Tree

HOLOMORPHIC_TOLERANCE = 1e-6  # of a product's size: far above rounding, in float32 too


@dataclass(slots=True)
class Products:
    """Products of a recorded function's Jacobian with the columns of matrices."""

    recording: Recording
    inputs: list[Any]
    outputs: list[Any]

    def forward(self, columns: Any) -> Any:
        """Return ``J @ columns``."""
        return self._swept(columns, self.recording.push, self.inputs, self.outputs)

    def transposed(self, columns: Any) -> Any:
        """Return ``J.T @ columns``."""
        if any(map(is_complex, self.outputs)) and not any(map(is_complex, self.inputs)):
            # a pull to real inputs keeps the real part: that of J.T @ (-i c) is the imaginary one
            real = self._pulled(columns.astype(complex))
            return real + 1j * self._pulled(-1j * columns)
        return self._pulled(columns)

    def _pulled(self, columns: Any) -> Any:
        """Return what the reverse sweep makes of some columns."""
        return self._swept(columns, self.recording.pull, self.outputs, self.inputs)

    def _swept(self, columns: Any, sweep: Any, sources: list[Any], targets: list[Any]) -> Any:
        """Return the images of all columns, in chunks that fit the memory."""
        if columns.dtype.kind == "c" and not any(map(is_complex, sources)):
            real = self._swept(columns.real, sweep, sources, targets)
            return real + 1j * self._swept(columns.imag, sweep, sources, targets)
        count = columns.shape[1]
        width = directions_at_once(self.recording, count)
        size = sum(math.prod(shape_of(y)) for y in targets)
        images = np.empty((size, count), common_dtype(targets))
        for first, some in chunks(count, width) if count else ():
            rows = columns[:, first : first + some].T
            swept = sweep(cut(rows, sources), (some,))
            flat = [np.reshape(part, (some, -1)) for part in swept]
            images[:, first : first + some] = np.concatenate(flat, axis=1).T
        return images


def cut(rows: Any, leaves: list[Any]) -> list[Any]:
    """Return directions, which lead, of all leaves together as one array for each leaf."""
    ends = np.cumsum([math.prod(shape_of(x)) for x in leaves])
    parts = np.split(rows, ends[:-1], axis=1)
    return [
        np.ascontiguousarray(part, dtype_of(x)).reshape((len(rows), *shape_of(x)))
        for part, x in zip(parts, leaves, strict=True)
    ]


def common_dtype(leaves: list[Any]) -> Any:
    """Return the dtype that holds all leaves; integers count as float64."""
    dtypes = [dtype_of(x) for x in leaves]
    return np.result_type(*[d if d.kind in "fc" else np.dtype(float) for d in dtypes])


def check_holomorphic(products: Products) -> None:
    """Raise if a product with ``i v`` is not i times that with `v`, along one random direction."""
    inputs = [is_complex(x) for x in products.inputs]
    if not any(inputs):
        return
    if not all(inputs) or not all(map(is_complex, products.outputs)):
        raise NotHolomorphicError()
    size = sum(math.prod(shape_of(x)) for x in products.inputs)
    v = np.random.default_rng(0).uniform(0.5, 1.5, (size, 1))
    real, imaginary = products.forward(v + 0j), products.forward(1j * v)
    gap, scale = np.abs(imaginary - 1j * real), np.abs(real)
    if gap.size and np.max(gap) > HOLOMORPHIC_TOLERANCE * (1 + np.max(scale)):
        raise NotHolomorphicError()


@cache
def operator_class() -> Any:
    """Return the subclass of SciPy's `LinearOperator`, which is slow to import."""
    from scipy.sparse.linalg import LinearOperator

    class RecordedOperator(LinearOperator):  # type: ignore[misc]
        """A Jacobian or Hessian at one point, from one recorded evaluation.

        Attributes
        ----------
        value : tree
            What the function returned; of a Hessian, the gradient.
        """

        def __init__(self, products: Products, value: Tree, symmetric: bool) -> None:
            self.products, self.value, self.symmetric = products, value, symmetric
            shape = tuple(
                sum(math.prod(shape_of(x)) for x in leaves)
                for leaves in (products.outputs, products.inputs)
            )
            super().__init__(common_dtype([*products.outputs, *products.inputs]), shape)

        def _matmat(self, columns: Any) -> Any:
            return self.products.forward(np.asarray(columns))

        def _matvec(self, v: Any) -> Any:
            return self._matmat(np.reshape(v, (-1, 1))).ravel()

        def _rmatmat(self, columns: Any) -> Any:
            if self.symmetric:
                return self._matmat(columns)
            return self.products.transposed(np.asarray(columns).conj()).conj()

        def _rmatvec(self, v: Any) -> Any:
            return self._rmatmat(np.reshape(v, (-1, 1))).ravel()

    return RecordedOperator


def _operator(fn: Callable[..., Any], x: Tree, symmetric: bool, name: str) -> Any:
    """Return the operator of the Jacobian of `fn` at `x`."""
    recording = record(fn, (x,), {}, (0,), keep=True)
    if any(isinstance(leaf, Tracer) for leaf in (*recording.inputs, *recording.outputs)):
        raise refusal(TracedParameterError(name))
    value, recording.out = recording.out, None
    products = Products(recording, recording.inputs, recording.outputs)
    check_holomorphic(products)
    return operator_class()(products, value, symmetric)


def jacobian_operator(fn: Callable[..., Any], x: Tree) -> Any:
    """Jacobian of `fn` at `x` as a linear operator of SciPy, from one recorded evaluation.

    Parameters
    ----------
    fn : callable
        Of one argument.
    x : tree
        Where. It has ``n`` elements in all, and the output ``m``.

    Returns
    -------
    scipy.sparse.linalg.LinearOperator, shape (m, n)
        Of the elements in C order, leaf by leaf. A product pushes, one with the adjoint pulls, and
        neither evaluates `fn` again; the columns of a matrix go in one sweep, or in as many as fit
        in 256 MB. Its attribute `value` is ``fn(x)``.

    Raises
    ------
    NotHolomorphicError
        If `x` is complex, and `fn` has no complex derivative there.
    TracedParameterError
        Inside another transform: SciPy's operators would lose its derivative.

    Examples
    --------
    >>> import numpy as np
    >>> J = jacobian_operator(lambda x: x[1:] * x[:-1], np.array([1.0, 2.0, 3.0]))
    >>> J.shape, J @ np.array([1.0, 0.0, 0.0]), J.T @ np.array([0.0, 1.0])
    ((2, 3), array([2., 0.]), array([0., 3., 2.]))
    """
    check_function(fn, "jacobian_operator")
    return _operator(fn, x, False, "dualad.jacobian_operator")


def hessian_operator(fn: Callable[..., Any], x: Tree) -> Any:
    """Hessian of `fn` at `x` as a linear operator of SciPy, from one recorded gradient.

    Parameters
    ----------
    fn : callable
        Of one argument, real-valued; several outputs are summed, as by `grad`.
    x : tree
        Where; real. It has ``n`` elements in all.

    Returns
    -------
    scipy.sparse.linalg.LinearOperator, shape (n, n)
        Symmetric; as that of `jacobian_operator`. Its attribute `value` is the gradient.

    Raises
    ------
    NotHolomorphicError
        If `x` is complex, and the gradient has no complex derivative there.
    TracedParameterError
        Inside another transform: SciPy's operators would lose its derivative.

    Notes
    -----
    Forward over reverse: the gradient is recorded, and a product pushes through that record.

    Examples
    --------
    >>> import numpy as np
    >>> H = hessian_operator(lambda x: np.sum(x**3), np.array([1.0, 2.0]))
    >>> H @ np.array([1.0, 1.0]), H.value
    (array([ 6., 12.]), array([ 3., 12.]))
    """
    check_function(fn, "hessian_operator")
    return _operator(grad(fn), x, True, "dualad.hessian_operator")
