"""The examples of a pattern, read as the parsers read any text, and how the pattern matches each of them."""

from dataclasses import dataclass, replace

from tasks.core import parsers, signature
from tasks.core.crash import Crash
from tasks.core.errors import DumpError
from tasks.core.frames import StackLists
from tasks.core.matching import CompiledPattern, PatternMatch
from tasks.core.patterns import Example, Pattern
from tasks.core.signature import SignatureResult


@dataclass(frozen=True, kw_only=True)
class ReadExample:
    """The crash of an example and its name; both None where the text can't be read, and ``reason`` says why."""

    example: Example
    crash: Crash | None = None
    signature: SignatureResult | None = None
    reason: str = ""

    def match(self, pattern: CompiledPattern) -> PatternMatch | None:
        """Score a pattern; None when kind or location are not the pattern's, or nothing could be read."""
        if self.crash is None or self.signature is None or self.signature.location is None:
            return None
        return pattern.match(self.crash, self.signature.location.frame)


def read(example: Example, lists: StackLists) -> ReadExample:
    """Read an example; a text of several crashes is none, as nobody could tell which of them is meant."""
    try:
        crashes = parsers.parse(example.text.encode("utf-8", errors="replace"))
    except DumpError as error:
        return ReadExample(example=example, reason=f"it can't be read: {error}")
    if len(crashes) != 1:
        return ReadExample(example=example, reason=f"it holds {len(crashes)} crashes, not one")
    named = signature.generate(crashes[0], lists)
    if named.location is None:
        return ReadExample(example=example, reason="its stack has no frame to start from")
    return ReadExample(example=example, crash=crashes[0], signature=named)


def read_all(pattern: Pattern, lists: StackLists) -> tuple[ReadExample, ...]:
    """Read every example of a pattern."""
    return tuple(read(example, lists) for example in pattern.examples)


def with_lines(found: ReadExample, line: int, lists: StackLists) -> ReadExample:
    """Return the example as another revision would show it: each frame at this line."""
    if found.crash is None:
        return found
    threads = tuple(
        replace(thread, frames=tuple(frame._replace(line=line if frame.line else None) for frame in thread.frames))
        for thread in found.crash.threads
    )
    site = found.crash.exception.site
    moved = f"{site.rpartition(':')[0]}:{line}" if site and site.rpartition(":")[2].isdecimal() else site
    crash = replace(found.crash, threads=threads, exception=replace(found.crash.exception, site=moved))
    return replace(found, crash=crash, signature=signature.generate(crash, lists))
