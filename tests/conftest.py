"""Hypothesis profiles: `quick` by default, `ci` where CI is set, `thorough` and `deep` on request.

``pytest --hypothesis-profile=thorough`` runs ten times as many examples as `quick`.
``pytest --hypothesis-profile=deep tests/test_rows.py`` looks far, at random, and takes an hour.
"""

import os
import sys

import numpy as np
import pytest
import scipy.special  # its rows are declared below, before any test's
from hypothesis import HealthCheck, settings

from dualad.core.row import TABLE, declare_late

PATIENT = {
    "deadline": None,  # the time that an example takes is that of a shared machine
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.differing_executors],
}

settings.register_profile("quick", max_examples=5, derandomize=True, database=None, **PATIENT)
settings.register_profile("ci", max_examples=8, derandomize=True, database=None, **PATIENT)
settings.register_profile("thorough", max_examples=50, derandomize=True, database=None, **PATIENT)
settings.register_profile("deep", max_examples=300, print_blob=True, **PATIENT)
settings.load_profile("ci" if os.environ.get("CI") else "quick")


# Hypothesis asks the settings of a test, through those of each parameter before it, for a database.
sys.setrecursionlimit(20_000)

assert scipy.special
declare_late()


@pytest.fixture(autouse=True)
def _the_table_of_dualad_itself():
    """Take rows that a test declares out of the table again: examples on pages declare some."""
    before = dict(TABLE)
    yield
    for function in TABLE.keys() - before.keys():
        del TABLE[function]


@pytest.fixture
def rng():
    """Return a seeded source of numbers."""
    return np.random.default_rng(0)
