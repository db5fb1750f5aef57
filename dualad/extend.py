"""Rows for functions of your own: how to tell dualad a derivative that it cannot find by itself.

A row is all that dualad knows about one function, and serves forward and reverse mode, many
directions at once, and derivatives of derivatives. Write one if a function calls code that NumPy
does not see (C, Fortran, a table, a solver that iterates), or if a formula is quicker or more
accurate than what tracing through the function gives.

**Declare a row**

========================  ==========================================================================
`declare`                 add rows to the table; a function has one
`dispatching`             a Python function that finds its row whenever an operand is traced
========================  ==========================================================================

**Kinds: the first that fits**

========================  ==========================================================================
`constant`                the derivative is zero wherever there is one: rounding, a count, a test
`elementwise`             it acts element by element, as a ufunc: give a partial for each operand
`linear`                  it is linear in its first argument: give the transpose
`multilinear`             it is linear in each of its operands: give a transpose for each
`joining`                 its operands come in a list: give how to cut out their shares
`composite`               it can be written with functions that have rows: give that function
`general`                 any other: give a JVP or a VJP for each operand; the other one is found
========================  ==========================================================================

**Inside a rule**

========================  ==========================================================================
`shape_of`                the shape of a number or array, traced or not
`lead`                    the direction axes of a tangent or cotangent
`trailing`                an axis counted from the end, where direction axes do no harm
`axis_from_end`           the same for a whole call: what `linear` takes as ``directions=``
`mT`                      the transpose of the last two axes
`each_direction`          a function of every direction, one by one: always right, and slow
`strip`                   plain values, for tests, masks and orders that have no derivative
========================  ==========================================================================

Rules are NumPy code about one operand. They are given ``y``, the output, the operands, and the
parameters of the call; before these ``t``, a tangent, or ``ct``, a cotangent. Direction axes lead
in ``t`` and ``ct``: shape ``D + S`` where the operand or output has shape ``S``, so count axes from
the end. The pairing is ``Re(sum(ct * t))``, without a conjugate, and so transposes have none. Use
functions that have rows, and no ``float()``: rules are differentiated themselves.

Check a row with `dualad.testing.check_grads`, which compares both modes with differences.

Examples
--------
A function whose formula overflows, and whose derivative does not:

>>> import numpy as np
>>> import dualad as da
>>> from dualad import extend
>>> from dualad.testing import check_grads
>>> @extend.dispatching
... def softplus(x):
...     return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)
>>> extend.declare(extend.elementwise(softplus, lambda y, x: 1 / (1 + np.exp(-x))))
>>> da.grad(softplus)(np.array([0.0, 800.0]))
array([0.5, 1. ])
>>> check_grads(softplus, np.array([0.5, -2.0]))

A solver that iterates, differentiated by the equation that it solves, ``y + e * sin(y) == x``:

>>> @extend.dispatching
... def kepler(x, e):
...     y = np.asarray(x, float)
...     for _ in range(60):
...         y = y - (y + e * np.sin(y) - x) / (1 + e * np.cos(y))
...     return y
>>> extend.declare(
...     extend.elementwise(
...         kepler,
...         lambda y, x, e: 1 / (1 + e * np.cos(y)),
...         lambda y, x, e: -np.sin(y) / (1 + e * np.cos(y)),
...     )
... )
>>> check_grads(kepler, np.array([0.3, 2.0]), 0.4)

A product by a matrix that exists only as code, which is linear:

>>> A = np.array([[2.0, 1.0], [0.0, 3.0]])
>>> @extend.dispatching
... def apply(x):
...     return np.array([2.0 * x[0] + x[1], 3.0 * x[1]])
>>> extend.declare(extend.linear(apply, lambda ct, y, x: ct @ A))
>>> da.jacobian(apply)(np.ones(2))
array([[2., 1.],
       [0., 3.]])
"""

from dualad.core.dispatch import dispatching
from dualad.core.row import declare
from dualad.core.tracer import shape_of, strip
from dualad.rules.directions import axis_from_end, each_direction, lead, mT, trailing
from dualad.rules.kinds import (
    composite,
    constant,
    elementwise,
    general,
    joining,
    linear,
    multilinear,
)

__all__ = [
    "axis_from_end",
    "composite",
    "constant",
    "declare",
    "dispatching",
    "each_direction",
    "elementwise",
    "general",
    "joining",
    "lead",
    "linear",
    "mT",
    "multilinear",
    "shape_of",
    "strip",
    "trailing",
]
