"""Domain: where a function is singular or not differentiable, and what its gradient returns there.

``domain_report`` goes through the primitives of the function and lists each border (borders.py) in
the user's own expressions, with the convention of the row.  Where a point on the border is found,
next to the examples or at a round number, it tells the gradient there.  At the example itself it
tells which kinks are active, the one-sided derivatives, and what the gradient returned there means
(clarke.py).
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from autodiff.graph.graph import Graph
from autodiff.graph.tree.given import given_seconds
from autodiff.run.interpret import run
from autodiff.run.transform import value_and_gradient
from verify.beside.borders import Border, borders_of, is_atom, is_positive
from verify.ladder.ladder import subject_and_points
from verify.rungs.process.findings import AtPoint
from verify.rungs.process.process import StepError, shared_worker
from verify.rungs.process.session import Session
from verify.subjects.subject import Subject

__all__ = ["Candidate", "DomainReport", "domain_report"]

_LONGEST = 60  # characters of an expression; a longer one is called %n
_SEARCHED = 100  # borders that a point is looked for on
_ROUND = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)
_HALVINGS = 60


@dataclass(frozen=True)
class Candidate:
    """One place where the function may have no derivative.

    Args:
        expression: The operation, in the user's names.
        kind: "kink", "jump", "singular", or "switch" of a condition.
        where: The equation of the border.
        convention: What the rules return there, by the table; "" if they follow from IEEE-754.
        line: File and line, "" if they are not known.
        point: A point on the border by input, None if none was found.
        gradient: What the gradient returns there.
    """

    expression: str
    kind: str
    where: str
    convention: str = ""
    line: str = ""
    point: dict[str, float] | None = None
    gradient: dict[str, float] | None = None

    def __str__(self) -> str:
        parts = [f"{self.expression}: {self.kind} where {self.where}"]
        if self.convention:
            parts.append(f"convention {self.convention}")
        if self.point is not None and self.gradient is not None:
            at = ", ".join(f"{name} = {x:g}" for name, x in self.point.items())
            found = ", ".join(f"d/d{name} = {x:g}" for name, x in self.gradient.items())
            parts.append(f"at {at} the gradient is {found}")
        return "; ".join(parts) + (f"  [{self.line}]" if self.line else "")


@dataclass(frozen=True)
class DomainReport:
    """Where a function may have no derivative.

    Args:
        function: Its name.
        candidates: The borders, in the order of the function's operations.
        example: Every input by name, None without an example.
        meaning: What the gradient returned there is: "SMOOTH" (the derivative), "CLARKE" (inside
            the Clarke subdifferential), "NOT-CLARKE", "DISCONTINUOUS", "CONVENTION(unknown)", or
            "" without an example.
        why: More about the meaning.
        active: Operations on a border at the example.
        sides: Derivatives from the left and from the right by each input; None where not known.
    """

    function: str
    candidates: tuple[Candidate, ...]
    example: dict[str, float] | None = None
    meaning: str = ""
    why: str = ""
    active: tuple[str, ...] = ()
    sides: dict[str, tuple[float | None, float | None]] | None = None

    def to_json(self) -> dict[str, object]:
        """Plain data that ``json`` can write; numbers that are not finite are strings."""
        plain = {**vars(self), "candidates": [vars(c) for c in self.candidates]}
        return {key: _finite(value) for key, value in plain.items()}

    def __str__(self) -> str:
        count = len(self.candidates)
        places = f"{count} place{'s' if count > 1 else ''} where it may have no derivative"
        lines = [f"{self.function}: {places if count else 'differentiable wherever it is defined'}"]
        lines += [f"  {candidate}" for candidate in self.candidates]
        if self.example is not None:
            at = ", ".join(f"{name} = {x:g}" for name, x in self.example.items())
            why = f" ({self.why})" if self.why else ""
            lines += ["", f"at {at}: {self.meaning}{why}"]
            lines += [f"  on the border: {operation}" for operation in self.active]
            if self.meaning != "SMOOTH":
                lines += [f"  {_sides_text(n, s)}" for n, s in (self.sides or {}).items()]
        return "\n".join(lines)


def _sides_text(name: str, sides: Sequence[float | None]) -> str:
    left, right = ("not known" if x is None else f"{x:g}" for x in sides)
    return f"d/d{name} from the left {left}, from the right {right}"


def _finite(data: object) -> object:
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    return repr(data) if isinstance(data, float) and not math.isfinite(data) else data


def domain_report(
    function: Callable[..., object] | Graph, *examples: object, time_limit: float = 10.0
) -> DomainReport:
    """Where a function is singular or not differentiable, and what its gradient returns there.

    Args:
        function: An ordinary Python function, a graph, or what ``compile_gradient`` returned.
        examples: One value per argument, as for ``compile_gradient``; what happens there is told.
        time_limit: Seconds that looking at the example may take, and looking for points on the
            borders.

    Returns:
        Candidates (the user's expressions with the condition under which they are singular or
        have a kink), and what the gradient means at the example.

    Raises:
        ArgumentError: if the examples do not fit the function.
        TraceError: if the function cannot be traced.
        DifferentiationError: if it does not return one float.

    >>> import autodiff as ad
    >>> def f(x, y):
    ...     return ad.log(x) + abs(y)
    >>> report = domain_report(f, 1.0, 0.0)
    >>> [(c.expression, c.kind, c.where) for c in report.candidates]
    [('log(x)', 'singular', 'x = 0'), ('abs(y)', 'kink', 'y = 0')]
    >>> report.meaning, report.sides["y"]
    ('CLARKE', (-1.0, 1.0))
    """
    given_seconds("time_limit", time_limit)
    subject, points = subject_and_points(function, examples, None)
    graph, example = subject.graph, points[0] if points else None
    look = _Look(graph, subject.inputs, example or [1.0] * graph.inputs.size, time_limit)
    candidates = tuple(look.candidates())
    if example is None or not all(map(math.isfinite, example)) or subject.unreadable:
        return DomainReport(graph.name, candidates)
    told = _meaning(subject, example, time_limit)
    names = [graph.inputs.names[i] for i in subject.inputs]
    return DomainReport(
        graph.name,
        candidates,
        dict(zip(graph.inputs.names, example, strict=True)),
        told.meaning,
        told.why,
        tuple(look.text(place) for place in told.places),
        {name: (left, right) for name, (left, right) in zip(names, told.sides, strict=False)},
    )


def _meaning(subject: Subject, example: list[float], seconds: float) -> AtPoint:
    """What ``clarke.at_point`` tells, in the process that can be killed."""
    worker = shared_worker()
    names = subject.graph.inputs.names
    with worker.lock:
        session = Session(
            lambda chain: subject.message([example], secrets.token_hex(16), chain),
            subject.names,
            names,
            subject.labels,
            worker,
            seconds,
        )
        try:
            return session.meaning(example, subject.settled(example))
        except StepError as error:
            return AtPoint(why=str(error))


# --- borders of a graph ----------------------------------------------------------------------


class _Look:
    """Borders of one graph, in words, and points on them."""

    def __init__(
        self, graph: Graph, inputs: Sequence[int], base: list[float], seconds: float
    ) -> None:
        self._graph, self._inputs, self._base = graph, inputs, base
        self._until = process_time() + seconds
        self._gradient = value_and_gradient(graph)
        self._texts: dict[int, str] = {}

    def candidates(self) -> Iterator[Candidate]:
        """Every border of an operation that the result depends on."""
        seen: set[tuple[str, str]] = set()
        positive: set[int] = set()
        for place, row, operands in self._graph.operations():
            literals = tuple(
                (p, value)
                for p, i in enumerate(operands)
                if (value := self._graph.constants.get(i)) is not None
            )
            if not operands or len(literals) == len(operands):
                continue
            known = frozenset(p for p, i in enumerate(operands) if i in positive)
            if is_positive(row.sympy, literals, known):
                positive.add(place)
            names = {f"x{p}": self.text(i) for p, i in enumerate(operands)}
            for border in borders_of(row.sympy, literals):
                where = border.words(names)
                if (border.kind, where) in seen or not border.exists(known):
                    continue
                seen.add((border.kind, where))
                convention = "; ".join(f"{at}: {value}" for at, value in row.kinks)
                found = {"convention": convention, "line": self._line(place)}
                searched = len(seen) <= _SEARCHED and process_time() < self._until
                on = self._point_on(border, operands) if searched else None
                point, gradient = (None, None) if on is None else (self._named(on), self._at(on))
                yield Candidate(
                    self.text(place), border.kind, where, **found, point=point, gradient=gradient
                )

    def text(self, place: int) -> str:
        """A node in the user's names."""
        stack = [place]
        while stack:
            node = self._graph.nodes[stack[-1]]
            missing = [i for i in node.operands if i not in self._texts]
            if missing:
                stack += missing
                continue
            self._texts.setdefault(stack[-1], self._spelled(stack[-1]))
            stack.pop()
        return self._texts[place]

    def _spelled(self, place: int) -> str:
        row, operands = self._graph.nodes[place][:2]
        if place < self._graph.inputs.count:
            return self._graph.inputs.names[place]
        if row is None:
            return repr(self._graph.constants[place])
        texts = [self._texts[i] for i in operands]
        call = f"{row.name}({', '.join(texts)})"
        if not row.sympy[:1].isalpha():
            parts = [t if is_atom(t) else f"({t})" for t in texts]
            call = row.sympy.format(*parts) if row.arity <= 2 and len(row.sympy) < 12 else call
        if len(call) <= _LONGEST:
            return call
        origin = self._graph.origin(place)
        return (origin.name if origin is not None else "") or f"%{place}"

    def _line(self, place: int) -> str:
        origin = self._graph.origin(place)
        return (
            f"{Path(origin.file).name}:{origin.line}" if origin is not None and origin.file else ""
        )

    # --- points ---

    def _named(self, point: Sequence[float]) -> dict[str, float]:
        return dict(zip(self._graph.inputs.names, point, strict=True))

    def _at(self, point: Sequence[float]) -> dict[str, float]:
        """The gradient at a point: the emitted code gives the same bits."""
        values = run(self._gradient, point)
        found = [float(values[i]) for i in self._gradient.outputs[1:]]
        return {self._graph.inputs.names[i]: x for i, x in zip(self._inputs, found, strict=True)}

    def _point_on(self, border: Border, operands: Sequence[int]) -> list[float] | None:
        """A point on the border that differs from the base in one input; None if none is found."""

        def gap(point: list[float]) -> float | None:
            values = run(self._graph, point)
            return border.distance([float(values[i]) for i in operands])

        here = gap(self._base)
        if here is None or here == 0.0:
            return None if here is None else list(self._base)
        for i in range(min(len(self._base), 20)):
            for x in (*_ROUND, *self._base):
                point = [x if j == i else y for j, y in enumerate(self._base)]
                there = gap(point)
                if there == 0.0:
                    return point
                if there is not None and there * here < 0.0:
                    between = _bisected(gap, list(self._base), point, here)
                    if between is not None:
                        return between
        return None


def _bisected(
    gap: Callable[[list[float]], float | None], here: list[float], there: list[float], sign: float
) -> list[float] | None:
    """The point between two where the gap is exactly zero; None if floating point has none."""
    for _ in range(_HALVINGS):
        middle = [0.5 * x + 0.5 * y for x, y in zip(here, there, strict=True)]
        found = gap(middle)
        if found is None or found == 0.0:
            return None if found is None else middle
        here, there = (middle, there) if found * sign > 0.0 else (here, middle)
    return None
