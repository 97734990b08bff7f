"""Arrays of residues that know outside which conditions they are zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import codegen
from autodiff.table import ops
from autodiff.table.arrays.contraction import contract
from autodiff.table.arrays.indexing import scatter_add
from autodiff.table.arrays.reshaping import broadcast_to, reshape, sum_over
from verify.answer.report import Verdict
from verify.beside.array_mutation import text_of, with_text
from verify.field.whole.array_field import Residues
from verify.field.whole.conditions.gated_field import Gated, GatedField
from verify.subjects.array_pairs import pairs_in_field


def unknowns(count: int, *shape: int) -> tuple[GatedField, list[Residues]]:
    """Unknown arrays of a field."""
    field = GatedField()
    return field, [field.unknown(shape) for _ in range(count)]


def conditions(field: GatedField, count: int, *shape: int) -> list[Residues]:
    """Conditions that have nothing to do with each other."""
    return [field.less(field.unknown(shape), field.unknown(shape)) for _ in range(count)]


def same(x: Residues, y: Residues) -> bool:
    """True for the same elements."""
    return x.meaning.same(x, y)


def any_of(field: GatedField, holding: Any) -> Residues:
    """What texts say of places that an open condition reaches."""
    found: Residues = field.truth(ops.ne(holding, 0.0))
    return found


def test_a_selection_that_is_selected_again_is_itself() -> None:
    """Also of products and sums with it, and by conditions that ask for more."""
    field, (x, y, z) = unknowns(3, 4)
    c, d = conditions(field, 2, 4)
    nothing = field.lift(0.0)
    once = field.where(c, x, nothing)
    assert same(field.where(c, once, nothing), once)
    assert same(field.where(c, -(once * y / z), nothing), -(once * y / z))
    assert same(field.where(c, z + once, z), z + once)
    assert same(field.where(field.conjunction(c, d), once, nothing), field.where(d, once, nothing))
    both = once + field.where(d, y, nothing)
    either = field.negation(field.conjunction(field.negation(c), field.negation(d)))
    assert same(field.where(either, both, nothing), both)
    assert not same(field.where(c, both, nothing), both)
    assert not same(field.where(d, once, nothing), once)
    assert not same(field.where(c, z + x, z), z + x)
    assert not same(field.where(field.negation(c), once, nothing), once)


def test_gates_go_where_elements_go() -> None:
    """A sum is there if any summand is, and of no other elements."""
    field, (x,) = unknowns(1, 3, 4)
    c, d = conditions(field, 2, 3, 4)
    weights, nothing = field.unknown((4, 5)), field.lift(0.0)
    once = field.where(c, x, nothing)
    rows, columns = sum_over(once, (1,)), sum_over(once, (0,))
    open_rows = any_of(field, sum_over(c, (1,)))
    assert isinstance(rows, Gated)
    assert same(field.where(open_rows, rows, nothing), rows)
    assert not same(field.where(any_of(field, sum_over(d, (1,))), rows, nothing), rows)
    assert not same(field.where(open_rows[:1], columns, nothing), columns)
    product = contract("ij,jk->ik", once, weights)
    reached = any_of(field, contract("ij,jk->ik", c, field.lift(np.ones((4, 5)))))
    assert same(field.where(reached, product, nothing), product)
    assert same(field.where(reached, product + 1.0, field.lift(1.0)), product + 1.0)
    moved = broadcast_to(reshape(once[0], (1, 4)), (2, 4))
    flags = broadcast_to(reshape(c[0], (1, 4)), (2, 4))
    assert same(field.where(field.truth(flags), moved, nothing), moved)
    places = field.lift(np.array([1.0, 0.0, 1.0]))
    added = scatter_add(once, places, 0, 2)
    into = any_of(field, scatter_add(c, places, 0, 2))
    assert same(field.where(into, added, nothing), added)
    assert not same(field.where(into[::-1], added, nothing), added)


def test_what_is_counted_several_times_is_there_if_it_is_there_once() -> None:
    """A condition that a sum adds to itself, and a sum of several."""
    field, (x,) = unknowns(1, 3, 4)
    c, d = conditions(field, 2, 3, 4)
    once = field.where(c, x, field.lift(0.0))
    copies = broadcast_to(reshape(c, (3, 4, 1)), (3, 4, 5))
    assert same(any_of(field, sum_over(copies, (2,))), c)
    assert not same(any_of(field, sum_over(copies, (2,))), d)
    assert same(any_of(field, sum_over(copies, (1, 2))), any_of(field, sum_over(c, (1,))))
    assert not same(any_of(field, sum_over(copies, (1, 2))), any_of(field, sum_over(d, (1,))))
    spread = contract("ij,jk->ik", once, field.lift(np.ones((4, 5))))
    assert isinstance(spread, Gated)


def test_what_repetitions_begin_with_has_no_gates() -> None:
    """Another repetition may begin with numbers that are there always."""
    field, (x,) = unknowns(1, 4)
    (c,) = conditions(field, 1, 4)
    (carried,) = field.carried(field.where(c, x, field.lift(0.0)))
    assert not same(field.where(c, carried, field.lift(0.0)), carried)


class _OneSide(GatedField):
    """A field whose conditions are 0 or 1 already, as on one side of them all."""

    def _of_difference(self, kind: str, x: Residues, v: Any, at_zero: int) -> Residues:
        found = super()._of_difference(kind, x, v, at_zero)
        bits = (v == 0).all(axis=0) if kind == "equal" else found.v[0] & 1
        made = np.broadcast_to(bits, v.shape).astype(np.int64)
        return Residues(self, made, 1, 0, condition=True)


def _grow(seed: int, steps: int) -> int:
    """Hold random expressions to what they are on one side; how many have gates."""
    draw, field, n = np.random.default_rng(seed), _OneSide(), 3
    ring = field.ring
    arrays: list[tuple[Any, Any]] = []
    tests: list[tuple[Any, Any]] = []
    for _ in range(3):
        new, test = field.unknown((n,)), field.less(field.unknown((n,)), field.unknown((n,)))
        arrays.append((new, new.v))
        tests.append((test, test.v))
    zero = field.lift(np.zeros(n)), np.zeros_like(arrays[0][1])
    gated = 0
    for _ in range(steps):
        x, y = (arrays[-draw.integers(1, min(len(arrays), 7) + 1)] for _ in "xy")
        c, d = (tests[-draw.integers(1, min(len(tests), 4) + 1)] for _ in "cd")
        kind = draw.integers(11)
        if kind < 5:
            one, other = ((x, y), (x, zero), (zero, x))[draw.integers(3)]
            made: tuple[Any, Any] = (
                field.where(c[0], one[0], other[0]),
                np.where(c[1] == 1, one[1], other[1]),
            )
        elif kind == 5:
            made = x[0] + y[0], ring.add(x[1], y[1])
        elif kind == 6:
            made = x[0] - y[0], ring.sub(x[1], y[1])
        elif kind == 7:
            made = x[0] * y[0], ring.mul(x[1], y[1])
        elif kind == 8:
            whole = ring.add(ring.add(x[1][:, 0], x[1][:, 1]), x[1][:, 2])[:, None]
            made = broadcast_to(sum_over(x[0], (0,)), (n,)), np.broadcast_to(whole, x[1].shape)
        elif kind == 9:
            reached = broadcast_to(any_of(field, sum_over(c[0], (0,))), (n,))
            some = (c[1] == 1).any(axis=1, keepdims=True)
            tests.append((reached, np.broadcast_to(some, c[1].shape).astype(np.int64)))
            continue
        else:
            both = field.conjunction(c[0], field.negation(d[0]))
            tests.append((both, c[1] * (1 - d[1])))
            continue
        assert np.array_equal(made[0].v, made[1])
        if isinstance(made[0], Gated):
            gated += 1
            for gate in made[0].gates:
                assert not made[1][gate.v == 0].any()
        arrays.append(made)
    return gated


def test_what_is_told_of_gates_is_true_on_every_side() -> None:
    """Of random expressions, which select again and add up what was selected."""
    assert sum(_grow(seed, 80) for seed in (6, 21, 27, 45, *range(8))) > 100


def risks(beta: Any, X: Any) -> Any:
    """Of Cox's model: logarithms of running sums, each of which may be one of nothing."""
    eta = X @ beta
    return np.sum(np.logaddexp.accumulate(eta) - eta)


def rational(p: Any, t: Any) -> Any:
    """Powers of an exponent that is traced, inside a matrix."""
    d = np.abs(t[:, None] - t[None, :])
    k = (1.0 + d**2 / (2.0 * p[0] * p[1] ** 2)) ** (-p[0]) + 0.1 * np.eye(len(t))
    return np.log(np.diag(np.linalg.cholesky(k))).sum()


def hazards(w: Any, X: Any, time: Any, event: Any) -> Any:
    """Sums over masks of arguments."""
    h = np.tanh(X @ w)
    risk = time[None, :] >= time[:, None]
    lse = np.log(np.sum(np.where(risk, np.exp(h)[None, :], 0.0), axis=1))
    return -np.mean((h - lse)[event == 1])


def levels(w: Any, X: Any) -> Any:
    """A row's number is in one of several bins, some of which are empty."""
    h = np.exp(w)
    bins = np.digitize(X @ w, np.linspace(-1.0, 1.0, 4))
    return np.sum(np.bincount(bins, weights=X @ h, minlength=5) * np.arange(5.0) ** 2)


def layers(w: Any, X: Any) -> Any:
    """Conditions of a layer inside those of another, where more flows in."""
    h = np.where(X @ w > 0.0, X @ w, np.expm1(np.minimum(X @ w, 0.0)))
    z = h @ WEIGHTS
    return np.where(z > 0.0, z, np.expm1(np.minimum(z, 0.0))).mean() + np.sum(
        np.maximum((z * z).sum(0), 0.02)
    )


def powers(w: Any, x: Any) -> Any:
    """Rows that are all alike, of which a few stand for all, but not where conditions overlap."""
    return np.sum(np.log1p((x * np.exp(w[0])) ** w[1]) - w[1] * np.log(x))


def margins(w: Any, X: Any) -> Any:
    """Each row is in or out as a whole, and its largest number is taken away before."""
    z = X @ w
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.sum(np.maximum(((e / e.sum(axis=1, keepdims=True)) @ WEIGHTS).sum(axis=1) - 0.1, 0.0))


RANDOM = np.random.default_rng(5)
WEIGHTS = np.linspace(-1.0, 1.0, 20).reshape(5, 4)
CALLS: list[tuple[Any, list[Any]]] = [
    (risks, [RANDOM.normal(size=3), RANDOM.normal(size=(40, 3))]),
    (levels, [RANDOM.normal(size=3), RANDOM.normal(size=(20, 3))]),
    (layers, [RANDOM.normal(size=(6, 5)), RANDOM.normal(size=(7, 6))]),
    (margins, [RANDOM.normal(size=(6, 5)), RANDOM.normal(size=(30, 6))]),
    (rational, [np.array([1.5, 0.7]), np.linspace(0.0, 2.0, 12)]),
    (powers, [np.array([0.1, 1.3]), RANDOM.uniform(0.1, 2.0, 3000)]),
    (
        hazards,
        [RANDOM.normal(size=3), RANDOM.normal(size=(30, 3)), RANDOM.normal(size=30), np.ones(30)],
    ),
]


@pytest.mark.parametrize(("f", "args"), CALLS, ids=lambda x: getattr(x, "__name__", ""))
def test_functions_whose_contributions_are_selected_twice_are_certified(
    f: Any, args: list[Any]
) -> None:
    """At every size; with doubles alone before."""
    df = codegen.compile_gradient(f, *args, target="numpy", wrt=0, expand=False)
    assert df.verdict is Verdict.CERTIFIED, df.check


@pytest.mark.parametrize(
    ("f", "args", "right", "wrong"),
    [
        (*CALLS[0], "np.logical_or(", "np.logical_and("),
        (*CALLS[0], "!= 0.0,", "== 0.0,"),
        (*CALLS[6], "axis=0)[None, :] != 0.0", "axis=1)[None, :] != 0.0"),
        (*CALLS[6], "np.logical_and(", "np.logical_or("),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_a_wrong_selection_is_seen(f: Any, args: list[Any], right: str, wrong: str) -> None:
    """A condition that is too narrow, or another, loses a contribution."""
    df = codegen.compile_gradient(f, *args, target="numpy", wrt=0, expand=False, check=False)
    text = text_of(df)
    assert right in text
    field = GatedField()
    pairs = pairs_in_field(with_text(df, text.replace(right, wrong, 1)), field)
    assert not all(same(x, y) for x, y in pairs)
