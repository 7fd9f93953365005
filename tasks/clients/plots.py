"""Plots as images within Markdown: matplotlib draws them, nothing is written to a disk or fetched from a network."""

import base64
import io
from collections.abc import Mapping, Sequence
from datetime import date

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_DPI = 80
_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#bbbbbb")
_LABEL = 42


def crashes_by_day(
    days: Sequence[date], servers: Mapping[str, Sequence[int]], defects: Mapping[str, Sequence[int]]
) -> str:
    """Draw the crashes a day, stacked by server, beside the defects that grew; return a Markdown image."""
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    below = [0] * len(days)
    for number, (server, counts) in enumerate(servers.items()):
        left.bar(days, counts, bottom=below, label=_plain(server), color=_COLOURS[number % len(_COLOURS)])
        below = [sum(pair) for pair in zip(below, counts, strict=True)]
    for number, (name, counts) in enumerate(defects.items()):
        right.plot(days, counts, label=_plain(name), color=_COLOURS[number % len(_COLOURS)], linewidth=2)
    _finish(left, "crashes a day by server")
    _finish(right, "crashes a day of the defects that grew most")
    return _image(figure, "crashes a day")


def shares(rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Draw shares with their intervals (label, share, low, high), the first at the top; return a Markdown image."""
    figure = Figure(figsize=(8, 0.8 + 0.4 * len(rows)), layout="constrained")
    axes = figure.subplots()
    names = [_plain(row[0]) for row in rows]
    errors = [[row[1] - row[2] for row in rows], [row[3] - row[1] for row in rows]]
    axes.barh(names, [row[1] for row in rows], xerr=errors, color=_COLOURS[0], ecolor="#333333", capsize=3)
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_title("fixes that proved themselves, with the 95% interval", fontsize=10, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    return _image(figure, "fix success")


def _finish(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_locator(AutoDateLocator(maxticks=8))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%d %b"))  # type: ignore[no-untyped-call]
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        # Below the plot: within it, it would lie on the bars.
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2)


def _plain(text: str) -> str:
    """A dollar begins a formula, an underscore hides a label, and a font has no control characters."""
    shown = "".join(char if char.isprintable() else " " for char in text).replace("$", r"\$").lstrip("_")
    return shown if len(shown) <= _LABEL else shown[: _LABEL - 3] + "..."


def _image(figure: Figure, title: str) -> str:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=_DPI)
    return f"![{title}](data:image/png;base64,{base64.b64encode(content.getvalue()).decode()})"
