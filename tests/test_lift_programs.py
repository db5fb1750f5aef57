"""Random programs as people write them: numbers, lists and arrays, converted into each other.

Lifted, each has its plain value and right derivatives. As it stands, it raises, or has them too.
"""

import linecache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import dualad as da
from dualad.errors import DualadError
from dualad.testing import check_grads

HEAD = """
import collections, copy, functools, itertools, math, operator
import numpy as np

Pair = collections.namedtuple("Pair", "a b")


class Holder:
    def __init__(self, x):
        self.kept = np.zeros(2)
        self.kept[0] = x

    def twice(self):
        return float(self.kept[0]) * 2


def average(items):
    total = 0.0
    for x in items:
        total += float(x)
    return total / len(items)


def cosines(items):
    for x in items:
        yield math.cos(x)


def filled(v):
    y = np.zeros(len(v))
    for k in range(len(v)):
        y[k] = v[k] ** 2
    return y


def shifted(v, s):
    y = np.array(v, dtype=float)
    y[1] += s
    y *= 2
    return y


def placed(v, s):
    y = np.zeros((3, 1))
    y.flat[0] = v[2]
    np.put(y, [1], s)
    np.copyto(y[2:, 0], v[:1])
    return y.ravel()


def masked(v, s):
    y = np.ones(3)
    chosen = np.array([True, False, True])
    y[chosen] = v[chosen] * s
    np.add.at(y, [0, 0], v[:2])
    return y


def grown(s, r):
    items = [s]
    items.append(float(r))
    items.extend([s * r])
    return items
"""

# A number s or r, an array v or w of three, and a list l of three make a new one of either kind
NUMBERS = """
math.sin({s}); math.exp(-{s} * {s}); float({s}) * 1.5; {s} * {r} - {s}; {s} / (1 + {r} ** 2)
{v}[1]; float({v}[0]); {v}[2].item(); np.float64({s}); sum({v}); sum({l}); {l}[1]; pow({s}, 2)
math.hypot({s}, 1 + {r} ** 2); math.atan2({s}, 2.0); float(np.dot({v}, {w})); math.fsum({l})
functools.reduce(lambda p, q: p * q + p, {l}); list(itertools.accumulate({l}))[2]; math.prod({l})
np.asarray({s}, dtype=float).item(); float(np.array([{s}, {r}])[1]); np.array({s})[()] * 2
Holder({s}).twice(); average({l}); list(cosines({v}))[1]; dict(a={s}, b={r})["b"]; max({s}, {r})
Pair({s}, {r}).a; (lambda q={s}: q * q)(); next(iter({v})); np.sum([{s}, {r}]); abs({s}); ({s}).real
sum(a * b for a, b in zip({v}, {l})); operator.mul({s}, {r}); np.polyval({l}, {s}); sorted({l})[0]
np.vectorize(lambda t: math.sin(t) * t)({v}).sum(); np.interp({s}, [-9.0, 9.0], [1.0, {r}])
"""
ARRAYS = """
np.array([{s}, {r}, 1.0]); np.array({l}); np.array({l}, dtype=float); np.asarray({l}) + {v}
np.asarray({v}, dtype=float) * 2; {v}.astype(float) ** 2; np.zeros(3) + {s}; np.full(3, {s})
np.array([math.sin(t) for t in {v}]); np.array(list(map(float, {v}))); np.vectorize(math.tanh)({v})
np.fromiter((t * t for t in {v}), dtype=float); filled({v}); shifted({v}, {s}); placed({v}, {s})
masked({v}, {s}); np.array({v}.tolist()); np.array([{v}, {w}]).T[:, 1]; np.r_[{s}, {v}[1:]]
np.hstack([{s}, {v}[:2]]); np.array([{s}] * 3); np.append({v}[:2], {s}); np.insert({v}[:2], 1, {s})
np.multiply({v}, {w}, out=np.empty(3)); np.linspace({s}, {r}, 3); copy.deepcopy(np.asarray({v}))
np.column_stack([{v}, {w}])[:, 0]; np.apply_along_axis(lambda q: q * q[0], 0, {v}); np.array([*{v}])
np.frompyfunc(lambda t: t * 2, 1, 1)({v}).astype(float); np.where({v} > 0.1, {v}, {w}); {v}[::-1]
"""
LISTS = """
[{s}, {r}, 0.5]; {v}.tolist(); list({v}); [float(t) for t in {v}]; [t * 2 for t in {l}]
list(map(math.sin, {l})); list({l}[::-1]); sorted({l}); grown({s}, {r}); list(np.array({l}) * 2)
[a * b for a, b in zip({v}, {l})]; copy.copy({l}); copy.deepcopy({l}); list(collections.deque({l}))
"""
KINDS = {
    kind: [code.strip() for line in text.split("\n") for code in line.split(";") if code.strip()]
    for kind, text in (("s", NUMBERS), ("v", ARRAYS), ("l", LISTS))
}


@st.composite
def sources(draw):
    """Draw the source of a function of an array of three numbers."""
    names = {"s": ["x[0]", "x[1]", "x[2]"], "v": ["x"], "l": ["[x[0], x[1], 2.0]"]}
    lines = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from("svl"))
        code = draw(st.sampled_from(KINDS[kind]))
        used = {"s": "s", "r": "s", "v": "v", "w": "v", "l": "l"}
        operands = {key: draw(st.sampled_from(names[k][-3:])) for key, k in used.items()}
        names[kind].append(f"{kind}{number}")
        lines.append(f"    {kind}{number} = {code.format(**operands)}")
    sums = [*names["s"][3:], *(f"np.sum({name})" for name in names["v"][1:] + names["l"][1:])]
    weighted = " + ".join(f"{k + 1} * {part}" for k, part in enumerate(sums))
    return "\n".join(["def program(x):", *lines, f"    return {weighted}"])


def made(source):
    """Return the function; its source stays there for whoever inspects it."""
    code, name = f"{HEAD}\n\n{source}\n", f"<program {hash(source)}>"
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    space = {"__name__": "programs"}
    exec(compile(code, name, "exec"), space)
    return space["program"]


NUMBER = st.integers(-15, 15).map(lambda n: n / 10 + 0.03)


@settings(max_examples=60 * settings().max_examples // 8)
@given(sources(), st.lists(NUMBER, min_size=3, max_size=3, unique=True))
def test_lifted_programs_have_values_and_derivatives(source, numbers):
    fn, x = made(source), np.array(numbers)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = fn(x.copy())
        if not np.abs(expected) < 1e6:
            return
        value, gradient = da.value_and_grad(da.lift(fn))(x)
        np.testing.assert_allclose(value, expected, rtol=1e-14)
        check_grads(da.lift(fn), x, inconclusive="ignore")
        try:
            plain = da.grad(fn)(x)
        except (DualadError, TypeError):  # NumPy's own, of an object array
            return
        np.testing.assert_allclose(plain, gradient, rtol=1e-9, atol=1e-12)
