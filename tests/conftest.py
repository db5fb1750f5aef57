"""Hypothesis profiles: `quick` by default, `ci` where CI is set, `deep` on request.

``pytest --hypothesis-profile=deep tests/test_rows.py`` looks far, at random, and takes an hour.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

from dualad.core.row import TABLE

PATIENT = {
    "deadline": None,  # the time that an example takes is that of a shared machine
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.differing_executors],
}

settings.register_profile("quick", max_examples=5, derandomize=True, database=None, **PATIENT)
settings.register_profile("ci", max_examples=8, derandomize=True, database=None, **PATIENT)
settings.register_profile("deep", max_examples=300, print_blob=True, **PATIENT)
settings.load_profile("ci" if os.environ.get("CI") else "quick")


@pytest.fixture(autouse=True)
def _the_table_of_dualad_itself():
    """Take rows that a test declares out of the table again: examples on pages declare some."""
    before = dict(TABLE)
    yield
    for function in TABLE.keys() - before.keys():
        del TABLE[function]
