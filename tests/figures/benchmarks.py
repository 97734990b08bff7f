"""BENCHMARKS.md, its charts, and the times in README.md, from one run.

``python -m tests.figures.benchmarks`` on a quiet machine, with the extras bench, native, numba and
plot: everything on one core with one thread.  ``--seconds 240`` ends it after so many; started
again, it goes on, and writes once all is measured.  ``--readme`` writes the README's times from
BENCHMARKS.md as it stands.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from codegen.measure.pinning import ONE_THREAD, one_core

__all__ = ["with_times"]

ROOT = Path(__file__).resolve().parents[2]
IN_README = "black_scholes"
_ROW = re.compile(r"^(\| [^|]+ \| )([^|]+)( \| )([\d.]+ [nµm]s)( \|)", re.MULTILINE)


def with_times(readme: str, page: str) -> str:
    """The README with the times of the rows that it names, as they stand in the page.

    Args:
        readme: Text of README.md.
        page: Text of BENCHMARKS.md.
    """
    table = page[page.index(f"## {IN_README}:") :].partition("\n## ")[0]
    measured = dict(re.findall(r"^\| (.+?) \| (.+?) \|", table, re.MULTILINE))
    return _ROW.sub(lambda row: f"{row[1]}{row[2]}{row[3]}{measured[row[2]]}{row[5]}", readme)


HOW = (
    "Run it yourself: `.venv/bin/pip install '.[bench,native,numba,plot]'`, then "
    "`python -m tests.figures.benchmarks`, which writes this page, its charts and the README's "
    "times; `proofgrad bench FILE.py:FUNCTION` measures a function of yours.\n\n"
    "![Time of one call, by library](examples/benchmark.svg)\n\n"
)


def with_how(page: str) -> str:
    """The page that the command writes, with how it was made and its chart before the tables."""
    lead, heading, tables = page.partition("## ")
    return f"{lead}{HOW}{heading}{tables}"


def main() -> None:
    """Measure, write the page and the charts, then the README."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures.benchmarks")
    parser.add_argument("--seconds", default="inf", help="when to stop, to be started again")
    parser.add_argument("--readme", action="store_true", help="only take BENCHMARKS.md's times")
    asked = parser.parse_args()
    page, readme = ROOT / "BENCHMARKS.md", ROOT / "README.md"
    if not asked.readme:
        command = [sys.executable, "-m", "tests.figures.contest", "--page", str(page)]
        command += ["--seconds", asked.seconds]
        with one_core(), tempfile.TemporaryDirectory() as compiled:
            alone = os.environ | ONE_THREAD | {"JAX_PLATFORMS": "cpu"}
            # Dozens of processes import us: no reason to compile our files for each.
            alone |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
            done = subprocess.run(command, cwd=ROOT, env=alone, check=False)
        if done.returncode:  # what it measured is kept
            sys.exit(done.returncode)
        page.write_text(with_how(page.read_text("utf-8")), "utf-8")
    readme.write_text(with_times(readme.read_text("utf-8"), page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
