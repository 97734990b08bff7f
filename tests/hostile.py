"""Names that would be code, markup or the end of a line in the languages that are written."""

from __future__ import annotations

__all__ = ["LETTERS", "NAMES"]

NAMES = (
    "*/ int evil(void){return 1;} /*",
    "*/", "/*", "//", "??/", "*??/", "ends with *", "ends with a backslash \\", "\\",
    '"""', "'''", '"', "'", '"""\nimport os\n"""', "# not a comment", "\n", "a\nb", "a\r\nb",
    "\x00", "\x1b[2J", "\x7f", "\u2028", "\u2029", "\x85",
    "\u202e }evil{ \u2066", "\u200b", "\ufeff",
    "]]>", "-->", "<!--", "<script>alert(1)</script>", "</title>", "&amp;", "%%{init: {}}%%",
    "\\input{/etc/passwd}", "$x$", "%", "^~_{}", "{0} $lesson {evil}",
)  # fmt: skip

# Their characters, and some of many bytes: hypothesis needs a second to list all there are.
LETTERS = "".join(sorted({*"".join(NAMES), *"é雪🙂\u0301"}))
