"""What the command line prints: tables for lists, progress on standard error, one sentence for an error."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

OUTPUT = Console(soft_wrap=True, highlight=False)
PROGRESS = Console(stderr=True, soft_wrap=True, highlight=False)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str | None = None) -> None:
    """Print a table; cells are shown as they are, never read as markup."""
    shown = Table(title=title, title_justify="left", show_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(escape(printable(str(cell))) if cell is not None else "" for cell in row))
    OUTPUT.print(shown)


def line(text: str = "") -> None:
    """Print one line as it is."""
    OUTPUT.print(escape(printable(text)))


def raw(text: str) -> None:
    """Print text for programs: no wrapping, no markup."""
    OUTPUT.file.write(text + "\n")
    OUTPUT.file.flush()


def step(text: str) -> None:
    """Tell what is going on, on standard error."""
    PROGRESS.print(escape(printable(text)), soft_wrap=True)


def printable(text: str) -> str:
    """Replace control characters: names and messages come from dumps, and a terminal obeys escape sequences."""
    return "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text)
