"""The proofs that lower packages ask for.

Imports go one way, verify → codegen → autodiff.  Yet ``compile_gradient`` has its text checked, and
a new primitive is proven when it is registered.  So a prover is named here by a text and imported
when it is first needed; ``import autodiff`` stays quick, and no module imports upwards.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from autodiff.forking import late_import

__all__ = ["prover"]

# What is proven, and "module:function" that does it.
_PROVERS: dict[str, str] = {
    "custom primitive": "verify.ladder.registration:prove_custom",
    "custom numpy text": "verify.ladder.registration:compare_numpy",
    "custom rules": "verify.ladder.registration:recorded_rules",
    "custom text": "verify.ladder.registration:text_of",
    "compiled gradient": "verify.ladder.quick:check_compiled",
    "compiled derivative": "verify.ladder.quick:check_derivative",
    "compiled arrays": "verify.ladder.arrays.array_check:check_arrays",
    "compiled graph": "verify.ladder.quick:check_graph",
    "vanishing numbers": "verify.truth.vanishing:vanishing",
    "true numbers": "verify.beside.true_numbers:true_numbers",
    "derivative formula": "verify.beside.formulas:derivative_text",
}


@cache
def prover(name: str) -> Callable[..., Any]:
    """The function that proves ``name``."""
    module, _, function = _PROVERS[name].partition(":")
    found: Callable[..., object] = getattr(late_import(module), function)
    return found
