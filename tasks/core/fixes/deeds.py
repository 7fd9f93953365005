"""
What a statement does that the code around it counts on: it gives what was taken or paid for, or is told to be done.

Names are all there is to judge by.
"""

from collections.abc import Collection, Iterable, Iterator

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.declared import initial_value
from tasks.core.fixes.expressions import called_name, key_of
from tasks.core.fixes.guards import earlier_statements
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Source, of_type

PAYS = re2.compile(rb"ModifyMoney|TakeMoney|DestroyItem\w*|TakeReagents|(?:Spend|Consume|Pay|Charge)[A-Z]?\w*")
"""Calls that cost somebody something."""

_TAKES = re2.compile(rb"(?i)(?:take|remove|detach|pop|extract|withdraw|un_?equip|cut|move\w*from)\w*")
"""Calls by which something leaves the place where it was."""

_ASKS = re2.compile(rb"(?i)(?:is|has|can|get|find|count|contains)[A-Z]?\w*")
_GIVES = re2.compile(
    rb"(?:Give|Add|Store|Put|Reward|Teach|Learn|Offer|Deliver|Grant|Deposit|Receive|Restore|Return)[A-Z]?\w*"
)
_DONE = re2.compile(rb"(?:\w+::)*(?:\w*_)?(?:DONE|FINISHED|COMPLETED?|SENT|DELIVERED|Done|Finished|Completed?|Sent)")
_FLAG = re2.compile(
    rb"(?i)\w*(?:sent|done|told|finished|completed?|notified|delivered|synced|applied|greeted|announced)_?"
)


def check_deed(site: Site, statement: Node, key: bytes) -> None:
    """
    Check that a statement gives the object ``key`` nothing that was made for it, taken from somewhere, or paid for.

    Raises:
        RefusalError: it does, and that would be lost.
    """
    source, scope = site.source, site.scope
    earlier = list(earlier_statements(statement, scope))
    for call in of_type(statement, "call_expression"):
        function, given = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        owner = function.child_by_field_name("argument") if function is not None else None
        if function is None or owner is None or given is None or key_of(source, owner) != key:
            continue
        name = called_name(source, function)
        if _TAKES.fullmatch(name) or _ASKS.fullmatch(name):
            continue
        for each in of_type(given, "identifier", "field_expression"):
            if taken := _taken(source, each, earlier, scope):
                text = show(source.text(taken))
                raise RefusalError(f"What `{text}` made or took would be lost without the call at {site}.")
        if _GIVES.fullmatch(name) and (paid := next(paid_before(source, earlier), None)):
            raise RefusalError(f"`{show(source.text(paid))}` has paid for what the call at {site} gives.")


def told_done(source: Source, following: Iterable[Node]) -> Node | None:
    """Return a later assignment that says of a deed that it was done: ``m_sent = true``, ``step = STEP_DONE``."""
    for statement in following:
        for each in of_type(statement, "assignment_expression"):
            left, right = each.child_by_field_name("left"), each.child_by_field_name("right")
            if left is None or right is None:
                continue
            is_flag = right.type == "true" and _FLAG.fullmatch(called_name(source, left)) is not None
            if is_flag or _DONE.fullmatch(source.text(right)):
                return each
    return None


def _taken(source: Source, value: Node, earlier: Collection[Node], scope: Node) -> Node | None:
    """Return what made a value by ``new``, or took it from somewhere, before it is handed over."""
    name = source.text(value)
    made = initial_value(source, name, value, scope) if value.type == "identifier" else None
    function = made.child_by_field_name("function") if made is not None else None
    is_taken = function is not None and _TAKES.fullmatch(called_name(source, function)) is not None
    if made is not None and (made.type == "new_expression" or is_taken):
        return made
    for each in earlier:
        for call in of_type(each, "call_expression"):
            function, given = call.child_by_field_name("function"), call.child_by_field_name("arguments")
            is_given = given is not None and any(source.text(node) == name for node in given.named_children)
            if function is not None and is_given and _TAKES.fullmatch(called_name(source, function)):
                return call
    return None


def paid_before(source: Source, earlier: Iterable[Node]) -> Iterator[Node]:
    """Yield the calls among earlier statements that cost somebody something."""
    for statement in earlier:
        for call in of_type(statement, "call_expression") if statement.type == "expression_statement" else ():
            function = call.child_by_field_name("function")
            if function is not None and PAYS.fullmatch(called_name(source, function)):
                yield call
