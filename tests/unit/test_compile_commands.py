"""Compilation databases, and the command that only checks a file's syntax."""

import json

import pytest

from tasks.core import compile_commands
from tasks.core.compile_commands import CompileCommand

FILE = "/w/src/Map.cpp"
LINE = f'/usr/bin/c++ -DNAME=\\"x\\" -I/w/src -O2 -std=gnu++20 -MD -MT a.o -MF a.o.d -o CMakeFiles/a.o -c {FILE}'
PLAIN = ("/usr/bin/c++", '-DNAME="x"', "-I/w/src", "-O2", "-std=gnu++20", FILE, "-fsyntax-only")


def one(**entry: object) -> tuple[CompileCommand, ...]:
    return compile_commands.parse(json.dumps([entry]).encode())


def test_an_entry_as_a_line_and_as_words() -> None:
    (line,) = one(directory="/w/build", command=LINE, file=FILE)
    assert PLAIN == compile_commands.syntax_only(line)
    (words,) = one(directory="/w/build", arguments=["g++", "-c", "../src/Map.cpp", "-oMap.o"], file="../src/Map.cpp")
    assert FILE == words.file
    assert ("g++", "../src/Map.cpp", "-fsyntax-only") == compile_commands.syntax_only(words)


def test_a_launcher_is_left_out() -> None:
    (entry,) = one(directory="/w", command=f"/usr/bin/ccache g++ -c {FILE}", file=FILE)
    assert ("g++", FILE, "-fsyntax-only") == compile_commands.syntax_only(entry)


@pytest.mark.parametrize("compiler", ["cl.exe", "/opt/msvc/CL.EXE", "clang-cl"])
def test_a_compiler_without_such_an_option(compiler: str) -> None:
    (entry,) = one(directory="/w", arguments=[compiler, "/c", FILE], file=FILE)
    assert compile_commands.syntax_only(entry) is None


def test_a_header_is_checked_by_the_source_beside_it() -> None:
    commands = one(directory="/w", arguments=["g++", "-c", FILE], file=FILE)
    assert commands[0] == compile_commands.find(commands, "/w/src/Map.h")
    assert commands[0] == compile_commands.find(commands, FILE)
    assert compile_commands.find(commands, "/w/src/Other.h") is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"{}", b"[1, null]", b'[{"file": "a.cpp"}]', b'[{"file": "a", "directory": "b", "command": "\'"}]',
     b'[{"file": "a", "directory": "b", "arguments": [1]}]', b'[{"file": "a", "directory": "b", "arguments": []}]'],
)  # fmt: skip
def test_what_is_no_compilation_database(content: bytes) -> None:
    assert () == compile_commands.parse(content)
