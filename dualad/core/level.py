"""Levels: every transform takes a fresh number; among operands the highest handles the operation.

There is no stack of levels, so nothing is left wrong by an exception and threads never meet.
"""

from contextvars import ContextVar
from itertools import count
from typing import Never

from dualad.errors import DualadError, EscapedError

new_level = count(1).__next__


class Trace:
    """One run of one transform: its level, while it is open.

    Closing deletes the slots, so the hot path needs no check of its own: the ordinary attribute
    look-up of an operation on an escaped value fails, and only then is ``__getattr__`` called.

    Attributes
    ----------
    level : int
        Rises from one transform to the next; level 0 belongs to dual numbers made by hand.
    order : int
        How many orders of derivatives its values carry: one, unless they are series.
    """

    __slots__ = ("level",)

    order = 1

    def __init__(self, level: int | None = None) -> None:
        self.level = new_level() if level is None else level

    def close(self) -> None:
        """End the trace: a traced value that outlives it raises when it is used."""
        del self.level

    def __getattr__(self, name: str) -> Never:
        raise EscapedError() if not name.startswith("__") else AttributeError(name)


class following:  # noqa: N801  # a context manager, and quicker than a generator
    """Tell, within a ``with`` block, that a transform is evaluating a function.

    Attributes
    ----------
    refusal : DualadError or None
        The last error that was raised rather than lose a derivative. Code that catches all errors
        may go on with another value: so the transform looks here in the end.
    """

    __slots__ = ("refusal", "token")

    refusal: DualadError | None

    def __enter__(self) -> "following":
        self.refusal = None
        self.token = _following.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        _following.reset(self.token)


_following: ContextVar[following | None] = ContextVar("following", default=None)


def is_following() -> bool:
    """Return whether a transform is evaluating a function, in this thread or task."""
    return _following.get() is not None


def refusal(error: DualadError) -> DualadError:
    """Return an error that is about to be raised, after noting it."""
    current = _following.get()
    if current is not None:
        current.refusal = error
    return error
