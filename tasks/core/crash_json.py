"""
The crash as JSON: the shape of ``crashflow analyze --json``, of the stored thread, and back to the value.

Addresses and offsets are hexadecimal text (``0x1c``): JSON numbers lose precision above 2**53 in many readers.
"""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from tasks.core.crash import Access, Crash, CrashException, Frame, Kind, Thread
from tasks.core.matching import PatternMatch
from tasks.core.names import normalise
from tasks.core.signature import SignatureResult
from tasks.core.triage import Assessment

TEXT_LIMIT = 2000
FUNCTION_LIMIT = 500
"""Longer names, mostly nested templates, are stored without their template arguments."""


def from_crash(
    crash: Crash, signature: SignatureResult, assessment: Assessment, match: PatternMatch | None
) -> dict[str, Any]:
    """Return what ``analyze --json`` prints of a crash, but for the file's path and index."""
    thread = crash.crashing_thread
    location = signature.location.frame if signature.location else None
    return {
        "format": crash.format,
        "status": "ok" if crash.is_complete and crash.frames else "partial",
        "exception": exception_json(crash.exception),
        "location": {
            "function": signature.location.name if signature.location else None,
            "file": location.file if location else None,
            "line": location.line if location else None,
        },
        "build": crash.build,
        "occurred_at": crash.occurred_at.isoformat() if crash.occurred_at else None,
        "thread": thread.id if thread else None,
        "threads": [thread_json(each) for each in crash.threads],
        "in_app": list(signature.in_app),
        "signature": signature.signature,
        "algorithm": signature.algorithm,
        "fingerprint": signature.fingerprint,
        "pattern": match_json(match) if match else None,
        "severity": assessment.severity,
        "category": assessment.category,
        "components": list(assessment.components),
        "is_bot_related": assessment.is_bot_related,
        "hypothesis": assessment.hypothesis,
        "suggestions": list(assessment.suggestions),
        "notes": [*crash.notes, *signature.notes, *assessment.reasons],
    }


def without_crash(status: str, reason: str) -> dict[str, Any]:
    """Return what ``analyze --json`` prints of a file that holds no crash: the same keys, and the reason as a note."""
    nothing = dict.fromkeys(("build", "occurred_at", "thread", "signature", "algorithm", "fingerprint", "pattern"))
    return {
        "format": None,
        "status": status,
        "exception": exception_json(CrashException()),
        "location": {"function": None, "file": None, "line": None},
        **nothing,
        "threads": [],
        "in_app": [],
        "severity": None,
        "category": None,
        "components": [],
        "is_bot_related": False,
        "hypothesis": None,
        "suggestions": [],
        "notes": [reason],
    }


def match_json(match: PatternMatch) -> dict[str, Any]:
    """Return a match with its evidence."""
    return {
        "slug": match.pattern.slug,
        "score": round(match.score, 4),
        "location": match.location,
        "matched": [
            {"expression": hit.expression, "frame": hit.frame_index, "text": hit.text[:TEXT_LIMIT]}
            | ({"thread": hit.thread} if hit.thread else {})
            for hit in match.matched
        ],
        "missing": list(match.missing),
    }


def exception_json(exception: CrashException) -> dict[str, Any]:
    """Return why the process died."""
    return {
        "kind": exception.kind,
        "code": exception.code,
        "signal": exception.signal,
        "address": _hexadecimal(exception.address),
        "access": exception.access,
        "message": exception.message,
        "site": exception.site,
        "site_function": exception.site_function,
    }


def thread_json(thread: Thread) -> dict[str, Any]:
    """Return a thread with its frames."""
    return {
        "id": thread.id,
        "name": thread.name,
        "crashed": thread.is_crashed,
        "frames": [frame_json(frame) for frame in thread.frames],
    }


def frame_json(frame: Frame) -> dict[str, Any]:
    """Return one frame."""
    return {
        "index": frame.index,
        "function": frame.function,
        "file": frame.file,
        "line": frame.line,
        "module": frame.module,
        "offset": _hexadecimal(frame.offset),
        "address": _hexadecimal(frame.address),
        "inlined": frame.is_inlined,
    }


def stored_thread(thread: Thread | None, *, limit: int = 64) -> dict[str, Any]:
    """Return the crashing thread as it is stored: the first frames, without what they do not have."""
    if thread is None:
        return {"id": None, "name": None, "frames": []}
    frames = []
    for frame in thread.frames[:limit]:
        stored = {key: value for key, value in frame_json(frame).items() if value not in (None, False)}
        if frame.function and len(frame.function) > FUNCTION_LIMIT:
            stored["function"] = normalise(frame.function)
        if frame.arguments:
            stored["arguments"] = frame.arguments[:200]
        frames.append(stored)
    return {"id": thread.id, "name": thread.name, "frames": frames, "cut": max(0, len(thread.frames) - limit)}


def pack_threads(crash: Crash, *, frame_limit: int = 32) -> bytes | None:
    """Return the threads that did not crash, compressed; None where there are none."""
    others = [stored_thread(thread, limit=frame_limit) for thread in crash.threads if not thread.is_crashed]
    return zlib.compress(json.dumps(others).encode(), 9) if others else None


def unpack_threads(packed: bytes | None) -> tuple[Thread, ...]:
    """Return what ``pack_threads`` packed."""
    return tuple(thread_from_json(value) for value in json.loads(zlib.decompress(packed))) if packed else ()


def thread_from_json(value: Mapping[str, Any], *, is_crashed: bool = False) -> Thread:
    """Read a thread as ``thread_json`` or ``stored_thread`` wrote it."""
    return Thread(
        id=str(value.get("id") or ""),
        name=value.get("name"),
        is_crashed=bool(value.get("crashed", is_crashed)),
        frames=tuple(_frame(frame, index) for index, frame in enumerate(value.get("frames", ()))),
    )


def to_crash(value: Mapping[str, Any]) -> Crash:
    """Read a crash as ``analyze --json`` printed it."""
    exception = value.get("exception") or {}
    occurred_at = value.get("occurred_at")
    return Crash(
        format=str(value.get("format") or "json"),
        exception=CrashException(
            kind=cast("Kind", exception.get("kind") or "unknown"),
            code=exception.get("code"),
            signal=exception.get("signal"),
            address=_number(exception.get("address")),
            access=cast("Access | None", exception.get("access")),
            message=exception.get("message"),
            site=exception.get("site"),
            site_function=exception.get("site_function"),
        ),
        threads=tuple(thread_from_json(thread) for thread in value.get("threads", ())),
        build=value.get("build"),
        occurred_at=datetime.fromisoformat(occurred_at) if occurred_at else None,
        notes=tuple(value.get("notes", ())),
    )


def _frame(value: Mapping[str, Any], index: int) -> Frame:
    return Frame(
        index=int(value.get("index", index)),
        function=value.get("function"),
        file=value.get("file"),
        line=value.get("line"),
        module=value.get("module"),
        offset=_number(value.get("offset")),
        address=_number(value.get("address")),
        is_inlined=bool(value.get("inlined", False)),
        arguments=value.get("arguments", ""),
    )


def _hexadecimal(value: int | None) -> str | None:
    return None if value is None else f"0x{value:x}"


def _number(value: str | int | None) -> int | None:
    return int(value, 16) if isinstance(value, str) else value
