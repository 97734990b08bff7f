"""What graphs of arrays tell before they are run: their own numbers, arguments that are indices."""

from __future__ import annotations

from collections.abc import Iterator

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of

__all__ = ["index_bounds", "own_numbers"]

_INDEXED = frozenset(
    {"gather", "take_along", "scatter_add", "put_along", "put_at", "put_where", "add_at"}
)
_MOVES = frozenset({"reshape", "transpose", "slice", "gather", "broadcast_to", "take_along"})


def own_numbers(graph: Graph) -> Iterator[float]:
    """The numbers that a function, and what it repeats, has itself."""
    for node in graph.nodes:
        if node.primitive is None and node.array is None and node.value is not None:
            yield from (node.value, -node.value)
    for group in loops_of(graph).values():
        yield from own_numbers(group.loop.body)


def index_bounds(graph: Graph) -> dict[int, int]:
    """Per argument that is used as an index map, the least length of an axis it picks from."""
    bounds: dict[int, int] = {}
    for group in loops_of(graph).values():
        for place, size in index_bounds(group.loop.body).items():
            source = group.operands[place]
            bounds[source] = min(size, bounds.get(source, size))
    for index in range(len(graph.nodes) - 1, graph.inputs.count - 1, -1):
        node = graph.nodes[index]
        name = "" if node.primitive is None else node.primitive.name
        if name in _INDEXED:
            params = node.named
            where = params["size"] if "size" in params else params["axis"]
            size = graph.nodes[node.operands[0]].shape[where] if name in _MOVES else where
            places = node.operands[1]
            bounds[places] = min(size, bounds.get(places, size))
        if name == "places":
            for places, size in zip(node.operands, node.named["shape"], strict=True):
                bounds[places] = min(size, bounds.get(places, size))
        if index in bounds and name in _MOVES:  # a place in the map itself
            source = node.operands[0]
            bounds[source] = min(bounds[index], bounds.get(source, bounds[index]))
    return {i: size for i, size in bounds.items() if i < graph.inputs.count}
