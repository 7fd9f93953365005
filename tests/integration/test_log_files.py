"""Reading a log's tail from the disk: whatever lies there, nothing blocks and nothing is changed."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tasks.clients import log_files
from tasks.clients.log_files import LogTail, UnreadLog, read_tail


def read(path: Path, limit: int = log_files.TAIL_LIMIT) -> LogTail:
    tail = read_tail(path, limit)
    assert isinstance(tail, LogTail)
    return tail


def test_a_short_log_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "Server.log"
    path.write_bytes(b"one\r\ntwo\xff")
    os.utime(path, (1_761_870_937, 1_761_870_937))

    expected = LogTail(
        path=path,
        content=b"one\r\ntwo\xff",
        offset=0,
        size=9,
        inode=path.stat().st_ino,
        mtime=datetime(2025, 10, 31, 0, 35, 37, tzinfo=UTC),
        is_cut=False,
    )
    assert expected == read(path)


@pytest.mark.parametrize(
    ("limit", "content", "is_cut"),
    [
        pytest.param(4, b"two\n", False, id="begins with a line"),
        pytest.param(3, b"wo\n", True, id="begins within a line"),
        pytest.param(8, b"one\ntwo\n", False, id="exactly the whole file"),
        pytest.param(7, b"ne\ntwo\n", True, id="all but the first byte"),
        pytest.param(0, b"", False, id="nothing"),
    ],
)
def test_of_a_long_log_the_end_is_read(tmp_path: Path, limit: int, content: bytes, is_cut: bool) -> None:
    path = tmp_path / "Server.log"
    path.write_bytes(b"one\ntwo\n")

    tail = read(path, limit)

    assert (content, 8 - limit, 8, is_cut) == (tail.content, tail.offset, tail.size, tail.is_cut)


def test_an_empty_log_is_an_empty_tail(tmp_path: Path) -> None:
    path = tmp_path / "Server.log"
    path.touch()

    tail = read(path)

    assert (tail.content, tail.size, tail.is_cut) == (b"", 0, False)


def test_a_symbolic_link_to_a_log_is_followed(tmp_path: Path) -> None:
    (tmp_path / "Server_2025.log").write_bytes(b"one\n")
    (tmp_path / "Server.log").symlink_to("Server_2025.log")

    expected = b"one\n"
    assert expected == read(tmp_path / "Server.log").content


def test_a_rotated_log_has_another_inode(tmp_path: Path) -> None:
    path = tmp_path / "Server.log"
    path.write_bytes(b"old\n")
    first = read(path)
    path.rename(tmp_path / "Server.log.1")
    path.write_bytes(b"new\n")

    assert first.inode != read(path).inode


def test_a_log_truncated_at_a_restart_is_read_anew(tmp_path: Path) -> None:
    """Mode w keeps the inode."""
    path = tmp_path / "Server.log"
    path.write_bytes(b"old\n" * 1000)
    first = read(path)
    path.open("wb").close()
    path.write_bytes(b"new\n")

    second = read(path)

    assert (first.inode, b"new\n", 4) == (second.inode, second.content, second.size)


def test_a_log_under_a_burst_of_writes_and_truncations_gives_whole_ranges(tmp_path: Path) -> None:
    """Ten megabytes a second and restarts meanwhile: a tail is never longer than the limit, and holds no holes."""
    path = tmp_path / "Server.log"
    line = b"2025-10-31_01:15:37 ERROR [server] " + b"x" * 64 + b"\n"
    is_over = threading.Event()

    def write() -> None:
        while not is_over.is_set():
            with path.open("wb") as stream:
                for _ in range(20):
                    stream.write(line * 1000)

    writer = threading.Thread(target=write)
    path.touch()
    writer.start()
    try:
        tails = [read(path, 64 * 1024) for _ in range(300)]
    finally:
        is_over.set()
        writer.join()

    for tail in tails:
        assert len(tail.content) <= 64 * 1024
        assert b"\0" not in tail.content
        assert set(tail.content.split(b"\n")[1:-1]) <= {line[:-1]}


def test_reading_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "Server.log"
    path.write_bytes(b"one\n")
    path.chmod(0o400)
    before = path.stat()

    read(path)

    after = path.stat()
    assert (before.st_mtime_ns, before.st_size, before.st_mode) == (after.st_mtime_ns, after.st_size, after.st_mode)
    assert [each.name for each in tmp_path.iterdir()] == ["Server.log"]


def test_a_missing_log_says_where_it_was_looked_for(tmp_path: Path) -> None:
    missing = read_tail(tmp_path / "Server.log")

    assert not missing
    assert isinstance(missing, UnreadLog)
    expected = f"There is no log at {tmp_path}/Server.log: check the path of the log in the configuration."
    assert expected == missing.reason


def test_what_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    """Nobody writes into the FIFO: opening it would block for ever."""
    fifo = tmp_path / "Server.log"
    os.mkfifo(fifo)

    for path in (fifo, tmp_path, Path("/dev/zero")):
        refused = read_tail(path)

        assert isinstance(refused, UnreadLog)
        assert refused.reason == f"{path} is not a regular file, so it was not read as a log."


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "Server.log/below"])
def test_a_path_that_no_system_takes_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "Server.log").touch()

    refused = read_tail(tmp_path / name)

    assert isinstance(refused, UnreadLog)
    assert refused.reason.endswith(".")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_log_of_somebody_else_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "Server.log"
    path.write_bytes(b"one\n")
    path.chmod(0)

    refused = read_tail(path)

    assert isinstance(refused, UnreadLog)
    assert "may not be read" in refused.reason


NOON = datetime(2025, 10, 31, 12, 0, tzinfo=UTC)


def written(path: Path, content: bytes, seconds_before_noon: float) -> Path:
    path.write_bytes(content)
    at = NOON.timestamp() - seconds_before_noon
    os.utime(path, (at, at))
    return path


def test_of_a_pattern_the_newest_file_is_read(tmp_path: Path) -> None:
    written(tmp_path / "Server_2025-10-30.log", b"old\n", 3600)
    written(tmp_path / "Server_2025-10-31.log", b"new\n", 5)

    found = log_files.read_tails(tmp_path / "Server_*.log", NOON)

    assert [b"new\n"] == [tail.content for tail in found if isinstance(tail, LogTail)]


def test_a_file_that_was_rotated_in_the_minute_before_a_crash_is_read_as_well(tmp_path: Path) -> None:
    log = written(tmp_path / "Server.log", b"new\n", -5)
    written(tmp_path / "Server.log.2025-10-31_11-59-50", b"just before\n", 10)
    written(tmp_path / "Server.log.2025-10-30_11-00-00", b"long ago\n", 3600)
    written(tmp_path / "Errors.log", b"another\n", 5)

    found = log_files.read_tails(log, NOON)

    assert [b"new\n", b"just before\n"] == [tail.content for tail in found if isinstance(tail, LogTail)]


def test_a_log_of_which_the_end_is_enough_needs_no_earlier_file(tmp_path: Path) -> None:
    log = written(tmp_path / "Server.log", b"new\n" * 10, 0)
    written(tmp_path / "Server.log.1", b"just before\n", 10)

    assert 1 == len(log_files.read_tails(log, NOON, limit=8))


def test_a_pattern_without_a_file_says_so(tmp_path: Path) -> None:
    (refused,) = log_files.read_tails(tmp_path / "Server_*.log", NOON)

    assert isinstance(refused, UnreadLog)
    assert "There is no log at" in refused.reason


def test_a_lock_that_another_process_holds_keeps_nobody_from_reading(tmp_path: Path) -> None:
    path = tmp_path / "Server.log"
    path.write_bytes(b"one\n")
    program = (
        "import fcntl, sys\n"
        "stream = open(sys.argv[1], 'r+b')\n"
        "fcntl.flock(stream, fcntl.LOCK_EX)\n"
        "fcntl.lockf(stream, fcntl.LOCK_EX)\n"
        "print('locked', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert "locked\n" == holder.stdout.readline()

        tail = read(path)
        holder.communicate()

    assert b"one\n" == tail.content


def test_a_configuration_that_can_not_be_read_is_one_sentence(tmp_path: Path) -> None:
    missing = log_files.read_configuration(tmp_path / "worldserver.conf")
    folder = log_files.read_configuration(tmp_path)

    assert isinstance(missing, UnreadLog)
    assert isinstance(folder, UnreadLog)
    assert missing.reason == (
        f"{tmp_path}/worldserver.conf can't be read (No such file or directory), so it told nothing of the logs."
    )
