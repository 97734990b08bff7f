"""Write the nodes of a graph of arrays as NumPy statements."""

from __future__ import annotations

from collections.abc import Sequence

from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import LoopNodes, loops_of
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.primitive import Primitive
from codegen.language.naming import Names, Naming
from codegen.language.numpy.in_floats import MATH, PLAIN
from codegen.language.target import Target
from codegen.subset.template import Template, template
from codegen.text.whole.early_end import early_end
from codegen.text.whole.loop_lines import write_loop
from codegen.text.whole.looping import LoopingWriter

__all__ = ["ArrayWriter", "index_inputs"]

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
    """

    def __init__(
        self, graph: Graph, target: Target, names: Names, texts: dict[int, str], naming: Naming,
        maps: frozenset[int] | None = None, in_floats: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(graph, target, names, texts, naming)
        self._names, self._maps = names, maps
        self.lists: set[int] = set()  # nodes whose text is a list of floats
        self.made_floats: dict[int, str] = {}  # nodes of which there are Python's floats
        self._math = in_floats

    def restart(self) -> None:
        """As ``Writer``; what loops read as floats is made again."""
        super().restart()
        self.made_floats = {}

    def write_loop(self, group: LoopNodes) -> None:
        """As ``LoopingWriter``: over arrays, or in floats."""

        def inside(body: Graph, texts: dict[int, str]) -> ArrayWriter:
            whole = frozenset(place for place, i in enumerate(group.operands) if self._is_whole(i))
            backward = range(body.inputs.count, len(body.nodes))
            naming = Naming(body, self._names, texts, backward)
            quick = self.in_floats(body, early_end(group.loop).counted)
            return ArrayWriter(body, self.target, self._names, texts, naming, whole, quick)

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
        text = primitive.spell(node.named, shapes)
        if primitive.name in _INDEXED:
            text = self._indexed(text, index)
        return template(text, len(node.operands))

    def _indexed(self, text: str, index: int) -> str:
        """A row's text with its index map as whole numbers."""
        node = self.graph.nodes[index]
        places = node.operands[1]
        if node.primitive is not None and node.primitive.name == "scatter_add":
            known = self.graph.nodes[places].array
            if known is None and text.startswith("np.bincount"):  # which knows no -1
                text = f"scatter_add({{0}}, {{1}}, 0, {node.named['size']})"
        number = self.graph.nodes[places].value
        if number is not None:
            return text.replace("{1}", str(int(number)))
        return text if self._is_whole(places) else text.replace("{1}", "{1}.astype(int)")

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
