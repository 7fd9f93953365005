"""A repair that people approved twice is told in the report of fixes until somebody drafts its pattern."""

from pathlib import Path

from db import decisions, fixes, models
from db.decisions import Decided
from db.fixes import NewFix
from db.session import Database
from db.settings import Settings
from tasks.clients.knowledge import stack_lists
from tasks.core import trend_report
from tasks.core.configuration import Configuration
from tasks.steps import promotions, trends
from tasks.steps.workspace import Workspace
from tests.integration.shelf import SHOP, Shelf
from tests.unit.test_promotion import GUARD, OTHER


def approve(shelf: Shelf, patch: bytes, *, route: str = "claude", state: str = "DEPLOYED") -> int:
    """Let a fix of the shop's defect come to its end with a patch."""
    row = shelf.row(shelf.store(*SHOP))
    assert row.defect_id is not None
    new = NewFix(
        defect_id=row.defect_id,
        server_id=row.server_id,
        crash_id=row.id,
        pattern_id=None,
        route=route,
        template=None,
        reason="novel",
    )
    with shelf.room.database.transaction() as session:
        fix = fixes.open_fix(session, new, None)
        assert fix is not None
        attempt = fixes.begin_attempt(session, fix, "api")
        attempt.patch = patch
        fix.state = state
        session.add_all((attempt, fix))
        return fix.id


def test_a_repair_that_was_approved_twice_is_proposed_until_its_pattern_is_drafted(
    database: Database, tmp_path: Path
) -> None:
    settings = Settings(configuration=Configuration(), state_folder=tmp_path / "state")
    shelf = Shelf(Workspace(settings=settings, database=database, lists=stack_lists()), tmp_path)
    first = approve(shelf, GUARD)
    approve(shelf, GUARD, state="REJECTED")
    approve(shelf, GUARD, route="template")
    approve(shelf, OTHER)
    with database.transaction() as session:
        assert () == promotions.worth_a_pattern(session)
    second = approve(shelf, GUARD)

    facts, _ = trends.fixes_of(shelf.room)
    (repair,) = facts.repeated
    assert (first, second) == repair.fixes
    command = f"crashflow defects promote {repair.defect_id}"
    assert command in trend_report.render_fixes(facts)

    with database.transaction() as session:
        defect = session.get(models.Defect, repair.defect_id)
        assert defect is not None
        decisions.record(session, defect, "promote", {"slug": "shop-price"}, Decided(by="ann"))
    facts, _ = trends.fixes_of(shelf.room)
    assert command not in trend_report.render_fixes(facts)
