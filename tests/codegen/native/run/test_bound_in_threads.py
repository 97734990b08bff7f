"""A bound batch runs in the threads that it was compiled for."""

from __future__ import annotations

import numpy as np
import pytest

from codegen import compile_gradient

pytest.importorskip("llvmlite")

from codegen.native.run import batch


def test_a_bound_batch_runs_in_as_many_threads_as_it_was_compiled_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the bits of one thread, in the arrays that it was bound to."""
    asked: list[int] = []
    worth_it = batch.worth

    def worth(threads: int, work: int) -> int:
        asked.append(threads)
        return worth_it(threads, work)

    monkeypatch.setattr(batch, "worth", worth)
    x, y = np.linspace(0.1, 2.0, 70_000), np.linspace(0.5, 1.0, 70_000)
    found = []
    for threads in (1, 2):
        df = compile_gradient(
            lambda x, y: np.sin(x) * np.exp(y), 1.0, 1.0, target="native", batch=True,
            threads=threads,
        )  # fmt: skip
        out = np.empty_like(x), np.empty_like(x)
        call = df.bind(x, y, out=out)
        first = call()
        x[0] += 0.5
        assert call()[0] == pytest.approx(np.sin(x[0]) * np.exp(y[0]), rel=1e-15)
        assert first is call()
        found.append([call().copy(), *out])
        x[0] -= 0.5
    assert 2 in asked
    np.testing.assert_array_equal(*found)
