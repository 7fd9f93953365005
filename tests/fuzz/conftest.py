"""How many cases: a hundred in every run, 10,000 where ``CRASHFLOW_FUZZ=nightly`` asks for a campaign."""

import os

import pytest
from hypothesis import HealthCheck, settings

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}

settings.register_profile("every-run", max_examples=100, database=None, **_COMMON)
settings.register_profile("nightly", max_examples=10_000, print_blob=True, **_COMMON)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """A test has the profile that is loaded when its module is imported."""
    settings.load_profile(os.environ.get("CRASHFLOW_FUZZ", "every-run"))
