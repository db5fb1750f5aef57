"""Means, variances, covariances."""

from dualad.core.row import Row

ROWS: list[Row] = []
