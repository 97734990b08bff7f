"""The native target for batches: many points at once, in registers and threads."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence

import numpy as np

from autodiff.errors import ArgumentError, ProofgradError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import Array, Scalar, leaf_parts, size
from autodiff.graph.tree.given import given_count
from autodiff.tracebacks import shortening
from codegen.call.blocks import Batch, Floats, apart
from codegen.call.code import FunctionCode, GradientCode, placed
from codegen.call.in_numpy import NumpyHalves
from codegen.call.runner import LongPointError
from codegen.call.symbolic import batch_refused
from codegen.native.form import vector_math
from codegen.native.host import LAYOUT
from codegen.native.run.buffers import table_of
from codegen.native.run.call_plan import FEW, Plan, plan_of
from codegen.native.run.callable import VARIADIC, builtin
from codegen.native.run.crew import in_threads, worth
from codegen.native.run.ir_modules import FAST_FLAGS
from codegen.native.run.jit import Source, compile_modules
from codegen.native.run.result_memory import new_results
from codegen.native.run.ties_of_points import Ties, where_settled
from codegen.native.write.batch_kernel import LONGEST, BatchKernel, Part
from codegen.native.write.entry import declarations, deferring
from codegen.native.write.instructions import live_order

__all__ = ["NativeBatch", "NativePoints"]

SEGMENT = 4096  # points summed on their own: the order of a sum depends on nothing but the data
_FLOAT64 = np.dtype(np.float64)
_LONGEST_ROW = 30_000  # numbers of a point; a block of them must fit the stack


class _Program:
    """``batch`` of one graph, ready to call."""

    def __init__(
        self, graph: Graph, inputs: Sequence[Part], outputs: Sequence[Part], flags: str
    ) -> None:
        kernel = BatchKernel(graph, inputs, outputs, flags)
        shared = declarations()
        library = kernel.library
        text = shared + kernel.text() + ("" if LAYOUT is None else deferring(LAYOUT))
        symbols = {**library.scalar.symbols, **library.symbols}
        self.source = Source(text, symbols, library.scalar.called, True)
        self.code = compile_modules((), self.source)
        signature = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
        self.run = signature(self.code.address("batch"))  # releases the GIL


class NativePoints:
    """Values or derivatives at many points at once, in machine code as wide as the processor.

    Arguments, results and ``reduce`` are those of the NumPy target.  A point's result depends
    neither on the other points nor on its place among them; ``+ - * / sqrt`` have the
    interpreter's bits, other functions are within 4 ulp.  A sum over the points is the same for
    any number of threads.

    Args:
        code: What it is written from.
        flags: Which arguments have the leading axis.
        reduce: None, "sum" or "mean".
        threads: How many a call uses that does not say.
    """

    def __init__(
        self,
        code: FunctionCode,
        flags: tuple[bool, ...],
        reduce: str | None,
        threads: int | None = None,
    ) -> None:
        derivative = self._derivative = code.emission
        self._reduce = reduce
        self._threads = 1 if threads is None else given_count("threads", threads)
        self.batch = Batch(derivative, flags, reduce)
        frame, lowered = derivative.frame, derivative.flagged
        self._code = code
        self._sums = [Part(size(part), not summed) for part, summed in self.batch.outputs]
        inputs = [
            (part, flag)
            for (_, structure), flag in zip(frame.parameters, flags, strict=True)
            for _, part in leaf_parts("", structure)
        ]
        reads = [Part(size(part), flag) for part, flag in inputs]
        self._ties = None if lowered.limits is None else Ties(lowered, inputs)
        if self._ties is not None:
            self._sums.append(Part(1, False, flag=True))  # whether points tie
        operations = self._operations = len(live_order(lowered))
        row = sum(part.size for part in reads)
        if operations > LONGEST or row > _LONGEST_ROW:
            raise LongPointError(
                f"{frame.name}: {operations} operations on {row} numbers a point; native batches "
                f"take up to {LONGEST} on {_LONGEST_ROW}. Use target='numpy', or call a native "
                "gradient point by point"
            )
        fast = FAST_FLAGS if derivative.profile == "fast" else ""
        self._program = _Program(lowered, reads, self._sums, fast)
        self._few = Plan.empty()  # of calls with a few points
        plain = all(isinstance(s, (Scalar, Array)) for _, s in frame.parameters)
        own = [(s.shape if isinstance(s, Array) else (), flag) for s, flag in inputs]
        self._shapes = own if plain else []  # of the arguments, where each is one array

    @property
    def machine(self) -> Graph:
        """The graph that the machine code is written from."""
        return self._derivative.lowered

    @property
    def llvm(self) -> str:
        """The program as LLVM IR."""
        return self._program.source.text

    def entry(self) -> Callable[..., object]:
        """What a call is."""
        derivative, run, usual = self._derivative, self._run, self._threads
        count = len(derivative.frame.parameters)

        plan = self._few = self._plan() or Plan.empty()

        @shortening
        def call(
            *args: object, out: object = None, threads: int | None = None, **named: object
        ) -> object:
            if named or len(args) != count:
                args = placed(derivative, args, named)
            try:
                return run(args, out, usual if threads is None else given_count("threads", threads))
            except (ProofgradError, TypeError, ValueError):
                batch_refused(derivative, args)

        if LAYOUT is None:
            return call
        code = self._program.code
        owned = (self._program, plan.words, plan.held)
        return builtin(derivative.name, code.address("call"), VARIADIC, owned, call, plan.address)

    def _plan(self) -> Plan | None:
        """The plan of calls with a few points; None where more than one run of the code is needed.

        None as well where functions in Python are called meanwhile, as for other programs.
        """
        if self._reduce is not None or self._ties is not None or self._program.source.called:
            return None
        derivative, flags = self._derivative, self.batch.flags
        return plan_of(
            derivative.frame.parameters,
            derivative.result,
            derivative.given,
            self.batch.leads,
            self._program.code.address("batch"),
            flags,
        )

    def _run(self, args: tuple[object, ...], out: object, threads: int) -> object:
        batch = self.batch
        inputs, count = self._as_they_are(args) or self._converted(args)
        if count <= FEW:
            self._few.count()
        if out is None:
            results = new_results(batch.shapes(count))
        else:
            results = batch.into(out, count)
            inputs = [apart(array, results) for array in inputs]
        self._compute(inputs, results, count, threads)
        return batch.result(results, out)

    def _converted(self, args: tuple[object, ...]) -> tuple[list[Floats], int]:
        parts, count = self.batch.inputs(args)
        return [np.ascontiguousarray(array, dtype=np.float64) for array, _, _ in parts], count

    def _as_they_are(self, args: tuple[object, ...]) -> tuple[list[Floats], int] | None:
        """The arguments and the number of points, if they are arrays that code can read in place.

        As ``_converted``, which looks at whatever else there may be.
        """
        inputs: list[Floats] = []
        count = -1
        for value, (shape, by_point) in zip(args, self._shapes, strict=False):
            if type(value) is not np.ndarray or value.dtype is not _FLOAT64:
                return None
            found, flags = value.shape, value.flags
            if by_point and count < 0 and found:
                count = found[0]
            wanted = (count, *shape) if by_point else shape
            if found != wanted or not flags.c_contiguous or not flags.aligned:
                return None
            inputs.append(value)
        return (inputs, count) if count >= 0 and len(inputs) == len(self._shapes) else None

    def bind(self, *args: object, out: object) -> Callable[[], object]:
        """A callable without arguments over the caller's arrays; see ``CompiledFunction``.

        A value that comes first is one float with ``reduce``, else an array that the next call
        fills again.
        """
        batch = self.batch
        inputs, count = batch.bound(args)
        results = batch.into(out, count)
        if any(np.shares_memory(x, y) for x in inputs for y in results):
            raise ArgumentError("bind: out overlaps an argument")

        alone = self._reduce is None and self._threads <= 1
        if alone and self._ties is None:
            program, table = self._program, table_of([*inputs, *results])

            def refill() -> object:
                program.run(table, 0, count)
                return held[0]

            first = results[0] if batch.leads else out
            held = (first, inputs, results)  # the table has addresses only
            return refill
        if alone:
            at_once = self._at_once(inputs, results, count)
            filled = results[0] if batch.leads else out

            def refill_settled() -> object:
                at_once()
                return filled

            return refill_settled

        def call() -> object:
            self._compute(inputs, results, count, self._threads)
            found = batch.result(results, () if out is None else out)
            return found[0] if batch.leads else found

        return call

    # --- the machine code ---

    def _compute(
        self, inputs: Sequence[Floats], results: Sequence[Floats], count: int, threads: int
    ) -> None:
        threads = worth(threads, count * self._operations)
        if self._reduce is None and threads <= 1:
            self._compute_at_once(inputs, results, count)
            return
        if self._ties is not None:
            results = [*results, np.zeros(())]
        summed = [k for k, part in enumerate(self._sums) if not part.by_point]
        length = SEGMENT if self._reduce is not None else max(-(-count // max(threads, 1)), SEGMENT)
        segments = [(start, min(start + length, count)) for start in range(0, count, length)]
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
                if self._ties is not None and np.count_nonzero(arrays[-1]):
                    self._settle(inputs, arrays, *segments[place])

        in_threads(run, len(segments), threads)
        if self._ties is not None:  # whether points tie has been asked
            results, summed, sums = results[:-1], summed[:-1], sums[:-1]
        for k, own in zip(summed, sums, strict=True):
            results[k][...] = own.sum(axis=-1).sum(axis=0).reshape(results[k].shape)
        if self._reduce == "mean":
            with np.errstate(all="ignore"):
                for result in results:
                    np.divide(result, count, out=result)

    def _compute_at_once(
        self, inputs: Sequence[Floats], results: Sequence[Floats], count: int
    ) -> None:
        """The same where nothing is summed, in one thread."""
        if self._ties is None:
            self._program.run(table_of([*inputs, *results]), 0, count)
        else:
            self._at_once(inputs, results, count)()

    def _at_once(
        self, inputs: Sequence[Floats], results: Sequence[Floats], count: int
    ) -> Callable[[], None]:
        """A call over these arrays that looks for ties, in one thread."""
        run, tied = self._program.run, np.zeros((1, vector_math.lanes()))
        arrays = [*results, tied]
        table, where, none = table_of([*inputs, *arrays]), tied.tobytes, tied.tobytes()

        def call() -> None:
            run(table, 0, count)
            if where() != none:  # NumPy takes ten times as long to count them
                self._settle(inputs, arrays, 0, count)

        return call

    def _settle(
        self, inputs: Sequence[Floats], arrays: Sequence[Floats], start: int, stop: int
    ) -> None:
        """Put the points of a segment that tie apart: NumPy's text settles their derivatives."""
        assert self._ties is not None
        places = start + np.flatnonzero(self._ties.at(inputs, start, stop))
        sums = [a for a, part in zip(arrays, self._sums, strict=True) if not part.by_point]
        for array in sums:
            array[...] = 0.0
        table = table_of([*inputs, *arrays])
        border = start
        for place in places if len(sums) > 1 else ():  # the sums again, without these points
            if place > border:
                self._program.run(table, border, int(place))
            border = int(place) + 1
        if border < stop and len(sums) > 1:
            self._program.run(table, border, stop)
        with np.errstate(all="ignore"):
            kind = self._derivative.kind
            results = self._code.main.functions[kind.entry](*self._ties.block(inputs, places))
        if kind.in_halves:
            results = (results[0], *results[1])
        found: list[Floats | float] = []
        for one, (structure, _) in zip(results, self.batch.outputs, strict=True):
            found += list(one) if isinstance(structure, Array) else [one]
        first = 0
        for array, part in zip(arrays[:-1], self._sums[:-1], strict=True):
            rows = [np.broadcast_to(x, places.shape) for x in found[first : first + part.size]]
            derivatives = [k in self._ties.outputs for k in range(first, first + part.size)]
            first += part.size
            if part.by_point:
                kept = array.reshape(len(array), -1)
                settled = where_settled(kept[places], np.stack(rows, axis=1))
                kept[places] = np.where(derivatives, settled, kept[places])
            else:
                array.reshape(part.size, -1)[:, 0] += [float(row.sum()) for row in rows]


class NativeBatch(NativePoints):
    """Value and gradient at many points; ``forward`` and ``backward`` run the text over NumPy.

    Args:
        code: What it is written from.
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
        super().__init__(code, flags, reduce, threads)
        halves = NumpyHalves(code, self.batch)
        self.forward, self.backward = halves.forward, halves.backward
