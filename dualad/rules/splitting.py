"""Arrays split into several."""

from dualad.core.row import Row

ROWS: list[Row] = []
