"""Facts about reading real cores: a small server is built, dies in several ways, and gdb reads what it leaves."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tasks.clients import debugger, sandbox
from tasks.core.crash import Crash
from tasks.core.errors import DumpError, ToolMissingError
from tasks.core.parsers import elf_core

MISSING = [name for name in ("gdb", "g++") if shutil.which(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"{' and '.join(MISSING)} is not installed")

SOURCE = """
#include <cassert>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

char const* AssertionFailedMessage = nullptr;

namespace Game {
struct Unit { long id = 7; int health = 100; };
class Oops : public std::exception {
    std::string _message;
public:
    explicit Oops(std::string message) : _message(std::move(message)) {}
    char const* what() const noexcept override { return _message.c_str(); }
};
[[noreturn]] __attribute__((noinline))
void Fail(char const* file, int line, char const* function, char const* message) {
    static std::string text;
    text = std::string("\\n") + file + ":" + std::to_string(line) + " in " + function;
    text += std::string(" ASSERTION FAILED:\\n  ") + message + "\\n";
    AssertionFailedMessage = text.c_str();
    abort();
}
struct Map {
    __attribute__((always_inline)) int Inlined(Unit* unit) { return *static_cast<int volatile*>(&unit->health); }
    __attribute__((noinline)) int Damage(Unit* unit, int amount) { return Inlined(unit) - amount; }
    __attribute__((noinline)) int Deep(int n) {
        volatile char room[256];
        room[0] = char(n);
        return Deep(n + 1) + room[0];
    }
    __attribute__((noinline)) int Update(std::string const& mode, int diff);
};
int Map::Update(std::string const& mode, int diff) {
    if (mode == "null") return Damage(nullptr, diff);
    if (mode == "wild") return Damage(reinterpret_cast<Unit*>(0xdeadbeefdeadbee0ull), diff);
    if (mode == "divide") return 100 / (diff - 50);
    if (mode == "deep") return Deep(0);
    if (mode == "range") throw std::out_of_range("no spell 42");
    if (mode == "oops") throw Oops("past the end");
    if (mode == "assert") assert(diff == 0 && "the difference");
    if (mode == "fail") Fail("Map.cpp", 12, "GetMap", "m_map");
    return 0;
}
}
int main(int argc, char** argv) {
    std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
    usleep(20000);
    return Game::Map().Update(argc > 1 ? argv[1] : "", 50);
}
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("server")
    (folder / "server.cpp").write_text(SOURCE)
    command = ["g++", "-g", "-O1", "-pthread", "-Wl,--build-id=sha1", "-o", "server", "server.cpp"]
    subprocess.run(command, cwd=folder, check=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def cores(room: Path) -> dict[str, Path]:
    return {}


def core_of(mode: str, room: Path, cores: dict[str, Path]) -> Path:
    """Let the server die, once a mode."""
    if mode not in cores:
        cores[mode] = crash(room, mode)
    return cores[mode]


def crash(room: Path, mode: str) -> Path:
    folder = room / mode
    folder.mkdir()
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    argv = [str(room / "server"), mode, "a b", "--password=1", "x" * 100]
    if "/" in pattern or "|" in pattern or "%" in pattern:
        finish = ["-ex", "run", "-ex", f"generate-core-file {folder}/core"]
        subprocess.run(["gdb", "-nx", "-batch", *finish, "--args", *argv], check=False, timeout=60, capture_output=True)
    else:
        command = ["prlimit", "--core=unlimited:unlimited", *argv]
        subprocess.run(command, cwd=folder, check=False, timeout=60, capture_output=True)
    found = next((path for path in folder.iterdir() if path.name.startswith("core")), None)
    if found is None:
        pytest.skip("this system lets no core be written")
    return found


def names(found: Crash) -> list[str | None]:
    return [frame.function for frame in found.frames]


def own_names(found: Crash) -> list[str]:
    return [name.partition("(")[0] for name in names(found) if name and name.startswith(("Game::", "main"))]


NULL = ["Game::Map::Inlined", "Game::Map::Damage", "Game::Map::Update"]
UPDATE = ["Game::Map::Update", "main"]


@pytest.mark.parametrize(
    ("mode", "exception", "functions"),
    [
        ("null", ("access_violation", "SIGSEGV", None), NULL),
        ("wild", ("access_violation", "SIGSEGV", None), NULL),
        ("divide", ("division_by_zero", "SIGFPE", None), UPDATE),
        ("deep", ("stack_overflow", "SIGSEGV", None), ["Game::Map::Deep"] * 3),
        ("range", ("cpp_exception", "SIGABRT", "std::out_of_range: no spell 42"), UPDATE),
        ("oops", ("cpp_exception", "SIGABRT", "Game::Oops: past the end"), UPDATE),
        ("assert", ("assertion", "SIGABRT", 'diff == 0 && "the difference"'), UPDATE),
        ("fail", ("assertion", "SIGABRT", "m_map"), ["Game::Fail", *UPDATE]),
    ],
)
def test_a_core_gives_kind_message_and_functions(
    room: Path, cores: dict[str, Path], mode: str, exception: tuple[str, str, str | None], functions: list[str]
) -> None:
    found = debugger.read_core(core_of(mode, room, cores))
    assert exception == (found.exception.kind, found.exception.signal, found.exception.message)
    assert functions == own_names(found)[: len(functions)]
    assert found.is_complete


def test_a_core_gives_place_arguments_module_and_command_line(room: Path, cores: dict[str, Path]) -> None:
    found = debugger.read_core(core_of("null", room, cores))
    damage = next(frame for frame in found.frames if frame.function == "Game::Map::Damage")
    assert ("server.cpp", True) == (damage.file, found.frames[0].is_inlined)
    assert "unit=0x0" in damage.arguments
    assert str(room / "server") == damage.module
    assert 0 < (damage.offset or 0) < (room / "server").stat().st_size
    assert (str(room / "server"), "null", "a b", "--password=1", "x" * 100) == found.command_line
    assert ("read", 8) == (found.exception.access, found.exception.address)
    assert 2 == len(found.threads)
    with (room / "server").open("rb") as program:
        assert elf_core.build_id(program) == found.build


def test_a_wild_pointer_gets_its_address_from_the_registers(room: Path, cores: dict[str, Path]) -> None:
    assert 0xDEADBEEFDEADBEE8 == debugger.read_core(core_of("wild", room, cores)).exception.address


def test_symbols_of_a_stripped_program_are_found_by_build_id(room: Path, cores: dict[str, Path]) -> None:
    folder = room / "symbols"
    folder.mkdir()
    stripped = room / "stripped"
    subprocess.run(["objcopy", "--only-keep-debug", "server", folder / "server.debug"], cwd=room, check=True)
    subprocess.run(["strip", "-o", stripped, "server"], cwd=room, check=True)
    core = core_of("null", room, cores)
    assert "Game::Map::Damage" not in names(debugger.read_core(core, executable=stripped))
    assert "Game::Map::Damage" in names(debugger.read_core(core, executable=stripped, symbols=[folder]))
    assert "Game::Map::Damage" in names(debugger.read_core(core, executable=stripped, symbols=[room / "server"]))


def test_a_program_that_was_rebuilt_is_not_taken_unless_it_is_given(room: Path, cores: dict[str, Path]) -> None:
    core = core_of("null", room, cores)
    kept = (room / "server").rename(room / "kept")
    try:
        (room / "other.cpp").write_text("int main() { return 1; }\n")
        subprocess.run(["g++", "-Wl,--build-id=sha1", "-o", "server", "other.cpp"], cwd=room, check=True)
        found = debugger.read_core(core)
        assert "another build" in " ".join(found.notes)
        assert not found.is_complete
        given = debugger.read_core(core, executable=room / "server")
        assert "WRONG EXECUTABLE" in " ".join(given.notes)
        right = debugger.read_core(core, executable=kept)
        assert "Game::Map::Damage" in names(right)
    finally:
        kept.rename(room / "server")


def test_a_program_that_is_gone_leaves_signal_modules_and_a_note(room: Path, cores: dict[str, Path]) -> None:
    core = core_of("null", room, cores)
    kept = (room / "server").rename(room / "kept")
    try:
        found = debugger.read_core(core)
    finally:
        kept.rename(room / "server")
    assert ("access_violation", 8) == (found.exception.kind, found.exception.address)
    assert str(room / "server") == found.frames[0].module
    assert "is not here" in " ".join(found.notes)


def test_a_core_that_is_cut_is_still_read(room: Path, cores: dict[str, Path], tmp_path: Path) -> None:
    content = core_of("null", room, cores).read_bytes()
    cut = tmp_path / "core"
    cut.write_bytes(content[: len(content) // 3])
    found = debugger.read_core(cut)
    assert "access_violation" == found.exception.kind
    assert not found.is_complete
    assert "is cut" in " ".join(found.notes)


def test_a_time_out_leaves_what_the_notes_say(room: Path, cores: dict[str, Path]) -> None:
    found = debugger.read_core(core_of("null", room, cores), timeout_s=0.02)
    assert ("access_violation", 8) == (found.exception.kind, found.exception.address)
    assert str(room / "server") == found.frames[0].module
    assert not found.is_complete
    assert "gdb was stopped" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"", "is empty", id="an empty file"),
        pytest.param(Path("/bin/sh").read_bytes(), "not a core", id="a program"),
        pytest.param(b"#0  f () at a.c:1\n", "ELF signature", id="a text"),
    ],
)
def test_what_is_no_core_gives_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "core"
    path.write_bytes(content)
    with pytest.raises(DumpError, match=sentence):
        debugger.read_core(path)


def test_a_missing_file_gives_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DumpError, match="is not a file"):
        debugger.read_core(tmp_path / "core")


def test_a_core_that_breaks_off_in_its_headers_gives_one_sentence(
    room: Path, cores: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "core"
    path.write_bytes(core_of("null", room, cores).read_bytes()[:200])
    with pytest.raises(DumpError, match="program headers but ends at byte 200"):
        debugger.read_core(path)


@pytest.fixture
def narrow_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Leave only the named programs on PATH; the sandbox is looked for anew."""

    def narrow(*programs: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        for program in programs:
            (folder / program).symlink_to(str(shutil.which(program)))
        monkeypatch.setenv("PATH", str(folder))
        sandbox.name.cache_clear()

    yield narrow
    sandbox.name.cache_clear()


def test_without_gdb_the_error_says_how_to_get_it(
    room: Path, cores: dict[str, Path], narrow_path: Callable[..., None]
) -> None:
    core = core_of("null", room, cores)
    narrow_path()
    with pytest.raises(ToolMissingError, match="apt-get install gdb"):
        debugger.read_core(core)


@pytest.mark.parametrize(("kills", "functions"), [(1, True), (9, False)])
def test_a_debugger_that_somebody_kills_is_asked_once_more(
    room: Path,
    cores: dict[str, Path],
    tmp_path: Path,
    narrow_path: Callable[..., None],
    kills: int,
    functions: bool,
) -> None:
    core, real = core_of("null", room, cores), shutil.which("gdb")
    narrow_path("prlimit", "sh", "wc")
    count = tmp_path / "count"
    killed = tmp_path / "bin" / "gdb"
    killed.write_text(
        f'#!/bin/sh\necho >> "{count}"\n[ $(wc -l < "{count}") -gt {kills} ] || kill -9 $$\nexec "{real}" "$@"\n'
    )
    killed.chmod(0o755)
    crash = debugger.read_core(core)
    assert 2 == len(count.read_text())
    assert functions == any(frame.function for frame in crash.frames)
    assert functions != any("gdb ended with signal 9" in note for note in crash.notes)


def hostile(core: Path, room: Path, folder: Path) -> Path:
    """A core that names another file where the program's mapping was; the same length keeps all offsets."""
    named = str(room / "server").encode()
    other = room / "secret"
    os.mkfifo(other)
    forged = folder / "core"
    forged.write_bytes(core.read_bytes().replace(named + b"\0", str(other).encode() + b"\0"))
    return forged


@pytest.mark.parametrize("is_confined", [True, False])
def test_a_core_can_not_make_gdb_open_other_files(
    room: Path, cores: dict[str, Path], tmp_path: Path, narrow_path: Callable[..., None], is_confined: bool
) -> None:
    """The other file is a pipe that nobody writes to: who opens it waits for ever."""
    core = core_of("null", room, cores)
    if not is_confined:
        narrow_path("gdb", "prlimit")
    elif sandbox.name() != "bubblewrap":
        pytest.skip("bwrap does not work here")
    forged = hostile(core, room, tmp_path)
    try:
        found = debugger.read_core(forged, timeout_s=20)
    finally:
        (room / "secret").unlink()
    assert "gdb was stopped" not in " ".join(found.notes)
    assert "access_violation" == found.exception.kind


def test_a_sandbox_hides_files_network_and_processes(tmp_path: Path) -> None:
    if sandbox.name() != "bubblewrap":
        pytest.skip("bwrap does not work here")
    shown, hidden, writable = tmp_path / "shown", tmp_path / "hidden", tmp_path / "writable"
    shown.write_text("yes")
    hidden.write_text("no")
    writable.mkdir()
    script = f"cat {shown}; cat {hidden}; echo new > {writable}/file; echo bad > {shown}; ls /sys/class/net; pwd"
    command = sandbox.confine(["/bin/sh", "-c", script], readable=[shown], writable=[writable], cwd=writable)
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    assert "yes" in result.stdout
    assert "no" not in result.stdout.split()
    assert "new\n" == (writable / "file").read_text()
    assert "yes" == shown.read_text()
    assert "eth0" not in result.stdout
    assert result.stdout.strip().endswith(str(writable))


def test_without_a_sandbox_the_command_stays_as_it_is(narrow_path: Callable[..., None]) -> None:
    narrow_path()
    assert "none" == sandbox.name()
    assert ["/bin/true", "x"] == sandbox.confine([Path("/bin/true"), "x"], readable=[])
