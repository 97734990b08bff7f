"""What a drawing shows: boxes and edges made from a Value or a Graph, before any layout.

An array is one box, with its shape and the range of its numbers.

Each box is one node in micrograd's style, the operation and then its result: ``data`` and ``grad``
where numbers are known.  Literals are written into the operation (``× 0.5``), for a constant drawn
as a box of its own says nothing more.  What has too many boxes to read is collapsed: equal
operations at equal depth become one box that counts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.loops.loop_nodes import is_region
from autodiff.picture.numbers_shown import literal_of, number_text, numbers_at, numbers_of
from autodiff.run.values.remembered import RowCall
from autodiff.run.values.value import Value
from autodiff.table.arrays.array_row import ArrayRow, Shape
from autodiff.table.arrays.indexing import spelled_key
from autodiff.table.arrays.row_params import RowParams
from autodiff.table.primitive import REGISTRY, Primitive

__all__ = ["Box", "Picture", "operation_text", "picture_of"]

LIMIT = 250  # boxes a reader can follow
BANDS = 24  # groups of depths, where nothing else makes a picture readable


@dataclass(frozen=True)
class Box:
    """One node of a picture.

    Args:
        node: Index of the node in its graph, or place by age among the Values.
        primitive: Name of the primitive that computed it; empty for an input.
        operation: How the picture writes that, with literal operands: ``× 0.5``.
        name: The user's name, else the node's; may be empty for a Value.
        numbers: ``data 2`` and ``grad 1``, as far as they are known.
        kind: "input", "operation" or "result".
    """

    node: int
    primitive: str
    operation: str
    name: str
    numbers: tuple[str, ...]
    kind: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts in the box, from left to right."""
        return (self.name, *self.numbers) if self.name else self.numbers


@dataclass(frozen=True)
class Picture:
    """Boxes and edges.

    Args:
        title: Name of the function, or "Value".
        boxes: In topological order.
        edges: Tail and head of each edge, as positions in ``boxes``; operands in order.
        note: What the reader must know about the picture, such as that it is collapsed.
    """

    title: str
    boxes: tuple[Box, ...]
    edges: tuple[tuple[int, int], ...]
    note: str = ""


_SIGNS = {
    "at_least": "max", "at_most": "min", "mul": "×", "neg": "−",
    "pow_literal": "**", "reciprocal": "1 /", "relu": "ReLU", "square": "** 2", "sub": "−",
}  # fmt: skip


def operation_text(primitive: Primitive, literals: Sequence[float | str | None]) -> str:
    """How a picture writes an operation.

    Args:
        primitive: The operation.
        literals: Per operand its number, or its text, if it is a literal, else None.

    >>> import autodiff as ad
    >>> operation_text(ad.REGISTRY["div"], [1.0, None]), operation_text(ad.sin, [None])
    ('1 /', 'sin')
    """
    words = primitive.python.split()
    infix = len(words) == 3 and (words[0], words[2]) == ("{0}", "{1}")
    infix = infix or primitive.name == "pow_literal"
    sign = _SIGNS.get(primitive.name) or (words[1] if infix else primitive.name)
    if all(literal is None for literal in literals):
        return sign
    texts = [number_text(x) if isinstance(x, float) else x for x in literals]
    if infix:
        left, right = ("" if text is None else text for text in texts)
        return f"{left} {sign} {right}".strip()
    arguments = ", ".join("·" if text is None else text for text in texts)
    return f"{sign}({arguments})"


_ROW_SIGNS = {"transpose": "T", "concatenate": "join", "logabsdet": "log |det|"}
_PRODUCTS = {"i,i->", "ij,j->i", "i,ij->j", "ij,jk->ik"}


def row_text(
    row: Primitive,
    params: RowParams,
    whole: bool = False,
    literals: Sequence[str | None] = (),
    taken: Shape = (),
) -> str:
    """How a picture writes a row of arrays.

    Args:
        row: The row.
        params: Its parameters.
        whole: True if the result is one number: axes go without saying.
        literals: Per operand its text if it is a constant, else None.
        taken: Shape of the first operand.

    >>> from autodiff.table.arrays import ARRAY_ROWS
    >>> row_text(ARRAY_ROWS["sum"], {"axes": (0,)})
    'sum axis 0'
    >>> row_text(ARRAY_ROWS["contract"], {"spec": "ij,jk->ik"}, literals=["3×2", None])
    '3×2 @'
    >>> row_text(ARRAY_ROWS["slice"], {"key": ((1, 3, 1), (0,))}, taken=(4, 2))
    '[1:, 0]'
    """
    sign = _ROW_SIGNS.get(row.name, row.name)
    if row.name == "contract":
        sign = "@" if params["spec"] in _PRODUCTS else f"einsum {params['spec']}"
        left, right = [*(text or "" for text in literals), "", ""][:2]
        return f"{left} {sign} {right}".strip()
    if row.name == "scan":
        return f"{params['length']} × {row.name}"
    if row.name == "slice":
        return f"[{spelled_key(params['key'], taken)}]"
    axes = params.get("axes", (params["axis"],) if "axis" in params else ())
    if whole or not axes or row.name == "transpose":
        return sign
    return f"{sign} axis {', '.join(map(str, axes))}"


def picture_of(
    subject: Value | Graph, at: Sequence[object] | None = None, limit: int = LIMIT
) -> Picture:
    """The picture of a Value with all it was computed from, or of a graph.

    Args:
        subject: A Value, or a graph.
        at: For a graph, arguments at which data (and grad, if it returns one float) are shown.
        limit: With more boxes than this, the picture is collapsed.

    Raises:
        ArgumentError: if the subject is neither, or the arguments do not fit the graph.

    >>> picture = picture_of(Value(2.0) * Value(3.0))
    >>> picture.boxes[2].operation, picture.boxes[2].cells, picture.edges
    ('×', ('data 6', 'grad 0'), ((0, 2), (1, 2)))
    """
    if isinstance(subject, Graph):
        picture = _of_graph(subject, at, named=len(subject) <= 2 * limit)
    elif isinstance(subject, Value):
        if at is not None:
            raise ArgumentError("at: a Value has its numbers already; leave `at` out")
        picture = _of_value(subject)
    else:
        raise ArgumentError(
            f"draw: found {type(subject).__name__}; expected a Value or a Graph. Trace a function "
            "first: draw(ad.trace(f, 1.0))"
        )
    return picture if len(picture.boxes) <= limit else collapsed(picture, limit)


def _of_value(value: Value) -> Picture:
    history = value._history()
    place = {id(v): position for position, v in enumerate(history)}
    boxes: list[Box] = []
    edges: list[tuple[int, int]] = []
    for position, v in enumerate(history):
        operands = [x for x in v._operands if isinstance(x, Value)]
        edges += [(place[id(x)], position) for x in operands]
        numbers = numbers_of(v.shape, v.data, v.grad)
        kind = "result" if v is value else "operation" if v._primitive else "input"
        boxes.append(Box(position, *_operation_of(v), v.label, numbers, kind))
    return Picture(value.label or "Value", tuple(boxes), tuple(edges))


def _operation_of(value: Value) -> tuple[str, str]:
    """Name and text of the operation that computed a Value."""
    operation = value._primitive
    if not isinstance(operation, (Primitive, RowCall)):
        return value._op, value._op
    literals = [None if isinstance(x, Value) else literal_of(x) for x in value._operands]
    if isinstance(operation, RowCall):
        taken = next((x.shape for x in value._operands if isinstance(x, Value)), ())
        text = row_text(operation.row, operation.params, not value.shape, literals, taken)
        return operation.name, text
    return operation.name, operation_text(operation, literals)


def _of_graph(graph: Graph, at: Sequence[object] | None, named: bool) -> Picture:
    numbers = numbers_at(graph, at)
    outputs = set(graph.outputs)
    nodes, literals = graph.nodes, _literals(graph)
    used = outputs.union(*(node.operands for node in nodes))
    place: dict[int, int] = {}
    boxes: list[Box] = []
    edges: list[tuple[int, int]] = []
    for index, (primitive, operands, _, shape) in enumerate(nodes):
        literal = literals.get(index)
        if literal is not None and index not in outputs:
            continue
        if index not in used and is_region(nodes[index]):
            continue  # what a loop gives besides, and nobody takes
        place[index] = len(boxes)
        kind = "result" if index in outputs else "operation" if primitive else "input"
        if primitive is not None:
            known = [literals.get(i) for i in operands]
            if isinstance(primitive, ArrayRow):
                taken = nodes[operands[0]].shape if operands else ()
                operation = row_text(primitive, nodes[index].named, not shape, known, taken)
            else:
                operation = operation_text(primitive, known)
            edges += [(place[i], place[index]) for i in operands if i not in literals]
            # A picture that will be collapsed shows no names, and to find them takes longest.
            name = _name_of(graph, index) if named else f"%{index}"
            boxes.append(Box(index, primitive.name, operation, name, numbers[index], kind))
        else:
            name = literal if literal is not None else graph.inputs.node_names[index]
            boxes.append(Box(index, "", "", name, numbers[index], kind))
    return Picture(graph.name, tuple(boxes), tuple(edges))


def _literals(graph: Graph) -> dict[int, str]:
    """Constants as the operations that use them show them."""
    numbers = {i: number_text(value) for i, value in graph.constants.items()}
    return numbers | {i: literal_of(constant.array) for i, constant in graph.arrays.items()}


def _name_of(graph: Graph, index: int) -> str:
    """The user's name of a node, else its number."""
    origin = graph.origin(index)
    return origin.name if origin is not None and origin.name else f"%{index}"


# --- collapsing ------------------------------------------------------------------------------


def collapsed(picture: Picture, limit: int = LIMIT) -> Picture:
    """``picture`` with equal operations at equal depth as one box, elements of an array as one.

    A run of depths with one and the same operation, such as a long sum, is one box as well; and
    where even these are more than ``limit``, neighbouring depths share their boxes.
    """
    levels = _levels(picture)
    keys = [_key(box, level, 1) for box, level in zip(picture.boxes, levels, strict=True)]
    if len(set(keys)) > limit:
        band = max(levels) // max(min(BANDS, limit) - 2, 1) + 1  # two: inputs and the rest
        keys = [_key(box, level, band) for box, level in zip(picture.boxes, levels, strict=True)]
    groups: dict[tuple[int, str, str], list[Box]] = {key: [] for key in sorted(set(keys))}
    for box, key in zip(picture.boxes, keys, strict=True):
        groups[key].append(box)
    place = {key: position for position, key in enumerate(groups)}
    pairs = dict.fromkeys((place[keys[tail]], place[keys[head]]) for tail, head in picture.edges)
    return Picture(
        picture.title,
        tuple(_group(position, members) for position, members in enumerate(groups.values())),
        tuple(pair for pair in pairs if pair[0] < pair[1]),
        f"{len(picture.boxes)} nodes, too many to read one by one: equal operations at equal depth "
        "are one box here; a larger limit= draws them all",
    )


def _levels(picture: Picture) -> list[int]:
    """Depth of each box, where a run of depths with one and the same operation counts once."""
    depth = [0] * len(picture.boxes)
    for tail, head in sorted(picture.edges, key=lambda edge: edge[1]):
        depth[head] = max(depth[head], depth[tail] + 1)
    kinds: list[set[tuple[str, str]]] = [set() for _ in range(max(depth) + 1)]
    for box, d in zip(picture.boxes, depth, strict=True):
        kinds[d].add((box.primitive, box.kind))
    level = [0] * len(kinds)
    for d in range(1, len(kinds)):
        level[d] = level[d - 1] + (len(kinds[d]) > 1 or kinds[d] != kinds[d - 1])
    return [level[d] for d in depth]


def _key(box: Box, level: int, band: int) -> tuple[int, str, str]:
    """What the boxes of one group have in common; groups in this order are in topological order."""
    if not box.primitive:
        return 0, box.name.partition("[")[0] if "[" in box.name else "", box.kind
    return level // band + 1, box.primitive if band == 1 else "", box.kind if band == 1 else ""


def _sign(name: str) -> str:
    """How a picture writes a primitive without its operands."""
    primitive = REGISTRY.get(name)
    return operation_text(primitive, [None] * primitive.arity) if primitive else name


def _group(position: int, members: Sequence[Box]) -> Box:
    first = members[0]
    if len(members) == 1:
        return replace(first, node=position)
    kind = "result" if any(box.kind == "result" for box in members) else first.kind
    if not first.primitive:
        array = first.name.partition("[")[0]
        name = f"{array}: {len(members)} numbers" if "[" in first.name else f"{len(members)} inputs"
        return Box(position, "", "", name, (), kind)
    counts = Counter(box.primitive for box in members)
    if len(counts) == 1:
        same = len({box.operation for box in members}) == 1
        operation = first.operation if same else _sign(first.primitive)
        return Box(position, first.primitive, operation, f"{len(members)} nodes", (), kind)
    shown = ", ".join(f"{count} {name}" for name, count in counts.most_common(3))
    more = ", ..." if len(counts) > 3 else ""
    return Box(position, "group", f"{len(members)} nodes", shown + more, (), kind)
