"""Mixed mode: the product of both sweeps from any place equals the sweeps of the whole record."""

import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dualad as da
import dualad.numpy as dnp
from dualad.core.pushing import push
from dualad.errors import SingularDerivativeError
from dualad.testing.strategies import programs
from dualad.transforms import choice
from dualad.transforms.costs import COSTS, Costs, kind_of
from dualad.transforms.jacobian import Jacobian
from dualad.transforms.mixed import Place, cheapest_place, parts
from dualad.transforms.products import record
from dualad.tree import leaves

ROUNDING = 1e-10  # of results that passed some dozen operations
WIDE = np.linspace(-1.0, 2.0, 12)
POINT = 1.5 + np.sin(1.3 * np.arange(12.0))


def same(found, expected):
    """Assert that two trees of arrays agree in structure, shape, dtype and, to rounding, value."""
    found, expected = leaves(found), leaves(expected)
    assert [path for path, _ in found] == [path for path, _ in expected]
    for (_, a), (_, b) in zip(found, expected, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.result_type(a) == np.result_type(b)
        scale = np.max(np.abs(b), initial=1.0)
        np.testing.assert_allclose(a, b, rtol=ROUNDING, atol=ROUNDING * scale)


def places(recording):
    """Return every place at which a recording can be cut."""
    costs = Costs(recording)
    widths = costs.widths()
    whole = [entry is not None for entry in recording.entries] + [True]
    return [
        Place(p, costs.live(p), int(widths[p]), 0.0)
        for p in range(len(recording.inputs), len(recording.entries) + 1)
        if whole[p]
    ]


def check_everywhere(fn, *args, chunk_size=None, some=1000):
    """Check the product at each place of a function against the other modes; return the widths."""
    argnums = tuple(range(len(args)))
    expected = da.jacobian(fn, argnums, mode="forward")(*args)
    same(da.jacobian(fn, argnums, mode="reverse")(*args), expected)
    transform = Jacobian(fn, argnums, "mixed", chunk_size, False, "jacobian")
    same(transform(*args), expected)
    recording = record(fn, args, {}, argnums)
    flat = [leaf for _, leaf in leaves(expected)]
    found = places(recording)
    for place in found[:: -(-len(found) // some)]:
        blocks = transform.mixed(None, recording, place)
        same([block for row in blocks for block in row], flat)
    return [place.width for place in found]


@given(programs(depth=10))
def test_random_programs_are_the_product_at_every_place(program):
    check_everywhere(program, *program.inputs)


@given(programs(depth=5), st.sampled_from(["forward", "reverse", "mixed"]))
def test_the_product_is_differentiable(program, outer):
    def total(*args):
        J = da.jacobian(program, mode="mixed")(*args)
        return np.sum(np.sin(J))

    def plain(*args):
        return np.sum(np.sin(da.jacobian(program, mode="forward")(*args)))

    found = da.jacobian(total, mode=outer)(*program.inputs)
    same(found, da.jacobian(plain, mode="forward")(*program.inputs))


def narrow(x):
    """Return 12 numbers that depend on 2."""
    a, b = np.sum(np.sin(x)), np.sum(x * x)
    return np.tanh(a * WIDE) + b * WIDE


def in_place(x):
    """Return an array that was filled part by part, and updated through a view."""
    w = dnp.zeros(3)
    w[0], w[1] = np.sum(x), np.sum(x[:3] * x[3:6])
    w[2:] = w[0] * w[1]
    out = dnp.zeros((2, 12))
    out[0] = w[0] * WIDE
    out[1, ::2] = w[2] * w[1]
    top = out[0]
    top *= 2.0
    top[3] = w[1]
    out += 1.0
    return out


def number_loop(x):
    """Return numbers of a loop over single elements."""
    total = 0.0
    for i in range(len(x)):
        total = total * 0.5 + x[i] * x[i]
    return [total * k for k in range(12)]


def joint_outputs(x):
    """Return what depends on all, on one, and on none of the outputs of one operation."""
    q, r = np.linalg.qr(np.reshape(x, (4, 3)))
    values, vectors = np.linalg.eigh(r.T @ r)
    return np.sum(q) * WIDE, values[:1] * WIDE, np.sum(vectors[:, 0] ** 2) * WIDE


def with_constants(x):
    """Return an output in a tree beside constants, and a value of the middle beside the rest."""
    middle = np.sum(x) * np.ones(2)
    return {"wide": middle[0] * WIDE + middle[1], "middle": middle, "none": 3.0, "count": x.size}


FUNCTIONS = {
    "narrow": (narrow, 2),
    "in place": (in_place, 2),
    "numbers": (number_loop, 1),
    "joint outputs": (joint_outputs, 12),
    "constants": (with_constants, 1),
    "outputs twice": (lambda x: [narrow(x)[:5]] * 2, 2),
    "the input itself": (lambda x: (x, np.sum(x) * WIDE), 12),
    "used after": (lambda x: narrow(x) * x[::-1], 12),
    "views": (lambda x: (x.reshape(3, 4).T[1] @ np.ones((3, 12))).reshape(4, 3)[1:], 3),
}
every_function = pytest.mark.parametrize(("fn", "least"), FUNCTIONS.values(), ids=FUNCTIONS)


@every_function
def test_every_place_of_a_record_gives_the_jacobian(fn, least):
    widths = check_everywhere(fn, POINT)
    assert min(widths) == least


@every_function
def test_directions_come_in_chunks(fn, least):
    check_everywhere(fn, POINT, chunk_size=1)


@every_function
@pytest.mark.parametrize("outer", ["forward", "reverse", "mixed", "auto"])
def test_second_derivatives_through_the_product(fn, least, outer):
    x = POINT
    expected = da.jacobian(da.jacobian(fn, mode="forward"), mode="forward")(x)
    same(da.jacobian(da.jacobian(fn, mode="mixed"), mode=outer)(x), expected)


def test_several_arguments_and_trees():
    def fn(point, scale):
        h = np.sum(point["x"]) * scale[0] + point["y"]
        return [h * WIDE, (h + scale[1], 1.0)]

    check_everywhere(fn, {"x": np.ones((2, 5)), "y": 2.0}, (3.0, np.full(3, 0.5)))


@pytest.mark.parametrize("shape", [(0,), (2, 0), ()])
def test_sizes_of_zero_and_one(shape):
    check_everywhere(lambda x: np.sum(np.sin(x)) * WIDE, np.ones(shape))
    check_everywhere(lambda x: np.sum(x) * np.zeros(shape), np.ones(12))
    check_everywhere(lambda x, y: (np.sum(x) * WIDE, y * 2), np.ones(12), np.ones(shape))


@pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
def test_dtype_is_that_of_both_ends(dtype):
    x = POINT.astype(dtype)
    J = da.jacobian(lambda x: np.sum(x * x) * WIDE.astype(dtype), mode="mixed")(x)
    assert J.dtype == dtype
    np.testing.assert_allclose(J, np.outer(WIDE, 2 * x), rtol=1e-6)
    integers = da.jacobian(lambda x: np.sum(x * x) * WIDE, mode="mixed")(np.arange(12))
    np.testing.assert_allclose(integers, np.outer(WIDE, 2 * np.arange(12)))


def test_precision_of_the_middle_is_kept():
    """Directions of a long double in the middle are long doubles."""
    tiny = np.longdouble(2) ** -60

    def fn(x):
        h = np.sum(x.astype(np.longdouble) * (1 + tiny))
        return (h * WIDE.astype(np.longdouble) * (1 - tiny) - h * WIDE) / tiny

    x = np.ones(12, np.longdouble)
    if np.finfo(np.longdouble).nmant > 60:
        J = da.jacobian(fn, mode="mixed")(x)
        np.testing.assert_allclose(J, np.outer(-WIDE, np.ones(12)), rtol=0.5)


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: np.abs(np.sum(np.exp(1j * x))) * WIDE,
        lambda x: np.sum(x) * np.exp(1j * WIDE),
        lambda x: np.real(np.fft.ifft(np.fft.fft(x)[:2], 12)),
    ],
)
def test_complex_numbers_go_the_other_ways(fn):
    x = POINT
    same(da.jacobian(fn, mode="mixed")(x), da.jacobian(fn, mode="forward")(x))
    recording = record(fn, (x,), {}, (0,))
    assert parts(recording, cheapest_place(Costs(recording), 12, 12)) is None
    assert da.explain(fn, x).mixed_cost is None


def test_complex_arguments_go_the_other_ways():
    z = POINT * (1 + 0.5j)
    for fn in (lambda z: np.sum(z * z) * WIDE, lambda z: np.sum(np.abs(z)) * WIDE):
        same(da.jacobian(fn, mode="mixed")(z), da.jacobian(fn, mode="reverse")(z))


@pytest.mark.parametrize("order", ["infinity before", "infinity after"])
def test_zero_beside_infinity_in_the_other_part_is_zero(order):
    x = np.zeros(12)

    def before(x):  # the root has an infinite slope at 0; what follows takes none of it
        h = np.stack([np.sqrt(x[0]), np.sum(x)])
        return np.where(h[0] > 0, h[0], 0.0) * WIDE + h[1]

    def after(x):
        h = np.stack([np.sum(x) * 0.0, np.sum(x)])
        return np.sqrt(h[0]) * WIDE + h[1] * WIDE

    fn = before if order == "infinity before" else after
    expected = da.jacobian(fn, mode="forward")(x)
    assert np.all(np.isfinite(expected))
    same(da.jacobian(fn, mode="mixed")(x), expected)


@pytest.fixture
def keen(monkeypatch):
    """Let auto mode look at every record."""
    monkeypatch.setattr(choice, "WORTH", 0)


def chosen(fn, *args, **options):
    """Return the mode that auto mode takes, by its log."""
    lines = []

    class Lines(logging.Handler):
        def emit(self, record):
            lines.append(record.getMessage().rpartition(": ")[2])

    logger, handler = logging.getLogger("dualad"), Lines()
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        found = da.jacobian(fn, **options)(*args)
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
    same(found, da.jacobian(fn, mode="forward")(*args))
    (mode,) = lines
    return mode


MATRIX = np.random.default_rng(0).normal(size=(300, 300)) / 20


def long_narrow(x):
    """Return as many numbers as there are in x, through three."""
    for _ in range(4):
        x = np.tanh(MATRIX @ x)
    y = MATRIX[:, :3] @ (MATRIX[:3] @ x)
    for _ in range(4):
        y = np.tanh(MATRIX @ y)
    return y


LARGE = np.linspace(-1.0, 1.0, 300)


def test_auto_mode_finds_the_narrow_place_by_itself():
    assert chosen(long_narrow, LARGE) == "mixed"
    told = da.explain(long_narrow, LARGE)
    assert told.mode == "mixed"
    assert (told.narrow_size, told.narrow_after) == (3, 9)
    assert told.mixed_cost * 3 < min(told.forward_cost, told.reverse_cost)
    assert "narrow place: 3 elements after 9 operations" in str(told)
    assert "3 in between, 300 directions to push, 300 to pull" in told.reason


@pytest.mark.parametrize(
    "fn",
    [
        lambda x: long_narrow(x) + x,
        lambda x: long_narrow(x) * np.sin(x),
        lambda x: (long_narrow(x), np.cos(x)),
        lambda x: np.tanh(MATRIX @ np.tanh(MATRIX @ x)),
        lambda x: np.sum(x) * x,
        lambda x: np.tanh(MATRIX[:, :290] @ np.tanh(MATRIX[:290] @ x)),
    ],
)
def test_a_record_that_is_wide_everywhere_is_not_cut(fn, keen):
    assert chosen(fn, LARGE) in ("forward", "reverse")
    assert da.explain(fn, LARGE).mode in ("forward", "reverse")


def test_a_hessian_of_a_function_of_a_few_combinations():
    def fn(x):
        return np.sum(np.sin(MATRIX[:3] @ x) ** 2)

    same(da.hessian(fn, mode="mixed")(LARGE), da.hessian(fn, mode="forward")(LARGE))
    same(da.hessian(fn)(LARGE), da.hessian(fn, mode="forward")(LARGE))
    assert da.explain(da.grad(fn), LARGE).narrow_size == 3


def test_joint_outputs_are_not_cut_apart():
    """Between the eigenvalues and the vectors only the values would seem to be live."""

    def fn(x):
        A = np.reshape(x, (12, 12))
        values, vectors = np.linalg.eigh(A + A.T)
        for _ in range(4):
            vectors = np.sin(vectors)
        return vectors * values @ np.cos(vectors)[:, :11]

    x = np.ravel(np.diag(np.arange(12.0)) + MATRIX[:12, :12])
    same(da.jacobian(fn, mode="mixed")(x), da.jacobian(fn, mode="forward")(x))


def test_costs_decide_where_the_numbers_of_directions_are_near(keen):
    def sums(x):
        for _ in range(6):
            x = np.cumsum(x)
        return x[:290]

    def waves(x):
        for _ in range(6):
            x = np.sin(x)
        return np.concatenate([x, x[:10]])

    assert chosen(sums, LARGE) == "forward"  # sums in, differences out; 300 directions, not 290
    assert chosen(waves, LARGE) == "reverse"  # in place; 310 directions, not 300
    assert chosen(lambda x: x[::-1], LARGE) == "reverse"  # its rows lie as the Jacobian's do


def test_work_is_in_elements():
    def works(fn, *args):
        return Costs(record(fn, args, {}, tuple(range(len(args))))).works[len(args) :]

    A, x = MATRIX[:20], LARGE
    assert works(lambda x: A @ x, x) == [6000]
    assert works(lambda A, x: A @ x, A, x) == [6000]
    assert works(np.sum, x) == [301]
    assert works(np.sin, x) == [300]
    assert works(lambda x: x[3:], x) == [297]
    assert works(lambda x: (x * x, np.zeros(5))[0], x) == [300]
    assert works(lambda x: (x[2:] * 1.0, np.exp(x))[0], x) == [298, 298, 0]  # unused
    assert works(lambda x: np.linalg.eigh(np.outer(x, x))[0], x[:4]) == [16, 36, 0]

    def write(x):
        w = dnp.zeros(7)
        w[2:4] = x[:2]
        return w

    assert sum(works(write, x)) == 2 + 2


def test_costs_are_sums_over_the_entries():
    recording = record(narrow, (WIDE,), {}, (0,))
    costs = Costs(recording)
    place = cheapest_place(costs, 12, 12)
    both = costs.pulled(place.width, place.position) + costs.pushed(place.width, place.position)
    assert both < place.cost < both + costs.pushed(1) + 1.0
    entries = [(e, w) for e, w in zip(recording.entries, costs.works, strict=True) if e]
    coefficients = [(*COSTS[kind_of(entry)], work) for entry, work in entries]
    np.testing.assert_allclose(
        costs.pushed(7), sum(a + 7 * b * w for a, b, _, _, w in coefficients)
    )
    np.testing.assert_allclose(
        costs.pulled(7), sum(c + 7 * d * w for _, _, c, d, w in coefficients)
    )


def test_little_work_is_not_looked_at(monkeypatch):
    monkeypatch.setattr(choice, "Costs", None)
    assert chosen(lambda x: np.sum(x) * WIDE, WIDE[:2]) == "forward"
    assert chosen(lambda x: np.sum(x) * WIDE, WIDE[:9]) == "reverse"  # calls are what it takes
    assert chosen(lambda x: np.sum(x) * WIDE, WIDE) == "reverse"
    assert chosen(lambda x: np.sin(np.tile(x, 3)), LARGE[:40]) == "forward"
    monkeypatch.setattr(choice, "WORTH", 0)  # nor what has too few directions
    assert chosen(lambda x: np.sum(np.sin(x) * x), np.ones(10_000)) == "reverse"


def test_rules_of_a_users_own_are_chosen_by_sizes(keen):
    """Their cost is unknown, and what may be pulled need not have a pushforward."""

    @da.custom_vjp
    def clipped(x):
        return x * 1.0

    clipped.defvjp(lambda x: (clipped(x), None), lambda _, ct: (np.clip(ct, -1e-3, 1e-3),))

    def fn(x):
        return clipped(long_narrow(x))[:299]

    da.jacobian(fn)(LARGE)
    assert da.explain(fn, LARGE).mode == "reverse"


def test_ways_that_cannot_be_passed_are_left_for_others(keen, monkeypatch):
    """Equal eigenvalues: the vectors have derivatives along some directions, and no cotangents."""

    def fn(x):
        _, vectors = np.linalg.eigh(np.diag(x))
        return np.sum(x) * WIDE[:5] + np.sum(vectors @ vectors.T)

    x = np.array([1.0, 2.0, 2.0, 3.0, 4.0])
    expected = np.outer(WIDE[:5], np.ones(5))
    for mode in ("forward", "auto", "mixed"):
        np.testing.assert_allclose(da.jacobian(fn, mode=mode)(x), expected, atol=ROUNDING)
    with pytest.raises(SingularDerivativeError):
        da.jacobian(fn, mode="reverse")(x)
    recording = record(fn, (x,), {}, (0,))
    place = next(place for place in places(recording) if place.width == 30)
    monkeypatch.setattr(choice, "cheapest_place", lambda *_: place)
    assert chosen(fn, x, mode="mixed") == "forward"


def test_the_error_is_raised_if_no_way_can_be_passed(keen):
    def fn(x):
        q, r = np.linalg.qr(np.stack([x, x]).T)
        return np.sum(x) * WIDE, np.sum(q @ r)

    for mode in ("auto", "forward", "reverse", "mixed"):
        with pytest.raises(SingularDerivativeError):
            da.jacobian(fn, mode=mode)(np.ones(5))


def test_one_evaluation_and_the_value_beside():
    calls = []

    def fn(x):
        calls.append(x)
        return narrow(x)

    value, J = da.value_and_jacobian(fn, mode="mixed")(WIDE)
    assert len(calls) == 1
    np.testing.assert_array_equal(value, narrow(WIDE))
    same(J, da.jacobian(narrow)(WIDE))


def test_results_may_be_changed():
    J = da.jacobian(lambda x: (x, np.sum(x) * WIDE, np.sum(x) * WIDE), mode="mixed")(WIDE)
    for block in J:
        block += 1.0
    same(J[1], J[2])
    same(J[0], np.eye(12) + 1)


def test_workers_do_not_share_a_narrow_place():
    with pytest.raises(ValueError, match="few directions") as raised:
        da.jacobian(narrow, mode="mixed", workers=2)
    assert "Leave out workers" in str(raised.value)
    assert chosen(long_narrow, LARGE, workers=map) in ("forward", "reverse")
    for refused in (da.grad, da.value_and_grad):
        with pytest.raises(ValueError, match="mode is 'mixed'"):
            refused(narrow, mode="mixed")
    with pytest.raises(ValueError, match="mode is 'mixed'"):
        da.jacobian(narrow, mode="mixed", sparsity="auto")
    with pytest.raises(ValueError, match='"auto", "forward", "reverse" and "mixed"'):
        da.hessian(narrow, mode="back")


@given(programs(depth=8))
def test_live_values_are_those_that_the_rest_needs(program):
    """Without the tangent of one of them, that of the output is another, or it is unused there."""
    recording = record(program, program.inputs, {}, tuple(range(len(program.inputs))))
    outputs = [p for p in recording.positions if p is not None]
    for place in places(recording):
        ts = [None] * place.position
        assert push(recording.entries, list(ts), outputs) == [None] * len(outputs)
        assert place.width == sum(Costs(recording).sizes[i] for i in place.live)
