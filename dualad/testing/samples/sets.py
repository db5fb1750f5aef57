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


def _two_sets(d: Draws, *flags: str) -> Call:
    """Return two sets without common values: small steps would change how many there are.

    Some `flags` are set. Those that are known to be unique have one axis.
    """
    named = {flag: True for flag in flags if d.boolean()}
    ndim = 1 if "assume_unique" in named else 4
    first, second = (d.array(None, "distinct", min_ndim=1, max_ndim=ndim) for _ in range(2))
    return Call(first, second, **named)


SAMPLES = [
    Sample(np.unique, _unique, complex=True),
    Sample(
        np.unique_values, lambda d: Call(d.array(None, "distinct")), complex=True, observe=np.sort
    ),
    Sample(np.unique_counts, lambda d: Call(d.array(None, "distinct")), complex=True),
    Sample(np.unique_inverse, lambda d: Call(d.array(None, "distinct")), complex=True),
    Sample(np.unique_all, lambda d: Call(d.array(None, "distinct")), complex=True),
    Sample(np.intersect1d, lambda d: _two_sets(d, "assume_unique", "return_indices"), complex=True),
    Sample(np.union1d, _two_sets, complex=True),
    Sample(np.setxor1d, lambda d: _two_sets(d, "assume_unique"), complex=True),
    Sample(np.setdiff1d, lambda d: _two_sets(d, "assume_unique"), complex=True),
    Sample(np.isin, lambda d: Call(d.array(), d.array(), invert=d.boolean()), complex=True),
    *[Sample(f, lambda d: Call(d.array(), d.array())) for f in (getattr(np, "in1d", None),) if f],
]
