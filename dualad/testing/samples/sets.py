"""What the rows of `dualad.rules.sets` are tried on."""

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample

RESULTS = ("return_index", "return_inverse", "return_counts")


def _results(d: Draws) -> dict[str, bool]:
    """Return which results to ask for beside the values."""
    return {name: True for name in RESULTS if d.boolean()}


def _unique(d: Draws) -> Call:
    """Return an array, by values or along an axis, and what else to return."""
    x = d.array(None, "distinct")
    axis = d.choice([None, d.axis(x)]) if x.ndim and x.size else None
    return Call(x, axis=axis, **_results(d), **({"equal_nan": False} if d.boolean() else {}))


def _two_sets(d: Draws) -> Call:
    """Return two sets; in common values, small steps would change the size of what is found."""
    return Call(d.array(None, "distinct", min_ndim=1), d.array(None, "distinct", min_ndim=1))


def _flagged(d: Draws, *names: str) -> Call:
    """Return two sets, with some flags set."""
    return Call(*_two_sets(d).args, **{name: True for name in names if d.boolean()})


SAMPLES = [
    Sample(np.unique, _unique, complex=True),
    Sample(
        np.unique_values, lambda d: Call(d.array(None, "distinct")), complex=True, observe=np.sort
    ),
    Sample(np.unique_counts, lambda d: Call(d.array(None, "distinct")), complex=True),
    Sample(np.unique_inverse, lambda d: Call(d.array(None, "distinct")), complex=True),
    Sample(np.unique_all, lambda d: Call(d.array(None, "distinct")), complex=True),
    Sample(np.intersect1d, lambda d: _flagged(d, "assume_unique", "return_indices"), complex=True),
    Sample(np.union1d, _two_sets, complex=True),
    Sample(np.setxor1d, lambda d: _flagged(d, "assume_unique"), complex=True),
    Sample(np.setdiff1d, lambda d: _flagged(d, "assume_unique"), complex=True),
    Sample(np.isin, lambda d: Call(d.array(), d.array(), invert=d.boolean()), complex=True),
]
