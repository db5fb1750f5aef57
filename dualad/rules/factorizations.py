"""Factorizations of matrices: Cholesky, QR, eigenvalues, singular values."""

from dualad.core.row import Row

ROWS: list[Row] = []
