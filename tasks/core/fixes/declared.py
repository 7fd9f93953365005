"""
What the sources at hand say about a name: is it a pointer, a smart pointer, an iterator, or something else?

Only files of the crash's frames are at hand, so most members are unknown; callers must be right without an answer.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

import re2
from tree_sitter import Node

from tasks.core.fixes.expressions import called_name, declared_name, key_of
from tasks.core.fixes.syntax import Source, ancestors, bare, of_type

Form = Literal["pointer", "smart", "iterator", "array", "reference", "other"]

ITERATOR_CALLS = frozenset(
    f"{prefix}{name}".encode()
    for prefix in ("", "c", "r", "cr")
    for name in ("begin", "end", "find", "lower_bound", "upper_bound", "insert", "emplace", "erase")
)
_SMART = (b"unique_ptr", b"shared_ptr")
_CONVERSION = re2.compile(rb"operator(?:const)?[\w:<>,]+\*\(\)")
_MAX_PLACES = 400
"""Occurrences of a name that are looked at in one file."""


def local_form(source: Source, name: bytes, use: Node, scope: Node) -> Form | None:
    """Return what the function declares ``name`` as, by the last declaration before its use; None when it does not."""
    found: Form | None = None
    for place in occurrences(source, name, scope.start_byte, use.end_byte):
        declaration = _declaration(place)
        if declaration is not None and _reaches(declaration, use):
            found = _form(source, declaration, place) or found
    return found


def declared_type(source: Source, name: bytes, use: Node, scope: Node) -> bytes | None:
    """
    Return the type that the function gives to ``name``, as it is spelled: ``Player*``, ``WorldPacket const&``.

    None where the function does not declare it, and ``auto`` with its stars where it leaves the type open.
    """
    found = None
    for place in occurrences(source, name, scope.start_byte, use.end_byte):
        declaration = _declaration(place)
        kind = declaration.child_by_field_name("type") if declaration is not None else None
        if declaration is None or kind is None or not _reaches(declaration, use):
            continue
        around = [each.type for each in ancestors(place, declaration)]
        stars = b"*" * around.count("pointer_declarator") + b"&" * around.count("reference_declarator")
        constant = b" const" if any(each.type == "type_qualifier" for each in declaration.children) else b""
        found = source.text(kind) + constant + stars
    return found


def member_type(sources: Iterable[Source], name: bytes) -> bytes | None:
    """
    Return the type that the classes in the sources give to the member ``name``; None without one, or with two.

    A variable outside of functions and classes counts as a member of its file.
    """
    found = {
        source.text(kind) + b"*" * [each.type for each in ancestors(place, declaration)].count("pointer_declarator")
        for source in sources
        for place in occurrences(source, name, 0, len(source.content))
        if (declaration := _declaration(place)) is not None
        and (declaration.type == "field_declaration" or _is_of_file(declaration))
        and (kind := declaration.child_by_field_name("type")) is not None
    }
    return found.pop() if len(found) == 1 else None


def _is_of_file(declaration: Node) -> bool:
    """Say whether a declaration stands outside of functions and classes."""
    around = {each.type for each in ancestors(declaration)}
    return declaration.type == "declaration" and around <= {
        "translation_unit",
        "namespace_definition",
        "declaration_list",
    }


def has_no_test(sources: Iterable[Source], kind: bytes) -> bool:
    """Say whether a type is a class of the sources that is gone through like a pointer and can't be tested like one."""
    name = kind.partition(b"<")[0].removeprefix(b"const ").strip(b" &").rpartition(b"::")[2]
    for source in sources:
        for each in of_type(source.root, "class_specifier", "struct_specifier"):
            named, body = each.child_by_field_name("name"), each.child_by_field_name("body")
            if named is None or body is None or source.text(named) != name:
                continue
            text = b"".join(source.text(body).split())
            is_derived = any(child.type == "base_class_clause" for child in each.children)
            if b"operator->" in text and not is_derived:
                return b"operatorbool" not in text and _CONVERSION.search(text) is None
    return False


def is_local(source: Source, name: bytes, use: Node, scope: Node) -> bool:
    """Say whether ``name`` is a variable or parameter of the function."""
    places = occurrences(source, name, scope.start_byte, use.end_byte)
    return any(_declaration(place) is not None for place in places)


def is_initialised(source: Source, name: bytes, use: Node, scope: Node) -> bool:
    """Say whether ``name`` is a variable of the function that has a value from its declaration on, or a parameter."""
    for place in occurrences(source, name, scope.start_byte, use.start_byte):
        declaration = _declaration(place)
        around = [each.type for each in ancestors(place, declaration)] if declaration is not None else []
        if declaration is not None and ("init_declarator" in around or declaration.type == "parameter_declaration"):
            return "reference_declarator" not in around
    return False


def initial_value(source: Source, name: bytes, use: Node, scope: Node) -> Node | None:
    """Return the expression that the function gives to ``name`` where it declares it, as seen from a use; or None."""
    found: Node | None = None
    for place in occurrences(source, name, scope.start_byte, use.start_byte):
        declaration = _declaration(place)
        if declaration is None or not _reaches(declaration, use):
            continue
        around = (each for each in ancestors(place, declaration) if each.type == "init_declarator")
        found = next(around, declaration).child_by_field_name("value")
    return bare(found) if found is not None else None


def aliases_of(source: Source, scope: Node, key: bytes) -> set[bytes]:
    """Return a pointer's key and those of the variables that stand for it, as their declarations in a function say."""
    pairs = [
        (source.text(name), key_of(source, value).lstrip(b"&*"))
        for each in of_type(scope, "init_declarator")
        if (name := declared_name(each)) is not None and (value := each.child_by_field_name("value")) is not None
    ]
    found = {key}
    for _ in pairs:
        more = {other for pair in pairs for name, other in (pair, pair[::-1]) if name in found} - found
        if not more:
            break
        found |= more
    return found


def is_static(source: Source, name: bytes, use: Node, scope: Node) -> bool:
    """Say whether the function declares ``name`` as a variable that outlives its call, which no lambda can copy."""
    for place in occurrences(source, name, scope.start_byte, use.start_byte):
        declaration = _declaration(place)
        if declaration is not None and any(
            each.type == "storage_class_specifier" and source.text(each) in (b"static", b"thread_local", b"extern")
            for each in declaration.children
        ):
            return True
    return False


def is_array_member(sources: Iterable[Source], name: bytes) -> bool:
    """Say whether a class in the sources declares the member ``name`` as an array of its own."""
    return any(
        declaration.type == "field_declaration"
        and any(each.type == "array_declarator" for each in ancestors(place, declaration))
        for source in sources
        for place in occurrences(source, name, 0, len(source.content))
        if (declaration := _declaration(place)) is not None
    )


def is_declared_within(source: Source, name: bytes, use: Node, statement: Node) -> bool:
    """Say whether a statement declares ``name`` before it uses it: in the head of a loop, say."""
    places = occurrences(source, name, statement.start_byte, use.start_byte)
    return any(_declaration(place) is not None for place in places)


def is_reference(source: Source, name: bytes, use: Node, scope: Node) -> bool:
    """Say whether ``name`` is a reference that the function declares."""
    for place in occurrences(source, name, scope.start_byte, use.end_byte):
        declaration = _declaration(place)
        if declaration is not None and any(
            each.type == "reference_declarator" for each in ancestors(place, declaration)
        ):
            return True
    return False


def member_form(sources: Iterable[Source], name: bytes) -> Form | None:
    """Return what the classes in the sources declare the member ``name`` as; None when they do not, or disagree."""
    forms = {
        _form(source, declaration, place)
        for source in sources
        for place in occurrences(source, name, 0, len(source.content))
        if (declaration := _declaration(place)) is not None and declaration.type == "field_declaration"
    }
    return forms.pop() if len(forms) == 1 else None


def returned_form(sources: Iterable[Source], name: bytes) -> Form | None:
    """Return what the functions of that name in the sources give back; None when there are none, or they disagree."""
    forms = set()
    for source in sources:
        for place in occurrences(source, name, 0, len(source.content)):
            function = next((each for each in ancestors(place) if each.type == "function_declarator"), None)
            named = declared_name(function) if function is not None else None
            if function is None or named is None or named.end_byte != place.end_byte:
                continue
            outer = next(each for each in (*ancestors(function), function) if not each.type.endswith("_declarator"))
            forms.add(_form(source, outer, function))
    return forms.pop() if len(forms) == 1 else None


def occurrences(source: Source, name: bytes, start: int, end: int) -> Iterator[Node]:
    """Yield the identifiers that spell ``name``, in order."""
    place = source.content.find(name, start, end) if name else -1
    for _ in range(_MAX_PLACES):
        if place < 0:
            return
        node = source.root.descendant_for_byte_range(place, place + len(name))
        if node is not None and node.type in ("identifier", "field_identifier") and source.text(node) == name:
            yield node
        place = source.content.find(name, place + len(name), end)


def _declaration(place: Node) -> Node | None:
    """Return the declaration that introduces the identifier, or None where it is only used."""
    child = place
    for parent in ancestors(place):
        is_name = parent.child_by_field_name("declarator") is not None and child in parent.children_by_field_name(
            "declarator"
        )
        if parent.type in ("declaration", "parameter_declaration", "field_declaration", "for_range_loop") and is_name:
            return parent
        if parent.type == "lambda_capture_initializer" and parent.child_by_field_name("left") == child:
            return parent
        if not parent.type.endswith("declarator") or parent.type == "function_declarator":
            return None
        if parent.type == "init_declarator" and not is_name:
            return None
        child = parent
    return None


def _reaches(declaration: Node, use: Node) -> bool:
    """Say whether a declaration is still in scope at a place behind it: its block or head holds the place."""
    block = next((each for each in ancestors(declaration) if each.type.endswith(("statement", "loop"))), None)
    if declaration.type in ("parameter_declaration", "lambda_capture_initializer", "for_range_loop"):
        block = declaration if declaration.type == "for_range_loop" else None
    return block is None or block.end_byte >= use.end_byte


def _form(source: Source, declaration: Node, place: Node) -> Form | None:
    """Tell the form from the declarators between a declaration and its name, its type, and its initial value."""
    declarators = [each.type for each in (place, *ancestors(place, declaration)) if each.type.endswith("_declarator")]
    kind = declaration.child_by_field_name("type")
    spelled = source.text(kind) if kind is not None else b""
    if "pointer_declarator" in declarators:
        return "pointer"
    if "array_declarator" in declarators:
        return "array"
    if any(word in spelled for word in _SMART):
        return "smart"
    if spelled.lower().endswith((b"iterator", b"iter")):
        return "iterator"
    if kind is None or kind.type == "placeholder_type_specifier":
        return _form_of_value(
            source, next((each for each in ancestors(place) if each.type == "init_declarator"), declaration)
        )
    return "reference" if "reference_declarator" in declarators else "other"


def _form_of_value(source: Source, declarator: Node) -> Form | None:
    """Tell the form of an `auto` variable from the expression that it starts with."""
    value = declarator.child_by_field_name("value") or declarator.child_by_field_name("right")
    if value is None or declarator.type == "for_range_loop":
        return None
    value = bare(value)
    function = value.child_by_field_name("function") if value.type == "call_expression" else None
    name = called_name(source, function) if function is not None else b""
    if name in ITERATOR_CALLS:
        return "iterator"
    if name.startswith((b"make_unique", b"make_shared")):
        return "smart"
    is_pointer_cast = name.endswith(b"_cast") or b"_cast<" in name
    return "pointer" if value.type == "new_expression" or (is_pointer_cast and b"*>" in source.text(value)) else None
