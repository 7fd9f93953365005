"""
Patterns: what people know about a kind of defect, and the TOML packs in which they share it.

A pack is a file with one ``[[pattern]]`` table for each pattern; ``deployments/patterns/README.md`` explains its keys.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import re2
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tasks.core.errors import ConfigurationError

Severity = Literal["critical", "high", "medium", "low"]
DEFAULT_THRESHOLD = 0.6


class Example(BaseModel):
    """
    A crash that a pattern must match, as a text that the parsers read.

    ``origin`` says what the text is: ``synthetic``, or of which report's facts it was rendered.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    origin: str = Field(min_length=1)
    text: str = Field(min_length=1)


class Pattern(BaseModel):
    """
    One pattern of a pack.

    ``location`` is a regular expression (RE2) searched in ``file:line`` and in the function of the location frame, and
    for a failed assertion in ``function: condition``; empty where a kind of crash has no place of its own, as a freeze.
    Each of ``stack`` is searched in every frame of the crashing thread, of a freeze in those of each thread;
    ``threshold`` is the share of them that must be found. ``kinds`` limits the pattern to these kinds of crash, empty
    means any. ``remedy`` says how the cause is repaired. ``allows_core`` lets its fixes change the server's core.
    ``examples`` are what the pattern must match: for the
    lint and for people, not for matching.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,63}$")
    version: int = Field(ge=1)
    title: str = Field(min_length=1, max_length=200)
    location: str = ""
    stack: tuple[str, ...] = Field(min_length=1)
    threshold: float = Field(default=DEFAULT_THRESHOLD, gt=0, le=1)
    kinds: tuple[str, ...] = ()
    severity: Severity
    category: str = Field(min_length=1)
    root_cause: str = Field(min_length=1)
    remedy: str | None = Field(default=None, min_length=1)
    template: str | None = None
    is_core_bug: bool = False
    allows_core: bool = False
    evidence: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _has_a_place_or_a_kind(self) -> "Pattern":
        if not self.location and not self.kinds:
            raise ValueError("a pattern without a location needs kinds")
        return self

    @field_validator("location")
    @classmethod
    def _location_compiles(cls, value: str) -> str:
        return _checked(value)

    @field_validator("stack")
    @classmethod
    def _stack_compiles(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_checked(value) for value in values)


@dataclass(frozen=True, kw_only=True)
class PatternPack:
    """The patterns of one file, and the name under which they were shipped."""

    name: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Why a pattern of a pack is refused, in a sentence; ``slug`` is None where the pack itself can't be read."""

    pack: str
    slug: str | None
    reason: str

    @property
    def sentence(self) -> str:
        """The fault for people, with the pack and the pattern in front."""
        return f"Pattern pack {self.pack}{f', {self.slug}' if self.slug else ''}: {self.reason}"


def parse_pack(name: str, content: str) -> PatternPack:
    """
    Read a pack in which everything must be right.

    Raises:
        ConfigurationError: no TOML, a wrong key, an expression that is not RE2, or a slug that stands twice.
    """
    pack, faults = read_pack(name, content)
    if faults:
        raise ConfigurationError(faults[0].sentence)
    return pack


def read_pack(name: str, content: str) -> tuple[PatternPack, tuple[Fault, ...]]:
    """Read those patterns of a pack that can be read, and say of the others why not."""
    nothing = PatternPack(name=name, patterns=())
    try:
        tables = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        return nothing, (Fault(pack=name, slug=None, reason=f"it is not valid TOML: {error}."),)
    if set(tables) != {"pattern"} or not isinstance(tables["pattern"], list):
        return nothing, (Fault(pack=name, slug=None, reason="it must hold [[pattern]] tables and nothing else."),)
    patterns: list[Pattern] = []
    faults: list[Fault] = []
    for number, table in enumerate(tables["pattern"], start=1):
        found = _read_pattern(name, number, table)
        if isinstance(found, Fault):
            faults.append(found)
        elif found.slug in {pattern.slug for pattern in patterns}:
            faults.append(Fault(pack=name, slug=found.slug, reason="its slug stands twice in the pack."))
        else:
            patterns.append(found)
    return PatternPack(name=name, patterns=tuple(patterns)), tuple(faults)


def _read_pattern(pack: str, number: int, table: Any) -> Pattern | Fault:
    slug = table.get("slug") if isinstance(table, Mapping) else None
    label = slug if isinstance(slug, str) else f"pattern {number}"
    try:
        return Pattern.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        return Fault(pack=pack, slug=label, reason=f"{place}: {message}." if place else f"{message}.")


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
