"""
A pattern drafted from a defect: a pack of TOML that a person completes, reviews and puts among the patterns.

The expressions are the names of the defect's shape; the example is its first crash, rendered in gdb's form without
arguments and addresses, so that nothing of the server's players stands in it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.core import parsers
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.matching import Shape
from tasks.core.redaction import redact
from tasks.core.signature import IN_FILE

_STACK = 6
_FRAMES = 24
_SLUG_LIMIT = 50
_HEADS = {
    "SIGSEGV": "Program terminated with signal SIGSEGV, Segmentation fault.",
    "SIGABRT": "Program terminated with signal SIGABRT, Aborted.",
    "SIGFPE": "Program terminated with signal SIGFPE, Arithmetic exception.",
    "SIGILL": "Program terminated with signal SIGILL, Illegal instruction.",
    "SIGBUS": "Program terminated with signal SIGBUS, Bus error.",
    "SIGTRAP": "Program terminated with signal SIGTRAP, Trace/breakpoint trap.",
}
_SIGNALS = {
    "access_violation": "SIGSEGV",
    "abort": "SIGABRT",
    "division_by_zero": "SIGFPE",
    "illegal_instruction": "SIGILL",
    "bus_error": "SIGBUS",
    "breakpoint": "SIGTRAP",
}


@dataclass(frozen=True, kw_only=True)
class DraftFacts:
    """What a draft is made of: the defect, its first crash, and how that was judged."""

    defect_id: int
    title: str
    shape: Shape
    crash: Crash
    severity: str
    category: str
    root_cause: str
    crashes: int
    template: str | None = None


def slug_of(facts: DraftFacts) -> str:
    """Return a slug from the defect's place."""
    words = re.sub(r"[^a-z0-9]+", "-", (facts.shape.location or facts.title).lower()).strip("-")
    return words[:_SLUG_LIMIT].strip("-") or f"defect-{facts.defect_id}"


def render(facts: DraftFacts) -> str:
    """Return the draft as a pack with one pattern."""
    names = [name.partition(IN_FILE)[0] for name in facts.shape.in_app]
    location = facts.shape.location or names[0]
    example = _example(facts.crash)
    lines = [
        f"# Drafted from defect {facts.defect_id}: read each line, then run `crashflow patterns lint` on this file.",
        "",
        "[[pattern]]",
        f"slug = {_text(slug_of(facts))}",
        "version = 1",
        f"title = {_text(redact(facts.title)[:200])}",
        f"kinds = {json.dumps(_kinds(facts.crash, example))}",
        f"location = {_text(_expression(location))}",
        "stack = [",
        *(f"    {_text(_expression(name))}," for name in names[:_STACK]),
        "]",
        f"severity = {_text(facts.severity)}",
        f"category = {_text(facts.category)}",
        f"root_cause = {_text(redact(facts.root_cause))}",
        *([f"template = {_text(facts.template)}"] if facts.template else []),
        f"evidence = [{_text(f'{facts.crashes} crashes of defect {facts.defect_id} at {location}')}]",
        "",
        "[[pattern.examples]]",
        f"title = {_text(f'the first crash of defect {facts.defect_id}')}",
        f"origin = {_text('rendered from a stored crash, without arguments and addresses')}",
        f"text = {_text(example)}",
    ]
    return "\n".join(lines) + "\n"


def _example(crash: Crash) -> str:
    signal = _SIGNALS.get(crash.exception.kind) or (crash.exception.signal or "SIGABRT")
    frames = []
    for index, frame in enumerate(crash.frames[:_FRAMES]):
        where = f" at {frame.file}:{frame.line or 1}" if frame.file else f" from {frame.module}" if frame.module else ""
        frames.append(f"#{index}  0x{0x400000 + index:016x} in {frame.function or '??'} (){where}")
    return "\n".join([_HEADS.get(signal, _HEADS["SIGABRT"]), *frames, ""])


def _kinds(crash: Crash, example: str) -> Sequence[str]:
    """Limit the pattern to the crash's kind where the example can show it."""
    try:
        (found,) = parsers.parse(example.encode())
    except (DumpError, ValueError):
        return []
    return [crash.exception.kind] if found.exception.kind == crash.exception.kind else []


def _expression(name: str) -> str:
    """Return an expression that finds a name as a whole, and as part of no longer one."""
    escaped = re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", name)
    begin = r"\b" if re.match(r"\w", name) else ""
    end = r"\b" if re.search(r"\w$", name) else ""
    return f"{begin}{escaped}{end}"


def _text(value: str) -> str:
    """Return a basic string of TOML; JSON's escapes are TOML's, but for DEL and halves of surrogate pairs."""
    clean = value.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace").replace("\x7f", "\ufffd")
    return json.dumps(clean, ensure_ascii=False)
