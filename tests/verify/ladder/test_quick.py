"""The check at compile: it certifies every row, refutes changed text, and may be switched off."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.table import ops
from autodiff.table.primitive import REGISTRY
from codegen import compile_gradient, compile_graph
from codegen.call import derivative
from codegen.call.compiled import CompiledGradient
from codegen.load.load import load
from codegen.passes import run_passes
from codegen.text.module import Module
from tests.forged import forged
from tests.orders import literals_of
from tests.random_graphs import random_graph
from tests.verify.run_text import differs
from verify import Verdict, VerificationError
from verify.beside.mutants import mutants
from verify.ladder import quick
from verify.ladder.quick import check_compiled


def with_text(compiled: CompiledGradient, text: str) -> CompiledGradient:
    """The compiled gradient, as if ``text`` had been emitted for value_and_gradient."""
    module = compiled.loaded.module
    functions = tuple(forged(f, text) for f in module.functions)
    changed = Module(module.target, module.summary, functions, module.again)
    compiled.code.main = load(changed, compiled.code.refuse)
    return compiled


@pytest.mark.parametrize("target", ["python", "numpy"])
@pytest.mark.parametrize("name", REGISTRY)
def test_every_primitive_is_certified(name: str, target: str) -> None:
    """Each row's emitted code agrees with the chain rule, with a chance of error below 1e-12."""
    row = REGISTRY[name]
    free = [p for p in range(row.arity) if p not in row.literal]

    def f(*x: Any) -> Any:
        operands = [literals_of(row)[-1]] * row.arity
        for p, operand in zip(free, x, strict=True):
            operands[p] = operand
        return row(*operands) * x[0] + 0.0

    def fixed(x: Any, y: Any, z: Any) -> Any:
        return f(*(x, y, z)[: len(free)])

    compiled = compile_gradient(fixed, 0.3, 0.4, 0.6, target=target)
    assert compiled.verdict is Verdict.CERTIFIED
    assert compiled.check.chance < 1e-12


def test_random_graphs_agree() -> None:
    """No true gradient looks wrong: random graphs over the whole table agree in the field."""
    source = random.Random(7)
    for _ in range(60):
        graph = random_graph(source, nodes=20)
        check = compile_gradient(graph).check
        assert (
            check.verdict <= Verdict.CERTIFIED_NUMERIC
            or "denominator" in check.note
            or ("verify_gradient" in check.note)
        )


def test_a_wrong_text_is_refuted_at_compile() -> None:
    """A sign changed in the emitted text raises, and the message holds the point."""
    compiled = compile_gradient(lambda x, y: x * ad.sin(y) + y, 0.3, 0.4)
    text = compiled.loaded.module.functions[-1].text
    changed = with_text(compiled, text.replace("1.0 + x", "1.0 - x"))
    with pytest.raises(VerificationError, match=r"found .* SymPy"):
        check_compiled(changed)


def broken(graph: Graph, *options: Any) -> Graph:
    """What the passes give, with one product turned into a sum."""
    nodes = list(run_passes(graph, *options).nodes)
    place = max(i for i, node in enumerate(nodes) if node.primitive is ops.mul)
    nodes[place] = nodes[place]._replace(primitive=ops.add)
    return replace(run_passes(graph, *options), nodes=tuple(nodes))


@pytest.mark.parametrize(
    ("target", "batch"),
    [("python", None), ("numpy", None), ("numpy", True), ("native", None), ("native", True)],
)
def test_broken_passes_are_refuted_at_compile(
    target: str, batch: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the target, a wrong optimised graph raises, with the point that shows it."""
    if target == "native":
        pytest.importorskip("llvmlite", reason="machine code needs llvmlite")
    monkeypatch.setattr("codegen.call.derivative.run_passes", broken)

    def f(x: Any, y: Any) -> Any:
        return x * ad.sin(x * y) + y * y

    with pytest.raises(VerificationError, match=r"found .* SymPy"):
        compile_gradient(f, 0.3, 0.4, target=target, batch=batch)


@pytest.mark.parametrize("part", range(2))
def test_the_field_sees_mutants(part: int) -> None:
    """Every mutant that differs in floats differs in the field."""
    from verify.ladder.checked import CheckedGradient
    from verify.ladder.quick import _in_the_field

    def f(x: Any, y: Any) -> Any:
        return ad.where(x > y, ad.exp(x * y), ops.maximum(x, y) / (1.0 + y * y)) + ad.tanh(x)

    compiled = compile_gradient(f, 0.3, 0.4)
    source, original = compiled.source, compiled.loaded.module.functions[-1].text
    points = [(0.3, 0.7), (1.1, 0.4), (-0.6, -1.2), (0.9, -0.5)]
    seen = 0
    for changed in [mutant.text for mutant in mutants(source, 1000)][part::8]:
        if seen >= 12:
            break
        if not differs(source, changed, points):
            continue
        text = changed[changed.index("def value_and_gradient") :].split("\n\ndef ")[0]
        assert _in_the_field(CheckedGradient(with_text(compiled, text + "\n"))) is None, text
        seen += 1
    assert seen >= 10
    assert _in_the_field(CheckedGradient(with_text(compiled, original))) is not None


def test_the_check_may_be_switched_off() -> None:
    """check=False leaves the verdict open."""
    compiled = compile_gradient(lambda x: x * x, 1.0, check=False)
    assert compiled.check is None
    assert compiled.verdict is None


def test_long_functions_in_parts_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function so long that it is emitted in parts is certified, too."""
    monkeypatch.setattr(derivative, "LIMIT", 3000)

    def f(x: Any, y: Any) -> Any:
        for _ in range(700):
            x, y = x * 0.5 + ad.sin(y), y * 0.25 + x / 3.0
        return x + y

    compiled = compile_gradient(f, 0.3, 0.4, expand=True)
    assert compiled.loaded.module.in_parts
    assert compiled.verdict is Verdict.CERTIFIED


def test_overlapping_conditions_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no field holds all conditions at once, the check says that it is no certificate."""

    def nowhere(subject: Any, options: Any) -> None:
        subject.field = quick.field_of(quick.BITS, **options)

    monkeypatch.setattr(quick, "_bounded", nowhere)

    def f(x: Any, y: Any) -> Any:
        return ad.where(x > y, x * y, x + y) + ad.clip(x * y, -1.0, 1.0)

    check = compile_gradient(f, 0.3, 0.4).check
    assert check.verdict is Verdict.CERTIFIED_NUMERIC
    assert "conditions overlap" in check.note


WRONG_GATES = [
    ("v2 <= 1.0", "v2 == -1.0"),
    (" and x <= 1.0", ""),
    ("v3 + x * 0.5 if", "x * 0.5 if"),
    ("x * 0.7 if", "x * 0.7 if not "),
]


@pytest.mark.parametrize(("gate", "wrong"), WRONG_GATES)
def test_wrong_gates_of_nested_clips_are_refuted(gate: str, wrong: str) -> None:
    """A gate that is dropped, turned or another's is seen, though few sides tell it apart."""

    def f(x: Any, y: Any) -> Any:
        return np.clip(0.5 * np.clip(x, -1.0, 1.0) + 0.7 * np.clip(y, -1.0, 1.0), -1.0, 1.0) * x

    compiled = compile_gradient(f, 0.3, 0.4)
    text = compiled.loaded.module.functions[-1].text
    assert gate in text
    with pytest.raises(VerificationError, match="REFUTED"):
        check_compiled(with_text(compiled, text.replace(gate, wrong)))


_ROWS = np.array([[0.13, -0.7, 0.64], [0.1, 0.36, 1.3], [0.95, -0.54, 0.25], [1.1, 0.3, 0.7]])
_EVERYDAY = {
    "hinge": lambda w: np.mean(np.maximum(0.0, 1.0 - _ROWS @ w)) + 0.01 * w @ w,
    "pinball": lambda w: np.mean(np.maximum(0.3 * (_ROWS @ w), -0.7 * (_ROWS @ w))),
    "log-determinant": lambda w: np.linalg.slogdet(_ROWS[:3].T @ _ROWS[:3] + np.diag(w))[1],
    "ridge": lambda w: np.sum((_ROWS @ w - 1.0) ** 2) + 0.1 * np.linalg.norm(w) ** 2,
    "distances": lambda w: 1.0 / np.linalg.norm(w - _ROWS[0]) + 1.0 / np.linalg.norm(w - _ROWS[1]),
}


@pytest.mark.parametrize("name", _EVERYDAY)
def test_everyday_functions_are_certified_by_the_field_alone(name: str) -> None:
    """Constants are multiplied in one order, also behind gates and known masks: no precise step
    has to look at a difference."""
    check = compile_gradient(_EVERYDAY[name], np.array([0.9, 0.8, 1.1])).check
    assert check.verdict is Verdict.CERTIFIED
    assert check.method.startswith("the emitted code against the chain rule, modulo")


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_a_function_that_is_finite_nowhere_is_undecided(target: str) -> None:
    """Second derivatives that settle ties, a constant below zero among them, are read; why
    nothing is known of them is said."""

    def f(x: Any, y: Any) -> Any:
        least = ad.minimum(y > y, y)
        rest = ad.mod(least - x, least / y)
        return rest * rest / -0.0

    check = compile_graph(ad.hessian(ad.trace(f, 1.0, 1.0)), target).check
    assert check.verdict is Verdict.UNDECIDED
    assert "no point found where the function" in check.note
