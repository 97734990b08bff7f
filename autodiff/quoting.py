"""Text of the user's inside another language: never more there than text.

Names, dict keys, lines of code and docstrings are written into comments, strings and labels of many
languages.  Each has its own ways out of a comment or a string (``*/``, a quote, a line's end,
``]]>``), and all show characters that deceive a reader: bidirectional ones reorder a line, control
characters move a terminal's cursor.  ``quoted`` is the one place that knows them.
"""

from __future__ import annotations

import html
from collections.abc import Callable

__all__ = ["LANGUAGES", "plain", "quoted"]


def quoted(text: str, language: str) -> str:
    r"""``text`` as it may stand inside ``language``, on one line.

    Args:
        text: Any string.
        language: A key of ``LANGUAGES``.

    >>> quoted("*/ int evil;", "c comment"), quoted("a\nb", "plain")
    ('* / int evil;', 'a\\nb')
    """
    return LANGUAGES[language](text)


def plain(text: str) -> str:
    """Text for people: what cannot be seen, or is no character, is written as an escape."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _ascii_comment(text: str) -> str:
    """A comment that ends with its line, in a file that may be read in any encoding."""
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in text)


def _c_comment(text: str) -> str:
    r"""Between ``/*`` and ``*/``: neither can begin or end, even spelled with a trigraph."""
    safe = plain(text).replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")
    return f"{safe} " if safe.endswith(("*", "/", "\\")) else safe


def _python_string(text: str) -> str:
    """Inside triple quotes."""
    return plain(text).replace("\\", "\\\\").replace('"', '\\"')


_LATEX = {
    "\\": r"\backslash ", "{": r"\{", "}": r"\}", "_": r"\_", "#": r"\#", "$": r"\$", "%": r"\%",
    "&": r"\&", "^": r"\hat{}", "~": r"\sim ", '"': "''",
}  # fmt: skip


def _latex(text: str) -> str:
    r"""In math mode, as the argument of ``\mathrm``; a space is one, a letter is a letter."""
    return "".join("\\ " if c == " " else _LATEX.get(c, c) for c in plain(text))


def _xml(text: str) -> str:
    """In an element or an attribute of XML and HTML."""
    return html.escape(_replaced(text))


def _replaced(text: str) -> str:
    """Each character that cannot be seen as the sign for one, in pictures."""
    return "".join(c if c.isprintable() else "�" for c in text)


def _dot_string(text: str) -> str:
    """Between double quotes."""
    return _replaced(text).replace("\\", "\\\\").replace('"', '\\"')


def _dot_record(text: str) -> str:
    """In a field of a record: braces, bars and angles have a meaning there."""
    return "".join(f"\\{c}" if c in '{}|<>"\\' else c for c in _replaced(text))


def _mermaid(text: str) -> str:
    """Between double quotes; Mermaid writes characters with a meaning as ``#60;``."""
    return "".join(f"#{ord(c)};" if c in '"<>&#`\\' else c for c in _replaced(text))


def _mermaid_comment(text: str) -> str:
    """Behind ``%%``; braces right behind it would begin a directive."""
    return _replaced(text).replace("{", "(").replace("}", ")")


LANGUAGES: dict[str, Callable[[str], str]] = {
    "plain": plain,
    "python comment": _ascii_comment,
    "python string": _python_string,
    "c comment": _c_comment,
    "latex": _latex,
    "xml": _xml,
    "dot string": _dot_string,
    "dot record": _dot_record,
    "mermaid": _mermaid,
    "mermaid comment": _mermaid_comment,
}
