"""`scipy.special`: each name is classified; derivatives at edges and in tails are exact."""

import inspect
import pickle
import subprocess
import sys

import numpy as np
import pytest
from scipy import special

import dualad as da
from dualad.core.row import TABLE
from dualad.errors import DuplicateRowError, MissingRowError, UnsupportedParameterError
from dualad.extend import declare, elementwise
from dualad.rules.special import ROWS
from dualad.rules.special.refused import PLAIN, REFUSED
from dualad.scipy import special as ours

TAIL = 1e-13  # relative: a few roundings, and those of values by SciPy


def functions():
    """Return the public names of `scipy.special` and what they stand for."""
    return {name: getattr(special, name) for name in special.__all__}


def test_every_name_is_classified_once():
    lost, twice = set(), set()
    for name, value in functions().items():
        rows = [f for f in (value, getattr(ours, name)) if f in TABLE]
        refused = f"scipy.special.{name}" in REFUSED
        if not rows and not refused:
            lost.add(name)
        if rows and refused:
            twice.add(name)
    assert not lost, sorted(lost)
    assert not twice, sorted(twice)


def test_at_least_two_hundred_functions_have_rows():
    assert sum(getattr(ours, name) in TABLE for name in functions()) > 200


def test_every_ufunc_stays_scipys_and_every_other_function_dispatches():
    for name, value in functions().items():
        if isinstance(value, (np.ufunc, type)):
            assert getattr(ours, name) is value
        elif getattr(ours, name) in TABLE and name != "sinc":
            assert getattr(ours, name).__wrapped__ is value


def test_rules_take_the_parameters_of_the_function():
    for row in ROWS:
        plain = getattr(row.function, "__wrapped__", None)
        if row.body is None or plain is None or not plain.__module__.startswith("scipy"):
            continue
        wanted = {n: p.default for n, p in inspect.signature(plain).parameters.items()}
        found = {n: p.default for n, p in inspect.signature(row.body).parameters.items()}
        assert all(found.get(n, d) == d for n, d in wanted.items()), row.name


def test_a_function_that_is_refused_raises():
    for name, reason in REFUSED.items():
        function = getattr(ours, name.rpartition(".")[2], None)
        if reason != PLAIN and isinstance(function, np.ufunc):
            for i in range(function.nin):
                before, behind = [1.5] * i, [1.5] * (function.nin - i - 1)
                with pytest.raises(MissingRowError):
                    function(*before, da.Dual(1.5, 1.0), *behind)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    "fn",
    [
        lambda v: special.jv(v, 1e-20),
        lambda v: special.yve(1e4 * v, np.array([1.0, 2.0])),
        lambda v: np.real(special.kv(v, 1j)),
        lambda v: special.kv(v, 1e-40),
        lambda v: special.hyperu(-v, 1.0, 1.0),
        lambda v: special.pbvv(v, 0.5)[0],
        lambda v: special.hyp2f1(v, 1.0, 2.0, 1 - 1e-5),
        lambda v: special.hyp1f1(v, 1.0, -1.0),
        lambda v: special.hyp0f1(-v, 1.0),
        lambda v: special.eval_legendre(v, 0.5),
        lambda v: special.pbdv(v, 0.5)[0],
        lambda v: ours.polygamma(v, 0.5),
        lambda v: ours.zeta(v, -0.5),
        lambda v: ours.zeta(-v),
        lambda v: ours.spherical_jn(v, 0.5),
        lambda v: ours.diric(0.5, v),
        lambda v: ours.multigammaln(4.0, v),
        lambda v: ours.jvp(1, 0.5, v),
        lambda v: special.ive(0.5, v + 1j).real,
    ],
)
def test_an_operand_without_a_formula_raises(fn, mode):
    with pytest.raises(UnsupportedParameterError, match=r"scipy\.special\.\w+ was called"):
        da.grad(lambda v: np.sum(fn(v)), mode=mode)(3.0)


def test_the_number_of_derivatives_may_be_any_integer_and_nothing_else():
    x = 1.5
    for n in (2, np.int8(2), np.array(2)):
        found = da.grad(lambda x, n=n: ours.jvp(0, x, n))(x)
        np.testing.assert_allclose(found, special.jvp(0, x, 3), rtol=1e-14)
    for n in (-1, 1.5):
        with pytest.raises((ValueError, TypeError)):
            da.grad(lambda x, n=n: ours.jvp(0, x, n))(x)


def test_the_dimension_of_multigammaln_is_an_integer():
    with pytest.raises(ValueError, match="d should be a positive integer"):
        da.grad(lambda a: ours.multigammaln(a, 1.5))(3.0)
    assert da.grad(lambda a: ours.multigammaln(a, 0))(3.0) == 0  # as SciPy's, which is constant


def test_an_operand_without_a_formula_may_be_constant():
    fn = lambda v: special.jv(da.stop_gradient(v), v)
    assert da.grad(fn)(1.5) == special.jvp(1.5, 1.5)


# What the functions are at the ends of their ranges: finite wherever mathematics says so.
EDGES = [
    (lambda x: special.xlogy(x, 2.0), 0.0, np.log(2)),
    (lambda x: special.xlogy(0.0, x), 0.0, 0.0),
    (lambda x: special.xlog1py(0.0, x), -1.0, 0.0),
    (special.entr, 0.0, np.inf),
    (lambda x: special.rel_entr(0.0, x), 0.0, 0.0),
    (lambda x: special.rel_entr(0.0, x), 2.0, 0.0),
    (lambda x: special.kl_div(0.0, x), 2.0, 1.0),
    (special.expit, 1000.0, 0.0),
    (special.expit, -1000.0, 0.0),
    (special.log_expit, 1000.0, 0.0),
    (special.log_expit, -1000.0, 1.0),
    (special.logit, 0.0, np.inf),
    (special.exprel, 0.0, 0.5),
    (lambda x: special.boxcox(2.0, x), 0.0, np.log(2) ** 2 / 2),
    (lambda x: special.inv_boxcox(2.0, x), 0.0, -2 * np.exp(2)),
    (lambda x: special.pseudo_huber(1.0, x), 0.0, 0.0),
    (lambda x: special.pseudo_huber(x, 2.0), 0.0, 2.0),
    (special.spence, 1.0, -1.0),
    (special.beip, 0.0, 0.5),
    (special.berp, 0.0, 0.0),
    (lambda x: special.boxcox(0.0, x), 2.0, 0.25),
    (lambda x: special.boxcox1p(-1.0, x), np.array([0.5, 1.0]), [4.0, 1.0]),
    (lambda a: special.gdtr(a, 0.5, 0.0), 2.0, 0.0),
    (lambda x: special.gdtrc(0.0, 0.5, x), 2.0, 0.0),
    (lambda x: special.hyp2f1(0.0, 0.5, 1.0, x), 1.0, 0.0),
    (
        lambda x: special.struve(-1.0, x),
        np.array([0.0, 0.5]),
        [0.0, -da.grad(lambda x: special.struve(1.0, x))(0.5)],
    ),
    (lambda x: special.modstruve(-1.0, x), 0.0, 0.0),
    (special.it2struve0, np.array([0.0, 0.0]), -2 / np.pi),
    (lambda x: special.eval_legendre(-3.0, x), 0.3, 0.9),
    (lambda x: special.eval_chebyu(np.array([-3.0, -2.0, -1.0, 1.0]), x), 0.3, 0.0),
    (lambda x: special.eval_chebys(-4.0, x), 0.3, -0.6),
    (lambda x: special.lpmv(0, 2.0, x), -1.0, -3.0),
    (lambda x: special.lpmv(0, 0.5, x), 1.0, 0.375),
    (lambda x: special.lpmv(np.array([2, 3]), 3.0, x), -1.0, -30.0),
    (lambda x: special.lpmv(2, 2.0, x), np.array([0.5, 1.0]), [-3.0, -6.0]),
    (lambda x: special.lpmv(-1, 1.0, x), 0.6, -0.375),
    (lambda x: special.agm(x, 0.0), 2.0, 0.0),
    (lambda x: special.elliprg(0.0, x, 0.0), 4.0, 0.125),
    (lambda x: special.elliprc(0.0, x), -2.0, 0.0),
    (lambda x: special.elliprc(1.0, x), -1.0, 0.5 * (1 + np.log(1 + np.sqrt(2)) / np.sqrt(2)) / 2),
    (special.ellipk, 0.0, np.pi / 8),
    (special.ellipe, 0.0, -np.pi / 8),
    (lambda x: special.agm(x, 1.0), 1.0, 0.5),
    (lambda x: special.struve(0, x), 0.0, 2 / np.pi),
    (lambda x: special.sici(x)[0], 0.0, 1.0),
    (lambda x: special.shichi(x)[0], 0.0, 1.0),
    (special.rgamma, -2.0, 2.0),
    (lambda x: special.beta(1.0, x), -2.0, -0.25),
    (lambda x: special.beta(x, 0.5), -1.5, -4 * np.pi / 3),
    (lambda x: special.beta(np.array([0.5, -1.5]), x), -1.5, -12 * np.pi),
    (lambda x: special.betaln(1.0, x), -2.0, 0.5),
    (lambda x: special.poch(x, 3.0), -2.0, 2.0),
    (lambda x: special.poch(x, 2.0), -5.0, -9.0),
    (lambda x: special.poch(x, -2.0), -5.0, 13 / 42**2),
    (lambda x: special.poch(x, 2.5), 0.0, 0.75 * np.sqrt(np.pi)),
    (lambda m: special.poch(-5.0, m), 2.5, 0.0),
    (lambda x: special.poch(x, np.array([1.0, 2.0])), -1.0, 0.0),
    (lambda n: special.binom(n, 3.0), 2.0, 1 / 3),
    (lambda n: special.binom(n, 2.5), 1.5, 0.4),
    (lambda n: special.binom(n, np.array([0.0, 2.0, 4.0])), 2.0, 1.5 - 1 / 12),
    (lambda n: special.binom(n, 0.5), -1.5, 4.0),
    (lambda k: special.binom(-1.5, k), -1.0, -2.0),
    (lambda k: special.binom(2.0, k), 3.0, -1 / 3),
    (lambda k: special.binom(3.0, k), -1.0, 1 / 4),
    (lambda k: special.binom(np.array([3.0, 1.0]), k), 3.0, -11 / 6 + 1 / 6),
    (lambda x: special.eval_legendre(0, x), 0.3, 0.0),
    (lambda x: special.gammainc(1.0, x), 0.0, 1.0),
    (lambda x: special.bdtr(4, 4, x), 0.3, 0.0),
    (lambda x: special.voigt_profile(x, 0.0, 1.0), 1.0, -0.5 / np.pi),
    (special.kolmogorov, 0.0, 0.0),
    (lambda x: ours.logsumexp(np.array([x, -np.inf])), 3.0, 1.0),
    (lambda x: ours.logsumexp(np.stack([x, x + 1000.0])), 3.0, 1.0),
]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("fn", "x", "expected"), EDGES)
def test_derivatives_at_edges(fn, x, expected, mode):
    found = da.grad(lambda x: np.sum(fn(x)), mode=mode)(x)
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=2e-16)


# Of polynomials, where gamma has poles: x (x + 1), x (x + 1) (x + 2), n (n - 1) (n - 2) / 6.
CURVED = [
    (lambda x: special.poch(x, 2.0), -5.0, 2.0),
    (lambda x: special.poch(x, 3.0), np.array([-5.0, 0.0, 2.0]), [-24.0, 6.0, 18.0]),
    (lambda n: special.binom(n, 3.0), np.array([0.0, 1.0, 2.0, 5.0]), [-1.0, 0.0, 1.0, 4.0]),
]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("fn", "x", "expected"), CURVED)
def test_second_derivatives_at_poles_of_gamma(fn, x, expected, mode):
    slope = da.grad(lambda x: np.sum(fn(x)), mode=mode)
    found = da.grad(lambda x: np.sum(slope(x)))(x)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


# Derivatives by the argument where an order should be an integer: SciPy cuts others, and warns.
CUT = [
    (lambda x: special.expn(0.5, x), 1.0, -2 / np.e),
    (lambda x: special.kn(2.5, x), 1.0, -special.kv(1, 1.0) - 2 * special.kv(2, 1.0)),
    (lambda x: special.yn(1.5, x), 1.0, special.y0(1.0) - special.y1(1.0)),
    (lambda p: special.bdtr(0.0, 2.5, p), 0.5, -1.0),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("fn", "x", "expected"), CUT)
def test_orders_are_cut_in_derivatives_as_in_values(fn, x, expected, mode):
    np.testing.assert_allclose(da.grad(fn, mode=mode)(x), expected, rtol=1e-14)


# Derivatives in tails, where formulas cancel, overflow or underflow: found with mpmath, 400 digits.
TAILS = [
    (special.erf, 26.0, 2.9470349932662697e-294),
    (special.erfcx, 9.9, -0.005670519706633622),
    (special.erfcx, 10.1, -0.005451329508867118),
    (special.erfcx, 1000.0, -5.641887372654967e-07),
    (special.dawsn, 9.9, -0.005181662905733047),
    (special.dawsn, -100.0, -5.000750187565654e-05),
    (lambda x: np.real(special.wofz(x + 0.5j)), 100.0, -5.643306743319803e-07),
    (special.ndtr, -37.0, 2.1200065515246056e-298),
    (special.log_ndtr, -50.0, 50.019984031905636),
    (special.log_ndtr, 30.0, 1.4736461348785476e-196),
    (special.expit, 300.0, 5.148200222412013e-131),
    (special.expit, -700.0, 9.85967654375977e-305),
    (special.log_expit, 40.0, 4.248354255291589e-18),
    (special.i0e, 20.0, -0.0022740897015373564),
    (special.i0e, 1e6, -1.9947121500246404e-10),
    (special.i0e, -100.0, 0.00020022627396642996),
    (special.i1e, -100.0, -0.00019721525628487254),
    (special.k0e, 1e6, -6.266568336615697e-10),
    (special.k1e, 1000.0, -1.9838918606966846e-05),
    (lambda x: special.kv(2.5, x), 600.0, -1.3640497353376803e-262),
    (lambda x: special.kve(2.5, x), 600.0, -4.3279968632438205e-05),
    (lambda x: special.ive(2.5, x), 20.0, -0.0013102161477996904),
    (lambda x: special.ive(2.5, x), 600.0, -1.3369273129510335e-05),
    (lambda x: special.betaln(x, 2.0), 1e9, -1.999999999e-09),
    (lambda x: special.gammainc(2.5, x), 200.0, 2.9445057931518736e-84),
    (lambda x: special.betainc(2.0, 30.0, x), 0.9, 8.369999999999947e-27),
    (lambda x: special.stdtr(3.0, x), -50.0, 5.280077606481894e-07),
    (special.spence, 1.0001, -0.9999500033330834),
    (special.spence, 1e-8, -18.420680928159175),
    (special.exprel, 1e-9, 0.5000000003333334),
    (special.exprel, -30.0, 0.001111111111107888),
    (lambda x: special.boxcox(3.0, x), 1e-10, 0.6034744804504899),
    (lambda x: special.inv_boxcox(0.7, x), 1e-10, -0.4933694132721313),
    (special.rgamma, -7.999, 40147.46423130612),
    (special.digamma, -3.3, 14.817739525515929),
    (special.ellipk, 1e-9, 0.39269908214051064),
    (special.ellipk, -1e4, 2.495557609890952e-06),
    (lambda m: special.ellipkinc(1.2, m), 0.99, 1.2872419297981679),
    (lambda m: special.ellipeinc(4.2, m), -50.0, -0.17184457887192703),
    (lambda x: special.agm(x, 1.0), 1e-6, 6797.192459380835),
    (special.kolmogorov, 0.99, -1.1029156874278219),
    (lambda x: special.voigt_profile(x, 1.0, 0.5), 100.0, -3.1848507668625304e-07),
    (lambda s: special.voigt_profile(3.0, s, 0.5), 0.01, 0.00010759504509853361),
    (lambda d: special.pseudo_huber(d, 1e-3), 1000.0, 2.4999999999975e-22),
]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(("fn", "x", "expected"), TAILS)
def test_derivatives_in_tails(fn, x, expected, mode):
    np.testing.assert_allclose(da.grad(fn, mode=mode)(x), expected, rtol=TAIL)


@pytest.mark.parametrize("fn", [special.wofz, special.loggamma, special.erf, special.digamma])
def test_complex_derivatives_are_holomorphic(fn):
    z = np.array([0.7 + 0.4j, 1.9 - 2.3j, -3.3 + 1.2j])
    step = 1e-6
    expected = (fn(z + step) - fn(z - step)) / (2 * step)
    np.testing.assert_allclose(np.diag(da.jacobian(fn)(z)), expected, rtol=1e-8, atol=1e-9)
    second = (fn(z + 1e-4) - 2 * fn(z) + fn(z - 1e-4)) / 1e-8
    found = np.diagonal(da.jacobian(lambda z: np.diag(da.jacobian(fn)(z)))(z))
    np.testing.assert_allclose(found, second, rtol=1e-5, atol=1e-6)


def test_nothing_warns_and_nothing_is_nan_where_functions_saturate():
    x = np.array([-1000.0, -800.0, 0.0, 800.0, 1000.0])
    for fn in (special.expit, special.log_expit, special.ndtr, special.log_ndtr, special.erf):
        for mode in ("forward", "reverse"):
            assert np.all(np.isfinite(da.grad(lambda x, f=fn: np.sum(f(x)), mode=mode)(x)))


@pytest.mark.parametrize(
    ("name", "before", "behind"),
    [
        ("softmax", (), ()),
        ("logsumexp", (), ()),
        ("log_softmax", (), ()),
        ("multigammaln", (), (1,)),
        ("diric", (), (2,)),
        ("comb", (), (2,)),
        ("zeta", (2.5,), ()),
        ("lambertw", (), ()),
        ("polygamma", (1,), ()),
        ("spherical_jn", (1,), ()),
    ],
)
def test_an_unlifted_call_of_a_python_function_raises_or_is_right(name, before, behind):
    """Newer versions of SciPy hand their arguments on as they are, here and there."""
    x = np.array([0.3, 0.8, 1.5])
    weights = np.array([1.0, -2.0, 3.0])

    def fn(x, module):
        return np.sum(weights * np.real(getattr(module, name)(*before, x, *behind)))

    right = da.grad(lambda x: fn(x, ours))(x)
    try:
        found = da.grad(lambda x: fn(x, special))(x)
    except (TypeError, ValueError, NotImplementedError):
        return
    np.testing.assert_allclose(found, right)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 1)])
def test_weights_of_zero_hide_numbers_of_any_size(axis):
    a = np.array([[1000.0, 0.5, -1.0], [0.0, 1.0, -np.inf]])
    b = np.array([[0.0, 1.0, 2.0], [3.0, 0.5, 1.0]])
    for weights in (b, b != 0, np.ones(3)):
        value, pull = da.vjp(lambda a, w=weights: ours.logsumexp(a, axis, w), a)
        expected = special.logsumexp(a, axis=axis, b=weights)
        np.testing.assert_allclose(value, expected, rtol=1e-14)
        with np.errstate(all="ignore"):
            shares = weights * np.exp(a - special.logsumexp(a, axis=axis, b=weights, keepdims=True))
        shares = np.where(np.broadcast_to(weights, a.shape) == 0, 0, shares)
        np.testing.assert_allclose(pull(np.ones_like(value))[0], shares, rtol=1e-13)


@pytest.mark.parametrize(
    "fn",
    [
        lambda x, sc: sc.logsumexp(x, axis=0),
        lambda x, sc: sc.log_softmax(x)[1],
        lambda x, sc: np.sum(sc.polygamma(1, x)),
        lambda x, sc: np.sum(sc.comb(x + 3, 2)),
        lambda x, sc: np.sum(sc.spherical_jn(2, x, derivative=True)),
        lambda x, sc: np.sum(sc.lambertw(x).real),
        lambda x, sc: np.sum(sc.zeta(2.5, x)),
        lambda x, sc: np.sum(sc.erf(x)),
    ],
)
def test_lifted_code_uses_the_functions_that_dispatch(fn):
    x = np.array([0.3, 0.8, 1.5])
    expected = da.grad(lambda x: fn(x, ours))(x)
    np.testing.assert_array_equal(da.grad(da.lift(lambda x: fn(x, special)))(x), expected)


def test_lists_and_object_arrays_of_traced_numbers_are_taken():
    expected = da.grad(ours.logsumexp)(np.array([0.5, 0.5]))
    for made in (list, tuple, np.array):
        fn = lambda x, made=made: ours.logsumexp(made([x[0], x[1]]))
        np.testing.assert_array_equal(da.grad(fn)(np.array([0.5, 0.5])), expected)


def test_functions_and_gradients_pickle():
    for name in ("logsumexp", "spherical_jn", "factorial"):
        assert pickle.loads(pickle.dumps(getattr(ours, name))) is getattr(ours, name)
    gradient = pickle.loads(pickle.dumps(da.grad(special.erf)))
    assert gradient(0.5) == da.grad(special.erf)(0.5)


def test_a_row_cannot_be_declared_again():
    with pytest.raises(DuplicateRowError):
        declare(elementwise(special.erf, lambda y, x: x))


def run(program):
    """Return what a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=120
    )
    return done.stdout.split()


def test_rows_are_declared_when_they_are_first_needed():
    program = """
import sys
import dualad as da
print('scipy.special' in sys.modules)
from scipy import special
from dualad.core.row import TABLE
print(special.erf in TABLE)
print(da.grad(special.erf)(0.0) > 1)
print(special.erf in TABLE)
"""
    assert run(program) == ["False", "False", "True", "True"]


def test_declaring_first_finds_the_row_that_is_there():
    program = """
import dualad as da
from dualad import extend
from scipy import special
try:
    extend.declare(extend.elementwise(special.expit, lambda y, x: y))
except ValueError as error:
    print(type(error).__name__)
"""
    assert run(program) == ["DuplicateRowError"]


def test_threads_that_need_the_rows_at_once_all_find_them():
    program = """
import threading
import dualad as da
from scipy import special
names = ['erf', 'expit', 'gammaln', 'spence', 'agm', 'k0e', 'beta', 'owens_t'] * 4
start, failures = threading.Barrier(len(names)), []
def work(name):
    fn = getattr(special, name)
    start.wait()
    try:
        da.grad(lambda x: fn(*[x] * fn.nin))(0.7)
    except Exception as error:
        failures.append(error)
threads = [threading.Thread(target=work, args=(name,)) for name in names]
[t.start() for t in threads]
[t.join() for t in threads]
print(len(failures))
"""
    assert run(program) == ["0"]
