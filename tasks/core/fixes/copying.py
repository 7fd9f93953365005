"""Whether a container can be copied so that a walk over the copy means the same: what its elements are."""

from collections.abc import Collection

import re2
from tree_sitter import Node

from tasks.core.fixes.calls import function_around, function_name, functions
from tasks.core.fixes.declared import is_array_member, member_type
from tasks.core.fixes.expressions import called_name, operator_of
from tasks.core.fixes.guards import mentions
from tasks.core.fixes.syntax import Source, body_of, walk
from tasks.core.fixes.walks import Walk

_CONTAINER = re2.compile(
    rb"(?s)(?:std::)?(array|vector|list|forward_list|deque|set|multiset|unordered_set|unordered_multiset|map|multimap|unordered_map|unordered_multimap)"
    rb"\s*<(.*)>"
)
_MAPS = (b"map", b"multimap", b"unordered_map", b"unordered_multimap")
_CHEAP = re2.compile(
    rb"(?s)(?:const\s+)?(?:.*\*(?:\s*const)?"
    rb"|(?:std::)?(?:shared_ptr|weak_ptr|function)\s*<.*>"
    rb"|(?:\w+::)*\w*(?:G[Uu][Ii][Dd]|Id|ID|Handle)"
    rb"|(?:std::)?u?int(?:8|16|32|64)(?:_t)?|(?:std::)?size_t|bool|char|short|int|long|unsigned(?: \w+)*|float|double)"
)
"""Types whose copy costs little and means the original: pointers, shared ones, identifiers, numbers, callbacks."""

_CALLBACK = re2.compile(rb"(?s)(?:std::)?function\s*<.*>")
_KEPT = re2.compile(rb"(?s)(?:std::)?(?:shared_ptr|function)\s*<.*>")
_TAKES = re2.compile(rb"(?i)erase|remove|pop_")
_MAX_ALIASES = 4


def fault_of_copy(sources: Collection[Source], member: bytes, walked: Walk, source: Source) -> str | None:
    """
    Return why a copy of the container ``member`` would not do for the walk; None where it does.

    Its declaration decides, else the type that the loop itself gives to an element.
    """
    loop = walked.loop
    if walked.kind == "single":
        return _fault_of_single(sources, member, loop)
    if _is_array(sources, member):
        return "it is an array, whose name is no container"
    elements = _element_types(sources, member, loop, source)
    if elements is None:
        return "what it holds is not declared in the files at hand"
    if dear := next((each for each in elements if not _is_cheap(sources, each)), None):
        return f"its elements are `{dear.decode('utf-8', 'replace')[:80]}`, whose copies cost much or are other objects"
    if fault := _fault_of_life(sources, member, elements, loop):
        return fault
    return _fault_of_reference(source, loop) if walked.kind == "range" else None


def _fault_of_single(sources: Collection[Source], member: bytes, statement: Node) -> str | None:
    kept = _resolved(sources, member_type(sources, member) or b"")
    if not _KEPT.fullmatch(kept):
        return "only a callback or a shared object is kept alive by a copy"
    is_set = _CALLBACK.fullmatch(kept) is not None and _is_taken_out(sources, member, statement)
    return "another function sets the callback, and nobody expects a call of the old one" if is_set else None


def _fault_of_life(sources: Collection[Source], member: bytes, elements: Collection[bytes], loop: Node) -> str | None:
    """Return why an element may be gone while a copy of it is used."""
    if any(_is_raw(sources, each) for each in elements) and _is_deleted(sources, member):
        return "a function deletes what it points to, and only the lock keeps that alive"
    if any(_is_raw(sources, each) for each in elements) and _is_taken_out(sources, member, loop):
        return "a function takes a pointer out, and what it points to may be gone as soon as that gave the lock back"
    if any(_CALLBACK.fullmatch(_resolved(sources, each)) for each in elements) and _is_taken_out(sources, member, loop):
        return "a function takes a callback out, and nobody expects that it is called afterwards"
    return None


def _is_array(sources: Collection[Source], member: bytes) -> bool:
    kind = (member_type(sources, member) or b"").rstrip(b"*").rpartition(b"::")[2]
    if is_array_member(sources, member) or _resolved(sources, kind).endswith(b"]"):
        return True
    alias = re2.compile(rb"\btypedef\s+[^;]*\b%b\s*\[" % re2.escape(kind)) if kind and kind.isascii() else None
    return alias is not None and any(alias.search(source.compiled) for source in sources)


def holds_pointers(sources: Collection[Source], member: bytes, loop: Node, source: Source) -> bool:
    """Say whether the elements are plain pointers, which keep nothing alive."""
    return any(_is_raw(sources, each) for each in _element_types(sources, member, loop, source) or ())


def _element_types(sources: Collection[Source], member: bytes, loop: Node, source: Source) -> tuple[bytes, ...] | None:
    kind = member_type(sources, member)
    # Of an alias from another file the name alone says nothing.
    if kind is not None and b"<" in _resolved(sources, kind):
        return _elements(sources, kind)
    declared = _loop_type(source, loop)
    return (declared,) if declared is not None and _is_cheap(sources, declared) else None


def _elements(sources: Collection[Source], kind: bytes) -> tuple[bytes, ...] | None:
    """Return the types of a container's elements, key and value for a map; None where it is no known container."""
    found = _CONTAINER.fullmatch(_resolved(sources, kind))
    if not found:
        return None
    arguments = _split(found[2])
    return tuple(arguments[: 2 if found[1] in _MAPS else 1])


def _is_cheap(sources: Collection[Source], kind: bytes) -> bool:
    plain = _resolved(sources, kind.strip()).strip()
    return _CHEAP.fullmatch(plain) is not None and b"unique_ptr" not in plain.partition(b"*")[0]


def _is_raw(sources: Collection[Source], kind: bytes) -> bool:
    return _resolved(sources, kind).strip().removesuffix(b"const").strip().endswith(b"*")


def _resolved(sources: Collection[Source], kind: bytes) -> bytes:
    """Return what an alias of the sources stands for: ``using SessionMap = std::map<...>;``."""
    for _ in range(_MAX_ALIASES):
        kind = kind.strip().removeprefix(b"const ").removesuffix(b" const").strip()
        if not re2.fullmatch(rb"[\w:]+", kind):
            break
        name = re2.escape(kind.rpartition(b"::")[2])
        alias = re2.compile(rb"\busing\s+%b\s*=\s*([^;]+);|\btypedef\s+([^;]+?)\s*\b%b\s*;" % (name, name))
        found = {each[1] or each[2] for source in sources for each in alias.finditer(source.compiled)}
        if len(found) != 1:
            break
        kind = found.pop()
    return kind


def _split(arguments: bytes) -> list[bytes]:
    """Return the arguments of a template, which stand between its commas that no other brackets hold."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(arguments):
        depth += (sign in b"<([") - (sign in b">)]")
        if sign == ord(b",") and depth == 0:
            parts.append(arguments[start:place].strip())
            start = place + 1
    return [*parts, arguments[start:].strip()]


def _is_taken_out(sources: Collection[Source], member: bytes, loop: Node) -> bool:
    """Say whether another function than the one of the loop takes elements out of the member, or sets it."""
    if not member.isascii():
        return True
    name = re2.escape(member)
    taken = re2.compile(
        rb"\b%b\s*(?:(?:\.|->)\s*(?:erase|remove|remove_if|clear|pop_\w+|extract|swap)\b|=[^=])"
        rb"|\berase(?:_if)?\s*\(\s*(?:this->)?%b\b" % (name, name)
    )
    own = function_around(loop)
    return any(
        function != own
        and not function_name(source, function).rpartition(b"::")[2].startswith(b"~")
        and taken.search(source.text(function)) is not None
        for source in sources
        for function in functions(source)
    )


def _loop_type(source: Source, loop: Node) -> bytes | None:
    """Return the type that a loop writes for its element, with its stars; None for ``auto`` alone."""
    kind, declarator = loop.child_by_field_name("type"), loop.child_by_field_name("declarator")
    if kind is None or declarator is None:
        return None
    stars = b"*" * sum(each.type == "pointer_declarator" for each in walk(declarator))
    if kind.type == "placeholder_type_specifier" and not stars:
        return None
    return source.text(kind) + stars


def _fault_of_reference(source: Source, loop: Node) -> str | None:
    """Return why the loop might change the elements themselves, which a copy would not show to others."""
    declarator, body = loop.child_by_field_name("declarator"), loop.child_by_field_name("body")
    if declarator is None or body is None:
        return "the loop has no element"
    if not any(each.type == "reference_declarator" for each in walk(declarator)) or is_constant(loop):
        return None
    names = {source.text(each) for each in walk(declarator) if each.type == "identifier"}
    for each in walk(body):
        if each.type == "identifier" and source.text(each) in names and not _is_gone_through(source, each):
            return f"the loop may change the element `{source.text(each).decode('utf-8', 'replace')}`"
    return None


def is_constant(loop: Node) -> bool:
    """Say whether a loop declares its element constant."""
    return any(each.type == "type_qualifier" and each.text == b"const" for each in loop.children)


def _is_gone_through(source: Source, name: Node) -> bool:
    """
    Say whether an element is only read: gone through by ``->``, called, tested, or read as a pair's ``first`` and
    ``second``.
    """
    node, parent = name, name.parent
    if parent is not None and (parent.type == "condition_clause" or operator_of(parent) in ("!", "&&", "||")):
        return True
    while parent is not None and parent.type == "field_expression" and parent.child_by_field_name("argument") == node:
        if source.text(parent.children[1]) == b"->":
            return True
        node, parent = parent, parent.parent
        if called_name(source, node) not in (b"first", b"second"):
            return False
    return parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == node


def _is_deleted(sources: Collection[Source], member: bytes) -> bool:
    """
    Say whether elements live as long as the lock says.

    They do where a function that uses the container deletes something, or where a destructor calls one that takes out
    of the container. The owner's own destructor does not count: nobody walks over what is destroyed.
    """
    bodies = [
        (source, function_name(source, function).split(b"::")[-1], body)
        for source in sources
        for function in functions(source)
        if (body := body_of(function)) is not None
    ]
    users = [
        (source, name, body)
        for source, name, body in bodies
        if member in source.text(body) and mentions(source, [body], member)
    ]
    if any(
        each.type == "delete_expression" for _, name, body in users if not name.startswith(b"~") for each in walk(body)
    ):
        return True
    takers = {name for source, name, body in users if _TAKES.search(source.text(body))}
    return any(mentions(source, [body], each) for source, name, body in bodies if name[:1] == b"~" for each in takers)
