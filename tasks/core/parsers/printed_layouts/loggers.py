"""What the signal handlers of glog, Abseil and folly print: ``@ 0xADDRESS [SIZE] FUNCTION``, ``PC: @`` on top."""

import re

from tasks.core.parsers.printed_layouts.layout import Layout

GLOG = Layout(
    mark="@ ",
    frame=re.compile(
        r"(?P<counter>PC: )?@\s{1,24}(?:0x)?(?P<address>[0-9a-fA-F]{1,16})\s{1,16}"
        r"(?:(?:\d{1,9}|\(unknown\))\s{1,16}(?=\S))?(?P<name>\S.{0,4096})"
    ),
    sign=rb"@ {1,24}(?:0x[0-9a-fA-F]{5,16}|[0-9a-fA-F]{6,16}) {1,16}\S[^\n]*",
    signposts=(b"@ ",),
)
LAYOUTS = (GLOG,)
