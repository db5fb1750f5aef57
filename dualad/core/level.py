"""Levels: every transform takes a fresh number; among operands the highest handles the operation.

There is no stack of levels, so nothing is left wrong by an exception and threads never meet.
"""

from contextvars import ContextVar
from itertools import count
from typing import Any, Never

from dualad.errors import DualadError, EscapedError, TracedToFloatError

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
    keys : dict or None
        From plain numbers to the traced ones of that value which are keys of dicts; None if no
        traced number may be one.
    """

    __slots__ = ("keys", "refusal", "token")

    refusal: DualadError | None
    keys: dict[object, object] | None

    def __enter__(self) -> "following":
        outer = _following.get()
        self.refusal, self.keys = None, None if outer is None else outer.keys
        self.token = _following.set(self)
        return self

    def __exit__(self, *error: object) -> None:
        _following.reset(self.token)


_following: ContextVar[following | None] = ContextVar("following", default=None)


def is_following() -> bool:
    """Return whether a transform is evaluating a function, in this thread or task."""
    return _following.get() is not None


def is_lifted() -> bool:
    """Return whether lifted code runs, in which `dualad.lifting` says what is looked up."""
    return keys() is not None


def keys() -> Any:
    """Return, in lifted code, the plain numbers of keys of dicts, and what is traced of each.

    A traced number may be a key there, since those dicts are gone after the call. Another number of
    the same value may not: it would get what belongs to the first, with its derivative.
    """
    return getattr(_following.get(), "keys", None)


def refusal(error: DualadError) -> DualadError:
    """Return an error that is about to be raised, after noting it."""
    current = _following.get()
    if current is not None:
        current.refusal = error
    return error


class Text(str):
    """What a traced number is written as: read as a number again, it would lose the derivative."""

    __slots__ = ()

    def __float__(self) -> Never:
        raise refusal(TracedToFloatError("float", ()))
