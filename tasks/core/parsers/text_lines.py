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
    for piece in pieces(content, limit):
        yield from piece.split("\n")


def pieces(content: bytes, limit: int) -> Iterator[str]:
    """
    Yield the text in pieces of whole lines, each line cut behind ``limit`` bytes.

    One expression over a piece reads its lines several times faster than a match for each of them. Carriage returns at
    the ends of lines are gone, and so is the line feed at the end of a piece.
    """
    start, size = 0, len(content)
    while start < size:
        end = content.rfind(b"\n", start, start + _PIECE)
        if end < 0:
            end = content.find(b"\n", start)
        if end < 0:
            end = size
        is_piece = end - start <= _PIECE
        yield _decoded(content[start:end], limit) if is_piece else _one(content[start : start + limit])
        start = end + 1


def _decoded(piece: bytes, limit: int) -> str:
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return _joined(piece, limit)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    return _joined(piece, limit) if "\r" in text or _may_have_long(text, limit // _LONGEST_BYTES) else text


def _may_have_long(text: str, length: int) -> bool:
    """Tell whether a line may be longer: then from one of these places on no line end is near."""
    step = length // 2
    return any(text.find("\n", at, at + step) < 0 for at in range(0, len(text) - step, step))


def _joined(piece: bytes, limit: int) -> str:
    """Decode each line for itself."""
    return "\n".join(_one(raw[:limit]) for raw in piece.split(b"\n"))


def _one(raw: bytes) -> str:
    try:
        return raw.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").rstrip("\r\n")
