"""bench: interpreted against generated code, measured side by side on this machine.

``measure`` times any callables in interleaved rounds, so that a machine that slows down for a
moment slows all of them; ``bench`` uses it on one function: the interpreter of ``autodiff`` against
the code ``compile_gradient`` emits, forward, backward and both, after checking that they agree.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from autodiff.errors import ArgumentError, EmitError
from autodiff.graph.graph import Graph, same_bits
from autodiff.graph.structure import size
from autodiff.graph.tree.given import given_count
from autodiff.graph.tree.tree import leaves_of
from autodiff.run.interpret import backpropagate, evaluate, flatten_arguments, pull_back, run
from autodiff.run.reverse_plan import Wrt, active_nodes, select_arguments
from autodiff.run.transform import value_and_gradient
from autodiff.run.whole.scalarize import scalarize
from autodiff.table.arrays.array_row import Same
from autodiff.trace.functions.named_arguments import signature_examples
from autodiff.trace.trace import trace
from codegen.call.compiled import CompiledGradient
from codegen.call.derivative import takes_scalars
from codegen.gradient import compile_gradient, compile_graph
from codegen.load.load import load
from codegen.measure.timing import SAMPLE, Call, Progress, duration, measure
from codegen.passes import run_passes

if TYPE_CHECKING:
    from rich.console import Group

__all__ = ["BenchReport", "Timing", "bench", "measure"]

# --- the report ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Timing:
    """One row of the report: nanoseconds a call."""

    interpreted: float
    generated: float

    @property
    def speedup(self) -> float:
        """How many times faster the generated code is."""
        return self.interpreted / self.generated


@dataclass(frozen=True)
class BenchReport:
    """What ``bench`` measured.

    Attributes:
        name: Name of the function.
        target: The target of the generated code.
        timings: "forward", "backward" and "both": nanoseconds a call.
        build: Seconds spent in "trace" (0 for a graph), "transform", "passes", "emit", "compile".
        nodes: Nodes of the traced graph, literals and inputs included.
        operations: Operations of the value alone, after the passes.
        gradient_operations: Operations of value and gradient together, after the passes.
    """

    name: str
    target: str
    timings: Mapping[str, Timing]
    build: Mapping[str, float]
    nodes: int
    operations: int
    gradient_operations: int

    @property
    def operation_ratio(self) -> float | None:
        """Operations of value and gradient over those of the value; None for a constant."""
        return self.gradient_operations / self.operations if self.operations else None

    @property
    def time_ratio(self) -> float:
        """Generated value-and-gradient time over generated value time."""
        return self.timings["both"].generated / self.timings["forward"].generated

    @property
    def break_even(self) -> int | None:
        """Calls after which generating has paid for itself; None if it never does.

        Tracing is left out: the interpreter needs it too.
        """
        saved = self.timings["both"].interpreted - self.timings["both"].generated
        spent = sum(seconds for stage, seconds in self.build.items() if stage != "trace")
        return -int(-spent * 1e9 // saved) if saved > 0 else None

    def to_json(self) -> dict[str, object]:
        """The whole report as JSON, with the Python version and the machine it ran on."""
        timings = {
            what: {"interpreted": t.interpreted, "generated": t.generated, "speedup": t.speedup}
            for what, t in self.timings.items()
        }
        return {
            "function": self.name,
            "target": self.target,
            "nanoseconds_per_call": timings,
            "break_even_calls": self.break_even,
            "build_seconds": dict(self.build),
            "nodes": self.nodes,
            "operations": self.operations,
            "gradient_operations": self.gradient_operations,
            "gradient_over_value_operations": self.operation_ratio,
            "gradient_over_value_time": self.time_ratio,
            "python": platform.python_version(),
            "machine": platform.platform(),
        }

    def _rows(self) -> list[tuple[str, str, str, str]]:
        names = {"forward": "value", "backward": "backward sweep", "both": "value and gradient"}
        return [
            (names[what], duration(t.interpreted), duration(t.generated), f"{t.speedup:.1f}x")
            for what, t in self.timings.items()
        ]

    def _notes(self) -> list[str]:
        stages = [f"{stage} {duration(s * 1e9)}" for stage, s in self.build.items()]
        ratio, calls = self.operation_ratio, self.break_even
        return [
            f"operations: {self.operations} for the value, {self.gradient_operations} with the "
            f"gradient{f' ({ratio:.2f}x)' if ratio else ''}; {self.nodes} nodes traced",
            f"value and gradient take {self.time_ratio:.2f}x the time of the value",
            f"built in {duration(sum(self.build.values()) * 1e9)}:",
            f"  {', '.join(stages)}",
            "break-even: " + (f"after {calls} calls" if calls is not None else "never"),
        ]

    def __str__(self) -> str:
        rows = [("per call", "interpreted", "generated", "speed-up"), *self._rows()]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                cell.rjust(width) if place else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in rows
        ]
        return "\n".join([f"{self.name}, target {self.target}", *lines, *self._notes()])

    def __rich__(self) -> Group:
        from rich.console import Group  # optional: only terminals need it
        from rich.table import Table

        table = Table(title=f"{self.name}, target {self.target}", title_justify="left")
        table.add_column("per call", overflow="fold")
        for heading in ("interpreted", "generated", "speed-up"):
            table.add_column(heading, justify="right", overflow="fold")
        for row in self._rows():
            table.add_row(*row)
        return Group(table, *self._notes())


# --- the benchmark ---------------------------------------------------------------------------


def bench(
    function: Callable[..., object] | Graph,
    *examples: object,
    wrt: Wrt = None,
    rounds: int = 11,
    progress: Progress | None = None,
) -> BenchReport:
    """Measure interpreted against generated code for one function.

    Args:
        function: Function that returns one float, or its graph.
        examples: The arguments to run it with; default values of the signature serve too.
        wrt: Positions or names of the arguments to differentiate; all by default.
        rounds: How often each side is timed; the medians are reported.
        progress: Called as ``progress(done, total)`` while measuring.

    Returns:
        A report of times, speed-ups, build time, break-even and operation counts.

    Raises:
        ArgumentError: if numbers to run with are missing or do not fit.
        EmitError: if the generated code disagrees with the interpreter (a bug of ours).

    >>> report = bench(lambda x, y: x * y + x, 2.0, 3.0, rounds=3)
    >>> report.operations, report.gradient_operations
    (2, 3)
    """
    given_count("rounds", rounds)
    examples = examples or _defaults(function)
    graph, tracing = _traced(function, examples)
    compiled = compile_gradient(graph, wrt=wrt)
    residuals = _agreement(graph, compiled, examples)
    times = measure(_callables(graph, compiled, examples, residuals), rounds, progress)
    return BenchReport(
        name=graph.name,
        target=compiled.target,
        timings={
            what: Timing(times[f"interpreted {what}"], times[f"generated {what}"])
            for what in ("forward", "backward", "both")
        },
        build={"trace": tracing, **_build_times(graph, compiled)},
        nodes=len(graph.nodes),
        operations=_count(run_passes(graph)),
        gradient_operations=_count(run_passes(value_and_gradient(graph, wrt))),
    )


def _defaults(function: Callable[..., object] | Graph) -> tuple[object, ...]:
    examples = () if isinstance(function, Graph) else signature_examples(function)
    if not examples:
        name = getattr(function, "name", None) or getattr(function, "__name__", "function")
        raise ArgumentError(
            f"{name}: found no numbers to run it with; expected one example per argument, or "
            "default values for all arguments in the signature"
        )
    return examples


def _traced(
    function: Callable[..., object] | Graph, examples: Sequence[object]
) -> tuple[Graph, float]:
    if isinstance(function, Graph):
        return scalarize(function), 0.0
    return _timed(lambda: trace(function, *examples))


def _count(graph: Graph) -> int:
    return sum(1 for _ in graph.operations())


def _callables(
    graph: Graph, compiled: CompiledGradient, args: Sequence[object], residuals: object
) -> dict[str, Call]:
    wrt, value = compiled.wrt, compile_graph(graph)
    direct = value.loaded.guarded("evaluate") if takes_scalars(graph) else value
    return {
        "interpreted forward": (evaluate, graph, *args),
        # Called as the gradient is: the emitted function itself where it takes the arguments.
        "generated forward": (direct, *args),
        "interpreted backward": _reverse_sweep(graph, wrt, args),
        "generated backward": (compiled.backward, residuals),
        "interpreted both": lambda: backpropagate(graph, *args, wrt=wrt),
        "generated both": (compiled, *args),
    }


def _reverse_sweep(graph: Graph, wrt: Wrt, args: Sequence[object]) -> Callable[[], None]:
    """The interpreter's reverse sweep alone, over values computed beforehand."""
    values = run(graph, flatten_arguments(graph, args))
    starts = [0]
    for _, structure in graph.parameters:
        starts.append(starts[-1] + size(structure))
    chosen, _ = select_arguments(graph, wrt)
    inputs = [i for p in chosen for i in range(starts[p], starts[p + 1])]

    def sweep() -> None:
        cotangents: list[float | None] = [None] * len(values)
        cotangents[graph.outputs[0]] = 1.0
        active = active_nodes(graph, inputs)
        pull_back(graph.nodes, values, cotangents, active, graph.inputs.count)

    return sweep


def _agreement(graph: Graph, compiled: CompiledGradient, args: Sequence[object]) -> object:
    """Residuals at ``args``, once every generated part agrees with the interpreter bit for bit."""
    expected = backpropagate(graph, *args, wrt=compiled.wrt)
    value, residuals = compiled.forward(*args)
    _require_same(graph, "value and gradient", compiled(*args), expected)
    _require_same(graph, "forward", value, expected[0])
    _require_same(graph, "backward", compiled.backward(residuals), expected[1])
    return residuals


def _require_same(graph: Graph, what: str, found: object, expected: object) -> None:
    if not all(map(same_bits, _leaves(found), _leaves(expected))):
        raise EmitError(
            f"{graph.name}: generated {what} gives {found!r}, the interpreter {expected!r}; "
            "please report this as a bug"
        )


def _leaves(value: object) -> Iterable[float]:
    return leaves_of(value)


# --- build time ------------------------------------------------------------------------------


def _timed(action: Callable[[], Same]) -> tuple[Same, float]:
    start = perf_counter()
    result = action()
    return result, perf_counter() - start


def _fastest(action: Callable[[], Same]) -> tuple[Same, float]:
    """Result and shortest time of up to three runs; one is enough for what takes long."""
    result, seconds = _timed(action)
    for _ in range(2):
        if seconds < SAMPLE * 50:
            seconds = min(seconds, _timed(action)[1])
    return result, seconds


def _build_times(graph: Graph, compiled: CompiledGradient) -> dict[str, float]:
    """Seconds of each stage; emission is what remains of the whole after the other stages."""
    module, refuse = compiled.loaded.module, compiled.code.refuse
    derived, transform = _fastest(lambda: value_and_gradient(graph, compiled.wrt))
    _, passes = _fastest(lambda: run_passes(derived))
    _, loading = _fastest(lambda: load(module, refuse))
    _, whole = _fastest(
        lambda: compile_gradient(
            graph, target=compiled.target, wrt=compiled.wrt, check=False, cache=False
        )
    )
    emission = max(0.0, whole - transform - passes - loading)
    return {"transform": transform, "passes": passes, "emit": emission, "compile": loading}
