"""The functions that emitted functions call where switches tie: what settles derivatives there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from autodiff.graph.graph import Graph, Limits
from autodiff.graph.rebuild import live_nodes
from autodiff.graph.structure import size
from autodiff.run.one_sided import sides_graph
from autodiff.run.pieces import FARTHEST, piece_graph
from codegen.language.lines import INDENT, Returned, returned
from codegen.language.naming import Names
from codegen.language.target import Target
from codegen.text.at_ties import settled_name
from codegen.text.chunks import LIMIT, Parts
from codegen.text.function import FLAT, Function, Parameter
from codegen.text.parameters import unpacking
from codegen.text.write import Writer, count_uses

__all__ = ["is_asking", "piece_functions"]


def sides_name(name: str) -> str:
    """Name of the function that settles the derivatives at the point itself."""
    return f"_{name}_sides"


def piece_name(name: str) -> str:
    """Name of the function that gives the derivatives on a piece."""
    return f"_{name}_piece"


def piece_functions(
    name: str, graph: Graph, target: Target, passes: Callable[[Graph], Graph]
) -> tuple[Function, ...]:
    """The functions that give derivatives of ``graph`` on pieces, and the one that asks them."""
    limits = graph.limits
    assert limits is not None
    functions = _straight(
        sides_name(name),
        passes(sides_graph(graph)),
        target,
        "Derivatives from all sides, settled at the point; then 1.0 if that fails.",
    )
    leaves = len(graph.nodes) <= FARTHEST
    if leaves:
        functions += _straight(
            piece_name(name),
            passes(piece_graph(graph)),
            target,
            "Derivatives on the smooth piece that the step leads into.",
        )
    return *functions, _asking(name, graph.inputs.count, limits, bool(target.module), leaves)


def _straight(name: str, graph: Graph, target: Target, summary: str) -> tuple[Function, ...]:
    """A function of flat arrays that returns the outputs as one, and its parts if it is long."""
    names = Names(target.functions)
    head = [Parameter(parameter, FLAT) for parameter, _ in graph.parameters]
    if len(graph.nodes) > LIMIT:
        order = [index for index, _, _ in graph.operations()]
        parts = Parts(graph, target, names, [order], prefix=f"{name}_part")
        _, start = parts.arguments(graph.parameters)
        given = ", ".join(f"*{parameter.name}" for parameter in head)
        start = f"[{given}] + {start.partition(' + ')[2]}"
        result = parts.block(range(len(graph.outputs))), FLAT
        driver = parts.driver(name, start, head, slice(None), result)
        return tuple(replace(f, at_ties=True) for f in (*parts.functions, driver))
    live = live_nodes(graph)
    order = [index for index, _, _ in graph.operations() if live[index]]
    inputs: list[str] = []
    unpacked: list[str] = []
    for parameter, structure in graph.parameters:
        first = len(inputs)
        elements = [
            names.claim(f"{parameter}_{i}") if live[first + i] else f"_{parameter}_{i}"
            for i in range(size(structure))
        ]
        inputs += elements
        unpacked += unpacking(elements, parameter) if any(live[first : len(inputs)]) else []
    writer = Writer(graph, target, names, dict(enumerate(inputs)))
    made = set(order)
    writer.write(order, {i: "" for i in graph.outputs if i in made}, count_uses(graph, order))
    function = Function(
        name,
        tuple(head),
        (*unpacked, *writer.lines),
        returned("", [[writer.number(i) for i in graph.outputs]], bare=True),
        summary,
        statements=len(writer.lines),
        calls=frozenset(writer.calls),
        at_ties=True,
    )
    return (function,)


def _asking(name: str, count: int, limits: Limits, scalar: bool, leaves: bool) -> Function:
    moving = ", ".join(map(str, limits.inputs))
    listed = f"range({count})" if limits.inputs == tuple(range(count)) else f"[{moving}]"
    sides, piece = sides_name(name), piece_name(name) if leaves else "None"
    parameters = [Parameter("point", FLAT), Parameter("table", FLAT)]
    if scalar:
        helpers = {"_directions", "_settled"} if leaves else set()
        body = [f"bars = {sides}(point, table)"]
        result = "return table if bars.pop() else bars"
        if leaves:
            body += [
                "if not bars.pop():",
                f"{INDENT}return bars",
                f"moving = {listed}",
                f"steps = _directions({count}, moving)",
                f"found = [{piece}(point, step) for step in steps]",
            ]
            result = "return _settled(found, table)"
    else:
        helpers = {"_settled_rows"}
        parameters.append(Parameter("tied"))
        body = [f"moving = {listed}"]
        result = f"return _settled_rows({sides}, {piece}, point, moving, table, tied)"
    called = {"range", sides, *helpers, *([piece] if leaves else [])}
    return Function(
        settled_name(name),
        tuple(parameters),
        tuple(body),
        Returned((result,), FLAT),
        "Derivatives where switches tie: those of the table, if the pieces allow.",
        statements=len(body),
        calls=frozenset(called),
        at_ties=True,
    )


_ASKING = re.compile(
    r"""def (_\w+_settled)\(\s*[\w:\[\], ]+\s*\)(?: -> list\[float\])?:
    \"{3}[\w ,:]+\.\"{3}
(?:    bars = _\w+_sides\(point, table\)
    return table if bars\.pop\(\) else bars
|    bars = _\w+_sides\(point, table\)
    if not bars\.pop\(\):
        return bars
    moving = (?:range\(\d+\)|\[[\d, ]*\])
    steps = _directions\(\d+, moving\)
    found = \[_\w+_piece\(point, step\) for step in steps\]
    return _settled\(found, table\)
|    moving = (?:range\(\d+\)|\[[\d, ]*\])
    return _settled_rows\(_\w+_sides, (?:None|_\w+_piece), point, moving, table, tied\)
)"""
)


def is_asking(function: Function) -> bool:
    """True if its text is that of a function that settles derivatives, but for its numbers."""
    found = _ASKING.fullmatch(function.text)
    return found is not None and found[1] == function.name
