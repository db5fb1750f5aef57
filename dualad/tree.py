"""Trees: nested tuples, lists, dicts, namedtuples and dataclasses; everything else is a leaf.

None is an empty tree. There is no separate description of a structure: a tree is its own template.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import repeat
from types import NoneType
from typing import Any

from dualad.errors import StructureError

Leaves = list[tuple[str, Any]]


def _kind_of(cls: Any) -> str:
    """Return what kind of container instances of a class are."""
    if cls is NoneType:
        return "none"
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return "namedtuple"
    if issubclass(cls, (tuple, list)):
        return "sequence"
    if issubclass(cls, dict):
        return "dict"
    return "dataclass" if is_dataclass(cls) else "leaf"


_kind: Callable[[Any], str] = cache(_kind_of)


def children(tree: Any) -> Leaves | None:
    """Return the labeled children of a container, or None if `tree` is a leaf."""
    kind = _kind(type(tree))
    if kind == "leaf":
        return None
    if kind == "sequence":
        return [(f"[{i}]", child) for i, child in enumerate(tree)]
    if kind == "dict":
        return [(f"[{key!r}]", child) for key, child in tree.items()]
    if kind == "namedtuple":
        return [(f".{name}", child) for name, child in zip(tree._fields, tree, strict=True)]
    if kind == "dataclass":
        return [(f".{field.name}", getattr(tree, field.name)) for field in fields(tree)]
    return []


def leaves(tree: Any, path: str = "") -> Leaves:
    """Return the leaves of `tree`, each with its path from `path`."""
    below = children(tree)
    if below is None:
        return [(path, tree)]
    return [leaf for label, child in below for leaf in leaves(child, path + label)]


def rebuild(tree: Any, values: Iterator[Any]) -> Any:
    """Return a tree like `tree` with its leaves replaced by the next `values`.

    A container in which nothing is replaced comes back itself.
    """
    if _kind(type(tree)) == "leaf":
        return next(values)
    below = children(tree) or []
    parts = [rebuild(child, values) for _, child in below]
    if all(part is child for part, (_, child) in zip(parts, below, strict=True)):
        return tree
    kind = _kind(type(tree))
    if kind == "namedtuple":
        return _named(tree, parts)
    if kind == "sequence":
        return type(tree)(parts)
    twin = copy.copy(tree)
    if kind == "dict":
        twin.update(zip(tree, parts, strict=True))
    else:
        for field, part in zip(fields(tree), parts, strict=True):
            object.__setattr__(twin, field.name, part)
    return twin


def _named(tree: Any, parts: list[Any]) -> Any:
    """Return a namedtuple like `tree`; results of SciPy hold more, and are made in other ways."""
    twin = tuple.__new__(type(tree), parts)
    if hasattr(tree, "__dict__"):
        twin.__dict__.update(tree.__dict__)
    return twin


def tree_map(fn: Callable[[Any], Any], tree: Any) -> Any:
    """Return a tree like `tree` with `fn` applied to each leaf."""
    return rebuild(tree, iter([fn(leaf) for _, leaf in leaves(tree)]))


def skeleton(tree: Any) -> Any:
    """Return the containers of `tree`, new ones, with marks for leaves: a template to keep."""
    return rebuild(tree, repeat(_LEAF))


_LEAF = object()


def matching_leaves(template: Any, tree: Any, what: str) -> list[Any]:
    """Return the leaves of `tree` in the order of the leaves of `template`.

    Dicts match by their keys, in any order. None stands for a leaf, too.

    Raises
    ------
    StructureError
        If the two differ in structure; it names the place.
    """
    below, got = children(template), children(tree)
    if below is None:
        if got is not None and tree is not None:
            raise StructureError(what, "a number or an array", f"a {type(tree).__name__}")
        return [tree]
    if isinstance(template, dict) and isinstance(tree, dict) and template.keys() == tree.keys():
        got = [(label, tree[key]) for key, (label, _) in zip(template, below, strict=True)]
    if got is None or [label for label, _ in below] != [label for label, _ in got]:
        raise StructureError(what, _describe(template, below), _describe(tree, got))
    return [
        leaf
        for (label, child), (_, other) in zip(below, got, strict=True)
        for leaf in matching_leaves(child, other, what + label)
    ]


def _describe(tree: Any, below: Leaves | None) -> str:
    """Return a container in words."""
    if below is None:
        return f"a {type(tree).__name__}"
    labels = ", ".join(label for label, _ in below)
    return f"a {type(tree).__name__} with {labels or 'nothing in it'}"
