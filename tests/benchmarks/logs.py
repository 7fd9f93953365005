"""Does a crash get the right lines of its server's logs, each once, in bounded memory, whatever happens to them?"""

import contextlib
import fcntl
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from db.dumps import DumpFacts
from deployments import console
from tasks.clients.log_files import TailPiece
from tasks.core import logs
from tasks.core.configuration import ServerSettings
from tasks.core.log_windows import WINDOW_LINES, SavedLog
from tasks.steps.detection import Recorder

TARGETS = {"wrong_windows": 0, "repeated_lines": 0, "peak_mb": 16.0}
BURST_S = 10
BURST_RATE = 10_000_000

_MEGABYTE = 1_000_000
_BEFORE_S = 120
_RESTART_S = 10
_PADDING = "the world goes round and round and round and round"


@dataclass(kw_only=True)
class Scene:
    """A server with one log in a folder of its own, and what of the log belongs to its crash."""

    folder: Path
    log: Path
    recorder: Recorder
    crashed_at: datetime = field(default_factory=lambda: datetime.now().astimezone())
    expected: list[str] = field(default_factory=list)

    def crash_before_a_restart(self) -> None:
        """Let the crash be so long ago that the server is there again."""
        self.crashed_at -= timedelta(seconds=_RESTART_S + 1)

    def line(self, seconds_before: float, text: str, level: str = "INFO") -> bytes:
        """Write a line as TrinityCore does, and remember it where it is of the minute before the crash."""
        at = self.crashed_at - timedelta(seconds=seconds_before)
        if seconds_before < 60:
            self.expected.append(text)
        return f"{at:%Y-%m-%d_%H:%M:%S} {level} [server] {text}\n".encode()

    def history(self, prefix: str = "line") -> bytes:
        """Two minutes before the crash, a line a second."""
        return b"".join(self.line(second, f"{prefix} {second}") for second in range(_BEFORE_S, 0, -1))

    def startup(self) -> bytes:
        """What the server writes when it is there again."""
        at = self.crashed_at + timedelta(seconds=_RESTART_S)
        return b"".join(f"{at:%Y-%m-%d_%H:%M:%S} INFO [server] Loading {number}\n".encode() for number in range(2000))

    def windows(self) -> dict[str, logs.LogWindow]:
        """Notice the dump as the watcher does, and cut the windows as ingest does."""
        facts = DumpFacts(path="core", inode=1, size=1, captured_at=self.crashed_at.astimezone(UTC))
        arrival = self.recorder.notice([facts])
        tails = [piece.whole() for piece in arrival.tails if isinstance(piece, TailPiece)]
        saved = {
            tail.path.name: SavedLog(content=tail.content, is_cut=tail.is_cut, modified_at=tail.mtime) for tail in tails
        }
        return logs.current({name: logs.window(each, self.crashed_at) for name, each in saved.items()})


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one scene gave."""

    name: str
    is_right: bool
    repeated: int
    lines: int
    peak_mb: float


def run() -> dict[str, Any]:
    """Play each scene; return figures, targets, and whether they are met."""
    rows = [_play(name, scene) for name, scene in SCENES.items()]
    console.table(
        ("what happens", "right window", "each line once", "lines", "peak MB"),
        [
            (
                row.name,
                "yes" if row.is_right else "NO",
                "no" if row.repeated else "yes",
                row.lines,
                f"{row.peak_mb:.1f}",
            )
            for row in rows
        ],
        title="Logs around a crash",
    )
    figures: dict[str, float] = {
        "wrong_windows": sum(not row.is_right for row in rows),
        "repeated_lines": sum(row.repeated for row in rows),
        "peak_mb": round(max(row.peak_mb for row in rows), 2),
    }
    is_met = all(figures[name] <= target for name, target in TARGETS.items())
    return {"name": "logs", "figures": figures, "targets": TARGETS, "met": is_met}


def _play(name: str, prepare: Callable[[Scene], Generator[None]]) -> Row:
    with tempfile.TemporaryDirectory(prefix="crashflow-logs-") as folder:
        log = Path(folder) / "Server.log"
        pattern = "Server_*.log" if prepare is _dated else log.name
        recorder = Recorder(ServerSettings(name="benchmark", logs=(Path(folder) / pattern,)))
        scene = Scene(folder=Path(folder), log=log, recorder=recorder)
        with contextlib.closing(prepare(scene)) as moments:
            tracemalloc.start()
            for _ in moments:
                recorder.follow()
            windows = scene.windows()
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    found = [line.text for window in windows.values() for line in window.lines]
    return Row(
        name=name,
        is_right=sorted(found) == sorted(scene.expected),
        repeated=len(found) - len(set(found)),
        lines=len(found),
        peak_mb=peak / _MEGABYTE,
    )


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(content)


def _truncated(scene: Scene) -> Generator[None]:
    scene.crash_before_a_restart()
    _append(scene.log, scene.history())
    yield
    scene.log.write_bytes(scene.startup())
    yield


def _truncated_without_times(scene: Scene) -> Generator[None]:
    for number in range(1000):
        _append(scene.log, f"bare line {number}\n".encode())
    yield
    scene.expected = [f"bare line {number}" for number in range(800, 1000)]
    scene.crashed_at = datetime.now().astimezone()
    time.sleep(3)
    scene.log.write_bytes(b"".join(b"Loading %d\n" % number for number in range(2000)))
    yield


def _rotated(scene: Scene) -> Generator[None]:
    history = scene.history()
    middle = history.index(b"\n", len(history) * 3 // 4) + 1
    _append(scene.log, history[:middle])
    yield
    scene.log.rename(scene.folder / "Server.log.2025-10-31_01-15-40")
    _append(scene.log, history[middle:])
    yield


def _rotated_unseen(scene: Scene) -> Generator[None]:
    """Nobody followed the log: `crashflow ingest` finds both files."""
    yield from ()
    history = scene.history()
    middle = history.index(b"\n", len(history) * 3 // 4) + 1
    earlier = scene.folder / "Server.log.1"
    earlier.write_bytes(history[:middle])
    written_at = scene.crashed_at.timestamp() - _BEFORE_S / 4
    os.utime(earlier, (written_at, written_at))
    _append(scene.log, history[middle:])


def _dated(scene: Scene) -> Generator[None]:
    """The server puts the time of its start into the name, and was started again."""
    scene.crash_before_a_restart()
    first, second = scene.folder / "Server_2025-10-31_01-00-00.log", scene.folder / "Server_2025-10-31_01-16-00.log"
    _append(first, scene.history())
    yield
    _append(second, scene.startup())
    yield


def _burst(scene: Scene) -> Generator[None]:
    """An error, then so many lines that a tail of a megabyte holds a tenth of a second."""
    _append(scene.log, scene.line(70, "long before") + scene.line(15, "the error that began it", "ERROR"))
    yield
    began_at = scene.crashed_at - timedelta(seconds=15)
    written, started = 0, time.monotonic()
    newest: list[str] = []
    while written < BURST_S * BURST_RATE:
        at = scene.crashed_at = datetime.now().astimezone()
        texts = [f"{written + number} {_PADDING}" for number in range(5000)]
        content = "".join(f"{at:%Y-%m-%d_%H:%M:%S} INFO [server] {text}\n" for text in texts).encode()
        _append(scene.log, content)
        written += len(content)
        newest = [*newest, *texts][-WINDOW_LINES:]
        ahead = written / BURST_RATE - (time.monotonic() - started)
        if ahead > 0:
            time.sleep(ahead)
        yield
    assert datetime.now().astimezone() - began_at < timedelta(seconds=60), "this machine is too slow for the burst"
    scene.expected = ["the error that began it", *newest]


def _without_times(scene: Scene) -> Generator[None]:
    _append(scene.log, b"".join(b"bare line %d\n" % number for number in range(5000)))
    scene.expected = [f"bare line {number}" for number in range(4800, 5000)]
    yield


def _mixed_encodings(scene: Scene) -> Generator[None]:
    """Names of players in UTF-8, texts of the system in the server's code page, CRLF, and a hole of zeros."""
    lines = [scene.line(70, "before").decode()]
    lines += [scene.line(second, f"Zoë {second} €").decode() for second in range(50, 0, -1)]
    encoded = [line.replace("\n", "\r\n").encode(("utf-8", "cp1252")[number % 2]) for number, line in enumerate(lines)]
    _append(scene.log, b"\0" * 100_000 + b"\n" + b"".join(encoded))
    yield


def _huge_lines(scene: Scene) -> Generator[None]:
    _append(scene.log, scene.line(70, "before"))
    yield
    for _ in range(50):
        _append(scene.log, b"x" * 100_000)
    _append(scene.log, b"\n")
    yield
    _append(scene.log, scene.line(1, "after it"))
    yield


def _half_written(scene: Scene) -> Generator[None]:
    """The log is read while lines are only half there."""
    content = scene.history()
    for start in range(0, len(content), 777):
        _append(scene.log, content[start : start + 777])
        yield


def _locked(scene: Scene) -> Generator[None]:
    _append(scene.log, scene.history())
    with scene.log.open("r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


SCENES: dict[str, Callable[[Scene], Generator[None]]] = {
    "a restart truncates the log": _truncated,
    "a restart truncates a log without times": _truncated_without_times,
    "the log is rotated": _rotated,
    "the log was rotated, and nobody followed it": _rotated_unseen,
    "another file for each start of the server": _dated,
    f"{BURST_RATE // _MEGABYTE} MB/s for {BURST_S} s before the crash": _burst,
    "lines without times": _without_times,
    "UTF-8, Windows-1252, CRLF and zeros in one log": _mixed_encodings,
    "a line of 5 MB": _huge_lines,
    "read while lines are half written": _half_written,
    "another process holds a lock": _locked,
}
