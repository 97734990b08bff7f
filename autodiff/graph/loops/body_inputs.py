"""Parameters of the body of a loop: one for each scalar and array, with names that differ, as users
say them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Array, Structure
from autodiff.graph.typed_node import Shape

__all__ = ["part_of", "parts_named", "user_name"]


def part_of(shape: Shape) -> Structure:
    """The structure of a scalar or an array."""
    return Array(shape) if shape else SCALAR


def parts_named(names: Iterable[str], shapes: Iterable[Shape]) -> list[tuple[str, Structure]]:
    """Parameters of a body: one for each scalar and array, with names that differ."""
    parameters: list[tuple[str, Structure]] = []
    taken: set[str] = set()
    for name, shape in zip(names, shapes, strict=True):
        plain = re.sub(r"\W+", "_", name).strip("_") or "x"
        plain = f"x_{plain}" if plain[0].isdigit() else plain
        free, number = plain, 1
        while free in taken:
            number += 1
            free = f"{plain}_{number}"
        taken.add(free)
        parameters.append((free, part_of(shape)))
    return parameters


def user_name(graph: Graph, index: int) -> str:
    """The user's name of a node; "" if it has none."""
    if index < graph.inputs.count:
        return graph.inputs.node_names[index]
    labels = {} if graph.origins is None else graph.origins.labels
    return labels[index].base if index in labels and not labels[index].path else ""
