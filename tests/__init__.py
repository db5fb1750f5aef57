"""The test suite, and beside it the benchmarks (`tests.benchmarks`), which are no part of it."""
