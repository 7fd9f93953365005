"""The locks of the standard library as source spells them: which mutexes a declaration takes until its block ends."""

from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.fixes.syntax import Source

_LOCK = re2.compile(
    rb"(?s)^(?:(?:\[\[maybe_unused\]\]|const)\s+)*((?:::)?(?:std|boost)::)?(lock_guard|unique_lock|scoped_lock|shared_lock)\s*"
    rb"(?:<[^;(){}]*>)?\s*(?:const\s+)?(\w+)\s*[({](.*)[)}]\s*;$"
)
_POLICIES = (b"defer_lock", b"try_to_lock", b"adopt_lock")


@dataclass(frozen=True, kw_only=True)
class Lock:
    """
    A lock that a block holds from a declaration on; ``mutexes`` are the keys of what it locks.

    ``is_plain`` is false where it takes them later, perhaps, or only for a time.
    """

    declaration: Node
    kind: bytes
    name: bytes
    mutexes: tuple[bytes, ...]
    is_plain: bool

    @property
    def holder(self) -> bytes:
        """The object whose member its first mutex is; empty where the mutex is named alone."""
        parts = re2.fullmatch(rb"(.+?)(?:->|\.)\w+(?:\(\))?", self.mutexes[0])
        return parts[1] if parts else b""


def lock_of(source: Source, statement: Node) -> Lock | None:
    """Return the lock that a statement declares."""
    if statement.type != "declaration":
        return None
    found = _LOCK.fullmatch(source.text(statement))
    if not found:
        return None
    arguments = [b"".join(each.split()).removeprefix(b"this->") for each in found[4].split(b",")]
    mutexes = tuple(each for each in arguments if re2.fullmatch(rb"[\w.]+(?:->[\w.]+)*(?:\(\))?", each))
    return Lock(
        declaration=statement,
        kind=found[2],
        name=found[3],
        mutexes=mutexes,
        is_plain=len(mutexes) == len(arguments) and not any(each.endswith(_POLICIES) for each in arguments),
    )
