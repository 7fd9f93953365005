"""What a run imports: each second of it stands between a crash and its draft."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("flow", ["flows.ingest", "flows.fix", "flows.publish"])
def test_a_run_does_not_import_what_it_may_not_need(flow: str) -> None:
    script = f"import {flow}, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"anthropic", "mcp", "github", "matplotlib", "alembic"}
