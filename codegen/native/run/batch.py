"""The native target for batches: many points at once, in registers and threads."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.given import given_count
from autodiff.graph.graph import Graph
from autodiff.graph.structure import leaf_parts, size
from codegen.call.blocks import Batch, Floats, apart
from codegen.call.code import GradientCode, placed
from codegen.call.in_numpy import NumpyHalves
from codegen.native.form import vector_math
from codegen.native.run.jit import Source, compile_modules
from codegen.native.run.native import FAST_FLAGS, table_of
from codegen.native.write.batch_kernel import LONGEST, BatchKernel, Part
from codegen.native.write.entry import declarations
from codegen.native.write.kernel import live_order

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


class NativeBatch:
    """Value and gradient at many points at once, in machine code as wide as the processor.

    Arguments, results and ``reduce`` are those of the NumPy target.  A point's result depends
    neither on the other points nor on its place among them; ``+ - * / sqrt`` have the
    interpreter's bits, other functions are within 4 ulp.  A sum over the points is the same for
    any number of threads.

    ``forward`` and ``backward`` run the text, which is the same program over NumPy.

    Args:
        code: What it is written from; of its text only the halves are ever loaded.
        flags: Which arguments have the leading axis.
        reduce: None, "sum" or "mean".
        threads: How many a call uses that does not say.
    """

    def __init__(
        self,
        code: GradientCode,
        flags: tuple[bool, ...],
        reduce: str | None,
        threads: int | None = None,
    ) -> None:
        derivative = self._derivative = code.derivative
        self._reduce = reduce
        self._threads = 1 if threads is None else given_count("threads", threads)
        self._batch = Batch(derivative, flags, reduce)
        halves = NumpyHalves(code, self._batch)
        self.forward, self.backward = halves.forward, halves.backward
        frame, lowered = derivative.frame, derivative.lowered
        outputs = [Part(size(part), not summed) for part, summed in self._batch.outputs]
        self._sums = [Part(1, reduce is None), *outputs]
        reads = [
            Part(size(part), flag)
            for (_, structure), flag in zip(frame.parameters, flags, strict=True)
            for _, part in leaf_parts("", structure)
        ]
        operations, row = len(live_order(lowered)), sum(part.size for part in reads)
        if operations > LONGEST or row > _LONGEST_ROW:
            raise ArgumentError(
                f"{frame.name}: {operations} operations on {row} numbers a point; native batches "
                f"take up to {LONGEST} on {_LONGEST_ROW}. Use target='numpy', or call a native "
                "gradient point by point"
            )
        fast = FAST_FLAGS if derivative.profile == "fast" else ""
        self._program = _Program(lowered, reads, self._sums, fast)

    @property
    def machine(self) -> Graph:
        """The graph that the machine code is written from."""
        return self._derivative.lowered

    @property
    def llvm(self) -> str:
        """The program as LLVM IR."""
        return self._program.source.text

    def entry(self) -> Callable[..., Any]:
        """What a call is."""
        derivative, run, usual = self._derivative, self._run, self._threads

        def call(
            *args: object, out: object = None, threads: int | None = None, **named: object
        ) -> Any:
            if named:
                args = placed(derivative, args, named)
            return run(args, out, usual if threads is None else given_count("threads", threads))

        return call

    def _run(self, args: tuple[object, ...], out: object, threads: int) -> Any:
        batch = self._batch
        parts, count = batch.inputs(args)
        inputs = [np.ascontiguousarray(array, dtype=np.float64) for array, _, _ in parts]
        if out is None:
            results = [np.empty(shape) for shape in batch.shapes(count)]
        else:
            results = batch.into(out, count)
            inputs = [apart(array, results) for array in inputs]
        value = np.empty(count if self._reduce is None else ())
        self._compute(inputs, [value, *results], count, threads)
        gradient = batch.gradient(results) if out is None else out
        return (value if self._reduce is None else float(value)), gradient

    def bind(self, *args: object, out: object) -> Callable[[], Any]:
        """A callable without arguments over the caller's arrays; see ``CompiledGradient``.

        It returns one float with ``reduce``, else an array that the next call fills again.
        """
        inputs, count = self._batch.bound(args)
        results = self._batch.into(out, count)
        if any(np.shares_memory(x, y) for x in inputs for y in results):
            raise ArgumentError("bind: out overlaps an argument")

        value = np.empty(count if self._reduce is None else ())
        if self._reduce is None:
            program, table = self._program, table_of([*inputs, value, *results])

            def refill() -> Any:
                program.run(table, 0, count)
                return held[0]

            held = (value, inputs, results)  # the table has addresses only
            return refill

        def call() -> Any:
            self._compute(inputs, [value, *results], count, self._threads)
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
        if self._reduce == "mean":
            with np.errstate(all="ignore"):
                for result in results:
                    np.divide(result, count, out=result)


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
