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
EVEN = "squares, and so variances, do not see the sign of deviations"
EXCHANGE = "to exchange two axes is the same in either order"
ROUNDS = "elements keep their order and differ: there are rounds with nothing to do"
PHASE = "its arguments are multiplied element by element: they commute"
BELOW = "a number below all absolute values"
UNREACHED = "products with vectors are answered before, by the rules for the usual shapes"
SIZE = "the sign of a difference whose size alone is read"
UNLIKE = "other numbers that are unlike each other, and not zero"
START = "how Newton's method begins: it ends at the same nodes, to 1e-14 of integrals on a grid"
ENDS = "how the ends of an integral are looked for: it changes by 4e-13 at most, on a grid"
PANELS = "so many panels that their number does not matter: 3e-12 on a grid of integrals"
COMPARED = "a number that is compared with others, no more"
PERIODS = "places that differ by whole periods"
ABSENT = "it is of functions that only older versions of SciPy have"
FLOATS = "it makes whole numbers floats, as what follows does"
SAME = "both arguments are one"
PLACE = "a place that is compared with others, and no index"
CAST = "the derivative is cast to the dtype of SciPy's value"
LONGER = "more zeros behind a signal than are needed: what they add is cut off"
ROUNDED = "two ways to round, whose difference is added once or twice"
OLDER = "it matters to versions of SciPy that refuse memory which is read-only; newer ones do not"
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
    ("complex", "modulus", "arguments swapped", "_conjugated_direction(y, x)",
     "_conjugated_direction(x, y)"): EQUAL,
    ("indexing", "_add_into", "factor lost", "MANY * math.prod(lead)", "MANY"): COST,
    ("selecting", "_by_upper", "arguments swapped", "_shares(a, lower, upper)",
     "_shares(lower, a, upper)"): EITHER,
    ("updates", "_turns", "sign flipped", "np.arange(places.size) - np.repeat(starts, lengths)",
     "np.arange(places.size) + np.repeat(starts, lengths)"): ROUNDS,
    ("joining", "_insert", "axis off by one", "np.full(size, -1)", "np.full(size, -2)"): MARK,
    ("padding", "_tile_push", "operands swapped", "len(leading) + len(shape_of(y)) - len(reps)",
     "len(reps) - (len(leading) + len(shape_of(y)))"): AHEAD,
    ("statistics", "_about_mean", "operands swapped", "a - mean", "mean - a"): EVEN,
    ("ordering", "ties_shared", "arguments swapped", "strip(y).swapaxes(axis, 0)",
     "strip(y).swapaxes(0, axis)"): EXCHANGE,
    ("leastsquares", "_as_read", "axis off by one", "shape_of(a)[-1]", "shape_of(a)[-2]"): SQUARE,
    ("products", "_vdot", "arguments swapped",
     "np.dot(np.conj(a) if np.iscomplexobj(a) else a, b)",
     "np.dot(b, np.conj(a) if np.iscomplexobj(a) else a)"): COMMUTES,
    ("products", "_dot", "axis off by one",
     "tensordot(a, b, (-1, -2 if len(b) > 1 else -1) if a and b else 0)",
     "tensordot(a, b, (-1, -2 if len(b) > 1 else -2) if a and b else 0)"): UNREACHED,
    ("products", "_multi_dot", "axis off by one", "shapes[0][:-1]", "shapes[0][:-2]"): COST,
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
    ("scipy_linalg", "_turned", "factor lost",
     "1000.0 * max(plain.shape, default=1) * float(np.finfo(plain.dtype).eps) ** 0.75",
     "1000.0 * max(plain.shape, default=1)"): CHOICE,
    ("matrices", "over", "factor lost", "rounding(m) * _size(t)", "rounding(m)"): CHOICE,
    ("scipy_spatial", "METRICS", "operands swapped", "u - v", "v - u"): EVEN,
    ("scipy_spatial", "_metric", "mT dropped", "mT(np.linalg.inv(np.cov(mT(points))))",
     "np.linalg.inv(np.cov(mT(points)))"): SYMMETRIC,
    ("scipy_data", "_splrep", "axis off by one", "t is not None or task == -1",
     "t is not None or task == -2"): KNOTS,
    ("singular", "values_cotangent", "mT dropped", "mT(weights)", "weights"): SYMMETRIC,
    ("scipy_linalg", "_cho_solve", "arguments swapped", "checked(c, b, check_finite=check_finite)",
     "checked(b, c, check_finite=check_finite)"): FIRST,
    ("scipy_matfuncs", "_POWER", "sum forgotten", "np.sum(ct * np.matmul(logm(A), y), (-2, -1))",
     "ct * np.matmul(logm(A), y)"): SUMMED,
    ("special.elliptic", "_agm_by", "arguments swapped",
     "special.elliprd(0, np.where(none, 1, b) ** 2, a * a)",
     "special.elliprd(np.where(none, 1, b) ** 2, 0, a * a)"): PLACES,
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
    ("special.elliptic", "special.ellipe", "arguments swapped", "special.elliprd(0, 1 - m, 1)",
     "special.elliprd(1 - m, 0, 1)"): PLACES,
    ("matrices", "rounding", "factor lost",
     "factor * max(shape_of(x)[-2:], default=1) * float(np.finfo(x.dtype).eps)",
     "float(np.finfo(x.dtype).eps)"): CHOICE,
    ("matrices", "rounding", "axis off by one", "shape_of(x)[-2:]", "shape_of(x)[-3:]"): CHOICE,
    ("factorizations", "_eigenvectors", "exponent off", "np.finfo(plain.dtype).eps ** 0.5",
     "np.finfo(plain.dtype).eps ** 1.5"): CHOICE,
    ("transcendental", "_over_square", "operands swapped", "limits.tiny / limits.eps",
     "limits.eps / limits.tiny"): CHOICE,
    ("special.incomplete", "gamma_ratio", "factor lost", "side * (plain_x - plain_a)",
     "plain_x - plain_a"): START,
    ("special.quadrature", "_end", "axis off by one", "np.clip(step, -1, 1)",
     "np.clip(step, -2, 1)"): START,
    ("special.elliptic", "special.elliprf", "arguments swapped", "special.elliprd(y, z, x)",
     "special.elliprd(z, y, x)"): PLACES,
    ("infinite", "_marks", "sign flipped",
     "1 + np.reshape(np.arange(x.size) * GOLDEN % 1, x.shape)",
     "1 - np.reshape(np.arange(x.size) * GOLDEN % 1, x.shape)"): UNLIKE,
    ("matrices", "inverse_of_triangle", "axis off by one", "shape_of(a)[-1]",
     "shape_of(a)[-2]"): SQUARE,
    ("scipy_linalg", "_solve", "axis off by one", "shape_of(a)[-1]", "shape_of(a)[-2]"): SQUARE,
    ("scipy_signal", "_by_taps", "sign flipped", "shape_of(window)[-1] - shape_of(x)[-1]",
     "shape_of(window)[-1] + shape_of(x)[-1]"): LONGER,
    ("scipy_linalg", "_norm", "operands swapped", "plain - strip(y)", "strip(y) - plain"): ROUNDED,
    ("scipy_matfuncs", "_of_writable", "branches swapped",
     "A if A.flags.writeable else A.copy()", "A.copy() if A.flags.writeable else A"): OLDER,
    ("statistics", "_average", "sign flipped",
     "np.broadcast_to(total, mean.shape) + np.zeros((), total.dtype)",
     "np.broadcast_to(total, mean.shape) - np.zeros((), total.dtype)"): ZERO,
    ("scipy_spatial", "METRICS", "dtype widened", "np.sum(w * np.abs(u - v), -1)",
     "np.sum(w * np.abs(u - v), -1) * np.longdouble(1)"): CAST,
    ("special.incomplete", "beta_ratio", "sign flipped", "raised - part * (total + 1)",
     "raised + part * (total + 1)"): START,
    ("singular", "values_cotangent", "axis off by one", "shape_of(vh)[-1]",
     "shape_of(vh)[-2]"): CHOICE,
    ("scipy_linalg", "_triangle", "axis off by one", "shape_of(a)[-1]", "shape_of(a)[-2]"): SQUARE,
    ("special.incomplete", "gamma_ratio", "sign flipped", "rise + 1", "rise - 1"): START,
    ("scipy_ndimage", "_BODIES", "dtype widened", "count - 1",
     "(count - 1) * np.longdouble(1)"): PLACE,
    ("scipy_spatial", "METRICS", "dtype widened",
     "np.sum(w * _ratio(np.abs(u - v), np.abs(u) + np.abs(v)), -1)",
     "np.sum(w * _ratio(np.abs(u - v), np.abs(u) + np.abs(v)), -1) * np.longdouble(1)"): CAST,
    ("scipy_linalg", "_expm_along", "axis off by one", "shape_of(a)[-1]",
     "shape_of(a)[-2]"): SQUARE,
    ("special.orders", "_half_turn", "factor lost",
     "pi * np.max(primal_value(speed), initial=0) / RADIANS",
     "pi * np.max(primal_value(speed), initial=0)"): PANELS,
    ("special.orders", "_half_turn", "factor lost", "pi * np.max(primal_value(speed), initial=0)",
     "np.max(primal_value(speed), initial=0)"): PANELS,
    ("special.orders", "_rising", "operands swapped", "plain_x - plain_v",
     "plain_v - plain_x"): ENDS,
    ("special.orders", "_rising", "sign flipped", "plain_x - plain_v", "plain_x + plain_v"): ENDS,
    ("special.orders", "_falling", "sign flipped", "-plain_x * rise - plain_v * s",
     "-plain_x * rise + plain_v * s"): ENDS,
    ("special.compiled", "_from_zero", "arguments swapped", "panels_of(1.0, 1)",
     "panels_of(1, 1.0)"): SAME,
    ("special.compiled", "_of_two_normals", "arguments swapped", "_both_by_correlation(h, k, r)",
     "_both_by_correlation(k, h, r)"): PLACES,
    ("special.compiled", "_to_pi", "factor lost", "k * (np.cos(low + s) - np.cos(low))",
     "np.cos(low + s) - np.cos(low)"): ENDS,
    ("special.compiled", "_to_pi", "sign flipped", "low + s", "low - s"): ENDS,
    ("special.compiled", "_to_pi", "sign lost",
     "(k * (np.cos(low + s) - np.cos(low)), -k * np.sin(low + s))",
     "(k * (np.cos(low + s) - np.cos(low)), k * np.sin(low + s))"): ENDS,
    ("special.compiled", "_to_pi", "factor lost", "-k * np.sin(low + s)", "np.sin(low + s)"): ENDS,
    ("special.compiled", "_to_pi", "factor lost", "-k * np.sin(low + s)", "-k"): ENDS,
    ("special.compiled", "_to_pi", "factor lost", "k * np.abs(np.cos(low))", "k"): ENDS,
    ("special.compiled", "_to_pi", "factor lost", "k * np.abs(np.cos(low))",
     "np.abs(np.cos(low))"): ENDS,
    ("special.compiled", "_to_pi", "factor lost", "k * np.sin(low)", "k"): ENDS,
    ("special.compiled", "_to_pi", "sign flipped", "k * np.sin(low) + LEAST",
     "k * np.sin(low) - LEAST"): ENDS,
    ("special.noncentral", "FISHER", "dtype widened", "0.5 * m - 1",
     "(0.5 * m - 1) * np.longdouble(1)"): COMPARED,
    ("special.counts", "ROWS[7]", "dtype widened", "n * (1 - p) / p",
     "n * (1 - p) / p * np.longdouble(1)"): CAST,
    ("special.counts", "ROWS[8]", "dtype widened", "n * (1 - p) / (p * p)",
     "n * (1 - p) / (p * p) * np.longdouble(1)"): CAST,
    ("special.counts", "ROWS[9]", "dtype widened", "(2 - p) / np.sqrt(n * (1 - p))",
     "(2 - p) / np.sqrt(n * (1 - p)) * np.longdouble(1)"): CAST,
    ("special.counts", "ROWS[10]", "dtype widened", "(6 + p * p / (1 - p)) / n",
     "(6 + p * p / (1 - p)) / n * np.longdouble(1)"): CAST,
    ("special.counts", "ROWS[13]", "dtype widened", "n * drawn / total",
     "n * drawn / total * np.longdouble(1)"): CAST,
    ("special.orders", "_rising", "factor lost", "plain_x * np.sinh(peak)", "np.sinh(peak)"): ENDS,
    ("special.orders", "_falling", "sign flipped", "np.sinh(start + s) - np.sinh(start)",
     "np.sinh(start + s) + np.sinh(start)"): ENDS,
    ("special.orders", "_falling", "sign flipped", "-plain_x * np.cosh(start + s) - plain_v",
     "-plain_x * np.cosh(start + s) + plain_v"): ENDS,
    ("special.orders", "_falling", "sign flipped", "plain_x * np.cosh(start) + plain_v",
     "plain_x * np.cosh(start) - plain_v"): ENDS,
    ("special.orders", "_falling", "factor lost", "plain_x * np.cosh(start)", "plain_x"): ENDS,
    ("special.noncentral", "Student.__init__", "sign flipped", "plain_v + 1", "plain_v - 1"): ENDS,
    ("scipy_ndimage", "_all_axes", "branches swapped",
     "ndimage.convolve if flip else ndimage.correlate",
     "ndimage.correlate if flip else ndimage.convolve"): RAISES,
    ("scipy_resampling", "_side", "sign flipped", "places - turns * (n - 1)",
     "places + turns * (n - 1)"): PERIODS,
    ("special.private", "_cauchy_quantile", "operands swapped", "y - place", "place - y"): EVEN,
    ("scipy_linalg", "_eigh", "axis off by one", "shape_of(a)[-1]", "shape_of(a)[-2]"): SQUARE,
    ("special.private", "_beta_tail", "arguments swapped", "beta_density(a, b, x)",
     "beta_density(b, a, x)"): ABSENT,
    ("padding", "_tile_push", "sign flipped", "len(leading) + len(shape_of(y))",
     "len(leading) - len(shape_of(y))"): AHEAD,
    ("special.counts", "_binomial_slope", "factor lost", "k * 1.0", "k"): FLOATS,
}  # fmt: skip
