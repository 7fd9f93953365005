"""Crash files of a TrinityCore-like server, made for tests: a minidump and the text report beside it."""

import struct
from pathlib import Path

PROGRAM = "C:\\srv\\worldserver.exe"
BASE, SIZE = 0x7FF6_0000_0000, 0x100_0000
WRITTEN_AT = 1_761_870_937


def stem(number: int) -> str:
    """Return a name as the servers give it: every number another second."""
    minutes, second = divmod(number, 60)
    hours, minute = divmod(minutes, 60)
    return f"0123456789ab+_worldserver.exe_[{1 + hours // 24}-10_{hours % 24}-{minute}-{second}]"


def text(
    number: int, *, function: str = "Unit::Update", code: str = "C0000005 ACCESS_VIOLATION", offset: int = 0x1000
) -> bytes:
    """Return a report whose crash is in ``function``, so far into the program; every number other bytes."""
    rows = (function, "Map::Update", "World::Update", "WorldRunnable::run")
    address = BASE + offset
    stack = "".join(
        f"{address + 16 * index:016X}  {0xA0000000 + number:016X}  {name}+{index + 16:X}"
        f"  C:\\build\\src\\{name.partition('::')[0]}.cpp line {100 + index}\r\n"
        for index, name in enumerate(rows)
    )
    return (
        "Revision: TrinityCore rev. 0123456789ab+ 2025-10-30 00:00:00 +0000 (master) (Win64, Release, Static)\r\n"
        "Date 31:10:2025. Time 0:35 \r\n"
        "//=====================================================\r\n"
        f"Exception code: {code}\r\n"
        f"Fault address:  {address:016X} 01:{offset:016X} {PROGRAM}\r\n\r\n"
        f"Call stack:\r\nAddress   Frame     Function      SourceFile\r\n{stack}\r\n"
        f"========================\r\nLocal Variables And Parameters\r\n\r\n"
    ).encode()


def minidump(
    number: int,
    *,
    code: int = 0xC0000005,
    data_address: int = 0x1C,
    access: int = 1,
    comment: bytes = b"",
    offset: int = 0x1000,
) -> bytes:
    """Return a minidump with system, exception, thread, module and comment streams; every number other bytes."""
    name = PROGRAM.encode("utf-16-le")
    debug = b"RSDS" + bytes(range(16)) + struct.pack("<I", 1) + b"worldserver.pdb\0"
    head, streams = 32 + 12 * 5, []
    body = b""

    def place(content: bytes) -> int:
        nonlocal body
        at = head + len(body)
        body += content.ljust((len(content) + 3) // 4 * 4, b"\0")
        return at

    name_at, debug_at = place(struct.pack("<I", len(name)) + name + b"\0\0"), place(debug)
    system = struct.pack("<HHHBBIIIIIHH", 9, 6, 0, 8, 1, 10, 0, 19045, 2, 0, 0, 0).ljust(56, b"\0")
    record = struct.pack("<IIIIQQII", 7, 0, code, 0, 0, BASE + offset, 2, 0) + struct.pack(
        "<15Q", access, data_address, *[0] * 13
    )
    threads = struct.pack("<I", 1) + struct.pack("<IIIIQQIIII", 7, 0, 0, 0, number, 0, 0, 0, 0, 0)
    module = struct.pack("<QIIII", BASE, SIZE, 0, 0x65000000, name_at).ljust(76, b"\0")
    module += struct.pack("<IIII", len(debug), debug_at, 0, 0) + bytes(16)
    parts = (
        (7, system),
        (6, record + bytes(8)),
        (3, threads),
        (4, struct.pack("<I", 1) + module),
        (10, comment + b"\0"),
    )
    for kind, content in parts:
        streams.append(struct.pack("<III", kind, len(content), place(content)))
    header = struct.pack("<4sIIIIIQ", b"MDMP", 0xA793, len(parts), 32, 0, WRITTEN_AT, 0)
    return header + b"".join(streams) + body


def write_pair(folder: Path, number: int) -> None:
    """Write both files of one capture, the dump first."""
    (folder / f"{stem(number)}.dmp").write_bytes(minidump(number))
    (folder / f"{stem(number)}.txt").write_bytes(text(number))
