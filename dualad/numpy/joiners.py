"""``np.r_`` and ``np.c_`` of traced values."""

from typing import Any

import numpy as np

from dualad.rules.likes import array, has_traced


class Joiner:
    """What NumPy's joiner of the same name does, for traced values, too.

    Parameters
    ----------
    plain : object
        NumPy's joiner.
    columns : bool
        Whether arrays of one axis count as columns.
    """

    def __init__(self, plain: Any, columns: bool) -> None:
        self.plain = plain
        self.columns = columns

    def __getitem__(self, key: Any) -> Any:
        parts = list(key) if isinstance(key, tuple) else [key]
        if not has_traced(parts) or any(isinstance(part, str) for part in parts):
            return self.plain[key]
        return np.concatenate([self._part(part) for part in parts], -1 if self.columns else 0)

    def __len__(self) -> int:
        return 0

    def _part(self, part: Any) -> Any:
        """Return one of the parts as an array."""
        if isinstance(part, slice):
            part = np.r_[part]
        x = array(part, copy=None, ndmin=1)
        return np.reshape(x, (-1, 1)) if self.columns and x.ndim == 1 else x


r_ = Joiner(np.r_, columns=False)
c_ = Joiner(np.c_, columns=True)
