"""`scipy.interpolate`, with functions that accept traced values.

Every name of `scipy.interpolate` is here. Of the functions, `splev` and `bisplev` are dualad's, by
the places where they are evaluated. SciPy's classes are differentiated by `dualad.lift`, which puts
what is here in place of the compiled functions that they call.
"""

from functools import partial, wraps
from typing import Any

from scipy import interpolate

from dualad.core.blank import unfollowed
from dualad.rules import scipy_data
from dualad.rules.likes import has_traced
from dualad.rules.scipy_interpolate import COMPILED, ROWS, compiled
from dualad.scipy import polynomials, radial, scattered, splines, surfaces

_OWN = {row.function.__name__: row.function for row in (*ROWS, *scipy_data.ROWS)}


def __getattr__(name: str) -> Any:
    return _OWN.get(name) or getattr(interpolate, name)


def __dir__() -> list[str]:
    return sorted({*dir(interpolate), *_OWN})


def _unfollowed(x: Any) -> Any:
    """Return a value, or those in a tuple, with blank arrays made plain."""
    return tuple(map(_unfollowed, x)) if type(x) is tuple else unfollowed(x)


def _standing_for(function: Any, body: Any) -> Any:
    """Return a function that calls `body` of traced values, and else a compiled one."""

    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        plain = [_unfollowed(x) for x in args]
        if has_traced([*plain, *named.values()]):
            return body(*args, **named)
        return function(*plain, **{name: _unfollowed(x) for name, x in named.items()})

    return call


_BODIES = {
    **COMPILED,
    compiled("_rgi_cython", "find_indices"): scipy_data.find_indices,
    compiled("_rgi_cython", "evaluate_linear_2d"): scipy_data.evaluate_linear,
    **{
        function: partial(body, function)
        for home, name, body in (
            ("_bsplines", "_lsq_solve_qr", splines.solved_by_qr),
            ("_dierckx", "_norm_eq_lsq", splines.normal_equations),
            ("_bspl", "_norm_eq_lsq", splines.normal_equations),
            ("_ppoly", "integrate", polynomials.integrated),
            ("_fitpack_impl", "splint", splines.splint),
            ("_rbfinterp", "_build_and_solve_system", radial.solved),  # before SciPy 1.16
            ("_rbfinterp_np", "_build_and_solve_system", radial.solved),
            ("_rbfinterp_pythran", "_build_evaluation_coefficients", radial.evaluated),
            ("_ppoly", "fix_continuity", polynomials.made_continuous),
            ("_ppoly", "evaluate_bernstein", polynomials.bernstein),
            ("_ppoly", "evaluate_nd", polynomials.tensor),
            ("_dierckx", "find_interval", polynomials.plainly),
            ("_bspl", "find_interval", polynomials.plainly),
            ("_dierckx", "data_matrix", polynomials.refusing("BSpline.design_matrix")),
            ("_bspl", "_make_design_matrix", polynomials.refusing("BSpline.design_matrix")),
            ("_ppoly", "real_roots", polynomials.refusing("PPoly.solve")),
            ("_fitpack_repro", "_get_residuals", polynomials.refusing("make_splrep")),
            ("_fitpack_repro", "_make_splrep_impl", polynomials.refusing("make_splrep")),
        )
        if (function := compiled(home, name)) is not None
    },
}
OWN: dict[str, Any] = {
    function.__name__: _standing_for(function, body)
    for function, body in _BODIES.items()
    if function is not None
}
OWN |= scattered.OWN
OWN["splprep"] = _OWN["splprep"] = _standing_for(interpolate.splprep, scipy_data.splprep)
OWN |= {**splines.UNIVARIATE, "RectBivariateSpline": surfaces.RectBivariateSpline}
OWN |= {"NdBSpline": surfaces.NdBSpline, "make_ndbspl": surfaces.make_ndbspl}
