"""The code of functions, with some of Python's names looked up elsewhere where they are called.

``float(x)`` is to keep a derivative, while ``float`` as a dtype, or in a comparison of types, is to
stay what it is. The compiled code tells the two apart: a name that is called at once is loaded with
a null beneath it, and the lowest bit of that instruction's argument says so.

Texts such as ``"%.3f"``, in functions that have a ``%`` in their code, become such as write traced
numbers, too.
"""

import builtins
import dis
import re
import sys
from collections.abc import Mapping
from functools import cache
from types import CodeType
from typing import Any

import numpy as np

from dualad.core.level import Text
from dualad.core.tracer import strip
from dualad.lifting.floats import METHODS, Float
from dualad.lifting.numbers import CALLS, has_attribute, is_instance, is_subclass, mapped
from dualad.rules.likes import has_traced, held

CALLED = {cls.__name__: f"{cls.__name__}()" for cls in CALLS}  # no code can define such names
BASE = "float."  # what is looked up in ``float`` as in a base
LARGEST = 255  # an argument that fits its byte
LOOKED_AT = {*CALLED, *[name for name, value in vars(np).items() if type(value) is np.ufunc]}
METHODS_ARE_ATTRIBUTES = sys.version_info >= (3, 12)  # the lowest bit says if one is called


CONVERTED = re.compile(r"%(\(\w+\))?[-+ #0]*[*\d]*(\.[*\d]*)?[diouxXeEfFgGrs]")


class Format(str):
    """A text into which ``%`` writes numbers, which may be traced."""

    __slots__ = ()

    def __mod__(self, values: Any) -> str:
        traced = has_traced(list(values.values()) if isinstance(values, dict) else values)
        values = tuple(map(held, values)) if type(values) is tuple else held(values)
        found = str(self) % strip(values)
        return Text(found) if traced else found


def _constant(value: Any, formats: bool, module: Mapping[str, Any]) -> Any:
    """Return what stands for a constant of the code."""
    if isinstance(value, CodeType):
        return rewritten(value, module)
    return Format(value) if formats and type(value) is str and CONVERTED.search(value) else value


def rewritten(code: CodeType, module: Mapping[str, Any]) -> CodeType:
    """Return code that looks up a called ``float`` as ``float()``, and so for other types.

    So it does for ufuncs that are called by a name of the `module`, or as ``np.sin(x)``.
    """
    names, data = list(code.co_names), bytearray(code.co_code)
    texts = any(type(c) is str and CONVERTED.search(c) for c in code.co_consts)
    looks = any(n in LOOKED_AT or type(module.get(n)) is np.ufunc for n in names)
    found = list(dis.get_instructions(code)) if texts or looks else []  # it takes long
    formats = texts and any(each.opname == "BINARY_OP" and each.argrepr == "%" for each in found)
    consts = tuple([_constant(c, formats, module) for c in code.co_consts])
    before, called = None, 0  # what the instruction before loads, and with a null beneath it
    for each, after in zip(found, [*found[1:], None], strict=False):
        arg, name, owner, shift = each.arg or 0, each.argval, before, 1
        before = None
        if each.opname == "LOAD_GLOBAL":
            before, called = module.get(name), arg & 1
            hit = called and (name in CALLED or type(before) is np.ufunc)
            hit = hit or (name == "float" and _is_method(after))
        elif owner is np and each.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            shift = int(each.opname == "LOAD_ATTR" and METHODS_ARE_ATTRIBUTES)
            method = arg & 1 if shift else each.opname == "LOAD_METHOD"
            last = after is not None and after.opname not in ("LOAD_ATTR", "LOAD_METHOD")
            null = (called and last) or (after is not None and after.opname == "PUSH_NULL")
            hit = (method or null) and type(getattr(np, name, None)) is np.ufunc
        else:
            continue
        if hit:
            other = f"{name}()" if called or each.opname != "LOAD_GLOBAL" else BASE
            names += [] if other in names else [other]
            new = names.index(other) << shift | (arg & 1 if shift else 0)
            if max(new, arg) <= LARGEST:  # else it stays, and float(x) raises
                data[each.offset + 1] = new
    return code.replace(co_consts=consts, co_names=tuple(names), co_code=bytes(data))


def _is_method(instruction: Any) -> bool:
    """Return whether an instruction loads one of the methods of `Float`."""
    attributes = ("LOAD_ATTR", "LOAD_METHOD")
    return instruction is not None and instruction.opname in attributes and (
        instruction.argval in METHODS
    )  # fmt: skip


def with_base(code: CodeType) -> CodeType:
    """Return the code of ``__new__`` of a subclass of ``float``, which means its base by that."""
    names = [BASE if name == "float" else name for name in code.co_names]
    return code.replace(co_names=tuple(names))


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
    names |= {CALLED[cls.__name__]: function for cls, function in CALLS.items()} | {BASE: Float}
    names |= {"isinstance": is_instance, "issubclass": is_subclass, "map": mapped}
    return names | {"hasattr": has_attribute, "__import__": import_module}
