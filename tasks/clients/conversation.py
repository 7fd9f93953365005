"""
What goes between us and an analyst, whichever it is: messages, tools, who keeps them, what may be used.

Apart from the doors, so that a run which asks nobody does not import them: the SDK alone takes a second.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from tasks.core.spending import Usage

Message = dict[str, Any]
Call = Callable[[Mapping[str, Any]], Awaitable[str]]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool; ``schema`` is the JSON schema of its arguments. What it returns is redacted and cut by who asks it."""

    name: str
    description: str
    schema: Mapping[str, Any]
    call: Call


@dataclass(frozen=True, kw_only=True)
class Step:
    """One message of the conversation; of a reply also its end, tokens and seconds, and its cost where it says that."""

    kind: Literal["reply", "results"]
    message: Message
    model: str | None = None
    stop_reason: str | None = None
    usage: Usage = Usage()  # noqa: RUF009  a frozen value
    seconds: float = 0.0
    cost_usd: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Keeper:
    """Who keeps a conversation: ``keep`` stores a message, ``refusal`` says why no other call may be made, if so."""

    keep: Callable[[Step], None]
    refusal: Callable[[], str | None]


@dataclass(frozen=True, kw_only=True)
class Room:
    """What the model may use: the tree that it may read, our own tools, and the form of its answer."""

    tree: Path
    tools: Sequence[Tool]
    schema: Mapping[str, Any] | None
