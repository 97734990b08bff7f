"""Answers: what a contender is asked, and tells, in its own process or in ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

__all__ = ["Answer", "Request"]


class Request(TypedDict, total=False):
    """What is asked: ``do`` is "build", "loops" or "time"; the task goes with the first."""

    do: str
    loops: int
    text: str
    inputs: Sequence[float]
    points: int
    batch: bool


class Answer(TypedDict, total=False):
    """What is told; ``skip`` alone says why a contender is out."""

    skip: str
    seconds: float  # to build
    value: float
    gradient: Sequence[float]
    size: int | None
    version: str
    megabytes: float
    loops: int
    nanoseconds: float
