"""What a running ``crashflow up`` shows: one screen on a terminal, plain lines everywhere else."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from rich.console import Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from db.overview import Overview
from deployments import console

EVENTS_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class ServiceLine:
    """One service as it is shown."""

    name: str
    pid: int | None
    state: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Status:
    """Everything that the screen shows but the events. ``folders`` are the watched ones, by server."""

    services: Sequence[ServiceLine] = ()
    folders: Sequence[tuple[str, str]] = ()
    overview: Overview = field(default_factory=Overview)


class Screen(Protocol):
    """Where the status goes."""

    def address(self, api: str) -> None:
        """Say where the UI is, and what another shell has to set."""

    def show(self, status: Status) -> None:
        """Show the status as it is now."""

    def tell(self, text: str) -> None:
        """Add an event."""

    def close(self) -> None:
        """Give the terminal back."""


class PlainScreen:
    """Lines for logs and pipes: the addresses once, then the events; the status itself would only repeat."""

    def address(self, api: str) -> None:
        """Print both lines and flush them: a program may wait for them."""
        for line in address_lines(api):
            console.raw(line)

    def show(self, status: Status) -> None:
        """Print nothing: every change is an event already."""

    def tell(self, text: str) -> None:
        """Print the event with its time."""
        console.raw(f"{_clock(datetime.now(tz=UTC))} {console.printable(text)}")

    def close(self) -> None:
        """Nothing is held."""


class LiveScreen:
    """One screen that is drawn again in place."""

    def __init__(self) -> None:
        self._address: tuple[str, ...] = ()
        self._events: deque[tuple[datetime, str]] = deque(maxlen=EVENTS_SHOWN)
        self._status = Status()
        self._live = Live(console=console.output(), auto_refresh=False)
        self._live.start()

    def address(self, api: str) -> None:
        """Keep the addresses on the screen."""
        self._address = address_lines(api)
        self._draw()

    def show(self, status: Status) -> None:
        """Draw the status."""
        self._status = status
        self._draw()

    def tell(self, text: str) -> None:
        """Add an event; the oldest goes."""
        self._events.append((datetime.now(tz=UTC), text))
        self._draw()

    def close(self) -> None:
        """Leave the last picture where it is."""
        self._live.stop()

    def _draw(self) -> None:
        self._live.update(render(self._status, self._address, list(self._events)), refresh=True)


def choose() -> Screen:
    """Return the screen that suits standard output."""
    return LiveScreen() if console.output().is_terminal else PlainScreen()


def address_lines(api: str) -> tuple[str, ...]:
    """Return the two lines that a person copies."""
    return (f"Prefect UI: {api.removesuffix('/api')}", f"export PREFECT_API_URL={api}")


def render(status: Status, address: Sequence[str], events: Sequence[tuple[datetime, str]]) -> RenderableType:
    """Return the screen: addresses, services, folders, counts, events."""
    services = Table("service", "pid", "state", "since", show_edge=False)
    for line in status.services:
        services.add_row(line.name, str(line.pid or ""), line.state, _clock(line.since))
    parts: list[RenderableType] = [Text(line) for line in address or ("Starting ...",)]
    parts += [Text(), services, Text()]
    parts += [Text(f"watched   {server}: {folder}") for server, folder in status.folders]
    parts += [Text(line) for line in count_lines(status.overview)]
    parts += [Text()] + [Text.from_markup(escape(f"{_clock(at)} {console.printable(text)}")) for at, text in events]
    parts += [Text(), Text("Ctrl-C ends all of it.")]
    return Group(*parts)


def count_lines(overview: Overview) -> tuple[str, ...]:
    """Return the counts in words."""
    failed = f", {overview.failed_dumps} unreadable" if overview.failed_dumps else ""
    fixes = ", ".join(f"{count} {state}" for state, count in overview.open_fixes.items()) or "none"
    return (
        f"dumps     {overview.waiting_dumps} waiting{failed}",
        f"crashes   {overview.crashes}",
        f"fixes     {fixes}",
    )


def _clock(at: datetime) -> str:
    return f"{at.astimezone():%H:%M:%S}"
