"""Lines of emitted functions: what fits on one line, and how the rest is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "INDENT",
    "LINE",
    "Returned",
    "bracketed",
    "returned",
    "safe_name",
    "tuple_type",
]

LINE = 84  # a body may stand in ``try:``, which indents it once more: 88 in the file
INDENT = "    "
_LONG_TUPLE = 6  # items from which a tuple of floats is ``tuple[float, ...]``


@dataclass(frozen=True)
class Returned:
    """What a function returns: the lines that say so, and the type."""

    lines: tuple[str, ...]
    type: str


def safe_name(name: str) -> str:
    """``name`` if it may stand in emitted text, else ``f``: user text never gets in unchecked."""
    return name if name.isascii() and name.isidentifier() else "f"


def bracketed(
    before: str,
    items: Sequence[str],
    after: str,
    brackets: str = "()",
    margin: str = INDENT,
    call: bool = False,
) -> list[str]:
    """``before (items) after``, over as many filled lines as it takes (within a function).

    One item in round brackets gets a comma, as in a tuple, unless it is a ``call``.
    """
    comma = "," if len(items) == 1 and brackets == "()" and not call else ""
    line = f"{before}{brackets[0]}{', '.join(items)}{comma}{brackets[1]}{after}"
    if len(margin + line) <= LINE:
        return [line]
    lines, current = [before + brackets[0]], INDENT
    for item in items:
        if len(margin + current + item + ",") > LINE and current.strip():
            lines.append(current.rstrip())
            current = INDENT
        current += f"{item}, "
    return [*lines, current.rstrip(), brackets[1] + after]


def _return_lines(first: str, parts: Sequence[str | Sequence[str]], bare: bool) -> list[str]:
    """``return first, (parts)``; a part is a name, or the items of a list.

    With ``bare`` the only part stands without parentheses.
    """
    lead = f"return {first}, " if first else "return "
    texts = [part if isinstance(part, str) else f"[{', '.join(part)}]" for part in parts]
    comma = "," if len(texts) == 1 else ""
    line = lead + (texts[0] if bare else f"({', '.join(texts)}{comma})")
    if len(INDENT + line) <= LINE:
        return [line]
    if bare and isinstance(parts[0], str):
        if first:
            return bracketed("return ", [first, parts[0]], "")
        return ["return (", INDENT + parts[0], ")"]  # a comma would make it a tuple
    if bare:
        return bracketed(lead, parts[0], "", "[]")
    if all(isinstance(part, str) for part in parts):
        return bracketed(lead, texts, "")
    lines = [lead + "("]
    for part, text in zip(parts, texts, strict=True):
        if len(INDENT * 2 + text + ",") <= LINE or isinstance(part, str):
            lines.append(f"{INDENT}{text},")
        else:
            lines += [INDENT + inner for inner in bracketed("", part, ",", "[]", INDENT * 2)]
    return [*lines, ")"]


def returned(first: str, parts: Sequence[str | Sequence[str]], bare: bool) -> Returned:
    """What ``_return_lines`` writes, with its type."""
    kinds = ["float" if isinstance(part, str) else "list[float]" for part in parts]
    kind = kinds[0] if bare else tuple_type(kinds)
    lines = tuple(_return_lines(first, parts, bare))
    return Returned(lines, tuple_type(["float", kind]) if first else kind)


def tuple_type(kinds: Sequence[str]) -> str:
    """Type of a tuple of these.

    >>> tuple_type(["float", "list[float]"]), tuple_type(["float"] * 7), tuple_type([])
    ('tuple[float, list[float]]', 'tuple[float, ...]', 'tuple[()]')
    """
    if len(kinds) > _LONG_TUPLE and len(set(kinds)) == 1:
        return f"tuple[{kinds[0]}, ...]"
    return f"tuple[{', '.join(kinds) or '()'}]"
