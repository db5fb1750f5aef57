"""The table: the mathematics of NumPy's functions, one row each."""

from dualad.core.row import declare
from dualad.rules import arithmetic, complex, indexing, transcendental

for subject in (arithmetic, transcendental, complex, indexing):
    declare(*subject.ROWS)
