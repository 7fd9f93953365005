"""
The template `clear-spell-mod`: an object that dies through its event is forgotten by who points to it.

The destructor of a spell asserts that its caster's pointer to the spell is gone. An event that is killed before it is
done (a logout, a change of map, a teleport) destroys the spell without clearing that pointer. So the destructor of the
event clears it, between ending the spell and giving it away, by the setter that the source uses elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import re2
from tree_sitter import Node

from tasks.core.crash import Crash, Frame
from tasks.core.errors import RefusalError
from tasks.core.fixes import syntax
from tasks.core.fixes.calls import function_name, functions, method_calls
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.declared import member_form, member_type
from tasks.core.fixes.expressions import called_name, dereferences, key_of, operator_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import is_assertion
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import Source, bare, body_of, field, is_broken, walk
from tasks.core.hierarchy import Level
from tasks.core.names import normalise

_SMART = re2.compile(rb"\w*_ptr$")
_MAX_CONDITION = 200
_PREFIX = re2.compile(rb"^(?:m_|_)")


@dataclass(frozen=True, kw_only=True)
class _Assertion:
    """What the destructor asserts: ``holder->member != this``, where ``base->convert()`` gives the holder."""

    owner: bytes
    holder: Node
    member: bytes
    source: Source
    is_guarded: bool

    @property
    def setter(self) -> bytes:
        """The name that a setter of the member has by the habit of these sources."""
        plain: bytes = _PREFIX.sub(rb"", self.member)
        return b"Set" + plain[:1].upper() + plain[1:]


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
    version = 2
    summary = "clears the pointer to a dying spell in the destructor of its event"
    level: Level = "core"

    def propose(self, crash: Crash, sources: Mapping[str, bytes]) -> Proposal:
        """
        Propose the call that clears the pointer.

        Raises:
            RefusalError: destructors, setter or caster are not in the sources, or the pointer is cleared already.
        """
        parsed = {path: syntax.parse(content) for path, content in sources.items()}
        asserted = _assertion(crash, parsed)
        event = _event(crash, parsed, asserted)
        place = Site(frame=Frame(index=0, file=event.path), source=event.source, scope=event.function)
        if any(is_broken(each, event.function) for each in event.body.named_children):
            raise RefusalError(f"The parser does not understand {_shown(event)}, perhaps for a macro.")
        if _may_be_null(event):
            raise RefusalError(
                f"`{_shown(event)}` asks whether `{show(event.member)}` is there at all, so it can't be gone through."
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


def _assertion(crash: Crash, parsed: Mapping[str, Source]) -> _Assertion:
    """
    Find the assertion of a destructor that another object's member does not point to what dies.

    Where the files hold several, or not the destructor itself, the words of the crash say which it is.
    """
    told = _told_assertion(crash)
    found = [
        each
        for source in [*parsed.values(), *([told] if told is not None else [])]
        for function in functions(source)
        if b"~" in function_name(source, function)
        for each in _assertions_in(source, function)
    ]
    if not found:
        raise RefusalError("No destructor in the files of the crash asserts that a pointer to the object is cleared.")
    named = [each for each in found if each.source is told]
    found = [each for each in found if not named or each.member == named[0].member]
    if len({each.member for each in found}) > 1:
        raise RefusalError("Destructors in the files of the crash assert this of several pointers.")
    return found[0]


def _told_assertion(crash: Crash) -> Source | None:
    """Return the failed condition of a crash as the only line of the destructor that its frames name."""
    conditions = [line.strip() for line in (crash.exception.message or "").splitlines() if "!=" in line]
    names = [normalise(frame.function) for frame in crash.frames if frame.function]
    destructors = [each for each in names if re2.fullmatch(r"(?:\w+::)*~\w+", each) and "::" in each]
    if len(conditions) != 1 or not destructors or len(conditions[0]) > _MAX_CONDITION:
        return None
    source = syntax.parse(f"{destructors[0]}() {{ ASSERT({conditions[0]}); }}".encode())
    return None if source.root.has_error else source


def _assertions_in(source: Source, function: Node) -> Iterator[_Assertion]:
    for call in walk(function):
        given = call.child_by_field_name("arguments") if is_assertion(source, call) else None
        for comparison in walk(given) if given is not None else ():
            if comparison.type != "binary_expression" or operator_of(comparison) != "!=":
                continue
            sides = [field(comparison, name) for name in ("left", "right")]
            other = next((each for each in sides if each is not None and each.type == "field_expression"), None)
            if other is None or not any(each is not None and each.type == "this" for each in sides):
                continue
            holder, member = other.child_by_field_name("argument"), other.child_by_field_name("field")
            if holder is not None and member is not None:
                yield _Assertion(
                    owner=function_name(source, function),
                    holder=bare(holder),
                    member=source.text(member),
                    source=source,
                    is_guarded=_tests_base(source, function, call, holder),
                )


def _tests_base(source: Source, function: Node, call: Node, holder: Node) -> bool:
    """Say whether the destructor asks first whether the object behind the holder is there at all."""
    base = source.text(_base(holder))
    around = [each.child_by_field_name("condition") for each in syntax.ancestors(call, function)]
    given = call.child_by_field_name("arguments")
    conditions = [each for each in (*around, given) if each is not None]
    operands = [part for each in conditions for part in walk(each) if part.type in ("identifier", "field_identifier")]
    return any(
        source.text(each) == base and each.parent is not None and each.parent.type != "field_expression"
        for each in operands
        if each.start_byte < holder.start_byte or each.start_byte >= holder.end_byte
    )


def _base(holder: Node) -> Node:
    """Return the object that a chain of conversions begins with: ``m_caster`` of ``m_caster->ToPlayer()``."""
    node = holder
    while True:
        if node.type == "call_expression":
            function = node.child_by_field_name("function")
            if function is None or function.type != "field_expression":
                return node
            node = function.child_by_field_name("argument") or node
            continue
        return node


def _event(crash: Crash, parsed: Mapping[str, Source], asserted: _Assertion) -> _Event:
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
    alike = [key for key in members if _PREFIX.sub(rb"", key).lower() == owner.lower()]
    chosen = typed or alike
    return chosen[0] if len(chosen) == 1 else None


def _words(text: bytes) -> list[bytes]:
    return list(re2.findall(rb"\w+", text))


def _check_setter(parsed: Mapping[str, Source], asserted: _Assertion, event: _Event) -> None:
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
    if any(source is event.source and _is_within(node, event.function) for source, node in calls):
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


def _clearing(parsed: Mapping[str, Source], asserted: _Assertion, event: _Event) -> tuple[bytes, bytes]:
    """Return the test whether there is somebody who points to the object, and the call that clears the pointer."""
    caster = _caster(parsed, asserted, event)
    base = asserted.source.text(_base(asserted.holder))
    chain = caster + asserted.source.text(asserted.holder)[len(base) :]
    spell = event.member + b".get()" if _is_smart(parsed, event) else event.member
    if chain == caster:
        return caster, b"%b->%b(%b, false);" % (caster, asserted.setter, spell)
    kind, name = _variable(parsed, chain)
    test = b"%b %b = %b" % (kind, name, chain)
    if asserted.is_guarded:
        test = b"%b %b = %b ? %b : nullptr" % (kind, name, caster, chain)
    return test, b"%b->%b(%b, false);" % (name, asserted.setter, spell)


def _caster(parsed: Mapping[str, Source], asserted: _Assertion, event: _Event) -> bytes:
    """Return how the event reaches the object that the owner's own member holds: by its getter, or by the member."""
    base = _base(asserted.holder)
    text = asserted.source.text(base)
    if base.type == "call_expression":
        return event.member + b"->" + text
    plain = _PREFIX.sub(rb"", text)
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
        return _SMART.search(kind.partition(b"<")[0].strip()) is not None
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
