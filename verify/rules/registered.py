"""What is known of the primitives that users registered: how far their rules are proven.

A verdict about a function is never better than that of the worst rule it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autodiff.graph.graph import Graph
from autodiff.table.primitive import Primitive
from verify.answer.report import Verdict

__all__ = ["Registered", "about", "note_registered", "trusted_rows", "weakest"]

_ORDER = tuple(Verdict)  # from best to worst
_AT_POINTS = Verdict.CERTIFIED_NUMERIC


@dataclass(frozen=True)
class Registered:
    """A primitive of a user's, as its registration found it.

    Args:
        verdict: The worst of its rules.
        compared: How its implementation was compared with its SymPy form.
        trusts: Where the two differ outside the domain its author gave, "" if nowhere.
        unproven: Texts of it that are not proven to be this form: its source, its NumPy text.
        uses: Other primitives of users' that its rules are made of.
    """

    verdict: Verdict
    compared: str
    trusts: str = ""
    unproven: tuple[str, ...] = ()
    uses: tuple[Primitive, ...] = ()

    def weakness(self, name: str) -> tuple[Verdict, str]:
        """No verdict about what uses the primitive is better than this, and why."""
        if _ORDER.index(self.verdict) < _ORDER.index(_AT_POINTS):
            if self.unproven:
                text = " and the ".join(self.unproven)
                return _AT_POINTS, f"the {text} of {name}: not proven to be its SymPy form"
            if self.trusts:
                return _AT_POINTS, f"trusts {name} outside its domain: {self.trusts}"
        return self.verdict, f"the rules of {name} are {self.verdict}"


_KNOWN: dict[str, Registered] = {}


def note_registered(name: str, found: Registered) -> None:
    """Keep what a registration found; a later one under the name takes its place."""
    _KNOWN[name] = found


def _rows(graph: Graph) -> list[Primitive]:
    """The users' primitives in a graph, and those that their rules are made of."""
    found = [row for _, row, _ in graph.operations() if row.module]
    for row in found:
        if row.name in _KNOWN:
            found += [used for used in _KNOWN[row.name].uses if used not in found]
    return sorted(dict.fromkeys(found), key=lambda row: row.name)


def _of(graph: Graph) -> Iterator[tuple[str, Registered]]:
    if not _KNOWN:  # a check at compile asks
        return
    for row in _rows(graph):
        if row.name in _KNOWN and not row.trusted:
            yield row.name, _KNOWN[row.name]


def trusted_rows(graph: Graph) -> list[str]:
    """Names of the primitives that ``graph`` rests on and whose rules nobody has proven."""
    return [row.name for row in _rows(graph) if row.trusted]


def weakest(graph: Graph) -> tuple[Verdict, str]:
    """The worst verdict among the users' primitives in a graph, and why it is no better."""
    found = [known.weakness(name) for name, known in _of(graph)]
    return max(found, key=lambda each: _ORDER.index(each[0]), default=(Verdict.PROVED, ""))


def about(graph: Graph) -> list[str]:
    """What a report says of the users' primitives in a graph: how they were compared, what is left
    to trust."""
    told = []
    for name, known in _of(graph):
        told.append(f"{name}: {known.compared}")
        if not known.unproven:
            told[-1] += "; its source is proven to be this form"
        for text in known.unproven:
            told.append(
                f"trusts {name} between these points: its {text} is not proven to be this form"
            )
        if known.trusts:
            told.append(f"trusts {name} outside its domain: {known.trusts}")
    return told
