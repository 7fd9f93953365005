"""A fix that does not build, with an own Prefect server whose database is lost in between."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import DemoRun, Installation, make_installation, remove_installation, run


@pytest.fixture(scope="module")
def broken(demo: DemoRun) -> Iterator[tuple[Installation, Path]]:
    """The demo's server, whose main branch has been broken by somebody since: its source does not compile."""
    installation = make_installation()
    folder = installation.home / "operator"
    shutil.copytree(demo.installation.home / "demo", folder, symlinks=True)
    clone = folder / "clone"
    run(["git", "remote", "set-url", "origin", folder / "remote.git"], clone)
    header = clone / "src/server/shared/Networking/Socket.h"
    header.write_text(header.read_text(encoding="latin1") + "\n#error somebody broke this\n", encoding="latin1")
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@localhost"]
    assert 0 == run(["git", *identity, "commit", "-qam", "Break the build"], clone)
    assert 0 == run(["git", "push", "-q", "origin", "HEAD:main"], clone)
    yield installation, folder / "crashflow.toml"
    remove_installation(installation)


def test_a_fix_survives_the_loss_of_prefects_database_and_fails_with_the_compilers_words(
    broken: tuple[Installation, Path],
) -> None:
    installation, configuration = broken
    core = next((configuration.parent / "crashes").glob("core.null*"))
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


def test_the_failed_fix_is_not_tried_again_by_itself(broken: tuple[Installation, Path]) -> None:
    installation, configuration = broken
    core = next((configuration.parent / "crashes").glob("core.null*"))
    again = installation.crashflow("--config", configuration, "ingest", core, "--json")
    assert [["1"]] == installation.sql("select count(*) from fix")
    assert ["FAILED"] == [fix["state"] for fix in json.loads(again.stdout)["fixes"]]
