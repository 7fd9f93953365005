"""The conversation with an analyst as a person reads it: who said what, which tools were called, what it cost."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tasks.core import markdown
from tasks.core.redaction import redact

TEXT_LIMIT = 4000
"""Characters of one message that are shown; the database has all."""
MESSAGES_LIMIT = 60


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message: its kind (question, reply, results), its content as the API has it, and what a reply took."""

    kind: str
    content: Any
    tokens: int = 0
    cost_usd: Decimal | None = None
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What all replies of an analysis took; dollars are None where no prices are configured."""

    replies: int
    tokens: int
    seconds: float
    cost_usd: Decimal | None

    def __str__(self) -> str:
        money = f"${self.cost_usd:.4f}" if self.cost_usd is not None else "at prices that are not configured"
        return f"{self.replies} replies, {self.tokens:,} tokens, {self.seconds:.0f} s, {money}"


def cost_of(messages: Sequence[Message]) -> Cost:
    """Sum up what the replies took."""
    replies = [message for message in messages if message.kind == "reply"]
    known = [message.cost_usd for message in replies if message.cost_usd is not None]
    return Cost(
        replies=len(replies),
        tokens=sum(message.tokens for message in replies),
        seconds=sum(message.seconds for message in replies),
        cost_usd=sum(known, Decimal(0)) if known else None,
    )


def render(title: str, messages: Sequence[Message]) -> str:
    """Return the conversation as Markdown; every text is fenced, as strangers wrote most of it."""
    parts = [f"# {markdown.sentence(title)}", f"{cost_of(messages)}."]
    for number, message in enumerate(messages[:MESSAGES_LIMIT], 1):
        head = {"question": "we ask", "reply": "the analyst", "results": "its tools"}.get(message.kind, message.kind)
        took = f" ({message.tokens:,} tokens, {message.seconds:.1f} s)" if message.kind == "reply" else ""
        parts.append(f"## {number}. {head}{took}")
        parts += [markdown.fence(_shown(text)) for text in _texts(message.content)]
    if len(messages) > MESSAGES_LIMIT:
        parts.append(f"And {len(messages) - MESSAGES_LIMIT} more; the table analysis_step has them.")
    return "\n\n".join(parts) + "\n"


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [_text(block) for block in content if isinstance(block, Mapping)]


def _text(block: Mapping[str, Any]) -> str:
    if block.get("type") == "tool_use":
        return f"{block.get('name')} {json.dumps(block.get('input'), ensure_ascii=False)}"
    inner = block.get("text", block.get("content", ""))
    return inner if isinstance(inner, str) else "\n".join(_texts(inner))


def _shown(text: str) -> str:
    return markdown.cut(redact(text), limit=TEXT_LIMIT)
