"""The adversary: wrong gradients that look right, and right ones that do not.

``python -m tests.figures.attack [seconds] [function ...]`` prints tables; ends with 1 if a verdict
is false.  With a time for each function, tricks are tried in a random order for so long.
A wrong gradient is wrong by what CPython makes of its text at a point; how it is wrong is found by
running it, before the verifier sees it.
"""

from __future__ import annotations

import math
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import autodiff as ad
from tests.adversary.callables import callables
from tests.adversary.exactly import exactly
from tests.adversary.functions import FUNCTIONS, Function
from tests.adversary.rewrites import REWRITES
from tests.adversary.tricks import POINTS, TRICKS, Trick
from verify import Verdict, verify_gradient

_GOOD = (Verdict.PROVED, Verdict.CERTIFIED)
_WRONG = 1e-8  # relatively: more than rounding of these texts
_BESIDE, _KINK = 1e-9, 1e-6  # how near a side of a kink is looked at, and what is no kink there


def text_of(function: Function, trick: Trick | None) -> str:
    """The gradient's text, with a trick in its first derivative."""
    lines = [*function.names, *function.before]
    first, *rest = function.partials
    lines.append(f"d = {first}")
    if trick is not None:
        lines += trick.body
    results = ["d" if trick is None else trick.result, *rest]
    joined = ", ".join(results)
    lines.append(f"return [{joined}]" if function.form == "array" else f"return {joined}")
    top = "" if trick is None else trick.top
    body = "".join(f"  {line}\n" for line in lines)
    return f"import math\nimport numpy\n{top}def g({function.head}):\n{body}".replace("C", "0.7")


def run(text: str, arguments: tuple[Any, ...]) -> list[float]:
    """What CPython makes of a text; nan where it raises."""
    names: dict[str, Any] = {}
    try:
        exec(compile(text, "gradient", "exec"), names)
        return [float(x) for x in np.ravel(names["g"](*arguments))]
    except Exception:  # whatever it is: there is no number
        return [math.nan]


def wrong_at(function: Function, trick: Trick) -> tuple[float, float, float] | None:
    """A point where the trick shows: u, the number found, the right one."""
    right_text, wrong_text = text_of(function, None), text_of(function, trick)
    for u in POINTS:
        arguments = function.arguments(u, 0.7)
        right, found = run(right_text, arguments)[0], run(wrong_text, arguments)[0]
        if not math.isfinite(right) or not smooth(function, u):
            continue
        if not abs(found - right) <= _WRONG * max(1.0, abs(right)) and not is_convention(
            function, right_text, u, found
        ):
            return u, found, right
    return None


def is_convention(function: Function, right_text: str, u: float, found: float) -> bool:
    """True where the function has a kink, and the number found is a derivative from one side.

    There is no derivative then, and a report says which convention a text follows.
    """
    step = _BESIDE * max(1.0, abs(u))
    sides = [run(right_text, function.arguments(u + s, 0.7))[0] for s in (-step, step)]
    if not abs(sides[1] - sides[0]) > _KINK * max(1.0, *map(abs, sides)):
        return False
    return any(abs(found - side) <= _KINK * max(1.0, abs(side)) for side in sides)


def is_right_exactly(function: Function, trick: Trick, u: float) -> bool:
    """True if a wrong text is right in exact arithmetic: doubles alone are too coarse for it."""
    function = replace(function, form="scalars")  # the same numbers, as arguments of their own
    arguments = function.arguments(u, 0.7)
    try:
        right = exactly(text_of(function, None), *arguments)
        found = exactly(text_of(function, trick), *arguments)
    except NotImplementedError:
        return False
    return abs(found - right) <= _WRONG * max(1.0, abs(right))


def smooth(function: Function, u: float) -> bool:
    """True if the function has numbers around a point."""
    try:
        values = [function.call(*function.arguments(x, 0.7)) for x in (u, u * 1.001 + 1e-6)]
    except ArithmeticError:
        return False
    return all(not isinstance(v, complex) and math.isfinite(v) for v in values)


def verdict_on(call: Callable[..., Any], arguments: tuple[Any, ...], gradient: Any) -> str:
    """The verdict's name, or REFUSED."""
    try:
        report = verify_gradient(call, *arguments, gradient=gradient)
    except ad.ProofgradError:
        return "REFUSED"
    return report.verdict.value


def attack(functions: list[Function], seconds: float = math.inf) -> list[str]:
    """Try all tricks, or as many as there is time for; the false verdicts."""
    false = []
    tricks = TRICKS if seconds == math.inf else random.sample(TRICKS, len(TRICKS))
    print(f"{'function':12} wrong  REFUTED REFUSED UNDECIDED NUMERIC | false | seconds")
    for function in functions:
        start, counts, wrong = time.perf_counter(), Counter[str](), 0
        example = function.arguments(1.25, 0.75)
        for trick in tricks:
            if time.perf_counter() - start > seconds:
                break
            at = wrong_at(function, trick)
            if at is None:
                continue
            verdict = verdict_on(function.call, example, text_of(function, trick))
            wrong += 1
            counts[verdict] += 1
            if verdict in _GOOD:
                by_rounding = trick.rounding or is_right_exactly(function, trick, at[0])
                kind = "exact arithmetic only" if by_rounding else "FALSE"
                counts[kind] += 1
                said = f"{kind} {verdict}: {function.name}: {trick.kind}: {trick}"
                print(said, f"at u = {at[0]!r}: {at[1]!r} for {at[2]!r}", flush=True)
                if not by_rounding:
                    false.append(said)
        print(
            f"{function.name:12} {wrong:5}  {counts['REFUTED']:7} {counts['REFUSED']:7} "
            f"{counts['UNDECIDED']:9} {counts['CERTIFIED-NUMERIC']:7} | {counts['FALSE']:5} | "
            f"{time.perf_counter() - start:.0f}",
            flush=True,
        )
    return false


def rights() -> list[str]:
    """Right gradients; those that are refuted."""
    counts, refuted = Counter[str](), []
    plain = [(f.name, f.call, f.arguments(1.25, 0.75), text_of(f, None)) for f in FUNCTIONS]
    rewritten = [
        (name, call, arguments, f"import math\nimport numpy\ndef g({head}):\n return {result}\n")
        for name, head, call, arguments, results in REWRITES
        for result in results
    ]
    for name, call, arguments, text in plain + rewritten:
        verdict = verdict_on(call, arguments, text)
        counts[verdict] += 1
        if verdict == "REFUTED":
            refuted.append(f"REFUTED though right: {name}: {text}")
    print(f"right gradients: {dict(counts)}", *refuted, sep="\n")
    return refuted


def objects() -> list[str]:
    """Gradients that are objects; those that are proven though they are wrong."""
    counts, false = Counter[str](), []
    for name, gradient in callables():
        verdict = verdict_on(lambda x: x * x, (1.25,), gradient)
        counts[verdict] += 1
        if verdict in _GOOD:
            false.append(f"FALSE {verdict}: an object that {name}")
    print(f"objects: {dict(counts)}", *false, sep="\n")
    return false


def main() -> None:
    """Print the tables."""
    warnings.simplefilter("ignore")
    timed = [a for a in sys.argv[1:2] if a.replace(".", "").isdigit()]
    names = sys.argv[1 + len(timed) :]
    chosen = [f for f in FUNCTIONS if f.name in names or not names]
    with np.errstate(all="ignore"):
        false = [] if timed else rights() + objects()
        false += attack(chosen, *map(float, timed))
    print(f"{len(TRICKS)} tricks; {len(false)} false verdicts")
    sys.exit(bool(false))


if __name__ == "__main__":
    main()
