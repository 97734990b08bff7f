"""What a callable's code does besides arithmetic is read from it, whatever its calls show."""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
import pytest
from scipy import special
from scipy.special import erf

import autodiff as ad
from codegen import compile_gradient
from tests.adversary.callables import callables
from verify import Verdict, verify_gradient
from verify.answer.reasons import Reason
from verify.subjects.observed import observed

WEIGHTS, FACTORS, SWITCHED = np.ones(3), [2.0], True


def powers(x: Any, count: int = 3) -> Any:
    """A helper with a loop."""
    return sum(x**k for k in range(count))


def described(x: Any) -> Any:
    """10 % of a number, twenty times."""
    return 20 * 0.1 * x


class Model:
    """Holds numbers, changes none."""

    def __init__(self) -> None:
        self.scale = 2.0

    def scaled(self, x: Any) -> Any:
        """Of a number."""
        return self.scale * x

    def __call__(self, x: Any) -> Any:
        return self.scaled(x)


def filling(x: Any) -> Any:
    """Stores into an array of its own, beside a global one."""
    result = [0.0]
    result[0] = 2 * x * WEIGHTS[0]
    return result[0]


def nested(x: Any) -> Any:
    """A function inside, that reads what is around it."""
    factor = 2.0

    def inner(y: Any) -> Any:
        return factor * y

    return inner(x)


PLAIN: list[Callable[..., Any]] = [
    lambda x: 2 * x,
    lambda x: FACTORS[0] * x * WEIGHTS[1],
    lambda x: ad.sin(x) * 0.0 + 2 * x + 0.0 * np.cos(x) * math.pi,
    lambda x: powers(x, 2) + x - 1,
    described,
    lambda x: np.r_[2 * x, 1.0][0] + 0.0 * special.erf(x) + 0.0 * erf(x),
    lambda x: 2 * x if SWITCHED else x,
    lambda x: Model().scaled(x),
    Model(),
    Model().scaled,
    functools.partial(lambda a, x: a * x, 2.0),
    filling,
    nested,
]


@pytest.mark.parametrize("gradient", PLAIN)
def test_plain_code_is_proven_by_its_trace(gradient: Any) -> None:
    """Arithmetic, helpers, constants, objects that only hold numbers: nothing is in doubt."""
    assert observed(gradient).why == ""
    report = verify_gradient(lambda x: x * x, 1.25, gradient=gradient)
    assert report.verdict is Verdict.PROVED, report


def test_our_own_gradients_are_plain() -> None:
    """What this library made is what it says, and so are its public functions."""
    compiled = compile_gradient(lambda x: x * x, 1.0)
    assert observed(compiled).why == "" == observed(ad.sin).why == observed(np.sin).why
    for public in (ad.grad, ad.value_and_grad, ad.evaluate, ad.where, ad.grad(lambda x: x * x)):
        assert observed(public).why == ""


def test_a_module_cannot_call_itself_ours() -> None:
    """A function whose globals carry one of our names, and that is none of ours, is read."""
    space: dict[str, Any] = {"__name__": "autodiff.errors"}
    exec("def f(x):\n    global n\n    n = x\n    return 2 * x", space)
    assert observed(space["f"]).why == "f stores into a global name (n)"


def test_functions_of_numpy_are_plain_under_any_name() -> None:
    """As imports give them; what NumPy makes of a user's function is not."""
    norm, total, own = np.linalg.norm, np.sum, np.vectorize(lambda x: x)
    assert observed(lambda x: norm(x) + total(x)).why == ""
    assert "uses" in observed(lambda x: 2.0 * own(x)).why
    imitation = np.vectorize(lambda x: x)
    imitation.__name__, imitation.__module__ = "norm", "numpy.linalg"
    assert "uses" in observed(lambda x: 2.0 * imitation(x)).why


def test_code_inside_is_read_with_its_globals() -> None:
    """A comprehension may use what its module holds, and what it uses is looked at."""
    assert observed(lambda v: sum(np.sin(v[i]) * WEIGHTS[i] for i in range(3))).why == ""

    def by_frames(v: Any) -> Any:
        return [2 * x if sys._getframe(1) else x for x in v]

    assert observed(by_frames).why.endswith("uses the module sys")


def test_no_number_of_calls_is_waited_out() -> None:
    """A callable that is right a million times is not PROVED: its code shows that it counts."""
    waiting = {
        name: g
        for name, g in callables()
        if ("count" in name or "signs" in name) and "vectorized" not in name
    }
    assert len(waiting) >= 10
    for name, gradient in waiting.items():
        report = verify_gradient(lambda x: x * x, 1.25, gradient=gradient)
        assert report.verdict not in (Verdict.PROVED, Verdict.CERTIFIED), name
        if report.verdict is not Verdict.REFUTED and report.facts["form"] == "callable":
            said = [e.says(Reason.NOT_SHOWN) or e.says(Reason.UNTRACEABLE) for e in report.entries]
            assert all(said), f"{name}\n{report}"


def test_the_report_names_what_is_in_doubt() -> None:
    """Which of its functions does what."""

    def typed(x: Any) -> Any:
        return 2 * x if isinstance(x, object) else x

    report = verify_gradient(lambda x: x * x, 1.25, gradient=typed)
    assert report.verdict is Verdict.CERTIFIED_NUMERIC
    assert "shown for its trace and the calls made: typed uses isinstance" in str(report)


IS_A, TELLS = isinstance, [np.isscalar]


class Rows(enumerate):  # type: ignore[type-arg]
    """An iterator, which keeps how far it got where nobody sees it."""


def next_of(rows: Any) -> int:
    """How often it was asked."""
    for i, _ in rows:
        return int(i)
    return 0


def _matched(x: Any) -> Any:
    match x:
        case float():
            return 7 * x if 3.70001 < x < 3.70002 else 2 * x
    return 2 * x


FORM = "%s"
ROWS, CLASS_OF = Rows([0.0] * 10**4), "{0.__class__}"

READ: dict[str, Callable[..., Any]] = {
    "uses isinstance, whose code cannot be read": lambda x: (
        7 * x if IS_A(x, float) and x > 1e7 else 2 * x
    ),
    "isscalar uses isinstance": lambda x: 7 * x if TELLS[0](x) and x > 1e7 else 2 * x,
    "uses .isscalar": lambda x: 7 * x if np.isscalar(x) and x > 1e7 else 2 * x,
    "uses .setbufsize": lambda x: 2 * x + 0 * np.setbufsize(np.getbufsize() + 16),
    "uses the module sys": lambda x: 2 * x if sys._getframe(1) else x,
    "uses next": lambda x: 2 * x * next(iter([1.0])),
    "compares by is": lambda x: 2 * x if x is not WEIGHTS else x,
    "uses .format": lambda x: 7 * x if CLASS_OF.format(x)[8:13] == "float" else 2 * x,
    "a text with %, which numbers may be written by": lambda x: 2 * x + len("%s" % [1]),
    "has a text with %, which numbers may be written by": lambda x: 2 * x + len(FORM % [1]),
    "asks for a class": _matched,
    "uses Rows, whose code cannot be read": lambda x: 2 * x if next_of(ROWS) < 100 else 5 * x,
}


@pytest.mark.parametrize("why", READ)
def test_what_may_keep_or_tell_something_is_named(why: str) -> None:
    """Settings of NumPy, frames, iterators and identities are no arithmetic."""
    assert observed(READ[why]).why.endswith(why)


COUNTED = np.ones(1)


class Counting(float):
    """A number that counts its products."""

    def __mul__(self, x: Any) -> Any:
        COUNTED[0] += 1
        return 2.0 * x

    @property
    def two(self) -> float:
        """Two, for a while."""
        return float(self * 1.0)


class Counter:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Any) -> Any:
        self.calls += 1
        return 2.0 * x


class Asked(Counter):
    """Counts how often it is asked for."""

    def __get__(self, owner: Any, kind: Any) -> float:
        return float(self(1.0))


class Holder:
    """Has it as a product, as an attribute, and as a default value."""

    __mul__ = Counter()
    two = Asked()
    more = staticmethod(lambda c=[0]: c.__setitem__(0, c[0] + 1) or 2.0)

    @property
    def counted(self) -> float:
        """Two."""
        COUNTED[0] += 1
        return 2.0


class Derived(Counter):
    """Counts as what it is derived from does."""


class ByClass:
    """A list of a class, and a function that fills it."""

    calls: ClassVar = [0]

    @staticmethod
    def more() -> float:
        """Two."""
        ByClass.calls.append(0)
        return 2.0


class OfClass(ByClass):
    """Has both by its parent."""


class Hiding(list):  # type: ignore[type-arg]
    """A list that seems to be empty."""

    def __iter__(self) -> Any:
        return map(abs, [])

    def more(self) -> float:
        """Two."""
        self[0] = self[0] + 1
        return 2.0


class HidingItems(dict):  # type: ignore[type-arg]
    """A dict that seems to be empty."""

    def items(self) -> Any:
        return ()


def _with_attributes(x: Any) -> Any:
    _with_attributes.calls.append(0)  # type: ignore[attr-defined]
    return 2.0 * x


_with_attributes.calls = []  # type: ignore[attr-defined]
PARTIAL = functools.partial(abs)
PARTIAL.calls = []  # type: ignore[attr-defined]
math.calls_of_tests = []  # type: ignore[attr-defined]
POLYNOMIAL, HIDING, HIDING_ITEMS = np.poly1d([1.0]), Hiding([0]), HidingItems(calls=0)
HOLDER, NUMBER = Holder(), Counting(2.0)
NOT_NUMPY = ModuleType("numpy")
NOT_NUMPY.__getattr__ = lambda name: 2.0  # type: ignore[method-assign]


class Beginning:
    """Counts where its objects begin, in one way of many."""

    made, hits = 0, [0]
    kept: ClassVar[list[Any]] = []

    def __init__(self, way: str, log: list[int] = []) -> None:  # noqa: B006
        self.way = way
        if way == "class":
            Beginning.made += 1
        elif way == "log":
            self.log = log
            self.log.append(0)
        elif way == "setter":
            self.counted = 1
        elif way == "kept":
            Beginning.kept.append(self)

    @property
    def counted(self) -> int:
        """How often it was set."""
        return Beginning.hits[0]

    @counted.setter
    def counted(self, more: int) -> None:
        Beginning.hits[0] += more

    def slope(self, x: Any) -> Any:
        """Of a square."""
        return 2 * x


class Another:
    """Changes an object that was there before, as if it were its own."""

    kept = Model()

    def __init__(self) -> None:
        self = Another.kept  # noqa: PLW0642
        self.scale = self.scale + 1.0  # type: ignore[attr-defined]


BEGUN = Model()
VECTORIZED = np.vectorize(lambda x: 2 * x)

COUNTING: list[Callable[..., Any]] = [
    lambda x: Beginning("class").slope(x),
    lambda x: Beginning("log").slope(x),
    lambda x: Beginning("setter").slope(x),
    lambda x: Beginning("kept").slope(x),
    lambda x: 2 * x if Another() else x,
    lambda x: 2 * x if BEGUN.__init__() is None else x,  # type: ignore[misc]
    lambda x: 1.0 * VECTORIZED(x),
    lambda x: NUMBER * x,
    lambda x: NUMBER.two * x,
    lambda x: HOLDER * x,
    lambda x: HOLDER.two * x,
    lambda x: HOLDER.more() * x,
    lambda x: HOLDER.counted * x,
    lambda x: NOT_NUMPY.two * x,
    functools.partial(lambda c, x: 2 * x + 0 * len(c.append(1) or c), []),
    lambda x: 2 * x if np.copyto(COUNTED, COUNTED + 1) is None else x,
    _with_attributes,
    lambda x: 2 * x if PARTIAL.calls.append(0) is None else x,  # type: ignore[attr-defined]
    lambda x: 2 * x if math.calls_of_tests.append(0) is None else x,  # type: ignore[attr-defined]
    lambda x: Derived()(x) * 1.0,
    lambda x: OfClass.more() * x,
    lambda x: 2 * x if OfClass.calls.append(0) is None else x,  # type: ignore[func-returns-value]
    lambda x: 2 * x if POLYNOMIAL.__setitem__(POLYNOMIAL.order + 1, 1.0) is None else x,
    lambda x: HIDING.more() * x,
    lambda x: 2 * x if HIDING_ITEMS.update(calls=HIDING_ITEMS["calls"] + 1) is None else x,
]


@pytest.mark.parametrize("gradient", COUNTING)
def test_what_counts_is_in_doubt(gradient: Any) -> None:
    """Wherever it does so: in an operator, an attribute, a default value or NumPy's memory."""
    seen = observed(gradient)
    before = seen.now()
    gradient(1.0)
    assert seen.why or seen.now() != before
