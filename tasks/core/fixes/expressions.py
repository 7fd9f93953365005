"""
Pointer expressions: which pointers a piece of C++ goes through, and whether two places mean the same one.

A pointer's *key* is its spelling without white space, parentheses, casts, `this->` and `.get()`: two places with one
key mean the same pointer unless it is assigned in between. A key knows spelling alone: shadowed names are beyond it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import re2
from tree_sitter import Node

from tasks.core.fixes.syntax import Source, ancestors, bare, field, is_statement, of_type, walk

MAX_POINTER = 160
"""Bytes: longer expressions are no pointer that a person would test for null."""

_UNEVALUATED = frozenset(
    {"sizeof_expression", "alignof_expression", "decltype", "static_assert_declaration", "requires_clause", "noexcept"}
)
_GETTER = re2.compile(rb"Get[A-Z]\w*\(\)")
_CASTS = (b"static_cast", b"reinterpret_cast", b"const_cast")


@dataclass(frozen=True, kw_only=True)
class Dereference:
    """
    One place that goes through a pointer.

    ``node`` is the expression that does (``p->x``, ``*p``, ``p[i]``), ``pointer`` the expression of the pointer,
    ``row`` the row of the operator, counted from 0. A ``handed`` pointer is given to code that may go through it:
    ``f(p)``, ``&p->x``.
    """

    node: Node
    pointer: Node
    key: bytes
    row: int
    form: Literal["arrow", "star", "subscript", "handed"]


def pointer_of(source: Source, node: Node) -> Node:
    """Return the pointer itself, without parentheses, casts that keep null, and the `.get()` of a smart pointer."""
    while True:
        node = bare(node)
        inner = None
        if node.type == "cast_expression":
            inner = node.child_by_field_name("value")
        elif node.type == "call_expression":
            inner = _cast_or_get(source, node)
        if inner is None:
            return node
        node = inner


def _cast_or_get(source: Source, call: Node) -> Node | None:
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None:
        return None
    if function.type == "template_function" and source.text(function).startswith(_CASTS):
        return arguments.named_children[0] if arguments.named_child_count == 1 else None
    is_get = function.type == "field_expression" and source.text(function).endswith(b".get")
    return function.child_by_field_name("argument") if is_get and arguments.named_child_count == 0 else None


def key_of(source: Source, node: Node) -> bytes:
    """Return the key of an expression."""
    node = pointer_of(source, node)
    if node.end_byte - node.start_byte > MAX_POINTER:
        return source.text(node)
    if node.type == "field_expression":
        return _member_key(source, node)
    if node.type == "pointer_expression" and (inner := node.child_by_field_name("argument")) is not None:
        return source.text(node)[:1] + key_of(source, inner)
    return b"".join(source.text(leaf) for leaf in walk(node) if not leaf.child_count and leaf.type != "comment")


def _member_key(source: Source, node: Node) -> bytes:
    base, member = node.child_by_field_name("argument"), node.child_by_field_name("field")
    if base is None or member is None:
        return source.text(node)
    base = pointer_of(source, base)
    if base.type == "this":
        return source.text(member)
    if operator_of(node) == "." and base.type == "pointer_expression" and source.text(base)[:1] == b"*":
        base = field(base, "argument") or base
        return key_of(source, base) + b"->" + source.text(member)
    return key_of(source, base) + operator_of(node).encode() + source.text(member)


def operator_of(node: Node) -> str:
    """Return the operator of an expression that has one: ``->``, ``&&``, ``*``; an empty string otherwise."""
    operator = node.child_by_field_name("operator") or (node.children[1] if node.type == "field_expression" else None)
    return {"and": "&&", "or": "||", "not": "!"}.get(operator.type, operator.type) if operator else ""


def is_repeatable(source: Source, node: Node) -> bool:
    """Say whether evaluating the expression a second time is free of effects: names, members, plain subscripts."""
    if node.end_byte - node.start_byte > MAX_POINTER:
        return False
    plain = {"identifier", "this", "field_expression", "qualified_identifier", "parenthesized_expression", "comment"}
    plain |= {"field_identifier", "namespace_identifier", "subscript_expression", "subscript_argument_list"}
    plain |= {"number_literal", "pointer_expression", "char_literal", "character"}
    return all(leaf.type in plain or not leaf.is_named for leaf in walk(node)) and b"&" not in source.text(node)


def is_asked_anew(source: Source, node: Node, scope: Node) -> bool:
    """Say whether an expression is an own getter, ``GetPlayer()``, that a function asks again and again anyway."""
    text = source.text(node)
    if not _GETTER.fullmatch(text):
        return False
    return sum(source.text(each) == text for each in of_type(scope, "call_expression")) > 1


def dereferences(source: Source, nodes: Iterable[Node]) -> Iterator[Dereference]:
    """
    Yield every place among the nodes that goes through a pointer other than ``this``.

    ``*x`` and ``x[i]`` are yielded whatever ``x`` is: its declaration alone tells a pointer from an iterator or array.
    """
    for node in nodes:
        form = _form(node)
        operand = node.child_by_field_name("argument") if form else None
        if form is None or operand is None or _is_unevaluated(node):
            continue
        pointer = pointer_of(source, operand)
        if pointer.type == "this":
            continue
        operator = node.children[1] if form == "arrow" else node
        row = operand.end_point.row if form == "subscript" else operator.start_point.row
        yield Dereference(node=node, pointer=pointer, key=key_of(source, pointer), row=row, form=form)


def handed(source: Source, nodes: Iterable[Node], key: bytes) -> Iterator[Dereference]:
    """Yield where a pointer, or the address of what it points to, is given to a call or kept under another name."""
    for node in nodes:
        outer = node.parent
        is_argument = outer is not None and outer.type == "argument_list"
        is_address = node.type == "pointer_expression" and operator_of(node) == "&"
        inner = node.child_by_field_name("argument") if is_address else node
        while is_address and inner is not None and inner.type == "field_expression" and operator_of(inner) == ".":
            inner = inner.child_by_field_name("argument")
        if is_address and inner is not None and inner.type == "field_expression":
            inner = inner.child_by_field_name("argument")
        elif not is_argument or is_address:
            continue
        if inner is None or inner.type not in ("identifier", "field_expression"):
            continue
        pointer = pointer_of(source, inner)
        if key_of(source, pointer) == key:
            yield Dereference(node=node, pointer=pointer, key=key, row=node.start_point.row, form="handed")


def _form(node: Node) -> Literal["arrow", "star", "subscript"] | None:
    if node.type == "field_expression" and operator_of(node) == "->":
        return "arrow"
    if node.type == "pointer_expression" and operator_of(node) == "*":
        return "star"
    return "subscript" if node.type == "subscript_expression" else None


def _is_unevaluated(node: Node) -> bool:
    """Say whether the value behind the pointer is not read: in `sizeof`, or where only its address is taken."""
    is_address = True
    for parent in ancestors(node):
        is_address = is_address and parent.type in (
            "parenthesized_expression",
            "field_expression",
            "pointer_expression",
        )
        is_address = is_address and operator_of(parent) in ("", ".", "&")
        if parent.type in _UNEVALUATED or (is_address and operator_of(parent) == "&"):
            return True
        if is_statement(parent):
            break
    return False


def called_name(source: Source, node: Node) -> bytes:
    """Return the unqualified name of the member or function that an expression names: ``f`` of ``p->Base::f<int>``."""
    while node.type in (
        "field_expression",
        "qualified_identifier",
        "template_method",
        "template_function",
        "dependent_name",
    ):
        named = node.child_by_field_name("field") or node.child_by_field_name("name")
        inner = named or (node.named_children[-1] if node.named_children else None)
        if inner is None:
            break
        node = inner
    return source.text(node)


def is_assigned(source: Source, key: bytes, places: Iterable[Node], span: range, but_in: Sequence[Node] = ()) -> bool:
    """
    Say whether the pointer may get another value within a span of bytes, but in some nodes that do not run.

    Seen are assignments, increments, declarations of the name, `delete`, and what moves or resets a pointer or takes
    its address; not what a called function does to a member.
    """
    return any(
        (each.start_byte >= span.start and each.end_byte <= span.stop)
        and any(_covers(key, key_of(source, target)) for target in _targets(source, each))
        for place in places
        for each in walk(
            place, lambda node: node.end_byte > span.start and node.start_byte < span.stop and node not in but_in
        )
    )


def _targets(source: Source, node: Node) -> Iterator[Node]:
    if node.type == "assignment_expression" and (left := node.child_by_field_name("left")) is not None:
        yield left
    elif node.type == "update_expression" and (argument := node.child_by_field_name("argument")) is not None:
        yield argument
    elif node.type == "init_declarator" and (name := declared_name(node)) is not None:
        yield name
    elif node.type == "delete_expression":
        yield node.named_children[-1]
    elif node.type == "pointer_expression" and operator_of(node) == "&":
        yield from filter(None, [node.child_by_field_name("argument")])
    elif node.type == "call_expression":
        yield from _call_targets(source, node)


def _call_targets(source: Source, call: Node) -> Iterator[Node]:
    function, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
    if function is None or arguments is None:
        return
    name = called_name(source, function)
    if name in (b"move", b"swap", b"exchange"):
        yield from arguments.named_children
    if name in (b"reset", b"release", b"swap") and function.type == "field_expression" and operator_of(function) == ".":
        yield from filter(None, [function.child_by_field_name("argument")])


def _covers(key: bytes, target: bytes) -> bool:
    """Say whether assigning ``target`` changes what ``key`` means: the pointer, or what it is reached through."""
    rest = key.lstrip(b"*")
    return rest == target or rest.startswith((target + b"->", target + b".", target + b"["))


def declared_name(declarator: Node) -> Node | None:
    """Return the identifier that a declarator introduces."""
    node: Node | None = declarator
    while node is not None and node.type not in ("identifier", "field_identifier", "qualified_identifier"):
        node = node.child_by_field_name("declarator") or next(
            (child for child in node.named_children if child.type.endswith(("declarator", "identifier"))), None
        )
    return node
