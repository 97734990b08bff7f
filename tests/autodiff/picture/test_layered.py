from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff.picture.layered import Layout, place

Size = tuple[float, float]
Edge = tuple[int, int]
TINY = 1e-6  # touching is not overlapping


@st.composite
def diagrams(draw: st.DrawFn) -> tuple[list[Size], list[Edge]]:
    """Boxes of random sizes, and edges from earlier to later ones, some of them twice."""
    count = draw(st.integers(1, 40))
    source = draw(st.randoms(use_true_random=False))
    sizes = [(source.uniform(10.0, 90.0), 26.0) for _ in range(count)]
    edges = [
        (source.randrange(head), head)
        for head in range(1, count)
        for _ in range(source.choice([0, 1, 1, 2, 2, 3]))
    ]
    return sizes, edges


def overlapping(sizes: list[Size], layout: Layout) -> list[tuple[int, int]]:
    """Pairs of boxes that share more than a border."""
    spans = [(x, y, x + w, y + h) for (x, y), (w, h) in zip(layout.corners, sizes, strict=True)]
    return [
        (i, j)
        for i, a in enumerate(spans)
        for j, b in enumerate(spans[:i])
        if min(a[2], b[2]) - max(a[0], b[0]) > TINY and min(a[3], b[3]) - max(a[1], b[1]) > TINY
    ]


def crossed_boxes(sizes: list[Size], edges: list[Edge], layout: Layout) -> list[tuple[Edge, int]]:
    """Edges, and boxes they run over; a curve is taken for the rectangle around it."""
    found = []
    for edge, route in zip(edges, layout.routes, strict=True):
        for (x1, y1), (x2, y2) in (pair for piece in route for pair in pairwise(piece)):
            low, high = sorted((y1, y2))
            for box, ((x, y), (w, h)) in enumerate(zip(layout.corners, sizes, strict=True)):
                inside = x1 + TINY < x + w and x + TINY < x2
                if box not in edge and inside and low + TINY < y + h and y + TINY < high:
                    found.append((edge, box))
    return found


FOLDS = st.sampled_from([math.inf, 300.0, 120.0])


@given(diagrams(), FOLDS)
@settings(max_examples=30, deadline=None)
def test_nothing_overlaps(diagram: tuple[list[Size], list[Edge]], fold: float) -> None:
    """No box overlaps another, and no edge runs over a box it does not belong to."""
    sizes, edges = diagram
    layout = place(sizes, edges, fold)
    assert not overlapping(sizes, layout)
    assert not crossed_boxes(sizes, edges, layout)


@given(diagrams(), FOLDS)
@settings(max_examples=30, deadline=None)
def test_edges_lead_from_box_to_box(diagram: tuple[list[Size], list[Edge]], fold: float) -> None:
    """An edge starts at the right side of its tail, ends at the left of its head, never turns."""
    sizes, edges = diagram
    layout = place(sizes, edges, fold)
    for (tail, head), route in zip(edges, layout.routes, strict=True):
        (x, y), (w, h) = layout.corners[tail], sizes[tail]
        assert route[0][0] == pytest.approx((x + w, y + h / 2))
        (x, y), (_, h) = layout.corners[head], sizes[head]
        assert route[-1][-1][0] == pytest.approx(x)
        assert y <= route[-1][-1][1] <= y + h
        for piece in route:
            assert all(a[0] <= b[0] + 1e-9 for a, b in pairwise(piece))
        for before, after in pairwise(route):  # leaves at the end of a row, comes in at the next
            assert before[-1][0] == layout.width
            assert after[0][0] == 0.0
            assert after[0][1] > before[-1][1]


@given(diagrams(), FOLDS)
@settings(max_examples=30, deadline=None)
def test_everything_is_inside(diagram: tuple[list[Size], list[Edge]], fold: float) -> None:
    """Boxes and routes lie between (0, 0) and the stated width and height."""
    sizes, edges = diagram
    layout = place(sizes, edges, fold)
    corners = zip(layout.corners, sizes, strict=True)
    points = [p for route in layout.routes for piece in route for p in piece]
    points += [q for (x, y), (w, h) in corners for q in ((x, y), (x + w, y + h))]
    for x, y in points:
        assert -1e-9 <= x <= layout.width + 1e-9
        assert -1e-9 <= y <= layout.height + 1e-9


def test_a_long_chain_is_folded() -> None:
    """Fifty boxes in a row become rows of the stated width, read like a text."""
    count = 50
    layout = place([(120.0, 40.0)] * count, [(i, i + 1) for i in range(count - 1)], 1000.0)
    assert layout.width <= 1000.0 + 40.0
    assert layout.height < 700.0
    ys = [y for _, y in layout.corners]
    assert ys == sorted(ys)
    assert len(set(ys)) == 8


def test_rows_have_no_empty_bands() -> None:
    """A chain that leads back, as a gradient does, leaves no room to lines alone."""
    forth = [(i, i + 1) for i in range(39)]
    back = [(i, 79 - i) for i in range(40)] + [(i, i + 1) for i in range(40, 79)]
    layout = place([(40.0, 26.0)] * 80, forth + back, fold=600.0)
    taken = {y for _, y in layout.corners}
    taken |= {y for route in layout.routes for piece in route for _, y in piece}
    assert max(low - high for high, low in pairwise(sorted(taken))) < 3 * 26.0


def test_operands_end_in_order() -> None:
    """The edges of one head end one below the other, in the order of the operands."""
    layout = place([(40.0, 26.0)] * 3, [(1, 2), (0, 2)])
    assert layout.routes[0][-1][-1][1] < layout.routes[1][-1][-1][1]


def test_a_tree_has_no_crossings() -> None:
    """The edges of a binary tree, its leaves shuffled, do not cross."""
    leaves = list(range(16))
    random.Random(1).shuffle(leaves)
    edges, level, count = [], leaves, 16
    while len(level) > 1:
        level_above = []
        for left, right in zip(level[::2], level[1::2], strict=True):
            edges += [(left, count), (right, count)]
            level_above.append(count)
            count += 1
        level = level_above
    layout = place([(40.0, 26.0)] * count, edges)
    curves = [(route[0][1], route[0][2]) for route in layout.routes]
    for a, b in curves:
        for c, d in curves:
            if a[0] == c[0]:
                assert (a[1] - c[1]) * (b[1] - d[1]) >= 0.0


def test_a_chain_is_a_straight_line() -> None:
    """A chain, with one input that every link uses, lies at one height."""
    count = 100
    edges = [(i, i + 1) for i in range(1, count - 1)] + [(0, i) for i in range(3, count)]
    layout = place([(30.0, 26.0)] * count, edges)
    heights = {round(y, 3) for _, y in layout.corners[5:90]}
    assert len(heights) == 1


def test_nothing_to_place() -> None:
    """No boxes give an empty layout."""
    assert place([], []) == Layout((), (), 0.0, 0.0)
