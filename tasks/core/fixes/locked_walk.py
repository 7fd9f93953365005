"""A loop over a member that a lock of the same block guards, and what else the lock is held for."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from tasks.core.fixes.guards import mentions
from tasks.core.fixes.locks import Lock, lock_of
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import LOOPS, Source, ancestors, walk
from tasks.core.fixes.walks import Walk, single_call, walk_of


@dataclass(frozen=True, kw_only=True)
class LockedWalk:
    """A loop over a member that a lock of the same block guards."""

    site: Site
    lock: Lock
    walk: Walk

    @property
    def loop(self) -> Node:
        """The loop as a whole."""
        return self.walk.loop

    @property
    def container(self) -> Node:
        """The member, as the head of the loop names it."""
        return self.walk.container

    @property
    def source(self) -> Source:
        """The file."""
        return self.site.source

    @property
    def shape(self) -> str:
        """What a sentence calls it."""
        return "statement" if self.walk.kind == "single" else "loop"

    @property
    def shown(self) -> str:
        """The container as a sentence shows it."""
        return f"`{show(self.source.text(self.container))}`"

    def __str__(self) -> str:
        path = show(self.site.frame.file or "").rpartition("/")[2]
        return f"{path}:{self.loop.start_point.row + 1}"


def locked_walks(site: Site) -> Iterator[LockedWalk]:
    """Yield the walks of a function over what a lock of theirs guards."""
    source = site.source
    for loop in walk(site.scope):
        walked = walk_of(source, loop) if loop.type in LOOPS else single_call(site, loop)
        if walked is None:
            continue
        before = [
            each for block in blocks_around(loop) for each in block.named_children if each.end_byte <= loop.start_byte
        ]
        locks = [lock for each in before if (lock := lock_of(source, each)) is not None]
        if len(locks) == 1:
            yield LockedWalk(site=site, lock=locks[0], walk=walked)


def blocks_around(loop: Node) -> Iterator[Node]:
    """Yield the blocks around a loop, from the inside, up to one that runs anything but this loop again."""
    for each in ancestors(loop):
        if each.type == "compound_statement" or each.type.startswith("preproc_"):
            yield each
        elif each.type not in ("if_statement", "else_clause"):
            return


def statements_around(found: LockedWalk) -> Iterator[Node]:
    """Yield the statements that the lock is held for, but the loop and what the loop is in."""
    inner = found.loop
    for block in blocks_around(found.loop):
        yield from (
            each
            for each in block.named_children
            if each.start_byte >= found.lock.declaration.end_byte
            and not (each.start_byte <= inner.start_byte and inner.end_byte <= each.end_byte)
            and each.type != "comment"
        )
        if block == found.lock.declaration.parent and block.type == "compound_statement":
            return


def calls_out(found: LockedWalk) -> bool:
    """Say whether the loop calls something with, or on, its elements."""
    names = found.walk.names
    body = found.walk.body
    return body is not None and any(
        mentions(found.source, [each], name) for each in walk(body) if each.type == "call_expression" for name in names
    )
