"""Tracer: the placeholder that functions are called on; primitives that meet it add nodes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from numbers import Rational
from types import FrameType
from typing import Any, NoReturn, Self, TypeVar

import numpy as np

from autodiff.errors import (
    Limit,
    TraceError,
    callee,
    is_own_file,
    library_called,
    user_expression,
    user_location,
)
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.graph import Builder
from autodiff.graph.tree.leaves import numbers_of
from autodiff.graph.typed_node import Node, new_node
from autodiff.origins.recorder import Recorder
from autodiff.table.float import Float
from autodiff.table.primitive import PUBLIC, REGISTRY, TOO_LARGE, Operand, Primitive, elementwise
from autodiff.trace.number_like import WRITE_IT, install_surface, needs_numbers, way_out
from autodiff.trace.switching.squares import SQRT, kind_of_node, root_of

__all__ = ["CountError", "Tracer", "innermost"]

CHOOSE_VALUES = (
    "Close over the int instead of passing it; where a condition chooses it, choose what it leads "
    "to: np.where(condition, x[i], x[j])"
)


class CountError(TraceError):
    """A traced value is to be an index or a count, which an int would be."""


SomeTracer = TypeVar("SomeTracer", bound="Tracer")
_NUMBERS = (float, int, np.number, np.bool_, Rational)
_MUL, _SQUARE, _NE = REGISTRY["mul"], REGISTRY["square"], REGISTRY["ne"]


def _quick(name: str, reflected: bool = False) -> Callable[[SomeTracer, object], SomeTracer]:
    """An operator without the detour through ``bind``: most traces consist of these."""
    primitive = REGISTRY[name]
    commutative, multiplies = primitive.commutative, name == "mul"

    def method(self: SomeTracer, other: object) -> SomeTracer:
        result: SomeTracer
        builder = self.builder
        if type(other) is Tracer and other.builder is builder:
            y = other.index
        elif type(other) is float or type(other) is Float:
            y = builder.literal(other)
        else:
            result = self.bind(primitive, (other, self) if reflected else (self, other))
            return result
        x = self.index
        if multiplies and x == y:  # one rule instead of the same contribution twice
            result = self.bind(_SQUARE, (self,))
            return result
        if reflected:
            x, y = y, x
        # Builder.add, written out.
        nodes = builder.nodes
        count = len(nodes)
        key = y << 32 | x if commutative and y < x else x << 32 | y
        index = builder.interned[primitive].setdefault(key, count)
        if index == count:
            nodes.append(new_node(Node, (primitive, (x, y), (), ())))
        recorder = builder.recorder
        if recorder is not None:  # Recorder.note, written out
            frame = _frame(1)
            if frame is recorder.frame:
                recorder.add_node(index)
                recorder.add_mark(recorder.base | frame.f_lasti)
            else:
                recorder.note(index, frame)
        result = _new_tracer(Tracer)
        result.builder = builder
        result.index = index
        return result

    return method


class _TableError(Exception):
    """A table stands where a number does: it is its numbers, one by one."""


class Tracer(Operand):
    """Placeholder for the number that one node of a graph will hold."""

    __slots__ = ("builder", "index")

    def __init__(self, builder: Builder, index: int) -> None:
        self.builder = builder
        self.index = index

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> Any:
        """Tracer of the node ``primitive(*operands)``."""
        builder = self.builder
        if len(operands) == 1:
            row = root_of(builder, self.index) if primitive is SQRT else primitive
            index = builder.add(row, (self.index,))
            if builder.recorder is not None:
                builder.recorder.called(index)
            return Tracer(builder, index)
        indices = []
        for x in operands:
            if type(x) is Tracer and x.builder is builder:
                indices.append(x.index)
            elif type(x) is Tracer and _is_inside(x.builder, builder):
                return x.bind(primitive, operands)  # the innermost trace records
            elif type(x) is float or type(x) is Float:
                indices.append(builder.literal(x))
            elif isinstance(x, np.ndarray):
                return NotImplemented
            elif isinstance(x, Operand) and getattr(x, "takes_arrays", False):
                return x.bind(primitive, operands)
            else:
                place = self._captured(x)
                try:
                    number = place is None and self._number(x, primitive)
                except _TableError:
                    return elementwise(primitive, tuple(map(numbers_of, operands)))
                indices.append(builder.literal(number) if place is None else place)
        if primitive is _MUL and indices[0] == indices[1]:
            primitive, indices = _SQUARE, indices[:1]
        index = builder.add(primitive, tuple(indices))
        if builder.recorder is not None:
            builder.recorder.called(index)
        return Tracer(builder, index)

    def returned(self, array: object) -> None:
        """NumPy returns ``array``, which holds this value, to the user."""
        if self.builder.recorder is not None:
            self.builder.recorder.result(array, sys._getframe(1))

    __add__, __sub__, __rsub__ = _quick("add"), _quick("sub"), _quick("sub", True)
    __mul__, __rmul__ = _quick("mul"), _quick("mul", True)
    __truediv__, __rtruediv__ = _quick("div"), _quick("div", True)
    _radd = _quick("add", True)

    def __radd__(self, other: object) -> Self:
        # sum() starts from the integer 0, which is no number of the user's.
        if type(other) is int and other == 0:
            return self
        return self._radd(other)

    def _captured(self, x: object) -> int | None:
        """The input that stands for a value of an enclosing trace; None if ``x`` is no such."""
        recorder = self.builder.recorder
        if recorder is None or recorder.captured is None or not _outlives(x, recorder):
            return None
        key = (id(x.builder), x.index) if isinstance(x, Tracer) else id(x)
        place = recorder.captured.place(x, key)
        if place is not None:
            if isinstance(x, Tracer):
                self.builder.kinds[place] = kind_of_node(x.builder, x.index)
            return place
        shape = getattr(x, "shape", ())  # any numbers: the run is a trial
        return self.builder.literal(ArrayConstant(np.full(shape, 0.5)) if shape else 0.5)

    def _number(self, x: object, primitive: Primitive) -> float:
        if isinstance(x, _NUMBERS) and not isinstance(x, np.complexfloating):
            try:
                return float(x)
            except OverflowError:
                raise self._noted(f"{user_location()}: {primitive.name}: {TOO_LARGE}") from None
        if numbers_of(x) is not x:
            raise _TableError
        if isinstance(x, Tracer):
            problem = (
                "meets a value of another trace. Pass it to the inner function as an argument "
                "(wrt chooses what to differentiate), differentiate with ad.grad, whose function "
                "may close over it, or return it instead of keeping it"
            )
        elif isinstance(x, Operand):
            problem = f"meets a {type(x).__name__}. Pass plain numbers or trace both"
        else:
            problem = f"meets {type(x).__name__} {x!r:.60}. Convert it to a float first"
        refused = self._noted(f"{user_location()}: {primitive.name}: a traced value {problem}")
        if isinstance(x, Tracer):
            raise refused.of("kept")
        raise refused.of("complex" if isinstance(x, (complex, np.complexfloating)) else None)

    def __repr__(self) -> str:
        return self._text(sys._getframe(1))

    def __format__(self, specification: str) -> str:
        return self._text(sys._getframe(1))  # a print() left behind must not stop the trace

    def _text(self, asking: FrameType) -> str:
        recorder = self.builder.recorder
        if recorder is not None and not is_own_file(asking.f_code.co_filename):
            recorder.written = True  # errors of ours may be swallowed, and say nothing to a branch
        return _Shown(self)

    # What needs a number cannot be recorded: each gets an error that names the line and the fix.

    def _refuse(
        self, what: str, instead: str, kind: type[TraceError] = TraceError, of: Limit | None = None
    ) -> NoReturn:
        library = library_called()
        if library:
            raise self._noted(f"{user_location()}: {needs_numbers(library)}").of("opaque")
        expression = user_expression()
        shown = f" in {expression!r}" if expression else ""
        raise self._noted(
            f"{user_location()}: cannot {what} a traced value{shown}. {instead}", kind
        ).of(of)

    def _noted(self, message: str, kind: type[TraceError] = TraceError) -> TraceError:
        error = kind(message)
        recorder = self.builder.recorder
        if recorder is not None and recorder.refused is None:
            recorder.refused = error  # a trace whose function swallows it ends with it
        return error

    def __hash__(self) -> int:
        self._refuse(
            "hash",
            "A set or the keys of a dict compare numbers; use np.where, or close over the keys",
        )

    def __bool__(self) -> bool:
        decided = self._decided()
        if decided is None:
            self._refuse_to_branch()
        return decided

    def _refuse_to_branch(self) -> NoReturn:
        expression = user_expression()
        if " or " in expression or " and " in expression or expression.startswith("not "):
            self._refuse("test", "Use ad.logical_or(a, b), ad.logical_and(a, b), ad.logical_not(a)")
        if (name := callee(expression)) in _COMPARING:
            self._refuse("compare", f"Use {_COMPARING[name]} of an array")
        self._refuse(
            "branch on",
            "Use np.where(condition, x, y) or autodiff.where (np.maximum, np.minimum, np.clip for "
            "max, min, clamping), or call the function on floats",
        )

    def _decided(self) -> bool | None:
        """Whether it is true on the path under way; None where no path can be taken."""
        recorder = self.builder.recorder
        if recorder is None or recorder.decide is None or not recorder.running:
            return None
        if library_called():  # what a library makes of the answer is not the user's branch
            return None
        index = self.index
        primitive = self.builder.nodes[index].primitive
        if primitive is None or not primitive.predicate:
            index = self.builder.add(_NE, (index, self.builder.literal(0.0)))
        return recorder.decide(index)

    def __float__(self) -> float:
        expression = user_expression()
        if expression.startswith(("math.", "cmath.")):
            instead = _instead_of_math(callee(expression).partition(".")[2])
            limit: Limit | None = "opaque" if instead is WRITE_IT else None
            self._refuse("give math", instead, of=limit)
        if expression[:1] in ("'", '"') and "%" in expression:
            self._refuse("format", "Use an f-string, f'{x:.3f}', or str.format")
        self._refuse(
            "convert to float",
            "Drop the conversion; to store it in an array, build a list and call np.array(list)",
        )

    def __int__(self) -> int:
        if user_expression().endswith("]"):
            self._refuse(
                "store as a whole number",
                "That array holds whole numbers: make it of floats, by np.zeros(n) or dtype=float",
            )
        self._refuse("convert to int", "Close over an int instead of passing it as an argument")

    def __index__(self) -> int:
        self._refuse("count or index with", CHOOSE_VALUES, CountError)

    def __complex__(self) -> complex:
        self._refuse("convert to complex", "Only real numbers can be traced", of="complex")

    def __iter__(self) -> Iterator[object]:
        self._refuse("iterate over", "It stands for one float; give an array as the example")

    def __len__(self) -> int:
        # NumPy asks this of every element of an array it makes: no search for the expression.
        raise TraceError(
            f"{user_location()}: cannot take len() of a traced value. It stands for one float; "
            "give an array as the example"
        )

    def __getitem__(self, key: object) -> Tracer:
        if key is not Ellipsis and key != ():  # those NumPy's scalars have
            self._refuse("index", "It stands for one float; give an array as the example")
        return self

    def __setitem__(self, key: object, value: object) -> None:
        self._refuse("assign to an element of", "Values do not change; make a new one")


class _Shown(str):
    """The text of a traced value: may be printed, but says nothing that a branch may ask.

    Args:
        shown: The value.
    """

    __slots__ = ("_of",)
    _of: Tracer

    def __new__(cls, shown: Tracer) -> _Shown:
        made = super().__new__(cls, f"<traced %{shown.index}>")
        made._of = shown
        return made

    def _compared(self, *_: object) -> NoReturn:
        self._of._refuse("compare the text of", "Compare the value itself, or its rounded value")

    __eq__ = __ne__ = __lt__ = __le__ = _compared
    __gt__ = __ge__ = __contains__ = _compared
    startswith = endswith = find = _compared
    __hash__ = str.__hash__


_Shown.__name__ = "str"  # as errors call it


# What needs no comparisons in Python.
_COMPARING = {
    "max": "np.maximum(x, y), or np.max",
    "min": "np.minimum(x, y), or np.min",
    "sorted": "np.sort",
}


def _instead_of_math(name: str) -> str:
    """What records that does what a function of ``math`` does."""
    if name in PUBLIC:
        known = [f"np.{name}"] * hasattr(np, name) + [f"autodiff.{name}"]
        return f"Use {' or '.join(known)}, which record the call"
    return way_out(name)


def innermost(tracer: Tracer, operands: Sequence[object]) -> Tracer:
    """The one of the operands whose trace began last, among traces that go on."""
    for x in operands:
        if isinstance(x, Tracer) and _is_inside(x.builder, tracer.builder):
            tracer = x
    return tracer


def _is_inside(inner: Builder, outer: Builder) -> bool:
    """True if ``inner`` records a trace that began, and goes on, while ``outer`` records."""
    return (
        inner.recorder is not None
        and outer.recorder is not None
        and inner.recorder.captured is not None
        and inner.recorder.running
        and inner.recorder.serial > outer.recorder.serial
    )


def _outlives(x: object, recorder: Recorder) -> bool:
    """True if ``x`` is a symbolic value of something that goes on around this trace."""
    if isinstance(x, Tracer):
        around = x.builder.recorder
        return around is not None and around.running and around.serial < recorder.serial
    return isinstance(x, Operand) and not isinstance(x, float)


_new_tracer: Callable[..., Any] = Tracer.__new__
_frame = sys._getframe


install_surface(Tracer)
