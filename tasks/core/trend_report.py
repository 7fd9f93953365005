"""
The reports of trends and of fixes as Markdown: what got worse comes first, every share with what it is a share of.

Signatures come from dumps: they pass ``tasks.core.markdown``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tasks.core import markdown
from tasks.core.promotion import Repeated

SHOWN = 10
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class TrendFacts:
    """
    What the report of trends is made of, as the views give it.

    ``crashers`` are rows of top_crasher, ``daily`` crashes by day and server, ``components`` and ``between`` rows of
    component_summary and time_between_crashes.
    """

    today: date
    crashers: Sequence[Row]
    daily: Sequence[tuple[date, str, int]] = ()
    components: Sequence[Row] = ()
    between: Sequence[Row] = ()


@dataclass(frozen=True, kw_only=True)
class FixFacts:
    """
    What the report of fixes is made of.

    ``rates`` and ``figures`` are rows of fix_success_rate and kpi, ``endings`` say why the newest fixes ended badly,
    ``repeated`` are repairs that were made more than once.
    """

    rates: Sequence[Row]
    figures: Sequence[Row]
    endings: Sequence[Row] = field(default=())
    repeated: Sequence[Repeated] = ()


def headline(facts: TrendFacts) -> str:
    """Say in one line how the week compares with the one before."""
    now, before = (sum(row[name] for row in facts.crashers) for name in ("crashes", "crashes_before"))
    new = sum(1 for row in facts.crashers if row["is_new"])
    worse = sum(1 for row in facts.crashers if row["change"] > 0)
    return f"{now} crashes in 7 days, {before} in the 7 before ({_change(now, before)}): {worse} worse, {new} new"


def render_trends(facts: TrendFacts, plot: str = "") -> str:
    """Return the report of trends; ``plot`` is the Markdown of an image."""
    rows = [row for row in facts.crashers if row["defect_id"] is not None]
    worse = sorted((row for row in rows if row["change"] > 0), key=lambda row: (-row["change"], row["defect_id"]))
    better = sorted((row for row in rows if row["change"] < 0), key=lambda row: (row["change"], row["defect_id"]))
    back = [row for row in rows if row["state"] == "regressed"]
    nameless = sum(row["crashes"] for row in facts.crashers if row["defect_id"] is None)
    parts = [
        f"# {headline(facts)}",
        f"Until {facts.today} (UTC), today among the 7 days.",
        plot,
        _section("What got worse", _defects(worse), "Nothing."),
        _section("Regressed: seen in a build that has the fix", _defects(back), ""),
        _section("What got better", _defects(better), ""),
        _section("Patterns", _by_pattern(rows), ""),
        _section("Components", _components(facts.components), ""),
        _section("Time between crashes", _between(facts.between), ""),
    ]
    if nameless:
        parts.append(f"{nameless} crashes of the week could not be placed: they need symbols.")
    return "\n\n".join(part for part in parts if part) + "\n"


def render_fixes(facts: FixFacts, plot: str = "") -> str:
    """Return the report of fixes: what they came to, why they failed, and the figures that judge crashflow."""
    proven, ended = (sum(row[name] for row in facts.rates) for name in ("proven", "ended"))
    share = f"{proven / ended:.0%} of {ended} ended fixes proved themselves" if ended else "No fix has ended yet"
    rates = [
        (
            row["route"],
            row["template"],
            markdown.cell(row["pattern"]),
            row["fixes"],
            row["in_progress"],
            f"{row['proven']} of {row['ended']}",
            _interval(row),
        )
        for row in facts.rates
    ]
    endings = [
        (row["fix_id"], row["state"], markdown.cell(row["signature"], limit=80), markdown.cell(row["reason"] or ""))
        for row in facts.endings
    ]
    columns = ("route", "template", "pattern", "fixes", "in progress", "proved themselves", "share (95% interval)")
    parts = [
        f"# {share}",
        _section("Fixes by route, template and pattern", _table(columns, rates), ""),
        plot,
        _section("Why fixes ended badly, the newest first", _table(("fix", "state", "defect", "why"), endings), ""),
        _section("Worth a pattern: repaired the same way more than once", _repeated(facts.repeated), ""),
        _section("Figures", _figures(facts.figures), ""),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _repeated(repairs: Sequence[Repeated]) -> str:
    rows = [
        (
            markdown.cell(repair.place, limit=80),
            ", ".join(map(str, repair.fixes)),
            f"`crashflow defects promote {repair.defect_id}`",
        )
        for repair in repairs
    ]
    return _table(("place", "fixes", "drafts the pattern"), rows)


def _figures(figures: Sequence[Row]) -> str:
    rows = []
    for row in figures:
        if row["value"] is None:
            shown = "nothing to count yet"
        elif row["unit"] == "share":
            shown = _interval(row)
        else:
            shown = f"{row['value']} {row['unit']}"
        counted = f"{row['hits']} of {row['tries']}" if row["unit"] == "share" else str(row["tries"])
        rows.append((row["name"], shown, counted, row["target"] or "", row["about"]))
    return _table(("figure", "value (95% interval)", "counted", "target", "about"), rows)


def _interval(row: Row) -> str:
    value = row.get("success_rate", row.get("value"))
    return f"{value:.1%} ({row['low']:.0%} to {row['high']:.0%})" if value is not None else ""


def _defects(rows: Sequence[Row]) -> str:
    columns = ("defect", "what", "7 days", "before", "change", "state", "pattern")
    shown = [
        (
            row["defect_id"],
            markdown.cell(row["signature"], limit=80) + (" **new**" if row["is_new"] else ""),
            row["crashes"],
            row["crashes_before"],
            f"{row['change']:+d}",
            row["fix_state"] or row["state"],
            markdown.cell(row["pattern"] or ""),
        )
        for row in rows[:SHOWN]
    ]
    more = f"\n\n{len(rows) - SHOWN} more stand in the view `top_crasher`." if len(rows) > SHOWN else ""
    return _table(columns, shown) + more if shown else ""


def _by_pattern(rows: Sequence[Row]) -> str:
    totals: dict[str, tuple[int, int, int]] = {}
    for row in rows:
        if row["pattern"]:
            now, before, defects = totals.get(row["pattern"], (0, 0, 0))
            totals[row["pattern"]] = (now + row["crashes"], before + row["crashes_before"], defects + 1)
    ordered = sorted(totals.items(), key=lambda entry: (entry[1][1] - entry[1][0], entry[0]))
    shown = [
        (markdown.cell(slug), defects, now, before, f"{now - before:+d}") for slug, (now, before, defects) in ordered
    ]
    return _table(("pattern", "defects", "7 days", "before", "change"), shown)


def _components(rows: Sequence[Row]) -> str:
    shown = [
        (
            markdown.cell(row["component"]),
            "yes" if row["is_bot_related"] else "",
            row["crashes_7_days"],
            row["crashes_30_days"],
        )
        for row in rows[:SHOWN]
    ]
    return _table(("component", "bots", "7 days", "30 days"), shown)


def _between(rows: Sequence[Row]) -> str:
    shown = [
        (markdown.cell(row["server"]), row["days"], row["crashes"], str(row["mean_time"]).partition(".")[0])
        for row in rows
        if row["mean_time"] is not None
    ]
    return _table(("server", "days", "crashes", "mean time"), shown)


def _section(title: str, body: str, otherwise: str) -> str:
    return f"## {title}\n\n{body or otherwise}" if body or otherwise else ""


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    if not rows:
        return ""
    lines = [f"| {' | '.join(columns)} |", "|" + "---|" * len(columns)]
    return "\n".join([*lines, *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)])


def _change(now: int, before: int) -> str:
    if now == before:
        return "the same"
    return f"{(now - before) / before:+.0%}" if before else "none before"
