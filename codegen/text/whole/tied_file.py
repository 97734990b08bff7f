"""What stands behind the text of whole arrays in a file, so that it settles ties as calls do.

The file's own functions take each switch by its row's convention: they are what is shown, proven
and named in certificates, and stand first, to the letter.  The functions here come under the same
names and stand behind them.  They run the lines that calls run, which count ties, and where
switches tie those of the pieces that meet.
"""

from __future__ import annotations

import re
from dataclasses import replace

from codegen.language.lines import INDENT, returned
from codegen.text.function import FLOAT, Function, Parameter

__all__ = ["BY_CONVENTION", "COUNTING", "PIECES", "settling_functions", "without_settling"]

# No parameter of the user's is called like these (language/naming.py).
COUNTING, PIECES, _SETTLED, _HALVES = "_all_ties", "_all_sides", "_sides_settled", "_own_halves"

_GLOBAL = ("np", "any", "tuple", "ArithmeticError")
_WORDS = re.compile(rf"(?<![\w.\"])({'|'.join(_GLOBAL)}|found|lost|ties|value|residuals)\b")
_GIVEN = "..."  # stands for the parameters until the other names have given way

_MARK = "\n\n# --- Where switches tie"
_AS_CALLS = f"""{_MARK}, or a slope is infinite, derivatives are those of the pieces that meet,
# as calls of the compiled function give them; what stands above goes by each switch's convention.
# Where these stay infinite or nan, calls look further, number by number. ---
"""
BY_CONVENTION = f"""{_MARK}, these derivatives go by each switch's convention; calls of the compiled
# function give those of the pieces that meet there. ---
"""


def without_settling(text: str) -> tuple[str, str]:
    """A file's text as it is shown, and what stands behind it; "" if nothing does."""
    shown, mark, behind = text.partition(_MARK)
    return shown, mark + behind


def settling_functions(
    watched: Function, pieces: Function, entry: str, bare: bool
) -> tuple[str, tuple[Function, ...]]:
    """What stands before the functions, and these.

    Args:
        watched: What also counts ties.
        pieces: What settles; its last result is 1 or more where numbers may not be settled.
        entry: The function that a call runs; "value_and_gradient" has halves.
        bare: True if the gradient, or the result, is one part that stands in no tuple.
    """
    head = watched.head
    asking = Function(
        _SETTLED, head,
        (
            f"*found, lost = {pieces.name}({_GIVEN})",
            "if lost >= 1.0 and any(np.any(np.isfinite(x)) for x in found):",
            f'{INDENT}raise ArithmeticError("switches tie in a way that this file cannot settle; "',
            f'{INDENT}                      "call the compiled function here")',
        ),
        returned("", ["found"], bare=True), "Results of the pieces that meet.",
    )  # fmt: skip
    found = f"*found, ties = {watched.name}({_GIVEN})"
    ask = f"if ties > 0.0:\n{INDENT * 2}found = {_SETTLED}({_GIVEN})"
    if entry != "value_and_gradient":
        result = "found[0]" if bare else "tuple(found)"
        whole = Function(entry, head, (found, ask), returned("", [result], bare=True), "As above.")
        return f"{_AS_CALLS}\n", (watched, pieces, *map(_given_way, (asking, whole)))
    bars = "found[1]" if bare else "tuple(found[1:])"
    whole = Function(
        entry, head, (found, ask), returned("found[0]", [bars], bare=True), "As above."
    )
    forward = Function(
        "forward", head, (f"value, residuals = {_HALVES}[0]({_GIVEN})",),
        returned("value", [f"(residuals, ({_GIVEN},))"], bare=True),
        "As above; the residuals hold the point as well.",
    )  # fmt: skip
    scaled = "x * cotangent for x in found[1:]"
    result = "next(bars)" if bare else "tuple(bars)"
    backward = Function(
        "backward", (Parameter("residuals", "tuple"), Parameter("cotangent", FLOAT, "1.0")),
        (
            "residuals, point = residuals",
            f"*_, ties = {watched.name}(*point)",
            f"if not ties > 0.0:\n{INDENT * 2}return {_HALVES}[1](residuals, cotangent)",
            f"found = {_SETTLED}(*point)",
            f"bars = ({scaled})",
        ),
        returned("", [result], bare=True), "As above.",
    )  # fmt: skip
    before = f"{_AS_CALLS}\n{_HALVES} = forward, backward\n"
    return before, (watched, pieces, *map(_given_way, (asking, whole, forward)), backward)


def _given_way(function: Function) -> Function:
    """The function with its parameters in it, and other names for what is called like one."""
    hidden = {name: f"{name}_" for name in function.parameters if _WORDS.fullmatch(name)}
    while clashing := set(hidden.values()).intersection(function.parameters):
        hidden = {name: f"{own}_" if own in clashing else own for name, own in hidden.items()}

    def written(line: str) -> str:
        line = _WORDS.sub(lambda word: hidden.get(word[0], word[0]), line)
        return line.replace(_GIVEN, ", ".join(function.parameters))

    aliases = tuple((hidden[name], name) for name in _GLOBAL if name in hidden)
    return replace(function.with_lines(written), aliases=aliases)
