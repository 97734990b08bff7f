"""Tokens of a graph's first line, and the structures among them; the grammar is in ``parse.py``."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator

from autodiff.errors import IRError
from autodiff.graph.records import known_class
from autodiff.graph.structure import (
    NOTHING,
    SCALAR,
    Array,
    Dict,
    Key,
    List,
    Record,
    Structure,
    Tuple,
)

__all__ = ["Tokens"]

_TOKEN = re.compile(
    r"""\s*(float\[[\d,]*\] | float(?![\w.]) | "(?:[^"\\]|\\.)*" | ->
    | [^\W\d][\w.]*:[^\W\d][\w.<>]*(?=\()     # a class
    | -?[\w.]+(?:(?<=[eE])[+-]\d+)? | [(){}\[\],:])""",
    re.VERBOSE,
)
_KEYS = {"True": True, "False": False, "None": None}
_DEEPEST = 250


class Tokens:
    """Tokens of a text, one at a time."""

    def __init__(self, text: str) -> None:
        self._text, self._tokens = text, self._split(text.rstrip())
        self._next = next(self._tokens, None)
        self._depth = 0

    @staticmethod
    def _split(text: str) -> Iterator[str]:
        position = 0
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                raise IRError(f"line 1: found {text[position:]!r}; expected a structure")
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
            raise IRError(f"line 1: found {found!r} in {self._text!r}; expected {token!r}")

    def structure(self) -> Structure:
        """Take a structure.

        Raises:
            IRError: if there is none.
        """
        token = self.take()
        if token == "float":
            return SCALAR
        if token == "None":
            return NOTHING
        if token.startswith("float["):
            return Array(tuple(int(n) for n in token[6:-1].split(",") if n))
        self._depth += 1
        if self._depth > _DEEPEST:
            raise IRError(f"line 1: found structures nested more than {_DEEPEST} deep")
        found = self._container(token)
        self._depth -= 1
        return found

    def _container(self, token: str) -> Structure:
        if token == "(":
            return Tuple(tuple(self.structure() for _ in self._until(")")))
        if token == "[":
            return List(tuple(self.structure() for _ in self._until("]")))
        if token == "{":
            entries = [(self._key(), self._after_colon()) for _ in self._until("}")]
            keys = tuple(key for key, _ in entries)
            if len(set(keys)) != len(keys):
                raise IRError(f"line 1: found the same key twice in {self._text!r}")
            return Dict(keys, tuple(item for _, item in entries))
        if ":" in token and self.peek() == "(":
            self.take()
            fields = [(self.take(), self._after_colon()) for _ in self._until(")")]
            names = tuple(name for name, _ in fields)
            kind = known_class(token, names)
            return Record(token, names, tuple(item for _, item in fields), kind)
        raise IRError(f"line 1: found {token!r}; expected a structure such as float or float[3]")

    def _until(self, closing: str) -> Iterator[None]:
        """Once per item; takes the commas between them and the ``closing`` behind."""
        while self.peek() != closing:
            yield
            if self.peek() != closing:
                self.expect(",")
        self.expect(closing)

    def _after_colon(self) -> Structure:
        self.expect(":")
        return self.structure()

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
            return tuple([self._key() for _ in self._until(")")])
        try:
            number = int(token) if re.fullmatch(r"-?\d+", token) else float(token)
        except ValueError:
            number = math.nan
        if number == number:
            return number
        raise IRError(
            f"line 1: found key {token!r}; expected a quoted string, a number or a tuple of these"
        )
