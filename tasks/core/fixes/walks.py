"""
Loops that walk over a whole container: range-based, by iterators from begin to end, or by an index up to the size.

A walk knows where the container stands in the loop, so that another one can be put in its place, and how the loop
reaches an element. Loops that do anything else with the container or the iterator are no walks. The call of a single
callback or object that a member holds is a walk over one element.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tree_sitter import Node

from tasks.core.fixes.calls import function_around
from tasks.core.fixes.declared import is_local
from tasks.core.fixes.expressions import called_name, declared_name, key_of, operator_of
from tasks.core.fixes.site import Site
from tasks.core.fixes.syntax import Source, bare, walk

_BEGINS, _ENDS = (b"begin", b"cbegin"), (b"end", b"cend")
_READS = (b"get", b"lock", b"expired", b"use_count")
"""What smart pointers offer that does not change them."""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """
    One loop over a container, which stands at ``places`` in it, the first being the one in its head.

    ``names`` are the variables by which the loop reaches an element; ``elements`` the expressions that are one, none
    where a range-based loop declares it.
    """

    loop: Node
    kind: Literal["range", "iterator", "index", "single"]
    places: tuple[Node, ...]
    names: frozenset[bytes]
    elements: tuple[Node, ...] = ()

    @property
    def container(self) -> Node:
        """The container as the head of the loop names it."""
        return self.places[0]

    @property
    def body(self) -> Node | None:
        """What runs for an element."""
        return self.loop if self.kind == "single" else self.loop.child_by_field_name("body")

    @property
    def may_change_elements(self) -> bool:
        """Whether the loop reaches its elements by what a constant container does not give."""
        declarator = self.loop.child_by_field_name("declarator")
        is_constant = any(each.type == "type_qualifier" for each in self.loop.children)
        is_reference = declarator is not None and not is_constant and b"&" in (declarator.text or b"")
        return self.kind in ("iterator", "index") or is_reference


def walk_of(source: Source, loop: Node) -> Walk | None:
    """Return the walk that a loop is; None for every other loop."""
    if loop.type == "for_range_loop":
        right, declarator = (loop.child_by_field_name(name) for name in ("right", "declarator"))
        if right is None or declarator is None:
            return None
        named = declared_name(declarator)
        names = {source.text(each) for each in walk(declarator) if each.type == "identifier"}
        names |= {source.text(named)} if named is not None else set()
        asked = _asked_in(source, loop.child_by_field_name("body"), bare(right))
        return Walk(loop=loop, kind="range", places=(bare(right), *asked), names=frozenset(names))
    if loop.type == "for_statement":
        return _by_iterator(source, loop) or _by_index(source, loop)
    return None


def single_call(site: Site, statement: Node) -> Walk | None:
    """Return the call of what a member alone holds, where a statement of a block on the site's line is one."""
    is_here = statement.start_point.row <= site.row <= statement.end_point.row
    in_block = statement.parent is not None and statement.parent.type == "compound_statement"
    if not is_here or not in_block or statement.type not in ("expression_statement", "if_statement"):
        return None
    function = function_around(statement) or site.scope
    members = {
        site.source.text(each): each
        for each in walk(statement)
        if each.type == "identifier" and not is_local(site.source, site.source.text(each), each, function)
    }
    found = [each for member in members.values() if (each := _call_of(site.source, statement, member)) is not None]
    return found[0] if len(found) == 1 else None


def _call_of(source: Source, statement: Node, member: Node) -> Walk | None:
    """Return the walk that a statement is which only tests and calls what a member holds; None for every other one."""
    places = [each for each in walk(statement) if _is_same(source, each, member)]
    is_called = any(_called(each) for each in places)
    if statement.type not in ("expression_statement", "if_statement") or not is_called:
        return None
    if not all(_is_read(source, each) for each in places):
        return None
    names = frozenset({source.text(member)})
    return Walk(loop=statement, kind="single", places=tuple(places), names=names, elements=tuple(places))


def _called(node: Node) -> bool:
    """Say whether a node is called, or gone through for a call."""
    outer = node.parent
    if outer is not None and outer.type == "field_expression" and operator_of(outer) == "->":
        node, outer = outer, outer.parent
    return outer is not None and outer.type == "call_expression" and outer.child_by_field_name("function") == node


def _by_iterator(source: Source, loop: Node) -> Walk | None:
    """Read ``for (auto it = list.begin(); it != list.end(); ++it)``."""
    declared, value = _start(loop)
    start, end = _asked(source, value, _BEGINS), _asked(source, _bound(source, loop, declared, "!="), _ENDS)
    if declared is None or start is None or end is None or key_of(source, start) != key_of(source, end):
        return None
    name, body = source.text(declared), loop.child_by_field_name("body")
    uses = [each for each in _inside(body) if each.type == "identifier" and source.text(each) == name]
    elements = [_element_at(source, each) for each in uses]
    if not _steps_by_one(source, loop, name) or _mentions(source, body, start):
        return None
    found = tuple(each for each in elements if each is not None)
    is_whole = len(found) == len(elements) and all(_is_read(source, each) for each in found)
    return (
        Walk(loop=loop, kind="iterator", places=(start, end), names=frozenset({name}), elements=found)
        if is_whole
        else None
    )


def _by_index(source: Source, loop: Node) -> Walk | None:
    """Read ``for (size_t i = 0; i < list.size(); ++i)``, whose index may be used as a number too."""
    declared, value = _start(loop)
    end = _asked(source, _bound(source, loop, declared, "<"), (b"size",))
    if declared is None or end is None or value is None or source.text(value).rstrip(b"uUlL") != b"0":
        return None
    name, body = source.text(declared), loop.child_by_field_name("body")
    key = key_of(source, end)
    elements = [
        each
        for each in _inside(body)
        if each.type == "subscript_expression" and _subscript(source, each) == (key, name)
    ]
    places = [argument for each in elements if (argument := each.child_by_field_name("argument")) is not None]
    others = [each for each in _inside(body) if _is_same(source, each, end) and bare(each) not in map(bare, places)]
    is_set = any(
        each.type in ("assignment_expression", "update_expression")
        and source.text(each.child_by_field_name("left") or each.child_by_field_name("argument") or each) == name
        for each in _inside(body)
    )
    if others or is_set or not elements or not _steps_by_one(source, loop, name):
        return None
    if not all(_is_read(source, each) for each in elements):
        return None
    return Walk(loop=loop, kind="index", places=(end, *places), names=frozenset({name}), elements=tuple(elements))


def _asked_in(source: Source, body: Node | None, container: Node) -> list[Node]:
    """Return where a body asks the container for its size; nothing where it does anything else with it."""
    uses = [each for each in _inside(body) if _is_same(source, each, container)]
    outer = [each.parent for each in uses]
    is_asked = all(
        each is not None and each.type == "field_expression" and called_name(source, each) in (b"size", b"empty")
        for each in outer
    )
    return uses if is_asked else []


def _start(loop: Node) -> tuple[Node | None, Node | None]:
    """Return the one variable that the head declares, and its value."""
    declaration = loop.child_by_field_name("initializer")
    declarators = declaration.children_by_field_name("declarator") if declaration is not None else []
    if len(declarators) != 1 or declarators[0].type != "init_declarator":
        return None, None
    return declared_name(declarators[0]), declarators[0].child_by_field_name("value")


def _bound(source: Source, loop: Node, declared: Node | None, operator: str) -> Node | None:
    """Return what the variable is compared with in the head."""
    condition = loop.child_by_field_name("condition")
    left = condition.child_by_field_name("left") if condition is not None else None
    if condition is None or declared is None or left is None or operator_of(condition) not in (operator, "!="):
        return None
    return condition.child_by_field_name("right") if source.text(left) == source.text(declared) else None


def _asked(source: Source, call: Node | None, names: tuple[bytes, ...]) -> Node | None:
    """Return the object of ``object.name()``."""
    function = call.child_by_field_name("function") if call is not None and call.type == "call_expression" else None
    if function is None or function.type != "field_expression" or operator_of(function) != ".":
        return None
    return function.child_by_field_name("argument") if called_name(source, function) in names else None


def _steps_by_one(source: Source, loop: Node, name: bytes) -> bool:
    update = loop.child_by_field_name("update")
    argument = update.child_by_field_name("argument") if update is not None else None
    is_step = update is not None and update.type == "update_expression" and operator_of(update) == "++"
    return is_step and argument is not None and source.text(argument) == name


def _inside(body: Node | None) -> Iterator[Node]:
    return walk(body) if body is not None else iter(())


def _mentions(source: Source, body: Node | None, container: Node) -> bool:
    return body is not None and any(_is_same(source, each, container) for each in walk(body))


def _is_same(source: Source, node: Node, container: Node) -> bool:
    return node.type == container.type and key_of(source, node) == key_of(source, container)


def _subscript(source: Source, node: Node) -> tuple[bytes, bytes]:
    argument, indices = node.child_by_field_name("argument"), node.child_by_field_name("indices")
    inner = indices.named_children if indices is not None else []
    if argument is None or len(inner) != 1:
        return b"", b""
    return key_of(source, argument), source.text(inner[0])


def _element_at(source: Source, iterator: Node) -> Node | None:
    """Return the element that an iterator is gone to for: ``*it``, or ``it->second`` of a map."""
    outer = iterator.parent
    if outer is None:
        return None
    if outer.type == "pointer_expression" and operator_of(outer) == "*":
        return outer
    is_arrow = outer.type == "field_expression" and operator_of(outer) == "->"
    return outer if is_arrow and called_name(source, outer) in (b"first", b"second") else None


def _is_read(source: Source, element: Node) -> bool:
    """Say whether an element is only gone through, called, given on, compared or copied, and not changed."""
    node = element
    while node.parent is not None and node.parent.type == "parenthesized_expression":
        node = node.parent
    outer = node.parent
    if outer is None:
        return False
    if outer.type == "field_expression":
        return operator_of(outer) == "->" or called_name(source, outer) in _READS
    if outer.type == "call_expression":
        return outer.child_by_field_name("function") == node
    if outer.type == "init_declarator":
        declaration = outer.parent
        declarator = outer.child_by_field_name("declarator")
        is_bound = declarator is not None and declarator.type == "reference_declarator"
        is_constant = declaration is not None and any(each.type == "type_qualifier" for each in declaration.children)
        return not is_bound or is_constant
    if outer.type == "unary_expression":
        return operator_of(outer) == "!"
    return outer.type in ("argument_list", "condition_clause") or operator_of(outer) in ("&&", "||", "==", "!=")
