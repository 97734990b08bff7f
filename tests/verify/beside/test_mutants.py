"""The tester tested: every wrong gradient text is refuted, with a point where it is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient
from tests.verify.mutated import FUNCTIONS, pieces, points, ratio
from tests.verify.rule_mutants import disagree, mutated_rules, recorded_rule, with_rule
from tests.verify.run_text import differs, run_text
from verify import Verdict, mutate, prove_rule, verify_gradient
from verify.beside import mutants as mutants_module
from verify.beside.mutants import mutants
from verify.induction.asking.opened import with_open_questions
from verify.induction.asking.questions import Questions
from verify.program.literals import readings, with_readings
from verify.program.program import ProgramBuilder, program_of
from verify.program.read import Text, flat, numbers_of
from verify.rungs.prove import Proof
from verify.subjects.emitted import compiled_subject
from verify.truth.derived import chain_rule_program

# Verifying takes some milliseconds a mutant; this many of each function, drawn at random.
# ``python -m tests.figures.mutation`` takes them by the hundred.
SAMPLE = 4


# ``price`` is ``call`` with more inputs, of which each costs a proof.
SMALL = [each for each in FUNCTIONS if each[0].__name__ != "price"]


@pytest.mark.parametrize(("function", "examples"), SMALL, ids=lambda f: getattr(f, "__name__", ""))
def test_wrong_texts_are_refuted(function: Callable[..., Any], examples: tuple[Any, ...]) -> None:
    """What is refuted is wrong at its witness; what is not gives the same numbers."""
    source = compile_gradient(function, *examples).source
    somewhere = points(examples)
    report = mutate(function, *examples, count=SAMPLE, seed=1, time_limit=1.0)
    assert len(report.trials) == SAMPLE
    for trial in report.refuted:
        # A few differ by the rounding of a constant only: 1.128... is not 2 / sqrt(pi).
        assert trial.visible or not differs(source, trial.mutant.text, somewhere), trial
    assert any(trial.visible for trial in report.refuted)
    for trial in (*report.equal, *report.open):
        assert not differs(source, trial.mutant.text, somewhere), trial


def test_mutants_are_of_every_kind() -> None:
    """All mistakes the module names are made, each in a text that can still be read."""
    source = compile_gradient(lambda x, y: np.clip(pieces(x, y), -x, 3.0), 1.7, 0.6).source
    found = mutants(source, 300)
    named = {
        kind.strip()
        for line in (mutants_module.__doc__ or "").splitlines()
        if line.startswith("    ")
        for kind in line.strip().split("  ")[0].split(",")
    }
    assert {mutant.kind for mutant in found} == named
    assert len({mutant.text for mutant in found}) == len(found)
    for mutant in found:
        assert mutant.text != source
        assert 0 < mutant.line <= source.count("\n")
    assert mutants(source, 20, seed=3) == mutants(source, 20, seed=3)


def test_points_lie_beyond_the_first_whole_number() -> None:
    """What is rounded to whole numbers is 0 all around 0: no mistake may hide there."""
    report = mutate(lambda x: np.trunc(x) * np.trunc(x), 0.5)
    assert report.refuted
    assert not report.open


def test_mutation_says_what_is_left_open() -> None:
    """A table per kind of mistake; mutants that change nothing are proven to, but at a tie."""
    report = mutate(lambda x: np.where(x > 0.0, x * x, 0.0), 1.0, count=60)
    assert all("not shown where" in str(trial.report) for trial in report.open)
    assert {"doubled mask"} <= {trial.mutant.kind for trial in report.equal}
    lines = str(report).splitlines()
    assert lines[2].split() == ["mistake", "mutants", "refuted", "no", "change", "open"]
    total, equal, left = len(report.trials), len(report.equal), len(report.open)
    [summary] = [line.split() for line in lines if line.startswith("all")]
    assert summary == ["all", *map(str, (total, total - equal - left, equal, left))]
    assert left <= 1 < equal
    assert report.to_json()["mutants"] == total


def test_a_gradient_in_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be changed, nothing is put to the test, and that is said."""
    assert not mutants(
        "def value_and_gradient(x):\n    w = [0.0] * 9\n    part(w)\n    return w[0]\n", 9
    )
    monkeypatch.setattr("verify.beside.mutation.mutants", lambda *_: [])
    with pytest.raises(ad.ArgumentError, match="nothing itself that could be changed"):
        mutate(lambda x: x, 1.0)


@pytest.mark.parametrize("name", ["ratio", "bell", "pieces"])
def test_the_symbolic_rung_alone_proves_no_wrong_text(name: str) -> None:
    """Without the comparison at points, symbols prove no mutant: one entry at least stays open."""
    function, examples = next(f for f in FUNCTIONS if f[0].__name__ == name)
    graph = ad.trace(function, *examples)
    source = compiled_subject(compile_gradient(graph)).text
    inputs = range(len(examples))
    domain = [(-math.inf, math.inf)] * len(examples)
    forward, truth = program_of(graph), chain_rule_program(graph)

    def proven(text: str) -> bool:
        builder = ProgramBuilder(len(examples))
        read = Text(text, builder)
        results = read.ways(lambda: read.call("value_and_gradient", numbers_of(inputs)))
        subject = builder.program(flat(results[0]))
        read = readings(forward.literals(), subject.literals())
        opened = with_readings(with_open_questions(Questions(truth), subject), read)
        proof = Proof(forward, opened, truth, True, inputs, domain, graph.inputs.names)
        return all(proof.step(entry).step is not None for entry in range(len(examples) + 1))

    assert proven(source)
    wrong = [m.text for m in mutants(source, 30, 2) if differs(source, m.text, points(examples))]
    for text in wrong[:6]:
        assert not proven(text), text


def test_a_witness_is_what_the_text_gives() -> None:
    """The two numbers of a witness are those of the wrong text and of the right one on floats."""
    source = compile_gradient(ratio, 0.7, 1.9).source
    text = source.replace("x_bar = ", "x_bar = 1.0003 * ", 2)
    assert text != source
    report = verify_gradient(ratio, 0.7, 1.9, gradient=text)
    witness = report.entries[0].witness
    assert witness is not None
    point = list(witness.point.values())
    assert run_text(text, point)[1] == pytest.approx(witness.found, rel=1e-12)
    assert run_text(source, point)[1] == pytest.approx(witness.expected, rel=1e-12)


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_a_tampered_compiled_gradient_is_refuted(target: str) -> None:
    """What is verified is the text of the compiled object, not the graph it came from."""
    compiled = compile_gradient(lambda x, y: x * x * y, 1.0, 1.0, target=target)
    wrong = (mutant.text for mutant in mutants(compiled.source, 20))
    tampered = next(text for text in wrong if differs(compiled.source, text, [[1.5, 0.7]]))
    type(compiled).source = property(lambda self: tampered)
    assert verify_gradient(compiled, 1.0, 1.0).verdict is Verdict.REFUTED


def test_the_halves_are_verified_too() -> None:
    """An error in backward alone is found, and the note says where."""
    compiled = compile_gradient(lambda x, y: x * x * y, 1.0, 1.0)
    source = compiled.source
    border = source.index("def value_and_gradient")
    tampered = source[:border].replace("cotangent * ", "-cotangent * ") + source[border:]
    assert tampered != source
    type(compiled).source = property(lambda self: tampered)
    report = verify_gradient(compiled, 1.0, 1.0)
    assert report.verdict is Verdict.REFUTED
    assert any("forward and backward" in entry.note for entry in report.entries)


def test_a_changed_portable_function_is_not_taken_for_the_primitive() -> None:
    """A helper that differs by one character from ours is read as it stands, or not at all."""
    compiled = compile_gradient(ad.sigmoid, 0.5)
    tampered = compiled.source.replace("(1.0 + e)", "(1.5 + e)", 1)
    assert tampered != compiled.source
    type(compiled).source = property(lambda self: tampered)
    assert verify_gradient(compiled, 0.5).verdict in (Verdict.REFUTED, Verdict.UNDECIDED)


def test_an_error_behind_a_rare_condition_is_found() -> None:
    """Points are drawn near the numbers of conditions, so the side x < 1e-5 is visited."""

    def f(x: Any) -> Any:
        return np.where(x < 1e-5, 1.0 + 0.5 * x, np.sqrt(1.0 + x))

    text = """
from math import sqrt

def gradient(x):
    return 0.25 if 1e-6 < x and x < 1e-5 else 0.5 if x < 1e-5 else 0.5 / sqrt(1.0 + x)
"""
    report = verify_gradient(f, 2.0, gradient=text)
    assert report.verdict is Verdict.REFUTED


def test_wrong_rules_are_refuted_by_the_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every changed rule that gives other numbers is refuted; the full run is tests.figures."""
    for name, row in REGISTRY.items():
        monkeypatch.setitem(REGISTRY, name, row)
    wrong = 0
    for name in ("mul", "div", "tanh", "hypot", "erf", "xlogy", "where", "maximum", "atan2"):
        row = REGISTRY[name]
        for position in range(row.arity):
            if row.partials[position] is None:
                continue
            rule = recorded_rule(row, position)
            for mutant in mutated_rules(rule, 4):
                if disagree(rule, mutant, row):
                    entry = prove_rule(with_rule(row, position, mutant), position)
                    assert entry.verdict is Verdict.REFUTED, f"{entry}\n{mutant}"
                    wrong += 1
    assert wrong >= 20
