"""
Few cases for each property, so that all unit tests together take seconds; ``tests/fuzz`` has the campaigns.

``CRASHFLOW_FUZZ=nightly`` asks for 10,000 cases here as well.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}

settings.register_profile("few", max_examples=8, database=None, **_COMMON)
settings.register_profile("few-nightly", max_examples=10_000, print_blob=True, **_COMMON)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """A test has the profile that is loaded when its module is imported."""
    settings.load_profile("few-nightly" if os.environ.get("CRASHFLOW_FUZZ") == "nightly" else "few")
