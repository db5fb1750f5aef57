"""Products of vectors, matrices and tensors, and convolution.

The usual shapes have rules of one matrix product; all others go by the labels of their axes. No
rule conjugates but for the operands that the function itself conjugates.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from dualad.core.product import align
from dualad.core.row import Row
from dualad.rules.contraction import Contraction, Labels, pull_operand, push_operand
from dualad.rules.directions import lead
from dualad.rules.kinds import multilinear

Shape = tuple[int, ...]
Meaning = Callable[..., Contraction]


def _product(function: Any, meaning: Meaning, *, conjugates: bool = False) -> Row:
    """Return the row of a product whose labels are ``meaning(a, b, axes)``.

    If the function `conjugates` its first operand, so do the shares: the pairing is real.
    """

    def by_a(ct: Any, y: Any, a: Any, b: Any, axes: Any = 2, out: Any = None, **options: Any) -> Any:
        parts = meaning(np.shape(a), np.shape(b), axes, **options)
        if conjugates:
            return _conj(pull_operand(0, ct, (b,), parts))
        return pull_operand(0, ct, (b,), parts)

    def by_b(ct: Any, y: Any, a: Any, b: Any, axes: Any = 2, out: Any = None, **options: Any) -> Any:
        parts = meaning(np.shape(a), np.shape(b), axes, **options)
        return pull_operand(1, ct, (_conj(a) if conjugates else a,), parts)

    def along_a(t: Any, y: Any, a: Any, b: Any, axes: Any = 2, out: Any = None, **options: Any) -> Any:
        parts = meaning(np.shape(a), np.shape(b), axes, **options)
        return push_operand(0, _conj(t) if conjugates else t, y, (b,), parts)

    def along_b(t: Any, y: Any, a: Any, b: Any, axes: Any = 2, out: Any = None, **options: Any) -> Any:
        parts = meaning(np.shape(a), np.shape(b), axes, **options)
        return push_operand(1, t, y, (_conj(a) if conjugates else a,), parts)

    return multilinear(function, by_a, by_b, pushes=[along_a, along_b])


ROWS: list[Row] = []
