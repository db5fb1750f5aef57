"""What strategies draw is what they promise: domains, shapes, layouts, and programs that run."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from dualad.testing import check_grads
from dualad.testing.programs import OPS, Op, anywhere
from dualad.testing.strategies import (
    arrays,
    floats,
    index_expressions,
    matrices,
    programs,
    trees,
)
from dualad.tree import leaves


def run(program):
    """Return what the text of a program computes, and how it names its inputs."""
    names = {"np": np}
    exec(str(program), names)
    return names["program"](*[names[f"x{i}"] for i in range(len(program.inputs))])


@given(programs())
def test_the_text_of_a_program_is_the_program(program):
    np.testing.assert_array_equal(run(program), program(*program.inputs))


@given(programs())
def test_programs_are_smooth_where_they_are_evaluated(program):
    check_grads(program, program.inputs, order=1)


@given(programs(ops=["sin", np.add, np.matmul], depth=4, inputs=3))
def test_programs_are_made_of_the_functions_that_were_asked_for(program):
    assert {step.op.name for step in program.steps} <= {"sin", "add", "matmul"}
    assert len(program.steps) <= 4
    assert 1 <= len(program.inputs) <= 3


def test_every_line_of_a_program_reaches_its_result():
    @settings(max_examples=50, database=None)
    @given(programs(depth=8, inputs=3))
    def used(program):
        count = len(program.inputs) + len(program.steps)
        assert {i for step in program.steps for i in step.operands} | {count - 1} == set(
            range(count)
        )

    used()


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_every_function_of_programs_can_be_drawn(op):
    quick = settings(max_examples=5000, database=None, suppress_health_check=list(HealthCheck))
    extra = ["outer", "add"] if op.name != "add" else []
    program = find(
        programs(ops=[op, *extra], depth=3), lambda p: any(s.op is op for s in p.steps),
        settings=quick,
    )  # fmt: skip
    assert len(program.steps) <= 3


def test_counterexamples_are_small():
    def guilty(program):
        return any(step.op.name == "cumsum" for step in program.steps)

    program = find(programs(depth=8, inputs=3), guilty, settings=settings(database=None))
    assert [step.op.name for step in program.steps] == ["cumsum"]
    assert len(str(program).splitlines()) == 4


def test_functions_that_programs_do_not_know_may_be_given():
    program = find(programs(ops=[np.exp2], depth=1), lambda p: p.steps)
    assert "np.exp2(x0)" in str(program)
    assert Op("exp2", 1, anywhere) == program.steps[0].op


@given(st.data())
def test_index_expressions_index(data):
    x = np.arange(24.0).reshape(2, 3, 4)
    index = data.draw(index_expressions(x.shape))
    assert isinstance(x[index], (np.ndarray, np.generic))


@given(trees(domain="positive", max_depth=3))
def test_trees_hold_arrays_of_the_domain(tree):
    found = leaves(tree)
    assert found
    assert all(np.all(np.asarray(leaf) > 0) for _, leaf in found)


@given(matrices("positive_definite", batch=(2,)), matrices("separated"), matrices())
def test_matrices_have_the_spectrum_of_their_kind(definite, separated, regular):
    assert definite.shape[0] == 2
    assert np.all(np.linalg.eigvalsh(definite) > 0.5)
    assert np.all(np.diff(np.linalg.eigvalsh(separated)) > 0.9)
    assert np.linalg.cond(regular) < 3


def test_unknown_kinds_are_refused():
    with pytest.raises(ValueError, match="no kind"):
        find(matrices("orthogonal"), lambda a: True)


@given(floats("positive"), floats("unit"))
def test_floats_are_in_their_domain(positive, unit):
    assert positive > 0.2
    assert abs(unit) < 1


def test_layouts_are_all_drawn():
    seen = set()

    @settings(max_examples=200, database=None)
    @given(arrays(min_ndim=1, min_side=2))
    def look(x):
        seen.add("negative" if x.strides[0] < 0 else "positive")
        seen.add("writable" if x.flags.writeable else "read-only")
        seen.add("contiguous" if x.flags.c_contiguous else "not contiguous")

    look()
    assert len(seen) == 6


def test_testing_works_without_hypothesis():
    program = """
import sys
sys.modules["hypothesis"] = None
import numpy as np
from dualad import testing
testing.check_grads(np.sin, 0.5)
try:
    import dualad.testing.strategies
except ImportError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "pip install 'dualad[test]'" in done.stdout
