"""The native target: functions and gradients as machine code."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Protocol

import numpy as np

from autodiff.errors import ArgumentError
from autodiff.graph.graph import Graph
from autodiff.graph.structure import SCALAR, Array, Structure, Tuple, leaf_parts, size
from autodiff.graph.tree.leaves import Floats
from autodiff.numbers.settle import directions, settled
from autodiff.run.one_sided import sides_graph
from autodiff.run.pieces import FARTHEST, piece_graph, settle
from autodiff.trace.collection import collection_paused
from autodiff.tracebacks import shortening
from codegen.call.code import FunctionCode, GradientCode
from codegen.call.derivative import Derivative
from codegen.call.in_python import PythonHalves
from codegen.call.runner import Call
from codegen.call.symbolic import are_symbolic, recorded
from codegen.language.numpy.vectorized_settle import noise_at, settled_row
from codegen.load.progress import shown
from codegen.native.host import LAYOUT
from codegen.native.run.buffers import Buffers, table_of
from codegen.native.run.call_plan import Plan, plan_of
from codegen.native.run.callable import NO_ARGUMENTS, VARIADIC, builtin
from codegen.native.run.containers import Frames
from codegen.native.run.ir_modules import kernel_of, modules_of, replacing, text_of
from codegen.native.run.jit import Code, Source, compile_modules
from codegen.native.run.second_build import Tier, efforts
from codegen.passes import run_passes

__all__ = ["RAW", "NativeFunction", "NativeGradient", "Program"]

RAW = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)  # of a table of addresses
_FEW = 64  # derivatives up to which Python's floats are faster than arrays
_TIED = 2  # what compute returns where switches tie
_ON_STACK = 2000  # numbers that machine code settles where they are
_LONG = 5000  # nodes from which compiling what settles takes as long as settling some points
_SOME = 30  # so many: as long as compiling takes


class Again(Protocol):
    """Says what a call gives where machine code hands it back."""

    def serve(self, code: Code) -> None:
        """Let machine code ask the short way from now on, if there is one."""

    def __call__(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """Correct the outputs, or raise."""


class Settle:
    """Settles the derivatives in a result where switches tie; compiled when first needed.

    Where that takes seconds the first points are left to the interpreter, which has the same bits.

    Args:
        graph: The graph as the transform made it, whose limits say what to settle.
        result: Structure of the result.
    """

    def __init__(self, graph: Graph, result: Structure) -> None:
        assert graph.limits is not None
        self._graph, self._limits = graph, graph.limits
        self._parts = [part for _, part in leaf_parts("", result)]
        self._left = _SOME if len(graph.nodes) > _LONG else 0  # points to settle without it

    @cached_property
    def _sides(self) -> Program:
        """``(arguments, derivatives) -> derivatives, lost``, all in their parts."""
        with collection_paused():
            return self._compiled(run_passes(sides_graph(self._graph)))

    def _compiled(self, graph: Graph) -> Program:
        arguments = [p for _, whole in self._graph.parameters for _, p in leaf_parts("", whole)]
        parts = self._derivatives or (Array((len(self._limits.outputs),)),)
        parameters = tuple((f"p{k}", part) for k, part in enumerate((*arguments, *parts)))
        result = Tuple((*parts, SCALAR))
        graph = replace(graph, parameters=parameters, result=result)
        before = len(self._parts) - len(parts) if self._derivatives else None
        return Program(graph, graph, result, "exact", result, settles=before)

    @cached_property
    def _derivatives(self) -> tuple[Structure, ...]:
        """The last parts of the result, if the derivatives are these and are few enough."""
        first, start = self._limits.outputs[0], 0
        in_a_row = self._limits.outputs == tuple(range(first, first + len(self._limits.outputs)))
        for k, part in enumerate(self._parts):
            if start == first and in_a_row:
                rest = tuple(self._parts[k:])
                last = sum(map(size, rest)) == len(self._limits.outputs) <= _ON_STACK
                return rest if last else ()
            start += size(part)
        return ()

    @cached_property
    def _piece(self) -> Program:
        piece = piece_graph(self._graph)
        return Program(run_passes(piece), piece, piece.result, "exact", piece.result)

    @cached_property
    def _steps(self) -> list[Floats]:
        steps = directions(self._graph.inputs.count, list(self._limits.inputs))
        return [np.array(step) for step in steps]

    def serve(self, code: Code) -> None:
        """Let machine code ask the short way from now on, without coming back here."""
        if self._left:
            return
        address = self._sides.code.address("settle") if self._derivatives else 0
        if address:
            code.point("near", address)

    def __call__(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        numbers, places = _flat(outputs), list(self._limits.outputs)
        numbers[places] = self._settled(inputs, numbers[places])
        start = 0
        for array in outputs:
            array[...] = numbers[start : start + array.size].reshape(array.shape)
            start += array.size

    def _settled(self, inputs: Sequence[Floats], table: Floats) -> Floats:
        if self._left:
            self._left -= 1
            with collection_paused():
                return np.array(settle(self._graph, _flat(inputs).tolist(), table.tolist()))
        parts = self._derivatives or (Array((len(table),)),)
        ends = list(itertools.accumulate(size(part) for part in parts))
        given = [np.ascontiguousarray(x) for x in np.split(table, ends[:-1])]
        found = [np.empty(len(each)) for each in given]
        lost = np.empty(())
        self._sides.run((*inputs, *given), (*found, lost))
        if not lost:
            return np.concatenate(found)
        if len(self._graph.nodes) > FARTHEST:
            return table
        point = _flat(inputs)
        rows = np.empty((len(self._steps), len(table)))
        for step, row in zip(self._steps, rows, strict=True):
            self._piece.run((point, step), (row,))
        if len(table) <= _FEW:
            return np.array(settled(rows.tolist(), table.tolist()))
        with np.errstate(all="ignore"):
            found_far: Floats = settled_row(table, rows, noise_at(rows))
            return found_far


def _flat(arrays: Sequence[Floats]) -> Floats:
    return np.concatenate([np.ravel(array) for array in arrays]) if arrays else np.empty(0)


class Program:
    """A graph in machine code.

    Args:
        graph: The graph, after the passes.
        function: The function as the user knows it, for messages; it has the same parameters.
        result: Structure of what a call returns; its floats are the graph's outputs.
        profile: "exact", or "fast": sums may be re-associated and products fused into them.
        given: Structure of the arrays that a caller may hand over: the result, without a float
            value that comes first and is returned.
        settle: Settles derivatives where switches tie, which the graph's last output then says.
        settles: How many parts of a result come before the derivatives, if that is what this
            program settles, in place, by an entry of its own.
        effort: "quick" or "full", where the user says how the code generator works.
        clears: Whether arrays that are mostly zero are cleared by each call.
    """

    tier: Tier | None = None
    clears = False

    def __init__(
        self,
        graph: Graph,
        function: Graph,
        result: Structure,
        profile: str,
        given: Structure,
        settle: Settle | None = None,
        settles: int | None = None,
        effort: str | None = None,
        clears: bool = True,
    ) -> None:
        self._settle: Again | None = settle
        self.leads = given is not result
        self.buffers = Buffers(function, result, given)
        self._structures = graph.parameters, result, given
        kernel = kernel_of(graph, profile, settles, clears)
        self.clears = kernel.clears
        groups, main = modules_of(kernel, graph, result, self.leads, settles)
        self._calls_python = bool(main.called)
        level, builds = efforts(effort, kernel.tiered, kernel.in_chunks)
        watched = shown(groups, kernel.group_count, f"compiling {function.name}")
        self.code: Code = compile_modules(watched, main, level)
        if builds:

            def written() -> Iterator[Source]:
                return replacing(kernel_of(graph, profile, settles, clears))

            count = max(kernel.group_count, 1)
            self.tier = Tier(self.code, written, kernel.memory, count, builds)
        self._raw = RAW(self.code.address("raw"))

    def function(self, emission: Derivative) -> Call:
        """The program as a callable."""
        if LAYOUT is None:
            return Slow(self, emission, None)
        plan = self._plan() or Plan.empty()
        slow = Slow(self, emission, plan)
        owned = (self.code, plan.words, plan.held)
        address = self.code.address("call")
        return builtin(emission.name, address, VARIADIC, owned, slow, plan.address)

    def _plan(self) -> Plan | None:
        """The plan of calls with whatever arguments.

        None where functions in Python are called meanwhile, which could change a list whose arrays
        are being read.
        """
        if self._calls_python:
            return None
        return plan_of(*self._structures, self.leads, self.code.address("raw"))

    def run(self, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """Compute ``outputs`` from ``inputs``: contiguous float64 arrays that do not overlap."""
        self.run_at(table_of((*inputs, *outputs)), inputs, outputs)

    def run_at(self, table: object, inputs: Sequence[Floats], outputs: Sequence[Floats]) -> None:
        """As ``run``, with the table of their addresses."""
        if self._raw(table) == _TIED:
            assert self._settle is not None
            self._settle.serve(self.code)
            self._settle(inputs, outputs)

    def into(self, inputs: Sequence[Floats], outputs: Sequence[Floats], out: object) -> object:
        """What a call returns that writes into the caller's arrays."""
        if not self.leads:
            self.run(inputs, outputs)
            return out
        value = np.zeros(())
        self.run(inputs, (value, *outputs))
        return float(value), out

    def bound(
        self,
        name: str,
        inputs: Sequence[Floats],
        outputs: Sequence[Floats],
        out: object,
    ) -> Callable[[], object]:
        """A callable without arguments over these arrays; it returns the value, or ``out``."""

        def call() -> object:
            if self.tier is not None:
                self.tier.note()
            found = self.into(inputs, outputs, out)
            return found[0] if isinstance(found, tuple) and self.leads else found

        if LAYOUT is None:
            return call
        table = table_of((*inputs, *outputs))
        return builtin(
            name,
            self.code.address("bound"),
            NO_ARGUMENTS,
            (out, self.code, table, *inputs, *outputs),
            call,
            ctypes.addressof(table),
        )


class Slow:
    """Calls that native code hands over: converts the arguments, or raises the error."""

    def __init__(self, program: Program, emission: Derivative, plan: Plan | None) -> None:
        self._plan, self._tier = plan, program.tier
        self._buffers, self._run, self._emission = program.buffers, program.run, emission
        self._into = program.into
        arguments = [structure for _, structure in emission.frame.parameters]
        self._frames = Frames(arguments, emission.result, program.run_at, table_of)

    @shortening
    def __call__(self, /, *args: object, out: object = None, **named: object) -> object:
        if self._tier is not None:
            self._tier.note()
        if self._plan is not None:
            self._plan.count()
        if out is None and not named and self._frames.fits:
            result = self._frames(args)
            if result is not None:
                return result
        buffers = self._buffers
        if named or len(args) < buffers.count:
            placed = buffers.placed(args, named, self._emission.defaults)
            if placed is None and named:
                raise ArgumentError(
                    f"{self._emission.frame.name}: found the keywords {', '.join(named)}; "
                    "expected the arguments, each once, by position or by name, and out="
                )
            args = args if placed is None else placed
        if are_symbolic(args):
            return recorded(self._emission, args)
        inputs = buffers.inputs(args)
        if out is None:
            outputs = buffers.new()
            self._run(inputs, outputs)
            return buffers.result(outputs)
        given = buffers.given(out)
        return self._into(buffers.apart(inputs, given), given, out)


def _program(emission: Derivative, effort: str | None, clears: bool = True) -> Program:
    graph = emission.flagged
    settle = None if graph.limits is None else Settle(emission.settling, emission.result)
    result, given = emission.result, emission.given
    return Program(
        graph, emission.frame, result, emission.profile, given, settle, None, effort, clears
    )


class NativeFunction:
    """A graph, or derivatives of a function, as machine code.

    With ``out=`` results go into the caller's arrays; ``bind`` gives a callable that looks nothing
    up any more.

    Args:
        code: What it is written from; its text is never loaded.
        effort: "quick" or "full", where the user says how the code generator works.
    """

    def __init__(self, code: FunctionCode, effort: str | None = None) -> None:
        emission = code.emission
        self._emission, self._effort = emission, effort
        self._program = self._made(emission)

    def _made(self, emission: Derivative) -> Program:
        """What runs."""
        return _program(emission, self._effort)

    @property
    def machine(self) -> Graph:
        """The graph that the machine code is written from."""
        return self._emission.lowered

    @property
    def llvm(self) -> str:
        """The program as LLVM IR, written anew."""
        return text_of(self._emission)

    def entry(self) -> Call:
        """What a call is."""
        return self._program.function(self._emission)

    def bind(self, *args: object, out: object) -> Callable[[], object]:
        """A callable without arguments over the caller's arrays; see ``CompiledFunction``."""
        program, buffers = self._program, self._program.buffers
        name = f"{self._emission.frame.name}_bound"
        if out is None and not program.leads:  # nobody else writes there: zeros stay zeros
            outputs, out = buffers.own()
            return self._kept.bound(name, buffers.bound(args), outputs, out)
        inputs, outputs = buffers.bound(args), buffers.given(out)
        buffers.check_apart(inputs, outputs)
        return program.bound(name, inputs, outputs, out)

    @cached_property
    def _kept(self) -> Program:
        """What runs where zeros are there before; what settles ties may write in their places."""
        if not self._program.clears or self._emission.flagged.limits is not None:
            return self._program
        with collection_paused():
            return _program(self._emission, self._effort, clears=False)


class NativeGradient(NativeFunction):
    """Value and gradient as machine code.

    ``forward`` and ``backward`` run the text, which is the same program in Python; bit-identity
    ties the machine code to it.

    Args:
        code: What it is written from; of its text only the halves are ever loaded.
    """

    def __init__(self, code: GradientCode, effort: str | None = None) -> None:
        super().__init__(code, effort)
        halves = PythonHalves(code)
        self.forward, self.backward = halves.forward, halves.backward
