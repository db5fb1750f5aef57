"""Names for the types that the public functions take and return."""

from collections.abc import Callable
from typing import Any, Literal

ArrayLike = Any
"""A number, an array, or a traced value."""

Tree = Any
"""Nested tuples, lists, dicts, namedtuples and dataclasses of leaves; None has no leaf."""

Mode = Literal["auto", "forward", "reverse"]
"""Which way derivatives flow; "auto" chooses from the sizes of inputs and outputs."""

JacobianMode = Literal["auto", "forward", "reverse", "mixed"]
"""Likewise for a whole Jacobian; "mixed" goes from where the function is narrow, both ways."""

Rule = Callable[..., Any]
"""A derivative rule of a row; see `dualad.extend`."""

Argnums = int | tuple[int, ...] | None
"""Positions of the arguments to differentiate."""
