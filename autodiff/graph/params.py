"""Text of a node's parameters, and back: 0.0 is not -0.0 there, 1 is not True, nan is nan.

Grammar::

    params = "[" name "=" param {", " name "=" param} "]"
    param  = "true" | "false" | integer | number | json-string | "(" [param {", " param}] ")"
           | "graph" json-string          (the printed text of a graph inside)

A number has a point, an exponent, or is ``inf`` or ``nan``; an integer has none of these.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable

from autodiff.errors import IRError
from autodiff.graph.array_constant import ArrayConstant
from autodiff.graph.typed_node import Param, Params, Printable

__all__ = ["params_text", "read_params"]

_TOKEN = re.compile(
    r'\s*(?:(?P<graph>graph )?(?P<string>"(?:[^"\\]|\\.)*")'
    r'|(?P<word>[^\s\[\]()",=]+)|(?P<sign>[\[\](),=]))'
)
_DEEPEST = 100


def params_text(params: Params) -> str:
    """Text of the parameters, "" if there are none."""
    if not params:
        return ""
    return f"[{', '.join(f'{name}={_text(value)}' for name, value in params)}]"


def _text(value: Param) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))})"
    if isinstance(value, float):
        return "nan" if math.isnan(value) else repr(float(value))
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, ArrayConstant):
        return f"data {value.digest}"
    return value.quoted


def read_params(
    text: str, start: int, line: int, read_graph: Callable[[str], Printable]
) -> tuple[Params, int]:
    """Parameters from ``text[start]``, which is the opening bracket, and where they end.

    Args:
        text: A line of a printed graph.
        start: Where the parameters begin.
        line: The line's number, for errors.
        read_graph: Reads the text of a graph inside.

    Raises:
        IRError: naming the line, what was found and what was expected.
    """
    tokens = _Tokens(text, start, line)
    tokens.expect("[")
    params: list[tuple[str, Param]] = []
    while True:
        name = tokens.word()
        if not name.isidentifier():
            raise tokens.error(name, "the name of a parameter")
        tokens.expect("=")
        params.append((name, _value(tokens, read_graph)))
        if (sign := tokens.sign()) == "]":
            return tuple(params), tokens.position
        if sign != ",":
            raise tokens.error(sign, "',' or ']'")


class _Tokens:
    """Tokens of a parameter list, one at a time."""

    def __init__(self, text: str, start: int, line: int) -> None:
        self.text, self.position, self._line = text, start, line

    def error(self, found: str, expected: str) -> IRError:
        return IRError(f"line {self._line}: found {found!r}; expected {expected}")

    def next(self) -> re.Match[str]:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            found = self.text[self.position :][:40] or "end of line"
            raise self.error(found, "a parameter such as axis=0")
        self.position = match.end()
        return match

    def word(self) -> str:
        match = self.next()
        return match["word"] or match[0].strip()

    def sign(self) -> str:
        match = self.next()
        return match["sign"] or match[0].strip()

    def expect(self, sign: str) -> None:
        if (found := self.sign()) != sign:
            raise self.error(found, repr(sign))


def _value(tokens: _Tokens, read_graph: Callable[[str], Printable]) -> Param:
    """The next parameter; what is nested waits on a stack."""
    waiting: list[list[Param]] = []
    while True:
        match = tokens.next()
        if match["sign"] == "(" and len(waiting) < _DEEPEST:
            waiting.append([])
            closing = re.compile(r"\s*\)").match(tokens.text, tokens.position)
            if closing is None:
                continue
            tokens.position = closing.end()
            value: Param = tuple(waiting.pop())
        else:
            value = _single(tokens, match, read_graph)
        while waiting:
            waiting[-1].append(value)
            sign = tokens.sign()
            if sign == ",":
                break
            if sign != ")":
                raise tokens.error(sign, "',' or ')'")
            value = tuple(waiting.pop())
        else:
            return value


def _single(tokens: _Tokens, match: re.Match[str], read_graph: Callable[[str], Printable]) -> Param:
    if match["string"]:
        text: str = json.loads(match["string"])
        graph: Param = read_graph(text) if match["graph"] else text
        return graph
    word = match["word"] or ""
    if word in ("true", "false"):
        return word == "true"
    try:
        return int(word) if re.fullmatch(r"-?\d{1,400}", word) else float(word)
    except ValueError:
        raise tokens.error(match[0].strip(), "a number, a string, true, false or (...)") from None
