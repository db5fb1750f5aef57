"""Finding the first NaN or infinity: where it arose, in which operation, and from what.

Nothing in the engine knows of this. Python's profiler hook tells each value that the engine
returns, so that a program that is not debugged pays nothing.
"""

import linecache
import sys
from inspect import unwrap
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple, Self

import numpy as np

from dualad.core import product, pulling, pushing
from dualad.core.dual import Dual
from dualad.core.recorded import Recorded
from dualad.core.row import name_of
from dualad.core.tracer import Tracer, numpy_value, primal_value, strip
from dualad.errors import NonFiniteError
from dualad.rules import infinite

PACKAGE = str(Path(__file__).parents[1])
SHOWN = 200  # characters of an input

# What these compute on the way may be NaN; they look at it themselves, and mend it.
MENDING = {
    function.__code__
    for function in (
        product.strong,
        product.checked,
        unwrap(pulling.pull_finite),
        pulling.pull,
        pushing.push,
        infinite.settled,
    )
}
LOOPS = {pulling.Pull.through.__code__, pushing.push.__code__}
SWEEPS = {
    unwrap(pulling.pull_finite).__code__: "cotangent",
    unwrap(pushing.push_finite).__code__: "tangent",
}


class Site(NamedTuple):
    """Where an operation stands in the user's code."""

    operation: str
    place: str
    inputs: str


class debug:  # noqa: N801  # a context manager, named like a function
    """Context in which the first NaN or infinity in a value or derivative raises.

    Parameters
    ----------
    nan, inf : bool
        What to look for.

    Raises
    ------
    NonFiniteError
        By the transforms within: it names the operation, its line, and its inputs.

    Notes
    -----
    It uses the hook of Python's profiler, in the thread that enters it; a profiler that is at work
    pauses meanwhile. Code within runs some ten times more slowly, all other code as ever. A NaN in
    a branch that `numpy.where` does not take counts, too: if it is meant to be there, leave the
    context before.

    Examples
    --------
    >>> import numpy as np
    >>> import dualad as da
    >>> with da.debug():
    ...     da.grad(lambda x: np.sqrt(x - 1.0) * 2.0)(1.0)
    Traceback (most recent call last):
        ...
    dualad.errors.NonFiniteError: Inf arose in the tangent of sqrt...
    """

    def __init__(self, *, nan: bool = True, inf: bool = True) -> None:
        self.nan, self.inf = nan, inf
        self.sites: dict[tuple[int, int], Site] = {}

    def __enter__(self) -> Self:
        self.previous = sys.getprofile()
        self.whole = pulling.whole_records.set(True)
        sys.setprofile(self._look)
        return self

    def __exit__(self, *error: object) -> None:
        sys.setprofile(self.previous)
        pulling.whole_records.reset(self.whole)
        self.sites.clear()

    def _look(self, frame: FrameType, event: str, value: Any) -> None:
        """Look at what a function returns; the profiler calls this."""
        if event != "return" or value is None:
            return
        code = frame.f_code
        if code in SWEEPS:
            self._after_sweep(frame, value)
        elif isinstance(value, (Dual, Recorded)) and code.co_filename.startswith(PACKAGE):
            self._after_operation(frame, value)

    def _after_operation(self, frame: FrameType, value: Any) -> None:
        """Look at a traced value, and note where it came from."""
        codes, outermost, sweep, user = _stack(frame)
        if outermost is None or user is None:
            return
        if isinstance(value, Recorded):
            key = (id(value.origin.entries), value.position)
            if key not in self.sites:
                self.sites[key] = self._swept(sweep) if sweep else _site(outermost, user)
        if codes & MENDING:
            return
        if (found := self._found(value.primal)) is not None:
            raise NonFiniteError(found, "the value", *_site(outermost, user))
        tangent = value.tangent if isinstance(value, Dual) else None
        if (found := self._found(tangent)) is not None:
            raise NonFiniteError(found, "the tangent", *_site(outermost, user))

    def _after_sweep(self, frame: FrameType, results: list[Any]) -> None:
        """Look at the results of a sweep; if one is not finite, find the operation."""
        worst = [found for found in map(self._found, results) if found is not None]
        if not worst:
            return
        given = frame.f_locals
        entries = given["entries"]
        if SWEEPS[frame.f_code] == "cotangent":
            position = self._first(given)
            what = "the cotangent of the input"
        else:
            position, what = given["outputs"][0], "the tangent"
        raise NonFiniteError(worst[0], what, *self._at(entries, position))

    def _at(self, entries: Any, position: int) -> Site:
        """Return where the operation of an entry stands."""
        unknown = Site("an operation", "in code that ran before the context", "")
        return self.sites.get((id(entries), position), unknown)

    def _swept(self, frame: FrameType) -> Site:
        """Return where the operation stands that a sweep is passing."""
        known = frame.f_locals
        return self._at(known["entries"], known["position"])

    def _first(self, given: dict[str, Any]) -> int:
        """Return the position of the entry whose pull made the first cotangent not finite.

        Once there is one, it stays until the end: so it is found by bisection.
        """
        entries, seeds = given["entries"], list(given["seeds"])
        low: int = given["inputs"]
        high = len(entries)
        with np.errstate(all="ignore"):
            while high - low > 1:  # finite down to `high`, not down to `low`
                middle = (low + high) // 2
                cts = pulling.pull(entries, seeds, middle, given["directions"], product.strong)
                if any(self._found(ct) is not None for ct in cts):
                    low = middle
                else:
                    high = middle
        return low

    def _found(self, value: Any) -> str | None:
        """Return what a value has that is looked for."""
        if value is None:
            return None
        plain = np.asarray(numpy_value(value))
        if plain.dtype.kind not in "fc":
            return None
        if self.nan and np.isnan(plain).any():
            return "NaN"
        return "Inf" if self.inf and np.isinf(plain).any() else None


class Stack(NamedTuple):
    """The codes under way in the package, its outermost frame, a sweep's, and the user's."""

    codes: set[CodeType]
    outermost: FrameType | None
    sweep: FrameType | None
    user: FrameType | None


def _stack(frame: FrameType) -> Stack:
    """Return what is under way."""
    codes: set[CodeType] = set()
    outermost: FrameType | None = None
    sweep: FrameType | None = None
    here: FrameType | None = frame
    while here is not None and here.f_code.co_filename.startswith((PACKAGE, NUMPY)):
        if here.f_code.co_filename.startswith(PACKAGE):
            outermost = here
            codes.add(here.f_code)
            sweep = here if here.f_code in LOOPS else sweep
        here = here.f_back
    return Stack(codes, outermost, sweep, here)


NUMPY = str(Path(np.__file__).parent)


def _site(outermost: FrameType, user: FrameType) -> Site:
    """Return where an operation stands, given its frame and that which called it."""
    path, line = user.f_code.co_filename, user.f_lineno
    text = linecache.getline(path, line).strip()
    known = outermost.f_locals
    function = next((known[name] for name in ("function", "ufunc") if name in known), None)
    if function is None and "row" in known:
        function = known["row"].function
    name = outermost.f_code.co_name if function is None else name_of(function)
    names = outermost.f_code.co_varnames[: outermost.f_code.co_argcount]
    given = [known.get("inputs", known.get("args"))] if "args" in known or "inputs" in known else []
    given = given or [known[each] for each in names if _is_value(known.get(each))]
    inputs = ", ".join(_shown(each) for each in _flat(given) if _is_value(each))
    return Site(name.removeprefix("numpy."), f"{path}:{line}: {text}", inputs)


def _is_value(x: Any) -> bool:
    """Return whether `x` is a number or array, traced or not."""
    return isinstance(x, (Tracer, np.ndarray, np.number, int, float, complex))


def _flat(values: Any) -> list[Any]:
    """Return the items of nested lists and tuples."""
    if not isinstance(values, (list, tuple)):
        return [values]
    return [item for part in values for item in _flat(part)]


def _shown(x: Any) -> str:
    """Return a value in a few words."""
    plain = strip(x) if isinstance(x, Tracer) else primal_value(x)
    text = " ".join(np.array2string(np.asarray(plain), threshold=8, edgeitems=3).split())
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."
