"""Which class a declaration, a function or an object belongs to, as far as the sources at hand say."""

from collections.abc import Iterable, Iterator

import re2
from tree_sitter import Node

from tasks.core.fixes.calls import OWN, MethodCall, function_around, function_name
from tasks.core.fixes.declared import declared_type, initial_value, member_type
from tasks.core.fixes.expressions import called_name, declared_name
from tasks.core.fixes.syntax import Source, ancestors

CLASSES = ("class_specifier", "struct_specifier")
_NAME = re2.compile(rb"^(?:const\s+)?(?:class\s+|struct\s+)?(?:\w+::)*(\w+)")
_CONVERSION = re2.compile(rb"(?:^|->|\.)(?:To|Get)([A-Z]\w*)\(\)$")


def named_declarations(source: Source, name: bytes) -> Iterator[Node]:
    """Yield the declarations of members, and of functions in classes or not, with an unqualified name."""
    if name not in source.compiled:
        return
    for each in source.nodes("field_declaration", "function_definition", "declaration"):
        for declarator in each.children_by_field_name("declarator"):
            named = declared_name(declarator)
            if named is not None and source.text(named).rpartition(b"::")[2] == name:
                is_function = any(node.type == "function_declarator" for node in (declarator, *ancestors(named, each)))
                if is_function or each.type == "field_declaration":
                    yield each


def class_of(source: Source, declaration: Node) -> bytes:
    """Return the unqualified name of the class to which a member or function belongs; empty without one."""
    around = next((each for each in ancestors(declaration) if each.type in CLASSES), None)
    named = around.child_by_field_name("name") if around is not None else None
    if named is not None:
        return source.text(named)
    return function_name(source, declaration).rpartition(b"::")[0].rpartition(b"::")[2]


def class_named(kind: bytes) -> bytes:
    """Return the unqualified class of a type as it is spelled: ``Player`` of ``const Player*``; empty for ``auto``."""
    found = _NAME.match(kind)
    name: bytes = found[1] if found else b""
    return b"" if name in (b"auto", b"const") else name


def class_of_object(sources: Iterable[Source], source: Source, call: MethodCall) -> bytes:
    """Return the class of the object of a call; empty where the sources do not say it."""
    function = function_around(call.node)
    if call.key == OWN:
        return class_of(source, function) if function is not None else b""
    if converted := _CONVERSION.search(b"".join(source.text(call.object).split())):
        return bytes(converted[1])
    return class_of_name(sources, source, call.key, call.node, function)


def class_of_name(sources: Iterable[Source], source: Source, name: bytes, use: Node, scope: Node | None) -> bytes:
    """Return the class of a variable or member; empty where it is left open."""
    kind = declared_type(source, name, use, scope) if scope is not None else None
    found = class_named(kind or member_type(sources, name) or b"")
    value = initial_value(source, name, use, scope) if kind is not None and not found and scope is not None else None
    if value is None:
        return found
    text = b"".join(source.text(value).split())
    if converted := _CONVERSION.search(text):
        return bytes(converted[1])
    function = value.child_by_field_name("function") if value.type == "call_expression" else None
    is_found = function is not None and re2.fullmatch(rb"(?:Find|Get)\w*Player\w*", called_name(source, function))
    return b"Player" if is_found else b""


def with_bases(sources: Iterable[Source], name: bytes) -> set[bytes]:
    """Return a class and the classes that it derives from by the sources."""
    found, pending = set[bytes](), [name]
    while pending:
        current = pending.pop()
        if not current or current in found:
            continue
        found.add(current)
        for source in sources:
            if current not in source.compiled:
                continue
            for each in source.nodes(*CLASSES):
                named = each.child_by_field_name("name")
                if named is not None and source.text(named) == current:
                    bases = [child for child in each.children if child.type == "base_class_clause"]
                    pending += [class_named(source.text(base)) for part in bases for base in part.named_children]
    return found
