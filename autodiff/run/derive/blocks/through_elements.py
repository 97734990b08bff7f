"""What elementwise primitives do to blocks; factors are gathered where that is one product less."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autodiff.graph.typed_node import Node, Shape
from autodiff.run.derive.blocks.directed_block import Block, aligned
from autodiff.run.derive.blocks.directed_loop import Operand
from autodiff.table.primitive import REGISTRY, Primitive
from autodiff.trace.array_operand import value_of
from autodiff.trace.array_tracer import ArrayTracer

__all__ = ["through_elements"]


_ADDING = frozenset(REGISTRY[name] for name in ("add", "sub"))
# Primitives and the operands that they are linear in, each alone.
_SCALING: dict[Primitive, tuple[int, ...]] = {
    REGISTRY["neg"]: (0,),
    REGISTRY["mul"]: (0, 1),
    REGISTRY["div"]: (0,),
}
_WHERE = REGISTRY["where"]


def through_elements(node: Node, operands: Sequence[Operand]) -> Block:
    """An elementwise primitive."""
    primitive = node.primitive
    assert primitive is not None
    gathered = _gathered(primitive, node.shape, operands)
    if gathered is not None:
        return gathered
    operands = [x.plain() if isinstance(x, Block) else x for x in operands]
    blocks = {p: x for p, x in enumerate(operands) if isinstance(x, Block)}
    if primitive in _ADDING:
        tied = len(blocks) == 2 or all(_is_zero(x) for x in operands if not isinstance(x, Block))
    elif primitive is _WHERE and 0 not in blocks:
        tied = all(_is_zero(x) for x in operands[1:] if not isinstance(x, Block))
    else:
        tied = len(blocks) == 1 and next(iter(blocks)) in _SCALING.get(primitive, ())
    fitting = {p: aligned(x, node.shape) for p, x in blocks.items()}
    ties = _shared(list(fitting.values())) if tied else {}
    loose = {
        p: x.untied([i for k, i in x.ties.items() if k not in ties]) for p, x in fitting.items()
    }
    first = next(iter(fitting.values()))
    values = [loose[p].value if p in loose else x for p, x in enumerate(operands)]
    return first.made(primitive(*values), node.shape, ties)


def _shared(blocks: Sequence[Block]) -> dict[int, int]:
    """The ties that all blocks have."""
    return {k: i for k, i in blocks[0].ties.items() if all(b.ties.get(k) == i for b in blocks)}


def _gathered(primitive: Primitive, shape: Shape, operands: Sequence[Operand]) -> Block | None:
    """A factor into a block's scale, or the sum of two scales; None where neither is meant."""
    if any(isinstance(x, Block) and (x.shape != shape or not x.is_free) for x in operands):
        return None
    if primitive in _ADDING:
        x, y = operands
        if not (isinstance(x, Block) and isinstance(y, Block)) or x.ties != y.ties:
            return None
        if x.scale is None or y.scale is None or _node(x.value) != _node(y.value):
            return None
        return x.scaled(primitive(x.scale, y.scale))
    of = _SCALING.get(primitive, ())
    place = next((p for p in of if isinstance(operands[p], Block)), None)
    if place is None or sum(isinstance(x, Block) for x in operands) != 1:
        return None
    block = operands[place]
    assert isinstance(block, Block)
    if block.scale is None and primitive is not REGISTRY["mul"]:
        return None
    if block.scale is None:
        factor = operands[1 - place]
        assert not isinstance(factor, Block)
        return block.scaled(factor)
    given = [block.scale if p == place else x for p, x in enumerate(operands)]
    return block.scaled(primitive(*given))


def _node(value: object) -> object:
    """What equal values have in common."""
    return value.index if isinstance(value, ArrayTracer) else value


def _is_zero(x: object) -> bool:
    value = value_of(x)
    return value is not None and not np.any(value)
