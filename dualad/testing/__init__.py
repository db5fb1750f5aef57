"""Checks of derivatives: against differences, of both modes against each other.

`check_grads` asserts that the derivatives of a function are right. The module
`dualad.testing.strategies` has hypothesis strategies for the arrays of your own property tests
(it needs hypothesis, which is not installed with dualad).
"""

from dualad.testing.checks import check_grads

__all__ = ["check_grads"]
