"""Text of whole arrays as a subject: what it does to each element.

Such a text is straight lines over NumPy, and loops that count, so that tracing it is reading it,
every repetition of a loop.  What a file copies to fill arrays is traced as well, on arrays that may
hold placeholders.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FunctionType, SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from autodiff.errors import TraceError, UnsupportedError
from autodiff.graph.graph import Builder, Graph
from autodiff.graph.structure import SCALAR, Array
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.primitive import REGISTRY
from autodiff.trace.trace import trace
from codegen import CompiledFunction, CompiledGradient
from codegen.language.numpy.in_floats import MATH
from codegen.language.numpy.placing import PLACING
from verify.field.whole.code_over_residues import CHOSEN, ROWS, code_that_chooses
from verify.program.program import Program, program_of
from verify.subjects.rewritten import ArrayText
from verify.subjects.subject import Subject, places_of

__all__ = ["arrays_subject", "elements_program", "elements_remark"]

Integers = NDArray[np.int_]
_RAISED = (ArithmeticError, LookupError, ValueError)  # by a text that is wrong


# Where a loop computes with Python's floats: the rows that its functions are.
_MATH = SimpleNamespace(**{name: REGISTRY[row] for row, (name, _) in MATH.items()})


def _itself(x: object) -> object:
    """``float`` of a number that stands for one."""
    return x


class _ObjectArrays:
    """NumPy, whose new arrays may hold placeholders."""

    def __getattr__(self, name: str) -> object:
        return getattr(np, name)

    @staticmethod
    def zeros(shape: tuple[int, ...], dtype: object = None) -> object:
        """Zeros."""
        return np.full(shape, 0.0, dtype=object)

    @staticmethod
    def empty(shape: int | tuple[int, ...]) -> object:
        """What a loop fills."""
        return np.full(shape, 0.0, dtype=object)

    @staticmethod
    def float64(x: object) -> object:
        """A number is one already."""
        return x

    @staticmethod
    def array(x: object, dtype: object = None) -> object:
        """A copy."""
        return np.array(x, dtype=object)

    @staticmethod
    def bincount(index: Integers, weights: NDArray[np.object_], minlength: int) -> object:
        """The weights of each place, added up."""
        found = np.full(minlength, 0.0, dtype=object)
        np.add.at(found, index, weights)
        return found


def arrays_subject(compiled: CompiledGradient, title: str) -> Subject:
    """The text of whole arrays at the graph's own shapes, element by element.

    Args:
        compiled: The gradient.
        title: What to call it.

    Raises:
        UnsupportedError: if there are too many elements, or the text does what cannot be traced.
    """
    whole = compiled.graph
    graph = scalarize(whole)
    inputs = places_of(graph, compiled.positions)
    program = elements_program(compiled)
    if len(program.outputs) != 1 + len(inputs):
        raise UnsupportedError(
            f"{whole.name}: its text gives {len(program.outputs)} numbers; expected the value and "
            f"{len(inputs)} derivatives"
        )
    subject = Subject(graph, title, inputs, programs=[program], compiled_here=True)
    subject.labels, subject.arrays = [compiled.entry], ArrayText(compiled)
    subject.remarks.append(elements_remark(compiled))
    return subject


def elements_remark(compiled: CompiledFunction) -> str:
    """Which text a proof of whole arrays is about, and what ties it to what runs."""
    what, runs = "", "this text, compiled by Python"
    if compiled.machine_graph is not None:
        check = compiled.check
        tied = "unchecked" if check is None else f"{check.verdict}: {check.method}"
        what = ", not the machine code"
        runs = f"machine code written from the graph that the text is written from ({tied})"
    return (
        f"read: {compiled.entry} of the NumPy text in source{what}, each array element by element; "
        f"a call runs {runs}"
    )


def elements_program(compiled: CompiledFunction) -> Program:
    """What the text does to numbers of which nothing is known.

    Its data are unknown, too, while it is read, so that nothing is rounded that its text computes
    of them; then they are the numbers that they are.

    Raises:
        UnsupportedError: if it does what cannot be traced.
    """
    functions, name = compiled.loaded.functions, compiled.graph.name
    emitted = functions[compiled.entry]
    assert isinstance(emitted, FunctionType)
    names: dict[str, object] = {
        "np": _ObjectArrays(), "math": _MATH, "float": _itself, "floats": list
    }  # fmt: skip
    used = [name for name in PLACING if name in emitted.__globals__]
    names |= {CHOSEN: REGISTRY["where"], **{name: REGISTRY[row] for name, row in ROWS.items()}}
    names |= {name: _copied(emitted.__globals__[name], dict(names)) for name in used}
    texts = {function.name: function.text for function in compiled.loaded.module.functions}
    own = emitted.__code__.co_names
    halves = [n for n in own if n not in PLACING and _is_function(emitted.__globals__.get(n))]
    data = [
        (name, constant.array)
        for name, constant in getattr(compiled.loaded.module, "data", ())
        if constant.array.dtype == np.float64
    ]
    count = compiled.frame.inputs.count

    def with_data(*given: object) -> object:
        numbers = dict(zip((name for name, _ in data), given[count:], strict=True))
        space = {**names, **numbers}
        for half in halves:
            space[half] = _copied(emitted.__globals__[half], dict(space), texts.get(half, ""))
        return _copied(emitted, space, texts.get(compiled.entry, ""))(*given[:count])

    examples = [np.full(shape, 0.5) if shape else 0.5 for shape in compiled.frame.inputs.shapes]
    try:
        traced = trace(with_data, *examples, *(array for _, array in data))
    except (TraceError, *_RAISED) as error:
        why = error if isinstance(error, TraceError) else f"it raises {error!r}"
        raise UnsupportedError(
            f"{name}: its text cannot be read element by element ({why}); what the check "
            "at compile found is in df.check"
        ) from None
    return program_of(
        _with_numbers(traced, [x for _, array in data for x in array.ravel().tolist()])
    )


def _with_numbers(graph: Graph, numbers: Sequence[float]) -> Graph:
    """``graph`` with these numbers in place of its last inputs."""
    if not numbers:
        return graph
    left = graph.inputs.count - len(numbers)
    builder = Builder(left)
    places = [*range(left), *map(builder.literal, numbers)]
    for node in graph.nodes[graph.inputs.count :]:
        if node.primitive is None:
            assert node.value is not None
            places.append(builder.literal(node.value))
        else:
            operands = tuple([places[i] for i in node.operands])
            places.append(builder.add(node.primitive, operands, node.params))
    parameters = [(f"x{k}", SCALAR) for k in range(left)]
    outputs = [places[i] for i in graph.outputs]
    return builder.graph(graph.name, parameters, outputs, Array((len(outputs),)))


def _is_function(value: object) -> bool:
    return isinstance(value, FunctionType)


def _copied(function: object, names: Mapping[str, object], text: str = "") -> FunctionType:
    """A function whose globals have other values, and whose text chooses by these."""
    assert isinstance(function, FunctionType)
    code = code_that_chooses(text, function.__code__) if text else function.__code__
    space = {**function.__globals__, **names}
    return FunctionType(code, space, function.__name__, function.__defaults__)
