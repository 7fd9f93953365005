"""Whether a statement, or one operand of a condition, can be left out while a pointer is null."""

from collections.abc import Sequence

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.exits import check_elements, check_lambda
from tasks.core.fixes.expressions import called_name, key_of, operator_of
from tasks.core.fixes.guards import is_assertion, is_conditional
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.success import is_count
from tasks.core.fixes.syntax import LOOPS, Source, ancestors, bare, of_type, own_nodes, walk
from tasks.core.fixes.turns import goes_on
from tasks.core.fixes.uses import Uses

_SETTER = re2.compile(rb"(?i)(?:set|bind|add|write|put|store)")
_HOLDERS = ("condition_clause", "init_declarator")
"""What a condition is the whole of."""

_APPENDS = re2.compile(rb"append|Write[A-Z]?\w*")


def check_skippable(uses: Uses) -> None:
    """
    Check that the statement does nothing but use the pointer.

    Raises:
        RefusalError: it is an assertion, does more, or only a part of it uses the pointer.
    """
    site, statement = uses.null.site, uses.null.statement
    expression = statement.named_children[0]
    if is_assertion(site.source, expression):
        raise RefusalError(f"{site} is an assertion: a test around it would take it out of use.")
    if expression.type == "comma_expression" or any(is_conditional(each.node, statement) for each in uses.own):
        raise RefusalError(f"Only a part of the statement at {site} goes through `{show(uses.null.place.key)}`.")
    for each in own_nodes(statement):
        is_inner = each.type == "update_expression" or (each.type == "assignment_expression" and each != expression)
        target = each.child_by_field_name("argument") or each.child_by_field_name("left")
        if is_inner and target is not None and not key_of(site.source, target).startswith(uses.null.place.key):
            raise RefusalError(f"Skipping the statement at {site} would also skip `{show(site.source.text(each))}`.")
    check_written(site, statement, uses.null.place.key)
    check_progress(uses)


def check_written(site: Site, statement: Node, but: bytes) -> None:
    """
    Check that a statement writes no element that others count on: of a packet, a prepared statement, parallel lists.

    What is written through the pointer ``but`` goes with it.

    Raises:
        RefusalError: others would stand at wrong places, or their number would be wrong.
    """
    source, expression = site.source, statement.named_children[0]
    target = _sequence(source, expression)
    if target is not None and not target.startswith(but):
        statements = of_type(site.scope, "expression_statement")
        others = (each.named_children[0] for each in statements if each != statement and each.named_children)
        if any(_sequence(source, each) == target for each in others):
            raise RefusalError(
                f"`{show(source.text(expression))}` at {site} is one of several values for `{show(target)}`: the"
                " others would stand at wrong places without it."
            )
    if (loop := enclosing_loop_of(statement, site.scope)) is not None:
        check_elements(site, loop, statement, [statement])
    else:
        check_lambda(site, statement, [statement])


def _sequence(source: Source, expression: Node) -> bytes | None:
    """Return the key of what an expression puts one value of a sequence into, or takes it from; None for others."""
    if operator_of(expression) in ("<<", ">>"):
        while operator_of(expression) in ("<<", ">>"):
            expression = expression.child_by_field_name("left") or expression
        is_shown = source.text(expression).rpartition(b":")[2] in (b"cout", b"cerr", b"clog")
        return None if is_shown else key_of(source, expression)
    function, arguments = (expression.child_by_field_name(name) for name in ("function", "arguments"))
    if function is None or arguments is None or function.type != "field_expression":
        return None
    is_numbered = len(arguments.named_children) > 1 and arguments.named_children[0].type == "number_literal"
    if _APPENDS.fullmatch(called_name(source, function)) and arguments.named_children:
        owner = function.child_by_field_name("argument")
        return key_of(source, owner) if owner is not None else None
    is_set = _SETTER.match(called_name(source, function)) is not None
    owner = function.child_by_field_name("argument")
    return key_of(source, owner) if is_numbered and is_set and owner is not None else None


def check_progress(uses: Uses) -> None:
    """
    Check that the loop around the statement still comes to its end.

    Raises:
        RefusalError: it may not.
    """
    check_progress_without(uses, uses.null.statement)


def check_progress_without(uses: Uses, skipped: Node | None) -> None:
    """
    Check that the loop around the statement still comes to its end without a part of it.

    Raises:
        RefusalError: it may not.
    """
    loop = enclosing_loop(uses)
    if loop is None or skipped is None:
        return
    if not goes_on(uses.null.site.source, loop, range(skipped.start_byte, skipped.end_byte)):
        raise RefusalError(f"Skipping the statement at {uses.null.site} could make the loop around it run for ever.")


def enclosing_loop(uses: Uses) -> Node | None:
    """Return the innermost loop around the statement within its function."""
    return enclosing_loop_of(uses.null.statement, uses.null.site.scope)


def enclosing_loop_of(statement: Node, scope: Node) -> Node | None:
    """Return the innermost loop around a statement within a function."""
    return next((each for each in ancestors(statement, scope) if each.type in LOOPS), None)


def is_counted_behind(site: Site, statement: Node, following: Sequence[Node]) -> bool:
    """Say whether all that follows a statement in its turn of a loop is to count it: ``++sent``."""
    loop, source = enclosing_loop_of(statement, site.scope), site.source
    if loop is None or statement.parent != loop.child_by_field_name("body"):
        return False
    rest = [each for each in following if each.end_byte <= loop.end_byte and each.type != "comment"]
    steps = [each.named_children[0] for each in rest if is_count(each)]
    counters = [each.child_by_field_name("argument") for each in steps if operator_of(each) == "++"]
    names = [source.text(each) for each in walk(loop) if each.type in ("identifier", "field_identifier")]
    return (
        bool(rest)
        and len(counters) == len(rest)
        and all(each is not None and names.count(called_name(source, each)) == 1 for each in counters)
    )


def tested_operand(uses: Uses, operator: str | None) -> Node:
    """
    Return the operand of the statement's condition that goes through the pointer, before which a test can stand.

    With ``operator``, ``&&`` or ``||``, a test joined by it also covers every other use in the condition.

    Raises:
        RefusalError: the condition is not made of ``&&`` and ``||`` alone, or one test would not cover it.
    """
    site, statement, place = uses.null.site, uses.null.statement, uses.null.place.node
    operand = place
    for parent in ancestors(place, statement):
        if parent.type in _HOLDERS or parent == statement or operator_of(parent) in ("&&", "||"):
            break
        operand = parent
    around = [each for each in ancestors(operand, statement) if each != statement and each.type not in _HOLDERS]
    joins = ("binary_expression", "parenthesized_expression")
    is_plain = all(each.type in joins and operator_of(each) in ("", "&&", "||") for each in around)
    if not is_plain or is_conditional(place, operand):
        raise RefusalError(f"The condition at {site} is not made of `&&` and `||` alone.")
    if operator is None:
        return operand
    choices = [operand, *(each for each in around if operator == "&&" and _all_use(uses, each))]
    for choice in choices:
        if _covers_all(uses, choice, operator):
            return choice
    raise RefusalError(f"One test of `{show(uses.null.place.key)}` does not cover the condition at {site}.")


def is_joined(uses: Uses) -> bool:
    """Say whether an operand of the statement's condition can take a test in, as ``tested_operand`` finds it."""
    try:
        return tested_operand(uses, "&&").parent is not None
    except RefusalError:
        return False


def _all_use(uses: Uses, node: Node) -> bool:
    """Say whether every operand of a condition joined by ``||`` goes through the pointer."""
    node = bare(node)
    if operator_of(node) in ("||", "&&"):
        sides = [node.child_by_field_name(name) for name in ("left", "right")]
        uses_pointer = [side is not None and _all_use(uses, side) for side in sides]
        return all(uses_pointer) if operator_of(node) == "||" else uses_pointer[0]
    return any(_holds(node, each.node) for each in uses.own)


def _covers_all(uses: Uses, operand: Node, operator: str) -> bool:
    """Say whether every use in the condition is in the operand, or behind it and reached only past its test."""
    covered = operand
    for each in ancestors(operand, uses.null.statement):
        if each.type not in ("binary_expression", "parenthesized_expression") or operator_of(each) not in (
            "",
            operator,
        ):
            break
        covered = each
    return all(
        _holds(operand, use.node) or (_holds(covered, use.node) and use.node.start_byte >= operand.end_byte)
        for use in uses.own
    )


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
