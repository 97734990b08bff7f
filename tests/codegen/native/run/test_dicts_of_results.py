"""Dicts that machine code gives: each call makes its own, on any interpreter."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest

from codegen import compile_gradient
from codegen.native import host
from codegen.native.run import call_plan


@pytest.mark.parametrize("count", [2, 5, 6, 30])
def test_each_call_makes_a_dict_of_its_own(count: int) -> None:
    """Dicts are copies of one, in its order; who changes one changes no other."""

    def total(given: Any) -> Any:
        return sum(k * x * x for k, x in enumerate(given["of"].values()))

    point = {"of": {f"k{k}" if k % 2 else k: 0.5 + k for k in range(count)}}
    df = compile_gradient(total, point, target="native")
    wanted = {key: 2.0 * k * x for k, (key, x) in enumerate(point["of"].items())}
    for _ in range(20):  # in the walk, after some calls
        _, gradient = df(point)
        assert list(gradient["of"].items()) == list(wanted.items())
        gradient["of"].clear()
        gradient["of"]["other"] = None


def test_where_dicts_are_unknown_each_value_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter whose tables look otherwise gets the same dicts, one value after the other."""
    point = {"a": 1.0, 2: 2.0, "c": {"d": [3.0, 4.0]}}

    def total(p: Any) -> Any:
        return p["a"] * p[2] + p["c"]["d"][0] * p["c"]["d"][1]

    found = []
    for places in (call_plan.value_places, lambda _: None):
        monkeypatch.setattr(call_plan, "value_places", places)
        df = compile_gradient(total, point, target="native", check=False)
        found += [df(point) for _ in range(20)]
    assert all(repr(one) == repr(found[0]) for one in found)
    assert gc.is_tracked(found[19][1])  # it holds a list: cycles through it are found


def test_places_of_values_are_seen_on_live_dicts() -> None:
    """What stands in a dict twice has no place of its own."""
    if sys.implementation.name == "cpython" and sys.version_info < (3, 15):
        assert len(host.value_places({"a": object(), 1: object()}) or ()) == 2
    shared = object()
    assert host.value_places({"a": shared, "b": shared}) is None
