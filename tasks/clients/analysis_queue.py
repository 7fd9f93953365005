"""
The analysis queue: folders of JSON files through which an interactive analyst gets its work.

The layout is that of the system that crashflow replaces: ``requests/``, ``in_progress/``, ``responses/``,
``completed/`` and ``triggers/``. The analyst moves files onwards; here requests are only put in and looked at. A person
can inspect everything with a file manager.
"""

import contextlib
import json
import os
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import filelock

from tasks.core.analysis import REQUEST_ID, AnalysisRequest
from tasks.core.errors import CrashflowError, NotFoundError

QueueStatus = Literal["pending", "in_progress", "answered", "completed"]

FOLDERS = ("requests", "in_progress", "responses", "completed", "triggers")
RESPONSE_LIMIT = 2**20
SETTLE_S = 2.0
"""An answer that is no JSON and is younger than this is being written still."""
LOCK_TIMEOUT_S = 60
"""Putting takes milliseconds; the lock keeps a second process from putting what the analyst moves meanwhile."""


class AnalysisQueue:
    """
    The queue under one root folder, which is made when the first request is put.

    Several processes may use it at once: files appear whole or not at all, readable by their owner only.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, request: AnalysisRequest) -> Path:
        """
        Write a request and its trigger, and return the request's file.

        A request that is already here, in whatever stage, is not written again; a trigger that got lost between the two
        writes is.

        Raises:
            CrashflowError: the folder can't be written, or the disk is full.
        """
        _check(request.request_id)
        with self._explained():
            return self._put(request)

    def status(self, request_id: str) -> QueueStatus | None:
        """
        Return the stage of a request, None when the queue does not know it.

        Raises:
            NotFoundError: the id is not 8 hexadecimal digits.
            CrashflowError: the folder can't be read.
        """
        _check(request_id)
        with self._explained():
            found = self._find(request_id)
        return found[0] if found else None

    def response(self, request_id: str) -> str | None:
        """
        Return the text of the answer to a request, None where nobody has answered, or is still writing.

        Raises:
            NotFoundError: the id is not 8 hexadecimal digits.
            CrashflowError: the folder can't be read.
        """
        _check(request_id)
        with self._explained():
            path = self.root / "responses" / f"response_{request_id}.json"
            try:
                content = path.read_bytes()[:RESPONSE_LIMIT]
                is_fresh = time.time() - path.stat().st_mtime < SETTLE_S
            except FileNotFoundError:
                return None
        text = content.decode("utf-8", errors="replace")
        return None if is_fresh and not _is_whole(text) else text

    def prepare(self) -> Path:
        """
        Make the folders; return the one in which answers appear.

        Raises:
            CrashflowError: they can't be made.
        """
        with self._explained():
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in FOLDERS:
                (self.root / folder).mkdir(mode=0o700, exist_ok=True)
        return self.root / "responses"

    def give_back(self, older_than_s: float) -> list[str]:
        """
        Move back what somebody began so long ago and has not answered, so that others find it; return the ids.

        Whoever began it may answer still: an answer counts whoever gives it, and the first one alone.

        Raises:
            CrashflowError: the folders can't be read or written.
        """
        if not (self.root / "in_progress").is_dir():
            return []
        with self._explained(), filelock.FileLock(self.root / ".lock", timeout=LOCK_TIMEOUT_S, mode=0o600):
            return [request_id for request_id in self._begun(older_than_s) if self._begin_again(request_id)]

    def _begun(self, older_than_s: float) -> Iterator[str]:
        for path in sorted((self.root / "in_progress").iterdir()):
            request_id = path.name.removeprefix("request_").removesuffix(".json")
            if not _is_id(request_id) or path.name != f"request_{request_id}.json":
                continue
            with contextlib.suppress(FileNotFoundError):
                # The time of the move: that of the content is the time of the question.
                if time.time() - path.stat().st_ctime > older_than_s:
                    yield request_id

    def _begin_again(self, request_id: str) -> bool:
        stage = self._find(request_id)
        if stage is None or stage[0] != "in_progress":
            return False
        path = self.root / "requests" / f"request_{request_id}.json"
        with contextlib.suppress(FileNotFoundError):
            stage[1].rename(path)
            request = AnalysisRequest.model_validate_json(path.read_bytes())
            self._trigger(request)
        return True

    def complete(self, request_id: str) -> None:
        """
        Move an answered request and its answer to where finished ones lie; what lies there already stays.

        Raises:
            NotFoundError: the id is not 8 hexadecimal digits.
            CrashflowError: the folders can't be written.
        """
        _check(request_id)
        with self._explained(), filelock.FileLock(self.root / ".lock", timeout=LOCK_TIMEOUT_S, mode=0o600):
            for folder, name in (
                ("requests", f"request_{request_id}.json"),
                ("in_progress", f"request_{request_id}.json"),
                ("responses", f"response_{request_id}.json"),
            ):
                with contextlib.suppress(FileNotFoundError):
                    (self.root / folder / name).replace(self.root / "completed" / name)
            (self.root / "triggers" / f"trigger_{request_id}.json").unlink(missing_ok=True)

    def pending(self) -> list[str]:
        """
        Return the ids of the requests that nobody has begun, the oldest first.

        Raises:
            CrashflowError: the folder can't be read.
        """
        with self._explained():
            try:
                paths = sorted((self.root / "requests").iterdir(), key=_age_and_name)
            except FileNotFoundError:
                return []
        names = [path.name.removeprefix("request_").removesuffix(".json") for path in paths]
        ids = [name for path, name in zip(paths, names, strict=True) if path.name == f"request_{name}.json"]
        return [request_id for request_id in ids if _is_id(request_id) and self.status(request_id) == "pending"]

    def _put(self, request: AnalysisRequest) -> Path:
        self.prepare()
        with filelock.FileLock(self.root / ".lock", timeout=LOCK_TIMEOUT_S, mode=0o600):
            return self._put_once(request)

    def _put_once(self, request: AnalysisRequest) -> Path:
        found = self._find(request.request_id)
        if found is not None and found[0] != "pending":
            return found[1]
        path = self.root / "requests" / f"request_{request.request_id}.json"
        if found is None:
            _write(path, request.model_dump_json(indent=2) + "\n")
        self._trigger(request)
        return path

    def _trigger(self, request: AnalysisRequest) -> None:
        trigger = self.root / "triggers" / f"trigger_{request.request_id}.json"
        if not trigger.exists():
            content = {"request_id": request.request_id, "timestamp": request.timestamp, "priority": request.priority}
            _write(trigger, json.dumps(content, indent=2) + "\n")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            cause = error.strerror or error
            sentence = f"The analysis queue {self.root} can't be used ({cause}): check its owner and the free space."
            raise CrashflowError(sentence) from error

    def _find(self, request_id: str) -> tuple[QueueStatus, Path] | None:
        """
        Find the furthest stage in which a request stands.

        The stages are looked at in the order in which files move, so that one that moves meanwhile is not missed.
        """
        places: tuple[tuple[QueueStatus, str], ...] = (
            ("pending", f"requests/request_{request_id}.json"),
            ("in_progress", f"in_progress/request_{request_id}.json"),
            ("answered", f"responses/response_{request_id}.json"),
            ("completed", f"completed/request_{request_id}.json"),
            ("completed", f"completed/response_{request_id}.json"),
        )
        found = [(status, self.root / place) for status, place in places if (self.root / place).is_file()]
        return found[-1] if found else None


def _is_id(text: str) -> bool:
    return re.fullmatch(REQUEST_ID, text) is not None


def _is_whole(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _check(request_id: str) -> None:
    if not _is_id(request_id):
        raise NotFoundError(
            f"{request_id[:40]!r} is not the id of a request: 8 hexadecimal digits (0-9, a-f) are expected."
        )


def _age_and_name(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except FileNotFoundError:
        return 0, path.name


def _write(path: Path, text: str) -> None:
    """Make a file of mode 0600 appear at once, and survive a power cut (file and folder are synced)."""
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
