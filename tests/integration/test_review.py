"""What a person decides of a fix is bound to the commit that was read, and both database and forge know it."""

import json
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from db import fixes, models, reviews
from db.fixes import NewFix
from db.session import Database
from db.settings import Settings
from tasks.clients.forge import PullRequestDraft
from tasks.clients.knowledge import stack_lists
from tasks.clients.local_forge import LocalForge
from tasks.core.configuration import Configuration, ServerSettings, SourceSettings
from tasks.core.errors import DecisionError, NotFoundError
from tasks.steps import analysis, publish, review
from tasks.steps.workspace import Workspace
from tests.integration.shelf import SHOP, Shelf

BRANCH = "crashflow/fix-1-shop-price"


def git(folder: Path, *words: str | Path) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
    done = subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    git(tmp_path, "clone", "-q", tmp_path / "remote.git", "clone")
    folder = tmp_path / "clone"
    for branch in ("main", BRANCH):
        git(folder, "checkout", "-q", "-b", branch)
        git(folder, "commit", "-q", "--allow-empty", "-m", branch)
        git(folder, "push", "-q", "origin", branch)
    return folder


@pytest.fixture
def shelf(database: Database, tmp_path: Path, clone: Path) -> Shelf:
    server = ServerSettings(name="game", source=SourceSettings(repository=clone))
    settings = Settings(configuration=Configuration(server=(server,)), state_folder=tmp_path / "state")
    return Shelf(Workspace(settings=settings, database=database, lists=stack_lists()), tmp_path)


@pytest.fixture
def fix_id(shelf: Shelf, clone: Path) -> int:
    crash_id = shelf.store(*SHOP)
    row, head = shelf.row(crash_id), git(clone, "rev-parse", BRANCH)
    assert row.defect_id is not None
    new = NewFix(
        defect_id=row.defect_id,
        server_id=row.server_id,
        crash_id=crash_id,
        pattern_id=None,
        route="template",
        template="null-check",
        reason="known",
    )
    draft = PullRequestDraft(title="t", body="b\n", branch=BRANCH, base="main", head_commit=head)
    reference = LocalForge(shelf.room.settings.forge_folder).open_draft(draft)
    with shelf.room.database.transaction() as session:
        fix = fixes.open_fix(session, new, None)
        assert fix is not None
        fix.branch, fix.head_commit = BRANCH, head
        for state in ("APPLYING_FIX", "COMPILING", "TESTING", "PR_CREATED", "AWAITING_APPROVAL"):
            fixes.advance(session, fix, state, reason="on its way", flow_run_id=None)
        fixes.record_pull_request(
            session,
            models.PullRequest(
                fix_id=fix.id,
                forge="local",
                number=1,
                url=reference.url,
                title="t",
                branch=BRANCH,
                head_commit=head,
                state="draft",
            ),
        )
        return fix.id


def told(shelf: Shelf, fix_id: int) -> tuple[str, str, list[tuple[str, str, str]]]:
    """State of the fix and of its pull request in the database, and the decisions."""
    with shelf.room.database.transaction() as session:
        fix, pull = fixes.get(session, fix_id), fixes.pull_request_of(session, fix_id)
        assert fix is not None
        assert pull is not None
        found = [(row.decision, row.comment, row.author) for row in reviews.of_fix(session, fix_id)]
        # Wished changes are a commit upon the one that was read.
        read = fix.base_commit if fix.state == "ANALYSIS_PENDING" else fix.head_commit
        assert all(row.head_commit == read for row in reviews.of_fix(session, fix_id))
        return fix.state, pull.state, found


def forge_state(shelf: Shelf) -> str:
    reference = LocalForge(shelf.room.settings.forge_folder).find(BRANCH)
    assert reference is not None
    return reference.state


@pytest.mark.parametrize(
    ("decision", "comment", "state", "pull_request"),
    [
        ("approve", "", "APPROVED", "open"),
        ("approve", "good", "APPROVED", "open"),
        ("reject", "it hides the crash", "REJECTED", "closed"),
        ("changes", "look at Shop::Sell too", "ANALYSIS_PENDING", "draft"),
    ],
)
def test_a_decision_is_recorded_and_carried_out(
    shelf: Shelf, fix_id: int, decision: review.Decision, comment: str, state: str, pull_request: str
) -> None:
    assert state == review.decide(shelf.room, fix_id, decision, comment, "ann")
    assert (state, pull_request, [(decision, comment, "ann")]) == told(shelf, fix_id)
    assert pull_request == forge_state(shelf)
    text_of_draft = next(shelf.room.settings.forge_folder.glob("*.md")).read_text()
    assert comment in text_of_draft
    with shelf.room.database.transaction() as session:
        reason = session.execute(text("SELECT reason FROM transition ORDER BY id DESC LIMIT 1")).scalar_one()
    assert "ann" in reason
    assert comment in reason


@pytest.mark.parametrize("decision", ["reject", "changes"])
def test_without_a_reason_nothing_is_refused(shelf: Shelf, fix_id: int, decision: review.Decision) -> None:
    with pytest.raises(DecisionError, match="--comment"):
        review.decide(shelf.room, fix_id, decision, "  ", "ann")
    assert ("AWAITING_APPROVAL", "draft", []) == told(shelf, fix_id)


def test_a_branch_that_moved_voids_the_decision(shelf: Shelf, fix_id: int, clone: Path) -> None:
    git(clone, "commit", "-q", "--allow-empty", "-m", "one more")
    git(clone, "push", "-q", "origin", BRANCH)
    with pytest.raises(DecisionError, match=r"is at [0-9a-f]{12} now"):
        review.decide(shelf.room, fix_id, "approve", "", "ann")
    git(clone, "push", "-q", "origin", f":{BRANCH}")
    with pytest.raises(DecisionError, match="is gone from the remote"):
        review.decide(shelf.room, fix_id, "approve", "", "ann")
    assert ("AWAITING_APPROVAL", "draft", []) == told(shelf, fix_id)
    assert "draft" == forge_state(shelf)


def test_what_was_decided_is_not_decided_again(shelf: Shelf, fix_id: int) -> None:
    review.decide(shelf.room, fix_id, "reject", "no", "ann")
    with pytest.raises(DecisionError, match="is REJECTED"):
        review.decide(shelf.room, fix_id, "approve", "", "ben")
    with pytest.raises(NotFoundError, match="no fix 77"):
        review.decide(shelf.room, 77, "approve", "", "ben")


def test_secrets_in_a_comment_do_not_reach_the_forge(shelf: Shelf, fix_id: int) -> None:
    review.decide(shelf.room, fix_id, "reject", "my token is ghp_0123456789abcdefghij and @root knows", "ann")
    said = next(shelf.room.settings.forge_folder.glob("*.md")).read_text()
    assert "ghp_" not in said
    assert "@root" not in said


def test_a_fix_whose_branch_was_deleted_can_still_be_rejected(shelf: Shelf, fix_id: int, clone: Path) -> None:
    git(clone, "push", "-q", "origin", f":{BRANCH}")
    assert "REJECTED" == review.decide(shelf.room, fix_id, "reject", "we took another way", "ann")
    assert ("REJECTED", "closed", [("reject", "we took another way", "ann")]) == told(shelf, fix_id)


def test_after_wished_changes_the_next_attempt_builds_upon_the_commit_that_was_read(
    shelf: Shelf, fix_id: int, clone: Path
) -> None:
    with shelf.room.database.transaction() as session:
        fix = fixes.get(session, fix_id)
        assert fix is not None
        fixes.begin_attempt(session, fix, "template null-check")
    review.decide(shelf.room, fix_id, "changes", "look at Shop::Sell too", "ann")
    with shelf.room.database.transaction() as session:
        fix, attempt = fixes.get(session, fix_id), fixes.last_attempt(session, fix_id)
        assert fix is not None
        assert attempt is not None
        assert (git(clone, "rev-parse", BRANCH), None) == (fix.base_commit, fix.head_commit)
        assert "look at Shop::Sell too" in (attempt.error or "")
        assert 2 == fixes.begin_attempt(session, fix, "claude").number


def test_a_wish_for_changes_is_a_new_question_with_the_wish_and_the_patch(
    shelf: Shelf, fix_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "workspace", lambda: shelf.room)
    with shelf.room.database.transaction() as session:
        fix = fixes.get(session, fix_id)
        assert fix is not None
        attempt = fixes.begin_attempt(session, fix, "template null-check")
        attempt.patch = b"+if (shop)\n"
        session.add(attempt)
    assert [] == analysis.request_analyses.fn()
    review.decide(shelf.room, fix_id, "changes", "guard Shop::Sell, token=ghp_0123456789abcdefghij", "ann")
    (path,) = analysis.request_analyses.fn()
    asked = json.loads(Path(path).read_text())["review"]
    assert ["guard Shop::Sell, token=[secret]"] == asked["wishes"]
    assert "+if (shop)" in asked["patch"]
    assert [] == analysis.request_analyses.fn()

    shelf.change("UPDATE fix SET state = 'AWAITING_APPROVAL', head_commit = base_commit")
    review.decide(shelf.room, fix_id, "changes", "and say why", "ben")
    (second,) = analysis.request_analyses.fn()
    assert second != path
    assert ["guard Shop::Sell, token=[secret]", "and say why"] == json.loads(Path(second).read_text())["review"][
        "wishes"
    ]


def test_the_draft_of_an_earlier_fix_is_closed_when_a_newer_one_takes_its_place(shelf: Shelf, fix_id: int) -> None:
    shelf.change("UPDATE fix SET state = 'FAILED'")
    with shelf.room.database.transaction() as session:
        old = fixes.get(session, fix_id)
        assert old is not None
        same = {"defect_id": old.defect_id, "server_id": old.server_id, "crash_id": old.crash_id}
        new = fixes.open_fix(
            session, NewFix(**same, pattern_id=None, route="template", template="null-check", reason="again"), None
        )
        assert new is not None
        forge = LocalForge(shelf.room.settings.forge_folder)
        assert [] == publish._close_superseded(session, forge, new, "file:///2.md")
    assert "closed" == forge_state(shelf)
    assert "closed" == told(shelf, fix_id)[1]
    said = next(shelf.room.settings.forge_folder.glob("*.md")).read_text()
    assert "A newer fix of the same defect takes its place" in said
