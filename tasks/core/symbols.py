"""Where a name is defined in C++ source: functions, classes, enumerations, members, macros, by the syntax tree."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from tasks.core.fixes import syntax
from tasks.core.fixes.syntax import Source

_KINDS = {
    "function_definition": "function",
    "class_specifier": "class",
    "struct_specifier": "struct",
    "union_specifier": "union",
    "enum_specifier": "enum",
    "enumerator": "enumerator",
    "field_declaration": "member",
    "alias_declaration": "alias",
    "type_definition": "typedef",
    "preproc_def": "macro",
    "preproc_function_def": "macro",
    "declaration": "declaration",
}
_LINE_LIMIT = 200


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One place that defines a name: its line, counted from 1, what it is, and the first line of its text."""

    line: int
    kind: str
    text: str


def definitions(content: bytes, name: str) -> tuple[Definition, ...]:
    """Return where a file defines a name, which may be qualified: ``Group::GetMemberSlots``, or its last part alone."""
    source = syntax.parse(content)
    wanted = name.encode("utf-8", errors="replace")
    found = (
        _definition(source, node) for node in syntax.of_type(source.root, *_KINDS) if _defines(source, node, wanted)
    )
    return tuple(sorted(found, key=lambda each: each.line))


def _defines(source: Source, node: Node, wanted: bytes) -> bool:
    scope, _, last = wanted.rpartition(b"::")
    for defined in _names(source, node):
        if defined == wanted or (not scope and defined.rpartition(b"::")[2] == last):
            return True
        # A member that is defined within its class.
        if scope and defined == last and _class_around(source, node) == scope.rpartition(b"::")[2]:
            return True
    return False


def _names(source: Source, node: Node) -> Iterator[bytes]:
    if node.type == "declaration" and node.parent is not None and node.parent.type == "compound_statement":
        return
    name = node.child_by_field_name("name")
    if name is not None:
        # What has no body is a mention, `class Player;` and `struct Foo* p`, and no definition.
        if node.type.endswith("_specifier") and node.child_by_field_name("body") is None:
            return
        yield source.text(name)
        return
    for declarator in node.children_by_field_name("declarator"):
        inner: Node | None = declarator
        while inner is not None and inner.child_by_field_name("declarator") is not None:
            inner = inner.child_by_field_name("declarator")
        if inner is not None and inner.type in ("reference_declarator", "parenthesized_declarator"):
            inner = inner.named_children[-1] if inner.named_children else None
            while inner is not None and inner.child_by_field_name("declarator") is not None:
                inner = inner.child_by_field_name("declarator")
        if inner is not None:
            yield source.text(inner)


def _class_around(source: Source, node: Node) -> bytes:
    for each in syntax.ancestors(node):
        name = each.child_by_field_name("name")
        if each.type in ("class_specifier", "struct_specifier", "union_specifier") and name is not None:
            return source.text(name)
    return b""


def _definition(source: Source, node: Node) -> Definition:
    text = source.text(node).split(b"\n", 1)[0].strip().decode("utf-8", errors="replace")
    return Definition(line=node.start_point[0] + 1, kind=_KINDS[node.type], text=text[:_LINE_LIMIT])
