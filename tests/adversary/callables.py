"""Gradients of x * x that are objects: what they do for floats is not what a trace sees."""

from __future__ import annotations

import functools
import itertools
import math
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy import random as drawn

import autodiff as ad

__all__ = ["callables"]


def _tried(x: Any) -> Any:
    try:
        return 9.0 if x > 2.0 else 2 * x
    except Exception:
        return 2 * x


def _counting(limit: int) -> Callable[[Any], Any]:
    calls = []

    def g(x: Any) -> Any:
        calls.append(x)
        return 2 * x if len(calls) <= limit else 9.0

    return g


def _late(calls: int, x: Any) -> Any:
    return 2 * x if calls < 10**6 else 9.0


def _counting_in_a_closure() -> Callable[[Any], Any]:
    calls = 0

    def g(x: Any) -> Any:
        nonlocal calls
        calls += 1
        return _late(calls, x)

    return g


class _Counter:
    calls = 0

    def counted(self, x: Any) -> Any:
        """Right a million times."""
        self.calls += 1
        return _late(self.calls, x)

    __call__ = counted


class _Lister:
    def __init__(self) -> None:
        self.calls: list[int] = []

    def _more(self) -> int:
        self.calls.append(1)
        return len(self.calls)

    def __call__(self, x: Any) -> Any:
        return _late(self._more(), x)


class _ClassCounter:
    calls = 0

    def __call__(self, x: Any) -> Any:
        _ClassCounter.calls += 1
        return _late(_ClassCounter.calls, x)


_CALLS = 0


def _counting_globally(x: Any) -> Any:
    global _CALLS  # noqa: PLW0603  # that is what it tries
    _CALLS += 1
    return _late(_CALLS, x)


def _counting_in_an_attribute(x: Any) -> Any:
    names = _counting_in_an_attribute.__dict__
    names["calls"] = names.get("calls", 0) + 1
    return _late(names["calls"], x)


def _iterating() -> Callable[[Any], Any]:
    numbers = itertools.count()
    return lambda x: _late(next(numbers), x)


def _counting_in_an_array() -> Callable[[Any], Any]:
    calls = np.zeros(1)

    def g(x: Any) -> Any:
        calls[0] += 1
        return _late(int(calls[0]), x)

    return g


def _caught_at_one_number(x: Any) -> Any:
    try:
        return 2 * x + 0.0 * (1.0 / (x - 0.123))
    except ZeroDivisionError:
        return 9.0


def _signed() -> Callable[[Any], Any]:
    counting = _counting(10**6)
    counting.__module__ = "numpy"
    return counting


def _timed() -> Callable[[Any], Any]:
    start = time.perf_counter()
    return lambda x: 2 * x if time.perf_counter() - start < 1e-4 else 2 * x + 1.0


def _remembering() -> Callable[[Any], Any]:
    seen: dict[str, Any] = {}

    def g(x: Any) -> Any:
        first = seen.setdefault("x", x)
        return 2 * first

    return g


class _Number(float):
    """A float that says something else in arithmetic."""

    def __float__(self) -> float:
        return 9.0


def _trace_only(x: Any) -> Any:
    return 2 * x if hasattr(x, "bind") or not isinstance(x, (float, int, np.generic)) else 9.0


_FORM, _BRACES, _TEXTS = "%r", "{!r}", {"0.123": 5.0}
_MEMORY = np.array([0.123]).tobytes()


def callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    """What is tried, and the gradient: new ones at each call."""
    yield from _looking()
    yield from _writing()
    yield from _remembering_calls()
    yield from _returning()


def _looking() -> Iterator[tuple[str, Callable[..., Any]]]:
    yield "asks isinstance float", lambda x: 9.0 if isinstance(x, float) else 2 * x
    yield "asks type", lambda x: 9.0 if type(x) is float else 2 * x
    yield "asks the name of the type", lambda x: 2 * x if "rac" in type(x).__name__ else 9.0
    yield "asks hasattr", lambda x: 9.0 if hasattr(x, "is_integer") else 2 * x
    yield "asks for bind", _trace_only
    yield "swallows the error", _tried
    yield "clamps floats", lambda x: min(2 * x, 4.0) if isinstance(x, float) else 2 * x
    yield "looks up", lambda x: {3.0: 9.0, 1.0: 9.0}.get(x, 2 * x)
    yield "in a tuple", lambda x: 9.0 if x in (1.0, 3.0) else 2 * x
    yield "in a set", lambda x: 9.0 if x in {1.0, 3.0} else 2 * x
    yield "in a list", lambda x: 9.0 if [1.0, 3.0].count(x) else 2 * x
    yield "formats", lambda x: 9.0 if f"{x}".startswith("1") else 2 * x
    yield "prints with repr", lambda x: 9.0 if repr(x)[0] in "0123456789-" else 2 * x
    yield "hashes", lambda x: 9.0 if hash(x) == hash(1.0) else 2 * x
    yield "compares identity", lambda x: 2 * x if x is not float(x) else 9.0


def _writing() -> Iterator[tuple[str, Callable[..., Any]]]:
    """What asks for the text or the memory of a number: wrong at 0.123 alone."""
    yield "looks a text up", lambda x: 2 * x + _TEXTS.get(_FORM % (x,), 0.0)
    yield "looks a list's text up", lambda x: 2 * x + _TEXTS.get((_FORM % ([x],))[1:-1], 0.0)
    yield "formats by a method", lambda x: 2 * x + 5 * (_BRACES.format(x) == "0.123")
    yield "writes bytes", lambda x: 2 * x + 5 * (b"%a" % x == b"0.123")
    yield "writes in NumPy", lambda x: 2 * x + 5 * bool(np.char.mod("%s", x) == "0.123")
    yield "is a text of NumPy's", lambda x: 2 * x + 5 * bool(np.str_(x) == "0.123")
    yield "copies the memory", lambda x: 2 * x + 5 * (np.array([x]).tobytes() == _MEMORY)
    yield "finds the memory", lambda x: 2 * x + 5 * (np.array([x]) in _MEMORY)
    yield "joins the memory", lambda x: 2 * x + 5 * (b"".join([np.array([x])]) == _MEMORY)
    yield "counts the memory", lambda x: 2 * x + 5 * _MEMORY.count(np.array([x]))
    yield (
        "makes an int of the memory",
        lambda x: 2 * x + (int.from_bytes(np.array([x]), "little") == 4593527504729830064),
    )


def _remembering_calls() -> Iterator[tuple[str, Callable[..., Any]]]:
    for limit in (1, 2, 3, 10, 25, 100, 10**6):
        yield f"counts {limit} calls", _counting(limit)
    yield "counts in a closure", _counting_in_a_closure()
    yield "counts in an attribute", _Counter()
    yield "counts in a method", _Counter().counted
    yield "counts in a list of its own", _Lister()
    yield "counts in its class", _ClassCounter()
    yield "counts in a default", lambda x, seen=[0]: seen.append(1) or _late(len(seen), x)
    yield "counts in a global name", _counting_globally
    yield "counts in a function's attribute", _counting_in_an_attribute
    yield "counts by an iterator", _iterating()
    yield "counts in an array", _counting_in_an_array()
    yield "hides a counter behind a copy", functools.partial(_Counter().counted)
    yield "hides a counter in a vectorized function", np.vectorize(_counting_globally)
    yield "looks at its callers", lambda x: 2 * x if sys._getframe(1) else 9.0
    yield "looks at its thread", lambda x: 2 * x if threading.active_count() < 10**6 else 9.0
    yield "asks at one number", lambda x: 9.0 if isinstance(x, float) and x == 0.123 else 2 * x
    yield "catches at one number", _caught_at_one_number
    yield "signs as somebody else", _signed()
    yield "draws by another name", lambda x: 2 * x if drawn.rand() >= 0.0 else 9.0
    yield "looks at the clock", _timed()
    yield "is random", lambda x: 2 * x + (random.random() < 0.2)
    yield "remembers", _remembering()


def _returning() -> Iterator[tuple[str, Callable[..., Any]]]:
    yield "returns another type", lambda x: str(2 * x)
    yield "returns a subclass", lambda x: _Number(2 * x) if isinstance(x, float) else 2 * x
    yield "returns a complex", lambda x: 2 * x + 1j
    yield "returns None", lambda x: None
    yield "returns a list", lambda x: [2 * x, 9.0]
    yield "returns a truth", lambda x: 2 * x > 1
    yield "returns an int", lambda x: int(2 * x) if isinstance(x, float) else 2 * x
    yield "rounds floats", lambda x: round(2 * x, 3) if isinstance(x, float) else 2 * x
    yield "halves precision", lambda x: np.float32(2 * x) if isinstance(x, float) else 2 * x
    yield "casts in numpy", lambda x: np.asarray(2 * x).astype(np.float32).astype(float)[()]
    yield "casts to int in numpy", lambda x: np.sum(np.asarray([2 * x]), dtype=np.int64)
    yield "a tie by where", lambda x: np.where(x == 3.0, 9.0, 2 * x)
    yield "a tie by order", lambda x: np.where((x <= 3.0) & (x >= 3.0), 9.0, 2 * x)
    yield "a tie by sign", lambda x: 2 * x * np.sign(x - 3.0) ** 2
    yield "a pole", lambda x: 2 * x * (x - 3.0) / (x - 3.0)
    yield "a root", lambda x: 2 * x + ad.sqrt(x - 1.0) ** 2 - (x - 1.0)
    yield "a far threshold", lambda x: np.where(x > 1e6, 9.0, 2 * x)
    yield "a narrow bump", lambda x: 2 * x + ad.exp(-(((x - 3.0) * 1e7) ** 2))
    yield "a nan guard", lambda x: np.where(ad.log(x + 1e3) == ad.log(x + 1e3), 2 * x, 9.0)
    yield "a remainder", lambda x: 2 * x + 0.0 * (x % (x - 3.0))
    yield (
        "leverage",
        lambda x: 2 * x + 5.0 + (1e16 * (0.123456789012 + x) - 1e16 * x - 1e16 * 0.123456789012),
    )
    yield "floor for floats", lambda x: math.floor(2 * x) if isinstance(x, float) else 2 * x
    yield "a ufunc by its name", _cubing()
    yield (
        "a swallowed attribute",
        lambda x: (
            getattr(x, "real", 9.0) * 2
            if isinstance(x, int)
            else (2 * x if not hasattr(x, "hex") else 9.0)
        ),
    )


def _cubing() -> Callable[[Any], Any]:
    tangent = np.frompyfunc(lambda x: 2 * x + 9.0, 1, 1)
    return lambda x: tangent(x) if isinstance(x, float) else 2 * x
