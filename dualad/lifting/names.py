"""Where copied code looks names up, and whether what stood there when it was copied still does."""

from collections.abc import Iterator, Mapping
from operator import is_
from types import CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

from dualad.lifting.codes import CALLED
from dualad.lifting.numbers import MODULES, numpy_type_of
from dualad.numpy.gathering import called

# SciPy's choice of an array library goes by NumPy's types.
ARRAY_API = ("scipy._lib", "scipy._external")


_NAMES_OF = vars(ModuleType)["__dict__"].__get__  # of a module itself, not of a view of it


class Names:
    """Names that were looked up for good, and what was found for them."""

    def __init__(self, lifter: Any, original: dict[str, Any], copied: dict[str, Any]) -> None:
        self.lifter = lifter
        self.original = original
        self.copied = copied
        self.sources: dict[str, Any] = {}
        self.found = list(dict.values(copied))

    def look_up(self, name: str, value: Any, replaced: Any = None) -> Any:
        """Return what stands for `value`; keep it, if it serves in later calls, too."""
        found = self.lifter.lifted(value) if replaced is None else replaced
        if replaced is not None or self.lifter.lasts(value):
            if self.original.get(name) is value:  # some modules make it up
                self.sources[name] = value
            self.copied[name] = found
            self.found.append(found)
        return found

    def look_up_called(self, name: str) -> Any:
        """Return what stands for a ufunc that is called at once."""
        ufunc = self.sources[name[:-2]] = self.original[name[:-2]]
        self.copied[name] = called(ufunc)
        self.found.append(self.copied[name])
        return self.copied[name]

    def is_current(self) -> bool:
        """Return whether nobody has bound a name anew, here or there."""
        return is_same(self.copied, self.found) and all(
            map(is_, map(self.original.get, list(self.sources)), list(self.sources.values()))
        )


def is_same(names: Mapping[str, Any], values: list[Any] | tuple[Any, ...]) -> bool:
    """Return whether names still have these values."""
    found = list(dict.values(names) if isinstance(names, dict) else names.values())
    return len(found) == len(values) and all(map(is_, found, values))


class Globals(dict[str, Any]):
    """The names that copied functions see: those of their module, lifted.

    What does not serve in later calls is looked up anew each time. To code that asks, as by
    ``globals().get(name)``, all names are there, although most have not been looked up.
    """

    def __init__(self, lifter: Any, original: dict[str, Any]) -> None:
        super().__init__(__builtins__=lifter.builtins)
        if str(original.get("__name__")).startswith(ARRAY_API):
            self[CALLED["type"]] = numpy_type_of
        self.original = original
        self.names = Names(lifter, original, self)

    def __missing__(self, name: str) -> Any:
        if name[-2:] == "()" and type(self.original.get(name[:-2])) is np.ufunc:
            return self.names.look_up_called(name)
        value = self.original[name]
        special = name[:2] == name[-2:] == "__"  # the import system's
        return value if special else self.names.look_up(name, value)

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or name in self.original

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.original, *dict.keys(self)]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    get, keys = Mapping.get, Mapping.keys  # type: ignore[assignment]
    items, values = Mapping.items, Mapping.values  # type: ignore[assignment]


def original_names(function: FunctionType) -> dict[str, Any]:
    """Return the names of a function's module, of a copy's those of the original."""
    names = function.__globals__
    while isinstance(names, Globals):
        names = names.original
    return names


class ModuleView(ModuleType):
    """A module whose attributes are lifted."""

    def __init__(self, lifter: Any, original: ModuleType) -> None:
        super().__init__(original.__name__, original.__doc__)
        own, names = _NAMES_OF(self), Names(lifter, vars(original), {})
        own.update(_original=original, _names=names)
        names.copied, names.found = own, list(own.values())

    def __getattr__(self, name: str) -> Any:
        if name[-2:] == "()":  # of NumPy's
            return self._names.look_up_called(name)
        value = getattr(self._original, name)
        return self._names.look_up(name, value, MODULES.get(self._original, {}).get(name))

    def __dir__(self) -> list[str]:
        return dir(self._original)

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        """The names of the module, which `vars` returns."""
        return self._names.lifter.names(vars(self._original))


class Watch:
    """What functions and classes were when they were copied."""

    def __init__(self) -> None:
        self.names: list[Names] = []
        self.namespaces: list[tuple[Mapping[str, Any], tuple[Any, ...]]] = []
        self.functions: list[tuple[FunctionType, Any, Any]] = []
        self.cells: list[tuple[CellType, Any]] = []

    def namespace(self, names: Mapping[str, Any]) -> None:
        """Watch the names of a class, or those that a function carries."""
        self.namespaces.append((names, tuple(names.values())))

    def function(self, original: FunctionType, copied: FunctionType) -> None:
        """Watch a function and its copy."""
        self.functions.append((original, original.__defaults__, original.__kwdefaults__))
        if original.__kwdefaults__:
            self.namespace(original.__kwdefaults__)
        self.namespace(original.__dict__)
        self.namespace(copied.__dict__)

    def is_current(self) -> bool:
        """Return whether all is as it was."""
        return (
            all(f.__defaults__ is d and f.__kwdefaults__ is k for f, d, k in self.functions)
            and all(content(cell) is value for cell, value in self.cells)
            and all(is_same(names, values) for names, values in self.namespaces)
            and all(names.is_current() for names in self.names)
        )


def content(cell: CellType) -> Any:
    """Return what a cell of a closure holds, or the cell itself."""
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return cell
