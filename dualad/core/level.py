"""Levels: every transform takes a fresh number; among operands the highest handles the operation.

There is no stack of levels, so nothing is left wrong by an exception and threads never meet.
"""

from itertools import count
from typing import Never

from dualad.errors import EscapedError

new_level = count(1).__next__


class Trace:
    """One run of one transform: its level, while it is open.

    Closing deletes the slots, so the hot path needs no check of its own: the ordinary attribute
    look-up of an operation on an escaped value fails, and only then is ``__getattr__`` called.

    Attributes
    ----------
    level : int
        Rises from one transform to the next; level 0 belongs to dual numbers made by hand.
    """

    __slots__ = ("level",)

    def __init__(self, level: int | None = None) -> None:
        self.level = new_level() if level is None else level

    def close(self) -> None:
        """End the trace: a traced value that outlives it raises when it is used."""
        del self.level

    def __getattr__(self, name: str) -> Never:
        raise EscapedError() if not name.startswith("__") else AttributeError(name)
