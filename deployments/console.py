"""
What the command line prints: tables for lists, progress on standard error, one sentence for an error.

Lines are written as they are; rich is imported where something is drawn, as programs that read our JSON wait for it.
"""

import functools
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console


@functools.cache
def output() -> "Console":
    """Return what draws on standard output."""
    from rich.console import Console

    return Console(soft_wrap=True, highlight=False)


@functools.cache
def progress() -> "Console":
    """Return what draws on standard error."""
    from rich.console import Console

    return Console(stderr=True, soft_wrap=True, highlight=False)


def is_watched() -> bool:
    """Tell whether a person sees standard error."""
    return sys.stderr.isatty()


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """Print a table; cells are shown as they are, never read as markup."""
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=title, title_justify="left", show_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(escape(printable(str(cell))) if cell is not None else "" for cell in row))
    output().print(shown)


def line(text: str = "") -> None:
    """Print one line as it is."""
    raw(printable(text))


def raw(text: str) -> None:
    """Print text for programs: no wrapping, no markup."""
    file = _bare(sys.stdout)
    file.write(text + "\n")
    file.flush()


def step(text: str) -> None:
    """Tell what is going on, on standard error."""
    file = _bare(sys.stderr)
    file.write(printable(text) + "\n")
    file.flush()


def _bare(stream: TextIO) -> TextIO:
    """Pass over the proxy that rich puts before a stream while it draws: it would write to the other one."""
    bare: TextIO = getattr(stream, "rich_proxied_file", stream)
    return bare


def printable(text: str) -> str:
    """Replace control characters: names and messages come from dumps, and a terminal obeys escape sequences."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text)
