"""Derivatives that carry tangents through loops: certified where they are right, and only there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings

import autodiff as ad
from codegen.asked import compile as compile_derivatives
from tests.autodiff.trace.whole.test_programs import flat
from tests.random_loops import RandomLoop, loops
from verify import Verdict
from verify.field.meaning import PoleError
from verify.field.whole.meaning_of_rows import WholeField
from verify.subjects.array_pairs import pairs_in_field

_P, _X = np.array([0.4, -0.3, 0.7]), np.sin(np.arange(60.0))


def states(p: Any, x: Any) -> Any:
    """Every state, and the last one twice as large."""

    def step(h: Any, e: Any) -> Any:
        h = p[0] * h + np.tanh(p[1] * e) * h * h + 0.1 * e
        return h, h * e

    last, every = ad.scan(step, p[2], x)
    return every * every, 2.0 * last


def loss(p: Any, x: Any) -> Any:
    """A number of all states: outside of the loop, each of them counts."""
    every, last = states(p, x)
    return np.sum(every) + last


_KINDS = [("jvp", states), ("jacobian", states), ("hvp", loss), ("hessian", loss)]


def _compiled(what: str, function: Any, wrt: Any = "p") -> Any:
    return compile_derivatives(function, _P, _X, what=what, target="numpy", wrt=wrt, expand=False)


def _agrees(compiled: Any, text: str) -> bool:
    """True if a text is what must come out, over residues."""
    space: dict[str, Any] = {"np": np}
    exec(compile(text, "text", "exec"), space)
    functions = {name: space[name] for name in compiled.loaded.functions if name in space}
    with mock.patch.dict(compiled.loaded.functions, functions):
        try:
            pairs = pairs_in_field(compiled, WholeField())
        except (TypeError, PoleError, IndexError, ValueError):
            return False
    return all(x.shape == y.shape and np.array_equal(x.v, y.v) for x, y in pairs)


def _in_doubles(compiled: Any, text: str) -> Any:
    """The numbers of a text; None where it raises."""
    space: dict[str, Any] = {"np": np, **compiled.loaded.functions}
    exec(compile(text, "text", "exec"), space)
    given = (_P, _X, _P + 0.2) if compiled.what[0] in ("jvp", "hvp") else (_P, _X)
    try:
        return flat(space[compiled.entry](*given))
    except Exception:
        return None


def _mutants(text: str) -> Iterator[str]:
    """One operator, one bound, one start, one place of a stack changed."""
    changes = [
        (r" \+ ", " - "), (r" \* ", " + "), (r"range\(60\)", "range(59)"),
        (r"float\(0\.0\)", "float(1.0)"), (r" in range\(60\)", " in reversed(range(60))"),
        (r"_list\[(i\d?)\]", "_list[0]"), (r" 2\.0 \* ", " "),
    ]  # fmt: skip
    for pattern, instead in changes:
        for match in re.finditer(pattern, text):
            yield text[: match.start()] + match.expand(instead) + text[match.end() :]


@pytest.mark.parametrize(("what", "function"), _KINDS)
def test_mutants_are_seen(what: str, function: Any) -> None:
    """Whatever text gives other numbers is not the chain rule over residues."""
    compiled = _compiled(what, function)
    assert compiled.verdict is Verdict.CERTIFIED
    text = "\n".join(function.text for function in compiled.loaded.module.functions)
    assert _agrees(compiled, text)
    right, wrong = _in_doubles(compiled, text), 0
    every = list(_mutants(text))
    for mutant in every[:: 1 + len(every) // 20]:
        found = _in_doubles(compiled, mutant)
        same = found is not None and found.shape == right.shape
        if same and np.allclose(found, right, rtol=1e-9, atol=1e-12):
            continue
        wrong += 1
        assert not _agrees(compiled, mutant), mutant
    assert wrong >= 7


def test_a_hessian_of_two_arguments_is_certified() -> None:
    """What is above the diagonal mirrors what is below, over residues as in doubles."""
    compiled = _compiled("hessian", loss, None)
    assert compiled.verdict is Verdict.CERTIFIED
    wanted = ad.evaluate(ad.hessian(ad.trace(loss, _P, _X)), _P, _X)
    np.testing.assert_allclose(flat(compiled(_P, _X)), flat(wanted), rtol=1e-9, atol=1e-11)


@settings(max_examples=15, deadline=None)
@given(loops())
def test_products_of_random_loops(program: RandomLoop) -> None:
    """None is ever refuted, and no tangent is left to doubles."""
    for what in ("jvp", "hvp", "hessian"):
        made = compile_derivatives(
            program, *program.examples, what=what, target="numpy", expand=False
        )
        assert made.verdict in (Verdict.CERTIFIED, Verdict.CERTIFIED_NUMERIC)
        assert what != "jvp" or "doubles" not in str(made.check)
