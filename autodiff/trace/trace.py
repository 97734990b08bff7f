"""trace(f, *examples) -> Graph: run a Python function once on placeholders and record it.

A Tracer stands for a number; every primitive that meets one adds a node to the Builder.  The
examples give the structure and the shapes of the arguments, never their numbers.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from autodiff.errors import (
    ArgumentError,
    TraceError,
    location_of,
    user_expression,
    user_location,
)
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.inputs import Inputs
from autodiff.graph.structure import SCALAR, Array, Nothing, Structure, size
from autodiff.graph.tree.tree import structure_of, tree_of
from autodiff.graph.typed_node import Node, new_node
from autodiff.origins.origin import Traced
from autodiff.origins.recorder import Captured, Recorder
from autodiff.table.float import Float
from autodiff.table.primitive import REGISTRY, Operand, Primitive
from autodiff.trace.arrays import operand_array
from autodiff.trace.collection import collection_paused
from autodiff.trace.filled import Filled
from autodiff.trace.libraries import as_traced
from autodiff.trace.number_like import install_surface
from autodiff.trace.ties import limits_of

__all__ = ["Tracer", "argument_names", "record", "signature_examples", "trace", "trace_open"]


_MUL, _SQUARE = REGISTRY["mul"], REGISTRY["square"]


def _quick(name: str, reflected: bool = False) -> Callable[[Any, Any], Any]:
    """An operator without the detour through ``bind``: most traces consist of these."""
    primitive = REGISTRY[name]
    commutative, multiplies = primitive.commutative, name == "mul"

    def method(self: Tracer, other: Any) -> Any:
        builder = self.builder
        if type(other) is Tracer and other.builder is builder:
            y = other.index
        elif type(other) is float or type(other) is Float:
            y = builder.literal(other)
        else:
            return self.bind(primitive, (other, self) if reflected else (self, other))
        x = self.index
        if multiplies and x == y:  # one rule instead of the same contribution twice
            return self.bind(_SQUARE, (self,))
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


class Tracer(Operand):
    """Placeholder for the number that one node of a graph will hold."""

    __slots__ = ("builder", "index")

    def __init__(self, builder: Builder, index: int) -> None:
        self.builder = builder
        self.index = index

    def bind(self, primitive: Primitive, operands: tuple[Any, ...]) -> Any:
        """Tracer of the node ``primitive(*operands)``."""
        builder = self.builder
        if len(operands) == 1:
            index = builder.add(primitive, (self.index,))
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
            else:
                place = self._captured(x)
                number = place is None and self._number(x, primitive)
                indices.append(builder.literal(number) if place is None else place)
        if primitive is _MUL and indices[0] == indices[1]:
            primitive, indices = _SQUARE, indices[:1]
        index = builder.add(primitive, tuple(indices))
        if builder.recorder is not None:
            builder.recorder.called(index)
        return Tracer(builder, index)

    def returned(self, array: Any) -> None:
        """NumPy returns ``array``, which holds this value, to the user."""
        if self.builder.recorder is not None:
            self.builder.recorder.result(array, sys._getframe(1))

    __add__, __sub__, __rsub__ = _quick("add"), _quick("sub"), _quick("sub", True)
    __mul__, __rmul__ = _quick("mul"), _quick("mul", True)
    __truediv__, __rtruediv__ = _quick("div"), _quick("div", True)
    _radd = _quick("add", True)

    def __radd__(self, other: Any) -> Any:
        # sum() starts from the integer 0, which is no number of the user's.
        if type(other) is int and other == 0:
            return self
        return self._radd(other)

    def _captured(self, x: Any) -> int | None:
        """The input that stands for a value of an enclosing trace; None if ``x`` is no such."""
        recorder = self.builder.recorder
        if recorder is None or recorder.captured is None or not _outlives(x, recorder):
            return None
        key = (id(x.builder), x.index) if isinstance(x, Tracer) else id(x)
        place = recorder.captured.place(x, key)
        return (
            self.builder.literal(0.5) if place is None else place
        )  # any number: the run is a trial

    def _number(self, x: Any, primitive: Primitive) -> float:
        if isinstance(x, (float, int, np.number, np.bool_)) and not isinstance(x, complex):
            return float(x)
        if isinstance(x, Tracer):
            problem = (
                "meets a value of another trace. Pass it to the inner function as an argument "
                "(wrt chooses what to differentiate), or return it instead of keeping it"
            )
        elif isinstance(x, Operand):
            problem = f"meets a {type(x).__name__}. Pass plain numbers or trace both"
        else:
            problem = f"meets {type(x).__name__} {x!r}. Convert it to a float first"
        raise self._noted(f"{user_location()}: {primitive.name}: a traced value {problem}")

    def __repr__(self) -> str:
        return f"<traced %{self.index}>"

    def __format__(self, specification: str) -> str:
        return repr(self)  # a print() left in the function must not stop the trace

    # What needs a number cannot be recorded: each gets an error that names the line and the fix.

    def _refuse(self, what: str, instead: str) -> NoReturn:
        expression = user_expression()
        shown = f" in {expression!r}" if expression else ""
        raise self._noted(f"{user_location()}: cannot {what} a traced value{shown}. {instead}")

    def _noted(self, message: str) -> TraceError:
        error = TraceError(message)
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
        expression = user_expression()
        if " or " in expression or " and " in expression or expression.startswith("not "):
            self._refuse("test", "Use ad.logical_or(a, b), ad.logical_and(a, b), ad.logical_not(a)")
        self._refuse(
            "branch on",
            "Use np.where(condition, x, y) or autodiff.where (np.maximum, np.minimum, np.clip for "
            "max, min, clamping), or call the function on floats",
        )

    def __float__(self) -> float:
        expression = user_expression()
        if expression.startswith(("math.", "cmath.")):
            name = expression.split("(")[0].partition(".")[2]
            self._refuse("give math", f"Use np.{name} or autodiff.{name}, which record the call")
        self._refuse(
            "convert to float",
            "Drop the conversion; to store it in an array, build a list and call np.array(list)",
        )

    def __int__(self) -> int:
        self._refuse("convert to int", "Close over an int instead of passing it as an argument")

    def __index__(self) -> int:
        self._refuse("count or index with", "Close over the int instead of passing it")

    def __complex__(self) -> complex:
        self._refuse("convert to complex", "Only real numbers can be traced")

    def __iter__(self) -> Iterator[Any]:
        self._refuse("iterate over", "It stands for one float; give an array as the example")

    def __len__(self) -> int:
        # NumPy asks this of every element of an array it makes: no search for the expression.
        raise TraceError(
            f"{user_location()}: cannot take len() of a traced value. It stands for one float; "
            "give an array as the example"
        )

    def __getitem__(self, key: Any) -> Any:
        self._refuse("index", "It stands for one float; give an array as the example")

    def __setitem__(self, key: Any, value: Any) -> None:
        self._refuse("assign to an element of", "Values do not change; make a new one")


def _is_inside(inner: Builder, outer: Builder) -> bool:
    """True if ``inner`` records a trace that began, and goes on, while ``outer`` records."""
    return (
        inner.recorder is not None
        and outer.recorder is not None
        and inner.recorder.captured is not None
        and inner.recorder.running
        and inner.recorder.serial > outer.recorder.serial
    )


def _outlives(x: Any, recorder: Recorder) -> bool:
    """True if ``x`` is a symbolic value of something that goes on around this trace."""
    if isinstance(x, Tracer):
        around = x.builder.recorder
        return around is not None and around.running and around.serial < recorder.serial
    return isinstance(x, Operand) and not isinstance(x, float)


install_surface(Tracer)
_new_tracer = Tracer.__new__
_frame = sys._getframe


def _source_of(function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    name = _name_of(function)
    if code is None:
        return name
    return f"{os.path.basename(code.co_filename)}:{code.co_firstlineno}: {name}"


def _name_of(function: Callable[..., Any]) -> str:
    if isinstance(function, Filled):
        function = function.function
    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", None) or type(function).__name__
    return name if name.isidentifier() else "f"


def _positional(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # some built-in functions have no signature
        return None
    for p in parameters:
        if p.kind is p.KEYWORD_ONLY and p.default is p.empty:
            raise ArgumentError(
                f"{_source_of(function)}: keyword-only argument {p.name!r} has no default; wrap "
                f"the function: lambda x: f(x, {p.name}=...)"
            )
    return [p for p in parameters if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)]


def signature_examples(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Examples taken from the default values in the signature, or () if some are missing."""
    positional = _positional(function) or []
    if any(p.default is p.empty or p.kind is p.VAR_POSITIONAL for p in positional):
        return ()
    return tuple(p.default for p in positional)


def argument_names(function: Callable[..., Any], count: int) -> list[str]:
    """Names of the first ``count`` arguments of a function.

    Raises:
        ArgumentError: if it does not take so many.
    """
    positional = _positional(function)
    if positional is None:
        return [f"x{i}" for i in range(count)]
    named = [p for p in positional if p.kind is not p.VAR_POSITIONAL]
    rest = [p.name for p in positional if p.kind is p.VAR_POSITIONAL]
    required = [p.name for p in named if p.default is p.empty]
    if count < len(required) or (count > len(named) and not rest):
        expected = ", ".join(p.name for p in named) or "no arguments"
        raise ArgumentError(
            f"{_source_of(function)}: found {count} examples; expected one per argument "
            f"({expected}). Examples give each argument's structure: a float, an array, ..."
        )
    names = [p.name for p in named[:count]]
    return names + [f"{rest[0]}_{i}" for i in range(count - len(named))] if rest else names


def trace(function: Callable[..., Any], *examples: Any) -> Graph:
    """Record ``function`` as a graph.

    Args:
        function: An ordinary Python function of floats, arrays, and nested tuples, lists and
            dicts of these.  It is run once, on placeholders.
        examples: One value per argument; only structure and shapes matter.  Without examples the
            default values of the signature serve.

    Returns:
        The graph.  Its result has the structure of the function's result.

    Raises:
        TraceError: if the function needs a number where it has a placeholder (a branch, ``math``).
        ArgumentError: if the examples do not fit the signature.

    >>> import autodiff as ad, numpy as np
    >>> print(ad.trace(lambda x, y: x * y + np.sin(x), 1.0, 2.0))
    graph f(x: float, y: float) -> float:
        %2 = mul x, y
        %3 = sin x
        %4 = add %2, %3
        return %4
    <BLANKLINE>
    """
    examples = examples or signature_examples(function)
    parameters = _parameters(function, examples)
    return record(function, _name_of(function), parameters, _source_of(function))


def trace_open(function: Callable[..., Any], *examples: Any) -> tuple[Graph, list[Any]]:
    """As ``trace``, for a function that may close over values of enclosing traces.

    Returns:
        The graph, and the values met; each is an argument more of the graph, behind those of the
        function.

    Raises:
        TraceError: as ``trace``.
        ArgumentError: as ``trace``.
    """
    parameters = _parameters(function, examples)
    name, source = _name_of(function), _source_of(function)
    met = Captured()
    graph = record(function, name, parameters, source, met)
    if not met.operands:
        return graph, []
    # Now that they are known each becomes an input, and the function runs once more.
    count = sum(size(structure) for _, structure in parameters)
    closed = Captured(count, len(met.operands))
    taken = {name for name, _ in parameters}
    fresh = (name for i in range(10**9) if (name := f"captured_{i}") not in taken)
    more = [(next(fresh), SCALAR) for _ in met.operands]
    graph = record(function, name, parameters, source, closed, more)
    return graph, closed.operands + met.operands[len(closed.operands) :]


def _parameters(
    function: Callable[..., Any], examples: Sequence[Any]
) -> list[tuple[str, Structure]]:
    """Name and structure of each argument."""
    names = argument_names(function, len(examples))
    structures = [structure_of(x, name) for name, x in zip(names, examples, strict=True)]
    return list(zip(names, structures, strict=True))


def record(
    function: Callable[..., Any],
    name: str,
    parameters: Sequence[tuple[str, Structure]],
    source: str = "",
    captured: Captured | None = None,
    more: Sequence[tuple[str, Structure]] = (),
) -> Graph:
    """Graph of ``function`` called on placeholders of these named structures.

    Args:
        function: The function.
        name: Name of the graph.
        parameters: Name and structure of each argument.
        source: How to call the function in an error.
        captured: What it may close over; None if values of other traces are errors.
        more: Parameters of the graph for what it closes over.
    """
    recorder = Recorder(_run.__code__)
    recorder.captured = captured
    whole = [*parameters, *more]
    builder = Builder(Inputs(whole).count, recorder)
    arguments, start = [], 0
    for _, structure in parameters:
        leaves = [Tracer(builder, start + i) for i in range(size(structure))]
        arguments.append(tree_of(structure).rebuild(leaves, operand_array))
        start += len(leaves)
    try:
        with collection_paused():
            result = _run(*_to_run(function, arguments))
    finally:
        recorder.release()
    if recorder.refused is not None:
        raise recorder.refused
    try:
        structure = structure_of(result, "result")
    except ArgumentError as error:
        raise TraceError(f"{source or name}: {error}") from None
    if isinstance(structure, Nothing):
        raise TraceError(
            f"{source or name}: result: found None; expected floats or arrays; is a return "
            "statement missing?"
        )
    leaves = tree_of(structure).leaves(result, "result")
    outputs = [_output(builder, leaf, source or name) for leaf in leaves]
    origins = Traced(recorder.recording, name)
    # np.squeeze and others return an array of no dimension where a scalar is meant.
    returned = SCALAR if structure == Array(()) else structure
    graph = builder.graph(name, whole, outputs, returned, origins)
    if not builder.derives:
        return graph
    every = graph.inputs.nodes, graph.outputs, range(len(outputs))
    return replace(graph, limits=limits_of(graph, *every, first=False))


def _to_run(
    function: Callable[..., Any], arguments: list[Any]
) -> tuple[Callable[..., Any], list[Any]]:
    """The function as it is traced, and all its arguments."""
    if isinstance(function, Filled):
        return as_traced(function.function), function.filled(arguments)
    return as_traced(function), arguments


# What NumPy says when it needs the number behind a placeholder, and what to write instead.
_NO_RULE = "this function of NumPy needs numbers; write it with operators and functions of autodiff"
_NUMPY_NEEDS_NUMBERS = (
    ("used as indices", "an index or mask cannot depend on a traced value; use np.where"),
    ("array element with a sequence", "cannot store a traced value in a float array; build a "
     "list of values and call np.array(list)"),
    ("from dtype('O')", _NO_RULE),
    ("not supported for the input types", _NO_RULE),
    ("which has no callable", "a list of traced values is no array yet; write np.array([...])"),
)  # fmt: skip


def _run(function: Callable[..., Any], arguments: list[Any]) -> Any:
    try:
        return function(*arguments)
    except (IndexError, ValueError, TypeError) as error:
        for message, advice in _NUMPY_NEEDS_NUMBERS:
            if message in str(error):
                raise TraceError(f"{location_of(error)}: {advice}") from error
        raise


def _output(builder: Builder, leaf: Any, source: str) -> int:
    if isinstance(leaf, Tracer) and leaf.builder is builder:
        return leaf.index
    if isinstance(leaf, Operand) and not isinstance(leaf, float):
        kept = Tracer(builder, 0)._captured(leaf)
        if kept is not None:
            return kept
        raise TraceError(f"{source}: returned {leaf!r}, which is not part of this trace")
    return builder.literal(float(leaf))
