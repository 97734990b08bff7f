"""Repetitions that do nothing, written as such: ``break`` where a loop is done, else ``continue``.

What leads to the condition stands first; behind it no carry has to be chosen.  Lists and arrays
that are filled hold zeros where nothing is stored (``autodiff/graph/loops/ending.py``).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from autodiff.graph.loops.ending import goes_on, switch_of, taken
from autodiff.graph.loops.in_place import leading_to
from autodiff.graph.loops.loop_nodes import Loop
from autodiff.graph.rebuild import live_nodes
from autodiff.table.primitive import REGISTRY
from codegen.text.whole.keyed import NOTHING, Keyed, keyed

__all__ = ["EarlyEnd", "early_end", "whole_loop"]

_COMPARED = {REGISTRY[name] for name in ("lt", "le", "gt", "ge", "eq", "ne")}


class EarlyEnd(NamedTuple):
    """A loop in two parts.

    Args:
        loop: The loop; behind the condition its repetitions take that for granted.
        condition: A node of its body; None for a loop whose repetitions all do something.
        first: Nodes that lead to the condition.
        rest: The others.
        word: How a repetition ends that does nothing.
        keyed: Which arrays it changes where they lie.
    """

    loop: Loop
    condition: int | None
    first: list[int]
    rest: list[int]
    word: str
    keyed: Keyed = NOTHING

    @property
    def counted(self) -> list[int]:
        """The operations that are written, but for a comparison that only ends a repetition."""
        nodes = self.loop.body.nodes
        compares = self.condition is not None and nodes[self.condition].primitive in _COMPARED
        ends = {self.condition} if compares else set()
        return [i for i in (*self.first, *self.rest) if i not in ends]

    def test(self, condition: str) -> str:
        """When a repetition does nothing, given the text of the condition."""
        primitive = self.loop.body.nodes[self.condition or 0].primitive
        asked = condition.removesuffix(" != 0.0")
        if primitive is REGISTRY["ne"] and asked != condition and " " not in asked:
            return f"{asked} == 0.0"
        joined = " and " in condition or " or " in condition or " if " in condition
        return f"not ({condition})" if joined else f"not {condition}"


def early_end(loop: Loop) -> EarlyEnd:
    """How the repetitions of a loop are written; kept beside its body."""
    key, plans = ("early end", *loop[1:]), loop.body.plans
    if key not in plans:
        plans[key] = _found(loop)
    found: EarlyEnd = plans[key]
    return found


def _found(loop: Loop) -> EarlyEnd:
    condition = switch_of(loop)
    nodes = loop.body.nodes
    if condition is None or nodes[condition].value is not None:
        return whole_loop(loop)
    body, own = keyed(loop, taken(loop).body, _keyed)
    first = leading_to(body, condition)
    live = live_nodes(replace(body, outputs=(*body.outputs, condition)))
    rest = [
        i for i, node in enumerate(nodes)
        if node.primitive is not None and live[i] and i not in first
    ]  # fmt: skip
    word = "continue" if goes_on(loop, stacks=True) is None else "break"
    return EarlyEnd(loop._replace(body=body), condition, sorted(first), rest, word, own)


def _keyed(loop: Loop) -> Keyed:
    return early_end(loop).keyed


def whole_loop(loop: Loop) -> EarlyEnd:
    """A loop all of whose repetitions are written as they are."""
    body, own = keyed(loop, loop.body, _keyed)
    live = [True] * len(body.nodes) if body is loop.body else live_nodes(body)
    every = [i for i, node in enumerate(body.nodes) if node.primitive is not None and live[i]]
    return EarlyEnd(loop._replace(body=body), None, [], every, "", own)
