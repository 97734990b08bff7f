"""Batches in machine code: what ``target="native"`` with ``batch=`` returns."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.parse import packed, unpacked
from autodiff.graph.structure import leaf_parts, size
from autodiff.origins.origin import Stored
from autodiff.run.transform import Wrt, value_and_gradient
from codegen.call.blocks import BatchedGradient, Floats, apart
from codegen.native.form import vector_math
from codegen.native.run.jit import Source, compile_modules
from codegen.native.run.native import FAST_FLAGS, table_of
from codegen.native.write.batch_kernel import LONGEST, BatchKernel, Part
from codegen.native.write.entry import declarations
from codegen.native.write.kernel import live_order
from codegen.passes import before_emission, run_passes

__all__ = ["NativeBatch"]

SEGMENT = 4096  # points summed on their own: the order of a sum depends on nothing but the data
_LONGEST_ROW = 30_000  # numbers of a point; a block of them must fit the stack


class _Program:
    """``batch`` of one graph, ready to call."""

    def __init__(
        self, graph: Graph, inputs: Sequence[Part], outputs: Sequence[Part], flags: str
    ) -> None:
        kernel = BatchKernel(graph, inputs, outputs, flags)
        shared = declarations()
        library = kernel.library
        text = shared + kernel.text()
        symbols = {**library.scalar.symbols, **library.symbols}
        self.source = Source(text, symbols, library.scalar.called, True)
        self.code = compile_modules((), self.source)
        signature = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
        self.run = signature(self.code.address("batch"))  # releases the GIL


class NativeBatch(BatchedGradient):
    """Value and gradient at many points at once, in machine code as wide as the processor.

    Arguments, results and ``reduce`` are those of the NumPy target.  A point's result depends
    neither on the other points nor on its place among them; ``+ - * / sqrt`` have the
    interpreter's bits, other functions are within 4 ulp.  A sum over the points is the same for
    any number of threads.

    ``source`` is the same program over NumPy, the text that ``verify_gradient`` proves; ``llvm``
    the machine code's own text.  The check at compile runs the graph that it is written from.

    Args:
        graph: The traced function of one point.
        wrt: Positions or names of the arguments to differentiate.
        batch: Which arguments have the leading axis.
        reduce: None, "sum" or "mean".
        profile: "exact", or "fast": sums may be re-associated and products fused into them.
    """

    def __init__(
        self,
        graph: Graph,
        wrt: Wrt,
        batch: tuple[bool, ...],
        reduce: str | None,
        profile: str = "exact",
    ) -> None:
        super().__init__(graph, wrt, batch, reduce, profile)
        self.target = "native"
        lowered = self.machine_graph
        self._sums = [Part(1, reduce is None), *(self._part(*o) for o in self._outputs())]
        self._reads = [
            Part(size(part), flag)
            for (_, structure), flag in zip(graph.parameters, batch, strict=True)
            for part in _leaves(structure)
        ]
        operations, row = len(live_order(lowered)), sum(part.size for part in self._reads)
        if operations > LONGEST or row > _LONGEST_ROW:
            raise ArgumentError(
                f"{graph.name}: {operations} operations on {row} numbers a point; native batches "
                f"take up to {LONGEST} on {_LONGEST_ROW}. Use target='numpy', or call a native "
                "gradient point by point"
            )
        flags = FAST_FLAGS if profile == "fast" else ""
        self._program = _Program(lowered, self._reads, self._sums, flags)

    @property
    def machine_graph(self) -> Graph:
        """The graph that the machine code is written from."""
        passes = before_emission(self.profile, "native")
        return run_passes(value_and_gradient(self.graph, self.wrt), passes)

    def _part(self, position: int, part: Any) -> Part:
        summed = self.reduce is not None and not self._is_batched(position)
        return Part(size(part), not summed)

    @property
    def llvm(self) -> str:
        """The program as LLVM IR."""
        return self._program.source.text

    def _run(self, *args: Any, out: Any = None, threads: int = 1) -> Any:
        parts, count = self._inputs(args)
        inputs = [np.ascontiguousarray(array, dtype=np.float64) for array, _, _ in parts]
        shapes = [self._shape(position, part, count) for position, part in self._outputs()]
        if out is None:
            results = [np.empty(shape) for shape in shapes]
        else:
            results = self._into(out, shapes)
            inputs = [apart(array, results) for array in inputs]
        value = np.empty(count if self.reduce is None else ())
        self._compute(inputs, [value, *results], count, threads)
        gradient = self._rebuild_gradient(results, single=False) if out is None else out
        return (value if self.reduce is None else float(value)), gradient

    def bind(self, *args: Any, out: Any) -> Callable[[], Any]:
        """A callable without arguments, bound to the caller's arrays.

        Each call reads the arrays as they are then, writes the gradient into ``out`` and returns
        the value: one float with ``reduce``, else an array that the next call fills again.

        Raises:
            ArgumentError: if an array cannot be used where it lies.
        """
        parts, count = self._inputs(args)
        inputs = []
        for array, _, _ in parts:
            taken = np.ascontiguousarray(array, dtype=np.float64)
            if isinstance(array, np.ndarray) and taken is not array:
                raise ArgumentError("bind: found a strided array; expected contiguous float64")
            inputs.append(taken)
        shapes = [self._shape(position, part, count) for position, part in self._outputs()]
        results = self._into(out, shapes)
        if any(np.shares_memory(x, y) for x in inputs for y in results):
            raise ArgumentError("bind: out overlaps an argument")

        value = np.empty(count if self.reduce is None else ())
        if self.reduce is None:
            program, table = self._program, table_of([*inputs, value, *results])

            def refill() -> Any:
                program.run(table, 0, count)
                return held[0]

            held = (value, inputs, results)  # the table has addresses only
            return refill

        def call() -> Any:
            self._compute(inputs, [value, *results], count, 1)
            return float(value)

        return call

    # --- the machine code ---

    def _compute(
        self, inputs: Sequence[Floats], results: Sequence[Floats], count: int, threads: int
    ) -> None:
        summed = [k for k, part in enumerate(self._sums) if not part.by_point]
        segments = [(start, min(start + SEGMENT, count)) for start in range(0, count, SEGMENT)]
        sums = [
            np.zeros((max(len(segments), 1), self._sums[k].size, vector_math.lanes()))
            for k in summed
        ]

        def run(first: int, last: int) -> None:
            """A range of segments."""
            if not summed:
                table = table_of([*inputs, *results])
                self._program.run(table, segments[first][0], segments[last - 1][1])
                return
            for place in range(first, last):
                arrays = list(results)
                for k, own in zip(summed, sums, strict=True):
                    arrays[k] = own[place]
                self._program.run(table_of([*inputs, *arrays]), *segments[place])

        _in_threads(run, len(segments), threads)
        for k, own in zip(summed, sums, strict=True):
            results[k][...] = own.sum(axis=-1).sum(axis=0).reshape(results[k].shape)
        if self.reduce == "mean":
            with np.errstate(all="ignore"):
                for result in results:
                    np.divide(result, count, out=result)

    def __reduce__(self) -> tuple[Any, ...]:
        made_from = (*packed(self.graph), self.wrt, self.batch, self.reduce, self.profile)
        return _rebuilt, made_from, {"_check": self._check, "comments": self.comments}


def _rebuilt(text: str, origins: Stored | None, *options: Any) -> NativeBatch:
    return NativeBatch(unpacked(text, origins), *options)


def _leaves(structure: Any) -> list[Any]:
    return [part for _, part in leaf_parts("", structure)]


def _in_threads(run: Callable[[int, int], None], count: int, threads: int) -> None:
    """``run`` over ranges of ``count`` segments, in so many threads."""
    if count == 0:
        return
    threads = min(threads, count)
    if threads <= 1:
        run(0, count)
        return
    borders = [count * k // threads for k in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(run, a, b) for a, b in itertools.pairwise(borders)]:
            done.result()
