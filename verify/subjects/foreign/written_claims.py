"""Derivatives that somebody wrote as text, read into Programs, never run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Tuple, records_of
from autodiff.graph.tree.tree import tree_of
from verify.program.language.read_values import Array, List, Real, Table, Value
from verify.program.program import ProgramBuilder
from verify.program.read import Text, UnreadableError
from verify.subjects.emitted import both_ways, require_order
from verify.subjects.under_proof import UnderProof

__all__ = ["Leaves", "read_claim"]

Leaves = Callable[[Any], list[Any]]  # the numbers in what somebody's function returns


def read_claim(
    claim: UnderProof,
    frame: Graph,
    leaves: Leaves,
    source: str,
    who: str,
    name: str = "",
    whole: bool = False,
) -> None:
    """Read what somebody wrote into programs.

    Args:
        claim: What becomes of it.
        frame: Has the arguments that the text takes.
        leaves: Finds the numbers in what it returns.
        source: The text.
        who: How to call it in an error.
        name: The function in it; by default ``value_and_gradient``, or the last one.
        whole: True to refuse a text with functions that are no part of it.

    Raises:
        ArgumentError: if it cannot be read, or returns something else.
    """
    claim.title, claim.source = who, source
    try:
        builder = ProgramBuilder(frame.inputs.size)
        ties = claim.ties
        read, flags = ties.untied.text, ties.untied.flags
        # What was taken out may have raised.
        text = Text(read, builder, every_way=whole or read != source, noted=flags)
        if not text.functions:
            raise UnreadableError("found no function definition")
        if not name:
            public = [n for n in text.functions if not n.startswith("_")]
            last = (public or list(text.functions))[-1]  # after those it calls
            name = last if "value_and_gradient" not in text.functions else "value_and_gradient"
        claim.title, claim.entry = f"{who} {name}", name
        if name in text.functions:
            require_order(frame, text.named(name), claim.title)

        def called() -> Value:
            return text.call(name, _arguments(frame))

        for suffix, placed in both_ways(text, called, ties):
            claim.programs.append(text.builder.program([int(x) for x in leaves(placed)]))
            claim.labels.append(name + suffix)
        text.check_rest()
        claim.demanded, claim.raising = text.demanded(), text.raising()
        if whole and (unproven := text.unproven()):
            raise UnreadableError(f"{unproven[0]} is part of nothing that is proven; remove it")
    except UnreadableError as error:
        raise ArgumentError(
            f"{who}: {error}. Text is read, never run; pass the function itself to have it traced"
        ) from None


def _arguments(graph: Graph) -> list[Value]:
    """Arguments as a function written by hand takes them: floats and NumPy arrays."""

    def array(leaves: list[Value], shape: tuple[int, ...]) -> Value:
        return Array(leaves, shape) if shape else leaves[0]

    structure = Tuple(tuple(s for _, s in graph.parameters))
    if records := records_of(structure):  # their classes are code
        raise UnreadableError(f"a text has no values of class {records[0].name}")
    numbers = [Real(place) for place in range(graph.inputs.size)]
    return list(map(_caller_s, tree_of(structure).rebuild(numbers, array)))


def _caller_s(value: Value) -> Value:
    """An argument as the caller has it: what a text changes of it, the caller would see."""
    if isinstance(value, dict):
        return Table({key: _caller_s(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        items = map(_caller_s, value)
        return List(list(items)) if isinstance(value, list) else tuple(items)
    return value
