"""lesson_page: a self-contained HTML page that steps through one function."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from autodiff.errors import DifferentiationError
from autodiff.graph.structure import Scalar
from autodiff.picture.draw import svg_of
from autodiff.picture.numbers_shown import number_text
from autodiff.picture.picture import picture_of
from autodiff.quoting import plain, quoted
from verify.lesson.shown_texts import Sources
from verify.lesson.steps import Step, Walk, steps_of

if TYPE_CHECKING:
    from codegen import CompiledGradient
    from verify.answer.report import Report

__all__ = ["LONGEST", "lesson_page"]

LONGEST = 250  # operations somebody will step through

_PHASES = {"start": "Start", "forward": "Forward", "backward": "Backward", "end": "End"}


def lesson_page(
    compiled: CompiledGradient,
    arguments: Sequence[object],
    function: Callable[..., object] | None,
    report: Report,
) -> str:
    """The page.

    Args:
        compiled: The compiled gradient.
        arguments: Where to evaluate it.
        function: The user's function, for its source.
        report: verify's report on the emitted text.

    Raises:
        DifferentiationError: if the function does not return one float, or is too long to step
            through.
        ArgumentError: if the arguments do not fit.
    """
    graph = compiled.graph
    if not isinstance(graph.result, Scalar):
        raise DifferentiationError(
            f"{graph.name}: returns {graph.result}; a lesson needs one float"
        )
    walk = Walk(graph, arguments)
    count = len(walk.live())
    if count > LONGEST:
        raise DifferentiationError(
            f"{graph.name}: has {count} operations; a lesson of more than {LONGEST} is too long "
            "to step through. Explain a smaller function, or draw this one"
        )
    picture = picture_of(graph, arguments, limit=4 * LONGEST)
    names = {box.node: box.name for box in picture.boxes}
    names = {i: plain(names.get(i) or f"%{i}") for i in range(len(graph.nodes))}
    sources = Sources(compiled, function)
    steps = [_plain(step) | sources.lit(step) for step in steps_of(walk, names)]
    shown = {str(box.node): len(box.cells) for box in picture.boxes if len(box.numbers) == 2}
    lesson = {
        "phases": _PHASES,
        "source": sources.source,
        "heads": sources.heads,
        "emitted": sources.emitted,
        "cells": shown,
        "steps": steps,
        "gradients": [
            [
                plain(graph.inputs.names[i]),
                number_text(walk.values[i]),
                repr(walk.cotangents[i] or 0.0),
            ]
            for i in range(graph.inputs.count)
        ],
        "verdict": str(report.verdict),
        "entries": [[plain(e.input), str(e.verdict), e.method] for e in report.entries],
    }
    doc = inspect.getdoc(function) if function is not None else None
    summary = (doc or "").split("\n\n")[0] or "Step by step, forward and backward."
    name = quoted(graph.name, "xml")
    return Template(_template()).substitute(
        title=f"{name}, explained",
        heading=f"{name}: value and gradient, step by step",
        summary=quoted(" ".join(summary.split()), "xml"),
        picture=svg_of(picture),
        lesson=_script(lesson),
    )


def _template() -> str:
    return files("verify.lesson").joinpath("page.html").read_text(encoding="utf-8")


def _script(lesson: Mapping[str, object]) -> str:
    """JSON that cannot end its script element, whatever the user's texts hold."""
    text = json.dumps(lesson, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _plain(step: Step) -> dict[str, object]:
    """A step as JSON; what is empty is left out."""
    plain: dict[str, object] = {"phase": step.phase, "text": step.text}
    if step.formulas:
        plain["formulas"] = list(step.formulas)
    if step.node is not None:
        plain["node"] = str(step.node)
    if step.near:
        plain["near"] = [str(i) for i in step.near]
    if step.edges:
        plain["edges"] = [f"{tail}>{head}" for tail, head in step.edges]
    for what in ("data", "grad"):
        numbers = getattr(step, what)
        if numbers:
            plain[what] = {str(i): number_text(x) for i, x in numbers.items()}
    return plain
