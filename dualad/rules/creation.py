"""Arrays made after the likeness of others, and constants of them."""

from dualad.core.row import Row

ROWS: list[Row] = []
