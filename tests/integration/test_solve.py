"""An analyst's answers become plans of edits, or end a fix with their reason; limits hold; nothing is asked twice."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlmodel import col, select

from db import conversations, fixes, models
from db.fixes import NewFix
from db.session import Database
from db.settings import Settings
from tasks.clients import scripted_model
from tasks.clients.knowledge import stack_lists
from tasks.clients.scripted_model import Body, Script, ScriptedModel, Turn, turns_behind
from tasks.core.configuration import AnalystSettings, Configuration, ServerSettings, SourceSettings
from tasks.core.errors import AnalystAwayError, BudgetError, CrashflowError, FixError, GateError
from tasks.core.spending import Limits
from tasks.steps import analysis, evidence, leases, solve
from tasks.steps.fix import PlannedFix
from tasks.steps.workspace import Workspace
from tests.integration.shelf import BANK, SHOP, Shelf
from tests.nightly import NIGHTLY

FILE = "src/Shop.cpp"
SOURCE = b"void Shop::Price(Player* bot)\n{\n    bot->Visit(1);\n    bot->Leave();\n}\n"
EDIT = {"path": FILE, "old": "    bot->Visit(1);\n", "new": "    if (bot)\n        bot->Visit(1);\n"}

TRIED = (
    b"--- a/src/Shop.cpp\n+++ b/src/Shop.cpp\n@@ -3 +3,2 @@ void\n-    bot->Visit(1);\n"
    b"+    if (bot)\n+        bot->Visit(1);\n"
)


def git(cwd: Path, *words: str) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
    return subprocess.run(["git", *settings, *words], cwd=cwd, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    (tmp_path / "work" / "src").mkdir(parents=True)
    (tmp_path / "work" / FILE).write_bytes(SOURCE)
    git(tmp_path / "work", "init", "-q", "-b", "main")
    git(tmp_path / "work", "add", ".")
    git(tmp_path / "work", "commit", "-q", "-m", "Start")
    git(tmp_path, "clone", "-q", "--bare", "work", "remote.git")
    git(tmp_path, "clone", "-q", str(tmp_path / "remote.git"), "clone")
    return tmp_path / "clone"


class Desk:
    """A fix that waits for its analyst, who follows a script."""

    def __init__(self, room: Workspace, fix_id: int, model: ScriptedModel) -> None:
        self.room, self.fix_id, self.model = room, fix_id, model

    def ask(self) -> PlannedFix | None:
        with leases.working(self.fix_id):
            return solve.ask.fn(self.fix_id)

    def fail(self, error: CrashflowError) -> None:
        with leases.working(self.fix_id):
            solve.note_failure.fn(self.fix_id, error)

    @property
    def fix(self) -> models.Fix:
        with self.room.database.transaction() as session:
            fix = fixes.get(session, self.fix_id)
            assert fix is not None
            return fix

    @property
    def told(self) -> list[str]:
        """What the model was told last in each request."""
        return [scripted_model.text_of(body, -1) for body in self.model.requests]


Open = Callable[..., contextlib.AbstractContextManager[Desk]]


@pytest.fixture
def desk(database: Database, tmp_path: Path, clone: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    @contextlib.contextmanager
    def opened(script: Script, **analyst: Any) -> Iterator[Desk]:
        monkeypatch.setenv("CRASHFLOW_ANTHROPIC_API_KEY", "key-for-tests")
        with scripted_model.serve(script) as model:
            server = ServerSettings(name="game", source=SourceSettings(repository=clone))
            settings = AnalystSettings(back_end="api", model="scripted", base_url=model.url, **analyst)
            configuration = Configuration(server=(server,), analyst=settings)
            loaded = Settings(configuration=configuration, state_folder=tmp_path / "state")
            room = Workspace(settings=loaded, database=database, lists=stack_lists())
            for module in (solve, analysis, leases):
                monkeypatch.setattr(module, "workspace", lambda: room)
            yield Desk(room, _fix(Shelf(room, tmp_path)), model)

    return opened


def _fix(shelf: Shelf, stack: Sequence[str] = SHOP) -> int:
    crash_id = shelf.store(*stack)
    row = shelf.row(crash_id)
    assert row.defect_id is not None
    same = {"defect_id": row.defect_id, "server_id": row.server_id, "crash_id": crash_id}
    new = NewFix(**same, pattern_id=None, route="claude", template=None, reason="novel")
    with shelf.room.database.transaction() as session:
        known = fixes.find_open(session, row.defect_id)
        fix = known or fixes.open_fix(session, new, None)
        assert fix is not None
        return fix.id


def answer(body: Body, **changes: Any) -> str:
    request_id = scripted_model.text_of(body, 0).split()[1].rstrip(".")
    right = {"request_id": request_id, "outcome": "fix", "root_cause": "A bot that is gone.", "edits": [EDIT]}
    return json.dumps(right | changes)


def answering(*changes: dict[str, Any] | str) -> Script:
    def script(body: Body) -> Turn:
        chosen = changes[min(turns_behind(body), len(changes) - 1)]
        return Turn(text=chosen if isinstance(chosen, str) else answer(body, **chosen))

    return script


def test_the_source_that_is_told_is_that_of_the_crashed_build_and_what_changed_since(
    desk: Open, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    crashed = git(work, "rev-parse", "HEAD").strip()
    (work / FILE).write_bytes(b"// Prices of the shop.\n\n" + SOURCE)
    (work / "src" / "Other.cpp").write_text("int other;\n")
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "Tell what it is")
    git(work, "push", "-q", str(tmp_path / "remote.git"), "main")
    base = git(work, "rev-parse", "HEAD").strip()
    with desk(answering({})) as at:
        with at.room.database.transaction() as session:
            session.execute(sql("UPDATE crash SET build = :build"), {"build": f"{crashed[:12]}+ 2026-11-01"})
        assert at.ask() is not None
        told = scripted_model.text_of(at.model.requests[0], 0)
    assert f"built from commit {crashed[:12]}" in told
    assert f"Your edits go into commit {base[:12]}" in told
    snippet = told.partition(f"{FILE} from line 1\n")[2].partition("FENCE")[0]
    assert snippet.startswith("void Shop::Price")
    assert "+// Prices of the shop." in told.partition(f"changed until {base[:12]}")[2]
    assert "int other" not in told


def test_tools_read_the_crashed_build_and_the_commit_to_be_patched(desk: Open, tmp_path: Path) -> None:
    work = tmp_path / "work"
    crashed = git(work, "rev-parse", "HEAD").strip()
    (work / FILE).write_bytes(b"// Prices.\n" + SOURCE)
    git(work, "commit", "-q", "-a", "-m", "Say what it is")
    git(work, "push", "-q", str(tmp_path / "remote.git"), "main")
    base = git(work, "rev-parse", "HEAD").strip()

    def script(body: Body) -> Turn:
        places = {"file_path": FILE}, {"place": FILE}
        calls = [("read", places[0]), ("read_source_to_patch", places[1])]
        return Turn(calls=calls) if turns_behind(body) == 0 else Turn(text=answer(body))

    with desk(script) as at:
        with at.room.database.transaction() as session:
            session.execute(sql("UPDATE crash SET build = :build"), {"build": crashed})
        assert at.ask() is not None
        results = json.dumps(at.model.requests[1]["messages"][-1])
        assert ("1: // Prices." in results, "1: void Shop::Price" in results) == (True, False)
        assert "void Shop::Price" in results.partition("// Prices.")[0], "the first tool read what crashed"
        repository = at.room.repository("game")
        (read, *_) = evidence.tools(at.room, repository, crashed, base)
        assert "5:     bot->Leave();" in asyncio.run(read.call({"place": f"{FILE}:4"}))
        assert "ends before" in asyncio.run(read.call({"place": f"{FILE}:4000"}))
        for nothing in ("", "../../etc/passwd", "/etc/passwd", "src", f"{FILE}x", "--help"):
            assert "no such file" in asyncio.run(read.call({"place": nothing}))
        assert 2 == len(evidence.tools(at.room, repository, base, base))


def test_an_answer_is_a_plan_and_is_asked_for_once(desk: Open) -> None:
    with desk(answering({})) as at:
        planned = at.ask()
        assert planned is not None
        assert (FILE, b"    bot->Visit(1);\n") == (planned.edits[0].path, planned.edits[0].old)
        assert "A bot that is gone." in planned.explanation
        assert "APPLYING_FIX" == at.fix.state
        assert planned == at.ask()
        assert 1 == len(at.model.requests)
        assert "FENCE" in at.told[0]
        assert "src/Shop.cpp from line 1" in at.told[0]


@NIGHTLY
@pytest.mark.parametrize(
    ("changes", "words", "requests"),
    [
        ({"outcome": "abstain", "edits": [], "missing": ["the other thread"]}, "abstains: the other thread", 1),
        ("I could not find it.", "is no JSON object", 3),
        ({"request_id": "ffff0000"}, "is for request ffff0000", 3),
        ({"edits": [EDIT | {"old": "bot->"}]}, "occurs more than once", 3),
        ({"edits": [EDIT | {"old": "nowhere"}]}, "does not occur", 3),
        ({"edits": [EDIT | {"path": "../../etc/passwd"}]}, "component", 3),
        ({"edits": [EDIT | {"path": "src/None.cpp"}]}, "is no file of the commit", 3),
        ({"edits": []}, "holds no edit", 3),
    ],
)
def test_what_can_not_be_used_is_told_and_ends_with_its_reason(
    desk: Open, changes: dict[str, Any] | str, words: str, requests: int
) -> None:
    with desk(answering(changes)) as at:
        with pytest.raises(FixError) as error:
            at.ask()
        assert words in str(error.value)
        assert requests == len(at.model.requests)
        assert all(words in told for told in at.told[1:])


def test_a_failure_is_the_next_question_and_the_same_patch_is_refused(desk: Open) -> None:
    other = {"edits": [EDIT | {"new": "    if (bot != nullptr)\n        bot->Visit(1);\n"}]}
    with desk(answering({}, {}, other)) as at:
        first = at.ask()
        assert first is not None
        with at.room.database.transaction() as session:
            attempt = fixes.last_attempt(session, at.fix_id)
            assert attempt is not None
            attempt.patch = TRIED
            session.add(attempt)
        at.fail(GateError("compile", "g++ says no, token=abcdef0123456789"))
        assert "ANALYSIS_PENDING" == at.fix.state
        second = at.ask()
        assert second is not None
        assert b"nullptr" in second.edits[0].new
        assert "stopped by the gate `compile`" in at.told[1]
        assert "abcdef0123456789" not in json.dumps(at.model.requests)
        assert "tried already" in at.told[2]
        assert 3 == len(at.model.requests)


def test_after_the_last_attempt_the_fix_ends_and_alike_failures_change_the_way(desk: Open) -> None:
    ways: Sequence[dict[str, Any]] = [{"edits": [EDIT | {"new": f"    Visit({number});\n"}]} for number in range(3)]
    with desk(answering(*ways)) as at:
        for _ in range(2):
            at.ask()
            at.fail(GateError("replay", "it crashed again"))
        at.ask()
        assert "Leave that way" in at.told[2]
        with pytest.raises(FixError, match="3 patches of the analyst failed; the last one at the gate replay"):
            at.fail(GateError("replay", "it crashed again"))


def test_shapes_that_hide_a_crash_are_objected_to_once(desk: Open) -> None:
    with desk(answering({}, {"edits": [EDIT | {"new": "    Visit(2);\n"}]})) as at:
        at.ask()
        with leases.working(at.fix_id):
            assert solve.object_to(at.fix_id, ["catches every exception"])
        at.ask()
        assert "Reviewers distrust such a patch: it catches every exception" in at.told[1]
        with leases.working(at.fix_id):
            assert not solve.object_to(at.fix_id, ["catches every exception"])
            assert not solve.object_to(at.fix_id, [])


def test_the_limits_of_a_fix_and_of_a_day(desk: Open) -> None:
    def looking(body: Body) -> Turn:
        return Turn(calls=[("glob", {"pattern": "*"})])

    with desk(looking, limits=Limits(steps=2)) as at:
        with pytest.raises(BudgetError, match="its 2 steps"):
            at.ask()
        assert 2 == len(at.model.requests)


def test_the_tenth_of_a_day_with_nine_is_picked_up_on_the_next(desk: Open, tmp_path: Path) -> None:
    with desk(answering({}), limits=Limits(analyses_per_day=9)) as at:
        other = _fix(Shelf(at.room, tmp_path), BANK)
        for purpose in ("repair", "second opinion"):
            _ask_nine_times(at.room, other, purpose)
        assert at.ask() is None
        assert ("ANALYSIS_PENDING", []) == (at.fix.state, at.model.requests)
        assert "9 analyses a day is reached" in at.fix.reason
        Shelf(at.room, tmp_path).change("UPDATE analysis_step SET at = at - interval '1 day'")
        assert at.ask() is not None


def test_second_opinions_are_not_counted_as_analyses_of_a_day(desk: Open, tmp_path: Path) -> None:
    with desk(answering({}), limits=Limits(analyses_per_day=9)) as at:
        _ask_nine_times(at.room, _fix(Shelf(at.room, tmp_path), BANK), "second opinion")
        assert at.ask() is not None


def _ask_nine_times(room: Workspace, fix_id: int, purpose: str) -> None:
    with room.database.transaction() as session:
        for number in range(9):
            row = models.Analysis(
                fix_id=fix_id,
                purpose=purpose,
                request_id=f"{len(purpose):04x}{number:04x}",
                back_end="api",
                state="answered",
                request={},
            )
            session.add(row)
            session.flush()
            conversations.add_step(session, row.id, conversations.StepFacts(kind="question", message={}))


def test_an_api_that_is_away_leaves_the_conversation_as_it_is(desk: Open) -> None:
    calls: list[int] = []

    def script(body: Body) -> Turn:
        calls.append(1)
        is_away = len(calls) < 6
        return Turn(status=529, text="Overloaded", headers={"retry-after": "0"}) if is_away else Turn(text=answer(body))

    with desk(script) as at:
        with pytest.raises(AnalystAwayError, match="overloaded"):
            at.ask()
        assert "ANALYZING" == at.fix.state
        assert at.ask() is not None
        with at.room.database.transaction() as session:
            question = fixes.analysis_of(session, at.fix_id)
            assert question is not None
            kinds = [step.kind for step in conversations.steps_of(session, question.id)]
        assert ["question", "reply"] == kinds


def test_who_changes_the_analyst_asks_anew(desk: Open) -> None:
    with desk(answering({})) as at:
        at.ask()
        Shelf(at.room, Path()).change("UPDATE fix SET state = 'ANALYSIS_PENDING'")
        own = at.room.settings.configuration.analyst
        queue = at.room.settings.configuration.model_copy(
            update={"analyst": own.model_copy(update={"back_end": "queue"})}
        )
        api = at.room.settings.configuration
        object.__setattr__(at.room.settings, "configuration", queue)
        (path,) = analysis.request_analyses.fn()
        assert [] == analysis.request_analyses.fn()
        assert at.ask() is None
        object.__setattr__(at.room.settings, "configuration", api)
        assert at.ask() is not None
        with at.room.database.transaction() as session:
            asked = session.exec(select(models.Analysis).order_by(col(models.Analysis.id))).all()
        assert ["api", "queue", "api"] == [each.back_end for each in asked]
        assert asked[1].request_id in path
        assert 2 == len(at.model.requests)


def test_an_analyst_can_ask_for_earlier_crashes_and_for_symbols(desk: Open) -> None:
    with desk(answering({})) as at:
        at.ask()
        base = at.fix.base_commit
        assert base is not None
        known, symbol = evidence.tools(at.room, at.room.repository("game"), base, base)
        told = asyncio.run(known.call({"function": SHOP[0]}))
        assert "crash 1, defect 1" in told
        assert SHOP[0] in told
        assert "No crash is known" in asyncio.run(known.call({"function": "Shop::None"}))
        assert "src/Shop.cpp:1: function: void Shop::Price" in asyncio.run(symbol.call({"name": "Shop::Price"}))
        for nothing in ("", "--open-files-in-pager=sh", "Shop::None"):
            assert "defines nothing" in asyncio.run(symbol.call({"name": nothing}))
