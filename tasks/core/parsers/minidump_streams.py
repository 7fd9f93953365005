"""
What a minidump says without a debugger: the exception, the threads, the modules, and the comment of its writer.

Layouts as Microsoft's ``minidumpapiset.h`` states them, with what Breakpad and Crashpad add on other systems. The stack
memory is not unwound: that needs the program's symbols. Every offset is checked and every list has a limit, as the file
comes from a process that was broken.
"""

import bisect
import io
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, TypeVar

from tasks.core.errors import DumpError

THREADS, MODULES, EXCEPTION, SYSTEM, COMMENT_A, COMMENT_W, THREAD_NAMES = 3, 4, 6, 7, 10, 11, 24
WINDOWS_PLATFORMS = frozenset({1, 2, 3})
MAC_PLATFORMS = frozenset({0x8101, 0x8102})

_STREAMS_LIMIT = 4096
_LIST_LIMIT = 20_000
_NAME_LIMIT = 4096
_COMMENT_LIMIT = 64 * 1024
_CONTEXT_LIMIT = 4096
_FIXED_INFO = 0xFEEF04BD
_PROGRAM_COUNTERS = {0: (184, "I"), 9: (248, "Q"), 5: (64, "I"), 12: (264, "Q"), 0x8003: (264, "Q")}
"""By processor (x86, x64, ARM, ARM64, Breakpad's ARM64): where its ``CONTEXT`` has the program counter."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True)
class Module:
    """
    A program or library that was loaded.

    ``debug_id`` names its build: the PDB's GUID and age, the ELF build id, or where neither is stated the link time and
    size by which symbol servers know a program. ``version`` is the file version, empty where it has none.
    """

    name: str
    base: int
    size: int
    version: str = ""
    debug_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class DumpedException:
    """The exception record. On POSIX systems ``code`` is the signal and ``address`` the data address of a fault."""

    thread_id: int
    code: int
    flags: int
    address: int
    parameters: tuple[int, ...]
    pc: int | None


@dataclass(frozen=True, kw_only=True)
class DumpedThread:
    """A thread, by the system's id, with its name and program counter where they are known."""

    id: int
    name: str | None = None
    pc: int | None = None


@dataclass(frozen=True, kw_only=True)
class Minidump:
    """The streams of a minidump. ``platform`` is the system's id, ``written_at`` seconds since 1970 UTC."""

    written_at: int
    platform: int | None
    exception: DumpedException | None
    threads: tuple[DumpedThread, ...]
    modules: tuple[Module, ...]
    comment: str
    remarks: tuple[str, ...] = ()
    _ordered: list[Module] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ordered", sorted(self.modules, key=lambda module: module.base))

    def find(self, address: int) -> Module | None:
        """Return the module that was loaded at an address."""
        position = bisect.bisect_right(self._ordered, address, key=lambda module: module.base) - 1
        if position < 0 or address >= self._ordered[position].base + self._ordered[position].size:
            return None
        return self._ordered[position]


def read(stream: BinaryIO) -> Minidump:
    """
    Read the streams of a minidump; a damaged stream is left out and remarked on.

    Raises:
        DumpError: it is no minidump, or ends before its directory.
    """
    file = _File(stream)
    directory, written_at = _directory(file)
    remarks: list[str] = []

    def part(kind: int, name: str, reader: Callable[[bytes], _Value], default: _Value) -> _Value:
        if kind not in directory:
            return default
        size, at = directory[kind]
        try:
            return reader(file.read(at, min(size, file.size)))
        except (struct.error, IndexError, ValueError):
            remarks.append(f"The {name} of the minidump are cut or damaged and were left out.")
            return default

    system = part(SYSTEM, "facts about the system", _system, None)
    processor, platform = system or (None, None)
    nameless: dict[int, str] = {}
    names = part(THREAD_NAMES, "thread names", lambda data: _thread_names(file, data), nameless)
    return Minidump(
        written_at=written_at,
        platform=platform,
        exception=part(EXCEPTION, "facts about the exception", lambda data: _exception(file, data, processor), None),
        threads=part(THREADS, "threads", lambda data: _threads(file, data, names, processor), ()),
        modules=part(MODULES, "modules", lambda data: _modules(file, data), ()),
        comment=part(COMMENT_A, "comments", _comment, "") or part(COMMENT_W, "comments", _wide_comment, ""),
        remarks=tuple(remarks),
    )


class _File:
    """Bounded reads: what lies behind the end of the file is a ``struct.error`` like any other short record."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, io.SEEK_END)

    def read(self, at: int, size: int) -> bytes:
        if size < 0 or at < 0 or at + size > self.size:
            raise struct.error(f"{size} bytes at {at} reach behind the end of the file")
        self._stream.seek(at)
        return self._stream.read(size)

    def text(self, at: int) -> str:
        """Read a ``MINIDUMP_STRING``: its length in bytes, then UTF-16."""
        (length,) = struct.unpack("<I", self.read(at, 4))
        content = self.read(at + 4, min(length & ~1, 2 * _NAME_LIMIT))
        return content.decode("utf-16-le", errors="replace").partition("\0")[0]


def _directory(file: _File) -> tuple[dict[int, tuple[int, int]], int]:
    """Return size and place of each kind of stream, the first of its kind, and when the dump was written."""
    try:
        signature, _, count, at, _, written_at = struct.unpack("<4sIIIII", file.read(0, 24))
    except struct.error as error:
        raise DumpError(f"The minidump is cut: it ends at byte {file.size}, within its header.") from error
    if signature != b"MDMP":
        raise DumpError("The file is no minidump: it does not begin with the signature MDMP.")
    found: dict[int, tuple[int, int]] = {}
    readable = min(count, _STREAMS_LIMIT, max(0, file.size - at) // 12)
    if not readable:
        raise DumpError(f"The minidump is cut or empty: its directory of {count} streams is not in the file.")
    for kind, size, place in struct.iter_unpack("<III", file.read(at, 12 * readable)):
        if kind and size and kind not in found:
            found[kind] = (size, place)
    return found, written_at


def _system(data: bytes) -> tuple[int, int]:
    processor, platform = struct.unpack_from("<H18xI", data)
    return processor, platform


def _exception(file: _File, data: bytes, processor: int | None) -> DumpedException:
    thread_id, code, flags, _, address, count = struct.unpack_from("<I4xIIQQI", data)
    parameters = struct.unpack_from(f"<{min(count, 15)}Q", data, 40)
    size, at = struct.unpack_from("<II", data, 160)
    return DumpedException(
        thread_id=thread_id,
        code=code,
        flags=flags,
        address=address,
        parameters=parameters,
        pc=_program_counter(file, at, size, processor),
    )


def _threads(file: _File, data: bytes, names: dict[int, str], processor: int | None) -> tuple[DumpedThread, ...]:
    threads = []
    for entry in _entries(data, 48):
        (identifier,) = struct.unpack_from("<I", entry)
        size, at = struct.unpack_from("<II", entry, 40)
        pc = _program_counter(file, at, size, processor)
        threads.append(DumpedThread(id=identifier, name=names.get(identifier) or None, pc=pc))
    return tuple(threads)


def _program_counter(file: _File, at: int, size: int, processor: int | None) -> int | None:
    if processor not in _PROGRAM_COUNTERS:
        return None
    place, kind = _PROGRAM_COUNTERS[processor]
    try:
        context = file.read(at, min(size, _CONTEXT_LIMIT))
        (pc,) = struct.unpack_from(f"<{kind}", context, place)
    except struct.error:
        return None
    return int(pc)


def _entries(data: bytes, size: int, head: int = 4) -> Sequence[bytes]:
    """Split a list; Breakpad pads the count so that the entries begin at a multiple of eight."""
    (count,) = struct.unpack_from("<I", data)
    start = head + 4 if len(data) == head + 4 + count * size else head
    readable = min(count, _LIST_LIMIT, (len(data) - start) // size)
    return [data[start + number * size : start + (number + 1) * size] for number in range(readable)]


def _modules(file: _File, data: bytes) -> tuple[Module, ...]:
    modules = []
    for entry in _entries(data, 108):
        base, size, _, linked, name_at = struct.unpack_from("<QIIII", entry)
        signature, _, high, low = struct.unpack_from("<IIII", entry, 24)
        record_size, record_at = struct.unpack_from("<II", entry, 76)
        version = f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}" if signature == _FIXED_INFO else ""
        try:
            name = file.text(name_at)
        except struct.error:
            name = ""
        identifier = _debug_id(file, record_at, record_size) or (f"{linked:08X}{size:x}" if linked else None)
        modules.append(Module(name=name, base=base, size=size, version=version, debug_id=identifier))
    return tuple(modules)


def _debug_id(file: _File, at: int, size: int) -> str | None:
    """Read a CodeView record: ``RSDS`` with GUID and age of a PDB, ``NB10`` of an old one, or an ELF build id."""
    try:
        record = file.read(at, min(size, _NAME_LIMIT))
        if record[:4] == b"RSDS":
            first, second, third, rest, age = struct.unpack_from("<IHH8sI", record, 4)
            return f"{first:08X}{second:04X}{third:04X}{rest.hex().upper()}{age:x}" if any(record[4:20]) else None
        if record[:4] == b"NB10":
            _, stamp, age = struct.unpack_from("<III", record, 4)
            return f"{stamp:08X}{age:x}"
    except struct.error:
        return None
    return record[4:24].hex() if record[:4] == b"LEpB" and any(record[4:24]) else None


def _thread_names(file: _File, data: bytes) -> dict[int, str]:
    names = {}
    for entry in _entries(data, 12):
        identifier, at = struct.unpack("<IQ", entry)
        try:
            names[identifier] = file.text(at)
        except struct.error:
            continue
    return names


def _comment(data: bytes) -> str:
    return data[:_COMMENT_LIMIT].partition(b"\0")[0].decode("utf-8", errors="replace").strip()


def _wide_comment(data: bytes) -> str:
    return data[: 2 * _COMMENT_LIMIT].decode("utf-16-le", errors="replace").partition("\0")[0].strip()
