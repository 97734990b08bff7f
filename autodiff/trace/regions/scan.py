"""scan: a loop over a carry and streams, with what each repetition gives stacked.

On numbers, arrays and Values it repeats its body.  While arrays are traced as whole arrays it runs
the body once, on placeholders, and records one loop, whatever the number of repetitions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autodiff.errors import ArgumentError, TraceError, user_location
from autodiff.graph.graph import Builder
from autodiff.graph.loops.body_inputs import parts_named
from autodiff.graph.loops.loop_nodes import Loop
from autodiff.graph.structure import Nothing, Structure, leaf_parts
from autodiff.graph.tree.describe import structure_of
from autodiff.graph.tree.tree import Tree, tree_of
from autodiff.graph.typed_node import Shape
from autodiff.trace.array_tracer import BUILDING, ArrayTracer
from autodiff.trace.functions.named_arguments import argument_names
from autodiff.trace.regions.body import Body, pair_of, recorded_body
from autodiff.trace.regions.kept_carries import block_of, in_blocks
from autodiff.trace.regions.unpacked import unpacked_name

__all__ = ["scan"]


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: object,
    xs: object = None,
    length: int | None = None,
    reverse: bool = False,
    every: int | str | None = None,
) -> tuple[Any, Any]:
    """Repeat ``carry, y = f(carry, x)`` over the elements of ``xs``.

    Args:
        f: One repetition: of the carry and an element, the next carry and what is stacked.
        init: The first carry: numbers, arrays, and any nesting of them.
        xs: Arrays, and any nesting of them, whose first axis is the repetition; None if there are
            none.
        length: The number of repetitions; needed where there are no ``xs``.
        reverse: Go from the last element to the first.
        every: What a derivative keeps of a loop in a trace of whole arrays: the carry of each
            repetition (None), or of every so many, between which they are computed again; "sqrt"
            for the number that keeps least.

    Returns:
        The last carry, and everything that was stacked, along a new first axis.

    Raises:
        ArgumentError: if the lengths do not fit, or there is nothing to repeat.
        TraceError: if the carry changes its structure or shape, or ``f`` cannot be recorded.

    >>> import numpy as np
    >>> total, before = scan(lambda total, x: (total + x, total), 0.0, np.array([1.0, 2.0, 3.0]))
    >>> float(total), before
    (6.0, array([0., 1., 3.]))
    """
    if not callable(f):
        raise ArgumentError(
            f"{user_location()}: scan: f: found {type(f).__name__}; expected a function of the "
            "carry and an element"
        )
    argument_names(f, 2)
    carry_tree, stream_tree = (tree_of(structure_of(*x)) for x in ((init, "init"), (xs, "xs")))
    carries = carry_tree.parts(init, "init")
    streams = [_stream(x) for x in stream_tree.parts(xs, "xs")]
    count = _length(streams, length)
    block = block_of(_known_every(every), count)
    if BUILDING.get() is not None:
        given = (carry_tree, carries), (stream_tree, streams)
        made = _recorded(f, *given, count, reverse, block)
        if made is not None:
            return made
    return _repeated(f, init, (stream_tree, streams), count, reverse)


def _stream(x: object) -> object:
    if not getattr(x, "shape", ()):
        raise ArgumentError(
            f"{user_location()}: scan: xs: found {type(x).__name__}; expected arrays whose first "
            "axis is the repetition: np.array(list), or np.arange(n) to count"
        )
    return x


def _length(streams: Sequence[Any], length: int | None) -> int:
    """The number of repetitions."""
    if length is not None and (not isinstance(length, (int, np.integer)) or length is True):
        raise ArgumentError(
            f"{user_location()}: scan: length: found {length!r}; expected a whole number"
        )
    lengths = [int(x.shape[0]) for x in streams] + ([] if length is None else [int(length)])
    if not lengths:
        raise ArgumentError(
            f"{user_location()}: scan: found neither xs nor length; expected arrays to go over, or "
            "the number of repetitions"
        )
    if len(set(lengths)) != 1 or lengths[0] < 1:
        raise ArgumentError(
            f"{user_location()}: scan: found lengths {', '.join(map(str, lengths))}; expected one "
            "length, at least 1, for all of xs and length"
        )
    return lengths[0]


def _known_every(every: int | str | None) -> int | str | None:
    """How often a carry is kept.

    Raises:
        ArgumentError: if that is no number, nor "sqrt".
    """
    whole = isinstance(every, (int, np.integer)) and not isinstance(every, bool) and every > 0
    if every is None or every == "sqrt" or whole:
        return every
    raise ArgumentError(
        f"{user_location()}: scan: every: found {every!r}; expected None, a whole number of "
        'repetitions, or "sqrt"'
    )


# --- on numbers ---


def _repeated(
    f: Callable[[object, object], tuple[object, object]],
    carry: object,
    xs: tuple[Tree, list[Any]],
    count: int,
    reverse: bool,
) -> tuple[object, object]:
    stacked: list[object] = []
    tree, streams = xs
    for place in reversed(range(count)) if reverse else range(count):
        carry, y = pair_of(f(carry, tree.build([x[place] for x in streams])), _name(f))
        stacked.append(y)
    if reverse:
        stacked.reverse()
    structure = structure_of(stacked[0], "stacked")
    inner = tree_of(structure)
    columns = zip(*[inner.parts(y, "stacked") for y in stacked], strict=True)
    return carry, inner.build([_stacked(column) for column in columns])


def _stacked(column: Sequence[ArrayLike]) -> object:
    return np.stack(column) if getattr(column[0], "shape", ()) else np.array(column)


# --- recorded ---


def _recorded(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: tuple[Tree, list[Any]],
    xs: tuple[Tree, list[Any]],
    count: int,
    reverse: bool,
    block: int,
) -> tuple[object, object] | None:
    """The loop as nodes of the trace under way; None if nothing in it is traced."""
    (carry_tree, carries), (stream_tree, streams) = init, xs
    names = argument_names(f, 2)
    shapes = [*map(_shape, carries), *(x.shape[1:] for x in streams)]
    leaves = [
        unpacked_name(f, of, name)
        for of, tree in zip(names, (carry_tree, stream_tree), strict=True)
        for name, _ in leaf_parts(of, tree.structure)
    ]
    integers = [*[False] * len(carries), *map(_is_integer, streams)]

    def build(parts: list[object]) -> list[object]:
        first = len(carries)
        return [carry_tree.build(parts[:first]), stream_tree.build(parts[first:])]

    body = recorded_body(f, build, parts_named(leaves, shapes), integers, _name(f))
    builder = BUILDING.get()
    assert builder is not None
    given = [*carries, *streams, *body.met]
    if not any(isinstance(x, ArrayTracer) for x in given):
        return None
    _require_same(body, carry_tree.structure, shapes[: len(carries)])
    like = ArrayTracer(builder, 0)
    operands = [like.node_of(x, "scan") for x in given]
    _name_constants(builder, body, operands)
    loop = Loop(body.graph, count, len(carries), len(streams), reverse)
    if block:
        nodes = in_blocks(loop, builder, operands, block)
    else:
        nodes = [loop.add(builder, operands, k) for k in range(loop.results)]
    made = [ArrayTracer(builder, i) for i in nodes]
    last = carry_tree.build(made[: len(carries)])
    if isinstance(body.results[1], Nothing):
        return last, None
    return last, tree_of(body.results[1]).build(made[len(carries) :])


def _name_constants(builder: Builder, body: Body, operands: Sequence[int]) -> None:
    """Let the trace know how the user calls the arrays of constants that the body holds."""
    if builder.recorder is not None:
        fixed = operands[len(operands) - len(body.met) :]
        for index, name in zip(fixed, body.labels, strict=True):
            if name:
                builder.recorder.recording.parameters.append((0, name, [index], ()))


def _shape(x: ArrayLike | ArrayTracer) -> Shape:
    return np.shape(x) if not isinstance(x, ArrayTracer) else x.shape


def _is_integer(x: object) -> bool:
    return x.integer if isinstance(x, ArrayTracer) else np.asarray(x).dtype.kind in "iu"


def _name(f: object) -> str:
    name = getattr(f, "__name__", "body")
    return name if name.isidentifier() else "body"


def _require_same(body: Body, before: Structure, shapes: Sequence[Shape]) -> None:
    """The carry has one structure and shape in all repetitions.

    Raises:
        TraceError: if it does not.
    """
    graph, after = body.graph, body.results[0]
    count = len(leaf_parts("", after))
    found = [graph.nodes[i].shape for i in graph.outputs[:count]]
    names, given = ([name for name, _ in leaf_parts("carry", s)] for s in (after, before))
    if names != given:
        raise TraceError(
            f"{user_location()}: scan: the carry is {before} before a repetition and {after} "
            "after it; expected the same structure"
        )
    for name, one, other in zip(names, shapes, found, strict=True):
        if one != other:
            raise TraceError(
                f"{user_location()}: scan: {name} has shape {one} before a repetition and {other} "
                "after it; expected the same shape: begin with np.zeros of the shape it gets"
            )
