"""The report of trends says what got worse first, and every share what it is a share of."""

from datetime import date
from decimal import Decimal
from typing import Any

from tasks.core import trend_report
from tasks.core.reprocess_report import Move
from tasks.core.reprocess_report import render as render_moves
from tasks.core.trend_report import FixFacts, TrendFacts

TODAY = date(2026, 11, 21)


def crasher(number: int, now: int, before: int, **given: Any) -> dict[str, Any]:
    values = {"signature": f"Shop::Sell{number}", "is_new": False, "state": "open", "fix_state": None, "pattern": None}
    counts = {"defect_id": number, "crashes": now, "crashes_before": before, "change": now - before}
    return {**values, **counts, **given}


def report(*rows: dict[str, Any]) -> str:
    return trend_report.render_trends(TrendFacts(today=TODAY, crashers=rows))


def test_the_headline_compares_the_weeks() -> None:
    facts = TrendFacts(today=TODAY, crashers=[crasher(1, 9, 4), crasher(2, 3, 4), crasher(3, 3, 0, is_new=True)])
    assert "15 crashes in 7 days, 8 in the 7 before (+88%): 2 worse, 1 new" == trend_report.headline(facts)


def test_what_grew_most_stands_first_and_what_fell_stands_apart() -> None:
    text = report(crasher(1, 5, 4), crasher(2, 1, 9), crasher(3, 7, 0, is_new=True))
    worse, better = text.index("## What got worse"), text.index("## What got better")
    assert worse < text.index("Sell3") < text.index("Sell1") < better < text.index("Sell2")
    assert "**new**" in text.splitlines()[text[: text.index("Sell3")].count("\n")]


def test_a_signature_can_not_end_its_cell() -> None:
    text = report(crasher(1, 5, 4, signature="a|b`<script>"))
    row = next(line for line in text.splitlines() if line.startswith("| 1 |"))
    assert 8 == row.count("|")


def test_a_quiet_week_is_said_to_be_quiet() -> None:
    text = report()
    assert "0 crashes in 7 days, 0 in the 7 before (the same)" in text
    assert "## What got worse\n\nNothing." in text


def test_shares_are_shown_with_what_was_counted_and_the_interval() -> None:
    rate = {
        "route": "template",
        "template": "null-check",
        "pattern": "null-socket",
        "fixes": 12,
        "in_progress": 2,
        "proven": 8,
        "ended": 10,
        "success_rate": Decimal("0.8"),
        "low": Decimal("0.49"),
        "high": Decimal("0.94"),
    }
    text = trend_report.render_fixes(FixFacts(rates=[rate], figures=[]))
    assert "# 80% of 10 ended fixes proved themselves" in text
    assert "| 8 of 10 | 80.0% (49% to 94%) |" in text


def test_a_figure_without_anything_to_count_says_so() -> None:
    figure = {
        "name": "fix success",
        "unit": "share",
        "value": None,
        "hits": 0,
        "tries": 0,
        "target": None,
        "about": "x",
    }
    assert "| fix success | nothing to count yet | 0 of 0 |" in trend_report.render_fixes(
        FixFacts(rates=[], figures=[figure])
    )


def test_a_rehearsal_shows_moves_before_new_names() -> None:
    moves = [
        Move(source=1, target=1, crashes=9, before="a", after="b"),
        Move(source=1, target=2, crashes=3, before="a", after="c"),
        Move(source=1, target=7, crashes=2, before="a", after="d", is_new=True),
    ]
    text = render_moves(moves, seen=20, rules="crashflow-1/0")
    assert "Of 20 crashes, 5 would move to another defect, 9 would be named or judged anew" in text
    assert text.index("| 3 | 1 | 2 |") < text.index("| 2 | 1 | a new defect |") < text.index("| 9 | 1 | stays |")
