"""The mark of tests that ``.ci/nightly`` runs: what they show is shown in short by others, or by a command."""

import os

import pytest

IS_NIGHT = "CRASHFLOW_NIGHTLY" in os.environ
NIGHTLY = pytest.mark.skipif(
    not IS_NIGHT, reason="part of .ci/nightly, as it takes a minute: CRASHFLOW_NIGHTLY=1 has it"
)
