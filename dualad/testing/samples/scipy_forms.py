"""What the rows of `dualad.rules.scipy_forms` are tried on."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dualad.rules.scipy_forms import ROWS
from dualad.testing.samples.base import Call, Draws, Sample
from dualad.testing.samples.factorizations import without_signs
from dualad.testing.samples.scipy_linalg import DOUBLE, own


def _sample(name: str, draw: Callable[[Draws], Call], **options: Any) -> Sample:
    """Return a sample of one of the functions."""
    return Sample(own(ROWS, name), draw, **{"float32": False, "reason": DOUBLE, **options})


def apart(d: Draws, n: int) -> Any:
    """Return a matrix whose eigenvalues are real and lie apart."""
    v = d.matrix(n)
    return d.laid_out((v * (np.arange(n) * 1.3 + 0.7)) @ np.linalg.inv(v))


def _but_for_signs(out: Any) -> Any:
    """Return eigenvalues, and eigenvectors but for their signs."""
    return out[0], *[without_signs(v) for v in out[1:]]


def _form_but_for_signs(out: Any) -> Any:
    """Return a form and a basis, but for the signs of the basis."""
    return np.abs(out[0]), without_signs(out[1])


def _pair(d: Draws) -> Call:
    """Return a pair of matrices whose eigenvalues are real, and which vectors are wanted."""
    n = d.integer(1, 3)
    b = d.matrix(n)
    return Call(d.laid_out(b @ apart(d, n)), b, d.boolean(), True)


def _bands(d: Draws) -> Call:
    """Return a banded Hermitian matrix, and which of its triangles has the bands."""
    n, lower = d.integer(2, 4), d.boolean()
    bands = d.array((2, n))
    main = np.arange(n) * 4.0
    bands = np.stack(
        [main + bands[0].real / 9, bands[1]] if lower else [bands[1], main + bands[0].real / 9]
    )
    return Call(d.laid_out(bands.astype(d.dtype)), lower)


def _wide(d: Draws) -> Call:
    """Return a matrix, and which factors are wanted."""
    m = d.integer(1, 3)
    n = m if d.boolean() else m + 1
    return Call(
        d.matrix(n)[:m] * 1.0, mode="economic" if n > m else d.choice(("full", "economic", "r"))
    )


def _indefinite(d: Draws) -> Call:
    """Return a matrix of which a triangle is read, perhaps with blocks, and which triangle."""
    n = d.integer(2, 4)
    a = d.array((n, n)) + np.eye(n) * d.choice((0.0, 4.0))
    return Call(d.laid_out((a + np.conj(a.T)) / 2), d.boolean())


SAMPLES = [
    _sample("ldl_form", _indefinite, complex=True),
    _sample("ldl", _indefinite, complex=True),
    _sample("funm", lambda d: Call(apart(d, d.integer(1, 3)), d.choice((np.exp, np.cos)))),
    _sample("schur_form", lambda d: Call(apart(d, d.integer(1, 4))), observe=_form_but_for_signs),
    _sample("schur", lambda d: Call(apart(d, d.integer(1, 3))), observe=_form_but_for_signs),
    _sample("hessenberg_form", lambda d: Call(d.array((4, 4)))),
    _sample("hessenberg", lambda d: Call(d.array((3, 3)), d.boolean())),
    _sample("rq", _wide),
    _sample(
        "eig", lambda d: Call(apart(d, d.integer(1, 3)), None, d.boolean()), observe=_but_for_signs
    ),
    _sample("eig", _pair, observe=_but_for_signs),
    _sample("eigvals", lambda d: Call(apart(d, d.integer(1, 3)))),
    _sample("eigvals", lambda d: Call(d.array((2, 2))), complex=True),
    _sample("eigvals", lambda d: Call(*_pair(d).args[:2])),
    _sample("eig_banded", _bands, observe=_but_for_signs),
    _sample("eigvals_banded", _bands, complex=True),
]
