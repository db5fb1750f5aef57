"""What the rows of `dualad.rules.special` are tried on: ufuncs."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import special

from dualad.testing.samples.base import Call, Draws, Sample

Range = tuple[float, float]


def uniform(d: Draws, shape: tuple[int, ...], limits: Range) -> Any:
    """Return an array of values between two limits; complex ones are up to 1 off the axis."""
    values = d.rng.uniform(*limits, shape)
    if d.dtype.kind == "c":
        values = values + 1j * d.rng.uniform(0.2, 1.0, shape) * d.rng.choice([-1, 1], shape)
    return d.laid_out(np.asarray(values, d.dtype))


def within(*limits: Range) -> Callable[[Draws], Call]:
    """Return what draws arrays that broadcast, each between two limits."""

    def draw(d: Draws) -> Call:
        shapes = d.broadcastable(len(limits)) if len(limits) > 1 else (d.shape(),)
        return Call(*[uniform(d, *pair) for pair in zip(shapes, limits, strict=True)])

    return draw


def after(
    options: Sequence[Any], *limits: Range, own_dtype: bool = False
) -> Callable[[Draws], Call]:
    """Return what draws parameters, a tuple of numbers or one, and operands behind them.

    The parameters are Python numbers, or of the dtype of the operands.
    """

    def draw(d: Draws) -> Call:
        chosen = d.choice(options)
        given = chosen if isinstance(chosen, tuple) else (chosen,)
        if own_dtype:
            real = np.finfo(d.dtype).dtype.type
            given = tuple([real(value) for value in given])
        return Call(*given, *within(*limits)(d).args)

    return draw


def _far_around(d: Draws) -> Call:
    """Return numbers far from zero; complex ones in all directions of the upper half plane."""
    shape = d.shape()
    angle = d.rng.uniform(0.1, 3, shape) if d.dtype.kind == "c" else d.rng.choice([0, np.pi], shape)
    values = d.rng.uniform(11, 14, shape) * (
        np.exp(1j * angle) if d.dtype.kind == "c" else np.cos(angle)
    )
    return Call(d.laid_out(np.asarray(values, d.dtype)))


def _ordered(limits: Range, orders: Sequence[Any] = (0.0, 1.0, 2.5)) -> Callable[[Draws], Call]:
    """Return what draws an array of orders, which are no operand, and one of arguments."""

    def draw(d: Draws) -> Call:
        order, shape = d.broadcastable(2)
        real = np.finfo(d.dtype).dtype
        return Call(d.rng.choice(orders, order).astype(real), uniform(d, shape, limits))

    return draw


def _before(limits: Range, *rest: Any) -> Callable[[Draws], Call]:
    """Return what draws an operand, and parameters behind it."""
    return lambda d: Call(*within(limits)(d).args, *rest)


# Functions of one operand, or of several that broadcast, and where they are smooth.
REAL: tuple[tuple[Any, ...], ...] = (
    (special.expit, (-4, 4)), (special.log_expit, (-4, 4)), (special.logit, (0.1, 0.9)),
    (special.exp2, (-2, 2)), (special.exp10, (-1, 1)), (special.exprel, (-3, 3)),
    (special.cosm1, (-3, 3)), (special.cbrt, (0.3, 3)), (special.powm1, (0.3, 3), (-2, 2)),
    (special.entr, (0.2, 3)), (special.rel_entr, (0.2, 3), (0.2, 3)),
    (special.kl_div, (0.2, 3), (0.2, 3)), (special.huber, (1, 1.4), (1.6, 3)),
    (special.huber, (1, 1.4), (-0.8, 0.8)), (special.pseudo_huber, (0.5, 2), (-2, 2)),
    (special.boxcox, (0.3, 3), (-2, 2)), (special.boxcox1p, (-0.5, 2), (-2, 2)),
    (special.inv_boxcox, (0.1, 2), (-0.3, 2)), (special.inv_boxcox1p, (0.1, 2), (-0.3, 2)),
    (special.sindg, (-90, 90)), (special.cosdg, (-90, 90)), (special.tandg, (10, 60)),
    (special.cotdg, (20, 70)), (special.radian, (-9, 9), (-9, 9), (-9, 9)),
    (special.round, (0.1, 0.4)), (special.gammasgn, (-0.9, -0.1)),
    (special.erfinv, (-0.8, 0.8)), (special.erfcinv, (0.2, 1.8)), (special.ndtri, (0.1, 0.9)),
    (special.ndtri_exp, (-3, -0.1)), (special.voigt_profile, (-2, 2), (0.5, 2), (0.5, 2)),
    (special.owens_t, (-2, 2), (-2, 2)), (special.nrdtrimn, (0.1, 0.9), (0.5, 2), (-2, 2)),
    (special.nrdtrisd, (-2, 0), (0.6, 0.9), (0.5, 2)),
    (special.gammaln, (0.3, 3)), (special.gammaln, (-1.8, -1.2)),
    (special.poch, (0.5, 3), (0.5, 3)), (special.binom, (2, 4), (0.3, 1.7)),
    (special.beta, (0.5, 3), (0.5, 3)), (special.betaln, (0.5, 3), (0.5, 3)),
    (special.betaln, (21, 30), (0.5, 3)), (special.kolmogorov, (0.5, 2)),
    (special.kolmogi, (0.1, 0.9)), (special.tklmbda, (-0.4, 0.4), (-1, 2)),
    *((f, (-4, 4)) for f in (special.j0, special.j1, special.i0, special.i1)),
    *((f, (0.5, 4)) for f in (special.y0, special.y1, special.k0, special.k1)),
    *((f, limits) for f in (special.i0e, special.i1e) for limits in ((0.3, 4), (-60, -22))),
    *((f, limits) for f in (special.k0e, special.k1e) for limits in ((0.3, 4), (20, 40))),
    (special.kelvin, (0.5, 4)), (special.ber, (-4, 4)), (special.bei, (-4, 4)),
    (special.berp, (-4, 4)), (special.beip, (-4, 4)), (special.ker, (0.5, 4)),
    (special.kei, (0.5, 4)), (special.kerp, (0.5, 4)), (special.keip, (0.5, 4)),
    (special.itj0y0, (0.5, 4)), (special.iti0k0, (0.5, 4)), (special.it2j0y0, (0.3, 4)),
    (special.it2i0k0, (0.3, 4)), (special.itstruve0, (0.3, 4)),
    (special.it2struve0, (0.3, 4)), (special.itmodstruve0, (0.3, 4)),
    (special.airye, (0.3, 4)),
    (special.ellipk, (-2, 0.9)), (special.ellipkm1, (0.1, 3)), (special.ellipe, (-2, 0.9)),
    (special.ellipkinc, (-5, 5), (-2, 0.8)), (special.ellipeinc, (-5, 5), (-2, 0.8)),
    (special.ellipj, (-4, 4), (0.05, 0.9)), (special.agm, (0.5, 3), (0.5, 3)),
)  # fmt: skip
# Those that take complex operands, too.
COMPLEX: tuple[tuple[Any, ...], ...] = (
    (special.expm1, (-2, 2)), (special.log1p, (-0.5, 2)), (special.xlogy, (-2, 2), (0.3, 3)),
    (special.xlog1py, (-2, 2), (-0.5, 2)), (special.erf, (-2, 2)), (special.erfc, (-2, 2)),
    (special.erfi, (-2, 2)), (special.erfcx, (-1, 3)), (special.erfcx, (9, 12)),
    (special.dawsn, (-2, 2)), (special.dawsn, (9, 12)), (special.ndtr, (-2, 2)),
    (special.log_ndtr, (-3, 3)),
    (special.fresnel, (-2, 2)), (special.gamma, (0.5, 3)), (special.gamma, (-1.8, -1.2)),
    (special.loggamma, (0.5, 3)), (special.rgamma, (-2, 3)), (special.digamma, (0.5, 3)),
    (special.digamma, (-1.8, -1.2)), (special.airy, (-3, 3)), (special.exp1, (0.5, 3)),
    (special.expi, (0.5, 3)), (special.sici, (0.3, 4)), (special.shichi, (0.3, 4)),
    (special.spence, (0.2, 3)), (special.wrightomega, (-2, 3)),
    (special.elliprc, (0.5, 3), (0.5, 3)), (special.elliprd, (0.5, 3), (0.5, 3), (0.5, 3)),
    (special.elliprf, (0.5, 3), (0.5, 3), (0.5, 3)),
    (special.elliprg, (0.5, 3), (0.5, 3), (0.5, 3)),
    (special.elliprj, (0.5, 3), (0.5, 3), (0.5, 3), (0.5, 3)),
)  # fmt: skip
# Parameters lead, one or a tuple of them, and the operands follow.
PARAMETRIC: tuple[tuple[Any, ...], ...] = (
    *((f, ((0, 4), (2, 4)), (0.1, 0.9)) for f in (special.bdtr, special.bdtrc, special.bdtri)),
    *((f, ((0, 3), (2, 4)), (0.1, 0.9)) for f in (special.nbdtr, special.nbdtrc, special.nbdtri)),
    (special.pdtr, (0, 2), (0.3, 4)), (special.pdtrc, (0, 2), (0.3, 4)),
    (special.pdtri, (0, 2), (0.1, 0.9)),
    (special.kn, (0, 2), (0.5, 4)), (special.yn, (0, 2), (0.5, 4)),
    (special.struve, (0, 1.5), (0.3, 4)), (special.modstruve, (0, 1.5), (0.3, 4)),
    (special.pbdv, (0, 1.5), (-3, 3)), (special.pbvv, (0, 1.5), (-3, 3)),
    (special.pbwa, (0.5, 1.5), (-3, 3)), (special.expn, (0, 1, 3), (0.4, 3)),
    (special.mathieu_cem, ((0, 1.5), (2, 0.5)), (10, 80)),
    (special.mathieu_sem, ((1, 1.5), (2, 0.5)), (10, 80)),
    *((f, ((1, 1.5), (2, 0.5)), (0.3, 1.5))
      for f in (special.mathieu_modcem1, special.mathieu_modcem2,
                special.mathieu_modsem1, special.mathieu_modsem2)),
    (special.hyperu, ((0.5, 1.5), (1, 2)), (0.5, 4)),
    (special.wright_bessel, ((0.5, 1.5), (1, 2)), (0.3, 3)),
    (special.lpmv, ((0, 2), (1, 2.5), (2, 3)), (-0.8, 0.8)),
    (special.eval_hermite, (0, 1, 3), (-2, 2)), (special.eval_hermitenorm, (0, 1, 3), (-2, 2)),
)  # fmt: skip
PARAMETRIC_COMPLEX: tuple[tuple[Any, ...], ...] = (
    (special.hankel1, (0, 1.5), (0.5, 4)), (special.hankel2, (0, 1.5), (0.5, 4)),
    (special.hankel1e, (0, 1.5), (0.5, 4)), (special.hankel2e, (0, 1.5), (0.5, 4)),
    (special.hankel1e, (0, 1.5), (24, 30)), (special.hankel2e, (0, 1.5), (24, 30)),
    (special.kve, (0, 1.5), (24, 30)), (special.kve, (0, 1.5), (0.5, 4)),
    (special.kv, (0, 1.5), (0.5, 4)), (special.yv, (0, 1.5), (0.5, 4)),
    (special.iv, (0, 1.5), (0.5, 4)), (special.jv, (0, 1, 1.5), (0.5, 4)),
    (special.hyp0f1, (0.5, 2), (-2, 2)), (special.hyp1f1, ((0.5, 1.5), (1, 2)), (-2, 2)),
    (special.hyp2f1, ((0.5, 1.5, 2.5), (1, 2, 3.5)), (-0.7, 0.7)),
    *((f, (0, 1, 3, 1.5), (0.2, 0.8))
      for f in (special.eval_chebyt, special.eval_chebyu, special.eval_chebyc, special.eval_chebys,
                special.eval_legendre, special.eval_laguerre, special.eval_sh_legendre,
                special.eval_sh_chebyt, special.eval_sh_chebyu)),
    (special.eval_gegenbauer, ((0, 0.5), (3, 1.5), (1.5, 1.0)), (0.2, 0.8)),
    (special.eval_genlaguerre, ((0, 0.5), (3, 1.5), (1.5, 1.0)), (0.2, 0.8)),
    (special.eval_jacobi, ((0, 0.5, 1.5), (3, 1.5, 0.5), (1.5, 1.0, 0.5)), (0.2, 0.8)),
    (special.eval_sh_jacobi, ((0, 1.5, 1), (3, 2.5, 1.5), (1.5, 2.0, 1.5)), (0.2, 0.8)),
)  # fmt: skip
ORDERS = (
    (special.jv, (0.5, 4)), (special.yv, (0.5, 4)), (special.iv, (0.5, 4)), (special.kv, (0.5, 4)),
    (special.jve, (0.5, 4)), (special.yve, (0.5, 4)), (special.ive, (0.5, 4)),
    (special.ive, (20, 40)),
)  # fmt: skip


WIDENED = "beside Python numbers SciPy widens single precision"


def _takes_floats(function: np.ufunc) -> bool:
    """Return whether a ufunc takes parameters in single precision, and tells a number of it."""
    broken = function.__name__.startswith(("mathieu", "pbvv", "bdtr"))
    return not broken and any(types.lower().startswith("ff") for types in function.types)


# Older versions of SciPy have wrong values here, or of few digits, for complex arguments.
EXACT = bool(special.hyp1f1(0.5, 1.5, 0.5j) != 1)
COARSE = {
    special.hyp1f1, special.hyp2f1, special.eval_laguerre, special.eval_genlaguerre,
    special.eval_sh_legendre,
}  # fmt: skip


def _real_parts(y: Any) -> Any:
    """Return what all versions of SciPy agree on."""
    return y if EXACT else (np.real(y[0]), np.real(y[1]))


def _own(f: np.ufunc, options: Any, limits: Range, every: bool) -> Sample:
    """Return the sample of a function whose parameters are of the dtype of the operand."""
    draw = after(options, limits, own_dtype=True)
    every = every and (EXACT or f not in COARSE)
    return Sample(f, draw, complex=every, fixed=tuple(range(np.size(options[0]))))


def _newer() -> list[Sample]:
    """Return the samples of functions that only newer versions of SciPy have."""
    if not hasattr(special, "log_wright_bessel"):
        return []
    draw = after(((0.5, 1.5), (1, 2)), (0.3, 3), own_dtype=True)
    return [Sample(special.log_wright_bessel, draw, fixed=(0, 1))]


def _gamma(d: Draws, first: Range, last: Range, middle: float = 1.5) -> Call:
    """Return two operands, with a parameter between them."""
    a, x = within(first, last)(d).args
    return Call(a, np.finfo(d.dtype).dtype.type(middle), x)


SAMPLES = [
    *(Sample(f, within(*limits)) for f, *limits in REAL),
    *(Sample(f, within(*limits), complex=True) for f, *limits in COMPLEX),
    *(Sample(f, after(options, limits), complex=every and (EXACT or f not in COARSE),
             float32=False, reason=WIDENED)
      for every, samples in ((False, PARAMETRIC), (True, PARAMETRIC_COMPLEX))
      for f, options, limits in samples),
    *(_own(f, options, limits, every)
      for every, samples in ((False, PARAMETRIC), (True, PARAMETRIC_COMPLEX))
      for f, options, limits in samples if _takes_floats(f)),
    *(Sample(f, _ordered(limits), fixed=(0,)) for f, limits in ORDERS),
    *(Sample(special.wofz, within(limits), complex=True, float32=False, reason=WIDENED)
      for limits in ((-2, 2), (9, 12))),
    Sample(special.wofz, _far_around, complex=True, float32=False, reason=WIDENED),
    Sample(special.besselpoly, _before((0.5, 2), 1.0, 1.5), float32=False, reason=WIDENED),
    *(Sample(f, within((0.1, 2)), observe=_real_parts)
      for f in (special.modfresnelp, special.modfresnelm)),
    Sample(special.voigt_profile, lambda d: _gamma(d, (-2, 2), (0.5, 2), 0.0), fixed=(1,)),
    *_newer(),
]  # fmt: skip
