"""What must hold of every crash that the core hands on, whatever text it came from."""

import json
from collections.abc import Iterator
from datetime import UTC

from tasks.clients.knowledge import pattern_packs, stack_lists
from tasks.core import crash_json, reports
from tasks.core.crash import Crash, Frame
from tasks.core.matching import PatternIndex
from tasks.core.signature import SignatureResult
from tasks.steps import reading

LISTS = stack_lists()
PATTERNS = PatternIndex(pattern for pack in pattern_packs() for pattern in pack.patterns)
FRAMES = 512
TEXT = 8192


def check(crash: Crash) -> SignatureResult:
    """Assert that a crash can be stored, named, matched, assessed and shown."""
    assert sum(thread.is_crashed for thread in crash.threads) <= 1
    for thread in crash.threads:
        assert len(thread.frames) <= FRAMES
        for frame in thread.frames:
            _check_frame(frame)
    for text in _texts(crash):
        text.encode()
        assert len(text) <= TEXT
    if crash.occurred_at is not None:
        crash.occurred_at.astimezone(UTC).isoformat()
    assert crash.exception.address is None or 0 <= crash.exception.address < 1 << 64
    known = reading.understand(crash, LISTS, PATTERNS)
    value = crash_json.from_crash(crash, known.signature, known.assessment, known.match)
    assert value["threads"] == json.loads(json.dumps(value))["threads"]
    assert crash.frames == crash_json.to_crash(json.loads(json.dumps(value, allow_nan=False))).frames or any(
        frame.arguments for frame in crash.frames
    )
    reports.describe_exception(crash)
    assert len(known.signature.signature) <= 300
    return known.signature


def _check_frame(frame: Frame) -> None:
    assert 0 <= frame.index < 1 << 31
    assert frame.line is None or 0 < frame.line < 1 << 31
    assert frame.address is None or 0 <= frame.address < 1 << 64
    assert frame.offset is None or 0 <= frame.offset < 1 << 64


def _texts(crash: Crash) -> Iterator[str]:
    exception = crash.exception
    optional = (crash.build, crash.executable, exception.code, exception.signal, exception.message, exception.site)
    yield from (text for text in optional if text is not None)
    yield from crash.command_line
    yield from crash.notes
    for thread in crash.threads:
        yield from (thread.id, thread.name or "")
        for frame in thread.frames:
            yield from (frame.function or "", frame.file or "", frame.module or "", frame.arguments)
