"""Check a function from the command line: ``python -m dualad.testing package.module:function``."""

import argparse
import ast
import importlib
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualad.errors import DualadError
from dualad.testing import check_grads, check_hessian, check_jacobian
from dualad.testing.failures import BadInputError, InconclusiveError, WrongDerivativeError
from dualad.testing.verify import as_arguments

HELD, WRONG, UNTOLD = 0, 1, 2
OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.Pow: operator.pow, ast.MatMult: operator.matmul,
    ast.USub: operator.neg, ast.UAdd: operator.pos,
}  # fmt: skip


def located(name: str) -> Any:
    """Return what ``package.module:attribute.attribute`` names."""
    module, colon, path = name.partition(":")
    if not colon:
        raise ValueError(f"{name!r} names no function: write package.module:function")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


def evaluated(text: str) -> tuple[Any, ...]:
    """Return arguments written as numbers, lists, arithmetic and calls of ``np`` functions."""
    found = _value(ast.parse(f"({text},)" if not text.rstrip().endswith(",") else f"({text})",
                             mode="eval").body)  # fmt: skip
    return as_arguments(tuple(np.asarray(x) if isinstance(x, list) else x for x in found))


def _value(node: ast.AST) -> Any:
    """Return the value of an expression, or raise ValueError where it is another one."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Tuple():
            return tuple(map(_value, node.elts))
        case ast.List():
            return list(map(_value, node.elts))
        case ast.Name(id="np"):
            return np
        case ast.Attribute() if not node.attr.startswith("_"):
            return getattr(_value(node.value), node.attr)
        case ast.UnaryOp() if type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](_value(node.operand))
        case ast.BinOp() if type(node.op) in OPERATORS:
            return OPERATORS[type(node.op)](_value(node.left), _value(node.right))
        case ast.Call():
            options = {k.arg: _value(k.value) for k in node.keywords if k.arg}
            return _value(node.func)(*map(_value, node.args), **options)
    told = ast.unparse(node)
    raise ValueError(f"--at takes numbers, lists, arithmetic and np functions, and not {told!r}")


def report(name: str, check: Callable[[], None]) -> int:
    """Print the outcome of one check, and return its status."""
    try:
        check()
    except (WrongDerivativeError, InconclusiveError, BadInputError) as error:
        status = WRONG if isinstance(error, WrongDerivativeError) else UNTOLD
        title = {WrongDerivativeError: "WRONG", InconclusiveError: "INCONCLUSIVE"}
        print(f"{title.get(type(error), 'UNFIT'):<13} {name}\n{error}\n")
        return status
    except DualadError as error:
        print(f"{'REFUSED':<13} {name}\n{error}\n")
        return UNTOLD
    print(f"{'held':<13} {name}")
    return HELD


def parsed(given: Sequence[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m dualad.testing",
        description="Check the derivatives of a function: those that dualad finds, or with --jac "
        "or --hess those written by hand.",
        epilog="Exit status: 0 if all held, 1 if one is wrong, 2 if that cannot be told.",
    )
    parser.add_argument("function", help="package.module:function")
    parser.add_argument("--at", required=True, help='arguments: "np.array([1.0, 2.0]), 0.5"')
    parser.add_argument("--jac", help="package.module:function with the first derivatives")
    parser.add_argument("--hess", help="package.module:function with the second derivatives")
    parser.add_argument("--argnum", type=int, default=0, help="argument of --jac and --hess")
    parser.add_argument("--order", type=int, choices=(1, 2), default=2, help="of derivatives")
    parser.add_argument("--seed", type=int, default=0, help="of random directions")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Print a report of a function, and return the exit status."""
    options = parsed(given)
    try:
        fn, args = located(options.function), evaluated(options.at)
        jac, hess = (located(name) if name else None for name in (options.jac, options.hess))
    except (ValueError, SyntaxError, ImportError, AttributeError, TypeError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return UNTOLD
    print(f"{options.function} at {options.at}, directions with seed {options.seed}")
    shared: dict[str, Any] = {"argnum": options.argnum, "seed": options.seed}
    checks: list[tuple[str, Callable[[], None]]] = []
    if jac is not None:
        checks.append((f"Jacobian {options.jac}", lambda: check_jacobian(fn, jac, args, **shared)))
    if hess is not None:
        told = f"Hessian {options.hess}"
        checks.append((told, lambda: check_hessian(fn, hess, args, jac=jac, **shared)))
    if not checks:
        for mode in ("forward", "reverse"):
            own = {"modes": (mode,), "order": 1, "seed": options.seed}
            told = f"first derivatives of dualad, {mode} mode"
            checks.append((told, lambda own=own: check_grads(fn, args, **own)))  # type: ignore[misc]
        if options.order > 1:
            told = "both modes together, second derivatives"
            checks.append((told, lambda: check_grads(fn, args, seed=options.seed)))
    return max(report(*check) for check in checks)


if __name__ == "__main__":
    sys.exit(main())
