"""The process that runs our flows: registers the catalogue with the Prefect server and starts a child for each run."""

import os
import tempfile
from pathlib import Path

from prefect import serve
from prefect.deployments.runner import RunnerDeployment

from deployments.catalogue import CATALOGUE, NAME, TAGS

RUNS_AT_ONCE = 2


def runner_deployments() -> list[RunnerDeployment]:
    """Return the catalogue as Prefect's runner serves it."""
    return [
        RunnerDeployment.from_entrypoint(
            deployment.entrypoint,
            name=NAME,
            description=deployment.description,
            tags=list(TAGS),
        )
        for deployment in CATALOGUE
    ]


def main() -> None:
    """Serve until SIGTERM."""
    # Prefect keeps files of its runners in one folder below the system's temporary one, which the first user owns.
    folder = Path(os.environ["PREFECT_HOME"]) / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(folder)
    serve(*runner_deployments(), pause_on_shutdown=False, print_starting_message=False, limit=RUNS_AT_ONCE)


if __name__ == "__main__":
    main()
