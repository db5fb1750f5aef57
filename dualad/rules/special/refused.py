"""The names of `scipy.special` that have no row, and why. A traced value in a function raises."""

NO_FORMULA = "there is no formula for the derivative by the operands that are left"
SHAPE = "it solves for a parameter by which the distribution function has no formula"
SPHEROIDAL = "the equation that it solves has a parameter without a formula"
FEW_DIGITS = "its values have six digits or fewer, too few to check a derivative by"
INTEGERS = "it is a function of integers, which have no derivative"
TABLES = "it makes a table of many orders; call the function of one order instead"
PLAIN = "it has nothing to differentiate by; it gives zeros, nodes, coefficients, or is a setting"
OBJECTS = "it makes a polynomial with plain coefficients; the function that evaluates it has a row"

_BY_REASON = {
    NO_FORMULA: (
        "ellip_harm ellip_harm_2 ellip_normal lmbda mathieu_a mathieu_b smirnov smirnovi zetac "
        "legendre_p assoc_legendre_p sph_legendre_p sph_harm_y sph_harm"
    ),
    SHAPE: ("btdtr btdtri"),
    SPHEROIDAL: (
        "obl_ang1 obl_ang1_cv obl_cv obl_rad1 obl_rad1_cv obl_rad2 obl_rad2_cv pro_ang1 "
        "pro_ang1_cv pro_cv pro_rad1 pro_rad1_cv pro_rad2 pro_rad2_cv"
    ),
    FEW_DIGITS: "itairy ncfdtridfd ncfdtridfn ncfdtrinc",
    INTEGERS: "bernoulli euler factorial2 factorialk stirling2",
    TABLES: (
        "assoc_legendre_p_all legendre_p_all sph_harm_y_all sph_legendre_p_all lpn lpmn clpmn lqn "
        "lqmn pbdn_seq pbdv_seq pbvv_seq riccati_jn riccati_yn obl_cv_seq pro_cv_seq"
    ),
    PLAIN: (
        "SpecialFunctionError SpecialFunctionWarning errstate geterr seterr "
        "ai_zeros bi_zeros bei_zeros beip_zeros ber_zeros berp_zeros erf_zeros fresnel_zeros "
        "fresnelc_zeros fresnels_zeros jn_zeros jnjnp_zeros jnp_zeros jnyn_zeros kei_zeros "
        "keip_zeros kelvin_zeros ker_zeros kerp_zeros y0_zeros y1_zeros y1p_zeros yn_zeros "
        "ynp_zeros mathieu_even_coef mathieu_odd_coef "
        "c_roots cg_roots h_roots he_roots j_roots js_roots l_roots la_roots p_roots ps_roots "
        "s_roots t_roots ts_roots u_roots us_roots roots_chebyc roots_chebys roots_chebyt "
        "roots_chebyu roots_gegenbauer roots_genlaguerre roots_hermite roots_hermitenorm "
        "roots_jacobi roots_laguerre roots_legendre roots_sh_chebyt roots_sh_chebyu "
        "roots_sh_jacobi roots_sh_legendre"
    ),
    OBJECTS: (
        "chebyc chebys chebyt chebyu gegenbauer genlaguerre hermite hermitenorm jacobi laguerre "
        "legendre sh_chebyt sh_chebyu sh_jacobi sh_legendre"
    ),
}

REFUSED = {
    f"scipy.special.{name}": reason
    for reason, names in _BY_REASON.items()
    for name in names.split()
}
