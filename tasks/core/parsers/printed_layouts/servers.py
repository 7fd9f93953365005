"""
What well-known servers and engines print.

ClickHouse (``12. FILE:34: FUNCTION @ 0xADDRESS in MODULE``, ``12.1. inlined from FILE:34: FUNCTION``, and in 2019 ``12.
0xADDRESS FUNCTION MODULE``), PyTorch (``frame #12: FUNCTION + 0x34 (0xADDRESS in MODULE)``), Unreal Engine (``0xADDRESS
MODULE!FUNCTION [FILE:LINE]`` behind the name of a log), MongoDB (a JSON object a line).
"""

import re

from tasks.core.parsers.printed_layouts.layout import Layout

_CLICKHOUSE = re.compile(
    r"(?P<number>\d{1,6})(?:\.\d{1,6})?\. (?P<inlined>inlined from )?"
    r"(?:(?P<file>/?[^\s:@]{1,1000}):(?P<line>\d{1,9}): )?"
    r"(?P<name>\S.{0,4096}?)(?: @ 0x(?P<address>[0-9a-fA-F]{1,16})(?: in (?P<module>\S.{0,1000}))?)?"
)
CLICKHOUSE_2019 = Layout(
    mark=". 0x",
    frame=re.compile(
        r"(?P<number>\d{1,6})\. 0x(?P<address>[0-9a-fA-F]{4,16}) (?P<name>\S.{0,4096}?)(?: (?P<module>/\S{1,1000}))?"
    ),
    sign=rb"\d{1,4}\. 0x[0-9a-f]{8,16} [^\n]{1,4096}",
    signposts=(b". 0x",),
)
CLICKHOUSE = Layout(
    mark=" @ 0x",
    frame=_CLICKHOUSE,
    sign=rb"\d{1,4}(?:\.\d{1,4})?\. [^\n]{1,4096}? @ 0x[0-9a-fA-F]{1,16}(?: in [^\n]{1,1000})?",
    signposts=(b" @ 0x",),
)
CLICKHOUSE_INLINED = Layout(mark=". inlined from ", frame=_CLICKHOUSE)
PYTORCH = Layout(
    mark="frame #",
    frame=re.compile(
        r"frame #(?P<number>\d{1,6}): (?P<name>\S.{0,4096}?)(?: \+ 0x[0-9a-fA-F]{1,16})?"
        r" \((?:0x)?(?P<address>[0-9a-fA-F]{1,16}) in (?P<module>\S.{0,1000}?)\)"
    ),
    sign=rb"frame #\d{1,4}: [^\n]{1,5000}? \(0x[0-9a-fA-F]{1,16} in [^\n]{1,1000}\)",
    signposts=(b"frame #0: ",),
)
UNREAL = Layout(
    mark="!",
    frame=re.compile(
        r"(?:.{0,200}\s)?0x(?P<address>[0-9a-fA-F]{8,16}) (?P<module>[^\s!]{1,260})!(?P<name>\S.{0,4096}?)"
        r"(?:\(\+0x[0-9a-fA-F]{1,16}\))?(?: ?\[(?P<file>[^\[\]]{1,1000}):(?P<line>\d{1,9})\])?"
    ),
    sign=rb"[^\n]{0,200}?0x[0-9a-fA-F]{8,16} [^\s!]{1,260}![^\n]{1,5000}?(?:\(\+0x[0-9a-fA-F]{1,16}\)|:\d{1,9}\])",
    signposts=(b"0x0000", b"(+0x"),
)
MONGODB = Layout(
    mark='"frame":{"a":',
    frame=re.compile(
        r".{0,1000}?\"frame\":\{\"a\":\"(?P<address>[0-9A-F]{1,16})\""
        r"(?:[^{}]{0,200}?\"s\":\"(?P<symbol>[^\"]{0,4096})\"(?:,\"C\":\"(?P<name>[^\"\\]{0,4096})\")?)?.*"
    ),
    sign=rb"[^\n]{1,1000}?\"frame\":\{\"a\":\"[^\n]*",
    signposts=(b'"frame":{"a":',),
)
LAYOUTS = (CLICKHOUSE_2019, CLICKHOUSE, CLICKHOUSE_INLINED, PYTORCH, UNREAL, MONGODB)
