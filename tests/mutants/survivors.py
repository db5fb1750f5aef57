"""Mutants that no property can catch, since they change nothing that a user sees: with reasons.

A key is a subject, the function that is broken or whose row is, the fault, and the code before and
after. What is listed here does not count; a test holds the list to mutants that there are.
"""

COMMUTES = "the two are polynomials of one matrix, or vectors: they commute"
SYMMETRIC = "the matrix of weights is symmetric"
SQUARE = "the matrix is square: both axes are of one length"
INTEGER = "the second output is of integers, whose tangent nobody reads"
CHOICE = "a threshold between two ways to compute the same; both are right near it"
COST = "the cost of a way, not the way: an order of products is chosen by it"
ZERO = "it adds zero, to make integers floats"
PHASE = "its arguments are multiplied element by element: they commute"
BOTH = "the matrix is square, and the other -1 is below all absolute values"
SIZE = "the sign of a difference whose size alone is read"

Key = tuple[str, str, str, str, str]

EXPLAINED: dict[Key, str] = {
    ("transcendental", "np.frexp", "factor lost", "0 * t", "0"): INTEGER,
    ("transcendental", "np.frexp", "factor lost", "0 * t", "t"): INTEGER,
    ("products", "_vdot", "arguments swapped",
     "np.dot(np.conj(a) if np.iscomplexobj(a) else a, b)",
     "np.dot(b, np.conj(a) if np.iscomplexobj(a) else a)"): COMMUTES,
    ("products", "_splits", "factor lost", "sides[i] * sides[k + 1]", "sides[i]"): COST,
    ("products", "_matrix_power", "arguments swapped", "np.matmul(found, power)",
     "np.matmul(power, found)"): COMMUTES,
    ("linalg", "_adjugate", "axis off by one", "-1", "-2"): SQUARE,
    ("linalg", "_adjugate", "arguments swapped", "np.matmul(a, m)", "np.matmul(m, a)"): COMMUTES,
    ("linalg", "_cofactors_by_blocks", "factor lost",
     "shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5 * s[..., :1]",
     "shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5"): CHOICE,
    ("linalg", "_cofactors_by_blocks", "factor lost",
     "shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5 * s[..., :1]", "s[..., :1]"): CHOICE,
    ("linalg", "_cofactors_by_blocks", "factor lost",
     "shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5", "shape_of(a)[-1]"): CHOICE,
    ("linalg", "_cofactors_by_blocks", "axis off by one", "-1", "-2"): SQUARE,
    ("factorizations", "_eigh_vjp", "mT dropped", "mT(weights)", "weights"): SYMMETRIC,
    ("factorizations", "_eig_vjp", "mT dropped", "mT(weights)", "weights"): SYMMETRIC,
    ("factorizations", "_eigh_vjp", "arguments swapped", "phase_cotangents(by_v, v)",
     "phase_cotangents(v, by_v)"): PHASE,
    ("factorizations", "_largest", "axis off by one", "-1", "-2"): BOTH,
    ("singular", "_thin_tangents", "arguments swapped",
     "phases(du if size[0] < size[1] else dv, _anchor(u, v))",
     "phases(_anchor(u, v), du if size[0] < size[1] else dv)"): PHASE,
    ("singular", "_thin_cotangent", "arguments swapped", "phase_cotangents(by_u, u)",
     "phase_cotangents(u, by_u)"): PHASE,
    ("singular", "_thin_cotangent", "arguments swapped", "phase_cotangents(by_v, v)",
     "phase_cotangents(v, by_v)"): PHASE,
    ("factorizations", "_eigenvectors", "operands swapped", "plain - wanted",
     "wanted - plain"): SIZE,
    ("polynomials", "_polydiv", "sign flipped", "_coefficients(v, 'polydiv') + 0.0",
     "_coefficients(v, 'polydiv') - 0.0"): ZERO,
    ("polynomials", "_polyfit", "sign flipped", "as_array(x) + 0.0", "as_array(x) - 0.0"): ZERO,
}  # fmt: skip
