"""MCP servers beside an analysis: what is allowed answers, what misbehaves costs its tools and not the analysis."""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tasks.clients.scripted_model import Body, Turn, turns_behind
from tasks.core.configuration import McpSettings
from tests.integration.test_claude_api import ANSWER, Notebook, ask, results, turns
from tests.nightly import NIGHTLY

NO_DASHBOARD = ("--enable-web-dashboard", "false", "--open-web-dashboard", "false")
SERVER = Path(__file__).parent / "programs" / "symbols_server.py"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "Loot.cpp").write_text("int roll() { return 1; }\n")
    return folder


def symbols(*tools: str, timeout_s: int = 30, **more: Any) -> McpSettings:
    return McpSettings(name="symbols", command=(sys.executable, str(SERVER)), tools=tools, timeout_s=timeout_s, **more)


def test_an_allowed_tool_answers_and_no_other_is_shown(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "canary-4711")
    notebook = Notebook()
    script = turns(
        Turn(calls=[("symbols_find_symbol", {"name": "roll"}), ("symbols_delete_everything", {})]), Turn(text=ANSWER)
    )
    text, requests = ask(script, tree, notebook, mcp=(symbols("find_symbol"),))
    assert ANSWER == text
    assert {"read", "glob", "grep", "symbols_find_symbol"} == {tool["name"] for tool in requests[0]["tools"]}
    assert "roll is defined in src/Loot.cpp:1" in results(notebook)
    assert "abcdef0123456789" not in results(notebook)
    assert "canary-4711" not in results(notebook)
    assert '"deleted"' not in results(notebook)


@pytest.fixture
def address() -> Iterator[str]:
    """The server of the tests at an address of this machine, as long as a test runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = subprocess.Popen([sys.executable, str(SERVER), str(port)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    try:
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        program.kill()
        program.wait()


def test_a_server_at_an_address_answers_and_goes_away(tree: Path, address: str) -> None:
    notebook = Notebook()
    server = McpSettings(name="symbols", url=address, tools=("find_symbol", "die"), timeout_s=5)
    script = turns(
        Turn(calls=[("symbols_find_symbol", {"name": "roll"})]), Turn(calls=[("symbols_die", {})]), Turn(text=ANSWER)
    )
    text, requests = ask(script, tree, notebook, mcp=(server,))
    assert ANSWER == text
    assert "roll is defined in src/Loot.cpp:1" in results(notebook)
    assert "did not answer" in results(notebook)
    assert {"read", "glob", "grep", "symbols_find_symbol", "symbols_die"} == {
        tool["name"] for tool in requests[0]["tools"]
    }


@NIGHTLY
@pytest.mark.parametrize(
    ("tool", "words"),
    [("die", "did not answer"), ("hang", "did not answer"), ("flood", "xxxxx")],
)
def test_a_server_that_dies_hangs_or_floods_costs_no_analysis(tree: Path, tool: str, words: str) -> None:
    notebook = Notebook()
    script = turns(Turn(calls=[(f"symbols_{tool}", {})]), Turn(text=ANSWER))
    text, requests = ask(script, tree, notebook, mcp=(symbols(tool, timeout_s=3),))
    assert ANSWER == text
    assert words in results(notebook)
    assert len(json.dumps(requests[-1])) < 100_000


@NIGHTLY
@pytest.mark.parametrize(
    ("server", "words"),
    [
        (McpSettings(name="gone", command=("no-such-server",), tools=("x",)), "The MCP server gone can't be asked"),
        (McpSettings(name="mute", command=("false",), tools=("x",)), "The MCP server mute can't be asked"),
        (symbols("no_such_tool"), "has no tool no_such_tool"),
        (McpSettings(name="far", url="http://127.0.0.1:9/mcp", tools=("x",)), "The MCP server far can't be asked"),
    ],
)
def test_a_server_that_can_not_be_had_is_told(
    tree: Path, server: McpSettings, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ANSWER == ask(turns(Turn(text=ANSWER)), tree, Notebook(), mcp=(server,))[0]
    assert words in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("serena") is None, reason="serena is not installed: uv tool install serena-agent")
def test_serena_answers_a_question_about_a_symbol(tree: Path) -> None:
    server = McpSettings(
        name="serena",
        command=("serena", "start-mcp-server", "--project", ".", "--agent-interface", "tools", *NO_DASHBOARD),
        tools=("search_for_pattern", "find_symbol"),
        timeout_s=60,
    )
    notebook = Notebook()

    def script(body: Body) -> Turn:
        if turns_behind(body) == 0:
            return Turn(calls=[("serena_search_for_pattern", {"substring_pattern": "roll"})])
        return Turn(text=ANSWER)

    text, requests = ask(script, tree, notebook, mcp=(server,))
    assert ANSWER == text
    assert "src/Loot.cpp" in results(notebook)
    shown = {tool["name"] for tool in requests[0]["tools"]}
    assert {"read", "glob", "grep", "serena_search_for_pattern", "serena_find_symbol"} == shown
