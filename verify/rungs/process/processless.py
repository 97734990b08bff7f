"""The worker where there are no processes: in a browser, steps run in this very Python.

A step is given up by an exception that a profile function raises once its time is over, so limits
hold at the next call of a Python function.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from autodiff.child import SilentError
from verify.rungs.process.alarm import TimeUp

__all__ = ["Within"]

_OFTEN = 200  # calls between two looks at the clock


class Within:
    """Answers requests as a process would.

    Attributes:
        is_running: True until it is killed.
    """

    def __init__(self) -> None:
        from verify.rungs.process.serving import Server  # SymPy

        self.is_running = True
        self._server = Server()
        self._request: Mapping[str, object] | None = None

    def send(self, request: Mapping[str, object]) -> None:
        """Take a request; ``receive`` answers it."""
        self._request = request

    def receive(self, seconds: float | None = None) -> Any:
        """The answer.

        Raises:
            SilentError: if it takes longer.
        """
        request, self._request = self._request, None
        if request is None:
            return {"ok": "ready"}
        # As between processes: what is changed there is not changed here.
        wanted = json.loads(json.dumps(request))
        before = sys.getprofile()
        sys.setprofile(_limit(seconds))
        try:
            answer = self._server.answer(wanted)
        except TimeUp:
            raise SilentError(f"no answer within {seconds:g} s, stopped") from None
        finally:
            sys.setprofile(before)
        return json.loads(json.dumps(answer, default=vars))

    def kill(self) -> None:
        """Forget the job."""
        self.is_running = False

    def wait(self) -> None:
        """There is nothing to wait for."""


def _limit(seconds: float | None) -> Callable[[FrameType, str, object], None] | None:
    """A profile function that ends what is running after some seconds."""
    if seconds is None:
        return None
    end, calls = time.monotonic() + seconds, 0

    def look(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1
        if calls % _OFTEN == 0 and time.monotonic() > end:
            raise TimeUp

    return look
