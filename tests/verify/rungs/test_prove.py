"""Proofs by symbols: their time, and what they hold texts to where differences are zero."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NoReturn

import numpy as np
import pytest

import autodiff as ad
from verify.program.program import program_of
from verify.rungs.process.alarm import TimeUp
from verify.rungs.prove import Proof
from verify.truth.derived import chain_rule_program


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


@pytest.mark.parametrize(
    ("function", "text", "is_right"),
    [
        (lambda x: np.abs(x) + x - 2.0 * np.maximum(x, 0.0), lambda x: 0.0 * x, True),
        (
            lambda x: np.abs(x) + x - 2.0 * np.maximum(x, 0.0),
            lambda x: np.where(x == 0.0, 1.0, 0.0 * x), False,
        ),
        (lambda x: np.where(x == 3.0, 9.0, x * x), lambda x: 2.0 * x, True),
        (
            lambda x: np.where(x == 3.0, 9.0, x * x),
            lambda x: np.where(x == 3.0, 0.0, 2.0 * x), False,
        ),
        (lambda x: np.where(x * x == 4.0, x**3, 4.0 * x), lambda x: 4.0 + 0.0 * x, False),
        (lambda x: np.where(x > 3.0, 9.0, x * x), lambda x: np.where(x > 3.0, 0.0, 2.0 * x), True),
        (lambda x: np.where(x > 3.0, 9.0, x * x), lambda x: np.where(x >= 3.0, 0.0, 2.0 * x), True),
    ],
)  # fmt: skip
def test_where_pieces_meet_without_a_kink_their_slope_is_asked_for(
    function: Callable[[float], float], text: Callable[[float], float], is_right: bool
) -> None:
    """Not what the chain rule makes of its switches; at kinks and jumps that, or one side's."""
    graph = ad.trace(function, 1.0)
    forward, subject = program_of(graph), program_of(ad.trace(text, 1.0))
    truth, everywhere = chain_rule_program(graph), [(-math.inf, math.inf)]
    proof = Proof(forward, subject, truth, False, [0], everywhere, ["x"])
    assert (proof.step(1).step is not None) is is_right


def test_questions_of_the_text_do_not_loosen_what_holds_along_a_tie() -> None:
    """Where k is 1 the slope by a is 2a at a = 3, too, whatever a text asks about a."""
    graph = ad.trace(lambda k, a: np.where(k == 1.0, a * a, 3.0 * a), 2.0, 1.0)
    everywhere = [(-math.inf, math.inf)] * 2
    for at_three, is_right in ((6.0, True), (3.0, False)):
        text = ad.trace(
            lambda k, a, s=at_three: np.where(k == 1.0, np.where(a == 3.0, s, 2.0 * a), 3.0),
            2.0,
            1.0,
        )
        given = program_of(graph), program_of(text), chain_rule_program(graph)
        proof = Proof(*given, False, [1], everywhere, ["k", "a"])
        assert (proof.step(1).step is not None) is is_right
