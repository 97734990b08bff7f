"""verify_gradient on our own compiled code: functions of every kind, and mistakes of every kind."""

from __future__ import annotations

import math
import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import ArgumentError
from codegen import compile_gradient, compile_graph
from codegen.call import derivative
from codegen.text import chunks
from tests.fresh_python import printed
from tests.random_graphs import grow
from verify import Verdict, verify_derivatives, verify_gradient
from verify.answer.reasons import Reason
from verify.ladder.ladder import examine, subject_and_points
from verify.program.limits import DIGITS

BATCHES: list[Any] = [None, True]


def rosenbrock(x: Any) -> Any:
    """The valley of an array."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def black_scholes(s: Any, k: Any, r: Any, v: Any, t: Any) -> Any:
    """The price of a call."""
    d1 = (np.log(s / k) + (r + 0.5 * v * v) * t) / (v * np.sqrt(t))
    d2 = d1 - v * np.sqrt(t)

    def phi(d: Any) -> Any:
        return 0.5 * (1.0 + ad.erf(d / np.sqrt(2.0)))

    return s * phi(d1) - k * np.exp(-r * t) * phi(d2)


def kepler(mean: Any, e: Any) -> Any:
    """Kepler's equation by Newton's method, unrolled."""
    angle = mean
    for _ in range(3):
        angle = angle - (angle - e * np.sin(angle) - mean) / (1.0 - e * np.cos(angle))
    return angle


PROVED: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (lambda x, y: x * ad.sin(y), (1.0, 2.0)),
    (rosenbrock, (np.array([0.4, 1.2, 0.9]),)),
    (black_scholes, (100.0, 95.0, 0.05, 0.2, 1.0)),
    (lambda x: np.where(x > 0.0, np.sqrt(x), -x), (0.3,)),
    (lambda x, y: np.maximum(x, y) * np.minimum(x, 2.0), (0.3, 0.4)),
    (lambda x: ad.relu(x) - ad.relu(-x), (0.3,)),
    (lambda x: np.where(np.logical_and(x > 0.0, x < 1.0), x * x, x), (0.3,)),
    (lambda x: np.clip(x, -1.0, 1.0) ** 3 + abs(x), (0.3,)),
    (lambda x, y: np.floor(x) * y + np.ceil(y) * x, (0.3, 0.4)),
    (lambda x, y: x % y, (0.3, 0.4)),
    (lambda x: x**2.5 + x**-3 + 2.0**x, (0.3,)),
    (lambda x, y: x**y, (0.3, 0.4)),
    (lambda x: ad.sigmoid(x) + ad.softplus(x) + np.tanh(x), (0.3,)),
    (lambda x: ad.gamma(x) + ad.digamma(x), (1.3,)),
    (lambda w: w["a"] * np.linalg.norm(w["b"][1]), ({"a": 1.0, "b": [2.0, np.ones(2)]},)),
    (lambda x: np.where(x > 0.0, x, math.nan), (0.3,)),
    (lambda x: 10.0 / (1.0 + np.exp(-0.7 * (x - 0.1))), (0.3,)),
    (lambda x: np.maximum(x, x), (0.3,)),
    (lambda x: np.where(np.isnan(x), 0.0, x * x), (0.3,)),
    (lambda x: np.where(x == 0.0, 1.0, np.sin(x) / x), (0.0,)),
]  # fmt: skip


@pytest.mark.parametrize(("function", "examples"), PROVED)
def test_right_gradients_are_proved(
    function: Callable[..., Any], examples: tuple[Any, ...]
) -> None:
    """Smooth and piecewise functions of scalars, arrays and dicts are proved, input by input."""
    report = verify_gradient(function, *examples)
    assert report.verdict is Verdict.PROVED, report
    assert [e.input for e in report.entries] == list(ad.trace(function, *examples).input_names)
    assert all(e.seconds >= 0.0 and "sympy.diff" in e.method for e in report.entries)
    assert report.value is not None


def test_each_side_of_a_condition_is_proved() -> None:
    """The method says how many sides the proof covers."""
    report = verify_gradient(lambda x: np.where(x > 0.0, np.sin(x), x * x), 1.0)
    assert report.entries[0].method == "sympy.diff, identical, on each of 2 sides"


def test_a_constant_function_has_derivative_zero() -> None:
    """A constant is proved to have gradient 0."""
    assert verify_gradient(lambda x: 3.0, 1.0).verdict is Verdict.PROVED


def test_an_unused_argument_has_derivative_zero() -> None:
    """An argument nobody uses is proved to have derivative 0."""
    report = verify_gradient(lambda x, unused: x * x, 1.0, 2.0)
    assert [e.verdict for e in report.entries] == [Verdict.PROVED, Verdict.PROVED]


def test_large_expressions_are_compared_at_points() -> None:
    """Where symbols get too large, the chain rule proves, beside points that SymPy speaks for."""
    report = verify_gradient(kepler, 1.0, 0.3)
    assert report.verdict is Verdict.PROVED
    assert report.entries[0].method.startswith("chain rule, composed from rules proven by sympy")
    assert f"{DIGITS} digits, sympy.diff of the function" in report.entries[0].method


def test_large_graphs_use_the_chain_rule() -> None:
    """Above the limit SymPy differentiates the primitives, and the method says so."""

    def chain(x: Any, y: Any) -> Any:
        for _ in range(300):
            x = np.sin(x) * y + 0.1
        return x

    report = verify_gradient(chain, 0.4, 0.9)
    assert report.verdict is Verdict.PROVED
    assert "sympy.diff of each primitive and the chain rule" in report.entries[0].method


def test_cancellation_is_no_difference() -> None:
    """Sixty digits that cancel away are replaced by three hundred."""
    report = verify_gradient(lambda x: (x * 1e40 + 1.0 / x) - x * 1e40 + np.exp(80.0 * x), 1.0)
    assert report.verdict in (Verdict.PROVED, Verdict.CERTIFIED_NUMERIC), report


def test_constants_folded_in_floating_point_are_no_difference() -> None:
    """10 * (0.1 * x) has the emitted derivative 1.0, which it is for a tenth, not its double."""
    report = verify_gradient(lambda x: 10.0 * (0.1 * x), 1.0)
    assert report.verdict is Verdict.PROVED
    assert report.entries[0].says(Reason.AS_WRITTEN)
    assert "0.1 is read as Rational(1, 10)" in report.entries[0].note


def test_constants_that_nearly_cancel_refute_nothing() -> None:
    """Delta of Black and Scholes is phi(d1) for real numbers, and nearly so for doubles."""

    def phi(d: Any) -> Any:
        return 0.5 * (1.0 + ad.erf(d / math.sqrt(2.0)))

    def d1(s: Any) -> Any:
        return (np.log(s / 100.0) + 0.035) / (0.2 * math.sqrt(0.5))

    def call(s: Any) -> Any:
        return s * phi(d1(s)) - 100.0 * math.exp(-0.025) * phi(d1(s) - 0.2 * math.sqrt(0.5))

    subject, points = subject_and_points(call, (105.0,), lambda s: phi(d1(s)))
    report = examine(subject, [*points, [0.61]], time_limit=0.8)
    assert report.verdict is Verdict.CERTIFIED_NUMERIC


def test_compiled_gradients_are_taken_as_they_are() -> None:
    """What compile_gradient returned is verified, with or without examples."""
    df = compile_gradient(lambda x, y: x / y, 1.0, 2.0)
    assert verify_gradient(df).verdict is Verdict.PROVED
    assert verify_gradient(df, 3.0, 4.0).verdict is Verdict.PROVED


def test_only_the_arguments_differentiated_by_have_entries() -> None:
    """wrt= leaves one entry for each float of the chosen arguments."""
    df = compile_gradient(lambda x, w: x * w[0] * w[1], 1.0, np.ones(2), wrt="w")
    assert [e.input for e in verify_gradient(df).entries] == ["w[0]", "w[1]"]


@pytest.mark.parametrize("batch", BATCHES)
def test_numpy_code_is_verified_point_by_point(batch: Any) -> None:
    """The NumPy target's text is verified like the Python target's."""
    df = compile_gradient(
        lambda x, y: np.where(x > y, np.sin(x) * y, np.maximum(x, 0.5)) + abs(y),
        1.0, 2.0, target="numpy", batch=batch,
    )  # fmt: skip
    report = verify_gradient(df)
    assert report.subject == "emitted numpy code"
    assert report.verdict is Verdict.PROVED, report


def test_a_gradient_compiled_at_its_first_call_is_verified() -> None:
    """compile_gradient without examples is traced by the examples given here."""
    df = compile_gradient(lambda x: x**3)
    assert verify_gradient(df, 2.0).verdict is Verdict.PROVED
    df(2.0)
    assert verify_gradient(df).verdict is Verdict.PROVED


def test_graphs_are_verified() -> None:
    """A graph, or a compiled graph that returns one float, stands for its function."""
    graph = ad.trace(np.exp, 1.0)
    assert verify_gradient(graph).verdict is Verdict.PROVED
    assert verify_gradient(compile_graph(graph), 1.0).verdict is Verdict.PROVED


def test_examples_come_from_the_signature() -> None:
    """Default values serve as examples."""

    def f(x: Any = 2.0, y: Any = 3.0) -> Any:
        return x * y

    assert verify_gradient(f).verdict is Verdict.PROVED


def test_very_long_functions_are_verified_part_by_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that is split into parts around one list is read like any other."""
    monkeypatch.setattr(chunks, "LIMIT", 40)
    monkeypatch.setattr(derivative, "LIMIT", 40)
    monkeypatch.setattr(chunks, "PART", 16)
    df = compile_gradient(rosenbrock, np.linspace(0.5, 1.5, 8))
    assert "part_3" in df.source
    assert verify_gradient(df).verdict is Verdict.PROVED


@pytest.mark.parametrize("seed", range(8))
def test_our_gradients_of_random_graphs_are_not_refuted(seed: int) -> None:
    """No false alarm over the whole registry; only a gradient that is nan in truth is refuted."""
    draw = random.Random(seed)

    def number() -> float:
        return draw.choice((0.5, 2.0, 3.0, -1.0, 1.5, draw.uniform(-4.0, 4.0)))

    graph = grow(draw.randint, number, inputs=3, nodes=8)
    report = verify_gradient(graph)
    for entry in report.entries:
        if entry.verdict is Verdict.REFUTED:
            assert entry.witness is not None
            assert math.isnan(entry.witness.found), f"{graph}\n{report}"
            assert "nan" in repr(compile_gradient(graph)(*entry.witness.point.values()))


# --- kinks -----------------------------------------------------------------------------------


def test_a_kink_at_the_example_is_noted() -> None:
    """The verdict holds away from the kink; the note names it and its convention."""
    report = verify_gradient(lambda x, y: ad.relu(x) + y * y, 0.0, 2.0)
    assert report.verdict is Verdict.PROVED
    assert report.entries[0].note.startswith("kink at the example: relu(0) (0: 0)")
    assert report.entries[1].note == ""


def test_one_sided_derivatives_are_noted() -> None:
    """The note at a kink tells the derivatives from both sides, and what the gradient means."""
    pytest.importorskip("flint", reason="one-sided derivatives need python-flint")
    report = verify_gradient(lambda x: ad.relu(x) - ad.relu(-x), 0.0)
    assert report.entries[0].note.endswith("from the left 1, from the right 1: CLARKE")


def test_a_condition_met_on_its_border_is_noted() -> None:
    """np.where that switches exactly at the example is a kink, too."""
    report = verify_gradient(lambda x: np.where(x > 1.0, x * x, x), 1.0)
    assert "gt(1, 1) is on its border" in report.entries[0].note


def test_a_singular_derivative_is_noted() -> None:
    """sqrt at 0 and hypot at the origin are named with what the rule gives there."""
    report = verify_gradient(lambda x, y: np.sqrt(x) + np.hypot(x, y), 0.0, 0.0)
    assert report.verdict is Verdict.PROVED
    assert "sqrt(0) (0: inf)" in report.entries[0].note
    assert "hypot(0, 0)" in report.entries[1].note


def test_an_untaken_branch_makes_no_kink() -> None:
    """What happens in the branch not taken is nobody's business."""
    report = verify_gradient(lambda x: np.where(x > 0.0, np.log(x), x), -1.0)
    assert report.entries[0].note == ""


# --- nothing to say --------------------------------------------------------------------------


def test_a_function_that_is_nowhere_defined_is_undecided() -> None:
    """Without a point to compare at, nothing is claimed."""
    report = verify_gradient(lambda x: np.sqrt(-1.0 - x * x), 1.0)
    assert report.verdict is Verdict.UNDECIDED
    assert "no point found" in report.entries[0].note
    assert "sqrt(-2) is not defined at the example" in report.entries[0].note


def test_a_derivative_that_exists_nowhere_is_undecided() -> None:
    """x ** y has no derivative by y where x is negative; the others are decided."""
    report = verify_gradient(lambda x, y: (-1.0 - x * x) ** y, 1.0, 2.0)
    assert {e.input: e.verdict for e in report.entries}["y"] is Verdict.UNDECIDED


def test_text_that_cannot_be_read_is_undecided() -> None:
    """A compiled object whose text holds a loop is not run; its entries say why."""
    df = compile_gradient(lambda x: x * x, 1.0)
    loop = "def value_and_gradient(x):\n    while True: pass\n"
    type(df).source = property(lambda self: loop)
    report = verify_gradient(df, 1.0)
    assert report.verdict is Verdict.UNDECIDED
    assert "line 2: while True:" in report.entries[0].note


def test_loops_too_long_to_be_read_are_held_to_the_check_at_compile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As solvers are, which may repeat a thousand times."""
    monkeypatch.setattr("verify.program.read._CALLS", 0)

    def halved(a: Any) -> Any:
        x = a
        while x > 1.0:
            x = 0.5 * x
        return x * a

    df = compile_gradient(halved, 5.0)
    assert df.verdict is verify_gradient(df, 5.0).verdict is Verdict.CERTIFIED


def test_text_that_returns_too_little_is_undecided() -> None:
    """A wrong number of results is said, not guessed around."""
    df = compile_gradient(lambda x, y: x * y, 1.0, 2.0)
    type(df).source = property(lambda self: "def value_and_gradient(x, y):\n    return x, y\n")
    report = verify_gradient(df)
    assert "value_and_gradient: found 2 numbers; expected 3" in report.entries[0].note


# --- mistakes --------------------------------------------------------------------------------


def test_a_function_of_several_results_is_an_error() -> None:
    """Only a function that returns one float has a gradient."""
    with pytest.raises(ad.DifferentiationError, match=r"returns .*; a gradient needs"):
        verify_gradient(lambda x: (x, x), 1.0)


def test_examples_that_do_not_fit_are_an_error() -> None:
    """The number of examples is checked as compile_gradient does."""
    with pytest.raises(ad.ArgumentError, match="found 1 argument; expected 2"):
        verify_gradient(compile_gradient(lambda x, y: x * y, 1.0, 1.0), 3.0)
    with pytest.raises(ad.ArgumentError, match="found 1 example; expected one per argument"):
        verify_gradient(lambda x, y: x * y, 3.0)
    with pytest.raises(ad.ArgumentError, match="given by name, behind them: gradient=by_hand"):
        verify_gradient(lambda x: x * x, lambda x: 2.0 * x, 1.0)


def test_a_function_that_cannot_be_traced_is_an_error() -> None:
    """The trace error names the user's line."""
    with pytest.raises(ad.TraceError, match=r"cannot take len\(\)"):
        verify_gradient(lambda x: x * len(x), 1.0)


def test_what_is_no_function_is_an_error() -> None:
    """A string in place of the function is told."""
    with pytest.raises(ad.ArgumentError, match="verify_gradient: found str; expected a function"):
        verify_gradient("x * x", 1.0)  # type: ignore[arg-type]  # the mistake under test


# --- manners ---------------------------------------------------------------------------------


def test_points_are_drawn_anew() -> None:
    """Two runs compare elsewhere, and both find what is wrong; each report names what it drew."""

    def wrong(x: Any) -> Any:
        return 2.0 * x + np.where(x > 1.5, 1e-3, 0.0)

    first, second = (verify_gradient(lambda x: x * x, 1.0, gradient=wrong) for _ in range(2))
    for report in (first, second):
        witness = report.entries[0].witness
        assert witness is not None
        assert witness.point["x"] > 1.5
    assert first.facts["nonce"] != second.facts["nonce"]


def test_verifying_never_imports_sympy_here() -> None:
    """Symbolic work happens in another process only."""
    script = (
        "import sys; from verify import verify_gradient, prove_rules\n"
        "from autodiff import ops\n"
        "verify_gradient(lambda x: x * x, 1.0); prove_rules([ops.mul])\n"
        "print([m for m in ('sympy', 'mpmath') if m in sys.modules])"
    )
    assert printed(script) == ["[]"]


def test_sympy_is_imported_while_we_import_ours() -> None:
    """The process that proves starts before what it is asked with is imported."""
    script = (
        "import sys; from verify import verify_gradient\n"
        "from verify.rungs.process.process import Worker\n"
        "def begin(self):\n"
        "    print('verify.ladder.ladder' in sys.modules); sys.exit()\n"
        "Worker.begin = begin\n"
        "verify_gradient(lambda x: x * x, 1.0)"
    )
    assert printed(script) == ["False"]


# --- large graphs ----------------------------------------------------------------------------


def test_a_compiled_function_with_another_call_is_refused() -> None:
    """What machine code's object holds is what a call runs."""
    compiled = compile_gradient(lambda x: x * x, 1.0, target="native")
    assert compiled.check is not None
    compiled._held_call = lambda x: (x * x, 5.0)  # type: ignore[attr-defined]
    with pytest.raises(ArgumentError, match="another __call__"):
        verify_gradient(compiled, 1.0)


def test_a_compiled_function_whose_class_was_replaced_is_refused() -> None:
    """Its text is not what a call runs, as a function and as somebody's gradient."""
    compiled = compile_gradient(lambda x: x * x, 1.0)
    assert verify_gradient(pickle.loads(pickle.dumps(compiled)), 1.0).verdict is Verdict.PROVED

    class Other(type(compiled)):  # type: ignore[misc]
        def __call__(self, x: float) -> tuple[float, float]:
            return x * x, 5.0

    compiled.__class__ = Other
    with pytest.raises(ArgumentError, match="another __call__"):
        verify_gradient(compiled, 1.0)
    with pytest.raises(ArgumentError, match="another __call__"):
        verify_gradient(lambda x: x * x, 1.0, gradient=compiled)
    with pytest.raises(ArgumentError, match="another __call__"):
        verify_derivatives(compiled, 1.0)


@pytest.mark.parametrize(
    ("function", "gradient", "verdict"),
    [
        (lambda x: np.expm1(x) / x if x != 0.0 else 1.0,
         "0.5 + x/3 + x*x/8 if abs(x) < 1e-5 else (math.exp(x)*x - math.expm1(x))/x**2",
         Verdict.CERTIFIED_NUMERIC),
        (lambda x: np.log(np.cosh(x)), "math.tanh(x) if abs(x) < 20 else math.copysign(1.0, x)",
         Verdict.CERTIFIED_NUMERIC),
        (lambda x: np.expm1(x) / x if x != 0.0 else 1.0,
         "0.5 + x/3 + x*x/7 if abs(x) < 1e-2 else (math.exp(x)*x - math.expm1(x))/x**2",
         Verdict.REFUTED),
        (lambda x: np.log(np.cosh(x)), "math.tanh(x) if abs(x) < 9 else math.copysign(1.0, x)",
         Verdict.REFUTED),
    ],
)  # fmt: skip
def test_a_series_cut_off_below_the_last_digit_refutes_nothing(
    function: Callable[..., Any], gradient: str, verdict: Verdict
) -> None:
    """What differs on one side alone, and there by less than floats show, is not the derivative.

    Nor is it a mistake; the report says where.
    """
    text = f"import math\ndef g(x):\n return {gradient}\n"
    (entry,) = verify_gradient(function, 0.3, gradient=text).entries
    assert entry.verdict is verdict
    assert ("less than floats show" in entry.note) == (verdict is not Verdict.REFUTED)
