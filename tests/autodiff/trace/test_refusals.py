"""Of two refusals the one that tells more is raised, whatever their words are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, get_args

import numpy as np
import pytest

import autodiff as ad
from autodiff.errors import Limit, TraceError, UnsupportedError
from autodiff.trace.number_like import more_helpful


@pytest.mark.parametrize("limit", get_args(Limit))
def test_a_limit_of_one_kind_of_trace_gives_way(limit: Limit) -> None:
    """What another trace says is kept, unless it is the same limit."""
    first, other = TraceError("a").of(limit), TraceError("b")
    assert more_helpful(first, other) is other
    assert more_helpful(other, first) is other
    assert more_helpful(first, TraceError("c").of(limit)) is first
    assert more_helpful(other, traced := UnsupportedError("d")) is traced


@pytest.mark.parametrize(
    ("function", "limit"),
    [
        (Fraction, "opaque"),
        (lambda x: x.__complex__(), "complex"),
        (lambda x: np.arange(3.0)[np.array([x])], "mask"),
        (lambda x: {x: 1}, None),
    ],
)
def test_a_refusal_says_its_limit(function: Any, limit: Limit | None) -> None:
    """Each kind is marked where it is raised."""

    def called(x: object) -> object:
        return function(x)

    with pytest.raises(TraceError) as caught:
        ad.trace(called, 0.5)
    assert caught.value.limit is limit
