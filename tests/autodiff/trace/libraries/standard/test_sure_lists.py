"""Python's functions in C on lists whose lengths depend on values."""

from __future__ import annotations

import functools
import heapq
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.trace.trace import trace_loops


def _joined(x: Any) -> Any:
    high = [one for one in x if one > 0.3]
    both = operator.concat([x[0]], high)
    return len(both) * x[1] + sum(both)


def _joined_in_place(x: Any) -> Any:
    high = [one for one in x if one > 0.3]
    both = functools.reduce(operator.iconcat, [high, [x[1]]], [x[0]])
    return len(both) * x[2] + sum(both)


def _heap(x: Any) -> Any:
    heap: list[Any] = []
    for one in x:
        if one > 0.3:
            heapq.heappush(heap, one)
    return heap[0] * x[1] + len(heap) if heap else x[0]


def _ordered(x: Any) -> Any:
    high = [one for one in x if one > 0.3]
    heapq.heapify(high)
    return high[0] * x[1] if high else x[0]


@pytest.mark.parametrize("function", [_joined, _joined_in_place, _heap, _ordered])
def test_what_looks_into_a_list_sees_what_is_there(function: Callable[..., Any]) -> None:
    """Elements that may be there are there, or not, before a list is looked into."""
    x = np.array([0.4, -1.2, 0.8])
    graph = trace_loops(20_000, function, x)
    assert graph is not None
    for at in (x, -x, abs(x), x[::-1], 0.1 * x):
        assert ad.evaluate(graph, at) == pytest.approx(float(function(at)), rel=1e-14)
