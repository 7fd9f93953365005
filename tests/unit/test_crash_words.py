"""Facts about words of a crash without a stack: printed by a dying program, or only mentioned."""

import pytest

from tasks.core import parsers
from tasks.core.errors import UnrecognisedError

CODE = """\
#include "Keep.h"

void Fail(char const* file, int line, char const* function, char const* message)
{
    // as a shell says it: Segmentation fault (core dumped)
    fprintf(stderr, "\\n%s:%i in %s ASSERTION FAILED:\\n  %s\\n", file, line, function, message);
    throw std::bad_alloc();
    log("Check failed: ", "*** stack smashing detected", "terminate called after throwing");
}
"""
SCRIPT = """\
# Abort if any command returns an error value
set -e
if grep -q "Segmentation fault (core dumped)" "$1"; then
    echo "double free or corruption (out)"
fi
"""
MANUAL = """\
# Brew server

When it dies with `Segmentation fault (core dumped)`, or with an ASSERTION FAILED in its log, run it under gdb.
Version 2 fixed double free or corruption (out) at the end of a round, and the pure virtual method called at exit.
"""
LOG = """\
2025-11-01_10:00:00 INFO  [server.worldserver] Brew rev. 0123456789ab (worldserver-daemon) ready...
2025-11-01_10:00:01 ERROR [sql.sql] Connection timeout exceeded: 30 s
2025-11-01_10:00:02 WARN  [misc] Integrity check failed: bad file
2025-11-01_10:00:03 ERROR: [misc] no assertion of guild 5 hangs for long
2025-11-01_10:00:09 INFO  [server] Received signal 15, halting
Halting process...
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CODE, id="C++"),
        pytest.param(SCRIPT, id="a shell script"),
        pytest.param(MANUAL, id="a manual"),
        pytest.param(LOG, id="the log of a server that lives"),
        pytest.param("Aborted by user\nAbort pip and return non-zero\n", id="other aborts"),
        pytest.param("## Fatal errors\n\nSome text.\n", id="a heading"),
    ],
)
def test_who_only_mentions_a_crash_has_none(text: str) -> None:
    with pytest.raises(UnrecognisedError):
        parsers.parse(text.encode())


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("Loading...\nSegmentation fault\n", "access_violation", None),
        ("./run.sh: line 12: 4711 Segmentation fault      (core dumped) ./worldd -c w\n", "access_violation", None),
        ("./run.sh: line 12: 4711 Aborted                 ./worldd\n", "abort", None),
        ("zsh: segmentation fault (core dumped)  ./worldd\n", "access_violation", None),
        ("[1]+  Floating point exception (core dumped) ./worldd\n", "division_by_zero", None),
        ("Illegal instruction: 4\n", "illegal_instruction", None),
        ("Received signal 11\n", "access_violation", None),
        ("terminate called after throwing an instance of 'Gate'\nAborted (core dumped)\n", "cpp_exception", "Gate"),
        ("FATAL ERROR: Reached heap limit Allocation failed - out of heap\n", "out_of_memory", None),
        ("World Thread hangs for 61000 ms, forcing a crash!\n", "deadlock", None),
        ("\n/s/Keep.cpp:4 in Open ABORTED.\n", "assertion", "ABORTED"),
        ("Assertion Failed: (gate == 0)\nLocation: /s/Keep.h(46)\nSegmentation fault\n", "assertion", "gate == 0"),
    ],
)
def test_the_dying_program_and_its_shell_are_believed(text: str, kind: str, message: str | None) -> None:
    (crash,) = parsers.parse(text.encode())
    assert ("crash_words", kind) == (crash.format, crash.exception.kind)
    assert message is None or message == crash.exception.message


def test_a_log_that_ends_in_an_assertion_tells_place_and_function() -> None:
    text = f"{LOG}\n/s/Keep.cpp:4 in Keep::Open ASSERTION FAILED:\n  gate\n"
    (crash,) = parsers.parse(text.encode())
    said = crash.exception
    assert ("gate", "/s/Keep.cpp:4", "Keep::Open") == (said.message, said.site, said.site_function)
