"""Damage to texts that looks like their grammar: what truncation, bad tools and hostile players make of a report."""

import re
from collections.abc import Sequence

from hypothesis import strategies as st

from tests.fuzz import samples

_DIGITS = "9" * 5000
NUMBERS = tuple(
    text.encode()
    for text in (
        *("", "0", "-1", "00000000000000000000000000001", "2147483648", "4294967296", "9999", "99"),
        *("9223372036854775808", "18446744073709551616", "340282366920938463463374607431768211456", _DIGITS),
        *("\u0663", "\u00b2", "\uff11\uff12", "1e9", "0x", "1_000", "+7", "ffffffffffffffffffff", "f" * 5000, "g"),
    )
)
_RAW = (b"\xff", b"\xed\xa0\x80", b"\xed\xb0\x80", b"\xc3", b"\xf0\x9f\x98", b"\x80\x81", b"\xfe\xff")
_TEXTS = (
    *("\0", "\u0663", "\u2028", "\x85", "\x0b", "\x1c", "\t", "\r", "\n\n\n", "\x1b[31m", "\ufeff", "\ue000"),
    *("(" * 40, ")", "<" * 40, ">", "{", "}", "[", "]", '"', "'", "`", "\\", "<>" * 40, "()" * 40, "!", "$", "%s"),
    *("#0 ", "#", " at ", " in ", " from ", "+0x", "::", ":", "operator<", "operator", "=", ",", "@", " @ ", "~"),
    *("A" * 5000, " " * 2000, "\n" * 50, "a<" * 500, "_ZN", "_Z" + "N1a" * 50, "?", "*", "--Type <RET> for more--"),
    *(f":{_DIGITS}", f"#{_DIGITS} ", f"0x{'f' * 400}", "line -1", "const", "[inlined]", "<signal handler called>"),
)
TOKENS = (*(text.encode() for text in _TEXTS), *_RAW)
_NUMBER = re.compile(rb"[0-9]+")
_HEXADECIMAL = re.compile(rb"0x[0-9a-f]+|[0-9A-Fa-f]{8,}")
_WORD = re.compile(rb"[A-Za-z_]\w*(?:::\w+)*")
_LINES = tuple(line for text in samples.ALL for line in text.splitlines(keepends=True))


def _replace(pattern: re.Pattern[bytes], text: bytes, which: int, new: bytes) -> bytes:
    places = list(pattern.finditer(text))
    if not places:
        return text
    place = places[which % len(places)]
    return text[: place.start()] + new + text[place.end() :]


def _lines(text: bytes, kind: str, first: int, second: int) -> bytes:
    lines = text.splitlines(keepends=True) or [b""]
    at, other = first % len(lines), second % len(lines)
    if kind == "delete line":
        del lines[at]
    elif kind == "repeat line":
        lines[at:at] = [lines[at]] * (1, 2, 3, 600)[second % 4]
    elif kind == "swap lines":
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == "join lines":
        lines[at] = lines[at].rstrip(b"\r\n")
    elif kind == "foreign line":
        lines.insert(at, _LINES[second % len(_LINES)])
    else:
        lines += lines[min(at, other) : max(at, other) + 1] * 3
    return b"".join(lines)


def damage(text: bytes, kind: str, first: int, second: int) -> bytes:
    """Return the text after one change; the numbers choose place and matter, whatever their size."""
    at = first % (len(text) + 1)
    token, number = TOKENS[second % len(TOKENS)], NUMBERS[second % len(NUMBERS)]
    if kind in _IN_PLACE:
        cut = {"insert": at, "delete": at + 1 + second % 40, "truncate": len(text)}[kind]
        return text[:at] + (token if kind == "insert" else b"") + text[cut:]
    if kind in _REPLACED:
        return _replace(_REPLACED[kind], text, first, token if kind == "word" else number)
    if kind == "line ends":
        return text.replace(b"\n", (b"\r\n", b"\r", b"\n\n", b"", b"\n > ")[second % 5])
    return _lines(text, kind, first, second)


_IN_PLACE = ("insert", "delete", "truncate")
_REPLACED = {"number": _NUMBER, "address": _HEXADECIMAL, "word": _WORD}
KINDS = (
    *_IN_PLACE,
    *_REPLACED,
    "line ends",
    *("delete line", "repeat line", "swap lines", "join lines", "foreign line", "repeat block"),
)
_CHANGES = st.lists(st.integers(0, len(KINDS) << 32), max_size=8)
"""A change is one number: Hypothesis pays for each that it draws."""

_LIMIT = 300_000


def damaged(texts: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """Return a strategy of one of the texts after up to eight changes."""

    def apply(drawn: tuple[bytes, list[int]]) -> bytes:
        text, changes = drawn
        for change in changes:
            places, kind = divmod(change, len(KINDS))
            text = damage(text, KINDS[kind], places & 0xFFFF, places >> 16)[:_LIMIT]
        return text

    return st.tuples(st.sampled_from(texts), _CHANGES).map(apply)


def damaged_text(texts: Sequence[str]) -> st.SearchStrategy[str]:
    """Return damaged text in which what is no UTF-8 became lone surrogates."""
    return damaged([text.encode() for text in texts]).map(lambda raw: raw.decode("utf-8", errors="surrogateescape"))
