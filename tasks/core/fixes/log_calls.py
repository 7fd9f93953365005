"""How a source writes to its log: the macro, the type of its messages, and how values stand in their text."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import re2

from tasks.core.errors import RefusalError
from tasks.core.fixes.syntax import Source

_CALL = re2.compile(
    rb'\b((?:[A-Z]+_)?LOG_)(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\s*\(\s*"([\w.]+)"\s*,\s*"((?:[^"\\\n]|\\.)*)"'
)
_OTHER_STYLE = re2.compile(rb"\bsLog\s*(?:->|\.)\s*out\w+\s*\(")
_PROJECTS = (
    (
        re2.compile(rb"part of the TrinityCore Project|\bTC_(?:COMMON|GAME|SHARED|DATABASE)_API\b|\bTrinity::"),
        b"TC_LOG_",
    ),
    (re2.compile(rb"part of the AzerothCore Project|\bAC_(?:COMMON|GAME|SHARED|DATABASE)_API\b|\bAcore::"), b"LOG_"),
)
"""By what a file shows that it belongs to a project, and the macros of that project: for files that write no log."""

_OF_THE_CORES = re2.compile(rb'\bBIH(?:Wrap)?(?:<[^;{}]*>)?::|"(?:BoundingIntervalHierarchy\w*|DynamicTree)\.h"')
"""Code that TrinityCore and its kin share: without a sign of another project it counts as of the first."""

_SHOWN = ("comment", "string_content", "string_literal", "raw_string_literal", "raw_string_content")
_HEADER = b"Log.h"
_INCLUDE = re2.compile(rb'(?m)^[ \t]*#[ \t]*include[ \t]*["<][^">\r\n]+[">]')
_INTEGERS = re2.compile(
    rb"(?:const )?(?:(?:std::)?u?int(?:8|16|32)(?:_t)?|(?:un)?signed(?: int)?|int|short|bool)(?: const)?&?"
)
_REALS = re2.compile(rb"(?:const )?(?:float|double)(?: const)?&?")
_LARGE = re2.compile(rb"(?:const )?(?:(?:std::)?u?int64(?:_t)?|(?:std::)?size_t|long(?: long)?|ptrdiff_t)(?: const)?&?")


@dataclass(frozen=True, kw_only=True)
class LogStyle:
    """
    ``macro`` is what all its macros begin with, ``kind`` the type of the messages in this file.

    ``has_braces`` says that values stand as ``{}`` and not as ``%u``, ``needs_header`` that the file does not include
    the header yet.
    """

    macro: bytes
    kind: bytes
    has_braces: bool
    needs_header: bool

    def placeholder(self, kind: bytes) -> bytes | None:
        """Return how a value of a type stands in the text; None for types that are not plain numbers."""
        is_unsigned = b"u" in kind.partition(b"int")[0] or b"bool" in kind
        if _INTEGERS.fullmatch(kind):
            return b"{}" if self.has_braces else b"%u" if is_unsigned else b"%d"
        if _REALS.fullmatch(kind):
            return b"{}" if self.has_braces else b"%f"
        return b"{}" if self.has_braces and _LARGE.fullmatch(kind) else None

    def call(self, text: bytes, values: Collection[bytes], *, is_error: bool) -> bytes:
        """Return the statement that writes these values, as an error or for who looks for one."""
        level = b"ERROR" if is_error else b"DEBUG"
        return b'%b%b("%b", %b);' % (self.macro, level, self.kind, b", ".join([b'"%b"' % text, *values]))


def style_of(source: Source, others: Collection[Source]) -> LogStyle:
    """
    Read the style of a file, or of what else is at hand where it writes no log.

    Raises:
        RefusalError: neither shows one that is known.
    """
    own = list(_calls(source))
    calls = own or [groups for each in others for groups in _calls(each)]
    includes = b'"%b"' % _HEADER in source.content
    if calls:
        prefix = Counter(each[0] for each in calls).most_common(1)[0][0]
        kind = Counter(each[1] for each in calls).most_common(1)[0][0]
        texts = b"".join(each[2] for each in calls)
        has_braces = b"{" in texts or b"%" not in texts
        return LogStyle(macro=prefix, kind=kind, has_braces=has_braces, needs_header=not own and not includes)
    if not _OTHER_STYLE.search(source.content):
        for words, prefix in _PROJECTS:
            if any(words.search(each.content) for each in (source, *others)):
                return LogStyle(macro=prefix, kind=b"misc", has_braces=True, needs_header=not includes)
        if not _CALL.search(source.content) and (includes or _OF_THE_CORES.search(source.content)):
            needs_header = not includes and _INCLUDE.search(source.content) is not None
            return LogStyle(macro=b"TC_LOG_", kind=b"misc", has_braces=True, needs_header=needs_header)
    raise RefusalError("The file writes no log, and how its program does is not known from the files at hand.")


def _calls(source: Source) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield prefix, type and text of each log that a file writes, but not of what comments and texts only show."""
    for match in _CALL.finditer(source.content):
        node = source.root.descendant_for_byte_range(match.start(), match.start() + 1)
        if node is None or node.type not in _SHOWN:
            yield match[1], match[2], match[3]


def include_after(source: Source) -> tuple[int, bytes]:
    """
    Return where a file's last `#include` of its head ends, and the line that includes the log there.

    Raises:
        RefusalError: it has none, or only within a condition of the preprocessor.
    """
    last = None
    for each in _INCLUDE.finditer(source.content):
        node = source.root.descendant_for_byte_range(each.start(), each.end())
        while node is not None and node.type != "preproc_include":
            node = node.parent
        if node is not None and node.parent == source.root:
            last = each
    if last is None:
        raise RefusalError("The file includes nothing that the header of the log could stand beside.")
    return last.end(), b'#include "%b"' % _HEADER
