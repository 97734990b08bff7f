"""The reader against CPython: random programs of the language of gradients, executed by both.

``python -m tests.figures.reader [count [first]]`` prints how many were compared and each
disagreement, and ends with 1 if there is one.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter

from tests.verify.program.python_itself import disagreement
from tests.verify.program.random_programs import program

_COUNT = 100_000
_TOLD = 10_000


def main() -> None:
    """Print the figures."""
    count, first = (int(a) for a in [*sys.argv[1:], *(str(_COUNT), "0")[len(sys.argv) - 1 :]])
    start, kinds, wrong = time.perf_counter(), Counter[str](), 0
    for seed in range(first, first + count):
        source = random.Random(seed)
        text = program(source)
        found = disagreement(text, source)
        refused = found.startswith("refused")
        kinds["refused" if refused else "compared"] += 1
        if found and not refused:
            wrong += 1
            print(f"seed {seed}: {found}\n{text}", flush=True)
        if (seed + 1) % _TOLD == 0:
            print(f"{seed + 1 - first} programs, {wrong} disagreements", flush=True)
    print(f"{count} programs, {time.perf_counter() - start:.0f} s: {dict(kinds)}")
    print(f"{wrong} disagreements")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
