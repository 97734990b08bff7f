"""Where no field decides about whole arrays, doubles do, and say what they could not compare."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm

import autodiff as ad
import codegen
from autodiff.errors import TraceError
from codegen import compile_gradient, compile_hessian
from codegen.load.array_loading import ArrayLoaded
from tests.residues import all_equal
from verify import verify_gradient
from verify.answer.report import Verdict
from verify.field.meaning import PoleError
from verify.field.whole import unknown_places
from verify.field.whole.meaning_of_rows import WholeField
from verify.ladder.arrays import array_check, array_doubles
from verify.subjects import array_pairs


def _roots(x: Any) -> Any:
    return np.sum(np.sqrt(x - 5.0))


@pytest.mark.parametrize(
    ("example", "verdict", "said"),
    [
        (6.0, Verdict.CERTIFIED_NUMERIC, "at 2 points, off by at most "),
        (4.0, Verdict.UNDECIDED, "finite at no point"),
    ],
)
def test_only_what_was_compared_is_certified(
    monkeypatch: pytest.MonkeyPatch, example: float, verdict: Verdict, said: str
) -> None:
    """A number that is nan wherever it was looked at is no evidence."""
    point = np.full(3, example)
    compiled = compile_gradient(_roots, point, target="numpy", expand=False)

    def undecided(*_: object) -> Any:
        raise PoleError("nobody knows")

    monkeypatch.setattr(array_check, "pairs_in_field", undecided)
    check = array_check.check_arrays(compiled, (point,))
    assert check.verdict is verdict
    assert said in str(check)


class _Code:
    """Compiled code that gives one answer everywhere."""

    graph = frame = ad.trace(np.sum, np.ones(2))
    sparse = takes_points = False

    def __init__(self, answer: float) -> None:
        self._answer = answer

    def __call__(self, x: object) -> np.ndarray[Any, Any]:
        return np.array([1.0, self._answer])


@pytest.mark.parametrize("right", [np.nan, np.inf])
def test_a_number_where_there_is_none_is_told(right: float) -> None:
    """Code that is finite where the right number is not is not certified by its other numbers."""
    for answer, said in ((3.0, f"is 3.0 .* where it must be {right}"), (np.nan, "")):
        code, parts = _Code(answer), [np.ones(2)]
        beside = array_doubles._Beside(code)  # type: ignore[arg-type]
        beside.compare(parts, [code(parts)], [np.array([1.0, right])])
        beside.compare(parts, [code(parts)], [np.array([1.0, np.nan])])
        assert re.search(
            said or "number 1 .* finite at no point",
            re.sub(r"np.float64\((.*?)\)", r"\1", beside.open_still()),
        )


def test_halves_tell_nothing_of_a_text_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no field can show right is left at its first difference: halves are not run then."""
    compiled = compile_gradient(lambda x: np.sum(x * x), np.ones(3), expand=False, check=False)
    monkeypatch.setattr(array_pairs._Compared, "_pairs", lambda *_: [_unequal()])
    monkeypatch.setattr(array_pairs, "halves_of", lambda _: None)
    monkeypatch.setattr(array_pairs._Compared, "_given_by", lambda *_: [])
    monkeypatch.setattr(array_pairs._Compared, "_of_halves", lambda *_: pytest.fail("run"))
    assert len(array_pairs.pairs_in_field(compiled, WholeField())) == 1


@pytest.mark.parametrize("wrong", ["cotangent * ", "cotangent * cotangent * ", "-cotangent * "])
def test_halves_are_held_to_any_cotangent(wrong: str) -> None:
    """Half a text that is right for 1 alone, or for -1 alone, is not the chain rule."""
    compiled = compile_gradient(
        lambda x: np.sum(np.sin(x) * x), np.ones(3), target="numpy", expand=False, check=False
    )
    module = compiled.code.halves.module
    forward, backward = module.functions
    assert "cotangent * " in backward.text
    lines = [line.replace("cotangent * ", wrong) for line in backward.body]
    changed = replace(module, emitted=(forward, replace(backward, body=tuple(lines))))
    compiled.code.__dict__["halves"] = ArrayLoaded(changed)
    pairs = array_pairs.pairs_in_field(compiled, WholeField())
    assert all_equal(pairs) is (wrong == "cotangent * ")


@pytest.mark.parametrize("compiled", [True, False])
def test_what_has_no_scalars_is_verified_as_arrays(compiled: bool) -> None:
    """Eigenvalues are found step by step: the text is held to the chain rule over residues."""

    def spread(x: Any) -> Any:
        return np.sum(np.linalg.eigvalsh(np.outer(x, x) + np.diag(x)) ** 3)

    x = np.array([0.3, -0.2, 1.1])
    subject = compile_gradient(spread, x, target="numpy") if compiled else spread
    report = verify_gradient(subject, x)
    assert report.verdict is Verdict.CERTIFIED
    assert len(report.entries) == 1
    with pytest.raises(TraceError, match="eigvals"):
        verify_gradient(lambda x: np.sum(np.linalg.eigvals(np.outer(x, x))), x)


@pytest.mark.parametrize("what", ["jacobian", "hessian"])
def test_derivatives_of_matrix_exponentials_are_certified(what: str) -> None:
    """Forwards as well, whose blocks are others than the chain rule's."""

    def turned(x: Any) -> Any:
        y = expm(np.array([[x[0], x[1]], [-x[1], 0.5]])) @ np.array([1.0, 2.0])
        return y if what == "jacobian" else y @ y

    found = codegen.compile(turned, np.array([0.3, 0.2]), what=what, target="numpy")
    assert found.verdict is Verdict.CERTIFIED


def _unequal() -> Any:
    field = WholeField()
    return field.lift(1.0), field.lift(2.0)


def test_degrees_without_a_bound_are_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no number of points would do, expressions of a large degree are unknowns next."""
    x = np.linspace(0.1, 0.4, 4)

    def powers(x: Any) -> Any:
        for _ in range(3):
            x = ((((x + 0.5) ** 32 - x) ** 32 - x) ** 32 - x) ** 32
        return np.sum(x)

    compiled = compile_gradient(powers, x, target="numpy", expand=False, check=False)
    asked: list[WholeField] = []

    def noted(_: object, field: WholeField, __: bool) -> Any:
        asked.append(field)
        return array_pairs.pairs_in_field(compiled, field)

    monkeypatch.setattr(array_check, "pairs_in_field", noted)
    assert array_check.check_arrays(compiled, (x,)).verdict is Verdict.CERTIFIED
    assert [field.cuts for field in asked] == [False, True]


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: np.mean((x[0] - 1.0) ** 2) + 0.1 * np.sum(x[1] ** 2) / (2 * 25),
        lambda x: -0.05 * np.sum(np.log(1.0 + x**2)) / 288,
        lambda x: np.mean(0.3 * np.sin(0.7 * x)) / 3,
        lambda x: sum(k * np.sum(x**2) for k in (0.1, 0.2, 0.7)) / 7,
        lambda x: 0.1 * np.sum(x**3) / 8 + np.sum(np.exp(x)) / 80,
        lambda x: np.sum(np.maximum(-x, 0.0) + np.log1p(np.exp(-np.abs(x)))) / 300,
        lambda x: np.sum(np.exp(x).ravel()) / 80 + 0.1 * np.sort(np.exp(x).ravel())[2:].sum() / 8,
        lambda x: 0.0125 * np.sum(x**3) + 0.1 * np.sum(np.exp(x)) / 8 + np.sum(np.sin(x)) / 80,
    ],
)
def test_factors_that_a_text_has_folded_are_those_of_the_chain_rule(loss: Any) -> None:
    """A product of numbers is rounded in a text, and so it is where the chain rule forms it."""
    compiled = compile_gradient(loss, np.ones((2, 3)), target="numpy", expand=False)
    assert compiled.verdict is Verdict.CERTIFIED


def _cubes(p: Any) -> Any:
    return 9.81 * np.sum(0.3 * (0.7 * p[0] * np.linspace(0.1, 1.7, 9) - p[1]) ** 3)


def test_so_they_are_in_second_derivatives() -> None:
    """A Hessian and a product have the factors that the gradient's own graph has folded."""
    for what in ("hessian", ("value", "gradient", "hvp")):
        compiled = codegen.compile(_cubes, np.ones(2), what=what, target="numpy", expand=False)
        assert "8.829" in compiled.source
        assert compiled.verdict is Verdict.CERTIFIED


def test_a_factor_folded_wrongly_is_seen() -> None:
    """What is near a product of numbers, and is not what it rounds to, is another number."""
    compiled = compile_hessian(_cubes, np.ones(2), target="numpy", expand=False, check=False)
    module = compiled.code.main.module
    *others, last = module.functions
    for factor in (8.829, math.nextafter(8.829, 9.0)):
        body = tuple(line.replace("8.829", repr(factor)) for line in last.body)
        changed = replace(module, emitted=(*others, replace(last, body=body)))
        compiled.code.__dict__["main"] = ArrayLoaded(changed)
        pairs = array_pairs.pairs_in_field(compiled, WholeField())
        assert all_equal(pairs) is (factor == 8.829)


def test_other_texts_are_run_on_each_side_unless_one_tells_of_all() -> None:
    """A half that says something else is no half of the text that is run."""
    compiled = compile_gradient(
        lambda x: np.sum(np.where(x > 0.3, 3.0 * x * x, np.abs(x))), np.ones(4), target="numpy",
        expand=False, check=False,
    )  # fmt: skip
    assert array_pairs.texts_agree(compiled, WholeField())
    module = compiled.code.halves.module
    *others, last = module.functions
    body = tuple(line.replace("6.0", "7.0").replace("3.0", "4.0") for line in last.body)
    assert body != last.body
    changed = replace(module, emitted=(*others, replace(last, body=body)))
    compiled.code.__dict__["halves"] = ArrayLoaded(changed)
    assert not array_pairs.texts_agree(compiled, WholeField())


def test_places_too_many_to_be_unknown_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """An image read at places that move with the inputs is looked at, though with no bound."""
    monkeypatch.setattr(unknown_places, "_MOST", 30)
    x = np.linspace(0.2, 3.1, 6)

    def read(x: Any) -> Any:
        place = np.floor(x).astype(int)
        return np.sum((x - place) * x[place] * x[place + 1])

    check = compile_gradient(read, x, target="numpy", expand=False).check
    assert check.verdict is Verdict.CERTIFIED_NUMERIC
    assert "places that the inputs decide" in str(check)


def _mean_of_some(x: Any, kind: Any, level: Any) -> Any:
    return np.mean(np.maximum(x, level)[kind == 1] ** 2) + np.max(x * np.maximum(x, level))


def test_a_side_without_numbers_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mask that chooses nothing there divides by zero; other sides are asked."""
    args = np.array([0.3, -0.2, 0.9]), np.array([1, 0, 1]), 0.1
    df = compile_gradient(_mean_of_some, *args, target="numpy", wrt=0, expand=False, check=False)
    agreed = iter([1.0, None, 1.0, None] * 3 + [1.0] * 8)

    def sides(*_: object) -> float | None:
        if next(agreed) is None:
            raise PoleError("a denominator is zero everywhere")
        return 1.0

    monkeypatch.setattr(array_check, "_agreed", sides)
    assert array_check._on_sides(df, WholeField) == 14
    monkeypatch.setattr(array_check, "_FEWEST", 21)
    agreed = iter([1.0] * 20)
    with pytest.raises(PoleError, match="most sides"):
        array_check._on_sides(df, WholeField)
    monkeypatch.setattr(array_check, "_agreed", lambda *_: None)
    assert array_check._on_sides(df, WholeField) == 0


def test_loops_that_divide_by_what_others_left_are_certified() -> None:
    """A Cholesky factor by hand: few repetitions are run, so that pivots between are zero."""
    n = 20

    def factored(scale: float) -> float:
        a = np.exp(-scale * np.subtract.outer(np.arange(n), np.arange(n)) ** 2) + np.eye(n)
        factor = np.zeros((n, n))
        for i in range(n):
            for j in range(i + 1):
                s = 0.0
                for k in range(j):
                    s += factor[i, k] * factor[j, k]
                if i == j:
                    factor[i, i] = np.sqrt(a[i, i] - s)
                else:
                    factor[i, j] = (a[i, j] - s) / factor[j, j]
        return sum(np.log(factor[i, i]) for i in range(n))

    df = compile_gradient(factored, 0.3, target="numpy")
    assert len(df.source.splitlines()) < 300
    assert df.verdict is Verdict.CERTIFIED


def test_points_where_the_function_raises_tell_nothing() -> None:
    """Whatever it raises: a point that was drawn is none of the user's calls."""

    def highest(x: Any) -> Any:
        found = []
        for k in range(12):
            wave = x * np.sin(1.0 * k) + 0.9 * x
            if wave > 1.0:
                found.append(wave * wave)
        return max(found) + x

    compiled = compile_gradient(highest, 0.9, expand=False, check=False)
    for at in (0.9, 1.3):
        assert compiled(at)[0] == pytest.approx(float(highest(at)), rel=1e-12)
    assert array_doubles._Beside(compiled).called([np.array(0.1)]) is None
    with pytest.raises(ValueError, match="empty sequence"):
        compiled(0.1)
