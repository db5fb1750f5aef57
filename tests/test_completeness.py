"""The table is complete: functions have rows, or reasons for none, and rows have samples.

Rows also take the parameters that functions take.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dualad.core.row import TABLE, name_of
from dualad.rules import kinds
from dualad.rules.outside import OUTSIDE
from dualad.rules.refused import REFUSED
from dualad.testing.cases import Case, pulled, pushed
from dualad.testing.samples import SAMPLES, Call, Draws, Sample

CONSTRUCTORS = {
    name
    for name, value in vars(kinds).items()
    if inspect.isfunction(value) and value.__module__ == kinds.__name__ and name[0] != "_"
}
ALL_SAMPLES = [sample for samples in SAMPLES.values() for sample in samples]
METHOD = type(np.add.reduce)  # of a ufunc; its signature leaves parameters out
ALTERNATIVE = ("signature",)  # that of a ufunc may not stand beside its dtype
DIFFERING = {
    "numpy.clip, a_min",
    "numpy.clip, a_max",
    "dualad.scipy.linalg.solve, assume_a",
    "dualad.scipy.linalg.qr, lwork",
}  # defaults of which versions have others
WITHOUT_DEFAULT = (np.reshape, np.trim_zeros)  # bodies that tell what was not said by other means
SAID = {"keepdims": False, "where": True}  # what saying nothing means, where NumPy has a sentinel


def _public(namespace: Any, wanted: Callable[[Any], bool]) -> dict[str, Any]:
    """Return the public functions of a namespace of NumPy that are wanted, by their whole name."""
    return {
        f"{namespace.__name__}.{name}": value
        for name, value in vars(namespace).items()
        if not name.startswith("_") and wanted(value)
    }


def _dispatching() -> dict[str, Any]:
    """Return the functions that ask their arguments by ``__array_function__``."""
    found = {}
    for namespace in (np, np.linalg, np.fft):
        found |= _public(namespace, lambda value: hasattr(value, "_implementation"))
    return found


def _assert_none(names: Any) -> None:
    """Assert that there are no names; the message lists all that there are."""
    assert not names, "\n".join(["", *sorted(names)])


def test_every_ufunc_has_a_row():
    ufuncs = _public(np, lambda value: isinstance(value, np.ufunc))
    assert len(ufuncs) > 90
    _assert_none([name for name, ufunc in ufuncs.items() if ufunc not in TABLE])


def test_every_dispatching_function_has_a_row_or_a_reason_for_none():
    functions = _dispatching()
    assert len(functions) > 250
    missing = {name for name, function in functions.items() if function not in TABLE}
    _assert_none(missing - set(REFUSED))


def test_every_other_public_function_is_accounted_for():
    """By one of three lists, and by no more than one."""
    functions = {}
    for namespace in (np, np.linalg, np.fft):
        names = [name for name in namespace.__all__ if name != "in1d"]
        functions |= {f"{namespace.__name__}.{name}": getattr(namespace, name) for name in names}
    functions = {n: f for n, f in functions.items() if callable(f) and not isinstance(f, type)}
    known = {name for name, f in functions.items() if f in TABLE} | REFUSED.keys()
    _assert_none(functions.keys() - known - OUTSIDE.keys())
    _assert_none(known & OUTSIDE.keys())


def test_nothing_is_refused_that_has_a_row_or_does_not_exist():
    functions = _dispatching()
    _assert_none([name for name in REFUSED if functions.get(name, np.sum) in TABLE])


def test_every_row_has_a_sample():
    sampled = {sample.function for sample in ALL_SAMPLES}
    _assert_none([row.name for function, row in TABLE.items() if function not in sampled])


def test_every_sample_has_a_row():
    _assert_none({name_of(s.function) for s in ALL_SAMPLES if s.function not in TABLE})


def test_every_row_is_made_by_a_constructor_and_stands_under_its_own_function():
    assert {row.kind for row in TABLE.values()} <= CONSTRUCTORS
    _assert_none([row.name for function, row in TABLE.items() if row.function != function])


def _signature(function: Any) -> inspect.Signature | None:
    """Return the signature of a function of NumPy, if it has one that tells its parameters."""
    if name_of(function).startswith("dualad.") or isinstance(function, METHOD):
        return None
    try:
        return inspect.signature(function)
    except ValueError:
        return None


def _spelled(signature: inspect.Signature, call: Call, by_keyword: bool) -> Call:
    """Return a call with every parameter spelled out, by position or by keyword."""
    bound = signature.bind(*call.args, **call.kwargs)
    bound.apply_defaults()
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    parameters = signature.parameters.values()
    by_keyword &= all(p.kind is not p.VAR_POSITIONAL for p in parameters)
    for p in parameters:
        value = bound.arguments[p.name]
        if value is np._NoValue:
            value = SAID.get(p.name, value)
        if value is np._NoValue or p.name in ALTERNATIVE:
            by_keyword = True
        elif p.kind is p.VAR_POSITIONAL:
            args += value
        elif p.kind is p.VAR_KEYWORD:
            kwargs |= value
        elif p.kind is p.KEYWORD_ONLY or (by_keyword and p.kind is not p.POSITIONAL_ONLY):
            kwargs[p.name] = value
        else:
            args.append(value)
    return Call(*args, **kwargs)


def _derivatives(sample: Sample, spell: Callable[[Call], Call]) -> list[Any] | None:
    """Return outputs, tangents and cotangents of a call of a sample; None if NumPy refuses it."""
    rng = np.random.default_rng(0)
    call = sample.draw(Draws(lambda lo, hi: int(rng.integers(lo, hi + 1)), float, rng))
    operands = call.operands(sample.fixed)

    def raw(*values: Any) -> Any:
        new = spell(call.replaced(values, sample.fixed))
        return sample.function(*new.args, **new.kwargs)

    case = Case(name_of(sample.function), raw, tuple(operands), rng, observe=sample.observe)
    try:
        y = case.outputs()
    except Exception:
        return None
    ts, cts = case.directions(case.operands), case.directions(y)
    return [*y, *pushed(case, ts), *pulled(case, cts)]


@pytest.mark.parametrize("by_keyword", [False, True], ids=["by position", "by keyword"])
def test_every_parameter_is_taken_under_numpys_name_at_numpys_place(by_keyword):
    refused, compared = set(), set()
    for sample in ALL_SAMPLES:
        signature = _signature(sample.function)
        if signature is None:
            continue
        name = name_of(sample.function)
        try:
            expected = _derivatives(sample, lambda call: call)
            found = _derivatives(sample, lambda call, s=signature: _spelled(s, call, by_keyword))
            if expected is None or found is None:
                continue
            compared.add(name)
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_array_equal(a, b)
        except Exception as error:
            refused.add(f"{name}: {type(error).__name__}: {error}")
    _assert_none(refused)
    assert len(compared) > 200


def _defaults_that_differ(function: Any, body: Any) -> list[str]:
    """Return the parameters whose defaults are not those of a function, of those it has."""
    theirs = inspect.signature(function).parameters
    differ = []
    for name, own in inspect.signature(body).parameters.items():
        wanted = theirs[name].default if name in theirs else own.default
        wanted = SAID.get(name, wanted) if wanted is np._NoValue else wanted
        if f"{name_of(function)}, {name}" in DIFFERING:
            continue
        if own.default is not wanted and repr(own.default) != repr(wanted):
            differ.append(f"{name_of(function)}, {name}: {own.default!r} for {wanted!r}")
    return differ


def test_bodies_have_the_defaults_of_their_functions():
    differ, compared = [], 0
    for function, row in TABLE.items():
        if row.body is None or isinstance(function, METHOD) or function in WITHOUT_DEFAULT:
            continue
        try:
            differ += _defaults_that_differ(function, row.body)
        except ValueError:  # a function without a signature
            continue
        compared += 1
    _assert_none(differ)
    assert compared > 200
