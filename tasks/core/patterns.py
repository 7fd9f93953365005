"""
Patterns: what people know about a kind of defect, and the TOML packs in which they share it.

A pack is a file with one ``[[pattern]]`` table for each pattern; ``deployments/patterns/README.md`` explains its keys.
"""

import tomllib
from dataclasses import dataclass
from typing import Literal

import re2
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from tasks.core.errors import ConfigurationError

Severity = Literal["critical", "high", "medium", "low"]
DEFAULT_THRESHOLD = 0.6


class Pattern(BaseModel):
    """
    One pattern of a pack.

    ``location`` is a regular expression (RE2) searched in ``file:line`` and in the function of the location frame;
    each of ``stack`` is searched in every frame of the crashing thread; ``threshold`` is the share of them that must be
    found. ``kinds`` limits the pattern to these kinds of crash, empty means any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,63}$")
    version: int = Field(ge=1)
    title: str = Field(min_length=1, max_length=200)
    location: str
    stack: tuple[str, ...] = Field(min_length=1)
    threshold: float = Field(default=DEFAULT_THRESHOLD, gt=0, le=1)
    kinds: tuple[str, ...] = ()
    severity: Severity
    category: str = Field(min_length=1)
    root_cause: str = Field(min_length=1)
    template: str | None = None
    is_core_bug: bool = False
    evidence: tuple[str, ...] = ()

    @field_validator("location")
    @classmethod
    def _location_compiles(cls, value: str) -> str:
        return _checked(value)

    @field_validator("stack")
    @classmethod
    def _stack_compiles(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked(value) for value in values)


class _Pack(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pattern: tuple[Pattern, ...]


@dataclass(frozen=True, kw_only=True)
class PatternPack:
    """The patterns of one file, and the name under which they were shipped."""

    name: str
    patterns: tuple[Pattern, ...]


def parse_pack(name: str, content: str) -> PatternPack:
    """
    Read a pack.

    Raises:
        ConfigurationError: no TOML, a wrong key, an expression that is not RE2, or a slug that stands twice.
    """
    try:
        pack = _Pack.model_validate(tomllib.loads(content))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"Pattern pack {name} is not valid TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"Pattern pack {name}, {place}: {first['msg']}.") from error
    slugs = [pattern.slug for pattern in pack.pattern]
    if doubled := {slug for slug in slugs if slugs.count(slug) > 1}:
        raise ConfigurationError(f"Pattern pack {name} names {', '.join(sorted(doubled))} twice.")
    return PatternPack(name=name, patterns=pack.pattern)


def compile_expression(expression: str) -> "re2._Regexp":
    """Compile one expression of a pattern; RE2 runs in linear time, so that a pattern can't hang an ingest."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(expression, options=options)


def _checked(expression: str) -> str:
    try:
        compile_expression(expression)
    except re2.error as error:
        reason = error.args[0]
        text = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"{expression!r} is no RE2 expression: {text}") from error
    return expression
