"""Triage, called by ingest in its own process: routes, fixes, questions for novel defects."""

from tasks.steps import analysis, learning, starting, triage


def triage_crashes(crash_ids: list[int], *, is_asked: bool = False) -> None:
    """
    Route the defects of these crashes, hand the novel ones to the queue, and start the runs of all waiting fixes.

    ``is_asked`` says that a person asked for these crashes: then a failed fix may be followed by another.
    """
    if crash_ids:
        learning.sharpen_defects(crash_ids)
    decided = triage.triage_defects(crash_ids, is_asked=is_asked) if crash_ids else []
    for defect in decided:
        print(f"defect {defect.defect_id} ({defect.signature}): {defect.route}, {defect.reason}")  # noqa: T201
    if not crash_ids or any(defect.route != "skip" for defect in decided):
        analysis.request_analyses()
        starting.start_fixes()
