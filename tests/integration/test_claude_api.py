"""The door to Claude's API: the real SDK against a model that follows a script, for each thing that can go wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tasks.clients import claude_api, scripted_model
from tasks.clients.conversation import Keeper, Room, Step, Tool
from tasks.clients.scripted_model import Body, Turn, turns_behind
from tasks.core.answers import Answer
from tasks.core.configuration import AnalystSettings
from tasks.core.errors import AnalystError, AnswerError, BudgetError

KEY = SecretStr("key-for-tests")
ANSWER = json.dumps({"request_id": "0123abcd", "outcome": "abstain", "root_cause": "unknown"})


class Notebook:
    """Keeps a conversation in memory."""

    def __init__(self, refusals: int | None = None) -> None:
        self.steps: list[Step] = []
        self.messages: list[dict[str, Any]] = [{"role": "user", "content": "Why did it crash?"}]
        self.refusals = refusals

    def keep(self, step: Step) -> None:
        self.steps.append(step)
        self.messages.append(step.message)

    def refusal(self) -> str | None:
        replies = sum(step.kind == "reply" for step in self.steps)
        return "its steps are spent" if self.refusals is not None and replies >= self.refusals else None


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "Loot.cpp").write_text("int roll() { return m_groupSize; }\n")
    (tmp_path / "secret.txt").write_text("canary-4711")
    (folder / "link").symlink_to(tmp_path / "secret.txt")
    return folder


def ask(
    script: Callable[[Body], Turn], tree: Path, notebook: Notebook, tools: tuple[Tool, ...] = (), **analyst: Any
) -> tuple[str, list[Any]]:
    with scripted_model.serve(script) as model:
        settings = AnalystSettings(base_url=model.url, model="scripted", timeout_s=10, **analyst)
        room = Room(tree=tree, tools=tools, schema=claude_api.answer_schema(Answer))
        keeper = Keeper(keep=notebook.keep, refusal=notebook.refusal)
        try:
            return claude_api.converse(settings, KEY, "Rules", notebook.messages, room, keeper), model.requests
        finally:
            notebook.asked = model.requests  # type: ignore[attr-defined]


def turns(*script: Turn) -> Callable[[Body], Turn]:
    return lambda body: script[turns_behind(body)]


def results(notebook: Notebook) -> str:
    return json.dumps([step.message for step in notebook.steps if step.kind == "results"])


def test_the_model_reads_the_tree_and_answers(tree: Path) -> None:
    async def history(arguments: Any) -> str:
        return f"crashed twice in {arguments['function']}, token=abcdef0123456789"

    schema = {"type": "object", "properties": {"function": {"type": "string"}}, "required": ["function"]}
    tool = Tool(name="crashes", description="Earlier crashes", schema=schema, call=history)
    script = turns(
        Turn(calls=[("grep", {"pattern": "m_groupSize"}), ("glob", {"pattern": "**/*.cpp"})]),
        Turn(
            text="I look further.", calls=[("read", {"file_path": "src/Loot.cpp"}), ("crashes", {"function": "roll"})]
        ),
        Turn(text=ANSWER),
    )
    notebook = Notebook()
    text, requests = ask(script, tree, notebook, (tool,))
    assert ANSWER == text
    assert ["reply", "results", "reply", "results", "reply"] == [step.kind for step in notebook.steps]
    assert "return m_groupSize" in results(notebook)
    assert "crashed twice in roll" in results(notebook)
    assert "abcdef0123456789" not in results(notebook)
    assert {"read", "glob", "grep", "crashes"} == {tool["name"] for tool in requests[0]["tools"]}
    assert requests[0]["stream"]
    assert "json_schema" == requests[0]["output_config"]["format"]["type"]
    assert all(step.usage.output_tokens > 0 for step in notebook.steps if step.kind == "reply")
    assert {"type": "ephemeral"} == requests[0]["system"][0]["cache_control"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("read", {"file_path": "../secret.txt"}),
        ("read", {"file_path": "/etc/passwd"}),
        ("read", {"file_path": "/proc/self/environ"}),
        ("read", {"file_path": "link"}),
        ("grep", {"pattern": "canary", "path": ".."}),
        ("glob", {"pattern": "../*"}),
        ("glob", {"pattern": "/etc/*"}),
        ("bash", {"command": "cat ../secret.txt"}),
        ("write", {"file_path": "src/Loot.cpp", "content": "x"}),
        ("edit", {"file_path": "src/Loot.cpp", "old_string": "int", "new_string": "x"}),
    ],
)
def test_nothing_but_the_tree_can_be_read_and_nothing_written(tree: Path, name: str, arguments: dict[str, str]) -> None:
    notebook = Notebook()
    ask(turns(Turn(calls=[(name, arguments)]), Turn(text=ANSWER)), tree, notebook)
    assert "canary-4711" not in results(notebook)
    assert "root:" not in results(notebook)
    assert '"is_error": true' in results(notebook)
    assert "int roll() { return m_groupSize; }\n" == (tree / "src" / "Loot.cpp").read_text()


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (Turn(status=401, text="invalid x-api-key"), "does not accept the key"),
        (Turn(status=404, text="model: scripted"), "knows no model scripted"),
        (Turn(status=400, text="prompt is too long"), "refuses the question (400"),
        (Turn(text="No.", stop_reason="refusal"), "refuses to answer"),
    ],
)
def test_what_is_refused_is_one_sentence(tree: Path, turn: Turn, words: str) -> None:
    with pytest.raises(AnalystError, match=words.replace("(", r"\(")):
        ask(turns(turn), tree, Notebook())


@pytest.mark.parametrize("status", [429, 500, 529])
def test_a_limited_or_overloaded_api_is_asked_again(tree: Path, status: int) -> None:
    calls: list[int] = []

    def script(body: Body) -> Turn:
        calls.append(1)
        return Turn(status=status, text="busy", headers={"retry-after": "0"}) if len(calls) < 3 else Turn(text=ANSWER)

    assert ANSWER == ask(script, tree, Notebook())[0]
    assert 3 == len(calls)


def test_an_answer_that_is_cut_off_is_told(tree: Path) -> None:
    with pytest.raises(AnswerError, match="cut off"):
        ask(turns(Turn(text='{"request', stop_reason="max_tokens")), tree, Notebook())


def test_a_stream_that_breaks_off_costs_no_reply_that_was_kept(tree: Path) -> None:
    broken: list[int] = []

    def script(body: Body) -> Turn:
        if turns_behind(body) == 0:
            return Turn(calls=[("glob", {"pattern": "*"})])
        broken.append(1)
        return Turn(text=ANSWER, is_cut=len(broken) == 1)

    notebook = Notebook()
    text, requests = ask(script, tree, notebook)
    assert ANSWER == text
    assert [0, 1, 1] == [turns_behind(body) for body in requests]
    assert ["reply", "results", "reply"] == [step.kind for step in notebook.steps]


def test_limits_are_asked_before_each_call(tree: Path) -> None:
    notebook = Notebook(refusals=2)
    with pytest.raises(BudgetError, match="its steps are spent"):
        ask(lambda body: Turn(calls=[("glob", {"pattern": "*"})]), tree, notebook)
    assert 2 == sum(step.kind == "reply" for step in notebook.steps)


def test_a_conversation_that_was_killed_while_tools_worked_goes_on(tree: Path) -> None:
    notebook = Notebook()
    call = {"type": "tool_use", "id": "toolu_9", "name": "read", "input": {"file_path": "src/Loot.cpp"}}
    notebook.messages.append({"role": "assistant", "content": [call]})
    text, requests = ask(turns(Turn(), Turn(text=ANSWER)), tree, notebook)
    assert ANSWER == text
    assert 1 == len(requests)
    assert "m_groupSize" in results(notebook)
