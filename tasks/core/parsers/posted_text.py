"""
What stands in a crash text because of the way it travelled: prefixes of log lines, escapes of web pages and journals.

A stack that a service printed reaches people through journald, syslog, Docker or the program's own logger, which put
time, host and program before each line. They are taken off where a line of a stack has them, and nowhere else.
"""

import re
from collections.abc import Callable

from tasks.core.parsers import console
from tasks.core.parsers.literals import Literals

_ESCAPES = ((b"&#8203;", b""), (b"&lt;", b"<"), (b"&gt;", b">"), (b"&quot;", b'"'), (b"&#39;", b"'"), (b"&amp;", b"&"))
"""What trackers and mail archives make of the marks in a posted text; the first hides a ``#`` from their links."""

_NEWLINE = b"#012"
"""rsyslog's octal escape of a line end: a message of many lines becomes one."""

_TIME = rb"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_DATE = rb"\d{4}[-./]\d\d[-./]\d\d[T _]"
_PREFIXES = tuple(
    re.compile(rb"^" + prefix, re.MULTILINE)
    for prefix in (
        rb"(?:> ?){1,8}",
        rb"[A-Z][a-z]{2} [ \d]\d (?:\d{4} )?" + _TIME + rb" (?:\S{1,255} )?[^\s\[\]:]{1,64}(?:\[\d{1,10}\])?: ?",
        _DATE + _TIME + rb" (?:\[ ?\d{1,10} ?\] )?(?:\{[^}\n]{0,64}\} )?<\w{1,12}> [\w.]{1,64}: ",
        _DATE + _TIME + rb" (?:[^\s\[\]#]{1,255} )?[^\s\[\]:#]{1,64}\[\d{1,10}\]: ?",
        _DATE + _TIME + rb" (?:std(?:out|err) [FP] )?",
        rb"\[?" + _TIME + rb"\]? ",
        rb"[\w.-]{1,128} {1,32}\| ?",
        rb"[\w./-]{1,64}\[\d{1,10}\]: ?",
        rb"(?:==|\*\*)\d{1,10}(?:==|\*\*) ?",
    )
)
_HEADERS = (b"Stack trace of thread ", b" received signal ")
_FRAMES = (b"#0  ", b"#1  ", b"frame #0: ", b") [0x", b")[0x", b" @ 0", b"    at 0x")
"""What stands in the first frames of stacks."""

_BEGINS = re.compile(
    rb"[ \t]{0,20}(?:#\d|\* )?"
    rb"(?:#?\d|Stack trace of|Thread \d|Program |frame #|thread #|TID \d|PID \d|at 0x|@ |[^\s()]\S{0,1000}\("
    rb"|postgres: )"
)
_CODE = re.compile(rb"^`([^`\n]{1,4096})`[ \t]*$", re.MULTILINE)
"""Markdown's code within a line, around each line of a stack."""
_INDENTED = re.compile(
    rb"([ \t]{1,12})(?:Program|Thread \d{1,6}(?: \"[^\"\n]{0,100}\")?)"
    rb" (?:received signal |terminated with signal |\((?:Thread|LWP|process) )"
)
"""A header of gdb that Markdown's code blocks, or the fields of a report, indent."""
_INDENT_SIGNS = (b" received signal ", b" terminated with signal ", b" (Thread ", b" (LWP ")
_WINDOW = 300
_HEAD = 512 * 1024
"""Bytes in which the first line of a stack is looked for: a scan of megabytes would cost more than the parser."""
_LAYERS = 3
"""A log in a container, quoted in a mail: prefixes before prefixes."""


def clean(content: bytes) -> bytes:
    """Return the text as the program or the debugger printed it; linear, and the same bytes where nothing is to do."""
    content = console.unwrapped(content)
    signs = _SIGNS.in_text(content)
    for undo, needed in _TRANSFORMS:
        if signs.isdisjoint(needed):
            continue
        before, content = content, undo(content)
        if content is not before:
            signs = _SIGNS.in_text(content)
    return content if signs.isdisjoint(_STACK_SIGNS) else _without_prefixes(content, signs)


def _split(content: bytes) -> bytes:
    """Make lines of a message that rsyslog put into one."""
    head = content[:_HEAD]
    is_one_line = b"#" in head and (b"#012#0  0x" in head or b"#012Stack trace" in head)
    return content.replace(_NEWLINE, b"\n") if is_one_line else content


def _unescaped(content: bytes) -> bytes:
    head = content[:_HEAD]
    if b"&" in head and (b"&lt;" in head or b"&#8203;" in head or b"&gt;" in head):
        for escape, mark in _ESCAPES:
            content = content.replace(escape, mark)
    return content


def _without_code_marks(content: bytes) -> bytes:
    return _CODE.sub(rb"\1", content) if b"`" in content and b"\n`#" in content[:_HEAD] else content


def _without_indent(content: bytes) -> bytes:
    indent = _indent(content[:_HEAD]) if b"#" in content else b""
    return re.sub(rb"^" + re.escape(indent), b"", content, flags=re.MULTILINE) if indent else content


def _without_prefixes(content: bytes, signs: frozenset[bytes]) -> bytes:
    for _ in range(_LAYERS):
        prefix = _prefix(content, signs)
        if prefix is None:
            break
        content = prefix.sub(b"", content)
        signs = _SIGNS.in_text(content)
    return content


def _indent(head: bytes) -> bytes:
    """Return what stands before gdb's first header."""
    for words in _INDENT_SIGNS:
        position = head.find(words)
        match = _INDENTED.match(head, head.rfind(b"\n", 0, position) + 1) if position >= 0 else None
        if match or position >= 0:
            return match[1] if match else b""
    return b""


def _prefix(content: bytes, signs: frozenset[bytes]) -> re.Pattern[bytes] | None:
    """Find the layout of what stands before the first line of a stack; None where nothing does."""
    for header in filter(signs.__contains__, _HEADERS):
        position = content.find(header, 0, _HEAD)
        prefix = _prefix_at(content, position) if position >= 0 else None
        if prefix:
            return prefix
    for frame in filter(signs.__contains__, _FRAMES):
        position = content.find(frame, 0, _HEAD)
        if position < 0:
            continue
        prefix = _prefix_at(content, position)
        if prefix or not content[content.rfind(b"\n", 0, position) + 1 : position].strip():
            return prefix
    return None


def _prefix_at(content: bytes, position: int) -> re.Pattern[bytes] | None:
    start = content.rfind(b"\n", 0, position) + 1
    line = content[start : start + _WINDOW].partition(b"\n")[0]
    return _first_prefix(line, position - start)


def _first_prefix(line: bytes, signpost: int, depth: int = 0) -> re.Pattern[bytes] | None:
    """Return the outermost prefix where nothing but prefixes stands before a line of a stack."""
    for prefix in _PREFIXES:
        match = prefix.match(line)
        end = match.end() if match else 0
        if not match or end > signpost + 1:
            continue
        rest = line[end:]
        if _BEGINS.match(rest) or (depth < _LAYERS and _first_prefix(rest, signpost - end, depth + 1)):
            return prefix
    return None


_TRANSFORMS: tuple[tuple[Callable[[bytes], bytes], tuple[bytes, ...]], ...] = (
    (_split, (_NEWLINE,)),
    (console.plain, (b"\x1b", b"[0m")),
    (_unescaped, (b"&lt;", b"&gt;", b"&#8203;")),
    (_without_code_marks, (b"\n`#",)),
    (_without_indent, _INDENT_SIGNS),
)
"""
Undone from the outside in: what held the lines, what changed their characters, what stands before them. Each needs one
of the literals beside it.
"""

_STACK_SIGNS = (*_HEADERS, *_FRAMES)
_SIGNS = Literals([*(sign for _, needed in _TRANSFORMS for sign in needed), *_STACK_SIGNS])
