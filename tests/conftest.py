"""What all tests share: a skip for want of a tool is a failure where the environment requires the tool."""

import os
import re
from collections.abc import Generator

import pytest

REQUIRED = tuple(name.strip() for name in os.environ.get("CRASHFLOW_REQUIRE", "").split(",") if name.strip())


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
