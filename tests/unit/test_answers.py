"""Answers of analysts: our form and the two old ones, and how they become edits of bytes."""

import json
from typing import Any

import pytest

from tasks.core import answers
from tasks.core.answers import Answer
from tasks.core.errors import AnswerError, EditError

ID = "0123abcd"
FIX: dict[str, Any] = {
    "request_id": ID,
    "outcome": "fix",
    "root_cause": "The group shrinks while its bots vote.",
    "strategy": "Take the size of the group that is there.",
    "edits": [{"path": "src/Loot.cpp", "old": "m_groupSize", "new": "size"}],
    "what_could_be_wrong": ["The group may be gone altogether."],
}
PATCH = """\
diff --git a/src/Loot.cpp b/src/Loot.cpp
--- a/src/Loot.cpp
+++ b/src/Loot.cpp
@@ -1,3 +1,3 @@
 {
-    roll(m_groupSize);
+    roll(size);
 }
"""


def test_an_answer_is_read_bare_and_from_a_fence() -> None:
    text = json.dumps(FIX)
    for form in (text, f"I looked at it.\n\n```json\n{text}\n```\nDone.", f"Here: {text}"):
        answer = answers.parse(form, request_id=ID)
        assert ("fix", "src/Loot.cpp") == (answer.outcome, answer.edits[0].path)
    assert "Take the size" in answer.explanation
    assert "Could be wrong: The group may be gone" in answer.explanation


def test_an_abstention_says_what_is_missing() -> None:
    value = FIX | {"outcome": "abstain", "edits": [], "missing": ["the stack of the other thread"]}
    assert ("the stack of the other thread",) == answers.parse(json.dumps(value), request_id=ID).missing


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("I could not find it.", "no JSON object", id="prose"),
        pytest.param("[1, 2]", "no JSON object", id="a list"),
        pytest.param("{" * 100_000, "no JSON object", id="nested without end"),
        pytest.param(json.dumps(FIX | {"request_id": "ffff0000"}), "is for request ffff0000", id="another request"),
        pytest.param(json.dumps(FIX | {"request_id": "../../x"}), "request_id", id="no id at all"),
        pytest.param(json.dumps(FIX | {"edits": []}), "holds no edit", id="a fix without an edit"),
        pytest.param(json.dumps(FIX | {"edits": [{"path": "a"}]}), "edits.0.old", id="half an edit"),
        pytest.param(json.dumps(FIX | {"edits": FIX["edits"] * 41}), "edits", id="too many edits"),
        pytest.param(json.dumps({"request_id": ID, "outcome": "merge"}), "outcome", id="another outcome"),
        pytest.param(json.dumps({"note": "hello"}), "request_id", id="something else"),
    ],
)
def test_what_is_no_answer_is_told_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(AnswerError, match=words):
        answers.parse(text, request_id=ID)


def test_the_first_old_form_with_a_patch_and_without() -> None:
    old = {
        "request_id": ID,
        "status": "complete",
        "fix_strategy": {"approach": "Guard it.", "hierarchy_level": "1 - MODULE ONLY", "rationale": "It shrinks."},
        "fix_content": PATCH,
        "resources_used": ["Serena MCP"],
        "validation": {"confidence": "High"},
    }
    answer = answers.parse(json.dumps(old), request_id=ID)
    assert ("fix", "module only", "It shrinks.") == (answer.outcome, answer.hierarchy_level, answer.root_cause)
    (edit,) = answer.edits
    assert ("src/Loot.cpp", "{\n    roll(m_groupSize);\n}\n") == (edit.path, edit.old)
    assert "{\n    roll(size);\n}\n" == edit.new
    words = answers.parse(json.dumps(old | {"fix_content": "[Complete C++ code]"}), request_id=ID)
    assert ("abstain", ()) == (words.outcome, words.edits)
    assert "no patch" in words.missing[0]


def test_the_second_old_form() -> None:
    old = {
        "analysis_complete": True,
        "crash_analysis": {"root_cause": {"summary": "It shrinks.", "execution_path": ["Update", "ChooseRoll"]}},
        "fix": {
            "strategy": "Guard it.",
            "files_modified": [{"path": "src/Loot.cpp"}],
            "code_changes": {"before": "roll(m_groupSize)", "after": "roll(size)"},
        },
        "final_assessment": {"confidence": "HIGH", "deployment_ready": True},
    }
    answer = answers.parse(json.dumps(old), request_id=ID)
    assert (ID, "fix", ("Update", "ChooseRoll")) == (answer.request_id, answer.outcome, answer.execution_path)
    assert "roll(size)" == answer.edits[0].new
    empty = answers.parse(json.dumps(old | {"fix": {}}), request_id=ID)
    assert "abstain" == empty.outcome


def answer_with(**edit: str) -> Answer:
    return answers.parse(json.dumps(FIX | {"edits": [{"path": "a.cpp", **edit}]}), request_id=ID)


def test_edits_get_encoding_and_line_ends_of_their_file_back() -> None:
    content = "// gr\u00fcn\r\nif (a)\r\n    b();\r\n".encode("latin-1")
    (edit,) = answers.to_source_edits(
        answer_with(old="gr\u00fcn\nif (a)", new="gr\u00fcn\nif (c)\nx();"), {"a.cpp": content}.get
    )
    assert (b"gr\xfcn\r\nif (a)", b"gr\xfcn\r\nif (c)\r\nx();") == (edit.old, edit.new)


def test_an_edit_that_its_file_can_not_hold_is_refused() -> None:
    with pytest.raises(EditError, match="latin-1"):
        answers.to_source_edits(answer_with(old="b", new="\u2603"), {"a.cpp": b"\xfc b"}.get)


@pytest.mark.parametrize("path", ["../../x", "/etc/passwd", ".git/hooks/x", "-x", "src/no.cpp"])
def test_a_path_that_is_no_file_of_the_commit_is_refused(path: str) -> None:
    value = FIX | {"edits": [{"path": path, "old": "a", "new": "b"}]}
    with pytest.raises(EditError):
        answers.to_source_edits(answers.parse(json.dumps(value), request_id=ID), {}.get)
