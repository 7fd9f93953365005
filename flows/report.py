"""Flows report-trends and report-fixes: what got worse, and what fixes are worth, for people and on a schedule."""

from prefect import flow

from tasks.steps import trends


@flow(name="report-trends", log_prints=True)
def report_trends() -> str:
    """Compare this week's crashes with the last week's, as the artifact ``trends``."""
    trends.compact_rollups()
    headline: str = trends.report_trends()
    print(headline)  # noqa: T201  Prefect logs it
    return headline


@flow(name="report-fixes", log_prints=True)
def report_fixes() -> None:
    """Say what fixes came to by route, template and pattern, and the figures, as the artifact ``fixes``."""
    trends.report_fixes()
