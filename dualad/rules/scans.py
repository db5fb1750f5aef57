"""Cumulative sums, products and extremes."""

from dualad.core.row import Row

ROWS: list[Row] = []
