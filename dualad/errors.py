"""The exceptions of dualad. Each message says what happened, why, and what to write instead.

::

    DualadError
    ├── MissingRowError (NotImplementedError)          no row for a function
    ├── UnsupportedParameterError (NotImplementedError) a row, but not for this parameter
    ├── UfuncMethodError (NotImplementedError)         no row for a ufunc's method
    ├── TracedParameterError (TypeError)               a traced value where a setting belongs
    ├── TracedToFloatError (TypeError)                 float(x), math.sin(x), plain[i] = x
    ├── TracedKeyError (TypeError)                     a traced number as a key of a dict
    ├── InPlaceError (TypeError)                       an in-place update that is not supported
    ├── ReadOnlyError (ValueError)                     a write into an array that is read-only
    ├── PlainArrayError (TypeError)                    a traced value written into a plain array
    ├── EscapedError (RuntimeError)                    a traced value that outlived its transform
    ├── TracedPicklingError (PicklingError)            a traced value sent to another process
    ├── ArgumentTypeError (TypeError)                  an argument that has no derivative
    ├── NotScalarError (TypeError)                     several numbers where one is needed
    ├── ArgumentNumberError (ValueError)               argnums out of range, or doubled
    ├── OutputTypeError (TypeError)                    an output that has no derivative
    ├── StructureError (ValueError)                    trees, or shapes of leaves, that differ
    ├── NotHolomorphicError (ValueError)               a complex function without one derivative
    ├── SingularDerivativeError (ValueError)           a point where the derivative is undefined
    ├── ClosureError (ValueError)                      a rule or checkpoint used a traced value
    ├── NotLinearError (ValueError)                    a custom rule that has no transpose
    ├── RecomputationError (RuntimeError)              a function computed something else
    ├── WorkerError (RuntimeError)                     work that workers could not do
    ├── SparsityError (ValueError)                     a pattern or coloring that does not fit
    ├── NonFiniteError (FloatingPointError)            a NaN or infinity, within dualad.debug()
    ├── MissingExtraError (ImportError)                an optional package that is not installed
    └── DuplicateRowError (ValueError)                 a function declared twice
"""

from pickle import PicklingError


class DualadError(Exception):
    """Base of all exceptions that dualad raises by itself; made from facts, it pickles."""


class MissingRowError(DualadError, NotImplementedError):
    """A function without a row met a traced value."""

    def __init__(self, function: str, shape: tuple[int, ...], *instead: str) -> None:
        super().__init__(function, shape, *instead)

    def __str__(self) -> str:
        function, shape, *instead = self.args
        what_to_write = " ".join(instead) or (
            f"Use functions that have rows, or declare a row: "
            f"dualad.extend.declare(dualad.extend.elementwise({function}, lambda y, x: ...)), "
            f"or another kind that dualad.extend lists."
        )
        return (
            f"{function} met a traced array of shape {shape} and has no row in dualad's table: "
            f"its derivative would be lost. {what_to_write}"
        )


class UnsupportedParameterError(DualadError, NotImplementedError):
    """A row has no rule for a parameter that was given."""

    def __init__(self, function: str, parameter: str, instead: str) -> None:
        super().__init__(function, parameter, instead)

    def __str__(self) -> str:
        function, parameter, instead = self.args
        return (
            f"{function} was called on a traced value with {parameter}, for which its row has no "
            f"rule: the derivative would be lost. Write {instead} instead."
        )


class UfuncMethodError(DualadError, NotImplementedError):
    """A ufunc's method without a row met a traced value."""

    def __init__(self, ufunc: str, method: str) -> None:
        super().__init__(ufunc, method)

    def __str__(self) -> str:
        ufunc, method = self.args
        return (
            f"{ufunc}.{method} met a traced value and has no row: its derivative would be lost. "
            f"Write it with functions that have rows, such as numpy.sum, numpy.cumsum, or a loop, "
            f"or declare a row for {ufunc}.{method} with dualad.extend."
        )


class TracedParameterError(DualadError, TypeError):
    """A traced value was given where a function takes a setting."""

    def __init__(self, function: str) -> None:
        super().__init__(function)

    def __str__(self) -> str:
        (function,) = self.args
        return (
            f"{function} got a traced value for a parameter by which its row does not "
            f"differentiate: the derivative would be lost. If it does not matter, pass "
            f"dualad.stop_gradient(value); otherwise write the function out with others."
        )


class TracedToFloatError(DualadError, TypeError):
    """A traced value was turned into a Python number, which cannot carry a derivative."""

    def __init__(self, target: str, shape: tuple[int, ...]) -> None:
        super().__init__(target, shape)

    def __str__(self) -> str:
        target, shape = self.args
        return (
            f"{target}(x) of a traced value of shape {shape}: a Python number cannot carry a "
            f"derivative, which would be lost. This also happens in math.sin(x): write np.sin(x); "
            f"and in plain[i] = x and np.asarray(x, dtype=float): make the array with "
            f"np.zeros_like(x), np.zeros(n, like=x), np.asarray(x, dtype=float, like=x), or import "
            f"dualad.numpy as np. Code that is not yours differentiates as it is with "
            f"dualad.grad(dualad.lift(fn)); if it is lifted, compiled code asked for the number: "
            f"give that a rule with dualad.custom_jvp. If no derivative is wanted, write "
            f"{target}(dualad.stop_gradient(x))."
        )


class TracedKeyError(DualadError, TypeError):
    """A traced number was used as a key of a dict, an element of a set, or of a cache."""

    def __init__(self, value: object) -> None:
        super().__init__(value)

    def __str__(self) -> str:
        (value,) = self.args
        return (
            f"unhashable type: a traced number of value {value} was used as a key of a dict, in a "
            f"set or a cache: another number of that value would get what is stored with this one, "
            f"and its derivative. Take a name or an index as key, or dualad.stop_gradient(x) if "
            f"what is stored does not depend on x; keep functools.lru_cache from functions of x. "
            f"In code that is not yours, dualad.lift lets one number of each value be a key."
        )


class InPlaceError(DualadError, TypeError):
    """A traced array was updated in place in a way that is not supported."""

    def __init__(self, operation: str) -> None:
        super().__init__(operation)

    def __str__(self) -> str:
        (operation,) = self.args
        return (
            f"{operation} would update a traced array in place in a way that dualad does not "
            f"follow: the derivative would be lost. Make a new array instead: x = x + y, "
            f"np.where(mask, v, x), np.stack([...]) or np.concatenate([...])."
        )


class ReadOnlyError(DualadError, ValueError):
    """A write into a traced array that NumPy would refuse, too."""

    def __str__(self) -> str:
        return (
            "assignment destination is read-only: the array is one, or shows places several "
            "times, as what np.broadcast_to returns. Write into a copy: x = x.copy()."
        )


class PlainArrayError(DualadError, TypeError):
    """A traced value was to be written into a plain array."""

    def __init__(self, operation: str) -> None:
        super().__init__(operation)

    def __str__(self) -> str:
        (operation,) = self.args
        return (
            f"{operation} would write a traced value into an ordinary array, as array += x does; "
            f"it cannot hold a derivative, which would be lost. Make the array with "
            f"np.zeros_like(x) or np.zeros(n, like=x), where x is traced, or import dualad.numpy "
            f"as np. Code that is not yours differentiates as it is with "
            f"dualad.grad(dualad.lift(fn))."
        )


class EscapedError(DualadError, RuntimeError):
    """A traced value was used after its transform had returned."""

    def __str__(self) -> str:
        return (
            "a traced value was used after the transform that made it had returned: its trace is "
            "closed, and the derivative would be lost. Return the value from the function that is "
            "differentiated (has_aux=True for extra results), or store dualad.stop_gradient(x)."
        )


class TracedPicklingError(DualadError, PicklingError):
    """A traced value was pickled, which would cut it off its trace."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__(shape)

    def __str__(self) -> str:
        (shape,) = self.args
        return (
            f"a traced value of shape {shape} was pickled, perhaps to be sent to another process, "
            f"where its trace is not: the derivative would be lost. Differentiate within the "
            f"process that computes: send dualad.grad(fn), which pickles if fn does; or send "
            f"dualad.stop_gradient(x), if no derivative is wanted."
        )


class ArgumentTypeError(DualadError, TypeError):
    """An argument to differentiate is no real or complex number or array."""

    def __init__(self, path: str, found: str) -> None:
        super().__init__(path, found)

    def __str__(self) -> str:
        path, found = self.args
        return (
            f"{path} is {found}, which has no derivative: only float and complex numbers and "
            f"arrays do (integers are promoted to float64). Choose other arguments with argnums, "
            f"or convert it: np.asarray(value, dtype=float)."
        )


class NotScalarError(DualadError, TypeError):
    """`dualad.derivative` met an argument that is more than one number."""

    def __init__(self, position: int, found: str) -> None:
        super().__init__(position, found)

    def __str__(self) -> str:
        position, found = self.args
        return (
            f"argument {position} is {found}, and dualad.derivative is by a single number. Write "
            f"dualad.grad(fn), which gives the derivatives at all elements of an array if fn acts "
            f"element by element, or dualad.jacobian(fn), which serves any function."
        )


class ArgumentNumberError(DualadError, ValueError):
    """Positions to differentiate that the call does not have."""

    def __init__(self, argnums: object, count: int, reason: str) -> None:
        super().__init__(argnums, count, reason)

    def __str__(self) -> str:
        argnums, count, reason = self.args
        return (
            f"argnums={argnums!r} does not fit a call with {count} positional argument"
            f"{'' if count == 1 else 's'}: {reason}. argnums is an int or a tuple of distinct "
            f"ints below that count (keyword arguments are passed through, not differentiated), "
            f"or None together with weights=."
        )


class OutputTypeError(DualadError, TypeError):
    """An output of the function has no derivative."""

    def __init__(self, path: str, found: str, instead: str) -> None:
        super().__init__(path, found, instead)

    def __str__(self) -> str:
        path, found, instead = self.args
        return f"{path} of the function is {found}, which has no derivative here: {instead}."


class StructureError(DualadError, ValueError):
    """Two trees differ in structure, or two leaves in shape."""

    def __init__(self, what: str, expected: str, found: str) -> None:
        super().__init__(what, expected, found)

    def __str__(self) -> str:
        what, expected, found = self.args
        return f"{what} should be {expected}, but is {found}. Give it that structure and shape."


class NotHolomorphicError(DualadError, ValueError):
    """A complex function of complex arguments has no single complex derivative."""

    def __str__(self) -> str:
        return (
            "the function maps complex numbers to complex numbers and is not holomorphic here, so "
            "no one complex Jacobian exists. Differentiate its real and imaginary parts as "
            "functions of two real arguments, or use dualad.jvp and dualad.vjp."
        )


class SingularDerivativeError(DualadError, ValueError):
    """A derivative does not exist at this point."""

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(function, reason)

    def __str__(self) -> str:
        function, reason = self.args
        return f"the derivative of {function} does not exist at this point: {reason}."


class ClosureError(DualadError, ValueError):
    """A function that is one operation used a traced value that it was not given."""

    def __init__(self, function: str, transform: str) -> None:
        super().__init__(function, transform)

    def __str__(self) -> str:
        function, transform = self.args
        return (
            f"{function}, made by dualad.{transform}, uses a traced value that is none of its "
            f"arguments: its derivative would be lost. Pass it as an argument, or use "
            f"dualad.stop_gradient(value) if no derivative is wanted."
        )


class NotLinearError(DualadError, ValueError):
    """A custom rule was to be transposed, and is not linear."""

    def __init__(self, function: str) -> None:
        super().__init__(function)

    def __str__(self) -> str:
        (function,) = self.args
        return (
            f"the rule of {function} is not linear in the tangent or cotangent, so it has no "
            f"transpose, and serves one mode only: a custom_jvp forward mode, a custom_vjp reverse "
            f"mode. Choose that with mode=, since the gradient by one number goes forward by "
            f"default, or write the rule with linear functions."
        )


class RecomputationError(DualadError, RuntimeError):
    """A function that is one operation was evaluated again, and differed."""

    def __init__(self, function: str, transform: str = "checkpoint") -> None:
        super().__init__(function, transform)

    def __str__(self) -> str:
        function, transform = self.args
        return (
            f"{function}, made by dualad.{transform}, returned other values when it was evaluated "
            f"again: the derivative would be that of another function. Pass as arguments what "
            f"changes from call to call, random numbers too."
        )


class WorkerError(DualadError, RuntimeError):
    """Work was spread over workers, and they could not do it."""

    def __init__(self, what: str, why: str, instead: str) -> None:
        super().__init__(what, why, instead)

    def __str__(self) -> str:
        what, why, instead = self.args
        return f"{what}: {why}. {instead}."


class NonFiniteError(DualadError, FloatingPointError):
    """A value or derivative was not finite, within `dualad.debug`."""

    def __init__(self, found: str, what: str, operation: str, place: str, inputs: str) -> None:
        super().__init__(found, what, operation, place, inputs)

    def __str__(self) -> str:
        found, what, operation, place, inputs = self.args
        return (
            f"{found} arose in {what} of {operation}, of {inputs}, at {place}. NumPy and dualad go "
            f"on with it, and all that depends on it is lost. Keep the inputs off such points: "
            f"np.where(ok, x, 1) ahead of the operation, np.where(ok, y, 0) behind it."
        )


class SparsityError(DualadError, ValueError):
    """A pattern, or a coloring, does not fit the matrix."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(what, why)

    def __str__(self) -> str:
        what, why = self.args
        return (
            f"{what} does not fit: {why}. The matrix would be wrong. Leave it to "
            f'sparsity="auto", or see dualad.sparse.jacobian_pattern and dualad.sparse.color.'
        )


class MissingExtraError(DualadError, ImportError):
    """A package that an optional feature needs is not installed."""

    def __init__(self, feature: str, package: str, extra: str) -> None:
        super().__init__(feature, package, extra)

    def __str__(self) -> str:
        feature, package, extra = self.args
        return (
            f"{feature} needs the package {package}, which is not installed: it is optional. "
            f"Install it with: pip install 'dualad[{extra}]'."
        )


class DuplicateRowError(DualadError, ValueError):
    """A function was declared twice."""

    def __init__(self, function: str) -> None:
        super().__init__(function)

    def __str__(self) -> str:
        (function,) = self.args
        return (
            f"{function} has a row already: two rules for one function would drift apart. Use "
            f"the row that is there, or declare one for a function of your own."
        )
