"""What ``crashflow analyze`` shows to people: a block with the stack for few files, a line for each of many."""

from dataclasses import dataclass, field
from typing import Any

from deployments import console
from tasks.core import reports
from tasks.core.crash_report import frame_name
from tasks.steps.reading import Understanding

_SIGNATURE_WIDTH = 60
_SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(kw_only=True)
class Tally:
    """How many crashes were found, by severity, and how many files could not be read."""

    by_severity: dict[str, int] = field(default_factory=dict)
    unread: int = 0

    def add(self, value: dict[str, Any]) -> None:
        """Count one result."""
        if value["severity"] is None:
            self.unread += 1
        else:
            self.by_severity[value["severity"]] = self.by_severity.get(value["severity"], 0) + 1

    def sentence(self) -> str:
        """Say it in one line."""
        total = sum(self.by_severity.values())
        parts = [f"{self.by_severity[name]} {name}" for name in _SEVERITIES if name in self.by_severity]
        crashes = f"{total} crash{'' if total == 1 else 'es'}" + (f" ({', '.join(parts)})" if parts else "")
        return crashes + (f", {self.unread} file{'' if self.unread == 1 else 's'} not read" if self.unread else "")


def show_line(value: dict[str, Any], known: Understanding | None) -> None:
    """Print one crash of many on one line."""
    if known is None:
        console.line(f"{value['status']:<13}{_source(value)}: {value['notes'][0]}")
        return
    pattern = f"  [{value['pattern']['slug']}]" if value["pattern"] else ""
    signature = _cut(value["signature"], _SIGNATURE_WIDTH)
    console.line(
        f"{value['severity']:<9} {value['category']:<20} {signature:<{_SIGNATURE_WIDTH}} {_source(value)}{pattern}"
    )


def show_block(value: dict[str, Any], known: Understanding | None) -> None:
    """Print one crash of few: what, where, why, what to do, and the stack with our frames marked."""
    if known is None:
        console.line(f"{_source(value)}: {value['notes'][0]}")
        console.line()
        return
    console.line(value["signature"])
    for name, text in _facts(value, known):
        console.line(f"  {name:<11} {text}")
    names = set(known.signature.in_app)
    located = known.signature.location.frame if known.signature.location else None
    for frame in known.crash.frames[: reports.FRAMES_SHOWN]:
        mark = ">" if frame is located else "*" if frame_name(frame) in names else " "
        console.line(f"  {mark} #{frame.index:<3} {_cut(reports.describe_frame(frame), 240)}")
    if len(known.crash.frames) > reports.FRAMES_SHOWN:
        console.line(f"    {len(known.crash.frames) - reports.FRAMES_SHOWN} more frames")
    console.line()


def _facts(value: dict[str, Any], known: Understanding) -> list[tuple[str, str]]:
    bots = ", bot related" if value["is_bot_related"] else ""
    return [
        ("file", f"{_source(value)}, {value['format']}, {value['status']}"),
        ("what", _cut(reports.describe_exception(known.crash), 400)),
        ("where", _place(value)),
        *((("build", value["build"]),) if value["build"] else ()),
        ("how bad", f"{value['severity']}, {value['category']}, in {', '.join(value['components'])}{bots}"),
        ("pattern", _pattern(value["pattern"])),
        ("probably", value["hypothesis"]),
        *(("do", text) for text in value["suggestions"]),
        *(("note", _cut(text, 300)) for text in value["notes"]),
    ]


def _place(value: dict[str, Any]) -> str:
    location = value["location"]
    line = f":{location['line']}" if location["line"] else ""
    return (location["function"] or "unknown") + (f" ({location['file']}{line})" if location["file"] else "")


def _pattern(pattern: dict[str, Any] | None) -> str:
    if pattern is None:
        return "none: novel"
    total = len(pattern["matched"]) + len(pattern["missing"])
    return f"{pattern['slug']}, {len(pattern['matched'])} of {total} expressions found ({pattern['score']:.0%})"


def _source(value: dict[str, Any]) -> str:
    path = str(value["path"]).replace("\n", "\\n")
    return path + (f" (crash {value['index'] + 1})" if value["index"] else "")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."
