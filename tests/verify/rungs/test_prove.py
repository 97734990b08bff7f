"""Time of proofs by symbols."""

from __future__ import annotations

import math
from typing import NoReturn

import pytest

import autodiff as ad
from verify.program.program import program_of
from verify.rungs.process.alarm import TimeUp
from verify.rungs.prove import Proof


def test_two_proofs_without_an_answer_end_those_that_only_add_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More about what is proven already is worth some time for all inputs, not for each."""
    function = program_of(ad.trace(lambda x: x * x, 1.0))
    proof = Proof(function, function, None, False, [0], [(-math.inf, math.inf)], ["x"])
    tried: list[int] = []

    def slow(entry: int) -> NoReturn:
        tried.append(entry)
        raise TimeUp

    monkeypatch.setattr(proof, "_step", slow)
    monkeypatch.setattr(proof, "_sides", [])
    said = [proof.step(entry, known=True).said for entry in range(5)]
    assert tried == [0, 1]
    assert said == ["no answer within 0.3 s"] * 5
    proof.step(5)
    assert tried == [0, 1, 5]
