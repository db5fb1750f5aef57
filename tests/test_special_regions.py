"""Derivatives of special functions in regions that samples rarely draw: known values.

And how the integrals among them are taken: their ends are where the integrand has fallen away.
"""

import math

import numpy as np
import pytest
from scipy import special

import dualad as da
from dualad.errors import UnsupportedParameterError
from dualad.rules.special import quadrature
from dualad.scipy import special as ours
from tests.known import derivative_of

EXACT = 1e-12  # relative
SHAPES = np.geomspace(1e-3, 1e5, 9)[:, None]
SIZES = np.geomspace(1e-3, 1e3, 13)
INTEGRALS = {
    "gamma": (special.gammainc, (SHAPES, SHAPES * SIZES)),
    "beta": (special.betainc, (SHAPES[..., None], SHAPES, special.expit(np.linspace(-12, 12, 13)))),
    "kve": (special.kve, (np.geomspace(1e-3, 1e2, 6)[:, None], SIZES)),
    "jv": (special.jv, (np.geomspace(1e-3, 1e2, 6)[:, None], SIZES)),
}


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals_end_where_what_is_integrated_has_fallen_away(name, monkeypatch):
    """Its exponent has the slope that it says, and the search for the end begins as it falls."""
    end_of, calls = quadrature._end, []

    def watched(exponent, level, start):
        end = end_of(exponent, level, start)
        fallen, slope = exponent(end)
        np.testing.assert_allclose(-fallen, level, rtol=1e-9)
        above, below = (exponent(end * (1 + h))[0] for h in (1e-5, -1e-5))
        np.testing.assert_allclose(slope, (above - below) / (2e-5 * end), rtol=1e-7)
        if name in ("gamma", "beta", "kve"):  # for others it begins nearer
            zero, step = 0 * end, 1e-4 * end
            steep, later = -exponent(zero)[1], -exponent(step)[1]
            root = np.sqrt(steep * steep + 2 * level * (later - steep) / step)
            nearest = np.minimum(2 * level / (steep + root), quadrature.LONG)
            np.testing.assert_allclose(start, nearest, rtol=0.01)
        calls.append(level)
        return end

    monkeypatch.setattr(quadrature, "_end", watched)
    function, (shape, *rest) = INTEGRALS[name]
    shape = shape + np.zeros(np.broadcast_shapes(*map(np.shape, rest)))
    da.jvp(lambda v: function(v, *rest), (shape,), (np.ones(shape.shape),))
    assert calls


# Densities, by mpmath with 60 digits.
DENSITIES = [
    (special.betainc, (10000.0, 9000.0, 0.53), 65.693989408969932),
    (special.betainc, (0.3, 100000.0, 1e-06), 151590.32566018991),
    (special.betainc, (2.5, 18.0, 0.2), 2.3028498310787915),
    (special.betainc, (2.5, 3.0, 0.2), 1.1269782606598941),
    (special.betainc, (1e6, 2e6, 0.333), 692.5717446873764),
    (special.gammainc, (30.0, 25.0), 0.054495342156142662),
    (special.gammainc, (1e6, 1000500.0), 0.00035190400961467548),
    (special.gammainc, (0.3, 1e-05), 1057.0526872570068),
]


def test_distribution_functions_by_their_arguments():
    for function, point, density in DENSITIES:
        found = da.grad(function, argnums=len(point) - 1)(*point)
        np.testing.assert_allclose(found, density, rtol=1e-12, err_msg=f"{point}")


def test_quantiles_at_their_ends_by_probability_and_shape():
    """Near zero they are powers of a probability, whose exponent falls with the shape."""
    quantiles = [
        (special.gammaincinv, (2.5, 0.0), 0, np.inf),
        (special.betaincinv, (2.5, 3.0, 0.0), 0, np.inf),
        (special.betaincinv, (2.5, 3.0, 1.0), 1, np.inf),
        (special.betainccinv, (2.5, 3.0, 1.0), 0, -np.inf),
    ]
    for function, point, i, expected in quantiles:
        slope = da.grad(da.grad(function, argnums=i), argnums=len(point) - 1)
        assert slope(*point) == expected


# Derivatives by all operands, on both sides of thresholds, by mpmath with 50 digits. None: what is
# not looked at, since SciPy's own values have lost digits there.
FUNCTIONS = {
    "poch": special.poch,
    "binom": special.binom,
    "beta": special.beta,
    "betaln": special.betaln,
    "zeta": ours.zeta,
    "riemann": ours.zeta,
    "polygamma": lambda x: ours.polygamma(3, x),
    "multigammaln": lambda a: ours.multigammaln(a, 4),
    "rgamma": special.rgamma,
    "factorial": ours.factorial,
    "comb": ours.comb,
    "perm": ours.perm,
    "hyp0f1": special.hyp0f1,
    "hyp1f1": special.hyp1f1,
    "hyp2f1": special.hyp2f1,
    "hyperu": special.hyperu,
    "wright_bessel": special.wright_bessel,
    "voigt": special.voigt_profile,
    "owens_t": special.owens_t,
    "log_ndtr": special.log_ndtr,
    "erfinv": special.erfinv,
    "modfresnelp0": lambda x: np.real(special.modfresnelp(x)[0]),
    "modfresnelp1": lambda x: np.imag(special.modfresnelp(x)[1]),
    "modfresnelm0": lambda x: np.imag(special.modfresnelm(x)[0]),
    "modfresnelm1": lambda x: np.real(special.modfresnelm(x)[1]),
    "ellipkinc": special.ellipkinc,
    "ellipeinc": special.ellipeinc,
    "sn": lambda u, m: special.ellipj(u, m)[0],
    "cn": lambda u, m: special.ellipj(u, m)[1],
    "dn": lambda u, m: special.ellipj(u, m)[2],
    "elliprc": special.elliprc,
    "elliprf": special.elliprf,
    "elliprd": special.elliprd,
    "elliprg": special.elliprg,
    "elliprj": special.elliprj,
    "agm": special.agm,
}
PARTIALS = {
    "poch": [
        ((0.3, 0.7), (0.977850943547784, -0.192947469129805)),
        ((3.5, -1.25), (-0.180896623754398, 0.195193623917481)),
        ((-2.5, 1.75), (-20.4413876729442, -14.800033957866)),
        ((-0.3, 4.5), (1.4376827492349, -2.35082012301624)),
        ((25.5, 3.5), (12940.4845742067, 330883.794279961)),
        ((30.0, -4.5), (-5.77766204996982e-08, 1.12377338408225e-06)),
        ((19.0, 2.0), (39.0, 1147.79911705202)),
        ((100000.0, 0.5), (0.00158114080650402, 3640.70214922669)),
        ((-30.25, 2.5), (30080.3782785761, -942.627918572841)),
        ((0.7, 40.5), (6.494982526367e+48, 4.88645909387845e+48)),
    ],
    "binom": [
        ((5.5, 2.25), (6.38214033955902, 4.19397178486206)),
        ((30.0, 7.5), (994833.306631182, 3720887.04659572)),
        ((100.0, 51.0), (7.0047493470949e+28, -3.91773387124259e+27)),
        ((3.5, -0.75), (-0.0155899079668373, 0.527306455667228)),
        ((2.25, 5.5), (0.0159622010204472, -0.012019806485277)),
        ((-2.5, 3.0), (5.95833333333333, -2.32952658848405)),
        ((-3.75, -1.25), (-0.230852313211163, -0.191724189498056)),
        ((-0.5, 1.5), (-1.33333333333333, 1.33333333333333)),
        ((45.5, 1.0), (1.0, 153.967392170675)),
        ((-2.5, -2.5), (1.28037230554678, -1.28037230554678)),
        ((-2.5, -3.5), (-0.70093076386694, 1.70093076386694)),
    ],
    "beta": [
        ((0.3, 0.7), (-11.3596227730581, -2.49616578533381)),
        ((2.5, 30.0), (-0.000700802752317579, -2.06333889742317e-05)),
        ((25.0, 3.5), (-4.79942569354289e-06, -8.01287801122039e-05)),
        ((-0.5, 2.25), (0.922013673958839, -1.42060461948712)),
        ((-1.75, -2.5), (-145.370786826054, -74.4710559377026)),
        ((3.0, -1.5), (4.72690325930608, 3.55555555555556)),
        ((30.0, 40.0), (-9.0312039149443e-22, -5.95485926308378e-22)),
    ],
    "betaln": [
        ((0.3, 0.7), (-2.9253085572986, -0.642807888796402)),
        ((2.5, 30.0), (-2.76261994530835, -0.0813384532680696)),
        ((25.0, 3.5), (-0.133515131726696, -2.22910100393343)),
        ((100000.0, 3.5), (-3.49995625087498e-05, -10.4097988238792)),
        ((21.0, 0.001), (-4.87696339126463e-05, -1003.59614469369)),
        ((1000.0, 1e-09), (-1.00050016666613e-12, -1000000007.48447)),
        ((2.5, 1e-09), (-4.90357755982133e-10, -1000000001.28037)),
        ((0.3, 1e-15), (-1.22453645461077e-14, -999999999999997.0)),
        ((0.125, 0.03), (-1.58926028331642, -27.0630220406393)),
    ],
    "zeta": [
        ((1.25, 0.4), (-13.1566874613829, -10.8450777684963)),
        ((2.5, 3.0), (-0.264809682392642, -0.0958637991718455)),
        ((5.0, 19.5), (-6.11590360043204e-06, -4.02468948357806e-07)),
        ((12.0, 0.75), (9.08123537883316, -505.117004094613)),
        ((1.0001, 2.0), (-99999999.9272072, -0.644904806000393)),
        ((40.0, 1.5), (-3.66693428002667e-08, -2.41167271761872e-06)),
        ((3.0, 1000.0), (-3.70733316073554e-06, -1.0015009999995e-09)),
    ],
    "riemann": [
        ((-0.75,), (-0.242231503954398,)), ((0.0,), (-0.918938533204673,)),
        ((0.3,), (-1.96186086008988,)), ((1.2,), (-24.9291602568289,)),
        ((7.5,), (-0.00417484737301855,)), ((0.99,), (-9999.92708735395,)),
        ((60.0,), (-6.01209343238152e-19,)),
    ],
    "polygamma": [
        ((0.4,), (-2348.59127348799,)), ((-2.3,), (9738.67173656925,)),
        ((30.0,), (-7.91494134018102e-06,)), ((10000.0,), (-6.0012001e-16,)),
    ],
    "multigammaln": [
        ((1.75,), (-5.29329549299214,)), ((3.2,), (2.54846337189238,)),
        ((50.0,), (15.5466279283422,)),
    ],
    "rgamma": [
        ((-7.3,), (-10366.713724921,)), ((-3.0,), (-6.0,)), ((0.0,), (1.0,)),
        ((0.49,), (1.11374940690628,)), ((0.51,), (1.10157094177499,)),
        ((4.5,), (-0.119403658597237,)), ((-20.5,), (1.07406904597121e+19,)),
    ],
    "factorial": [
        ((0.3,), (-0.151843864839965,)), ((4.5,), (84.3290906664313,)),
        ((20.0,), (7.34863888647165e+18,)),
    ],
    "comb": [
        ((5.5, 2.25), (6.38214033955902, 4.19397178486206)),
        ((30.0, 7.5), (994833.306631182, 3720887.04659572)), ((4.0, 1.0), (1.0, 3.33333333333333)),
    ],
    "perm": [
        ((5.5, 2.25), (16.2697157231962, 46.0293153203874)),
        ((30.0, 7.5), (13961895814.3849, 155133855012.372)), ((4.0, 1.0), (1.0, 5.0244706737272)),
    ],
    "hyp0f1": [
        ((0.2, -0.5), (9.69998059150516, 3.14143876728097)),
        ((0.2, 0.5), (-15.796723970587, 7.33278021941568)),
        ((2.5, -0.9), (0.114929545858536, 0.306886495068098)),
        ((2.5, -1.1), (0.133407510295178, 0.288668548170326)),
        ((2.5, 50.0), (-13166.7557169255, 1180.51593821471)),
        ((30.0, -700.0), (4.44126515650809e-12, 8.32085315925921e-14)),
        ((0.7, 1e-08), (-2.04081633500459e-08, 1.42857143697479)),
        ((0.001, 2.0), (-4789662.74206444, 4248.38456975998)),
        ((60.0, -3.0), (0.000793645933931529, 0.0158665141936086)),
        ((60.0, -170.0), (0.00278919259186644, 0.000960655698115571)),
        ((60.0, -200.0), (0.00196296646812342, 0.000571986057931655)),
        ((300.0, -310.0), (0.00122975784371976, None)),
        ((1.3, -20000.0), (-0.0336797270102379, -6.23433211543327e-05)),
    ],
    "hyp1f1": [
        ((0.3, 2.0, -30.0), (-1.2630307391085, 0.0804596879299511, 0.00384530180538322)),
        ((0.3, 2.0, 0.7), (0.42636046493943, -0.0684418917084138, 0.20626451097435)),
        ((2.5, 2.7, 100.0), (4.85384221109083e+43, -4.74022130778492e+43, 1.23735639468938e+43)),
        ((1.3, 2.1, -0.4), (-0.151642635254789, 0.0922942542208654, 0.461849143778203)),
        ((20.0, 30.0, -15.0), (-5.69441022135942e-05, 3.47338717390898e-05, 5.95348079986288e-05)),
        ((0.001, 0.001, 2.0), (6395.11520913504, -6395.11520913504, 7.38905609893065)),
        ((0.7, 60.0, 300.0), (1.89992886424225e+64, -4.58303061922767e+63, 2.27397696962764e+63)),
        ((5.5, 6.25, -60.0), (-1.30313114004035e-07, 7.02825521027906e-08, 2.36346769342047e-09)),
    ],
    "hyp2f1": [
        ((1.3, 2.0, 3.0, 0.4),
         (0.51787059775941, 0.351254377348853, -0.242732833132386, 2.0527290510447)),
        ((0.5, 3.0, 4.0, -3.0),
         (-0.640536404121209, -0.0737675397901217, 0.0533345777614397, 0.062962962962963)),
        ((3.0, 0.5, 2.0, -0.9),
         (-0.0745197161388082, -0.58233033924639, 0.117475546737427, 0.218547208308764)),
        ((0.5, 3.0, 2.0, -0.9),
         (-0.58233033924639, -0.0745197161388082, 0.117475546737427, 0.218547208308764)),
        ((0.75, 6.5, 2.5, -4.0),
         (-0.381099706362637, -0.0171723059631027, 0.0565241432851967, 0.0243801665290308)),
        ((0.3, 0.2, 0.7, 0.9),
         (0.726124085071316, 1.02520085159229, -0.368909728952841, 0.645889876405455)),
        ((1.3, 2.0, 1.0, 0.9),
         (763.044788755837, 626.609439050302, -860.055129901661, 5888.01909147317)),
        ((7.5, 4.0, 20.0, -3.0),
         (-0.0183665849033096, -0.040074484399649, 0.00619025211732179, None)),
        ((0.25, 6.0, 2.5, 0.01),
         (0.0243653192823631, 0.00102365617790732, -0.0024523512160523, 0.615305406472357)),
        ((1.5, 2.5, 3.5, -1e-09),
         (-7.14285713174603e-10, -4.28571427857143e-10, 3.06122448450491e-10, 1.07142856934524)),
        ((1.3, 2.2, 2.5, 0.9885),
         (472.238122974028, 394.799966283021, -377.887965548496, 10125.4279721218)),
    ],
    "hyperu": [
        ((0.2, -3.0, 0.4), (-1.08146586461459, 0.0362542717928165, -0.042280080666896)),
        ((0.49, 1.5, 2.0), (-0.627920913604953, 0.136014596848644, -0.175331064555631)),
        ((0.51, 1.5, 2.0), (-0.626230847577397, 0.137938311891812, -0.178154821617641)),
        ((1.75, 0.3, 0.01), (-0.646418436928127, 1.35697461688235, -7.39467338613769)),
        ((8.0, 3.0, 5.0), (-5.7037839446259e-08, 1.41216573746958e-08, None)),
        ((-0.4, 2.5, 0.7), (3.72162575561854, -1.22159713893712, 2.07847918027671)),
        ((-0.1, -1.5, 10.0), (-3.21877936679312, -0.0101428886125054, None)),
        ((3.0, 40.0, 6.0), (-3.67460303624797e+16, 6.28124602232727e+16, -1.86958195328324e+17)),
        ((5.0, -30.0, 2.0), (-6.76792489015279e-08, 2.63698277561883e-09, -2.87619259399889e-09)),
        ((1.5, 2.0, 400.0), (-0.000748156287229199, 4.65844618226529e-07, -4.67294680233579e-07)),
        ((40.0, 1.5, 0.001), (-6.80977764003591e-45, 1.10744683336704e-44, -1.29045258631725e-42)),
        ((0.75, 20.5, 0.3), (5.15178803712324e+26, 1.99824045840324e+27, -3.08222127115839e+28)),
    ],
    "wright_bessel": [
        ((1.5, 0.7, 2.0), (None, None, 1.45185081611697)),
        ((0.25, 2.0, 8.0), (None, None, 485.800880507898)),
    ],
    "voigt": [
        ((0.3, 1.2, 0.7), (-0.0286855592663918, -0.109468634672, -0.108930427784774)),
        ((30.0, 1.5, 0.4), (-9.57210861871449e-06, 1.45015152964048e-06, 0.000356170572190024)),
        ((25.0, 0.5, 3.0), (-0.000119059177628403, 7.01885271697914e-06, 0.000488340144888901)),
        ((-3.0, 0.2, 0.1), (0.00241731210785944, 0.000491643574381889, 0.0357270038487098)),
        ((0.0, 2.0, 0.3), (0.0, -0.0788996011805674, -0.0662518644194255)),
        ((5.0, 0.001, 2.0), (-0.00756979628712262, 3.70659014820274e-06, 0.0079482849660092)),
        ((-8.0, 0.9, 20.0), (0.000469547467660555, -2.4048230686954e-05, -0.000496572540411717)),
        ((1.5, 2.5, 0.0), (-0.0319895618776128, -0.0341221993361203, -0.0346445102796194)),
    ],
    "owens_t": [
        ((0.3, 0.7), (-0.0317185614108015, 0.0998882531460832)),
        ((-2.5, 1.75), (0.00876404382153587, 1.20094354687496e-07)),
        ((4.0, -0.2), (3.85624570605169e-05, 3.72783518348552e-05)),
        ((0.1, 12.0), (-0.152799075006659, 0.000531604477311017)),
    ],
    "log_ndtr": [
        ((-0.3,), (0.998165968858483,)), ((0.3,), (0.617220853612734,)),
        ((6.0,), (6.07588285581768e-09,)), ((-200.0,), (200.004999750031,)),
    ],
    "erfinv": [
        ((0.3,), (0.954520358840549,)), ((-0.99,), (24.4508764737464,)),
        ((0.999999,), (139146.310326709,)),
    ],
    "modfresnelp0": [
        ((0.3,), (-0.995952733011994,)), ((-2.0,), (0.653643620863612,)),
        ((15.0,), (-0.367319367730245,)),
    ],
    "modfresnelp1": [
        ((0.3,), (0.167506452541106,)), ((15.0,), (-0.000880563516817851,)),
        ((9.5,), (-0.00217249552516309,)), ((40.0,), (-0.000124552402783557,)),
    ],
    "modfresnelm0": [
        ((0.3,), (0.089878549198011,)), ((-2.0,), (-0.756802495307928,)),
        ((15.0,), (-0.930094878004525,)),
    ],
    "modfresnelm1": [
        ((0.3,), (-0.349946674272537,)), ((15.0,), (-0.000892381986776151,)),
        ((9.5,), (-0.00224588630695113,)), ((40.0,), (-0.000124786157227019,)),
    ],
    "ellipkinc": [
        ((0.4, 0.3), (1.0235537816692, 0.0107756496583803)),
        ((2.5, 0.7), (1.15525383343534, 2.8952314373523)),
        ((-4.0, -30.0), (0.234516387579611, -0.0164228184566839)),
        ((7.9, 0.95), (4.38485223249956, 50.1773124093493)),
        ((-20.3, 0.2), (1.11602487890869, -6.4707385702243)),
        ((1.5, 0.999), (12.9112916916092, 42.6678715760656)),
        ((0.0001, 0.5), (1.0000000025, 1.66666667083333e-13)),
    ],
    "ellipeinc": [
        ((0.4, 0.3), (0.976988232478813, -0.0104764063017925)),
        ((2.5, 0.7), (0.865610631237931, -1.14681840018645)),
        ((-4.0, -30.0), (4.26409433609638, 0.203650566158352)),
        ((7.9, 0.95), (0.228057856223345, -4.96494961707956)),
        ((-20.3, 0.2), (0.896037372372788, 5.47721258441027)),
        ((1.5, 0.999), (0.0774515845420705, -1.14932310789105)),
        ((0.0001, 0.5), (0.9999999975, -1.66666666583333e-13)),
    ],
    "sn": [
        ((0.4, 0.3), (0.901351229541276, -0.00948776124329396)),
        ((2.5, 0.7), (-0.13690406910425, 0.29319430643533)),
        ((-7.0, 0.9), (-0.0980572422534873, -1.07789686771744)),
        ((15.0, 0.05), (-0.608281147924715, 2.4648279947937)),
    ],
    "cn": [
        ((0.4, 0.3), (-0.377803564945115, 0.00397681825195803)),
        ((2.5, 0.7), (-0.565676271643435, 1.21145458434202)),
        ((-7.0, 0.9), (-0.382094044039368, -4.20017903602503)),
        ((15.0, 0.05), (-0.774005438706188, 3.13636265065001)),
    ],
    "dn": [
        ((0.4, 0.3), (-0.10695494837611, -0.0753248621188907)),
        ((2.5, 0.7), (0.160038937579603, -1.15430049446938)),
        ((-7.0, 0.9), (0.216696517660516, 1.19285636337893)),
        ((15.0, 0.05), (0.0242914866020248, -0.412418968384943)),
    ],
    "elliprc": [
        ((0.3, 0.7), (-0.588240151786025, -0.715861175607228)),
        ((2.0, -1.5), (0.0256745424158034, 0.210027717979712)),
        ((0.0, 3.0), (None, -0.151149947019518)),
        ((50.0, 0.001), (-0.00721700675714256, -70.7034611118976)),
        ((0.25, -40.0), (0.0246900847739633, 0.000309915226036655)),
    ],
    "elliprf": [
        ((0.3, 0.7, 2.0), (-0.397401753192927, -0.248344853243263, -0.125770143374269)),
        ((1e-06, 50.0, 3.0), (-40.7996236479776, -0.00263318116546145, -0.0225722172432769)),
        ((0.0, 1.5, 0.2), (None, -0.412200874894107, -1.89641006042887)),
    ],
    "elliprd": [
        ((0.3, 0.7, 2.0), (-0.479349899679983, -0.282864715082294, -0.395060509953412)),
        ((1e-06, 50.0, 3.0), (-40.7770650230893, -0.00127270443049886, -0.0464913188665087)),
        ((1000.0, 1.5, 0.0001), (-0.00384134694124694, -2.54032052622222, -38727.289300201)),
    ],
    "elliprg": [
        ((0.3, 0.7, 2.0), (0.212690842009412, 0.185380406353208, 0.146530961614081)),
        ((1e-06, 50.0, 3.0), (0.0996878550014515, 0.0338787256767394, 0.0658499289483602)),
        ((1000.0, 1.5, 0.0001), (0.00788705771130127, 0.0287856510721508, 0.0365446581538898)),
    ],
    "elliprj": [
        ((0.3, 0.7, 2.0, 1.5),
         (-0.610628524959791, -0.356979412628449, -0.164281199008445, -0.411144363024234)),
        ((1e-06, 50.0, 3.0, 0.2),
         (-610.165315314498, -0.00719916672393783, -0.106679069506663, -2.09324214506634)),
        ((1000.0, 1.5, 0.0001, 30.0),
         (-3.40440745765072e-06, -0.000976053494653165, -0.12793523584673, -0.00018475112473937)),
    ],
    "agm": [
        ((0.3, 0.7), (0.635057434213847, 0.41197732578563)),
        ((1e-08, 5.0), (1712365.28217818, 0.0699207136755771)),
        ((1000000.0, 2.0), (0.100803962442797, 3731.08729198183)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", PARTIALS)
def test_partials(name):
    for point, partials in PARTIALS[name]:
        for i, expected in enumerate(partials):
            if expected is not None:
                found = da.grad(FUNCTIONS[name], argnums=i)(*point)
                message = f"{name}{point} by operand {i}"
                np.testing.assert_allclose(found, expected, rtol=EXACT, err_msg=message)


# Of the first and second order, at poles of gamma functions, by mpmath with 60 digits.
ORDERS = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
AT_POLES = {
    "beta": [
        ((-1.5, -0.5), (-16.7551608191456, -16.7551608191456, 7.35979468180386,
         18.5299018945676, 29.7000091073313)),
        ((2.5, -4.5), (-0.159572960182339, -0.159572960182339, 0.0700932826838463,
         -0.0747888335451977, -0.219670949774242)),
        ((-1.5, 0.5), (-4.18879020478639, -4.18879020478639, -2.34884153433543,
         8.82126567842828, 19.991372891192)),
        ((-2.75, -3.25), (-387.837197782413, -387.837197782413, 2972.25986569068,
         480.277442565193, -2011.70498056029)),
        ((0.25, -0.25), (-17.7715317526335, -17.7715317526335, 129.740636368528,
         2.82359576088272, -124.093444846762)),
    ],
    "poch": [
        ((-3.0, 1.75), (-23.5280006873314, 0.0, -115.664660813992, -87.3862677732284, 0.0)),
        ((0.0, 2.5), (1.32934038817914, 0.0, 3.40410123533874, 0.934734521626086, 0.0)),
        ((-4.0, 2.5), (56.7185232289765, 0.0, -91.0855274129494, 39.8820062560463, 0.0)),
        ((-7.0, -1.5), (0.132729484406216, 0.0, 0.0483391221562885, 0.291704615194975, 0.0)),
        ((-2.0, 4.0), (2.0, 0.0, -2.0, 0.845568670196934, 0.0)),
    ],
    "binom": [
        ((2.0, 3.0), (0.333333333333333, -0.333333333333333, 1.0,
         -1.11111111111111, 1.22222222222222)),
        ((1.5, 3.5), (-0.114285714285714, 0.114285714285714, -0.0640850984106917,
         0.142452445349467, -0.220819792288243)),
        ((2.0, 4.0), (-0.0833333333333333, 0.0833333333333333, -0.0833333333333333,
         0.131944444444444, -0.180555555555556)),
        ((-0.5, 1.5), (-1.33333333333333, 1.33333333333333, 6.36345162965304,
         -2.80789607409749, -0.747659481458069)),
        ((-1.5, 0.5), (4.0, -4.0, -3.09035488895913, 3.09035488895913, -3.09035488895913)),
        ((-2.5, -1.5), (-0.666666666666667, 0.666666666666667, -1.70716307406237,
         1.26271862961792, -0.818274185173479)),
        ((3.0, -1.0), (0.0, 0.25, 0.0, -0.0625, 1.04166666666667)),
        ((2.5, -2.0), (0.0, -0.0634920634920635, 0.0, 0.0322499370118418, -0.150896357267719)),
        ((5.5, 7.5), (-0.0205128205128205, 0.0205128205128205, -0.0562103382687781,
         0.0621011995442547, -0.0679920608197314)),
        ((-1.5, -1.0), (0.0, -2.0, 0.0, -4.0, 5.54517744447956)),
        ((-3.5, -2.0), (0.0, -0.266666666666667, 0.0, -0.284444444444444, 0.206023659263942)),
        ((0.25, -0.75), (-0.162559467118683, 1.16255946711868, 0.243801093314362,
         -0.594706673162317, 0.945612253010272)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", AT_POLES)
def test_two_orders_at_poles_of_gamma_functions(name):
    for point, derivatives in AT_POLES[name]:
        for orders, expected in zip(ORDERS, derivatives, strict=True):
            found = derivative_of(FUNCTIONS[name], orders, "forward")(*point)
            message = f"{name}{point} of order {orders}"
            np.testing.assert_allclose(found, expected, rtol=EXACT, atol=1e-14, err_msg=message)


# Near the diagonals, below which asymptotic series have no digits yet; and left of many poles.
AROUND = [
    (special.dawsn, 10 + 8j, -0.000643790657310164 + 0.00298602199176693j),
    (special.dawsn, 8 - 7.5j, 0.000899421994540687 + 0.00414246372801299j),
    (special.dawsn, 12 + 5j, -0.0020827543511603 + 0.00212729635886293j),
    (special.wofz, -10 - 9j, -0.00310519535095784 - 0.00030178025366335j),
    (special.wofz, -12 - 5j, -0.00240039689357907 - 0.00235013662002681j),
    (special.wofz, 3 + 12j, -0.00170585348730627 + 0.00323361274214744j),
    (special.erfcx, -9 - 9.5j, 0.0029716832435866 - 0.000872216415987293j),
    (special.erfcx, -5 + 12j, 0.00235013662002681 - 0.00240039689357907j),
    (special.digamma, -15.3 + 0.4j, 1.2917249780328 + 2.70463368016241j),
]


def test_slopes_at_complex_numbers():
    for function, z, slope in AROUND:
        found = da.jvp(function, (np.array(z),), (np.array(1 + 0j),))[1]
        np.testing.assert_allclose(found, slope, rtol=EXACT, err_msg=f"{z}")


def test_voigt_profiles_of_a_gaussian_without_width():
    """A profile spreads as heat does, so its width acts first at the second order."""
    for x, gamma in ((1.5, 0.7), (-0.3, 2.0)):
        second = np.real(2j / np.pi / (x + 1j * gamma) ** 3)
        derivative = derivative_of(special.voigt_profile, (0, 2, 0), "forward")
        np.testing.assert_allclose(derivative(x, 0.0, gamma), second, rtol=1e-14)
        derivative = derivative_of(special.voigt_profile, (2, 0, 0), "reverse")
        np.testing.assert_allclose(derivative(x, 0.0, gamma), second, rtol=1e-14)


def test_solutions_at_an_end_of_their_range_are_flat_and_quantiles_are_not():
    for name, point in (("bdtrik", (1e-9, 10.0, 0.3)), ("nbdtrik", (1e-9, 4.0, 0.3))):
        function = getattr(special, name)
        for i in range(3 if function(*point) == 0 else 0):  # older versions of SciPy go on
            assert da.grad(function, argnums=i)(*point) == 0
    if 0 < special.chndtrix(1e-40, 1.0, 1.0) < 1e-60:  # as older versions of SciPy do not see
        assert da.grad(special.chndtrix)(1e-40, 1.0, 1.0) > 0


def test_hypergeometric_functions_by_parameters_where_there_is_no_formula():
    for function, *point in (
        (special.hyp0f1, 1.5, 0.5j),
        (special.hyp1f1, 1.5, 2.5, 0.5j),
        (special.hyp2f1, 1.5, 2.5, 3.5, 0.5j),
        (special.hyp2f1, 2.0, 3.5, 1.5, -0.3),
        (special.hyp2f1, 1.5, 2.5, 3.5, 1 - 1e-6),
    ):
        for i in range(len(point) - 1):
            message = rf"special.{function.__name__} was called on a traced value with a "
            with pytest.raises(UnsupportedParameterError, match=message):
                da.grad(lambda *x, f=function: np.real(f(*x)), argnums=i)(*point)


def test_slopes_of_the_reciprocal_gamma_function_at_its_zeros():
    for n in (40, 101, 160):
        slope = (-1.0) ** n * math.factorial(n)
        np.testing.assert_allclose(da.grad(special.rgamma)(-float(n)), slope, rtol=2e-15)


def test_factorials_are_arrays_of_arrays_and_numbers_of_numbers():
    for x in (3.0, np.float64(3.0), np.array(3.0), np.array([3.0])):
        assert type(da.vjp(ours.factorial, x)[0]) is type(special.factorial(x))


def test_dimensions_of_multigammaln_and_options_that_are_refused():
    for a, d in ((0.75, 2), (1.6, 4)):
        slope = sum(special.digamma(a - 0.5 * j) for j in range(d))
        np.testing.assert_allclose(da.grad(lambda a, d=d: ours.multigammaln(a, d))(a), slope)
    for a, d in ((0.5, 2), (1.5, 4)):
        with pytest.raises(ValueError, match="condition"):
            da.grad(lambda a, d=d: ours.multigammaln(a, d))(a)
    for function, rest in ((ours.comb, (2,)), (ours.perm, (2,)), (ours.factorial, ())):
        with pytest.raises(
            UnsupportedParameterError, match=rf"special.{function.__name__} was called"
        ):
            da.grad(lambda x, f=function, rest=rest: f(x, *rest, exact=True))(3.0)


# Slopes of Bessel functions by their argument, by mpmath with 50 digits.
BESSEL = [
    (special.i0e, (0.7, -3.0, 24.0, 26.0, -60.0, -1e6),
     (-0.374635543744321, 0.0461736408645245, -0.00172414905749588,
      -0.0015271274703475, 0.000431918984581123, 1.99471215002464e-10)),
    (special.i1e, (0.7, -3.0, 24.0, 26.0, -60.0),
     (0.110821282654682, -0.0194352635679091, -0.00161519007902641,
      -0.00143812347463967, -0.000421074851902689)),
    (special.k0e, (0.01, 3.0, 24.0, 26.0, 60.0),
     (-96.2099544296956, -0.108801882084935, -0.00524961818667772,
      -0.00466098381199633, -0.00134005270775035)),
    (special.k1e, (0.01, 3.0, 24.0, 26.0, 60.0),
     (-10001.6548913943, -0.160052611291327, -0.0055744981631431,
      -0.00492743921698627, -0.00137341780798373)),
    (lambda x: special.ive(2.5, x), (0.7, 24.0, 26.0, 300.0),
     (0.0299466431950227, -0.00110451595030138, -0.00101716065390939, -3.7242989705049e-05)),
    (lambda x: special.ive(7.0, x), (0.7, -24.0, 50.0, -300.0),
     (5.82142236513118e-07, 0.000649879386466905, -3.45017603542084e-06, -2.96188610622409e-05)),
    (lambda x: special.kve(7.0, x), (0.7, 24.0, 48.0, 50.0, 300.0),
     (-10000471.0271931, -0.0417886055995511, -0.00619425438469022,
      -0.0056015564237631, -0.000151969957281072)),
    (lambda x: special.jve(1.5, x), (0.7, 30.0), (0.296653548962476, -0.142566256084841)),
    (lambda x: special.yve(1.5, x), (0.7, 30.0), (2.8199351637564, -0.0296293227830196)),
    (lambda x: np.real(special.hankel1e(1.5, x)), (0.7, 24.0, 26.0, 200.0),
     (0.681181752869852, 0.00339307299932583, 0.00300919300675164, 0.000141047395886939)),
    (lambda x: np.imag(special.hankel2e(3.0, x)), (0.7, 24.0, 26.0, 200.0),
     (-59.756678551033, 0.00355340651145038, 0.00308284608825479, 0.000106188379697028)),
    (lambda x: np.imag(special.hankel1(3.0, x)), (0.7, 26.0),
     (64.8362898073998, -0.0415789516100723)),
    (lambda x: ours.spherical_jn(0, x), (0.7, 9.0), (-0.222098277833774, -0.106324578298813)),
    (lambda x: ours.spherical_jn(0, x, True), (0.7, 9.0),
     (-0.285744473671634, -0.0221632587382367)),
    (lambda x: ours.spherical_yn(0, x), (0.7, 9.0), (2.4812134047977, 0.0345424210529769)),
    (lambda x: ours.spherical_yn(0, x, True), (0.7, 9.0), (-5.99654946044416, -0.108912789332292)),
    (lambda x: ours.spherical_in(0, x), (0.7, 9.0), (0.244968575718626, 400.152300337661)),
    (lambda x: ours.spherical_in(0, x, True), (0.7, 9.0), (0.383780786288974, 361.248589045274)),
    (lambda x: ours.spherical_kn(0, x), (0.7, 9.0), (-2.70624169577752, -2.39323045617079e-05)),
    (lambda x: ours.spherical_kn(0, x, True), (0.7, 9.0),
     (8.84645394670131, 2.68573640081389e-05)),
    (lambda x: ours.spherical_jn(1, x), (0.7, 9.0), (0.285744473671634, 0.0221632587382367)),
    (lambda x: ours.spherical_jn(1, x, True), (0.7, 9.0), (-0.131987476757732, -0.10862444867771)),
    (lambda x: ours.spherical_yn(1, x), (0.7, 9.0), (5.99654946044416, 0.108912789332292)),
    (lambda x: ours.spherical_yn(1, x, True), (0.7, 9.0),
     (-24.7791867058497, 0.00948667969387551)),
    (lambda x: ours.spherical_in(1, x), (0.7, 9.0), (0.383780786288974, 361.248589045274)),
    (lambda x: ours.spherical_in(1, x, True), (0.7, 9.0), (0.148323781091457, 329.755139817419)),
    (lambda x: ours.spherical_kn(1, x), (0.7, 9.0), (-8.84645394670131, -2.68573640081389e-05)),
    (lambda x: ours.spherical_kn(1, x, True), (0.7, 9.0),
     (39.0277088731997, 3.04915287749167e-05)),
    (lambda x: ours.spherical_jn(4, x), (0.7, 9.0), (0.00140395209419585, -0.0693967832968532)),
    (lambda x: ours.spherical_jn(4, x, True), (0.7, 9.0),
     (0.00588179875637301, 0.0732731902415518)),
    (lambda x: ours.spherical_yn(4, x), (0.7, 9.0), (4556.87827512447, -0.078595635963923)),
    (lambda x: ours.spherical_yn(4, x, True), (0.7, 9.0),
     (-38787.0558402264, -0.0509881013584155)),
    (lambda x: ours.spherical_in(4, x), (0.7, 9.0), (0.00150097049023025, 145.025497320364)),
    (lambda x: ours.spherical_in(4, x, True), (0.7, 9.0), (0.0065748347002314, 145.383757781829)),
    (lambda x: ours.spherical_kn(4, x), (0.7, 9.0), (-6863.59283753525, -7.41551265946107e-05)),
    (lambda x: ours.spherical_kn(4, x, True), (0.7, 9.0),
     (59244.2650194114, 9.23967150540902e-05)),
    (lambda x: ours.jvp(1.5, x, 0), (0.7, 9.0), (0.296653548962476, 0.0671902891360379)),
    (lambda x: ours.jvp(1.5, x, 1), (0.7, 9.0), (0.108747531366624, -0.254900244435735)),
    (lambda x: ours.jvp(0.0, x, 2), (0.7, 9.0), (0.245014392448356, 0.229217637514158)),
    (lambda x: ours.jvp(2.0, x, 3), (0.7, 9.0), (-0.194733301444059, 0.165091597510407)),
    (lambda x: ours.yvp(1.5, x, 0), (0.7, 9.0), (2.8199351637564, 0.256106021838146)),
    (lambda x: ours.yvp(1.5, x, 1), (0.7, 9.0), (-9.97783248842772, 0.05192962999984)),
    (lambda x: ours.yvp(0.0, x, 2), (0.7, 9.0), (3.12743235927418, 0.129509650927232)),
    (lambda x: ours.yvp(2.0, x, 3), (0.7, 9.0), (-1299.08404916495, -0.170022990421171)),
    (lambda x: ours.ivp(1.5, x, 0), (0.7, 9.0), (0.373003666011883, 917.916572501325)),
    (lambda x: ours.ivp(1.5, x, 1), (0.7, 9.0), (0.381574938440148, 882.441575483686)),
    (lambda x: ours.ivp(0.0, x, 2), (0.7, 9.0), (0.280751601734663, 934.859589855617)),
    (lambda x: ours.ivp(2.0, x, 3), (0.7, 9.0), (0.309644074398528, 768.882991454975)),
    (lambda x: ours.kvp(1.5, x, 0), (0.7, 9.0), (-4.61511242256104, -6.11046922054999e-05)),
    (lambda x: ours.kvp(1.5, x, 1), (0.7, 9.0), (16.6950824383811, 6.56663272138966e-05)),
    (lambda x: ours.kvp(0.0, x, 2), (0.7, 9.0), (-6.28075490789742, -6.06148663716376e-05)),
    (lambda x: ours.kvp(2.0, x, 3), (0.7, 9.0), (2040.50772419589, 8.97056387971915e-05)),
]  # fmt: skip


@pytest.mark.parametrize(("function", "places", "slopes"), BESSEL)
def test_slopes_of_bessel_functions(function, places, slopes):
    for x, slope in zip(places, slopes, strict=True):
        found = da.grad(function)(x)
        np.testing.assert_allclose(found, slope, rtol=EXACT, err_msg=f"at {x}")


def test_scaled_bessel_functions_of_complex_numbers_have_no_derivative():
    for function in (special.jve, special.yve, special.ive):
        message = rf"special.{function.__name__} was called on a traced value with a complex"
        with pytest.raises(UnsupportedParameterError, match=message):
            da.grad(lambda x, f=function: np.real(f(1.5, x + 1j)))(0.5)


def test_orders_of_repeated_derivatives_may_be_a_list():
    for function in (ours.jvp, ours.kvp):
        found = da.grad(lambda x, f=function: np.sum(f([0.5, 1.5], x, 2)))(0.7)
        expected = np.sum(function(np.array([0.5, 1.5]), 0.7, 3))
        np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_slopes_of_polynomials_are_those_of_their_coefficients():
    kinds = {
        "eval_hermite": np.polynomial.Hermite,
        "eval_hermitenorm": np.polynomial.HermiteE,
        "eval_legendre": np.polynomial.Legendre,
        "eval_chebyt": np.polynomial.Chebyshev,
        "eval_laguerre": np.polynomial.Laguerre,
    }
    for name, kind in kinds.items():
        for n in range(6):
            slope = kind.basis(n).deriv()(0.3)
            found = da.grad(lambda x, n=n, name=name: getattr(special, name)(n, x))(0.3)
            np.testing.assert_allclose(found, slope, rtol=1e-13, atol=1e-14, err_msg=f"{name} {n}")
    for name in ("legendre", "chebyt", "chebyu"):
        for n in range(5):
            plain, shifted = (getattr(special, f"eval_{s}{name}") for s in ("", "sh_"))
            slope = 2 * da.grad(lambda x, n=n, f=plain: f(n, x))(2 * 0.3 - 1)
            found = da.grad(lambda x, n=n, f=shifted: f(n, x))(0.3)
            np.testing.assert_allclose(found, slope, rtol=1e-12, atol=1e-14)


def test_scaled_airy_functions_of_complex_numbers_have_no_derivative():
    with pytest.raises(UnsupportedParameterError, match=r"special.airye was called"):
        da.grad(lambda x: np.real(special.airye(x + 1j)[0]))(0.5)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_infinite_elements_share_the_slope_of_their_sum(mode):
    inf = np.inf
    rows = np.array([[inf, 1.0, inf], [0.0, 1.0, -inf], [-inf, -inf, -inf]])
    shares = [[0.5, 0, 0.5], [*special.softmax([0.0, 1.0]), 0], [1 / 3] * 3]
    with np.errstate(all="ignore"):
        found = da.grad(lambda a: np.sum(ours.logsumexp(a, axis=1)), mode=mode)(rows)
        alone = da.grad(ours.logsumexp, mode=mode)(rows[0])
    np.testing.assert_allclose(found, shares, rtol=1e-14)
    np.testing.assert_allclose(alone, shares[0], rtol=1e-14)
