"""Lines of emitted functions: what fits on one line, and how the rest is broken."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["INDENT", "LINE", "bracketed", "function_text", "return_lines", "safe_name"]

LINE = 84  # a body may stand in ``try:``, which indents it once more: 88 in the file
INDENT = "    "


def safe_name(name: str) -> str:
    """``name`` if it may stand in emitted text, else ``f``: user text never gets in unchecked."""
    return name if name.isascii() and name.isidentifier() else "f"


def bracketed(
    before: str, items: Sequence[str], after: str, brackets: str = "()", margin: str = INDENT
) -> list[str]:
    """``before (items) after``, over as many filled lines as it takes (within a function)."""
    comma = "," if len(items) == 1 and brackets == "()" else ""
    line = f"{before}{brackets[0]}{', '.join(items)}{comma}{brackets[1]}{after}"
    if len(margin + line) <= LINE:
        return [line]
    lines, current = [before + brackets[0]], INDENT
    for item in items:
        if len(margin + current + item + ",") > LINE:
            lines.append(current.rstrip())
            current = INDENT
        current += f"{item}, "
    return [*lines, current.rstrip(), brackets[1] + after]


def return_lines(first: str, parts: Sequence[str | Sequence[str]], bare: bool) -> list[str]:
    """``return first, (parts)``; a part is a name, or the items of a list.

    With ``bare`` the only part stands without parentheses.
    """
    lead = f"return {first}, " if first else "return "
    texts = [part if isinstance(part, str) else f"[{', '.join(part)}]" for part in parts]
    comma = "," if len(texts) == 1 else ""
    line = lead + (texts[0] if bare else f"({', '.join(texts)}{comma})")
    if len(INDENT + line) <= LINE:
        return [line]
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


def function_text(
    name: str,
    parameters: Sequence[str],
    summary: str,
    lines: Sequence[str],
    results: Sequence[str],
) -> str:
    """Source of a function."""
    head = [f"def {name}({', '.join(parameters)}):"]
    if len(head[0]) > LINE:
        head = [f"def {name}(", *(f"{INDENT}{p}," for p in parameters), "):"]
    body = [f'"""{summary}"""', *lines, *results]
    return "\n".join([*head, *(INDENT + line if line else "" for line in body)]) + "\n"
