"""Sorting and partitioning."""

from dualad.core.row import Row

ROWS: list[Row] = []
