"""
What libraries for stacks print.

ACE (``FUNCTION()+0xOFFSET [0xADDRESS]``), Boost.Stacktrace and libstdc++ (``12# FUNCTION at FILE:LINE``), the C++
library of Microsoft (``12> FILE(LINE): MODULE!FUNCTION+0x34``), backward-cpp (``#12 Source "FILE", line 34, in
FUNCTION``, and without a number where a frame was inlined).
"""

import re

from tasks.core.parsers.printed_layouts.layout import Layout

ACE = Layout(
    mark="()+0x",
    frame=re.compile(r"(?P<name>[\w:~<>?@$].{0,4096}?)\(\)\+0x[0-9a-fA-F]{1,16} \[0x(?P<address>[0-9a-fA-F]{1,16})\]"),
    sign=rb"[^\s()\n][^()\n]{0,2000}\(\)\+0x[0-9a-fA-F]{1,16} \[0x[0-9a-fA-F]{1,16}\]",
    signposts=(b"[0x",),
)
BOOST = Layout(
    mark="# ",
    frame=re.compile(
        r"(?P<number>\d{1,6})# (?:0x(?P<address>[0-9a-fA-F]{4,16})|(?P<name>\S.{0,4096}?))"
        r"(?: at (?P<file>\S.{0,1000}?):(?P<line>\d{1,9})| in (?P<module>\S.{0,1000}?))?(?: \[0x[0-9a-fA-F]{1,16}\])?"
    ),
    sign=rb"\d{1,4}# (?:0x[0-9a-fA-F]{4,16}|\S{1,400}[^\S\n]*\r?$|(?=[^\n]{0,4096}?(?:::|\(| at | in )[^\n])[^\n]++)",
    signposts=(b"0# ", b"1# "),
)
MICROSOFT = Layout(
    mark="> ",
    frame=re.compile(
        r"(?P<number>\d{1,6})> (?:(?P<file>\S[^()]{0,1000})\((?P<line>\d{1,9})\): )?"
        r"(?P<module>[^\s!]{1,260})!(?P<name>\S.{0,4096}?)(?:\+0x[0-9a-fA-F]{1,16})?"
    ),
    sign=rb"\d{1,4}> [^\n]{1,2000}?\w![\w`<?~][^\n]{0,2000}\+0x[0-9a-fA-F]{1,16}",
    signposts=(b"0> ", b"1> "),
)
BACKWARD = Layout(
    mark=", in",
    frame=re.compile(
        r"(?:#(?P<number>\d{1,6})\s{1,8})?(?:\|\s{1,4})?"
        r"(?:Object \"(?P<module>[^\"]{0,1000})\", at (?:0x)?(?P<address>[0-9a-fA-F]{1,16})"
        r"|Source \"(?P<file>[^\"]{1,1000})\", line (?P<line>\d{1,9})), in ?(?P<name>\S.{0,4096}?)?"
        r"(?: \[0x[0-9a-fA-F]{1,16}\])?"
    ),
    sign=rb"#\d{1,4} {1,8}(?:\| {1,4})?(?:Object|Source) \"[^\"\n]{0,1000}\", (?:at|line) [^\n]*",
    signposts=(b'Object "', b'Source "'),
)
LAYOUTS = (ACE, BOOST, MICROSOFT, BACKWARD)
