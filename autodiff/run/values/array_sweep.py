"""The reverse sweep over arrays of numbers: rules run on blocks, once per operation.

As ``interpret.pull_back``, with three things more: cotangents may be lazy (``table/arrays``), what
was broadcast gets the sum of its copies' cotangents, and of a condition some elements may be open
and others not.  Elements that no condition lets through are exactly 0 all the way down, whatever
the derivatives there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autodiff.graph.tree.leaves import Floats
from autodiff.run.values.remembered import Recorded, RowCall
from autodiff.run.whole.rule_numbers import Block, block_of, numbers_of
from autodiff.table.arrays.array_row import Use
from autodiff.table.arrays.reshaping import broadcast_to, unbroadcast
from autodiff.table.float import ARITHMETIC_ERRORS, Float
from autodiff.table.primitive import Guarded, Primitive, Quantity, Rule

__all__ = ["pull_back_arrays"]

_PIECE = 16_384  # numbers; temporaries of larger arrays cost more than what is computed


class _Flow(NamedTuple):
    """A cotangent, and the elements that conditions let through; None: all."""

    value: Quantity
    opened: NDArray[np.bool_] | None = None


def pull_back_arrays(
    nodes: Sequence[Recorded], values: Sequence[float | Floats], seed: object, active: Sequence[int]
) -> list[Any]:
    """The cotangent of each node: a float, an array that broadcasts to its value, None for none.

    Args:
        nodes: Tuples that begin with an operation (None for an input) and the places of its
            operands, in topological order; the last one is the output.
        values: The numbers of each node, behind them those of literals.
        seed: The cotangent of the output.
        active: Per value, false where no derivative is wanted.
    """
    seen = [block_of(value) for value in values]
    flows: list[_Flow | None] = [None] * len(values)
    flows[len(nodes) - 1] = _Flow(block_of(seed))
    with np.errstate(all="ignore"):
        for index in range(len(nodes) - 1, -1, -1):
            operation, operands = nodes[index][:2]
            flow = flows[index]
            if flow is None or operation is None:
                continue
            for i, part in _pulled(operation, operands, index, flow, seen, active):
                present = flows[i]
                flows[i] = part if present is None else _joined(present, part)
    return [None if flow is None else numbers_of(flow.value) for flow in flows]


def _pulled(
    operation: object,
    operands: Sequence[int],
    index: int,
    flow: _Flow,
    seen: Sequence[Quantity],
    active: Sequence[int],
) -> Iterator[tuple[int, _Flow]]:
    """What the operands of one node get from its cotangent."""
    out, arguments = seen[index], [seen[i] for i in operands]
    if isinstance(operation, RowCall):
        pulled = _of_row(operation, out, arguments, flow)
    elif isinstance(operation, Primitive):
        pulled = _of_elements(operation, out, arguments, flow)
    else:
        pulled = _of_own(operation, out, flow)
    for position, i in enumerate(operands):
        if active[i]:
            part = pulled(position)
            if part is not None:
                yield i, part


def _of_row(
    call: RowCall, out: object, arguments: list[Quantity], flow: _Flow
) -> Callable[[int], _Flow | None]:
    row, shape = call.row, _shape(out)
    shapes = tuple([_shape(x) for x in arguments])
    spread = None if row.lazy else _spread(flow.value, shape)

    def pulled(position: int) -> _Flow | None:
        rule = row.rule(position)
        if rule is None:
            return None
        use = Use(position, tuple(arguments), out, call.params, shapes, shape)
        part = block_of(rule(flow.value if spread is None else spread, use))
        if flow.opened is None:
            return _Flow(part)
        ones = _spread(block_of(np.where(flow.opened, 1.0, 0.0)), shape)
        reached = (row.reach(position) or rule)(ones, use)
        opened = np.asarray(numbers_of(reached)) != 0.0
        return _Flow(part, None if opened.all() else opened)

    return pulled


def _of_elements(
    primitive: Primitive, out: object, arguments: list[Quantity], flow: _Flow
) -> Callable[[int], _Flow | None]:
    shape = _shape(out)

    def pulled(position: int) -> _Flow | None:
        rule = primitive.partials[position]
        if rule is None:
            return None
        part = _applied(rule, (flow.value, out, *arguments))
        opened = flow.opened
        if type(part) is Guarded:
            condition = numbers_of(part.condition)
            here = (np.asarray(condition) != 0.0) == part.polarity
            opened, part = here if opened is None else opened & here, part.value
        if part is None:
            return None
        part = block_of(part)
        if opened is not None:
            part = block_of(np.where(opened, numbers_of(part), 0.0))
        own = _shape(arguments[position])
        if own == shape:
            return _Flow(part, opened)
        if opened is not None:
            ones = unbroadcast(block_of(np.where(opened, 1.0, 0.0)), own, shape)
            opened = np.asarray(numbers_of(ones)) != 0.0
        return _Flow(block_of(unbroadcast(part, own, shape)), opened)

    return pulled


def _applied(rule: Rule, given: tuple[Any, ...]) -> Any:
    """What an elementwise rule gives; of large arrays in pieces that stay in the cache."""
    first = given[0]
    if isinstance(first, Block) and first.size > 2 * _PIECE:
        flat = [_flat(x, first.shape) for x in given]
        if all(x is not None for x in flat):
            return _in_pieces(rule, flat, first.shape)
    try:
        return rule(*given)
    except ARITHMETIC_ERRORS:
        # A number beside blocks raises where an array has an infinity.
        return rule(*[x if isinstance(x, Block) else Float(x) for x in given])


def _flat(x: Quantity, shape: tuple[int, ...]) -> Quantity | None:
    """The numbers of an array one after the other; a number as it is; None if neither is cheap."""
    if not isinstance(x, Block):
        return x
    return x.data.reshape(-1) if x.shape == shape and x.data.flags.c_contiguous else None


def _in_pieces(rule: Rule, flat: Sequence[Any], shape: tuple[int, ...]) -> object:
    size = flat[0].size
    value = np.empty(size)
    condition: NDArray[np.float64] | None = None
    polarity = True
    for start in range(0, size, _PIECE):
        here = slice(start, start + _PIECE)
        part = rule(*[Block(x[here]) if np.ndim(x) else x for x in flat])
        if part is None:
            return None
        if type(part) is Guarded:
            condition = np.empty(size) if condition is None else condition
            condition[here], polarity = numbers_of(part.condition), part.polarity
            part = part.value
        value[here] = numbers_of(part)
    made = Block(value.reshape(shape))
    return made if condition is None else Guarded(Block(condition.reshape(shape)), polarity, made)


def _of_own(operation: Any, out: object, flow: _Flow) -> Callable[[int], _Flow]:
    """An operation that a program defined: its rules take numbers in full."""
    rules = operation.partials
    g = _spread(flow.value, _shape(out))

    def pulled(position: int) -> _Flow:
        return _Flow(block_of(rules[position](numbers_of(g))))

    return pulled


def _joined(one: _Flow, other: _Flow) -> _Flow:
    if one.opened is None or other.opened is None:
        return _Flow(one.value + other.value)
    return _Flow(one.value + other.value, one.opened | other.opened)


def _spread(value: object, shape: tuple[int, ...]) -> Any:
    """A cotangent in its full shape."""
    if not shape:
        return value
    return broadcast_to(value if isinstance(value, Block) else Block(np.asarray(value)), shape)


def _shape(x: object) -> tuple[int, ...]:
    return x.shape if isinstance(x, Block) else ()
