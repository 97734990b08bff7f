"""Options of ``compile_gradient`` that leave the type of its result alone."""

from __future__ import annotations

import os
from typing import TypedDict

from autodiff.run.reverse_plan import Wrt
from codegen.stable import GivenDomain

__all__ = ["Options"]


class Options(TypedDict, total=False):
    """Keyword arguments; ``compile_gradient`` says what each means."""

    wrt: Wrt
    profile: str
    check: bool
    comments: bool
    cache: bool | str | os.PathLike[str] | None
    threads: int | None
    expand: bool | None
    effort: str | None
    domain: GivenDomain
