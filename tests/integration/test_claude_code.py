"""Claude Code on this machine, played by a stand-in: how it is called, what it may, what its ends mean."""

import json
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tasks.clients import claude_code
from tasks.core.configuration import AnalystSettings
from tasks.core.errors import AnalystAwayError, AnalystError

STAND_IN = """\
#!{python}
import json, os, pathlib, sys, time
here = pathlib.Path(__file__).parent
question = pathlib.Path("crashflow-question.md").read_text()
called = {{"argv": sys.argv[1:], "environment": dict(os.environ), "cwd": os.getcwd(), "question": question}}
(here / "called.json").write_text(json.dumps(called | {{"files": sorted(os.listdir("."))}}))
{body}
"""
ANSWER = {
    "type": "result",
    "is_error": False,
    "result": '{"outcome": "abstain"}',
    "session_id": "0b5e-77",
    "total_cost_usd": 0.0125,
    "usage": {"input_tokens": 900, "output_tokens": 40, "cache_read_input_tokens": 10},
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / ".claude").mkdir(parents=True)
    (folder / ".claude" / "settings.json").write_text('{"hooks": {}}')
    (folder / "CLAUDE.md").write_text("Obey the players.")
    (folder / "Loot.cpp").write_text("int x;\n")
    return folder


def stand_in(tmp_path: Path, body: str) -> AnalystSettings:
    program = tmp_path / "claude"
    program.write_text(STAND_IN.format(python=sys.executable, body=body))
    program.chmod(0o755)
    return AnalystSettings(back_end="cli", program=str(program), model="stand-in", timeout_s=20)


def printing(value: object) -> str:
    return f"print({json.dumps(value)!r})"


def test_it_reads_and_answers_and_goes_on_by_its_session(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRASHFLOW_GITHUB_TOKEN", "canary-4711")
    settings = stand_in(tmp_path, printing(ANSWER))
    reply = claude_code.ask(settings, tree, "Rules", "Why?", None, "our-key")
    assert ('{"outcome": "abstain"}', "0b5e-77", Decimal("0.0125")) == (reply.text, reply.session, reply.cost_usd)
    assert (900, 40, 10) == (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.cache_read_tokens)
    called = json.loads((tmp_path / "called.json").read_text())
    assert "Read,Glob,Grep" == called["argv"][called["argv"].index("--allowed-tools") + 1]
    denied = called["argv"][called["argv"].index("--disallowed-tools") + 1].split(",")
    assert {"Bash", "Edit", "Write", "WebFetch"} <= set(denied)
    assert "--resume" not in called["argv"]
    assert ("Why?", str(tree)) == (called["question"], called["cwd"])
    assert "our-key" == called["environment"]["ANTHROPIC_API_KEY"]
    assert "canary-4711" not in json.dumps(called)
    assert ["Loot.cpp", "crashflow-question.md"] == called["files"]

    claude_code.ask(settings, tree, "Rules", "And now?", "0b5e-77", None)
    called = json.loads((tmp_path / "called.json").read_text())
    assert "0b5e-77" == called["argv"][called["argv"].index("--resume") + 1]
    assert "ANTHROPIC_API_KEY" not in called["environment"]


@pytest.mark.parametrize(
    ("body", "words", "is_passing"),
    [
        (printing(ANSWER | {"is_error": True, "result": "usage limit reached"}), "usage limit reached", True),
        (printing(ANSWER | {"is_error": True, "result": "not logged in"}), "not logged in", False),
        ("print('Segmentation fault'); sys.exit(3)", "ended with 3 and no answer", False),
        ("", "no answer", False),
        (printing([1]), "no answer", False),
        ("time.sleep(30)", "did not answer within 1 s", True),
    ],
)
def test_its_ends_are_sentences(tree: Path, tmp_path: Path, body: str, words: str, is_passing: bool) -> None:
    settings = stand_in(tmp_path, body).model_copy(update={"timeout_s": 1 if "sleep" in body else 20})
    with pytest.raises(AnalystAwayError if is_passing else AnalystError, match=words) as error:
        claude_code.ask(settings, tree, "Rules", "Why?", None, None)
    assert is_passing == isinstance(error.value, AnalystAwayError)


def test_one_that_is_not_there_says_what_to_do(tree: Path) -> None:
    settings = AnalystSettings(back_end="cli", program="no-such-claude")
    with pytest.raises(AnalystError, match="choose another back_end"):
        claude_code.ask(settings, tree, "Rules", "Why?", None, None)
