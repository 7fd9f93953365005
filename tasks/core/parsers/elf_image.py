"""
An ELF file's segments, notes, and the memory that they hold, for cores and for the programs that died.

Unpacked by hand, with bounds, after the System V ABI: ELF libraries read the section table first, and a core that gdb
wrote has it at its end, where a full disk cut it off.
"""

import bisect
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from tasks.core.errors import DumpError

PT_LOAD, PT_NOTE, PT_PHDR, ET_CORE = 1, 4, 6, 4
_PN_XNUM = 0xFFFF
_NOTES_LIMIT = 256 * 1024 * 1024
_SEGMENTS_LIMIT = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A part of the file, and the address in memory that it has or had."""

    kind: int
    offset: int
    address: int
    size: int


class ElfImage:
    """An ELF file's header and program headers, and the memory that its segments hold."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = stream.seek(0, io.SEEK_END)
        head = self.read(0, 64)
        if head[:4] != b"\x7fELF":
            raise DumpError("The file is not an ELF core: it does not begin with the ELF signature.")
        if len(head) < 64 or head[4] not in {1, 2}:
            raise DumpError(f"The core is truncated or damaged: its ELF header is incomplete{self.where_it_ends}.")
        self.is_wide = head[4] == 2
        self.order = ">" if head[5] == 2 else "<"
        self.kind, self.machine = self.unpack("HH", head, 16)
        self.segments = self._read_segments(head)
        loads = (segment for segment in self.segments if segment.kind == PT_LOAD)
        self._loads = sorted(loads, key=lambda segment: segment.address)

    @property
    def where_it_ends(self) -> str:
        """The end of a sentence about a file that is cut."""
        return f" (it ends at byte {self.size})"

    @property
    def word_size(self) -> int:
        """Bytes of an address."""
        return 8 if self.is_wide else 4

    def read(self, offset: int, size: int) -> bytes:
        """Read what there is of a range of the file."""
        if not 0 <= offset < self.size or size <= 0:
            return b""
        self._stream.seek(offset)
        return self._stream.read(min(size, self.size - offset))

    def memory(self, address: int, size: int) -> bytes:
        """Read what the file holds of a range of memory, up to the end of the segment."""
        segment = self.segment_at(address)
        if segment is None:
            return b""
        skipped = address - segment.address
        return self.read(segment.offset + skipped, min(size, segment.size - skipped))

    def segment_at(self, address: int) -> Segment | None:
        """Return the memory segment that holds an address."""
        position = bisect.bisect_right(self._loads, address, key=lambda segment: segment.address) - 1
        segment = self._loads[position] if position >= 0 else None
        return segment if segment and address < segment.address + segment.size else None

    def unpack(self, layout: str, data: bytes, offset: int = 0) -> tuple[int, ...]:
        """Unpack integers in the file's byte order; ``P`` is a word of the machine. Missing bytes are zeros."""
        full = struct.Struct(self.order + layout.replace("P", "Q" if self.is_wide else "I"))
        return full.unpack(data[offset : offset + full.size].ljust(full.size, b"\0"))

    def words(self, data: bytes) -> tuple[int, ...]:
        """Unpack all whole words of the machine."""
        return self.unpack(f"{len(data) // self.word_size}P", data)

    def notes(self) -> Iterator[tuple[int, bytes, bytes]]:
        """Return (type, owner, data) of each note, as far as the file reaches."""
        left = _NOTES_LIMIT
        for segment in self.segments:
            if segment.kind == PT_NOTE and left > 0:
                yield from self.split_notes(self.read(segment.offset, min(segment.size, left)))
                left -= segment.size

    def split_notes(self, data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        """Split the content of a note segment; what is cut off at its end is left out."""
        position = 0
        while position + 12 <= len(data):
            name_size, size, kind = self.unpack("III", data, position)
            begin = position + 12 + (name_size + 3) // 4 * 4
            if begin + size > len(data):
                return
            yield kind, data[position + 12 : position + 12 + name_size].rstrip(b"\0"), data[begin : begin + size]
            position = begin + (size + 3) // 4 * 4

    def _read_segments(self, head: bytes) -> list[Segment]:
        start, sections = self.unpack("PP", head, 32 if self.is_wide else 28)
        size, count = self.unpack("HH", head, 54 if self.is_wide else 42)
        if count == _PN_XNUM:
            count = self.unpack("I", self.read(sections, 64), 44 if self.is_wide else 28)[0]
        end = start + count * size
        if end > self.size:
            raise DumpError(
                f"The core is truncated: it says it has {count} program headers but ends at byte {self.size}."
            )
        if size < (40 if self.is_wide else 24) or not 0 < count <= _SEGMENTS_LIMIT:
            raise DumpError(f"The core has no program headers, so nothing can be read from it{self.where_it_ends}.")
        return self.program_headers(self.read(start, count * size), size)

    def program_headers(self, table: bytes, size: int) -> list[Segment]:
        """Unpack program headers of ``size`` bytes each; 64-bit files have the flags second, 32-bit files later."""
        layout, order = ("IIPPPP", (0, 2, 3, 5)) if self.is_wide else ("IIIIII", (0, 1, 2, 4))
        headers = [self.unpack(layout, table, at) for at in range(0, len(table), size)]
        return [
            Segment(kind=header[order[0]], offset=header[order[1]], address=header[order[2]], size=header[order[3]])
            for header in headers
        ]
