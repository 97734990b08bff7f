"""A custom primitive at its registration: its values at points, its rules as formulas.

The implementation is compared with the SymPy form over the whole domain: at random points, at
powers of ten up to the largest, at the ends of the domain, and right beside every number that its
source or its form holds, for that is where somebody may have made an exception.  What is compared
with is computed in the worker process, so a form that takes for ever is an error after a while.
"""

from __future__ import annotations

import ast
import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np

from autodiff.errors import ArgumentError, EmitError
from autodiff.graph.structure import SCALAR
from autodiff.table.custom_text import alone, source_of
from autodiff.table.primitive import REGISTRY, Guarded, Primitive, Rule, unless, when
from autodiff.trace.trace import record
from codegen import compile_graph
from verify.answer.report import Report, Verdict, VerificationError
from verify.ladder.implementation import is_its_form
from verify.numbers.balls import ball_library
from verify.rules.registered import Registered, note_registered
from verify.rules.rules import prove_rule, rule_graphs
from verify.rungs.process.process import StepError, shared_worker

__all__ = ["compare_numpy", "prove_custom", "recorded_rules", "text_of"]

_RANDOM, _MIXED = 60, 40  # points drawn where one argument is moved, and all
_EXPONENTS = (
    *range(-9, 10),
    *(s * e for e in (12, 15, 16, 18, 30, 60, 100, 150, 300) for s in (1, -1)),
)
_CONSTANTS = 24  # numbers of its source that are looked beside
_TOLERANCE = 1e-7  # relative: what is looked for is another function, not the last digits
_LARGE = 1e300
_DRAW = random.SystemRandom()
_CALLED = re.compile(r"np\.(\w+)")
_ONE_CALL = re.compile(r"np\.\w+\([{}\d, ]*\)")  # stands for the row, wherever it is met
_OWN_ROWS = [row for row in REGISTRY.values() if not row.module and not row.params]
_ROUNDING = 1e-12  # of the arguments' size: what cancellation may leave


def text_of(form: Callable[..., object], arguments: Sequence[str]) -> str:
    """Text of what ``form`` makes of SymPy's symbols."""
    import sympy

    return str(sympy.sympify(form(*map(sympy.Symbol, arguments))))


# --- rules -----------------------------------------------------------------------------------


def recorded_rules(rules: Sequence[Rule | None], arity: int) -> tuple[Rule | None, ...]:
    """The rules as they answer now, for good: what is proven is what will run.

    A rule that depends on a counter, the clock or a global variable would be proven once and be
    another one later.
    """
    return tuple(None if rule is None else _recorded(rule, arity) for rule in rules)


def _recorded(rule: Rule, arity: int) -> Rule:
    """A rule that repeats what ``rule`` does with placeholders."""
    polarity: list[bool | None] = []

    def once(g: object, out: object, *operands: object) -> object:
        result = rule(g, out, *operands)
        guarded = isinstance(result, Guarded)
        polarity.append(result.polarity if guarded else None)
        return (result.condition, result.value) if guarded else (0.0 if result is None else result)

    parameters = [(name, SCALAR) for name in ("g", "out", *(f"x{i}" for i in range(arity)))]
    graph = record(once, "rule", parameters)
    steps = [(n.primitive, n.operands, n.value) for n in graph.nodes[graph.inputs.size :]]
    flow = {None: None, True: when, False: unless}[polarity[0]]

    def replay(g: object, out: object, *operands: object) -> object:
        values = [g, out, *operands]
        for primitive, places, number in steps:
            values.append(number if primitive is None else primitive(*[values[i] for i in places]))
        results = [values[i] for i in graph.outputs]
        return results[0] if flow is None else flow(*results)

    return replay


def prove_custom(row: Primitive, time_limit: float = 10.0) -> Report:
    """Compare values of ``row`` with its SymPy text at points, and prove its rules.

    Raises:
        VerificationError: with the point and both numbers, or with what could not be decided.
        ArgumentError: if the text names what SymPy does not have, or has no value in time.
    """
    points = list(_points(row))
    compared, trusts = _compare_values(row, points, time_limit)
    entries = tuple(prove_rule(row, place, time_limit) for place in range(row.arity))
    report = Report(row.name, "rules", entries)
    if report.verdict in (Verdict.REFUTED, Verdict.UNDECIDED):
        hint = "\n\nGive domain= if the rules hold on an interval only."
        raise VerificationError(str(report) + (hint if report.verdict is Verdict.UNDECIDED else ""))
    trusts = trusts or _rules_beyond(row, points, time_limit)
    near = [[_drawn(_DRAW, *row.interval(place)) for place in range(row.arity)]]
    texts = {"source": _source(row)}
    if row.numpy:
        texts["numpy text"] = _numpy_function(row)
    unproven = tuple(what for what, text in texts.items() if not is_its_form(row, text, near))
    rules = [graph for place in range(row.arity) for _, _, graph in rule_graphs(row, place)]
    uses = {used: None for rule in rules for _, used, _ in rule.operations() if used.module}
    uses.pop(row, None)
    known = Registered(report.verdict, compared, trusts, unproven, tuple(uses))
    note_registered(row.name, known)
    return report


def _rules_beyond(row: Primitive, points: Sequence[Sequence[float]], time_limit: float) -> str:
    """What is not proven of the rules where there are values outside the domain, "" if nothing."""
    if not any(math.isfinite(row.impl(*p)) and not _is_inside(row, p) for p in points):
        return ""
    entries = [prove_rule(row, place, time_limit, everywhere=True) for place in range(row.arity)]
    wrong = [entry for entry in entries if entry.verdict is not Verdict.PROVED]
    return f"its rules are {wrong[0].verdict} there" if wrong else ""


def compare_numpy(row: Primitive) -> None:
    """Compare the NumPy text of ``row`` with its function at points.

    Raises:
        VerificationError: with the point and both numbers.
        ArgumentError: if the text holds what no emitted function may.
    """
    unread = _unread(row)
    if unread and not _ONE_CALL.fullmatch(row.numpy):
        raise ArgumentError(
            f"{row.name}: numpy={row.numpy!r}: np.{unread[0]} is no function that is read in a "
            "text; expected operators, np.where and functions that primitives have, or one call"
        )
    graph = record(row, row.name, [(f"x{i}", SCALAR) for i in range(row.arity)])
    try:
        over_arrays = compile_graph(graph, target="numpy", check=False)
        over_arrays(*[1.0] * row.arity)
    except (EmitError, SyntaxError, AttributeError, TypeError, ValueError) as error:
        raise ArgumentError(f"{row.name}: numpy={row.numpy!r}: {error}") from None
    points = [point for point in _points(row) if _is_inside(row, point)]
    with np.errstate(all="ignore"):
        (together,) = cast("tuple[Any]", over_arrays.__wrapped__(*np.array(points).T))
    try:
        in_batch = np.broadcast_to(np.asarray(together, np.float64), len(points)).tolist()
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{row.name}: numpy={row.numpy!r}: gives {np.shape(together)} numbers for "
            f"{len(points)} points; expected one for each"
        ) from None
    for point, beside_others in zip(points, in_batch, strict=True):
        expected = row.impl(*point)
        if not math.isfinite(expected):
            continue  # as where the function is compared with its form
        for found, where in ((over_arrays(*point), ""), (beside_others, " in a batch")):
            if not _agree(found, expected, point):
                raise VerificationError(
                    f"{row.name}({_shown(point)}): its numpy text {row.numpy!r} gives {found!r}"
                    f"{where}, the function {expected!r}. Correct one of them"
                )


def _unread(row: Primitive) -> list[str]:
    """The functions in a NumPy text that no row is spelled with, which nobody reads."""
    known = {name for own in _OWN_ROWS for name in _CALLED.findall(own.numpy)}
    return sorted({*_CALLED.findall(row.numpy)} - known)


def _numpy_function(row: Primitive) -> str:
    """Text of a function that returns what the NumPy text gives; "" if not point by point."""
    if _unread(row):
        return ""
    names = [f"x{i}" for i in range(row.arity)]
    return f"def {row.name}({', '.join(names)}):\n    return {row.numpy.format(*names)}\n"


# --- values ----------------------------------------------------------------------------------


def _compare_values(row: Primitive, points: list[list[float]], seconds: float) -> tuple[str, str]:
    """How the implementation was compared, and where it differs outside the domain."""
    expected = _expected(row, points, seconds)
    compared, trusts = 0, ""
    for point, exact in zip(points, expected, strict=True):
        found = row.impl(*point)
        if not _same(row.impl(*point), found):
            raise ArgumentError(
                f"{row.name}({_shown(point)}): gives {found!r}, and then something else; expected "
                "a function of its arguments alone"
            )
        if exact is None or not math.isfinite(found):
            continue  # no number to compare with; overflow and poles are the format's
        inside = _is_inside(row, point)
        compared += inside
        if _agree(found, exact, point):
            continue
        differs = f"found {found!r}; its SymPy form {row.sympy!r} gives {exact!r}"
        if inside:
            raise VerificationError(f"{row.name}({_shown(point)}): {differs}. Correct one of them")
        trusts = trusts or f"{row.name}({_shown(point)}): {differs}"
    if not compared:
        raise ArgumentError(
            f"{row.name}: its SymPy form {row.sympy!r} is nowhere a real number; check domain="
        )
    by = "enclosed by balls" if ball_library() is not None else "with 60 digits"
    where = "drawn at random, up to 1e300, and beside every number in its source"
    return (
        f"its values were compared with its SymPy form at {compared} points, {by}, {where}",
        trusts,
    )


def _expected(row: Primitive, points: list[list[float]], seconds: float) -> list[float | None]:
    """The form's values, found in the process that can be killed."""
    worker = shared_worker()
    request = {"values": {"text": row.sympy, "arity": row.arity, "points": points}}
    try:
        with worker.lock:
            found = worker.ask(request, seconds)
    except StepError as error:
        raise ArgumentError(
            f"{row.name}: sympy={row.sympy!r}: {error}; expected a form whose values are found soon"
        ) from None
    if found["unknown"]:
        raise ArgumentError(
            f"{row.name}: sympy={row.sympy!r}: {found['unknown']!r} is no function known here; "
            "expected functions of SymPy and the argument names"
        )
    values: list[float | None] = found["values"]
    return values


def _agree(found: float, exact: float, point: Sequence[float]) -> bool:
    """True if rounding explains the difference; what is too large for a float may be any large."""
    if math.isinf(exact):
        return math.copysign(found, exact) == found and abs(found) > _LARGE
    size = max(1.0, *map(abs, point))
    return abs(found - exact) <= _TOLERANCE * abs(exact) + _ROUNDING * size


def _shown(point: Sequence[float]) -> str:
    return ", ".join(map(repr, point))


def _same(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


def _is_inside(row: Primitive, point: Sequence[float]) -> bool:
    """True inside the domain; an end that is a number is none of it."""
    bounds = [row.interval(place) for place in range(row.arity)]
    return all(low <= x <= high for x, (low, high) in zip(point, bounds, strict=True))


def _points(row: Primitive) -> Iterator[list[float]]:
    """Points to compare at: one argument moved over all that is special, the others drawn."""

    def drawn() -> list[float]:
        return [_drawn(_DRAW, *row.interval(place)) for place in range(row.arity)]

    special = list(_special(row))
    for place in range(row.arity):
        ends = [x for end in row.interval(place) if math.isfinite(end) for x in _beside(end)]
        for x in (*special, *ends):
            yield [x if i == place else y for i, y in enumerate(drawn())]
        for _ in range(_RANDOM):
            yield drawn()
    for _ in range(_MIXED if row.arity > 1 else 0):
        yield [_DRAW.choice(special) for _ in range(row.arity)]


def _special(row: Primitive) -> Iterator[float]:
    yield from (0.0, 1.0, -1.0)
    for exponent in _EXPONENTS:
        yield from (10.0**exponent, -(10.0**exponent), 3.0 * 10.0**exponent)
    for number in _numbers(row):
        yield from _beside(number)


def _beside(x: float) -> tuple[float, ...]:
    """A number and its neighbours, near and very near."""
    tiny = 1e-6 * (abs(x) or 1.0)
    return x, math.nextafter(x, math.inf), math.nextafter(x, -math.inf), x + tiny, x - tiny


def _numbers(row: Primitive) -> list[float]:
    """The numbers in a primitive's form, its source and its NumPy text, and their negatives."""
    names = [f"x{i}" for i in range(row.arity)]
    texts = [row.sympy.format(*names), _source(row), row.numpy.format(*names)]
    found: dict[float, None] = {}
    for text in filter(None, texts):
        for node in ast.walk(ast.parse(text)):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, (int, float)) and abs(value) < 1e300:
                found |= dict.fromkeys((float(value), -float(value)))
    return list(found)[: 2 * _CONSTANTS]


def _source(row: Primitive) -> str:
    """Text of the user's function, "" if it is not there, or names in it mean something else."""
    value = getattr(row.impl, "__wrapped__", row.impl)
    source = None if alone(value) is None else source_of(value)
    return "" if source is None else source[0]


def _drawn(source: random.Random, low: float, high: float) -> float:
    """A number inside an interval."""
    if math.isfinite(low) and math.isfinite(high):
        return low + (high - low) * source.uniform(0.001, 0.999)
    if math.isfinite(low):
        return low + source.expovariate(0.7)
    if math.isfinite(high):
        return high - source.expovariate(0.7)
    return source.gauss(0.0, 1.5)
