"""bench and measure: what they count is right, what they time is plausible, what differs raises."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from codegen import BenchReport, CompiledGradient, bench, measure
from codegen.measure.bench import Timing


def product(x: Any = 2.0, y: Any = 3.0) -> Any:
    """x y + x: two operations, and one more for its gradient."""
    return x * y + x


def report(**changes: Any) -> BenchReport:
    """A report with round numbers."""
    content: dict[str, Any] = {
        "name": "f",
        "target": "python",
        "timings": {
            "forward": Timing(4_000.0, 100.0),
            "backward": Timing(6_000.0, 200.0),
            "both": Timing(10_300.0, 300.0),
        },
        "build": {"trace": 1.0, "transform": 1e-4, "passes": 2e-4, "emit": 3e-4, "compile": 4e-4},
        "nodes": 12,
        "operations": 10,
        "gradient_operations": 25,
    }
    return BenchReport(**content | changes)


def test_operations_and_nodes_are_counted() -> None:
    """Counts are of the code that runs, after the passes; nodes are of the trace."""
    measured = bench(product, rounds=3)
    assert (measured.name, measured.target) == ("product", "python")
    assert measured.operations == 2
    assert measured.gradient_operations == 3
    assert measured.operation_ratio == 1.5
    assert measured.nodes == len(ad.trace(product).nodes)
    assert set(measured.build) == {"trace", "transform", "passes", "emit", "compile"}


def test_break_even() -> None:
    """Where generated code is faster, the report says after how many calls building it has paid."""

    def chain(x: Any) -> Any:
        for _ in range(50):
            x = np.sin(x) * x
        return x

    measured = bench(chain, 1.0, rounds=5)
    timing = measured.timings["both"]
    assert timing.speedup == timing.interpreted / timing.generated
    assert measured.break_even is None or measured.break_even > 0


@pytest.mark.parametrize(
    "arguments", [(2.0, 3.0), (np.arange(3.0), 2.0), (np.ones(2), np.ones(2)), (-1, 2)]
)
def test_any_arguments_that_can_be_traced_can_be_measured(arguments: tuple[Any, ...]) -> None:
    """Floats, integers and arrays serve as examples."""
    measured = bench(lambda x, y: np.sum(x * y), *arguments, rounds=3)
    assert all(t.generated > 0 for t in measured.timings.values())


def test_a_graph_is_measured_without_tracing() -> None:
    """A graph needs its arguments; its trace time is zero."""
    assert bench(ad.trace(product), 2.0, 3.0, rounds=3).build["trace"] == 0.0


def test_wrt_limits_what_is_differentiated() -> None:
    """Only the chosen argument's gradient is computed."""
    assert bench(product, wrt="y", rounds=3).gradient_operations == 2


def test_a_constant_function_has_no_ratio() -> None:
    """Nothing is computed, so nothing is divided by zero."""
    measured = bench(lambda x: 3.0, 1.0, rounds=3)
    assert measured.operation_ratio is None
    assert "operations: 0 for the value, 0 with the gradient;" in str(measured)


def test_infinite_and_undefined_results_agree_too() -> None:
    """nan equals nan in the comparison of both sides."""
    bench(lambda x: 2.0 * np.log(x), 0.0, rounds=3)
    bench(lambda x: 2.0 * np.sqrt(x), -1.0, rounds=3)


def test_missing_numbers_are_an_error() -> None:
    """Numbers are never made up."""
    with pytest.raises(ad.ArgumentError, match="found no numbers to run it with"):
        bench(lambda x: x * x)
    with pytest.raises(ad.ArgumentError, match="product: found no numbers"):
        bench(ad.trace(product))


def test_a_wrong_result_is_never_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If generated code disagreed with the interpreter, bench would say so."""

    def wrong(self: CompiledGradient, residuals: Any, cotangent: float = 1.0) -> Any:
        return (4.0, 2.0000000000000004)

    monkeypatch.setattr(CompiledGradient, "backward", wrong)
    with pytest.raises(ad.EmitError, match=r"product: generated backward gives \(4.0, 2.00"):
        bench(product, rounds=3)


def test_progress_counts_up_to_the_total() -> None:
    """The callback sees every timed loop."""
    seen: list[tuple[int, int]] = []
    bench(product, rounds=3, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert {total for _, total in seen} == {len(seen)}


def test_break_even_is_build_time_over_time_saved() -> None:
    """1 ms to build, 10 µs saved a call: 100 calls; tracing is needed either way."""
    assert report().break_even == 100


def test_break_even_is_never_if_nothing_is_saved() -> None:
    """A generated call that is slower never pays."""
    slow = {what: Timing(100.0, 200.0) for what in ("forward", "backward", "both")}
    assert report(timings=slow).break_even is None
    assert "break-even: never" in str(report(timings=slow))


def test_ratios_compare_gradient_with_value() -> None:
    """Gradient over value, in operations and in time."""
    assert report().operation_ratio == 2.5
    assert report().time_ratio == 3.0


def test_report_prints_times_with_units() -> None:
    """Text and rich table show the same rows."""
    text = str(report())
    assert "value and gradient      10.3 µs     300 ns     34.3x" in text
    assert "built in 1 s:\n  trace 1 s, transform 100 µs, passes 200 µs," in text
    rich = pytest.importorskip("rich.console")
    console = rich.Console(width=100, file=None, record=True, quiet=True)
    console.print(report())
    assert "break-even" in str(report())


def test_report_is_json() -> None:
    """to_json holds plain numbers only."""
    content = json.loads(json.dumps(report().to_json()))
    assert content["nanoseconds_per_call"]["both"] == {
        "interpreted": 10_300.0,
        "generated": 300.0,
        "speedup": 10_300 / 300,
    }
    assert content["break_even_calls"] == 100
    assert content["gradient_over_value_operations"] == 2.5
    assert content["build_seconds"]["compile"] == 4e-4


def test_measure_gives_nanoseconds() -> None:
    """A call that sleeps a millisecond takes at least a million nanoseconds."""
    times = measure({"sleep": (time.sleep, 0.001), "nothing": lambda: None}, rounds=3)
    assert 1e6 <= times["sleep"] < 1e8
    assert 0 < times["nothing"] < 1e5


def test_measure_interleaves_its_rounds() -> None:
    """Each round times every callable once, in order."""
    calls: list[str] = []

    def slow(label: str) -> None:
        calls.append(label)
        time.sleep(0.003)  # longer than one sample: one call per timed loop

    measure({"a": (slow, "a"), "b": (slow, "b")}, rounds=3)
    assert calls[-6:] == ["a", "b", "a", "b", "a", "b"]


def test_bench_leaves_its_graph_alone() -> None:
    """Measuring changes nothing it was given."""
    graph: Graph = ad.trace(product)
    before = str(graph)
    bench(graph, 1.0, 2.0, rounds=3)
    assert str(graph) == before
