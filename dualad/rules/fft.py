"""Discrete Fourier transforms."""

from dualad.core.row import Row

ROWS: list[Row] = []
