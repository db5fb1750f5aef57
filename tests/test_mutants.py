"""Mutation testing tests itself: mutants are caught, and what is not broken is not."""

import ast
from itertools import islice

import pytest

from tests.mutants import breaking, trial
from tests.mutants.breaking import made
from tests.mutants.mutate import Mutant, faults, mutants, rows_of
from tests.mutants.survivors import EXPLAINED
from tests.mutants.trial import caught_by, samples_of

SUBJECTS = breaking.subjects()
SOME = ("arithmetic", "fft")
SHARED = (("directions", "trailing"), ("reductions", "_sum_pull"), ("special.quadrature", "_rule"))


def source_of(name):
    return breaking.source_of(SUBJECTS[name])


def wrong(code):
    """Return the faults of an expression."""
    return {(fault, ast.unparse(new)) for fault, new in faults(ast.parse(code, mode="eval").body)}


@pytest.mark.parametrize(
    ("code", "fault", "broken"),
    [
        ("a - b", "sign flipped", "a + b"),
        ("-np.sin(x)", "sign lost", "np.sin(x)"),
        ("2 * x", "factor lost", "x"),
        ("2 * x", "factor off", "3 * x"),
        ("a / b", "operands swapped", "b / a"),
        ("a @ b", "operands swapped", "b @ a"),
        ("solve(a, b)", "arguments swapped", "solve(b, a)"),
        ("np.conj(ct) ", "conj dropped", "ct"),
        ("np.sum(ct, axis=-1)", "sum forgotten", "ct"),
        ("np.flip(ct, axis=axis)", "axis off by one", "np.flip(ct, axis=axis - 1)"),
        ("-1", "axis off by one", "-2"),
        ("np.where(a, b, c)", "branches swapped", "np.where(a, c, b)"),
        ("x ** 2", "exponent off", "x ** 3"),
    ],
)
def test_faults(code, fault, broken):
    assert (fault, broken) in wrong(code)


def test_what_cannot_change_a_result_is_left_as_it_is():
    source = """
def _splits(sides):
    return sides[0] - sides[1]

def rule(t, y, a, b):
    refuse("rule", a - 3)
    return _splits(a) * np.abs(a - b) * inside(a, b) * np.divide(a, b) * (a - 2) ** 2 + 0.0 * b

ROWS = [general(rule, rule)]
"""
    found = {(mutant.fault, mutant.before) for mutant in mutants(source)}
    assert {("sign flipped", "a - b"), ("arguments swapped", "np.divide(a, b)")} <= found
    assert ("sign flipped", "a - 2") in found
    assert not {("operands swapped", "a - b"), ("arguments swapped", "inside(a, b)")} & found
    assert ("operands swapped", "a - 2") not in found
    assert not any(fault == "sign flipped" and "0.0" in before for fault, before in found)
    assert not any("sides" in before or "3" in before for _, before in found)


@pytest.mark.parametrize("name", SOME)
def test_a_mutant_differs_from_the_file_in_one_place(name):
    source = source_of(name)
    plain = ast.unparse(ast.parse(source)).splitlines()
    for mutant in islice(mutants(source), 12):
        lines = ast.unparse(mutant.tree).splitlines()
        assert lines != plain
        if len(lines) == len(plain):
            assert sum(a != b for a, b in zip(lines, plain, strict=True)) == 1


@pytest.mark.parametrize("name", SOME)
def test_what_is_not_broken_is_not_caught(name):
    tree = ast.parse(source_of(name))
    owners = frozenset(f"ROWS[{i}]" for i in range(min(4, len(rows_of(tree)))))
    found = made(Mutant(0, "none", "", "", tree, owners), SUBJECTS[name])
    assert found.broken
    assert samples_of(found)
    assert caught_by(found) is None


@pytest.mark.parametrize(("name", "owner"), SHARED)
def test_what_other_files_read_is_not_caught_if_it_is_not_broken(name, owner, monkeypatch):
    monkeypatch.setattr(trial, "MOST", 8)  # samples of integrals take seconds
    tree = ast.parse(source_of(name))
    assert (
        caught_by(made(Mutant(0, "none", "", "", tree, frozenset([owner])), SUBJECTS[name])) is None
    )


@pytest.mark.parametrize(("name", "owner"), SHARED)
def test_what_other_files_read_is_caught_if_it_is_broken(name, owner):
    broken = [m for m in mutants(source_of(name)) if owner in m.owners]
    caught = [caught_by(made(mutant, SUBJECTS[name])) for mutant in islice(broken, 3)]
    assert any(caught)


@pytest.mark.parametrize("name", SOME)
def test_flipped_signs_are_caught(name):
    flipped = (m for m in mutants(source_of(name)) if m.fault == "sign flipped")
    for mutant in islice(flipped, 4):
        if (name, *mutant.key) not in EXPLAINED:
            assert caught_by(made(mutant, SUBJECTS[name])), mutant.before


def test_an_array_without_axes_for_a_number_is_caught():
    wanted = ("_nan_to_num", "branches swapped", "y if y.ndim else y[()]")
    (found,) = [m for m in mutants(source_of("selecting")) if m.key[:3] == wanted]
    assert caught_by(made(found, SUBJECTS["selecting"])) == "value"


def test_explanations_are_of_mutants_that_there_are():
    known = {
        (name, *mutant.key)
        for name in {key[0] for key in EXPLAINED}
        for mutant in mutants(source_of(name))
    }
    assert set(EXPLAINED) <= known
    assert all(EXPLAINED.values())
