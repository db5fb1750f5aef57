"""What the rows of `dualad.rules.creation` are tried on."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dualad.testing.samples.base import Call, Draws, Sample

INEXACT = (np.float32, np.float64, np.longdouble, np.complex64, np.complex128, np.clongdouble)


class Together(Call):
    """A call whose arguments are made of one operand, and so are traced together.

    For functions that do not see a traced value in the one argument if the other is plain.
    """

    def __init__(self, make: Callable[[Any], Call], operand: Any) -> None:
        call = make(operand)
        super().__init__(*call.args, **call.kwargs)
        self.make, self.operand = make, operand

    def operands(self, fixed: Sequence[int | str] = ()) -> list[Any]:
        """Return the one operand."""
        return [self.operand]

    def replaced(self, values: Sequence[Any], fixed: Sequence[int | str] = ()) -> Call:
        """Return the call with another operand."""
        return self.make(values[0])


def _wider(d: Draws) -> Any:
    """Return an inexact dtype that holds the values of the one drawn."""
    return d.choice([dtype for dtype in INEXACT if np.can_cast(d.dtype, dtype)])


def _full_like(d: Draws) -> Any:
    """Return an array, and a value that fills one like it, or one of another shape."""
    a, fill = d.array(), d.array(())
    dtype = d.choice([None, _wider(d)])
    return d.choice([Call(a, fill), Call(a, fill, dtype), Call(a, fill, shape=(2, 3)),
                     Call(a, d.array((2,)), shape=(3, 2), dtype=dtype, order="C")])  # fmt: skip


def _full_like_both(d: Draws) -> Call:
    """Return an array, and a value that fills one like it, all of them traced."""
    dtype, shape, n = d.choice([None, _wider(d)]), d.choice([None, (2, 3)]), d.integer(0, 2)
    return Together(lambda x: Call(x[n:], x[n], dtype, shape=shape), d.array((3,)))


def _full_like_int(d: Draws) -> Call:
    """Return an array and a value, traced, that fill an array of integers."""
    return Together(lambda x: Call(x[1:], x[0], int), d.array((3,)))


def _meshgrid(d: Draws) -> Any:
    """Return vectors, or numbers, along the axes of a grid."""
    xi = [
        d.choice([d.array(max_ndim=1), d.array((2,)), [1.0, 2.0]]) for _ in range(d.integer(1, 3))
    ]
    options = {"sparse": d.boolean(), "copy": d.boolean(), "indexing": d.choice(["xy", "ij"])}
    return d.choice([Call(*xi, d.array((2,))), Call(d.array((3,)), *xi, **options)])


def _ends(d: Draws, domain: str = "real") -> list[Any]:
    """Return two ends that broadcast, of which one may be a number."""
    ends = [d.array(shape[-2:], domain) for shape in d.broadcastable(2)]
    if d.integer(0, 2) == 2:
        ends[d.integer(0, 1)] = d.choice([3, 0.5, np.int16(2)])
    return ends


def _unlike(d: Draws, ends: list[Any]) -> list[Any]:
    """Return the ends, perhaps in two dtypes."""
    first = ends[0].astype(_wider(d)) if isinstance(ends[0], np.ndarray) else ends[0]
    return [first, ends[1]]


def _samples(d: Draws, ends: list[Any]) -> dict[str, Any]:
    """Return how many samples there are between ends, whether with the last, and on which axis."""
    ndim = max(np.ndim(x) for x in ends)
    options = {"num": d.integer(0, 5), "endpoint": d.boolean()}
    return options if d.boolean() else options | {"axis": d.integer(-ndim - 1, ndim)}


def _linspace(d: Draws) -> Any:
    """Return two ends, and samples between them."""
    ends = _ends(d)
    options = _samples(d, ends)
    if d.boolean():
        ends = _unlike(d, ends)
    else:
        options["retstep"] = options["num"] > 1 and d.boolean()
        options["dtype"] = d.choice([None, _wider(d)])
    return d.choice([Call(*ends, **options), Call(*ends, options["num"], options["endpoint"])])


def _logspace(d: Draws) -> Any:
    """Return two exponents, and samples between them, of a base."""
    ends = _ends(d, "unit")
    options = _samples(d, ends)
    if d.boolean():
        options["dtype"] = d.choice([None, _wider(d)])
    base = d.choice([2, 3.0, d.array((), "positive")])
    if all(isinstance(x, np.ndarray) for x in ends):
        shape = np.broadcast_shapes(*[x.shape for x in ends]) or (1,)
        base = d.choice([base, d.array((1,), "positive"), d.array(shape, "positive")])
    return d.choice([Call(*ends, **options), Call(*ends, base=base, **options)])


def _geomspace(d: Draws) -> Call:
    """Return two ends, and samples between them, in a geometric sequence."""
    ends = _unlike(d, _ends(d, "positive"))
    if d.boolean() and isinstance(ends[0], np.ndarray) and isinstance(ends[1], np.ndarray):
        ends = [-ends[0], -ends[1]]
    return Call(*ends, **_samples(d, ends))


def _vander(d: Draws) -> Any:
    """Return a vector, and which of its powers are taken."""
    x = d.array(min_ndim=1, max_ndim=1)
    n = d.integer(0, 4)
    return d.choice([Call(x), Call(x, n), Call(x, n, True), Call(x, N=n, increasing=d.boolean())])


SAMPLES = [
    Sample(np.copy, lambda d: Call(d.array(), *["KF"[d.integer(0, 1)]][: d.integer(0, 1)])),
    Sample(np.copy, lambda d: Call(d.array(), order="C", subok=True), complex=True),
    Sample(np.astype, lambda d: Call(np.asarray(d.array()), _wider(d)), complex=True),
    Sample(np.astype, lambda d: Call(np.asarray(d.array()), d.dtype, copy=d.boolean())),
    Sample(np.astype, lambda d: Call(np.asarray(d.array()), d.choice([int, bool]))),
    Sample(np.zeros_like, lambda d: Call(d.array(), shape=d.choice([None, (2, 3)])), complex=True),
    Sample(np.ones_like, lambda d: Call(d.array(), d.choice([None, int, complex])), complex=True),
    Sample(np.empty_like, lambda d: Call(d.array(), shape=(0, 3)), complex=True),
    Sample(np.full_like, _full_like, complex=True, fixed=(1,)),
    Sample(np.full_like, _full_like_both, complex=True),
    Sample(np.full_like, _full_like_int),
    Sample(np.full_like, lambda d: Call(d.array(), 3.7, d.choice([None, int])), complex=True),
    Sample(np.meshgrid, _meshgrid, complex=True),
    Sample(np.ix_, lambda d: Call(d.array((2,)), [0, 1, 2], d.array((3,))), complex=True),
    Sample(np.linspace, _linspace, complex=True),
    Sample(np.linspace, lambda d: Call(d.array(()), 3, d.integer(2, 4), dtype=int)),
    Sample(np.logspace, _logspace, complex=True),
    Sample(np.geomspace, _geomspace, complex=True),
    Sample(np.vander, _vander, complex=True),
    Sample(np.result_type, lambda d: Call(d.array(), np.int8), complex=True),
    Sample(np.can_cast, lambda d: Call(d.array(()), np.float32, "same_kind"), complex=True),
    Sample(np.common_type, lambda d: Call(d.array(), d.array()), complex=True),
    Sample(np.min_scalar_type, lambda d: Call(d.array()), complex=True),
    Sample(np.array_repr, lambda d: Call(d.array(), precision=d.integer(1, 4)), complex=True),
    Sample(
        np.array_str, lambda d: Call(d.array(min_ndim=1), precision=d.integer(1, 4)), complex=True
    ),
    Sample(np.array2string, lambda d: Call(d.array(), separator=", "), complex=True),
]
