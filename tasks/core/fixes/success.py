"""What a function that goes on without a statement would tell its caller: that all went well, or what it gave out."""

from collections.abc import Iterable

import re2
from tree_sitter import Node

from tasks.core.fixes.answers import DONE, is_plain_kind, own_failure, returned, source_of
from tasks.core.fixes.declared import declared_type, is_parameter
from tasks.core.fixes.expressions import called_name
from tasks.core.fixes.guards import later_statements
from tasks.core.fixes.site import Site
from tasks.core.fixes.syntax import LOOPS, Source, ancestors, of_type, walk

_NO_ERROR = re2.compile(rb"(?i)(?:.*(?:_|::))?none|0|\{\}")
_STATUS = re2.compile(rb"(?i)\w*(?:result|error|status|failure|reason|code)\w*")
_WAITS = re2.compile(rb"Set\w*(?:Delay|Timer|Cooldown)\w*")


def claims_success(site: Site, following: Iterable[Node]) -> Node | None:
    """
    Return the `return` behind a place that tells the caller of success by a status; None in a function without one.

    A status is a value of a type of its own, such as ``InventoryResult``, or a number with a name: ``EQUIP_ERR_OK``.
    """
    kind = site.scope.child_by_field_name("type")
    declarator = site.scope.child_by_field_name("declarator")
    is_plain = kind is not None and is_plain_kind(site.source, kind)
    is_number = is_plain and kind is not None and site.source.text(kind) not in (b"void", b"bool", b"auto")
    if kind is None or declarator is None or declarator.type != "function_declarator":
        return None
    if is_plain and not is_number:
        return None
    last = next((each for each in reversed(list(following)) if each.type == "return_statement"), None)
    value = source_of(site.source, last)
    is_status = _STATUS.fullmatch(site.source.text(kind).rpartition(b"::")[2]) is not None
    if DONE.fullmatch(value) or (is_status and not is_number and _NO_ERROR.fullmatch(value)):
        return last
    return None


def is_success_without(site: Site, statement: Node) -> bool:
    """Say whether the function, without the statement, would come to its end or tell its caller of success."""
    scope, following = site.scope, later_statements(statement, site.scope)
    kind = scope.child_by_field_name("type")
    if kind is None or any(each.type in LOOPS for each in ancestors(statement, scope)):
        return False
    if claims_success(site, following) is not None:
        return True
    following = [each for each in following if each.type != "comment" and not is_trifle(site.source, each)]
    ends = [source_of(site.source, each) for each in following]
    if ends == [b"0"] and (own_failure(site.source, scope) or b"").startswith(b"-"):
        return True
    if site.source.text(kind) != b"bool" or statement.parent != scope.child_by_field_name("body"):
        return not following and site.source.text(kind) not in (b"void", b"auto")
    return ends == [b"true"] and (b"false" in returned(site.source, scope) or _gives_out(site, statement))


def _gives_out(site: Site, statement: Node) -> bool:
    """Say whether a statement puts a value into what the caller gave for it: ``out.level = p->GetLevel()``."""
    for each in of_type(statement, "assignment_expression"):
        target = each.child_by_field_name("left")
        base = next((node for node in walk(target) if node.type == "identifier"), None) if target is not None else None
        name = site.source.text(base) if base is not None else b""
        kind = declared_type(site.source, name, statement, site.scope) or b""
        if is_parameter(site.source, name, statement, site.scope) and kind.endswith((b"&", b"*")):
            return True
    return False


def is_trifle(source: Source, statement: Node) -> bool:
    """Say whether a statement only counts, or says when to come back."""
    inner = statement.named_children if statement.type == "expression_statement" else []
    function = inner[0].child_by_field_name("function") if inner else None
    return is_count(statement) or (function is not None and _WAITS.fullmatch(called_name(source, function)) is not None)


def is_count(statement: Node) -> bool:
    """Say whether a statement does nothing but count one more."""
    inner = statement.named_children if statement.type == "expression_statement" else []
    return bool(inner) and inner[0].type == "update_expression"
