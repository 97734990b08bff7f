"""What rows of arrays do to blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from autodiff.errors import UnsupportedError
from autodiff.graph.typed_node import Node
from autodiff.run.derive.blocks.directed_block import Block, aligned, fitted, reordered, reshaped
from autodiff.run.derive.blocks.directed_loop import Operand
from autodiff.run.derive.blocks.regrouped import regrouped
from autodiff.table.arrays.array_row import ARRAY_ROWS, ArrayRow, shape_of
from autodiff.table.arrays.contraction import contract, split_spec
from autodiff.table.arrays.equations import solve
from autodiff.table.arrays.indexing import assign, place, slice_
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over
from autodiff.table.arrays.row_params import Key, RowParams
from autodiff.table.primitive import Quantity

__all__ = ["of_row"]

_Row: TypeAlias = Callable[[Node, Sequence[Operand], RowParams], Block]


def _unknown_row(name: str) -> UnsupportedError:
    """What is raised where it is not known what a row does for many directions at once."""
    return UnsupportedError(
        f"{name}: its matrix of derivatives is not made from whole arrays; expand=True makes it "
        "number by number"
    )


def _one(operands: Sequence[Operand], place: int = 0) -> Block:
    """An operand that is a block."""
    block = operands[place]
    assert isinstance(block, Block)
    return block


# --- sums and products -------------------------------------------------------------------------


def _sum(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    """A tied axis that is summed over sets its direction free."""
    block, axes = _one(operands), params["axes"]
    lengths, first, copies = block.lengths, block.first, 1
    present = [a for a, n in enumerate(lengths) if n != 1]
    names = {a: a for a in present}  # an axis of the value -> where it goes; -1: summed over
    for axis in axes:
        k = block.direction_of(axis)
        if k is None and first + axis not in names:
            copies *= block.shape[axis]
        elif first + axis in names:
            names[first + axis] = -1 if k is None else k
    kept = [i for i in range(len(block.shape)) if i not in axes]
    for to, i in enumerate(kept):
        if first + i in names:
            names[first + i] = first + to
    value = reshaped(block.value, tuple(lengths[a] for a in present))
    value = sum_over(value, [p for p, a in enumerate(present) if names[a] < 0])
    left = [a for a in present if names[a] >= 0]
    order = sorted(range(len(left)), key=lambda p: names[left[p]])
    target = [1] * (first + len(kept))
    for a in left:
        target[names[a]] = lengths[a]
    value = fitted(reordered(value, order), tuple(target))
    ties = {k: kept.index(i) for k, i in block.ties.items() if i in kept}
    return block.made(value * float(copies) if copies != 1 else value, node.shape, ties)


def _contract(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    """One einsum, in which the directions have letters of their own."""
    position = 0 if isinstance(operands[0], Block) else 1
    block, other = _one(operands, position), operands[1 - position]
    if isinstance(other, Block):
        raise _unknown_row("contract")
    specs = split_spec(params["spec"])
    own, letters, result = specs[position], specs[1 - position], specs[2]
    names = [c.upper() for c in "abcdefghijklmnopqrstuvwxyz"[: block.first]]
    free, ties = [], {}
    for k, name in enumerate(names):
        axis = block.ties.get(k)
        if axis is None:
            if block.lengths[k] != 1:
                free.append(name)
        elif own[axis] in result:
            ties[k] = result.index(own[axis])
        else:
            letters = letters.replace(own[axis], name)
            own = own.replace(own[axis], name)
            free.append(name)
    given = [*names, *own]  # of the axes of the value; a tied direction has length 1
    present = "".join(c for c, n in zip(given, block.lengths, strict=True) if n != 1)
    value = reshaped(block.value, tuple(n for n in block.lengths if n != 1))
    made = [c for c in (*free, *result) if c in present or c in letters]
    spec = [present, letters] if position == 0 else [letters, present]
    pair = (value, other) if position == 0 else (other, value)
    text = f"{','.join(spec)}->{''.join(made)}"
    found = _product(text, *pair)
    sizes = dict(zip(made, shape_of(found), strict=True)) if shape_of(found) else {}
    lengths = [sizes.get(name, 1) for name in names] + [sizes.get(c, 1) for c in result]
    return block.made(fitted(found, tuple(lengths)), node.shape, ties)


def _product(spec: str, x: Quantity, y: Quantity) -> object:
    """As ``contract``; a number times an array, whose letters may be summed over, too."""
    one, two, result = split_spec(spec)
    if one and two:
        return contract(spec, x, y)
    letters, array, number = (two, y, x) if two else (one, x, y)
    lost = [i for i, c in enumerate(letters) if c not in result]
    left = "".join(c for c in letters if c in result)
    array = reordered(sum_over(array, lost), [left.index(c) for c in result])
    return array * number


# --- places ------------------------------------------------------------------------------------


def _reshape(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    block = _one(operands)
    return regrouped(block, node.shape)


def _transpose(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    block, axes = _one(operands), params["axes"]
    front = block.place_of(0)
    value = block.value if front >= 0 else block.spread
    front = block.first if front < 0 else front
    order = [*range(front), *(front + i for i in axes)]
    ties = {k: axes.index(i) for k, i in block.ties.items()}
    return block.made(reordered(value, order), node.shape, ties)


def _broadcast(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    return aligned(_one(operands), node.shape)


def _leading(block: Block) -> Key:
    """The part of a key that takes all directions as they are."""
    return tuple((0, n, 1) for n in block.lengths[: block.first])


def _slice(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    block, key = _one(operands), params["key"]
    cut = [i for i, part in enumerate(key) if part != (0, block.shape[i], 1)]
    for axis in cut:
        k = block.direction_of(axis)
        if k is not None and len(key[axis]) == 1:
            return _one_of_tied(node, block, params, axis, k)
    block = block.untied(cut)
    lengths, own = block.lengths, []
    for axis, part in enumerate(key):
        if lengths[block.first + axis] != 1 or block.shape[axis] == 1:
            own.append(part)
        else:
            own.append((0,) if len(part) == 1 else (0, 1, 1))
    whole = (*_leading(block), *own)
    present = len(shape_of(block.value))
    value = slice_(block.value, whole[len(whole) - present :]) if present else block.value
    kept = [axis for axis, part in enumerate(key) if len(part) == 3]
    ties = {k: kept.index(i) for k, i in block.ties.items()}
    return block.made(value, node.shape, ties)


def _one_of_tied(node: Node, block: Block, params: RowParams, axis: int, k: int) -> Block:
    """One place of a tied axis: its direction alone reaches it."""
    loose = {d: i for d, i in block.ties.items() if d != k}
    freed = block.made(block.value, block.shape, loose)
    taken = _slice(node, [freed], params)
    key: list[tuple[int, ...]] = [(0, n, 1) for n in taken.lengths]
    key[k] = (params["key"][axis][0], 1, 1)
    lengths = list(taken.lengths)
    value = broadcast_to(taken.spread, tuple(lengths))
    lengths[k] = block.directions[k]
    return taken.made(place(value, tuple(key), tuple(lengths)), node.shape, taken.ties)


def _place(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    block, key, shape = _one(operands), params["key"], params["shape"]
    grown = [i for i, part in enumerate(key) if part != (0, shape[i], 1)]
    axes = [i for i, part in enumerate(key) if len(part) == 3]  # where the block's own axes go
    moved = [axes.index(i) for i in grown if i in axes]
    block = block.untied(moved).widened(moved)
    lengths = list(block.lengths)
    value = broadcast_to(block.spread, tuple(lengths))
    own, target = list(_leading(block)), lengths[: block.first]
    for i, n in enumerate(shape):
        own.append(key[i] if i in grown else (0, lengths[block.first + axes.index(i)], 1))
        target.append(n if i in grown else lengths[block.first + axes.index(i)])
    ties = {k: axes[i] for k, i in block.ties.items()}
    return block.made(place(value, tuple(own), tuple(target)), node.shape, ties)


def _assign(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    of = _one(operands, 0 if isinstance(operands[0], Block) else 1)
    x, y = (_filled(of, operand) for operand in operands)
    key = (*((0, n, 1) for n in of.directions), *params["key"])
    return of.made(assign(x, y, key), node.shape, {})


def _filled(like: Block, x: Operand) -> object:
    """All numbers of an operand, for every direction."""
    if isinstance(x, Block):
        return x.full()
    return broadcast_to(x, (*like.directions, *shape_of(x)))


def _gather(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    block, index, axis = _one(operands), operands[1], params["axis"]
    count = len(shape_of(index))
    ties = {k: i if i < axis else i + count - 1 for k, i in block.ties.items() if i != axis}
    if block.direction_of(axis) is None and block.lengths[block.first + axis] == 1:
        at = block.first + axis
        lengths = (*block.lengths[:at], *(1,) * count, *block.lengths[at + 1 :])
        return block.made(fitted(block.value, lengths), node.shape, ties)
    block = block.untied([axis]).holding([axis])
    made = ARRAY_ROWS["gather"](block.value, index, axis=block.place_of(axis))
    return block.made(made, node.shape, ties)


def _scatter(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    block, index, axis = _one(operands), operands[1], params["axis"]
    count = len(shape_of(index))
    axes = range(axis, axis + count)
    block = block.untied(axes).holding(axes)
    ties = {k: i if i < axis else i - count + 1 for k, i in block.ties.items()}
    row, at = ARRAY_ROWS["scatter_add"], block.place_of(axis)
    made = row(block.value, index, axis=at, size=params["size"])
    return block.made(made, node.shape, ties)


def _at_one_place(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    """put_at, put_where and add_at."""
    x, place, y, *condition = operands
    like = x if isinstance(x, Block) else y
    row = node.primitive
    assert isinstance(row, ArrayRow)
    assert isinstance(like, Block)
    axis = like.first + params["axis"]
    return like.made(
        row(_filled(like, x), place, _filled(like, y), *condition, axis=axis), node.shape, {}
    )


def _along(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    """take_along and put_along, whose index has the shape of what it takes."""
    block, index, axis = _one(operands), operands[1], params["axis"]
    whole = broadcast_to(index, (*block.directions, *shape_of(index)))
    given = dict(params) | {"axis": block.first + axis}
    row = node.primitive
    assert isinstance(row, ArrayRow)
    return block.made(row(block.full(), whole, **given), node.shape, {})


def _joined(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    """concatenate and stack."""
    like = next(x for x in operands if isinstance(x, Block))
    whole = [_filled(like, x) for x in operands]
    row = node.primitive
    assert isinstance(row, ArrayRow)
    return like.made(row(*whole, axis=like.first + params["axis"]), node.shape, {})


def _on_axes(*axes: int) -> _Row:
    """A row that works along axes of the node, the others aside.

    Args:
        axes: The axes; if there are none, that of its parameters.
    """

    def along(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
        block = _one(operands)
        own = [i % len(block.shape) for i in axes or (params["axis"],)]
        block = block.untied(own).holding(own)
        moved: RowParams = {} if axes else {"axis": block.place_of(own[0])}
        row = node.primitive
        assert isinstance(row, ArrayRow)
        return block.made(row(block.value, **{**params, **moved}), node.shape, block.ties)

    return along


def _diagonal(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    block = _one(operands)
    block = block.filled()
    row = node.primitive
    assert isinstance(row, ArrayRow)
    first, second = (block.first + params[name] for name in ("first", "second"))
    return block.made(row(block.value, first=first, second=second), node.shape, {})


# --- systems -----------------------------------------------------------------------------------


def _solve(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    """The directions become columns of the right-hand side."""
    a = operands[0]
    if isinstance(a, Block):
        raise _unknown_row("solve")
    block = _one(operands, 1)
    columns = len(shape_of(a)) == len(block.shape)
    of_system = len(block.shape) - 1 - columns
    value = (
        block.untied(range(of_system + 1)).widened(range(of_system + 1 + columns)).filled().value
    )
    q, ndim = block.first, len(block.directions) + len(block.shape)
    order = [*range(q, ndim), *range(q)]
    sizes = [shape_of(value)[i] for i in order]
    split = of_system + 1
    count = int(np.prod(sizes[split:], dtype=np.int64))
    wide = reshape(reordered(value, order), (*sizes[:split], count))
    found = reshape(solve(a, wide), tuple(sizes))
    back = [*range(ndim - q, ndim), *range(ndim - q)]
    return block.made(reordered(found, back), node.shape, {})


def _stacked(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    """A row of matrices, which takes stacks of them."""
    block, row = _one(operands), node.primitive
    assert isinstance(row, ArrayRow)
    return block.made(row(block.full(), **params), node.shape, {})


def _gaps(node: Node, operands: Sequence[Operand], params: RowParams) -> Block:
    """Two equal values matter along the directions along which something flows between them."""
    values, row = operands[0], node.primitive
    assert isinstance(row, ArrayRow)
    if isinstance(values, Block):
        raise _unknown_row(row.name)
    flow = _one(operands, 1)
    apart = broadcast_to(values, (*flow.directions, *shape_of(values)))
    return flow.made(row(apart, flow.full(), **params), node.shape, {})


_ROWS: dict[str, _Row] = {
    "sum": _sum,
    "contract": _contract,
    "reshape": _reshape,
    "transpose": _transpose,
    "broadcast_to": _broadcast,
    "slice": _slice,
    "place": _place,
    "assign": _assign,
    "gather": _gather,
    "scatter_add": _scatter,
    "take_along": _along,
    "put_along": _along,
    "put_at": _at_one_place,
    "put_where": _at_one_place,
    "add_at": _at_one_place,
    "concatenate": _joined,
    "stack": _joined,
    "cumsum": _on_axes(),
    "triangle": _on_axes(-2, -1),
    "spread_diagonal": _diagonal,
    "take_diagonal": _diagonal,
    "solve": _solve,
    "gaps": _gaps,
    **dict.fromkeys(("inv", "expm"), _stacked),
}


def of_row(node: Node, operands: Sequence[Operand]) -> Block:
    """A row of arrays.

    Raises:
        UnsupportedError: if it is not known what it does for many directions at once.
    """
    row = node.primitive
    assert row is not None
    known = _ROWS.get(row.name)
    after = any(isinstance(x, Block) for x in operands[1:])
    if known is None or (after and row.name not in _SEVERAL):
        raise _unknown_row(row.name)
    given = [x.plain() if isinstance(x, Block) else x for x in operands]
    return known(node, given, node.named)


_SEVERAL = frozenset({"contract", "assign", "concatenate", "stack", "solve", "gaps"})
