"""The code of functions, with some of Python's names looked up elsewhere where they are called.

``float(x)`` is to keep a derivative, while ``float`` as a dtype, or in a comparison of types, is to
stay what it is. The compiled code tells the two apart: a name that is called at once is loaded with
a null beneath it, and the lowest bit of that instruction's argument says so.
"""

import builtins
import dis
from functools import cache
from types import CodeType
from typing import Any

from dualad.lifting.numbers import CALLS, has_attribute, is_instance, is_subclass, mapped

CALLED = {cls.__name__: f"{cls.__name__}()" for cls in CALLS}  # no code can define such names
LARGEST = 255  # an argument that fits its byte


def rewritten(code: CodeType) -> CodeType:
    """Return code that looks up a called ``float`` as ``float()``, and so for other types."""
    consts = tuple([rewritten(c) if isinstance(c, CodeType) else c for c in code.co_consts])
    names, data = list(code.co_names), bytearray(code.co_code)
    if not CALLED.keys().isdisjoint(names):
        for instruction in dis.get_instructions(code):
            arg, name = instruction.arg, instruction.argval
            if instruction.opname != "LOAD_GLOBAL" or name not in CALLED or not (arg or 0) & 1:
                continue
            if CALLED[name] not in names:
                names.append(CALLED[name])
            new = names.index(CALLED[name]) << 1 | 1
            if max(new, arg or 0) <= LARGEST:  # else it stays, and float(x) raises
                data[instruction.offset + 1] = new
    return code.replace(co_consts=consts, co_names=tuple(names), co_code=bytes(data))


@cache
def stores(code: CodeType) -> bool:
    """Return whether code binds names anew that belong to the function around it."""
    inner = [c for c in code.co_consts if isinstance(c, CodeType)]
    free = set(code.co_freevars)
    return any(
        instruction.opname in ("STORE_DEREF", "DELETE_DEREF") and instruction.argval in free
        for instruction in dis.get_instructions(code)
    ) or any(stores(c) and not free.isdisjoint(c.co_freevars) for c in inner)


def builtin_names(import_module: Any) -> dict[str, Any]:
    """Return the names that code finds when its module has none, by which numbers may be traced."""
    names = dict(vars(builtins))
    names |= {CALLED[cls.__name__]: function for cls, function in CALLS.items()}
    names |= {"isinstance": is_instance, "issubclass": is_subclass, "map": mapped}
    return names | {"hasattr": has_attribute, "__import__": import_module}
