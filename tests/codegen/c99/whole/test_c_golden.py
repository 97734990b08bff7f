"""C of arrays as people read it: files under ``tests/golden``, which are compiled and run here.

Update them with ``pytest --update-golden``, then read the diff.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen.c99 import CSource, to_c
from tests.arrays_in_c import assert_right, graph_of
from tests.c_compiler import compiled, needs_compiler

_GOLDEN = Path(__file__).parents[3] / "golden"
_DRAW = np.random.default_rng(12)


def ridge(w: Any, A: Any, b: Any) -> Any:
    """Least squares with a penalty: one pass over the rows."""
    residual = A @ w - b
    return np.mean(residual**2) + 0.1 * np.sum(w * w)


def trimmed(x: Any, weights: Any) -> Any:
    """A weighted sum of what is sorted."""
    return np.sum(np.sort(x)[5:-5] * weights)


def gaussian(m: Any, x: Any) -> Any:
    """The negative log likelihood of a Gaussian, by its covariance."""
    covariance = m @ m.T + np.eye(12)
    return 0.5 * (x @ np.linalg.solve(covariance, x) + np.linalg.slogdet(covariance)[1])


_CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (ridge, (_DRAW.normal(size=4), _DRAW.normal(size=(500, 4)), _DRAW.normal(size=500))),
    (trimmed, (_DRAW.normal(size=60), _DRAW.normal(size=50))),
    (gaussian, (_DRAW.normal(size=(12, 12)), _DRAW.normal(size=12))),
]


@needs_compiler
@pytest.mark.parametrize("case", _CASES, ids=lambda case: case[0].__name__)
def test_emitted_c(case: Any, tmp_path: Path, update_golden: bool) -> None:
    """The text is that of the golden file, which a strict compiler takes and which is right."""
    function, examples = case
    graph = graph_of(function.__name__, function, *examples)
    source = to_c(graph, expand=False)
    body, header = (_GOLDEN / f"{source.name}{end}" for end in (".c", ".h"))
    if update_golden:
        source.save(body)
    kept = CSource(source.name, header.read_text("utf-8"), source.body)
    assert source.header == kept.header, f"{header.name}: pytest --update-golden"
    assert source.source() == body.read_text("utf-8"), f"{body.name}: pytest --update-golden"
    assert_right(compiled([kept], tmp_path, "-O2"), kept, graph, *examples)
