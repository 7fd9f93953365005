"""What terminals and containers add to a crash text, and what is left when it is taken off."""

import json

import pytest

from tasks.core import parsers
from tasks.core.parsers import console

REPORT = b"""\
==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x602010 at pc 0x55 bp 0x7f sp 0x7e
READ of size 4 at 0x602010 thread T2
    #0 0x55d1 in mill::Hopper::Drop(int) /src/hopper.cpp:12:3
    #1 0x55d2 in mill::Mill::Run() /src/mill.cpp:44
"""


@pytest.mark.parametrize("escape", [b"\x1b[1m\x1b[31m", b"\x1b[38;5;9m", b"\x1b(B\x1b[m", b"[1m[31m"])
def test_a_coloured_report_is_read_like_a_plain_one(escape: bytes):
    coloured = b"".join(escape + line + b"[0m\n" for line in REPORT.splitlines())
    coloured = coloured.replace(b"[0m", b"\x1b[0m") if escape.startswith(b"\x1b") else coloured
    (crash,) = parsers.parse(coloured)
    assert ("heap-use-after-free", "read", "mill::Hopper::Drop(int)") == (
        crash.exception.code,
        crash.exception.access,
        crash.frames[0].function,
    )


def test_dockers_json_lines_become_the_lines_that_the_program_wrote():
    lines = REPORT.decode().splitlines(keepends=True)
    wrapped = "".join(json.dumps({"log": line, "stream": "stderr"}, separators=(",", ":")) + "\n" for line in lines)
    assert REPORT == console.unwrapped(wrapped.encode())


@pytest.mark.parametrize("text", [b"int table[10]; f[0](m)", b'{"log": 3}', b'{"log":"broken \\q"}', b"a [1m b"])
def test_other_texts_stay_as_they_are(text: bytes):
    assert text == console.plain(console.unwrapped(text))
