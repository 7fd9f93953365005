"""
The layouts in which programs print their own stack, one family a file: a new layout is one new value in ``LAYOUTS``.

They are tried in this order, the more particular first. Layouts that other readers know too (glibc's, Apple's, LLVM's)
are in ``native_frames`` and ``sanitizer_frames``; ``KNOWN_SIGNS`` holds what recognises them here.
"""

from tasks.core.parsers.printed_layouts import libraries, loggers, servers, tools
from tasks.core.parsers.printed_layouts.layout import Layout

LAYOUTS: tuple[Layout, ...] = (*libraries.LAYOUTS, *loggers.LAYOUTS, *servers.LAYOUTS, *tools.LAYOUTS)

KNOWN_SIGNS = (
    rb"[^\s()\[\]\n][^\n]{0,4600}?\) ?\[0x[0-9a-fA-F]{1,16}\]",
    rb"(?:[^\s()\[\]\n][^()\[\]\n]{0,400})?\[0x[0-9a-fA-F]{1,16}\]",
    rb"#\d{1,4} {1,3}0x[0-9a-f]{8,16} [^\s<(][^\n]{0,4096}(?:\+0x[0-9a-f]{1,16}\)|:\d{1,9}:\d{1,9})",
    rb"\d{1,4} {1,4}\S[^\n]{0,60} {1,40}0x[0-9a-fA-F]{8,16} [^\n]{1,4096} \+ \d{1,20}",
)
KNOWN_SIGNPOSTS = (b"[0x", b"#0 0x", b" + ")
