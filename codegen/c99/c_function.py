"""One C function of the inputs: its value, and the numbers it writes.

A function of a few thousand operations is one C function.  Compilers take more than linear time
for a long one, so above a limit it is written in parts, as in ``chunks.py``: values that cross a
border live in an array, inputs first, then outputs, then the rest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array, Part, leaf_names, size
from codegen.c99.c_target import C99
from codegen.c99.c_writer import CWriter
from codegen.language.lines import INDENT, LINE
from codegen.language.naming import Names
from codegen.language.wrap import broken
from codegen.subset.spelling_c import DIRECT, KEYWORDS, RESERVED
from codegen.subset.to_c import own_names
from codegen.text.chunks import Slots, copies
from codegen.text.emit import split
from codegen.text.parameters import kept_names, parts_of
from codegen.text.write import Writer, count_uses

__all__ = ["FIXED", "CFunction", "braced", "listed"]

LIMIT = 4_000  # operations above which a function is written in parts
PART = 250  # operations a part

_CONSTANTS = {"inf", "nan"}
# No parameter hides what C defines by macros, or what our functions are called.
FIXED = RESERVED | set(own_names())


class CFunction:
    """One C function of the inputs.

    Args:
        name: Its name.
        graph: The value, then the gradient; if it has limits, last whether switches tie.
        bars: The scalars and arrays inside the gradient; none for the value alone.
        settles: The function that settles derivatives where switches tie, if the graph has limits.
        static: True for one that only its own file calls.
        writes: Name and length of each array that it writes, where there is not the gradient alone;
            then it returns the first output if the arrays have no room for it, else nothing.
    """

    def __init__(
        self,
        name: str,
        graph: Graph,
        bars: Sequence[Part],
        settles: str = "",
        static: bool = False,
        writes: Sequence[tuple[str, int]] = (),
    ) -> None:
        self.name, self.graph = name, graph
        self.calls: set[str] = set()
        self._static, self._settles = "static " if static else "", settles
        self._outputs = graph.outputs if graph.limits is None else graph.outputs[:-1]
        names = self._names = Names([*KEYWORDS, *dir(math), *own_names(), *filter(None, [settles])])
        self.parameters: list[str] = []
        self._parts = parts_of(graph.parameters)
        kept = {part for part in kept_names(graph.parameters) if part not in {*FIXED, settles}}
        names.keep(kept)
        self._target = C99.beside(kept)
        self._claimed = [part if part in kept else names.claim(part) for part, _ in self._parts]
        self._gradient, self._w, self._value = map(names.ours, ("gradient", "w", "value"))
        self._i = names.ours("i")
        for claimed, (_, structure) in zip(self._claimed, self._parts, strict=True):
            pointer = "const double *" if isinstance(structure, Array) else "double "
            self.parameters.append(pointer + claimed)
        self._arrays = [(names.ours(array), count) for array, count in writes]
        if bars:
            self._arrays = [(self._gradient, len(self._outputs) - 1)]
        self.parameters += [f"double *{array}" for array, _ in self._arrays]
        self._bars = [f"{leaf}_bar" for part, s in bars for leaf in leaf_names(part, s)]
        self._written = sum(count for _, count in self._arrays)
        self._returns = not writes or self._written < len(self._outputs)
        self._forward, self._backward = split(graph, 1)
        order = [*self._forward, *self._backward]
        self.in_parts = len(order) > LIMIT
        self.text = self._long(order) if self.in_parts else self._short(order)

    @property
    def prototype(self) -> str:
        """What the header declares."""
        head = f"{self._static}{'double' if self._returns else 'void'} {self.name}("
        line = f"{head}{', '.join(self.parameters) or 'void'})"
        if len(line) <= LINE:
            return line
        return f"{head}\n{INDENT}" + f",\n{INDENT}".join(self.parameters) + ")"

    # --- one function ---

    def _short(self, order: Sequence[int]) -> str:
        graph, names = self.graph, self._names
        uses = count_uses(graph, order)
        asked = graph.inputs.nodes if self._settles else ()
        for index in (*graph.outputs, *asked):
            uses[index] += 1
        head, texts, place = self._unwritten(), {}, 0
        for claimed, (part, structure) in zip(self._claimed, self._parts, strict=True):
            if not isinstance(structure, Array):
                texts[place] = claimed
                head += [] if uses[place] else [f"(void){claimed};"]
                place += 1
                continue
            leaves = leaf_names(part, structure)
            if not any(uses[place : place + len(leaves)]):
                head.append(f"(void){claimed};")
            for i, leaf in enumerate(leaves):
                if uses[place + i]:
                    texts[place + i] = names.claim(leaf)
                    head.append(_declared(f"{texts[place + i]} = {claimed}[{i}]"))
            place += len(leaves)
        kept = {i: "" for i in self._outputs if graph.nodes[i].primitive is not None}
        reverse = set(self._backward)
        for output, wish in zip(self._outputs[1:], self._bars, strict=False):
            if output in reverse and not kept[output]:
                kept[output] = names.claim(wish)
        writer = CWriter(graph, self._target, names, texts)
        uses = count_uses(graph, order)
        if graph.limits is not None:
            uses[graph.outputs[-1]] += 1  # the condition of a statement
        writer.write(order, kept, uses)
        results = [writer.number(i) for i in self._outputs]
        tied = self._tied(writer, texts, results)
        self.calls |= writer.calls - _CONSTANTS
        last = [f"return {results[0]};"] if self._returns else []
        lines = [*head, *map(_declared, writer.lines), *tied, *self._stores(results), *last]
        return braced(self.prototype, lines)

    def _unwritten(self) -> list[str]:
        """What tells a compiler that arrays of no numbers are meant to be left alone."""
        return [f"(void){array};" for array, count in self._arrays if not count]

    def _stores(self, results: Sequence[str]) -> list[str]:
        """What puts the results where they are written, but one that is returned."""
        places = [f"{array}[{i}]" for array, count in self._arrays for i in range(count)]
        given = results[len(results) - len(places) :]
        return [_broken(place, text) for place, text in zip(places, given, strict=True)]

    def _tied(self, writer: Writer, texts: dict[int, str], results: Sequence[str]) -> list[str]:
        """The statement for where switches tie."""
        limits = self.graph.limits
        if limits is None:
            return []
        first, count = limits.outputs[0], len(limits.outputs)
        point = [texts[i] for i in self.graph.inputs.nodes]
        bars = [results[i] for i in limits.outputs]
        names = self._names.claim("point"), self._names.claim("bars")
        settled = list(results)
        for k, i in enumerate(limits.outputs):
            settled[i] = f"{names[1]}[{k}]"
        written = len(results) - 1
        item = "[{i}]" if first else "[{i} + 1]"  # the value may be a derivative itself
        loops = self._bars or not self._arrays
        stores = (
            self._each(written, f"{self._gradient}[{{i}}] = {names[1]}{item};")
            if loops
            else self._stores(settled)
        )
        return [
            f"if ({writer.condition(self.graph.outputs[-1])}) {{",
            *(f"{INDENT}{line}" for line in (
                *listed(f"const double {names[0]}[{len(point)}]", point),
                *listed(f"double {names[1]}[{count}]", bars),
                f"{self._settles}({', '.join(names)});",
                *stores,
                f"return {settled[0]};" if self._returns else "return;",
            )),
            "}",
        ]  # fmt: skip

    # --- in parts ---

    def _long(self, order: Sequence[int]) -> str:
        graph = self.graph
        pieces = [order[i : i + PART] for i in range(0, len(order), PART)]
        slots = Slots(graph, pieces)
        writer = CWriter(graph, self._target, self._names, slots.texts(range(graph.inputs.count)))
        uses = count_uses(graph, order)
        texts: list[str] = []
        for piece in pieces:
            writer.write(piece, slots.texts(i for i in piece if slots.of[i] >= 0), uses)
            texts.append(self._part(len(texts), [_stored(line) for line in writer.lines]))
            self.calls |= writer.calls - _CONSTANTS
            for index in piece:
                if slots.of[index] < 0:
                    writer.texts.pop(index, None)
            writer.restart()
        last = [f"{line};" for line in copies(graph, slots, writer, slice(None))]
        for i in range(0, len(last), PART):
            texts.append(self._part(len(texts), last[i : i + PART]))
        return "\n".join([*texts, braced(self.prototype, self._driver(slots, len(texts)))])

    def _part(self, number: int, lines: Sequence[str]) -> str:
        return braced(f"static void {self.name}_{number + 1}(double *w)", lines)

    def _driver(self, slots: Slots, parts: int) -> list[str]:
        first, value = slots.outputs[0], self._value
        w, behind = self._w, len(self._outputs) - self._written
        none = [
            line
            for array, count in self._arrays
            for line in self._each(count, f"{array}[{{i}}] = NAN;")
        ]
        returned = f"return {value};" if self._returns else "return;"
        lines = [
            *self._unwritten(),
            f"double *{w} = {self._target.called('malloc')}({slots.count} * sizeof *{w});",
            *([f"double {value} = NAN;"] if self._returns else []),
            f"if ({w} == NULL) {{",
            *(INDENT + line for line in none),
            f"{INDENT}{returned}",
            "}",
        ]
        place = 0
        for claimed, (_, structure) in zip(self._claimed, self._parts, strict=True):
            length = size(structure)
            if isinstance(structure, Array):
                lines += self._each(length, f"{w}[{place} + {{i}}] = {claimed}[{{i}}];")
            else:
                lines.append(f"{w}[{place}] = {claimed};")
            place += length
        lines += [f"{self.name}_{i + 1}({w});" for i in range(parts)]
        limits = self.graph.limits
        if limits is not None:
            call = f"{self._settles}({w}, {w} + {first + limits.outputs[0]});"
            lines += [f"if ({w}[{slots.outputs[-1]}] != 0.0) {{", f"{INDENT}{call}", "}"]
        lines += [f"{value} = {w}[{first}];"] if self._returns else []
        place = first + behind
        for array, count in self._arrays:
            lines += self._each(count, f"{array}[{{i}}] = {w}[{place} + {{i}}];")
            place += count
        last = [returned] if self._returns else []
        return [*lines, f"{self._target.called('free')}({w});", *last]

    def _each(self, count: int, statement: str) -> list[str]:
        """A loop over ``{i}``; nothing if there is nothing to do."""
        i = self._i
        head = f"for (long {i} = 0; {i} < {count}; ++{i}) {{"
        return [head, INDENT + statement.format(i=i), "}"] if count else []

    def renamed(self) -> dict[str, str]:
        """What stands for functions of the library whose names are parameters."""
        aliases = self._target.aliases.items()
        return {
            alias: DIRECT[name].format(alias=alias)
            for name, alias in aliases
            if re.search(rf"\b{alias}\(", self.text)
        }


def braced(head: str, lines: Sequence[str]) -> str:
    """Text of a function."""
    return "\n".join([head, "{", *(INDENT + line for line in lines), "}"]) + "\n"


def _declared(line: str) -> str:
    """``v1 = x`` as a declaration."""
    name, _, text = line.partition(" = ")
    return _broken(f"const double {name}", text)


def _broken(left: str, text: str) -> str:
    """``left = text;``, broken after the sign where it is long."""
    whole = f"{left} = {text};"
    if len(INDENT + whole) <= LINE:
        return whole
    lines = broken(text, LINE - len(INDENT * 2))
    return "\n".join([f"{left} =", *(INDENT * 2 + line for line in lines)]) + ";"


def listed(head: str, items: Sequence[str]) -> list[str]:
    """Lines of an array with these items."""
    whole = f"{head} = {{{', '.join(items)}}};"
    if len(INDENT * 2 + whole) <= LINE:
        return [whole]
    lines, current = [f"{head} = {{"], INDENT
    for item in items:
        if len(current) + len(item) + 2 > LINE - len(INDENT * 2) and current.strip():
            lines.append(current.rstrip())
            current = INDENT
        current += f"{item}, "
    return [*lines, current.rstrip().rstrip(","), "};"]


def _stored(line: str) -> str:
    return f"{line};" if line.startswith("w[") else _declared(line)
