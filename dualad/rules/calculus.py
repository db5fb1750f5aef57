"""Differences, integrals, interpolation, polynomials."""

from dualad.core.row import Row

ROWS: list[Row] = []
