"""Write the nodes of a graph as straight-line statements, one assignment a line.

A value used once is written inside its only use while the line stays short: fewer lines, and
faster code.  Order of operations and bits stay the same.  Names are ours (``v7``) or a checked form
of the user's; text of the user never gets in otherwise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import loops_of
from autodiff.table.primitive import Primitive
from codegen.language.if_blocks import Block, If
from codegen.language.lines import INDENT, LINE
from codegen.language.naming import Anonymous, Names, Naming
from codegen.language.target import Target
from codegen.language.wrap import wrapped
from codegen.subset.template import ATOM, Template, template

__all__ = ["Writer", "count_uses"]

# Longer than this, a value used once still gets a line of its own.
_FOLDED = 64
_NEGATIVE = re.compile(r"^\((-[\d.]+(?:e[+-]?\d+)?)\)$")
_WIDTH = LINE - len(INDENT)
_LONGEST = LINE - 12  # leaves room for indentation and ``v1234 = ``


def count_uses(graph: Graph, order: Sequence[int]) -> list[int]:
    """How often each node is an operand of the nodes in ``order``; a loop is one use."""
    uses = [0] * len(graph.nodes)
    nodes, loops = graph.nodes, loops_of(graph)
    if loops:
        first = {id(loops[i]): i for i in reversed(order) if i in loops}
        order = [i for i in order if i not in loops or first[id(loops[i])] == i]
    for index in order:
        for operand in nodes[index][1]:
            uses[operand] += 1
    return uses


class Writer:
    """Turns nodes into lines of one target.

    Args:
        graph: The graph.
        target: The target.
        names: Identifiers of the file.
        texts: Text of each node known so far (inputs); literals are added when met.
        naming: What chooses names; without one, values have no names of the user's.
    """

    def __init__(
        self,
        graph: Graph,
        target: Target,
        names: Names,
        texts: dict[int, str],
        naming: Naming | None = None,
    ) -> None:
        self.graph, self.target = graph, target
        self.texts = texts
        self._naming = Anonymous(names) if naming is None else naming
        self._wraps = naming is not None  # our own names are short
        origins = graph.origins if naming is not None else None
        self._spellings = {} if origins is None else origins.spellings
        self.lines: list[str] = []
        self.made: list[int] = []  # the node of each line
        self.calls: set[str] = set()
        self.divides = False  # a line holds ``/`` or ``%``
        self._forms: dict[Primitive, Template] = {}
        self._imported: list[int] = []  # literals inf and nan
        self._pending: dict[int, tuple[str, int]] = {}  # folded into their only use
        self._truth: set[int] = set()  # nodes whose text is a truth value, not a number
        self._inset = 0  # width of the indentation inside branches

    def write(self, order: Sequence[int], kept: dict[int, str], uses: Sequence[int]) -> None:
        """Write the nodes in ``order``; those in ``kept`` get a line and that name ("": any)."""
        nodes, pending, forms = self.graph.nodes, self._pending, self._forms
        named = self._naming.variables
        for index in order:
            primitive, operands = nodes[index][0], nodes[index][1]
            assert primitive is not None
            form = forms.get(primitive)
            if form is None:
                form = self.form_of(index, primitive)
                self.calls.update(form.calls)
                self.divides |= " / " in form.text or " % " in form.text
                if not primitive.params:
                    forms[primitive] = form
            text = self._infix(form, operands) if form.sign and not self._truth else ""
            if not text:
                text = self._text(form, operands, primitive)
            if primitive.predicate:
                self._truth.add(index)
            if (
                uses[index] == 1
                and index not in kept
                and index not in named
                and len(text) <= _FOLDED
            ):
                pending[index] = (text, form.binds)
            else:
                self._assign(index, text, kept.get(index, ""))

    @property
    def has_ifs(self) -> bool:
        """True for a language whose values are single numbers: there a branch is a branch."""
        return bool(self.target.module)

    def write_block(self, block: Block, kept: dict[int, str], uses: list[int]) -> None:
        """Write nodes, some of them in branches; ``kept`` and ``uses`` as for ``write``."""
        run: list[int] = []
        for item in block:
            if isinstance(item, int):
                run.append(item)
                continue
            self.write(run, kept, uses)
            run = []
            self._write_if(item, kept, uses)
        self.write(run, kept, uses)

    def _write_if(self, branch: If, kept: dict[int, str], uses: list[int]) -> None:
        """Write both sides of a branch, and what each gives to the values that are chosen."""
        outer = self.lines, self.made
        uses[branch.condition] -= len(branch.choices) - 1  # it is written once
        self._inset += len(INDENT)
        chosen = kept | {i: kept.get(i) or self._naming.name(i) for i in branch.choices}
        sides: list[tuple[list[str], list[int]]] = []
        for place, block in ((1, branch.then), (2, branch.other)):
            self.lines, self.made = [], []
            ends = {i for item in block if isinstance(item, If) for i in item.choices}
            for index in branch.choices:  # what is chosen again has the same name
                end = self.graph.nodes[index].operands[place]
                if end in ends and uses[end] == 1 and end not in kept:
                    chosen[end] = chosen[index]
            self.write_block(block, chosen, uses)
            sides.append((self.lines, self.made))
        self._inset -= len(INDENT)
        if not sides[0][0] and not sides[1][0] and self._are_short(branch.choices):
            self.lines, self.made = outer
            self.write(branch.choices, {i: chosen[i] for i in branch.choices}, uses)
            return
        condition = self.condition(branch.condition)
        lines: list[str] = []
        made: list[int] = []
        for place, (written, nodes), head in zip(
            (1, 2), sides, (f"if {condition}:", "else:"), strict=True
        ):
            self.lines, self.made = written, nodes
            self._inset += len(INDENT)
            for index in branch.choices:
                end = self.graph.nodes[index].operands[place]
                # A loop has more lines than one: its name is written again and again.
                once = uses[end] == 1 and end not in chosen and nodes.count(end) == 1
                self._give(index, end, chosen[index], once)
            self._inset -= len(INDENT)
            inside = _is_one_if(written)
            shift = "" if place == 2 and inside else INDENT
            if shift:
                lines.append(head)
                made.append(branch.choices[0])
            elif written:
                written[0] = f"el{written[0]}"
            lines += [shift + line for line in written]
            made += nodes
        self.lines, self.made = outer
        self.lines += lines
        self.made += made
        self.texts |= {index: chosen[index] for index in branch.choices}

    def _are_short(self, choices: Sequence[int]) -> bool:
        """True if each choice fits into one line as a conditional expression."""
        nodes = self.graph.nodes
        return all(
            sum(len(self._operand(i, False)[0]) for i in nodes[index].operands) <= _LONGEST - 24
            for index in choices
        )

    def _give(self, index: int, value: int, name: str, once: bool) -> None:
        """``name = value``, on one side of a branch."""
        text = self._operand(value, False)[0]
        self._pending.pop(value, None)
        start = f"{text} = "
        if once and text.isidentifier():  # it has a line here, for this alone
            for at, line in enumerate(self.lines):
                if line.startswith(start):
                    self.lines[at] = f"{name} = {line.removeprefix(start)}"
                    return
        if text != name:
            self._line(index, _NEGATIVE.sub(r"\1", text), name)

    def form_of(self, index: int, primitive: Primitive) -> Template:
        """The text of a node, that of its primitive unless it has parameters."""
        return self.target.template(primitive)

    def _infix(self, form: Template, operands: Sequence[int]) -> str:
        """Text of ``x + y``, the commonest case, if the line stays short; else empty."""
        x, y = operands
        pending = self._pending
        left, right = pending.get(x), pending.get(y)
        if left is None:
            one = self.texts.get(x) or self.atom(x)
        else:
            one = left[0] if left[1] >= form.holes[0] else f"({left[0]})"
        if right is None:
            two = self.texts.get(y) or self.atom(y)
        else:
            two = right[0] if right[1] >= form.holes[1] else f"({right[0]})"
        text = one + form.sign + two
        if len(text) > _LONGEST - self._inset:
            return ""
        if left is not None:
            del pending[x]
        if right is not None:
            del pending[y]
        return text

    def _text(self, form: Template, operands: Sequence[int], primitive: Primitive) -> str:
        for position in form.repeated:
            self._settle(operands[position])
        text = self._compose(form, operands, primitive.conditions)
        while len(text) > _LONGEST - self._inset and self._settle_longest(operands):
            text = self._compose(form, operands, primitive.conditions)
        for operand in operands:  # folded in, for good
            self._pending.pop(operand, None)
        return text

    def values(self) -> tuple[tuple[str, int], ...]:
        """Name and node of each line."""
        return tuple([(self.texts[index], index) for index in self.made])

    def restart(self) -> None:
        """Begin another function that goes on with the values written so far."""
        self.lines, self.made, self.calls, self._forms = [], [], set(), {}
        self.divides = False
        for index in self._imported:  # inf and nan are met again, so that ``calls`` names them
            self.texts.pop(index, None)
        self._imported = []

    def atom(self, index: int) -> str:
        """Name or literal of a node written before."""
        text = self.texts.get(index)
        if text is None:
            value = self.graph.constants.get(index)
            if value is None:
                self._settle(index)
                return self.number(index)
            spelled = self._spellings.get(abs(value), "")
            text = self.texts[index] = self.target.literal(value, spelled)
            if value != value or math.isinf(value):
                self.calls.add(self.target.called("nan" if value != value else "inf"))
                self._imported.append(index)
        return text

    def number(self, index: int) -> str:
        """Text of a node as a number: a truth value is converted."""
        text = self.atom(index) if index not in self._pending else self._pending[index][0]
        if index in self._truth:
            return "(" + self.target.truth_as_number.format(text) + ")"
        return text

    def condition(self, index: int) -> str:
        """Text of a truth value where only its truth matters."""
        text = self._operand(index, True)[0]
        self._pending.pop(index, None)
        return text

    def _assign(self, index: int, text: str, name: str) -> None:
        if name and index in self._truth:  # an output is a number
            text = self.target.truth_as_number.format(text)
            self._truth.discard(index)
        name = name or self._naming.name(index)
        self._line(index, text, name)
        self.texts[index] = name

    def _line(self, index: int, text: str, name: str) -> None:
        width = _WIDTH - self._inset
        if len(name) + len(text) + 3 <= width or not self._wraps:
            self.lines.append(f"{name} = {text}")
            self.made.append(index)
        else:
            lines = wrapped(f"{name} = ", text, width)
            self.lines += lines
            self.made += [index] * len(lines)

    def _settle(self, index: int) -> None:
        """Give a folded value a line of its own."""
        pending = self._pending.pop(index, None)
        if pending is not None:
            self._assign(index, pending[0], "")

    def _settle_longest(self, operands: Sequence[int]) -> bool:
        folded = [i for i in operands if i in self._pending]
        if not folded:
            return False
        self._settle(max(folded, key=lambda i: len(self._pending[i][0])))
        return True

    def _compose(self, form: Template, operands: Sequence[int], conditions: tuple[int, ...]) -> str:
        parts = []
        for piece in form.pieces:
            if isinstance(piece, str):
                parts.append(piece)
                continue
            text, binds = self._operand(operands[piece], piece in conditions)
            parts.append(text if binds >= form.holes[piece] else f"({text})")
        return "".join(parts)

    def _operand(self, index: int, as_condition: bool) -> tuple[str, int]:
        text, binds = self._pending.get(index) or (self.atom(index), ATOM)
        if index in self._truth and not as_condition:
            form = template(self.target.truth_as_number, 1)
            inner = text if binds >= form.holes[0] else f"({text})"
            return form.text.format(inner), form.binds
        return text, binds


def _is_one_if(lines: Sequence[str]) -> bool:
    """True if these are one ``if`` with its sides, and nothing else."""
    return (
        bool(lines)
        and lines[0].startswith("if ")
        and all(line.startswith((INDENT, "elif ", "else:")) for line in lines[1:])
    )
