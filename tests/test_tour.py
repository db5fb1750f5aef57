"""The guided tour: it holds, and a check that fails shows in the exit status."""

import subprocess
import sys

import numpy as np
import pytest

import dualad.tour
from dualad.__main__ import main
from dualad.core.row import TABLE
from dualad.rules.kinds import elementwise


def test_every_check_holds(capsys):
    assert main() == 0
    out = capsys.readouterr().out
    for number, (title, _) in enumerate(dualad.tour.SECTIONS, 1):
        assert f"\n{number}. {title}\n" in out
    assert "FAILED" not in out
    assert out.count("[  ok  ]") >= 30
    assert "all held" in out
    assert out.isascii()  # for consoles of any encoding
    assert max(map(len, out.splitlines())) <= 110


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOSS", 1.3424),
        ("Z", [3.8211915, -2.994512, -1.9324]),
        ("ROW_OF_BOTH", [1.32618928, 1.01589143, 1.0422]),
        ("DOUBLE", -1.0),
        ("rosen_hess", lambda x: np.eye(len(x))),
    ],
)
def test_a_number_that_differs_fails(monkeypatch, capsys, name, value):
    monkeypatch.setattr(dualad.tour, name, value)
    assert main() == 1
    assert "FAILED" in capsys.readouterr().out.splitlines()[-1]


def test_a_wrong_rule_fails(monkeypatch, capsys):
    monkeypatch.setitem(TABLE, np.sin, elementwise(np.sin, lambda y, x: -np.cos(x)))
    assert main() == 1
    assert "[FAILED] check_grads passes for the pendulum" in capsys.readouterr().out


def test_an_exception_fails_and_the_tour_goes_on(monkeypatch, capsys):
    monkeypatch.delitem(TABLE, np.matmul)
    assert main() == 1
    out = capsys.readouterr().out
    assert "[FAILED] the section comes to its end without" in out
    assert f"\n{len(dualad.tour.SECTIONS)}. " in out


BROKEN = "import dualad.tour; dualad.tour.LOSS = 1.0; "
RUN = "import runpy; runpy.run_module('dualad', run_name='__main__')"


@pytest.mark.parametrize(
    ("arguments", "status"), [(["-m", "dualad"], 0), (["-c", BROKEN + RUN], 1)]
)
def test_the_exit_status(arguments, status):
    run = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == status, run.stdout + run.stderr
    assert not run.stderr
    assert ("FAILED" in run.stdout) == bool(status)
