"""mutate over whole arrays: wrong versions of an emitted text, each put to the check at compile.

The check runs a text over residues, and on doubles where residues do not decide; so does this.  A
text that raises at the example is refuted by that.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from autodiff.errors import EmitError
from codegen.call.code import GradientCode
from codegen.call.compiled import CompiledGradient
from codegen.call.whole.in_arrays import ArrayGradient
from codegen.load.array_loading import ArrayLoaded
from codegen.text.whole.array_module import ArrayModule
from verify.answer.report import Entry, Report, Verdict, VerificationError
from verify.beside.mutants import ENTRY
from verify.ladder.arrays.array_check import check_arrays

__all__ = ["checked_text", "text_of", "with_text"]


def text_of(compiled: CompiledGradient) -> str:
    """The functions of a compiled gradient of arrays that a call runs."""
    return "\n\n".join(function.text for function in compiled.loaded.module.functions)


def with_text(compiled: CompiledGradient, text: str) -> CompiledGradient:
    """The same gradient, computed by another text of its functions.

    Raises:
        EmitError: if the text is none that an emitter writes.
    """
    module = compiled.loaded.module
    assert isinstance(module, ArrayModule)
    bodies = {f.name: f.body for f in ast.parse(text).body if isinstance(f, ast.FunctionDef)}
    changed = tuple(
        replace(own, body=tuple(_lines(bodies[own.name])), returned=None, summary="")
        for own in module.functions
    )
    code = GradientCode(compiled.code.derivative)
    code.__dict__["main"] = ArrayLoaded(replace(module, emitted=changed))
    code.__dict__["watched"] = None  # which calls would run in its place
    return CompiledGradient(code, ArrayGradient)


def _lines(body: list[ast.stmt]) -> list[str]:
    return ast.unparse(ast.Module(body, [])).splitlines()


def checked_text(compiled: CompiledGradient, text: str, examples: Sequence[object]) -> Report:
    """What the check at compile finds of another text of a gradient of arrays.

    Args:
        compiled: The gradient.
        text: Of its functions.
        examples: One value per argument.
    """
    try:
        other = with_text(compiled, text)
    except EmitError as error:
        entry = Entry(ENTRY, Verdict.REFUTED, "never loaded", note=str(error))
    else:
        entry = _checked(other, examples)
    return Report(compiled.graph.name, "mutant", (entry,))


def _checked(other: CompiledGradient, examples: Sequence[object]) -> Entry:
    try:
        with np.errstate(all="ignore"):
            other(*examples)
    except Exception as error:  # whatever a wrong text may raise
        said = f"raises {type(error).__name__}: {error}"
        return Entry(ENTRY, Verdict.REFUTED, "run at the example", note=said)
    try:
        with np.errstate(all="ignore"):
            check = check_arrays(other, examples)
    except VerificationError as error:
        return Entry(ENTRY, Verdict.REFUTED, "the check at compile", note=str(error))
    return Entry(ENTRY, check.verdict, check.method, check.seconds, note=check.note)
