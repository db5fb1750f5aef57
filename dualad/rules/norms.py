"""Norms of vectors and matrices."""

from dualad.core.row import Row

ROWS: list[Row] = []
