"""What the parts of a loop are called in text: the same for arrays and for lists of floats.

Whoever writes a loop asks in the order in which its lines stand, so that names are claimed in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from autodiff.graph.loops.loop_nodes import Loop, LoopNodes
from codegen.language.lines import INDENT
from codegen.language.naming import Names
from codegen.text.whole.early_end import EarlyEnd
from codegen.text.write import count_uses

__all__ = ["Around", "NamedLoop"]


class Around(Protocol):
    """What writes the graph around a loop."""

    texts: dict[int, str]

    def atom(self, index: int) -> str:
        """Name or literal of a node."""
        ...

    def inlined(self, index: int) -> str:
        """Text of a node where it is used for the last time."""
        ...

    def wish(self, index: int | None, name: str) -> str:
        """How the result of a loop is to be called."""
        ...


class _Leaving(Protocol):
    """What writes the body, which may be left early."""

    lines: list[str]
    made: list[int]

    def write(self, order: Sequence[int], kept: dict[int, str], uses: Sequence[int]) -> None:
        """Write these nodes."""
        ...

    def condition(self, index: int) -> str:
        """Text of a truth value where only its truth matters."""
        ...


class _Body(Protocol):
    """What writes the body."""

    def inlined(self, index: int) -> str:
        """Text of a node where it is used for the last time."""
        ...


class NamedLoop:
    """Names of the index, the carries and what is stacked.

    Args:
        writer: What writes the graph.
        group: The loop.
        names: Identifiers of the file.
        end: How its repetitions are written.
        there: Names of carries that are arrays which have one.

    Attributes:
        given: Texts of the operands.
        index: The variable of the loop.
        wishes: What the body calls its inputs.
        carried: Names of the carries.
        stacks: Names of the stacked results, by their places among the results.
    """

    def __init__(
        self, writer: Around, group: LoopNodes, names: Names, end: EarlyEnd,
        there: Mapping[int, str] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self._writer, self._group, self._names = writer, group._replace(loop=end.loop), names
        loop, members = end.loop, group.members
        self._end = end
        self.given = [
            writer.inlined(i) if place < loop.carries and group.operands.count(i) == 1
            else writer.atom(i)
            for place, i in enumerate(group.operands)
        ]  # fmt: skip
        self.index = names.claim("i")
        self.wishes = [name for name, _ in loop.body.parameters]
        self.carried = [
            there.get(k) or names.claim(writer.wish(members.get(k), self.wishes[k]))
            for k in range(loop.carries)
        ]
        self.stacks = {
            k: names.claim(writer.wish(members.get(k), _stack_wish(loop, k)))
            for k in range(loop.carries, loop.results)
        }

    @property
    def begun(self) -> list[str]:
        """What the carries begin as."""
        return self.given[: len(self.carried)]

    def uses(self) -> list[int]:
        """How often each node of the body is used."""
        end, body = self._end, self._end.loop.body
        uses = count_uses(body, [*end.first, *end.rest])
        for output in (*body.outputs, *([] if end.condition is None else [end.condition])):
            uses[output] += 1
        return uses

    def write_first(self, body: _Leaving, uses: Sequence[int], read: list[str]) -> list[str]:
        """Write what decides whether a repetition does anything, if it may not.

        Returns:
            Those of the lines that name elements which stand before that: a loop that is left
            reads none.
        """
        end = self._end
        if end.condition is not None:
            body.write(end.first, {}, uses)
            test = end.test(body.condition(end.condition))
            body.lines += [f"if {test}:", f"{INDENT}{end.word}"]
            body.made += [end.condition] * 2
            if end.word == "break":
                body.lines += read
                body.made += [end.condition] * len(read)
                return []
        return read

    def read(self, uses: Sequence[int], texts: dict[int, str]) -> list[str]:
        """Lines that name elements of streams; ``texts`` gets the text of each element."""
        loop, lines = self._group.loop, []
        for i in loop.stream_places:
            element = f"{self.given[i]}[{self.index}]"
            if uses[i] > 1 or loop.body.nodes[i].shape:
                texts[i] = self._names.claim(self.wishes[i])
                lines.append(f"{texts[i]} = {element}")
            else:
                texts[i] = element
        return lines

    def store_first(self, body: _Leaving) -> None:
        """Write what keeps arrays as they were before they change."""
        outputs = self._group.loop.body.outputs
        for k, name in self.stacks.items():
            if outputs[k] in self._end.keyed.carried:
                body.lines.append(f"{name}[{self.index}] = {self.carried[outputs[k]]}")
                body.made.append(outputs[k])

    def stored(self, body: _Body) -> list[str]:
        """Lines that keep what else is stacked."""
        outputs = self._group.loop.body.outputs
        return [
            f"{name}[{self.index}] = {body.inlined(outputs[k])}"
            for k, name in self.stacks.items() if outputs[k] not in self._end.keyed.carried
        ]  # fmt: skip

    def name_results(self) -> None:
        """From here on the results of the loop have their names."""
        for k, node in self._group.members.items():
            self._writer.texts[node] = self.stacks[k] if k in self.stacks else self.carried[k]


def _stack_wish(loop: Loop, k: int) -> str:
    """What is stacked, by what it is in the body."""
    output = loop.body.outputs[k]
    if output < loop.body.inputs.count:
        return f"{loop.body.parameters[output][0]}_kept"
    labels = {} if loop.body.origins is None else loop.body.origins.labels
    named = output in labels and labels[output].strength == 0
    return f"{labels[output].base}_kept" if named else "kept"
