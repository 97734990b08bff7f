"""A few rows tell of all where rows are treated alike, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.transform import value_and_gradient
from codegen import compile_gradient
from codegen.text.whole.array_module import ArrayModule
from tests.residues import all_equal
from tests.verify.array_truth import array_chain_rule, array_values
from tests.verify.field.whole.test_array_chain import both
from verify.answer.report import Verdict
from verify.beside.array_mutants import array_mutants
from verify.field.meaning import PoleError
from verify.field.whole.alike_rows import ALIKE as ALIKE_ROWS
from verify.field.whole.drawn_rows import (
    DrawnField,
    NotAlikeError,
    Rows,
    TooFewRowsError,
    rows_to_draw,
)
from verify.field.whole.execute_whole import run_text
from verify.field.whole.meaning_of_rows import ROWS, WholeField

DRAW = np.random.default_rng(3)
N, K = 40, 8
X, Y = DRAW.normal(size=(N, 3)), DRAW.normal(size=N)
ROWS_OF = Rows(N, K, frozenset())


def _standard(w: Any, x: Any) -> Any:
    centred = x - np.mean(x, axis=0)
    scaled = centred / np.sqrt(np.mean(centred**2, axis=0))
    return np.sum((scaled @ w - Y) ** 2)


def _softmax(w: Any, x: Any) -> Any:
    z = np.tanh(x * w) @ np.outer(w, w)
    z = z - np.max(z, axis=1)[:, None]
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - z[:, 0])


ALIKE: list[Callable[[Any, Any], Any]] = [
    lambda w, x: np.sum((x @ w - Y) ** 2),
    lambda w, x: np.mean(np.log1p(np.exp(-Y * (x @ w)))) + np.sum(w * w),
    _standard,
    _softmax,
    lambda w, x: np.sum(np.where(x @ w > Y, x[:, 1], 0.0)) ** 2,
    lambda w, x: np.sum(np.sort(x * w, axis=1)[:, 0] * np.cumsum(x, axis=1)[:, 1]),
    lambda w, x: np.sum(np.linalg.norm(x - w, axis=1) * np.ones(N)),
    lambda w, x: np.sum(np.stack([x @ w, Y], axis=1) @ np.array([1.0, 2.0])),
    lambda w, x: np.sum(np.exp(-np.sum((x[:, None, :] - np.outer(w, w)) ** 2, axis=2))),
    lambda w, x: np.sum((x.T @ x) * np.outer(w, w)),
    lambda w, x: np.sum(np.concatenate([x, x[:, ::-1] * w], axis=1) ** 2),
]
OTHERS: list[Callable[[Any, Any], Any]] = [
    lambda w, x: np.sum(x[1:] * x[:-1] * w),
    lambda w, x: np.sum(np.sort(x @ w)[::2]),
    lambda w, x: np.sum(np.cumsum(x @ w) ** 2),
    lambda w, x: np.sum((x @ x.T) ** 2) * w[0],
    lambda w, x: np.max(x @ w),
    lambda w, x: np.sum((x @ w)[::-1] * Y),
    lambda w, x: np.sum((x @ w)[np.arange(N)] * (x @ w)[np.argsort(Y)]),
    lambda w, x: (x @ w)[5] * np.sum(x),
    lambda w, x: np.sum((x @ w).reshape(8, 5) ** 2),
    lambda w, x: np.linalg.det(x[:3] * w),
    lambda w, x: np.sum(np.outer(w, np.ones(10))[:, :K] ** 2) + np.sum(x),
]


@pytest.mark.parametrize("function", ALIKE)
def test_few_rows_agree(function: Callable[..., Any]) -> None:
    """Gradients are the chain rule on the rows that are drawn, as many as are needed."""
    field = DrawnField(ROWS_OF._replace(drawn=39))
    pairs = both(function, (np.ones(3), X), field)
    field.require_enough()
    assert all_equal(pairs)
    assert pairs[2][0].v.shape[1:] == (39, 3)


@pytest.mark.parametrize("function", OTHERS)
def test_rows_that_are_not_alike_are_refused(function: Callable[..., Any]) -> None:
    """Whatever treats a row by its place, or rows together but in sums."""
    with pytest.raises(NotAlikeError):
        both(function, (np.ones(3), X), DrawnField(ROWS_OF))


def _wrong(w: Any, x: Any) -> Any:
    return np.sum((x @ w - np.where(np.arange(N) == 17, Y + 1e-9, Y)) ** 2)


@pytest.mark.parametrize("other", [_wrong, lambda w, x: np.sum((x @ w - Y) ** 2 * 1.0000001)])
def test_a_wrong_constant_is_seen(other: Callable[..., Any]) -> None:
    """Another array of constants is another unknown, whichever entry differs."""
    field = DrawnField(ROWS_OF)
    inputs = [field.unknown((3,)), field.unknown((N, 3))]
    graphs = [ad.trace(f, np.ones(3), X, expand=False) for f in (ALIKE[0], other)]
    one, two = (
        array_values(g, inputs, field)[g.outputs[0]] for g in map(value_and_gradient, graphs)
    )
    assert not all_equal([(one, two)])


def test_what_holds_for_few_rows_alone_proves_nothing() -> None:
    """Squares of sums of one row are a square; of two they are not, and one is too few to tell."""

    def gram(w: Any, x: Any) -> Any:
        return np.sum(x[:, 0] ** 2) * np.sum(x[:, 1] ** 2) - np.sum(x[:, 0] * x[:, 1]) ** 2

    graph = ad.trace(gram, np.ones(3), X, expand=False)
    for drawn in (1, 2):
        field = DrawnField(ROWS_OF._replace(drawn=drawn))
        inputs = [field.unknown((3,)), field.unknown((N, 3))]
        made = array_values(graph, inputs, field)[graph.outputs[0]]
        assert np.all(made.v == 0) == (drawn == 1)
        with pytest.raises(TooFewRowsError) as few:
            field.require_enough()
        assert few.value.needed == 5


@pytest.mark.parametrize("function", ALIKE)
def test_mutants_equal_on_few_rows_are_equal_on_all(function: Callable[..., Any]) -> None:
    """A wrong text is never taken for the right one, whatever its mistake."""
    compiled = compile_gradient(
        function, np.ones(3), X, target="numpy", expand=False, check=False, wrt=0
    )
    module = compiled.code.main.module
    assert isinstance(module, ArrayModule)

    def agrees(text: str, field: WholeField) -> bool:
        space: dict[str, Any] = {"np": np}
        exec(text, space)
        inputs = [field.unknown((3,)), field.unknown((N, 3))]
        wanted = array_chain_rule(compiled.graph, inputs, field)[:2]
        run = {compiled.entry: space[compiled.entry]}, module.data, compiled.entry, inputs, field
        try:
            found = run_text(*run)
            field.require_enough()
        except (PoleError, ArithmeticError, LookupError, TypeError, ValueError):
            return False
        return len(found) == 2 and all_equal(list(zip(wanted, found, strict=True)))

    for mutant in array_mutants(module.functions[-1].text, 4):
        if agrees(mutant.text, DrawnField(ROWS_OF._replace(drawn=37))):
            assert agrees(mutant.text, WholeField())


def test_weights_add_up_to_the_number_of_rows() -> None:
    """The sum of ones is the number that the text holds."""
    field = DrawnField(ROWS_OF)
    graph = ad.trace(lambda x: np.sum(x * 0.0 + 1.0), Y, expand=False)
    made = array_values(graph, [field.unknown((N,))], field)[graph.outputs[0]]
    assert all_equal([(made, field.lift(float(N)))])


def test_compiles_draw_rows() -> None:
    """A compile's check of many rows holds few, and says how many; of few it holds all."""
    x, y = DRAW.normal(size=(30_000, 2)), np.ones(30_000)

    def loss(w: Any) -> Any:
        return np.sum((x @ w - y) ** 2)

    check = compile_gradient(loss, np.ones(2), target="numpy").check
    assert check is not None
    assert check.verdict is Verdict.CERTIFIED
    assert "16 rows for all of 30000" in check.method
    assert not list(rows_to_draw(ad.trace(ALIKE[0], np.ones(3), X, expand=False)))


def test_sums_that_are_results_take_no_rows() -> None:
    """A gradient of many sums over rows is held to no more of them, and is checked once."""
    x = DRAW.normal(size=(3000, 40))
    compiled = compile_gradient(
        lambda w: np.sum(np.log1p(np.exp(x @ w))), np.ones(40), target="numpy"
    )
    assert compiled.check is not None
    assert compiled.check.verdict is Verdict.CERTIFIED
    assert "16 rows for all of 3000" in compiled.check.method


def test_the_rows_that_may_be_alike_have_a_meaning() -> None:
    """What is allowed by name is a row."""
    assert ALIKE_ROWS.keys() <= ROWS.keys()
    assert WholeField().held((N, 3)) == (N, 3)
