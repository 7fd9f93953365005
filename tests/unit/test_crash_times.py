"""When a crash happened, from what is known of it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tasks.core import crash_times

ZONE = ZoneInfo("America/New_York")
WRITTEN = datetime(2025, 10, 31, 5, 16, 2, tzinfo=UTC)
"""01:16:02 on the server's clock."""
DATED = "0a1b2c3d4e5f_worldserver.exe_[31-10_1-15-37].txt"


def local(*clock: int) -> datetime:
    return datetime(2025, 10, 31, *clock, tzinfo=ZONE)


def stating(*clock: int) -> datetime:
    return local(*clock).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("stated", "name", "expected"),
    [
        pytest.param(stating(1, 15), DATED, local(1, 15, 37), id="the name tells the second"),
        pytest.param(stating(1, 15), "crash.txt", local(1, 15), id="no name tells more than the minute"),
        pytest.param(stating(1, 9), DATED, local(1, 9), id="a name of another minute is not believed"),
        pytest.param(stating(1, 15, 4), DATED, local(1, 15, 4), id="a stated second counts"),
        pytest.param(WRITTEN - timedelta(hours=1), DATED, WRITTEN - timedelta(hours=1), id="a stated zone counts"),
        pytest.param(None, DATED, local(1, 15, 37), id="the name alone"),
        pytest.param(None, "gdb-2025-12-24-01-15-37.txt", WRITTEN, id="a name from the future is not believed"),
        pytest.param(None, "core.4711", WRITTEN, id="when the file was written"),
    ],
)
def test_the_time_of_a_crash(stated: datetime | None, name: str, expected: datetime) -> None:
    assert expected == crash_times.occurred_at(stated, name, WRITTEN, ZONE)
