"""Public functions of NumPy that never ask for a row, and what becomes of traced values in them."""

CREATED = "it makes plain arrays; those of dualad.numpy accept traced values"
CONVERTED = "it gives an array of traced numbers, or raises; dualad.numpy's gives a traced array"
PLACES = "it makes places, shapes or sizes out of integers: there is nothing to differentiate"
WINDOWS = "it makes a window of a given length: there is nothing to differentiate"
ASKS = "it tells about types or objects, and its result is the same for traced values"
SETTINGS = "it tells or changes settings"
TEXT = "it makes text; traced values print like plain ones"
CALLS = "it calls a function, which is differentiated, element by element"
FILES = "it reads or describes a file or the memory of another library"
MATRICES = "it makes a matrix object, whose operators are not an array's: it raises"
ALIAS = "it calls another function, which has a row"
BY_HAND = "it works on traced values by operators alone"

_BY_REASON = {
    CREATED: "numpy.fromfunction numpy.indices",
    CONVERTED: "numpy.asarray_chkfinite",
    PLACES: (
        "numpy.broadcast_shapes numpy.diag_indices numpy.mask_indices numpy.tril_indices "
        "numpy.triu_indices numpy.nested_iters"
    ),
    WINDOWS: "numpy.bartlett numpy.blackman numpy.hamming numpy.hanning numpy.kaiser",
    ASKS: (
        "numpy.isdtype numpy.isfortran numpy.isscalar numpy.issubdtype numpy.iterable "
        "numpy.mintypecode numpy.promote_types numpy.typename numpy.datetime_data"
    ),
    SETTINGS: (
        "numpy.get_include numpy.get_printoptions numpy.getbufsize numpy.geterr numpy.geterrcall "
        "numpy.info numpy.printoptions numpy.set_printoptions numpy.setbufsize numpy.seterr "
        "numpy.seterrcall numpy.show_config numpy.show_runtime numpy.test "
        "numpy._get_promotion_state numpy._set_promotion_state numpy._no_nep50_warning"
    ),
    TEXT: (
        "numpy.base_repr numpy.binary_repr numpy.format_float_positional "
        "numpy.format_float_scientific"
    ),
    CALLS: "numpy.frompyfunc",
    FILES: "numpy.from_dlpack numpy.fromregex numpy.load",
    MATRICES: "numpy.asmatrix numpy.bmat",
    ALIAS: "numpy.row_stack numpy.trapz",
    BY_HAND: "numpy.fft.fftfreq numpy.fft.rfftfreq",
}

OUTSIDE = {name: reason for reason, names in _BY_REASON.items() for name in names.split()}
