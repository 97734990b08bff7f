"""Settings: how something is compiled, as data, and which of them fit together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autodiff.errors import ArgumentError, EmitError, UnsupportedError
from autodiff.graph.graph import Graph
from autodiff.run.reverse_plan import Wrt
from codegen.late_runners import NATIVE, PYTHON, TARGETS
from codegen.stable import GivenDomain

__all__ = ["Settings", "batch_flags", "known_effort", "known_target"]


def known_target(target: str) -> str:
    """The target.

    Raises:
        EmitError: if there is none of this name.
    """
    if not isinstance(target, str) or target not in TARGETS:
        raise EmitError(f"target: found {target!r}; expected one of {', '.join(TARGETS)}")
    return target


@dataclass(frozen=True)
class Settings:
    """How something is compiled; ``compile_gradient`` says what each means."""

    target: str = PYTHON
    wrt: Wrt = None
    batch: object = None
    reduce: str | None = None
    profile: str = "exact"
    check: bool = True
    comments: bool = False
    threads: int | None = None
    expand: bool | None = None
    effort: str | None = None
    domain: GivenDomain = None


def known_effort(settings: Settings, in_batches: bool) -> str | None:
    """The effort that is asked for.

    Raises:
        ArgumentError: if there is none of this name.
        UnsupportedError: if there is no choice.
    """
    effort = settings.effort
    if effort not in (None, "quick", "full"):
        raise ArgumentError(f"effort: found {effort!r}; expected 'quick', 'full' or None")
    if effort is not None and (settings.target != NATIVE or in_batches):
        raise UnsupportedError(
            f"effort: target {settings.target!r}{' with batch=' if in_batches else ''} is compiled "
            "in one way; target='native' without batch= takes an effort"
        )
    return effort


def batch_flags(
    graph: Graph, target: str, batch: object, reduce: str | None
) -> tuple[bool, ...] | None:
    """Which arguments are batched; None if none is.

    Raises:
        ArgumentError: if target, batch and reduce do not fit together.
    """
    if target == "python":
        if batch is None and reduce is None:
            return None
        raise ArgumentError(
            f"batch: target {target!r} takes one point; use target='numpy' or 'native'"
        )
    if reduce not in (None, "sum", "mean"):
        raise ArgumentError(f"reduce: found {reduce!r}; expected None, 'sum' or 'mean'")
    count = len(graph.parameters)
    if isinstance(batch, (tuple, list)):
        flags = tuple(batch)
    else:
        whole = batch is None or isinstance(batch, (bool, np.bool_))
        flags = (bool(batch),) * count if whole else (batch,)
    if len(flags) != count or not all(isinstance(flag, (bool, np.bool_)) for flag in flags):
        names = ", ".join(name for name, _ in graph.parameters)
        raise ArgumentError(
            f"batch: found {batch!r}; expected True, or True or False per argument ({names})"
        )
    if any(flags):
        return tuple(map(bool, flags))
    if reduce is not None:
        raise ArgumentError("reduce: nothing is batched; give batch=True or a tuple")
    return None
