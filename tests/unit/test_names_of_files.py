"""Facts about the times in names of crash files."""

# ruff: noqa: DTZ001 (servers state no time zone)

from datetime import UTC, datetime

import pytest

from tasks.core.crash import Crash, CrashException
from tasks.core.parsers.names_of_files import dated, time_from_name

KNOWN = datetime(2025, 11, 9, 8)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("1a2b3c4d5e6f+_worldserver.exe_[9-11_7-5-3].txt", datetime(2025, 11, 9, 7, 5, 3)),
        ("unknown_My_Server.exe_[24-8_7-3-49].dmp", datetime(2025, 8, 24, 7, 3, 49)),
        ("mangosd.exe_[1-4_11-26-46].txt", datetime(2025, 4, 1, 11, 26, 46)),
        ("1a2b3c4d5e6f_worldserver.exe_[2025_10_30_1_5_9].txt", datetime(2025, 10, 30, 1, 5, 9)),
        ("1a2b3c4d5e6f%2B_worldserver.exe_.22-7_20-1-8.txt", datetime(2025, 7, 22, 20, 1, 8)),
        ("worldserver.exe_1-4_11-26-46.txt.zip", datetime(2025, 4, 1, 11, 26, 46)),
        ("backtrace_2024-05-06-07:08:09.log", datetime(2024, 5, 6, 7, 8, 9)),
        ("gdb-2024-05-06-07-08-09.txt", datetime(2024, 5, 6, 7, 8, 9)),
        ("worldserver.exe_[31-2_7-5-3].txt", None),
        ("worldserver.exe_[9-11_27-5-3].txt", None),
        ("0a1b2c3d4e5f_worldserver.exe_\\[5-2_22-16-13\\].txt", datetime(2025, 2, 5, 22, 16, 13)),
        ("0a1b2c3d4e5f_worldserver.exe.27-8_22-4-57.txt", datetime(2025, 8, 27, 22, 4, 57)),
        ("0a1b2c3d4e5f%2B_worldserver.exe_%5B27-8_22-4-57%5D.txt", datetime(2025, 8, 27, 22, 4, 57)),
        ("worldserver.exe_[9-11_7-5-3] (1).txt", datetime(2025, 11, 9, 7, 5, 3)),
        ("core.worldd.4711.1735787045", datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("core.worldd.1000.0a1b.4711.1735787045000000.zst", datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("core.12345", None),
        ("", None),
    ],
)
def test_the_time_is_read_from_the_right_end(name: str, expected: datetime | None) -> None:
    assert expected == time_from_name(name, known=KNOWN)


def test_a_name_without_a_year_needs_a_known_time() -> None:
    assert None is time_from_name("mangosd.exe_[1-4_11-26-46].txt")


def test_a_crash_on_new_years_eve_belongs_to_the_old_year() -> None:
    written = datetime(2026, 1, 1, 0, 1)
    assert datetime(2025, 12, 31, 23, 59, 50) == time_from_name("w.exe_[31-12_23-59-50].txt", known=written)


def test_a_crash_of_last_winter_read_in_autumn_is_of_last_winter() -> None:
    assert datetime(2025, 1, 2, 3, 4, 5) == time_from_name("w.exe_[2-1_3-4-5].txt", known=KNOWN)


def test_a_report_stamped_to_the_minute_is_of_the_same_day() -> None:
    stamped = datetime(2025, 12, 31, 23, 59)
    assert datetime(2025, 12, 31, 23, 59, 50) == time_from_name("w.exe_[31-12_23-59-50].txt", known=stamped)


CHANGED = datetime(2025, 11, 9, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stated", "name", "expected", "note"),
    [
        pytest.param(
            datetime(2025, 11, 9, 7, 5),
            "w.exe_[9-11_7-5-3].txt",
            datetime(2025, 11, 9, 7, 5, 3),
            "The time is the report's own, to the second of its file's name.",
            id="report and name agree",
        ),
        pytest.param(
            datetime(2025, 11, 9, 7, 5),
            "w.exe_[8-11_1-2-3].txt",
            datetime(2025, 11, 9, 7, 5),
            "The time is the report's own.",
            id="the name is of another crash",
        ),
        pytest.param(
            None,
            "w.exe_[9-11_7-5-3].txt",
            datetime(2025, 11, 9, 7, 5, 3),
            "The time is from the name of its file.",
            id="the report states none",
        ),
        pytest.param(
            None, "crash.txt", CHANGED, "The time is of the last change of its file.", id="neither states one"
        ),
    ],
)
def test_a_crash_is_dated_by_report_then_name_then_file(
    stated: datetime | None, name: str, expected: datetime, note: str
) -> None:
    crash = Crash(format="wheaty", exception=CrashException(), occurred_at=stated)
    found = dated(crash, name=name, changed_at=CHANGED)
    assert (expected, (note,)) == (found.occurred_at, found.notes)
