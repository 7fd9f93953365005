"""What all tests share: a skip for want of a tool is a failure where the environment requires the tool."""

import gc
import os
import re
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

gc.disable()  # until all tests are imported

# What is compiled is kept, whatever the environment says: pytest rewrites all tests, and each of the many processes
# that tests start would compile all of our code anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

REQUIRED = tuple(name.strip() for name in os.environ.get("CRASHFLOW_REQUIRE", "").split(",") if name.strip())


LONGEST = ("test_up.py", "test_demo.py", "test_failing_fix.py", "test_watch.py", "test_one_program_three_tools.py")


PROCESSES = 3
"""One more than the cores of a small machine: the long tests wait for others half of their time."""


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Unit tests alone are done before other processes have read them all."""
    folders = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    unit = Path(__file__).parent / "unit"
    return 0 if all(folder.is_relative_to(unit) for folder in folders) else PROCESSES


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was imported stays: to look through it for garbage takes a tenth of the time of the unit tests."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process is left alone with one of them at the end."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip whose reason names a required tool into a failure."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = str(report.longrepr[2])
        for name in REQUIRED:
            if re.search(rf"(?<![\w+]){re.escape(name)}(?![\w+])", reason):
                report.outcome = "failed"
                report.longrepr = f"{name} is required by CRASHFLOW_REQUIRE, but the test was skipped: {reason}"
                break
    return report
