"""Text -> statements of its top level, long functions unparsed until they are called.

What Python would make of the file is what is read: it has no byte order mark and names no encoding
but UTF-8.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from codegen.language.syntax import check_compiles, syntax_tree
from verify.program.language.refusal import UnreadableError

__all__ = ["Unparsed", "statements"]

LONG = 20_000  # characters from which a function is parsed only when it is called
_DEFINITION = re.compile(r"^def ", re.MULTILINE)
# A function whose strings end inside it: there is none but the docstring.
_PLAIN = re.compile(r"""def (\w+)\([^"'#]*(?:\"{3}[^"\\]*\"{3})?[^"']*""", re.ASCII)
# A line at the left margin would be another statement of the top level; these two end a line, too.
_ANOTHER = re.compile(r"[\r\f]|\n[^\n )#]")
# The head as the emitters write it.  What names may stand in it is checked like any other head.
_HEAD = re.compile(r"def \w+\([\w\s,:.=\[\]]*\)(?: -> [\w\s,.\[\]()]*)?:\n", re.ASCII)
_COOKIE = re.compile(r"coding[:=][ \t]*([-\w.]+)", re.ASCII)
_LINE = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Unparsed:
    """A long function of a text: its tree takes a hundred times the room of its text.

    Args:
        name: Its name.
        text: The whole definition.
        line: The line where it starts.
    """

    name: str
    text: str
    line: int

    def head(self) -> ast.FunctionDef:
        """Its parameters and annotations, with an empty body."""
        head = _HEAD.match(self.text)
        assert head is not None
        return self._definition(head[0] + "    pass\n")

    def definition(self) -> ast.FunctionDef:
        """Its tree.

        Raises:
            UnreadableError: if it does not parse.
        """
        return self._definition(self.text)

    def _definition(self, text: str) -> ast.FunctionDef:
        (statement,) = _parsed("\n" * (self.line - 1) + text)
        assert isinstance(statement, ast.FunctionDef)
        return statement


def statements(source: str) -> Sequence[ast.stmt | Unparsed]:
    """The top level of a text, long functions unparsed.

    Raises:
        UnreadableError: if it does not parse, or another encoding changes what it says.
    """
    _without_surprises(source)
    if len(source) > LONG and source.isascii():
        try:
            return list(_pieces(source))
        except UnreadableError:
            pass  # cut inside a string, perhaps
    return _parsed(source)


def _without_surprises(source: str) -> None:
    """Refuse a text that a file of it would not mean.

    Raises:
        UnreadableError: naming the line.
    """
    if source.startswith("\ufeff"):
        raise UnreadableError("line 1: a byte order mark; save the file without it")
    if "\0" in source:
        raise UnreadableError("line 1: source code cannot contain null bytes")
    for number, line_text in enumerate(_LINE.split(source, 2)[:2], 1):
        for cookie in _COOKIE.findall(line_text) if "#" in line_text else ():
            if cookie.lower().replace("_", "-") not in ("utf-8", "utf8"):
                raise UnreadableError(
                    f"line {number}: the encoding {cookie!r}; texts are UTF-8, so remove the line"
                )


def _pieces(source: str) -> Iterator[ast.stmt | Unparsed]:
    """The top level of a text, read in pieces that start where a line starts with ``def``.

    A piece that parses was no half of a string or statement, for a half does not parse; of the
    pieces left unparsed ``_PLAIN`` says so.
    """
    line = 1
    starts = [match.start() for match in _DEFINITION.finditer(source)]
    for start, stop in pairwise([0, *starts, len(source)]):
        piece = source[start:stop]
        # Of what was taken out behind it the lines are left: they are no part of a function.
        plain = _PLAIN.fullmatch(piece) if len(piece.rstrip()) > LONG else None
        if plain is not None and _HEAD.match(piece) and not _ANOTHER.search(piece):
            yield Unparsed(plain[1], piece, line)
        else:
            yield from _parsed("\n" * (line - 1) + piece)
        line += piece.count("\n")


def _parsed(source: str) -> list[ast.stmt]:
    try:
        body = syntax_tree(source).body
        check_compiles(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        nested = isinstance(error, RecursionError | MemoryError)
        reason = "nested too deeply" if nested else getattr(error, "msg", str(error))
        raise UnreadableError(f"line {getattr(error, 'lineno', 1) or 1}: {reason}") from None
    return body
