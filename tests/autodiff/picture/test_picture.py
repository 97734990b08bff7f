from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.picture.picture import Picture, collapsed, operation_text, picture_of


def texts(picture: Picture) -> list[str]:
    """Each box as one line."""
    return [" ".join([box.operation, *box.cells]).strip() for box in picture.boxes]


def loss(a: float, b: float) -> float:
    """The README's example."""
    error = np.tanh(0.5 * a + b) - 0.25
    return error**2


def test_a_value_shows_data_and_grad() -> None:
    """Every Value of the history is a box with its numbers, its operation and its label."""
    a, b = ad.Value(2.0, label="a"), ad.Value(-3.0)
    c = a * b + 10.0
    c.label = "c"
    c.backward()
    picture = picture_of(c)
    assert texts(picture) == [
        "a data 2 grad -3", "data -3 grad 2", "× data -6 grad 1", "+ 10 c data 4 grad 1",
    ]  # fmt: skip
    assert picture.edges == ((0, 2), (1, 2), (2, 3))
    assert [box.kind for box in picture.boxes] == ["input", "input", "operation", "result"]


def test_a_graph_shows_names_and_at_a_point_numbers() -> None:
    """Inputs carry their names, nodes their numbers, and `at` adds the interpreter's results."""
    graph = ad.trace(loss, 1.0, 1.0)
    assert texts(picture_of(graph)) == [
        "a", "b", "0.5 × %3", "+ %4", "tanh %5", "− 0.25 error", "** 2 loss",
    ]  # fmt: skip
    picture = picture_of(graph, (1.0, -0.5))
    value, (by_a, by_b) = ad.backpropagate(graph, 1.0, -0.5)
    assert picture.boxes[0].numbers == ("data 1", f"grad {by_a:.5g}")
    assert picture.boxes[1].numbers == ("data -0.5", f"grad {by_b:.5g}")
    assert picture.boxes[-1].numbers == (f"data {value:.5g}", "grad 1")


def test_a_graph_with_several_results() -> None:
    """Every result is marked; there is no one gradient, so only data is shown."""
    graph = ad.trace(lambda x: (x * x, ad.sin(x), 3.0), 1.0)
    picture = picture_of(graph, (2.0,))
    assert [box.kind for box in picture.boxes] == ["input", "result", "result", "result"]
    assert [box.numbers for box in picture.boxes[:2]] == [("data 2",), ("data 4",)]


@pytest.mark.parametrize(
    ("name", "literals", "text"),
    [
        ("add", [None, None], "+"), ("mul", [2.0, None], "2 ×"), ("sub", [None, 0.25], "− 0.25"),
        ("div", [1.0, None], "1 /"), ("pow_literal", [None, 3.0], "** 3"), ("neg", [None], "−"),
        ("relu", [None], "ReLU"), ("clip", [None, 0.0, 1.0], "clip(·, 0, 1)"),
        ("at_least", [None, 0.0], "max(·, 0)"), ("where", [None, None, None], "where"),
        ("mul", [None, 1e-9], "× 1e-09"),
    ],
)  # fmt: skip
def test_operation_text(name: str, literals: list[float | None], text: str) -> None:
    """Literals are written into the operation."""
    assert operation_text(ad.REGISTRY[name], literals) == text


def test_every_primitive_has_a_short_text() -> None:
    """Without literals each operation is at most a word."""
    for primitive in ad.REGISTRY.values():
        text = operation_text(primitive, [None] * primitive.arity)
        assert 0 < len(text) <= 16
        assert "{" not in text


def network(x: np.ndarray, w: np.ndarray) -> float:
    """A network of 2, 16, 16 and 1 neurons."""
    numbers = iter(w)
    for width in (16, 16, 1):
        sums = [sum(next(numbers) * xi for xi in x) + next(numbers) for _ in range(width)]
        x = [np.tanh(s) for s in sums]
    return x[0]


def test_too_large_a_picture_is_collapsed() -> None:
    """A network of 1000 nodes becomes its layers, and the note says so."""
    graph = ad.trace(network, np.ones(2), np.ones(337))
    picture = picture_of(graph)
    assert picture.note.startswith(f"{len(graph)} nodes, too many to read")
    assert texts(picture)[:3] == ["w: 337 numbers", "x: 2 numbers", "× 32 nodes"]
    assert len(picture.boxes) < 20
    assert all(tail < head for tail, head in picture.edges)
    assert picture_of(graph, limit=5000).note == ""


def test_collapsing_keeps_every_node() -> None:
    """The counts of the groups sum up to the nodes, however few boxes are allowed."""
    value = ad.Value(1.0)
    for step in range(300):
        value = (value.sin() + value) * value if step % 3 else value.tanh() * 1.5
    whole = picture_of(value, limit=10**6)
    for limit in (200, 20, 3):
        small = collapsed(whole, limit)
        assert len(small.boxes) <= max(limit, 4)
        counted = 0
        for box in small.boxes:
            found = [word for word in f"{box.operation} {box.name}".split() if word.isdigit()]
            counted += int(found[0]) if "nodes" in f"{box.operation} {box.name}" else 1
        assert counted == len(whole.boxes)


def test_what_cannot_be_drawn() -> None:
    """A function, a number, and arguments for a Value are refused with advice."""
    with pytest.raises(ad.ArgumentError, match=r"found function; .* draw\(ad.trace\(f, 1.0\)\)"):
        picture_of(loss)  # type: ignore[arg-type]
    with pytest.raises(ad.ArgumentError, match="leave `at` out"):
        picture_of(ad.Value(1.0), (1.0,))
    with pytest.raises(ad.ArgumentError, match="found 1 argument; expected 2"):
        picture_of(ad.trace(loss, 1.0, 1.0), (1.0,))


def test_arrays_are_one_box_each_with_shape_and_range() -> None:
    """A Value of an array shows its shape, few numbers one by one and of many the range."""
    x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    w = ad.Value(np.array([1.0, -1.0]), label="w")
    loss = np.sum((x @ w + 0.5) ** 2)
    loss.backward()
    picture = picture_of(loss)
    assert [box.operation for box in picture.boxes] == [
        "",
        "3×2 @",
        "+ 0.5",
        "** 2",
        "sum",
    ]
    assert picture.boxes[0].cells == ("w", "float[2]", "data [1 -1]", "grad [-9 -12]")
    assert picture.boxes[1].cells == ("float[3]", "data [-1 -1 -1]", "grad [-1 -1 -1]")
    assert picture.boxes[-1].cells == ("data 0.75", "grad 1")
    many = picture_of(ad.Value(np.arange(6.0).reshape(2, 3)).relu())
    assert many.boxes[0].cells == ("float[2, 3]", "data 0 … 5", "grad 0")


def test_graphs_of_arrays_are_drawn_whole() -> None:
    """A graph of arrays has one box per array, with data and grad of the example."""
    graph = ad.trace(lambda w: np.sum(np.exp(w @ w.T)), np.ones((2, 3)), expand=False)
    plain, at = picture_of(graph), picture_of(graph, [np.zeros((2, 3))])
    assert [box.operation for box in plain.boxes] == ["", "T", "@", "exp", "sum"]
    assert plain.boxes[0].cells == ("w", "float[2, 3]")
    assert at.boxes[0].cells == ("w", "float[2, 3]", "data 0", "grad 0")
    assert at.boxes[3].cells[1:] == ("float[2, 2]", "data 1", "grad 1")
    assert at.boxes[-1].cells[1:] == ("data 4", "grad 1")


def test_graphs_with_loops_are_drawn() -> None:
    """A loop is one box that says how often it runs, and what nobody takes of it is none."""
    graph = ad.trace(lambda x: ad.scan(lambda c, _: (c * x, c), x, length=50)[0], 1.0, expand=False)
    picture = picture_of(graph, [1.5])
    assert [box.operation for box in picture.boxes] == ["", "50 × scan"]


def test_what_is_taken_of_an_array_is_written_as_in_python() -> None:
    """A box says which elements, of graphs and of Values."""

    def f(a: Any) -> Any:
        return np.sum(a[1:, 0]) * a[0, 1]

    graph = picture_of(ad.trace(f, np.ones((3, 2)), expand=False))
    values = picture_of(f(ad.Value(np.ones((3, 2)), label="a")))
    for picture in (graph, values):
        assert {"[1:, 0]", "[0, 1]"} < {box.operation for box in picture.boxes}
