"""Forged modules and certificates: how many ``recheck`` accepts, and whether it runs anything.

``python -m tests.figures.forgery [seconds]`` prints a table and what was accepted as it is found,
and ends with 1 if a module that behaves otherwise, or a certificate that says more than is true,
was accepted.  With a time for each of the four parts, a random part of everything is tried.
"""

from __future__ import annotations

import json
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

import autodiff as ad
from autodiff.errors import ProofgradError
from codegen import compile_gradient
from tests.adversary.forgeries import (
    behaviour,
    fields,
    insertions,
    moving,
    mutants,
    raising,
    sealed,
)
from verify import recheck, verify_gradient

# What a certificate only tells, without any weight; recheck finds and prints its own.
_TOLD = ("method", "note", "seconds", "assumptions", "versions", "details", "subject", "seed",
         "examples", "witness")  # fmt: skip


def smooth(x: Any, y: Any) -> Any:
    """Nothing but smooth steps."""
    return x * ad.sin(y) + ad.exp(-x) / 3.0


def switching(x: Any, y: Any) -> Any:
    """A function with kinks, a logarithm, and a branch."""
    return np.where(x > 0.25, ad.log(1.0 + x * x), abs(x) * y) + np.maximum(x, 0.0) + ad.sin(x)


FUNCTIONS: list[Callable[..., Any]] = [smooth, switching]


def accepted(folder: Path, certificate: str, text: str) -> str:
    """ "" if refused; else the verdict. Errors that are none of ours count as accepted."""
    (folder / "cert.json").write_text(certificate)
    (folder / "module.py").write_bytes(text.encode())
    try:
        return str(recheck(folder / "cert.json", folder / "module.py").verdict)
    except ProofgradError:
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def modules(text: str) -> Iterator[tuple[str, Callable[[], str], bool]]:
    """What was changed, what makes the module, whether it may run: what was inserted may do all."""
    for what, changed in insertions(text):
        yield what, partial(str, changed), False
    for what, changed in raising(text):
        yield what, partial(str, changed), True
    for what, made in chain(moving(text), mutants(text)):
        yield what, made, True


T = TypeVar("T")


def within(seconds: float, every: Iterator[T]) -> Iterator[T]:
    """All of it, or in a random order what there is time for."""
    if seconds == math.inf:
        yield from every
        return
    found, end = list(every), time.monotonic() + seconds
    for one in random.sample(found, len(found)):
        if time.monotonic() > end:
            return
        yield one


class Accepted(list[str]):
    """What was accepted, which is printed at once."""

    def append(self, what: str) -> None:
        """One more."""
        super().append(what)
        print(what, flush=True)


def forge(function: Callable[..., Any], folder: Path, seconds: float) -> list[str]:
    """Forge everything of a function; what was accepted."""
    compiled = compile_gradient(function, 1.2, 0.7)
    report = verify_gradient(compiled, 1.2, 0.7)
    report.save(folder / "own.json")
    compiled.save(folder / "own.py")
    content, text = json.loads((folder / "own.json").read_text()), (folder / "own.py").read_text()
    false, tried, right = Accepted(), 0, behaviour(text)
    for what, made, may_run in within(seconds, modules(text)):
        changed = made()
        if may_run and behaviour(changed) == right:
            continue
        tried += 1
        if accepted(folder, json.dumps(content), changed):
            false.append(f"{function.__name__}: accepted unsealed: {what}")
        if verdict := accepted(folder, sealed(content, changed), changed):
            false.append(f"{function.__name__}: module accepted ({verdict}): {what}")
    print(f"{function.__name__}: {tried} modules that behave otherwise", flush=True)
    tried = told = 0
    for what, changed in within(seconds, fields(content)):
        tried += 1
        if accepted(folder, json.dumps(changed), text):
            false.append(f"{function.__name__}: certificate accepted unsealed: {what}")
        key = what.partition(" = ")[0]
        if not key.endswith(("sha256", "digest")) and (
            verdict := accepted(folder, sealed(changed), text)
        ):
            if any(word in key.split(".") for word in _TOLD) and (verdict == "PROVED"):
                told += 1
                continue
            false.append(f"{function.__name__}: certificate accepted ({verdict}): {what}")
    print(f"{function.__name__}: {tried} certificates; {told} differ in what is told only")
    return false


def runs(folder: Path) -> list[str]:
    """Modules that leave a mark if anything of them runs."""
    compiled = compile_gradient(smooth, 1.2, 0.7)
    verify_gradient(compiled, 1.2, 0.7).save(folder / "own.json")
    content = json.loads((folder / "own.json").read_text())
    mark, marked = folder / "ran", []
    touch = f"open({str(mark)!r}, 'w')"
    for line in (
        f"{touch}\n", f"def h(x={touch}):\n    return x\n", f"def h(x: {touch}):\n    return x\n",
        f"@{touch}\ndef h(x):\n    return x\n", f"class H:\n    {touch}\n", f"K = {touch}\n",
        f"if {touch}:\n    pass\n", f"K = [{touch} for _ in [1]]\n", f"K = f'{{{touch}}}'\n",
        f"import math as m; {touch}\n", f"K: {touch} = 1\n",
        f"def h(x) -> {touch}:\n    return x\n",
    ):  # fmt: skip
        for text in (compiled.source + "\n\n" + line, line + compiled.source):
            accepted(folder, sealed(content, text), text)
            if mark.exists():
                marked.append(f"ran: {line!r}")
                mark.unlink()
    return marked


def main() -> None:
    """Print the table."""
    false = []
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else math.inf
    with tempfile.TemporaryDirectory() as name:
        for function in FUNCTIONS:
            false += forge(function, Path(name), seconds)
        marked = runs(Path(name))
    print(*marked, sep="\n")
    false += marked
    print(f"{len(false)} forgeries accepted")
    sys.exit(bool(false))


if __name__ == "__main__":
    main()
