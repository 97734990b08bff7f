"""What the targets have in common whose text is loaded and called: Python and NumPy."""

from __future__ import annotations

from typing import NoReturn

from autodiff.errors import UnsupportedError
from codegen.call.code import FunctionCode, GradientCode

__all__ = ["TextFunction", "TextGradient"]


class TextFunction:
    """A graph as text that runs.

    Args:
        code: Its code.
    """

    machine = None

    def __init__(self, code: FunctionCode) -> None:
        self._code = code
        code.main  # noqa: B018  # compiled now: no call shall wait for it

    @property
    def llvm(self) -> NoReturn:
        """There is none."""
        emission = self._code.emission
        raise UnsupportedError(
            f"{emission.name}: llvm: target {emission.target!r} has no machine code; compile with "
            "target='native', or read source"
        )

    def bind(self, *args: object, out: object) -> NoReturn:
        """There is no such callable: the text reads no arrays where they lie."""
        emission = self._code.emission
        raise UnsupportedError(
            f"{emission.name}: bind: target {emission.target!r} reads no arrays where they lie; "
            "compile with target='native'"
        )


class TextGradient(TextFunction):
    """Value and gradient as text that runs.

    Args:
        code: Its code.
    """

    _code: GradientCode

    def __init__(self, code: GradientCode) -> None:
        super().__init__(code)
