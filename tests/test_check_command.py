"""The command: what it prints, and its exit status."""

import subprocess
import sys

import numpy as np
import pytest

from dualad.testing.__main__ import HELD, UNTOLD, WRONG, evaluated, main


@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        (["scipy.optimize:rosen", "--at", "[1.3, 0.7]"], HELD, "held          first derivatives"),
        (["scipy.optimize:rosen", "--at", "[1.3, 0.7]", "--jac", "scipy.optimize:rosen_der",
          "--hess", "scipy.optimize:rosen_hess"], HELD, "held          Hessian"),
        (["numpy:exp", "--at", "0.5", "--jac", "numpy:cos"], WRONG, "WRONG         Jacobian"),
        (["numpy:abs", "--at", "0.0", "--order", "1"], UNTOLD, "a kink is at the point"),
        (["numpy:log", "--at", "-1.0"], UNTOLD, "UNFIT"),
        (["scipy.special:zeta", "--at", "2.0"], UNTOLD, "REFUSED"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:invalid value")
def test_reports(options, status, told, capsys):
    assert main(options) == status
    assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["numpy:sin", "--at", "open('x')"], "and not 'open'"),
        (["numpy:sin", "--at", "np.__dict__"], "np.__dict__"),
        (["numpy:sin", "--at", "1 +"], "SyntaxError"),
        (["numpy.sin", "--at", "1.0"], "names no function"),
        (["numpy:sinn", "--at", "1.0"], "sinn"),
        (["no_such_package:f", "--at", "1.0"], "no_such_package"),
    ],
)
def test_what_is_not_understood_is_named(options, told, capsys):
    assert main(options) == UNTOLD
    assert told in capsys.readouterr().err


def test_arguments_are_numbers_lists_arithmetic_and_calls_of_numpy():
    a, b, c = evaluated("np.linspace(0, 1, num=3) * 2, [1.0, -2], 2**3 - 1j")
    np.testing.assert_array_equal(a, [0, 1, 2])
    np.testing.assert_array_equal(b, [1, -2])
    assert c == 8 - 1j
    assert evaluated("(1.0, 2.0)") == (1.0, 2.0)
    assert evaluated("1.0,") == (1.0,)


def test_it_runs_as_a_module():
    command = [sys.executable, "-m", "dualad.testing", "numpy:sin", "--at", "0.5", "--seed", "2"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "numpy:sin at 0.5, directions with seed 2"
    assert done.stdout.count("held") == 3
