"""A contest as a chart: bars of the time a call takes, on a logarithmic axis."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import Any

from autodiff.errors import ProofgradError
from autodiff.files import write_whole
from codegen.measure.contest.results import Contest, Row

__all__ = ["chart_format", "draw_chart"]

_OURS, _OTHERS = "#1b7f5c", "#9aa5b1"


def draw_chart(contests: Sequence[Contest], path: str | os.PathLike[str]) -> None:
    """Write a chart of one or more contests as an image.

    Args:
        contests: One panel each.
        path: The file; its suffix names the format (``.svg``, ``.png``, ``.pdf``).

    Raises:
        ProofgradError: if matplotlib is missing, or the format is unknown.
        OSError: if the file cannot be written.
    """
    kind = chart_format(path)
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 0.6 + sum(0.8 + 0.27 * _count(c) for c in contests)))
    heights = [0.8 + 0.27 * _count(contest) for contest in contests]
    panels = figure.subplots(len(contests), 1, squeeze=False, height_ratios=heights)
    for contest, panel in zip(contests, panels[:, 0], strict=True):
        _panel(contest, panel)
    figure.tight_layout()
    image = io.BytesIO()
    figure.savefig(image, format=kind)
    write_whole(path, image.getvalue())


def chart_format(path: str | os.PathLike[str]) -> str:
    """The format that a chart's name asks for: its suffix, or ``png`` where it has none.

    To be asked before the measurements that take minutes.

    Raises:
        ProofgradError: if matplotlib is missing, or cannot write this format.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ProofgradError("a chart needs matplotlib: pip install 'proofgrad[plot]'") from None
    kind = os.path.splitext(os.fspath(path))[1].lstrip(".").lower() or "png"
    known = sorted(Figure().canvas.get_supported_filetypes())
    if kind not in known:
        raise ProofgradError(
            f"{os.fspath(path)}: found the format {kind!r}; expected one of {', '.join(known)}"
        )
    return kind


def _timed(contest: Contest) -> list[Row]:
    return sorted((r for r in contest.rows if r.call), key=lambda r: -(r.call or 0.0))


def _count(contest: Contest) -> int:
    return len(_timed(contest))


def _panel(contest: Contest, panel: Any) -> None:
    rows = _timed(contest)
    times = [(row.call or 0.0) / 1e3 for row in rows]
    colours = [_OURS if row.ours else _OTHERS for row in rows]
    bars = panel.barh([row.name for row in rows], times, color=colours)
    panel.bar_label(bars, [f" {time:.3g}" for time in times], fontsize=8)
    panel.set_xscale("log")
    panel.margins(x=0.12)
    panel.set_title(contest.title, loc="left", fontsize=10)
    panel.set_xlabel("µs a call")
    panel.tick_params(labelsize=8)
    panel.spines[["top", "right"]].set_visible(False)
