"""What stands behind the text of whole arrays in a file, so that it settles ties as calls do.

The file's own functions take each switch by its row's convention: they are what is shown, proven
and named in certificates, and stand first, to the letter.  The functions here come under the same
names and stand behind them.  They run the lines that calls run, which count ties, and where
switches tie those of the pieces that meet.
"""

from __future__ import annotations

from codegen.language.lines import INDENT, returned
from codegen.text.function import FLOAT, Function, Parameter

__all__ = ["BY_CONVENTION", "COUNTING", "PIECES", "settling_functions", "without_settling"]

# No parameter of the user's is called like these (language/naming.py).
COUNTING, PIECES, _SETTLED, _HALVES = "_all_ties", "_all_sides", "_sides_settled", "_own_halves"

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
    head, given = watched.head, ", ".join(watched.parameters)
    asking = Function(
        _SETTLED, head,
        (
            f"*found, lost = {pieces.name}({given})",
            "if lost >= 1.0 and any(np.any(np.isfinite(x)) for x in found):",
            f'{INDENT}raise ArithmeticError("switches tie in a way that this file cannot settle; "',
            f'{INDENT}                      "call the compiled function here")',
        ),
        returned("", ["found"], bare=True), "Results of the pieces that meet.",
    )  # fmt: skip
    found = f"*found, ties = {watched.name}({given})"
    ask = f"if ties > 0.0:\n{INDENT * 2}found = {_SETTLED}({given})"
    if entry != "value_and_gradient":
        result = "found[0]" if bare else "tuple(found)"
        whole = Function(entry, head, (found, ask), returned("", [result], bare=True), "As above.")
        return f"{_AS_CALLS}\n", (watched, pieces, asking, whole)
    bars = "found[1]" if bare else "tuple(found[1:])"
    whole = Function(
        entry, head, (found, ask), returned("found[0]", [bars], bare=True), "As above."
    )
    forward = Function(
        "forward", head, (f"value, residuals = {_HALVES}[0]({given})",),
        returned("value", [f"(residuals, ({given},))"], bare=True),
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
    return before, (watched, pieces, asking, whole, forward, backward)
