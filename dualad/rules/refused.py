"""The functions that dispatch and have no row, and why: a traced value in them raises."""

IN_PLACE = "it writes into an argument: assign to a part of a traced array instead"
DATES = "it computes with dates, which have no derivative"
BITS = "it computes with bits and bytes, which have no derivative"
FILES = "it writes a file, which holds plain numbers only"

REFUSED = {
    "numpy.copyto": IN_PLACE,
    "numpy.fill_diagonal": IN_PLACE,
    "numpy.place": IN_PLACE,
    "numpy.put": IN_PLACE,
    "numpy.put_along_axis": IN_PLACE,
    "numpy.putmask": IN_PLACE,
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
