"""In-place updates of traced arrays, with NumPy's semantics, aliasing included.

A traced array that is written into stays the same object and gets a new place in the record: what
was computed from it before keeps the old one. Its memory is written in place if nobody else holds
it, and copied once otherwise: so filling an array element by element takes linear time, the
arguments of the caller are never changed, and neither is what a record has kept.

A view knows the array that it was taken of, and how (`View`). When that has changed since, the
view is taken anew the next time that it is read; writing into a view writes into the array at the
end of the chain of parents, its root, at the places there that the view shows.
"""

import sys
from typing import Any

import numpy as np

from dualad.core.dispatch import apply, as_operand, objects_of
from dualad.core.row import Row
from dualad.core.tracer import (
    Tracer,
    as_array,
    become,
    is_plain_array,
    primal_value,
    shape_of,
)
from dualad.errors import InPlaceError, ReadOnlyError


class View:
    """How an array was taken of another.

    Attributes
    ----------
    parent : array
        The array; it may be a view itself.
    row, args, kwargs
        The row that was applied to it, and its parameters.
    root : array
        Where the chain of parents ends: the array that has the memory.
    version : int
        The root's when the view was taken; -1 if it is to be taken anew in any case.
    """

    __slots__ = ("args", "kwargs", "parent", "root", "row", "version")

    def __init__(self, parent: Any, row: Row, args: tuple[Any, ...], kwargs: Any) -> None:
        link = parent.link
        self.parent, self.row, self.args, self.kwargs = parent, row, args, kwargs
        self.root = parent if link is None else link.root
        self.version = self.root.version

    def taken_anew(self) -> Any:
        """Return what the view shows now."""
        again = apply(self.row, (self.parent, *self.args), self.kwargs)
        self.version = self.root.version
        return again

    def places(self, held: Any) -> Any:
        """Return the places in the root, counted in C order, that the view shows.

        `held` is its primal when it was last read: NumPy makes that read-only if places repeat.

        Raises
        ------
        ReadOnlyError
            If it shows some of them several times.
        """
        plain = primal_value(held)  # None after a write, which was possible then
        if plain is not None and not plain.flags.writeable:
            raise ReadOnlyError()
        parent = self.parent
        known = getattr(parent, "places", None)
        if known is None:
            if parent.link is None:
                known = np.arange(parent.size).reshape(parent.shape)
            else:
                known = parent.link.places(parent.held)
            parent.places = known
        if self.row.function is np.imag:
            return known
        return self.row.function(known, *self.args, **self.kwargs)

    def part(self, value: Any) -> Any:
        """Return of which part of a complex root this is a view, into which a value may go."""
        if np.iscomplexobj(primal_value(value)):
            raise InPlaceError(f"a write of complex numbers into {self.row.name} of an array")
        part = self.row.function
        return part if part in (np.real, np.imag) else self.parent.link.part(value)


def is_view(y: Any, x: Any) -> bool:
    """Return whether an output shows the memory of an operand; both are primals."""
    if is_plain_array(y):
        base = y.base
        if type(base) is not np.ndarray:  # strided views have an object of NumPy's in between
            base = getattr(base, "base", None)
        return y is x or (base is not None and (base is x or base is getattr(x, "base", None)))
    return y is x or (getattr(y, "link", None) is not None and y.link.parent is x)


def assign(target: Any, index: Any, value: Any) -> None:
    """Carry out ``target[index] = value`` for a traced array."""
    link = getattr(value, "link", None)
    if link is not None and link.parent is target and link.args and link.args[0] is index:
        return  # the end of ``x[index] += y``: the view that comes back is written already
    value, index = as_operand(value), plain_index(index)
    if isinstance(value, Tracer):
        value = value.current
    link, part = target.link, None
    if link is not None:
        places = link.places(target.held)[index]
        if target.dtype != link.root.dtype:
            part = link.part(value)
        target.drop()
        target = link.root
        if target.ndim:
            index = np.unravel_index(places, target.shape)
        elif places.size == 0:
            return
        else:  # one place, shown under an index
            index, value = (), np.reshape(value, (-1,))[-1]
    elif not target.flags.writeable:
        raise ReadOnlyError()
    if part is not None:
        before = target[index]
        value = value + 1j * before.imag if part is np.real else before.real + 1j * value
    while isinstance(value, Tracer) and value.level > target.level:
        promote(target, value)
    if isinstance(value, Tracer) and len(value.shape) > 1 >= value.shape[0]:
        ndim = primal_value(target)[index].ndim  # NumPy drops axes of length one in front
        if ndim < len(value.shape):
            value = value.reshape(value.shape[len(value.shape) - ndim :])
    target.write(index if type(index) is tuple else (index,), value)


def as_objects(x: Any) -> Any:
    """Return a plain array of the elements, each traced; neither may be written into any more."""
    root = x if x.link is None else x.link.root
    while isinstance(root.primal, Tracer):
        root = root.primal
    root.primal = root.primal[...]
    shown = x.current
    shown = objects_of(shown) if isinstance(shown, Tracer) else shown[...]
    root.primal.flags.writeable = shown.flags.writeable = False
    return shown


def plain_index(index: Any) -> Any:
    """Return an index without traced values; those are integers, or NumPy refuses them."""
    if type(index) is tuple:
        return tuple([primal_value(part) for part in index])
    return primal_value(index)


def put(owner: Any, slot: str, index: tuple[Any, ...], value: Any) -> None:
    """Write `value`, plain or of a lower level, into the primal or tangent of `owner`."""
    if not owner.shape:  # its tangent may be a number
        setattr(owner, slot, as_array(getattr(owner, slot)))
    if not _is_alone(owner, slot):
        setattr(owner, slot, getattr(owner, slot).copy("K"))
    whole = getattr(owner, slot)
    if isinstance(value, Tracer) and not isinstance(whole, Tracer):
        whole = value.constant(whole)
        setattr(owner, slot, whole)
    whole[index] = value


def _references(owner: Any, slot: str) -> int:
    """Return how many references there are to what is in a slot, and some more."""
    return sys.getrefcount(getattr(owner, slot))


def _is_alone(owner: Any, slot: str) -> bool:
    """Return whether nothing else holds what is in a slot, so that it can be written in place."""
    if _references(owner, slot) > _ALONE:
        return False
    held = getattr(owner, slot)
    if isinstance(held, Tracer):  # a write into a view would reach what it was taken of
        return getattr(held, "link", None) is None
    return held.base is None and held.flags.writeable


class _Owner:
    """Something with a slot whose content nothing else holds."""

    def __init__(self) -> None:
        self.primal = np.zeros(1)


_ALONE = _references(_Owner(), "primal")


def promote(target: Any, value: Any) -> None:
    """Make an array one of the trace to which `value` belongs, which is of a higher level."""
    take(target, value.constant(target.apart()))
    target.version += 1


def adopt(target: Any, result: Any) -> Any:
    """Return `target` after ``target[...] = result``, the outcome of an operation upon it."""
    if shape_of(result) != target.shape:
        raise ValueError(
            f"non-broadcastable output operand with shape {target.shape} doesn't match the "
            f"broadcast shape {shape_of(result)}"
        )
    dtype = target.dtype
    if result.dtype != dtype:  # NumPy raises an error of its own if it does not cast so
        np.positive(np.zeros((), result.dtype), out=np.zeros((), dtype), casting="same_kind")
    simple = target.link is None and getattr(result, "link", 0) is None
    if simple and result.dtype == dtype and result.level >= target.level:
        take(target, result)
        target.version += 1
    else:
        assign(target, ..., result)
    return target


def take(target: Any, source: Any) -> None:
    """Give `target` the class, trace, value and derivative of `source`."""
    become(target, type(source))
    target.origin, target.primal = source.origin, source.primal
    for slot in ("tangent", "position"):
        if hasattr(source, slot):
            setattr(target, slot, getattr(source, slot))


def last_writes(index: tuple[Any, ...], shape: tuple[int, ...]) -> Any:
    """Return which elements of a value stay, if places repeat in an index; None if all do.

    Of several values written to one place NumPy keeps the last.
    """
    if not any(isinstance(part, (np.ndarray, list)) and np.asarray(part).dtype != bool
               for part in index):  # fmt: skip
        return None
    places = np.arange(np.prod(shape, dtype=int)).reshape(shape)[index]
    _, from_end = np.unique(places.ravel()[::-1], return_index=True)
    if from_end.size == places.size:
        return None
    stays = np.zeros(places.size, bool)
    stays[places.size - 1 - from_end] = True
    return stays.reshape(places.shape)
