"""
How a build compiles each file: a compilation database, and the command that only checks a file's syntax.

Format: "JSON Compilation Database Format Specification" of the clang documentation; CMake writes it for Makefiles and
Ninja when ``CMAKE_EXPORT_COMPILE_COMMANDS`` is set. GCC and clang take ``-fsyntax-only``; others are not asked.
"""

import json
import posixpath
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

FILE_NAME = "compile_commands.json"

_LAUNCHERS = frozenset({"ccache", "sccache", "distcc", "icecc"})
_OTHER_COMPILERS = frozenset({"cl", "cl.exe", "clang-cl", "clang-cl.exe"})
_WITH_VALUE = frozenset({"-o", "-MF", "-MT", "-MQ", "-MJ"})
_DROPPED = frozenset({"-c", "-MD", "-MMD", "-MP", "-MM", "-M"})


@dataclass(frozen=True, kw_only=True)
class CompileCommand:
    """How one file is compiled: its absolute path, the folder that the command starts in, and the command's words."""

    file: str
    directory: str
    words: tuple[str, ...]


def parse(content: bytes) -> tuple[CompileCommand, ...]:
    """Read a compilation database; entries that say no file, folder or command are left out, as is all that is none."""
    try:
        entries = json.loads(content)
    except ValueError:
        return ()
    found = (_entry(entry) for entry in entries) if isinstance(entries, list) else ()
    return tuple(command for command in found if command is not None)


def find(commands: Sequence[CompileCommand], path: str) -> CompileCommand | None:
    """
    Return the command of a file by its absolute path, None where there is none.

    A header is compiled by whoever includes it: the source of the same name in the same folder stands for it.
    """
    exact = next((command for command in commands if command.file == path), None)
    if exact is not None:
        return exact
    stem = posixpath.splitext(path)[0]
    return next((command for command in commands if posixpath.splitext(command.file)[0] == stem), None)


def syntax_only(command: CompileCommand) -> tuple[str, ...] | None:
    """Return the words that check a file and write nothing; None for a compiler that has no such option."""
    words = list(command.words)
    while words and posixpath.basename(words[0]) in _LAUNCHERS:
        words.pop(0)
    if not words or posixpath.basename(words[0]).lower() in _OTHER_COMPILERS:
        return None
    kept: list[str] = []
    is_value = False
    for word in words:
        if is_value or word in _WITH_VALUE:
            is_value = not is_value
        elif word not in _DROPPED and not word.startswith("-o"):
            kept.append(word)
    return (*kept, "-fsyntax-only")


def _entry(entry: object) -> CompileCommand | None:
    if not isinstance(entry, dict):
        return None
    file, directory = entry.get("file"), entry.get("directory")
    words, line = entry.get("arguments"), entry.get("command")
    if isinstance(line, str) and words is None:
        try:
            words = shlex.split(line)
        except ValueError:
            return None
    if not (isinstance(file, str) and isinstance(directory, str) and isinstance(words, list) and words):
        return None
    if not all(isinstance(word, str) for word in words):
        return None
    return CompileCommand(
        file=posixpath.normpath(posixpath.join(directory, file)), directory=directory, words=tuple(words)
    )
