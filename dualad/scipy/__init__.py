"""SciPy's functions that do not dispatch, as functions that accept traced values.

`dualad.scipy.special` stands for `scipy.special`. Each submodule is imported when it is asked for.
"""
