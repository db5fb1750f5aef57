"""`dualad.lift`: code of a third party, differentiated as it is, and left as it is."""

import collections
import importlib
import math
import pickle
import sys
import threading
import types
import weakref
from functools import partial, partialmethod, singledispatch, singledispatchmethod

import numpy as np
import pytest
from scipy.stats._stats import _kendall_dis as compiled

import dualad as da
from dualad.errors import DualadError, MissingRowError, TracedToFloatError
from dualad.lifting.numbers import FUNCTIONS, PLAIN, SPECIAL
from dualad.testing import check_grads

X = np.array([0.7, 1.9, 2.6])

FILES = {
    "__init__": "from thirdparty.curves import *\n",
    "tools": '''
"""What other modules of the package use."""
from functools import lru_cache, wraps
import numpy as np
import numpy.linalg as la

SCALE = 2.0
TABLE = {"double": lambda x: np.asarray(x, dtype=float) * 2.0}
calls = 0

def asfloat(x):
    global calls
    calls += 1
    return np.asarray(x, dtype=np.float64)

@lru_cache(maxsize=None)
def cached(x, n=2):
    return float(x) ** n

def checked(fn):
    @wraps(fn)
    def wrapper(x, *args, **kwargs):
        if not isinstance(x, (np.ndarray, float, list)):
            raise TypeError(type(x).__name__)
        return fn(asfloat(x), *args, **kwargs)
    return wrapper

def length(x):
    return la.norm([x[0], x[1]])
''',
    "curves": '''
"""Functions as packages have them."""
import abc
import collections
import math
import numbers
from functools import cached_property, partial
from math import *

import numpy as np
from numpy import array, sin as npsin, zeros

from . import tools
from .tools import TABLE, asfloat, cached, checked

def loop(x):
    out = zeros(len(x))
    for i in range(len(x)):
        out[i] = math.exp(-x[i]) * cos(x[i])
    return out

def conversions(x):
    a, b, c = map(float, x)
    m = array([[a, -b], [float(b), complex(c).real]])
    return np.float64(np.linalg.det(m)) * asfloat(x) + np.array(x, dtype=float)

def kinds(x):
    if isinstance(x, np.ndarray):
        return sum(kinds(v) for v in x)
    if not (isinstance(x, (int, float)) and isinstance(x, numbers.Real)):
        raise TypeError("no number")
    if type(x) is not float and not issubclass(type(x), np.floating):
        raise TypeError("no float")
    if hasattr(x, "__iter__") or hasattr(x, "__len__"):
        raise TypeError("a sequence")
    return float(x) ** 2

@checked
def decorated(x, power=3):
    return x ** power * tools.SCALE

def memoized(x):
    return [cached(float(v)) + cached(v, n=3) for v in x]

def from_table(x):
    return TABLE["double"](x) + tools.TABLE["double"](x)[::-1] * tools.length(x)

def closure(x):
    scale = math.sqrt(float(x[0]))
    total = 0.0
    def add(v):
        nonlocal total
        total += scale * v
        return total
    return [add(v) for v in x] + [total]

def imports(x):
    import numpy as other
    from math import atan2
    import numpy.linalg
    from .tools import length
    import scipy.linalg._misc  # a module that has nothing to follow is imported all the same
    y = other.zeros(2)
    y[0] = atan2(x[0], x[1])
    return y * length(x) + numpy.linalg.norm(y)

def caught(x):
    try:
        return math.log(float(x[0]) - 100.0)
    except ValueError:
        return math.log(float(x[0]) + 100.0)

def vectorized(x):
    inner = np.vectorize(lambda v: math.sin(v) if v > 1 else float(v), otypes=[float])
    return inner(x) * cube(x)

@np.vectorize
def cube(v):
    return math.pow(v, 3)

def partly(x):
    return partial(_weighted, weights=np.array([1.0, 2.0, 3.0]))(x) * half(x)

def _weighted(x, weights):
    weights = weights.copy()
    weights[1] = x[2]
    return asfloat(weights) * x

half = partial(np.multiply, 0.5)

def in_place(x):
    x = np.atleast_1d(np.asarray(x, dtype=float)).copy()
    x += 1.0
    x[x > 2.0] *= 0.5
    out = np.empty_like(x)
    np.multiply(x, x, out=out)
    return np.nan_to_num(np.column_stack([out, x, np.full(3, x[0])]))

def polynomial(x):
    from numpy.polynomial import chebyshev, polynomial
    values = chebyshev.chebval(asfloat(x), [1.0, float(x[1])])
    return polynomial.polyval(x[0], x) + values + np.poly1d(x)(2.0)

def generated(x):
    def terms():
        for k, v in enumerate(x):
            yield math.pow(float(v), k)
    return np.array(list(terms()))

def defaults(x, fn=math.sin, *, other=asfloat):
    return [fn(v) for v in x] + [other(x)]

class Shape(abc.ABC):
    count = 0

    def __init__(self, size):
        self.size = float(size)
        Shape.count += 1

    def __init_subclass__(cls, **kwargs):
        registry.append(cls.__name__)

    @abc.abstractmethod
    def area(self): ...

    @property
    def doubled(self):
        return 2 * math.pow(self.area(), 1.0)

    @classmethod
    def of(cls, size):
        return cls(size)

registry = []

class Circle(Shape):
    __slots__ = ("unit",)

    def __init__(self, size):
        super().__init__(size)
        self.unit = self.scale(1.0)

    @staticmethod
    def scale(v):
        return math.pi * float(v)

    @cached_property
    def ring(self):
        return math.sqrt(self.size)

    def area(self):
        return self.unit * self.size ** 2

    def __call__(self, x):
        return float(x) * self.area() + self.ring

class Model:
    def __init__(self, weights):
        self.weights = np.asarray(weights, dtype=float)
        self.history = []
        self.shape = Circle(1.5)
        self.activation = math.tanh
        self.inner = None

    def loss(self, x):
        self.last = x
        out = np.zeros(3)
        for i in range(3):
            out[i] = self.activation(x[i]) * self.weights[i] + self.shape(x[i])
        if self.inner is not None:
            out += self.inner.loss(x)
        return out

def classes(x):
    circle = Circle.of(x[0])
    assert isinstance(circle, Shape) and isinstance(UNIT, Circle) and not isinstance(x, Shape)
    assert issubclass(type(circle), Circle)
    return circle.doubled * circle(x[1]) + UNIT(x[2]) + Model(x).loss(x)

UNIT = Circle(1.0)
MODEL = Model([1.0, 2.0, 3.0])
MODEL.inner = Model([0.5, 0.5, 0.5])

def uses_object(x):
    return MODEL.loss(x)

memory, trail, kinds_seen = {"calls": 0}, [], set()
queue = collections.deque(maxlen=3)
remember = trail.append

def stores(x, seen=[], *, named={}):
    memory["last"] = x
    memory["calls"] += 1
    trail.append(x[0])
    remember(x[1])
    seen.append(x)
    named["x"] = x
    queue.append(x)
    kinds_seen.add(type(x).__name__)
    MODEL.history.append(x)
    return seen[-1] * named["x"] + memory["last"] * trail[-1] + trail[-2] + MODEL.history[-1]

class Node:
    kinds = {}

    def __init__(self, value, other=None):
        self.value = float(value)
        self.other = other

    def joined(self):
        return Node(self.value * self.other.value)

Node.kinds["node"] = Node

def knows_itself(x):
    node = Node(x[0], Node(x[1]))
    return [node.joined().value, Node.kinds["node"](2.0).value * x[2]]

def named(x):
    return {"a": float(x[0]) ** 2, "b": [asfloat(x)]}
''',
}
NAMES = [
    "loop", "conversions", "kinds", "decorated", "memoized", "from_table", "closure", "imports",
    "caught", "vectorized", "cube", "partly", "half", "in_place", "polynomial", "generated",
    "defaults", "classes", "uses_object", "named", "stores", "knows_itself",
]  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """Return the module of functions of a package that knows nothing of dualad."""
    root = tmp_path_factory.mktemp("site")
    (root / "thirdparty").mkdir()
    for name, text in FILES.items():
        (root / "thirdparty" / f"{name}.py").write_text(text)
    sys.path.insert(0, str(root))
    try:
        yield importlib.import_module("thirdparty.curves")
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if name.partition(".")[0] == "thirdparty"]:
            del sys.modules[name]


def snapshot(package):
    """Return all that the modules of the package hold, and the attributes of its objects."""
    modules = [m for name, m in sys.modules.items() if name.partition(".")[0] == "thirdparty"]
    found = {}
    for module in modules:
        for name, value in vars(module).items():
            found[module.__name__, name] = id(value)
            if isinstance(value, (list, dict, set, collections.deque)) and name[0] != "_":
                found[module.__name__, name, "items"] = str(value)
            if isinstance(value, types.FunctionType):
                found[module.__name__, name, "defaults"] = str(
                    (value.__defaults__, value.__kwdefaults__)
                )
            if isinstance(getattr(value, "history", None), list):
                found[module.__name__, name, "history"] = str(value.history)
            if type(value).__module__.startswith("thirdparty"):
                found[module.__name__, name, "state"] = {k: id(v) for k, v in vars(value).items()}
            if isinstance(value, type):
                found[module.__name__, name, "names"] = {k: id(v) for k, v in vars(value).items()}
                found[module.__name__, name, "below"] = value.__subclasses__.__self__.__name__
    return found


@pytest.mark.parametrize("name", NAMES)
def test_functions_differentiate_as_they_are(package, name):
    check_grads(da.lift(getattr(package, name)), X)


@pytest.mark.parametrize("name", NAMES)
def test_values_are_the_same(package, name):
    fn = getattr(package, name)
    found, expected = da.value_and_grad(da.lift(fn))(X)[0], fn(X)
    pairs = zip(da_leaves(found), da_leaves(expected), strict=True)
    for a, b in pairs:
        np.testing.assert_allclose(a, b, rtol=4e-16)


def da_leaves(tree):
    """Return the numbers and arrays of an output."""
    if isinstance(tree, dict):
        return [leaf for part in tree.values() for leaf in da_leaves(part)]
    if isinstance(tree, (list, tuple)):
        return [leaf for part in tree for leaf in da_leaves(part)]
    return [tree]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_third_party_is_changed(package, name):
    fn = getattr(package, name)
    before, count = snapshot(package), list(package.registry)
    da.grad(da.lift(fn))(X)
    assert snapshot(package) == before
    assert package.registry == count


def test_most_of_them_need_it(package):
    """Or the tests above would prove little."""
    needed = 0
    for name in NAMES:
        try:
            da.grad(getattr(package, name))(X)
        except (DualadError, TypeError):
            needed += 1
    assert needed >= len(NAMES) - 4


def test_without_a_derivative_the_function_itself_is_called(package):
    count = importlib.import_module("thirdparty.tools").calls
    lifted = da.lift(package.decorated)
    assert type(lifted(X)) is np.ndarray
    assert importlib.import_module("thirdparty.tools").calls == count + 1
    assert type(da.lift(package.Circle)(1.0)) is package.Circle


def test_bound_methods_objects_classes_and_partial(package):
    check_grads(da.lift(package.MODEL.loss), X)
    check_grads(da.lift(package.UNIT), 1.3)
    check_grads(da.lift(package.Circle.scale), 1.3)
    check_grads(da.lift(partial(package.decorated, power=2)), X)
    check_grads(lambda x: da.lift(package.Circle)(x[0]).area(), X)


class Compiled:
    """Its functions are attributes that do not bind, as those of C do not."""

    sine = math.sin
    run = staticmethod(math.exp)

    def total(self, x):
        """Return the sum of three functions of C."""
        return self.sine(x[0]) + type(self).sine(x[1]) + self.run(x[2])


def test_functions_of_c_do_not_become_methods():
    np.testing.assert_allclose(da.grad(da.lift(Compiled().total))(X), [
        np.cos(X[0]), np.cos(X[1]), np.exp(X[2]),
    ])  # fmt: skip


def test_objects_are_those_of_the_call(package):
    model = package.Model([1.0, 2.0, 3.0])
    gradient = da.grad(da.lift(model.loss))
    before = gradient(X)
    assert not hasattr(model, "last")  # which the copy has
    model.weights = model.weights * 2.0
    slope = 1 / np.cosh(X) ** 2 * [1.0, 2.0, 3.0]
    np.testing.assert_allclose(gradient(X) - before, slope)


def test_arguments_are_lifted(package):
    def caller(fn, model, x):
        return fn(x) + model.loss(x)

    lifted = da.lift(caller)
    found = da.grad(lifted, argnums=2)(package.loop, package.MODEL, X)
    expected = da.grad(da.lift(package.loop))(X) + da.grad(da.lift(package.MODEL.loss))(X)
    np.testing.assert_allclose(found, expected)


def test_it_decorates_and_pickles_and_keeps_the_name():
    assert decorated.__name__ == "decorated"
    assert decorated.__doc__ == "Return the sines."
    assert da.lift(decorated) is decorated
    again = pickle.loads(pickle.dumps(da.grad(decorated)))
    np.testing.assert_allclose(again(X), np.cos(X))
    np.testing.assert_allclose(Decorated().total(X), np.sum(np.sin(X)), rtol=4e-16)
    np.testing.assert_allclose(da.grad(Decorated().total)(X), np.cos(X))


@da.lift
def decorated(x):
    """Return the sines."""
    y = np.zeros(3)
    for i in range(3):
        y[i] = math.sin(x[i])
    return y


class Decorated:
    """A class with a lifted method."""

    @da.lift
    def total(self, x):
        """Return the sum of sines."""
        return float(np.sum(np.array([math.sin(v) for v in x])))


def test_transforms_inside_lifted_code():
    def fn(x):
        inner = da.grad(lambda y: math.sin(y) * float(y))
        return [inner(float(v)) for v in x]

    np.testing.assert_allclose(da.jacobian(da.lift(fn))(X), np.diag(2 * np.cos(X) - X * np.sin(X)))


def test_all_transforms(package):
    fn = da.lift(package.loop)
    _y, pullback = da.vjp(fn, X)
    np.testing.assert_allclose(pullback(np.ones(3))[0], da.grad(fn)(X))
    np.testing.assert_allclose(da.jacobian(fn)(X), da.jacfwd(fn)(X))
    np.testing.assert_allclose(da.jacobian(fn)(X), da.jacrev(fn)(X))
    assert da.hessian(lambda x: np.sum(fn(x)))(X).shape == (3, 3)
    np.testing.assert_allclose(da.linearize(fn, X)[1](X), da.jvp(fn, (X,), (X,))[1])
    assert float(da.lift(package.loop)(da.Dual(X, np.ones(3)))[0].tangent) < 0


def test_threads(package):
    fn = da.lift(package.classes)
    expected = da.grad(fn)(X)
    fresh, found = da.lift(package.classes), []
    barrier = threading.Barrier(4)

    def work():
        barrier.wait()
        found.extend(da.grad(fresh)(X) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    for each in found:
        np.testing.assert_array_equal(each, expected)


POINTS = {
    "acos": (0.3,), "acosh": (1.7,), "asin": (0.3,), "atan": (0.3,), "atan2": (0.3, 1.2),
    "atanh": (0.3,), "copysign": (0.3, -1.0), "dist": ([0.3, 1.0], [2.0, 0.7]), "fmod": (5.3, 1.2),
    "fsum": ([0.3, 1.2],), "hypot": (0.3, 1.2, 0.7), "ldexp": (0.3, 2), "log": (2.3, 1.7),
    "pow": (2.3, 1.7), "prod": ([0.3, 1.2],), "remainder": (5.3, 1.2), "sumprod": ([0.3, 1.2],) * 2,
    "frexp": (5.3,), "modf": (5.3,), "log1p": (0.3,), "fma": (0.3, 1.2, 2.0), "rect": (0.3, 1.2),
    "nextafter": (0.3, 1.0), "phase": (0.3,), "polar": (0.3,),
}  # fmt: skip
UNCHANGED = {"comb", "factorial", "gcd", "isqrt", "lcm", "perm", "nextafter", "ulp"}


@pytest.mark.parametrize(
    "function", [f for f in FUNCTIONS if f.__name__ not in PLAIN | UNCHANGED | SPECIAL.keys()],
    ids=lambda f: f"{f.__module__}.{f.__name__}",
)  # fmt: skip
def test_functions_of_math(function):
    args = POINTS.get(function.__name__, (0.6,))

    def fn(*given):
        out = FUNCTIONS[function](*given)
        parts = list(out) if isinstance(out, tuple) else [out]
        return [part for z in parts for part in (np.real(z), np.imag(z)) if not isinstance(z, int)]

    count = sum(isinstance(arg, (float, list)) for arg in args)
    check_grads(lambda *given: fn(*given, *args[count:]), *args[:count])
    plain = function(*args)
    found = da.value_and_grad(fn, argnums=tuple(range(count)))(*args)[0]
    whole = list(plain) if isinstance(plain, tuple) else [plain]
    flat = [part for z in whole for part in (np.real(z), np.imag(z)) if not isinstance(z, int)]
    np.testing.assert_allclose(found, flat, rtol=4e-16)


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "isfinite", "isnan", "isinf"])
def test_piecewise_constant_functions_of_math(name):
    function = getattr(math, name)
    kinds = []

    def fn(x):
        kinds.append(type(FUNCTIONS[function](x)))
        return x * FUNCTIONS[function](x)

    assert da.grad(fn)(2.3) == function(2.3)
    assert kinds == [type(function(2.3))]


@pytest.mark.parametrize(("function", "value"), [
    (math.sqrt, -1.0), (math.log, 0.0), (math.exp, 1e6), (math.acos, 2.0), (math.sin, math.inf),
])  # fmt: skip
def test_functions_of_math_raise_what_they_raise(function, value):
    with pytest.raises((ValueError, OverflowError)) as expected:
        function(value)
    with pytest.raises(type(expected.value)):
        da.grad(FUNCTIONS[function])(value)


@pytest.mark.parametrize("bad", [np.ones(2), np.ones((1, 2))])
def test_arrays_are_no_numbers(bad):
    def fn(x):
        return float(x) + math.sin(x)

    with pytest.raises(TypeError, match=r"length-1|0-dimensional"):
        da.grad(da.lift(fn))(bad)


def test_code_that_cannot_be_followed_raises():
    def fn(x):
        return np.asarray(memoryview(x))

    with pytest.raises(TypeError):
        da.grad(da.lift(fn))(X)


def test_types_stay_what_they_are_where_they_are_not_called():
    def fn(x):
        kinds = {float: 2.0, int: 3.0}
        assert np.zeros(1, dtype=float).dtype == np.float64
        assert float is float
        assert [float][0]("1.5") == float("1.5") == 1.5
        assert float(3) == 3.0
        assert float is float
        assert type("C", (), {})().__class__.__name__ == "C"
        assert complex(1, 2) == 1 + 2j
        assert isinstance(True, int)
        return x * kinds[type(x[0])] * kinds[float]

    assert da.grad(da.lift(fn))(X).tolist() == [4.0, 4.0, 4.0]


def test_many_names():
    """The code of a function with more names than fit a byte keeps its meaning."""
    names = "\n".join(f"    v{i} = np.pi" for i in range(5)) + "\n"
    names += "\n".join(f"    x.a{i} if x is None else 0" for i in range(300))
    scope = {"np": np, "math": math}
    exec(f"def fn(x):\n{names}\n    return math.sin(x) + v4", scope)
    assert da.grad(da.lift(scope["fn"]))(0.0) == 1.0
    exec(f"def bad(x):\n{names}\n    return float(x)", scope)
    try:
        found = da.grad(da.lift(scope["bad"]))(0.0)
    except TracedToFloatError:
        found = 1.0  # loud at least
    assert found == 1.0


SCIPY = pytest.mark.parametrize(("name", "x"), [
    ("optimize.rosen", X), ("optimize.rosen_der", X), ("spatial.distance.cosine", X),
    ("signal.windows.general_cosine", X), ("stats.norm.logpdf", X), ("stats.cauchy.pdf", X),
    ("stats.gmean", X), ("stats.skew", X), ("stats.zscore", X), ("stats.kurtosis", X),
    ("integrate.trapezoid", X), ("integrate.simpson", X),
])  # fmt: skip


@SCIPY
def test_functions_of_scipy(name, x):
    module, _, rest = name.partition(".")
    fn = importlib.import_module(f"scipy.{module}")
    for part in rest.split("."):
        fn = getattr(fn, part)
    if name.endswith("cosine") and "distance" in name:
        check_grads(lambda x: da.lift(fn)(x, x * x), x)
    elif "windows" in name:
        check_grads(lambda x: da.lift(fn)(5, x), x)
    else:
        check_grads(da.lift(fn), x)


class Rate:
    """What a function may hold, to be changed after it was lifted."""

    def __init__(self, value):
        self.value = value

    def times(self, x):
        """Return `x`, multiplied."""
        return self.value * float(x)


def holder():
    """Return a function that uses what it holds in many ways, and a change of each of them."""
    rate, table, scales, inner = Rate(2.0), {"k": 2.0}, [2.0], lambda x: 2.0 * x
    held = {"rate": Rate(2.0)}
    shared, factor, half = Rate(2.0), 2.0, partial(Rate.times, Rate(2.0))

    class Holder:
        table = {"k": 2.0}  # noqa: RUF012
        factor = 2.0
        rate = Rate(2.0)

        def times(self, x, other=shared, *, named=held):
            x = self.table["k"] * self.factor * self.rate.times(x)
            return other.times(x) * named["rate"].value

        def factor_times(self, x):
            return self.factor * x

    def by_default(x, rate=shared, scales=scales):
        return rate.times(x) * scales[0]

    def by_option(x, *, rate=shared):
        return rate.times(x)

    def by_number(x, *, rate=2.0):
        return rate * x

    def fn(x):
        x = inner(rate.times(x)) * table["k"] * factor * fn.factor * half(1.0)
        return by_default(x) * by_option(1.0) * GLOBALS.times(1.0) * by_number(holding.times(1.0))

    def rebind():
        nonlocal inner, factor, rate
        inner, factor, rate = (lambda x: 3.0 * x), 3.0, Rate(5.0)

    fn.factor, holding = 2.0, Holder()
    return fn, {
        "object": lambda: setattr(rate, "value", 3.0),
        "dict": lambda: table.update(k=3.0),
        "list": lambda: scales.append(scales.pop() + 1.0),
        "default": lambda: setattr(shared, "value", 3.0),
        "defaults": lambda: setattr(by_default, "__defaults__", (Rate(7.0), [1.0])),
        "option": lambda: setattr(by_option, "__kwdefaults__", {"rate": Rate(7.0)}),
        "options": lambda: by_option.__kwdefaults__.update(rate=Rate(9.0)),
        "number": lambda: by_number.__kwdefaults__.update(rate=3.0),
        "partial": lambda: setattr(half.args[0], "value", 3.0),
        "rebound": rebind,
        "attribute": lambda: setattr(fn, "factor", 3.0),
        "of a class": lambda: setattr(Holder, "factor", 3.0),
        "in a class": lambda: Holder.table.update(k=3.0),
        "object in a class": lambda: setattr(Holder.rate, "value", 3.0),
        "named": lambda: Holder.times.__kwdefaults__["named"].update(rate=Rate(3.0)),
        "method": lambda: setattr(Holder, "times", Holder.factor_times),
        "global": lambda: setattr(GLOBALS, "value", GLOBALS.value + 1.0),
    }


GLOBALS = Rate(2.0)


@pytest.mark.parametrize("what", holder()[1])
def test_what_changes_after_lifting_is_seen(what):
    fn, changes = holder()
    gradient = da.grad(da.lift(fn))
    before = gradient(1.0), fn(1.0)
    changes[what]()
    after = gradient(1.0), fn(1.0)
    assert before[0] == pytest.approx(before[1])
    assert after[0] == pytest.approx(after[1])
    assert before[1] != after[1]


def doubled(x):
    return 2.0 * x


def tripled(x):
    return 3.0 * x


def test_another_function_under_the_same_name_is_seen(monkeypatch):
    gradient = da.grad(da.lift(lambda x: doubled(float(x))))
    assert gradient(1.0) == 2.0
    monkeypatch.setitem(globals(), "doubled", tripled)
    assert gradient(1.0) == 3.0


def test_another_function_in_a_closure_is_seen():
    inner = doubled
    gradient = da.grad(da.lift(lambda x: inner(float(x))))
    assert gradient(1.0) == 2.0
    inner = tripled
    assert gradient(1.0) == 3.0


def test_other_defaults_are_seen():
    def times(x, factor=2.0):
        return factor * float(x)

    gradient = da.grad(da.lift(times))
    assert gradient(1.0) == 2.0
    times.__defaults__ = (3.0,)
    assert gradient(1.0) == 3.0


count = 0


def counted(x):
    global count
    count += 1
    Rate.last = x
    counted.last = x
    return count * float(x)


def remembering():
    """Return two functions that share what the first stores."""
    last, scale = 1.0, doubled

    def store(x):
        nonlocal last, scale
        last, scale = x * last, tripled
        return look()

    def look():
        return scale(last)

    return store, look


@pytest.mark.parametrize("read_first", [False, True])
def test_what_closures_store_is_gone_after_the_call(read_first):
    store, look = remembering()
    gradient = da.grad(da.lift(lambda x: look() * read_first + store(float(x))))
    assert [gradient(2.0), gradient(2.0), look()] == [3.0, 3.0, 2.0]


def test_what_copied_code_stores_is_gone_after_the_call():
    counted.last = Rate.last = None
    gradient = da.grad(da.lift(counted))
    assert [gradient(1.0), gradient(1.0)] == [1.0, 1.0]
    assert (count, Rate.last, counted.last) == (0, None, None)


class Registered(type):
    """A metaclass with a list of the classes that it made."""

    made = []  # noqa: RUF012

    def __init__(cls, name, bases, names):
        super().__init__(name, bases, names)
        Registered.made.append(name)

    @property
    def power(cls):
        """The exponent."""
        return cls.exponent


class Curve(metaclass=Registered):
    """A class of that metaclass."""

    exponent = 2

    def __init__(self, scale):
        self.scale = float(scale)

    def __call__(self, x):
        """Return a power."""
        return self.scale * math.pow(x, type(self).power)


class Cubic(Curve):
    """Another class of that metaclass."""

    exponent = 3


def test_classes_of_a_metaclass_are_copied_and_it_is_not_told():
    made = list(Registered.made)
    check_grads(da.lift(lambda x: Curve(x[0])(x[1]) + Cubic(x[1])(x[2])), X)
    assert Registered.made == made


class Single(type):
    """A metaclass whose classes have one instance each."""

    found = {}  # noqa: RUF012

    def __call__(cls, *args):
        """Return the one instance."""
        return cls.found.setdefault(cls, super().__call__(*args))


class Only(metaclass=Single):
    """A class of one instance."""

    def __init__(self):
        self.value = 2.0


def test_the_instance_of_a_class_that_keeps_it_stays_the_only_one():
    only = Only()
    assert da.grad(da.lift(lambda x: Only().value * float(x)))(1.0) == 2.0
    assert Single.found == {Only: only}


class Nothing:
    """The class of a mark, which is in a table, too."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


NOTHING = Nothing("nothing")
MEANING = {"mark": NOTHING, NOTHING: 2.0}
MARKS = {NOTHING}


def marked(x, mark=NOTHING):
    if mark is not MEANING["mark"] or mark not in MARKS or mark is not NOTHING:
        raise TypeError(mark)
    return MEANING[mark] * float(x)


def test_marks_stay_the_same_from_call_to_call():
    gradient = da.grad(da.lift(marked))
    assert [gradient(1.0), gradient(1.0)] == [2.0, 2.0]


class Cyclic:
    """A class that holds an instance of its own, and whose hash needs what is copied late."""

    def __init__(self, name):
        self.name = name
        table = {self: name}
        del self.name
        self.table, self.name = table, name

    def __hash__(self):
        return hash(self.name)

    def __eq__(self, other):
        return self.name == other.name


Cyclic.first = Cyclic("a")
CYCLIC = Cyclic("b")


def test_objects_that_hold_themselves():
    fn = lambda x: len(CYCLIC.table) * len(Cyclic.first.name) * float(x)
    assert da.grad(da.lift(fn))(1.0) == 1.0


def test_object_arrays_without_traced_values_stay_arrays():
    fn = lambda x: x * (np.result_type(np.array([None]), float).kind == "O")
    assert da.grad(da.lift(fn))(3.0) == 1.0


def test_flat_elements_compare():
    fn = lambda x: np.sum(x) * (x.flat != 0).sum() * any(x.flat == 2.6)
    np.testing.assert_array_equal(da.grad(fn)(X), [3.0, 3.0, 3.0])


def test_a_view_of_the_same_type_is_allowed():
    fn = lambda x: np.sum(x.view(float) * x.view(np.float64) * x.view(x.dtype))
    np.testing.assert_allclose(da.grad(fn)(X), 3 * X**2)
    with pytest.raises(DualadError, match="view"):
        da.grad(lambda x: np.sum(x.view(np.float32)))(X)


def test_arrays_say_that_they_are_array_like():
    fn = lambda x: x[0] * hasattr(x, "__array__") + x[1] * hasattr(x, "__array_interface__")
    np.testing.assert_array_equal(da.grad(da.lift(fn))(X), [1.0, 1.0, 0.0])


@singledispatch
def scaled(x):
    raise TypeError(type(x))


@scaled.register
def _(x: float):
    return math.sin(x)


@scaled.register
def _(x: np.ndarray):
    return np.asarray(x, dtype=float) ** 2


class Dispatching:
    """A class whose methods are made by Python's own decorators."""

    def power(self, x, exponent):
        """Return a power."""
        return math.pow(x, exponent)

    cube = partialmethod(power, exponent=3.0)

    @singledispatchmethod
    def kind(self, x):
        """Return something that goes by the type."""
        raise TypeError(type(x))

    @kind.register
    def _(self, x: float):
        return math.exp(x)


@pytest.mark.parametrize("plain_first", [False, True])
def test_functions_that_go_by_the_type(plain_first):
    fn = lambda x: scaled(float(x[0])) * scaled(x) + Dispatching().kind(float(x[1]))
    if plain_first:
        fn(X)
    check_grads(da.lift(fn), X)
    assert type(fn(X)) is np.ndarray  # what was remembered of it is as before
    known = dict(vars(scaled)["__wrapped__"].__globals__)["scaled"].dispatch(float)
    assert known.__globals__ is globals()


def test_methods_that_are_partly_given():
    assert da.grad(da.lift(lambda x: Dispatching().cube(x)))(2.0) == 12.0


class Totals(dict):
    """A dict with a method."""

    def total(self):
        """Return the sum."""
        return sum(float(x) for x in self.values())


class Pile(list):
    """A list with a method."""

    def total(self):
        """Return the sum."""
        return math.fsum(float(x) for x in self)


TOTALS, PILE, NAMESPACE = Totals(a=1.0), Pile([1.0]), types.SimpleNamespace(a=1.0)
COUNTER, WEAK = collections.Counter(a=1.0), weakref.WeakKeyDictionary({Totals: 1.0})


def test_collections_of_other_classes_are_those_of_the_call():
    def fn(x):
        TOTALS["x"] = x[0]
        PILE.append(x[1])
        NAMESPACE.x = x[2]
        COUNTER["x"] += float(x[0])
        WEAK[Pile] = x[1]
        return TOTALS.total() * PILE.total() * NAMESPACE.x * COUNTER["x"] * WEAK[Pile]

    gradient = da.grad(da.lift(fn))
    np.testing.assert_array_equal(gradient(X), gradient(X))
    assert (dict(TOTALS), list(PILE), vars(NAMESPACE)) == ({"a": 1.0}, [1.0], {"a": 1.0})
    assert (dict(COUNTER), dict(WEAK)) == ({"a": 1.0}, {Totals: 1.0})
    a, b, c = X
    want = [(2 * a + 1) * (1 + b) * c * b, (a + a * a) * (1 + 2 * b) * c, (a + a * a) * (b + b * b)]
    np.testing.assert_allclose(gradient(X), want)


@pytest.mark.parametrize("name", ["fsum", "prod"])
def test_sequences_given_to_math_may_be_arrays(name):
    fn = getattr(math, name)
    check_grads(da.lift(lambda x: fn(x) + math.dist(x, [1.0, 2.0, 3.0])), X)


def test_code_of_pandas_stays_as_it_is():
    module = types.ModuleType("pandas")
    exec("def twice(x):\n    return 2.0 * float(x)", vars(module))
    assert module.twice(1.0) == 2.0
    with pytest.raises(TracedToFloatError):
        da.grad(da.lift(lambda x: module.twice(x)))(1.0)


def test_compiled_code_that_got_a_traced_value_is_named():
    with pytest.raises(TypeError) as error:
        da.grad(da.lift(lambda x: compiled(x, x)))(X)
    assert "_kendall_dis is compiled code without a row" in error.value.__notes__[-1]
    with pytest.raises(TypeError) as error:
        da.grad(da.lift(lambda x: np.sum(x) * compiled("no", "arrays")))(X)
    assert not hasattr(error.value, "__notes__")


def test_compiled_code_that_takes_objects_for_numbers_raises():
    filtered = pytest.importorskip("scipy.ndimage._nd_image").correlate1d

    def fn(width):
        weights, out = np.exp(-width * np.arange(3.0)), np.zeros(5)
        filtered(np.ones(5), weights, 0, out, 0, 0.0, 0)
        return np.sum(out)

    assert fn(0.5) > 0
    with pytest.raises(MissingRowError, match="correlate1d"):
        da.grad(da.lift(fn))(0.5)


def test_copies_of_numbers_that_were_broadcast_can_be_written_to():
    def fn(x):
        out, x = np.broadcast_arrays(1.0, x)
        out, other = out.copy(), np.broadcast_to(2.0, 3).copy()
        out[x > 1.0] = x[x > 1.0] ** 2
        other[0] = x[1]
        return out * x * other

    check_grads(da.lift(fn), X)


def test_threads_do_not_share_the_objects_of_a_call():
    class Counting:
        def __init__(self):
            self.calls = []

        def __call__(self, x, other=GLOBALS):
            self.calls.append(x)
            return len(self.calls) * other.times(x)

    def run(gradient, start, found):
        start.wait()
        found.append(float(gradient(1.0)))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(40):
            count, found, start = Counting(), [], threading.Barrier(6)
            gradient = da.grad(da.lift(lambda x, count=count: count(float(x))))
            threads = [
                threading.Thread(target=run, args=(gradient, start, found)) for _ in range(6)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert found == [GLOBALS.value] * 6
    finally:
        sys.setswitchinterval(interval)
