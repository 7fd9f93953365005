"""
Markdown around text that others wrote: whatever the text holds, it stays text.

GitHub's flavour is meant. Code spans and fences grow until the text can't close them; prose loses the characters that
would make links, markup, HTML, mentions or references of it.
"""

import re

from tasks.core import redaction

_BACKTICKS = re.compile(r"`+")
_MARKUP = re.compile(r"[\\`*\[\]<#|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=[#A-Za-z])|(?<=[A-Za-z])://|\bwww\.")
_BLOCK_START = re.compile(r"^([-+>=]|\d+[.)])")
_CUT = " [cut]"
_TICK_RUN = 7
"""Longer runs of backticks are shortened on a line: each makes its delimiters as long as itself."""


def one_line(text: str, *, limit: int) -> str:
    """Return the text redacted, on one line, and cut to ``limit`` characters."""
    line = cut(redaction.redact(" ".join(text.split())), limit=limit)
    return _BACKTICKS.sub(lambda run: run[0][:_TICK_RUN], line)


def cut(text: str, *, limit: int) -> str:
    """Shorten a text to at most ``limit`` characters and say so in it."""
    return text if len(text) <= limit else text[: max(0, limit - len(_CUT))] + _CUT


def prose(text: str, *, limit: int = 3000) -> str:
    """Return the paragraphs of a text redacted and escaped, each on a line of its own."""
    paragraphs = re.split(r"\n\s*\n", redaction.redact(text)[:limit])
    return "\n\n".join(sentence(paragraph, limit=limit) for paragraph in paragraphs if paragraph.strip())


def sentence(text: str, *, limit: int = 300) -> str:
    """Return the text redacted and escaped on one line, fit for an entry of a list."""
    return _BLOCK_START.sub(_escape_block, _MARKUP.sub(_escape_markup, one_line(text, limit=limit)))


def code(text: str, *, limit: int = 200) -> str:
    """Return the text redacted as a code span, on one line."""
    line = one_line(text, limit=limit).strip() or " "
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def cell(text: str, *, limit: int = 200) -> str:
    """Return the text redacted as a code span for a table; nothing for nothing."""
    # A pipe ends a cell even inside a span, and no way of escaping it holds in every reader.
    return code(text.replace("|", "\u00a6"), limit=limit) if text.strip() else ""


def fence(text: str, *, language: str = "") -> str:
    """
    Return the text as a fenced block, as it is: redact it first where that is wanted.

    Characters that nobody sees are shown by their number, so that a reviewer reads what the compiler will.
    """
    shown = show_hidden(text.replace("\r\n", "\n")).rstrip("\n")
    ticks = "`" * max(3, _longest_run(shown) + 1)
    return f"{ticks}{language}\n{shown}\n{ticks}"


def show_hidden(text: str) -> str:
    """Replace control, zero-width and bidirectional characters by their numbers: ``<U+202E>``."""
    hidden = {ord(character) for character in set(text) if redaction.clean(character) != character}
    return text.translate({number: f"<U+{number:04X}>" for number in hidden})


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def _escape_markup(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&amp;"
    # A blank inside an address keeps a forge from making a link of it.
    return found[0] + " " if len(found[0]) > 1 else "\\" + found[0]


def _escape_block(found: re.Match[str]) -> str:
    return found[0][:-1] + "\\" + found[0][-1]
