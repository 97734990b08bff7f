"""An implementation as a text under proof: whether its source is the SymPy form that it is given.

Points tell of what is between them as little as of any gradient: a bump that nobody computes stays
unseen.  So the source is read, as texts of others are, and proven to be the form where it can be;
where it cannot, reports say what is left to trust.
"""

from __future__ import annotations

import ast
import secrets
from collections.abc import Sequence

from autodiff.errors import ProofgradError
from autodiff.graph.structure import SCALAR
from autodiff.table.primitive import Primitive
from autodiff.trace.trace import record
from verify.answer.report import Verdict
from verify.ladder.ladder import climbed
from verify.program.language.read_values import Real
from verify.program.program import ProgramBuilder
from verify.program.read import Text, flat
from verify.subjects.emitted import both_ways
from verify.subjects.subject import Subject

__all__ = ["is_its_form"]

_SECONDS = 2.0  # for a step of a proof that registration does not wait for


def is_its_form(row: Primitive, source: str, points: Sequence[Sequence[float]]) -> bool:
    """True if an implementation is proven to be its row's SymPy form, over all real numbers.

    Args:
        row: The row.
        source: Source of its implementation, "" if there is none.
        points: Where to look first.
    """
    try:
        subject = _subject(row, source)
        found = climbed(subject, [[*p] for p in points], _SECONDS, secrets.token_hex(16), 0)
    except (ProofgradError, SyntaxError):
        return False
    return found[0].verdict is Verdict.PROVED


def _subject(row: Primitive, source: str) -> Subject:
    """The form as a function, the source as a text that gives its value."""
    tree = ast.parse(source)
    definition = next((x for x in tree.body if isinstance(x, ast.FunctionDef)), None)
    if definition is None:
        raise SyntaxError("no function definition")
    parameters = [(f"x{i}", SCALAR) for i in range(row.arity)]
    graph = record(row, row.name, parameters)
    text = Text(
        f"import math\nimport numpy as np\n{ast.unparse(definition)}\n", ProgramBuilder(row.arity)
    )
    numbers = [Real(place) for place in range(row.arity)]
    subject = Subject(graph, f"implementation of {row.name}", [], entry=definition.name)
    for suffix, placed in both_ways(text, lambda: text.call(definition.name, numbers)):
        subject.programs.append(text.builder.program(flat(placed)))
        subject.labels.append(definition.name + suffix)
    subject.demanded = text.demanded()
    return subject
