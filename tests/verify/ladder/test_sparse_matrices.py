"""Sparse matrices under proof: right ones are certified, wrong ones refuted, whatever is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
import codegen
from autodiff.graph.pattern import Pattern
from autodiff.graph.structure import Sparse
from codegen import compile_hessian, compile_jacobian, kind
from codegen.kind import Kind
from tests.sparse_functions import random_function
from tests.wrong_matrices import MISTAKES, wrong
from verify import Verdict, VerificationError, recheck, verify_derivatives
from verify.answer.report import Entry, Report
from verify.ladder import checked
from verify.ladder.doors.siblings import examine_entire
from verify.rungs.points import candidates
from verify.subjects.entire import Entire, emitted_entire

_PLACES = 60  # where a mutant has to differ
_CHOICE = 4  # mutants of each kind, of which the shortest is put to the test


@pytest.mark.parametrize("target", ["python", "native"])
def test_right_ones_are_certified(target: str) -> None:
    """The check at compile compares pattern and values with the chain rule, and certifies both."""
    for seed in range(4):
        for scalar in (True, False):
            function = random_function(seed, scalar)
            make = compile_hessian if scalar else compile_jacobian
            made = make(function, np.ones(function.size), sparse=True, target=target)
            assert str(made.verdict) in ("CERTIFIED", "CERTIFIED-NUMERIC", "PROVED"), seed


@pytest.mark.filterwarnings("ignore:sparse:UserWarning")
@pytest.mark.parametrize("mistake", range(len(MISTAKES)))
def test_wrong_ones_are_refuted(mistake: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dropped entry, a swapped one, a wrong sign, a symmetric copy: each has a counterexample."""
    derivatives, made = kind.derivatives, []
    for seed in range(mistake, 40 * len(MISTAKES), len(MISTAKES)):
        function = random_function(seed, scalar=True)
        graph = ad.trace(function, np.ones(function.size))
        right = derivatives(graph, ("hessian",), None, "rows")
        found = wrong(right, seed)
        if found is not None and _differs_everywhere(right, found[1]):
            made.append((len(right.nodes), seed, graph, found[1]))
        if len(made) == _CHOICE:
            break
    _, _, graph, mutant = min(made)  # a function whose other rows are soon proven
    monkeypatch.setattr(kind, "derivatives", lambda *_: mutant)
    with pytest.raises(VerificationError):
        compile_hessian(graph, sparse=True, target="native")


def _differs_everywhere(right: ad.Graph, mutant: ad.Graph) -> bool:
    """True if a mutant gives another matrix on all sides of conditions, so wherever is looked.

    Not of it are entries that are equal anyway, and those that are zero on one side, twice or not.
    """
    places = candidates([], [(-np.inf, np.inf)] * right.input_count, (), seed=1)
    return all(_differs_at(right, mutant, np.array(x)) for x in islice(places, _PLACES))


def _differs_at(right: ad.Graph, mutant: ad.Graph, point: np.ndarray[Any, Any]) -> bool:
    with np.errstate(all="ignore"):
        one, other = (_matrix(g, point) for g in (right, mutant))
    return not np.allclose(one, other, rtol=1e-6, atol=0.0, equal_nan=True)


def _matrix(graph: ad.Graph, point: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The matrix with its zeros."""
    assert isinstance(graph.result, Sparse)
    pattern = graph.result.pattern
    full = np.zeros(pattern.shape)
    full[pattern.rows, pattern.columns] = ad.evaluate(graph, point)
    return full


def _chain(x: Any) -> Any:
    return sum(ad.sin(x[i] * x[i + 1]) + x[i] ** 3 for i in range(len(x) - 1))


def test_a_matrix_and_its_product_are_proven_and_refuted_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A wrong entry beside a right product has a counterexample, and the other way round."""
    what = ("hessian", "hvp")
    both = codegen.compile(_chain, np.ones(4), what=what, sparse=True)
    assert str(verify_derivatives(both, np.ones(4)).verdict) == "PROVED"
    graph = ad.trace(_chain, np.ones(4))
    right = kind.derivatives(graph, what, None, "rows")
    for place in (0, len(right.outputs) - 1):
        outputs = list(right.outputs)
        outputs[place] = outputs[place - 1]
        mutant = replace(right, outputs=tuple(outputs))
        monkeypatch.setattr(kind, "derivatives", lambda *_, mutant=mutant: mutant)
        with pytest.raises(VerificationError):
            codegen.compile(graph, what=what, sparse=True)


def test_proven_and_established_again(tmp_path: Path) -> None:
    """Each entry is proven, the certificate holds the pattern, and recheck reads both."""
    hessian = compile_hessian(_chain, np.ones(4), sparse=True)
    report = verify_derivatives(hessian, np.ones(4))
    assert str(report.verdict) == "PROVED"
    assert [entry.input for entry in report.entries][:3] == [
        "x[0], x[0]", "x[0], x[1]", "x[1], x[0]",
    ]  # fmt: skip
    hessian.save(tmp_path / "h.py")
    report.save(tmp_path / "proof.json")
    content = json.loads((tmp_path / "proof.json").read_text())
    assert content["derivative"]["patterns"] == {"hessian": str(hessian.result)}
    assert str(recheck(tmp_path / "proof.json", tmp_path / "h.py").verdict) == "PROVED"


def test_entries_that_are_not_kept_must_be_zero() -> None:
    """A text read with a pattern that leaves an entry out is refuted at that entry."""
    graph = ad.trace(_chain, np.ones(3))
    right = compile_hessian(graph, sparse=True, check=False)
    pattern = ad.hessian_pattern(graph)
    keep = np.arange(pattern.count) != 1
    rows = pattern.rows[keep]
    fewer = Pattern.of((3, 3), [pattern.columns[keep][rows == row] for row in range(3)])
    entire = emitted_entire(graph, Kind(("hessian",), "csr"), None, right.source, "text", None)
    assert str(examine_entire(entire, []).verdict) == "PROVED"
    program = entire.programs[0]
    outputs = tuple(place for place, kept in zip(program.outputs, keep, strict=True) if kept)
    wanting = Entire(graph, "text", entire.kind, None, labels=["hessian"])
    wanting.patterns = {"hessian": fewer}
    wanting.programs = [wanting.complete(replace(program, outputs=outputs))]
    refuted = [e.input for e in examine_entire(wanting, []).entries if str(e.verdict) == "REFUTED"]
    assert refuted == ["x[0], x[1]"]


def test_precise_rows_share_the_patience_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each row has something that is not told at once, many are waited for like few."""

    def stepped(x: Any) -> Any:
        for _ in range(2):
            x = np.concatenate([x[:1], x[1:-1] + 0.1 * (x[2:] - 2.0 * x[1:-1] + x[:-2]), x[-1:]])
        return x**2

    limits: list[float] = []

    def examined(subject: Any, points: Any, limit: float) -> Report:
        limits.append(limit)
        return Report("", "", (Entry("x", Verdict.CERTIFIED_NUMERIC, ""),))

    monkeypatch.setattr(checked, "_examined", examined)
    nothing = Report("", "", ())
    monkeypatch.setattr(checked, "_with_constants_folded", lambda _, places, __: (nothing, places))
    J = compile_jacobian(stepped, np.ones(12), sparse=True)
    assert J.verdict is Verdict.CERTIFIED_NUMERIC
    assert len(limits) > 5
    assert sum(limits) <= 10.0
