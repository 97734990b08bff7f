"""Write the nodes of a graph of arrays as NumPy statements."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes, is_region, loops_of
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.arrays.indexing import spelled_key
from autodiff.table.primitive import REGISTRY, Primitive
from codegen.language.lines import INDENT, LINE
from codegen.language.naming import Names, Naming
from codegen.language.numpy.in_floats import MATH, PLAIN
from codegen.language.target import Target
from codegen.language.wrap import wrapped
from codegen.subset.template import Template, template
from codegen.text.whole.early_end import early_end
from codegen.text.whole.keyed import NOTHING, Keyed
from codegen.text.whole.loop_lines import write_loop
from codegen.text.whole.looping import LoopingWriter

__all__ = ["ArrayWriter", "index_inputs"]

_WIDTH = LINE - 2 * len(INDENT)
# Rows that give an index map where their operand is one.
_MOVES = frozenset({"reshape", "transpose", "slice", "gather", "broadcast_to", "take_along"})
_INDEXED = frozenset(
    {"gather", "scatter_add", "take_along", "put_along", "put_at", "put_where", "add_at"}
)


class ArrayWriter(LoopingWriter):
    """Turns nodes of arrays into lines; a row says how it is spelled for these shapes.

    Args:
        graph: The graph.
        target: The target.
        names: Identifiers of the file.
        texts: As for ``Writer``.
        naming: As for ``Writer``.
        in_floats: True for a body of scalars, which are Python's floats.
        maps: Inputs that hold whole numbers, as NumPy takes them for indices; None: all.
        changes: Which arrays the body of a loop changes where they lie.
    """

    def __init__(
        self, graph: Graph, target: Target, names: Names, texts: dict[int, str], naming: Naming,
        maps: frozenset[int] | None = None, in_floats: bool = False, changes: Keyed = NOTHING,
    ) -> None:  # fmt: skip
        super().__init__(graph, target, names, texts, naming)
        self._names, self._maps = names, maps
        self.lists: set[int] = set()  # nodes whose text is a list of floats
        self.made_floats: dict[int, str] = {}  # nodes of which there are Python's floats
        self._math, self._changes = in_floats, changes

    def restart(self) -> None:
        """As ``Writer``; what loops read as floats is made again."""
        super().restart()
        self.made_floats = {}

    def write(self, order: Sequence[int], kept: dict[int, str], uses: Sequence[int]) -> None:
        """As ``LoopingWriter``; what changes an array is a statement of its own."""
        straight: list[int] = []
        for index in order:
            if index in self._changes.writers and not is_region(self.graph.nodes[index]):
                super().write(straight, kept, uses)
                straight = []
                self._change(index)
            else:
                straight.append(index)
        super().write(straight, kept, uses)

    def _change(self, index: int) -> None:
        """``U[i, j] += w``: what else was to be written reads what was there before."""
        node, (array, value, *rest) = self.graph.nodes[index], self.graph.nodes[index].operands
        assert isinstance(node.primitive, ArrayRow)
        self._settle_all(node.operands)
        name, head, inset = node.primitive.name, self.texts[array], ""
        if name == "put_where":
            inset = INDENT
            self.lines.append(f"if {self.condition(rest.pop(0))}:")
            self.made.append(index)
        key = spelled_key(node.named["key"], node.shape) if name == "assign" else ":, " * (
            node.named["axis"]
        ) + ", ".join(self._place(i, self.number(i)) for i in rest)  # fmt: skip
        sign, text = "+=" if name == "add_at" else "=", self.number(value)
        if name == "add_at" and text.startswith("-(") and text.endswith(")"):
            negative = self.graph.nodes[value].primitive is REGISTRY["neg"]
            sign, text = ("-=", text[2:-1]) if negative else (sign, text)
        lines = wrapped(f"{head}[{key}] {sign} ", text, _WIDTH)
        self.lines += [inset + line for line in lines]
        self.made += [index] * len(lines)
        for operand in node.operands:
            self._pending.pop(operand, None)
        self.texts[index] = head

    def _settle_all(self, besides: Sequence[int] = ()) -> None:
        for index in [i for i in self._pending if i not in besides]:
            self._settle(index)

    def lies(self, group: LoopNodes) -> dict[int, str]:
        """The carries of a loop that are arrays which the graph itself changes where they lie."""
        return {
            k: self.texts[group.operands[k]]
            for k, node in group.members.items() if node in self._changes.writers
        }  # fmt: skip

    def write_loop(self, group: LoopNodes) -> None:
        """As ``LoopingWriter``: over arrays, or in floats."""
        if self.lies(group):
            self._settle_all()

        def inside(body: Graph, texts: dict[int, str]) -> ArrayWriter:
            whole = frozenset(place for place, i in enumerate(group.operands) if self._is_whole(i))
            backward = range(body.inputs.count, len(body.nodes))
            naming = Naming(body, self._names, texts, backward)
            end = early_end(group.loop)
            quick = self.in_floats(body, end.counted)
            return ArrayWriter(
                body, self.target, self._names, texts, naming, whole, quick, end.keyed
            )

        lines, body = write_loop(self, group, self._names, inside)
        self.calls |= body.calls
        self.divides |= body.divides
        self.lines += lines
        self.made += [group.first] * len(lines)

    def in_floats(self, body: Graph, written: Sequence[int]) -> bool:
        """True if these operations are done with Python's floats: of scalars, ``math`` has them."""
        rows = [node.primitive for node in map(body.nodes.__getitem__, written)]
        known = all(row is None or row.name in PLAIN or row.name in MATH for row in rows)
        return known and not any(node.shape for node in body.nodes) and not _counts_truths(body)

    def only_in_floats(self, index: int) -> bool:
        """True if nothing but loops in floats reads what a loop stacked."""
        if index in self.graph.outputs:
            return False
        loops = loops_of(self.graph)
        for user, node in enumerate(self.graph.nodes):
            if index not in node.operands:
                continue
            group = loops.get(user)
            if group is None:
                return False
            end = early_end(group.loop)
            if not self.in_floats(end.loop.body, end.counted):
                return False
            places = [place for place, i in enumerate(group.operands) if i == index]
            if not all(place in group.loop.stream_places for place in places):
                return False
        return True

    def form_of(self, index: int, primitive: Primitive) -> Template:
        """The text of one node."""
        if self._math and primitive.name in MATH:
            arguments = ", ".join(f"{{{i}}}" for i in range(primitive.arity))
            return template(f"math.{MATH[primitive.name][0]}({arguments})", primitive.arity)
        if self._math and primitive.name in PLAIN:
            return template(primitive.python, primitive.arity)
        if not isinstance(primitive, ArrayRow):
            return super().form_of(index, primitive)
        node = self.graph.nodes[index]
        shapes = tuple([self.graph.nodes[i].shape for i in node.operands])
        if primitive.name == "gather" and len(shapes) > 2:
            places = enumerate(node.operands[1:], 1)
            text = f"{{0}}[{', '.join(self._place(i, f'{{{at}}}') for at, i in places)}]"
        else:
            text = primitive.spell(node.named, shapes)
            if primitive.name in _INDEXED:
                text = self._indexed(text, index)
        if index in self._changes.apart:
            text = f"np.array({text}, float)"
        return template(text, len(node.operands))

    def _place(self, index: int, text: str) -> str:
        """The text of a place as NumPy takes it."""
        number = self.graph.nodes[index].value
        if number is not None:
            return str(int(number))
        return text if self._is_whole(index) else f"{text}.astype(int)"

    def _indexed(self, text: str, index: int) -> str:
        """A row's text with its index map as whole numbers."""
        node = self.graph.nodes[index]
        places = node.operands[1]
        if node.primitive is not None and node.primitive.name == "scatter_add":
            known = self.graph.nodes[places].array
            if known is None and text.startswith("np.bincount"):  # which knows no -1
                text = f"scatter_add({{0}}, {{1}}, 0, {node.named['size']})"
        return text.replace("{1}", self._place(places, "{1}"))

    def _is_whole(self, index: int) -> bool:
        """True if NumPy takes the value as an index as it is."""
        while True:
            node = self.graph.nodes[index]
            if node.primitive is None:
                mapped = self._maps is None or index in self._maps
                return node.array is not None or (not node.params and mapped)
            if not isinstance(node.primitive, ArrayRow):
                return False
            if node.primitive.integer:
                return True
            if node.primitive.name not in _MOVES:
                return False
            index = node.operands[0]


def _counts_truths(body: Graph) -> bool:
    """True if a truth value is more than asked for: it is no float of Python's."""
    truths = {i for i, node in enumerate(body.nodes) if node.primitive and node.primitive.predicate}
    return not truths.isdisjoint(body.outputs) or any(
        operand in truths and position not in primitive.conditions
        for _, primitive, operands in body.operations()
        for position, operand in enumerate(operands)
    )


def index_inputs(graph: Graph) -> frozenset[int]:
    """Inputs that are used as index maps."""
    maps = {
        node.operands[1]
        for node in graph.nodes
        if node.primitive and node.primitive.name in _INDEXED
    }
    maps |= {
        i
        for node in graph.nodes
        if node.primitive and node.primitive.name == "places"
        for i in node.operands
    }
    for group in loops_of(graph).values():
        maps |= {group.operands[place] for place in index_inputs(group.loop.body)}
    for index in range(len(graph.nodes) - 1, -1, -1):
        node = graph.nodes[index]
        if index in maps and node.primitive is not None and node.primitive.name in _MOVES:
            maps.add(node.operands[0])
    return frozenset(i for i in maps if i < graph.inputs.count)
