"""Runners: the classes that run programs, by target and by what they are programs of.

A class is imported when it is first asked for: machine code alone has fifty modules.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from autodiff.forking import late_import

__all__ = ["NATIVE", "NUMPY", "PYTHON", "TARGETS", "Form", "Runner", "runner_of"]

Form: TypeAlias = Literal["numbers", "arrays", "points"]  # arrays that are whole, or many points
Runner: TypeAlias = Callable[..., Any]  # made of code; each form has a protocol of its own
PYTHON, NUMPY, NATIVE = TARGETS = ("python", "numpy", "native")

# Where the class is for a function, and the one for value and gradient in halves.
_HOMES: dict[tuple[str, Form], tuple[str, str, str]] = {
    (PYTHON, "numbers"): ("codegen.call.in_python", "PythonFunction", "PythonGradient"),
    (NUMPY, "numbers"): ("codegen.call.in_numpy", "NumpyFunction", "NumpyGradient"),
    (NATIVE, "numbers"): ("codegen.native.run.native", "NativeFunction", "NativeGradient"),
    (PYTHON, "arrays"): ("codegen.call.lists.in_lists", "ListFunction", "ListGradient"),
    (NUMPY, "arrays"): ("codegen.call.whole.in_arrays", "ArrayFunction", "ArrayGradient"),
    (NATIVE, "arrays"): (
        "codegen.native.run.native_arrays", "NativeArrayFunction", "NativeArrayGradient",
    ),
    (NUMPY, "points"): ("codegen.call.in_numpy", "NumpyPoints", "NumpyGradient"),
    (NATIVE, "points"): ("codegen.native.run.batch", "NativePoints", "NativeBatch"),
}  # fmt: skip


def runner_of(target: str, form: Form, halves: bool = False) -> Runner:
    """What runs programs of a form for a target."""
    home, *names = _HOMES[target, form]
    found: Runner = getattr(late_import(home), names[halves])
    return found
