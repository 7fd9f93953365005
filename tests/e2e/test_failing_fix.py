"""A fix that does not build, with an own Prefect server whose database is lost in between."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import sample_server
from tests.e2e.conftest import Installation, make_installation, remove_installation

pytestmark = pytest.mark.slow


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A server whose main branch has been broken by somebody since it crashed: its source does not compile."""

    installation: Installation
    configuration: Path
    core: Path


@pytest.fixture(scope="module")
def broken(build_tools: None) -> Iterator[Broken]:
    installation = make_installation()
    demo = sample_server.lay_out(installation.home)
    core = sample_server.leave_core(demo)
    header = demo.clone / "src/server/shared/Networking/Socket.h"
    header.write_text(header.read_text(encoding="latin1") + "\n#error somebody broke this\n", encoding="latin1")
    sample_server.commit(demo, "Break the build")
    yield Broken(installation=installation, configuration=demo.folder / "crashflow.toml", core=core)
    remove_installation(installation)


def test_a_fix_survives_the_loss_of_prefects_database_and_fails_with_the_compilers_words(
    broken: Broken,
) -> None:
    installation, configuration, core = broken.installation, broken.configuration, broken.core
    ingested = installation.crashflow("--config", configuration, "ingest", core, "--json")
    assert 0 == ingested.returncode, ingested.stderr
    assert ["FIX_GENERATED"] == [fix["state"] for fix in json.loads(ingested.stdout)["fixes"]]

    shutil.rmtree(installation.home / "prefect")

    followed = installation.crashflow("--config", configuration, "run", core, "--json")
    assert 1 == followed.returncode
    (fix,) = json.loads(followed.stdout)["fixes"]
    assert ("FAILED", "failed", None) == (fix["state"], fix["compile"], fix["pull_request"])
    assert "somebody broke this" in fix["reason"]
    assert [["1"]] == installation.sql("select count(*) from crash")

    reason = installation.sql("select reason from transition where entity = 'fix' and state_to = 'FAILED'")
    assert any("somebody broke this" in line for row in reason for line in row)


def test_the_failed_fix_is_not_tried_again_by_itself(broken: Broken) -> None:
    installation = broken.installation
    again = installation.crashflow("--config", broken.configuration, "ingest", broken.core, "--json")
    assert [["1"]] == installation.sql("select count(*) from fix")
    assert ["FAILED"] == [fix["state"] for fix in json.loads(again.stdout)["fixes"]]
