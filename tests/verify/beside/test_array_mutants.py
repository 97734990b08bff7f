"""Wrong texts of whole arrays, straight and with loops: none passes the check at compile."""

from __future__ import annotations

import ast
import re

import pytest

from tests.array_functions import ARRAYS, LOOPS, Example, distances, pendulum
from tests.verify.mutated_arrays import judged, whole_gradient
from verify import Verdict, mutate
from verify.beside.array_mutants import array_mutants
from verify.beside.array_mutation import checked_text, text_of

_EVERY = [pytest.param(example, id=example[0].__name__) for example in ARRAYS + LOOPS]
_GOOD = (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)


@pytest.mark.parametrize("example", _EVERY)
def test_the_text_itself_passes(example: Example) -> None:
    """What refutes mutants does not refute the text that they are made from."""
    compiled = whole_gradient(example)
    report = checked_text(compiled, text_of(compiled), example[1])
    assert report.verdict in _GOOD, report


@pytest.mark.parametrize("example", _EVERY)
def test_wrong_texts_are_refuted(example: Example) -> None:
    """Whatever doubles tell from the gradient is refuted, and nothing else is."""
    found = list(judged(example, 5))
    assert sum(each.wrong for each in found) >= 3
    assert [each.mutant for each in found if each.escaped or each.accused] == []


def test_kinds_of_mistakes() -> None:
    """Axes, products, slices, arms, reductions, types and loops are all got wrong."""
    missing = {
        "wrong axis", "wrong reduction", "dropped reduction", "transposed operand",
        "missing transposition", "off-by-one slice", "swapped arms", "missing mask",
        "missing reshape", "wrong dtype", "one short", "one more", "reversed order",
        "stale carry", "stale buffer", "scaled constant", "wrong operand", "wrong sign",
        "dropped term", "dropped factor", "swapped operands",
    }  # fmt: skip
    for example in LOOPS + ARRAYS:
        if missing:
            text = text_of(whole_gradient(example))
            missing -= {mutant.kind for mutant in array_mutants(text, 120)}
    assert not missing


def test_a_mutant_is_the_text_with_one_change() -> None:
    """Each can be parsed, differs from the text, and says what was changed."""
    text = text_of(whole_gradient(LOOPS[0]))
    for mutant in array_mutants(text, 60):
        assert ast.unparse(ast.parse(mutant.text)) != ast.unparse(ast.parse(text)), mutant
        before, _, after = mutant.change.partition(" -> ")
        assert before != after


def test_mutate_takes_gradients_of_whole_arrays() -> None:
    """mutate changes their text as it changes that of scalars."""
    arguments = next(given for function, given in ARRAYS if function is distances)
    report = mutate(whole_gradient((distances, arguments)), *arguments, count=12)
    assert len(report.refuted) + len(report.equal) == 12
    assert len(report.refuted) >= 10


def test_one_repetition_more_or_less_is_refuted() -> None:
    """Also where a loop reads nothing but what it hands on."""
    example = next(each for each in LOOPS if each[0] is pendulum)
    compiled = whole_gradient(example)
    text = text_of(compiled)
    for short in ("range(199)", "range(201)"):
        for loop in ("reversed(range(200))", "in range(200)"):
            wrong = text.replace(loop, loop.replace("range(200)", short))
            assert wrong != text
            report = checked_text(compiled, wrong, example[1])
            assert report.verdict is Verdict.REFUTED


def test_memory_that_nobody_wrote() -> None:
    """A call before it may have left the right numbers there: doubles alone see no difference."""
    example = next(each for each in LOOPS if each[0].__name__ == "recurrent")
    compiled = whole_gradient(example)
    text = text_of(compiled)
    wrong = re.sub(r"\bkept\[i\] =", "h_kept[i] =", text)
    assert wrong != text
    report = checked_text(compiled, wrong, example[1])
    assert report.verdict is Verdict.REFUTED
    assert "has not written" in str(report)
