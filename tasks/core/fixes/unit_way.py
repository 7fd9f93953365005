"""Whether a unit is on its way when it is used: just made, about to be brought in or taken out, or half set up."""

from collections.abc import Iterator

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.calls import method_calls
from tasks.core.fixes.declared import initial_value
from tasks.core.fixes.deeds import paid_before
from tasks.core.fixes.expressions import called_name, key_of
from tasks.core.fixes.guards import earlier_statements, later_statements
from tasks.core.fixes.presence import MOVING, PASSING
from tasks.core.fixes.site import show
from tasks.core.fixes.syntax import Source, field, of_type
from tasks.core.fixes.unit_use import UnitUse

_ENTERS = re2.compile(rb"Add\w*To(?:Map|World)\w*")
_ON_ITS_WAY = re2.compile(rb"SetMap|ResetMap|LoadFromDB|Create|RemoveFromWorld|CleanupsBeforeDelete")


def check_settled(use: UnitUse) -> None:
    """Refuse where an earlier step of the function made the unit, or began to bring it in or to take it out."""
    source, scope = use.site.source, use.site.scope
    value = initial_value(source, use.call.key, use.call.node, scope)
    if value is not None and value.type == "new_expression":
        raise RefusalError(f"`{show(use.unit)}` was just made before {use}, and is not in the world yet.")
    earlier = [call for each in earlier_statements(use.statement, scope) for call in method_calls(source, each)]
    added = any(_ENTERS.fullmatch(call.name) for call in earlier)
    steps = [call for call in method_calls(source, scope) if call.node.start_byte > use.statement.end_byte]
    if entering := next((call for call in steps if _ENTERS.fullmatch(call.name)), None):
        shown = show(source.text(entering.node))
        raise RefusalError(
            f"`{shown}` in another step of the function brings a unit in that is not there yet at {use}."
        )
    later = later_statements(use.statement, scope)
    if moved := next((call for each in later for call in _moving_calls(source, each)), None):
        raise RefusalError(f"`{show(source.text(moved))}` behind {use} shows that the unit is on its way.")
    if taken := _taken_off(use):
        raise RefusalError(f"`{show(source.text(taken))}` takes off before {use} what is put on again there.")
    if paid := next(paid_before(source, earlier_statements(use.statement, scope)), None):
        raise RefusalError(f"`{show(source.text(paid))}` has paid for what is done at {use}.")
    for each in earlier_statements(use.statement, scope):
        if each.type == "expression_statement" and _sets_member(source, each, use.call.key):
            raise RefusalError(f"`{show(source.text(each))}` before {use} has begun what would stay half done.")
    for call in earlier:
        if call.key == use.call.key and _ON_ITS_WAY.fullmatch(call.name) and not added:
            raise RefusalError(f"`{show(source.text(call.node))}` before {use} shows that the unit is on its way.")


def _taken_off(use: UnitUse) -> Node | None:
    """Return the call before the use that takes off the unit what the use puts on again: the same aura."""
    source, scope = use.site.source, use.site.scope
    given = {source.text(each) for each in use.call.arguments} - {source.text(use.call.object)}
    for each in earlier_statements(use.statement, scope):
        for call in method_calls(source, each):
            is_taking = call.key == use.call.key and call.name.startswith(b"Remove")
            if is_taking and any(source.text(argument) in given for argument in call.arguments):
                return call.node
    return None


def _sets_member(source: Source, statement: Node, unit: bytes) -> bool:
    """Say whether a statement gives a member of the unit a value: ``bot->duel = ...``."""
    assigned = statement.named_children[0] if statement.named_children else None
    left = field(assigned, "left") if assigned is not None and assigned.type == "assignment_expression" else None
    owner = field(left, "argument") if left is not None and left.type == "field_expression" else None
    return owner is not None and key_of(source, owner) == unit


def _moving_calls(source: Source, statement: Node) -> Iterator[Node]:
    """Yield the calls of a later statement that are made for a unit which is on its way, or bring it elsewhere."""
    for each in of_type(statement, "call_expression"):
        name = called_name(source, each.child_by_field_name("function") or each)
        if PASSING.fullmatch(name) or (statement.type == "expression_statement" and MOVING.fullmatch(name)):
            yield each
