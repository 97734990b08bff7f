"""Exceptions that a function handles by itself: in a trace nothing raises, and no handler runs.

``math.log(x)`` raises for -1.0, and ``try: ... except ValueError: ...`` goes on with something
else.  A trace computes nan.  Where a call gives a number and its trace none, the call is watched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from autodiff.errors import is_user_file

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TypeAlias

    _Raised: TypeAlias = tuple[type[BaseException], BaseException, TracebackType]

__all__ = ["swallowed"]

_OF_NUMBERS = ArithmeticError, ValueError, LookupError
_ADVICE = (
    "which it handles; a trace has nan or an infinity there, and goes on with that. Ask before it "
    "is computed: y = math.log(x) if x > 0 else 0.0"
)


def swallowed(call: Callable[[], object]) -> str:
    """What a call raises in the user's code and handles there, as an error says it; "" if nothing.

    Args:
        call: Calls the function; it is called once more.
    """
    found: list[str] = []

    def watch(frame: FrameType, event: str, raised: _Raised | None) -> object:
        if not is_user_file(frame.f_code.co_filename):
            return None
        if event == "exception" and raised is not None and issubclass(raised[0], _OF_NUMBERS):
            place = f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"
            found.append(f"{place} raises {raised[0].__name__}")
        return watch

    before = sys.gettrace()
    sys.settrace(watch)  # type: ignore[arg-type]
    try:
        call()
    except Exception:
        return ""
    finally:
        sys.settrace(before)
    return f"{found[0]}, {_ADVICE}" if found else ""
