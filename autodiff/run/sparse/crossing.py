"""Crossing: tangents up to the front of a plan, cotangents down to it, entries where they meet."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from autodiff.run.derive.extension import Extension
from autodiff.run.derive.guard import Guard, Opened, below, join, meet, unguarded
from autodiff.run.sparse.flow import Flow
from autodiff.run.sparse.plan import Plan
from autodiff.table.float import Float
from autodiff.table.primitive import Guarded, Rule

__all__ = ["Entry", "entries"]


class Entry(NamedTuple):
    """One entry of a matrix."""

    row: int
    column: int
    value: object  # a tracer or a number


# A tangent or cotangent, and the guard under which it flows.
_Part: TypeAlias = tuple[Any, Guard | None]


def entries(extension: Extension, flow: Flow, plan: Plan) -> Iterator[Entry]:
    """The entries of the Jacobian that the plan asks for, row by row.

    Args:
        extension: The graph being extended.
        flow: How derivatives pass through it.
        plan: How the entries are computed.
    """
    sweeps = _Crossing(extension, flow, plan)
    sweeps.push()
    ranks = plan.ranks
    for row, output in enumerate(flow.outputs):
        rank = None if ranks is None else ranks[row]
        found = sweeps.pull(output, rank)
        for column in sorted(found):
            yield Entry(row, column, unguarded(*found[column]))


class _Crossing:
    def __init__(self, extension: Extension, flow: Flow, plan: Plan) -> None:
        self._extension, self._flow, self._plan = extension, flow, plan
        self._opened: Opened = {}
        columns: dict[int, int] = {}
        for column, index in enumerate(flow.inputs):
            columns.setdefault(index, column)
        one: object = Float(1.0)
        self._tangents: dict[int, dict[int, _Part]] = {
            index: {column: (one, None)} for index, column in columns.items()
        }

    def _around(self, index: int) -> tuple[Sequence[Rule | None], object, list[object]]:
        """What the rules of a node are given: the rules, its value, its operands."""
        seen, node = self._extension.operands, self._extension.graph.nodes[index]
        assert node[0] is not None
        return node[0].partials, seen[index], [seen[i] for i in node[1]]

    def _passed(self, value: object, guard: Guard | None) -> _Part:
        """What a rule gave, of something that flows under a guard."""
        if type(value) is Guarded:
            return value.value, below(self._opened, guard, value)
        return value, guard

    def push(self) -> None:
        """Tangents of every node in the front, by the columns that are asked for."""
        plan, tangents = self._plan, self._tangents
        ranks, built = plan.ranks, self._extension.builder.nodes
        pushes: list[tuple[int, int, object]] = []
        for index, edges in enumerate(self._flow.edges):
            if not edges or not plan.front[index]:
                continue
            own: dict[int, _Part] = {}
            rules, out, operands = self._around(index)
            highest = len(self._flow.inputs) if ranks is None else plan.highest[index]
            for operand, position, _, _ in edges:
                rule = rules[position]
                assert rule is not None
                for column, (dot, guard) in tangents.get(operand, {}).items():
                    if ranks is not None and ranks[column] > highest:
                        continue
                    start = len(built)
                    value = rule(dot, out, *operands)
                    if value is None:
                        continue
                    present = own.get(column)
                    if guard is None and type(value) is not Guarded:  # most: written out
                        if present is None:
                            own[column] = value, None
                        elif present[1] is None:
                            own[column] = present[0] + value, None
                        else:
                            own[column] = meet(*present, value, None)
                    else:
                        passed = self._passed(value, guard)
                        own[column] = passed if present is None else meet(*present, *passed)
                    pushes.append((start, index, own[column][0]))
            tangents[index] = own
        self._extension.noted("dot", pushes)

    def pull(self, output: int, rank: int | None) -> dict[int, _Part]:
        """One row: cotangents of an output down to the front's edge, times the tangents there."""
        plan, built = self._plan, self._extension.builder.nodes
        row: dict[int, _Part] = {}
        cotangents: dict[int, _Part] = {output: (Float(1.0), None)}
        waiting = [-output]  # nodes that have a cotangent, last first
        sweeps: list[tuple[int, int, object]] = []
        while waiting:
            index = -heapq.heappop(waiting)
            part = cotangents.pop(index)
            if plan.front[index]:
                self._meet(row, index, part, rank)
                continue
            sweeps.append((len(built), index, part[0]))
            edges = self._flow.edges[index]
            if not edges:
                continue
            rules, out, operands = self._around(index)
            for operand, position, _, _ in edges:
                if rank is not None and plan.lowest[operand] > rank:
                    continue
                rule = rules[position]
                assert rule is not None
                value = rule(part[0], out, *operands)
                if value is None:
                    continue
                passed = self._passed(value, part[1])
                present = cotangents.get(operand)
                if present is None:
                    heapq.heappush(waiting, -operand)
                cotangents[operand] = passed if present is None else join(*present, *passed)
        self._extension.noted("bar", sweeps)
        return row

    def _meet(self, row: dict[int, _Part], index: int, cotangent: _Part, rank: int | None) -> None:
        """Add cotangent times tangent to the entries of a row, at a node of the front."""
        ranks = self._plan.ranks
        for column, tangent in self._tangents.get(index, {}).items():
            if ranks is not None and rank is not None and ranks[column] > rank:
                continue
            part = self._product(cotangent, tangent)
            present = row.get(column)
            row[column] = part if present is None else join(*present, *part)

    def _product(self, cotangent: _Part, tangent: _Part) -> _Part:
        (bar, above), (dot, under) = cotangent, tangent
        value = dot if _is_one(bar) else bar if _is_one(dot) else bar * dot
        if under is None:
            return value, above
        if above is None:
            return value, under
        return value, below(self._opened, above, Guarded(under.combined(), True, value))


def _is_one(x: object) -> bool:
    return isinstance(x, float) and x == 1.0
