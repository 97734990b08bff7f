from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import autodiff as ad


def f(x: Any, y: Any) -> Any:
    """Of an array and a float."""
    return np.sum(x * x) * np.exp(y)


AT = np.array([1.0, 2.0]), 0.5
GRAPH = ad.trace(f, *AT)


@pytest.mark.parametrize("name", ["gradient", "vjp", "jvp", "jacobian", "hessian", "hvp"])
def test_transforms_take_functions_and_graphs(name: str) -> None:
    """A function with examples is what its trace is; wrt= goes with both, and by position too."""
    transform = getattr(ad, name)
    assert transform(f, *AT) == transform(GRAPH)
    if name != "jvp":
        assert transform(f, *AT, wrt="x") == transform(GRAPH, "x") == transform(GRAPH, wrt=0)


def test_whole_numbers_of_numpy_are_positions() -> None:
    """One, and an array of them."""
    assert ad.gradient(GRAPH, np.int64(1)) == ad.gradient(GRAPH, 1)
    assert ad.gradient(GRAPH, np.arange(2)) == ad.gradient(GRAPH)


def test_defaults_serve_as_examples() -> None:
    """As for trace, default values of the signature are the examples."""

    def g(x: float = 1.0, y: float = 2.0) -> float:
        return x * x * y

    assert ad.evaluate(ad.hessian(g), 3.0, 5.0) == ((10.0, 6.0), (6.0, 0.0))


@pytest.mark.parametrize(
    ("args", "options", "message"),
    [
        (("x*x",), {}, "hessian: found str .*expected a graph"),
        ((3.0,), {}, "hessian: found float"),
        ((GRAPH, 0, 1), {}, "found 2 examples beside a graph"),
        ((f, *AT), {"nonsense": 1}, "found nonsense="),
        ((f, 1.0), {}, "found 1 example; expected"),
        ((), {}, "missing a required argument|missing 1 required"),
        ((f,), {}, r"found no examples; .* a graph; compile_hessian\(f, \*examples\) is called"),
        ((GRAPH, [[0]]), {}, r"wrt: found \[0\]"),
        ((GRAPH, np.ones((2, 2))), {}, "wrt: found array"),
        ((f, *AT), {"argnums": 0}, "found argnums=; expected .*; here it is wrt="),
    ],
)
def test_wrong_calls(args: Any, options: Any, message: str) -> None:
    """What is neither a graph nor a function with its examples is one error that says so."""
    with pytest.raises(ad.ArgumentError, match=message):
        ad.hessian(*args, **options)


def test_a_function_is_held_to_its_trace() -> None:
    """A function that does something else with numbers is an error here too."""
    with pytest.raises(ad.TraceError, match="its trace"):
        ad.gradient(lambda x: x * x if type(x) is float else 7.0 * x, 3.0)


def test_graphs_pickle() -> None:
    """A graph is data: a pickle of it is the same graph, and knows where its nodes are from."""
    again = pickle.loads(pickle.dumps(GRAPH))
    assert again == GRAPH
    index = len(GRAPH) - 1
    assert again.origin(index) == GRAPH.origin(index)
    for transformed in (ad.hessian(GRAPH), ad.jvp(GRAPH)):
        assert pickle.loads(pickle.dumps(transformed)) == transformed


@pytest.mark.parametrize("name", ["jacobian", "hessian", "hvp"])
def test_a_graph_has_no_place_among_traced_values(name: str) -> None:
    """Whoever asks for one inside a traced function is told what gives numbers there."""

    def energy(x: Any) -> Any:
        return getattr(ad, name)(lambda x: x[0] ** 2 * x[1], x)

    with pytest.raises(ad.ArgumentError, match=rf"gives a graph.* compile_{name}\(f, \*numbers\)"):
        ad.trace(energy, np.ones(2))


def test_a_graph_is_no_array() -> None:
    """NumPy says so in our words."""
    with pytest.raises(ad.ArgumentError, match="where numbers belong; expected evaluate"):
        ad.jacobian(lambda x: 2.0 * x, np.ones(2)) @ np.ones(2)
