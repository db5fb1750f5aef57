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
ZERO = "it adds zero, to make integers floats, or real numbers complex"
TINY = "a term of the series below 1e-14 wherever the series is used"
EQUAL = "abs(x) / x is conj(x) / abs(x)"
EITHER = "only the greater of the two is used, whatever their order"
MARK = "a mark that has to differ from 0, no more"
AHEAD = "`np.tile` puts the ones that are missing ahead itself"
EVEN = "variances do not see the sign of deviations"
EXCHANGE = "to exchange two axes is the same in either order"
ROUNDS = "elements keep their order and differ: there are rounds with nothing to do"
PHASE = "its arguments are multiplied element by element: they commute"
BELOW = "a number below all absolute values"
UNREACHED = "products with vectors are answered before, by the rules for the usual shapes"
SIZE = "the sign of a difference whose size alone is read"

Key = tuple[str, str, str, str, str]

EXPLAINED: dict[Key, str] = {
    ("transcendental", "_sinc_partial", "factor lost", "u / 180", "u"): TINY,
    ("transcendental", "np.frexp", "factor lost", "0 * t", "0"): INTEGER,
    ("transcendental", "np.frexp", "factor lost", "0 * t", "t"): INTEGER,
    ("complex", "_complexified", "sign flipped", "ct + 0j", "ct - 0j"): ZERO,
    ("complex", "modulus", "arguments swapped", "_conjugated_direction(y, x)",
     "_conjugated_direction(x, y)"): EQUAL,
    ("indexing", "_add_into", "factor lost", "MANY * math.prod(lead)", "MANY"): COST,
    ("selecting", "_by_upper", "arguments swapped", "_shares(a, lower, upper)",
     "_shares(lower, a, upper)"): EITHER,
    ("updates", "_turns", "sign flipped", "np.arange(places.size) - np.repeat(starts, lengths)",
     "np.arange(places.size) + np.repeat(starts, lengths)"): ROUNDS,
    ("polynomials", "_polydiv", "sign flipped", "_coefficients(u, 'polydiv') + 0.0",
     "_coefficients(u, 'polydiv') - 0.0"): ZERO,
    ("joining", "_insert", "axis off by one", "np.full(size, -1)", "np.full(size, -2)"): MARK,
    ("padding", "_tile_push", "operands swapped", "len(leading) + len(shape_of(y)) - len(reps)",
     "len(reps) - (len(leading) + len(shape_of(y)))"): AHEAD,
    ("statistics", "_about_mean", "operands swapped", "a - mean", "mean - a"): EVEN,
    ("statistics", "_corrcoef", "arguments swapped", "np.clip(plain.imag, -1, 1)",
     "np.clip(-1, plain.imag, 1)"): EITHER,
    ("indexing", "_take_index", "arguments swapped",
     "np.clip(indices, 0, max(length - 1, 0))", "np.clip(0, indices, max(length - 1, 0))"): EITHER,
    ("ordering", "ties_shared", "arguments swapped", "strip(y).swapaxes(axis, 0)",
     "strip(y).swapaxes(0, axis)"): EXCHANGE,
    ("leastsquares", "_as_read", "axis off by one", "shape_of(a)[-1]", "shape_of(a)[-2]"): SQUARE,
    ("products", "_splits", "factor lost", "sides[i] * sides[k + 1]", "sides[k + 1]"): COST,
    ("products", "_splits", "sign flipped", "j + 1", "j - 1"): COST,
    ("products", "_vdot", "arguments swapped",
     "np.dot(np.conj(a) if np.iscomplexobj(a) else a, b)",
     "np.dot(b, np.conj(a) if np.iscomplexobj(a) else a)"): COMMUTES,
    ("products", "_dot", "axis off by one",
     "tensordot(a, b, (-1, -2 if len(b) > 1 else -1) if a and b else 0)",
     "tensordot(a, b, (-1, -2 if len(b) > 1 else -2) if a and b else 0)"): UNREACHED,
    ("products", "_multi_dot", "axis off by one", "shapes[0][:-1]", "shapes[0][:-2]"): COST,
    ("products", "_splits", "factor lost", "sides[i] * sides[k + 1]", "sides[i]"): COST,
    ("products", "_matrix_power", "arguments swapped", "np.matmul(found, power)",
     "np.matmul(power, found)"): COMMUTES,
    ("linalg", "_adjugate", "axis off by one", "shape_of(a)[-1]", "shape_of(a)[-2]"): SQUARE,
    ("linalg", "_adjugate", "arguments swapped", "np.matmul(a, m)", "np.matmul(m, a)"): COMMUTES,
    ("linalg", "_cofactors_by_blocks", "factor lost",
     "shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5 * s[..., :1]",
     "shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5"): CHOICE,
    ("linalg", "_cofactors_by_blocks", "factor lost",
     "shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5 * s[..., :1]", "s[..., :1]"): CHOICE,
    ("linalg", "_cofactors_by_blocks", "factor lost",
     "shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5", "shape_of(a)[-1]"): CHOICE,
    ("linalg", "_cofactors_by_blocks", "factor lost",
     "shape_of(a)[-1] * np.finfo(s.dtype).eps ** 0.5", "np.finfo(s.dtype).eps ** 0.5"): CHOICE,
    ("linalg", "_cofactors_by_blocks", "axis off by one", "shape_of(a)[-1]",
     "shape_of(a)[-2]"): SQUARE,
    ("factorizations", "_eigh_vjp", "mT dropped", "mT(weights)", "weights"): SYMMETRIC,
    ("factorizations", "_eig_vjp", "mT dropped", "mT(weights)", "weights"): SYMMETRIC,
    ("factorizations", "_eigh_vjp", "arguments swapped", "phase_cotangents(by_v, v)",
     "phase_cotangents(v, by_v)"): PHASE,
    ("factorizations", "_largest", "axis off by one", "plain.shape[-1]",
     "plain.shape[-2]"): SQUARE,
    ("factorizations", "_largest", "axis off by one", "np.where(real, np.abs(plain), -1)",
     "np.where(real, np.abs(plain), -2)"): BELOW,
    ("singular", "_null_definition", "arguments swapped",
     "np.allclose(found, strip(basis), 0, np.finfo(found.dtype).eps ** 0.5)",
     "np.allclose(strip(basis), found, 0, np.finfo(found.dtype).eps ** 0.5)"): SIZE,
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
