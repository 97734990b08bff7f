"""Random programs are held to differences of themselves: a slice of tests.figures.programs."""

from __future__ import annotations

import pytest

from tests.figures.programs import LANGUAGES
from tests.figures.programs.asked import Run, differences
from tests.figures.programs.program import Program
from tests.figures.programs.smaller import smaller

_SLICE = [
    ("ordinary", "python", 1, "halves"), ("ordinary", "native", 4, "again"),
    ("ordinary", "python", 3, "interpreted"), ("ordinary", "numpy", 2, "pickled"),
    ("ordinary", "native", 5, "product"), ("arrays", "numpy", 1, "one argument"),
    ("arrays", "native", 4, "out"), ("arrays", "numpy", 4, "batch"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "target", "seed", "way"), _SLICE)
def test_programs_differ_nowhere(language: str, target: str, seed: int, way: str) -> None:
    """Values and derivatives are the program's own, in whatever way they are asked for."""
    program = LANGUAGES[language](seed)
    assert Run(program, target).points
    assert not list(differences(program, target, [way]))


_WRONG = """
import math

class Unused:
    pass

def f(x, y):
    a = x * y
    if y > 0.5:
        a = a + (math.sin(x) if type(x).__name__ == "float" else 0.0)
    b = a * 2.0
    return a - y * x
"""


def test_wrong_derivatives_are_seen_and_made_small() -> None:
    """What is computed of numbers alone differs from the trace, and little else is left of it."""
    program = Program(_WRONG, [(0.7, 0.9), (-0.3, 0.8)], (0, 1))

    def differs(one: Program) -> bool:
        return any(found.kind == "wrong" for found in differences(one, "python", []))

    assert differs(program)
    small = smaller(program, differs)
    assert "class" not in small.source
    assert "b = " not in small.source
    assert "__name__" in small.source
    assert len(small.points) == 1
