"""
Reads an ELF core with gdb: the notes first, then the program that they name, then gdb in a child that may be killed.

A core is a hostile file: gdb opens the files that it names and follows its pointers. So gdb runs confined to the core,
the program, the symbols and the system's libraries, with limits; whatever it does, the notes remain as a crash.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.clients import process, sandbox, tools
from tasks.clients.process import Limits, ProcessResult
from tasks.core import gates
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.parsers import elf_core, gdb_json
from tasks.core.parsers.elf_core import CoreNotes

_SCRIPT = Path(__file__).with_name("gdb_export.py")
_MEMORY = 8 * 1024**3
"""gdb maps the debug information of big servers whole; address space is not memory."""

_OUTPUT_LIMIT = 64 * 1024 * 1024
_SEARCHED_SYMBOLS = 2000
_SETTINGS = (
    "set auto-load off",
    "set debuginfod enabled off",
    "set index-cache enabled off",
    "set confirm off",
    "set width 0",
    "set print elements 200",
    "set print repeats 10",
    "set backtrace limit 4096",
    "set python print-stack none",
)


@dataclass(frozen=True, kw_only=True)
class _Program:
    """Which files gdb may take symbols from, and what a reader of the crash should know of the choice."""

    executable: Path | None = None
    symbol_file: Path | None = None
    folders: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def readable(self) -> list[Path]:
        beside = []
        if self.executable:
            name, folder = self.executable.name, self.executable.parent
            beside = [folder / f"{name}.debug", folder / ".debug" / f"{name}.debug", folder / f"{name}.dwp"]
        files = [path for path in (self.executable, self.symbol_file) if path]
        return [*files, *beside, *self.folders]


def read_core(
    core: Path, *, executable: Path | None = None, symbols: Sequence[Path] = (), timeout_s: float = 180
) -> Crash:
    """
    Read an ELF core.

    ``executable`` is the program that died; without it the path that the core names is taken if its build id fits.
    ``symbols`` are folders (or single files) with separate debug information and the program's own libraries.

    Raises:
        DumpError: the file is no core, or one without notes.
        ToolMissingError: gdb is not installed.
    """
    notes = _read_notes(core)
    gdb = tools.require("gdb")
    if any("/../" in file.path for file in notes.files):
        return gdb_json.from_notes(notes, ["The core names files in a way that no kernel does: gdb was not run on it."])
    program = _choose_program(notes, executable, symbols)
    result, export = _export(gdb, core.resolve(), program, timeout_s)
    if not export and gates.is_killed(
        returncode=result.returncode, is_timed_out=result.is_timed_out, output=result.output
    ):
        # Whoever killed it, the system short of memory or a person: a core that is read without gdb has no functions,
        # and would stand for ever as a defect of its own.
        result, export = _export(gdb, core.resolve(), program, timeout_s)
    remarks = [*program.remarks, *_remarks(result, has_export=bool(export))]
    if not export:
        return gdb_json.from_notes(notes, remarks)
    try:
        return gdb_json.parse(export, notes, remarks)
    except DumpError as error:
        return gdb_json.from_notes(notes, [*remarks, str(error)])


def _read_notes(core: Path) -> CoreNotes:
    if not core.is_file():
        raise DumpError(f"{core} is not a file: give the path of a core.")
    if core.stat().st_size == 0:
        raise DumpError(f"{core} is empty: the system had no space for the core, or is still writing it.")
    try:
        with core.open("rb") as stream:
            return elf_core.read_notes(stream)
    except OSError as error:
        raise DumpError(f"{core} can't be read: {error.strerror}.") from error


def _choose_program(notes: CoreNotes, given: Path | None, symbols: Sequence[Path]) -> _Program:
    """Take the program that was given, or the one that the core names if it is the same build."""
    folders = tuple(path.resolve() for path in symbols if path.is_dir())
    symbol_file = _find_symbols(notes, symbols)
    found, remarks = _find_program(notes) if given is None else (given.resolve(), _check_given(notes, given))
    return _Program(executable=found, symbol_file=symbol_file, folders=folders, remarks=remarks)


def _check_given(notes: CoreNotes, given: Path) -> tuple[str, ...]:
    stated = _build_id(given)
    if notes.build_id is None:
        return ("The core does not hold the program's build id, so the executable could not be checked against it.",)
    if stated == notes.build_id:
        return ()
    wrong = f"WRONG EXECUTABLE: {given} has build id {stated or 'none'}, the core is of {notes.build_id}."
    return (f"{wrong} Functions and lines of this crash can be wrong.",)


def _find_program(notes: CoreNotes) -> tuple[Path | None, tuple[str, ...]]:
    """Look for the program where the core says it was; a relative path means nothing here."""
    paths = [Path(name) for name in (notes.program, notes.invoked_as) if name and name.startswith("/")]
    present = [path for path in dict.fromkeys(paths) if path.is_file()]
    for path in present:
        stated = _build_id(path)
        if stated is not None and stated == notes.build_id:
            return path.resolve(), ()
    if notes.build_id is None and present:
        return present[0].resolve(), (f"The core has no build id: {present[0]} is taken to be its program.",)
    if present:
        other = f"{present[0]} is another build than the core's ({notes.build_id}), so its symbols were not used."
        return None, (f"{other} Give the right executable to see functions and lines.",)
    name = notes.program or notes.invoked_as or notes.name or "unknown"
    return None, (f"The core's program {name} is not here: give the executable to see functions and lines.",)


def _find_symbols(notes: CoreNotes, symbols: Sequence[Path]) -> Path | None:
    """Find the separate debug information of the program among the given files and in the given folders."""
    if notes.build_id is None:
        return None
    parts = (notes.build_id[:2], f"{notes.build_id[2:]}.debug")
    for path in symbols:
        by_id = path / ".build-id" / parts[0] / parts[1]
        candidates = [path] if path.is_file() else [by_id, *_named_like(path, notes)]
        for candidate in candidates:
            if candidate.is_file() and _build_id(candidate) == notes.build_id:
                return candidate.resolve()
    return None


def _named_like(folder: Path, notes: CoreNotes) -> Iterator[Path]:
    """Files of a flat folder whose name begins with the program's."""
    stem = Path(notes.program or notes.name or "").name
    if stem and folder.is_dir():
        for _, path in zip(range(_SEARCHED_SYMBOLS), folder.iterdir(), strict=False):
            if path.name.startswith(stem):
                yield path


def _build_id(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return elf_core.build_id(stream)
    except (DumpError, OSError):
        return None


def _export(gdb: Path, core: Path, program: _Program, timeout_s: float) -> tuple[ProcessResult, bytes]:
    """Let gdb export what it sees; return how it ended and the export, empty where there is none."""
    with tempfile.TemporaryDirectory(prefix="crashflow-gdb-") as folder:
        output = Path(folder).resolve() / "export.json"
        result = _run_gdb(gdb, core, program, output, timeout_s)
        is_small = output.is_file() and output.stat().st_size <= _OUTPUT_LIMIT
        return result, output.read_bytes() if is_small else b""


def _run_gdb(gdb: Path, core: Path, program: _Program, output: Path, timeout_s: float) -> ProcessResult:
    command: list[str | Path] = [gdb, "-nx", "-nh", "-batch"]
    for setting in (*_SETTINGS, *_search_settings(program), *_system_root(program, output.parent)):
        command += ["-iex", setting]
    executable = program.executable or program.symbol_file
    if executable:
        command += ["-e", executable, "-s", program.symbol_file or executable]
    command += ["-c", core, "-x", _SCRIPT]
    return process.run(
        sandbox.confine(command, readable=[gdb, core, _SCRIPT, *program.readable], writable=[output.parent]),
        timeout_s=timeout_s,
        environment={"DEBUGINFOD_URLS": "", "CRASHFLOW_GDB_OUTPUT": str(output), "TERM": "dumb"},
        limits=Limits(memory_bytes=_MEMORY, cpu_s=int(timeout_s) + 1),
    )


def _search_settings(program: _Program) -> list[str]:
    """The lists of folders are separated by colons and can't quote one."""
    folders = ":".join(str(folder) for folder in program.folders if ":" not in str(folder))
    if not folders or not folders.isprintable():
        return []
    return [f"set debug-file-directory /usr/lib/debug:{folders}", f"set solib-search-path {folders}"]


def _system_root(program: _Program, folder: Path) -> list[str]:
    """
    Without a sandbox, let gdb look for the files that a core names in a folder of links: the system's and the program.

    This keeps it from files elsewhere, such as keys in a home folder, but it is no wall.
    """
    if sandbox.name() != "none":
        return []
    root = folder / "root"
    shown = [Path("/", name) for name in ("usr", "lib", "lib32", "lib64")]
    for path in [*shown, *([program.executable] if program.executable else [])]:
        link = root / path.relative_to("/")
        if path.exists() and not link.exists() and not any(parent.is_symlink() for parent in link.parents):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return [f"set sysroot {root}"]


def _remarks(result: ProcessResult, *, has_export: bool) -> list[str]:
    if result.is_timed_out:
        return [f"gdb was stopped after {result.seconds:.0f} s, so the crash may lack threads or its stack."]
    if has_export:
        return []
    said = [line.strip() for line in result.output.splitlines() if line.strip()]
    ending = f"signal {-result.returncode}" if result.returncode < 0 else f"code {result.returncode}"
    return [f"gdb ended with {ending} and exported nothing; it last said: {said[-1][:300] if said else 'nothing'}"]
