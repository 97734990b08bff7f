"""A text without what it does where switches tie, once that is known to follow from the function.

There an emitted text hands the derivatives it has found to ``_f_settled``, which returns them, or,
where no side of the tie has such derivatives, those of the smooth pieces (``autodiff.run.pieces``).
That is right at any point, whatever is asked, if the pieces are those of the function at this
point.  So their text must be the very text that is written for the function, the point must be the
arguments, and what is settled must be what is returned.  What is left is proven as it stands.

``forward`` hands the point on: it may return the arguments behind the residuals that ``backward``
takes apart, which settles there what it would return without them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from codegen.language.syntax import syntax_tree
from codegen.text.at_ties import starred_first, unstarred
from verify.program.stands import keeps, stands

__all__ = ["AtTies", "unread", "without_ties"]

_LEADS = re.compile(
    r"^(( +)if (?:[^\n]*|\(\n(?:\2    [^\n]*\n)+\2\)):\n"
    r"\2    )raise ArithmeticError_*\n(?=\2return )",
    re.MULTILINE,
)
_IF = r"^    if (?P<asked>[^\n]*|\(\n(?:        [^\n]*\n)+    \)):\n"
_NEGATIVE = r"\(-[\w.+-]+\)"  # a number below zero, as it stands in a text
_CALL = (
    r"        (?P<bars>\w+) = _(?P<name>\w+)_settled"
    rf"\((?P<given>(?:[^()]|{_NEGATIVE})*)\)\n"
)
_THERE = r"        return (?P<there>(?:[^\n]+\n)(?:         [^\n]*\n|        [)\]]+\n)*)"
_HERE = r"    return (?P<here>(?:[^\n]+\n)(?:     [^\n]*\n|    [)\]]+\n)*)"
_SETTLES = re.compile(rf"{_IF}{_CALL}{_THERE}{_HERE}", re.MULTILINE)
_RETURNS_MORE = re.compile(rf"{_IF}(?:{_CALL})?{_THERE}{_HERE}", re.MULTILINE)
_ALL_TAKEN = re.compile(
    r"^ +(?:\w+,[\w ,]*|\(\n(?: +[\w ,]+,\n)+ +\)) = residuals_*$"
    r"|^ +return _backward_ieee\(residuals_*, cotangent_*\)$",
    re.MULTILINE,
)
# ``float``, or what is called so beside a parameter ``float``, is Python's.
_REBOUND = re.compile(
    r"^(?:def +float_*\b|float_* *[=:](?! *float$)|(?:import|from)\b[^\n]*\bfloat_*\b)",
    re.MULTILINE,
)
_DOCSTRING = re.compile(r'\A:\n +"""[^"]*"""')
_BLOCK = re.compile(r"(w_*)\[(\d+):(\d+)\]")
_COUNTED = re.compile(r"np_*\.count_nonzero\((\w+)\)")
_FUNCTION = re.compile(
    r"^def (\w+)\(([^)]*)\)[^\n]*(?:\n[^\n]+)*?:\n(?:(?: [^\n]*)?\n)*", re.MULTILINE
)


@dataclass(frozen=True)
class AtTies:
    """What a text of a function holds for ties.

    Args:
        texts: Its functions for them, all of which it must have.
        numbers: How many numbers each emitted function settles, the last that it returns.
        rows: Whether it settles at many points at once, and is told at which.
    """

    texts: tuple[str, ...] = ()
    numbers: tuple[tuple[str, int], ...] = ()
    rows: bool = False


def without_ties(source: str, at_ties: AtTies, count: int) -> str:
    """``source`` without its statements for ties, and without what these call.

    Args:
        source: The text.
        at_ties: What a text of this function holds for ties.
        count: How many numbers its arguments are.
    """
    return _without_ties(source, at_ties, count) if at_ties.texts else source


@lru_cache(maxsize=2)  # each step of a proof asks for the text
def _without_ties(source: str, at_ties: AtTies, count: int) -> str:
    texts = at_ties.texts
    if not all(source.count(text) == 1 for text in texts):
        return source
    if _REBOUND.search(source) or not stands(source, texts):
        return source
    for text in texts:
        source = source.replace(text, "")
    source = _LEADS.sub(r"\1pass\n", source)
    handed = any("def _backward_settled(" in text for text in texts)
    more = handed and _taken_apart(source)
    long = count if handed and _inputs_stay(source, count) else -1
    halves = [f[0] for f in _FUNCTION.finditer(source) if name_of_first(f[0]) == "backward"]
    first = {bool(starred_first(half)) for half in halves if unstarred(half)[1]}
    if len(first) > 1:
        return source
    place = _Place(more, first == {True}, dict(at_ties.numbers), at_ties.rows)
    return _FUNCTION.sub(lambda found: _read(found[0], found[2], place, long), source)


@dataclass(frozen=True)
class _Place:
    """Where ``forward`` may put the point.

    Args:
        allowed: Whether it may at all.
        first: Whether before the residuals, where ``backward`` looks for it; else behind them.
        numbers: How many numbers each emitted function settles.
        rows: Whether at many points, so that it puts before the point where they tie.
    """

    allowed: bool
    first: bool
    numbers: Mapping[str, int]
    rows: bool


def unread(error: Exception, text: str) -> str:
    """Why a text cannot be read, of which nothing was taken out if it settles ties otherwise."""
    said = f"the text cannot be read: {error}"
    if "_settled(" not in text:
        return said
    return f"{said}; what it does where switches tie is not what is written for its function"


def _inputs_stay(source: str, count: int) -> bool:
    """True if ``forward`` returns a list that begins with its arguments, and keeps them there."""
    if not keeps(source, count):
        return False
    for found in _FUNCTION.finditer(source):
        if name_of_first(found[0]) == "forward":
            names = [re.split("[:=]", p)[0].strip() for p in _items(found[2])]
            started = re.search(
                r"^ +(w_*) = \[([^\]]*)\] \+ \[0\.0\] \* \d+$", found[0], re.MULTILINE
            )
            if started is None or [x.removeprefix("*") for x in _items(started[2])] != names:
                return False
            if not _returns_alone(found[0], started[1]):
                return False
    return True


def _returns_alone(function: str, name: str) -> bool:
    """True if all that returns in ``forward`` ends with a name that is bound once."""
    try:
        nodes = [*ast.walk(syntax_tree(function))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    stores = [n for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return [n.id for n in stores].count(name) == 1 and all(
        _ends_with(n.value, name) for n in nodes if isinstance(n, ast.Return)
    )


def _ends_with(returned: ast.expr | None, name: str) -> bool:
    match returned:
        case ast.Tuple(elts=[*_, ast.Name(id=last)]):
            return last == name
        case ast.Call(func=ast.Name(id=other)):
            return other == "_forward_ieee"
    return False


def _taken_apart(source: str) -> bool:
    """True if residuals are taken apart as a whole, so that none can be taken for another."""
    for found in _FUNCTION.finditer(source):
        if name_of_first(found[0]) == "backward":
            held = re.escape(re.split("[:=,]", found[2])[0].strip())
            bare, _ = unstarred(found[0])
            body = _DOCSTRING.sub("", bare[bare.index(":\n") :])
            rest = _ALL_TAKEN.sub("", body)
            if re.search(rf"\b{held}\b", rest):
                return False
    return True


def _read(function: str, parameters: str, place: _Place, long: int) -> str:
    """A function without its statement for ties, if what it says is what it must."""
    names = [re.split("[:=]", p)[0].strip() for p in _items(parameters)]
    if place.allowed and name_of_first(function) == "forward":
        function = _without_more_residuals(function, names, place)
    bare, more = unstarred(function)
    found = _SETTLES.search(bare)
    if found is None or "#" in found[0]:  # a comment ends where its line ends
        return function
    arguments = _items(found["given"])
    tied = [f"{more}[0]"] if more else _counted(found)
    if found["name"] != name_of_first(function) or arguments[2:] != tied[: int(place.rows)]:
        return function
    count = place.numbers.get(found["name"], -1)
    if not _are_all(found["there"], found["bars"], count) or _size(arguments[1]) != count:
        return function
    point = _items(arguments[0][1:-1])
    if more:  # the rest of the residuals is the point, which forward has put there
        expected = [f"*{more}" if len(arguments) == 2 else f"*{more}[1:]", *names[1:]]
        if point != expected or found["asked"] != more or not _kept(bare, [more, *names[1:]]):
            return function
    elif found["name"] == "backward":  # and that of a long one begins the list they share
        expected = [f"*{names[0]}[:{long}]", *names[1:]]
        if long < 0 or point != expected or not _kept(bare, names[1:]):
            return function
    elif [p.removeprefix("*") for p in point] != names or not _kept(bare, names):
        return function
    if not _is_same(_unsettled(found["there"], found["bars"], arguments[1]), found["here"]):
        return function
    asked = "" if more else _asked(found)
    return f"{bare[: found.start()]}{asked}    return {found['here']}{bare[found.end() :]}"


def _size(table: str) -> int:
    """How many numbers a table holds."""
    block = _BLOCK.fullmatch(table)
    return len(_items(table[1:-1])) if block is None else int(block[3]) - int(block[2])


def _unsettled(returned: str, bars: str, table: str) -> str:
    """What is returned, with the numbers of the table for those that are settled."""
    block = _BLOCK.fullmatch(table)
    if block is None:
        items = _items(table[1:-1])
        return re.sub(
            rf"\b{bars}\[(\d+)\]",
            lambda m: items[int(m[1])] if int(m[1]) < len(items) else m[0],
            returned,
        )
    w, first, last = block[1], int(block[2]), int(block[3])

    def moved(m: re.Match[str]) -> str:
        places = [first + int(place) for place in m[1].split(":")]
        inside = places[-1] < last if len(places) == 1 else places[-1] <= last
        return f"{w}[{':'.join(map(str, places))}]" if inside else m[0]

    return re.sub(rf"\b{bars}\[(\d+(?::\d+)?)\]", moved, returned)


def _are_all(returned: str, bars: str, count: int) -> bool:
    """True if the last that is returned are so many settled numbers, in their order."""
    behind = returned[returned.find(f"{bars}[") :]
    places = list[int]()
    for one, end in re.findall(rf"\b{bars}\[(\d+)(?::(\d+))?\]", behind):
        places += range(int(one), int(end)) if end else [int(one)]
    rest = re.sub(rf"\b{bars}\[[\d:]+\]", "", behind)
    return places == [*range(count)] and not re.search(r"\w", rest)


def _counted(found: re.Match[str]) -> list[str]:
    """The name of what is true at points that tie, if there may be many."""
    counted = _COUNTED.fullmatch(found["asked"])
    return [] if counted is None else [counted[1]]


def _without_more_residuals(function: str, names: Sequence[str], place: _Place) -> str:
    """``forward`` without the return that puts the point behind the residuals, or before them."""
    found = _RETURNS_MORE.search(function)
    if found is None or "#" in found[0] or not _kept(function, names):
        return function
    there, here = (_residuals(found[side]) for side in ("there", "here"))
    tied = _counted(found)
    value = found["there"].partition(",")[0]
    if found["bars"] is not None:  # the value is a derivative itself, and settled
        given = _items(found["given"])
        point, table = _items(given[0][1:-1]), _items(given[1][1:-1])
        right = [p.removeprefix("*") for p in point] == names and value == f"{found['bars']}[0]"
        right = right and found["name"] == "forward" and given[2:] == tied[: int(place.rows)]
        value = table[0] if right and len(table) == place.numbers.get("forward") == 1 else ""
    count = len(there) - len(here)
    given, rest = (
        (there[:count], there[count:]) if place.first else (there[len(here) :], there[: len(here)])
    )
    more = [item.removeprefix("*") for item in given]
    same = count > 0 and rest == here and value == found["here"].partition(",")[0]
    if not same or more != [*tied, *names] or len(tied) != place.rows:
        return function
    start = function[: found.start()] + _asked(found)
    return f"{start}    return {found['here']}{function[found.end() :]}"


def _asked(found: re.Match[str]) -> str:
    """The condition alone, which is read like any other: it may be wrong, but not raise."""
    asked = _COUNTED.sub(r"\1", found["asked"])
    return f"    if {asked}:\n        pass\n"


def _residuals(returned: str) -> list[str]:
    """The residuals in ``value, (a, b, ...)``."""
    inside = returned.partition(",")[2].strip()
    return _items(inside[1:-1]) if inside[:1] == "(" and inside[-1:] == ")" else []


def name_of_first(function: str) -> str:
    """Name of the first form of a function."""
    name = re.match(r"def (\w+)\(", function)
    return "" if name is None else name[1].removeprefix("_").removesuffix("_ieee")


def _kept(function: str, names: Sequence[str]) -> bool:
    """True if no parameter gets another value, but that a scalar is made a float."""
    targets = re.findall(r"^ +([\w, ]+?),? = ([^\n]*)", function, re.MULTILINE)
    for target, value in targets:
        bound = [t.strip() for t in target.split(",")]
        floats = {", ".join(f"{number}({t})" for t in bound) for number in _numbers(names)}
        if any(t in names for t in bound) and value not in floats:
            return False
    return True


def _numbers(names: Sequence[str]) -> list[str]:
    """What may make floats of scalars in a function with these parameters."""
    return [number for number in ("float", "float_", "float__") if number not in names]


def _items(text: str) -> list[str]:
    """Items of a list, at its own level."""
    items, depth, current = [], 0, ""
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            items.append(current.strip())
            current = ""
        else:
            current += sign
    return [*items, *([current.strip()] if current.strip() else [])]


def _is_same(one: str, other: str) -> bool:
    """True if two texts are one expression, in whatever layout."""
    try:
        return ast.dump(syntax_tree(one.strip())) == ast.dump(syntax_tree(other.strip()))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
