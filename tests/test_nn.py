"""Cells, parameters and losses; and the numbers of the tutorial on functional differentiation."""

import copy
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import rosen, rosen_der
from scipy.special import expit

import dualad as da
from dualad import nn
from dualad.errors import DualadError, StructureError, TracedToFloatError
from dualad.testing import check_grads

SINGLE = 2e-6  # float32 rounds to 1e-7, and libraries differ in the order of their sums
ROW = np.array([3.26189250e-01, 1.58914644e-02, 4.21645455e-02])
ROW_OF_BOTH = np.array([1.32618928, 1.01589143, 1.04216456])
Z = np.array([3.8211915, -2.994512, -1.932323])


@pytest.fixture
def data():
    state = np.random.RandomState(42)  # what np.random.seed(42) seeds
    w, b = state.randn(5, 3).astype(np.float32), state.randn(3).astype(np.float32)
    return np.ones(5, np.float32), np.zeros(3, np.float32), w, b


def function(x, y, w, b):
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y)


def function_with_logits(x, y, w, b):
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y), z


def function_with_stopped_logits(x, y, w, b):
    z = x @ w + b
    return nn.binary_cross_entropy_with_logits(z, y), da.stop_gradient(z)


class Net(nn.Cell):
    """The network of the tutorial."""

    def __init__(self, w, b):
        super().__init__()
        self.w = nn.Parameter(w, name="w")
        self.b = nn.Parameter(b, name="b")

    def construct(self, x):  # noqa: D102
        return x @ self.w + self.b


class Line(nn.Cell):
    """A cell that does not call ``super().__init__()``, and names no parameter."""

    def __init__(self, slope):
        self.slope = nn.Parameter(slope)
        self.offset = nn.Parameter(np.zeros(2))

    def construct(self, x):  # noqa: D102
        return self.slope * x + self.offset


class Deep(nn.Cell):
    """A cell of cells and parameters in containers."""

    def __init__(self):
        self.layers = [Line(1.0), (Line(2.0), {"left": Line(3.0)})]
        self.scale = nn.Parameter(2.0, name="s")
        self.parts = {"a": nn.Parameter(np.ones(2)), "b": 3.0, "c": None}

    def construct(self, x):  # noqa: D102
        return self.scale * self.layers[1][1]["left"](self.layers[0](x)) + self.parts["a"]


def assert_row(gradients, row):
    dw, db = gradients
    assert dw.dtype == db.dtype == np.float32
    assert dw.shape == (5, 3)
    np.testing.assert_allclose(db, row, SINGLE)
    np.testing.assert_allclose(dw, np.tile(row, (5, 1)), SINGLE)


# The tutorial


def test_tutorial_1_the_function_has_its_loss(data):
    loss = function(*data)
    assert loss.dtype == np.float32
    np.testing.assert_allclose(loss, 1.3423151, SINGLE)


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_tutorial_2_grad_by_two_arguments(data, mode):
    assert_row(da.grad(function, (2, 3), mode=mode)(*data), ROW)


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_tutorial_3_all_outputs_contribute(data, mode):
    assert_row(da.grad(function_with_logits, (2, 3), mode=mode)(*data), ROW_OF_BOTH)


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_tutorial_4_stop_gradient(data, mode):
    assert_row(da.grad(function_with_stopped_logits, (2, 3), mode=mode)(*data), ROW)


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_tutorial_5_has_aux(data, mode):
    grads, (z,) = da.grad(function_with_logits, (2, 3), has_aux=True, mode=mode)(*data)
    assert_row(grads, ROW)
    np.testing.assert_allclose(z, Z, SINGLE)


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
def test_tutorial_6_weights_of_a_cell(data, mode):
    x, y, w, b = data
    model, loss_fn = Net(w, b), nn.BCEWithLogitsLoss()

    def forward(x, y):
        return loss_fn(model(x), y)

    weights = model.trainable_params()
    loss, grads = da.value_and_grad(forward, None, weights=weights, mode=mode)(x, y)
    np.testing.assert_allclose(loss, 1.34232, 1e-5)
    assert_row(grads, ROW)

    by_id = da.grad(forward, None, weights=weights, return_ids=True, mode=mode)(x, y)
    assert [name for name, _ in by_id] == ["w", "b"]
    assert_row((da.get_grad(by_id, "w"), da.get_grad(by_id, model.b)), ROW)

    dx, grads = da.grad(forward, 0, weights=weights, mode=mode)(x, y)
    np.testing.assert_allclose(dx, w @ ROW, 10 * SINGLE)
    assert_row(grads, ROW)
    assert_row(da.grad(model, None, weights=weights, mode=mode)(x), np.ones(3))


# Cells


def test_names_are_paths_and_own_names_come_last():
    expected = [
        "layers.0.slope", "layers.0.offset", "layers.1.0.slope", "layers.1.0.offset",
        "layers.1.1.left.slope", "layers.1.1.left.offset", "s", "parts.a",
    ]  # fmt: skip
    model = Deep()
    assert [p.name for p in model.trainable_params()] == expected
    assert list(model.parameters_dict()) == expected
    model.layers[0].slope.name = "k"
    assert model.get_parameters()[0].name == "layers.0.k"
    assert model.get_parameters()[0].name == "layers.0.k"  # not "layers.0.layers.0.k"


def test_gradients_of_nested_cells_are_found_by_name():
    model = Deep()
    weights = model.trainable_params()
    grads = da.grad(model, None, weights=weights, return_ids=True)(np.array([1.0, 2.0]))
    np.testing.assert_allclose(da.get_grad(grads, "layers.1.1.left.slope"), 2.0 * 3.0)
    np.testing.assert_allclose(da.get_grad(grads, "layers.0.slope"), 2.0 * 3.0 * 3.0)
    np.testing.assert_allclose(da.get_grad(grads, "s"), 9.0)
    np.testing.assert_allclose(da.get_grad(grads, "layers.1.0.slope"), 0.0)


def test_untrainable_parameters_are_listed_apart():
    model = Line(1.0)
    model.offset.trainable = False
    assert [p.name for p in model.trainable_params()] == ["slope"]
    assert [p.name for p in model.get_parameters()] == ["slope", "offset"]


def test_shared_parameters_and_cells_are_listed_once():
    model = Deep()
    model.tied = model.layers[0].slope
    model.again = model.layers
    model.parent = model
    assert len(model.trainable_params()) == 8


def test_equal_names_of_two_parameters_raise():
    model = Line(1.0)
    model.slope.name = model.offset.name = "p"
    with pytest.raises(ValueError, match="two parameters of Line are named 'p'"):
        model.trainable_params()
    repr(model)  # still works


def test_attributes_of_classes_slots_and_dataclasses_are_found():
    class Slots(nn.Cell):
        __slots__ = ("a", "b")
        shared = nn.Parameter(1.0)

        def __init__(self):
            self.a = nn.Parameter(2.0)

    @dataclass
    class Data(nn.Cell):
        w: nn.Parameter
        inner: nn.Cell

    model = Data(nn.Parameter(3.0), Slots())
    assert set(model.parameters_dict()) == {"w", "inner.a", "inner.shared"}


def test_calling_a_cell_without_construct_raises():
    class Empty(nn.Cell):
        pass

    with pytest.raises(NotImplementedError, match="Empty has no construct"):
        Empty()(1.0)


def test_an_array_does_not_take_a_parameters_place():
    model = Line(1.0)
    with pytest.raises(TypeError, match=r"Line\.slope is a Parameter, and a ndarray would"):
        model.slope = model.slope - np.ones(2)
    model.slope = nn.Parameter(4.0)
    model.offset = None
    assert [float(p) for p in model.trainable_params()] == [4.0]
    del model.slope
    model.slope = 5.0
    assert model.trainable_params() == []


def test_repr_tells_parameters(data):
    assert repr(Net(*data[2:])) == "Net(w: float32(5, 3), b: float32(3,))"
    assert repr(nn.MSELoss()) == "MSELoss()"


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_cells_copy_and_pickle_with_shared_parameters(twin):
    model = Deep()
    model.tied = model.layers[0].slope
    model.trainable_params()
    other = twin(model)
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(other(x), model(x))
    assert other.tied is other.layers[0].slope
    assert other.tied is not model.tied
    assert other.tied.name == "layers.0.slope"
    other.tied.value = 7.0
    assert float(model.tied) == 1.0
    assert list(other.parameters_dict()) == list(model.parameters_dict())


def test_training_reduces_the_loss(data):
    x, y, w, b = data
    model, loss_fn = Net(w, b), nn.BCEWithLogitsLoss()
    step = da.value_and_grad(lambda: loss_fn(model(x), y), None, weights=model.trainable_params())
    losses = []
    for _ in range(5):
        loss, grads = step()
        losses.append(loss)
        for parameter, gradient in zip(model.trainable_params(), grads, strict=True):
            parameter -= 0.1 * gradient
    assert np.all(np.diff(losses) < 0)
    assert model.w.dtype == np.float32
    assert model.w is model.trainable_params()[0]


# Parameters


def test_parameters_are_arrays_in_expressions():
    p = nn.Parameter([[1.0, 2.0], [3.0, 4.0]], name="p")
    a = p.value
    assert type(p + 1) is np.ndarray
    np.testing.assert_array_equal(2 * p - a, a)
    np.testing.assert_array_equal(p @ p, a @ a)
    np.testing.assert_array_equal(np.asarray(p), a)
    np.testing.assert_array_equal(np.concatenate([p, a]), np.concatenate([a, a]))
    np.testing.assert_array_equal(np.frompyfunc(lambda v: v + 1, 1, 1)(p), a + 1)
    np.testing.assert_array_equal(np.add.outer(p, p), np.add.outer(a, a))
    assert np.array2string(p) == np.array2string(a)  # which has no row
    assert (p.shape, p.ndim, p.size, p.dtype, len(p)) == ((2, 2), 2, 4, a.dtype, 2)
    assert (p.T[0, 1], p[1, 1], float(p[0, 0])) == (3.0, 4.0, 1.0)
    assert complex(nn.Parameter(2.0)) == 2.0
    assert (p > 2).tolist() == [[False, False], [True, True]]


def test_functions_of_others_get_the_arrays_in_parameters():
    p = nn.Parameter(np.ones(2))
    args, kwargs = p.__array_function__(lambda *a, **k: (a, k), (), (p, [p], (1, p)), {"x": p})
    for found in (args[0], args[1][0], args[2][1], kwargs["x"]):
        assert found is p.value


def test_integers_are_promoted_and_other_dtypes_refused():
    assert nn.Parameter(np.arange(3)).dtype == np.float64
    assert nn.Parameter(np.arange(3, dtype=np.float32)).dtype == np.float32
    with pytest.raises(TypeError, match="not dtype bool"):
        nn.Parameter(np.array([True]))


def test_a_parameter_owns_its_array():
    a = np.ones(3)
    p = nn.Parameter(a)
    a[0] = 5.0
    assert p[0] == 1.0
    assert nn.Parameter(p).value is not p.value


def test_updates_keep_shape_and_dtype():
    p = nn.Parameter(np.ones(3, np.float32))
    kept = p
    p += 1.0
    p -= np.full(3, 0.5)
    p *= 4
    p /= 3
    p **= 1
    p[1:] = [2, 2]
    np.add(p, 0.0, out=p)
    p.fill(2)
    assert p is kept
    assert p.value.dtype == np.float32
    np.testing.assert_allclose(p.value, 2.0)
    with pytest.raises(StructureError, match="parameter None"):
        p.value = np.ones(4)


def test_the_value_is_traced_while_it_is_differentiated():
    p = nn.Parameter(np.array([1.0, 2.0]))
    found = da.grad(lambda: np.sum(p.value**3), None, weights=p)()
    np.testing.assert_allclose(found, [3.0, 12.0])
    assert type(p.value) is np.ndarray


def test_copies_within_a_transform_keep_the_derivative():
    p = nn.Parameter(np.array([1.0, 2.0]))
    found = da.grad(lambda: np.sum(copy.deepcopy([p])[0] * copy.copy(p)), None, weights=p)()
    np.testing.assert_allclose(found, [2.0, 4.0])


def test_code_that_makes_an_array_of_a_parameter_is_differentiated():
    p = nn.Parameter(np.array([1.3, 0.7, 0.8]))
    found = da.grad(lambda: rosen(p), None, weights=p)()
    np.testing.assert_allclose(found, rosen_der(p.value))
    with pytest.raises(TracedToFloatError):
        da.grad(lambda: np.asarray(p, float).sum(), None, weights=p)()


def test_updates_within_a_transform_raise():
    p, q = nn.Parameter(np.array([1.0, 2.0]), name="p"), nn.Parameter(np.array([1.0, 2.0]))

    def assign(x):
        p.value = p.value + x

    def add(x):
        p[0] += x

    def multiply(x):
        nonlocal p
        p *= x

    def replace(x):
        p.value = np.zeros(2)

    def lose(x):
        q.value = q * x

    for update in (assign, add, multiply, replace, lose):
        with pytest.raises(DualadError):
            da.grad(lambda x, update=update: update(x) or np.sum(p * q), 0, weights=p)(1.0)
        np.testing.assert_array_equal(p.value, [1.0, 2.0])
        np.testing.assert_array_equal(q.value, [1.0, 2.0])


def test_other_parameters_may_be_updated_within_a_transform():
    p, mean = nn.Parameter(np.array([1.0, 2.0])), nn.Parameter(0.0, trainable=False)

    def loss():
        mean.value = da.stop_gradient(np.mean(p * p))
        return np.sum(p)

    np.testing.assert_array_equal(da.grad(loss, None, weights=p)(), [1.0, 1.0])
    assert float(mean) == 2.5


def test_complex_values_do_not_fit_a_real_parameter():
    p = nn.Parameter(np.ones(2))
    with pytest.raises(TypeError, match="is real, and its new value complex"):
        p *= 1j
    q = nn.Parameter(np.ones(2, complex))
    q *= 1j
    np.testing.assert_array_equal(q.value, [1j, 1j])


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_parameters_are_written_into_traced_arrays(mode):
    p = nn.Parameter(np.array([1.0, 2.0]))

    def fn(x):
        y = x * 2
        y[:2] = p
        y[2] = p[0] * x[0]
        y += np.sum(p)
        return np.sum(y * y)

    x = np.array([1.0, 2.0, 3.0])
    value, (dx, dp) = da.value_and_grad(fn, 0, weights=p, mode=mode)(x)
    assert value == 16 + 25 + 16
    np.testing.assert_allclose(dx, [8, 0, 0])
    np.testing.assert_allclose(dp, [42, 36])
    np.testing.assert_allclose(da.grad(fn, mode=mode)(x), [8, 0, 0])


def test_second_derivatives_by_arguments_and_parameters():
    p = nn.Parameter(np.array([1.0, 2.0]))

    def slope(x):
        return da.grad(lambda: np.sum(p**3 * x), None, weights=p)()

    x = np.array([3.0, 4.0])
    np.testing.assert_allclose(da.jacobian(slope)(x), np.diag(3 * p.value**2))
    mixed = da.grad(lambda x: slope(x), 0, weights=p)(x)
    np.testing.assert_allclose(mixed[0], 3 * p.value**2)
    np.testing.assert_allclose(mixed[1], 6 * p.value * x)


# Losses


def logits_and_labels(largest=20.0):
    return hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4).flatmap(
        lambda shape: st.tuples(
            hnp.arrays(float, shape, elements=st.floats(-largest, largest)),
            hnp.arrays(float, shape, elements=st.floats(0, 1)),
        )
    )


def naive(z, y, weight=1.0, pos_weight=1.0):
    p = expit(z)
    return -weight * (pos_weight * y * np.log(p) + (1 - y) * np.log(expit(-z)))


@given(logits_and_labels(), st.floats(0.1, 3), st.floats(0.1, 3))
def test_bce_is_its_definition(pair, weight, pos_weight):
    z, y = pair
    bce = nn.binary_cross_entropy_with_logits
    expected = naive(z, y)
    np.testing.assert_allclose(bce(z, y, reduction="none"), expected, 1e-9, 1e-12)
    np.testing.assert_allclose(bce(z, y, reduction="sum"), expected.sum(), 1e-9, 1e-12)
    np.testing.assert_allclose(bce(z, y), expected.mean(), 1e-9, 1e-12)
    weighted = bce(z, y, weight * np.ones(z.shape[-1:]), np.full((1,) * z.ndim, pos_weight), "none")
    np.testing.assert_allclose(weighted, naive(z, y, weight, pos_weight), 1e-9, 1e-12)


@given(logits_and_labels(largest=1e300), st.floats(0.1, 3), st.floats(0.1, 3))
def test_bce_is_finite_at_all_logits_to_second_order(pair, w, p):
    z, y = pair

    def loss(z):
        return nn.binary_cross_entropy_with_logits(z, y, w, p, reduction="none")

    first, second = da.grad(loss), da.grad(da.grad(loss))
    positive, negative = p * y, 1 - y
    assert np.all(np.isfinite(loss(z)))
    slope = w * (negative * expit(z) - positive * expit(-z))
    np.testing.assert_allclose(first(z), slope, 1e-12, 1e-12)
    curvature = w * (negative + positive) * expit(z) * expit(-z)
    np.testing.assert_allclose(second(z), curvature, 1e-12, 1e-12)
    ones = np.ones_like(z)
    np.testing.assert_allclose(da.jvp(first, (z,), (ones,))[1], curvature, 1e-12, 1e-12)


@pytest.mark.parametrize("z", [0.0, -0.0, 1e-300, 800.0, -800.0, 1e308, -1e308])
def test_bce_at_special_logits(z):
    def loss(z):
        return nn.binary_cross_entropy_with_logits(z, 0.25)

    assert np.isfinite(loss(z))
    np.testing.assert_allclose(da.grad(loss)(z), expit(z) - 0.25, 1e-14)
    np.testing.assert_allclose(da.grad(da.grad(loss))(z), expit(z) * expit(-z), 1e-14)


def test_bce_differentiates_by_all_its_operands():
    rng = np.random.default_rng(0)
    z, y, w, p = rng.normal(size=(2, 3)), rng.random((2, 3)), rng.random(3), rng.random((2, 1))
    check_grads(nn.binary_cross_entropy_with_logits, z, y, w, p)


@pytest.mark.parametrize("loss", [nn.binary_cross_entropy_with_logits, nn.mse_loss])
def test_losses_of_float32_are_float32_whatever_the_labels_integers(loss):
    z = np.array([0.5, -1.0], np.float32)
    for y in (np.array([1, 0]), [True, False], np.array([1.0, 0.0], np.float32)):
        for reduction in ("mean", "sum", "none"):
            assert loss(z, y, reduction=reduction).dtype == np.float32
            assert da.grad(loss)(z, y, reduction=reduction).dtype == np.float32
    assert nn.binary_cross_entropy_with_logits(z, [1, 0], 2, [1, 3]).dtype == np.float32


def test_losses_take_lists_and_object_arrays_of_traced_numbers():
    def loss(a):
        return nn.binary_cross_entropy_with_logits(np.array([a[0], a[1]]), [1, 0], reduction="sum")

    a = np.array([0.5, -0.5])
    np.testing.assert_allclose(da.grad(loss)(a), expit(a) - [1, 0])
    assert nn.binary_cross_entropy_with_logits([0, 0], [1, 0]) == pytest.approx(np.log(2))


@pytest.mark.parametrize("loss", [nn.binary_cross_entropy_with_logits, nn.mse_loss])
def test_labels_of_another_shape_raise(loss):
    for y in (np.zeros(2), np.zeros((1, 3)), 0.0):
        with pytest.raises(StructureError, match="the shape of label should be"):
            loss(np.zeros(3), y)
        with pytest.raises(StructureError, match="the shape of label should be"):
            da.grad(loss)(np.zeros(3), y)


@pytest.mark.parametrize("shape", [(2,), (1, 3), (3, 3)])
def test_weights_that_do_not_broadcast_raise(shape):
    bce = nn.binary_cross_entropy_with_logits
    with pytest.raises(StructureError, match="the shape of weight"):
        bce(np.zeros(3), np.zeros(3), np.ones(shape))
    with pytest.raises(StructureError, match="the shape of pos_weight"):
        bce(np.zeros(3), np.zeros(3), None, np.ones(shape))


def test_unknown_reductions_raise():
    for call in (
        lambda: nn.BCEWithLogitsLoss("average"),
        lambda: nn.MSELoss("average"),
        lambda: nn.CrossEntropyLoss("average"),
        lambda: nn.mse_loss([1.0], [1.0], "average"),
    ):
        with pytest.raises(ValueError, match='one of "mean", "sum" and "none"'):
            call()


def test_mse_is_its_definition():
    rng = np.random.default_rng(1)
    z, y = rng.normal(size=(2, 4, 3))
    np.testing.assert_allclose(nn.mse_loss(z, y), np.mean((z - y) ** 2))
    np.testing.assert_allclose(nn.MSELoss("none")(z, y), (z - y) ** 2)
    check_grads(nn.mse_loss, z, y)


@pytest.mark.parametrize("shape", [(), (4,), (2, 3)])
def test_cross_entropy_is_its_definition(shape):
    rng = np.random.default_rng(2)
    z, y = rng.normal(size=(*shape, 5)), rng.integers(5, size=shape)
    p = np.exp(z) / np.sum(np.exp(z), axis=-1, keepdims=True)
    expected = -np.log(np.take_along_axis(p, y[..., None], -1)[..., 0])
    np.testing.assert_allclose(nn.cross_entropy(z, y, "none"), expected)
    np.testing.assert_allclose(nn.CrossEntropyLoss()(z, y), expected.mean())
    np.testing.assert_allclose(da.grad(nn.cross_entropy)(z, y, "sum"), p - np.eye(5)[y], atol=1e-15)
    check_grads(lambda z: nn.cross_entropy(z, y), z)


def test_cross_entropy_is_stable_and_keeps_float32():
    z = np.array([[1e4, 0.0, -1e4], [3.0, 3.0, 3.0]], np.float32)
    loss, slope = da.value_and_grad(nn.cross_entropy)(z, [2, 0])
    assert loss.dtype == slope.dtype == np.float32
    np.testing.assert_allclose(loss, 0.5 * (2e4 + np.log(3)), 1e-6)
    assert np.all(np.isfinite(slope))


def test_cross_entropy_checks_its_labels():
    with pytest.raises(StructureError, match="the shape of label"):
        nn.cross_entropy(np.zeros((2, 3)), [0])
    with pytest.raises(TypeError, match="class numbers"):
        nn.cross_entropy(np.zeros((2, 3)), [0.0, 1.0])
    with pytest.raises(IndexError):
        nn.cross_entropy(np.zeros((2, 3)), [0, 3])
    with pytest.raises(IndexError):
        nn.cross_entropy(np.zeros((2, 3)), [0, -1])
