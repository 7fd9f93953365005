"""How the event of a dying object reaches who points to it: by which expression, and whether a setter may be called."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.errors import RefusalError
from tasks.core.fixes.asserted_pointer import PREFIX, Assertion, base_of
from tasks.core.fixes.calls import OWN, function_around, function_name, method_calls, own_calls
from tasks.core.fixes.classes import class_of, named_declarations
from tasks.core.fixes.declared import declared_type, member_type
from tasks.core.fixes.expressions import operator_of
from tasks.core.fixes.site import show
from tasks.core.fixes.syntax import Source

_OF_THE_CORE = {(b"Spell", b"m_caster"): b"GetCaster"}
"""Getters of members that TrinityCore and AzerothCore declare alike."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """An expression that gives an object, and whether one goes on from it by ``->`` or, from a reference, by ``.``."""

    text: bytes
    operator: bytes

    @property
    def may_be_null(self) -> bool:
        """Say whether a test for null makes sense."""
        return self.operator == b"->"

    def call(self, name: bytes, *arguments: bytes) -> bytes:
        """Return the statement that calls a method of the object."""
        return b"%b%b%b(%b);" % (self.text, self.operator, name, b", ".join(arguments))


@dataclass(frozen=True, kw_only=True)
class _Declared:
    """What one declaration says of a member, or of what a method gives back."""

    is_constant: bool
    form: str


def caster_of(parsed: Mapping[str, Source], asserted: Assertion, member: bytes, event: Source) -> Reach:
    """
    Return how the event reaches the object that the owner's own member holds: by its getter, or by the member.

    Raises:
        RefusalError: nothing at hand leads there, or only to an object that is constant.
    """
    base = base_of(asserted.holder)
    spelled = asserted.source.text(base).removeprefix(b"this->")
    if not re2.fullmatch(rb"\w+(?:\(\))?", spelled):
        raise RefusalError(f"`{show(spelled)}` is no member of the object that its event could reach.")
    owner = asserted.owner.split(b"::")[-1].lstrip(b"~")
    sources = tuple(parsed.values())
    own = list(_declarations(sources, spelled.removesuffix(b"()"), owner))
    is_all = base == asserted.holder or base.parent is None
    operator = (asserted.operator if is_all or base.parent is None else operator_of(base.parent)).encode()
    is_constant = bool(own) and all(each.is_constant for each in own)
    is_constant = is_constant or _is_given_constant(sources, spelled)
    if spelled.endswith(b"()"):
        if is_constant:
            raise _constant(spelled)
        return Reach(text=member + b"->" + spelled, operator=operator)
    for getter in _getters(spelled):
        returned = list(_declarations(sources, getter, owner))
        if returned and all(each.is_constant for each in returned):
            is_constant = True
        elif (returned and _is_of(sources, getter, owner)) or (_is_called(sources, getter, owner) and not is_constant):
            found = {b"->" if each.form == "pointer" else b"." for each in returned if each.form != "value"}
            used = _operator_behind(sources, getter) or operator
            return Reach(text=b"%b->%b()" % (member, getter), operator=found.pop() if len(found) == 1 else used)
    reached = b"%b->%b" % (member, spelled)
    if is_constant:
        raise _constant(spelled)
    if reached in event.compiled:
        return Reach(text=reached, operator=operator)
    if (owner, spelled) in _OF_THE_CORE and not own:
        return Reach(text=b"%b->%b()" % (member, _OF_THE_CORE[owner, spelled]), operator=operator)
    raise RefusalError(f"How the event reaches `{show(spelled)}` of the object is not in the files of the crash.")


def _constant(spelled: bytes) -> RefusalError:
    return RefusalError(f"`{show(spelled)}` of the object leads to a constant one, on which no setter can be called.")


def _getters(member: bytes) -> list[bytes]:
    plain = PREFIX.sub(rb"", member)
    name = plain[:1].upper() + plain[1:]
    return [b"Get" + name, b"get" + name]


def _declarations(sources: Iterable[Source], name: bytes, owner: bytes) -> Iterator[_Declared]:
    """Yield what the class ``owner`` declares a member or a method as; what other classes do, where it is not there."""
    found = [
        (class_of(source, each), _declared(sources, source, each))
        for source in sources
        for each in named_declarations(source, name)
    ]
    own = [each for kind, each in found if kind == owner]
    yield from own or [each for _, each in found]


def _declared(sources: Iterable[Source], source: Source, declaration: Node) -> _Declared:
    shapes = set()
    node = declaration.child_by_field_name("declarator")
    while node is not None and node.type not in ("function_declarator", "identifier", "field_identifier"):
        shapes.add(node.type)
        node = node.child_by_field_name("declarator") or (node.named_children[-1] if node.named_children else None)
    form = next((name for name in ("pointer", "reference") if f"{name}_declarator" in shapes), "value")
    kind = declaration.child_by_field_name("type")
    is_smart = kind is not None and b"_ptr" in source.text(kind).partition(b"<")[0]
    is_constant = any(each.type == "type_qualifier" and source.text(each) == b"const" for each in declaration.children)
    if is_smart and kind is not None:
        return _Declared(is_constant=b"const" in source.text(kind), form="pointer")
    is_constant = is_constant or (kind is not None and _is_alias_of_constant(sources, source.text(kind)))
    return _Declared(is_constant=is_constant and form != "value", form=form)


def _is_alias_of_constant(sources: Iterable[Source], kind: bytes) -> bool:
    """Say whether a type is another name for a constant one: ``using Watched = Unit const;``."""
    if not kind.isascii():
        return False
    name = re2.escape(kind.rpartition(b"::")[2])
    alias = re2.compile(rb"\busing\s+%b\s*=([^;]*\bconst\b)|\btypedef\s+([^;]*\bconst\b)[^;]*\b%b\s*;" % (name, name))
    return any(alias.search(source.compiled) for source in sources)


def _is_given_constant(sources: Iterable[Source], member: bytes) -> bool:
    """Say whether a constructor initialises the member with a parameter that points to a constant object."""
    for source in sources:
        for each in source.nodes("field_initializer"):
            name, given = each.named_children[0], each.named_children[-1]
            function = function_around(each)
            if source.text(name) != member or function is None or len(given.named_children) != 1:
                continue
            kind = declared_type(source, source.text(given.named_children[0]), given, function) or b""
            if re2.search(rb" const[*&]$", kind):
                return True
    return False


def _is_of(sources: Iterable[Source], getter: bytes, owner: bytes) -> bool:
    return any(
        class_of(source, each) in (owner, b"") for source in sources for each in named_declarations(source, getter)
    )


def _is_called(sources: tuple[Source, ...], getter: bytes, owner: bytes) -> bool:
    """Say whether a call in the sources shows that an object of the class has the method."""
    for source in sources:
        if getter not in source.compiled:
            continue
        for call in (*method_calls(source, source.root, getter.__eq__), *own_calls(source, source.root)):
            if call.name != getter or call.arguments:
                continue
            function = function_around(call.node)
            if call.key == OWN:
                name = function_name(source, function) if function is not None else b""
                if name.rpartition(b"::")[0].rpartition(b"::")[2] == owner:
                    return True
                continue
            plain = PREFIX.sub(rb"", call.key.rpartition(b"->")[2])
            kind = declared_type(source, call.key, call.node, function) if function is not None else None
            kind = kind or member_type(sources, call.key) or b""
            if plain.lower() == owner.lower() or owner in re2.findall(rb"\w+", kind):
                return True
    return False


def _operator_behind(sources: Iterable[Source], getter: bytes) -> bytes | None:
    """Return the operator by which the sources go on from what a getter gives, where it is always the same."""
    expression = rb"\b%b\(\)\s*(->|\.)" % getter
    found = {each for source in sources for each in re2.findall(expression, source.compiled)}
    return found.pop() if len(found) == 1 else None
