"""Write the nodes of a graph of arrays as NumPy statements."""

from __future__ import annotations

from autodiff.graph.graph import Graph
from autodiff.table.arrays.array_row import ArrayRow
from autodiff.table.primitive import Primitive
from codegen.subset.template import Template, template
from codegen.text.write import Writer

__all__ = ["ArrayWriter", "index_inputs"]

# Rows that give an index map where their operand is one.
_MOVES = frozenset({"reshape", "transpose", "slice", "gather", "broadcast_to", "take_along"})
_INDEXED = frozenset({"gather", "scatter_add", "take_along", "put_along"})


class ArrayWriter(Writer):
    """Turns nodes of arrays into lines; a row says how it is spelled for these shapes."""

    def form_of(self, index: int, primitive: Primitive) -> Template:
        """The text of one node."""
        if not isinstance(primitive, ArrayRow):
            return super().form_of(index, primitive)
        node = self.graph.nodes[index]
        shapes = tuple([self.graph.nodes[i].shape for i in node.operands])
        text = primitive.spell(dict(node.params), shapes)
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
                text = f"scatter_add({{0}}, {{1}}, 0, {dict(node.params)['size']})"
        return text if self._is_whole(places) else text.replace("{1}", "{1}.astype(int)")

    def _is_whole(self, index: int) -> bool:
        """True if NumPy takes the value as an index as it is."""
        while True:
            node = self.graph.nodes[index]
            if node.primitive is None:
                return node.array is not None or not node.params
            if not isinstance(node.primitive, ArrayRow):
                return False
            if node.primitive.integer:
                return True
            if node.primitive.name not in _MOVES:
                return False
            index = node.operands[0]


def index_inputs(graph: Graph) -> frozenset[int]:
    """Inputs that are used as index maps."""
    maps = {
        node.operands[1]
        for node in graph.nodes
        if node.primitive and node.primitive.name in _INDEXED
    }
    for index in range(len(graph.nodes) - 1, -1, -1):
        node = graph.nodes[index]
        if index in maps and node.primitive is not None and node.primitive.name in _MOVES:
            maps.add(node.operands[0])
    return frozenset(i for i in maps if i < graph.inputs.count)
