"""
How a function can give up early at a place, where its language and its purpose allow that.

The rule prefers the smallest step back: the next turn of the loop, the end of the `switch`, then a return with the
value that stands for nothing. What would have to be cleaned up, or has no such value, is refused.
"""

from collections.abc import Sequence

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.answers import giving_up
from tasks.core.fixes.declared import is_local, is_parameter
from tasks.core.fixes.deeds import PAYS
from tasks.core.fixes.expressions import called_name, operator_of
from tasks.core.fixes.guards import earlier_statements, later_statements
from tasks.core.fixes.reliance import MEMBER
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import LOOPS, ancestors, statement_of, walk
from tasks.core.fixes.turns import announced, goes_on, halfway, measured, step_behind, unpaired

_RELEASES = re2.compile(rb"(?i)(un_?lock|release|commit|rollback|leave_?critical)\w*|f?close|closesocket|free|leave")


def exit_before(site: Site, statement: Node) -> bytes:
    """
    Return the statement that gives up just before ``statement``: ``continue;``, ``break;``, ``return false;``.

    Raises:
        RefusalError: no exit is right there; the text says why.
    """
    child = statement
    for parent in ancestors(statement, site.scope):
        if _is_macro_block(parent, site.scope):
            raise RefusalError("The statement is in the block of a macro, and what leaving it means is not known.")
        if parent.type in LOOPS and child == parent.child_by_field_name("body"):
            _check_releases(site, statement, parent)
            _check_turn(site, statement, parent)
            return b"continue;"
        if parent.type == "case_statement" and _ends_in_break(parent):
            _check_releases(site, statement, parent)
            return b"break;"
        child = parent
    _check_releases(site, statement, site.scope)
    _check_given(site, statement)
    _check_booked(site, statement)
    skipped = [statement, *later_statements(statement, site.scope)]
    check_lambda(site, statement, skipped)
    return giving_up(site, statement)


def _check_given(site: Site, statement: Node) -> None:
    """Refuse to return where something that is not the function's own would be left half written."""
    source, scope = site.source, site.scope
    begun = halfway(
        source, list(earlier_statements(statement, scope)), [statement, *later_statements(statement, scope)]
    )
    owner = next((each for each in walk(begun) if each.type == "identifier"), None) if begun is not None else None
    if begun is None or owner is None:
        return
    name = source.text(owner)
    if not is_local(source, name, statement, scope) or is_parameter(source, name, statement, scope):
        raise RefusalError(f"`{show(source.text(begun))}` has begun to write already, and the rest would be missing.")


def check_lambda(site: Site, statement: Node, skipped: Sequence[Node]) -> None:
    """
    Check that a lambda which is called for each of several elements does its part without some statements.

    Raises:
        RefusalError: it steps what goes along with the elements, or their number was told before.
    """
    source, scope = site.source, site.scope
    outer = next((each for each in ancestors(scope) if each.type in ("function_definition", "lambda_expression")), None)
    whole = statement_of(scope) if scope.type == "lambda_expression" else None
    if outer is None or whole is None:
        return
    step = step_behind(source, scope, statement)
    if step is not None and step in skipped:
        raise RefusalError(f"Leaving the lambda early would skip `{show(source.text(step))}`.")
    if told := announced(source, whole, skipped, outer):
        raise RefusalError(f"`{show(source.text(told))}` says how many elements follow, so none may be left out.")


def _check_booked(site: Site, statement: Node) -> None:
    """Refuse to tell the caller of a failure where a member was already counted up or down for the success."""
    kind = site.scope.child_by_field_name("type")
    if kind is None or site.source.text(kind) == b"void":
        return
    for each in earlier_statements(statement, site.scope):
        step = each.named_children[0] if each.type == "expression_statement" and each.named_children else None
        left = step.child_by_field_name("left") if step is not None and operator_of(step) in ("+=", "-=") else None
        function = step.child_by_field_name("function") if step is not None else None
        is_paid = function is not None and PAYS.fullmatch(called_name(site.source, function)) is not None
        if is_paid:
            raise RefusalError(
                f"`{show(site.source.text(each))}` has been paid already, and a failure would not give it back."
            )
        if left is not None and MEMBER.fullmatch(called_name(site.source, left)):
            raise RefusalError(
                f"`{show(site.source.text(each))}` has been done already, and a failure would not undo it."
            )


def _check_turn(site: Site, statement: Node, loop: Node) -> None:
    """Refuse to leave a turn of a loop where the others need what it would skip."""
    source, span = site.source, range(statement.start_byte, loop.end_byte)
    if not goes_on(source, loop, span, statement):
        raise RefusalError("Leaving this turn of the loop early could make it run for ever.")
    if step := step_behind(source, loop, statement):
        raise RefusalError(f"Leaving this turn of the loop early would skip `{show(source.text(step))}`.")
    skipped = [statement, *(each for each in later_statements(statement, loop) if each.end_byte <= loop.end_byte)]
    turn = [each for each in earlier_statements(statement, loop) if each.start_byte > loop.start_byte]
    if begun := halfway(source, turn, skipped):
        raise RefusalError(f"`{show(source.text(begun))}` has begun an element already, which would stay half written.")
    check_elements(site, loop, statement, skipped)


def check_elements(site: Site, loop: Node, statement: Node, skipped: Sequence[Node]) -> None:
    """
    Check that others do not count on the elements that skipped statements of a loop write.

    Raises:
        RefusalError: their number was told before, or another list gets its element all the same.
    """
    source = site.source
    if other := unpaired(source, loop, statement, skipped):
        raise RefusalError(f"`{show(source.text(other))}` gives another list its element, and the two go together.")
    if listed := measured(source, skipped, site.scope):
        raise RefusalError(f"The size of `{show(listed)}` is compared, so no element of it may be left out.")
    if told := announced(source, loop, skipped, site.scope):
        raise RefusalError(
            f"`{show(source.text(told))}` says how many elements the loop writes, so none may be left out."
        )


def _is_macro_block(block: Node, scope: Node) -> bool:
    """Say whether a block belongs to a macro: the parser takes it for a function, or for the block of a broken call."""
    before = block.prev_named_sibling if block.type == "compound_statement" else None
    is_nested = block.type == "function_definition" and block != scope
    return is_nested or (before is not None and before.type == "expression_statement" and before.has_error)


def _ends_in_break(case: Node) -> bool:
    last = case.named_children[-1]
    if last.type == "compound_statement" and last.named_children:
        last = last.named_children[-1]
    return last.type == "break_statement"


def _check_releases(site: Site, statement: Node, left: Node) -> None:
    """Refuse to leave where a later statement gives something back that an early exit would keep."""
    for later in later_statements(statement, site.scope):
        for node in walk(later) if later.end_byte <= left.end_byte else ():
            function = node.child_by_field_name("function") if node.type == "call_expression" else None
            name = called_name(site.source, function) if function is not None else b""
            if node.type == "delete_expression" or _RELEASES.fullmatch(name):
                raise RefusalError(f"Leaving early would skip `{show(site.source.text(node))}`.")
