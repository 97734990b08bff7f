"""What ``help`` says about a row: made from the row, so that it cannot say anything else.

A row's ``__doc__`` is its own; ``Primitive.__doc__`` stays that of the class.

In: rows.  Out: their docstrings and signatures.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from autodiff.table.declared import signature_of
from autodiff.table.primitive import PUBLIC, REAL, Guarded, Operand, Primitive

__all__ = ["derivatives", "described", "operand_names", "put_descriptions"]

_T = TypeVar("_T")
LONGEST = 100  # characters of a formula that still tells something
_ATOM = re.compile(r"\w+\((?:[^()]|\([^()]*\))*\)|[\w.]+")  # needs no brackets
_CALL = re.compile(r"\w+\([^()]*\)")  # a template whose operands need none
_POINT = (0.5, 0.25, 0.75)


def described(row: Primitive) -> str:
    """The docstring of a row."""
    names = operand_names(row)
    lines = [f"{row.name}({', '.join(names)}): {row.about or 'a primitive of your own'}.", ""]
    if row.ufunc:
        lines += [f"NumPy's spelling ``np.{row.ufunc}`` is recorded as the same primitive.", ""]
    lines += [
        "Args:",
        *(f"    {name}: {_expected(row, place)}" for place, name in enumerate(names)),
    ]
    lines += ["", "Returns:", f"    {_RESULTS[row.predicate]}"]
    lines += ["", "Raises:", f"    {_RAISES}", "", "Derivative:"]
    lines += [f"    {line}" for line in derivatives(row)]
    lines += [f"    Kink, {where}: {what}." for where, what in row.kinks]
    return "\n".join([*lines, *_example(row)]) + "\n"


_RESULTS = {
    False: "A float for floats; else what a Value, a traced number or an array computes with.",
    True: "True or False (1.0 or 0.0 as a number); an array of them for arrays.",
}


_RAISES = "ArgumentError: if an operand is no number, or there are too few or too many."


def _expected(row: Primitive, place: int) -> str:
    low, high = row.interval(place)
    if place in row.literal:
        return "A plain number, which is not differentiated."
    if place in row.conditions:
        return "A condition, as comparisons give it; or an array of them."
    inside = "" if (low, high) == REAL else f"  Real results from {low:g} to {high:g}, else nan."
    return f"A float, a Value, a traced number, or an array of these (by element).{inside}"


def operand_names(row: Primitive) -> list[str]:
    """What the operands are called: as in the row's rules."""
    rules = [rule for rule in row.partials if rule is not None]
    if not rules:
        return ["x", "y", "z"][: row.arity]
    return list(signature_of(rules[0]).parameters)[2:][: row.arity]


def _example(row: Primitive) -> list[str]:
    """A call, for those that a user reaches under their names."""
    called: object = PUBLIC.get(row.name)
    if called is not row or row.module:
        return []
    point = _POINT[: row.arity]
    if row.conditions == (0,) and row.arity == 3:
        point = (True, *point[1:])
    point = tuple(max(x, row.interval(place)[0]) for place, x in enumerate(point))
    shown = ", ".join(map(repr, point))
    return ["", ">>> import autodiff as ad", f">>> ad.{row.name}({shown})", repr(row(*point))]


# --- derivatives as formulas ---------------------------------------------------------------------


def derivatives(row: Primitive) -> list[str]:
    """Per operand the row's rule, written as Python."""
    names = operand_names(row)
    operands: list[object] = [_Formula(name) for name in names]
    result = _Formula(f"{row.name}({', '.join(names)})")
    return [
        f"by {name}: {_rule_text(rule, result, operands)}"
        for name, rule in zip(names, row.partials, strict=True)
        if rule is not None
    ] or ["0 everywhere."]


def _rule_text(rule: Callable[..., object], result: object, operands: Sequence[object]) -> str:
    try:
        text = _text_of(rule(1.0, result, *operands))
    except Exception:  # a rule may ask for what only a number has
        return "see its row in autodiff.ops."
    return (
        text
        if len(text) <= LONGEST
        else "its accurate form has many terms; see its row in autodiff.ops."
    )


class _Formula(Operand):
    """An operand that remembers how it is written."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def bind(self, primitive: Primitive, operands: tuple[object, ...]) -> object:
        """The row's own Python text, with the operands in it."""
        if primitive.name == "mul" and operands[0] == 1.0 and type(operands[0]) is float:
            return operands[1]
        atoms = [_text_of(one) for one in operands]
        if not _CALL.fullmatch(primitive.python):
            atoms = [one if _ATOM.fullmatch(one) else f"({one})" for one in atoms]
        return _Formula(primitive.python.format(*atoms))


def _text_of(value: object) -> str:
    if isinstance(value, Guarded):
        condition = _text_of(value.condition)
        holds = condition if value.polarity else f"not ({condition})"
        return f"{_text_of(value.value)} if {holds} else 0"
    return value.text if isinstance(value, _Formula) else _number(value)


def _number(value: object) -> str:
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


# --- on the class --------------------------------------------------------------------------------


class _OfRow(Generic[_T]):
    """An attribute that a class has and each of its rows has differently."""

    def __init__(self, of_class: _T, of_row: Callable[[Primitive], _T]) -> None:
        self._of_class, self._of_row = of_class, of_row

    def __get__(self, row: Primitive | None, owner: type) -> _T:
        return self._of_class if row is None else self._of_row(row)


def _signature(row: Primitive) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_ONLY
    return inspect.Signature([inspect.Parameter(name, kind) for name in operand_names(row)])


def put_descriptions() -> None:
    """Give every row, now and later, a docstring and a signature of its own."""
    for name, of_class, of_row in (
        ("__doc__", Primitive.__doc__, described),
        ("__signature__", inspect.signature(Primitive), _signature),
    ):
        setattr(Primitive, name, _OfRow(of_class, of_row))
