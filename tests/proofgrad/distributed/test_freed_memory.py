"""Freed memory of a worker: kept where Dask alone wants it given back."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from proofgrad.distributed.freed_memory import keep_freed_memory

# Pages that ten arrays of 8 MB, one after the other, touch for the first time.
FAULTS = """
import resource
import numpy as np
from proofgrad.distributed.freed_memory import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        x = np.ones(1_000_000)
        del x
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

many = faults()
assert keep_freed_memory()
faults()
print(many, faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the variable is glibc's")
def test_what_a_task_frees_serves_the_next_one() -> None:
    """Where a process was started as Dask does, arrays cost no new pages."""
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], env=os.environ | {"MALLOC_TRIM_THRESHOLD_": "65536"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    many, few = map(int, done.stdout.split())
    assert few < 1000 < many


@pytest.mark.parametrize("threshold", [None, "0", "65537"])
def test_what_somebody_chose_stays(threshold: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another threshold, or none, is not ours to change."""
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    if threshold is not None:
        monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", threshold)
    assert not keep_freed_memory()
