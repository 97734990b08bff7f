"""Every row of arrays: its transpose, its shape, its spelling, its elements."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import UnsupportedError
from autodiff.run.whole.scalarize import _CALLED, scalarize
from autodiff.table.arrays import ARRAY_ROWS
from autodiff.table.arrays.array_row import ArrayRow, Use
from autodiff.table.arrays.region_rows import RegionRow
from codegen.language.numpy.placing import PLACING
from tests.autodiff.trace.libraries.differences import slopes

_MAP = np.array([[2, 0], [1, 1]])
_ALONG = np.array([[2, 0, 1], [0, 0, 2]])


def _definite(*shape: int) -> Any:
    """Positive definite matrices of distinct eigenvalues."""
    x = np.random.default_rng(9).normal(size=(*shape, shape[-1]))
    return x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1])


# Operands' shapes (or an index map) and parameters: at least one case for each row.
_CASES: list[tuple[str, list[Any], dict[str, Any]]] = [
    ("broadcast_to", [(3, 1)], {"shape": (2, 3, 4)}),
    ("broadcast_to", [()], {"shape": (2,)}),
    ("sum", [(2, 3, 4)], {"axes": (0, 2)}),
    ("sum", [(3,)], {"axes": (0,)}),
    ("reshape", [(2, 3)], {"shape": (3, 1, 2)}),
    ("transpose", [(2, 3, 4)], {"axes": (2, 0, 1)}),
    ("cumsum", [(2, 3)], {"axis": 1, "reverse": False}),
    ("cumsum", [(2, 3)], {"axis": 0, "reverse": True}),
    ("slice", [(5, 4)], {"key": ((4, 3, -2), (1,))}),
    ("slice", [(5, 4)], {"key": ((1, 3, 1), (0, 2, 3))}),
    ("place", [(3,)], {"key": ((4, 3, -2), (1,)), "shape": (5, 4)}),
    ("place", [(2, 2)], {"key": ((1, 2, 1), (0, 2, 1)), "shape": (4, 3)}),
    ("assign", [(4, 3), (2, 3)], {"key": ((1, 2, 2), (0, 3, 1))}),
    ("gather", [(2, 3, 2), _MAP], {"axis": 1}),
    ("scatter_add", [(2, 2, 2), _MAP], {"axis": 0, "size": 3}),
    ("take_along", [(2, 3), _ALONG], {"axis": 1}),
    ("put_along", [(2, 3), _ALONG], {"axis": 1, "size": 4}),
    ("put_at", [(2, 3, 2), np.array(1), (2, 2)], {"axis": 1}),
    ("put_at", [(3,), np.array(-1), ()], {"axis": 0}),
    ("put_where", [(3, 2), np.array(1), (2,), np.array(1)], {"axis": 0}),
    ("put_where", [(3, 2), np.array(1), (2,), np.array(0)], {"axis": 0}),
    ("add_at", [(3, 2), np.array(2), (2,)], {"axis": 0}),
    ("concatenate", [(2, 1), (2, 3)], {"axis": 1}),
    ("stack", [(2, 3), (2, 3)], {"axis": 1}),
    ("contract", [(2, 3), (3, 4)], {"spec": "ij,jk->ik"}),
    ("contract", [(2, 3), (3,)], {"spec": "ij,j->i"}),
    ("contract", [(3, 2), (3,)], {"spec": "ij,i->j"}),
    ("contract", [(3,), (3,)], {"spec": "i,i->"}),
    ("contract", [(2,), (3,)], {"spec": "i,j->ji"}),
    ("contract", [(2, 3, 4), (2, 4, 5)], {"spec": "ijk,ikl->ilj"}),
    ("max", [(2, 3, 4)], {"axes": (0, 2)}),
    ("min", [(3,)], {"axes": (0,)}),
    ("norm", [(2, 3)], {"axes": (1,)}),
    ("triangle", [(3, 4)], {"lower": True, "offset": -1}),
    ("triangle", [(2, 3, 3)], {"lower": False, "offset": 0}),
    ("spread_diagonal", [(3,)], {"first": 0, "second": 1}),
    ("spread_diagonal", [(2, 3)], {"first": 0, "second": 2}),
    ("take_diagonal", [(3, 3)], {"first": 0, "second": 1}),
    ("take_diagonal", [(3, 2, 3)], {"first": 0, "second": 2}),
    ("solve", [(3, 3), (3,)], {}),
    ("solve", [(2, 3, 3), (2, 3, 2)], {}),
    ("inv", [(3, 3)], {}),
    ("inv", [(2, 2, 2)], {}),
    ("det", [(3, 3)], {}),
    ("det", [(2, 5, 5)], {}),
    ("logabsdet", [(2, 3, 3)], {}),
    ("cholesky", [_definite(3)], {}),
    ("cholesky", [_definite(2, 3)], {}),
    ("pinv", [(4, 3)], {}),
    ("pinv", [(2, 2, 4)], {}),
    ("lstsq", [(5, 3), (5,)], {}),
    ("lstsq", [(2, 4), (2, 3)], {}),
    ("eigvalsh", [_definite(3)], {}),
    ("eigvectors", [_definite(3)], {}),
    ("hermitian_vectors", [_definite(3), (3, 3)], {}),
    ("hermitian_vectors", [_definite(2, 2), (2, 2, 2)], {}),
    ("svdvals", [(3, 4)], {}),
    ("svdleft", [(4, 3)], {}),
    ("svdright", [(3, 4)], {}),
    ("expm", [(3, 3)], {}),
    ("gaps", [(2,), (2, 2)], {"kind": "values"}),
    ("gaps", [np.array([9.0, 4.0, 1.0]), (3, 3)], {"kind": "squares"}),
    ("gaps", [(2, 4), (2, 4, 4)], {"kind": "pairs"}),
]  # fmt: skip
_WITHOUT_RULES = {"argsort", "argmax", "searchsorted", "running_place", "detsign", "places"}
_ROWS = pytest.mark.parametrize(
    ("name", "operands", "params"), _CASES, ids=[f"{c[0]}{i}" for i, c in enumerate(_CASES)]
)


def _drawn(operands: list[Any], seed: int) -> list[Any]:
    draw = np.random.default_rng(seed)
    return [draw.normal(size=x) if isinstance(x, tuple) else x for x in operands]


def _uses(row: ArrayRow, values: list[Any], params: dict[str, Any]) -> Iterator[Use]:
    """Each operand through which something flows, as a rule sees it."""
    out = np.asarray(row.impl(*values, **params))
    shapes = tuple(np.shape(x) for x in values)
    for position in range(len(values)):
        if row.rule(position) is not None:
            yield Use(position, tuple(values), out, params, shapes, out.shape)


def test_every_row_has_a_case() -> None:
    """A new row needs a case above, or it is without rules, or has graphs inside."""
    regions = {name for name, row in ARRAY_ROWS.items() if isinstance(row, RegionRow)}
    assert {case[0] for case in _CASES} | _WITHOUT_RULES | regions == ARRAY_ROWS.keys()


@_ROWS
def test_the_rule_is_the_transpose_of_the_tangent(
    name: str, operands: list[Any], params: dict[str, Any]
) -> None:
    """<J t, g> equals <t, J' g> for every operand through which something flows."""
    row, values = ARRAY_ROWS[name], _drawn(operands, 1)
    draw = np.random.default_rng(2)
    for use in _uses(row, values, params):
        t, g = draw.normal(size=use.own), draw.normal(size=use.shape)
        pull = row.rule(use.position)
        assert pull is not None
        pulled = np.broadcast_to(pull(g, use), use.own)
        assert math.isclose(np.sum(row.push(t, use) * g), np.sum(t * pulled), rel_tol=1e-12)


@_ROWS
def test_the_tangent_is_the_derivative(
    name: str, operands: list[Any], params: dict[str, Any]
) -> None:
    """The push is the limit of differences, which for linear rows are exact."""
    if name == "hermitian_vectors":
        pytest.skip("up to phases: see test_matrices_of_pairs")
    row, values = ARRAY_ROWS[name], _drawn(operands, 3)
    for use in _uses(row, values, params):
        t, step = np.random.default_rng(4).normal(size=use.own), 2.0**-20
        moved = [
            [x + s * t if i == use.position else x for i, x in enumerate(values)]
            for s in (step, -step)
        ]
        ends = [row.impl(*given, **params) for given in moved]
        slope = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose(row.push(t, use), slope, rtol=1e-6, atol=1e-6)


@_ROWS
def test_open_places_reach_what_depends_on_them(
    name: str, operands: list[Any], params: dict[str, Any]
) -> None:
    """No two open places cancel, and where something flows from one it is open, too."""
    row, values = ARRAY_ROWS[name], _drawn(operands, 6)
    for use in _uses(row, values, params):
        pull, reach = row.rule(use.position), row.reach(use.position)
        assert pull is not None
        assert reach is not None
        for one in np.eye(math.prod(use.shape)).reshape(-1, *use.shape):
            reached = np.asarray(reach(one, use))
            assert np.all(reached >= 0.0)
            assert np.all((np.asarray(pull(one, use)) == 0.0) | (reached > 0.0))
        if row.reaches_on is None:
            continue
        for one in np.eye(math.prod(use.own)).reshape(-1, *use.own):
            reached = np.asarray(row.reaches_on(one, use))
            assert np.all(reached >= 0.0)
            assert np.all((np.asarray(row.push(one, use)) == 0.0) | (reached > 0.0))


@_ROWS
def test_the_shape_is_that_of_the_value(
    name: str, operands: list[Any], params: dict[str, Any]
) -> None:
    """``infer`` tells the shape without computing."""
    row, values = ARRAY_ROWS[name], _drawn(operands, 5)
    assert row.infer(*map(np.shape, values), **params) == np.shape(row.impl(*values, **params))


@_ROWS
def test_elements_give_the_value(name: str, operands: list[Any], params: dict[str, Any]) -> None:
    """The row over scalars, element by element, gives the row's value and derivative."""
    row, values = ARRAY_ROWS[name], _drawn(operands, 6)
    if row.numeric:
        pytest.skip("NumPy's routine alone finds its value")
    floats = [x for x in values if x.dtype == float]

    def f(*xs: Any) -> Any:
        given = iter(xs)
        made = row(*[next(given) if x.dtype == float else x for x in values], **params)
        return np.sum(np.sin(made * 0.7)) if made.shape else np.sin(made * 0.7)

    graph = ad.trace(f, *floats, expand=False)
    value, slope = ad.backpropagate(graph, *floats)
    other, expected = ad.backpropagate(scalarize(graph), *floats)
    assert math.isclose(value, other, rel_tol=1e-12)
    for one, two in zip(
        *(x if isinstance(x, tuple) else (x,) for x in (slope, expected)), strict=True
    ):
        np.testing.assert_allclose(one, two, rtol=1e-11, atol=1e-13)


def test_equal_values_have_vectors_that_only_a_flow_makes_infinite() -> None:
    """Up to rounding: of eigenvalues by the largest, of singular values not by their squares."""
    flow = np.array([[0.0, 0.0, 3.0], [0.0, 0.0, 3.0], [2.0, 0.0, 0.0]])
    close = ARRAY_ROWS["gaps"](np.array([1.0, 1.0 + 2.0**-52, 1.0 + 2.0**-51]), flow, kind="values")
    np.testing.assert_array_equal(close, np.where(flow != 0.0, np.inf, 0.0))
    s = np.array([1.0, 2e-9, 1e-9])
    apart = ARRAY_ROWS["gaps"](s * s, flow, kind="squares")
    np.testing.assert_allclose(apart[2], [1.0, 1.0 / 3e-18, 0.0], rtol=1e-6)


def _centred(x: Any) -> Any:
    """The first two principal axes of points on few dimensions, and how much they explain."""
    moved = x - x.mean(axis=0)
    _, v = np.linalg.eigh(moved @ moved.T)
    return np.sum((v[:, -2:] @ v[:, -2:].T) * np.arange(36.0).reshape(6, 6))


def test_vectors_that_nothing_asks_for_may_have_equal_values() -> None:
    """Of rank 3, six points have three eigenvalues that are zero but for rounding."""
    x = np.random.default_rng(1).normal(size=(6, 3))
    graph = ad.trace(_centred, x, expand=False)
    slope = ad.backpropagate(graph, x)[1]
    np.testing.assert_allclose(slope, slopes(_centred, x), rtol=1e-6, atol=1e-7)


def test_a_polar_factor_of_rank_one_has_no_slope() -> None:
    """Its singular values differ by rounding alone: no digit would be right."""

    def f(x: Any) -> Any:
        u, _, vt = np.linalg.svd(np.outer(x, x[::-1]))
        return np.sum((u @ vt) * np.arange(9.0).reshape(3, 3))

    x = np.array([1.0, 0.7, 0.3])
    assert not np.isfinite(ad.backpropagate(ad.trace(f, x, expand=False), x)[1]).any()


@pytest.mark.parametrize("name", sorted(n for n, row in ARRAY_ROWS.items() if row.numeric))
def test_what_has_no_elements_is_refused_by_name(name: str) -> None:
    """A row that only NumPy's routine finds says so where a graph is written out in scalars."""
    row, params = ARRAY_ROWS[name], next(params for found, _, params in _CASES if found == name)
    operands = [np.eye(2)] * len(row.partials)
    graph = ad.trace(lambda *xs: 2.0 * row(*xs, **params), *operands, expand=False)
    message = f"{_CALLED.get(name, name)} cannot be written element by element.* or C: to_c"
    with pytest.raises(UnsupportedError, match=message):
        scalarize(graph)


@_ROWS
def test_the_text_of_a_graph_reads_back(
    name: str, operands: list[Any], params: dict[str, Any]
) -> None:
    """A node of the row is printed, parsed and checked."""
    row, values = ARRAY_ROWS[name], _drawn(operands, 7)
    floats = [x for x in values if x.dtype == float]

    def f(*xs: Any) -> Any:
        given = iter(xs)
        return row(*[next(given) if x.dtype == float else x for x in values], **params)

    graph = ad.trace(f, *floats, expand=False)
    ad.check(graph)
    assert ad.parse(str(graph)) == graph


@_ROWS
def test_the_spelling_is_the_value(name: str, operands: list[Any], params: dict[str, Any]) -> None:
    """NumPy's text of the row computes its value, also where it calls functions of ours."""
    row, values = ARRAY_ROWS[name], _drawn(operands, 8)
    text = row.spell(params, tuple(np.shape(x) for x in values))
    names = [f"x{i}" for i in range(len(values))]
    scope = {"np": np, **PLACING, **dict(zip(names, values, strict=True))}
    found = eval(text.format(*names), scope)
    np.testing.assert_allclose(found, row.impl(*values, **params), rtol=1e-13)
