"""What a compiler never sees of a source: the branches of ``#if 0`` and of what stands beside ``#if 1``."""

import re2

_DIRECTIVE = re2.compile(rb"(?m)^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b([^\r\n]*)")
_NEVER = re2.compile(rb"(?:0+|false|\(\s*(?:0|false)\s*\))(?:\s*&&[^|]*)?")
_ALWAYS = re2.compile(rb"(?:1|true|\(\s*(?:1|true)\s*\)|!\s*0)(?:\s*\|\|.*)?")
_HINT = re2.compile(rb"(?m)^[ \t]*#[ \t]*(?:el)?if[ \t(!]+(?:0|1|true|false)\b")
_COMMENT = re2.compile(rb"/[*/].*")
_BLANK = bytes(each if each in b"\r\n" else 32 for each in range(256))


def without_compiled_out(content: bytes) -> bytes:
    """Return a copy of equal length in which white space stands for what no compiler sees; line ends are kept."""
    spans = [span for span in _spans(content) if span[0] < span[1]]
    if not spans:
        return content
    text = bytearray(content)
    for start, end in spans:
        text[start:end] = content[start:end].translate(_BLANK)
    return bytes(text)


def _spans(content: bytes) -> list[tuple[int, int]]:
    """Return the spans of the dead branches; none where the directives of the file do not close each other."""
    if not _HINT.search(content):
        return []
    spans: list[tuple[int, int]] = []
    open_ones: list[tuple[bool, bool, int]] = []
    for each in _DIRECTIVE.finditer(content):
        word, condition = each[1], _COMMENT.sub(rb"", each[2]).strip()
        if word.startswith(b"if"):
            is_dead = word == b"if" and _NEVER.fullmatch(condition) is not None
            is_taken = word == b"if" and _ALWAYS.fullmatch(condition) is not None
            open_ones.append((is_dead, is_taken, each.end()))
            continue
        if not open_ones:
            return []
        was_dead, was_taken, start = open_ones.pop()
        if was_dead:
            spans.append((start, each.start()))
        if word == b"endif":
            continue
        is_dead = was_taken or (word == b"elif" and _NEVER.fullmatch(condition) is not None)
        is_taken = was_taken or (word == b"elif" and _ALWAYS.fullmatch(condition) is not None)
        open_ones.append((is_dead, is_taken, each.end()))
    return spans if not open_ones else []
