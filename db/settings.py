"""Where configuration enters: the crashflow.toml and the environment, read once at the edge of each process."""

import os
from dataclasses import dataclass
from pathlib import Path

from tasks.core import configuration
from tasks.core.configuration import Configuration
from tasks.core.errors import ConfigurationError

CONFIGURATION_NAME = "crashflow.toml"
CONFIGURATION_VARIABLE = "CRASHFLOW_CONFIG"
DATABASE_VARIABLE = "CRASHFLOW_DATABASE_URL"
STATE_VARIABLE = "CRASHFLOW_HOME"
STATE_NAME = ".crashflow"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """
    One process' view of its installation.

    ``state_folder`` holds everything that crashflow writes by itself: the embedded Postgres, Prefect's database,
    worktrees, the queue, reports. ``database_url`` is None for the embedded Postgres.
    """

    configuration: Configuration
    state_folder: Path
    file: Path | None = None
    database_url: str | None = None

    @property
    def queue_folder(self) -> Path:
        """Where requests to an interactive analyst wait."""
        return self.configuration.queue_folder or self.state_folder / "queue"

    @property
    def forge_folder(self) -> Path:
        """Where the local forge writes its pull requests."""
        return self.configuration.forge.folder or self.state_folder / "pull-requests"

    @property
    def worktree_folder(self) -> Path:
        """Where each fix has its own worktree."""
        return self.state_folder / "worktrees"

    @property
    def temporary_folder(self) -> Path:
        """Where our processes and their children keep temporary files, in a folder for each command."""
        return self.state_folder / "tmp"

    @property
    def report_folder(self) -> Path:
        """Where reports and patches are written as files."""
        return self.state_folder / "reports"


def load(file: Path | None = None) -> Settings:
    """
    Read the configuration: the given file, ``CRASHFLOW_CONFIG``, or the nearest crashflow.toml above this folder.

    Without any of them the defaults hold, and the state lies in ``.crashflow`` below this folder.

    Raises:
        ConfigurationError: the named file does not exist, or something in it is wrong.
    """
    chosen = file or _from_variable() or _nearest(Path.cwd())
    if chosen is None:
        settings, folder = Configuration(), Path.cwd()
    else:
        folder = chosen.resolve().parent
        settings = configuration.parse(_read(chosen), name=str(chosen), folder=folder)
    state = os.environ.get(STATE_VARIABLE)
    return Settings(
        configuration=settings,
        state_folder=Path(state).resolve() if state else settings.state_folder or folder / STATE_NAME,
        file=chosen.resolve() if chosen else None,
        database_url=os.environ.get(DATABASE_VARIABLE) or None,
    )


def _from_variable() -> Path | None:
    value = os.environ.get(CONFIGURATION_VARIABLE)
    return Path(value) if value else None


def _nearest(folder: Path) -> Path | None:
    candidates = (parent / CONFIGURATION_NAME for parent in (folder, *folder.parents))
    return next((path for path in candidates if path.is_file()), None)


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        message = f"There is no configuration file {path}; check --config and {CONFIGURATION_VARIABLE}."
        raise ConfigurationError(message) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise ConfigurationError(f"{path} can't be read: {error.strerror}.") from error
