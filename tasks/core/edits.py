"""
Source edits: the only way in which a fix changes a file.

A template or a model says which bytes to replace; this module checks that the file is the one they meant, replaces
them, and shows the change as a patch. Everything is bytes, so encodings and line ends survive. Reading, writing and the
check for symbolic links belong to the client that owns the checkout.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tasks.core.errors import EditError

CONTEXT_LINES = 3
MAX_COMPONENT = 255
"""Bytes in one component of a path: the limit of the file systems that we know."""

RESERVED = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in "0123456789¹²³"}
)
"""Names that Windows gives to devices, whatever their extension (Microsoft, "Naming Files, Paths, and Namespaces")."""


@dataclass(frozen=True, kw_only=True)
class SourceEdit:
    """
    Replace exactly one place in one file.

    ``path`` is relative to the tree, with forward slashes. ``offset`` counts bytes from the start of the unedited file;
    it says which place is meant where ``old`` occurs more than once.
    """

    path: str
    old: bytes
    new: bytes
    offset: int | None = None


def apply(content: bytes, edits: Sequence[SourceEdit]) -> bytes:
    """
    The file after its edits, all of which refer to ``content`` as it is before any of them.

    Raises:
        EditError: an edit has no old text, changes nothing, does not fit exactly one place, overlaps another, or is
            meant for another file than the rest.
    """
    if len({edit.path for edit in edits}) > 1:
        raise EditError("These edits name several files: apply them file by file.")
    placed = sorted(((_place(content, edit), edit) for edit in edits), key=lambda pair: pair[0])
    for (start, edit), (following, _) in pairwise(placed):
        if following < start + len(edit.old):
            raise EditError(f"Two edits of {edit.path} overlap: join them into one.")
    pieces = []
    end = 0
    for start, edit in placed:
        pieces += [content[end:start], edit.new]
        end = start + len(edit.old)
    return b"".join([*pieces, content[end:]])


def _place(content: bytes, edit: SourceEdit) -> int:
    """Where the edit's old text begins."""
    if not edit.old:
        raise EditError(f"An edit of {edit.path} names no old text: give the text that it replaces.")
    if edit.old == edit.new:
        raise EditError(f"An edit of {edit.path} changes nothing: leave it out.")
    if edit.offset is not None:
        if edit.offset < 0 or content[edit.offset : edit.offset + len(edit.old)] != edit.old:
            raise EditError(
                f"The old text of an edit is not at byte {edit.offset} of {edit.path}: read the file again."
            )
        return edit.offset
    start = content.find(edit.old)
    if start < 0:
        raise EditError(f"The old text of an edit does not occur in {edit.path}: read the file again.")
    if content.find(edit.old, start + 1) >= 0:
        raise EditError(f"The old text of an edit occurs more than once in {edit.path}: give more of its surroundings.")
    return start


def check_path(path: str) -> None:
    """
    Refuse every path that could leave the tree, reach git's own files, or mean something else on another system.

    The check reads the text alone; that no component is a symbolic link is for the client to see.

    Raises:
        EditError: the path is not a plain relative one.
    """
    shown = ascii(path[:200])
    if not path or not path.isprintable():
        raise EditError(f"The path {shown} is empty or holds characters that can't be printed: use a plain file name.")
    if path.startswith(("/", "~")) or any(character in path for character in '\\:*?"<>|'):
        raise EditError(f"The path {shown} is not relative with forward slashes: start at the root of the tree.")
    for component in path.split("/"):
        _check_component(component, shown)


def _check_component(component: str, shown: str) -> None:
    if component in ("", ".", ".."):
        raise EditError(f"The path {shown} has an empty, '.' or '..' component: name the file directly.")
    if component.startswith(("-", " ")) or component.endswith((".", " ")):
        raise EditError(
            f"The path {shown} has a component that programs misread: no leading '-', no trailing dot or space."
        )
    if component.casefold() == ".git" or component.casefold().startswith("git~"):
        raise EditError(f"The path {shown} points into git's own files: edits may only touch the sources.")
    if component.split(".", 1)[0].rstrip().casefold() in RESERVED:
        raise EditError(f"The path {shown} has a name that Windows reserves for a device: choose another.")
    if len(component.encode("utf-8", "surrogatepass")) > MAX_COMPONENT:
        raise EditError(f"The path {shown} has a component of more than {MAX_COMPONENT} bytes: shorten it.")


def unified_diff(path: str, before: bytes, after: bytes) -> bytes:
    """
    The change as a patch that ``git apply`` takes, empty when there is none.

    Lines end at a line feed and nowhere else, as git sees them; the bytes are neither decoded nor normalised.

    Raises:
        EditError: ``path`` can't stand in a patch (see ``check_path``).
    """
    check_path(path)
    if before == after:
        return b""
    old, new = _lines(before), _lines(after)
    return _header(path) + b"".join(_hunk(old, new, group) for group in _changes(old, new))


def _lines(content: bytes) -> list[bytes]:
    return [line + b"\n" for line in content.split(b"\n")[:-1]] + (
        [tail] if (tail := content.rpartition(b"\n")[2]) else []
    )


def _header(path: str) -> bytes:
    name = path.encode()
    # As git writes it: a tab marks the end of a name that holds spaces.
    end = b"\t\n" if b" " in name else b"\n"
    return b"diff --git a/%b b/%b\n--- a/%b%b+++ b/%b%b" % (name, name, name, end, name, end)


_Opcode = tuple[str, int, int, int, int]


def _changes(old: list[bytes], new: list[bytes]) -> list[list[_Opcode]]:
    """
    Group the changed ranges with their context.

    The equal lines at both ends are left out of the comparison: a fix touches few lines of a file of up to 30,000.
    """
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    head, tail = max(head - CONTEXT_LINES, 0), max(tail - CONTEXT_LINES, 0)
    matcher = difflib.SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail])
    return [
        [(tag, i + head, j + head, k + head, m + head) for tag, i, j, k, m in group]
        for group in matcher.get_grouped_opcodes(CONTEXT_LINES)
    ]


def _hunk(old: list[bytes], new: list[bytes], group: list[_Opcode]) -> bytes:
    (_, old_start, _, new_start, _), (_, _, old_end, _, new_end) = group[0], group[-1]
    pieces = [f"@@ -{_range(old_start, old_end)} +{_range(new_start, new_end)} @@\n".encode()]
    for tag, i, j, k, m in group:
        if tag == "equal":
            pieces += [_marked(b" ", line) for line in old[i:j]]
        else:
            pieces += [_marked(b"-", line) for line in old[i:j]] + [_marked(b"+", line) for line in new[k:m]]
    return b"".join(pieces)


def _range(start: int, end: int) -> str:
    """Lines as a hunk's head counts them: from 1, and an empty range names the line before it."""
    return f"{start + 1 if end > start else start},{end - start}"


def _marked(mark: bytes, line: bytes) -> bytes:
    return mark + line if line.endswith(b"\n") else mark + line + b"\n\\ No newline at end of file\n"
