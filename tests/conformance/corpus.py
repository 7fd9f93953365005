"""
The labelled crash texts that the quality tables are made from, and what their labels say, in our words.

The labels come from other tools with conventions of their own; how each is read is told here, beside its function. The
corpus is the folder that ``CRASHFLOW_CORPUS`` names, else ``../shared/corpus`` where that exists.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VARIABLE = "CRASHFLOW_CORPUS"
_DEFAULT = Path(__file__).resolve().parents[3] / "shared" / "corpus"
_MANAGED = (b"goroutine ", b"Uncaught Python exception")
"""Texts of the Go and Python runtimes stand among the native ones; their stacks are not native."""

_ABORTS = frozenset({"abort", "cpp_exception", "assertion"})
"""SIGABRT ends failed assertions and uncaught exceptions too; a label that knows only the signal can't tell."""

_FAULTS = frozenset({"access_violation", "assertion", "stack_overflow", "bus_error"})
"""SIGSEGV: the servers end failed assertions with it, and a full stack."""

_SIGNALS: dict[str, frozenset[str]] = {
    "SIGSEGV": _FAULTS,
    "SIGABRT": _ABORTS,
    "SIGFPE": frozenset({"division_by_zero"}),
    "SIGBUS": frozenset({"bus_error", "access_violation"}),
    "SEGV": frozenset({"access_violation"}),
    "stack-overflow": frozenset({"stack_overflow"}),
    "stack-buffer-overflow": frozenset({"sanitizer"}),
    "attempting": frozenset({"sanitizer"}),
}
_FUZZER_TYPES: tuple[tuple[str, frozenset[str]], ...] = (
    (r"ASSERT|.*D?CHECK failure", frozenset({"assertion"})),
    (r"Null-dereference.*", frozenset({"access_violation", "sanitizer"})),
    (r"UNKNOWN", frozenset({"access_violation", "bus_error", "unknown", "sanitizer"})),
    (r"UNKNOWN (READ|WRITE)|READ|WRITE", frozenset({"access_violation", "bus_error"})),
    (r"Stack-overflow", frozenset({"stack_overflow"})),
    (r"(Heap|Stack|Global|Container|Use|Invalid|Direct|Indirect|Bad|Index|Misaligned|Object|Pointer|Non)-.*",
     frozenset({"sanitizer"})),
    (r"Integer-overflow", frozenset({"sanitizer", "division_by_zero"})),
    (r"Ill", frozenset({"illegal_instruction"})),
    (r"Breakpoint", frozenset({"breakpoint"})),
    (r"Abrt", _ABORTS),
    (r"Divide-by-zero", frozenset({"division_by_zero", "sanitizer"})),
    (r"Out-of-memory", frozenset({"out_of_memory"})),
    (r"Timeout", frozenset({"deadlock", "sanitizer", "abort"})),
)  # fmt: skip
_EXCEPTION_CODES = {
    "C0000005": frozenset({"access_violation"}),
    "C0000420": frozenset({"assertion"}),
    "80000003": frozenset({"breakpoint", "assertion"}),
    "E06D7363": frozenset({"cpp_exception"}),
}
_WITH_MESSAGE = re.compile(r"ASSERT|.*CHECK failure|.*[Ee]rror|Unreachable code")
_NO_FUNCTION = re.compile(
    r"NULL|\?.*@@.*|.*\.(cc|cpp|h|c|tq|so(\.\d+)*)|/.*|\[0x.*|.*!\d{4}:.*|.*\+0x[0-9a-f]+|Surfaceflinger|.*[_-]fuzz(er|-target)|"
    r"(Bad-cast to|CSA_DCHECK failed|Type representation error).*"
)
"""Lines of a crash state that name no function: messages, files, libraries, programs, addresses."""


@dataclass(frozen=True, kw_only=True)
class LabelledText:
    """
    A crash text and what is known of it.

    ``kinds`` are the kinds that the label allows, empty where it says none; ``functions`` the functions that it names,
    innermost first and as it spells them, ``below`` the same from the one that it calls the crashing one; ``group`` is
    equal for equal defects and None where the label does not say.
    """

    id: str
    source: str
    format: str
    path: Path
    kinds: frozenset[str] = frozenset()
    functions: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    group: str | None = None

    def content(self) -> bytes:
        """Return the bytes of the text."""
        return self.path.read_bytes()


def folder() -> Path | None:
    """Return the corpus' folder, None where there is none."""
    named = os.environ.get(VARIABLE)
    found = Path(named) if named else _DEFAULT
    return found if (found / "texts" / "labels.jsonl").is_file() else None


def load(root: Path) -> list[LabelledText]:
    """Return every labelled native text of ``texts`` and ``trinity``."""
    return [text for text in (*_texts(root / "texts"), *_trinity(root / "trinity")) if _is_native(text.content())]


def server_reports(root: Path) -> list[LabelledText]:
    """Return every report of a game server that has a text, whatever it shows: the whole stack or its top frame."""
    return [
        LabelledText(id=label["id"], source="trinity", format=label["format"], path=root / label["file"])
        for label in _lines(root / "index.jsonl")
        if label.get("file")
    ]


def _texts(root: Path) -> Iterator[LabelledText]:
    for label in _lines(root / "labels.jsonl"):
        source = label["source"].partition("/")[0]
        expected = label["expected"]
        is_silent = source == "clusterfuzz" and not expected.get("crash_type") and not expected.get("crash_state")
        if label["format"] == "minidump" or is_silent:
            continue
        yield LabelledText(
            id=label["id"],
            source=source,
            format=label["format"],
            path=root / label["path"],
            kinds=_kinds_of_fuzzer(expected) if source == "clusterfuzz" else _kinds_of_signal(expected),
            functions=tuple(name for name in _functions(source, expected) if name not in _target(label)),
            group=expected.get("group"),
        )


def _trinity(root: Path) -> Iterator[LabelledText]:
    for label in _lines(root / "index.jsonl"):
        if label["evidence"] != "frames" or not label.get("file"):
            continue
        names = [frame["function"] for frame in label["frames"]]
        names = [name for name in names if name and not _NO_FUNCTION.fullmatch(name)]
        crash = label["crash_function"]
        yield LabelledText(
            id=label["id"],
            source="trinity",
            format=label["format"],
            path=root / label["file"],
            kinds=_kinds_of_server(label["exception"]),
            functions=tuple(names),
            below=tuple(names[names.index(crash) :]) if crash in names else (),
            group="trinity:" + label["group"],
        )


def _target(label: dict[str, Any]) -> tuple[str, ...]:
    """Return the fuzz target's name: it stood in the tool's environment, not in the text."""
    return tuple(value for name, value in (label.get("env") or {}).items() if "FUZZ_TARGET" in name)


def _functions(source: str, expected: dict[str, Any]) -> tuple[str, ...]:
    """
    Read the functions of a label.

    A fuzzer's crash state has up to three lines of 80 characters: for assertions the message first, then functions,
    and files or programs where it knows no function. All other sources list the stack as it was printed.
    """
    if source == "clusterfuzz":
        lines = (expected.get("crash_state") or "").splitlines()
        is_message = bool(_WITH_MESSAGE.fullmatch(expected["crash_type"] or ""))
        return tuple(line for line in lines[is_message:] if line and not _NO_FUNCTION.fullmatch(line))
    if expected.get("crash_function"):
        return (expected["crash_function"],)
    return tuple(expected.get("stack") or expected.get("top_frames") or ())


def _kinds_of_fuzzer(expected: dict[str, Any]) -> frozenset[str]:
    kind = (expected["crash_type"] or "").split("\n")[0]
    return next((kinds for pattern, kinds in _FUZZER_TYPES if re.fullmatch(pattern, kind)), frozenset())


def _kinds_of_signal(expected: dict[str, Any]) -> frozenset[str]:
    if expected.get("severity_class") == "StackOverflow":
        return frozenset({"stack_overflow"})
    return _SIGNALS.get(expected.get("signal") or expected.get("signal_or_kind") or "", frozenset())


def _kinds_of_server(exception: str) -> frozenset[str]:
    if "assertion" in exception:
        return frozenset({"assertion"})
    if exception.startswith("SIG"):
        return _SIGNALS.get(exception.split(maxsplit=1)[0], frozenset())
    return _EXCEPTION_CODES.get(exception[:8], frozenset())


def _is_native(content: bytes) -> bool:
    return not any(mark in content for mark in _MANAGED)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        yield from (json.loads(line) for line in stream)
