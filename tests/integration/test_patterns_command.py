"""``crashflow patterns``, and the packs of an operator: what is listed, shown, refused and imported."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from db import patterns as stored
from db.session import Database
from db.settings import Settings
from deployments import cli
from tasks.clients import knowledge
from tasks.core import configuration, patterns_lint
from tasks.steps import workspace
from tests.unit.test_patterns_lint import TEXT, with_pattern

BROAD = TEXT.replace("empty-bank", "any-bank").replace("'^Bank::Withdraw$'\n", "'.*'\n")
CRASH = TEXT.partition("text = '''\n")[2].partition("'''")[0]


def command(folder: Path, *arguments: str) -> Result:
    (folder / "crashflow.toml").write_text('pattern_folders = ["packs"]\n')
    return CliRunner().invoke(cli.app, ["--config", str(folder / "crashflow.toml"), *arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a pack of its own."""
    monkeypatch.setenv("CRASHFLOW_CONFIG", "")
    monkeypatch.setenv("CRASHFLOW_HOME", str(tmp_path / "home"))
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "own.toml").write_text(TEXT)
    return tmp_path


def test_the_list_has_what_ships_and_what_is_the_operators_own(folder: Path) -> None:
    result = command(folder, "patterns", "list")
    assert 0 == result.exit_code
    assert {"null-socket", "empty-bank"} <= {line.split()[0] for line in result.output.splitlines() if line}
    lines = command(folder, "patterns", "list", "--json").output.splitlines()
    assert "empty-bank" == json.loads(lines[-1])["slug"]


def test_a_pattern_is_shown_with_the_frames_that_its_expressions_hit(folder: Path) -> None:
    output = command(folder, "patterns", "show", "empty-bank").output
    assert "evidence    src/bank/Bank.cpp, Bank::Withdraw" in output
    assert "match, 100%; location hit Bank::Withdraw" in output
    assert "frame 1: Shop::Sell <- ^Shop::Sell$" in output
    (example,) = json.loads(command(folder, "patterns", "show", "empty-bank", "--json").output)["examples"]
    assert (True, []) == (example["is_match"], example["match"]["missing"])


def test_what_is_missed_is_shown_too(folder: Path) -> None:
    output = command(folder, "patterns", "show", "ghost-aura").output
    assert "match, 67%; location hit AuraApplication::_HandleEffect: HasEffect(effIndex) == (!apply)" in output
    assert "missed: " in output


def test_an_unknown_pattern_is_one_sentence(folder: Path) -> None:
    result = command(folder, "patterns", "show", "nothing")
    assert "There is no pattern nothing; there are: bih-collision, " in str(result.exception)


def test_the_lint_says_each_fault_and_fails(folder: Path) -> None:
    assert (0, "26 patterns: nothing is wrong.\n") == (
        (right := command(folder, "patterns", "lint")).exit_code,
        right.output,
    )
    (folder / "wrong.toml").write_text(BROAD)
    wrong = command(folder, "patterns", "lint", str(folder / "wrong.toml"))
    assert 1 == wrong.exit_code
    assert all(line.startswith("Pattern pack wrong, any-bank: ") for line in wrong.output.splitlines())
    assert "its location `.*` matches everything" in wrong.output
    assert "is not valid TOML" in lint_of(folder, "[[pattern]")
    assert "it must hold [[pattern]] tables" in lint_of(folder, "")


def lint_of(folder: Path, text: str) -> str:
    (folder / "wrong.toml").write_text(text)
    return command(folder, "patterns", "lint", str(folder / "wrong.toml")).output


def test_dumps_are_analyzed_with_the_operators_own_patterns(folder: Path) -> None:
    (folder / "packs" / "wrong.toml").write_text(BROAD)
    (folder / "crash.txt").write_text(CRASH)
    result = command(folder, "analyze", str(folder / "crash.txt"), "--json")
    assert "empty-bank" == json.loads(result.stdout)["pattern"]["slug"]
    assert "Not used: Pattern pack wrong, any-bank: " in result.stderr


def test_a_wrong_pattern_is_told_at_import_and_stops_no_other(folder: Path, database: Database) -> None:
    (folder / "packs" / "latin.toml").write_bytes(b'[[pattern]]\nslug = "caf\xe9"\n')
    (folder / "packs" / "wrong.toml").write_text(
        BROAD + TEXT.replace("empty-bank", "full-bank").replace("Bank", "Till")
    )
    loaded = Settings(
        configuration=configuration.parse(f'pattern_folders = ["{folder}/packs"]', name="x", folder=folder),
        state_folder=folder,
    )
    faults = workspace._import_patterns(database, loaded, knowledge.stack_lists())
    assert any("is not UTF-8" in fault.reason for fault in faults)
    assert {None, "any-bank"} == {fault.slug for fault in faults}
    with database.transaction() as session:
        slugs = {pattern.slug for pattern in stored.newest(session).values()}
    assert {"null-socket", "empty-bank", "full-bank"} <= slugs
    assert "any-bank" not in slugs


def test_remedy_and_examples_are_stored_and_may_change_without_a_version(database: Database) -> None:
    (shipped,) = knowledge.pattern_packs()
    pattern = shipped.patterns[0].model_copy(
        update={"remedy": "Lock it.", "examples": shipped.patterns[0].examples[:1]}
    )
    query = text("SELECT remedy, jsonb_array_length(examples), examples->0->>'title' FROM pattern WHERE slug = :slug")
    first = (shipped.patterns[0].remedy, len(shipped.patterns[0].examples), shipped.patterns[0].examples[0].title)
    with database.transaction() as session:
        assert first == tuple(session.execute(query, {"slug": pattern.slug}).one())
        assert 0 == stored.import_pack(session, replace(shipped, patterns=(pattern,)))
        assert ("Lock it.", 1, first[2]) == tuple(session.execute(query, {"slug": pattern.slug}).one())
        assert "Lock it." in {known.remedy for known in stored.newest(session).values()}


def test_what_was_imported_changes_with_its_version_alone(database: Database) -> None:
    (shipped,) = knowledge.pattern_packs()
    with database.transaction() as session:
        imported = stored.imported(session)
    assert [] == patterns_lint.changed([shipped], imported)
    (fault,) = patterns_lint.changed([with_pattern(shipped, location="^BIH::")], imported)
    assert "bih-collision" == fault.slug
