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
LAST = (
    "SciPy's values, or the program's own: `settled_as` compares them, and they agree to rounding"
)
PLACES = "the integral is symmetric in these two"
KNOTS = "SciPy raises where the task is -1 and no knots are given, and knots alone are enough"
FIRST = "which of two arrays is looked at first for a NaN: the error is the same"
SUMMED = "the engine sums what is left over, since the operand is one number"
RAISES = "it is called for its errors, which are those of the other"

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
    ("scipy_linalg", "_turned", "factor lost",
     "1000.0 * max(plain.shape, default=1) * float(np.finfo(plain.dtype).eps) ** 0.75",
     "1000.0 * max(plain.shape, default=1)"): CHOICE,
    ("matrices", "over", "factor lost", "rounding(m) * _size(t)", "rounding(m)"): CHOICE,
    ("scipy_spatial", "METRICS", "operands swapped", "u - v", "v - u"): EVEN,
    ("scipy_spatial", "_metric", "mT dropped", "mT(np.linalg.inv(np.cov(mT(points))))",
     "np.linalg.inv(np.cov(mT(points)))"): SYMMETRIC,
    ("scipy_spatial", "_pdist", "arguments swapped",
     "settled_as(plain, found, 'scipy.spatial.distance.pdist', f'metric={metric!r}')",
     "settled_as(found, plain, 'scipy.spatial.distance.pdist', f'metric={metric!r}')"): LAST,
    ("scipy_signal", "_medians", "arguments swapped",
     "settled_as(plain, found, 'scipy.signal.medfilt2d', 'kernel_size')",
     "settled_as(found, plain, 'scipy.signal.medfilt2d', 'kernel_size')"): LAST,
    ("standing", "settled_as", "arguments swapped", "settled_as(p, f, function, what)",
     "settled_as(f, p, function, what)"): LAST,
    ("scipy_data", "_splrep", "axis off by one", "t is not None or task == -1",
     "t is not None or task == -2"): KNOTS,
    ("products", "_splits", "sign flipped",
     "best[i, k][0] + best[k + 1, j][0] + sides[i] * sides[k + 1] * sides[j + 1]",
     "best[i, k][0] + best[k + 1, j][0] - sides[i] * sides[k + 1] * sides[j + 1]"): COST,
    ("singular", "values_cotangent", "mT dropped", "mT(weights)", "weights"): SYMMETRIC,
    ("scipy_linalg", "_cho_solve", "arguments swapped", "checked(c, b, check_finite=check_finite)",
     "checked(b, c, check_finite=check_finite)"): FIRST,
    ("scipy_matfuncs", "_POWER", "sum forgotten", "np.sum(ct * np.matmul(logm(A), y), (-2, -1))",
     "ct * np.matmul(logm(A), y)"): SUMMED,
    ("special.elliptic", "_agm_by", "arguments swapped", "special.elliprd(0, b * b, a * a)",
     "special.elliprd(b * b, 0, a * a)"): PLACES,
    ("special.elliptic", "_rg_by", "arguments swapped", "special.elliprf(x, y, z)",
     "special.elliprf(y, x, z)"): PLACES,
    ("scipy_linalg", "_discrete_lyapunov", "axis off by one", "shape_of(a)[-1]",
     "shape_of(a)[-2]"): SQUARE,
    ("scipy_ndimage", "_one_axis", "branches swapped",
     "ndimage.convolve1d if flip else ndimage.correlate1d",
     "ndimage.correlate1d if flip else ndimage.convolve1d"): RAISES,
    ("ordering", "ties_shared", "arguments swapped",
     "np.maximum.accumulate(groups).swapaxes(axis, 0)",
     "np.maximum.accumulate(groups).swapaxes(0, axis)"): EXCHANGE,
}  # fmt: skip
