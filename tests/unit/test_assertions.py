"""Facts about the words with which servers and run-time libraries end themselves."""

import pytest

from tasks.core.parsers import assertions
from tasks.core.parsers.assertions import Assertion

RULE = f"#{'-' * 70}#"
KEEP = "C:\\my src\\Keep.cpp"


def told(text: str) -> tuple[str | None, str | None, int | None, str | None, str | None]:
    found = assertions.find(text)
    assert isinstance(found, Assertion)
    return found.condition, found.file, found.line, found.function, found.detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"\n{KEEP}:12 in Keep::Open ASSERTION FAILED:\n  gate && !barred\nThe gate is 3\nMapID: 5 X: 1.5\n",
            ("gate && !barred", KEEP, 12, "Keep::Open", "The gate is 3"),
            id="TrinityCore, with a message",
        ),
        pytest.param(
            f"\n{KEEP}:12 in Keep::Open ASSERTION FAILED:\n  gate\nMapID: 5 X: 1.5\nName: Ada\n",
            ("gate", KEEP, 12, "Keep::Open", None),
            id="TrinityCore, debug text where a message could stand",
        ),
        pytest.param(
            '\n/s/Keep.cpp:12 in Open ASSERTION FAILED:\n  !"no gate"\n',
            ('!"no gate"', "/s/Keep.cpp", 12, "Open", None),
            id="a condition that is a string",
        ),
        pytest.param(
            "\n/s/Keep.cpp:12 in Open FATAL ERROR:\nno gates\n",
            ("no gates", "/s/Keep.cpp", 12, "Open", None),
            id="TrinityCore, fatal",
        ),
        pytest.param(
            "\n/s/Keep.cpp:12 in Open ERROR:\n  no gates\n",
            ("no gates", "/s/Keep.cpp", 12, "Open", None),
            id="TrinityCore, error",
        ),
        pytest.param(
            "\n/s/Keep.cpp:12 in Open ABORTED:\nno gates\n",
            ("no gates", "/s/Keep.cpp", 12, "Open", None),
            id="TrinityCore, abort with words",
        ),
        pytest.param(
            "\n/s/Keep.cpp:12 in Open ABORTED.\n",
            ("ABORTED", "/s/Keep.cpp", 12, "Open", None),
            id="TrinityCore, abort",
        ),
        pytest.param(
            "s\n/s/Keep.cpp:12 in Open ASSERTION FAILED:\n  gate\n[0x22afa]\nrun()+0x8 [0x0]\n",
            ("gate", "/s/Keep.cpp", 12, "Open", None),
            id="a stack of ACE below",
        ),
        pytest.param(
            f"{RULE}\n>> ASSERTION FAILED\n\n# Location: {KEEP}:12\n# Function: Keep::Open\n# Condition: gate\n"
            f"# Message: it is 3\n# Debug info: Name: Ada\nGUID: 5\n\n{RULE}\n",
            ("gate", KEEP, 12, "Keep::Open", "it is 3"),
            id="AzerothCore",
        ),
        pytest.param(
            f"{RULE}\n \n# Location '{KEEP}:12'\n# Function 'Keep::Open'\n# Condition 'gate == 'x''\n\n"
            "# Debug info: 'Name: Ada\nGUID: 5'\n",
            ("gate == 'x'", KEEP, 12, "Keep::Open", None),
            id="AzerothCore, old, its heading lost",
        ),
        pytest.param(
            f"{RULE}\n>> ABORTED\n\n# Location '/s/Keep.cpp:12'\n# Function 'Open'\n{RULE}\n",
            ("ABORTED", "/s/Keep.cpp", 12, "Open", None),
            id="AzerothCore, abort",
        ),
        pytest.param(
            f"{RULE}\n>> FATAL ERROR\n\n# Location: /s/Keep.cpp:12\n# Function: Open\n# Message: no gates\n{RULE}\n",
            ("no gates", "/s/Keep.cpp", 12, "Open", None),
            id="AzerothCore, fatal",
        ),
        pytest.param(
            f"2025-01-02 03:04:05 {KEEP}:12: Error: Assertion in Keep::Open failed: gate\n",
            ("gate", KEEP, 12, "Keep::Open", None),
            id="mangos, behind a time",
        ),
        pytest.param(
            "ACE_ASSERT: (12|140), file ../Keep.cpp, line 12 assertion failed for 'gate != 0'.Aborting...\n",
            ("gate != 0", "../Keep.cpp", 12, None, None),
            id="ACE",
        ),
        pytest.param(
            "worldd: /s/Keep.cpp:12: void Keep::Open(int): Assertion `gate' failed.\n",
            ("gate", "/s/Keep.cpp", 12, "void Keep::Open(int)", None),
            id="glibc",
        ),
        pytest.param(
            "minkernel\\src\\keep.cpp(12) : Assertion failed: c >= -1 && c <= 255\n",
            ("c >= -1 && c <= 255", "minkernel\\src\\keep.cpp", 12, None, None),
            id="C runtime of Windows",
        ),
        pytest.param(
            "Assertion Failed: (this->gate == 0)\nLocation: /s/Keep.h(12)\n",
            ("this->gate == 0", "/s/Keep.h", 12, None, None),
            id="Ascent",
        ),
    ],
)
def test_condition_and_place_are_told_apart_from_what_varies(text: str, expected: tuple[object, ...]) -> None:
    assert expected == told(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"{RULE}\n>> WARNING\n\n# Location: /s/Keep.cpp:12\n# Function: Open\n# Message: m\n", id="banner"
        ),
        pytest.param("\n/s/Keep.cpp:12 in Open WARNING:\n  no gates\n", id="plain"),
        pytest.param("2025-01-02 ERROR: the gate in Keep:12 is lost\n", id="a line of a log"),
    ],
)
def test_a_program_goes_on_after_a_warning(text: str) -> None:
    assert None is assertions.find(text)


def test_a_watchdog_s_abort_is_a_freeze() -> None:
    text = "\n/s/Main.cpp:4 in Detector::Handler ABORTED:\nWorld Thread hangs for 61000 ms, forcing a crash!\n"
    found = assertions.find(text)
    assert found is not None
    assert found.is_freeze
