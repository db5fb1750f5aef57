"""Medians, quantiles and percentiles."""

from dualad.core.row import Row

ROWS: list[Row] = []
