"""The functions that dispatch and have no row, and why: a traced value in them raises."""

DATES = "it computes with dates, which have no derivative"
BITS = "it computes with bits and bytes, which have no derivative"
FILES = "it writes a file, which holds plain numbers only"

REFUSED = {
    "numpy.busday_count": DATES,
    "numpy.busday_offset": DATES,
    "numpy.datetime_as_string": DATES,
    "numpy.is_busday": DATES,
    "numpy.packbits": BITS,
    "numpy.unpackbits": BITS,
    "numpy.save": FILES,
    "numpy.savetxt": FILES,
    "numpy.savez": FILES,
    "numpy.savez_compressed": FILES,
}
