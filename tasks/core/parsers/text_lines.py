"""The lines of a text, decoded in pieces: most texts are UTF-8, others hold lines in the Western code page."""

from collections.abc import Iterator

_PIECE = 64 * 1024
_LONGEST_BYTES = 4
"""A character of UTF-8 has as many bytes at most."""


def split(content: bytes, limit: int) -> Iterator[str]:
    """
    Yield the lines without their ends, each cut behind ``limit`` bytes.

    Millions of short lines are never held at once, and only one piece of a huge line.
    """
    start, size = 0, len(content)
    while start < size:
        end = content.rfind(b"\n", start, start + _PIECE)
        if end < 0:
            end = content.find(b"\n", start)
        if end < 0:
            end = size
        yield from (
            _decoded(content[start:end], limit) if end - start <= _PIECE else (_one(content[start : start + limit]),)
        )
        start = end + 1


def _decoded(piece: bytes, limit: int) -> list[str]:
    try:
        lines = piece.decode().split("\n")
    except UnicodeDecodeError:
        return [_one(raw[:limit]) for raw in piece.split(b"\n")]
    if max(map(len, lines)) * _LONGEST_BYTES > limit:
        return [_one(raw[:limit]) for raw in piece.split(b"\n")]
    return [line.rstrip("\r") for line in lines] if b"\r" in piece else lines


def _one(raw: bytes) -> str:
    try:
        return raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").rstrip("\r\n")
