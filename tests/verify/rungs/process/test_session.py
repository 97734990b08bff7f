"""How long steps of a session may take."""

from __future__ import annotations

from typing import Any

import pytest

from verify.rungs.process.process import Worker
from verify.rungs.process.session import Session


class Recording(Worker):
    """Answers at once, and keeps how long each step was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[float] = []

    def start(self) -> None:
        """Nothing runs."""

    def ask(self, request: dict[str, Any], seconds: float) -> Any:
        """What facts, or a step, are."""
        self.given.append(seconds)
        return {} if "load" in request else []


@pytest.mark.parametrize(("limit", "spent", "given"), [(10, 0, 10), (10, 9.9, 5), (0.1, 0.1, 1)])
def test_a_proof_in_linear_time_has_half_of_it_at_least(
    limit: float, spent: float, given: float
) -> None:
    """However long points took, on a machine that did something else meanwhile."""
    worker = Recording()
    session = Session(lambda _: {}, ["x"], ["x"], [""], worker, limit)
    session._spent = spent
    session.ask_within_the_rest("compose", 1)
    assert worker.given[-1] == pytest.approx(given, abs=0.05)
