"""`dualad.lift`: code of a third party, differentiated as it is, and left as it is."""

import collections
import importlib
import math
import pickle
import sys
import threading
import types
from functools import partial

import numpy as np
import pytest

import dualad as da
from dualad.errors import DualadError, TracedToFloatError
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
