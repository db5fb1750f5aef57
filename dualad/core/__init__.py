"""The engine: levels, rows, traced values, the record. It knows arrays only."""
