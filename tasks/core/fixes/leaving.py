"""The exit before a statement that went through a null pointer, where the rest can be left out with it."""

from collections.abc import Sequence

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.declared import initial_value
from tasks.core.fixes.exits import exit_before
from tasks.core.fixes.guards import earlier_statements, mentions
from tasks.core.fixes.reliance import bracket, left_undone, strikes_out, teller
from tasks.core.fixes.site import show
from tasks.core.fixes.sums import other_answer, other_returned
from tasks.core.fixes.syntax import LOOPS, ancestors, of_type, walk
from tasks.core.fixes.uses import Uses


def exit_without(uses: Uses) -> bytes:
    """
    Return the exit before the statement: ``continue;``, ``return false;``.

    Raises:
        RefusalError: it would skip what others wait for, what ends what was begun, or what must be done all the same.
    """
    site, statement = uses.null.site, uses.null.statement
    leave = exit_before(site, statement)
    kinds = {*LOOPS, "switch_statement"} if leave == b"break;" else LOOPS
    left = next((each for each in ancestors(statement, site.scope) if each.type in kinds), site.scope)
    end = site.scope.end_byte if leave.startswith(b"return") else left.end_byte
    skipped = [each for each in uses.following if each.end_byte <= end]
    waited_for = teller(site.source, skipped, site.scope)
    if waited_for is not None:
        text = show(site.source.text(waited_for))
        raise RefusalError(f"Giving up early would skip `{text}`, for which somebody may wait.")
    if ended := bracket(site.source, statement, skipped, site.scope, {uses.null.place.key}):
        raise RefusalError(f"Giving up early would skip `{show(ended)}`, which ends what was begun before.")
    if leave.startswith(b"return") and (half := half_removed(uses, skipped)) is not None:
        text = show(site.source.text(half))
        raise RefusalError(f"Giving up early would skip `{text}`, which ends what was taken off a list before.")
    names = {site.source.text(each) for each in walk(uses.null.place.pointer) if each.type.endswith("identifier")}
    if undone := left_undone(site.source, [statement, *skipped], names, in_loop=left != site.scope):
        raise RefusalError(f"Giving up early would skip `{show(site.source.text(undone))}`, which others go by.")
    is_number = re2.fullmatch(rb"return -?[\d.]+\w?;", leave) is not None
    if is_number or leave in (b"return nullptr;", b"return {};"):
        other = other_answer(site, statement, uses.following, names)
        other = other or (other_returned(site, statement, uses.following, names) if is_number else None)
        if other is not None:
            raise RefusalError(f"`{show(site.source.text(other))}` counts without what is missing as well.")
    return leave


def half_removed(uses: Uses, skipped: Sequence[Node]) -> Node | None:
    """Return a skipped statement about what was taken off a list before: ``m_players.erase(guid)``."""
    site, own = uses.null.site, uses.null.place.key
    source, scope = site.source, site.scope
    taken = set[bytes]()
    for each in earlier_statements(uses.null.statement, scope):
        for call in of_type(each, "call_expression"):
            given = call.child_by_field_name("arguments")
            if strikes_out(source, [call], own) != call or given is None:
                continue
            names = {source.text(node) for node in of_type(given, "identifier")}
            values = [initial_value(source, name, call, scope) for name in names]
            taken |= names | {source.text(node) for value in values if value for node in _asked_for(value)}
    taken.discard(own)
    return next((each for each in skipped for name in taken if mentions(source, [each], name)), None)


def _asked_for(value: Node) -> list[Node]:
    """Return the names that a call is given: ``guid`` of ``m_players.find(guid)``."""
    given = value.child_by_field_name("arguments")
    return of_type(given, "identifier") if given is not None else []
