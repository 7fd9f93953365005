"""What came of the crashes of a demo, a row for each: the crash, the template, the gates, and where it ended."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deployments import console
from deployments.summary import Summary


def rows(result: Summary) -> list[dict[str, Any]]:
    """Return a row for each scenario: its crash, what was done about it, and how that ended; no end is a failure."""
    found = []
    fixes = {fix["defect"]: fix for fix in result.fixes}
    questions = {question["defect"]: question for question in result.pending}
    defects = {defect["defect"]: defect for defect in result.defects}
    crashes = {crash["dump"]: crash for crash in result.crashes}
    for dump in result.dumps:
        crash = crashes.get(dump["dump"], {})
        defect_id = crash.get("defect")
        fix, question, defect = fixes.get(defect_id), questions.get(defect_id), defects.get(defect_id, {})
        row = {
            "scenario": Path(dump["path"]).name.removeprefix("core."),
            "crash": crash.get("what"),
            "function": crash.get("function"),
            "pattern": crash.get("pattern"),
            "score": crash.get("score"),
            "template": (fix or question or {}).get("template"),
            **{gate: fix[gate] if fix else None for gate in ("compile", "tests", "replay")},
            "end": None,
            "reason": dump["error"] or (fix or question or defect).get("reason"),
        }
        if fix and fix["state"] == "AWAITING_APPROVAL" and fix["replay"] == "passed":
            row |= {"end": "draft pull request", "reason": fix["explanation"]}
        elif question:
            row["end"] = "question to an analyst"
        elif fix is None and defect.get("route") == "human":
            row["end"] = "for a person"
        found.append(row)
    return found


def show(found: Sequence[dict[str, Any]]) -> None:
    """Print the rows as a table, and each one's reason below it."""
    console.table(
        ("scenario", "crash", "in", "pattern", "template", "builds", "tests", "replay", "end"),
        [
            (
                row["scenario"],
                row["crash"],
                row["function"],
                f"{row['pattern']} {row['score']:.0%}" if row["pattern"] else "none",
                row["template"] or "none",
                *(row[gate] or "-" for gate in ("compile", "tests", "replay")),
                row["end"] or "failed",
            )
            for row in found
        ],
        title="Scenarios",
    )
    for row in found:
        console.line(f"{row['scenario']}: {row['reason']}")
