"""The analysis queue on a real disk: files appear whole, once, for their owner only."""

import json
import os
import stat
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.clients.analysis_queue import AnalysisQueue
from tasks.core.analysis import AnalysisRequest, RequestFacts, build_request
from tasks.core.errors import CrashflowError, NotFoundError
from tasks.core.logs import LogReport


def request(identity: str = "fix-1", message: str = "Access violation") -> AnalysisRequest:
    facts = RequestFacts(
        crash_id="d4e5f6a7",
        occurred_at=None,
        exception_code="SIGSEGV",
        location="Spell.cpp:603",
        function="Spell::~Spell",
        message=message,
        call_stack=("Spell::~Spell",),
        category="spell",
        severity="high",
        is_bot_related=False,
        hypothesis="",
        suggestions=(),
        report=LogReport(),
        windows={},
    )
    return build_request(facts, identity=identity, now=datetime(2025, 10, 31, 12, 34, 56, tzinfo=UTC))


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*.*") if path.is_file() and path.name != ".lock")


@pytest.fixture
def queue(tmp_path: Path) -> AnalysisQueue:
    return AnalysisQueue(tmp_path / "state" / "queue")


def test_a_request_and_its_trigger_are_written(queue: AnalysisQueue) -> None:
    asked = request()

    path = queue.put(asked)

    assert queue.root / "requests" / f"request_{asked.request_id}.json" == path
    assert asked == AnalysisRequest.model_validate_json(path.read_bytes())
    trigger = json.loads((queue.root / "triggers" / f"trigger_{asked.request_id}.json").read_bytes())
    expected = {"request_id": asked.request_id, "timestamp": asked.timestamp, "priority": "high"}
    assert expected == trigger


def test_the_queue_is_its_owners_alone(queue: AnalysisQueue) -> None:
    old = os.umask(0)
    try:
        queue.put(request())
    finally:
        os.umask(old)

    for path in (queue.root, *queue.root.rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert expected == stat.S_IMODE(path.stat().st_mode), path


def test_the_folders_of_the_first_system_are_made(queue: AnalysisQueue) -> None:
    queue.put(request())

    expected = ["completed", "in_progress", "requests", "responses", "triggers"]
    assert expected == sorted(path.name for path in queue.root.iterdir() if path.is_dir())


def test_putting_twice_is_putting_once(queue: AnalysisQueue) -> None:
    path = queue.put(request())
    before = (path.read_bytes(), path.stat().st_ino)

    assert path == queue.put(request(message="another sentence"))
    assert before == (path.read_bytes(), path.stat().st_ino)
    assert len(files(queue.root)) == 2


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("in_progress/request_{}.json", "in_progress"),
        ("responses/response_{}.json", "answered"),
        ("completed/request_{}.json", "completed"),
        ("completed/response_{}.json", "completed"),
    ],
)
def test_a_request_that_the_analyst_moved_on_is_not_put_again(queue: AnalysisQueue, place: str, expected: str) -> None:
    asked = request()
    moved = queue.put(asked).rename(queue.root / place.format(asked.request_id))
    (queue.root / "triggers" / f"trigger_{asked.request_id}.json").unlink()

    assert moved == queue.put(asked)
    assert expected == queue.status(asked.request_id)
    assert queue.pending() == []
    assert [str(moved.relative_to(queue.root))] == files(queue.root)


def test_the_furthest_stage_counts_when_the_request_stays_where_it_was(queue: AnalysisQueue) -> None:
    asked = request()
    queue.put(asked)
    (queue.root / "responses" / f"response_{asked.request_id}.json").write_text("{}")

    expected = "answered"
    assert expected == queue.status(asked.request_id)
    assert queue.pending() == []


def test_a_trigger_that_got_lost_is_written_again(queue: AnalysisQueue) -> None:
    """The process died between the two files."""
    asked = request()
    queue.put(asked)
    trigger = queue.root / "triggers" / f"trigger_{asked.request_id}.json"
    trigger.unlink()

    queue.put(asked)

    assert trigger.is_file()


def test_pending_requests_are_listed_the_oldest_first(queue: AnalysisQueue) -> None:
    expected: list[str] = []
    for number in range(5):
        path = queue.put(asked := request(f"fix-{number}"))
        os.utime(path, ns=(10**18 - number, 10**18 - number))
        expected.insert(0, asked.request_id)

    assert expected == queue.pending()


def test_strange_files_are_no_requests(queue: AnalysisQueue) -> None:
    asked = request()
    requests = queue.put(asked).parent
    for name in ("request_../x.json", "request_ABCDEF12.json", "request_12345678.json.tmp", ".x.tmp", "notes.txt"):
        (requests / name.replace("/", "_")).write_text("{}")
    (requests / "request_12345678.json").mkdir()

    expected = [asked.request_id]
    assert expected == queue.pending()


def test_a_queue_that_was_never_used_is_empty_and_stays_unmade(queue: AnalysisQueue) -> None:
    assert queue.pending() == []
    assert queue.status("0123abcd") is None
    assert not queue.root.exists()


@pytest.mark.parametrize(
    "wrong", ["", "../../..", "0123abc", "0123abcde", "0123ABCD", "0123abcd\n", "\u06601234567", "0123abc\0"]
)
def test_an_id_that_is_not_eight_hexadecimal_digits_is_refused(queue: AnalysisQueue, wrong: str) -> None:
    with pytest.raises(NotFoundError, match="8 hexadecimal digits"):
        queue.status(wrong)
    with pytest.raises(NotFoundError, match="8 hexadecimal digits"):
        queue.put(request().model_copy(update={"request_id": wrong}))
    assert not queue.root.exists()


def test_a_root_that_is_no_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "queue").write_text("a file")
    queue = AnalysisQueue(tmp_path / "queue")

    with pytest.raises(CrashflowError, match="can't be used"):
        queue.put(request())
    with pytest.raises(CrashflowError, match="can't be used"):
        queue.pending()


def test_putters_at_the_same_time_write_one_request(queue: AnalysisQueue) -> None:
    asked = request()
    start = threading.Barrier(8)
    paths: list[Path] = []

    def put() -> None:
        start.wait()
        paths.append(queue.put(asked))

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    expected = [f"requests/request_{asked.request_id}.json", f"triggers/trigger_{asked.request_id}.json"]
    assert expected == files(queue.root)
    assert [queue.root / expected[0]] * 8 == paths


def test_a_reader_never_sees_half_a_request(queue: AnalysisQueue) -> None:
    requests = queue.root / "requests"
    requests.mkdir(parents=True)
    is_over = threading.Event()
    broken: list[Path] = []

    def watch() -> None:
        while not is_over.is_set():
            for path in requests.glob("request_*.json"):
                try:
                    AnalysisRequest.model_validate_json(path.read_bytes())
                except ValueError:
                    broken.append(path)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for number in range(50):
            queue.put(request(f"fix-{number}", message="x" * 2000))
    finally:
        is_over.set()
        watcher.join()

    assert broken == []


def begin(path: Path) -> Path:
    """Take a request as an analyst does; return where it lies then."""
    return path.rename(path.parent.parent / "in_progress" / path.name)


def test_what_somebody_began_and_left_goes_back_to_the_others_with_its_trigger(queue: AnalysisQueue) -> None:
    asked = request()
    path = queue.put(asked)
    before = path.read_bytes()
    begin(path)
    (queue.root / "triggers" / f"trigger_{asked.request_id}.json").unlink()

    assert [] == queue.give_back(600), "it was begun just now"
    time.sleep(0.05)
    assert [asked.request_id] == queue.give_back(0.02)

    assert before == path.read_bytes()
    assert "pending" == queue.status(asked.request_id)
    expected = [f"requests/request_{asked.request_id}.json", f"triggers/trigger_{asked.request_id}.json"]
    assert expected == files(queue.root)
    assert [] == queue.give_back(0)


def test_what_was_answered_or_is_no_request_stays_where_it_is(queue: AnalysisQueue) -> None:
    assert [] == queue.give_back(0), "there is no queue yet"
    asked = request()
    begin(queue.put(asked))
    (queue.root / "responses" / f"response_{asked.request_id}.json").write_text("{}")
    (queue.root / "in_progress" / "notes.json").write_text("{}")
    time.sleep(0.05)

    before = files(queue.root)
    assert [] == queue.give_back(0.02)
    assert before == files(queue.root)


def test_an_answer_is_read_when_it_is_whole_and_a_broken_one_when_nobody_writes_any_more(queue: AnalysisQueue) -> None:
    asked = request()
    queue.put(asked)
    path = queue.prepare() / f"response_{asked.request_id}.json"

    path.write_text('{"request_id": "')
    assert queue.response(asked.request_id) is None
    path.write_text('{"request_id": 1}')
    assert '{"request_id": 1}' == queue.response(asked.request_id)
    path.write_text("I looked at it, and")
    assert queue.response(asked.request_id) is None
    os.utime(path, (time.time() - 10, time.time() - 10))
    assert "I looked at it, and" == queue.response(asked.request_id)
