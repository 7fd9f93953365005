"""
What an ELF core says without a debugger: the signal, the fault address, the threads, and which program died.

Read from the notes that Linux writes (``fs/binfmt_elf.c``; layouts in ``elfcore.h`` and ``siginfo.h``) and from the
initial process stack, whose layout the System V ABI fixes. Takes milliseconds and touches only a few pages.
"""

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO

from tasks.core.errors import DumpError
from tasks.core.parsers import elf_image, posix
from tasks.core.parsers.elf_image import ElfImage

_NT_PRSTATUS, _NT_PRPSINFO, _NT_AUXV, _NT_SIGINFO, _NT_FILE = 1, 3, 6, 0x53494749, 0x46494C45
_NT_GNU_BUILD_ID = 3
_AT_PHDR, _AT_PHENT, _AT_PHNUM, _AT_ENTRY, _AT_RANDOM, _AT_EXECFN = 3, 4, 5, 9, 25, 31

_DELETED = " (deleted)"
_STACK_WINDOWS = (64 * 1024, 4 * 1024 * 1024)
_STRING_LIMIT = 4096
_ARGUMENTS_LIMIT = 4096
_MAPPINGS_LIMIT = 100_000
_THREADS_LIMIT = 10_000
_NOTES_LIMIT = 20 * _THREADS_LIMIT

_REGISTERS = {62: (112, 16, 19), 3: (72, 12, 15), 183: (112, 32, 31)}
"""By machine (x86-64, x86, AArch64): where ``prstatus`` has its registers, and which are pc and stack pointer."""


@dataclass(frozen=True, kw_only=True)
class MappedFile:
    """A part of a file that was mapped at ``start`` to ``end``; ``offset`` counts bytes from the file's begin."""

    start: int
    end: int
    offset: int
    path: str


@dataclass(frozen=True, kw_only=True)
class CoreThread:
    """A thread of a core, by the kernel's task id, with its registers where their layout is known."""

    id: int
    pc: int | None = None
    sp: int | None = None


@dataclass(frozen=True, kw_only=True)
class CoreNotes:
    """
    What the notes of a core state; ``threads`` begins with the one that crashed.

    ``address`` is the data address of a fault: None for signals that were sent and for faults whose address the
    processor does not tell. ``program`` is the file that was run, ``invoked_as`` the path that execve was given,
    ``arguments`` the whole command line (``summary`` is its first 80 bytes). ``build_id`` is the program's.
    """

    signal: str | None = None
    code: int | None = None
    address: int | None = None
    pid: int | None = None
    threads: tuple[CoreThread, ...] = ()
    name: str = ""
    summary: str = ""
    program: str | None = None
    invoked_as: str | None = None
    arguments: tuple[str, ...] = ()
    files: tuple[MappedFile, ...] = ()
    build_id: str | None = None
    is_cut: bool = False
    remarks: tuple[str, ...] = ()


class ModuleMap:
    """Finds the file that was mapped at an address, and how far behind the file's begin in memory the address lies."""

    def __init__(self, files: Sequence[MappedFile]) -> None:
        self._files = sorted(files, key=lambda file: file.start)
        self._starts = [file.start for file in self._files]
        self._bases: list[int] = []
        begins: dict[str, int] = {}
        for file in self._files:
            if file.offset == 0 or file.path not in begins:
                begins[file.path] = max(0, file.start - file.offset)
            self._bases.append(begins[file.path])

    def find(self, address: int) -> tuple[str, int] | None:
        """Return (path, offset); None where no file was mapped."""
        position = bisect.bisect_right(self._starts, address) - 1
        if position < 0 or address >= self._files[position].end:
            return None
        return self._files[position].path.removesuffix(_DELETED), address - self._bases[position]


def read_notes(stream: BinaryIO) -> CoreNotes:
    """
    Read the notes of an ELF core.

    Raises:
        DumpError: it is no ELF core, is cut before its notes, or has none.
    """
    image = ElfImage(stream)
    if image.kind != elf_image.ET_CORE:
        raise DumpError("The file is an ELF program or library, not a core: give the file that the crash left.")
    notes = [(kind, data) for kind, name, data in islice(image.notes(), _NOTES_LIMIT) if name == b"CORE"]
    statuses = [data for kind, data in notes if kind == _NT_PRSTATUS]
    threads = tuple(thread for thread in (_thread(image, status) for status in statuses[:_THREADS_LIMIT]) if thread)
    if not threads:
        raise DumpError(
            f"The core has no notes about its threads, so nothing can be read from it{image.where_it_ends}."
        )
    described = _describe(image, dict(reversed(notes)), threads)
    if len(statuses) <= _THREADS_LIMIT:
        return described
    remark = f"The core has more than {_THREADS_LIMIT} threads; the others were left out."
    return replace(described, remarks=(*described.remarks, remark))


def build_id(stream: BinaryIO) -> str | None:
    """
    Return the GNU build id of an ELF file as hexadecimal digits; None if it has none.

    Raises:
        DumpError: it is no ELF file.
    """
    return _gnu_build_id(ElfImage(stream).notes())


def _thread(image: ElfImage, status: bytes) -> CoreThread | None:
    """Read a thread's id and registers from its ``elf_prstatus``."""
    if len(status) < 40:
        return None
    number = image.unpack("i", status, 32 if image.is_wide else 24)[0]
    if image.machine not in _REGISTERS:
        return CoreThread(id=number)
    start, pc, sp = _REGISTERS[image.machine]
    registers = image.words(status[start:])
    if len(registers) <= max(pc, sp):
        return CoreThread(id=number)
    return CoreThread(id=number, pc=registers[pc], sp=registers[sp])


def _describe(image: ElfImage, notes: dict[int, bytes], threads: tuple[CoreThread, ...]) -> CoreNotes:
    auxiliary = _auxiliary(image, notes.get(_NT_AUXV, b""))
    files = _mapped_files(image, notes.get(_NT_FILE, b""))
    signal, code, address, remarks = _signal(image, notes)
    name, summary, pid = _process(image, notes.get(_NT_PRPSINFO, b""))
    program = _file_at(files, auxiliary.get(_AT_ENTRY)) or (files[0].path if files else None)
    arguments = _arguments(image, notes.get(_NT_AUXV, b""), auxiliary)
    reach = max((segment.offset + segment.size for segment in image.segments), default=0)
    if reach > image.size:
        remarks = (*remarks, f"The core is cut: its memory reaches byte {reach} but the file ends at {image.size}.")
    return CoreNotes(
        signal=signal,
        code=code,
        address=address,
        pid=pid or threads[0].id,
        threads=threads,
        name=name,
        summary=summary,
        program=program.removesuffix(_DELETED) if program else None,
        invoked_as=_string(image.memory(auxiliary.get(_AT_EXECFN, 0), _STRING_LIMIT)) or None,
        arguments=arguments or tuple(summary.split()),
        files=files,
        build_id=_program_build_id(image, auxiliary),
        is_cut=reach > image.size,
        remarks=remarks if arguments or not summary else (*remarks, _SHORT_COMMAND),
    )


_SHORT_COMMAND = "The command line is the kernel's summary of 80 bytes: the stack's begin is not in the core."


def _signal(image: ElfImage, notes: dict[int, bytes]) -> tuple[str | None, int | None, int | None, tuple[str, ...]]:
    """Return the signal, ``si_code``, the data address of a fault, and what to know of them."""
    status, info = notes.get(_NT_PRSTATUS, b""), notes.get(_NT_SIGINFO, b"")
    if len(info) < 32:
        return posix.signal_name(image.unpack("H", status, 12)[0]), None, None, ()
    number, _, code = image.unpack("iii", info)
    signal = posix.signal_name(number) if number >= 0 else None
    if signal not in {"SIGSEGV", "SIGBUS"}:
        return signal, code, None, ()
    if code == posix.SI_KERNEL:
        return signal, code, None, ("The processor does not tell the fault address (general protection fault).",)
    if code <= 0:
        sender = image.unpack("i", info, 16 if image.is_wide else 12)[0]
        return signal, code, None, (f"The signal was sent by process {sender}; no access failed.",)
    return signal, code, image.unpack("P", info, 16 if image.is_wide else 12)[0], ()


def _process(image: ElfImage, info: bytes) -> tuple[str, str, int | None]:
    """Return the name, the first 80 bytes of the command line, and the process id of an ``elf_prpsinfo``."""
    if len(info) < (136 if image.is_wide else 124):
        return "", "", None
    at = len(info) - 96
    pid = image.unpack("i", info, at - 16)[0]
    return _string(info[at : at + 16]), _string(info[at + 16 :]).strip(), pid


def _auxiliary(image: ElfImage, data: bytes) -> dict[int, int]:
    words = image.words(data[:4096])
    return dict(zip(words[::2], words[1::2], strict=False))


def _mapped_files(image: ElfImage, data: bytes) -> tuple[MappedFile, ...]:
    """Read an ``NT_FILE`` note: count, page size, (start, end, page offset) each, then the paths."""
    if len(data) < 2 * image.word_size:
        return ()
    count, page = image.unpack("PP", data)
    header, entry = 2 * image.word_size, 3 * image.word_size
    if count > min(_MAPPINGS_LIMIT, (len(data) - header) // entry):
        return ()
    numbers = image.words(data[header : header + count * entry])
    paths = data[header + count * entry :].split(b"\0")
    return tuple(
        MappedFile(start=start, end=end, offset=offset * page, path=path.decode("utf-8", errors="replace"))
        for start, end, offset, path in zip(numbers[::3], numbers[1::3], numbers[2::3], paths, strict=False)
    )


def _file_at(files: Sequence[MappedFile], address: int | None) -> str | None:
    return next((file.path for file in files if address is not None and file.start <= address < file.end), None)


def _arguments(image: ElfImage, vector: bytes, auxiliary: dict[int, int]) -> tuple[str, ...]:
    """
    Read argv from the initial process stack.

    There lie, upwards: argc, argv, a null, envp, a null, and the auxiliary vector that the notes repeat. So the
    vector's bytes are searched below the random bytes that it points to, and the words before it are walked back.
    """
    top = auxiliary.get(_AT_RANDOM) or auxiliary.get(_AT_EXECFN)
    stack = image.segment_at(top) if top else None
    if stack is None or not vector or not top:
        return ()
    for window in _STACK_WINDOWS:
        size = min(top - stack.address, window)
        memory = image.memory(top - size, size)
        position = memory.rfind(vector)
        words = image.words(memory[position % image.word_size : position]) if position > 0 else ()
        pointers = _walk_back(words)
        if pointers:
            return tuple(_string(image.memory(pointer, _STRING_LIMIT)) for pointer in pointers)
    return ()


def _walk_back(words: Sequence[int]) -> Sequence[int]:
    """Return argv from the words below the auxiliary vector: envp lies between two nulls, argc before as many words."""
    if not words or words[-1] != 0:
        return ()
    end = len(words) - 2
    while end >= 0 and words[end] != 0:
        end -= 1
    for count in range(min(end, _ARGUMENTS_LIMIT)):
        if words[end - 1 - count] == count:
            return words[end - count : end]
    return ()


def _program_build_id(image: ElfImage, auxiliary: dict[int, int]) -> str | None:
    """Read the program's build id from its first page, where the kernel keeps that page in the core."""
    address, size, count = (auxiliary.get(key, 0) for key in (_AT_PHDR, _AT_PHENT, _AT_PHNUM))
    if not address or not 0 < count < 1000 or not 0 < size < 1000:
        return None
    headers = image.program_headers(image.memory(address, count * size), size)
    bias = next((address - header.address for header in headers if header.kind == elf_image.PT_PHDR), 0)
    for header in headers:
        if header.kind == elf_image.PT_NOTE:
            found = _gnu_build_id(image.split_notes(image.memory(bias + header.address, min(header.size, 4096))))
            if found:
                return found
    return None


def _gnu_build_id(notes: Iterator[tuple[int, bytes, bytes]]) -> str | None:
    return next((data.hex() for kind, name, data in notes if kind == _NT_GNU_BUILD_ID and name == b"GNU"), None)


def _string(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", errors="replace")
