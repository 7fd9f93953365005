"""
The template `clear-spell-mod`: an object that dies through its event is forgotten by who points to it.

The destructor of a spell asserts that its caster's pointer to the spell is gone. An event that is killed before it is
done (a logout, a change of map, a teleport) destroys the spell without clearing that pointer. So the destructor of the
event clears it, between ending the spell and giving it away, by the setter that the source uses elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.crash import Crash, Frame
from tasks.core.errors import RefusalError
from tasks.core.fixes import asserted_pointer, syntax
from tasks.core.fixes.asserted_pointer import PREFIX, Assertion, base_of
from tasks.core.fixes.calls import function_name, functions, method_calls, own_calls
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.declared import member_form, member_type
from tasks.core.fixes.expressions import called_name, dereferences, key_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Source, body_of, is_broken, walk
from tasks.core.hierarchy import Level

_SMART = re2.compile(rb"\w*_ptr$")
_LOOK_UP = re2.compile(rb"ObjectAccessor::|(?:^|::|\.|->)(?:Find|Lookup)(?:Connected)?(?:Player|Unit|Creature)\w*$")


@dataclass(frozen=True, kw_only=True)
class _Event:
    """The destructor of the event, and the member by which it reaches the dying object."""

    path: str
    source: Source
    function: Node
    member: bytes

    @property
    def body(self) -> Node:
        """The block of the destructor."""
        found = body_of(self.function)
        assert found is not None
        return found


class ClearSpellMod(FromFrames):
    """Clear the pointer to a dying spell in the destructor of its event."""

    slug = "clear-spell-mod"
    version = 3
    summary = "clears the pointer to a dying spell in the destructor of its event"
    level: Level = "core"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose the call that clears the pointer.

        Raises:
            RefusalError: destructors, setter or caster are not in the sources, or the pointer is cleared already.
        """
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        asserted = asserted_pointer.find(crash, parsed)
        event = _event(crash, parsed, asserted)
        place = Site(frame=Frame(index=0, file=event.path), source=event.source, scope=event.function)
        if any(is_broken(each, event.function) for each in event.body.named_children):
            raise RefusalError(f"The parser does not understand {_shown(event)}, perhaps for a macro.")
        if _may_be_null(event):
            raise RefusalError(
                f"`{_shown(event)}` asks whether `{show(event.member)}` is there at all, so it can't be gone through."
            )
        if looked_up := _looked_up(event):
            raise RefusalError(
                f"`{_shown(event)}` looks up who is still there (`{show(looked_up)}`): the caster may be gone."
            )
        _check_setter(parsed, asserted, event)
        test, call = _clearing(parsed, asserted, event)
        before = _place(event)
        writer = Writer.at(place)
        return Proposal(
            edits=(writer.insert_guarded(before, test, call),),
            explanation=f"Clears `{show(asserted.member)}` of the caster in `{_shown(event)}` before the object goes."
            f" An event that is killed before it is done destroys the object while the pointer still holds it, and"
            f" `{show(asserted.owner)}` asserts that nobody does.",
        )


def _shown(event: _Event) -> str:
    return show(function_name(event.source, event.function))


def _event(crash: Crash, parsed: Mapping[str, Source], asserted: Assertion) -> _Event:
    """Find the destructor of the class that holds the dying object and is no part of it."""
    owner = asserted.owner.split(b"::")[-1].lstrip(b"~")
    named = {frame.function.rpartition("::")[2].encode() for frame in crash.frames if frame.function}
    found = []
    for path, source in parsed.items():
        for function in functions(source):
            name = function_name(source, function).split(b"::")[-1]
            if not name.startswith(b"~") or name == b"~" + owner:
                continue
            member = _held(source, function, owner, parsed)
            if member is not None:
                found.append((name in named, _Event(path=path, source=source, function=function, member=member)))
    best = [event for is_on_stack, event in found if is_on_stack] or [event for _, event in found]
    if len(best) != 1:
        raise RefusalError(
            f"The files of the crash define {'no' if not best else 'more than one'} destructor of an object that holds"
            f" a {show(owner)}, so where the pointer is to be cleared is not known."
        )
    return best[0]


def _held(source: Source, function: Node, owner: bytes, parsed: Mapping[str, Source]) -> bytes | None:
    """Return the member by which a destructor reaches an object of the class ``owner``."""
    body = body_of(function)
    uses = list(dereferences(source, walk(body))) if body is not None else []
    keys = {
        each.key for each in uses if each.form == "arrow" and each.pointer.type in ("identifier", "field_expression")
    }
    keys |= {key_of(source, each.named_children[-1]) for each in walk(function) if each.type == "delete_expression"}
    members = [key for key in keys if re2.fullmatch(rb"\w+", key)]
    typed = [key for key in members if owner in _words(member_type(parsed.values(), key) or b"")]
    if any(_only_watches(each, key, owner) for key in typed for each in parsed.values()):
        return None
    alike = [key for key in members if PREFIX.sub(rb"", key).lower() == owner.lower()]
    chosen = typed or alike
    return chosen[0] if len(chosen) == 1 else None


def _only_watches(source: Source, member: bytes, owner: bytes) -> bool:
    """Say whether a member is declared as a pointer to a constant object, which it can't own."""
    constant = rb"(?:const\s+%b|%b\s+const)\s*\*\s*(?:const\s+)?%b\b" % (owner, owner, re2.escape(member))
    return re2.search(constant, source.content) is not None


def _words(text: bytes) -> list[bytes]:
    return list(re2.findall(rb"\w+", text))


def _check_setter(parsed: Mapping[str, Source], asserted: Assertion, event: _Event) -> None:
    setter = asserted.setter
    calls = [
        (source, node)
        for source in parsed.values()
        for node in syntax.of_type(source.root, "call_expression")
        if _is_call_of(source, node, setter)
    ]
    declared = [
        parameters
        for source in parsed.values()
        for node in syntax.of_type(source.root, "function_declarator")
        if (parameters := _parameters_of(source, node, setter)) is not None
    ]
    helped = _own_functions(event)
    if any(source is event.source and any(_is_within(node, each) for each in helped) for source, node in calls):
        raise RefusalError(f"`{_shown(event)}` clears `{show(asserted.member)}` already.")
    counts = {len(_arguments(node)) for _, node in calls} | set(declared)
    if not counts:
        raise RefusalError(
            f"The files of the crash neither declare nor call `{show(setter)}`, so how `{show(asserted.member)}` is"
            " cleared is not known."
        )
    if counts != {2}:
        raise RefusalError(
            f"`{show(setter)}` does not take the object and whether it is the one, but {sorted(counts)}."
        )


def _own_functions(event: _Event) -> list[Node]:
    """Return the destructor and the functions of its file that it calls by name, and those that they call."""
    found, names = [event.function], set[bytes]()
    for function in found:
        names |= {call.name for call in own_calls(event.source, function)}
        found += [
            each
            for each in functions(event.source)
            if each not in found and function_name(event.source, each).split(b"::")[-1] in names
        ]
    return found


def _looked_up(event: _Event) -> bytes | None:
    """Return a call in the destructor that looks for somebody by an id, as code does that outlives its owner."""
    for call in syntax.of_type(event.body, "call_expression"):
        function = call.child_by_field_name("function")
        text = event.source.text(function) if function is not None else b""
        if _LOOK_UP.search(text):
            return event.source.text(call)
    return None


def _is_call_of(source: Source, node: Node, name: bytes) -> bool:
    function = node.child_by_field_name("function")
    return function is not None and called_name(source, function) == name


def _parameters_of(source: Source, declarator: Node, name: bytes) -> int | None:
    named, parameters = declarator.child_by_field_name("declarator"), declarator.child_by_field_name("parameters")
    if named is None or parameters is None or called_name(source, named) != name:
        return None
    return sum(each.type.endswith("parameter_declaration") for each in parameters.named_children)


def _arguments(call: Node) -> list[Node]:
    given = call.child_by_field_name("arguments")
    return [each for each in given.named_children if each.type != "comment"] if given is not None else []


def _clearing(parsed: Mapping[str, Source], asserted: Assertion, event: _Event) -> tuple[bytes, bytes]:
    """Return the test whether there is somebody who points to the object, and the call that clears the pointer."""
    caster = _caster(parsed, asserted, event)
    base = asserted.source.text(base_of(asserted.holder))
    chain = caster + asserted.source.text(asserted.holder)[len(base) :]
    spell = event.member + b".get()" if _is_smart(parsed, event) else event.member
    if chain == caster:
        return caster, b"%b->%b(%b, false);" % (caster, asserted.setter, spell)
    kind, name = _variable(parsed, chain)
    test = b"%b %b = %b" % (kind, name, chain)
    if asserted.is_guarded:
        test = b"%b %b = %b ? %b : nullptr" % (kind, name, caster, chain)
    return test, b"%b->%b(%b, false);" % (name, asserted.setter, spell)


def _caster(parsed: Mapping[str, Source], asserted: Assertion, event: _Event) -> bytes:
    """Return how the event reaches the object that the owner's own member holds: by its getter, or by the member."""
    base = base_of(asserted.holder)
    text = asserted.source.text(base)
    if base.type == "call_expression":
        return event.member + b"->" + text
    plain = PREFIX.sub(rb"", text)
    getters = [b"Get" + plain[:1].upper() + plain[1:], b"get" + plain[:1].upper() + plain[1:]]
    for getter in getters:
        if any(re2.search(rb"\b%b\s*\(\s*\)" % getter, source.content) for source in parsed.values()):
            return b"%b->%b()" % (event.member, getter)
    reached = b"%b->%b" % (event.member, text)
    if reached in event.source.content:
        return reached
    raise RefusalError(f"How `{_shown(event)}` reaches `{show(text)}` of the object is not in the files of the crash.")


def _may_be_null(event: _Event) -> bool:
    """Say whether the destructor tests the pointer itself: in a condition, or against null."""
    name = re2.escape(event.member)
    tests = rb"(?:\(|&&|\|\||!|=)\s*(?:this->)?%b\s*(?:\)|&&|\|\||\?|==|!=)|(?:nullptr|NULL)\s*[!=]=\s*%b\b"
    return re2.search(tests % (name, name), event.source.text(event.body)) is not None


def _is_smart(parsed: Mapping[str, Source], event: _Event) -> bool:
    if any(each.type == "delete_expression" for each in walk(event.body)):
        return False
    kind = member_type(parsed.values(), event.member)
    if kind is not None:
        plain = kind.partition(b"<")[0].strip()
        alias = rb"(?:using\s+%b\s*=\s*[^;]*?_ptr\s*<|typedef\s+[^;]*?_ptr\s*<[^;]*>\s*%b\s*;)" % (
            (re2.escape(plain),) * 2
        )
        is_alias = any(re2.search(alias, source.content) for source in parsed.values())
        return is_alias or _SMART.search(plain) is not None
    given = rb"\b%b\s*[({=]\s*(?:std::)?(?:move|make_unique|make_shared|unique_ptr|shared_ptr)\b" % re2.escape(
        event.member
    )
    if re2.search(given, event.source.content):
        return True
    smart = rb"\b%b\s*\.\s*(?:get|reset|release|swap)\s*\(" % re2.escape(event.member)
    return re2.search(smart, event.source.content) is not None or member_form(parsed.values(), event.member) == "smart"


def _variable(parsed: Mapping[str, Source], chain: bytes) -> tuple[bytes, bytes]:
    """Return type and name for what a conversion such as ``->ToPlayer()`` gives."""
    found = re2.search(rb"->To([A-Z]\w*)\(\)$", chain)
    if not found:
        return b"auto*", b"holder"
    kind = found[1]
    is_known = any(re2.search(rb"\b%b\s*\*" % kind, source.content) for source in parsed.values())
    return (kind + b"*" if is_known else b"auto*"), kind[:1].lower() + kind[1:]


def _place(event: _Event) -> Node | None:
    """
    Return the statement before which the pointer is cleared, None for the end of the destructor.

    It is the first that asks whether the object may be deleted, deletes it, or gives it away; else what follows the
    last use of the object.
    """
    inner = [each for each in event.body.named_children if each.type != "comment"]
    if not inner:
        raise RefusalError(f"`{_shown(event)}` is empty: when the object dies is not seen there.")
    for statement in inner:
        names = {each.name.lower() for each in method_calls(event.source, statement) if each.key == event.member}
        has_delete = any(each.type == "delete_expression" for each in walk(statement))
        if has_delete or any(b"delet" in name or name in (b"reset", b"release") for name in names):
            return statement
    last = [place for place, each in enumerate(inner) if event.member in event.source.text(each)]
    following = last[-1] + 1 if last else 0
    return inner[following] if following < len(inner) else None


def _is_within(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte
