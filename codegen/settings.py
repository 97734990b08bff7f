"""Settings: how something is compiled, as data."""

from __future__ import annotations

from dataclasses import dataclass

from autodiff.errors import ArgumentError, EmitError, UnsupportedError
from autodiff.run.reverse_plan import Wrt
from codegen.late_runners import NATIVE, PYTHON, TARGETS
from codegen.stable import GivenDomain

__all__ = ["Settings", "known_effort", "known_target"]


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
