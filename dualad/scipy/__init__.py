"""SciPy's functions that do not dispatch, as functions that accept traced values.

`fft`, `integrate`, `interpolate`, `linalg`, `ndimage`, `optimize`, `signal`, `spatial`, `special`
and `stats` stand for SciPy's modules of these names, and have all of their names. `sparse` has
products and solutions with sparse matrices. Each submodule is imported when it is asked for. In
code that is not yours, `dualad.lift` puts them in place of SciPy's.
"""

import importlib
from typing import Any

_MODULES = (
    "fft", "integrate", "interpolate", "linalg", "ndimage", "optimize", "signal", "sparse",
    "spatial", "special", "stats",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    """Return a submodule, imported when it is first asked for."""
    if name in _MODULES:
        return importlib.import_module(f"dualad.scipy.{name}")
    raise AttributeError(f"module 'dualad.scipy' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(_MODULES)
