"""
What tools print that watch a program, and programs that number the frames in words.

Valgrind (``by 0xADDRESS: FUNCTION (FILE:LINE)``) and bare lists (``12: FUNCTION()``).
"""

import re

from tasks.core.parsers.printed_layouts.layout import Layout

VALGRIND = Layout(
    mark=" 0x",
    frame=re.compile(
        r"(?:at|by) 0x(?P<address>[0-9A-Fa-f]{4,16}): (?P<name>\S.{0,4096}?)"
        r" \((?:in (?P<module>[^()]{1,1000})|(?P<file>[^()]{1,1000}):(?P<line>\d{1,9}))\)"
    ),
    sign=rb"(?:at|by) 0x[0-9A-F]{4,16}: [^\n]{1,4096}\)",
    signposts=(b"at 0x",),
)
CALLED = Layout(mark="()", frame=re.compile(r"(?P<number>\d{1,4}): (?P<name>[A-Za-z_][\w:~<>]{0,400})\(\)"))
LAYOUTS = (VALGRIND, CALLED)
