"""What an analyst may use besides reading its tree: what a model is told of a tool, and what answers its calls."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

Call = Callable[[Mapping[str, Any]], Awaitable[str]]


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool; ``schema`` is the JSON schema of its arguments. What it returns is redacted and cut by who asks it."""

    name: str
    description: str
    schema: Mapping[str, Any]
    call: Call
