"""What `crashflow fix --preview` shows is a patch for the newest source, and it changes nothing."""

import json
import subprocess
from pathlib import Path

import pytest

from db import defects
from db.session import Database
from db.settings import Settings
from deployments import fixing
from tasks.clients.knowledge import stack_lists
from tasks.core.configuration import BuildSettings, Configuration, ServerSettings, SourceSettings
from tasks.core.errors import FixError, NotFoundError, RefusalError
from tasks.steps import preview
from tasks.steps.workspace import Workspace
from tests.integration.shelf import SHOP, Shelf

SOURCE = (
    b"void Shop::Price(Player* bot) { bot->Visit(1); } // gr\xfcn\r\nvoid Shop::Sell(Player* bot) { Price(bot); }\r\n"
)
FIXED = b"{ if (bot->IsInWorld() && !bot->IsBeingTeleported()) bot->Visit(1); } // gr\xfcn\r\n"


def git(folder: Path, *words: str | Path) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
    done = subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    work.mkdir()
    (work / "src").mkdir()
    (work / "src" / "Shop.cpp").write_bytes(SOURCE)
    git(work, "init", "-q", "-b", "main")
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", "Start")
    git(tmp_path, "clone", "-q", "--bare", "work", "remote.git")
    git(tmp_path, "clone", "-q", tmp_path / "remote.git", "clone")
    return tmp_path / "clone"


def room_of(database: Database, tmp_path: Path, source: SourceSettings | None) -> Workspace:
    build = BuildSettings(compile=("make", "all"), test=("make", "check"))
    server = ServerSettings(name="game", source=source, build=build)
    settings = Settings(configuration=Configuration(server=(server,)), state_folder=tmp_path / "state")
    return Workspace(settings=settings, database=database, lists=stack_lists())


@pytest.fixture
def shelf(database: Database, tmp_path: Path, clone: Path) -> Shelf:
    source = SourceSettings(repository=clone, module_paths=("src/module/",))
    return Shelf(room_of(database, tmp_path, source), tmp_path)


def choose(shelf: Shelf, crash_id: int, template: str) -> None:
    shelf.change("UPDATE defect SET template = :name WHERE id = :id", name=template, id=shelf.row(crash_id).defect_id)


def state_of(clone: Path) -> tuple[str, ...]:
    return tuple(git(clone, *words) for words in (("branch", "-a"), ("worktree", "list"), ("status", "--short")))


def test_the_patch_applies_to_the_newest_source_and_nothing_else_changes(shelf: Shelf, clone: Path) -> None:
    crash_id = shelf.store(*SHOP)
    choose(shelf, crash_id, "state-validation")
    before = state_of(clone)
    found = preview.preview_in(shelf.room, crash_id)
    assert FIXED in found.patch
    assert b"gr\xfcn" in found.patch
    assert ("state-validation", True, "core") == (found.template, found.is_repair, found.level)
    assert found.patch == found.path.read_bytes()
    git(clone, "apply", "--check", found.path)
    assert before == state_of(clone)
    assert [0, 0, 0] == [shelf.count(table) for table in ("fix", "fix_attempt", "pull_request")]
    gates = {"compile": "make all", "tests": "make check", "replay": "skipped: no reproducer is configured"}
    assert gates.items() <= dict(found.gates).items()
    assert ["rules", "shapes", "syntax", "compile", "tests", "static analysis", "replay"] == [n for n, _ in found.gates]
    assert found.refusal is None


def test_people_and_programs_see_the_same(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    crash_id = shelf.store(*SHOP)
    found = preview.preview_in(shelf.room, crash_id, "state-validation")
    fixing.show_preview(found, is_json=True)
    value = json.loads(capsys.readouterr().out)
    assert (crash_id, "state-validation", "core") == (value["crash"], value["template"], value["level"])
    fixing.show_preview(found, is_json=False)
    said = capsys.readouterr().out
    assert "bot->IsInWorld()" in said
    assert "Nothing was changed" in said


def test_what_the_rules_of_the_project_would_stop_is_told(
    database: Database, shelf: Shelf, tmp_path: Path, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crash_id = shelf.store(*SHOP)
    found = preview.preview_in(shelf.room, crash_id, "state-validation")
    assert found.refusal is not None
    assert "src/Shop.cpp belongs to the core of the server" in found.refusal
    fixing.show_preview(found, is_json=False)
    assert "The project's rules would stop it: src/Shop.cpp" in capsys.readouterr().out

    guarded = SourceSettings(repository=clone, protected_paths=("src/",))
    protected = preview.preview_in(room_of(database, tmp_path, guarded), crash_id, "state-validation")
    assert "protected by the configuration" in (protected.refusal or "")
    allowed = SourceSettings(repository=clone, module_paths=("src/module/",), core_changes="allowed")
    assert preview.preview_in(room_of(database, tmp_path, allowed), crash_id, "state-validation").refusal is None


def test_each_refusal_is_a_sentence(database: Database, shelf: Shelf, tmp_path: Path, clone: Path) -> None:
    crash_id = shelf.store(*SHOP)
    with pytest.raises(RefusalError, match="No pattern knows defect"):
        preview.preview_in(shelf.room, crash_id)
    with pytest.raises(NotFoundError, match="no template 'nil'"):
        preview.preview_in(shelf.room, crash_id, "nil")
    with pytest.raises(RefusalError, match="casts a spell"):
        preview.preview_in(shelf.room, crash_id, "aura-guard")
    with pytest.raises(FixError, match=r"No source is configured for game"):
        preview.preview_in(room_of(database, tmp_path, None), crash_id, "state-validation")
    assert not (tmp_path / "state" / "reports").exists()


def test_a_crash_without_a_defect_needs_symbols(shelf: Shelf) -> None:
    crash_id = shelf.store(*SHOP)
    shelf.change("UPDATE defect SET exemplar_id = NULL")
    shelf.change("UPDATE crash SET defect_id = NULL, placement = 'needs_symbols'")
    with pytest.raises(RefusalError, match="needs symbols"):
        preview.preview_in(shelf.room, crash_id)
    with shelf.room.database.transaction() as session:
        assert defects.get(session, 1) is not None
