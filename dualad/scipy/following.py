"""The names of a module of SciPy's: dualad's functions, and what SciPy writes in Python, lifted."""

from collections.abc import Iterable
from inspect import unwrap
from types import FunctionType, ModuleType
from typing import Any

from dualad.core.row import Row
from dualad.lifting import lift


def again(function: Any) -> Any:
    """Return a lifted copy of a function for which something stands."""
    plain: Any = unwrap(function)
    names, closure = plain.__globals__, plain.__closure__
    twin = FunctionType(plain.__code__, names, plain.__name__, plain.__defaults__, closure)
    twin.__kwdefaults__ = plain.__kwdefaults__
    return lift(twin)


class Names(dict[str, Any]):
    """What stands for the names of a module, each made when it is first asked for."""

    def __init__(self, module: ModuleType, rows: Iterable[Row]) -> None:
        super().__init__()
        self.module = module
        for row in rows:
            name = row.function.__name__
            if callable(getattr(module, name, None)):
                self[name] = row.function

    def __missing__(self, name: str) -> Any:
        value = getattr(self.module, name)
        self[name] = lift(value) if isinstance(value, FunctionType) else value
        return self[name]
