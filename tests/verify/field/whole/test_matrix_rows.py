"""Rows of matrices over residues: their equations, the tangents of these, their transposes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autodiff.table.arrays import ARRAY_ROWS
from autodiff.table.arrays.array_row import ArrayRow, Use
from autodiff.table.arrays.last_axes import product, triangle, turned
from autodiff.table.arrays.reshaping import sum_over
from verify.field.meaning import PoleError
from verify.field.whole.array_field import Residues
from verify.field.whole.meaning_of_rows import WholeField
from verify.field.whole.systems import determinant, solution

_N = 3


class _Planted(WholeField):
    """A field in which rows that only a routine finds have the values given, by construction."""

    def __init__(self) -> None:
        super().__init__()
        self.planted: dict[str, Residues] = {}

    def of_row(
        self, row: ArrayRow, operands: tuple[object, ...], params: Mapping[str, object]
    ) -> Residues:
        """The planted value, if there is one."""
        if row.name in self.planted:
            return self.planted[row.name]
        return super().of_row(row, operands, params)


def _is_zero(x: Residues) -> bool:
    return not np.any(x.v)


def _unit(field: WholeField) -> Residues:
    return field.lift(np.eye(_N))


def _orthogonal(field: WholeField) -> Residues:
    """Cayley: (1 - K) / (1 + K) of an antisymmetric K."""
    k = field.unknown((_N, _N))
    k = k - turned(k)
    return product(_unit(field) - k, ARRAY_ROWS["inv"](_unit(field) + k))


def _diagonal(field: WholeField, w: Residues) -> Residues:
    return _unit(field) * w.reshape(1, _N)


def _used(name: str, operands: tuple[Residues, ...], out: Residues, position: int = 0) -> Use:
    shapes = tuple(x.shape for x in operands)
    return Use(position, operands, out, {}, shapes, out.shape)


def _tangent(name: str, use: Use, field: WholeField) -> tuple[Residues, Residues]:
    """A random tangent of an operand, and what the row makes of it; its transpose is held to it."""
    row = ARRAY_ROWS[name]
    t, g = field.unknown(use.own), field.unknown(use.shape)
    pushed: Any = row.push(t, use)
    pull = row.rule(use.position)
    assert pull is not None
    one = sum_over(pushed * g, tuple(range(pushed.ndim)))
    other = sum_over(t * pull(g, use), tuple(range(t.ndim)))
    assert np.array_equal(one.v, other.v)
    return t, pushed


def _symmetric(t: Residues) -> Residues:
    """What is read of a tangent below the diagonal."""
    made: Residues = triangle(t, True) + turned(triangle(t, True, -1))
    return made


@pytest.fixture
def field() -> _Planted:
    """A field of two fresh primes."""
    return _Planted()


def test_elimination_solves_whatever_has_an_inverse(field: _Planted) -> None:
    """A X = B holds, zeros on the diagonal or not; a matrix without inverse is a pole."""
    for a in (field.unknown((4, 5, 5)).v, field.lift(np.eye(5)[[1, 2, 0, 4, 3]][None]).v):
        b = field.unknown((a.shape[1], 5, 2)).v
        x = Residues(field, solution(field.ring, a, b), 0, 0)
        found = product(Residues(field, a, 0, 0), x)
        assert np.array_equal(found.v, b)
    assert np.all(determinant(field.ring, field.lift(np.eye(3)[[1, 0, 2]]).v) == field.lift(-1.0).v)
    with pytest.raises(PoleError):
        solution(field.ring, field.lift(np.ones((2, 2))).v, field.lift(np.eye(2)).v)


def test_determinants_are_multiplicative(field: _Planted) -> None:
    """|A B| = |A| |B|, and 0 for a matrix without inverse."""
    a, b = field.unknown((_N, _N)), field.unknown((_N, _N))
    det = ARRAY_ROWS["det"]
    assert np.array_equal(det(product(a, b)).v, (det(a) * det(b)).v)
    assert _is_zero(det(field.unknown((_N, 1)) * field.unknown((1, _N))))


@pytest.mark.parametrize("position", [0, 1])
def test_solve_follows_from_its_equation(field: _Planted, position: int) -> None:
    """dA X + A dX = dB."""
    operands = field.unknown((_N, _N)), field.unknown((_N, 2))
    a, b = operands
    x = ARRAY_ROWS["solve"](a, b)
    assert np.array_equal(product(a, x).v, b.v)
    t, dx = _tangent("solve", _used("solve", operands, x, position), field)
    change = product(a, dx)
    assert _is_zero(change + product(t, x) if position == 0 else change - t)


def test_inv_follows_from_its_equation(field: _Planted) -> None:
    """dA X + A dX = 0."""
    a = field.unknown((2, _N, _N))
    x = ARRAY_ROWS["inv"](a)
    t, dx = _tangent("inv", _used("inv", (a,), x), field)
    assert _is_zero(product(t, x) + product(a, dx))


def test_det_is_linear_in_each_row(field: _Planted) -> None:
    """The tangent along one row is the determinant with that row exchanged."""
    a = field.unknown((_N, _N))
    det = ARRAY_ROWS["det"]
    use = _used("det", (a,), det(a))
    _tangent("det", use, field)
    row = np.zeros((_N, 1))
    row[1] = 1.0
    t = field.unknown((_N, _N)) * field.lift(row)
    exchanged = a * field.lift(1.0 - row) + t
    assert np.array_equal(ARRAY_ROWS["det"].push(t, use).v, det(exchanged).v)  # type: ignore[attr-defined]
    log = ARRAY_ROWS["logabsdet"]
    t, pushed = _tangent("logabsdet", _used("logabsdet", (a,), log(a)), field)
    assert np.array_equal((pushed * det(a)).v, ARRAY_ROWS["det"].push(t, use).v)  # type: ignore[attr-defined]


def test_cholesky_follows_from_its_equation(field: _Planted) -> None:
    """dL L' + L dL' = dA, and dL has nothing above its diagonal."""
    factor = triangle(field.unknown((_N, _N)), True)
    a = product(factor, turned(factor))
    t, change = _tangent("cholesky", _used("cholesky", (a,), factor), field)
    both = product(change, turned(factor))
    assert _is_zero(both + turned(both) - _symmetric(t))
    assert _is_zero(triangle(change, False, 1))


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3)])
def test_pinv_follows_from_its_equations(field: _Planted, shape: tuple[int, int]) -> None:
    """The tangents of A P A = A, P A P = P, and of the symmetry of A P and P A."""
    a = field.unknown(shape)
    p = ARRAY_ROWS["pinv"](a)
    assert _is_zero(product(product(a, p), a) - a)
    t, dp = _tangent("pinv", _used("pinv", (a,), p), field)
    one = product(product(t, p), a) + product(product(a, dp), a) + product(product(a, p), t)
    assert _is_zero(one - t)
    two = product(product(dp, a), p) + product(product(p, t), p) + product(product(p, a), dp)
    assert _is_zero(two - dp)
    for change in (product(t, p) + product(a, dp), product(dp, a) + product(p, t)):
        assert _is_zero(change - turned(change))


@pytest.mark.parametrize("position", [0, 1])
@pytest.mark.parametrize("shape", [(4, 2), (2, 4)])
def test_lstsq_is_the_pseudo_inverse(
    field: _Planted, shape: tuple[int, int], position: int
) -> None:
    """x = P b, and its tangent that of the product."""
    a, b = field.unknown(shape), field.unknown((shape[0], 2))
    p = ARRAY_ROWS["pinv"](a)
    x = ARRAY_ROWS["lstsq"](a, b)
    assert np.array_equal(x.v, product(p, b).v)
    t, dx = _tangent("lstsq", _used("lstsq", (a, b), x, position), field)
    dp = ARRAY_ROWS["pinv"].push(t, _used("pinv", (a,), p)) if position == 0 else None
    assert _is_zero(dx - (product(p, t) if dp is None else product(dp, b)))


def test_eigenvectors_follow_from_their_equation(field: _Planted) -> None:
    """dA V + A dV = dV W + V dW, and V' dV has no symmetric part."""
    v, w = _orthogonal(field), field.unknown((_N,))
    a = product(product(v, _diagonal(field, w)), turned(v))
    field.planted = {"eigvalsh": w, "eigvectors": v}
    t, dw = _tangent("eigvalsh", _used("eigvalsh", (a,), w), field)
    use = _used("eigvectors", (a,), v)
    _tangent("eigvectors", use, field)
    dv: Any = ARRAY_ROWS["eigvectors"].push(t, use)
    left = product(_symmetric(t), v) + product(a, dv)
    right = product(dv, _diagonal(field, w)) + product(v, _diagonal(field, dw))
    assert _is_zero(left - right)
    inside = product(turned(v), dv)
    assert _is_zero(inside + turned(inside))


@pytest.mark.parametrize("rows", [_N, 5])
def test_singular_vectors_follow_from_their_equation(field: _Planted, rows: int) -> None:
    """dA = dU S V' + U dS V' + U S dV', and U' dU, V' dV have no symmetric part."""
    q = _orthogonal(field)
    v, s = _orthogonal(field), field.unknown((_N,))
    u = q
    if rows > _N:  # a rotation of more rows, of which three columns are taken
        k = field.unknown((rows, rows))
        k = k - turned(k)
        unit = field.lift(np.eye(rows))
        u = product(unit - k, ARRAY_ROWS["inv"](unit + k))[:, :_N]
    middle = _diagonal(field, s)
    a = product(product(u, middle), turned(v))
    field.planted = {"svdleft": u, "svdvals": s, "svdright": turned(v)}
    t, ds = _tangent("svdvals", _used("svdvals", (a,), s), field)
    uses = {"svdleft": u, "svdright": turned(v)}
    for name, out in uses.items():
        _tangent(name, _used(name, (a,), out), field)
    du: Any = ARRAY_ROWS["svdleft"].push(t, _used("svdleft", (a,), u))
    dvh: Any = ARRAY_ROWS["svdright"].push(t, _used("svdright", (a,), turned(v)))
    change = (
        product(product(du, middle), turned(v))
        + product(product(u, _diagonal(field, ds)), turned(v))
        + product(product(u, middle), dvh)
    )
    assert _is_zero(change - t)
    for inside in (product(turned(u), du), product(dvh, v)):
        assert _is_zero(inside + turned(inside))


def test_the_corner_of_a_power_is_its_tangent(field: _Planted) -> None:
    """That of [[A, T], [0, A]] to the k is the tangent of A to the k: so of every power series."""
    a, t = field.unknown((_N, _N)), field.unknown((_N, _N))
    join = ARRAY_ROWS["concatenate"]
    below = join(field.lift(np.zeros((_N, _N))), a, axis=1)
    whole = join(join(a, t, axis=1), below, axis=0)
    power, change, corner = a, t, whole
    for _ in range(5):
        change, power = product(change, a) + product(power, t), product(power, a)
        corner = product(corner, whole)
        assert np.array_equal(corner[:_N, _N:].v, change.v)


def test_the_exponential_knows_its_tangents_and_their_transposes(field: _Planted) -> None:
    """A polynomial of blocks has its tangent in their corner; of stacks, too."""
    field.relations = True
    a = field.unknown((2, _N, _N))
    made = ARRAY_ROWS["expm"](a)
    t, change = _tangent("expm", _used("expm", (a,), made), field)
    assert _is_zero(made - turned(ARRAY_ROWS["expm"](turned(a))))
    assert not _is_zero(change - product(made, t))  # unless they commute


def test_exponentials_of_too_many_matrices_are_unknowns(field: _Planted) -> None:
    """A polynomial of so many terms tells nothing of more; each matrix keeps what it has."""
    field.relations = True
    few, many = field.unknown((2, _N, _N)), field.unknown((100, _N, _N))
    exponential = ARRAY_ROWS["expm"]
    before = exponential(few)
    assert not _is_zero(exponential(many) - turned(exponential(turned(many))))
    assert _is_zero(before - exponential(few))
