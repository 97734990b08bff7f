"""A check at compile that waits until somebody reads what it says."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from codegen.call.compiled import CompiledFunction

if TYPE_CHECKING:
    from verify.answer.compile_check import Check

__all__ = ["LateCheck"]


class LateCheck:
    """Stands for ``CompiledFunction._check``: the first who reads it has the check made.

    Attributes:
        waits: Whether it waits for that; at a compile otherwise, as for users.
    """

    waits = False

    def __get__(self, compiled: CompiledFunction, owner: type) -> Check | None:
        kept = vars(compiled).get("_check")
        if isinstance(kept, partial):
            kept = vars(compiled)["_check"] = kept(compiled)
        return kept

    def __set__(self, compiled: CompiledFunction, check: Check | None) -> None:
        vars(compiled)["_check"] = check

    @staticmethod
    def certify(compiled: CompiledFunction, prove: Callable[[object], Check]) -> None:
        """In place of ``CompiledFunction.certify``."""
        compiled._check = partial(prove) if LateCheck.waits else prove(compiled)
