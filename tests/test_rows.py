"""What is true of every row of the table, for drawn shapes, dtypes, layouts and parameters."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualad.core.row import name_of
from dualad.testing import properties
from dualad.testing.samples import SAMPLES
from dualad.testing.strategies import COMPLEX, REAL, cases

DOUBLE = (REAL[:1], COMPLEX[:1])  # what differences are accurate in
OTHERS = (REAL[1:], COMPLEX[1:])


def _named(wanted):
    """Return pytest parameters for samples; an id is the subject, the function and a number."""
    seen = Counter()
    parameters = []
    for subject, samples in SAMPLES.items():
        for sample in filter(wanted, samples):
            name = f"{subject}:{name_of(sample.function).removeprefix('numpy.')}"
            seen[name] += 1
            parameters.append(pytest.param(sample, id=f"{name}-{seen[name]}"))
    return parameters


every_row = pytest.mark.parametrize("sample", _named(lambda sample: True))
rows_with_two_orders = pytest.mark.parametrize("sample", _named(lambda sample: sample.order > 1))


@every_row
@given(data=st.data())
def test_value_and_errors_are_those_of_numpy(sample, data):
    others = OTHERS if sample.float32 else ((), ())
    case = data.draw(cases(sample, DOUBLE[0] + others[0], DOUBLE[1] + others[1]))
    properties.numpy_value(case)


@every_row
@given(data=st.data())
def test_jvp_agrees_with_differences(sample, data):
    properties.true_jvp(data.draw(cases(sample, *DOUBLE)))


@every_row
@given(data=st.data())
def test_vjp_is_the_transpose_of_the_jvp(sample, data):
    properties.transposed_vjp(data.draw(cases(sample, *DOUBLE)))


@every_row
@given(data=st.data())
def test_many_directions_equal_single_ones(sample, data):
    properties.equal_directions(data.draw(cases(sample, *DOUBLE)))


@rows_with_two_orders
@given(data=st.data())
def test_second_order_agrees_in_all_mixtures(sample, data):
    properties.equal_second_orders(data.draw(cases(sample, *DOUBLE)))


@every_row
@given(data=st.data())
def test_forward_mode_equals_reverse_mode(sample, data):
    properties.equal_modes(data.draw(cases(sample, *DOUBLE)))


@every_row
@given(data=st.data())
def test_derivatives_keep_dtype_and_accuracy(sample, data):
    properties.kept_precision(data.draw(cases(sample, *(OTHERS if sample.float32 else DOUBLE))))
