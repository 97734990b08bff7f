"""The contest as one picture: how many times as long as Proofgrad everybody else takes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from codegen.measure.timing import duration
from tests.figures.contest.contenders import OURS
from tests.figures.contest.race import Result

__all__ = ["draw"]

_OURS = "#1b7f5c"
# Name, colour, marker: told apart without colours too.
_STYLES = {
    "JAX jit": ("#3b6fb6", "o"),
    "PyTorch": ("#d9534f", "s"),
    "NumPy by hand": ("#8e6bbf", "D"),
    "numba by hand": ("#e0912f", "^"),
    "C by hand": ("#4a4f57", "X"),
}
_WIDTH, _ROW = 8.3, 0.3  # inches


def draw(
    tables: Mapping[str, Sequence[Result]],
    growing: Mapping[str, Mapping[int, Result]],
    path: Path,
) -> None:
    """Write the chart.

    Args:
        tables: Results by heading: a row each, a dot a contender.
        growing: Results by heading and size: a panel each, a line a contender.
        path: Where; its suffix names the format.
    """
    from matplotlib.figure import Figure

    rows = sum(len(results) + 1.4 for results in tables.values())
    tall = _ROW * rows + 1.1, 2.6
    figure = Figure(figsize=(_WIDTH, sum(tall)), layout="constrained")
    upper, lower = figure.subfigures(2, 1, height_ratios=tall)
    _dots(tables, upper.subplots())
    panels = lower.subplots(1, len(growing), squeeze=False)[0]
    for panel, (heading, by_size) in zip(panels, growing.items(), strict=True):
        _lines(heading, by_size, panel)
    panels[0].set_ylabel("time of a call", fontsize=8.5)
    figure.savefig(path, dpi=150)


def _dots(tables: Mapping[str, Sequence[Result]], panel: Any) -> None:
    place, labels = 0.0, []
    seen: set[str] = set()
    for heading, results in tables.items():
        panel.text(-0.01, place, heading, transform=panel.get_yaxis_transform(), ha="right",
                   va="center", fontsize=9, fontweight="bold")  # fmt: skip
        place += 1.0
        for result in results:
            panel.axhline(place, color="#e6e9ed", linewidth=0.8, zorder=0)
            for name, (colour, marker) in _STYLES.items():
                if (ratio := result.ratio(name)) is not None:
                    label = name if name not in seen else None
                    seen.add(name)
                    panel.plot(ratio, place, marker, color=colour, markersize=6, label=label,
                               markeredgecolor="white", markeredgewidth=0.6)  # fmt: skip
            labels.append((place, f"{result.problem}   {duration(1e3 * result.times[OURS[0]])}"))
            place += 1.0
        place += 0.4
    panel.set_yticks([p for p, _ in labels], [text for _, text in labels], fontsize=8.5)
    panel.axvline(1.0, color=_OURS, linewidth=2.0, zorder=1, label="Proofgrad, machine code")
    panel.set(xscale="log", ylim=(place - 0.6, -0.6))
    panel.xaxis.set_major_formatter(lambda x, _: f"{x:g}×")
    panel.tick_params(axis="y", length=0)
    panel.tick_params(axis="x", labelsize=8.5)
    panel.set_xlabel("how many times as long as Proofgrad (its own time: beside the names)",
                     fontsize=8.5)  # fmt: skip
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.figure.legend(loc="outside upper left", ncols=3, fontsize=8.5, frameon=False)


def _lines(heading: str, by_size: Mapping[int, Result], panel: Any) -> None:
    sizes = list(by_size)
    for name, (colour, marker) in {OURS[0]: (_OURS, "o"), **_STYLES}.items():
        times = [by_size[n].times.get(name, math.nan) for n in sizes]
        if not all(map(math.isnan, times)):
            wide = 2.2 if name == OURS[0] else 1.1
            panel.plot(sizes, times, marker=marker, color=colour, linewidth=wide, markersize=4)
    panel.set(xscale="log", yscale="log")
    panel.set_title(heading, fontsize=9, loc="left")
    panel.set_xlabel("n", fontsize=8.5)
    panel.yaxis.set_major_formatter(lambda x, _: duration(1e3 * x))
    panel.tick_params(labelsize=8)
    panel.spines[["top", "right"]].set_visible(False)
