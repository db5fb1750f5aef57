"""Checks of derivatives: of dualad's, of another library's, and of those written by hand.

`check_grads` asserts that the derivatives that dualad finds of a function are right; `check_jvp`,
`check_vjp`, `check_jacobian` and `check_hessian` check functions that know nothing of dualad;
`check_row` and `check_custom_rule` check rules. References come from the function's values alone,
with a bound on their error, and a check that cannot tell says so.

The module `dualad.testing.strategies` has hypothesis strategies for the arrays of your own
property tests, and for whole programs (it needs hypothesis, which is not installed with dualad).
``python -m dualad.testing`` checks a function from the command line, and a plug-in of pytest
gives the fixture ``gradcheck``.
"""

from dualad.testing.failures import (
    BadInputError,
    InconclusiveError,
    InconclusiveWarning,
    WrongDerivativeError,
)
from dualad.testing.rows import check_row
from dualad.testing.verify import (
    check_custom_rule,
    check_grads,
    check_hessian,
    check_jacobian,
    check_jvp,
    check_vjp,
)

__all__ = [
    "BadInputError",
    "InconclusiveError",
    "InconclusiveWarning",
    "WrongDerivativeError",
    "check_custom_rule",
    "check_grads",
    "check_hessian",
    "check_jacobian",
    "check_jvp",
    "check_row",
    "check_vjp",
]
