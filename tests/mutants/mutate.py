"""Mutants of a file of rules: its syntax tree with one thing wrong."""

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

TURNED = {ast.Add: ast.Sub, ast.Sub: ast.Add}
WITHOUT_SIGN = (ast.Tuple, ast.List, ast.Constant, ast.Compare, ast.BoolOp, ast.Dict)
SYMMETRIC = {  # swapping their arguments changes nothing, or fails at once
    "equal", "not_equal", "maximum", "minimum", "multiply", "add", "logical_and", "logical_or",
    "hypot", "beta", "betaln", "elliprd", "elliprf", "hyp2f1", "array_equal", "result_type",
    "broadcast_shapes", "max", "min", "map", "zip", "isinstance", "getattr", "convolve", "swapaxes",
    "logaddexp", "checked", "_both_zero",
    "inside", "valid",  # all of their arguments have to lie in a range
    "clip",  # the lower bound is a number like any other
    "settled_as",  # it compares SciPy's values with a program's, which agree to rounding
}  # fmt: skip
SIZES = {"abs", "absolute", "square", "cos", "cosh", "size_of"}  # they do not see a sign
RAISING = ("refuse", "_refuse", "without_formula")  # their arguments make the message of an error
COSTS = ("_splits",)  # functions that find the cheapest order of products, all of which are right
CONJUGATES = ("conj", "conjugate", "mT", "swapaxes")


@dataclass(frozen=True)
class Mutant:
    """A broken file.

    Attributes
    ----------
    line : int
        Where it is broken.
    fault : str
        In what way.
    before, after : str
        The code there; of a bare number with what is around it.
    source : ast.Module
        The whole of it as it is.
    owners : frozenset of str
        Top-level names that are broken, or contain what is: "ROWS[3]" for an item of the table.
    place : str
        The function that is broken, or whose row is.
    node, new : ast.AST, optional
        What is replaced, and by what.
    """

    line: int
    fault: str
    before: str
    after: str
    source: ast.Module
    owners: frozenset[str]
    place: str = ""
    node: ast.AST | None = None
    new: ast.expr | None = None

    @cached_property
    def tree(self) -> ast.Module:
        """The whole of the file, broken: made when it is asked for, since most are not tried."""
        if self.node is None or self.new is None:
            return self.source
        return _replaced(self.source, self.node, self.new)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names the mutant, however the lines of its file move."""
        return (self.place, self.fault, self.before, self.after)


def mutants(source: str) -> Iterator[Mutant]:
    """Yield the mutants of the rules in a file."""
    tree = ast.parse(source)
    items = rows_of(tree)
    used = _reachable(tree)
    for name, top in definitions(tree).items():
        if name not in used or name in COSTS:
            continue
        if isinstance(top, ast.ClassDef):
            for method in top.body:
                if isinstance(method, ast.FunctionDef):
                    yield from _of(tree, method, name, f"{name}.{method.name}")
        else:
            yield from _of(tree, top, name)
    for i, item in enumerate(items):
        yield from _of(tree, item, f"ROWS[{i}]")


def rows_of(tree: ast.Module) -> list[ast.expr]:
    """Return the items of the list ROWS; one for all of them, if they are computed."""
    for top in tree.body:
        if isinstance(top, (ast.Assign, ast.AnnAssign)) and _target(top) == "ROWS":
            if isinstance(top.value, ast.List):
                return top.value.elts
            return [ast.Starred(top.value, ast.Load())] if top.value else []
    return []


def _target(top: ast.Assign | ast.AnnAssign) -> str:
    """Return the name that is assigned to."""
    target = top.targets[0] if isinstance(top, ast.Assign) else top.target
    return target.id if isinstance(target, ast.Name) else ""


def definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    """Return the top-level functions, classes and assignments but that of ROWS, by name."""
    found: dict[str, ast.stmt] = {}
    for top in tree.body:
        if isinstance(top, (ast.FunctionDef, ast.ClassDef)):
            found[top.name] = top
        elif isinstance(top, (ast.Assign, ast.AnnAssign)) and _target(top) not in ("", "ROWS"):
            found[_target(top)] = top
    return found


def names_in(node: ast.AST) -> set[str]:
    """Return all names that code reads."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def closure(node: ast.AST, known: Mapping[str, ast.AST]) -> set[str]:
    """Return the top-level names that code reads, directly or through others."""
    found: set[str] = set()
    waiting = names_in(node) & known.keys()
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= (names_in(known[name]) & known.keys()) - found
    return found


def _reachable(tree: ast.Module) -> set[str]:
    """Return the top-level names that rows read: all of them in a file without rows."""
    known = definitions(tree)
    if not rows_of(tree):
        return set(known)
    return {name for item in rows_of(tree) for name in closure(item, known)}


def _of(tree: ast.Module, part: ast.AST, owner: str, place: str = "") -> Iterator[Mutant]:
    """Yield the mutants of one top-level part."""
    around = {child: node for node in ast.walk(part) for child in ast.iter_child_nodes(node)}
    for node in _rule_nodes(part):
        told: ast.AST = node
        while isinstance(node, ast.UnaryOp) and not isinstance(told, (ast.Call, ast.Subscript)):
            if not isinstance(around.get(told), ast.AST) or isinstance(around[told], ast.stmt):
                break
            told = around[told]  # a bare "-1" does not say which one
        for fault, new in faults(node):
            if ast.unparse(new) == ast.unparse(node):
                continue
            if _hides_a_sign(around.get(node), node) and _is_turned(node, fault):
                continue
            if _name_of(around.get(node)) == "isfinite" and fault == "sign flipped":
                continue  # a difference is finite where the sum is
            yield Mutant(
                node.lineno,
                fault,
                ast.unparse(told),
                ast.unparse(_rebuilt(told, node, new)),
                tree,
                frozenset([owner]),
                place or _place(part, owner),
                node,
                new,
            )


def _hides_a_sign(around: ast.AST | None, node: ast.expr) -> bool:
    """Return whether what is around an expression is the same if its sign is turned."""
    if isinstance(around, ast.BinOp) and isinstance(around.op, ast.Pow) and node is around.left:
        power = getattr(around.right, "value", None)
        return isinstance(power, int) and power % 2 == 0
    return _name_of(around) in SIZES


def _is_turned(node: ast.expr, fault: str) -> bool:
    """Return whether a fault turns the sign of an expression, and nothing else."""
    difference = isinstance(getattr(node, "op", None), ast.Sub)
    return fault == "sign lost" or (fault == "operands swapped" and difference)


def _place(part: ast.AST, owner: str) -> str:
    """Return the name of a broken function, or of the function of a broken row."""
    if isinstance(part, ast.Call) and part.args:
        return ast.unparse(part.args[0])
    return owner


def _rule_nodes(part: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions of rules: bodies of lambdas and functions, without signatures."""
    if isinstance(part, ast.FunctionDef):
        roots: list[ast.stmt | ast.expr] = [*part.body]
    else:
        roots = [node.body for node in ast.walk(part) if isinstance(node, ast.Lambda)]
    seen: set[int] = set()
    for root in roots:
        for node in ast.walk(root):
            seen |= {id(inner) for inner in _harmless(node)}
        for node in [root, *ast.walk(root)]:
            if isinstance(node, ast.expr) and id(node) not in seen:
                seen.add(id(node))
                if node is root or isinstance(part, ast.FunctionDef):
                    object.__setattr__(node, "whole", node is root)
                yield node
    if isinstance(part, ast.FunctionDef):
        for node in ast.walk(part):
            if isinstance(node, ast.Return) and node.value is not None:
                object.__setattr__(node.value, "whole", True)


def _harmless(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is not to be changed: errors, their messages, the length -1 of `reshape`.

    NumPy takes any negative length for the rest.
    """
    if isinstance(node, ast.Raise):
        yield from ast.walk(node)
    if isinstance(node, ast.Call) and _name_of(node) in RAISING:
        yield from ast.walk(node)
    waiting = [*node.args] if isinstance(node, ast.Call) and _name_of(node) == "reshape" else []
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.UnaryOp):
            yield part
        elif isinstance(part, (ast.Tuple, ast.BinOp)):
            waiting += [x for x in ast.iter_child_nodes(part) if isinstance(x, ast.expr)]


def faults(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield what can be wrong with an expression, and the wrong one."""
    if isinstance(node, ast.BinOp):
        yield from _of_operator(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if not isinstance(node.operand, ast.Constant):
            yield "sign lost", node.operand
        elif isinstance(node.operand.value, int):
            yield "axis off by one", _constant(-node.operand.value - 1)
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
    elif isinstance(node, ast.IfExp):
        yield "branches swapped", ast.IfExp(node.test, node.orelse, node.body)
    if getattr(node, "whole", False) and not isinstance(node, WITHOUT_SIGN):
        yield "sign flipped", ast.UnaryOp(ast.USub(), node)
        wide = ast.parse("np.longdouble(1)", mode="eval").body
        yield "dtype widened", ast.BinOp(node, ast.Mult(), wide)


def _of_operator(node: ast.BinOp) -> Iterator[tuple[str, ast.expr]]:
    """Yield what can be wrong with an operator."""
    kind = type(node.op)
    if kind in TURNED and not _is_zero(node.right):
        yield "sign flipped", ast.BinOp(node.left, TURNED[kind](), node.right)
    if kind is ast.Sub:
        yield "operands swapped", ast.BinOp(node.right, node.op, node.left)
    if kind is ast.Mult:
        yield "factor lost", node.left
        yield "factor lost", node.right
    if kind is ast.Div:
        yield "factor lost", node.left
        yield "operands swapped", ast.BinOp(node.right, node.op, node.left)
    if kind is ast.MatMult:
        yield "operands swapped", ast.BinOp(node.right, node.op, node.left)
    power = getattr(node.right, "value", None)
    if kind is ast.Pow and isinstance(power, (int, float)):
        yield "exponent off", ast.BinOp(node.left, node.op, _constant(power + 1))
    for side in ("left", "right"):
        number = getattr(node, side)
        if kind is ast.Mult and isinstance(getattr(number, "value", None), (int, float)):
            changed = copy.copy(node)
            setattr(changed, side, _constant(number.value + 1))
            yield "factor off", changed


def _is_zero(node: ast.expr) -> bool:
    """Return whether an expression is zero, added to make integers floats, or for its shape."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _is_zero(node.left) or _is_zero(node.right)
    return isinstance(node, ast.Constant) and node.value in (0, 0j)


def _name_of(node: ast.AST | None) -> str:
    """Return the name of the function that is called; none if nothing is."""
    function = getattr(node, "func", None)
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _of_call(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield what can be wrong with a call."""
    name = _name_of(node)
    plain = [arg for arg in node.args if not isinstance(arg, ast.Starred)]
    if name in CONJUGATES and plain:
        yield f"{name} dropped", plain[0]
    if name in ("sum", "unbroadcast") and plain and not isinstance(plain[0], ast.GeneratorExp):
        yield "sum forgotten", plain[0]
    if name == "where" and len(plain) == 3:
        yield "branches swapped", ast.Call(node.func, [plain[0], plain[2], plain[1]], node.keywords)
    elif len(plain) == len(node.args) >= 2 and name not in SYMMETRIC:
        swapped = [node.args[1], node.args[0], *node.args[2:]]
        yield "arguments swapped", ast.Call(node.func, swapped, node.keywords)
    for k, keyword in enumerate(node.keywords):
        if keyword.arg in ("axis", "axes") and isinstance(keyword.value, (ast.Name, ast.Constant)):
            if isinstance(keyword.value, ast.Constant) and not isinstance(keyword.value.value, int):
                continue
            off = ast.BinOp(keyword.value, ast.Sub(), _constant(1))
            rest = [*node.keywords]
            rest[k] = ast.keyword(keyword.arg, off)
            yield "axis off by one", ast.Call(node.func, node.args, rest)


def _constant(value: float) -> ast.expr:
    return ast.Constant(value)


def _replaced(tree: ast.Module, node: ast.AST, new: ast.expr) -> ast.Module:
    """Return a tree with one node replaced; the rest is shared."""
    return ast.fix_missing_locations(_rebuilt(tree, node, new))  # type: ignore[return-value]


def _rebuilt(part: ast.AST, node: ast.AST, new: ast.AST) -> ast.AST:
    """Return code with one node replaced; the rest is shared."""
    if part is node:
        return new
    changed: dict[str, Any] = {}
    for field, value in ast.iter_fields(part):
        if isinstance(value, ast.AST):
            found = _rebuilt(value, node, new)
            if found is not value:
                changed[field] = found
        elif isinstance(value, list):
            items = [_rebuilt(x, node, new) if isinstance(x, ast.AST) else x for x in value]
            if any(a is not b for a, b in zip(items, value, strict=True)):
                changed[field] = items
    if not changed:
        return part
    twin = copy.copy(part)
    for field, value in changed.items():
        setattr(twin, field, value)
    return twin
