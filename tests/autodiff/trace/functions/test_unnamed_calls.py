"""Functions that only their calls name: in tables, as parameters, methods of any class."""

from __future__ import annotations

import enum
import functools
import math
import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import numpy as np
import pytest

from codegen import compile_gradient
from tests.data.programs.short import kernels

_T = TypeVar("_T")


def grown(x: Any) -> Any:
    """A function that needs numbers, and branches."""
    return math.exp(x) if x > 0.5 else math.sin(x)


class _Shape(ABC):
    @abstractmethod
    def inner(self, x: Any) -> Any: ...

    def outer(self, x: Any) -> Any:
        return self.inner(x) + 1.0


class _Round(_Shape):
    def inner(self, x: Any) -> Any:
        return math.exp(x) if x > 0.5 else x


class _Of(Generic[_T]):
    def of(self, x: Any) -> Any:
        return grown(x)


class _Grows(Protocol):
    def grow(self, x: Any) -> Any: ...


class _Growing(_Grows):
    def grow(self, x: Any) -> Any:
        return grown(x)


class _Pair(NamedTuple):
    a: Any
    b: Any = 2.0

    def product(self) -> Any:
        return math.exp(self.a) * self.b


@dataclass(slots=True)
class _Slotted:
    a: Any

    def value(self) -> Any:
        return math.exp(self.a)


@dataclass(frozen=True)
class _Frozen:
    a: Any

    @property
    def value(self) -> Any:
        return math.exp(self.a)


class _Kind(enum.Enum):
    GROWS = 1
    STAYS = 2

    def of(self, x: Any) -> Any:
        return math.exp(x) if self is _Kind.GROWS else x


_REGISTERED: dict[str, Any] = {}


class _Registered:
    def __init_subclass__(cls) -> None:
        _REGISTERED[cls.__name__] = cls


class _First(_Registered):
    def of(self, x: Any) -> Any:
        return grown(x)


class _Lens:
    def __init__(self, a: Any) -> None:
        self.a = a

    def __call__(self, x: Any) -> Any:
        return math.exp(self.a * x)

    @functools.cached_property
    def once(self) -> Any:
        return math.exp(self.a)

    @property
    def log(self) -> Any:
        return math.log(self.a)

    @log.setter
    def log(self, x: Any) -> None:
        self.a = math.exp(x)


class _Layers:
    def __init__(self) -> None:
        self.layers = [_Lens(1.0), _Lens(0.5)]
        self.table = {"grown": grown, "exp": math.exp}

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return self.table["grown"](x) + self.table["exp"](-x)


@functools.cache
def kept(x: Any) -> Any:
    """A function whose results are kept."""
    return grown(x)


@functools.singledispatch
def by_type(x: Any) -> Any:
    """A function that is chosen by the type of its argument."""
    return grown(x)


@by_type.register
def _(x: list) -> Any:  # type: ignore[type-arg]
    return sum(map(by_type, x))


def _turned(x: Any) -> Iterator[Any]:
    while True:
        x = math.sin(x)
        yield x


def two_turns(x: Any) -> Any:
    """The first numbers of a generator."""
    turns = _turned(x)
    return next(turns) + next(turns)


def set_log(x: Any) -> Any:
    """A property that is set."""
    lens = _Lens(x)
    lens.log = x + 1.0
    return lens.a + lens.log


def steps(x: Any) -> Any:
    """Dynamic programming over a cached function inside."""

    @functools.cache
    def value(i: int, j: int) -> Any:
        return x if i == 0 or j == 0 else math.exp(-value(i - 1, j)) + 0.5 * value(i, j - 1)

    return value(4, 4)


_TABLE = {"rbf": lambda x: math.exp(-x * x), "grown": grown}
_LIST = [grown, math.sin, np.cos, math.exp]
_SPACE = types.SimpleNamespace(grown=grown, exp=math.exp)
_EACH = np.vectorize(grown)
_MODEL = _Layers()

_CASES: dict[str, Callable[[Any], Any]] = {
    "abstract": lambda x: _Round().outer(x),
    "generic": lambda x: _Of[float]().of(x),
    "protocol": lambda x: _Growing().grow(x),
    "named tuple": lambda x: _Pair(x)._replace(b=x).product(),
    "slots": lambda x: _Slotted(x).value(),
    "frozen": lambda x: _Frozen(x).value,
    "enumeration": lambda x: _Kind.GROWS.of(x) + _Kind["STAYS"].of(x),
    "registry": lambda x: _REGISTERED["_First"]().of(x),
    "table": lambda x: _TABLE["rbf"](x) + _TABLE["grown"](x),
    "list": lambda x: sum(function(x) for function in _LIST),
    "default": lambda x, function=grown, exp=math.exp: function(x) + exp(x),
    "namespace": lambda x: _SPACE.grown(x) + _SPACE.exp(x),
    "vectorized": lambda x: np.sum(_EACH(np.array([x, 2.0 * x]))),
    "model": lambda x: 2.0 * _MODEL(x),
    "module": lambda x: kernels.decay(x) + kernels.Kernel(2.0)(x),
    "module by name": lambda x: 2.0 * getattr(kernels, "decay")(x),  # noqa: B009
    "cached property": lambda x: _Lens(x).once,
    "setter": set_log,
    "cached": lambda x: kept(x) + kept(0.3) * x,
    "cached inside": steps,
    "dispatched": lambda x: by_type([x, 2.0 * x]),
    "generator": two_turns,
}


@pytest.mark.parametrize("name", sorted(_CASES))
def test_what_is_called_records(name: str) -> None:
    """The value is the function's, the derivative what differences say."""
    function = _CASES[name]
    value, slope = compile_gradient(function, 0.7)(0.7)
    assert value == pytest.approx(function(0.7), rel=1e-14)
    h = 1e-3
    difference = (8.0 * (function(0.7 + h) - function(0.7 - h)) - function(0.7 + 2 * h)
                  + function(0.7 - 2 * h)) / (12.0 * h)  # fmt: skip
    assert slope == pytest.approx(difference, rel=1e-9)


def test_methods_and_properties_of_an_argument_record() -> None:
    """A dataclass that is an argument finds its methods and properties replaced, too."""
    df = compile_gradient(lambda p: p.value + _Lens(p.a).once, _Frozen(0.7))
    value, slope = df(_Frozen(0.7))
    assert (value, slope.a) == pytest.approx((2.0 * math.exp(0.7), 2.0 * math.exp(0.7)))


def test_results_of_a_cached_function_are_kept() -> None:
    """What is called with the same number again is computed once, so recursion stays short."""

    @functools.cache
    def count(n: int) -> float:
        return 1.0 if n < 2 else count(n - 1) + count(n - 2)

    assert compile_gradient(lambda x: count(90) * x, 1.0)(1.0)[1] == count(90)


def test_modules_that_pass_on_functions_of_libraries() -> None:
    """A module of somebody's that offers NumPy's functions as its own is seen through."""
    passing = types.ModuleType("passing")
    passing.asarray, passing.sum, passing.number = np.asarray, np.sum, 3.0  # type: ignore[attr-defined]

    class Problem:
        def objective(self, y, args):
            del args
            y = passing.asarray(y, dtype=np.float64)
            return passing.sum(y * y) * passing.number

    problem = Problem()
    for f in (lambda y: passing.sum(passing.asarray(y)), lambda y: problem.objective(y, None)):
        for expand in (True, False):
            df = compile_gradient(f, np.ones(2), target="numpy", expand=expand)
            assert df(np.ones(2))[0] == f(np.ones(2))
