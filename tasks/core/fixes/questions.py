"""Which questions for a unit's state the conditions before a use leave open."""

import re2
from tree_sitter import Node

from tasks.core.fixes.calls import MethodCall, function_name
from tasks.core.fixes.expressions import operator_of
from tasks.core.fixes.guards import conditions, earlier_statements, is_asked
from tasks.core.fixes.site import Site
from tasks.core.fixes.syntax import Source, bare

IN_WORLD = b"IsInWorld"
TELEPORTED = b"IsBeingTeleported"

_OF_THE_CORE = re2.compile(
    rb"(?:\w+::)*(?:\w*Map|Player|Unit|Creature|WorldObject|Object|WorldSession|World|MapUpdater|\w*Grid\w*|Spell|Aura)"
)
"""Classes that bring players from map to map themselves, and know which of the questions they have to ask."""


def open_questions(site: Site, use: MethodCall, *, is_player: bool) -> list[bytes]:
    """Return the questions for the unit's state that nothing before the use answers as it must be."""
    wanted = {IN_WORLD: True, TELEPORTED: False} if is_player else {IN_WORLD: True}
    asked = [each for each in (IN_WORLD, TELEPORTED) if _is_asked(site, use, each)]
    if any(each in asked and not _is_answered(site, use, each, is_true=value) for each, value in wanted.items()):
        return []
    if asked and (not is_player or _OF_THE_CORE.fullmatch(function_name(site.source, site.scope).rpartition(b"::")[0])):
        return []
    return [each for each in wanted if each not in asked]


def unit_of(source: Source, use: MethodCall) -> bytes:
    """Return the unit as a question for its state begins: ``unit->``, or ``unit.`` for a reference."""
    function = use.node.child_by_field_name("function")
    is_own = function is not None and function.child_by_field_name("argument") == use.object
    operator = operator_of(function) if function is not None and is_own else "->"
    return source.text(use.object) + operator.encode()


def _is_asked(site: Site, use: MethodCall, question: bytes) -> bool:
    """Say whether a condition before the use asks, or an earlier statement of the function keeps the answer."""
    source, scope = site.source, site.scope
    asked = unit_of(source, use) + question
    earlier = [source.text(each) for each in earlier_statements(use.statement, scope) if each.type == "declaration"]
    return is_asked(source, use.node, scope, asked) or any(asked in each for each in earlier)


def _is_answered(site: Site, use: MethodCall, question: bytes, *, is_true: bool) -> bool:
    """Say whether the use is reached only with that answer to the question."""
    asked = unit_of(site.source, use) + question + b"()"
    return any(
        _proves(site.source, condition, asked, is_true=is_true, when=when)
        for condition, when in conditions(use.node, site.scope)
    )


def _proves(source: Source, condition: Node, asked: bytes, *, is_true: bool, when: bool) -> bool:
    """Say whether a condition that came out as ``when`` shows what was answered."""
    node = bare(condition)
    sides = [side for name in ("left", "right") if (side := node.child_by_field_name(name)) is not None]
    if operator_of(node) in ("&&", "||"):
        found = [_proves(source, side, asked, is_true=is_true, when=when) for side in sides]
        return any(found) if (operator_of(node) == "&&") == when else all(found)
    argument = node.child_by_field_name("argument")
    if operator_of(node) == "!" and argument is not None:
        return _proves(source, argument, asked, is_true=is_true, when=not when)
    return when == is_true and b"".join(source.text(node).split()) == b"".join(asked.split())
