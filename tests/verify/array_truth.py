"""What the nodes and the gradient of a graph of arrays must be, over residues."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.graph import Graph
from verify.field.whole.array_field import ArrayField, Residues
from verify.truth.array_chain import array_run

__all__ = ["array_chain_rule", "array_values"]


def array_values(graph: Graph, inputs: Sequence[Residues], field: ArrayField) -> list[Residues]:
    """The value of every node of a graph of arrays, over residues."""
    return array_run(graph, inputs, field).values


def array_chain_rule(graph: Graph, inputs: Sequence[Residues], field: ArrayField) -> list[Residues]:
    """Value of a scalar graph, then its derivative by every scalar and array of the arguments."""
    field.turned = False
    run = array_run(graph, inputs, field)
    field.turned = True
    output = graph.outputs[0]
    return [run.values[output], *run.pulled({output: field.lift(1.0)})]
