"""What the worker process answers: requests, one JSON a line, in order.

It knows nothing but the requests: SymPy, mpmath and this package, no user's code.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from verify.answer.reasons import Reason
from verify.numbers.algebra import NoFormError
from verify.program.program import Program
from verify.rungs.by_rules import composed
from verify.rungs.process.job import Job
from verify.rungs.row_values import values_of_text

__all__ = ["serve"]


def _answer(request: dict[str, Any], job: Job | None) -> tuple[Job | None, object]:
    if "load" in request:
        job = Job(request["load"])
        return job, job.facts()
    if "values" in request:
        return job, values_of_text(**request["values"])
    if "compose" in request:
        wanted = request["compose"]
        rules, *texts = map(Program.from_json, (wanted["rules"], *wanted["subjects"]))
        return job, composed(rules, texts, wanted["points"])
    if job is None:
        raise ValueError("nothing is loaded")
    return job, getattr(job, request["call"])(*request["arguments"])


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer requests until there are no more."""
    job: Job | None = None
    _write(answers, {"ok": "ready"})
    for line in requests:
        try:
            job, result = _answer(json.loads(line), job)
            answer = {"ok": result}
        except MemoryError:
            answer = {"error": "ran out of memory"}
        except NoFormError as error:
            answer = {"error": str(error), "reason": Reason.NO_FORM}
        except Exception as error:  # a step that fails leaves its entry undecided
            answer = {"error": f"{type(error).__name__}: {error}"}
        _write(answers, answer)


def _write(answers: TextIO, answer: dict[str, object]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
