"""Tokens of a graph's first line, and the structures among them; the grammar is in ``parse.py``."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from autodiff.errors import IRError
from autodiff.graph.pattern import read_pattern
from autodiff.graph.structure import (
    NOTHING,
    SCALAR,
    Array,
    Dict,
    Key,
    List,
    Record,
    Sparse,
    Structure,
    Tuple,
)
from autodiff.graph.tree.records import known_class

__all__ = ["MOST", "Tokens"]

_TOKEN = re.compile(
    r"""\s*(float\[[\d,]*\] | float(?![\w.]) | "(?:[^"\\]|\\.)*" | ->
    | sparse\[[\d,]*\]\([a-z]*[\d;\ ]*\)       # the entries of a matrix
    | [^\W\d][\w.]*:[^\W\d][\w.<>]*(?=\()     # a class
    | -?[\w.]+(?:(?<=[eE])[+-]\d+)? | [(){}\[\],:])""",
    re.VERBOSE,
)
_KEYS = {"True": True, "False": False, "None": None}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_DEEPEST = 250
MOST = 10**7  # floats among the arguments: every one is a node


@dataclass
class _Open:
    """A structure whose closing bracket is still to come."""

    token: str  # its bracket, or the name of a class
    closing: str
    keys: list[Any] = field(default_factory=list)
    items: list[Structure] = field(default_factory=list)

    def structure(self, text: str) -> Structure:
        """The structure, now that it is complete."""
        items = tuple(self.items)
        if self.token == "(":
            return Tuple(items)
        if self.token == "[":
            return List(items)
        keys = tuple(self.keys)
        if self.token == "{":
            if len(set(keys)) != len(keys):
                raise IRError(f"line 1: found the same key twice in {text[:200]!r}")
            return Dict(keys, items)
        return Record(self.token, keys, items, known_class(self.token, keys))


def _array(token: str) -> Array:
    sizes = [n for n in token[6:-1].split(",") if n]
    if max(map(len, sizes), default=0) > 18 or math.prod(map(int, sizes)) > MOST:
        raise IRError(f"line 1: found {token[:60]}; expected at most {MOST} floats")
    return Array(tuple(map(int, sizes)))


def _sparse(token: str) -> Sparse:
    pattern = read_pattern(token)
    if pattern is None:
        raise IRError(
            f"line 1: found {token[:60]}; expected each row's columns (or each column's rows) in "
            "order, as in sparse[2,3](rows 0 2; 1)"
        )
    return Sparse.of(pattern)


class Tokens:
    """Tokens of a text, one at a time."""

    def __init__(self, text: str) -> None:
        self._text, self._tokens = text, self._split(text.rstrip())
        self._next = next(self._tokens, None)

    @staticmethod
    def _split(text: str) -> Iterator[str]:
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise IRError(f"line 1: found {text[position:][:60]!r}; expected a structure")
            yield match[1]
            position = match.end()

    def at_end(self) -> bool:
        """True if there are no more."""
        return self._next is None

    def peek(self) -> str:
        """The next token, which stays."""
        return self._next or "end of line"

    def take(self) -> str:
        """The next token."""
        token = self.peek()
        self._next = next(self._tokens, None)
        return token

    def expect(self, token: str) -> None:
        """Take this token.

        Raises:
            IRError: if it is another one.
        """
        found = self.take()
        if found != token:
            raise IRError(
                f"line 1: found {found[:60]!r} in {self._text[:200]!r}; expected {token!r}"
            )

    def structure(self) -> Structure:
        """Take a structure.

        Raises:
            IRError: if there is none.
        """
        waiting: list[_Open] = []  # what is not closed yet, from the outside in
        while True:
            found = self._part(self.take(), waiting)
            while waiting:
                inside = waiting[-1]
                if found is not None:
                    inside.items.append(found)
                    if self.peek() != inside.closing:
                        self.expect(",")
                if self.peek() != inside.closing:
                    self._begin(inside)
                    break
                self.take()
                found = waiting.pop().structure(self._text)
            else:
                assert found is not None
                return found

    def _part(self, token: str, waiting: list[_Open]) -> Structure | None:
        """A structure of one token; None if the token opens one that goes on."""
        if token == "float":
            return SCALAR
        if token == "None":
            return NOTHING
        if token.startswith("float["):
            return _array(token)
        if token.startswith("sparse["):
            return _sparse(token)
        if len(waiting) == _DEEPEST:
            raise IRError(f"line 1: found structures nested more than {_DEEPEST} deep")
        if token in _CLOSING:
            waiting.append(_Open(token, _CLOSING[token]))
        elif ":" in token and self.peek() == "(":
            self.take()
            waiting.append(_Open(token, ")"))
        else:
            raise IRError(
                f"line 1: found {token[:60]!r}; expected a structure such as float or float[3]"
            )
        return None

    def _begin(self, inside: _Open) -> None:
        """Take what stands before the next item: a key, the name of a field."""
        if inside.token in "([":
            return
        inside.keys.append(self._key() if inside.token == "{" else self.take())
        self.expect(":")

    def _key(self) -> Key:
        token = self.take()
        if token.startswith('"'):
            try:
                text: str = json.loads(token)
            except ValueError as error:
                raise IRError(f"line 1: found key {token}: {error}") from None
            return text
        if token in _KEYS:
            return _KEYS[token]
        if token == "(":
            return self._keys()
        try:
            number = int(token) if re.fullmatch(r"-?\d+", token) else float(token)
        except ValueError:
            number = math.nan
        if number == number:
            return number
        raise IRError(
            f"line 1: found key {token[:60]!r}; "
            "expected a quoted string, a number or a tuple of these"
        )

    def _keys(self) -> Key:
        """The tuple of keys behind an opening bracket."""
        waiting: list[list[Key]] = [[]]
        while True:
            if self.peek() == ")":
                self.take()
                found: Key = tuple(waiting.pop())
                if not waiting:
                    return found
                waiting[-1].append(found)
            elif self.peek() == "(":
                self.take()
                if len(waiting) == _DEEPEST:
                    raise IRError(f"line 1: found keys nested more than {_DEEPEST} deep")
                waiting.append([])
                continue
            else:
                waiting[-1].append(self._key())
            if self.peek() != ")":
                self.expect(",")
