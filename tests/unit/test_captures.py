"""Facts about crash files in a folder: which are considered, which belong together, when one is complete."""

import pytest

from tasks.core import captures
from tasks.core.captures import Sighting, WatchedFile

SETTLE_S = 2.0


def sighting(size: int, at: float, *, is_closed: bool = False, inode: int = 1, age_s: float = 0.0) -> Sighting:
    return Sighting(inode=inode, size=size, mtime_ns=int(at), at=at, age_s=age_s, is_closed=is_closed)


def remaining(file: WatchedFile, now: float) -> float | None:
    return captures.remaining_s(file, now, SETTLE_S)


@pytest.mark.parametrize(
    "name",
    [
        ".core.swp",
        "core~",
        "#core#",
        "a.dmp.part",
        "x.tmp",
        "X.TMP",
        "a.crdownload",
        "~$report.txt",
        "4913",
        "Thumbs.db",
    ],
)
def test_hidden_and_temporary_files_are_passed_over(name: str) -> None:
    assert not captures.is_considered(name)


@pytest.mark.parametrize(
    "name", ["core", "core.1234", "a.dmp", "backtrace_2025-10-31-00:00:00.log", "crash", "x.unknown"]
)
def test_everything_else_may_be_of_a_crash(name: str) -> None:
    assert captures.is_considered(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("/c/core.txt", "/c/core.dmp", id="the text beside a dump"),
        pytest.param("/c/core.1234", "/c/core.1234.txt", id="a number is no suffix"),
        pytest.param(
            "/c/8bcbd5c0c9f0+_worldserver.exe_[22-7_20-1-8].dmp",
            "/c/8bcbd5c0c9f0%2B_worldserver.exe_.22-7_20-1-8.txt",
            id="a plus and brackets that GitHub replaced",
        ),
        pytest.param(
            "/c/8bcbd5c0c9f0+_worldserver.exe_[22-7_20-1-8].dmp",
            "/c/8bcbd5c0c9f0._worldserver.exe_22-7_20-1-8.txt",
            id="a plus that became a dot",
        ),
        pytest.param("C:\\c\\a.DMP", "C:/c/a.txt", id="separators and case of the suffix"),
    ],
)
def test_the_files_of_one_crash_share_their_capture(one: str, other: str) -> None:
    assert captures.capture_of(one) == captures.capture_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("/c/core.1234", "/c/core.1235", id="cores of two processes"),
        pytest.param("/c/a.dmp", "/d/a.txt", id="two folders"),
        pytest.param("/c/w.exe_[1-10_2-3-4].dmp", "/c/w.exe_[1-10_2-3-5].txt", id="two seconds"),
        pytest.param("/c/a b.dmp", "/c/a_b.dmp", id="names that only look alike"),
    ],
)
def test_other_names_are_other_captures(one: str, other: str) -> None:
    assert captures.capture_of(one) != captures.capture_of(other)


def test_a_servers_name_states_its_time_and_others_do_not() -> None:
    told = [captures.has_own_time(f"/c/{name}") for name in ("w.exe_[2025_10_30_1_2_3].txt", "core.1234", "crash.dmp")]
    assert [True, False, False] == told


def test_a_closed_file_is_complete_at_once() -> None:
    assert 0.0 == remaining(captures.observe(None, sighting(5, 10.0, is_closed=True)), 10.0)


def test_an_open_file_is_complete_when_it_has_rested() -> None:
    file = captures.observe(None, sighting(5, 10.0))
    assert [2.0, 0.5, 0.0] == [remaining(file, now) for now in (10.0, 11.5, 12.0)]
    assert 2.0 == remaining(captures.observe(file, sighting(6, 11.5)), 11.5)


def test_a_file_that_was_there_before_us_has_rested_already() -> None:
    assert 0.0 == remaining(captures.observe(None, sighting(5, 10.0, age_s=60)), 10.0)
    assert 2.0 == remaining(captures.observe(None, sighting(5, 10.0, age_s=-60)), 10.0)


def test_an_empty_file_waits_until_it_grows_or_for_minutes() -> None:
    file = captures.observe(None, sighting(0, 10.0, is_closed=True))
    assert captures.EMPTY_PATIENCE_S == remaining(file, 10.0)
    assert 0.0 == remaining(captures.observe(file, sighting(7, 11.0, is_closed=True)), 11.0)


def test_a_file_is_recorded_once_until_it_changes() -> None:
    file = captures.recorded(captures.observe(None, sighting(5, 10.0, is_closed=True)))
    assert remaining(file, 99.0) is None
    assert remaining(captures.observe(file, sighting(5, 10.0, is_closed=True)), 99.0) is None
    assert 0.0 == remaining(captures.observe(file, sighting(6, 11.0, is_closed=True)), 11.0)


def test_a_text_that_grows_again_and_again_has_to_rest_longer_each_time() -> None:
    """A log in a crash folder must not fill the database."""
    file = WatchedFile(identity=(1, 1, 1), since=0.0, is_text=True)
    waits = []
    for size in range(2, 30):
        file = captures.observe(captures.recorded(file), sighting(size, 100.0 * size, is_closed=True))
        waits.append(remaining(file, 100.0 * size))
    assert [4.0, 8.0, 16.0] == waits[:3]
    assert captures.PATIENCE_LIMIT_S == waits[-1]


def test_a_file_that_took_the_place_of_another_is_as_new_as_any() -> None:
    old = captures.recorded(WatchedFile(identity=(1, 9, 1), since=0.0, is_text=True))
    for seen in (sighting(9, 5.0, is_closed=True, inode=2), sighting(8, 5.0, is_closed=True)):
        assert 0.0 == remaining(captures.observe(old, seen), 5.0)


@pytest.mark.parametrize(
    ("head", "tail", "expected"),
    [
        pytest.param(b"Revision: X rev. 1\r\n", b"frame\r\n", True, id="stacks that are being written"),
        pytest.param(b"Revision: X rev. 1\r\n", b"frame\r\n\r\n", False, id="the empty line at the end"),
        pytest.param(b"Exception code: C0000005\n", b"Local Variables And Parameters\n x", False, id="the second part"),
        pytest.param(b"--- DEBUG: --- START\n", b"#1 x\n\n", True, id="gdb's script at work"),
        pytest.param(b"--- DEBUG: --- START\n", b"--- DEBUG: --- STOP\n", False, id="gdb's script at its end"),
        pytest.param(b"Program terminated\n", b"#1 main ()", False, id="another text, which has no end mark"),
        pytest.param(b"MDMP", b"\0", False, id="a dump"),
    ],
)
def test_a_report_without_its_end_is_known(head: bytes, tail: bytes, *, expected: bool) -> None:
    assert expected == captures.lacks_end(head, tail)


def test_a_report_without_its_end_gets_more_time() -> None:
    file = WatchedFile(identity=(1, 1, 1), since=0.0, lacks_end=True)
    assert SETTLE_S * captures.OPEN_REPORT_FACTOR == remaining(file, 0.0)
