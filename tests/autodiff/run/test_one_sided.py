"""What is known at a tie without leaving it agrees with what is known a step away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.graph.graph import Graph
from autodiff.numbers.settle import directions, settled
from autodiff.run.interpret import run
from autodiff.run.one_sided import sides_graph
from autodiff.run.pieces import piece_graph
from autodiff.run.transform import hessian, value_and_gradient
from tests.kinks_that_meet import FIRST, SECOND


def _outputs(graph: Graph, inputs: list[float]) -> list[float]:
    values = run(graph, inputs)
    return [float(values[i]) for i in graph.outputs]


def _both(graph: Graph, at: tuple[Any, ...]) -> tuple[list[float], list[float], float]:
    """Derivatives at the point and a step away, and whether the point cannot tell."""
    limits = graph.limits
    assert limits is not None
    point = np.concatenate([np.ravel(x) for x in at]).astype(float).tolist()
    values = _outputs(graph, point)
    table = [values[i] for i in limits.outputs]
    *here, lost = _outputs(sides_graph(graph), [*point, *table])
    piece = piece_graph(graph)
    steps = directions(len(point), list(limits.inputs))
    return here, settled([_outputs(piece, [*point, *step]) for step in steps], table), lost


_FINITE = [case for case in FIRST if np.isfinite(case[3]).all()]


@pytest.mark.parametrize(("name", "function", "at", "slope"), _FINITE, ids=[c[0] for c in _FINITE])
def test_slopes_agree(name: str, function: Any, at: Any, slope: Any) -> None:
    """First derivatives are those of the pieces followed a step away."""
    here, away, lost = _both(value_and_gradient(ad.trace(function, *at)), at)
    assert not lost
    assert here == pytest.approx(away, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("name", "function", "at", "curve"), SECOND, ids=[c[0] for c in SECOND])
def test_curvatures_agree_or_are_lost(name: str, function: Any, at: Any, curve: Any) -> None:
    """Second derivatives agree too, or the point says that it cannot tell."""
    graph = hessian(ad.trace(function, *at))
    if graph.limits is None or not graph.limits.places:
        return
    here, away, lost = _both(graph, at)
    assert lost or here == pytest.approx(away, rel=1e-12, abs=1e-12)


def test_a_norm_at_its_centre_is_lost() -> None:
    """A quotient of what vanishes has no limit at the point itself."""

    def function(v: Any) -> Any:
        return np.linalg.norm(v) ** 2 + abs(v[0])

    *_, lost = _both(hessian(ad.trace(function, np.zeros(2))), (np.zeros(2),))
    assert lost
