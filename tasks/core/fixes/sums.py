"""What else a returned number is made of: parts that have a value without what is missing."""

from collections.abc import Callable, Iterable

import re2
from tree_sitter import Node

from tasks.core.fixes.declared import is_local
from tasks.core.fixes.expressions import declared_name, operator_of
from tasks.core.fixes.guards import earlier_statements
from tasks.core.fixes.site import Site
from tasks.core.fixes.syntax import ancestors, bare, body_of, field, of_type, walk

_LITERALS = ("number_literal", "string_literal", "char_literal")
_ARITHMETIC = ("", "+", "-", "*", "/")
_BOUNDS = re2.compile(rb"(?:std::)?(?:max|clamp)(?:<[^()]*>)?")
"""Functions whose value is never less than one of what they are given."""


def other_part(site: Site, value: Node, place: Node, is_used: Callable[[Node], bool]) -> Node | None:
    """
    Return a part of an arithmetic expression beside a place in it; ``is_used`` says what hangs on what is missing.

    A number that is only added to the whole is no such part, one that is scaled with the place is.
    """
    around = [*ancestors(place, value)] if place != value else []
    for index, each in enumerate(around):
        sides = [field(each, "left"), field(each, "right")]
        if operator_of(each) in ("+", "-") and each.type == "binary_expression":
            is_scaled = any(operator_of(outer) in ("*", "/") for outer in around[index:])
            others = [side for side in sides if side is not None and not is_used(side)]
            if others and (is_scaled or others[0].type not in _LITERALS):
                return others[0]
        function, given = field(each, "function"), each.child_by_field_name("arguments")
        if function is None or given is None or not _BOUNDS.fullmatch(site.source.text(function)):
            continue
        if others := [each for each in given.named_children if not is_used(each)]:
            return others[0]
    return None


def summand(value: Node, place: Node) -> Node | None:
    """
    Return the operand of a sum in which a place stands, where zero for it leaves the rest of the expression right.

    None where the place is subtracted from, or where anything but arithmetic stands around the sum.
    """
    node = place
    around = list(ancestors(place, value))
    for index, each in enumerate(around):
        if each.type == "binary_expression" and operator_of(each) in ("+", "-"):
            is_right = field(each, "right") == node or each.child_by_field_name("right") == node
            plain = ("binary_expression", "parenthesized_expression", "return_statement")
            is_plain = all(outer.type in plain and operator_of(outer) in _ARITHMETIC for outer in around[index + 1 :])
            return node if is_plain and (is_right or operator_of(each) == "+") else None
        node = each
    return None


def other_returned(site: Site, statement: Node, following: Iterable[Node], names: Iterable[bytes]) -> Node | None:
    """
    Return what a number that is returned later is made of as well, beside the ``names`` and what comes of them.

    That is another operand of a sum, or what a variable held before the statement.
    """
    source, missing = site.source, set(names)
    known = set(missing)

    def is_used(node: Node) -> bool:
        return any(source.text(each) in known for each in walk(node) if each.type.endswith("identifier"))

    for each in (statement, *following):
        value = bare(each.named_children[0]) if each.type == "return_statement" and each.named_children else None
        if value is None:
            for given in of_type(each, "init_declarator", "assignment_expression"):
                target = field(given, "declarator") or field(given, "left")
                named = declared_name(target) if target is not None else None
                if named is not None and is_used(given):
                    known.add(source.text(named))
            continue
        for leaf in walk(value):
            if leaf.type != "identifier" or source.text(leaf) not in known:
                continue
            if (part := other_part(site, each, leaf, is_used)) is not None:
                return part
            name = source.text(leaf)
            if name not in missing and (held := _held_before(site, statement, name)) is not None:
                return held
    return None


def other_answer(site: Site, statement: Node, following: Iterable[Node], names: Iterable[bytes]) -> Node | None:
    """Return what a function calls for its last answer without the ``names`` or what comes of them: its fallback."""
    source, known = site.source, set(names)
    last = None
    for each in (statement, *following):
        for given in of_type(each, "init_declarator", "assignment_expression", "for_range_loop"):
            target = field(given, "declarator") or field(given, "left")
            named = declared_name(target) if target is not None else None
            if named is not None and any(source.text(leaf) in known for leaf in _leaves(given)):
                known.add(source.text(named))
        last = each
    body = body_of(site.scope)
    is_last = last is not None and last.type == "return_statement" and last.parent == body and last.named_children
    value = bare(last.named_children[0]) if is_last and last is not None else None
    if value is None or value.type != "call_expression" or value == statement:
        return None
    return None if any(source.text(leaf) in known for leaf in _leaves(value)) else value


def _leaves(node: Node) -> list[Node]:
    return of_type(node, "identifier", "field_identifier")


def _held_before(site: Site, statement: Node, name: bytes) -> Node | None:
    """Return what gave a variable a value before a statement, other than a plain number where it is declared."""
    source, scope = site.source, site.scope
    if not is_local(source, name, statement, scope):
        return None
    for each in earlier_statements(statement, scope):
        for node in of_type(each, "init_declarator", "assignment_expression"):
            target = field(node, "declarator") or field(node, "left")
            value = field(node, "value") or field(node, "right")
            is_same = target is not None and source.text(declared_name(target) or target) == name
            if is_same and value is not None and value.type not in _LITERALS:
                return node
    return None
