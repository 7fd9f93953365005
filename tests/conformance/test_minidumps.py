"""Real minidumps of three systems: what is read of them agrees with their makers, and with rust-minidump."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tasks.core.crash import Crash
from tasks.core.frames import base_name
from tasks.core.parsers import minidump
from tests.conformance import corpus

_ADDRESS = re.compile(r"^Crash address: 0x([0-9a-f]+)", re.MULTILINE)
_THREAD = re.compile(
    r"^Thread \d+.* \(crashed\) - tid: (\d+)\n(?:.*\n    Found by: inlining\n)* *\d+ +(\S+?)[ !]", re.MULTILINE
)
_OFFSET = re.compile(r"^ 0  (\S+) \+ 0x([0-9a-f]+)$", re.MULTILINE)
_MADE = {
    "clang_av": ("access_violation", "C0000005", 0x10),
    "clang_av_cv": ("access_violation", "C0000005", 0x10),
    "clang_div": ("division_by_zero", "C0000094", None),
    "clang_raise": ("unknown", "E0001234", None),
    "clang_deadlock": ("unknown", None, None),
}


def read(path: Path) -> Crash:
    with path.open("rb") as stream:
        (crash,) = minidump.parse(stream)
    return crash


def folder() -> Path:
    found = corpus.folder()
    if found is None:
        pytest.skip(f"there is no corpus; {corpus.VARIABLE} names its folder")
    return found


@pytest.mark.parametrize("name", _MADE)
def test_dumps_of_the_windows_program_tell_why_it_ended(name: str) -> None:
    exception = read(folder() / "dumps" / "windows" / f"{name}.dmp").exception
    assert _MADE[name] == (exception.kind, exception.code, exception.address)


def test_address_thread_and_first_frame_are_those_that_another_reader_found() -> None:
    compared = 0
    for label in (json.loads(line) for line in (folder() / "texts" / "labels.jsonl").read_text("utf-8").splitlines()):
        printed = _printed(label)
        if label["format"] != "minidump" or printed is None:
            continue
        crash = read(folder() / "texts" / label["path"])
        address, thread = _ADDRESS.search(printed), _THREAD.search(printed)
        assert address is not None
        assert thread is not None
        assert int(address[1], 16) == crash.exception.address
        assert thread[1] == crash.threads[0].id
        assert thread[2] == base_name(crash.frames[0].module)
        offset = _OFFSET.search(printed.partition("(crashed)")[2].partition("\nThread ")[0])
        assert offset is None or int(offset[2], 16) == crash.frames[0].offset
        compared += 1
    assert compared >= 3


def _printed(label: dict[str, Any]) -> str | None:
    snapshots = label["expected"].get("snapshots", {}) if label["source"] == "rust-minidump" else {}
    return next((text for name, text in snapshots.items() if "human" in name and "symbols" not in name), None)
