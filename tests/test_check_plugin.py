"""The plug-in of pytest, in a run of its own: the fixture, the marker and the seed."""

import os
import subprocess
import sys

import pytest

TESTS = """
import numpy as np
import pytest
import dualad as da
from functools import partial

def halved(x):
    return x * da.stop_gradient(x)

def test_right(gradcheck):
    gradcheck(np.sin, 0.5)

def test_wrong(gradcheck):
    gradcheck(halved, np.array([1.0, 2.0]))

@pytest.mark.gradcheck(inconclusive="ignore", order=1)
def test_kink(gradcheck):
    gradcheck(np.abs, 0.0)

@pytest.mark.gradcheck
def test_kink_that_counts(gradcheck):
    gradcheck(np.abs, 0.0)
"""


def run(folder, *options):
    (folder / "test_some.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "dualad.testing.plugin", "-p",
               "no:cacheprovider", "--strict-markers", "-W", "error", *options]  # fmt: skip
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=env, check=False
    ).stdout


@pytest.mark.slow
def test_the_fixture_the_marker_and_the_seed(tmp_path):
    out = run(tmp_path, "--dualad-seed", "3", "-ra")
    assert "2 failed, 2 passed" in out
    assert "dualad: directions with seed 3" in out
    assert "seed=3" in out.partition("reproduce")[2]
    assert "FAILED test_some.py::test_wrong" in out
    assert "FAILED test_some.py::test_kink_that_counts" in out


@pytest.mark.slow
def test_marked_tests_can_be_chosen(tmp_path):
    assert "1 failed, 1 passed, 2 deselected" in run(tmp_path, "-m", "gradcheck")
    assert "gradcheck(order=2" in run(tmp_path, "--markers")
