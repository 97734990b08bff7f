"""A text without what it does where switches tie, once that is known to follow from the function.

There an emitted text hands the derivatives it has found to ``_f_settled``, which returns them, or,
where no side of the tie has such derivatives, those of the smooth pieces (``autodiff.run.pieces``).
That is right at any point, whatever is asked, if the pieces are those of the function at this
point.  So their text must be the very text that is written for the function, the point must be the
arguments, and what is settled must be what is returned.  What is left is proven as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["without_ties"]

_LEADS = re.compile(
    r"^( +)if (?:[^\n]*|\(\n(?:\1    [^\n]*\n)+\1\)):\n"
    r"\1    raise ArithmeticError_*\n(?=\1return )",
    re.MULTILINE,
)
_SETTLES = re.compile(
    r"^    if (?:[^\n]*|\(\n(?:        [^\n]*\n)+    \)):\n"
    r"        (?P<bars>\w+) = _(?P<name>\w+)_settled\((?P<given>[^()]*)\)\n"
    r"        return (?P<there>(?:[^\n]+\n)(?:         [^\n]*\n|        [)\]]+\n)*)"
    r"    return (?P<here>(?:[^\n]+\n)(?:     [^\n]*\n|    [)\]]+\n)*)",
    re.MULTILINE,
)
# ``float``, or what is called so beside a parameter ``float``, is Python's.
_REBOUND = re.compile(
    r"^(?:def +float_*\b|float_* *[=:](?! *float$)|(?:import|from)\b[^\n]*\bfloat_*\b)",
    re.MULTILINE,
)
_FUNCTION = re.compile(
    r"^def (\w+)\(([^)]*)\)[^\n]*(?:\n[^\n]+)*?:\n(?:(?: [^\n]*)?\n)*", re.MULTILINE
)


def without_ties(source: str, texts: Sequence[str]) -> str:
    """``source`` without its statements for ties, and without ``texts``.

    Args:
        source: The text.
        texts: What a text of this function holds for ties: all of them, or nothing is taken out.
    """
    if not all(source.count(text) == 1 for text in texts) or _REBOUND.search(source):
        return source
    for text in texts:
        source = source.replace(text, "")
    source = _LEADS.sub("", source)
    return _FUNCTION.sub(lambda found: _read(found[0], found[2]), source)


def _read(function: str, parameters: str) -> str:
    """A function without its statement for ties, if what it says is what it must."""
    found = _SETTLES.search(function)
    if found is None:
        return function
    arguments = _items(found["given"])
    names = [p.partition(":")[0].strip() for p in _items(parameters)]
    own = name_of_first(function)
    if found["name"] != own or len(arguments) not in (2, 3):
        return function
    point, table = _items(arguments[0][1:-1]), _items(arguments[1][1:-1])
    if [p.removeprefix("*") for p in point] != names or not _kept(function, names):
        return function
    there = re.sub(
        rf"\b{found['bars']}\[(\d+)\]",
        lambda m: table[int(m[1])] if int(m[1]) < len(table) else m[0],
        found["there"],
    )
    if _plain(there) != _plain(found["here"]):
        return function
    start = found.start()
    return f"{function[:start]}    return {found['here']}{function[found.end() :]}"


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
    return ["float_", "float__"] if "float" in names else ["float"]


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


def _plain(text: str) -> str:
    """A text without layout."""
    return re.sub(r"\s+|,(?=\s*[)\]])", "", text)
