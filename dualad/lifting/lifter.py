"""The lifter: from what code of a third party uses to what its copy uses instead.

Functions get globals that look names up in the third party's module, and lift what they find there,
when it is first used. So only what runs is copied, and there is no recursion to guard.

Objects are copied for each call, for their state is that of the original when the call begins.
Functions and classes in which there is none of it are copied once.
"""

import sys
from abc import ABCMeta
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from itertools import count
from operator import is_
from threading import RLock
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

import numpy as np

from dualad.core.row import TABLE
from dualad.core.tracer import Tracer
from dualad.lifting import values
from dualad.lifting.choices import (
    FOREIGN,
    KEPT,
    counterpart_of,
    is_copied,
    is_followed,
    is_lasting,
    is_own,
    slots,
)
from dualad.lifting.codes import builtin_names, rewritten, stores
from dualad.lifting.floats import Float, float_of
from dualad.lifting.names import Globals, ModuleView, Watch, content, original_names
from dualad.lifting.numbers import MODULES, ORIGINAL, original_of
from dualad.lifting.values import CACHE, CONTAINERS, MADE, PARTS, attribute
from dualad.numpy.gathering import DISPATCHER
from dualad.rules.likes import Held
from dualad.transforms.wrapped import Wrapped

ATOMS = frozenset({bool, int, float, complex, str, bytes, np.ndarray, type(None), np.float64})

_calls: ContextVar[dict[Any, dict[int, Any]] | None] = ContextVar("calls", default=None)
_stamps = count()


@contextmanager
def session() -> Iterator[None]:
    """Remember, within a ``with`` block, what each lifter has copied for the call."""
    if _calls.get() is not None:
        yield
        return
    known: dict[Any, dict[int, Any]] = {}
    token = _calls.set(known)
    try:
        yield
    finally:
        _calls.reset(token)
        for cell, value in known.get(CellType, {}).values():
            cell.cell_contents = value


class Lifter:
    """Copies of one third party's functions and classes, which stay, and of its objects.

    Attributes
    ----------
    copies : dict
        From the identity of an object to that object, its copy, and when it was begun.
    begun, depth : dict, int
        Copies that may yet turn out to be for one call only, and how many are being made.
    watch : Watch
        Whether the copies still are of what is there.
    lock : RLock
        For one thread at a time, as what is being copied is marked.
    globals : dict
        From the identity of a module's names to the names that copies see.
    builtins : dict
        The names that copies see of Python's.
    pending : dict
        From the identity of a class that is being copied to the cells that will hold the copy.
    """

    def __init__(self) -> None:
        self.copies: dict[int, tuple[Any, Any, int]] = {}
        self.begun: dict[int, tuple[Any, Any, int]] = {}
        self.depth = 0
        self.watch = Watch()
        self.lock = RLock()
        self.globals: dict[int, Globals] = {}
        self.builtins = builtin_names(self.import_module)
        self.pending: dict[int, list[CellType]] = {}

    def is_current(self) -> bool:
        """Return whether the copies are of what is there now: looked at once in a call."""
        known = _calls.get() or {}
        if self not in known and not self.watch.is_current():
            return False
        self.twins()
        return True

    def twins(self) -> dict[int, tuple[Any, Any]]:
        """Return the copies for this call only."""
        known = _calls.get()
        return {} if known is None else known.setdefault(self, {})

    def lifted(self, value: Any) -> Any:
        """Return what stands for `value` in copied code; itself, if there is nothing else."""
        cls = type(value)
        if cls in ATOMS:
            return value
        known = self.copies.get(id(value)) or self.twins().get(id(value))
        if known is not None:
            return known[1]
        with self.lock:
            return self.copied(value, next(_stamps))

    def copied(self, value: Any, stamp: int) -> Any:
        """Return what stands for `value`, and remember it; the lock is held."""
        known = self.known(value)
        if known is not None:
            return known[1]
        lift = LIFTS.get(type(value))
        if lift is None:
            lift = Lifter.class_ if isinstance(value, type) else Lifter.object_
        self.depth += 1
        try:
            found = lift(self, value)
            if is_lasting(value) and id(value) not in self.pending and self.known(value) is None:
                self.begun[id(value)] = value, found, stamp
        finally:
            self.depth -= 1
            if not self.depth:  # only now it is known what stays, and other threads may see it
                self.copies.update(self.begun)
                self.begun.clear()
        return found

    def known(self, value: Any) -> Any:
        """Return the entry of something that has been looked at, or None; the lock is held."""
        key = id(value)
        return self.copies.get(key) or self.begun.get(key) or self.twins().get(key)

    def lasts(self, value: Any) -> bool:
        """Return whether what stands for `value` serves in later calls, too."""
        key = id(value)
        if type(value) in ATOMS or key in self.copies:
            return True
        with self.lock:
            if key in self.begun or key in self.pending:
                return True
            if type(value) in PARTS:
                return all(map(self.lasts, PARTS[type(value)](value)))
            return self.lifted(value) is value

    def only_now(self, value: Any, twin: Any, stamp: int) -> None:
        """Keep a copy, and those made while it was, for this call only."""
        twins = self.twins()
        for key, entry in list(self.begun.items()):
            if entry[2] >= stamp:
                twins[key] = self.begun.pop(key)[:2]
        twins[id(value)] = value, twin

    def names(self, original: dict[str, Any]) -> Globals:
        """Return the names that copies of a module's functions see."""
        known = self.globals.get(id(original))
        if known is None:
            known = self.globals.setdefault(id(original), Globals(self, original))
            self.watch.names.append(known.names)
        return known

    def import_module(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Return what an import statement in copied code finds."""
        if args and isinstance(args[0], Globals):  # relative imports read it, beneath the lookup
            args = (args[0].original, *args[1:])
        return self.lifted(__import__(name, *args, **kwargs))

    def function(self, value: Any) -> Any:
        """Return a copy of a function."""
        found = counterpart_of(value)
        if found is not value:
            return found
        module = value.__globals__.get("__name__") or ""
        others = getattr(sys.modules.get(module), "__dict__", None) is not value.__globals__
        followed = is_followed(module) or others  # as an example that runs under a name of ours
        closure = value.__closure__ and tuple(map(self.cell, value.__closure__))
        if not followed and all(map(is_, closure or (), value.__closure__ or ())):
            return value
        code = rewritten(value.__code__, original_names(value)) if followed else value.__code__
        names = self.names(value.__globals__) if followed else value.__globals__
        twin = FunctionType(code, names, value.__name__, None, closure)
        stamp = next(_stamps)
        self.begun[id(value)] = value, twin, stamp
        twin.__defaults__ = self.lifted(value.__defaults__)
        options = value.__kwdefaults__ or {}
        twin.__kwdefaults__ = {name: self.lifted(x) for name, x in options.items()}
        twin.__dict__.update({name: self.lifted(x) for name, x in value.__dict__.items()})
        twin.__qualname__, twin.__doc__ = value.__qualname__, value.__doc__
        twin.__module__ = value.__module__
        twin.__annotations__ = value.__annotations__
        inside = [value.__defaults__, *options.values(), *value.__dict__.values()]
        inside += map(content, value.__closure__ or ())
        if stores(value.__code__):
            self.keep_content(closure)
        elif all(map(self.lasts, inside)):
            self.watch.function(value, twin)
            return twin
        self.only_now(value, twin, stamp)
        return twin

    def keep_content(self, closure: tuple[CellType, ...]) -> None:
        """Remember what cells hold, for the end of the call: the copy may store something else."""
        known = _calls.get()
        cells = {} if known is None else known.setdefault(CellType, {})
        for cell in closure:
            if content(cell) is not cell:
                cells.setdefault(id(cell), (cell, content(cell)))

    def dispatcher(self, value: Any) -> Any:
        """Return what stands for a function that dispatches: a copy of it, if it has no row."""
        found = counterpart_of(value)
        inside = getattr(value, "_implementation", None)
        if found is value and value not in TABLE and isinstance(inside, FunctionType):
            return self.function(inside)
        return found

    def cell(self, cell: CellType) -> CellType:
        """Return a cell of a closure; the same, unless its content is lifted."""
        value = content(cell)
        empty = value is cell
        if empty:
            return cell
        if id(value) in self.pending:
            self.pending[id(value)].append(CellType())
            return self.pending[id(value)][-1]
        known = self.known(cell)
        if known is not None:
            return known[1]  # type: ignore[no-any-return]
        stamp = next(_stamps)
        twin: CellType = CellType()
        self.begun[id(cell)] = cell, twin, stamp  # a function may hold itself
        twin.cell_contents = self.lifted(value)
        if twin.cell_contents is value:
            twin = cell
        if self.lasts(value):
            self.watch.cells.append((cell, value))
            self.begun[id(cell)] = cell, twin, stamp
        else:
            self.only_now(cell, twin, stamp)
        return twin

    def module(self, value: Any) -> Any:
        """Return a module whose attributes are lifted."""
        if value in MODULES or value.__name__.partition(".")[0] not in KEPT:
            view = ModuleView(self, value)
            self.watch.names.append(view._names)
            return view
        return value

    def class_(self, value: Any) -> Any:
        """Return a copy of a class, with copies of its methods and bases."""
        found = counterpart_of(value)
        if found is not value or not is_copied(value) or id(value) in self.pending:
            return found
        cells = self.pending[id(value)] = []
        stamp, names = next(_stamps), {}
        try:
            bases = tuple([Float if b is float else self.lifted(b) for b in value.__bases__])
            names = {k: attribute(self, v) for k, v in vars(value).items() if is_own(k, v)}
            values.adapt(names, issubclass(value, float))
            maker = ABCMeta if isinstance(value, ABCMeta) else type  # metaclasses may keep a list
            names[ORIGINAL] = value
            if type(value) is type:
                names.setdefault("__subclasses__", classmethod(self.subclasses))
            twin = maker.__new__(type(value), value.__name__, bases, names)
        except Exception:  # a class that cannot be made again stays as it is
            twin = value
        finally:
            del self.pending[id(value)]
        for cell in cells:
            cell.cell_contents = twin
        self.begun[id(value)] = value, twin, stamp
        parts = [part for name, part in vars(value).items() if names.get(name) is not part]
        if all(map(self.lasts, (*value.__bases__, *parts))):
            self.watch.namespace(vars(value))
            self.watch.namespace(vars(twin))
        else:
            self.only_now(value, twin, stamp)
        return twin

    def subclasses(self, twin: type) -> list[type]:
        """Return copies of the subclasses of a class of which `twin` is a copy."""
        return [self.lifted(cls) for cls in type.__subclasses__(original_of(twin))]

    def object_(self, value: Any) -> Any:
        """Return a copy of an object with copied methods; other objects as they are."""
        if isinstance(value, Tracer):
            return value
        if isinstance(value, Wrapped):
            return values.wrapped(self, value)
        cls = type(value)
        by_identity: Any = object.__hash__
        if cls.__hash__ is by_identity and callable(value):  # of another language, perhaps
            found = counterpart_of(value)
            if found is not value:
                return found
        if cls.__name__ in FOREIGN:
            return self.compiled(value)
        inside = value.__wrapped__ if cls is CACHE else getattr(value, "py_func", None)
        if isinstance(inside, FunctionType):  # of a cache, or of a compiler
            return self.lifted(inside)
        if isinstance(getattr(value, "ufunc", None), np.ufunc):
            return values.elementwise(self, value)
        twin_class = self.lifted(cls)
        if twin_class is cls:
            return value
        if hasattr(twin_class, "standing_for"):  # its state is not all in attributes
            return twin_class.standing_for(value)
        try:
            shown = isinstance(value, np.ndarray)
            twin = value.copy().view(twin_class) if shown else object.__new__(twin_class)
            if isinstance(twin, Held):
                twin.__held__ = float_of(value)
        except TypeError:  # it is made in another way
            if not isinstance(value, MADE):
                return value
            twin = values.subclassed(self, value, twin_class)
        self.twins()[id(value)] = value, twin
        for name in [name for part in cls.__mro__ for name in slots(part)]:
            if hasattr(value, name):
                object.__setattr__(twin, name, self.lifted(getattr(value, name)))
        for name, part in list(getattr(value, "__dict__", {}).items()):
            twin.__dict__[name] = self.lifted(part)
        return twin

    def compiled(self, value: Any) -> Any:
        """Return a function of another language; third parties' get plain arrays for blank ones."""
        owner = getattr(value, "__self__", None)
        if type(owner) in CONTAINERS:  # the method of one
            return getattr(self.lifted(owner), value.__name__)
        found = counterpart_of(value)
        module = getattr(value, "__module__", None) or ""
        homeless = not module and type(value) is BuiltinFunctionType  # a method, perhaps
        if found is not value or module.partition(".")[0] in {*KEPT, "numpy"} or homeless:
            return found
        return values.followed(value)


LIFTS: dict[Any, Callable[[Lifter, Any], Any]] = {
    FunctionType: Lifter.function,
    MethodType: values.method,
    ModuleType: Lifter.module,
    BuiltinFunctionType: Lifter.compiled,
    DISPATCHER: Lifter.dispatcher,
    partial: values.partial_,
    np.vectorize: values.vectorized,
    tuple: values.tuple_,
    SimpleNamespace: values.namespace,
    **dict.fromkeys(CONTAINERS, values.container),
}
