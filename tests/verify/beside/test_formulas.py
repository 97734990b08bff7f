"""Real formulas: the emitted gradient of every Feynman and FPBench function is verified."""

from __future__ import annotations

from typing import Any

import pytest

from tests.formulas import compiled_from, load
from verify import Verdict, verify_gradient

FEYNMAN = load("feynman/feynman_golden.json")["equations"]
FPBENCH = load("fpbench/fpbench_golden.json")["functions"]


@pytest.mark.parametrize("equation", FEYNMAN, ids=lambda e: e["id"])
def test_feynman_gradients_are_proved(equation: dict[str, Any]) -> None:
    """Each partial derivative of each of the 100 formulas is proved."""
    function = compiled_from(equation["expr"], equation["vars"])
    report = verify_gradient(function, *equation["points"][0]["x"])
    assert [entry.input for entry in report.entries] == equation["vars"]
    assert report.verdict is Verdict.PROVED, report


@pytest.mark.parametrize("kernel", FPBENCH, ids=lambda e: e["name"])
def test_fpbench_gradients_are_proved(kernel: dict[str, Any]) -> None:
    """Each partial derivative of each of the 113 kernels is proved."""
    setup = [f"{name} = {text}" for name, text in kernel["assign"]]
    function = compiled_from(kernel["expr"], kernel["args"], setup)
    report = verify_gradient(function, *kernel["points"][0]["x"])
    assert report.verdict is Verdict.PROVED, report
