"""Constants of a gradient under proof: what its literals stand for, and whether that matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from verify.program.decimals import as_written, written
from verify.program.literals import CONSTANTS, is_short, readings
from verify.program.program import Program
from verify.rungs.constants.folded import folded, nearly
from verify.rungs.constants.leverage import is_levered, is_levered_beside, shows_reading
from verify.rungs.constants.residues import residues
from verify.rungs.constants.solved import solved
from verify.rungs.doubles import made_of_numbers

__all__ = ["SIDES", "meant", "meant_matters"]

SIDES = 24  # sides of all conditions, drawn at random
_FIRST = 3  # points at all of which steps are looked at
_STEPS = 20_000  # of a text that is run on them with many digits


def meant(
    function: Program,
    texts: Sequence[Program],
    rules: Program | None,
    written: bool,
    places: Sequence[int] | None = None,
) -> dict[float, str]:
    """What constants stand for: size of the literal -> ``sympy`` text.

    Args:
        function: The traced function.
        texts: The texts under proof.
        rules: The chain rule, with its numbers exact.
        written: Whether they are read as what they were written as (decimals.py).
    """
    own, literals = function.literals(), [x for text in texts for x in text.literals()]
    if written:
        made = {x: how for t in texts for x, how in (*_made_of(t).items(), *t.folds.items())}
        read = _as_written(own, literals, nearly(made), rules)
    else:
        read = readings(own, literals)
        if rules is not None:
            read |= folded(rules, own, literals)
            outputs = rules.outputs if places is None else [rules.outputs[i] for i in places]
            wanted = replace(rules, outputs=tuple(outputs))
            read |= solved(wanted, texts, {*map(abs, own)}, read)
    constants = _of_rules(rules.literals(), own) if rules is not None else {}
    return constants | read | residues(function, literals)


def _of_rules(literals: Iterable[float], own: Iterable[float]) -> dict[float, str]:
    """What numbers of the chain rule stand for, which the function does not have."""
    mine = {abs(x) for x in own}
    return {abs(x): CONSTANTS[abs(x)] for x in literals if abs(x) in CONSTANTS.keys() - mine}


def _as_written(
    own: Sequence[float], literals: Sequence[float], made: dict[float, str], rules: Program | None
) -> dict[float, str]:
    """What constants were written as, also those that the chain rule makes of the function's."""
    ruled: dict[float, str] = {}
    if rules is not None:
        mine = as_written(own, (), made)
        every = made_of_numbers(rules, lambda size: mine.get(size) or repr(size))
        ruled = nearly({x: every[x] for x in sorted({abs(x) for x in literals} & every.keys())})
    read = as_written(own, literals, made, ruled)
    left = [x for x in literals if abs(x) not in read]
    return readings([x for x in own if is_short(x)], left) | read


def _made_of(text: Program) -> dict[float, str]:
    """What a text computes of numbers, those that reading it computed taken apart as well."""

    def spelled(size: float) -> str:
        how = text.folds.get(size)
        return f"({how})" if how else written(size) or repr(size)

    return made_of_numbers(text, spelled)


def meant_matters(
    texts: Sequence[Program], read: Mapping[float, str], points: Sequence[Sequence[float]]
) -> bool:
    """True if constants of a text cancel, at points or on sides of its conditions.

    Args:
        texts: The texts, with their constants as they stand.
        read: What these may stand for.
        points: Where to look besides.
    """
    return any(
        is_levered(text, read, points[:_FIRST])
        or shows_reading(text, read, points)
        or (len(text.steps) <= _STEPS and is_levered_beside(text, read, SIDES))
        for text in texts
    )
