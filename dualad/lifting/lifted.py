"""`lift`, and the function objects that it returns."""

from collections.abc import Callable
from typing import Any

from dualad.core.level import following, is_following, refusal
from dualad.core.tracer import Tracer
from dualad.lifting.lifter import Lifter, session
from dualad.lifting.values import argument, restored
from dualad.transforms.wrapped import Wrapped
from dualad.tree import leaves


def lift(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Return a third-party function so that it can be differentiated as it is.

    While a derivative is being computed, a copy of the function runs in its place, in whose code
    NumPy's names mean `dualad.numpy`, and ``float``, ``isinstance``, `math` and `cmath` keep
    derivatives. The Python functions, methods and classes that it uses are copied likewise, when
    they are first used. Of the third party nothing is changed.

    Parameters
    ----------
    fn : callable
        A function, method, class, `functools.partial`, `numpy.vectorize`, or an object that can
        be called.

    Returns
    -------
    callable
        To be differentiated by any transform. Without a derivative it calls `fn`.

    Notes
    -----
    Functions compiled from other languages cannot be followed; those that got a traced value raise.
    Objects whose methods are used are copied, attribute by attribute, for each call: what the
    methods store is gone after it.

    Examples
    --------
    >>> import math
    >>> import numpy as np
    >>> from dualad import grad
    >>> def third_party(x):
    ...     y = np.zeros(2)
    ...     y[0] = math.sin(x[0])
    ...     y[1] = float(x[1]) ** 2
    ...     return y.sum()
    >>> grad(lift(third_party))(np.array([0.0, 3.0]))
    array([1., 6.])
    """
    return fn if isinstance(fn, Lifted) else Lifted(fn)


class Lifted(Wrapped):
    """A function whose copy runs while a derivative is being computed."""

    def __init__(self, fn: Callable[..., Any]) -> None:
        super().__init__(fn, "lift")
        self.lifter = Lifter()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "lifter"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, lifter=Lifter())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what `fn` returns."""
        traced = is_following() or any(isinstance(x, Tracer) for _, x in leaves((args, kwargs)))
        if not traced:
            return self.fn(*args, **kwargs)
        evaluation = following()
        try:
            with evaluation, session():
                evaluation.keys = {} if evaluation.keys is None else evaluation.keys
                if not self.lifter.is_current():
                    self.lifter = Lifter()
                lifter = self.lifter
                fn = lifter.lifted(self.fn)
                args = tuple([argument(lifter, x) for x in args])
                kwargs = {name: argument(lifter, x) for name, x in kwargs.items()}
                out = fn(*args, **kwargs)
                out = out if isinstance(self.fn, type) else restored(out)
        finally:
            if evaluation.refusal is not None:
                refusal(evaluation.refusal)
        if evaluation.refusal is not None:  # the copy caught it, and went on with something else
            raise evaluation.refusal
        return out
