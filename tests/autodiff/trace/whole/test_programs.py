"""Programs as people write them, with whole arrays: value and gradient are the golden ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autodiff as ad
from autodiff.run.transform import value_and_gradient
from autodiff.run.untraced import settled
from tests.modules_by_path import module_at

_FOLDER = Path(__file__).parents[3] / "data" / "programs"
_GOLDEN = json.loads((_FOLDER / "golden.json").read_text())


def program(name: str) -> Any:
    """The module of a program."""
    return module_at(_FOLDER / f"{name}.py", f"program_{name}")


def flat(value: Any) -> Any:
    """The numbers of nested dicts, lists and arrays, dicts by their keys' order."""
    if isinstance(value, dict):
        return np.concatenate([flat(value[key]) for key in sorted(value)])
    if isinstance(value, (list, tuple)):
        return np.concatenate([flat(one) for one in value])
    return np.ravel(np.asarray(value, float))


def assert_golden(golden: Any, value: Any, slope: Any) -> None:
    """The value and the gradient agree with the golden ones to 1e-10."""
    expected = flat(golden["gradient"])
    assert abs(value - golden["value"]) <= 1e-10 * abs(golden["value"])
    assert np.max(np.abs(flat(slope) - expected)) <= 1e-10 * np.max(np.abs(expected))


@pytest.mark.parametrize("name", sorted(_GOLDEN))
def test_the_gradient_is_the_golden_one(name: str) -> None:
    """The unchanged program's value and gradient by its first argument agree to 1e-10."""
    module, golden = program(name), _GOLDEN[name]
    examples = module.examples(golden["size"])
    function, given = settled(
        module.f, examples, 0, lambda own, args: ad.trace(own, *args, expand=False)
    )
    graph = ad.trace(function, *given, expand=False)
    ad.check(graph)
    both = value_and_gradient(graph, 0)
    ad.check(both)
    assert ad.parse(str(both)) == both
    value, slope = ad.evaluate(both, *given)
    assert_golden(golden, value, slope)
