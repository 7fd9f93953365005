"""The packs that an installation uses: what ships, and of the operator's own what passes the lint."""

from collections.abc import Sequence
from pathlib import Path

from tasks.clients import knowledge
from tasks.core import patterns_lint
from tasks.core.frames import StackLists
from tasks.core.patterns import Fault, PatternPack


def collect(folders: Sequence[Path], lists: StackLists) -> tuple[list[PatternPack], list[Fault]]:
    """
    Return the packs, and why patterns of ``folders`` are not among them.

    Raises:
        ConfigurationError: a pack that ships is wrong.
    """
    shipped = knowledge.pattern_packs()
    if not folders:
        return shipped, []
    own, unread = knowledge.read_packs(folders)
    accepted, refused = patterns_lint.accept(own, lists, known=shipped)
    return [*shipped, *accepted], [*unread, *refused]
