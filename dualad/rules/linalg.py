"""Solutions, inverses and determinants."""

from dualad.core.row import Row

ROWS: list[Row] = []
