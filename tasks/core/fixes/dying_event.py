"""The event by which an object dies: the destructor that destroys it, and the member by which it holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import re2
from tree_sitter import Node

from tasks.core.crash import Crash
from tasks.core.errors import RefusalError
from tasks.core.fixes.asserted_pointer import PREFIX, Assertion
from tasks.core.fixes.calls import function_name, functions, method_calls
from tasks.core.fixes.declared import is_local, member_type
from tasks.core.fixes.expressions import declared_name, dereferences, key_of
from tasks.core.fixes.site import show
from tasks.core.fixes.syntax import Source, ancestors, body_of, field, of_type, walk
from tasks.core.names import normalise

SMART = re2.compile(rb"\w*_ptr$")
"""Names of the types that own what they point to."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """
    The destructor of the event, and the member by which it reaches the dying object.

    ``others`` are members that hold objects of the same class, which the destructor deletes as well.
    """

    path: str
    source: Source
    function: Node
    member: bytes
    others: frozenset[bytes] = frozenset()

    @property
    def each(self) -> tuple["Event", ...]:
        """The event once for each of its members, in the order of their names."""
        members = sorted({self.member, *self.others})
        return tuple(replace(self, member=name, others=frozenset(members) - {name}) for name in members)

    @property
    def body(self) -> Node:
        """The block of the destructor in which the object dies: its own, or that of its loop over several objects."""
        loop = loop_over(self.source, self.function, self.member)
        found = block_of(loop) if loop is not None else body_of(self.function)
        assert found is not None
        return found

    def __str__(self) -> str:
        return show(function_name(self.source, self.function))


def event_of(crash: Crash, parsed: Mapping[str, Source], asserted: Assertion) -> Event:
    """Find the destructor of the class that holds the dying object and is no part of it."""
    owner = asserted.owner.split(b"::")[-1].lstrip(b"~")
    named = {frame.function.rpartition("::")[2].encode() for frame in crash.frames if frame.function}
    destroyer = _destroyer(crash, owner)
    found = []
    for path, source in parsed.items():
        for function in functions(source):
            name = function_name(source, function).split(b"::")[-1]
            if not name.startswith(b"~") or name == b"~" + owner:
                continue
            if destroyer is not None and not _is_same(destroyer, _qualified(source, function)):
                continue
            held = _held(source, function, owner, parsed)
            if held:
                event = Event(path=path, source=source, function=function, member=held[0], others=frozenset(held[1:]))
                found.append((name in named, event))
    best = [event for is_on_stack, event in found if is_on_stack] or [event for _, event in found]
    if len(best) != 1:
        of = f"`{show(destroyer)}`, by which the object died," if destroyer else f"an object that holds a {show(owner)}"
        raise RefusalError(
            f"The files of the crash define {'no' if not best else 'more than one'} destructor of {of}"
            " so where the pointer is to be cleared is not known."
        )
    return best[0]


def _destroyer(crash: Crash, owner: bytes) -> bytes | None:
    """Return the destructor that destroyed the object by the stack; None where another function, or nobody, is told."""
    names = [normalise(frame.function).encode() for frame in crash.frames if frame.function]
    own = [place for place, name in enumerate(names) if name.rpartition(b"::")[2] == b"~" + owner]
    for name in names[own[-1] + 1 :] if own else []:
        if name.startswith((b"std::", b"boost::", b"Trinity::unique_")) or SMART.search(name.partition(b"<")[0]):
            continue
        plain = _without_arguments(name)
        return plain if plain.rpartition(b"::")[2].startswith(b"~") else None
    return None


def _without_arguments(name: bytes) -> bytes:
    """Return a name without the arguments of its templates."""
    while b"<" in name and (shorter := re2.sub(rb"<[^<>]*>", rb"", name)) != name:
        name = shorter
    return name


def _qualified(source: Source, function: Node) -> bytes:
    """Return the name of a function with the classes and namespaces around its definition."""
    kinds = ("class_specifier", "struct_specifier", "namespace_definition")
    around = [each.child_by_field_name("name") for each in ancestors(function) if each.type in kinds]
    names = [source.text(each) for each in reversed(around) if each is not None]
    return _without_arguments(b"::".join([*names, function_name(source, function)]))


def _is_same(one: bytes, other: bytes) -> bool:
    """Say whether two names may be of one function, where one may lack what is around it."""
    first, second = (each.split(b"::") for each in (one, other))
    length = min(len(first), len(second))
    return first[-length:] == second[-length:]


def _held(source: Source, function: Node, owner: bytes, parsed: Mapping[str, Source]) -> list[bytes]:
    """Return the member by which a destructor reaches an object of the class ``owner``, or all that it deletes."""
    body = body_of(function)
    uses = list(dereferences(source, walk(body))) if body is not None else []
    keys = {
        each.key for each in uses if each.form == "arrow" and each.pointer.type in ("identifier", "field_expression")
    }
    deleted = {key_of(source, each.named_children[-1]) for each in walk(function) if each.type == "delete_expression"}
    keys |= deleted
    keys |= {call.key for call in method_calls(source, function) if call.name == b"reset" and not call.arguments}
    members = [key for key in keys if re2.fullmatch(rb"\w+", key) and not _is_passing(source, function, key)]
    typed = [key for key in members if owner in _words(member_type(parsed.values(), key) or b"")]
    if any(_only_watches(each, key, owner) for key in typed for each in parsed.values()):
        return []
    alike = [key for key in members if PREFIX.sub(rb"", key).lower() == owner.lower()]
    chosen = typed or alike
    return chosen if len(chosen) == 1 or deleted.issuperset(chosen) else []


def _is_passing(source: Source, function: Node, name: bytes) -> bool:
    """Say whether a name is a variable that is known only in a part of the destructor, and not all of its loop."""
    places = [each for each in of_type(function, "identifier") if source.text(each) == name]
    is_variable = any(is_local(source, name, each, function) for each in places)
    return is_variable and loop_over(source, function, name) is None


def block_of(statement: Node) -> Node | None:
    """Return what a loop runs, or an `if` whose condition holds."""
    return statement.child_by_field_name("body") or statement.child_by_field_name("consequence")


def loop_over(source: Source, function: Node, name: bytes) -> Node | None:
    """Return the loop or `if` of a destructor that takes an object by a name, and deletes it in its block."""
    for each in of_type(function, "for_range_loop", "if_statement"):
        declarator, body = each.child_by_field_name("declarator"), block_of(each)
        condition = field(each, "condition")
        if condition is not None and condition.type == "declaration":
            declarator = condition.child_by_field_name("declarator")
        named = declared_name(declarator) if declarator is not None else None
        if named is None or body is None or body.type != "compound_statement" or source.text(named) != name:
            continue
        if any(key_of(source, inner.named_children[-1]) == name for inner in of_type(body, "delete_expression")):
            return each
    return None


def _only_watches(source: Source, member: bytes, owner: bytes) -> bool:
    """Say whether a member is declared as a pointer to a constant object, which it can't own."""
    if not owner.isascii():
        return False
    constant = rb"(?:const\s+%b|%b\s+const)\s*\*\s*(?:const\s+)?%b\b" % (owner, owner, re2.escape(member))
    return re2.search(constant, source.compiled) is not None


def _words(text: bytes) -> list[bytes]:
    return list(re2.findall(rb"\w+", text))
