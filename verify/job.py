"""Job: one gradient under proof, as the worker process holds it between steps.

Steps are small, so that each can have a time limit: compare at the next point, prove one entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from verify.compare import Comparison
from verify.kinks import active_kinks
from verify.literals import readings
from verify.oracle import ChainRule, WholeFunction, fits_whole
from verify.points import candidates
from verify.precise import Precise
from verify.program import Program
from verify.prove import Proof

__all__ = ["Job"]

_TRIES = 90  # points tried at most
_PLAIN = 5  # points wanted on any side; further ones only on sides not seen yet
_POINTS = 10
_SPECIAL = 24


class Job:
    """A gradient under proof.

    Args:
        message: What ``Subject.message`` (subject.py) wrote.
    """

    def __init__(self, message: Mapping[str, Any]) -> None:
        self._forward = Program.from_json(message["forward"])
        self._subjects = [Program.from_json(p) for p in message["subjects"]]
        self._inputs: Sequence[int] = message["inputs"]
        self._domain = [(low, high) for low, high in message["domain"]]
        self._value: bool = message["value"]
        whole = not message["chain"] and fits_whole(self._forward)
        oracle = (WholeFunction if whole else ChainRule)(self._forward, self._inputs)
        literals = [x for p in self._subjects for x in p.literals()]
        self._read = readings(self._forward.literals(), literals)
        self._comparison = Comparison(
            self._forward, self._subjects, self._value, oracle, self._read
        )
        self._proofs = [
            Proof(self._forward, p, self._value, self._inputs, self._domain, self._read)
            for p in self._subjects
        ]
        special = [x for x in (*self._forward.literals(), *literals) if 1e-12 < abs(x) < 1e12]
        points = candidates(message["examples"], self._domain, special[:_SPECIAL], message["seed"])
        self._candidates = islice(points, _TRIES)
        self._seen: list[tuple[Any, ...]] = []

    def facts(self) -> dict[str, Any]:
        """What the report says about the methods."""
        return {"oracle": self._comparison.oracle.method, "read": self._read}

    def point(self) -> dict[str, Any]:
        """Compare at the next point that tells something; {} when there is none."""
        if len(self._seen) >= _POINTS:
            return {}
        for point in self._candidates:
            valid, answers = self._comparison.visit(point)
            if valid and (len(self._seen) < _PLAIN or answers not in self._seen):
                self._seen.append(answers)
                return {"point": point, **self._compared()}
        return {}

    def _compared(self) -> dict[str, Any]:
        if not self._subjects:
            return {"derivatives": [float(x) for x in self._comparison.derivatives()]}
        return {"outcomes": [vars(outcome) for outcome in self._comparison.outcomes()]}

    def prove(self, entry: int) -> dict[str, Any]:
        """How entry ``entry`` (0 is the value) is proven by symbols; None if it is not."""
        steps = [proof.step(entry) for proof in self._proofs]
        decisive = [s for s in steps if s is not None]
        if len(decisive) < len(steps) or not steps:
            return {"step": None}
        return {"step": max(decisive, key=len)}

    def kinks(self, point: Sequence[float]) -> list[dict[str, Any]]:
        """Where the function has no derivative at ``point``."""
        return active_kinks(self._forward, Precise(), point)
