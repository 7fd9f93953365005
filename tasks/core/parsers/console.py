"""
What terminals and containers add to the lines of a text: colour escapes, and the JSON around Docker's log lines.

Tools colour their reports where they take the output for a terminal, and CI logs keep the escapes, or what a web page
left of them. Docker's ``json-file`` driver writes each line as ``{"log":"LINE","stream":"stderr","time":"..."}``.
"""

import json
import re

_ESCAPE = re.compile(rb"\x1b(?:\[[0-9;?]{0,32}[A-Za-z]|\][^\x07\n]{0,200}\x07|[()][0AB])")
_LEFT_OVER = re.compile(rb"\[(?:\d{1,3}(?:;\d{1,3}){0,4})?m")
_HEAD = 256
_DOCKER = b'{"log":"'
_DOCKER_LINE = re.compile(rb'^[ \t]*\{"log":("(?:[^"\\\n]|\\.)*+")[^\n]*$', re.MULTILINE)


def unwrapped(content: bytes) -> bytes:
    """Return the lines that the program wrote where each stands in Docker's JSON."""
    is_wrapped = content[:_HEAD].lstrip().startswith(_DOCKER)
    return _DOCKER_LINE.sub(_logged, content) if is_wrapped else content


def plain(content: bytes) -> bytes:
    """Take off the escapes of colours; linear, and the same bytes where there are none."""
    if b"\x1b" in content:
        return _ESCAPE.sub(b"", content)
    return _LEFT_OVER.sub(b"", content) if b"[" in content and b"[0m" in content else content


def _logged(match: re.Match[bytes]) -> bytes:
    try:
        line = json.loads(match[1])
    except ValueError:
        return match[0]
    return str(line).rstrip("\n").encode(errors="replace")
