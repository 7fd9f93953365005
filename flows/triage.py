"""Triage, called by ingest in its own process: routes, fixes, questions for novel defects."""

from tasks.steps import analysis, triage


def triage_crashes(crash_ids: list[int]) -> None:
    """Route the defects of these crashes, hand the novel ones to the queue, and start the runs of all waiting fixes."""
    if crash_ids:
        for defect in triage.triage_defects(crash_ids):
            print(f"defect {defect.defect_id} ({defect.signature}): {defect.route}, {defect.reason}")  # noqa: T201
    analysis.request_analyses()
    triage.start_fixes()
