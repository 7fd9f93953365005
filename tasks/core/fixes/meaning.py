"""
What a null pointer means for a condition that goes through it, where the code behind does not go through it again.

Mostly that the condition does not hold. But null must not pass a check, be chosen from several, or end a search as what
was looked for.
"""

from typing import Literal

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.answers import own_failure, source_of
from tasks.core.fixes.declared import is_declared_within
from tasks.core.fixes.expressions import called_name, key_of, operator_of
from tasks.core.fixes.guards import exits, is_checked, is_conditional
from tasks.core.fixes.reliance import LOG
from tasks.core.fixes.skipping import enclosing_loop, tested_operand
from tasks.core.fixes.success import claims_success
from tasks.core.fixes.syntax import ancestors, bare, of_type, statements, walk
from tasks.core.fixes.turns import changed_in, goes_on
from tasks.core.fixes.uses import Uses

Meaning = Literal["true", "false", "leave"]
"""How the condition comes out, or that the function, or the turn of the loop, ends before it."""

_TELLING = re2.compile(rb"(?i)send|tell|say|whisper|yell|notif|error|fail|report|print|chat|out\b|message|log")
"""Functions by which a body says why it leaves."""

_NO = (b"nullptr", b"NULL", b"false")
_NOT_FOUND = re2.compile(rb"(?:\w+::)*npos|.*\b(?:c?end|npos)\(\)|(?:std::)?c?end\(.*\)|-1")
"""What a search returns that has found nothing."""


def meaning(uses: Uses) -> Meaning:
    """
    Say what null means for the condition of an `if` without an `else`.

    Where the body does more than leave, such as to tell of another error, the function leaves before it.

    Raises:
        RefusalError: both could be meant.
    """
    chosen = _meaning(uses)
    body = uses.null.statement.child_by_field_name("consequence")
    steps = [each for each in body.named_children if each.type != "comment"] if body is not None else []
    does_more = body is not None and body.type == "compound_statement" and len(steps) > 1
    is_certain = not is_conditional(uses.null.place.node, uses.null.statement)
    answer = source_of(uses.null.site.source, _last(body)) if does_more else b""
    is_plain = answer in (b"", b"false", b"nullptr")
    if chosen != "true":
        return chosen
    loop, statement = enclosing_loop(uses), uses.null.statement
    is_next = body is not None and _last(body).type == "continue_statement"
    if loop is not None and is_next and not _goes_on(uses, loop):
        if does_more and not _is_negative(uses, tested_operand(uses, None)) and not _is_kept(uses):
            # The body steps the loop in its own way, and so does what runs without it.
            return "false"
        raise RefusalError(
            f"Leaving the turn at line {statement.start_point.row + 1} could make the loop run for ever."
        )
    if does_more and not is_certain and any(_acts(uses, each) for each in steps[:-1]):
        raise RefusalError(f"Whether null means true or false for the condition at {uses.null.site} is not known.")
    return "leave" if does_more and is_certain and is_plain else "true"


def _acts(uses: Uses, step: Node) -> bool:
    """Say whether a step does more than to tell somebody why nothing is done, and to declare what it tells."""
    source = uses.null.site.source
    called = (each.child_by_field_name("function") for each in of_type(step, "call_expression"))
    is_told = any(each is not None and _TELLING.search(called_name(source, each)) for each in called)
    return step.type != "declaration" and not is_told and not LOG.match(source.text(step))


def _goes_on(uses: Uses, loop: Node) -> bool:
    statement = uses.null.statement
    return goes_on(uses.null.site.source, loop, range(statement.start_byte, loop.end_byte), statement)


def _meaning(uses: Uses) -> Meaning:
    source, statement = uses.null.site.source, uses.null.statement
    body = statement.child_by_field_name("consequence")
    is_negative = _is_negative(uses, tested_operand(uses, None))
    is_plain = operator_of(bare(tested_operand(uses, None))) != "!"
    answer = source_of(source, _last(body)) if exits(body) else b""
    if enclosing_loop(uses) is None and (passed := _passed(uses, body, answer)) is not None:
        return passed
    if not exits(body):
        if not is_plain and not uses.below(body):
            raise RefusalError(f"Whether null means true or false for the condition at {uses.null.site} is not known.")
        return "false"
    is_needed = bool(uses.needed_below(body))
    if _last(body).type == "continue_statement" and _is_element(uses):
        is_certain = not is_conditional(uses.null.place.node, statement)
        return "leave" if is_needed or (not is_certain and _is_kept(uses)) else "true"
    if is_needed and not is_plain:
        raise RefusalError(f"Whether null means true or false for the condition at {uses.null.site} is not known.")
    if is_needed or answer == b"true":
        return "false" if is_plain or is_needed else "true"
    behind = [each for each in uses.following if not exits(each)]
    operators = {operator_of(node) for node in walk(tested_operand(uses, None))}
    if _last(body).type == "return_statement" and not answer and behind and operators & {"<", ">", "<=", ">="}:
        raise RefusalError(f"Whether null means true or false for the condition at {uses.null.site} is not known.")
    is_value = answer not in (b"", b"false", b"nullptr", b"0")
    return "true" if is_negative or (_is_kept(uses) and not is_value) else "false"


def _passed(uses: Uses, body: Node | None, answer: bytes) -> Meaning | None:
    """Say what null means where the function tells of success behind the condition; None where it does not."""
    site, following = uses.null.site, uses.following
    if claims_success(site, following) is not None:
        return "true" if answer and answer == own_failure(site.source, site.scope) else "leave"
    ends = [source_of(site.source, each) for each in following if each.type == "return_statement"]
    kind = site.scope.child_by_field_name("type")
    if body is None or kind is None or site.source.text(kind) != b"bool" or ends[-1:] != [b"true"]:
        return None
    returned = [source_of(site.source, each) for each in statements(body) if each.type == "return_statement"]
    if answer == b"false" and len(returned) == 1:
        return "leave" if uses.needed_below(body) else "true"
    return "leave" if b"false" in returned else None


def goes_through(uses: Uses) -> bool:
    """
    Say whether null lets a search go on: `while (i < n && a[i]->id != id) ++i;`.

    There the end of the loop says that the element was found, and each turn looks at another one.
    """
    statement, source = uses.null.statement, uses.null.site.source
    operand = tested_operand(uses, None)
    is_bounded = any(operator_of(each) == "&&" for each in ancestors(operand, statement))
    body = statement.child_by_field_name("body")
    if not is_bounded or not _is_negative(uses, operand) or uses.needed_below(body):
        return False
    names = {source.text(each) for each in walk(uses.null.place.pointer) if each.type == "identifier"}
    return bool(names & changed_in(source, statement))


def is_waiting(uses: Uses) -> bool:
    """
    Say whether a loop only waits for what its pointer tells: `while (!p->IsReady()) Sleep(50);`.

    Behind it null would count as ready.
    """
    body = uses.null.statement.child_by_field_name("body")
    return bool(uses.following) and not uses.needed_below(body) and _is_negative(uses, tested_operand(uses, None))


def is_false_without(uses: Uses) -> bool:
    """
    Say whether null may count as false, where a function returns `a && p->f()` or `a || p->f()`.

    So it may for a variable that is declared with such a value.
    """
    site, statement = uses.null.site, uses.null.statement
    is_declared = statement.type == "declaration"
    kind = (statement if is_declared else site.scope).child_by_field_name("type")
    if statement.type not in ("return_statement", "declaration") or kind is None or site.source.text(kind) != b"bool":
        return False
    if not is_declared and own_failure(site.source, site.scope) == b"true":
        return False
    kinds = ("parenthesized_expression", "init_declarator")
    around = [each for each in ancestors(uses.null.place.node, statement) if each.type not in kinds]
    join = operator_of(around[-2]) if len(around) > 1 else ""
    if join not in ("&&", "||"):
        return False
    # Where each of several operands must hold, one that asks for something of the object decides.
    asking = [each.node for each in uses.own] if join == "&&" else []
    operands = [tested_operand(uses, None), *(_operand(each, statement) for each in asking)]
    return not all(_is_negative(uses, each) for each in operands)


def _operand(node: Node, statement: Node) -> Node:
    for parent in ancestors(node, statement):
        if parent == statement or operator_of(parent) in ("&&", "||"):
            break
        node = parent
    return node


def _is_negative(uses: Uses, operand: Node) -> bool:
    """Say whether an operand of a condition holds where something is missing or differs."""
    node = bare(operand)
    right = node.child_by_field_name("right")
    text = uses.null.site.source.text(right) if right is not None else b""
    is_nothing = text in _NO or _NOT_FOUND.fullmatch(text) is not None
    if operator_of(node) == "!=":
        return not is_nothing and text != b"0"
    return operator_of(node) == "!" or (operator_of(node) == "==" and is_nothing)


def _last(body: Node | None) -> Node:
    assert body is not None
    inner = [each for each in body.named_children if each.type != "comment"]
    return inner[-1] if body.type == "compound_statement" and inner else body


def _is_element(uses: Uses) -> bool:
    """Say whether the pointer is one of those that the loop around goes over."""
    loop, source, place = enclosing_loop(uses), uses.null.site.source, uses.null.place.pointer
    names = [each for each in walk(place) if each.type == "identifier"]
    return loop is not None and any(is_declared_within(source, source.text(each), each, loop) for each in names)


def _is_kept(uses: Uses) -> bool:
    """Say whether a later statement uses the value of the pointer, untested: keeps it, compares it."""
    site, key = uses.null.site, uses.null.place.key
    return any(
        node.type == uses.null.place.pointer.type
        and key_of(site.source, node) == key
        and not is_checked(site.source, node, key, site.scope)
        for each in uses.following
        if each.type != "return_statement"
        and not uses.is_assigned_in(range(uses.null.statement.end_byte, each.start_byte))
        for node in walk(each, lambda node: node.type != "lambda_expression")
    )
