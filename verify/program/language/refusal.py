"""Refusals: what the reader says of a text that it does not read."""

from __future__ import annotations

import ast

from autodiff.errors import ProofgradError

__all__ = ["OneSideAtATime", "RefusedError", "UnreadableError", "unreadable"]


class UnreadableError(ProofgradError, ValueError):
    """The text holds something that is not read here; the message names the line and what."""


class RefusedError(Exception):
    """Why a value or an operation is not read; the reader adds the line and the text there."""


class OneSideAtATime(Exception):  # noqa: N818  # it refuses nothing
    """What an ``if`` does on one side cannot be put together with the other: read each alone."""


def unreadable(node: ast.AST, problem: str | RefusedError) -> UnreadableError:
    """The error for a piece of the text: its line, what stands there, and the problem."""
    try:
        text = ast.unparse(node).split("\n", 1)[0].removesuffix(":")
    except RecursionError:
        text = type(node).__name__
    shown = text if len(text) <= 60 else text[:57] + "..."
    return UnreadableError(f"line {getattr(node, 'lineno', 1)}: {shown}: {problem}")
