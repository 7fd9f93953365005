"""Every deployment that crashflow has, in one typed list: served by the runner, and the source of prefect.yaml."""

from dataclasses import dataclass

NAME = "default"
TAGS = ("crashflow",)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """
    One deployment as users type it: ``<flow>/default``.

    ``entrypoint`` is a module path with dots. With a colon Prefect takes it for a file: it would copy the whole folder
    of the first registration into the run's, and put flows/ first on sys.path.
    """

    flow: str
    entrypoint: str
    description: str

    @property
    def full_name(self) -> str:
        """Return the name for ``prefect deployment run``."""
        return f"{self.flow}/{NAME}"


CATALOGUE = (
    Deployment(
        flow="ingest-dumps",
        entrypoint="flows.ingest.ingest_dumps",
        description="Reads every dump that waits, places its crashes, and starts the fixes that follow.",
    ),
    Deployment(
        flow="fix-pattern",
        entrypoint="flows.fix.fix_pattern",
        description="Proposes, builds, tests, replays and commits one fix.",
    ),
    Deployment(
        flow="open-pull-request",
        entrypoint="flows.publish.open_pull_request",
        description="Pushes one proven fix and opens its draft pull request.",
    ),
)
