"""The native target over whole arrays: loops in machine code, called as all native code is."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.structure import Structure
from autodiff.graph.tree.leaves import Floats
from autodiff.run.whole.array_ties import watched_graph
from autodiff.run.whole.whole_values import as_arguments, run_whole
from codegen.call.code import GradientCode
from codegen.call.derivative import Derivative
from codegen.call.whole.array_derivative import ArrayDerivative
from codegen.call.whole.in_arrays import ArrayGradient
from codegen.call.whole.settled_at_ties import AtTies
from codegen.native.host import LAYOUT
from codegen.native.run.buffers import Buffers, table_of
from codegen.native.run.jit import Code, Source, compile_modules
from codegen.native.run.native import RAW, NativeFunction, Program
from codegen.native.write.entry import declarations, entries
from codegen.native.write.whole.array_kernel import ArrayKernel
from codegen.nests.lower.loop_statement import Opaque

__all__ = ["NativeArrayFunction", "NativeArrayGradient"]


class Interpreted:
    """What a call gives where an index does not fit: what the interpreter says of it.

    Args:
        graph: The graph that the machine code is written from.
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def serve(self, code: Code) -> None:
        """Nothing that machine code could do itself."""

    def __call__(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """Fill the outputs with what the interpreter gives; it raises where it cannot."""
        values = run_whole(self._graph, inputs)
        for array, index in zip(outputs, self._graph.outputs, strict=True):
            array[...] = values[index]


class Settled(Interpreted):
    """What derivatives are where switches tie or a slope is infinite, too (``AtTies``).

    Args:
        derivative: What is compiled.
        at_ties: What settles it.
    """

    def __init__(self, derivative: ArrayDerivative, at_ties: AtTies) -> None:
        super().__init__(derivative.flagged)
        self._frame, self._at_ties = derivative.frame, at_ties

    def __call__(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """Fill the outputs; derivatives are settled."""
        super().__call__(inputs, outputs)
        self._fill(outputs, self._at_ties.settled(inputs, outputs, self._arguments(inputs)))

    def in_place(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """Settle the derivatives among outputs that machine code has filled, and found to tie."""
        with np.errstate(all="ignore"):
            settled = self._at_ties.settle(inputs, outputs, self._arguments(inputs))
        self._fill(outputs, settled)

    def _arguments(self, inputs: Sequence[Floats]) -> list[object]:
        return as_arguments(self._frame, inputs)

    @staticmethod
    def _fill(outputs: Sequence[Floats], settled: Sequence[object] | None) -> None:
        if settled is not None:
            for array, part in zip(outputs, settled, strict=True):
                array[...] = np.asarray(part)


class ArrayProgram(Program):
    """A graph of arrays in machine code (as ``Program``).

    Args:
        derivative: What it is written from.
    """

    def __init__(self, derivative: Derivative) -> None:
        graph, function, result = derivative.flagged, derivative.frame, derivative.result
        self.leads, self._graph = derivative.given is not result, graph
        self.buffers = Buffers(function, result, derivative.given)
        self._structures = function.parameters, result, derivative.given
        self._settle = Interpreted(graph)
        watched = None
        if derivative.kind.what and isinstance(derivative, ArrayDerivative):
            watched = watched_graph(
                graph,
                derivative.graph,
                derivative.derived,
                derivative.kind.twice,
                derivative.moving,
            )
            if watched is not None:
                self._settle = Settled(derivative, AtTies(derivative))
        self._written = watched or graph, watched is not None
        kernel = self.kernel()
        source = array_source(kernel, function, result, self.leads)
        self._calls_python = bool(source.called or kernel.rows)
        self.code = compile_modules((), source)
        self._point(kernel)
        self._raw = RAW(self.code.address("raw"))

    def kernel(self) -> ArrayKernel:
        """The program, to be written anew."""
        return ArrayKernel(*self._written)

    def run_at(self, table: object, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """As ``Program.run_at``; the interpreter finds again only what machine code could not."""
        if not isinstance(self._settle, Settled):
            return super().run_at(table, inputs, outputs)
        faults = self._faults.value
        if not self._raw(table):
            return None
        if faults != self._faults.value:  # of this call or another's: then it is only slower
            return self._settle(inputs, outputs)
        return self._settle.in_place(inputs, outputs)

    @cached_property
    def _faults(self) -> ctypes.c_int64:
        """How many calls an index or a row of NumPy's has ended."""
        return ctypes.c_int64.from_address(self.code.place("faults"))

    def unsettled(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """As ``run``, with the conventions of the rows wherever switches tie."""
        if self._raw(table_of((*inputs, *outputs))):
            run_whole(self._graph, inputs)  # raises where an index does not fit

    def _point(self, kernel: ArrayKernel) -> None:
        """Fill in what the code refers to: constants, memory, rows that NumPy computes."""
        code = self.code
        for k, array in enumerate(kernel.data):
            code.point(f"data.{k}", array.ctypes.data)
            code.keep(array)
        if kernel.work:
            memory = np.empty(kernel.work + 8)
            code.point("work", memory.ctypes.data)
            code.keep(memory)
        for k, step in enumerate(kernel.rows):
            call = _row_callback(step)
            code.point(f"row.{k}", ctypes.cast(call, ctypes.c_void_p).value or 0)
            code.keep(call)


_ROW = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_void_p))


def _row_callback(step: Opaque) -> ctypes._FuncPointer:
    """A row over arrays at given addresses, as a C function; 2 if it raises."""
    row, params = step.row, dict(step.params or {})
    assert row is not None

    def at(address: int | None, shape: tuple[int, ...]) -> Floats:
        count = math.prod(shape)
        if not count:
            return np.empty(shape)
        numbers = (ctypes.c_double * count).from_address(address or 0)
        return np.ctypeslib.as_array(numbers).reshape(shape)

    def call(table: Any) -> int:
        *given, made = [at(table[k], shape) for k, shape in enumerate(step.shapes)]
        try:
            with np.errstate(all="ignore"):
                made[...] = row.impl(*given, **params)
        except Exception:  # the interpreter raises it again, where it can be seen
            return 2
        return 0

    return _ROW(call)


def array_source(kernel: ArrayKernel, function: Graph, result: Structure, leads: bool) -> Source:
    """The module of a kernel."""
    parameters = [structure for _, structure in function.parameters]
    text = kernel.main() + entries(kernel, parameters, result, LAYOUT, leads)
    library = kernel.library
    symbols = {**library.scalar.symbols, **library.symbols}
    return Source(declarations() + text, symbols, library.scalar.called, True)


class NativeArrayFunction(NativeFunction):
    """A graph of arrays as machine code.

    Args:
        code: What it is written from, and the text that it is held to.
    """

    _program: ArrayProgram

    def _made(self, emission: Derivative) -> Program:
        return ArrayProgram(emission)

    @property
    def machine(self) -> Graph:
        """The graph that the machine code is written from."""
        return self._emission.flagged

    def fill(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """Write the parts of the result, for those of the arguments: a point of many."""
        self._program.run(inputs, outputs)

    def executed(self, parts: Sequence[Floats]) -> list[Floats]:
        """What the machine code itself gives: nothing is settled."""
        inputs = [np.require(part, np.float64, ("C", "A")) for part in parts]
        outputs = self._program.buffers.new()
        self._program.unsettled(inputs, outputs)
        return outputs

    @property
    def llvm(self) -> str:
        """The program as LLVM IR, written anew."""
        emission = self._emission
        leads = emission.given is not emission.result
        kernel = self._program.kernel()
        return array_source(kernel, emission.frame, emission.result, leads).text


class NativeArrayGradient(NativeArrayFunction):
    """Value and gradient of arrays as machine code; ``forward`` and ``backward`` run the text.

    Args:
        code: What it is written from; of its text only the halves are ever loaded.
    """

    def __init__(self, code: GradientCode) -> None:
        super().__init__(code)
        self._code = code

    @cached_property
    def _halves(self) -> ArrayGradient:
        return ArrayGradient(self._code)

    def forward(self, *args: object) -> tuple[float, object]:
        """``(value, residuals)`` at ``args``."""
        return self._halves.forward(*args)

    def backward(self, residuals: object, cotangent: object) -> object:
        """Gradient from the residuals of ``forward``, times ``cotangent``."""
        return self._halves.backward(residuals, cotangent)
