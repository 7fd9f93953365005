"""
How a function can give up early at a place, where its language and its purpose allow that.

The rule prefers the smallest step back: the next turn of the loop, the end of the `switch`, then a return with the
value that stands for nothing. What would have to be cleaned up, or has no such value, is refused.
"""

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.expressions import called_name
from tasks.core.fixes.guards import exits, later_statements
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import LOOPS, Source, ancestors, own_nodes, statements, walk

_ZERO = frozenset(
    f"{sign}{size}{suffix}".encode() for sign in ("int", "uint") for size in (8, 16, 32, 64) for suffix in ("", "_t")
) | {b"int", b"char", b"short", b"long", b"float", b"double", b"size_t", b"time_t", b"ssize_t", b"ptrdiff_t"}
_EMPTY = frozenset(
    f"std::{name}".encode()
    for name in (
        *("string", "wstring", "string_view", "vector", "list", "deque", "array", "map", "set", "multimap", "multiset"),
        *("unordered_map", "unordered_set", "optional", "pair", "tuple", "span", "bitset", "queue", "stack"),
    )
)
_POINTERS = (b"std::unique_ptr", b"std::shared_ptr")
_RELEASES = re2.compile(rb"(?i)(un_?lock|release|commit|rollback|leave_?critical)\w*|f?close|closesocket|free|leave")
_PROGRESS = (b"next", b"pop", b"fetch", b"read", b"try", b"wait", b"poll", b"recv", b"advance", b"getline")


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
            if not goes_on(site.source, parent, range(statement.start_byte, parent.end_byte)):
                raise RefusalError("Leaving this turn of the loop early could make it run for ever.")
            return b"continue;"
        if parent.type == "case_statement" and _ends_in_break(parent):
            _check_releases(site, statement, parent)
            return b"break;"
        child = parent
    _check_releases(site, statement, site.scope)
    return _return(site.source, site.scope)


def goes_on(source: Source, loop: Node, skipped: range) -> bool:
    """
    Say whether a loop comes closer to its end in a turn that leaves out the statements in a span of bytes.

    It does by a range or an update in its head, or when its condition moves something. A condition that only looks
    needs another statement that changes what it looks at, and an endless loop one that leaves it.
    """
    if loop.type == "for_range_loop" or loop.child_by_field_name("update") is not None:
        return True
    condition = loop.child_by_field_name("condition")
    looked_at = list(walk(condition)) if condition is not None else []
    if any(_moves(source, node) for node in looked_at):
        return True
    seen = {source.text(node) for node in looked_at if node.type in ("identifier", "field_identifier")}
    others = [each for each in statements(loop) if each.start_byte not in skipped and each != loop]
    if not seen:
        return any(exits(each) for each in others)
    kinds = ("assignment_expression", "update_expression", "call_expression")
    changes = [node for each in others for node in own_nodes(each) if node.type in kinds]
    return any(source.text(name) in seen for node in changes for name in walk(node) if name.type == "identifier")


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


def _moves(source: Source, node: Node) -> bool:
    if node.type in ("assignment_expression", "update_expression", "declaration"):
        return True
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    return function is not None and called_name(source, function).lower().startswith(_PROGRESS)


def _check_releases(site: Site, statement: Node, left: Node) -> None:
    """Refuse to leave where a later statement gives something back that an early exit would keep."""
    for later in later_statements(statement, site.scope):
        for node in walk(later) if later.end_byte <= left.end_byte else ():
            function = node.child_by_field_name("function") if node.type == "call_expression" else None
            name = called_name(site.source, function) if function is not None else b""
            if node.type == "delete_expression" or _RELEASES.fullmatch(name):
                raise RefusalError(f"Leaving early would skip `{show(site.source.text(node))}`.")


def _return(source: Source, scope: Node) -> bytes:
    if any(node.type.startswith("co_") for node in walk(scope)):
        raise RefusalError("The function is a coroutine, which has no plain return.")
    declarator = scope.child_by_field_name("declarator")
    if scope.type == "lambda_expression":
        return _lambda_return(source, scope, declarator)
    if declarator is None or any(node.type == "destructor_name" for node in walk(declarator)):
        raise RefusalError("The function is a destructor: what follows must run.")
    kind = scope.child_by_field_name("type")
    if kind is None and declarator.type == "function_declarator":
        return b"return;"
    return _value_of(source, kind, declarator)


def _lambda_return(source: Source, scope: Node, declarator: Node | None) -> bytes:
    if declarator is not None and any(each.type == "trailing_return_type" for each in declarator.named_children):
        return _value_of(source, None, declarator)
    returns = [each for each in statements(scope) if each.type == "return_statement"]
    if any(each.named_children for each in returns):
        raise RefusalError("The lambda does not say what type it returns.")
    return b"return;"


def _value_of(source: Source, kind: Node | None, declarator: Node) -> bytes:
    """Return the `return` with the value that stands for nothing in the declared type."""
    forms = []
    node: Node | None = declarator
    while node is not None and node.type not in ("function_declarator", "abstract_function_declarator"):
        forms.append(node.type)
        node = node.child_by_field_name("declarator") or (node.named_children[-1] if node.named_children else None)
    trailing = [each for each in node.named_children if each.type == "trailing_return_type"] if node is not None else []
    if trailing and trailing[0].named_children:
        described = trailing[0].named_children[0]
        kind = described.child_by_field_name("type")
        forms = [each.type for each in walk(described) if each.type.startswith("abstract_")]
    spelled = source.text(kind) if kind is not None else b""
    plain = b" ".join(spelled.partition(b"<")[0].split()).removeprefix(b"::")
    if any("reference" in form for form in forms):
        raise RefusalError("The function returns a reference, and nothing stands for no object.")
    if any("pointer" in form for form in forms) or plain in _POINTERS:
        return b"return nullptr;"
    if plain == b"void":
        return b"return;"
    if plain == b"bool":
        return b"return false;"
    is_number = kind is not None and kind.type == "sized_type_specifier"
    if is_number or plain.removeprefix(b"std::") in _ZERO:
        return b"return 0;"
    if plain in _EMPTY:
        return b"return {};"
    raise RefusalError(
        f"The function returns `{show(spelled or b'auto')}`, and which of its values means nothing is not known."
    )
