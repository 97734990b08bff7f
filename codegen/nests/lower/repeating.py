"""A loop of the graph as one step: its body in statements of its own, and what they begin with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from autodiff.graph.loops.in_place import changes_in
from autodiff.graph.loops.loop_nodes import Loop
from autodiff.table.arrays.array_row import Shape
from codegen.nests.lower.builder import Builder, Numbers, Value
from codegen.nests.lower.loop_statement import Access, Home, Operand, Repeat
from codegen.nests.lower.views import View, contiguous

__all__ = ["Repeating"]


class Repeating:
    """A loop on its way into a step.

    Args:
        loop: The loop.
        around: The statements that it stands among.
        operands: What it is given.
        shapes: The shapes of these.
        there: Carries that end where they begin, since nothing reads that afterwards.

    Attributes:
        to: Where the body's statements go.
        inputs: What the body is computed from.
    """

    def __init__(
        self, loop: Loop, around: Builder, operands: Sequence[Value], shapes: Sequence[Shape],
        there: Mapping[int, Value],
    ) -> None:  # fmt: skip
        self._loop, self._around, self._there = loop, around, there
        self.to = _Inside(around)
        self._begins: list[Operand] = []
        self._streams: list[Access] = []
        self._carried: dict[int, View] = {}
        self.inputs: list[Value] = []
        self._kept = set[int]()  # results that are given already
        for place, (value, shape) in enumerate(zip(operands, shapes, strict=True)):
            if place < loop.carries:
                self.inputs.append(self._carry(place, value, shape))
            elif place in loop.stream_places:
                self.inputs.append(self._element(value, shape))
            else:
                self.inputs.append(value if isinstance(value, float) else self.to.fixed(value))
        changes = changes_in(loop)
        for k, i in enumerate(loop.body.outputs):
            begun = self.inputs[i] if i in changes and i != k else None
            if isinstance(begun, View):  # before the repetition changes it
                self.to.deliver(begun, shapes[i], k)
                self._kept.add(k)

    def _carry(self, place: int, value: Value, shape: Shape) -> View:
        if isinstance(value, float) and math.prod(shape) == 1:
            self._begins.append(value)
        else:
            begin = self._around.packed(value, shape)
            self._begins.append(Access(begin.tensor, begin.offset, ()))
        tensor = self.to.tensor(math.prod(shape), Home.CARRY, place)
        view = self._carried[place] = contiguous(tensor, shape)
        return view

    def _element(self, value: Value, shape: Shape) -> Value:
        """One element of a stream; its numbers lie as they do in the stream."""
        if isinstance(value, float):
            return value
        step, *strides = value.over(shape).strides
        tensor = self.to.tensor(_reach(strides, shape[1:]), Home.STREAM, len(self._streams))
        self._streams.append(Access(value.tensor, value.offset, (step,)))
        return View(tensor, 0, tuple(strides), shape[1:])

    def finish(
        self, outputs: Sequence[Value], shapes: Sequence[Shape], switch: Value | None = None
    ) -> list[View]:
        """Add the step for what the body gives; the results of the loop.

        Args:
            outputs: The values of the body's outputs.
            shapes: Their shapes.
            switch: Whether a repetition does anything, where arrays change as they lie.
        """
        loop, to = self._loop, self.to
        results = [
            self._result(k, value, shape)
            for k, (value, shape) in enumerate(zip(outputs, shapes, strict=True))
        ]
        made = [
            self._around.packed(self._there[k], loop.shape(k)) if k in self._there
            else self._around.fresh(loop.shape(k))
            for k in range(loop.results)
        ]  # fmt: skip
        step = Repeat(
            loop.body, loop.length, loop.reverse, to.tensors, to.steps, tuple(self._begins),
            tuple(self._streams), tuple(to.given), tuple(view.tensor for view in made),
            tuple(results), switch.tensor if isinstance(switch, View) else None,
        )  # fmt: skip
        for view in made:
            self._around.tensors[view.tensor].written += 1
        self._around.steps.append(step)
        return made

    def _result(self, k: int, value: Value, shape: Shape) -> Operand | None:
        """A result that is one number; arrays are written where they go."""
        if value == self._carried.get(k) or k in self._kept:
            return None
        if math.prod(shape) == 1:
            if isinstance(value, float):
                return value
            if self.to.tensors[value.tensor].size > 1:
                number = self.to.fresh(shape)
                self.to.copy(value, number)
                value = number
            return Access(value.tensor, 0, ())
        self.to.deliver(value, shape, k)
        return None


def _reach(strides: Sequence[int], shape: Shape) -> int:
    """Numbers from the first to the last of an element."""
    return 1 + sum(abs(s) * max(n - 1, 0) for s, n in zip(strides, shape, strict=True))


class _Inside(Builder):
    """Statements of a body, which reads tensors around it.

    Attributes:
        given: What of these it reads, that stays the same.
    """

    def __init__(self, around: Builder) -> None:
        super().__init__(around.blas, around.alone)
        self._around = around
        self.given: list[Access] = []
        self._known: dict[object, int] = {}  # a place around it -> its own tensor

    def fixed(self, value: View) -> View:
        """A view of what is around, from inside."""
        reach = _reach(value.strides, value.shape)
        key = value.tensor, value.offset, reach == 1  # one number is kept in a register
        if key not in self._known:
            self._known[key] = self.tensor(reach, Home.FIXED, len(self.given))
            self.given.append(Access(value.tensor, value.offset, ()))
        tensor = self._known[key]
        self.tensors[tensor].size = max(self.tensors[tensor].size, reach)
        return View(tensor, 0, value.strides, value.shape)

    def constant(self, array: Numbers) -> View:
        """An array of constants, which is one of those around."""
        return self.fixed(self._around.constant(array))
