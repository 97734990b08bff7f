from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.functions.named_arguments import signature_examples


def _calls_math(x):
    return math.ulp(x)


def _returns_nothing(x):
    x + 1.0


def _returns_text(x):
    return f"{x}"


def _assigns_argument(x):
    x[0] = 1.0
    return x[0]


def _updates_argument(x):
    x += 1.0
    return x[0]


FLOATS = np.zeros(2)


def _assigns_float_array(x):
    FLOATS[0] = x[0]
    return FLOATS[0]


def _masks(x):
    return np.sum(x[x > 0.0])


def _sorts(x):
    return x[np.argsort(x)][0]


def _inverts(x):
    return np.linalg.inv(x)[0, 0]


def _gives_keys(x):
    return {b"1": x}


def _is_complex(x):
    return 1j * x


VECTOR, MATRIX = np.ones(2), np.eye(2)


@pytest.mark.parametrize(
    ("function", "examples", "line", "found", "fix"),
    [
        (_calls_math, (1.0,), 1, "cannot give math a traced value in 'math.ulp", "operators"),
        (_returns_nothing, (1.0,), 0, "found None", "is a return statement missing"),
        (_returns_text, (1.0,), 0, "found str", "expected a float"),
        (_assigns_argument, (VECTOR,), 1, "cannot assign to an element", "x.copy"),
        (_updates_argument, (VECTOR,), 1, "cannot update an argument in place", "x = x"),
        (_assigns_float_array, (VECTOR,), 1, "cannot store a traced value", "np.array"),
        (_masks, (VECTOR,), 1, "index or mask cannot depend", "np.where"),
        (_sorts, (VECTOR,), 1, "np.argsort cannot be traced", "np.where"),
        (_inverts, (MATRIX,), 1, "np.linalg.inv cannot be traced", "expand=False"),
        (lambda x: x * float(Fraction(x)), (1.0,), 0, "Fraction cannot be traced", "operators"),
        (_gives_keys, (1.0,), 0, "found dict key b'1'", "strings, numbers"),
        (_is_complex, (1.0,), 1, "meets complex 1j", "Convert it to a float"),
        (lambda x: x * len("%f" % x), (1.0,), 0, "format", "Use an f-string"),  # noqa: UP031
        (lambda x: [1.0][x], (1.0,), 0, "index", "Close over the int"),
        (lambda x: [1.0, 2.0][x], (1.0,), 0, "count or index", "Close over the int"),
        (lambda x: sum(x), (1.0,), 0, "iterate over", "array as the example"),  # noqa: PLW0108
        (lambda x: len(x), (1.0,), 0, "len", "array as the example"),  # noqa: PLW0108
        (lambda x: x[0], (1.0,), 0, "cannot index", "array as the example"),
        (lambda x: x + None, (1.0,), 0, "meets NoneType None", "Convert it to a float"),
        (lambda x: "a" + x, (1.0,), 0, "meets str 'a'", "Convert it to a float"),
        (lambda x: 1.0 * np.spacing(x), (1.0,), 0, "np.spacing has no deriv", "functions that"),
        (lambda x: ad.Value(2.0) * x, (1.0,), 0, "Value", "[Pp]ass plain numbers|Do not mix"),
        (lambda x: np.linalg.norm(x, 1), (MATRIX,), 0, "ord=1", "Frobenius"),
        (lambda x: np.where(x > 0.0), (VECTOR,), 0, "np.where", "x, y"),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded(
    function: Callable[..., Any], examples: tuple[Any, ...], line: int, found: str, fix: str
) -> None:
    """Each mistake is one TraceError with the user's file and line, what was found, and the fix."""
    number = function.__code__.co_firstlineno + line
    with pytest.raises(ad.TraceError) as raised:
        ad.trace(function, *examples)
    message = str(raised.value)
    assert f"test_trace.py:{number}: " in message
    for text in (found, fix):
        assert pytest.raises(ValueError, match=text).matches(ValueError(message)), message


def test_a_value_of_another_trace() -> None:
    """A placeholder that outlived its trace is refused in the next one."""
    kept = []
    ad.trace(lambda x: kept.append(x) or x, 1.0)
    with pytest.raises(ad.TraceError, match=r"test_trace.py:\d+: .*another trace"):
        ad.trace(lambda y: y * kept[0], 1.0)
    with pytest.raises(ad.TraceError, match=r"test_trace.py:\d+: .*not part of this trace"):
        ad.trace(lambda y: kept[0], 1.0)


@pytest.mark.parametrize(
    ("examples", "found"),
    [((), "found 0 examples"), ((1.0,), "found 1 example"), ((1.0,) * 3, "found 3 examples")],
)
def test_number_of_examples(examples: tuple[Any, ...], found: str) -> None:
    """Too few or too many examples: the error names the function's line and its arguments."""
    with pytest.raises(ad.ArgumentError, match=rf"test_trace.py:\d+: .*{found}.*\(x, y\)"):
        ad.trace(lambda x, y: x * y, *examples)


@pytest.mark.parametrize(
    ("example", "found"),
    [(object(), "object"), ("1.0", "str '1.0'"), (1j, "complex"), ({1j: 1.0}, "dict key 1j"),
     (np.array(["a"]), "dtype <U1"), (np.array([1j]), "dtype complex128"), ((1.0, "a"), r"x\[1\]"),
     ({"a": [b""]}, r"x\['a'\]\[0\]")],
)  # fmt: skip
def test_what_is_no_example(example: Any, found: str) -> None:
    """An example that is no tree of floats is refused, with the path to the culprit."""
    with pytest.raises(ad.ArgumentError, match=found):
        ad.trace(lambda x: 1.0, example)


def test_keyword_only_argument_without_default() -> None:
    """A keyword-only argument needs a default or a wrapper, and the error says so."""
    with pytest.raises(ad.ArgumentError, match=r"keyword-only argument 'k'.*lambda"):
        ad.trace(lambda x, *, k: x * k, 1.0)
    assert len(ad.trace(lambda x, *, k=2.0: x * k, 1.0)) == 3


def test_variable_arguments() -> None:
    """``*args`` take as many examples as are given, and get numbered names."""
    graph = ad.trace(lambda x, *rest: x + sum(rest), 1.0, 2.0, 3.0)
    assert graph.input_names == ("x", "rest_0", "rest_1")
    assert ad.evaluate(graph, 1.0, 2.0, 3.0) == 6.0


def test_examples_from_the_signature() -> None:
    """Default values serve as examples; without all of them there are none."""

    def f(x=1.0, y=VECTOR):
        return x * y[1]

    assert ad.evaluate(ad.trace(f), 2.0, [0.0, 3.0]) == 6.0
    assert signature_examples(lambda x, y=1.0: x) == ()
    assert signature_examples(lambda *x: x) == ()


def test_examples_give_structure_only() -> None:
    """The numbers of the examples are never seen: a domain error there is none for the graph."""
    assert ad.trace(lambda x: 2.0 * np.log(x), -1.0) == ad.trace(lambda x: 2.0 * np.log(x), 1.0)


def test_constant_function_and_unused_argument() -> None:
    """A constant function has a graph with gradient 0; an unused argument has gradient 0."""
    assert ad.backpropagate(ad.trace(lambda x: 2.5, 1.0), 1.0) == (2.5, 0.0)
    assert ad.backpropagate(ad.trace(lambda x, y: x, 1.0, 1.0), 1.0, 2.0) == (1.0, (1.0, 0.0))
    assert ad.backpropagate(ad.trace(lambda x: x, 1.0), 7.0) == (7.0, 1.0)


def test_equal_nodes_are_recorded_once() -> None:
    """``x * y`` and ``y * x`` are one node, and so are equal literals of equal sign."""
    graph = ad.trace(lambda x, y: (x * y) + (y * x) + 0.0 + (-0.0), 1.0, 1.0)
    assert str(graph) == (
        "graph f(x: float, y: float) -> float:\n"
        "    %2 = mul x, y\n"
        "    %3 = add %2, %2\n"
        "    %5 = add %3, 0.0\n"
        "    %7 = add %5, -0.0\n"
        "    return %7\n"
    )


def test_printing_inside_a_function() -> None:
    """A print() left in the function does not stop the trace."""
    shown = []
    ad.trace(lambda x: shown.append(f"{x} {x!r} {x:.3f}") or x, 1.0)
    assert shown == ["<traced %0> <traced %0> <traced %0>"]


def test_every_kind_of_number_is_a_constant() -> None:
    """ints, bools and NumPy's numbers may meet a placeholder on either side."""
    for number in (2, 2.0, True, np.float64(2.0), np.float32(2.0), np.int64(2), np.bool_(True)):
        graph = ad.trace(lambda x, n=number: (n * x) + (x - n), 3.0)
        assert ad.evaluate(graph, 3.0) == float(number) * 3.0 + (3.0 - float(number))


def test_a_name_that_is_no_identifier() -> None:
    """A lambda, a partial or a callable object is called f in the graph."""

    class Model:
        def __call__(self, x):
            return x

    assert ad.trace(lambda x: x, 1.0).name == "f"
    assert ad.trace(Model(), 1.0).name in ("f", "Model")


def test_math_functions_with_protocols() -> None:
    """math.floor, math.ceil, math.trunc and round() reach the rows through Python's protocols."""
    graph = ad.trace(
        lambda x: math.floor(x) + math.ceil(x) + math.trunc(x) + round(x) + abs(x), 1.0
    )
    assert ad.evaluate(graph, -2.5) == -3.0 - 2.0 - 2.0 - 2.0 + 2.5


def test_a_partial_has_the_name_of_its_function() -> None:
    """What functools.partial made is called after the function it calls, a lambda is called f."""

    def price(rate: Any, years: Any) -> Any:
        return rate * years

    twice = functools.partial(functools.partial(price, years=2.0), 3.0)
    assert ad.trace(functools.partial(price, years=2.0), 1.0).name == "price"
    assert ad.trace(twice).name == "price"
    assert ad.trace(functools.partial(lambda x, y: x * y, 2.0), 1.0).name == "f"
