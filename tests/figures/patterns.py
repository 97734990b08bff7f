"""Patterns of random sparse functions against dense evaluation: missing and superfluous entries.

``python -m tests.figures.patterns [functions]``
"""

from __future__ import annotations

import sys
import time

import numpy as np

import autodiff as ad
from tests.dense import seen_entries
from tests.sparse_functions import random_function

_POINTS = 400


def main(functions: int) -> None:
    """Print the table."""
    start = time.perf_counter()
    print("| what | functions | entries | kept | missing | structural extras |")
    print("|---|---|---|---|---|---|")
    for hessian in (False, True):
        counts = np.zeros(4, dtype=int)
        for seed in range(functions):
            counts += _compared(seed, hessian)
        row = " | ".join(map(str, counts))
        print(f"| {'Hessians' if hessian else 'Jacobians'} | {functions} | {row} |")
    print(f"{time.perf_counter() - start:.0f} s")


def _compared(seed: int, hessian: bool) -> tuple[int, int, int, int]:
    function = random_function(seed, scalar=hessian)
    points = function.points(_POINTS)
    graph = ad.trace(function, points[0])
    pattern = (ad.hessian_pattern if hessian else ad.jacobian_pattern)(graph)
    seen, kept = seen_entries(graph, hessian, points, pattern), pattern.dense()
    return seen.size, pattern.count, int((seen & ~kept).sum()), int((kept & ~seen).sum())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
