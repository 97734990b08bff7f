"""A contest as a chart: bars of the time a call takes, on a logarithmic axis."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from autodiff.errors import ProofgradError, installing
from autodiff.files import write_whole
from codegen.measure.contest.results import Contest, Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

__all__ = ["chart_format", "draw_chart"]

_OURS, _OTHERS = "#1b7f5c", "#9aa5b1"
_BOUND = "////"  # hatching


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

    figure = Figure(figsize=(8.3, 0.9 + sum(0.8 + 0.27 * _count(c) for c in contests)))
    heights = [0.8 + 0.27 * _count(contest) for contest in contests]
    panels = figure.subplots(len(contests), 1, squeeze=False, height_ratios=heights)
    for contest, panel in zip(contests, panels[:, 0], strict=True):
        _panel(contest, panel)
    figure.legend(handles=_legend(contests), loc="upper left", ncols=3, fontsize=9, frameon=False)
    figure.tight_layout(rect=(0.0, 0.0, 1.0, 1.0 - 0.3 / figure.get_figheight()))
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
        raise ProofgradError(f"a chart needs matplotlib: {installing('plot')}") from None
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


def _panel(contest: Contest, panel: Axes) -> None:
    rows = _timed(contest)
    times = [(row.call or 0.0) / 1e3 for row in rows]
    colours = [_OURS if row.ours else _OTHERS for row in rows]
    bars = panel.barh([row.name for row in rows], times, color=colours, edgecolor="white")
    for bar, row in zip(bars, rows, strict=True):
        bar.set_hatch(_BOUND if row.bound else "")
    panel.bar_label(bars, [f" {_plain(time)}" for time in times], fontsize=9)
    panel.set_xscale("log")
    panel.margins(x=0.12)
    panel.xaxis.set_major_formatter(lambda value, _: _plain(value))
    panel.set_title(contest.title, loc="left", fontsize=11)
    panel.set_xlabel("µs a call (each step of the axis: ten times as long)", fontsize=9)
    panel.tick_params(labelsize=9)
    panel.spines[["top", "right"]].set_visible(False)


def _plain(number: float) -> str:
    """Three digits, without a power of ten."""
    digits = max(0, 2 - math.floor(math.log10(number)))
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _legend(contests: Sequence[Contest]) -> list[Patch]:
    from matplotlib.patches import Patch

    patches = [Patch(color=_OURS, label="Proofgrad"), Patch(color=_OTHERS, label="other libraries")]
    if any(row.bound and row.call for contest in contests for row in contest.rows):
        bound = "arrays given beforehand (bound)"
        patches.append(Patch(facecolor="#c9d0d8", edgecolor="white", hatch=_BOUND, label=bound))
    return patches
