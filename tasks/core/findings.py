"""
What static analysis says of a patch: the findings of clang-tidy and cppcheck on the lines that the patch changed.

An old file has many findings, and none of them is the patch's doing; clang-tidy's own ``clang-tidy-diff`` looks at the
changed lines alone for the same reason.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CPPCHECK_TEMPLATE = "{file}:{line}: {severity}: {message} [{id}]"

_FINDING = re.compile(
    r"(?P<file>[^\n]+?):(?P<line>\d+)(?::\d+)?: (?P<severity>[a-z]+): (?P<message>[^\n]*) \[(?P<check>[\w.,:-]+)\]"
)
_HUNK = re.compile(rb"@@ -\d+(?:,\d+)? \+(?P<start>\d+)(?:,(?P<count>\d+))? @@")
_NO_FINDING = frozenset({"note", "information", "debug"})


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of an analyser's output: where, how bad, what, and the name of its check."""

    file: str
    line: int
    severity: str
    message: str
    check: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message} [{self.check}]"


def parse(output: str, *, tree: str) -> tuple[Finding, ...]:
    """Read the findings in an analyser's output; paths below ``tree`` become relative to it."""
    found = []
    for line in output.splitlines():
        match = _FINDING.fullmatch(line)
        if match and match["severity"] not in _NO_FINDING:
            file = match["file"].removeprefix(f"{tree.rstrip('/')}/")
            place = {"file": file, "line": int(match["line"])}
            words = {name: match[name] for name in ("severity", "message", "check")}
            found.append(Finding(**place, **words))  # type: ignore[arg-type]  # as the expression names them
    return tuple(found)


def changed_lines(patch: bytes) -> Mapping[str, frozenset[int]]:
    """Return the lines that a patch in git's format adds or replaces, by path, counted from 1 in the patched file."""
    changed: dict[str, set[int]] = defaultdict(set)
    path, number, left = "", 0, 0
    for line in patch.split(b"\n"):
        if left <= 0 and line.startswith(b"+++ b/"):
            path = line[6:].rstrip(b"\t\r").decode("utf-8", errors="surrogateescape")
        elif hunk := _HUNK.match(line):
            number, left = int(hunk["start"]), int(hunk["count"] or 1)
        elif left > 0 and line[:1] in (b"+", b" "):
            if line[:1] == b"+":
                changed[path].add(number)
            number, left = number + 1, left - 1
    return {path: frozenset(lines) for path, lines in changed.items()}


def on_lines(findings: Sequence[Finding], changed: Mapping[str, frozenset[int]]) -> tuple[Finding, ...]:
    """Return the findings on changed lines, each once, in the order of the source."""
    mine = {finding for finding in findings if finding.line in changed.get(finding.file, ())}
    return tuple(sorted(mine, key=lambda finding: (finding.file, finding.line, finding.check)))
