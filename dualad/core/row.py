"""A row of the table: all that is known about the derivative of one function."""

import dis
import importlib
import inspect
import math
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Never

from dualad.errors import DuplicateRowError

Share = Callable[..., Any]


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """What every mode reads about one function.

    Rows are made by the constructors of `dualad.rules.kinds`; the engine reads these fields and
    never asks which function it deals with.

    Attributes
    ----------
    function : callable
        The function itself; called with plain arrays, or with traced values of a lower level.
    kind : str
        The constructor's name.
    push : callable
        ``push(pairs, y, args, kwargs, times)``: the tangent of the output `y`, given pairs of an
        operand's position and its tangent. Directions lead in the tangents and in the result.
    pull : callable
        ``pull(positions, ct, y, args, kwargs, times)``: for each of the operands at `positions`,
        its share of the output's cotangent `ct`. None for elementwise rows: see `partials`.
    arity : int or None
        How many leading arguments are operands; None if they come in a list, the first argument.
    rules : tuple
        For each operand, the rules whose parameters tell what a record must keep: those that
        their code reads. None stands for an operand without a derivative.
    skip : int
        How many parameters of a rule come before the output `y`.
    broadcasts : bool
        Whether operands broadcast against the output, element by element.
    fits : bool
        Whether a pulled share has the shape and the realness of its operand; if not, the record
        sums it over the axes along which the operand was broadcast, and makes it real.
    spares : bool
        Whether a share depends neither on its own operand nor on the output but for their shapes,
        as that of a multilinear function, so that these need not be kept for it.
    partials : tuple
        The local partials of an elementwise row, for traced scalars; empty for other kinds.
    body : callable or None
        Of a composite or constant row: called in place of the function, and traced through.
    add_into : callable or None
        ``add_into(buffer, ct, args)`` adds a pulled share into `buffer` in place.
    method : callable or None
        A method of arrays that does what the function does, and does not dispatch before.
    plans : dict
        Memo of `plan`.
    """

    function: Callable[..., Any]
    kind: str
    push: Share | None = None
    pull: Share | None = None
    arity: int | None = 1
    rules: tuple[tuple[Any, ...] | None, ...] = ((),)
    skip: int = 1
    broadcasts: bool = False
    fits: bool = False
    spares: bool = False
    partials: tuple[Any, ...] = ()
    body: Callable[..., Any] | None = None
    add_into: Share | None = None
    method: Callable[..., Any] | None = None
    plans: dict[int, tuple[bool, tuple[bool, ...]]] = field(default_factory=dict)

    def __reduce__(self) -> Any:
        """Pickle by the function, whose row another process has declared as well."""
        return declared, (self.function,)

    @property
    def name(self) -> str:
        """The function's name, with its module, as a user writes it."""
        return name_of(self.function)

    def operands(self, args: tuple[Any, ...]) -> Sequence[Any]:
        """Return the operands among the arguments of a call."""
        return args[0] if self.arity is None else args[: self.arity]

    def with_operands(self, args: tuple[Any, ...], operands: Sequence[Any]) -> tuple[Any, ...]:
        """Return the arguments with other operands."""
        if self.arity is None:
            return (list(operands), *args[1:])
        return (*operands, *args[self.arity :])

    def differentiable(self, i: int) -> bool:
        """Return whether operand ``i`` has a derivative at all."""
        return self.arity is None or self.rules[i] is not None

    def plan(self, mask: int) -> tuple[bool, tuple[bool, ...]]:
        """Return whether the output, and which operands, the rules for some operands read.

        Bit ``i`` of `mask` tells whether operand ``i`` is among them. Of a row whose operands come
        in a list none is read.
        """
        found = self.plans.get(mask)
        if found is None:
            read: set[int] = set()
            for i, rules in enumerate(self.rules):
                if mask >> i & 1:
                    spared = {-1, i} if self.spares else set()
                    for rule in rules or ():
                        read |= positions_read(rule, self.skip) - spared
            kept = tuple(i in read for i in range(self.arity or 0))
            found = self.plans[mask] = (-1 in read, kept)
        return found


MOST_OPERANDS = 64  # of one call, in NumPy


def positions_read(rule: Any, skip: int) -> set[int]:
    """Return which of its operands (0, 1, ...), and whether the output (-1), a rule's code reads.

    The rule's own code is the declaration: a parameter that no instruction names is not read.
    """
    code = getattr(rule, "__code__", None)
    if code is None or code.co_flags & inspect.CO_VARARGS:
        return set(range(-1, MOST_OPERANDS))
    named: set[Any] = set()
    for instruction in dis.get_instructions(code):
        value = instruction.argval
        named.update(value if isinstance(value, tuple) else [value])
    parameters = code.co_varnames[skip : code.co_argcount]
    return {i - 1 for i, name in enumerate(parameters) if name in named}


TABLE: dict[Any, Row] = {}


def declared(function: Any) -> Row:
    """Return the row of a function."""
    return row_of(function) or TABLE[function]


def row_of(function: Any) -> Row | None:
    """Return the row of a function, if there is one: after a miss, also among late ones."""
    row = TABLE.get(function)
    if row is None:
        declare_late()
        row = TABLE.get(function)
    return row


LATE: dict[str, str] = {}  # from a module to that of its rows: declared once the first is imported
_late = threading.RLock()


def declare_late() -> None:
    """Declare the rows of those modules that were imported meanwhile.

    The lock makes other threads wait until the rows are all there.
    """
    with _late:
        for name in [name for name in LATE if name in sys.modules]:
            module = LATE.pop(name, None)  # None if a declaration within this loop came first
            if module is not None:
                declare(*importlib.import_module(module).ROWS)


def declare(*rows: Row) -> None:
    """Add rows to the table; declaring a function twice raises `DuplicateRowError`."""
    declare_late()
    for row in rows:
        if row.function in TABLE:
            raise DuplicateRowError(row.name)
        TABLE[row.function] = row


def name_of(function: Any) -> str:
    """Return the name by which a user calls `function`, such as ``numpy.linalg.inv``."""
    name = getattr(function, "__name__", None) or repr(function)
    owner = getattr(function, "__self__", None)
    if owner is not None and hasattr(owner, "nin"):  # a ufunc's method
        return f"{name_of(owner)}.{name}"
    if hasattr(function, "nin"):  # a ufunc does not know where it lives
        homes = [module for module in _HOMES if module in sys.modules]
        found = [m for m in homes if getattr(sys.modules[m], name, None) is function]
        return f"{found[0]}.{name}" if found else name
    module = getattr(function, "__module__", None) or "numpy"
    return f"{module}.{name}"


_HOMES = ("numpy", "scipy.special")


class Spec:
    """The shape and dtype of an array that a record need not keep."""

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self.shape = shape
        self.dtype = dtype

    def __array__(self, *args: Any, **kwargs: Any) -> Never:
        raise TypeError("a rule read elements, or np.shape, of a value that is not kept: a rule "
                        "keeps what its own code names, and reads x.shape of the rest")  # fmt: skip

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)
