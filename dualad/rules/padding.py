"""Padding, tiling, rolling: arrays grown or shifted from one."""

from dualad.core.row import Row

ROWS: list[Row] = []
