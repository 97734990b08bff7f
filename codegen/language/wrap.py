"""Break lines that are too long, as ``ruff format`` would: at the weakest operator, in parentheses.

Only the layout changes: the tokens and their order stay.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from itertools import groupby, pairwise

from codegen.language.lines import INDENT

__all__ = ["broken", "narrowed", "wrapped"]

_PAGE = 88  # columns of a file
# Where an expression may be broken, the weakest first; a line begins with the operator.
_BREAKS = tuple(
    re.compile(signs)
    for signs in (
        r" (?=(?:if|else|[?:]) )", r" (?=or )", r" (?=and )", r" (?=(?:[<>]=?|==|!=) )",
        r" (?=[+-] )", r" (?=[*/%] )", r"(?<=,) ",
    )
)  # fmt: skip


def wrapped(head: str, expression: str, width: int) -> list[str]:
    """``head`` and ``expression`` in lines of at most ``width`` characters, where that can be."""
    if len(head) + len(expression) <= width:
        return [head + expression]
    inner = broken(expression, width - len(INDENT))
    return [f"{head}(", *(INDENT + line for line in inner), ")"]


def broken(text: str, width: int) -> list[str]:
    """An expression in lines of at most ``width`` characters, where that can be."""
    if len(text) <= width:
        return [text]
    depths = _depths(text)
    for pattern in _BREAKS:
        places = [m.start() for m in pattern.finditer(text) if depths[m.start()] == 0]
        if places:
            bounds = [-1, *places, len(text)]
            pieces = [text[a + 1 : b] for a, b in pairwise(bounds)]
            full = pattern is not _BREAKS[0]  # one line per branch of a conditional expression
            filled = _filled(pieces, width) if full else pieces
            return [line for piece in filled for line in broken(piece, width)]
    start = next((i for i, depth in enumerate(depths) if depth), 0)
    if start and text.endswith(")"):
        inside = broken(text[start:-1], width - len(INDENT))
        return [text[:start], *(INDENT + line for line in inside), ")"]
    return [text]


def _filled(pieces: list[str], width: int) -> list[str]:
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if len(lines[-1]) + 1 + len(piece) <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines


def _depths(text: str) -> list[int]:
    """Per character the number of open brackets before it."""
    depths, depth = [], 0
    for character in text:
        if character in ")]":
            depth -= 1
        depths.append(depth)
        if character in "([":
            depth += 1
    return depths


_CODE = re.compile(r"(return |\w+ = )(.*)")


def narrowed(lines: Iterable[str]) -> list[str]:
    """Python written for a wider page: its code, comments and docstrings broken."""
    result: list[str] = []
    for comments, group in groupby(lines, key=lambda line: line.lstrip().startswith("#")):
        block = list(group)
        if not comments:
            result += [one for line in block for one in _narrowed_line(line)]
        elif max(map(len, block)) <= _PAGE:
            result += block
        else:
            indent = block[0][: block[0].index("#")]
            words = " ".join(line.strip(" #") for line in block)
            result += _comment(words, indent)
    return result


def _comment(words: str, indent: str) -> list[str]:
    lead = f"{indent}# "
    return textwrap.wrap(words, _PAGE, initial_indent=lead, subsequent_indent=lead)


def _narrowed_line(line: str) -> list[str]:
    if len(line) <= _PAGE:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    text = line.strip()
    if text.startswith('"""') and text.endswith('"""'):
        return textwrap.wrap(text, _PAGE, initial_indent=indent, subsequent_indent=indent)
    code, _, comment = text.partition("# ")
    lines, code = _comment(comment, indent), code.rstrip()
    found = _CODE.fullmatch(code)
    if found is None:
        return [*lines, indent + code]
    return [*lines, *(indent + o for o in wrapped(found[1], found[2], _PAGE - len(indent)))]
