"""One defect falls together, whichever tool wrote it down and however it was compiled; its neighbours stay apart."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tasks.clients.knowledge import stack_lists
from tasks.core import matching, parsers, signature
from tasks.core.grouping import Grouping

PROGRAMS = Path(__file__).parent / "programs"
MODES = (
    "buy",
    "rent",
    "open",
    "paint",
    "reach",
    "check",
    "count",
    "sort",
    "call",
    "twice",
    "divide",
    "judge",
    "pay",
    "close",
    "burn",
    "first",
    "drop",
    "recurse",
)
BUILDS = {
    "plain": ("g++", "-O1"),
    "slow": ("g++", "-O0"),
    "asan": ("g++", "-O1", "-fno-omit-frame-pointer", "-fsanitize=address"),
    "clang": ("clang++", "-O1", "-fno-omit-frame-pointer", "-fsanitize=address"),
}
_LIMIT_S = 120


class Workshop:
    """Builds the program and runs it under a tool, each once."""

    def __init__(self, room: Path) -> None:
        self._room = room
        self.build = cache(self._build)
        self.report = cache(self._report)

    def _build(self, name: str) -> str:
        compiler, *flags = BUILDS[name]
        need(compiler)
        sources = [str(PROGRAMS / source) for source in ("shop.cpp", "town.cpp")]
        command = (compiler, "-std=c++17", "-g", *flags, *sources, "-o", f"shop-{name}")
        done = subprocess.run(command, cwd=self._room, capture_output=True, timeout=_LIMIT_S, check=False)
        if done.returncode and b"asan" in done.stderr:
            pytest.skip(f"{compiler} has no address sanitizer here")
        assert 0 == done.returncode, done.stderr.decode(errors="replace")
        return f"./shop-{name}"

    def _report(self, tool: str, mode: str) -> bytes:
        program = self.build({"gdb": "plain", "gdb-full": "plain", "gdb-slow": "slow", "lldb": "plain"}.get(tool, tool))
        if tool in BUILDS:
            return self._run(program, mode)
        need(tool.partition("-")[0])
        if tool == "lldb":
            options = ("--batch", "--no-lldbinit", "-o", "run", "-k", "thread backtrace -c 200")
            return self._run("lldb", *options, "--", program, mode)
        stack = "bt full 100" if tool == "gdb-full" else "bt 200"
        return self._run("gdb", "-batch", "-nx", "-ex", "run", "-ex", stack, "--args", program, mode)

    def _run(self, *command: str) -> bytes:
        environment = {**os.environ, "ASAN_OPTIONS": "handle_abort=1:detect_leaks=0"}
        done = subprocess.run(
            command, cwd=self._room, capture_output=True, timeout=_LIMIT_S, check=False, env=environment
        )
        return done.stdout + done.stderr


def need(tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("tools"))


def place(grouping: Grouping, text: bytes) -> int | None:
    crash = parsers.parse(text)[0]
    named = signature.generate(crash, stack_lists())
    return grouping.place(matching.shape(named), matching.keys(crash, named)).defect_id


SLOW = pytest.mark.skipif(
    not os.environ.get("CRASHFLOW_NIGHTLY"),
    reason="two tools are enough for every run: the others are part of .ci/nightly",
)


@pytest.mark.parametrize(
    "tool",
    [
        "asan",
        "gdb-full",
        pytest.param("gdb-slow", marks=SLOW),
        pytest.param("lldb", marks=SLOW),
        pytest.param("clang", marks=SLOW),
    ],
)
def test_another_tool_finds_the_defects_that_gdb_taught(workshop: Workshop, tool: str) -> None:
    grouping = Grouping()
    known = {mode: place(grouping, workshop.report("gdb", mode)) for mode in MODES}
    assert list(range(1, len(MODES) + 1)) == list(known.values())
    found = {mode: place(grouping, workshop.report(tool, mode)) for mode in MODES}
    assert {} == {mode: (known[mode], found[mode]) for mode in MODES if known[mode] != found[mode]}
