"""lesson_page: a self-contained HTML page that steps through one function."""

from __future__ import annotations

import html
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from string import Template
from typing import Any

from autodiff.cli.lesson.steps import Step, Walk, steps_of
from autodiff.draw import svg_of
from autodiff.errors import DifferentiationError
from autodiff.graph import Graph
from autodiff.picture import number_text, picture_of
from autodiff.structure import Scalar

__all__ = ["LONGEST", "lesson_page"]

LONGEST = 250  # operations somebody will step through

_PHASES = {"start": "Start", "forward": "Forward", "backward": "Backward", "end": "End"}


def lesson_page(
    graph: Graph,
    arguments: Sequence[Any],
    function: Callable[..., Any] | None,
    source: str,
    report: Any,
) -> str:
    """The page.

    Args:
        graph: A traced function that returns one float.
        arguments: Where to evaluate it.
        function: The user's function, for its source.
        source: The emitted text.
        report: verify's report on it.

    Raises:
        DifferentiationError: if the function does not return one float, or is too long to step
            through.
        ArgumentError: if the arguments do not fit.
    """
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
    names = {i: names.get(i) or f"%{i}" for i in range(len(graph.nodes))}
    steps = [_plain(step) for step in steps_of(walk, names)]
    shown = {str(box.node): len(box.cells) for box in picture.boxes if len(box.numbers) == 2}
    lesson = {
        "phases": _PHASES,
        "source": _lines(function),
        "emitted": source.rstrip("\n").split("\n"),
        "cells": shown,
        "steps": steps,
        "gradients": [
            [graph.input_names[i], number_text(walk.values[i]), repr(walk.cotangents[i] or 0.0)]
            for i in range(graph.input_count)
        ],
        "verdict": str(report.verdict),
        "entries": [[e.input, str(e.verdict), e.method] for e in report.entries],
    }
    doc = inspect.getdoc(function) if function is not None else None
    summary = (doc or "").split("\n\n")[0] or "Step by step, forward and backward."
    name = html.escape(graph.name)
    return Template(_template()).substitute(
        title=f"{name}, explained",
        heading=f"{name}: value and gradient, step by step",
        summary=html.escape(summary),
        picture=svg_of(picture),
        lesson=_script(lesson),
    )


def _template() -> str:
    return files("autodiff.cli.lesson").joinpath("page.html").read_text(encoding="utf-8")


def _script(lesson: Mapping[str, Any]) -> str:
    """JSON that cannot end its script element, whatever the user's texts hold."""
    text = json.dumps(lesson, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _lines(function: Callable[..., Any] | None) -> list[str]:
    """The user's source, without common indentation; a note where there is none."""
    try:
        if function is None:
            raise OSError
        return inspect.cleandoc("\n" + inspect.getsource(function)).split("\n")
    except (OSError, TypeError):
        return ["# the source of this function is not available"]


def _plain(step: Step) -> dict[str, Any]:
    """A step as JSON; what is empty is left out."""
    plain: dict[str, Any] = {"phase": step.phase, "text": step.text}
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
