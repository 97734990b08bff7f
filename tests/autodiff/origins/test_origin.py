from __future__ import annotations

import linecache
import pickle
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from codegen.passes import run_passes


def names(graph: ad.Graph) -> list[str]:
    """Names of the nodes that have one, inputs aside."""
    found = [graph.origin(i) for i in range(graph.input_count, len(graph))]
    return [origin.name for origin in found if origin is not None and origin.name]


def test_variables_name_their_values() -> None:
    """A value has the name of the variable it was assigned to, and the line of its operation."""

    def f(x: Any, y: Any) -> Any:
        total = x * y
        total += np.sin(x)
        low, high = total - y, total + y
        return low / high

    graph = ad.trace(f, 1.0, 2.0)
    assert names(graph) == ["total", "total", "low", "high", "f"]
    first = f.__code__.co_firstlineno
    origin = graph.origin(2)
    assert origin is not None
    assert (origin.file, origin.line, origin.function) == (__file__, first + 1, "f")


def test_a_called_function_keeps_its_names() -> None:
    """Variables of a called function name values too; its result has the caller's name."""

    def cdf(z: Any) -> Any:
        scaled = z * 0.7
        return 0.5 * (1.0 + ad.erf(scaled))

    def f(x: Any) -> Any:
        first = cdf(x)
        return first * cdf(x * 2.0)

    assert names(ad.trace(f, 1.0)) == ["scaled", "first", "z", "scaled", "cdf", "f"]


def test_arrays_name_their_elements() -> None:
    """The elements of an array have its name and their place; NumPy's inner steps have none."""

    def f(w: Any, x: Any) -> Any:
        hidden = np.tanh(w @ x)
        c = np.cross(hidden, x)
        return np.sum(c)

    found = names(ad.trace(f, np.ones((3, 3)), np.ones(3)))
    assert found == [f"{name}[{i}]" for name in ("hidden", "c") for i in range(3)] + ["f"]


def test_comprehensions_name_their_elements() -> None:
    """What a list comprehension computes has the list's name."""

    def f(x: Any) -> Any:
        powers = [x * k for k in (2.0, 3.0, 4.0)]
        return sum(powers)

    assert names(ad.trace(f, 1.0))[:3] in (["powers[0]", "powers[1]", "powers[2]"], ["f"])


def test_the_named_use_of_a_shared_value_gives_the_name() -> None:
    """Of equal expressions the one that was assigned names the value."""

    def f(x: Any, y: Any) -> Any:
        first = ad.exp(x * y)
        product = x * y
        return first / product

    assert names(ad.trace(f, 1.0, 2.0)) == ["product", "first", "f"]


def _doubled(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def wrapper(*args: Any) -> Any:
        return 2.0 * function(*args)

    return wrapper


@_doubled
def decorated(x: Any) -> Any:
    """A decorated function."""
    squared = x * x
    return squared + 1.0


def test_decorated_functions_and_lambdas() -> None:
    """A decorator is a caller like any other; a lambda has no names and loses nothing."""
    assert names(ad.trace(decorated, 1.0)) == ["squared", "decorated", "decorated"]
    assert names(ad.trace(lambda x: ad.sin(x) * x, 1.0)) == ["f"]


def test_code_without_source() -> None:
    """Names come from the compiled code: exec and the REPL have them too."""
    scope: dict[str, Any] = {}
    exec("def f(x):\n    slope = x * 3.0; bend = slope * slope\n    return bend + x", scope)
    graph = ad.trace(scope["f"], 1.0)
    assert names(graph) == ["slope", "bend", "f"]
    origin = graph.origin(2)
    assert origin is not None
    assert (origin.file, origin.line) == ("<string>", 2)


def test_notebook_cells_have_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The spelling of a literal is found in whatever linecache knows."""
    text = "def f(x):\n    return x * 1e-3 + 2 * x\n"
    lines = text.splitlines(keepends=True)
    monkeypatch.setitem(linecache.cache, "<cell 7>", (len(text), None, lines, "<cell 7>"))
    scope: dict[str, Any] = {}
    exec(compile(text, "<cell 7>", "exec"), scope)
    origins = ad.trace(scope["f"], 1.0).origins
    assert origins is not None
    assert origins.spellings == {1e-3: "1e-3", 2.0: "2"}


def test_derivatives_are_named_after_their_values() -> None:
    """A cotangent is the value's name and _bar, a tangent _dot."""

    def f(x: Any, y: Any) -> Any:
        d1 = ad.sin(x * y)
        return d1 * d1 * y

    reverse = names(ad.gradient(ad.trace(f, 1.0, 2.0)))
    assert "d1_bar" in reverse
    assert {"x_bar", "y_bar"} <= set(reverse)
    assert "d1_dot" in names(ad.jvp(ad.trace(f, 1.0, 2.0)))


def test_passes_keep_names() -> None:
    """What is left after the passes is called what it was."""

    def f(x: Any) -> Any:
        kept = ad.exp(x) * 1.0
        dropped = -kept
        return -dropped * x

    assert names(run_passes(ad.trace(f, 1.0))) == ["kept", "f"]


def test_origins_do_not_change_a_graph() -> None:
    """Graphs that print equal are equal, wherever they come from."""
    first = ad.trace(lambda x: x * 2.0, 1.0)

    def f(x: Any) -> Any:
        twice = x * 2.0
        return [twice][0]

    second = ad.trace(f, 1.0)
    assert first == second
    assert str(first) == str(second)
    assert hash(first) == hash(second)
    assert ad.parse(str(first)) == first
    assert ad.parse(str(first)).origin(2) is None


def test_origins_pickle_as_plain_data() -> None:
    """Stored origins answer as the recorded ones do."""
    graph = ad.gradient(ad.trace(decorated, 1.0))
    assert graph.origins is not None
    stored = pickle.loads(pickle.dumps(graph.origins.stored(len(graph))))
    for index in range(len(graph)):
        assert stored.origin(index, graph.input_names) == graph.origins.origin(
            index, graph.input_names
        )


def test_a_long_loop_costs_linear_time() -> None:
    """Names of forty thousand values are found in one pass."""

    def f(x: Any) -> Any:
        total = x
        for _ in range(20_000):
            total = total * x + 1.0
        return total

    graph = ad.trace(f, 1.0)
    assert len(names(ad.gradient(graph))) > 36_000
