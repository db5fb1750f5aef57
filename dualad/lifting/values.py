"""Copies of the values that are no functions, classes or modules; `lifter` is the `Lifter`."""

import copy
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from functools import (
    cached_property,
    lru_cache,
    partial,
    partialmethod,
    singledispatchmethod,
    wraps,
)
from operator import is_
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

from dualad.core.blank import unfollowed
from dualad.core.dispatch import objects_of
from dualad.core.level import refusal
from dualad.core.row import name_of
from dualad.core.tracer import Tracer, shape_of
from dualad.errors import MissingRowError
from dualad.lifting.codes import with_base
from dualad.lifting.numbers import original_of
from dualad.numpy import frompyfunc, vectorize
from dualad.numpy.gathering import DISPATCHER
from dualad.rules.likes import Held, has_traced, held, loses
from dualad.transforms.wrapped import Wrapped

COMPILED_NOTE = (
    "dualad: {} is compiled code without a row, and got a traced value: no derivative follows it. "
    "Give it a rule with dualad.custom_jvp."
)
MOST_ITEMS = 1_000  # of a container that is looked through
CACHE = type(lru_cache(is_))
CONTAINERS = (list, dict, set, OrderedDict, defaultdict, deque, Counter, WeakKeyDictionary)
COLLECTIONS = (dict, list, set)
MADE = (*COLLECTIONS, property)  # instances of their subclasses are made by their own ``__new__``

# What is inside values that serve in later calls if that does.
PARTS: dict[type, Callable[[Any], Iterable[Any]]] = {
    tuple: iter,
    staticmethod: lambda value: (value.__func__,),
    classmethod: lambda value: (value.__func__,),
    property: lambda value: (value.fget, value.fset, value.fdel),
    cached_property: lambda value: (value.func,),
    partialmethod: lambda value: (value.func, *value.args, *value.keywords.values()),
    singledispatchmethod: lambda value: (value.func, value.dispatcher),
    partial: lambda value: (value.func, *value.args, *value.keywords.values()),
    MethodType: lambda value: (value.__func__, value.__self__),
    CACHE: lambda value: (value.__wrapped__,),
}


def attribute(lifter: Any, value: Any) -> Any:
    """Return an attribute of a class, lifted."""
    if isinstance(value, (staticmethod, classmethod)):
        return type(value)(lifter.lifted(value.__func__))
    if type(value) is property:
        get, set_, delete = map(lifter.lifted, (value.fget, value.fset, value.fdel))
        return property(get, set_, delete, value.__doc__)
    if isinstance(value, cached_property):
        return cached_property(lifter.lifted(value.func))
    if type(value) is partialmethod:
        args, named = lifter.lifted(value.args), lifter.lifted(value.keywords)
        return partialmethod(lifter.lifted(value.func), *args, **named)
    if type(value) is singledispatchmethod:
        twin = copy.copy(value)
        twin.func, twin.dispatcher = lifter.lifted(value.func), lifter.lifted(value.dispatcher)
        return twin
    twin = lifter.lifted(value)
    binds = hasattr(type(twin), "__get__") and not hasattr(type(value), "__get__")
    return staticmethod(twin) if binds else twin  # a function of C does not become a method


def wrapped(lifter: Any, value: Wrapped) -> Wrapped:
    """Return a function that a transform made, of a copy of the one inside."""
    if value.transform == "lift":
        return value
    twin = copy.copy(value)
    twin.fn = lifter.lifted(value.fn)
    return twin


def method(lifter: Any, value: Any) -> Any:
    """Return a copy of a bound method."""
    owner = lifter.lifted(value.__self__)
    return MethodType(lifter.lifted(value.__func__), owner)


def partial_(lifter: Any, value: Any) -> Any:
    """Return a partial function of copies."""
    args, named = lifter.lifted(value.args), lifter.lifted(value.keywords)
    return partial(lifter.lifted(value.func), *args, **named)


def vectorized(lifter: Any, value: Any) -> Any:
    """Return a vectorized function of a copy."""
    twin = vectorize.__new__(vectorize)
    kept: Any = {} if isinstance(getattr(value, "_ufunc", None), dict) else None
    vars(twin).update(vars(value), pyfunc=lifter.lifted(value.pyfunc), _ufunc=kept)
    return twin


def followed(value: Any) -> Any:
    """Return a function of another language, which gets plain arrays for blank ones.

    It raises if it got traced values and lost them, and says which function that was.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        args = tuple([unfollowed(x) for x in args])
        kwargs = {name: unfollowed(x) for name, x in kwargs.items()}
        traced = [x for x in (*args, *kwargs.values()) if has_traced(x)]
        try:
            result = value(*args, **kwargs)
        except Exception as error:
            if traced:
                error.add_note(COMPILED_NOTE.format(getattr(value, "__name__", value)))
            raise
        if traced and loses(result):  # it took the bytes of Python's objects for numbers
            raise refusal(MissingRowError(name_of(value), shape_of(traced[0])))
        return result

    return call


def elementwise(lifter: Any, value: Any) -> Any:
    """Return what stands for a function of arrays that a compiler made of a Python function."""
    inside = getattr(value, "__wrapped__", None)
    if not isinstance(inside, FunctionType) or value.signature is not None:
        return value
    copied = frompyfunc(lifter.lifted(inside), value.nin, value.nout)

    def call(*arrays: Any, **kwargs: Any) -> Any:
        arrays = tuple(map(unfollowed, arrays))
        return copied(*arrays) if has_traced(arrays) and not kwargs else value(*arrays, **kwargs)

    return call


def argument(lifter: Any, value: Any) -> Any:
    """Return an argument, lifted; a list that the function is to fill stays the same."""
    if type(value) not in (list, tuple, dict) or len(value) > MOST_ITEMS:
        return lifter.lifted(value)
    items = list(value.values()) if isinstance(value, dict) else value
    found = [lifter.lifted(item) for item in items]
    if all(a is b for a, b in zip(items, found, strict=True)):
        return value
    if isinstance(value, dict):
        return dict(zip(value, found, strict=True))
    return type(value)(found)


def tuple_(lifter: Any, value: Any) -> Any:
    """Return a tuple of copies; the same, if nothing in it is copied."""
    found = tuple([lifter.lifted(item) for item in value])
    return value if all(map(is_, value, found)) else found


def key_(lifter: Any, value: Any) -> Any:
    """Return a copy of a key; the key itself, if the copy has no hash so far."""
    found = lifter.lifted(value)
    try:
        hash(found)
    except Exception:  # it is the hash of what the copy is about to get
        return value
    return found


def _keys(lifter: Any, value: Any) -> list[Any]:
    """Return the copies of a key: a function of NumPy's is looked up by NumPy, too."""
    found = key_(lifter, value)
    return [found, value] if type(value) is DISPATCHER and found is not value else [found]


def container(lifter: Any, value: Any) -> Any:
    """Return a copy of a list, dict or set, for the call: what is stored in it is gone then."""
    twin = copy.copy(value)
    lifter.twins()[id(value)] = value, twin
    if len(value) <= MOST_ITEMS:
        twin.clear()
        _fill(lifter, twin, value)
    return twin


def _fill(lifter: Any, twin: Any, value: Any) -> None:
    """Put copies of what is in `value` into its empty copy."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            found = lifter.lifted(item)
            twin.update(dict.fromkeys(_keys(lifter, key), found))
    elif isinstance(value, set):
        twin.update([each for item in value for each in _keys(lifter, item)])
    else:
        twin.extend([lifter.lifted(item) for item in value])


def subclassed(lifter: Any, value: Any, twin_class: Any) -> Any:
    """Return a copy of an instance of a subclass of a list, dict, set or property."""
    if isinstance(value, property):
        twin = property.__new__(twin_class)
        lifter.twins()[id(value)] = value, twin
        get, set_, delete = map(lifter.lifted, (value.fget, value.fset, value.fdel))
        property.__init__(twin, get, set_, delete, value.__doc__)
        return twin
    base = next(base for base in COLLECTIONS if isinstance(value, base))
    twin = base.__new__(twin_class)
    lifter.twins()[id(value)] = value, twin
    base.__init__(twin, container(lifter, base(value)))
    return twin


def namespace(lifter: Any, value: Any) -> Any:
    """Return a copy of a namespace, for the call."""
    twin = SimpleNamespace()
    lifter.twins()[id(value)] = value, twin
    vars(twin).update({name: lifter.lifted(part) for name, part in vars(value).items()})
    return twin


def adapt(names: dict[str, Any], is_float: bool) -> None:
    """Adapt methods, among the names of a copy of a class, that Python or NumPy call.

    The ``__new__`` of a subclass of ``float`` is to see its new base.
    """
    new = names.get("__new__")
    if is_float and isinstance(new, staticmethod) and isinstance(new.__func__, FunctionType):
        new.__func__.__code__ = with_base(new.__func__.__code__)
    for name, convert in (("__array__", _plain_array), ("__bool__", bool)):
        if isinstance(names.get(name), FunctionType):
            names[name] = _converted(names[name], convert)


def _converted(method: Callable[..., Any], convert: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a method whose outcome is converted."""
    return wraps(method)(lambda *args, **kwargs: convert(method(*args, **kwargs)))


def _plain_array(y: Any) -> Any:
    """Return an array of NumPy's own, of Python's objects if it is traced."""
    y = unfollowed(y)
    return objects_of(y) if isinstance(y, Tracer) else y


def restored(out: Any) -> Any:
    """Return an output of a copy as one of the original: objects are of their own classes.

    What is of a copy of a subclass of ``float`` is a number: a traced one has no other class.
    """
    if isinstance(out, Held):
        return held(out)
    if isinstance(out, tuple):
        found = tuple(map(restored, out))
        out = out if all(map(is_, found, out)) else tuple.__new__(type(out), found)
    elif type(out) is list:
        out[:] = map(restored, out)
    elif type(out) is dict:
        out.update({key: restored(item) for key, item in out.items()})
    original = original_of(type(out))
    if original is not type(out):
        out.__class__ = original
    return out
