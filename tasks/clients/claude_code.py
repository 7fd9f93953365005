"""
The door to Claude Code on this machine: headless, with tools that only read, in a tree that is thrown away.

Flags and the JSON that it prints: "Run Claude Code programmatically" and "CLI reference" of its documentation. The
question goes in as a file of the tree: arguments are short, and every account can read them.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from tasks.clients import process
from tasks.core.configuration import AnalystSettings
from tasks.core.errors import AnalystAwayError, AnalystError, ToolMissingError
from tasks.core.redaction import redact
from tasks.core.spending import Usage

READERS = ("Read", "Glob", "Grep")
DENIED = ("Bash", "Edit", "MultiEdit", "Write", "NotebookEdit", "WebFetch", "WebSearch", "Task", "KillShell")
QUESTION = "crashflow-question.md"
"""The file of the tree that holds the question."""

KEY_VARIABLE = "ANTHROPIC_API_KEY"
_STEERING = (".claude", ".mcp.json", "CLAUDE.md", "CLAUDE.local.md", "AGENTS.md")
"""What of a project steers or starts things in Claude Code: none of it is the maintainer's word to our analyst."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer of Claude Code; ``session`` is what the conversation goes on by."""

    text: str
    session: str | None
    usage: Usage
    cost_usd: Decimal | None
    seconds: float


def ask(
    settings: AnalystSettings, tree: Path, rules: str, question: str, session: str | None, key: str | None
) -> Reply:
    """
    Put a question, in a conversation that is there or a new one, and wait for the answer.

    ``key`` is given on where it is ours; without one Claude Code uses its own login.

    Raises:
        AnalystAwayError: it did not end in time, or says that it may answer later.
        AnalystError: it is not installed, or fails.
    """
    _remove_steering(tree)
    (tree / QUESTION).write_text(question, encoding="utf-8")
    words = [
        *(settings.program, "-p", f"Read the file {QUESTION} of this folder, do what it asks, and answer in its form."),
        *("--output-format", "json", "--model", settings.model, "--max-turns", str(settings.limits.steps)),
        *("--allowed-tools", ",".join(READERS), "--disallowed-tools", ",".join(DENIED)),
        *("--append-system-prompt", rules),
        *(("--resume", session) if session else ()),
    ]
    try:
        result = process.run(
            words,
            cwd=tree,
            timeout_s=settings.timeout_s,
            environment={KEY_VARIABLE: key} if key else None,
        )
    except ToolMissingError as error:
        raise AnalystError(
            f"{settings.program} is not installed; it is needed to ask Claude Code. Install it, or choose another"
            " back_end under [analyst]."
        ) from error
    if result.is_timed_out:
        raise AnalystAwayError(f"Claude Code did not answer within {settings.timeout_s} s and was ended.")
    return _reply(result.stdout.decode("utf-8", errors="replace"), result.output, result.returncode, result.seconds)


def _reply(stdout: str, output: str, returncode: int, seconds: float) -> Reply:
    try:
        value = json.loads(stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("result"), str):
        raise AnalystError(f"Claude Code ended with {returncode} and no answer: {_said(output)}")
    if value.get("is_error") or returncode != 0:
        said = _said(value["result"])
        kind = (
            AnalystAwayError if any(word in said.lower() for word in ("limit", "overloaded", "529")) else AnalystError
        )
        raise kind(f"Claude Code could not answer: {said}")
    told = value.get("usage")
    usage: Mapping[str, Any] = told if isinstance(told, dict) else {}
    cost = value.get("total_cost_usd")
    session = value.get("session_id")
    return Reply(
        text=value["result"],
        session=session if isinstance(session, str) and session.replace("-", "").isalnum() else None,
        usage=Usage(
            input_tokens=_count(usage, "input_tokens"),
            output_tokens=_count(usage, "output_tokens"),
            cache_read_tokens=_count(usage, "cache_read_input_tokens"),
            cache_write_tokens=_count(usage, "cache_creation_input_tokens"),
        ),
        cost_usd=Decimal(str(cost)) if isinstance(cost, int | float) and cost >= 0 else None,
        seconds=round(seconds, 3),
    )


def _remove_steering(tree: Path) -> None:
    for folder, names, files in os.walk(tree):
        for name in (*names, *files):
            if name in _STEERING:
                path = Path(folder, name)
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        names[:] = [name for name in names if name not in _STEERING]


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and value >= 0 else 0


def _said(text: str) -> str:
    return " ".join(redact(text).split())[:300] or "nothing"
