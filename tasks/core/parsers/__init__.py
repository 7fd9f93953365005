"""
The registry of crash formats: what a file is, by its content, and which parser reads it.

Text formats are one module each, tried in the order of ``FORMATS``: the more particular the signs of a format, the
earlier it stands. Names of files are never asked; they lie. Binary dumps are only recognised: cores need a debugger,
and minidumps, which may be huge, are read piece by piece by ``minidump``.
"""

import codecs
from collections.abc import Sequence
from typing import Literal, Protocol

from tasks.core.crash import Crash
from tasks.core.errors import UnrecognisedError
from tasks.core.parsers import (
    backtrace_symbols_text,
    bounds,
    cdb_text,
    core_backtrace,
    coredumpctl_text,
    crash_words,
    eu_stack_text,
    gdb_text,
    lldb_text,
    minidump_stackwalk_text,
    native_log,
    posted_text,
    rust_panic_text,
    sanitizer,
    visual_studio_text,
    wheaty,
)

FileKind = Literal["elf_core", "minidump", "text", "empty", "foreign"]

HEAD = 16 * 1024
"""Bytes of a file that are looked at first; most reports say what they are in their first lines."""


class TextFormat(Protocol):
    """A module that reads one text format: ``sniff`` takes a head or a whole file and is linear in its length."""

    NAME: str

    def sniff(self, head: bytes, /) -> bool:
        """Tell whether the bytes look like this format."""
        ...

    def parse(self, content: bytes, /) -> list[Crash]:
        """Return the crashes in the order of the text; raises DumpError."""
        ...


FORMATS: tuple[TextFormat, ...] = (
    wheaty,
    cdb_text,
    visual_studio_text,
    sanitizer,
    lldb_text,
    eu_stack_text,
    core_backtrace,
    coredumpctl_text,
    minidump_stackwalk_text,
    rust_panic_text,
    native_log,
    gdb_text,
    backtrace_symbols_text,
    crash_words,
)

_SIGNATURES = (
    (b"\x1f\x8b", "a gzip file; unpack it first"),
    (b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file, as systemd-coredump writes them; unpack it first (zstd -d)"),
    (b"\x04\x22\x4d\x18", "an LZ4 file; unpack it first"),
    (b"\xfd7zXZ\0", "an XZ file; unpack it first"),
    (b"BZh", "a bzip2 file; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it first"),
    (b"PAGEDU64", "a dump of the Windows kernel, not of a program"),
    (b"PAGEDUMP", "a dump of the Windows kernel, not of a program"),
    (b"MZ", "a Windows program or library"),
    (b"Microsoft C/C++ MSF", "a PDB symbol file; give it as symbols beside a dump"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program or core"),
    (b"\xce\xfa\xed\xfe", "a Mach-O program or core"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"LfLe", "a Windows event log"),
)
_ELF_KINDS = {1: "an ELF object file", 2: "an ELF program", 3: "an ELF program or shared library"}
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x08\x1b"))


def kind_of(head: bytes) -> FileKind:
    """Tell what a file is by its first bytes (``HEAD`` of them are plenty)."""
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return "empty"
    if head.startswith(b"\x7fELF"):
        return "elf_core" if _elf_type(head) == 4 else "foreign"
    if head.startswith(b"MDMP"):
        return "minidump"
    if any(head.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS):
        return "text"
    is_binary = _foreign_name(head) is not None or not _is_text(head)
    return "foreign" if is_binary else "text"


def parse(content: bytes, *, formats: Sequence[TextFormat] = FORMATS) -> list[Crash]:
    """
    Read the crashes of a text report, whatever its format; their numbers and texts are within ``bounds``.

    Raises:
        UnrecognisedError: no format fits; the text says what the file looks like.
        DumpError: a format fits, but the report can't be read.
    """
    kind = kind_of(content[:HEAD])
    if kind != "text":
        raise UnrecognisedError(_refusal(kind, content))
    text = posted_text.clean(_as_utf8(content))
    heads = (text,) if len(text) <= HEAD else (text[:HEAD], text)
    refusals: dict[str, str] = {}
    for head in heads:
        for candidate in formats:
            if candidate.NAME in refusals or not candidate.sniff(head):
                continue
            try:
                return [bounds.hold(crash) for crash in candidate.parse(text)]
            except UnrecognisedError as error:
                refusals[candidate.NAME] = str(error)
    raise UnrecognisedError(next(iter(refusals.values()), _no_stack(formats)))


def _no_stack(formats: Sequence[TextFormat]) -> str:
    names = ", ".join(candidate.NAME for candidate in formats)
    return f"The text holds no stack in a format that crashflow reads ({names}): give the report that the crash left."


def _refusal(kind: FileKind, content: bytes) -> str:
    if kind == "empty":
        return "The file is empty: the crash left no report, or it is still being written."
    if kind == "elf_core":
        return "The file is an ELF core: it is read by the debugger, not as a text."
    if kind == "minidump":
        return "The file is a minidump: it is read by the minidump reader, not as a text."
    name = _foreign_name(content[:HEAD])
    return f"The file looks like {name}." if name else "The file is binary, of a kind that crashflow does not know."


def _elf_type(head: bytes) -> int:
    return int.from_bytes(head[16:18], "big" if head[5:6] == b"\2" else "little")


def _foreign_name(head: bytes) -> str | None:
    if head.startswith(b"\x7fELF"):
        return _ELF_KINDS.get(_elf_type(head), "a damaged ELF file")
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    return next((name for signature, name in _SIGNATURES if head.startswith(signature)), None)


def _is_text(head: bytes) -> bool:
    """A log may hold a stray control character; binary files are full of them."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls <= len(head) // 100


def _as_utf8(content: bytes) -> bytes:
    """
    Texts that went through Notepad or PowerShell are UTF-16 or begin with a mark; all others stay as they are.

    A copy can have lost the line feeds of its line ends, as terminals and old editors leave them.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            content = content.decode(encoding, errors="replace").encode("utf-8", errors="replace")
            break
    head = content[:HEAD]
    is_lost = b"\r" in head and head.count(b"\r") - head.count(b"\r\n") > head.count(b"\n")
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if is_lost else content
