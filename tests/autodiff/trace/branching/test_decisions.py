from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from tests.branching_programs import PROGRAMS, along_the_path


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives_are_those_of_the_path_taken(name: str) -> None:
    """Value and gradient, interpreted, are what Values find along the path that a point takes."""
    function, points = PROGRAMS[name]
    graph = ad.trace(function, *points[0])
    assert ad.parse(str(graph)) == graph
    for point in points:
        value, gradient = ad.backpropagate(graph, *point)
        bars = gradient if len(point) > 1 else (gradient,)
        assert [value, *bars] == pytest.approx(along_the_path(function, point), rel=1e-14)


@pytest.mark.parametrize("name", PROGRAMS)
def test_arrays_whole_and_expanded_agree(name: str) -> None:
    """A trace of whole arrays takes the same paths."""
    function, points = PROGRAMS[name]
    whole = ad.trace(function, *points[0], expand=False)
    graph = ad.trace(function, *points[0])
    for point in points:
        assert ad.evaluate(whole, *point) == ad.evaluate(graph, *point)


def _hvp(function: Any, x: float) -> float:
    return float(ad.grad(ad.grad(function))(x))


def test_second_derivatives() -> None:
    """The derivative of a derivative follows the same path."""

    def f(x):
        return x**4 if x > 1.0 else ad.sin(x)

    assert _hvp(f, 2.0) == pytest.approx(48.0)
    assert _hvp(f, 0.5) == pytest.approx(-np.sin(0.5))


def test_paths_of_a_function_inside() -> None:
    """A function differentiated inside another branches on its own values and on outer ones."""

    def f(x):
        def inner(y):
            if x > 0.0:
                return x * y * y
            return y**3 if y > 1.0 else y

        return x * ad.grad(inner)(x + 1.0)

    for x, slope in ((2.0, 2.0 * 3.0 * 4.0 + 2.0 * 4.0), (-0.5, 1.0), (-3.0, 1.0)):
        found = ad.grad(f)(x)
        assert found == pytest.approx(slope), x


def test_conditions_of_arrays() -> None:
    """Sums, any and all of traced arrays decide like numbers, expanded or whole."""

    def f(x):
        if np.any(x > 2.0):
            return np.sum(x * x)
        if np.all(x > 0.0):
            return np.prod(x)
        if x.sum() > -5.0:
            return np.sum(x)
        return x @ x / 2.0

    for x in ([3.0, 1.0], [1.0, 1.5], [1.0, -1.0], [-4.0, -3.0]):
        point = np.array(x)
        for expand in (True, False):
            graph = ad.trace(f, np.ones(2), expand=expand)
            assert ad.evaluate(graph, point) == pytest.approx(f(point))


def test_an_ambiguous_condition_is_an_error() -> None:
    """The truth of an array of several elements is asked for by any or all, as in NumPy."""
    for expand in (True, False):
        with pytest.raises((ad.TraceError, ValueError), match=r"any\(\)|branch on|where"):
            ad.trace(lambda x: x if x > 0.0 else -x, np.ones(2), expand=expand)


def test_nan_takes_the_path_that_python_takes() -> None:
    """Every order with nan is false, and so are the paths."""

    def f(x):
        if x < 1.0:
            return x * 2.0
        return 7.0 if x >= 1.0 else 5.0

    assert ad.evaluate(ad.trace(f, 0.0), float("nan")) == 5.0


def test_the_path_at_a_tie_is_that_of_the_comparison() -> None:
    """``<`` and ``<=`` differ at equality, and so do value and derivative."""

    def strict(x):
        return 3.0 * x if x < 2.0 else x * x

    def weak(x):
        return 3.0 * x if x <= 2.0 else x * x

    assert ad.value_and_grad(strict)(2.0) == (4.0, 4.0)
    assert ad.value_and_grad(weak)(2.0) == (6.0, 3.0)


def test_a_condition_is_decided_once() -> None:
    """What is asked again on one path has one answer: two paths, not four."""

    def f(x):
        y = x * 2.0 if x > 0.0 else x
        return y + 1.0 if x > 0.0 else y

    nodes = [str(node.primitive.name) for node in ad.trace(f, 1.0).nodes if node.primitive]
    assert nodes.count("gt") == 1
    assert nodes.count("where") <= 2


def test_too_many_paths_name_the_line() -> None:
    """A function of more than 64 paths is refused where most of them come from."""

    def f(x):
        y = 0.0
        for k in range(7):
            y += [x, 1.0][bool(x > k)]
        return y

    line = f.__code__.co_firstlineno + 3
    with pytest.raises(ad.TraceError, match=rf"test_decisions.py:{line}: more than 64 paths"):
        ad.trace(f, 0.5)


def test_too_many_paths_say_that_there_is_no_source() -> None:
    """Sides of a branch meet by its source, which code from a prompt does not have."""
    text = "def f(x):\n    y = 0.0\n    for k in range(9):\n        if x > k:\n            y += x\n"
    names: dict[str, Any] = {}
    exec(text + "    return y\n", names)
    with pytest.raises(ad.TraceError, match=r"<string>:4: more than 64 .* write the function in a"):
        ad.trace(names["f"], 0.5)


def test_a_loop_that_does_not_end_names_its_line() -> None:
    """A ``while`` that goes on forever at the examples is an error, never a hang."""

    def grows(x):
        while x > 1.0:
            x = x + 1.0
        return x

    def same(x):
        y = x
        while x > 1.0:
            y = x * 2.0
        return y

    def breaks(x):
        while x > 1.0:
            x = x + 1.0
            if x < 0.0:
                break
        return x

    for f, found in ((grows, "300 repet"), (same, "300 repet"), (breaks, "300 repet")):
        line = f.__code__.co_firstlineno
        with pytest.raises(ad.TraceError, match=rf"test_decisions.py:\d+: .*{found}") as error:
            ad.trace(f, 2.0)
        number = int(str(error.value).split(":")[1])
        assert line < number < line + 4


def test_a_loop_with_break_is_bounded_by_its_example() -> None:
    """A break is a flag; a call that needs more repetitions than were recorded raises."""

    def f(x):
        while x > 1.0:
            x = x / 2.0
            if x < 0.1:
                break
        return x

    graph = ad.trace(f, 30.0)
    assert [ad.evaluate(graph, x) for x in (0.5, 3.0, 100.0)] == [f(x) for x in (0.5, 3.0, 100.0)]
    (refusal,) = graph.origins.refusals
    assert "needs more here" in str(refusal[1])


def test_a_function_that_changes_from_run_to_run_is_an_error() -> None:
    """Runs along different paths must be runs of one function."""
    calls = [0]

    def counting(x):
        calls[0] += 1
        return x * calls[0] if x > 0.0 else x

    def shrinking(x):
        calls[0] += 1
        return x if x > float(calls[0]) else -x

    for f in (counting, shrinking):
        with pytest.raises(ad.TraceError, match="something else each time"):
            ad.trace(f, 1.0)


def test_results_of_different_forms_name_the_branch() -> None:
    """Two floats on one path and one on the other have no common result."""

    def f(x):
        if x > 0.0:
            return x, x
        return x

    line = f.__code__.co_firstlineno + 1
    with pytest.raises(
        ad.TraceError, match=rf"test_decisions.py:{line}: .*\(float, float\).*float"
    ):
        ad.trace(f, 1.0)


def test_whole_numbers_outside_wrt_stay_static_where_the_function_branches_on_them() -> None:
    """A count that decides is no number to differentiate around: each has its program."""

    def f(x, n):
        return x * x if n > 3 else x

    assert ad.grad(f, wrt=0)(3.0, 2) == 1.0
    assert ad.grad(f, wrt=0)(3.0, 5) == 6.0


def test_values_still_branch_on_their_numbers() -> None:
    """Values know their numbers: they take one path, and remember it."""
    x = ad.Value(-2.0)
    y = x * x if x > 0.0 else -x
    y.backward()
    assert (y.data, x.grad) == (2.0, -1.0)


TABLE = np.sin(np.arange(12.0))


def between(x: Any, q: Any) -> Any:
    """A binary search, whose bounds are indices."""
    low, high = 0, len(x) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if x[middle] > q:
            high = middle
        else:
            low = middle
    return (q - x[low]) ** 2 / (x[high] - x[low])


def looked_up(x: Any, q: Any) -> Any:
    """Indices chosen by conditional expressions, a tuple of them, and the end of a loop."""
    low, high = (1, 2) if q < 3.0 else (3, 4)
    place = 0
    for i in range(12):
        if x[i] > q:
            place = i
            break
    return TABLE[low] * x[high] * q + x[place] ** 2


def powers(x: Any, q: Any) -> Any:
    """How often a loop repeats is chosen by an ``if``."""
    count = 2
    if q > 5.0:
        count = 4
    return sum(q**i * x[i] for i in range(count))


@pytest.mark.parametrize("function", [between, looked_up, powers])
@pytest.mark.parametrize("kind", [list, np.array])
def test_indices_that_values_choose_are_ints_on_each_path(function: Any, kind: Any) -> None:
    """Of whole numbers that an ``if`` chooses, each path has its own, which may be an index."""
    x = kind([1.1 * i for i in range(12)])
    graph = ad.trace(function, x, 5.3)
    for q in (0.4, 2.9, 5.3, 9.0):
        assert ad.evaluate(graph, x, q) == pytest.approx(function(x, q), rel=1e-14)


def test_an_index_that_is_computed_is_refused_with_its_line() -> None:
    """NumPy's own words for it, about placeholders, are no help."""

    def f(x, q):
        return x[q * 2.0 // 1.0]

    line = f.__code__.co_firstlineno + 1
    for expand in (True, False):
        with pytest.raises(ad.TraceError, match=rf"test_decisions.py:{line}: .*index"):
            ad.trace(f, np.arange(4.0), 1.0, expand=expand)


def test_recursion_without_an_end_names_its_line() -> None:
    """Values say whether it goes on, so that one path has no end."""

    def halved(x):
        if x < 1e-3:
            return x
        return halved(x / 2.0) + x

    line = halved.__code__.co_firstlineno + 3
    with pytest.raises(ad.TraceError, match=rf"test_decisions.py:{line}: this recursion .*an int"):
        ad.trace(halved, 1.7)


def test_the_text_of_a_value_decides_nothing() -> None:
    """It may be printed, but what it is compared with would be decided by our placeholder."""

    def plain(x):
        return x if str(x) > "1" else x * x

    def formatted(x):
        return x if f"{x:.2f}" == "1.00" else x * x

    for f in (plain, formatted):
        with pytest.raises(ad.TraceError, match="cannot compare the text of a traced value"):
            ad.trace(f, 1.7)
