"""A loop of a graph of arrays as a ``for`` statement over its repetitions.

Carries are variables that go on as something else at the end of the body; what is stacked is
written into arrays that are there before.  The variable of the loop is an index and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Protocol, TypeVar

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import Loop, LoopNodes
from codegen.language.lines import INDENT
from codegen.language.naming import Names
from codegen.text.whole.early_end import early_end
from codegen.text.whole.named_loop import Around, NamedLoop

__all__ = ["goes_on", "packed", "repeated", "write_loop"]

_LONGEST = 76


class Writing(Around, Protocol):
    """What writes a graph, as loops need it."""

    lines: list[str]
    made: list[int]
    divides: bool
    calls: set[str]
    lists: set[int]  # nodes whose text is a list of floats
    made_floats: dict[int, str]  # nodes of which there are Python's floats, and their names

    def in_floats(self, body: Graph, written: Sequence[int]) -> bool:
        """True if these operations of a body are computed with Python's floats."""
        ...

    def only_in_floats(self, index: int) -> bool:
        """True if nothing but loops in floats reads what a loop stacked."""
        ...

    def write(self, order: Sequence[int], kept: dict[int, str], uses: Sequence[int]) -> None:
        """Write these nodes."""
        ...

    def lies(self, group: LoopNodes) -> Mapping[int, str]:
        """The carries of a loop that are arrays which the graph itself changes where they lie."""
        ...

    def number(self, index: int) -> str:
        """Text of a node as a number; a value that has no line yet stays so."""
        ...

    def condition(self, index: int) -> str:
        """Text of a truth value where only its truth matters."""
        ...


_Writer = TypeVar("_Writer", bound=Writing)


def write_loop(
    writer: Writing,
    group: LoopNodes,
    names: Names,
    inside: Callable[[Graph, dict[int, str]], _Writer],
) -> tuple[list[str], _Writer]:
    """The lines of a loop, and what wrote its body; the names of its results are known then.

    Args:
        writer: What writes the graph.
        group: The loop.
        names: Identifiers of the file.
        inside: Makes what writes the body, from the texts of its inputs.
    """  # fmt: skip
    end = early_end(group.loop)
    loop = end.loop
    in_floats = writer.in_floats(loop.body, end.counted)
    there = {} if in_floats else writer.lies(group)
    parts = NamedLoop(writer, group, names, end, there)
    texts, before = _made_once(writer, group._replace(loop=loop), names, parts, in_floats)
    body = inside(loop.body, texts)
    uses = parts.uses()
    read = parts.read(uses, texts)
    read = parts.write_first(body, uses, read)
    parts.store_first(body)
    body.write(end.rest, {}, uses)
    stores = parts.stored(body)
    again = goes_on(body, loop, parts.carried, end.keyed.carried)
    begun = [
        (name, f"np.array({text}, float)" if k in end.keyed.carried else text)
        for k, (name, text) in enumerate(zip(parts.carried, parts.begun, strict=True))
        if k not in there
    ]
    made = [
        *packed(before),
        *_first(begun, body.divides or _indexes(body.lines), in_floats),
        *(
            f"{name} = [0.0] * {loop.length}"
            if in_floats
            else f"{name} = np.{'zeros' if end.word else 'empty'}({_sizes(loop.shape(k))})"
            for k, name in parts.stacks.items()
        ),
        *repeated(parts.index, loop, (*read, *body.lines, *stores, *again)),
    ]
    parts.name_results()
    stacked = _results_of_lists(writer, group, names, parts) if in_floats else []
    return [*made, *stacked], body


def _made_once(
    writer: Writing, group: LoopNodes, names: Names, parts: NamedLoop, in_floats: bool
) -> tuple[dict[int, str], list[tuple[str, str]]]:
    """Texts of what the body is given, and what is made before the loop, not at every turn."""
    texts = dict(enumerate(parts.carried))
    before: list[tuple[str, str]] = []
    given, wishes = parts.given, parts.wishes
    for i in group.loop.fixed_places:
        texts[i] = given[i]
        if in_floats and not _is_number(given[i]):
            texts[i], new = _once(writer, group.operands[i], names, wishes[i], "float", given[i])
            before += new
    for i in group.loop.stream_places:
        node = group.operands[i]
        if in_floats and node not in writer.lists:
            given[i], new = _once(writer, node, names, f"{wishes[i]}_list", "floats", given[i])
            before += new
            writer.calls.add("floats")
        elif not in_floats and not given[i].isidentifier():
            before.append((names.claim(f"{wishes[i]}_all"), given[i]))
            given[i] = before[-1][0]
    return texts, before


def _results_of_lists(
    writer: Writing, group: LoopNodes, names: Names, parts: NamedLoop
) -> list[str]:
    """The lists that the loop filled as arrays, where more than loops in floats reads them."""
    made = []
    for k, node in group.members.items():
        if k in parts.stacks and writer.only_in_floats(node):
            writer.lists.add(node)
        elif k in parts.stacks:
            writer.texts[node] = names.claim(parts.stacks[k])
            made.append(f"{writer.texts[node]} = np.array({parts.stacks[k]})")
    return made


def _once(
    writer: Writing, node: int, names: Names, wish: str, call: str, text: str
) -> tuple[str, list[tuple[str, str]]]:
    """The name of a node in Python's floats, and what makes it where there is none yet."""
    known = writer.made_floats.get(node)
    if known is not None:
        return known, []
    alike = call == "float" and text.isidentifier()  # the same number has the same name
    name = writer.made_floats[node] = names.claim(text if alike else wish)
    return name, [(name, f"{call}({text})")]


def packed(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Assignments that do not need each other, as many on a line as fit."""
    lines: list[str] = []
    held: list[tuple[str, str]] = []
    for pair in (*pairs, ("", "")):
        names, texts = (", ".join(part) for part in zip(*held, pair, strict=True))
        if held and (not pair[0] or len(names) + len(texts) + 3 > _LONGEST):
            names, texts = (", ".join(part) for part in zip(*held, strict=True))
            lines.append(f"{names} = {texts}")
            held = []
        held.append(pair)
    return lines


def _first(begun: Sequence[tuple[str, str]], as_numpy: bool, in_floats: bool) -> list[str]:
    """Where the carries begin; a number that is divided by, or a place, must be one of NumPy's."""
    if in_floats:
        return packed([(name, f"float({text})") for name, text in begun])
    return [
        f"{name} = np.float64({text})" if as_numpy and _is_number(text) else f"{name} = {text}"
        for name, text in begun
    ]


def _indexes(lines: Sequence[str]) -> bool:
    """True if statements make places of numbers."""
    return any(".astype(int)" in line for line in lines)


def _is_number(text: str) -> bool:
    return text.strip("(-)")[:1].isdigit()


class _Going(Protocol):
    """What writes the body of a loop, as far as its carries go on."""

    lines: list[str]

    def atom(self, index: int) -> str:
        """Name or literal of a node."""
        ...

    def number(self, index: int) -> str:
        """Text of a node as a number."""
        ...


def goes_on(
    body: _Going, loop: Loop, carried: Sequence[str], there: Container[int] = ()
) -> list[str]:
    """How the carries go on, but for those that have been changed where they lie."""
    outputs = loop.body.outputs
    changed = {k: outputs[k] for k in range(loop.carries) if outputs[k] != k and k not in there}
    if not changed:
        return []
    names = ", ".join(carried[k] for k in changed)
    items = ", ".join(body.number(i) for i in changed.values())
    if len(names) + len(items) + 3 > _LONGEST:
        start = len(body.lines)
        texts = [body.atom(i) for i in changed.values()]
        settled = body.lines[start:]
        del body.lines[start:]
        return [*settled, *_assigned([carried[k] for k in changed], texts)]
    return [f"{names} = {items}"]


def _assigned(names: Sequence[str], texts: Sequence[str]) -> list[str]:
    """``a, b = x, y`` in lines that are not too long."""
    line = f"{', '.join(names)} = {', '.join(texts)}"
    if len(line) <= _LONGEST:
        return [line]
    pairs: Mapping[str, str] = dict(zip(names, texts, strict=True))
    written = set(names)
    free = [n for n in names if pairs[n] not in written - {n}]
    if len(free) == len(names):  # no new value is an old one: one after the other
        return [f"{name} = {text}" for name, text in pairs.items()]
    left = [f"{INDENT}{n}," for n in names]
    return ["(", *left, ") = (", *(f"{INDENT}{t}," for t in texts), ")"]


def _sizes(shape: Sequence[int]) -> str:
    return str(shape[0]) if len(shape) == 1 else str(tuple(shape))


def repeated(index: str, loop: Loop, lines: Sequence[str]) -> list[str]:
    """The lines in a loop; none where each repetition leaves everything as it is."""
    if not lines:
        return []
    return [f"for {index} in {repetitions(loop)}:", *(INDENT + line for line in lines)]


def repetitions(loop: Loop) -> str:
    """What a loop goes over."""
    return f"reversed(range({loop.length}))" if loop.reverse else f"range({loop.length})"
