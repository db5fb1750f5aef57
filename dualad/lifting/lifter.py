"""The lifter: from what code of a third party uses to what its copy uses instead.

Functions get globals that look names up in the third party's module, and lift what they find there,
when it is first used. So only what runs is copied, and there is no recursion to guard.
"""

import copy
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, lru_cache, partial
from operator import is_
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from dualad.core.blank import unfollowed
from dualad.core.row import TABLE
from dualad.core.tracer import Tracer
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
from dualad.lifting.codes import CALLED, builtin_names, rewritten
from dualad.lifting.numbers import MODULES, ORIGINAL, numpy_type_of, original_of
from dualad.numpy import vectorize
from dualad.numpy.gathering import DISPATCHER
from dualad.transforms.wrapped import Wrapped

# SciPy's choice of an array library goes by NumPy's types.
ARRAY_API = ("scipy._lib", "scipy._external")
MOST_ITEMS = 1_000  # of a container that is looked through
ATOMS = frozenset({bool, int, float, complex, str, bytes, np.ndarray, type(None), np.float64})
CACHE = type(lru_cache(is_))
CONTAINERS = (list, dict, set, OrderedDict, defaultdict, deque)

_instances: ContextVar[dict[Any, Any] | None] = ContextVar("instances", default=None)


class Lifter:
    """Copies of one third party's functions and classes, which stay, and of its objects.

    Attributes
    ----------
    copies : dict
        From the identity of an object to that object and its copy.
    globals : dict
        From the identity of a module's names to the names that copies see.
    builtins : dict
        The names that copies see of Python's.
    pending : dict
        From the identity of a class that is being copied to the cells that will hold the copy.
    """

    def __init__(self) -> None:
        self.copies: dict[int, tuple[Any, Any]] = {}
        self.globals: dict[int, Globals] = {}
        self.builtins = builtin_names(self.import_module)
        self.pending: dict[int, list[CellType]] = {}

    @contextmanager
    def session(self) -> Iterator[None]:
        """Remember, within a ``with`` block, which objects have been copied."""
        if _instances.get() is not None:
            yield
            return
        token = _instances.set({})
        try:
            yield
        finally:
            _instances.reset(token)

    def lifted(self, value: Any) -> Any:
        """Return what stands for `value` in copied code; itself, if there is nothing else."""
        cls = type(value)
        if cls in ATOMS:
            return value
        known = self.copies.get(id(value))
        if known is not None:
            return known[1]
        lift = LIFTS.get(cls)
        if lift is None:
            lift = Lifter.class_ if isinstance(value, type) else Lifter.object_
        found = lift(self, value)
        if is_lasting(value) and id(value) not in self.pending:
            found = self.copies.setdefault(id(value), (value, found))[1]
        return found

    def names(self, original: dict[str, Any]) -> "Globals":
        """Return the names that copies of a module's functions see."""
        known = self.globals.get(id(original))
        if known is None:
            known = self.globals.setdefault(id(original), Globals(self, original))
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
        code = rewritten(value.__code__) if followed else value.__code__
        names = self.names(value.__globals__) if followed else value.__globals__
        twin = FunctionType(code, names, value.__name__, None, closure)
        self.copies[id(value)] = value, twin
        twin.__defaults__ = self.lifted(value.__defaults__)
        twin.__kwdefaults__ = self.lifted(value.__kwdefaults__)
        twin.__dict__.update(value.__dict__)
        twin.__qualname__, twin.__doc__ = value.__qualname__, value.__doc__
        twin.__module__ = value.__module__
        return twin

    def dispatcher(self, value: Any) -> Any:
        """Return what stands for a function that dispatches: a copy of it, if it has no row."""
        found = counterpart_of(value)
        inside = getattr(value, "_implementation", None)
        if found is value and value not in TABLE and isinstance(inside, FunctionType):
            return self.function(inside)
        return found

    def cell(self, cell: CellType) -> CellType:
        """Return a cell of a closure; the same, unless its content is lifted."""
        try:
            content = cell.cell_contents
        except ValueError:  # it is empty so far
            return cell
        if id(content) in self.pending:
            twin = CellType()
            self.pending[id(content)].append(twin)
            return twin
        known = self.copies.get(id(cell))
        if known is not None:
            return known[1]  # type: ignore[no-any-return]
        if isinstance(content, FunctionType):  # it may hold itself
            twin = CellType()
            self.copies[id(cell)] = cell, twin
            twin.cell_contents = self.lifted(content)
            if twin.cell_contents is content:
                self.copies[id(cell)] = cell, cell
            return self.copies[id(cell)][1]  # type: ignore[no-any-return]
        found = self.lifted(content)
        return cell if found is content else CellType(found)

    def module(self, value: Any) -> Any:
        """Return a module whose attributes are lifted."""
        if value in MODULES or value.__name__.partition(".")[0] not in KEPT:
            return ModuleView(self, value)
        return value

    def class_(self, value: Any) -> Any:
        """Return a copy of a class, with copies of its methods and bases."""
        found = counterpart_of(value)
        if found is not value or not is_copied(value) or id(value) in self.pending:
            return found
        cells = self.pending[id(value)] = []
        try:
            bases = tuple([self.lifted(base) for base in value.__bases__])
            names = {k: self.attribute(v) for k, v in vars(value).items() if is_own(k, v)}
            twin = type(value)(value.__name__, bases, names | {ORIGINAL: value})
        except Exception:  # a class that cannot be made again stays as it is
            twin = value
        finally:
            del self.pending[id(value)]
        for cell in cells:
            cell.cell_contents = twin
        return twin

    def attribute(self, value: Any) -> Any:
        """Return an attribute of a class, lifted."""
        if isinstance(value, (staticmethod, classmethod)):
            return type(value)(self.lifted(value.__func__))
        if type(value) is property:
            get, set_, delete = (
                part and self.lifted(part) for part in (value.fget, value.fset, value.fdel)
            )
            return property(get, set_, delete, value.__doc__)
        if isinstance(value, cached_property):
            return cached_property(self.lifted(value.func))
        return self.lifted(value)

    def object_(self, value: Any) -> Any:
        """Return a copy of an object with copied methods; other objects as they are."""
        if isinstance(value, Tracer):
            return value
        if isinstance(value, Wrapped):
            return self.wrapped(value)
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
        twin_class = self.lifted(cls)
        if twin_class is cls:
            return value
        known = _instances.get()
        known = {} if known is None else known
        if (id(self), id(value)) in known:
            return known[id(self), id(value)][1]
        try:
            twin = object.__new__(twin_class)
        except TypeError:  # it is made in another way, as a dict's subclass
            return value
        known[id(self), id(value)] = value, twin
        for name in [name for part in cls.__mro__ for name in slots(part)]:
            if hasattr(value, name):
                object.__setattr__(twin, name, self.lifted(getattr(value, name)))
        for name, part in list(getattr(value, "__dict__", {}).items()):
            twin.__dict__[name] = self.lifted(part)
        return twin

    def wrapped(self, value: Wrapped) -> Wrapped:
        """Return a function that a transform made, of a copy of the one inside."""
        if value.transform == "lift":
            return value
        twin = copy.copy(value)
        twin.fn = self.lifted(value.fn)
        return twin

    def method(self, value: Any) -> Any:
        """Return a copy of a bound method."""
        owner = self.lifted(value.__self__)
        return MethodType(self.lifted(value.__func__), owner)

    def partial_(self, value: Any) -> Any:
        """Return a partial function of copies."""
        args, named = self.lifted(value.args), self.lifted(value.keywords)
        return partial(self.lifted(value.func), *args, **named)

    def vectorized(self, value: Any) -> Any:
        """Return a vectorized function of a copy."""
        twin = vectorize.__new__(vectorize)
        kept: Any = {} if isinstance(getattr(value, "_ufunc", None), dict) else None
        vars(twin).update(vars(value), pyfunc=self.lifted(value.pyfunc), _ufunc=kept)
        return twin

    def argument(self, value: Any) -> Any:
        """Return an argument, lifted; a list that the function is to fill stays the same."""
        if type(value) not in (list, tuple, dict) or len(value) > MOST_ITEMS:
            return self.lifted(value)
        items = list(value.values()) if isinstance(value, dict) else value
        found = [self.lifted(item) for item in items]
        if all(a is b for a, b in zip(items, found, strict=True)):
            return value
        if isinstance(value, dict):
            return dict(zip(value, found, strict=True))
        return type(value)(found)

    def tuple_(self, value: Any) -> Any:
        """Return a tuple of copies; the same, if nothing in it is copied."""
        found = tuple([self.lifted(item) for item in value])
        return value if all(map(is_, value, found)) else found

    def container(self, value: Any) -> Any:
        """Return a copy of a list, dict or set, for the call: what is stored in it is gone then."""
        known = _instances.get()
        known = {} if known is None else known
        if (id(self), id(value)) in known:
            return known[id(self), id(value)][1]
        twin = copy.copy(value)
        known[id(self), id(value)] = value, twin
        if len(value) > MOST_ITEMS:
            return twin
        if isinstance(value, dict):
            twin.update([(key, self.lifted(item)) for key, item in value.items()])
        elif isinstance(value, list):
            twin[:] = [self.lifted(item) for item in value]
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

        def call(*args: Any, **kwargs: Any) -> Any:
            args = tuple([unfollowed(x) for x in args])
            return value(*args, **{name: unfollowed(x) for name, x in kwargs.items()})

        return call

    def restored(self, out: Any) -> Any:
        """Return an output of a copy as one of the original: objects are of their own classes."""
        if type(out) in (list, tuple, dict):
            for item in out.values() if isinstance(out, dict) else out:
                self.restored(item)
        original = original_of(type(out))
        if original is not type(out):
            out.__class__ = original
        return out


class Globals(dict[str, Any]):
    """The names that copied functions see: those of their module, lifted.

    What is no function, class or module is looked up anew each time: a module may change it.
    """

    def __init__(self, lifter: Lifter, original: dict[str, Any]) -> None:
        super().__init__(__builtins__=lifter.builtins)
        self.lifter = lifter
        self.original = original
        if str(original.get("__name__")).startswith(ARRAY_API):
            self[CALLED["type"]] = numpy_type_of

    def __missing__(self, name: str) -> Any:
        value = self.original[name]
        found = self.lifter.lifted(value)
        if is_lasting(value):
            self[name] = found
        return found


class ModuleView(ModuleType):
    """A module whose attributes are lifted."""

    def __init__(self, lifter: Lifter, original: ModuleType) -> None:
        super().__init__(original.__name__, original.__doc__)
        self.__dict__.update(_lifter=lifter, _original=original)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._original, name)
        replaced = MODULES.get(self._original, {})
        found = replaced[name] if name in replaced else self._lifter.lifted(value)
        if is_lasting(value):
            self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return dir(self._original)


LIFTS: dict[Any, Callable[[Lifter, Any], Any]] = {
    FunctionType: Lifter.function,
    MethodType: Lifter.method,
    ModuleType: Lifter.module,
    BuiltinFunctionType: Lifter.compiled,
    DISPATCHER: Lifter.dispatcher,
    partial: Lifter.partial_,
    np.vectorize: Lifter.vectorized,
    tuple: Lifter.tuple_,
    **dict.fromkeys(CONTAINERS, Lifter.container),
}
