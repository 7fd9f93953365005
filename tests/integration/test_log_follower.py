"""Following a log on the disk: each line once, whatever the server does to the file, and bounded memory."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.clients.log_follower import STANDING_OUT_LIMIT, LogFollower

START = 1_761_870_000.0


class Clock:
    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Server.log"


def append(path: Path, *lines: str) -> None:
    with path.open("ab") as stream:
        stream.write("".join(f"{line}\n" for line in lines).encode())


def read(follower: LogFollower, until: float) -> list[str]:
    tail = follower.tail(until)
    return tail.content.decode().split() if tail else []


def truncate(path: Path) -> None:
    path.open("wb").close()


def remove_and_recreate(path: Path) -> None:
    path.unlink()
    path.touch()


def rename_and_recreate(path: Path) -> None:
    path.rename(path.with_name("Server.log.1"))
    path.touch()


@pytest.mark.parametrize("restart", [truncate, remove_and_recreate, rename_and_recreate])
def test_the_lines_before_a_restart_are_known_after_it(
    path: Path, clock: Clock, restart: Callable[[Path], None]
) -> None:
    follower = LogFollower(path, now=clock)
    append(path, "one", "two")
    follower.poll()
    crashed_at = clock.time = START + 10
    append(path, "last")
    clock.time += 0.1
    follower.poll()
    restart(path)
    append(path, "new")
    clock.time = START + 20
    follower.poll()

    assert ["one", "two", "last"] == read(follower, crashed_at)
    assert ["one", "two", "last", "new"] == read(follower, clock.time)
    assert follower.knows_more(crashed_at)


def test_without_a_restart_the_file_itself_says_as_much(path: Path, clock: Clock) -> None:
    follower = LogFollower(path, now=clock)
    append(path, "one")
    follower.poll()

    assert not follower.knows_more(clock.time)
    assert ["one"] == read(follower, clock.time)


def test_the_end_of_a_file_that_was_rotated_between_two_looks_is_read_where_it_is_now(path: Path, clock: Clock) -> None:
    follower = LogFollower(path, now=clock)
    append(path, "one")
    follower.poll()
    append(path, "two")
    rename_and_recreate(path)
    os.utime(path.with_name("Server.log.1"), (START, START))
    append(path, "three")
    follower.poll()

    assert ["one", "two", "three"] == read(follower, clock.time)


def test_a_truncated_log_that_grew_longer_than_before_is_a_new_one(path: Path, clock: Clock) -> None:
    follower = LogFollower(path, now=clock)
    append(path, "old")
    follower.poll()
    truncate(path)
    append(path, "new", "newer", "newest")
    follower.poll()

    assert ["old", "new", "newer", "newest"] == read(follower, clock.time)


def test_a_line_that_is_still_being_written_is_there_once(path: Path, clock: Clock) -> None:
    follower = LogFollower(path, now=clock)
    for piece in (b"on", b"e\ntw", b"o", b"\nth", b"ree\n", b"end"):
        with path.open("ab") as stream:
            stream.write(piece)
        follower.poll()

    assert ["one", "two", "three", "end"] == read(follower, clock.time)


def test_of_a_dated_log_the_newest_file_is_followed(tmp_path: Path, clock: Clock) -> None:
    follower = LogFollower(tmp_path / "Server_*.log", now=clock)
    old, new = tmp_path / "Server_2025-10-30_10-00-00.log", tmp_path / "Server_2025-10-31_10-00-00.log"
    append(old, "one")
    os.utime(old, (START - 100, START - 100))
    follower.poll()
    append(new, "two")
    os.utime(new, (START, START))
    follower.poll()

    assert ["one", "two"] == read(follower, clock.time)


def test_what_a_look_after_the_crash_finds_may_be_from_before_it(path: Path, clock: Clock) -> None:
    """All lines of the first look after a crash, if the log did not begin anew meanwhile; none of later looks."""
    follower = LogFollower(path, now=clock)
    append(path, "one")
    follower.poll()
    crashed_at = clock.time + 1
    for line, seconds in (("two", 5), ("three", 6)):
        append(path, line)
        clock.time = START + seconds
        follower.poll()

    assert ["one", "two"] == read(follower, crashed_at)


def test_a_burst_leaves_its_end_and_the_errors_before_it(path: Path, clock: Clock) -> None:
    limit = 100_000
    follower = LogFollower(path, limit, now=clock)
    append(path, "2025-10-31_01:15:30 ERROR early")
    follower.poll()
    for number in range(20_000):
        if number % 4_000 == 0:
            clock.time += 1
            follower.poll()
        append(path, f"2025-10-31_01:15:36 INFO {number:06}")
    follower.poll()

    tail = follower.tail(clock.time)

    assert tail is not None
    lines = tail.content.decode().splitlines()
    assert len(tail.content) <= limit + STANDING_OUT_LIMIT
    assert "2025-10-31_01:15:30 ERROR early" == lines[1]
    assert [f"{number:06}" for number in range(20_000 - len(lines[2:]), 20_000)] == [line[-6:] for line in lines[2:]]
    assert (True, "") == (tail.is_cut, lines[0])
    assert follower.knows_more(clock.time)


def test_a_long_log_is_followed_from_its_end(path: Path, clock: Clock) -> None:
    append(path, *(f"{number:06}" for number in range(1000)))
    follower = LogFollower(path, 100, now=clock)
    follower.poll()

    assert [f"{number:06}" for number in range(986, 1000)] == read(follower, clock.time)
    assert not follower.knows_more(START - 3600)


def test_a_huge_line_keeps_its_beginning(path: Path, clock: Clock) -> None:
    follower = LogFollower(path, 100_000, now=clock)
    path.touch()
    follower.poll()
    append(path, "begin" + "x" * 3_000_000, "next")
    follower.poll()

    found = read(follower, clock.time)

    assert found[0].startswith("begin")
    assert len(found[0]) <= 100_000
    assert "next" == found[-1]


def test_a_quiet_log_is_kept_in_few_pieces(path: Path, clock: Clock) -> None:
    follower = LogFollower(path, now=clock)
    for number in range(3000):
        append(path, f"{number}")
        clock.time += 1
        follower.poll()

    assert [str(number) for number in range(3000)] == read(follower, clock.time)


def test_a_log_that_is_not_there_is_waited_for(path: Path, clock: Clock) -> None:
    follower = LogFollower(path, now=clock)
    follower.poll()
    assert follower.tail(clock.time) is None
    path.mkdir()
    follower.poll()
    path.rmdir()
    append(path, "one")
    follower.poll()

    assert ["one"] == read(follower, clock.time)
