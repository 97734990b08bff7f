"""Verdicts and the report a person likes to read."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from autodiff.errors import ProofgradError
from autodiff.files import write_whole
from autodiff.quoting import plain
from verify.answer.certificate import FORMAT, certificate_text, digest_of, stamped
from verify.answer.reasons import Reason, Remark, joined

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Entry", "Report", "Verdict", "VerificationError", "Witness", "verdict_of"]


class VerificationError(ProofgradError, AssertionError):
    """A gradient was refuted, or nothing could be decided about it.

    The message holds the report: the point and both numbers where refuted, the reason where
    undecided.
    """


class Verdict(StrEnum):
    """What is known about one partial derivative, or all of them.

    PROVED: equal to SymPy's derivative as expressions.
    CERTIFIED: equal but for a stated, tiny probability.
    CERTIFIED-NUMERIC: found equal at points drawn after the text; the method says at how many,
    with how many digits, and how far apart floats were.
    UNDECIDED: no method gave an answer.
    REFUTED: different; there is a point that shows it.
    """

    PROVED = "PROVED"
    CERTIFIED = "CERTIFIED"
    CERTIFIED_NUMERIC = "CERTIFIED-NUMERIC"
    UNDECIDED = "UNDECIDED"
    REFUTED = "REFUTED"


_ORDER = tuple(Verdict)  # from best to worst
_STYLES = {
    Verdict.PROVED: "bold green",
    Verdict.CERTIFIED: "green",
    Verdict.CERTIFIED_NUMERIC: "green",
    Verdict.UNDECIDED: "bold yellow",
    Verdict.REFUTED: "bold red",
}


@dataclass(frozen=True)
class Witness:
    """A point where the gradient is wrong.

    Args:
        point: Every input by name.
        found: What the gradient under proof gives there.
        expected: What it should give, by SymPy.
    """

    point: dict[str, float]
    found: float
    expected: float

    def to_json(self) -> dict[str, object]:
        """Plain data that ``json`` can write; JSON has no nan, so that is a string."""
        numbers = {"found": self.found, "expected": self.expected}
        exactly = {name: float(x).hex() for name, x in self.point.items()}
        return {"point": self.point, "point_hex": exactly} | {
            name: x if math.isfinite(x) else repr(x) for name, x in numbers.items()
        }

    def __str__(self) -> str:
        point = ", ".join(f"{name} = {x!r}" for name, x in self.point.items())
        return f"at {point}: found {self.found!r}, SymPy {self.expected!r}"


@dataclass(frozen=True)
class Entry:
    """What is known about one number of a gradient.

    Args:
        input: The input it is the derivative by; "value" for the function's value.
        verdict: What is known.
        method: How.
        seconds: How long it took.
        witness: The counterexample, where refuted.
        note: Anything else worth knowing, in words: an active kink, a reason.
        remarks: The same as data; ``note`` is made of them where they are given.
    """

    input: str
    verdict: Verdict
    method: str
    seconds: float = 0.0
    witness: Witness | None = None
    note: str = ""
    remarks: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        if self.note and not self.remarks:
            object.__setattr__(self, "remarks", (Remark(Reason.NOTE, self.note),))
        object.__setattr__(self, "note", joined(self.remarks))

    def says(self, reason: Reason) -> bool:
        """True if a remark of this kind was made."""
        return any(remark.reason is reason for remark in self.remarks)

    def with_remarks(self, *remarks: Remark) -> Entry:
        """This entry with more to remark."""
        return replace(self, remarks=tuple(dict.fromkeys([*self.remarks, *remarks])))

    def without(self, *reasons: Reason) -> Entry:
        """This entry without remarks of these kinds."""
        kept = tuple(r for r in self.remarks if r.reason not in reasons)
        return replace(self, note="", remarks=kept)

    def to_json(self) -> dict[str, object]:
        """Plain data that ``json`` can write."""
        return {
            "input": self.input,
            "verdict": self.verdict.value,
            "method": self.method,
            "seconds": self.seconds,
            "witness": None if self.witness is None else self.witness.to_json(),
            "note": self.note,
            "reasons": list(dict.fromkeys(remark.reason.value for remark in self.remarks)),
        }


def verdict_of(entries: Iterable[Entry]) -> Verdict:
    """The worst verdict of some entries."""
    return max((entry.verdict for entry in entries), key=_ORDER.index, default=Verdict.PROVED)


@dataclass(frozen=True)
class Report:
    """What is known about a gradient.

    Args:
        function: Name of the function.
        subject: What was verified: the emitted code, someone's function or text.
        entries: One per input.
        value: The same for the function's value, where the gradient comes with it.
        facts: Further data for the saved report: hashes, versions, seed.
    """

    function: str
    subject: str
    entries: tuple[Entry, ...]
    value: Entry | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all entries."""
        return verdict_of(self.every_entry())

    def every_entry(self) -> tuple[Entry, ...]:
        """The entry of the value, where there is one, and those of the inputs."""
        return self.entries if self.value is None else (self.value, *self.entries)

    def raise_for_verdict(self) -> Report:
        """This report, if the gradient was proved or certified.

        Raises:
            VerificationError: if it was refuted or is undecided.
        """
        if self.verdict in (Verdict.REFUTED, Verdict.UNDECIDED):
            raise VerificationError(str(self))
        return self

    # --- text ---

    @property
    def title(self) -> str:
        """The first line: what, and the verdict."""
        return plain(f"{self.subject} of {self.function}: {self.verdict}")

    def _remarks(self) -> Iterator[str]:
        for name in self.facts.get("trusts", ()):
            yield f"trusts {name}: its rules were given by its author, not proven"
        for entry in self.every_entry():
            if entry.witness is not None:
                yield plain(f"{entry.input} {entry.witness}")
        notes: dict[str, list[str]] = {}
        for entry in self.every_entry():
            if entry.note:
                notes.setdefault(entry.note, []).append(entry.input)
        for note, inputs in notes.items():
            shown = ", ".join(inputs[:6]) + (", ..." if len(inputs) > 6 else "")
            yield f"{plain(shown)}: {note}"
        yield from self.facts.get("remarks", ())
        yield from self._scope()

    def __str__(self) -> str:
        rows = [("input", "verdict", "method", "time")]
        rows += [
            (plain(e.input), str(e.verdict), e.method, _time(e.seconds)) for e in self.every_entry()
        ]
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([self.title, "", *lines, *([""] * self._has_remarks()), *self._remarks()])

    def _scope(self) -> Iterator[str]:
        """Where a proof holds, and what it takes for granted."""
        if any(entry.verdict is Verdict.PROVED for entry in self.every_entry()):
            if domain := self.facts.get("domain"):
                yield plain(f"domain: proven {domain}")
            if assumed := self.facts.get("assumes"):
                yield f"assumes: {assumed}"

    def _has_remarks(self) -> bool:
        return any(True for _ in self._remarks())

    def __rich__(self) -> RenderableType:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(self.title, _STYLES[self.verdict]), title_justify="left")
        for column in ("input", "verdict", "method", "time"):
            table.add_column(
                column, justify="right" if column == "time" else "left", overflow="fold"
            )  # nothing cut off
        for entry in self.every_entry():
            style = _STYLES[entry.verdict]
            cells = (Text(plain(entry.input)), Text(str(entry.verdict), style), Text(entry.method))
            table.add_row(*cells, Text(_time(entry.seconds)))
        remarks = [Text(r, "red" if " SymPy " in r else "dim") for r in self._remarks()]
        return Group(table, *remarks)

    # --- data ---

    def to_json(self) -> dict[str, object]:
        """Plain data that ``json`` can write."""
        return {
            "format": FORMAT,
            "function": self.function,
            "subject": self.subject,
            "verdict": self.verdict.value,
            "value": None if self.value is None else self.value.to_json(),
            "entries": [entry.to_json() for entry in self.entries],
            **self.facts,
        }

    def certificate(self) -> str:
        """What ``save`` writes: a certificate (certificate.py), or without a graph this as JSON."""
        if "graph" not in self.facts:
            return json.dumps(self.to_json(), indent=2) + "\n"
        return certificate_text(self.to_json())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the certificate, whole or not at all; ``verify.recheck`` establishes it again.

        Raises:
            OSError: if the folder does not exist or cannot be written.
        """
        write_whole(path, self.certificate())

    def stamped(self, text: str) -> str:
        """The verified text with the certificate's digest in its first line."""
        return stamped(text, digest_of(json.loads(self.certificate())))


def _time(seconds: float) -> str:
    return f"{seconds * 1e3:.0f} ms" if seconds < 1.0 else f"{seconds:.1f} s"
