"""Functions and gradients as machine code: what ``target="native"`` returns."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autodiff.graph.graph import Graph
from autodiff.graph.parse import packed, unpacked
from autodiff.graph.structure import SCALAR, Structure, Tuple
from autodiff.origins.origin import Stored
from autodiff.run.transform import Wrt, value_and_gradient
from codegen.call.compiled import CompiledFunction, CompiledGradient
from codegen.language.target import Target
from codegen.native.host import LAYOUT
from codegen.native.run.buffers import Buffers
from codegen.native.run.callable import NO_ARGUMENTS, VARIADIC, builtin
from codegen.native.run.jit import Code, Source, compile_modules
from codegen.native.write.entry import declarations, entries
from codegen.native.write.kernel import Kernel
from codegen.passes import run_passes
from codegen.text.module import TARGETS

__all__ = ["NativeFunction", "NativeGradient", "Program"]

FAST_FLAGS = " reassoc contract"


class Program:
    """A graph in machine code.

    Args:
        graph: The graph, after the passes.
        function: The function as the user knows it, for messages; it has the same parameters.
        result: Structure of what a call returns; its floats are the graph's outputs.
        profile: "exact", or "fast": sums may be re-associated and products fused into them.
    """

    def __init__(self, graph: Graph, function: Graph, result: Structure, profile: str) -> None:
        self.buffers = Buffers(function, result)
        groups, main = _modules(graph, result, profile)
        self.code: Code = compile_modules(groups, main)
        self._raw = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(self.code.address("raw"))

    def function(self, name: str) -> Callable[..., Any]:
        """The program as a callable."""
        slow = Slow(self)
        if LAYOUT is None:
            return slow
        return builtin(name, self.code.address("call"), VARIADIC, (self.code,), slow)

    def run(self, inputs: Sequence[np.ndarray[Any, Any]], outputs: Sequence[Any]) -> None:
        """Compute ``outputs`` from ``inputs``: contiguous float64 arrays that do not overlap."""
        self._raw(table_of((*inputs, *outputs)))

    def bound(
        self, name: str, inputs: Sequence[np.ndarray[Any, Any]], outputs: Sequence[Any]
    ) -> Callable[[], float]:
        """A callable without arguments over these arrays; it returns the first number."""
        if LAYOUT is None:
            value = np.zeros(())

            def call() -> float:
                self.run(inputs, (value, *outputs))
                return float(value)

            return call
        table = table_of((*inputs, *outputs))
        return builtin(
            name,
            self.code.address("bound"),
            NO_ARGUMENTS,
            (self.code, table, *inputs, *outputs),
            None,
            ctypes.addressof(table),
        )


def _modules(graph: Graph, result: Structure, profile: str) -> tuple[Iterator[Source], Source]:
    """The modules of chunks, made one by one, and the one with the entries."""
    kernel = Kernel(graph, FAST_FLAGS if profile == "fast" else "")
    parameters = [structure for _, structure in graph.parameters]
    shared, library = declarations(), kernel.library

    def source(text: str) -> Source:
        return Source(shared + text, library.symbols, library.called, library.slots)

    main = source(kernel.main() + entries(kernel, parameters, result, LAYOUT))
    if kernel.in_chunks:
        main = replace(main, called={})
    return map(source, kernel.groups()), main


def _text(graph: Graph, result: Structure, profile: str) -> str:
    groups, main = _modules(graph, result, profile)
    return "\n".join(source.text for source in (*groups, main))


def table_of(arrays: Sequence[np.ndarray[Any, Any]]) -> ctypes.Array[ctypes.c_void_p]:
    """The addresses of the arrays' data."""
    return (ctypes.c_void_p * max(len(arrays), 1))(*[array.ctypes.data for array in arrays])


class Slow:
    """Calls that native code hands over: converts the arguments, or raises the error."""

    def __init__(self, program: Program) -> None:
        self._buffers, self._run = program.buffers, program.run

    def __call__(self, *args: Any, out: Any = None) -> Any:
        buffers = self._buffers
        inputs = buffers.inputs(args)
        if out is None:
            outputs = buffers.new()
            self._run(inputs, outputs)
            return buffers.result(outputs)
        given = buffers.given(out)
        value = np.zeros(())
        self._run(buffers.apart(inputs, given), (value, *given))
        return float(value), out


class NativeFunction(CompiledFunction):
    """A graph as machine code; ``source`` is the same program as Python, ``llvm`` as LLVM IR."""

    def __init__(self, graph: Graph, profile: str = "exact") -> None:
        self.profile = profile
        super().__init__(graph, "native")

    @property
    def _text(self) -> Target:
        return TARGETS["python"]

    def _lowered(self) -> tuple[Graph, Structure]:
        return run_passes(self.graph), self.graph.result

    def _prepare(self) -> None:
        graph, result = self._lowered()
        self._program = Program(graph, self.graph, result, self.profile)
        self._called = self._program.function(self.graph.name)

    @property
    def llvm(self) -> str:
        """The program as LLVM IR, written anew."""
        return _text(*self._lowered(), self.profile)

    def __call__(self, *args: Any) -> Any:
        """The graph's result at ``args``."""
        return self._called(*args)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt_function, (*packed(self.graph), self.profile)


class NativeGradient(CompiledGradient):
    """Value and gradient as machine code.

    ``df(*args)`` gives ``(value, gradient)``; with ``out=`` the gradient goes into the caller's
    arrays.  ``df.bind(*arrays, out=...)`` gives a callable that looks nothing up any more.

    ``source`` is the same program as Python, the text that ``verify_gradient`` proves; bit-identity
    ties the machine code to it.  ``forward`` and ``backward`` run that text.  The check at compile
    needs no text: it runs the graph that the machine code is written from.

    Attributes:
        llvm: The program as LLVM IR.
    """

    def __init__(self, graph: Graph, wrt: Wrt, profile: str = "exact") -> None:
        super().__init__(graph, "native", wrt, profile)

    @property
    def _text(self) -> Target:
        return TARGETS["python"]

    def _lowered(self) -> tuple[Graph, Structure]:
        graph = run_passes(value_and_gradient(self.graph, self.wrt), self._passes)
        return graph, Tuple((SCALAR, self._mirror))

    def _prepare(self) -> None:
        graph, result = self._lowered()
        self._program = Program(graph, self.graph, result, self.profile)
        self._made_from: Graph | None = graph  # until it is checked

    @property
    def machine_graph(self) -> Graph:
        """The graph that the machine code is written from."""
        return self._lowered()[0] if self._made_from is None else self._made_from

    def certify(self, prove: Callable[[CompiledGradient], Any]) -> None:
        """Check the graph that the machine code is written from; ``check`` is the answer."""
        super().certify(prove)
        self._made_from = None  # calls need it no more

    def _entry(self) -> Callable[..., Any]:
        return self._program.function(f"{self.graph.name}_gradient")

    @property
    def llvm(self) -> str:
        """The program as LLVM IR, written anew."""
        return _text(*self._lowered(), self.profile)

    def bind(self, *args: Any, out: Any) -> Callable[[], float]:
        """A callable without arguments, bound to the caller's arrays.

        Each call reads ``args`` as they are then, writes the gradient into ``out`` and returns
        the value.

        Args:
            args: As for a call.  Arrays must be contiguous float64; a scalar is a float, taken
                as it is now, or an array of shape ``()``, read at each call.
            out: The gradient's arrays, in the gradient's structure: contiguous float64, writeable,
                apart from ``args``; shape ``()`` for a scalar.

        Raises:
            ArgumentError: if an array cannot be used where it lies.
        """
        buffers = self._program.buffers
        inputs, outputs = buffers.bound(args), buffers.given(out)
        buffers.check_apart(inputs, outputs)
        return self._program.bound(f"{self.graph.name}_bound", inputs, outputs)

    def __reduce__(self) -> tuple[Any, ...]:
        made_from = (*packed(self.graph), self.wrt, self.profile)
        return _rebuilt_gradient, made_from, {"_check": self._check}


def _rebuilt_function(text: str, origins: Stored | None, profile: str) -> NativeFunction:
    return NativeFunction(unpacked(text, origins), profile)


def _rebuilt_gradient(text: str, origins: Stored | None, wrt: Wrt, profile: str) -> NativeGradient:
    return NativeGradient(unpacked(text, origins), wrt, profile)
