"""
Whether a pointer is known at a place: what the conditions around it and the statements before it say.

Two levels: a pointer is *checked* where a condition says that it is not null, and *used* where an earlier statement
went through it, which is evidence only.
"""

from collections.abc import Iterator

from tree_sitter import Node

from tasks.core.fixes.expressions import dereferences, is_assigned, key_of, operator_of
from tasks.core.fixes.syntax import BLOCKS, LOOPS, Source, ancestors, bare, body_of, own_nodes, walk

_MAX_DEPTH = 40
_EXITS = frozenset({"return_statement", "continue_statement", "break_statement", "throw_statement", "goto_statement"})
_NO_RETURN = frozenset({b"abort", b"exit", b"_exit", b"quick_exit", b"terminate", b"unreachable"})
_NULLS = (b"nullptr", b"NULL", b"0")


def implies(source: Source, condition: Node, key: bytes, *, when: bool, depth: int = _MAX_DEPTH) -> bool:
    """Say whether a condition that came out as ``when`` proves that the pointer is not null."""
    node = bare(condition)
    argument = node.child_by_field_name("argument")
    if depth == 0:
        return False
    if node.type == "unary_expression" and operator_of(node) == "!" and argument is not None:
        return implies(source, argument, key, when=not when, depth=depth - 1)
    if node.type == "binary_expression":
        return _binary_implies(source, node, key, when=when, depth=depth - 1)
    if node.type == "declaration":
        declarator = node.child_by_field_name("declarator")
        return when and declarator is not None and source.text(declarator).lstrip(b"*& ").strip() == key
    left = node.child_by_field_name("left") if node.type == "assignment_expression" else None
    return when and key_of(source, left or node) == key


def _binary_implies(source: Source, node: Node, key: bytes, *, when: bool, depth: int) -> bool:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return False
    if operator_of(node) in ("&&", "||"):
        sides = [implies(source, side, key, when=when, depth=depth) for side in (left, right)]
        return any(sides) if (operator_of(node) == "&&") == when else all(sides)
    if operator_of(node) == ("!=" if when else "=="):
        tested = left if source.text(right) in _NULLS else right if source.text(left) in _NULLS else None
        return tested is not None and implies(source, tested, key, when=True, depth=depth)
    return False


def is_checked(source: Source, place: Node, key: bytes, scope: Node) -> bool:
    """Say whether the pointer was tested on every way to ``place`` within the function, and not assigned since."""
    return any(
        implies(source, condition, key, when=when) and not _is_assigned_since(source, condition, place, scope, key)
        for condition, when in conditions(place, scope)
    )


def asserting_line(source: Source, place: Node, key: bytes, scope: Node) -> int | None:
    """Return the line of an assertion before ``place`` that expects the pointer, for the explanation."""
    for statement in earlier_statements(place, scope):
        call = (
            statement.named_children[0]
            if statement.type == "expression_statement" and statement.named_children
            else None
        )
        if call is None or not is_assertion(source, call):
            continue
        arguments = call.child_by_field_name("arguments")
        if arguments is not None and any(implies(source, each, key, when=True) for each in arguments.named_children):
            return statement.start_point.row + 1
    return None


def is_assertion(source: Source, node: Node) -> bool:
    """Say whether an expression is the call of an assertion macro."""
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    return function is not None and b"assert" in source.text(function).lower()


def is_used_before(source: Source, place: Node, key: bytes, scope: Node, *, by_access: bool = False) -> bool:
    """
    Say whether a statement that always runs before ``place`` went through the pointer already.

    ``by_access`` counts only reads and writes: a method that does not touch its object runs on a null pointer as well.
    """
    before = [each for each in earlier_statements(place, scope) if each.type in ("expression_statement", "declaration")]
    tested = [condition for condition, _ in conditions(place, scope) if condition.end_byte <= place.start_byte]
    return any(
        found.key == key
        and not (by_access and found.node.parent is not None and found.node.parent.type == "call_expression")
        and not is_conditional(found.node, outer)
        and not _is_assigned_since(source, outer, place, scope, key)
        for outer in [*before, *tested]
        for found in dereferences(source, own_nodes(outer))
    )


def is_conditional(node: Node, outer: Node) -> bool:
    """Say whether a part of an expression may be left out: right of ``&&`` or ``||``, or a branch of ``?:``."""
    child = node
    for parent in ancestors(node):
        if operator_of(parent) in ("&&", "||") and parent.child_by_field_name("right") == child:
            return True
        if parent.type == "conditional_expression" and parent.child_by_field_name("condition") != child:
            return True
        if parent == outer:
            break
        child = parent
    return False


def exits(statement: Node | None) -> bool:
    """Say whether a statement always leaves its block: it returns, jumps, throws or aborts, or is a block ending so."""
    if statement is None:
        return False
    if statement.type == "compound_statement":
        inner = [child for child in statement.named_children if child.type != "comment"]
        return bool(inner) and inner[-1].type != "compound_statement" and exits(inner[-1])
    if statement.type == "expression_statement" and statement.named_children:
        function = statement.named_children[0].child_by_field_name("function")
        name = function.text if function is not None else None
        return name is not None and name.rpartition(b":")[2].lower() in _NO_RETURN
    return statement.type in _EXITS


def earlier_statements(place: Node, scope: Node) -> Iterator[Node]:
    """Yield the statements that always run before ``place``: earlier ones of its block and of the blocks around it."""
    child = place
    for parent in ancestors(place, scope):
        is_other_branch = parent.type.startswith("preproc") and parent.child_by_field_name("alternative") == child
        if parent.type in BLOCKS and child.type != "case_statement" and not is_other_branch:
            yield from (each for each in parent.named_children if each.end_byte <= child.start_byte)
        child = parent


def later_statements(place: Node, scope: Node) -> list[Node]:
    """
    Return the statements that can run after ``place``: later ones of its block and of the blocks around it.

    Behind a statement that always leaves, nothing follows; behind `break` and `continue` it goes on after the loop.
    """
    later: list[Node] = []
    child = place
    left: Node | None = place if exits(place) else None
    for parent in ancestors(place, scope):
        if parent.type in BLOCKS and left is None:
            for each in parent.named_children:
                if each.start_byte < child.end_byte or (
                    parent.type.startswith("preproc") and each.type == "preproc_else"
                ):
                    continue
                later.append(each)
                if exits(each):
                    left = each
                    break
        if parent.type in LOOPS or parent.type == "switch_statement":
            left = None if left is None or left.type in ("break_statement", "continue_statement") else left
        child = parent
    return later


def is_asked(source: Source, place: Node, scope: Node, question: bytes) -> bool:
    """Say whether a condition before ``place`` holds the question, such as ``b"player->IsInWorld("``, on every way."""
    wanted = b"".join(question.split())
    return any(wanted in b"".join(source.text(each).split()) for each, _ in conditions(place, scope))


def conditions(place: Node, scope: Node) -> Iterator[tuple[Node, bool]]:
    """Yield the conditions that were evaluated before ``place`` on every way, with how they came out."""
    child = place
    for parent in ancestors(place, scope):
        condition, left = parent.child_by_field_name("condition"), parent.child_by_field_name("left")
        if operator_of(parent) in ("&&", "||") and left is not None and parent.child_by_field_name("right") == child:
            yield left, operator_of(parent) == "&&"
        elif condition is not None and condition != child and parent.type != "do_statement":
            is_initial = child == parent.child_by_field_name("initializer")
            if not is_initial and parent.type not in ("switch_statement", "case_statement"):
                yield condition, parent.child_by_field_name("alternative") != child
        child = parent
    for statement in earlier_statements(place, scope):
        condition = statement.child_by_field_name("condition")
        if (
            statement.type == "if_statement"
            and condition is not None
            and exits(statement.child_by_field_name("consequence"))
        ):
            yield condition, False


def _is_assigned_since(source: Source, condition: Node, place: Node, scope: Node, key: bytes) -> bool:
    """Say whether the pointer may change between a condition and ``place``; a loop around only one runs it again."""
    start, end = condition.end_byte, place.start_byte
    body = body_of(scope)
    others = _other_branches(place, scope)
    for loop in ancestors(place, scope):
        if loop.type in LOOPS and loop.start_byte >= condition.end_byte:
            end, others = loop.end_byte, []
        if loop.type == "for_statement" and loop.child_by_field_name("condition") == condition:
            # The update runs before the condition is evaluated again.
            start = max(start, (loop.child_by_field_name("update") or condition).end_byte)
    return is_assigned(source, key, [body] if body is not None else [], range(start, end), others)


def _other_branches(place: Node, scope: Node) -> list[Node]:
    """Return the branches that did not run when ``place`` is in the `else` of their `if`."""
    child = place
    others: list[Node] = []
    for parent in ancestors(place, scope):
        if parent.child_by_field_name("alternative") == child:
            others += filter(None, [parent.child_by_field_name("consequence")])
        child = parent
    return others


def mentions(source: Source, nodes: list[Node], name: bytes) -> bool:
    """Say whether a name occurs among the nodes."""
    kinds = ("identifier", "field_identifier")
    return any(each.type in kinds and source.text(each) == name for node in nodes for each in walk(node))
