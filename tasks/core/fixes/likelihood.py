"""
Which of several pointers on one line may have been null at all, and which is likelier than the others.

A macro of the file goes through what it is given without a sign of that in its call. A result that the function has
just looked up and never tested is likelier null than a member on which the whole file relies untested, or a parameter
on which the function does.
"""

from collections.abc import Iterable, Iterator, Sequence

import re2
from tree_sitter import Node

from tasks.core.fixes.declared import initial_value, is_local, occurrences
from tasks.core.fixes.expressions import Dereference, called_name, is_assigned, key_of, operator_of, pointer_of
from tasks.core.fixes.guards import earlier_statements, mentions
from tasks.core.fixes.site import Site
from tasks.core.fixes.syntax import Source, bare, of_type, own_nodes

_MAKERS = (b"make_unique", b"make_shared")
_JOINS = ("&&", "||", "==", "!=", "!")


def through_macros(site: Site, sources: Iterable[Source], nodes: Iterable[Node]) -> Iterator[Dereference]:
    """Yield the arguments among the nodes through which a macro of the sources goes: ``(p)->x`` in its text."""
    calls = [each for each in nodes if each.type == "call_expression" and _is_plain(each)]
    if not calls:
        return
    macros = {
        source.text(name): (source, each)
        for source in sources
        for each in of_type(source.root, "preproc_function_def")
        if (name := each.child_by_field_name("name")) is not None
    }
    for call in calls:
        function, arguments = (call.child_by_field_name(name) for name in ("function", "arguments"))
        found = macros.get(site.source.text(function)) if function is not None else None
        if found is None or arguments is None:
            continue
        for position in _positions(*found):
            if position < len(arguments.named_children):
                given = arguments.named_children[position]
                pointer = pointer_of(site.source, given)
                key = key_of(site.source, pointer)
                yield Dereference(node=given, pointer=pointer, key=key, row=call.start_point.row, form="arrow")


def _is_plain(call: Node) -> bool:
    function = call.child_by_field_name("function")
    return function is not None and function.type == "identifier"


def _positions(source: Source, macro: Node) -> list[int]:
    """Return the numbers of the parameters through which a macro goes."""
    parameters, text = (macro.child_by_field_name(name) for name in ("parameters", "value"))
    if parameters is None or text is None:
        return []
    names = [source.text(each) for each in parameters.named_children if each.type == "identifier"]
    body = source.text(text)
    return [
        number
        for number, name in enumerate(names)
        if name.isascii()
        and re2.search(rb"(?:^|[^\w.>])(?:%b|\(\s*%b\s*\))\s*->" % (re2.escape(name), re2.escape(name)), body)
    ]


def likeliest(site: Site, places: Sequence[Dereference]) -> Sequence[Dereference]:
    """
    Keep what the function has just looked up, where every other pointer is a member on which the file relies.

    All places come back where that does not hold.
    """
    found = [each for each in places if _is_looked_up(site, each)]
    others = [each for each in places if each not in found]
    is_clear = len({each.key for each in found}) == 1 and all(_is_relied_on(site, each) for each in others)
    return found if is_clear else places


def is_made_here(site: Site, place: Dereference) -> bool:
    """Say whether the pointer is a variable that the function gave a new object, and nothing else since."""
    source, scope = site.source, site.scope
    if place.pointer.type != "identifier":
        return False
    value = initial_value(source, source.text(place.pointer), place.pointer, scope)
    function = value.child_by_field_name("function") if value is not None else None
    is_made = function is not None and called_name(source, function).partition(b"<")[0] in _MAKERS
    if value is None or not (is_made or (value.type == "new_expression" and b"nothrow" not in source.text(value))):
        return False
    return not is_assigned(source, place.key, [scope], range(value.end_byte, place.node.start_byte))


def is_given_away(site: Site, place: Dereference) -> bool:
    """Say whether the function itself emptied the pointer on every way here: it is always null, which no test mends."""
    source, is_empty = site.source, False
    for each in earlier_statements(place.node, site.scope):
        if is_assigned(source, place.key, [each], range(each.start_byte, each.end_byte)):
            is_empty = each.type == "expression_statement" and _empties(source, each, place.key)
    return is_empty


def _empties(source: Source, statement: Node, key: bytes) -> bool:
    for each in own_nodes(statement):
        function, arguments = (each.child_by_field_name(name) for name in ("function", "arguments"))
        if function is not None and arguments is not None:
            name, given = called_name(source, function), arguments.named_children
            owner = function.child_by_field_name("argument") if operator_of(function) == "." else None
            if name == b"move" and [key_of(source, each) for each in given] == [key]:
                return True
            if name in (b"reset", b"release") and owner is not None and not given and key_of(source, owner) == key:
                return True
        left, right = (each.child_by_field_name(name) for name in ("left", "right"))
        if each.type == "assignment_expression" and left is not None and right is not None:
            return key_of(source, left) == key and source.text(right) in (b"nullptr", b"NULL", b"0")
    return False


def _is_looked_up(site: Site, place: Dereference) -> bool:
    """Say whether the pointer is a variable that the function declares with the result of a call."""
    if place.pointer.type != "identifier":
        return False
    value = initial_value(site.source, site.source.text(place.pointer), place.pointer, site.scope)
    return value is not None and pointer_of(site.source, value).type == "call_expression"


def _is_relied_on(site: Site, place: Dereference) -> bool:
    """
    Say whether others answer for the pointer: it goes untested, and is gone through elsewhere too.

    That is a member in its file, or a parameter in its function.
    """
    name = called_name(site.source, place.pointer)
    declarator = site.scope.child_by_field_name("declarator")
    if place.pointer.type == "identifier" and is_local(site.source, name, place.pointer, site.scope):
        if declarator is None or not mentions(site.source, [declarator], name):
            return False
        everywhere = occurrences(site.source, name, site.scope.start_byte, site.scope.end_byte)
    elif place.key == name:
        everywhere = occurrences(site.source, name, 0, len(site.source.content))
    else:
        return False
    places = [each for each in everywhere if each.start_byte != place.pointer.start_byte]
    return any(_is_gone_through(each) for each in places) and not any(_is_doubted(each) for each in places)


def _is_gone_through(node: Node) -> bool:
    outer = node.parent
    return outer is not None and operator_of(outer) == "->" and outer.child_by_field_name("argument") == node


def _is_doubted(node: Node) -> bool:
    """Say whether a pointer is tested or set here."""
    while node.parent is not None and bare(node.parent) == node:
        node = node.parent
    outer = node.parent
    if outer is None:
        return False
    if outer.type == "assignment_expression":
        return outer.child_by_field_name("left") == node
    return outer.type == "condition_clause" or operator_of(outer) in _JOINS
