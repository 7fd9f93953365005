"""Static analysers of the system: which are installed, and how they are asked about a few files of a worktree."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from tasks.clients import tools
from tasks.core.findings import CPPCHECK_TEMPLATE

Analyzer = Literal["clang-tidy", "cppcheck"]

_CHECKS = "-*,bugprone-*,clang-analyzer-*,cert-*,concurrency-*,-bugprone-easily-swappable-parameters"
"""What is asked of clang-tidy where the project has no wishes of its own."""

_HEADERS = (".h", ".hh", ".hpp", ".hxx")


def installed(wanted: Sequence[Analyzer]) -> tuple[Analyzer, ...]:
    """Return those of the wanted analysers that are installed."""
    return tuple(name for name in wanted if tools.find(name).find() is not None)


def explain_missing(wanted: Sequence[Analyzer]) -> str:
    """Say why no analyser is asked, and how to get one."""
    if not wanted:
        return "the configuration wants no analyzers"
    return " ".join(tools.find(name).how_to_get for name in wanted[-1:])


def command(name: Analyzer, paths: Sequence[str], *, tree: Path, database: Path | None) -> tuple[str, ...] | None:
    """
    Return the words that analyse files of a worktree, by their paths in it.

    ``database`` is the folder of the build's compilation database. None where the analyser can't do without it, or has
    nothing to look at: clang-tidy compiles, and a header is compiled by whoever includes it.
    """
    if name == "cppcheck":
        options = ("--quiet", "--enable=warning,portability", "--inline-suppr", "--language=c++", "--std=c++20")
        return ("cppcheck", *options, "--suppress=missingInclude", f"--template={CPPCHECK_TEMPLATE}", *paths)
    sources = [path for path in paths if not path.endswith(_HEADERS)]
    if database is None or not sources:
        return None
    checks = () if (tree / ".clang-tidy").is_file() else (f"--checks={_CHECKS}",)
    return ("clang-tidy", "--quiet", *checks, "-p", str(database), *sources)
