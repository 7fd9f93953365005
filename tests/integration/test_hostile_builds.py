"""What a patch's build or test may try: contained by the sandbox, and seen to succeed where there is none."""

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import psutil
import pytest

from tasks.clients import build_commands, sandbox
from tasks.clients.build_commands import Ran
from tasks.core.configuration import BuildSettings
from tasks.core.errors import ToolMissingError

CANARY = "canary-4711"
Mode = Literal["auto", "off"]
Run = Callable[[str, Mode], Ran]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "fix-1"
    folder.mkdir()
    (folder / ".git").write_text("gitdir: /clone/.git/worktrees/fix-1\n")
    return folder


@pytest.fixture
def run(tree: Path) -> Run:
    def run_(script: str, mode: Mode) -> Ran:
        settings = BuildSettings(sandbox=mode, process_limit=64)
        return build_commands.run(["/bin/bash", "-c", script], tree=tree, settings=settings, timeout_s=20)

    return run_


@pytest.fixture
def neighbour() -> Iterator[int]:
    """A process of the same user with a secret in its environment, as the flow that pushes has one."""
    with subprocess.Popen(["sleep", "60"], env={"TOKEN": CANARY}) as child:
        yield child.pid
        child.kill()


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A server on loopback, and who called it."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, (host, _) = server.accept()
                    calls.append(host)
                    connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1], calls


@pytest.fixture(params=["auto", "off"])
def mode(request: pytest.FixtureRequest) -> Mode:
    """Each attack is tried twice: where the sandbox is off it has to succeed, or the test shows nothing."""
    chosen: Mode = request.param
    if chosen == "auto" and sandbox.name() == "none":
        pytest.skip("bwrap does not work here")
    return chosen


def test_a_secret_in_the_environment_of_another_process(run: Run, mode: Mode, neighbour: int) -> None:
    ran = run("cat /proc/[0-9]*/environ | tr '\\0' '\\n'", mode)
    assert (mode == "off") == (CANARY in ran.result.output)


def test_a_secret_file_of_the_user(run: Run, mode: Mode, tmp_path: Path) -> None:
    secret = tmp_path / ".netrc"
    secret.write_text(CANARY)
    assert (mode == "off") == (CANARY in run(f"cat {secret}", mode).result.output)


def test_a_socket(run: Run, mode: Mode, listener: tuple[int, list[str]]) -> None:
    port, calls = listener
    ran = run(f"exec 3<>/dev/tcp/127.0.0.1/{port}", mode)
    assert (mode == "off") == ran.result.is_success
    deadline = time.monotonic() + (5 if mode == "off" else 0.2)
    while not calls and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (mode == "off") == bool(calls)


def test_a_file_outside_of_the_worktree(run: Run, mode: Mode, tmp_path: Path, tree: Path) -> None:
    outside = tmp_path / "outside"
    run(f"echo x > {outside}; echo x > inside", mode)
    assert (mode == "off") == outside.exists()
    assert (tree / "inside").exists()


def test_a_git_folder_of_its_own_whose_hooks_we_would_run(run: Run, mode: Mode, tree: Path) -> None:
    run("rm -f .git; echo 'gitdir: /tmp/evil' > .git", mode)
    assert (mode == "off") == ("evil" in (tree / ".git").read_text())


def test_a_process_that_outlives_its_test(run: Run, mode: Mode, tree: Path) -> None:
    started = time.time()
    ran = run("(setsid sleep 297 > /dev/null 2>&1 &); sleep 0.5", mode)
    assert ran.result.is_success
    living = [
        process
        for process in psutil.process_iter(["cmdline", "create_time"])
        if process.info["cmdline"] == ["sleep", "297"] and process.info["create_time"] > started - 1
    ]
    for process in living:
        process.kill()
    assert (mode == "off") == bool(living)


def test_more_processes_than_allowed_are_stopped_long_before_the_time_is_over(run: Run, mode: Mode, tree: Path) -> None:
    # Few hundred and not without end, so that a guard that fails harms nobody else.
    ran = run("for i in {1..400}; do sleep 15 & done; wait", mode)
    assert not ran.result.is_success
    assert ran.result.seconds < 10
    assert ran.result.excess is None or "64 processes" in ran.result.excess
    assert not [process for process in psutil.process_iter(["cwd"]) if process.info["cwd"] == str(tree)]


def test_memory_without_end(tree: Path) -> None:
    settings = BuildSettings(memory_limit_mb=64)
    script = "kept=$(head -c 300000000 /dev/zero | tr '\\0' x); sleep 15; echo ${#kept}"
    ran = build_commands.run(["/bin/bash", "-c", script], tree=tree, settings=settings, timeout_s=20)
    assert "it used more than 64 MB of memory" == ran.result.excess
    assert ran.result.seconds < 10


def test_a_command_that_hangs_goes_with_its_children(tree: Path) -> None:
    script = "sleep 298 & sleep 298"
    ran = build_commands.run(["/bin/sh", "-c", script], tree=tree, settings=BuildSettings(), timeout_s=0.5)
    assert ran.result.is_timed_out
    assert ran.result.seconds < 5
    assert not [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "298"]]


def test_the_result_says_which_sandbox_was_used_and_keeps_the_plain_command(run: Run, mode: Mode) -> None:
    ran = run("true", mode)
    assert ("none" if mode == "off" else "bubblewrap") == ran.sandbox
    assert ("/bin/bash", "-c", "true") == ran.command


def test_what_the_configuration_lists_can_be_read_and_not_written(tree: Path, tmp_path: Path) -> None:
    if sandbox.name() == "none":
        pytest.skip("bwrap does not work here")
    folder = tmp_path / "boost"
    folder.mkdir()
    (folder / "version").write_text("1.83")
    settings = BuildSettings(readable=(folder,))
    script = f"cat {shlex.quote(str(folder))}/version; echo x > {shlex.quote(str(folder))}/new"
    ran = build_commands.run(["/bin/sh", "-c", script], tree=tree, settings=settings, timeout_s=20)
    assert "1.83" in ran.result.output
    assert ["version"] == [path.name for path in folder.iterdir()]


def test_a_program_in_a_home_folder_is_named_with_what_to_configure(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sandbox.name() == "none":
        pytest.skip("bwrap does not work here")
    tool = tmp_path / "bin" / "my-build"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho built\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
    with pytest.raises(ToolMissingError, match=r"my-build lies in .*readable in \[server.build\]"):
        build_commands.run(["my-build"], tree=tree, settings=BuildSettings(), timeout_s=5)
    with pytest.raises(ToolMissingError, match=r"readable in \[server.build\]"):
        build_commands.run([str(tool)], tree=tree, settings=BuildSettings(), timeout_s=5)
    settings = BuildSettings(readable=(tool.parent,))
    assert "built\n" == build_commands.run(["my-build"], tree=tree, settings=settings, timeout_s=5).result.output


def test_a_link_in_a_folder_of_the_system_can_lead_out_of_the_sandbox(tmp_path: Path) -> None:
    tool = tmp_path / "away" / "tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    shown = tmp_path / "shown"
    shown.mkdir()
    (shown / "tool").symlink_to(tool)
    assert not build_commands.is_visible(str(shown / "tool"), [shown])
    assert build_commands.is_visible(str(shown / "tool"), [shown, tool.parent])
    assert build_commands.is_visible("sh")
    assert not build_commands.is_visible("no-such-program")


def test_a_sandbox_that_is_required_and_missing_is_an_error(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    sandbox.name.cache_clear()
    try:
        with pytest.raises(ToolMissingError, match="apt-get install bubblewrap"):
            build_commands.run(["/bin/true"], tree=tree, settings=BuildSettings(sandbox="required"), timeout_s=5)
    finally:
        sandbox.name.cache_clear()


def test_worktrees_share_what_was_compiled(tmp_path: Path) -> None:
    cache = build_commands.compiler_cache(tmp_path / "cache")
    if cache is None or shutil.which("cmake") is None or shutil.which("g++") is None:
        pytest.skip("needs ccache, cmake and g++")
    for name in ("fix-1", "fix-2"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "main.cpp").write_text("int main() {}\n")
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.18)\nproject(small CXX)\nadd_executable(small main.cpp)\n"
        )
        for command in (["cmake", "-S", ".", "-B", "build"], ["cmake", "--build", "build"]):
            ran = build_commands.run(command, tree=folder, settings=BuildSettings(), timeout_s=60, cache=cache)
            assert ran.result.is_success, ran.result.output
    words = ("ccache", "--print-stats")
    environment = {"CCACHE_DIR": str(cache), "PATH": os.environ["PATH"]}
    stated = subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout
    counts = dict(line.split("\t") for line in stated.splitlines())
    assert 0 < int(counts["cache_miss"]) == int(counts["direct_cache_hit"])
