"""Derivatives of distribution functions, densities and quantiles at many points: known values.

Of whole and of few events, on both sides of thresholds, in tails and at ends.
"""

import numpy as np
import pytest
from scipy import special

import dualad as da
from dualad.core.row import TABLE, declare_late
from dualad.errors import UnsupportedParameterError
from dualad.rules.special import compiled
from dualad.rules.special.private import private
from dualad.testing.samples import SAMPLES
from dualad.testing.samples.base import Draws

declare_late()  # the rows of `scipy.stats`

EXACT = 1e-12  # relative
SUBJECTS = ("special", "special_shapes", "special_private")
COMPILED = {row.function.__name__: row.function for row in compiled.ROWS}
# The operands, and the derivatives by all of them, by mpmath with 60 digits; None: it is constant.
PARTIALS = {
    "bdtr": [
        ((2.0, 5.0, 0.3), (None, None, -1.323)), ((0.0, 7.0, 0.02), (None, None, -6.200896666048)),
        ((40.0, 60.0, 0.7), (None, None, -6.203840166287217)),
        ((3.0, 4.0, 0.999), (None, None, -3.988011996)),
    ],
    "bdtrc": [
        ((2.0, 5.0, 0.3), (None, None, 1.323)),
        ((40.0, 60.0, 0.7), (None, None, 6.203840166287217)),
    ],
    "nbdtr": [
        ((2.0, 5.0, 0.3), (None, None, 0.416745)),
        ((0.0, 7.0, 0.02), (None, None, 4.4800000000000006e-10)),
        ((40.0, 60.0, 0.7), (None, None, 0.7277287574988428)),
    ],
    "nbdtrc": [
        ((2.0, 5.0, 0.3), (None, None, -0.416745)),
        ((40.0, 60.0, 0.7), (None, None, -0.7277287574988428)),
    ],
    "pdtr": [
        ((2.0, 1.5), (None, -0.2510214301669836)), ((0.0, 0.01), (None, -0.990049833749168)),
        ((40.0, 30.0), (None, -0.013943463479967737)),
    ],
    "pdtrc": [
        ((2.0, 1.5), (None, 0.2510214301669836)), ((40.0, 30.0), (None, 0.013943463479967737)),
    ],
    "fdtr": [
        ((3.0, 4.0, 1.2), (-0.01928098256899627, 0.020599844735729456, 0.2822124587451327)),
        ((0.3, 7.0, 0.01), (-1.04122423924305, 0.0010943552148230226, 5.939738362295719)),
        ((30.0, 50.0, 0.9), (-0.002078683766365715, -9.349599777339217e-05, 1.2802833838642544)),
        ((200.0, 3.0, 5.0), (6.779216049727023e-07, 0.0552807421259589, 0.027462839033612022)),
        ((2.5, 0.7, 40.0), (-0.007187356937229027, 0.36305362493932103, 0.0016856780577065834)),
    ],
    "fdtrc": [
        ((3.0, 4.0, 1.2), (0.01928098256899627, -0.020599844735729456, -0.2822124587451327)),
        ((0.3, 7.0, 0.01), (1.04122423924305, -0.0010943552148230226, -5.939738362295719)),
    ],
    "chdtr": [
        ((3.0, 1.2), (-0.16238830078431574, 0.23984131668207992)),
        ((0.3, 0.001), (-1.2417723414443282, 51.382936047770755)),
        ((60.0, 50.0), (-0.024977438712917428, 0.027247671078071332)),
        ((2.5, 30.0), (-1.0118247878471594e-06, 3.3208901255400795e-07)),
    ],
    "chdtrc": [
        ((3.0, 1.2), (0.16238830078431574, -0.23984131668207992)),
        ((60.0, 50.0), (0.024977438712917428, -0.027247671078071332)),
    ],
    "stdtr": [
        ((3.0, 1.2), (0.012922298331009137, 0.16780158735749698)),
        ((0.3, -4.0), (-0.46212213485770787, 0.017086274955351314)),
        ((60.0, -0.5), (-1.520022189042294e-05, 0.3499642346030305)),
        ((2.5, 30.0), (0.0003795362263023998, 1.2101562027119729e-05)),
        ((300.0, 2.0), (1.5044128730998133e-06, 0.0543028541465023)),
    ],
    "gdtr": [
        ((1.5, 2.0, 0.7), (0.2572042455966992, -0.28351747170237346, 0.5511519548500697)),
        ((0.2, 0.3, 0.01), (0.25853026517388544, -1.0437575156848826, 5.17060530347771)),
        ((3.0, 40.0, 12.0), (0.6773175840836763, -0.053745341954780354, 0.16932939602091907)),
        ((10.0, 2.5, 3.0),
         (3.4700240113177045e-11, -3.320467967686098e-11, 1.1566746704392348e-10)),
    ],
    "gdtrc": [
        ((1.5, 2.0, 0.7), (-0.2572042455966992, 0.28351747170237346, -0.5511519548500697)),
        ((0.2, 0.3, 0.01), (-0.25853026517388544, 1.0437575156848826, -5.17060530347771)),
    ],
    "kolmogorov": [
        ((0.2,), (-1.5324205413389086e-10,)), ((0.5,), (-0.6395828509404566,)),
        ((0.98,), (-1.134040377032893,)), ((1.02,), (-1.010690287194063,)),
        ((1.7,), (-0.04200652460081998,)), ((3.0,), (-3.6551951387310307e-07,)),
        ((6.0,), (-2.5824893568101465e-30,)),
    ],
    "_kolmogc": [
        ((0.2,), (1.5324205413389086e-10,)), ((0.5,), (0.6395828509404566,)),
        ((0.98,), (1.134040377032893,)), ((1.02,), (1.010690287194063,)),
        ((1.7,), (0.04200652460081998,)), ((3.0,), (3.6551951387310307e-07,)),
    ],
    "_kolmogp": [
        ((0.2,), (-4.417360850287329e-08,)), ((0.5,), (-7.2197585828017745,)),
        ((0.98,), (3.1184938952053436,)), ((1.02,), (3.0357522489119417,)),
        ((1.7,), (0.2609345459276704,)), ((3.0,), (4.264394328519536e-06,)),
        ((6.0,), (6.154932967064182e-29,)),
    ],
    "tklmbda": [
        ((0.5, 0.3), (0.2906997721989348, 0.10628971689983482)),
        ((-2.0, -0.4), (0.09315910154032707, -0.1815208020249935)),
        ((1.2, 0.7), (0.2889557196117846, 0.3633435244263188)),
        ((-0.9, 1.0), (0.5, -0.39947100799523677)),
        ((0.3, 2.5), (1.1377289620115663, 0.1715139689927174)),
        ((0.1, 4.0), (1.9490312952560542, 0.09201607339304019)),
    ],
    "_binom_pmf": [
        ((2.0, 5.0, 0.3), (None, 0.02880944480611332, 0.7350000000000001)),
        ((0.0, 7.0, 0.02), (None, -0.017538486063048985, -6.200896666048)),
        ((7.0, 7.0, 0.6), (None, 0.046933129482493355, 0.32659199999999994)),
        ((40.0, 60.0, 0.7), (None, -0.011338328918069093, -0.8862628808981727)),
        ((6.0, 7.0, 0.1), (None, 9.371228751355698e-06, 0.0003710000000000001)),
        ((1.0, 5.0, 0.4), (None, -0.08056600168014479, -1.08)),
    ],
    "_binom_cdf": [
        ((2.0, 5.0, 0.3), (None, -0.0875633940812039, -1.323)),
        ((0.0, 7.0, 0.02), (None, -0.017538486063048985, -6.200896666048)),
        ((40.0, 60.0, 0.7), (None, -0.06901437280125362, -6.203840166287217)),
        ((6.0, 7.5, 0.1), (None, -5.85887799283012e-07, -2.086593709017842e-05)),
    ],
    "_binom_sf": [
        ((2.0, 5.0, 0.3), (None, 0.0875633940812039, 1.323)),
        ((40.0, 60.0, 0.7), (None, 0.06901437280125362, 6.203840166287217)),
    ],
    "_nbinom_pmf": [
        ((2.0, 5.0, 0.3), (None, -0.014954706271663377, 0.24664499999999998)),
        ((0.0, 0.7, 0.02), (None, -0.2530010927962303, 2.263544523020751)),
        ((40.0, 60.0, 0.7), (None, 0.0008023149818798585, -0.24257625249961412)),
    ],
    "_nbinom_cdf": [
        ((2.0, 5.0, 0.3), (None, -0.026419148886967486, 0.416745)),
        ((0.0, 0.7, 0.02), (None, -0.2530010927962303, 2.263544523020751)),
        ((40.0, 60.0, 0.7), (None, -0.0023583951806602035, 0.7277287574988428)),
    ],
    "_nbinom_sf": [
        ((2.0, 5.0, 0.3), (None, 0.026419148886967486, -0.416745)),
        ((40.0, 60.0, 0.7), (None, 0.0023583951806602035, -0.7277287574988428)),
    ],
    "_hypergeom_pmf": [
        ((1.0, 3.0, 4.0, 9.0),
         (None, -0.1349206349206349, -0.09523809523809523, 0.03382464096749811)),
        ((2.0, 5.0, 7.0, 15.0),
         (None, -0.07661227661227661, -0.04895104895104895, 0.017725398144978564)),
        ((0.0, 6.0, 5.0, 30.0),
         (None, -0.06806871289629911, -0.07999915793019241, 0.014671335765474814)),
        ((20.0, 50.0, 40.0, 100.0), (None, 0.0, -0.0006592439730318803, -0.0005314310601177368)),
    ],
    "_skewnorm_cdf": [
        ((0.4, 0.1, 1.5, 2.0),
         (0.3417305113725151, -0.3417305113725151, -0.06834610227450302, -0.05760373910997226)),
        ((-2.0, 0.3, 0.7, -3.0),
         (0.005158674602933307, -0.005158674602933307, 0.016949930838209438,
          -1.147654746585966e-25)),
        ((3.0, -1.0, 2.0, 0.5),
         (0.04542501601103341, -0.04542501601103341, -0.09085003202206682, -0.02090277325549587)),
    ],
    "_beta_pdf": [
        ((0.3, 1.5, 2.0), (0.34232659844072894, -0.19741488080971498, 0.46540291023878466)),
        ((0.001, 0.4, 3.0), (-25474.061035813676, -138.65979971685135, 6.168891550954306)),
        ((0.98, 30.0, 2.5), (-281.81263975974764, 0.3794213355282189, -7.133437849660352)),
    ],
    "_cosine_cdf": [
        ((0.4,), (0.30574635317658905,)), ((-3.1,), (0.00013764510903924748,)),
        ((2.0,), (0.09292311700336262,)),
    ],
    "_scaled_exp1": [
        ((0.3,), (0.5892962866047612,)), ((10.0,), (0.0071966733376689004,)),
        ((44.9,), (0.0004558056046292486,)), ((45.1,), (0.00045193316724743705,)),
        ((300.0,), (1.0965146482826395e-05,)),
    ],
    "geninvgauss_logpdf": [
        ((0.7, 1.5, 2.0), (1.7551020408163267, -0.9545597273050471, 0.35238095238095235)),
        ((3.0, -2.5, 0.4), (-1.3444444444444446, 3.427704256487731, 4.71177370030581)),
        ((0.05, 0.3, 9.0), (1781.4999999999998, -3.0273994181938724, -8.970337771597498)),
    ],
    "genhyperbolic_pdf": [
        ((0.7, 1.5, 2.0, 0.3),
         (-0.23745808450926448, -0.025348276067864727, 0.06430382000434912, 0.13191170866501764)),
        ((-3.0, -0.5, 1.4, -1.0),
         (0.0462958381446561, 0.05547473987560477, -0.08262212269521398, -0.1146783597630685)),
        ((2.0, 4.0, 6.0, 5.0),
         (0.09804786913810137, -0.07176803467021964, 0.31743760478373784, -0.3343303609152764)),
    ],
    "_skewnorm_ppf": [
        ((0.23928436266638428, 0.1, 1.5, 2.0), (2.926282455680159, 1.0, 0.2, 0.16856481113908886)),
        ((0.001017241350328652, 0.3, 0.7, -3.0),
         (193.84824145166738, 1.0, -3.285714285714286, 2.224708544193485e-23)),
    ],
    "_skewnorm_isf": [
        ((0.7607156373336157, 0.1, 1.5, 2.0), (-2.926282455680159, 1.0, 0.2, 0.16856481113908886)),
    ],
    "_invgauss_ppf": [
        ((0.08377537591414534, 1.5, 2.0),
         (1.7200842798847733, 0.10167685120629943, 0.12374236159527544)),
        ((0.9908961140393895, 0.7, 1.0),
         (78.7420006971957, 6.366709651310909, -1.4566967559176363)),
        ((0.9015014368349454, 5.0, 0.3),
         (124.88939030894555, 1.0294044128113178, 12.843259786478038)),
    ],
    "_invgauss_isf": [
        ((0.9162246240858547, 1.5, 2.0),
         (-1.7200842798847733, 0.10167685120629943, 0.12374236159527544)),
        ((0.009103885960610469, 0.7, 1.0),
         (-78.7420006971957, 6.366709651310909, -1.4566967559176363)),
    ],
    "_beta_ppf": [
        ((0.3368493728656771, 1.5, 2.0),
         (0.6955207079430681, 0.20207362844207644, -0.11397404235243921)),
        ((0.2472052838716877, 8.0, 0.6),
         (0.3613120968050876, 0.012140937111139938, -0.1676624746398298)),
    ],
}  # fmt: skip


def function_of(name):
    """Return what a name stands for, None if this SciPy has no such function."""
    return COMPILED.get(name) or private(name) or getattr(special, name, None)


@pytest.mark.filterwarnings("ignore:non-integer")  # by SciPy, of a number of trials
@pytest.mark.parametrize("name", PARTIALS)
def test_partials(name):
    function = function_of(name)
    if function is None:
        pytest.skip("this SciPy has no such function")
    for point, partials in PARTIALS[name]:
        for i, expected in enumerate(partials):
            if expected is not None:
                found = da.grad(function, argnums=i)(*point)
                np.testing.assert_allclose(found, expected, rtol=EXACT, err_msg=f"{name}{point}")


def test_a_noncentral_density_by_many_degrees_of_freedom():
    """Its terms cancel to the square of their number."""
    density = private("_nct_pdf")
    if density is None:
        pytest.skip("this SciPy has no such function")
    for point, slope, loss in (
        ((0.5, 1e3, 0.3), 1.3094454668787759e-07, 2e-11),
        ((0.5, 1e4, 0.3), 1.3099382939879789e-09, 2e-10),
        ((1.5, 1e5, 1.0), 3.0254949697977448e-11, 2e-09),
        ((-3.0, 500.0, 2.0), -3.1866996223035045e-10, EXACT),
    ):
        np.testing.assert_allclose(da.grad(density, argnums=1)(*point), slope, rtol=loss)


# Of an operand at an end of its range: the operands, and the derivatives.
ENDS = [
    (special.fdtr, (1.5, 4.0, 0.0), (0.0, 0.0, np.inf)),
    (special.fdtr, (2.0, 4.0, 0.0), (0.0, 0.0, 1.0)),
    (special.fdtr, (3.0, 4.0, 0.0), (0.0, 0.0, 0.0)),
    (special.chdtr, (2.0, 0.0), (0.0, 0.5)),
    (special.stdtr, (3.0, 0.0), (0.0, 2 / (np.sqrt(3) * np.pi))),
    (special.stdtr, (3.0, np.inf), (0.0, 0.0)),
    (special.stdtr, (3.0, -np.inf), (0.0, 0.0)),
    (special.stdtrit, (3.0, 0.5), (0.0, np.sqrt(3) * np.pi / 2)),
    (special.gdtr, (1.5, 1.0, 0.0), (0.0, 0.0, 1.5)),
    (special.tklmbda, (3.0, 0.5), (0.0, 0.0)),
    (special.tklmbda, (-3.0, 0.5), (0.0, 0.0)),
    (special.tklmbda, (0.0, 0.5), (np.sqrt(0.125), 0.0)),
    (special.bdtr, (4.0, 4, 0.3), (None, None, 0.0)),
    (special.bdtrc, (4.0, 4, 0.3), (None, None, 0.0)),
    (special.nrdtrisd, (0.3, 0.7, 1.5), (-1.9069394017864906, -12.550457732737356,
                                         1.9069394017864906)),
]  # fmt: skip


@pytest.mark.parametrize("place", range(len(ENDS)))
def test_derivatives_at_ends(place):
    function, point, partials = ENDS[place]
    for i, expected in enumerate(partials):
        if expected is not None:
            found = da.grad(function, argnums=i)(*point)
            np.testing.assert_allclose(found, expected, rtol=EXACT, atol=1e-15)


def test_mixed_derivatives_at_ends():
    """Where a function leaves zero as a power of an operand whose exponent grows with a shape."""
    curved = [
        (special.fdtr, (1.5, 4.0, 0.0), 0, 2, -np.inf),
        (special.fdtr, (1.5, 4.0, 0.0), 1, 2, -np.inf),
        (special.fdtr, (3.0, 4.0, 0.0), 0, 2, 0.0),
    ]
    for function, point, i, j, expected in curved:
        assert da.grad(da.grad(function, argnums=i), argnums=j)(*point) == expected


def test_a_quantile_at_zero():
    point = (3.0, 4.0, 0.0)
    if special.fdtri(*point) != 0:
        pytest.skip("this SciPy has none")
    for i, expected in ((0, 0.0), (1, 0.0), (2, np.inf)):
        assert da.grad(special.fdtri, argnums=i)(*point) == expected
    for i in (0, 1):
        assert da.grad(da.grad(special.fdtri, argnums=i), argnums=2)(*point) == np.inf


@pytest.mark.parametrize(
    ("name", "point", "slopes"),
    [
        ("_beta_pdf", (1.0, 2.0, 3.0), (0.0, 0.0, 0.0)),
        ("_beta_pdf", (1.0, 2.0, 1.5), (-np.inf, 0.0, 0.0)),
        ("_cosine_cdf", (3.5,), (0.0,)),
        ("_cosine_cdf", (-3.5,), (0.0,)),
        ("_binom_pmf", (0.0, 3.0, 0.0), (None, 0.0, -3.0)),
        ("_binom_pmf", (1.0, 3.0, 0.0), (None, 0.0, 3.0)),
        ("_binom_pmf", (3.0, 3.0, 1.0), (None, None, 3.0)),
        ("_binom_pmf", (2.0, 3.0, 1.0), (None, None, -3.0)),
        ("_binom_pmf", (1.0, 3.0, 1.0), (None, None, 0.0)),
        ("_binom_cdf", (5.0, 5.0, 0.3), (None, 0.0, 0.0)),
        ("_hypergeom_pmf", (5.0, 3.0, 4.0, 9.0), (None, 0.0, 0.0, 0.0)),
        ("_kolmogc", (0.0,), (0.0,)),
        ("_kolmogp", (0.0,), (0.0,)),
    ],
)
def test_derivatives_of_private_functions_at_ends(name, point, slopes):
    function = private(name)
    if function is None:
        pytest.skip("this SciPy has no such function")
    for i, expected in enumerate(slopes):
        if expected is not None:
            found = da.grad(function, argnums=i)(*point)
            np.testing.assert_allclose(found, expected, rtol=EXACT, atol=1e-15)


@pytest.mark.filterwarnings("ignore")
def test_partials_have_the_precision_of_the_output():
    rng = np.random.default_rng(0)
    tried = 0
    for sample in (s for subject in SUBJECTS for s in SAMPLES[subject] if s.float32):
        row = TABLE[sample.function]
        call = sample.draw(Draws(lambda lo, hi: lo, np.dtype(np.float32), rng))
        if row.kind != "elementwise" or call.kwargs:
            continue
        single = [getattr(x, "dtype", None) == np.float32 for x in call.args]
        operands = [np.ravel(x) if s else x for x, s in zip(call.args, single, strict=True)]
        y = sample.function(*operands)
        for partial in filter(callable, row.partials):
            try:
                found = partial(y, *operands)
            except UnsupportedParameterError:
                continue
            assert np.result_type(found) == np.result_type(y), row.name
            tried += found.dtype == np.float32
    assert tried > 200
