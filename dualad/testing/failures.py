"""What a check raises: a wrong derivative, a reference that cannot tell, a function unfit to check.

All three are also what a test runner expects: the first two are AssertionErrors.
"""

from typing import Self

from dualad.errors import DualadError

Details = tuple[tuple[str, str], ...]


class WrongDerivativeError(DualadError, AssertionError):
    """A derivative differs from its reference by more than their errors explain.

    Parameters
    ----------
    what : str
        Which derivative it is, and of what.
    details : tuple of (str, str)
        Labels and texts: argument, element, both values, bound, direction, a line to reproduce.

    Examples
    --------
    >>> print(WrongDerivativeError("the JVP of f", (("found", "2.0"), ("reference", "3.0"))))
    the JVP of f is wrong:
      found      2.0
      reference  3.0
    """

    def __init__(self, what: str, details: Details) -> None:
        super().__init__(what, details)

    def __str__(self) -> str:
        what, details = self.args
        return f"{what} is wrong:\n{_lines(details)}"

    def with_details(self, more: Details) -> Self:
        """Return the exception with further details."""
        what, details = self.args
        return type(self)(what, (*details, *more))


class InconclusiveError(DualadError, AssertionError):
    """The reference of a derivative is too uncertain to tell whether the derivative is right.

    Parameters
    ----------
    what : str
        Which derivative it is, and of what.
    reason : str
        Why the reference is uncertain: a kink, an edge, a jump, noise.
    details : tuple of (str, str)
        Labels and texts.

    Examples
    --------
    >>> print(InconclusiveError("the JVP of abs", "a kink is there", ()))
    the JVP of abs cannot be told right from wrong: a kink is there. Check it elsewhere, or pass ...
    """

    def __init__(self, what: str, reason: str, details: Details) -> None:
        super().__init__(what, reason, details)

    def __str__(self) -> str:
        what, reason, details = self.args
        advice = 'Check it elsewhere, or pass inconclusive="warn".'
        told = f"{what} cannot be told right from wrong: {reason}. {advice}"
        return f"{told}\n{_lines(details)}" if details else told

    def with_details(self, more: Details) -> Self:
        """Return the exception with further details."""
        what, reason, details = self.args
        return type(self)(what, reason, (*details, *more))


class BadInputError(DualadError, ValueError):
    """A function, or where it is to be checked, is such that no check has a meaning.

    Parameters
    ----------
    function : str
        Its name.
    fault : str
        What it does.
    instead : str
        What to do about it.

    Examples
    --------
    >>> print(BadInputError("f", "returns nan", "Check it elsewhere"))
    f cannot be checked here: it returns nan. Check it elsewhere.
    """

    def __init__(self, function: str, fault: str, instead: str) -> None:
        super().__init__(function, fault, instead)

    def __str__(self) -> str:
        function, fault, instead = self.args
        return f"{function} cannot be checked here: it {fault}. {instead}."


class InconclusiveWarning(UserWarning):
    """Of a check that cannot tell, where the caller asked to be warned only.

    Parameters
    ----------
    message : str
        That of the `InconclusiveError` which it stands for.

    Examples
    --------
    >>> issubclass(InconclusiveWarning, UserWarning)
    True
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)


def _lines(details: Details) -> str:
    """Return details one a line, aligned."""
    width = max((len(label) for label, _ in details), default=0)
    indent = "\n" + " " * (width + 4)
    return "\n".join(
        f"  {label:<{width}}  {text.replace(chr(10), indent)}" for label, text in details
    )
