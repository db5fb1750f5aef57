"""A plug-in of pytest: the fixture and marker ``gradcheck``, and the option ``--dualad-seed``.

It is loaded wherever dualad is installed, and imports nothing of it before the fixture is used.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

MARKER = (
    "gradcheck(order=2, modes=('forward', 'reverse'), seed=None, inconclusive='raise'): "
    "a test of derivatives; sets options of the fixture gradcheck"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for the seed of random directions."""
    group = parser.getgroup("dualad")
    told = "seed of the random directions of the fixture gradcheck (default: 0)"
    group.addoption("--dualad-seed", type=int, default=0, metavar="N", help=told)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Return the seed, if it was chosen."""
    seed = config.getoption("--dualad-seed")
    return f"dualad: directions with seed {seed}" if seed else None


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Assert that the derivatives of a function are right: ``gradcheck(fn, *args, **options)``.

    It is `dualad.testing.check_grads` with the seed of ``--dualad-seed``, and with the options of
    the test's marker.
    """
    options = {"seed": request.config.getoption("--dualad-seed")}
    for marker in reversed(list(request.node.iter_markers("gradcheck"))):
        options |= marker.kwargs

    def check(fn: Callable[..., Any], *args: Any, **given: Any) -> None:
        __tracebackhide__ = True
        import_module("dualad.testing").check_grads(fn, *args, **{**options, **given})

    return check
