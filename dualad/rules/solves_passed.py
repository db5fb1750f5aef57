"""How dependence passes through systems of equations; see `dualad.rules.dependence`."""

from typing import Any

import numpy as np

from dualad.core.tracer import shape_of
from dualad.rules.passages import Call, components, factor, mixed_within, reduced
from dualad.rules.unions import Sets
from dualad.rules.windows_passed import up_to


def _solve(call: Call) -> Sets:
    """A column depends on the matrix and on its own right side; of blocks, on those of its own."""
    shares = []
    is_vector = len(shape_of(call.args[1])) == 1
    if 0 in call.sets:
        matrices = reduced(call, call.sets[0], -2, -1)
        shares.append(matrices[..., 0] if is_vector else matrices)
    if 1 in call.sets:
        sets, matrix = call.sets[1], factor(call, 0)
        if matrix is not None and matrix.ndim == 2 and sets.ndim < 3 and not matrix.all():
            flat = sets[:, None] if is_vector else sets
            found = mixed_within(call.unions, components(matrix != 0), flat)
            shares.append(found.reshape(sets.shape))
        else:
            shares.append(reduced(call, sets, -1 if is_vector else -2))
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


def columns(call: Call) -> Sets:
    """A column depends on all of the first operand and on its own right side."""
    shares = []
    if 0 in call.sets:
        shares.append(np.ravel(reduced(call, call.sets[0], *range(call.sets[0].ndim)))[0])
    if 1 in call.sets:
        shares.append(reduced(call, call.sets[1], 0))
    return np.broadcast_to(call.unions.elementwise(*shares), call.shape)


def triangular(call: Call) -> Sets:
    """An unknown depends on the rows of the triangle, and right sides, up to its own."""
    trans = call.parameter(2, "trans", 0) not in (0, "N")
    lower = bool(call.parameter(3, "lower", False))
    unit = int(bool(call.parameter(4, "unit_diagonal", False)))
    shares = []
    is_vector = len(shape_of(call.args[1])) == 1
    if 0 in call.sets:
        read = np.tril(call.sets[0], -unit) if lower else np.triu(call.sets[0], unit)
        rows = reduced(call, read, -2 if trans else -1)
        rows = np.swapaxes(rows, -1, -2) if trans else rows
        shares.append(rows[..., 0] if is_vector else rows)
    if 1 in call.sets:
        shares.append(call.sets[1])
    axis, step = -1 if is_vector else -2, 1 if lower != trans else -1
    total = np.moveaxis(call.unions.elementwise(*shares), axis, -1)[..., ::step]
    found = np.moveaxis(up_to(call.unions, total)[..., ::step], -1, axis)
    return np.broadcast_to(found, call.shape)


def least_squares(call: Call) -> Any:
    """A column of the solution, and its residual, depend on the matrix and on its right side."""
    of_matrix: Any = 0
    if 0 in call.sets:
        of_matrix = np.ravel(reduced(call, call.sets[0], 0, 1))[0]
    lines: Any = np.zeros((), int)
    if 1 in call.sets:
        lines = reduced(call, call.sets[1], 0)[0]
    x, residuals, *rest = call.shapes
    found = call.unions.elementwise(lines, of_matrix)
    return [
        np.broadcast_to(found, x),
        np.broadcast_to(found, residuals) if 0 not in residuals else np.zeros(residuals, int),
        *[np.broadcast_to(of_matrix, shape) for shape in rest],
    ]


SOLVES = {np.linalg.solve: _solve}
