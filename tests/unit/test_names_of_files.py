"""Facts about the times in names of crash files."""

# ruff: noqa: DTZ001 (servers state no time zone)

from datetime import datetime

import pytest

from tasks.core.parsers.names_of_files import time_from_name

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
