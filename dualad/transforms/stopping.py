"""Values whose derivative is not wanted."""

from typing import Any

import numpy as np

from dualad.core.tracer import Tracer, strip
from dualad.tree import tree_map
from dualad.typing import Tree


def stop_gradient(x: Tree) -> Tree:
    """Value of `x`, through which no derivative flows, at any level.

    Parameters
    ----------
    x : tree
        Traced or not.

    Returns
    -------
    tree
        Plain numbers and arrays, copies of traced ones; what was plain comes back as it is.

    Examples
    --------
    >>> from dualad import grad
    >>> float(grad(lambda x: x * stop_gradient(x))(3.0))
    3.0
    """
    return tree_map(_plain, x)


def _plain(leaf: Any) -> Any:
    """Return a leaf without its traces; a float as NumPy's."""
    plain = strip(leaf)
    if not isinstance(leaf, Tracer):
        return plain
    return np.float64(plain) if type(plain) is float else plain.copy()
