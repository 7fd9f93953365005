"""
The template `clear-spell-mod`: an object that dies through its event is forgotten by who points to it.

The destructor of a spell asserts that its caster's pointer to the spell is gone. An event that is killed before it is
done (a logout, a change of map, a teleport) destroys the spell without clearing that pointer. So the destructor of the
event clears it, between ending the spell and giving it away, by the setter that the source uses elsewhere.
"""

from collections.abc import Mapping

import re2
from tree_sitter import Node

from tasks.core.crash import Crash, Frame
from tasks.core.errors import RefusalError
from tasks.core.fixes import asserted_pointer, syntax
from tasks.core.fixes.asserted_pointer import Assertion, base_of
from tasks.core.fixes.calls import function_name, functions, method_calls, own_calls
from tasks.core.fixes.contract import FromFrames, Proposal
from tasks.core.fixes.declared import initial_value, member_form, member_type
from tasks.core.fixes.dying_event import SMART, Event, event_of, loop_over
from tasks.core.fixes.expressions import called_name, dereferences, handed, is_assigned, key_of, operator_of
from tasks.core.fixes.guarding import Writer
from tasks.core.fixes.guards import earlier_statements, implies, is_checked, is_conditional
from tasks.core.fixes.reaching import Reach, caster_of
from tasks.core.fixes.site import Site, show
from tasks.core.fixes.syntax import LOOPS, Source, ancestors, body_of, field, is_broken, of_type, own_nodes, walk
from tasks.core.hierarchy import Level

_LOOK_UP = re2.compile(rb"ObjectAccessor::|(?:^|::|\.|->)(?:Find|Lookup)(?:Connected)?(?:Player|Unit|Creature)\w*$")
_OF_THE_CORE = (b"SetSpellModTakingSpell",)
"""Setters that TrinityCore and AzerothCore declare alike: ``void Player::SetSpellModTakingSpell(Spell*, bool)``."""


class ClearSpellMod(FromFrames):
    """Clear the pointer to a dying spell in the destructor of its event."""

    slug = "clear-spell-mod"
    version = 5
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
        event = event_of(crash, parsed, asserted)
        place = Site(frame=Frame(index=0, file=event.path), source=event.source, scope=event.function)
        if any(is_broken(each, event.function) for each in event.body.named_children):
            raise RefusalError(f"The parser does not understand {event}, perhaps for a macro.")
        if looked_up := _looked_up(event):
            raise RefusalError(f"`{event}` looks up who is still there (`{show(looked_up)}`): the caster may be gone.")
        for each in event.each:
            _check_owned(parsed, each)
        _check_setter(parsed, asserted, event)
        writer, edits = Writer.at(place), []
        for each in event.each:
            before = _place(each)
            _check_place(parsed, each, before)
            test, call = _clearing(parsed, asserted, each, may_be_null=_may_be_null(parsed, each, before))
            edits.append(writer.insert_guarded(before, test, call))
        if len({each.offset for each in edits}) < len(edits):
            raise RefusalError(f"`{event}` ends several objects at one place, and which of them first is not told.")
        return Proposal(
            edits=tuple(edits),
            explanation=f"Clears `{show(asserted.member)}` of the caster in `{event}` before the object goes."
            f" An event that is killed before it is done destroys the object while the pointer still holds it, and"
            f" `{show(asserted.owner)}` asserts that nobody does.",
        )


def _check_owned(parsed: Mapping[str, Source], event: Event) -> None:
    """Refuse where the event holds the object by a plain pointer and neither deletes it nor gives it to anybody."""
    deletes = re2.compile(rb"\bdelete\b|(?i:delete\w*|destroy\w*|free|release|reset)\s*\(")
    own = [event.source.text(each) for each in _own_functions(event)]
    is_given = any(True for _ in handed(event.source, walk(event.function), event.member))
    if b"shared_ptr" in (member_type(parsed.values(), event.member) or b""):
        raise RefusalError(f"`{show(event.member)}` of `{event}` is shared: others may go on with what it points to.")
    is_plain = member_form(parsed.values(), event.member) == "pointer"
    if is_plain and not is_given and not any(deletes.search(text) for text in own):
        raise RefusalError(f"`{event}` does not end what `{show(event.member)}` points to: it lives on.")


def _check_setter(parsed: Mapping[str, Source], asserted: Assertion, event: Event) -> None:
    setter = asserted.setter
    calls = [
        (source, node)
        for source in parsed.values()
        for node in source.nodes("call_expression")
        if _is_call_of(source, node, setter)
    ]
    declared = [
        parameters
        for source in parsed.values()
        for node in source.nodes("function_declarator")
        if (parameters := _parameters_of(source, node, setter)) is not None
    ]
    helped = _own_functions(event)
    if any(source is event.source and any(_is_within(node, each) for each in helped) for source, node in calls):
        raise RefusalError(f"`{event}` clears `{show(asserted.member)}` already.")
    if helper := _clearing_method(parsed, event, setter):
        raise RefusalError(f"`{show(helper)}`, which `{event}` calls, clears `{show(asserted.member)}` already.")
    counts = {len(_arguments(node)) for _, node in calls} | {len(each) for each in declared}
    if not counts and (setter not in _OF_THE_CORE or member_type(parsed.values(), asserted.member) is not None):
        raise RefusalError(
            f"The files of the crash neither declare nor call `{show(setter)}`, so how `{show(asserted.member)}` is"
            " cleared is not known."
        )
    if counts - {2}:
        raise RefusalError(
            f"`{show(setter)}` does not take the object and whether it is the one, but {sorted(counts)}."
        )
    hidden = (
        source
        for source in parsed.values()
        for each in source.nodes("function_declarator")
        if _is_hidden(source, each, setter)
    )
    if next(hidden, None) is not None:
        raise RefusalError(f"`{show(setter)}` is not public, so an event can't call it.")
    given = [source.text(each) for source, node in calls for each in _arguments(node)[:1]]
    if any(each in (b"true", b"false") for each in given) or any(b"bool" not in each[1] for each in declared):
        raise RefusalError(f"`{show(setter)}` does not take the object first, and then whether it is the one.")


def _is_hidden(source: Source, declarator: Node, name: bytes) -> bool:
    """Say whether a class declares a method of this name where only itself may call it."""
    named = declarator.child_by_field_name("declarator")
    member = next((each for each in ancestors(declarator) if each.type == "field_declaration"), None)
    if named is None or called_name(source, named) != name or member is None:
        return False
    before = member.prev_named_sibling
    while before is not None and before.type != "access_specifier":
        before = before.prev_named_sibling
    holder = member.parent.parent if member.parent is not None else None
    is_class = holder is not None and holder.type == "class_specifier"
    return source.text(before).strip(b" :") != b"public" if before is not None else is_class


def _own_functions(event: Event) -> list[Node]:
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


def _clearing_method(parsed: Mapping[str, Source], event: Event, setter: bytes) -> bytes | None:
    """Return the method of the dying object that the destructor always calls and that calls the setter."""
    steps = [each for each in _inner(event.body) if each.type == "expression_statement"]
    names = {call.name for each in steps for call in method_calls(event.source, each) if call.key == event.member}
    for source in parsed.values():
        for function in functions(source):
            name = function_name(source, function).split(b"::")[-1]
            calls = [each for each in of_type(function, "call_expression") if _is_call_of(source, each, setter)]
            if name in names and any(
                source.text(_arguments(each)[-1]) == b"false" for each in calls if _arguments(each)
            ):
                return name
    return None


def _looked_up(event: Event) -> bytes | None:
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


def _parameters_of(source: Source, declarator: Node, name: bytes) -> list[bytes] | None:
    named, parameters = declarator.child_by_field_name("declarator"), declarator.child_by_field_name("parameters")
    if named is None or parameters is None or called_name(source, named) != name:
        return None
    return [source.text(each) for each in parameters.named_children if each.type.endswith("parameter_declaration")]


def _arguments(call: Node) -> list[Node]:
    given = call.child_by_field_name("arguments")
    return [each for each in given.named_children if each.type != "comment"] if given is not None else []


def _clearing(
    parsed: Mapping[str, Source], asserted: Assertion, event: Event, *, may_be_null: bool
) -> tuple[bytes, bytes]:
    """Return the test whether there is somebody who points to the object, and the call that clears the pointer."""
    caster = caster_of(parsed, asserted, event.member, event.source)
    is_tested = _is_reach_tested(event, caster.text)
    base, text = base_of(asserted.holder), asserted.source.text(asserted.holder)
    rest = re2.sub(rb"^(?:->|\.)", caster.operator, text[base.end_byte - asserted.holder.start_byte :])
    spell = event.member + b".get()" if _is_smart(parsed, event) else event.member
    tests = [event.member] if may_be_null else []
    if not rest:
        tests += [caster.text] if caster.may_be_null or is_tested else []
        return b" && ".join(tests), caster.call(asserted.setter, spell, b"false")
    chain = caster.text + rest
    tests += [caster.text] if is_tested or (asserted.is_guarded and caster.may_be_null) else []
    if asserted.operator == ".":
        return b" && ".join(tests), Reach(text=chain, operator=b".").call(asserted.setter, spell, b"false")
    kind, name = _variable(parsed, chain)
    value = b"%b ? %b : nullptr" % (b" && ".join(tests), chain) if tests else chain
    call = Reach(text=name, operator=b"->").call(asserted.setter, spell, b"false")
    return b"%b %b = %b" % (kind, name, value), call


def _is_reach_tested(event: Event, reach: bytes) -> bool:
    """Say whether the destructor tests what leads to the caster for null, or a variable that keeps it."""
    source, function = event.source, event.function
    for each in of_type(event.body, "identifier", "call_expression"):
        value = initial_value(source, source.text(each), each, function) if each.type == "identifier" else each
        if value is not None and key_of(source, value) == reach and _is_tested(each):
            return True
    return False


def _may_be_null(parsed: Mapping[str, Source], event: Event, before: Node | None) -> bool:
    """
    Say whether the pointer may be null where it is to be gone through.

    It may where the destructor tests it and has not left for null, where it only deletes it, and where another function
    takes the object out, unless the destructor goes through the pointer untested before.
    """
    source, member, body = event.source, event.member, event.body
    place = before or body.named_children[-1]
    if is_checked(source, place, member, event.function):
        return False
    name = re2.escape(member)
    named = of_type(body, "identifier", "field_expression")
    if any(_is_tested(each) for each in named if key_of(source, each) == member):
        return True
    sure = [*earlier_statements(place, event.function), *([place] if before is None else [])]
    if any(
        each.key == member and not is_conditional(each.node, outer)
        for outer in sure
        for each in dereferences(source, own_nodes(outer))
    ):
        return False
    is_reset = any(call.key == member and call.name == b"reset" for call in method_calls(source, body))
    if is_reset or any(each.type == "delete_expression" for each in walk(body)):
        # Deleting null does nothing, so a destructor that only deletes stands it.
        return True
    emptied = (
        rb"\b%b\s*(?:=\s*(?:nullptr|NULL|0|\{\s*\})\s*[;,)]|\.\s*(?:reset\s*\(\s*\)|release\b)"
        rb"|[({]\s*(?:nullptr|NULL)?\s*[)}])"
    )
    given = rb"(?:move|exchange|swap)\s*\(\s*(?:this->)?%b\b"
    others = [each.compiled for each in parsed.values() if each is not source]
    others += [source.compiled[: body.start_byte], source.compiled[body.end_byte :]]
    return any(re2.search(rb"%b|%b" % (emptied % name, given % name), each) for each in others)


def _is_tested(pointer: Node) -> bool:
    """Say whether a pointer is a condition, or a part of one, and not only something that a condition goes through."""
    node, parent = pointer, pointer.parent
    while parent is not None and parent.type == "parenthesized_expression":
        node, parent = parent, parent.parent
    if parent is None:
        return False
    is_condition = parent.type == "condition_clause" or parent.child_by_field_name("condition") == node
    return is_condition or operator_of(parent) in ("!", "&&", "||", "==", "!=")


def _is_smart(parsed: Mapping[str, Source], event: Event) -> bool:
    """
    Say whether the event holds the object by a pointer that owns it.

    Where its declaration is not at hand, that is so if nothing in the destructor deletes the object or gives it away.
    """
    if any(each.type == "delete_expression" for each in walk(event.body)):
        return False
    kind = member_type(parsed.values(), event.member)
    if kind is not None and kind.isascii():
        plain = kind.partition(b"<")[0].strip()
        alias = rb"(?:using\s+%b\s*=\s*[^;]*?_ptr\s*<|typedef\s+[^;]*?_ptr\s*<[^;]*>\s*%b\s*;)" % (
            (re2.escape(plain),) * 2
        )
        is_alias = any(re2.search(alias, source.compiled) for source in parsed.values())
        return is_alias or SMART.search(plain) is not None
    given = rb"\b%b\s*[({=]\s*(?:std::)?(?:move|make_unique|make_shared|unique_ptr|shared_ptr)\b" % re2.escape(
        event.member
    )
    if re2.search(given, event.source.compiled):
        return True
    smart = rb"\b%b\s*\.\s*(?:get|reset|release|swap)\s*\(" % re2.escape(event.member)
    form = member_form(parsed.values(), event.member)
    is_given = any(True for _ in handed(event.source, walk(event.body), event.member))
    is_given = is_given or re2.search(rb"\bdelete\s+%b\b" % re2.escape(event.member), event.source.compiled) is not None
    is_owned = form is None and not is_given and loop_over(event.source, event.function, event.member) is None
    return re2.search(smart, event.source.compiled) is not None or form == "smart" or is_owned


def _variable(parsed: Mapping[str, Source], chain: bytes) -> tuple[bytes, bytes]:
    """Return type and name for what a conversion such as ``->ToPlayer()`` gives."""
    found = re2.search(rb"(?:->|\.)To([A-Z]\w*)\(\)$", chain)
    if not found:
        return b"auto*", b"holder"
    kind = found[1]
    is_known = any(re2.search(rb"\b%b\s*\*" % kind, source.compiled) for source in parsed.values())
    return (kind + b"*" if is_known else b"auto*"), kind[:1].lower() + kind[1:]


def _place(event: Event) -> Node | None:
    """
    Return the statement before which the pointer is cleared, None for the end of the destructor.

    It is the first that asks whether the object may be deleted, deletes it, or gives it away; else what follows the
    last use of the object.
    """
    inner = _inner(event.body)
    if not inner:
        raise RefusalError(f"`{event}` is empty: when the object dies is not seen there.")
    while (statement := _giving_away(event, inner)) is not None:
        block = _block_of_test(event, statement)
        if block is None:
            return statement
        inner = _inner(block)
    last = [place for place, each in enumerate(inner) if event.member in event.source.text(each)]
    following = last[-1] + 1 if last else 0
    if last and any(True for _ in handed(event.source, walk(inner[last[-1]]), event.member)):
        # Whoever is given the pointer last may delete it.
        return inner[last[-1]]
    return inner[following] if following < len(inner) else None


def _dies_in_lambda(statement: Node) -> bool:
    deleted = [each for each in walk(statement) if each.type == "delete_expression"]
    return any(each.type == "lambda_expression" for node in deleted for each in ancestors(node, statement))


def _inner(block: Node) -> list[Node]:
    return [each for each in block.named_children if each.type != "comment"]


def _giving_away(event: Event, inner: list[Node]) -> Node | None:
    """Return the first statement that deletes the object or gives it away, else the first that deletes anything."""
    source, member = event.source, event.member
    for each in inner:
        names = {call.name.lower() for call in method_calls(source, each) if call.key == member}
        is_asked = any(b"delet" in name or name in (b"reset", b"release") for name in names)
        if is_asked or is_assigned(source, member, [each], range(each.start_byte, each.end_byte)):
            return each
    return next((each for each in inner if of_type(each, "delete_expression")), None)


def _block_of_test(event: Event, statement: Node) -> Node | None:
    """
    Return the block that a statement runs whenever the pointer is not null.

    Raises:
        RefusalError: it is a loop that goes on for another reason, which may delete more than one object.
    """
    if statement.type in ("try_statement", "compound_statement"):
        return statement.child_by_field_name("body") or statement
    condition = field(statement, "condition")
    block = statement.child_by_field_name("consequence") or statement.child_by_field_name("body")
    is_test = (
        condition is not None
        and implies(event.source, condition, event.member, when=True)
        and operator_of(condition) in ("", "!=", "->")
    )
    is_block = is_test and block is not None and block.type == "compound_statement"
    if statement.type in LOOPS and not (is_block and statement.type == "while_statement"):
        raise RefusalError(f"`{event}` deletes in a loop, and of which object is not told.")
    return block if is_block and statement.type in ("if_statement", "while_statement") else None


def _check_place(parsed: Mapping[str, Source], event: Event, before: Node | None) -> None:
    """Refuse where the object is gone before the place, or leaves by a way that does not come there."""
    source, start = event.source, event.body.start_byte
    if before is None and event.body != body_of(event.function):
        raise RefusalError(f"`{event}` does not show where it gives `{show(event.member)}` away.")
    if before is not None and _dies_in_lambda(before):
        raise RefusalError(f"`{event}` deletes in a lambda, and when that runs is not said.")
    end = before.start_byte if before is not None else event.body.end_byte
    if is_assigned(source, event.member, [event.body], range(start, end)):
        raise RefusalError(f"`{event}` gives `{show(event.member)}` away before it could be gone through.")
    for each in of_type(event.body, "return_statement", "throw_statement", "goto_statement"):
        around = next((outer for outer in ancestors(each, event.body) if outer.type == "if_statement"), None)
        condition = field(around, "condition") if around is not None else None
        is_for_null = condition is not None and implies(source, condition, event.member, when=False)
        if each.end_byte <= end and not is_for_null and _is_smart(parsed, event):
            raise RefusalError(f"`{event}` may return before, and the object goes with its event all the same.")


def _is_within(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte
