"""Texts of arrays over residues: what is made of constants alone is as exact as the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from codegen import compile_jacobian
from tests.residues import all_equal
from verify import Verdict
from verify.field.whole.array_field import Residues
from verify.field.whole.execute_whole import call_text
from verify.field.whole.meaning_of_rows import WholeField

_TEXT = "def f(x):\n    return {} * x\n"


def _given(text: str, run: str) -> tuple[Residues, Residues]:
    """A number, and what a text gives for it where the code of ``run`` was loaded."""
    space: dict[str, Any] = {}
    exec(compile(run, "<text>", "exec"), space)
    field = WholeField()
    x = field.unknown(())
    return x, call_text({"f": space["f"]}, (), "f", [x], field, {"f": text})


def test_literals_are_not_rounded() -> None:
    """Python's compiler computes with literals in doubles, a text means the numbers."""
    for literals, made in (
        ("0.1 * 0.7", lambda x: x * 0.1 * 0.7),
        ("(0.3 + -0.1) * 0.7", lambda x: (x * 0.3 - x * 0.1) * 0.7),
        ("1.0 / 0.3 * 0.1", lambda x: x / 0.3 * 0.1),
    ):
        text = _TEXT.format(literals)
        x, found = _given(text, text)
        assert all_equal([(found, made(x))])
        assert not all_equal([(found, x * eval(literals))])


def test_what_runs_is_not_another_text() -> None:
    """Code that is not the text's runs as it is, with what its compiler made of it."""
    x, found = _given(_TEXT.format("0.1 * 0.7"), _TEXT.format("0.1 * 0.75"))
    assert all_equal([(found, x * (0.1 * 0.75))])


def _force(q: Any) -> Any:
    """Weights that are multiplied by each other along the chain."""
    far = 0.56 * np.cos(q[0] + q[1])
    return np.array([9.81 * (1.8 * np.cos(q[0]) + far), 9.81 * far])


def _implicit(q: Any) -> Any:
    """Two steps of a linear system that is known."""
    system = np.array([[2.2, 0.1], [0.3, 1.7]])
    return np.linalg.solve(system, np.linalg.solve(system, q))


def _spun(u: Any) -> Any:
    """Quotients of numbers: of a known matrix by known numbers, and of literals."""
    turned = np.array([0.2 * (u[0] - u[1]), 0.05 * u[1]]) / np.array([0.01, 0.03])
    return turned + u / 3.3 / 0.7 + (u * 0.1) / 0.3


@pytest.mark.parametrize("function", [_force, _implicit, _spun])
def test_constants_do_not_hide_agreement(function: Any) -> None:
    """What literals make, and solutions without unknowns, are certified as other numbers are."""
    compiled = compile_jacobian(function, np.ones(2), target="numpy", expand=False)
    assert compiled.verdict is Verdict.CERTIFIED
