"""`dualad.lift`: third-party functions differentiated as they are."""

from dualad.lifting.lifted import lift

__all__ = ["lift"]
